/* SPDX-License-Identifier: Apache-2.0 */
/* Input: JSON text. Reading token by token and skipping as a whole must agree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_text(const struct sva_json *json, enum sva_json_token token)
{
    if (token == SVA_JSON_KEY || token == SVA_JSON_STRING || token == SVA_JSON_NUMBER) {
        require(json->text != NULL && json->text[json->text_size] == '\0');
        require(sva_utf8_valid_prefix((const uint8_t *)json->text, json->text_size) ==
                json->text_size);
        uint64_t value;
        (void)sva_json_u64(json, &value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_span span = {data, size};
    struct sva_json json;
    struct sva_error error = {0};
    enum sva_json_token token = SVA_JSON_NULL;
    enum sva_status status = SVA_OK;
    sva_json_init(&json, span, "fuzz", 0, 64);
    size_t last = 0;
    while (status == SVA_OK && token != SVA_JSON_END) {
        status = sva_json_next(&json, &token, &error);
        require(json.position <= size && json.position >= last && json.depth <= 64);
        last = json.position;
        if (status == SVA_OK) {
            check_text(&json, token);
        }
    }
    require(status == error.status);
    sva_json_done(&json);

    sva_json_init(&json, span, "fuzz", 0, 64);
    enum sva_status skipped = sva_json_skip(&json, NULL);
    if (skipped == SVA_OK) {
        skipped = sva_json_next(&json, &token, NULL); /* END or trailing bytes */
    }
    require(skipped == status);
    sva_json_done(&json);
    return 0;
}

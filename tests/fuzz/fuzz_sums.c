/* SPDX-License-Identifier: Apache-2.0 */
/* SHA256SUMS of evidence bundles: what is read is written as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "casefile/sums.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_sums sums = {.count = 0};
    struct sva_bytes text = {.data = NULL};
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_sums_parse((struct sva_span){data, size}, "input", &arena, &sums, &error);
    if (status != error.status || (status != SVA_OK && error.text[0] == '\0')) {
        abort();
    }
    if (status == SVA_OK) {
        sva_sums_put(&sums, &text);
        if (text.failed || text.size != size || memcmp(text.data, data, size) != 0) {
            abort();
        }
        for (size_t i = 0; i < sums.count; i++) {
            if (sva_sums_find(&sums, sums.items[i].name) != &sums.items[i] ||
                !sva_sums_name_is_plain(sums.items[i].name)) {
                abort();
            }
        }
    }
    sva_bytes_done(&text);
    sva_arena_done(&arena);
    return 0;
}

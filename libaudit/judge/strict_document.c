/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/strict_document.h"

#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/json.h"

enum { DEPTH_MAX = 40, NUMBER_MOST = 63 /* characters that cJSON reads */ };

/*
 * cJSON holds texts as C strings: a NUL inside one would cut it short unseen.
 * So the strict scanner walks the whole document first, which also bounds the
 * nesting that cJSON will meet.
 */
static enum sva_status scan(struct sva_span bytes, const char *what, struct sva_error *error)
{
    struct sva_json json;
    enum sva_json_token token = SVA_JSON_NULL;
    enum sva_status status = SVA_OK;
    sva_json_init(&json, bytes, what, 0, DEPTH_MAX);
    do {
        status = sva_json_next(&json, &token, error);
        if (status == SVA_OK && (token == SVA_JSON_STRING || token == SVA_JSON_KEY) &&
            strlen(json.text) != json.text_size) {
            status = sva_fail_at(error, SVA_ERR_CORRUPT, json.token_offset,
                                 "%s: a text at byte %zu holds a NUL character", what,
                                 json.token_offset);
        }
        if (status == SVA_OK && token == SVA_JSON_NUMBER && json.text_size > NUMBER_MOST) {
            status = sva_fail_at(error, SVA_ERR_CORRUPT, json.token_offset,
                                 "%s: a number at byte %zu has more than %d characters", what,
                                 json.token_offset, (int)NUMBER_MOST);
        }
    } while (status == SVA_OK && token != SVA_JSON_END);
    sva_json_done(&json);
    return status;
}

cJSON *sva_strict_document(struct sva_span bytes, const char *what, struct sva_problems *problems)
{
    struct sva_error error = {0};
    const enum sva_status status = scan(bytes, what, &error);
    if (status == SVA_ERR_MEMORY) {
        problems->out_of_memory = true;
        return NULL;
    }
    if (status != SVA_OK) {
        sva_problem_add(problems, "", "%s", error.text);
        return NULL;
    }
    cJSON *document = cJSON_ParseWithLength((const char *)bytes.data, bytes.size);
    problems->out_of_memory = problems->out_of_memory || document == NULL; /* it is well-formed */
    return document;
}

enum sva_status sva_strict_problems(const struct sva_problems *problems, const char *path,
                                    const char *what, struct sva_error *error)
{
    if (problems->out_of_memory) {
        return sva_fail_memory(error, "reading a document");
    }
    if (problems->count == 0) {
        return SVA_OK;
    }
    const size_t others = problems->count - 1 + problems->omitted;
    char *more = others > 0 ? sva_arena_printf(problems->arena, " (and %zu more)", others) : NULL;
    return sva_fail(error, SVA_ERR_CORRUPT, "%s: not a sound %s: %s%s", sva_esc(path).text, what,
                    problems->items[0], more != NULL ? more : "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that come with a model. The first byte chooses: 'p' Python, whose tokens lie in the
 * source one behind the other and whose fingerprints are the same program as themselves; 's' a
 * shell script; 'b' the block of a print, where what decodes must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/code_similarity.h"
#include "fingerprint/code_block.h"
#include "model/code_calls.h"
#include "model/code_header.h"
#include "model/code_sketch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool found(void *context, const struct sva_code_call *call)
{
    uint32_t *const line = context;
    require(call->line > 0 && strlen(call->text) < sizeof call->text);
    require(*line <= call->line || *line == 0);
    *line = call->line;
    return true;
}

static bool is_local(void *context, const char *text, size_t size)
{
    (void)context;
    return size > 0 && text[0] == 'l';
}

static void check_tokens(const struct sva_python *python)
{
    size_t end = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < python->count; i++) {
        const struct sva_python_token *const token = &python->tokens[i];
        require(token->offset >= end && token->line >= line);
        end = (size_t)token->offset + token->size;
        line = token->line;
        require(end <= python->source.size && line <= python->line_count);
    }
}

static void check_sketch(const struct sva_python *python)
{
    struct sva_arena arena = {0};
    struct sva_code_file file = {.path = "fuzz.py"};
    struct sva_code_similarity similarity;
    require(sva_code_sketch(python, &arena, &file, NULL) == SVA_OK);
    const struct sva_code code = {1, &file};
    const struct sva_code *const kept = sva_code_copy(&code, &arena);
    require(kept != NULL && sva_code_compare(&code, kept, false, &arena, &similarity));
    if (file.readings[0].population >= SVA_CODE_COMMON_LEAST) {
        require(similarity.match_count == 1 &&
                similarity.matches[0].overlaps[SVA_CODE_AS_WRITTEN].jaccard >= 1.0);
    }
    sva_arena_done(&arena);
}

static void check_python(struct sva_span source)
{
    struct sva_python python = {0};
    struct sva_error error = {0};
    struct sva_code_header header;
    uint32_t line = 0;
    const struct sva_call_sink sink = {found, is_local, &line};
    sva_code_header_read(source, &header);
    const enum sva_status status = sva_python_read(source, "fuzz", &python, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_tokens(&python);
        require(sva_code_calls(&python, &sink, NULL) == SVA_OK);
        check_sketch(&python);
    }
    sva_python_done(&python);
}

static void check_block(struct sva_span bytes)
{
    struct sva_cursor in = {bytes, 0, false};
    struct sva_arena arena = {0};
    struct sva_bytes again = {0};
    struct sva_code_similarity similarity;
    bool exhausted = false;
    const struct sva_code *const code = sva_code_decode(&in, &arena, &exhausted);
    require((code == NULL) == in.failed && !exhausted);
    if (code != NULL) {
        sva_code_encode(code, &again);
        require(again.size == in.position && memcmp(again.data, bytes.data, again.size) == 0);
        require(sva_code_compare(code, code, false, &arena, &similarity));
    }
    sva_bytes_done(&again);
    sva_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const struct sva_span rest = {data + 1, size - 1};
    if (data[0] == 'b') {
        check_block(rest);
    } else if (data[0] == 's') {
        uint32_t line = 0;
        const struct sva_call_sink sink = {found, is_local, &line};
        require(sva_script_calls(rest, &sink, NULL) == SVA_OK);
    } else {
        check_python(rest);
    }
    return 0;
}

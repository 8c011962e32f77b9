/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that hold a vocabulary, each by its own reader: the first byte chooses tokenizer.json,
 * vocab.json, merges.txt, vocab.txt, a SentencePiece model or a tiktoken file. What is accepted
 * gives a sample that its block holds, and that is the same vocabulary as itself. 'b': the block
 * of a print; what decodes must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/vocabulary_lineage.h"
#include "fingerprint/token_sample_block.h"
#include "model/sentencepiece.h"
#include "model/tiktoken.h"
#include "model/tokenizer.h"
#include "model/vocabulary_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static enum sva_status read_as(uint8_t which, struct sva_span bytes, struct sva_vocabulary *made,
                               struct sva_error *error)
{
    switch (which) {
    case 'j': return sva_tokenizer_parse(bytes, "fuzz", 32, made, error);
    case 'v': return sva_vocab_json_parse(bytes, "fuzz", 32, made, error);
    case 'm': return sva_merges_parse(bytes, "fuzz", made, error);
    case 's': return sva_sentencepiece_parse(bytes, "fuzz", made, error);
    case 't': return sva_tiktoken_parse(bytes, "fuzz", made, error);
    default: return sva_vocab_text_parse(bytes, made, error);
    }
}

static void check(const struct sva_vocabulary *made)
{
    struct sva_arena arena = {0};
    struct sva_token_sample *sample = NULL;
    struct sva_tokenizer_lineage lineage;
    require(sva_vocabulary_sample(made, &arena, &sample, NULL) == SVA_OK);
    const struct sva_token_sample *const copy = sva_token_sample_copy(sample, &arena);
    require(copy != NULL && sva_vocabulary_lineage(sample, copy, &lineage) &&
            lineage.answer == SVA_LINEAGE_SAME);
    sva_arena_done(&arena);
}

static void check_block(struct sva_span bytes)
{
    struct sva_cursor in = {bytes, 0, false};
    struct sva_arena arena = {0};
    struct sva_bytes again = {0};
    bool exhausted = false;
    const struct sva_token_sample *const sample = sva_token_sample_decode(&in, &arena, &exhausted);
    require((sample == NULL) == in.failed && !exhausted);
    if (sample != NULL) {
        struct sva_tokenizer_lineage lineage;
        sva_token_sample_encode(sample, &again);
        require(again.size == in.position && memcmp(again.data, bytes.data, again.size) == 0);
        require(sva_vocabulary_lineage(sample, sample, &lineage) &&
                lineage.answer == SVA_LINEAGE_SAME);
    }
    sva_bytes_done(&again);
    sva_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_vocabulary made = {.model_type = ""};
    struct sva_error error = {0};
    if (size == 0) {
        return 0;
    }
    if (data[0] == 'b') {
        check_block((struct sva_span){data + 1, size - 1});
        return 0;
    }
    const enum sva_status status =
        read_as(data[0], (struct sva_span){data + 1, size - 1}, &made, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check(&made);
    }
    sva_vocabulary_done(&made);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Vocabularies: tokenizer.json, else vocab.json, else vocab.txt, turned into
 * one key per token id. Merges, normalisers and regular expressions are not
 * run; a SentencePiece model file is only named.
 */
#ifndef SVA_TOKENIZER_H
#define SVA_TOKENIZER_H

#include "base/cursor.h"
#include "model/model_parts.h"
#include "model/token_text.h"

/** Keys by token id, 0 where there is no token. sva_vocabulary_done frees. */
struct sva_vocabulary {
    uint64_t *keys;
    size_t count; /**< largest id + 1 */
    size_t capacity;
    uint64_t token_count;   /**< ids in use */
    uint64_t special_count; /**< added tokens marked special */
    uint64_t ignored_count; /**< ids beyond the bound */
    const char *model_type; /**< "BPE", "WordPiece", "Unigram" or "" ; static */
    enum sva_token_style style;
};

void sva_vocabulary_done(struct sva_vocabulary *vocabulary);

/** Parses tokenizer.json. Errors: CORRUPT, LIMIT, MEMORY. */
enum sva_status sva_tokenizer_parse(struct sva_span text, const char *what, uint32_t depth,
                                    struct sva_vocabulary *vocabulary,
                                    struct sva_error *error) SVA_MUST_CHECK;
/** Parses {"token": id}. Errors as above. */
enum sva_status sva_vocab_json_parse(struct sva_span text, const char *what, uint32_t depth,
                                     struct sva_vocabulary *vocabulary,
                                     struct sva_error *error) SVA_MUST_CHECK;
/** Parses one token per line. Errors: MEMORY. */
enum sva_status sva_vocab_text_parse(struct sva_span text, struct sva_vocabulary *vocabulary,
                                     struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads the model's vocabulary, if any, into token_keys and the tokenizer.*
 * facts. A malformed one is a finding. Errors: IO, MEMORY.
 */
enum sva_status sva_tokenizer_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

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
    bool *words; /**< may be a frequent token: two characters or more, and not special */
    size_t count; /**< largest id + 1 */
    size_t capacity;
    uint64_t token_count;   /**< ids in use */
    uint64_t special_count; /**< added tokens marked special */
    uint64_t ignored_count; /**< ids beyond the bound */
    const char *model_type; /**< "BPE", "WordPiece", "Unigram", "WordLevel" or ""; static */
    enum sva_token_style style;
};

void sva_vocabulary_done(struct sva_vocabulary *vocabulary);

/**
 * Gives an id its token; a later one wins. `scratch` is the caller's, for the canonical bytes. Ids
 * beyond all bounds are counted and left out. Errors: MEMORY.
 */
enum sva_status sva_vocabulary_put(struct sva_vocabulary *vocabulary, uint64_t id,
                                   enum sva_token_style style, struct sva_span text,
                                   struct sva_bytes *scratch,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** A control token, whatever its text: never a frequent one. */
void sva_vocabulary_mark_special(struct sva_vocabulary *vocabulary, uint64_t id);

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
 * Makes a vocabulary that was read from `path` the model's: tokenizer.* facts, token_keys, which
 * move, and the frequent tokens. Errors: MEMORY.
 */
enum sva_status sva_tokenizer_publish(struct sva_parts *parts, const char *path,
                                      struct sva_vocabulary *vocabulary,
                                      struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads the model's vocabulary, if any and unless a weight file had one, into token_keys and the
 * tokenizer.* facts. A malformed one is a finding. Errors: IO, MEMORY.
 */
enum sva_status sva_tokenizer_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

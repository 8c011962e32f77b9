/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One form for every vocabulary: tokens by id as the bytes that they stand for, what each is, and
 * the merges in order. Readers of formats fill it; nobody runs a tokenizer.
 */
#ifndef SVA_MODEL_TOKEN_TABLE_H
#define SVA_MODEL_TOKEN_TABLE_H

#include <sovaudit/model.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "model/token_text.h"

enum {
    SVA_TOKEN_ID_MAX = 1 << 22,   /**< the largest published vocabularies have some 500,000 ids */
    SVA_MERGE_COUNT_MAX = 1 << 22 /**< and as many merges */
};

enum sva_token_kind {
    SVA_TOKEN_NONE, /**< an id without a token */
    SVA_TOKEN_NORMAL,
    SVA_TOKEN_SPECIAL, /**< control tokens, unknown, unused */
    SVA_TOKEN_BYTE     /**< one byte: a letter of the byte alphabet, <0xNN> */
};

/** Where a token's canonical bytes lie in sva_vocabulary.text. */
struct sva_token_entry {
    uint64_t text;
    uint32_t size;
    uint8_t kind; /**< enum sva_token_kind */
};

/** One merge: the keys of what it makes, and of the two halves together. */
struct sva_merge {
    uint64_t formed;
    uint64_t pair;
};

/** Arrays by token id. sva_vocabulary_done frees. */
struct sva_vocabulary {
    uint64_t *keys; /**< sva_token_key of the canonical bytes, 0 where there is no token */
    bool *words;    /**< may be a frequent token: two characters or more, and not special */
    struct sva_token_entry *entries;
    struct sva_bytes text;
    size_t count; /**< largest id + 1 */
    size_t capacity;
    struct sva_merge *merges; /**< in order */
    size_t merge_count, merge_capacity;
    uint64_t token_count;   /**< ids in use */
    uint64_t special_count; /**< added tokens marked special */
    uint64_t ignored_count; /**< ids and merges beyond the bounds */
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

/** The next merge, its halves as the vocabulary writes them. Errors: MEMORY. */
enum sva_status sva_vocabulary_merge(struct sva_vocabulary *vocabulary, struct sva_span left,
                                     struct sva_span right, struct sva_bytes *scratch,
                                     struct sva_error *error) SVA_MUST_CHECK;

/**
 * The same from one text, "left right"; false in `*valid`: it holds no space between two halves.
 * Errors: MEMORY.
 */
enum sva_status sva_vocabulary_merge_text(struct sva_vocabulary *vocabulary, struct sva_span text,
                                          struct sva_bytes *scratch, bool *valid,
                                          struct sva_error *error) SVA_MUST_CHECK;

/** "bpe, byte level", "unigram" ...; static. */
const char *sva_vocabulary_kind(const struct sva_vocabulary *vocabulary);

/** SHA-256 over the keys by id, little-endian: the same for any formatting of the file. MEMORY. */
enum sva_status sva_vocabulary_digest(const struct sva_vocabulary *vocabulary,
                                      uint8_t digest[SVA_TOKEN_DIGEST_BYTES],
                                      struct sva_error *error) SVA_MUST_CHECK;

/** SHA-256 over the pairs of the merges in order; zeros without merges. Errors: MEMORY. */
enum sva_status sva_vocabulary_merges_digest(const struct sva_vocabulary *vocabulary,
                                             uint8_t digest[SVA_TOKEN_DIGEST_BYTES],
                                             struct sva_error *error) SVA_MUST_CHECK;

#endif

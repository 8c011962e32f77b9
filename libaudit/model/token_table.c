/* SPDX-License-Identifier: Apache-2.0 */
#include "model/token_table.h"

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"

static const char doing[] = "reading a vocabulary";

void sva_vocabulary_done(struct sva_vocabulary *vocabulary)
{
    sva_free(vocabulary->keys);
    sva_free(vocabulary->words);
    sva_free(vocabulary->entries);
    sva_free(vocabulary->merges);
    sva_bytes_done(&vocabulary->text);
    *vocabulary = (struct sva_vocabulary){0};
}

/** Makes room for `id`. False: out of memory; what there was stays. */
static bool grow(struct sva_vocabulary *vocabulary, uint64_t id)
{
    size_t capacity = vocabulary->capacity == 0 ? 4096 : vocabulary->capacity;
    while (capacity <= id) {
        capacity *= 2;
    }
    const size_t added = capacity - vocabulary->capacity;
    uint64_t *const keys = sva_realloc_array(vocabulary->keys, capacity, sizeof *keys);
    if (keys == NULL) {
        return false;
    }
    vocabulary->keys = keys;
    bool *const words = sva_realloc_array(vocabulary->words, capacity, sizeof *words);
    if (words == NULL) {
        return false;
    }
    vocabulary->words = words;
    struct sva_token_entry *const entries =
        sva_realloc_array(vocabulary->entries, capacity, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    vocabulary->entries = entries;
    memset(keys + vocabulary->capacity, 0, added * sizeof *keys);
    memset(words + vocabulary->capacity, 0, added * sizeof *words);
    memset(entries + vocabulary->capacity, 0, added * sizeof *entries);
    vocabulary->capacity = capacity;
    return true;
}

/** Canonical bytes of `text` at the end of `scratch`, which may fail. */
static void append_canonical(enum sva_token_style style, struct sva_span text,
                             struct sva_bytes *scratch)
{
    const size_t start = scratch->size;
    sva_bytes_append(scratch, text.data, text.size); /* never grows when decoded */
    if (!scratch->failed && text.size > 0) {
        scratch->size = start + sva_token_canonical(style, (const char *)text.data, text.size,
                                                    scratch->data + start);
    }
}

/** Key of the bytes of `scratch` from `start` on. */
static uint64_t key_from(const struct sva_bytes *scratch, size_t start)
{
    return scratch->size == start ? sva_token_key((const uint8_t *)"", 0)
                                  : sva_token_key(scratch->data + start, scratch->size - start);
}

enum sva_status sva_vocabulary_put(struct sva_vocabulary *vocabulary, uint64_t id,
                                   enum sva_token_style style, struct sva_span text,
                                   struct sva_bytes *scratch, struct sva_error *error)
{
    if (id >= SVA_TOKEN_ID_MAX) {
        vocabulary->ignored_count++;
        return SVA_OK;
    }
    scratch->size = 0;
    append_canonical(style, text, scratch);
    if ((id >= vocabulary->capacity && !grow(vocabulary, id)) || scratch->failed) {
        return sva_fail_memory(error, doing);
    }
    const size_t size = text.size == 0 ? 0 : scratch->size;
    struct sva_token_entry *const entry = &vocabulary->entries[id];
    *entry = (struct sva_token_entry){.text = vocabulary->text.size,
                                      .size = (uint32_t)size,
                                      .kind = size == 1 ? SVA_TOKEN_BYTE : SVA_TOKEN_NORMAL};
    sva_bytes_append(&vocabulary->text, size == 0 ? (const uint8_t *)"" : scratch->data, size);
    if (vocabulary->text.failed) {
        return sva_fail_memory(error, doing);
    }
    vocabulary->token_count += vocabulary->keys[id] == 0;
    vocabulary->keys[id] = key_from(scratch, 0);
    vocabulary->words[id] = size > 0 && sva_token_is_word(scratch->data, size);
    if (vocabulary->count <= id) {
        vocabulary->count = (size_t)id + 1;
    }
    return SVA_OK;
}

void sva_vocabulary_mark_special(struct sva_vocabulary *vocabulary, uint64_t id)
{
    if (id < vocabulary->count) {
        vocabulary->words[id] = false;
        vocabulary->entries[id].kind = SVA_TOKEN_SPECIAL;
    }
}

/** Room for one more merge. False: out of memory. */
static bool grow_merges(struct sva_vocabulary *vocabulary)
{
    if (vocabulary->merge_count < vocabulary->merge_capacity) {
        return true;
    }
    const size_t capacity = vocabulary->merge_capacity == 0 ? 4096 : vocabulary->merge_capacity * 2;
    struct sva_merge *const merges =
        sva_realloc_array(vocabulary->merges, capacity, sizeof *merges);
    if (merges == NULL) {
        return false;
    }
    vocabulary->merges = merges;
    vocabulary->merge_capacity = capacity;
    return true;
}

enum sva_status sva_vocabulary_merge(struct sva_vocabulary *vocabulary, struct sva_span left,
                                     struct sva_span right, struct sva_bytes *scratch,
                                     struct sva_error *error)
{
    if (vocabulary->merge_count >= SVA_MERGE_COUNT_MAX) {
        vocabulary->ignored_count++;
        return SVA_OK;
    }
    scratch->size = 0;
    append_canonical(vocabulary->style, left, scratch);
    const size_t middle = scratch->size;
    append_canonical(vocabulary->style, right, scratch);
    if (scratch->failed || !grow_merges(vocabulary)) {
        return sva_fail_memory(error, doing);
    }
    const uint64_t formed = key_from(scratch, 0);
    const uint64_t second = key_from(scratch, middle);
    vocabulary->merges[vocabulary->merge_count++] = (struct sva_merge){
        .formed = formed, .pair = sva_mix64(formed ^ sva_mix64(second + middle))};
    return SVA_OK;
}

enum sva_status sva_vocabulary_merge_text(struct sva_vocabulary *vocabulary, struct sva_span text,
                                          struct sva_bytes *scratch, bool *valid,
                                          struct sva_error *error)
{
    const uint8_t *const space = text.size < 3 ? NULL : memchr(text.data + 1, ' ', text.size - 2);
    *valid = space != NULL;
    if (space == NULL) {
        return SVA_OK;
    }
    const size_t left = (size_t)(space - text.data);
    return sva_vocabulary_merge(vocabulary, (struct sva_span){text.data, left},
                                (struct sva_span){space + 1, text.size - left - 1}, scratch, error);
}

const char *sva_vocabulary_kind(const struct sva_vocabulary *vocabulary)
{
    if (strcmp(vocabulary->model_type, "BPE") == 0) {
        return vocabulary->style == SVA_TOKENS_BYTE_LEVEL      ? "bpe, byte level"
               : vocabulary->style == SVA_TOKENS_SENTENCEPIECE ? "bpe, sentencepiece"
                                                               : "bpe";
    }
    return strcmp(vocabulary->model_type, "WordPiece") == 0   ? "wordpiece"
           : strcmp(vocabulary->model_type, "Unigram") == 0   ? "unigram"
           : strcmp(vocabulary->model_type, "WordLevel") == 0 ? "word level"
                                                              : "unknown";
}

static void hash_u64(struct sva_sha256 *state, uint64_t value)
{
    uint8_t bytes[8];
    for (unsigned b = 0; b < 8; b++) {
        bytes[b] = (uint8_t)(value >> (8 * b));
    }
    sva_sha256_update(state, bytes, sizeof bytes);
}

enum sva_status sva_vocabulary_digest(const struct sva_vocabulary *vocabulary,
                                      uint8_t digest[SVA_TOKEN_DIGEST_BYTES],
                                      struct sva_error *error)
{
    struct sva_sha256 *const state = sva_sha256_new();
    if (state == NULL) {
        return sva_fail_memory(error, "hashing a vocabulary");
    }
    for (size_t i = 0; i < vocabulary->count; i++) {
        hash_u64(state, vocabulary->keys[i]);
    }
    sva_sha256_final(state, digest);
    sva_sha256_free(state);
    return SVA_OK;
}

enum sva_status sva_vocabulary_merges_digest(const struct sva_vocabulary *vocabulary,
                                             uint8_t digest[SVA_TOKEN_DIGEST_BYTES],
                                             struct sva_error *error)
{
    memset(digest, 0, SVA_TOKEN_DIGEST_BYTES);
    if (vocabulary->merge_count == 0) {
        return SVA_OK;
    }
    struct sva_sha256 *const state = sva_sha256_new();
    if (state == NULL) {
        return sva_fail_memory(error, "hashing a vocabulary");
    }
    for (size_t i = 0; i < vocabulary->merge_count; i++) {
        hash_u64(state, vocabulary->merges[i].pair);
    }
    sva_sha256_final(state, digest);
    sva_sha256_free(state);
    return SVA_OK;
}

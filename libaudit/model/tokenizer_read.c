/* SPDX-License-Identifier: Apache-2.0 */
/* Which file holds the vocabulary, and the facts about it. */
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/model_facts.h"
#include "model/tokenizer.h"

enum vocabulary_file { TOKENIZER_JSON, VOCAB_JSON, VOCAB_TEXT, VOCABULARY_FILES };

static const char *const vocabulary_names[VOCABULARY_FILES] = {
    [TOKENIZER_JSON] = "tokenizer.json",
    [VOCAB_JSON] = "vocab.json",
    [VOCAB_TEXT] = "vocab.txt",
};

static const char *kind_name(const struct sva_vocabulary *vocabulary)
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

/** SHA-256 over the keys by id, little-endian: the same for any formatting of the file. */
static enum sva_status hash_keys(const struct sva_vocabulary *vocabulary, char hex[65],
                                 struct sva_error *error)
{
    struct sva_sha256 *const state = sva_sha256_new();
    if (state == NULL) {
        return sva_fail_memory(error, "hashing a vocabulary");
    }
    for (size_t i = 0; i < vocabulary->count; i++) {
        uint8_t bytes[8];
        for (unsigned b = 0; b < 8; b++) {
            bytes[b] = (uint8_t)(vocabulary->keys[i] >> (8 * b));
        }
        sva_sha256_update(state, bytes, sizeof bytes);
    }
    uint8_t digest[32];
    sva_sha256_final(state, digest);
    sva_sha256_free(state);
    sva_hex(digest, sizeof digest, hex);
    return SVA_OK;
}

static enum sva_status vocabulary_facts(struct sva_parts *parts, const char *path,
                                        const struct sva_vocabulary *vocabulary,
                                        struct sva_error *error)
{
    char hex[65];
    enum sva_status status = hash_keys(vocabulary, hex, error);
    if (status == SVA_OK) {
        status = sva_parts_fact(parts, "tokenizer.file", path, error);
    }
    if (status == SVA_OK) {
        status = sva_parts_fact(parts, "tokenizer.kind", kind_name(vocabulary), error);
    }
    if (status == SVA_OK) {
        status = sva_parts_fact_u64(parts, "tokenizer.vocab_size", vocabulary->token_count, error);
    }
    if (status == SVA_OK) {
        status = sva_parts_fact(parts, "tokenizer.vocab_sha256", hex, error);
    }
    if (status == SVA_OK) {
        status =
            sva_parts_fact_u64(parts, "tokenizer.special_tokens", vocabulary->special_count, error);
    }
    if (status == SVA_OK && vocabulary->ignored_count > 0) {
        status =
            sva_parts_finding(parts, error, "tokenizer-ids", path,
                              "%llu token ids of %s are beyond all bounds and were left out.",
                              (unsigned long long)vocabulary->ignored_count, sva_esc(path).text);
    }
    return status;
}

static bool holds_key(const struct sva_vocabulary *vocabulary, const uint32_t *ids, size_t count,
                      uint64_t key)
{
    for (size_t i = 0; i < count; i++) {
        if (vocabulary->keys[ids[i]] == key) {
            return true;
        }
    }
    return false;
}

/** The first words by id; of words spelt alike the first. False: out of memory. */
static bool take_frequent(struct sva_parts *parts, const struct sva_vocabulary *vocabulary)
{
    uint32_t *const ids = sva_arena_alloc(&parts->arena, SVA_FREQUENT_TOKENS, sizeof *ids);
    size_t count = 0;
    if (ids == NULL) {
        return false;
    }
    for (size_t id = 0; id < vocabulary->count && count < SVA_FREQUENT_TOKENS; id++) {
        if (vocabulary->words[id] && !holds_key(vocabulary, ids, count, vocabulary->keys[id])) {
            ids[count++] = (uint32_t)id;
        }
    }
    parts->frequent_tokens = ids;
    parts->frequent_count = count;
    return true;
}

enum sva_status sva_tokenizer_publish(struct sva_parts *parts, const char *path,
                                      struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    enum sva_status status = vocabulary_facts(parts, path, vocabulary, error);
    if (status == SVA_OK && !take_frequent(parts, vocabulary)) {
        status = sva_fail_memory(error, "reading a vocabulary");
    }
    if (status == SVA_OK) {
        sva_free(parts->token_keys);
        parts->token_keys = vocabulary->keys;
        parts->token_count = vocabulary->count;
        vocabulary->keys = NULL;
    }
    return status;
}

static enum sva_status parse(struct sva_parts *parts, enum vocabulary_file which,
                             struct sva_span text, struct sva_vocabulary *vocabulary,
                             struct sva_error *error)
{
    const char *const name = vocabulary_names[which];
    switch (which) {
    case TOKENIZER_JSON:
        return sva_tokenizer_parse(text, name, parts->limits.json_depth, vocabulary, error);
    case VOCAB_JSON:
        return sva_vocab_json_parse(text, name, parts->limits.json_depth, vocabulary, error);
    case VOCAB_TEXT:
    case VOCABULARY_FILES: break;
    }
    return sva_vocab_text_parse(text, vocabulary, error);
}

static enum sva_status read_file(struct sva_parts *parts, enum vocabulary_file which,
                                 const struct sva_scanned *file, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_error problem = {0};
    struct sva_vocabulary vocabulary = {0};
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.tokenizer_bytes, &bytes, &size, &problem);
    if (status == SVA_OK) {
        status = parse(parts, which, (struct sva_span){bytes, size}, &vocabulary, &problem);
        sva_free(bytes);
    }
    if (status == SVA_ERR_CORRUPT || status == SVA_ERR_LIMIT) {
        return sva_parts_finding(parts, error, "tokenizer-not-read", file->path,
                                 "The vocabulary was not read: %s.", problem.text);
    }
    if (status != SVA_OK) {
        return sva_fail(error, status, "%s", problem.text);
    }
    status = sva_tokenizer_publish(parts, file->path, &vocabulary, error);
    sva_vocabulary_done(&vocabulary);
    return status;
}

enum sva_status sva_tokenizer_read(struct sva_parts *parts, struct sva_error *error)
{
    if (parts->token_keys != NULL) {
        return SVA_OK; /* a GGUF file brings its own, which its rows follow */
    }
    for (enum vocabulary_file which = TOKENIZER_JSON; which < VOCABULARY_FILES; which++) {
        const ptrdiff_t found = sva_facts_root_file(parts, vocabulary_names[which]);
        if (found >= 0) {
            return read_file(parts, which, (const struct sva_scanned *)parts->scanned.items + found,
                             error);
        }
    }
    static const char *const unread[] = {"tokenizer.model", "spiece.model", "tekken.json",
                                         "sentencepiece.bpe.model"};
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) {
        if (sva_facts_root_file(parts, unread[i]) >= 0) {
            const enum sva_status status =
                sva_parts_fact(parts, "tokenizer.kind",
                               strcmp(unread[i], "tekken.json") == 0 ? "tekken (not read)"
                                                                     : "sentencepiece (not read)",
                               error);
            return status == SVA_OK ? sva_parts_fact(parts, "tokenizer.file", unread[i], error)
                                    : status;
        }
    }
    return SVA_OK;
}

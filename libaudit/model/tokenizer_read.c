/* SPDX-License-Identifier: Apache-2.0 */
/* Which file holds the vocabulary, and the facts about it. */
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/model_facts.h"
#include "model/tokenizer.h"
#include "model/vocabulary_file.h"
#include "model/vocabulary_sample.h"

static bool is_zero(const uint8_t digest[SVA_TOKEN_DIGEST_BYTES])
{
    unsigned any = 0;
    for (size_t i = 0; i < SVA_TOKEN_DIGEST_BYTES; i++) {
        any |= digest[i];
    }
    return any == 0;
}

/** tokenizer.merges and its digest, where merges are stored. */
static enum sva_status merge_facts(struct sva_parts *parts, const struct sva_token_sample *sample,
                                   struct sva_error *error)
{
    char hex[65];
    if (is_zero(sample->merges_digest)) {
        return SVA_OK;
    }
    sva_hex(sample->merges_digest, sizeof sample->merges_digest, hex);
    const enum sva_status status =
        sva_parts_fact_u64(parts, "tokenizer.merges", sample->merge_count, error);
    return status == SVA_OK ? sva_parts_fact(parts, "tokenizer.merges_sha256", hex, error) : status;
}

static enum sva_status vocabulary_facts(struct sva_parts *parts, const char *path,
                                        const struct sva_vocabulary *vocabulary,
                                        const struct sva_token_sample *sample,
                                        struct sva_error *error)
{
    char hex[65];
    sva_hex(sample->digest, sizeof sample->digest, hex);
    enum sva_status status = sva_parts_fact(parts, "tokenizer.file", path, error);
    if (status == SVA_OK) {
        status = sva_parts_fact(parts, "tokenizer.kind", sample->kind, error);
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
    if (status == SVA_OK) {
        status = merge_facts(parts, sample, error);
    }
    if (status == SVA_OK && vocabulary->ignored_count > 0) {
        status = sva_parts_finding(
            parts, error, "tokenizer-ids", path,
            "%llu token ids or merges of %s are beyond all bounds and were left out.",
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
    struct sva_token_sample *sample = NULL;
    enum sva_status status = sva_vocabulary_sample(vocabulary, &parts->arena, &sample, error);
    if (status == SVA_OK) {
        status = vocabulary_facts(parts, path, vocabulary, sample, error);
    }
    if (status == SVA_OK && !take_frequent(parts, vocabulary)) {
        status = sva_fail_memory(error, "reading a vocabulary");
    }
    if (status == SVA_OK) {
        sva_free(parts->token_keys);
        parts->token_keys = vocabulary->keys;
        parts->token_count = vocabulary->count;
        parts->token_sample = sample;
        vocabulary->keys = NULL;
    }
    return status;
}

/** Reads a file of the model whole and lets `take` fill the vocabulary from it. */
static enum sva_status read_with(struct sva_parts *parts, const struct sva_scanned *file,
                                 sva_vocabulary_take *take, struct sva_vocabulary *vocabulary,
                                 struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.tokenizer_bytes, &bytes, &size, error);
    if (status == SVA_OK) {
        status = take((struct sva_span){bytes, size}, sva_esc(file->path).text,
                      parts->limits.json_depth, vocabulary, error);
    }
    sva_free(bytes);
    return status;
}

/** A file that belongs to the vocabulary and may be absent: merges.txt. */
static enum sva_status read_beside(struct sva_parts *parts, const char *name,
                                   sva_vocabulary_take *take, struct sva_vocabulary *vocabulary,
                                   struct sva_error *error)
{
    const ptrdiff_t found = name == NULL ? -1 : sva_facts_root_file(parts, name);
    return found < 0 ? SVA_OK
                     : read_with(parts, (const struct sva_scanned *)parts->scanned.items + found,
                                 take, vocabulary, error);
}

static enum sva_status read_file(struct sva_parts *parts, const struct sva_vocabulary_name *which,
                                 const struct sva_scanned *file, struct sva_error *error)
{
    struct sva_error problem = {0};
    struct sva_vocabulary vocabulary = {0};
    enum sva_status status = read_with(parts, file, which->take, &vocabulary, &problem);
    if (status == SVA_OK) {
        status = read_beside(parts, which->beside, which->take_beside, &vocabulary, &problem);
    }
    if (status == SVA_ERR_CORRUPT || status == SVA_ERR_LIMIT) {
        sva_vocabulary_done(&vocabulary);
        return sva_parts_finding(parts, error, "tokenizer-not-read", file->path,
                                 "The vocabulary was not read: %s.", problem.text);
    }
    status = status == SVA_OK ? sva_tokenizer_publish(parts, file->path, &vocabulary, error)
                              : sva_fail(error, status, "%s", problem.text);
    sva_vocabulary_done(&vocabulary);
    return status;
}

enum sva_status sva_tokenizer_read(struct sva_parts *parts, struct sva_error *error)
{
    if (parts->token_keys != NULL) {
        return SVA_OK; /* a GGUF file brings its own, which its rows follow */
    }
    const struct sva_vocabulary_name *which;
    for (size_t i = 0; (which = sva_vocabulary_name_at(i)) != NULL; i++) {
        const ptrdiff_t found = sva_facts_root_file(parts, which->name);
        if (found >= 0) {
            return read_file(parts, which, (const struct sva_scanned *)parts->scanned.items + found,
                             error);
        }
    }
    if (sva_facts_root_file(parts, "tekken.json") < 0) {
        return SVA_OK;
    }
    const enum sva_status status =
        sva_parts_fact(parts, "tokenizer.kind", "tekken (not read)", error);
    return status == SVA_OK ? sva_parts_fact(parts, "tokenizer.file", "tekken.json", error)
                            : status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/chat_template.h"

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/json.h"
#include "model/model_facts.h"

static const char hashing[] = "hashing a chat template";

/** The texts seen since the last restart. */
struct texts {
    struct sva_sha256 *state;
    uint64_t count;
};

static void add_text(struct texts *texts, const struct sva_json *json)
{
    if (texts->count++ > 0) {
        sva_sha256_update(texts->state, "", 1);
    }
    sva_sha256_update(texts->state, json->text, json->text_size);
}

/** Hashes every text of the value that comes next. */
static enum sva_status take_value(struct sva_json *json, struct texts *texts,
                                  struct sva_error *error)
{
    uint32_t depth = 0;
    do {
        enum sva_json_token token = SVA_JSON_NULL;
        const enum sva_status status = sva_json_next(json, &token, error);
        if (status != SVA_OK) {
            return status;
        }
        if (token == SVA_JSON_STRING) {
            add_text(texts, json);
        } else if (token == SVA_JSON_OBJECT_BEGIN || token == SVA_JSON_ARRAY_BEGIN) {
            depth++;
        } else if (token == SVA_JSON_OBJECT_END || token == SVA_JSON_ARRAY_END) {
            depth--;
        }
    } while (depth > 0);
    return SVA_OK;
}

/** Finds "chat_template" in the outermost object; a repeated key keeps its last value. */
static enum sva_status take_document(struct sva_json *json, struct texts *texts,
                                     struct sva_error *error)
{
    static const char key[] = "chat_template";
    enum sva_json_token token = SVA_JSON_NULL;
    enum sva_status status = sva_json_next(json, &token, error);
    while (status == SVA_OK && token != SVA_JSON_END) {
        if (token == SVA_JSON_KEY && json->text_size == sizeof key - 1 &&
            memcmp(json->text, key, sizeof key - 1) == 0) {
            uint8_t forgotten[32];
            sva_sha256_final(texts->state, forgotten);
            texts->count = 0;
            status = take_value(json, texts, error);
        } else if (token == SVA_JSON_KEY) {
            status = sva_json_skip(json, error);
        }
        if (status == SVA_OK) {
            status = sva_json_next(json, &token, error);
        }
    }
    return status;
}

static enum sva_status hash_texts(struct sva_parts *parts, const struct sva_scanned *file,
                                  struct sva_span bytes, struct texts *texts,
                                  struct sva_error *error)
{
    if (!sva_ends_with(file->base, ".json")) {
        sva_sha256_update(texts->state, bytes.data, bytes.size);
        texts->count = 1;
        return SVA_OK;
    }
    const struct sva_escaped what = sva_esc(file->path);
    struct sva_json json;
    sva_json_init(&json, bytes, what.text, 0, parts->limits.json_depth);
    const enum sva_status status = take_document(&json, texts, error);
    sva_json_done(&json);
    return status;
}

static enum sva_status make_facts(struct sva_parts *parts, const char *path, struct texts *texts,
                                  struct sva_error *error)
{
    uint8_t digest[32];
    char hex[65];
    sva_sha256_final(texts->state, digest);
    sva_hex(digest, sizeof digest, hex);
    const enum sva_status status = sva_parts_fact(parts, "tokenizer.chat_template", hex, error);
    return status == SVA_OK ? sva_parts_fact(parts, "tokenizer.chat_template_file", path, error)
                            : status;
}

static enum sva_status read_file(struct sva_parts *parts, const struct sva_scanned *file,
                                 bool *found, struct sva_error *error)
{
    struct texts texts = {.state = sva_sha256_new()};
    if (texts.state == NULL) {
        return sva_fail_memory(error, hashing);
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_error problem = {0};
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.tokenizer_bytes, &bytes, &size, &problem);
    if (status == SVA_OK) {
        status = hash_texts(parts, file, (struct sva_span){bytes, size}, &texts, &problem);
        sva_free(bytes);
    }
    if (status == SVA_ERR_CORRUPT || status == SVA_ERR_LIMIT) {
        status = sva_parts_finding(parts, error, "chat-template-not-read", file->path,
                                   "The chat template was not read: %s.", problem.text);
    } else if (status != SVA_OK) {
        status = sva_fail(error, status, "%s", problem.text);
    } else if (texts.count > 0) {
        *found = true;
        status = make_facts(parts, file->path, &texts, error);
    }
    sva_sha256_free(texts.state);
    return status;
}

static bool has_fact(const struct sva_parts *parts, const char *key)
{
    const struct sva_fact *const facts = parts->facts.items;
    for (size_t i = 0; i < parts->facts.count; i++) {
        if (strcmp(facts[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

enum sva_status sva_chat_template_read(struct sva_parts *parts, struct sva_error *error)
{
    if (has_fact(parts, "tokenizer.chat_template")) {
        return SVA_OK; /* a GGUF file brings its own */
    }
    static const char *const names[] = {"chat_template.jinja", "tokenizer_config.json",
                                        "chat_template.json"};
    bool found = false;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && !found && i < sizeof names / sizeof *names; i++) {
        const ptrdiff_t at = sva_facts_root_file(parts, names[i]);
        if (at >= 0) {
            status = read_file(parts, (const struct sva_scanned *)parts->scanned.items + at, &found,
                               error);
        }
    }
    return status;
}

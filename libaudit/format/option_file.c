/* SPDX-License-Identifier: Apache-2.0 */
#include "format/option_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "format/json.h"

static const char doing[] = "reading a configuration file";

struct reader {
    struct sva_json json;
    struct sva_arena *arena;
    struct sva_option_entry *entries; /* [SVA_OPTION_KEYS_MAX] */
    size_t count;
    struct sva_error *error;
};

/* "what: complaint at byte n" */
static enum sva_status broken(struct reader *reader, const char *complaint)
{
    const uint64_t at = reader->json.token_offset;
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, at, "%s: %s at byte %" PRIu64,
                       reader->json.what, complaint, at);
}

static enum sva_status broken_key(struct reader *reader, const char *key, const char *complaint)
{
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, reader->json.token_offset, "%s: \"%s\" %s",
                       reader->json.what, sva_esc(key).text, complaint);
}

/* The current token's text, kept. */
static enum sva_status keep_text(struct reader *reader, const char **text)
{
    if (memchr(reader->json.text, '\0', reader->json.text_size) != NULL) {
        return broken(reader, "a text with a NUL inside");
    }
    *text = sva_arena_strndup(reader->arena, reader->json.text, reader->json.text_size);
    return *text != NULL ? SVA_OK : sva_fail_memory(reader->error, doing);
}

static enum sva_status read_list(struct reader *reader, struct sva_option_entry *entry)
{
    const char **values = sva_arena_alloc(reader->arena, SVA_OPTION_VALUES_MAX, sizeof *values);
    enum sva_json_token token = SVA_JSON_END;
    if (values == NULL) {
        return sva_fail_memory(reader->error, doing);
    }
    enum sva_status status = sva_json_next(&reader->json, &token, reader->error);
    for (; status == SVA_OK && token != SVA_JSON_ARRAY_END;) {
        if (token != SVA_JSON_STRING) {
            return broken_key(reader, entry->key, "wants a list of texts");
        }
        if (entry->value_count == SVA_OPTION_VALUES_MAX) {
            return sva_fail(reader->error, SVA_ERR_LIMIT, "%s: \"%s\" has more than %d values",
                            reader->json.what, sva_esc(entry->key).text,
                            (int)SVA_OPTION_VALUES_MAX);
        }
        status = keep_text(reader, &values[entry->value_count++]);
        if (status == SVA_OK) {
            status = sva_json_next(&reader->json, &token, reader->error);
        }
    }
    entry->kind = SVA_OPTION_LIST;
    entry->values = values;
    return status;
}

static enum sva_status read_value(struct reader *reader, struct sva_option_entry *entry)
{
    enum sva_json_token token = SVA_JSON_END;
    const enum sva_status status = sva_json_next(&reader->json, &token, reader->error);
    const char **value = NULL;
    if (status != SVA_OK) {
        return status;
    }
    switch (token) {
    case SVA_JSON_TRUE:
    case SVA_JSON_FALSE:
        entry->kind = SVA_OPTION_FLAG;
        entry->flag = token == SVA_JSON_TRUE;
        return SVA_OK;
    case SVA_JSON_STRING:
    case SVA_JSON_NUMBER:
        value = sva_arena_alloc(reader->arena, 1, sizeof *value);
        if (value == NULL) {
            return sva_fail_memory(reader->error, doing);
        }
        entry->kind = token == SVA_JSON_STRING ? SVA_OPTION_TEXT : SVA_OPTION_NUMBER;
        entry->values = value;
        entry->value_count = 1;
        return keep_text(reader, value);
    case SVA_JSON_ARRAY_BEGIN: return read_list(reader, entry);
    default:
        return broken_key(reader, entry->key,
                          "wants a text, a number, true or false, or a list of texts");
    }
}

/* One key, at the current token, and its value. */
static enum sva_status read_entry(struct reader *reader)
{
    const char *key = NULL;
    if (reader->count == SVA_OPTION_KEYS_MAX) {
        return sva_fail(reader->error, SVA_ERR_LIMIT, "%s: more than %d keys", reader->json.what,
                        (int)SVA_OPTION_KEYS_MAX);
    }
    const enum sva_status status = keep_text(reader, &key);
    if (status != SVA_OK) {
        return status;
    }
    for (size_t i = 0; i < reader->count; i++) {
        if (strcmp(reader->entries[i].key, key) == 0) {
            return broken_key(reader, key, "stands there twice");
        }
    }
    struct sva_option_entry *entry = &reader->entries[reader->count++];
    entry->key = key;
    return read_value(reader, entry);
}

static enum sva_status read_object(struct reader *reader)
{
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status = sva_json_next(&reader->json, &token, reader->error);
    if (status == SVA_OK && token != SVA_JSON_OBJECT_BEGIN) {
        return broken(reader, "expected an object of options");
    }
    while (status == SVA_OK && token != SVA_JSON_END) {
        status = sva_json_next(&reader->json, &token, reader->error);
        if (status == SVA_OK && token == SVA_JSON_KEY) {
            status = read_entry(reader);
        }
    }
    return status;
}

enum sva_status sva_option_file_parse(struct sva_span bytes, const char *what,
                                      struct sva_arena *arena, struct sva_option_file *config,
                                      struct sva_error *error)
{
    struct reader reader = {
        .arena = arena,
        .entries = sva_arena_alloc(arena, SVA_OPTION_KEYS_MAX, sizeof *reader.entries),
        .error = error,
    };
    if (reader.entries == NULL) {
        return sva_fail_memory(error, doing);
    }
    sva_json_init(&reader.json, bytes, what, 0, 2);
    const enum sva_status status = read_object(&reader);
    sva_json_done(&reader.json);
    if (status == SVA_OK) {
        *config = (struct sva_option_file){.entry_count = reader.count, .entries = reader.entries};
    }
    return status;
}

enum sva_status sva_option_file_load(const char *path, struct sva_option_file **config,
                                     struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, SVA_OPTION_BYTES_MAX, &bytes, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    struct sva_option_file *made = sva_calloc(1, sizeof *made);
    struct sva_arena *arena = sva_calloc(1, sizeof *arena);
    if (made == NULL || arena == NULL) {
        sva_free(made);
        sva_free(arena);
        sva_free(bytes);
        return sva_fail_memory(error, doing);
    }
    status = sva_option_file_parse((struct sva_span){bytes, size}, sva_esc(path).text, arena, made,
                                   error);
    made->internal = arena;
    sva_free(bytes);
    if (status != SVA_OK) {
        sva_option_file_free(made);
        return status;
    }
    *config = made;
    return SVA_OK;
}

void sva_option_file_free(struct sva_option_file *config)
{
    if (config != NULL) {
        sva_arena_done(config->internal);
        sva_free(config->internal);
        sva_free(config);
    }
}

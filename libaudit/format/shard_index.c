/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/json.h"
#include "format/notes.h"
#include "format/safetensors.h"

enum {
    COMPONENT_MOST_BYTES = 255, /* of a path, as file systems have it */
    PATH_MOST_BYTES = 4095,
    CACHE_SLOTS = 1024,
};

struct reader {
    struct sva_json json;
    const struct sva_limits *limits;
    const char *what;
    const char *ending; /* of the shards' names */
    struct sva_error *error;
    struct sva_arena arena;
    struct sva_notes notes;
    struct sva_shard_entry *entries;
    size_t entry_count, entry_capacity;
    /* Recently seen file names: thousands of tensors name the same few files. */
    const char *cache[CACHE_SLOTS];
    bool has_weight_map, has_metadata;
    bool has_total_size, has_total_parameters;
    bool odd_total_size, odd_total_parameters;
    uint64_t total_size_bytes, total_parameters;
    struct sva_tally subdirectories, unknown_keys;
};

static uint64_t here(const struct reader *reader)
{
    return reader->json.base_offset + reader->json.token_offset;
}

static enum sva_status next(struct reader *reader, enum sva_json_token *token)
{
    return sva_json_next(&reader->json, token, reader->error);
}

static enum sva_status out_of_memory(struct reader *reader)
{
    return sva_fail_memory(reader->error, "reading a shard index");
}

static bool key_is(const struct reader *reader, const char *name)
{
    const size_t size = strlen(name);
    return reader->json.text_size == size && memcmp(reader->json.text, name, size) == 0;
}

static enum sva_status broken(struct reader *reader, const char *complaint)
{
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader), "%s: %s at byte %" PRIu64,
                       reader->what, complaint, here(reader));
}

/* -- file names -------------------------------------------------------------------------------- */

/* What is wrong with one component of a path, or NULL. */
static const char *component_complaint(const char *name, size_t size)
{
    if (size == 0) {
        return "has an empty component";
    }
    if (size > COMPONENT_MOST_BYTES) {
        return "has a component of more than 255 bytes";
    }
    if (size <= 2 && memcmp(name, "..", size) == 0) {
        return "has a component . or ..";
    }
    return NULL;
}

/* What makes a shard's path unfit to be opened beneath the model's directory, or NULL. */
static const char *path_complaint(const char *path, size_t size, const char *ending)
{
    const size_t ending_bytes = strlen(ending);
    if (size > PATH_MOST_BYTES) {
        return "is longer than any path";
    }
    if (size > 0 && (path[0] == '/' || path[0] == '~')) {
        return "is not relative to the model";
    }
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        const unsigned char c = i < size ? (unsigned char)path[i] : '/';
        if (c < 0x20 || c == 0x7F || c == '\\' || c == ':') {
            return "holds a control character, a backslash or a colon";
        }
        if (c == '/') {
            const char *const complaint = component_complaint(path + start, i - start);
            if (complaint != NULL) {
                return complaint;
            }
            start = i + 1;
        }
    }
    if (size < ending_bytes || memcmp(path + size - ending_bytes, ending, ending_bytes) != 0) {
        return strcmp(ending, ".safetensors") == 0 ? "is not a .safetensors file"
                                                   : "is not a file of the index's kind";
    }
    return NULL;
}

/* The current token as a checked file name, kept once for the many tensors of a shard. */
static enum sva_status take_file(struct reader *reader, const char **file)
{
    const char *const text = reader->json.text;
    const size_t size = reader->json.text_size;
    const size_t slot = (size_t)(sva_xxh3(text, size, 0) % CACHE_SLOTS);
    const char *const cached = reader->cache[slot];
    if (cached != NULL && strlen(cached) == size && memcmp(cached, text, size) == 0) {
        *file = cached;
        return SVA_OK;
    }
    const char *const complaint = path_complaint(text, size, reader->ending);
    if (complaint != NULL) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: the shard name \"%s\" %s at byte %" PRIu64, reader->what,
                           sva_escn(text, size).text, complaint, here(reader));
    }
    if (memchr(text, '/', size) != NULL) {
        sva_tally_add(&reader->subdirectories, text, size, here(reader));
    }
    *file = sva_arena_strndup(&reader->arena, text, size);
    if (*file == NULL) {
        return out_of_memory(reader);
    }
    reader->cache[slot] = *file;
    return SVA_OK;
}

/* -- weight_map -------------------------------------------------------------------------------- */

static enum sva_status take_tensor(struct reader *reader, struct sva_shard_entry *entry)
{
    const struct sva_json *const json = &reader->json;
    if (reader->entry_count >= reader->limits->tensor_count) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, here(reader),
                           "%s: more than %" PRIu64 " tensors at byte %" PRIu64, reader->what,
                           reader->limits->tensor_count, here(reader));
    }
    if (json->text_size > reader->limits->name_bytes) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, here(reader),
                           "%s: a tensor name of %zu bytes, more than the limit of %" PRIu32
                           " at byte %" PRIu64,
                           reader->what, json->text_size, reader->limits->name_bytes, here(reader));
    }
    if (memchr(json->text, 0, json->text_size) != NULL) {
        return broken(reader, "a tensor name holds a NUL");
    }
    entry->tensor = sva_arena_strndup(&reader->arena, json->text, json->text_size);
    entry->tensor_bytes = json->text_size;
    return entry->tensor == NULL ? out_of_memory(reader) : SVA_OK;
}

static enum sva_status read_entry(struct reader *reader)
{
    struct sva_shard_entry entry = {0};
    enum sva_status status = take_tensor(reader, &entry);
    enum sva_json_token token;
    if (status == SVA_OK) {
        status = next(reader, &token);
    }
    if (status == SVA_OK && token != SVA_JSON_STRING) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: the shard of tensor \"%s\" is not a string at byte %" PRIu64,
                           reader->what, sva_escn(entry.tensor, entry.tensor_bytes).text,
                           here(reader));
    }
    if (status == SVA_OK) {
        status = take_file(reader, &entry.file);
    }
    if (status != SVA_OK) {
        return status;
    }
    if (reader->entry_count == reader->entry_capacity) {
        const size_t wanted =
            reader->entry_capacity < 64 ? 64 : reader->entry_capacity + reader->entry_capacity / 2;
        struct sva_shard_entry *const entries =
            sva_realloc_array(reader->entries, wanted, sizeof *entries);
        if (entries == NULL) {
            return out_of_memory(reader);
        }
        reader->entries = entries;
        reader->entry_capacity = wanted;
    }
    reader->entries[reader->entry_count++] = entry;
    return SVA_OK;
}

/* Enters the object behind a key, or complains that there is none. */
static enum sva_status open_object(struct reader *reader, const char *complaint)
{
    enum sva_json_token token;
    const enum sva_status status = next(reader, &token);
    return status == SVA_OK && token != SVA_JSON_OBJECT_BEGIN ? broken(reader, complaint) : status;
}

static enum sva_status read_weight_map(struct reader *reader)
{
    if (reader->has_weight_map) {
        return broken(reader, "\"weight_map\" is there twice");
    }
    reader->has_weight_map = true;
    enum sva_status status = open_object(reader, "\"weight_map\" is not an object");
    while (status == SVA_OK) {
        enum sva_json_token token;
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        status = read_entry(reader);
    }
    return status;
}

/* -- metadata ---------------------------------------------------------------------------------- */

/* A self-reported number: whatever is no unsigned integer, or comes twice, is odd but harmless. */
static enum sva_status read_number(struct reader *reader, bool *present, bool *odd,
                                   uint64_t *number)
{
    const uint32_t depth = reader->json.depth;
    enum sva_json_token token;
    enum sva_status status = next(reader, &token);
    if (status != SVA_OK) {
        return status;
    }
    uint64_t value;
    if (!*present && !*odd && token == SVA_JSON_NUMBER && sva_json_u64(&reader->json, &value)) {
        *present = true;
        *number = value;
        return SVA_OK;
    }
    *present = false;
    *odd = true;
    while (status == SVA_OK && reader->json.depth > depth) {
        status = next(reader, &token);
    }
    return status;
}

static enum sva_status read_metadata(struct reader *reader)
{
    if (reader->has_metadata) {
        return broken(reader, "\"metadata\" is there twice");
    }
    reader->has_metadata = true;
    enum sva_status status = open_object(reader, "\"metadata\" is not an object");
    while (status == SVA_OK) {
        enum sva_json_token token;
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        if (key_is(reader, "total_size")) {
            status = read_number(reader, &reader->has_total_size, &reader->odd_total_size,
                                 &reader->total_size_bytes);
        } else if (key_is(reader, "total_parameters")) {
            status = read_number(reader, &reader->has_total_parameters,
                                 &reader->odd_total_parameters, &reader->total_parameters);
        } else {
            status = sva_json_skip(&reader->json, reader->error);
        }
    }
    return status;
}

/* -- the whole text ---------------------------------------------------------------------------- */

static enum sva_status read_all(struct reader *reader)
{
    enum sva_status status = open_object(reader, "the index is not a JSON object");
    enum sva_json_token token;
    while (status == SVA_OK) {
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        if (key_is(reader, "weight_map")) {
            status = read_weight_map(reader);
        } else if (key_is(reader, "metadata")) {
            status = read_metadata(reader);
        } else {
            sva_tally_add(&reader->unknown_keys, reader->json.text, reader->json.text_size,
                          here(reader));
            status = sva_json_skip(&reader->json, reader->error);
        }
    }
    if (status == SVA_OK) {
        status = next(reader, &token); /* END, or bytes behind it */
    }
    if (status == SVA_OK && !reader->has_weight_map) {
        status = sva_fail(reader->error, SVA_ERR_CORRUPT, "%s: there is no \"weight_map\"",
                          reader->what);
    }
    return status;
}

static int compare_entries(const void *left, const void *right)
{
    const struct sva_shard_entry *const a = left;
    const struct sva_shard_entry *const b = right;
    const size_t common = a->tensor_bytes < b->tensor_bytes ? a->tensor_bytes : b->tensor_bytes;
    const int order = memcmp(a->tensor, b->tensor, common);
    return order != 0 ? order
                      : (a->tensor_bytes > b->tensor_bytes) - (a->tensor_bytes < b->tensor_bytes);
}

static enum sva_status check_entries(struct reader *reader)
{
    if (reader->entry_count > 1) {
        qsort(reader->entries, reader->entry_count, sizeof *reader->entries, compare_entries);
    }
    for (size_t i = 1; i < reader->entry_count; i++) {
        const struct sva_shard_entry *const entry = &reader->entries[i];
        if (compare_entries(entry - 1, entry) == 0) {
            return sva_fail(reader->error, SVA_ERR_CORRUPT,
                            "%s: the tensor name \"%s\" is there twice", reader->what,
                            sva_escn(entry->tensor, entry->tensor_bytes).text);
        }
    }
    return SVA_OK;
}

/* A parameter takes 4 bits or more. */
static bool has_too_many_parameters(const struct reader *reader)
{
    return reader->has_total_parameters && reader->has_total_size &&
           reader->total_parameters / 2 > reader->total_size_bytes;
}

static void tell(struct reader *reader)
{
    struct sva_notes *const notes = &reader->notes;
    struct sva_arena *const arena = &reader->arena;
    if (reader->odd_total_size) {
        sva_notes_add(notes, arena, "odd-total-size",
                      "\"total_size\" is not one unsigned integer and is ignored");
    }
    if (reader->odd_total_parameters || has_too_many_parameters(reader)) {
        sva_notes_add(notes, arena, "odd-total-parameters",
                      "\"total_parameters\" is not a possible number and is ignored");
    }
    if (reader->subdirectories.count > 0) {
        sva_notes_add(notes, arena, "shard-in-subdirectory",
                      "a shard lies in a subdirectory, first \"%s\" at byte %" PRIu64,
                      reader->subdirectories.first.text, reader->subdirectories.first_offset);
    }
    if (reader->unknown_keys.count > 0) {
        sva_notes_add(notes, arena, "unknown-index-key",
                      "%" PRIu64 " unknown key(s) in the index, first \"%s\" at byte %" PRIu64,
                      reader->unknown_keys.count, reader->unknown_keys.first.text,
                      reader->unknown_keys.first_offset);
    }
    if (reader->entry_count == 0) {
        sva_notes_add(notes, arena, "empty-weight-map", "\"weight_map\" names no tensor");
    }
}

static enum sva_status finish(struct reader *reader, struct sva_shard_index *index)
{
    struct sva_arena *const arena = &reader->arena;
    struct sva_shard_entry *const entries =
        sva_arena_alloc(arena, reader->entry_count, sizeof *entries);
    struct sva_finding *const findings = sva_notes_finish(&reader->notes, arena);
    if (entries == NULL || findings == NULL) {
        return out_of_memory(reader);
    }
    if (reader->entry_count > 0) {
        memcpy(entries, reader->entries, reader->entry_count * sizeof *entries);
    }
    *index = (struct sva_shard_index){
        .arena = *arena,
        .entry_count = reader->entry_count,
        .entries = entries,
        .has_total_size = reader->has_total_size,
        .total_size_bytes = reader->has_total_size ? reader->total_size_bytes : 0,
        .finding_count = reader->notes.count,
        .findings = findings,
    };
    *arena = (struct sva_arena){0};
    return SVA_OK;
}

enum sva_status sva_shard_index_parse(struct sva_span text, const char *what,
                                      const struct sva_limits *limits,
                                      struct sva_shard_index *index, struct sva_error *error)
{
    if (text.size > limits->index_bytes) {
        return sva_fail(error, SVA_ERR_LIMIT,
                        "%s: an index of %zu bytes, more than the limit of %" PRIu64, what,
                        text.size, limits->index_bytes);
    }
    struct reader reader = {.limits = limits, .what = what, .error = error};
    reader.ending = index->ending != NULL ? index->ending : ".safetensors";
    sva_json_init(&reader.json, text, what, 0, limits->json_depth);
    enum sva_status status = read_all(&reader);
    if (status == SVA_OK) {
        status = check_entries(&reader);
    }
    if (status == SVA_OK) {
        tell(&reader);
        status = finish(&reader, index);
    }
    sva_json_done(&reader.json);
    sva_free(reader.entries);
    sva_arena_done(&reader.arena);
    return status;
}

void sva_shard_index_done(struct sva_shard_index *index)
{
    sva_arena_done(&index->arena);
    *index = (struct sva_shard_index){0};
}

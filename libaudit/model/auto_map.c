/* SPDX-License-Identifier: Apache-2.0 */
#include "model/auto_map.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/json.h"
#include "model/code_entries.h"

enum { PATH_BYTES = 192, VALUE_BYTES = 256, LEAD_BYTES = 64, FINDINGS_MAX = 64 };

static const char map_name[] = "auto_map";

struct entry {
    const char *key;   /**< NULL: its path is too long for one */
    const char *stem;  /**< its file without ".json" */
    const char *value; /**< shortened, still with "--" when it had one */
    uint64_t number;   /**< among all entries, from 1 */
};

/** What all files say. More entries than these are counted, not kept. */
struct gathered {
    struct entry remote[SVA_AUTO_MAP_LISTED], local[SVA_AUTO_MAP_LISTED];
    size_t remote_kept, local_kept;
    uint64_t remote_count, count;
    uint64_t file_count; /**< files with entries */
};

/** Where in a document the reader is. */
struct walk {
    char path[PATH_BYTES];
    size_t size;
    bool cut;    /**< the path did not fit */
    bool in_map; /**< beneath a key "auto_map" */
    struct {
        size_t size;
        bool cut, in_map, is_array;
        uint32_t index;
    } open[SVA_JSON_DEPTH_MAX];
    uint32_t depth;
};

/* ---- entries ---- */

/** Offset of "--" in a text that may hold NUL, or `size`. */
static size_t find_dashes(const char *text, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] == '-' && text[i + 1] == '-') {
            return i;
        }
    }
    return size;
}

/** At most VALUE_BYTES of the text, "--" among them; NUL becomes "?". */
static const char *shorten(struct sva_arena *arena, const char *text, size_t size, size_t dashes)
{
    size_t start =
        size > VALUE_BYTES && dashes < size && dashes > LEAD_BYTES ? dashes - LEAD_BYTES : 0;
    while (start > 0 && ((unsigned char)text[start] & 0xC0) == 0x80) {
        start--; /* to the first byte of a character */
    }
    size_t kept = size - start < VALUE_BYTES ? size - start : VALUE_BYTES;
    kept = sva_utf8_valid_prefix((const uint8_t *)text + start, kept);
    char *const copy = sva_arena_printf(arena, "%s%*s%s", start > 0 ? "..." : "", (int)kept, "",
                                        start + kept < size ? "..." : "");
    for (size_t i = 0; copy != NULL && i < kept; i++) {
        copy[(start > 0 ? 3 : 0) + i] = text[start + i] == '\0' ? '?' : text[start + i];
    }
    return copy;
}

static enum sva_status add_entry(struct sva_parts *parts, struct gathered *all,
                                 const struct walk *walk, const char *stem,
                                 const struct sva_json *json, struct sva_error *error)
{
    const size_t dashes = find_dashes(json->text, json->text_size);
    const bool remote = dashes < json->text_size;
    size_t *const kept = remote ? &all->remote_kept : &all->local_kept;
    all->count++;
    all->remote_count += remote;
    if (*kept == SVA_AUTO_MAP_LISTED) {
        return SVA_OK;
    }
    struct entry *const entry = (remote ? all->remote : all->local) + *kept;
    *entry = (struct entry){.stem = stem, .number = all->count};
    entry->value = shorten(&parts->arena, json->text, json->text_size, dashes);
    if (!walk->cut) {
        entry->key = sva_arena_printf(&parts->arena, "%s.%s", stem, walk->path);
    }
    if (entry->value == NULL || (!walk->cut && entry->key == NULL)) {
        return sva_fail_memory(error, "reading auto_map");
    }
    ++*kept;
    return SVA_OK;
}

/* ---- one document ---- */

static void push_part(struct walk *walk, const char *text, size_t size)
{
    const size_t dot = walk->size > 0 ? 1 : 0;
    if (walk->cut || size + dot + 1 > sizeof walk->path - walk->size ||
        memchr(text, '\0', size) != NULL) {
        walk->cut = true;
        return;
    }
    memcpy(walk->path + walk->size, ".", dot);
    memcpy(walk->path + walk->size + dot, text, size);
    walk->size += dot + size;
    walk->path[walk->size] = '\0';
}

/** Back to the innermost open container. */
static void rewind_walk(struct walk *walk)
{
    const bool top = walk->depth == 0;
    walk->size = top ? 0 : walk->open[walk->depth - 1].size;
    walk->cut = !top && walk->open[walk->depth - 1].cut;
    walk->in_map = !top && walk->open[walk->depth - 1].in_map;
    walk->path[walk->size] = '\0';
}

/** A value begins: in an array it has no key, its place is its name. */
static void enter_value(struct walk *walk)
{
    if (walk->depth > 0 && walk->open[walk->depth - 1].is_array) {
        char text[16];
        rewind_walk(walk);
        const int size = snprintf(text, sizeof text, "%u", walk->open[walk->depth - 1].index++);
        push_part(walk, text, (size_t)size);
    }
}

static void take_key(struct walk *walk, const struct sva_json *json)
{
    rewind_walk(walk);
    push_part(walk, json->text, json->text_size);
    walk->in_map = walk->in_map || (json->text_size == sizeof map_name - 1 &&
                                    memcmp(json->text, map_name, sizeof map_name - 1) == 0);
}

static enum sva_status open_container(struct walk *walk, bool is_array, struct sva_error *error)
{
    enter_value(walk);
    if (walk->depth == SVA_JSON_DEPTH_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "the configuration is nested too deeply");
    }
    walk->open[walk->depth].size = walk->size;
    walk->open[walk->depth].cut = walk->cut;
    walk->open[walk->depth].in_map = walk->in_map;
    walk->open[walk->depth].is_array = is_array;
    walk->open[walk->depth++].index = 0;
    return SVA_OK;
}

static enum sva_status walk_document(struct sva_parts *parts, struct gathered *all,
                                     struct walk *walk, const char *stem, struct sva_json *json,
                                     struct sva_error *error)
{
    enum sva_json_token token = SVA_JSON_NULL;
    enum sva_status status = sva_json_next(json, &token, error);
    while (status == SVA_OK && token != SVA_JSON_END) {
        switch (token) {
        case SVA_JSON_OBJECT_BEGIN:
        case SVA_JSON_ARRAY_BEGIN:
            status = open_container(walk, token == SVA_JSON_ARRAY_BEGIN, error);
            break;
        case SVA_JSON_OBJECT_END:
        case SVA_JSON_ARRAY_END:
            walk->depth--;
            rewind_walk(walk);
            break;
        case SVA_JSON_KEY: take_key(walk, json); break;
        case SVA_JSON_STRING:
            enter_value(walk);
            if (walk->in_map && json->text_size > 0) {
                status = add_entry(parts, all, walk, stem, json, error);
            }
            break;
        default: enter_value(walk); break;
        }
        if (status == SVA_OK) {
            status = sva_json_next(json, &token, error);
        }
    }
    return status;
}

/** May bytes that are no strict JSON spell "auto_map", plainly or with \u escapes? */
static bool may_spell_map(struct sva_span text)
{
    for (size_t i = 0; i + sizeof map_name - 1 <= text.size; i++) {
        const uint8_t *const at = text.data + i;
        if (memcmp(at, map_name, sizeof map_name - 1) == 0 ||
            (memcmp(at, "\\u00", 4) == 0 && at[4] >= '5' && at[4] <= '7')) {
            return true;
        }
    }
    return false;
}

static enum sva_status read_document(struct sva_parts *parts, struct gathered *all,
                                     const char *path, struct sva_span text,
                                     struct sva_error *error)
{
    struct walk *const walk = sva_calloc(1, sizeof *walk);
    const char *const stem = sva_arena_strndup(&parts->arena, path, strlen(path) - strlen(".json"));
    if (walk == NULL || stem == NULL) {
        sva_free(walk);
        return sva_fail_memory(error, "reading auto_map");
    }
    const struct sva_escaped what = sva_esc(path);
    struct sva_error problem = {0};
    struct sva_json json;
    sva_json_init(&json, text, what.text, 0, parts->limits.json_depth);
    const enum sva_status status = walk_document(parts, all, walk, stem, &json, &problem);
    sva_json_done(&json);
    sva_free(walk);
    if (status == SVA_OK) {
        return SVA_OK;
    }
    if ((status == SVA_ERR_CORRUPT || status == SVA_ERR_LIMIT) && !may_spell_map(text)) {
        return sva_parts_finding(parts, error, "config-not-read", path,
                                 "The configuration was not read: %s.", problem.text);
    }
    return sva_fail(error, status, "%s", problem.text);
}

/* ---- all files ---- */

/** Loaders ask for these names; letters' case is not told apart on every disk. */
static bool is_configuration(const char *base)
{
    static const char *const bases[] = {
        "config.json",
        "tokenizer_config.json",
        "processor_config.json",
        "preprocessor_config.json",
        "generation_config.json",
        "video_preprocessor_config.json",
    };
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        if (strlen(base) == strlen(bases[i]) && sva_starts_with(base, bases[i])) {
            return true;
        }
    }
    return false;
}

static enum sva_status note_code(struct sva_parts *parts, struct gathered *all, const char *path,
                                 uint64_t count, uint64_t remote_count, struct sva_error *error)
{
    if (count == 0 || all->file_count++ >= FINDINGS_MAX) {
        return SVA_OK;
    }
    return sva_parts_finding(parts, error, "remote-code", path,
                             "%s asks its users to run code (auto_map, %llu entries, %llu of them "
                             "pointing to another repository).",
                             sva_esc(path).text, (unsigned long long)count,
                             (unsigned long long)remote_count);
}

static enum sva_status read_file(struct sva_parts *parts, struct gathered *all,
                                 const struct sva_scanned *file, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const uint64_t limit = sva_starts_with(file->base, "tokenizer") ? parts->limits.tokenizer_bytes
                                                                    : parts->limits.json_bytes;
    const uint64_t count = all->count;
    const uint64_t remote_count = all->remote_count;
    enum sva_status status = sva_parts_read(parts, file, limit, &bytes, &size, error);
    if (status == SVA_OK) {
        status = read_document(parts, all, file->path, (struct sva_span){bytes, size}, error);
        sva_free(bytes);
    }
    return status == SVA_OK ? note_code(parts, all, file->path, all->count - count,
                                        all->remote_count - remote_count, error)
                            : status;
}

/* ---- facts ---- */

struct listing {
    const char *keys[SVA_AUTO_MAP_LISTED];
    size_t count;
    struct sva_code_entries entries;
};

static bool is_taken(const struct listing *listing, const char *key)
{
    bool taken = strcmp(key, SVA_KEY_AUTO_MAP_MORE) == 0;
    for (size_t i = 0; i < listing->count; i++) {
        taken = taken || strcmp(listing->keys[i], key) == 0;
    }
    return taken;
}

static enum sva_status list_entries(struct sva_parts *parts, struct listing *listing,
                                    const struct entry *entries, size_t count,
                                    struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < count && listing->count < SVA_AUTO_MAP_LISTED; i++) {
        const char *key = entries[i].key;
        if (key == NULL || is_taken(listing, key)) {
            key = sva_arena_printf(&parts->arena, "%s.%s.#%llu", entries[i].stem, map_name,
                                   (unsigned long long)entries[i].number);
        }
        if (key == NULL) {
            return sva_fail_memory(error, "reading auto_map");
        }
        if (!is_taken(listing, key)) {
            listing->keys[listing->count++] = key;
            status = sva_parts_fact(parts, key, entries[i].value, error);
            if (status == SVA_OK) {
                status = sva_code_entry_add(parts, &listing->entries, key, entries[i].stem,
                                            entries[i].value, error);
            }
        }
    }
    return status;
}

static enum sva_status make_facts(struct sva_parts *parts, const struct gathered *all,
                                  struct sva_error *error)
{
    struct listing listing = {.count = 0};
    enum sva_status status = list_entries(parts, &listing, all->remote, all->remote_kept, error);
    if (status == SVA_OK) {
        status = list_entries(parts, &listing, all->local, all->local_kept, error);
    }
    if (status == SVA_OK) {
        status = sva_code_entries_count(parts, &listing.entries, error);
    }
    if (status == SVA_OK && all->count > listing.count) {
        char text[160];
        snprintf(text, sizeof text, "%llu more; of all %llu, %llu point to another repository",
                 (unsigned long long)(all->count - listing.count), (unsigned long long)all->count,
                 (unsigned long long)all->remote_count);
        status = sva_parts_fact(parts, SVA_KEY_AUTO_MAP_MORE, text, error);
    }
    if (status == SVA_OK && all->file_count > FINDINGS_MAX) {
        status = sva_parts_finding(parts, error, "remote-code", NULL,
                                   "%llu files in all ask their users to run code (auto_map).",
                                   (unsigned long long)all->file_count);
    }
    return status;
}

enum sva_status sva_auto_map_read(struct sva_parts *parts, struct sva_error *error)
{
    struct gathered *const all = sva_calloc(1, sizeof *all);
    if (all == NULL) {
        return sva_fail_memory(error, "reading auto_map");
    }
    const struct sva_scanned *const files = parts->scanned.items;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        /* by name only: what the first bytes look like would let a text pass for an archive */
        if (files[i].refused == NULL && files[i].content != SVA_CONTENT_SAFETENSORS &&
            is_configuration(files[i].base)) {
            status = read_file(parts, all, &files[i], error);
        }
    }
    if (status == SVA_OK) {
        status = make_facts(parts, all, error);
    }
    sva_free(all);
    return status;
}

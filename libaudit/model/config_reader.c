/* SPDX-License-Identifier: Apache-2.0 */
#include "model/config_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/json.h"

enum { PATH_BYTES = 512, LEAVES_MAX = 500000 };

/** Where the reader is: the path so far and, per open container, where it was shorter. */
struct place {
    char path[PATH_BYTES];
    size_t size;
    bool too_long;
    struct {
        size_t size;
        bool is_array;
        uint32_t index;
    } open[SVA_JSON_DEPTH_MAX];
    uint32_t depth;
};

static void push_part(struct place *place, const char *text, size_t size)
{
    const size_t dot = place->size > 0 ? 1 : 0;
    if (place->size + dot + size + 1 > sizeof place->path || memchr(text, '\0', size) != NULL) {
        place->too_long = true;
        return;
    }
    if (dot == 1) {
        place->path[place->size++] = '.';
    }
    memcpy(place->path + place->size, text, size);
    place->size += size;
    place->path[place->size] = '\0';
}

/** Back to the path of the innermost open container. */
static void rewind_place(struct place *place)
{
    place->size = place->depth > 0 ? place->open[place->depth - 1].size : 0;
    place->path[place->size] = '\0';
    place->too_long = false;
}

static void push_index(struct place *place)
{
    if (place->depth > 0 && place->open[place->depth - 1].is_array) {
        char text[16];
        rewind_place(place);
        const int length = snprintf(text, sizeof text, "%u", place->open[place->depth - 1].index++);
        push_part(place, text, (size_t)length);
    }
}

static enum sva_status add_leaf(struct sva_parts *parts, struct sva_config *config,
                                const struct place *place, const char *value, bool is_string,
                                struct sva_error *error)
{
    if (place->too_long) {
        return SVA_OK;
    }
    if (config->leaves.count >= LEAVES_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "the configuration has more than %d values",
                        LEAVES_MAX);
    }
    struct sva_config_leaf *const leaf = sva_list_add(&config->leaves);
    if (leaf == NULL) {
        return sva_fail_memory(error, "reading a configuration");
    }
    leaf->path = sva_arena_strndup(&parts->arena, place->path, place->size);
    leaf->value = sva_arena_strdup(&parts->arena, value);
    leaf->is_string = is_string;
    leaf->order = (uint32_t)config->leaves.count;
    return leaf->path == NULL || leaf->value == NULL
               ? sva_fail_memory(error, "reading a configuration")
               : SVA_OK;
}

static enum sva_status take_token(struct sva_parts *parts, struct sva_config *config,
                                  const struct sva_json *json, enum sva_json_token token,
                                  struct place *place, struct sva_error *error)
{
    switch (token) {
    case SVA_JSON_OBJECT_BEGIN:
    case SVA_JSON_ARRAY_BEGIN:
        push_index(place);
        if (place->depth == SVA_JSON_DEPTH_MAX) {
            return sva_fail(error, SVA_ERR_LIMIT, "the configuration is nested too deeply");
        }
        place->open[place->depth].size = place->size;
        place->open[place->depth].is_array = token == SVA_JSON_ARRAY_BEGIN;
        place->open[place->depth++].index = 0;
        return SVA_OK;
    case SVA_JSON_OBJECT_END:
    case SVA_JSON_ARRAY_END:
        place->depth--;
        rewind_place(place);
        return SVA_OK;
    case SVA_JSON_KEY:
        rewind_place(place);
        push_part(place, json->text, json->text_size);
        return SVA_OK;
    case SVA_JSON_STRING:
    case SVA_JSON_NUMBER:
        push_index(place);
        return add_leaf(parts, config, place, json->text, token == SVA_JSON_STRING, error);
    case SVA_JSON_TRUE:
    case SVA_JSON_FALSE:
        push_index(place);
        return add_leaf(parts, config, place, token == SVA_JSON_TRUE ? "true" : "false", false,
                        error);
    case SVA_JSON_NULL: push_index(place); return SVA_OK;
    case SVA_JSON_END: break;
    }
    return SVA_OK;
}

static int compare_leaves(const void *left, const void *right)
{
    const struct sva_config_leaf *const a = left;
    const struct sva_config_leaf *const b = right;
    const int by_path = strcmp(a->path, b->path);
    return by_path != 0 ? by_path : (a->order > b->order) - (a->order < b->order);
}

static enum sva_status sort_leaves(struct sva_parts *parts, const char *path,
                                   struct sva_config *config, struct sva_error *error)
{
    struct sva_config_leaf *const leaves = config->leaves.items;
    if (config->leaves.count < 2) {
        return SVA_OK;
    }
    qsort(leaves, config->leaves.count, sizeof *leaves, compare_leaves);
    size_t kept = 0;
    uint64_t repeated = 0;
    const char *first = NULL;
    for (size_t i = 1; i < config->leaves.count; i++) {
        if (strcmp(leaves[i].path, leaves[kept].path) == 0) {
            first = repeated++ == 0 ? leaves[i].path : first;
        } else {
            kept++;
        }
        leaves[kept] = leaves[i];
    }
    config->leaves.count = kept + 1;
    if (repeated == 0) {
        return SVA_OK;
    }
    return sva_parts_finding(parts, error, "duplicate-config-key", path,
                             "%s gives %s more than once; the last value counts.",
                             sva_esc(path).text, sva_esc(first).text);
}

enum sva_status sva_config_parse(struct sva_parts *parts, const char *path, struct sva_span text,
                                 struct sva_config *config, struct sva_error *error)
{
    const struct sva_escaped what = sva_esc(path);
    struct sva_json json;
    struct place *const place = sva_calloc(1, sizeof *place);
    if (place == NULL) {
        return sva_fail_memory(error, "reading a configuration");
    }
    sva_json_init(&json, text, what.text, 0, parts->limits.json_depth);
    config->leaves.item_size = sizeof(struct sva_config_leaf);
    enum sva_json_token token = SVA_JSON_NULL;
    bool first = true;
    enum sva_status status = SVA_OK;
    while (status == SVA_OK) {
        status = sva_json_next(&json, &token, error);
        if (status != SVA_OK || token == SVA_JSON_END) {
            break;
        }
        if (first && token != SVA_JSON_OBJECT_BEGIN) {
            status = sva_fail(error, SVA_ERR_CORRUPT, "%s is not a JSON object", what.text);
            break;
        }
        first = false;
        status = take_token(parts, config, &json, token, place, error);
    }
    sva_json_done(&json);
    sva_free(place);
    return status == SVA_OK ? sort_leaves(parts, path, config, error) : status;
}

/** First leaf whose path is not before `path`. */
static size_t lower_bound(const struct sva_config *config, const char *path)
{
    const struct sva_config_leaf *const leaves = config->leaves.items;
    size_t low = 0;
    size_t high = config->leaves.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(leaves[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum sva_status sva_config_put(struct sva_parts *parts, struct sva_config *config, const char *path,
                               const char *value, bool is_string, struct sva_error *error)
{
    if (sva_config_text(config, path) != NULL) {
        return SVA_OK;
    }
    const size_t at = lower_bound(config, path);
    const struct sva_config_leaf leaf = {
        .path = sva_arena_strdup(&parts->arena, path),
        .value = sva_arena_strdup(&parts->arena, value),
        .is_string = is_string,
        .order = (uint32_t)config->leaves.count,
    };
    config->leaves.item_size = sizeof leaf;
    if (leaf.path == NULL || leaf.value == NULL || sva_list_add(&config->leaves) == NULL) {
        return sva_fail_memory(error, "reading a configuration");
    }
    struct sva_config_leaf *const leaves = config->leaves.items;
    memmove(leaves + at + 1, leaves + at, (config->leaves.count - 1 - at) * sizeof leaf);
    leaves[at] = leaf;
    return SVA_OK;
}

const char *sva_config_text(const struct sva_config *config, const char *path)
{
    const struct sva_config_leaf *const leaves = config->leaves.items;
    const size_t at = lower_bound(config, path);
    return at < config->leaves.count && strcmp(leaves[at].path, path) == 0 ? leaves[at].value
                                                                           : NULL;
}

bool sva_config_u64(const struct sva_config *config, const char *section, const char *key,
                    uint64_t *value)
{
    char path[PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s%s", section, key);
    if (length < 0 || (size_t)length >= sizeof path) {
        return false;
    }
    const char *const text = sva_config_text(config, path);
    if (text == NULL || text[0] == '\0') {
        return false;
    }
    uint64_t number = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || number > UINT64_C(100000000000000000)) {
            return false;
        }
        number = number * 10 + (uint64_t)(*at - '0');
    }
    *value = number;
    return true;
}

bool sva_config_has_section(const struct sva_config *config, const char *section)
{
    const struct sva_config_leaf *const leaves = config->leaves.items;
    const size_t at = lower_bound(config, section);
    return at < config->leaves.count && strncmp(leaves[at].path, section, strlen(section)) == 0;
}

const char *sva_config_section(const struct sva_config *config, enum sva_component_kind kind)
{
    static const char *const text[] = {"text_config.",
                                       "llm_config.",
                                       "language_config.",
                                       "lm_config.",
                                       "thinker_config.text_config.",
                                       NULL};
    static const char *const vision[] = {"vision_config.",
                                         "visual.",
                                         "vit_config.",
                                         "vision_tower.",
                                         "thinker_config.vision_config.",
                                         NULL};
    static const char *const audio[] = {"audio_config.", "speech_config.", "audio_encoder.",
                                        "thinker_config.audio_config.", NULL};
    const char *const *names = kind == SVA_COMPONENT_VISION_ENCODER  ? vision
                               : kind == SVA_COMPONENT_AUDIO_ENCODER ? audio
                                                                     : text;
    for (; *names != NULL; names++) {
        if (sva_config_has_section(config, *names)) {
            return *names;
        }
    }
    return "";
}

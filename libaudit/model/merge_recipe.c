/* SPDX-License-Identifier: Apache-2.0 */
#include "model/merge_recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/model_facts.h"

struct recipe {
    struct sva_parts *parts;
    struct sva_error *error;
    char names[SVA_MERGE_MODELS_MAX][SVA_MERGE_NAME_BYTES];
    unsigned count;
    bool cut, has_base, has_method;
};

struct piece {
    const char *text;
    size_t size;
};

static void trim(struct piece *piece)
{
    while (piece->size > 0 && strchr(" \t\r", piece->text[0]) != NULL && piece->text[0] != '\0') {
        piece->text++;
        piece->size--;
    }
    while (piece->size > 0 && strchr(" \t\r", piece->text[piece->size - 1]) != NULL &&
           piece->text[piece->size - 1] != '\0') {
        piece->size--;
    }
}

/** What stands behind "key:" on the line, without quotes and comment; size 0: nothing usable. */
static struct piece value_of(struct piece line, const char *key)
{
    const size_t length = strlen(key);
    const struct piece none = {"", 0};
    if (line.size <= length || memcmp(line.text, key, length) != 0 || line.text[length] != ':') {
        return none;
    }
    struct piece value = {line.text + length + 1, line.size - length - 1};
    trim(&value);
    if (value.size > 0 && (value.text[0] == '"' || value.text[0] == '\'')) {
        const char *const close = memchr(value.text + 1, value.text[0], value.size - 1);
        value.size = close == NULL ? 0 : (size_t)(close - value.text) - 1;
        value.text++;
    } else {
        for (size_t i = 1; i < value.size; i++) {
            if (value.text[i] == '#' && value.text[i - 1] == ' ') {
                value.size = i;
            }
        }
        trim(&value);
    }
    const bool plain = value.size > 0 && value.size < SVA_MERGE_NAME_BYTES &&
                       memchr("&*!|>{[%@`#", value.text[0], 11) == NULL &&
                       memchr(value.text, '\0', value.size) == NULL &&
                       sva_utf8_valid_prefix((const uint8_t *)value.text, value.size) == value.size;
    return plain ? value : none;
}

static enum sva_status add_model(struct recipe *recipe, struct piece name)
{
    char key[32];
    for (unsigned i = 0; i < recipe->count; i++) {
        if (strlen(recipe->names[i]) == name.size &&
            memcmp(recipe->names[i], name.text, name.size) == 0) {
            return SVA_OK;
        }
    }
    if (recipe->count == SVA_MERGE_MODELS_MAX) {
        recipe->cut = true;
        return SVA_OK;
    }
    memcpy(recipe->names[recipe->count], name.text, name.size);
    recipe->names[recipe->count][name.size] = '\0';
    snprintf(key, sizeof key, "merge.model.%02u", recipe->count);
    return sva_parts_fact(recipe->parts, key, recipe->names[recipe->count++], recipe->error);
}

/** Of repeated keys the first counts. */
static enum sva_status add_text(struct recipe *recipe, bool *there, const char *key,
                                struct piece value)
{
    if (*there) {
        return SVA_OK;
    }
    *there = true;
    char text[SVA_MERGE_NAME_BYTES];
    memcpy(text, value.text, value.size);
    text[value.size] = '\0';
    return sva_parts_fact(recipe->parts, key, text, recipe->error);
}

static enum sva_status take_line(struct recipe *recipe, struct piece line)
{
    trim(&line);
    while (line.size > 1 && line.text[0] == '-' && line.text[1] == ' ') {
        line.text++;
        line.size--;
        trim(&line);
    }
    const struct piece model = value_of(line, "model");
    const struct piece base = value_of(line, "base_model");
    const struct piece method = value_of(line, "merge_method");
    return model.size > 0    ? add_model(recipe, model)
           : base.size > 0   ? add_text(recipe, &recipe->has_base, "merge.base_model", base)
           : method.size > 0 ? add_text(recipe, &recipe->has_method, "merge.method", method)
                             : SVA_OK;
}

enum sva_status sva_merge_recipe_parse(struct sva_parts *parts, const char *path,
                                       struct sva_span text, struct sva_error *error)
{
    struct recipe *const recipe = sva_calloc(1, sizeof *recipe);
    if (recipe == NULL) {
        return sva_fail_memory(error, "reading a merge recipe");
    }
    recipe->parts = parts;
    recipe->error = error;
    enum sva_status status = sva_parts_fact(parts, "merge.file", path, error);
    const char *at = (const char *)text.data;
    const char *const end = at + text.size;
    while (status == SVA_OK && at < end) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = newline == NULL ? end : newline;
        status = take_line(recipe, (struct piece){at, (size_t)(stop - at)});
        at = newline == NULL ? end : newline + 1;
    }
    if (status == SVA_OK && recipe->cut) {
        status = sva_parts_finding(parts, error, "merge-recipe-cut", path,
                                   "The merge recipe names more than %d models; the first were "
                                   "kept.",
                                   (int)SVA_MERGE_MODELS_MAX);
    }
    sva_free(recipe);
    return status;
}

enum sva_status sva_merge_recipe_read(struct sva_parts *parts, struct sva_error *error)
{
    static const char *const names[] = {"mergekit_config.yml", "mergekit_config.yaml"};
    ptrdiff_t found = -1;
    for (size_t i = 0; found < 0 && i < sizeof names / sizeof *names; i++) {
        found = sva_facts_root_file(parts, names[i]);
    }
    if (found < 0) {
        return SVA_OK;
    }
    const struct sva_scanned *const file = (const struct sva_scanned *)parts->scanned.items + found;
    struct sva_error problem = {.status = SVA_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.json_bytes, &bytes, &size, &problem);
    if (status == SVA_ERR_LIMIT) {
        return sva_parts_finding(parts, error, "merge-recipe-cut", file->path,
                                 "The merge recipe was not read: %s.", problem.text);
    }
    if (status != SVA_OK) {
        return sva_fail(error, status, "%s", problem.text);
    }
    status = sva_merge_recipe_parse(parts, file->path, (struct sva_span){bytes, size}, error);
    sva_free(bytes);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

void *sva_list_add(struct sva_list *list)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        void *const items = sva_realloc_array(list->items, capacity, list->item_size);
        if (items == NULL) {
            return NULL;
        }
        list->items = items;
        list->capacity = capacity;
    }
    unsigned char *const item = (unsigned char *)list->items + list->count * list->item_size;
    memset(item, 0, list->item_size);
    list->count++;
    return item;
}

void sva_list_done(struct sva_list *list)
{
    sva_free(list->items);
    list->items = NULL;
    list->count = 0;
    list->capacity = 0;
}

/** The value, or as reports show it where it is no UTF-8: names of files need not be. */
static const char *keep_value(struct sva_arena *arena, const char *value)
{
    enum { SHOWN_MOST = 4 }; /* characters for a byte: \xNN */
    const size_t length = strlen(value);
    if (sva_utf8_valid_prefix((const uint8_t *)value, length) == length) {
        return sva_arena_strndup(arena, value, length);
    }
    char *const shown = sva_arena_alloc(arena, SHOWN_MOST * length + 1, 1);
    return shown == NULL ? NULL : sva_escape(value, length, shown, SHOWN_MOST * length + 1);
}

enum sva_status sva_parts_fact(struct sva_parts *parts, const char *key, const char *value,
                               struct sva_error *error)
{
    struct sva_fact *const fact = sva_list_add(&parts->facts);
    if (fact == NULL) {
        return sva_fail_memory(error, "collecting facts");
    }
    fact->key = sva_arena_strdup(&parts->arena, key);
    fact->value = keep_value(&parts->arena, value);
    if (fact->key == NULL || fact->value == NULL) {
        parts->facts.count--;
        return sva_fail_memory(error, "collecting facts");
    }
    return SVA_OK;
}

enum sva_status sva_parts_fact_u64(struct sva_parts *parts, const char *key, uint64_t value,
                                   struct sva_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return sva_parts_fact(parts, key, text, error);
}

enum sva_status sva_parts_finding(struct sva_parts *parts, struct sva_error *error,
                                  const char *code, const char *file, const char *format, ...)
{
    char text[768];
    va_list arguments;
    va_start(arguments, format);
    const int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (written < 0) {
        text[0] = '\0';
    }
    text[sva_utf8_valid_prefix((const uint8_t *)text, strlen(text))] = '\0';
    struct sva_finding *const finding = sva_list_add(&parts->findings);
    if (finding == NULL) {
        return sva_fail_memory(error, "collecting findings");
    }
    finding->code = sva_arena_strdup(&parts->arena, code);
    finding->file = file == NULL ? NULL : sva_arena_strdup(&parts->arena, file);
    finding->text = sva_arena_strdup(&parts->arena, text);
    if (finding->code == NULL || finding->text == NULL || (file != NULL && finding->file == NULL)) {
        parts->findings.count--;
        return sva_fail_memory(error, "collecting findings");
    }
    return SVA_OK;
}

static int compare_facts(const void *left, const void *right)
{
    const struct sva_fact *const a = left;
    const struct sva_fact *const b = right;
    const int by_key = strcmp(a->key, b->key);
    return by_key != 0 ? by_key : strcmp(a->value, b->value);
}

static int compare_findings(const void *left, const void *right)
{
    const struct sva_finding *const a = left;
    const struct sva_finding *const b = right;
    const int by_code = strcmp(a->code, b->code);
    if (by_code != 0) {
        return by_code;
    }
    const int by_file = strcmp(a->file == NULL ? "" : a->file, b->file == NULL ? "" : b->file);
    return by_file != 0 ? by_file : strcmp(a->text, b->text);
}

void sva_parts_sort(struct sva_parts *parts)
{
    struct sva_fact *const facts = parts->facts.items;
    if (parts->facts.count > 1) {
        qsort(facts, parts->facts.count, sizeof *facts, compare_facts);
        size_t kept = 1;
        for (size_t i = 1; i < parts->facts.count; i++) {
            if (strcmp(facts[i].key, facts[kept - 1].key) != 0) {
                facts[kept++] = facts[i];
            }
        }
        parts->facts.count = kept;
    }
    if (parts->findings.count > 1) {
        qsort(parts->findings.items, parts->findings.count, sizeof(struct sva_finding),
              compare_findings);
    }
}

/** As strcmp() of `path` and `directory`/`base`, or `base` alone where the directory is "". */
static int compare_joined(const char *path, const char *directory, const char *base)
{
    const size_t size = strlen(directory);
    const int order = strncmp(path, directory, size);
    if (size == 0 || order != 0) {
        return order != 0 ? order : strcmp(path, base);
    }
    return path[size] == '/' ? strcmp(path + size + 1, base)
                             : (unsigned char)path[size] - (unsigned char)'/';
}

ptrdiff_t sva_parts_find_in(const struct sva_parts *parts, const char *directory, const char *base)
{
    const struct sva_scanned *const files = parts->scanned.items;
    size_t low = 0;
    size_t high = parts->scanned.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_joined(files[middle].path, directory, base);
        if (order == 0) {
            return (ptrdiff_t)middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

ptrdiff_t sva_parts_find_file(const struct sva_parts *parts, const char *path)
{
    return sva_parts_find_in(parts, "", path);
}

enum sva_status sva_parts_open(const struct sva_parts *parts, const struct sva_scanned *file,
                               struct sva_input *input, struct sva_error *error)
{
    if (file->entry != NULL) {
        return sva_archive_open_entry(&parts->archive, file->entry, file->path, input, error);
    }
    enum sva_status status = sva_input_open(-1, file->real_path, false, input, error);
    if (status != SVA_OK) {
        return status;
    }
    if (input->size_bytes != file->size_bytes || input->device != file->device ||
        input->inode != file->inode) {
        sva_input_close(input);
        return sva_fail(error, SVA_ERR_CONFLICT, "%s changed while the model was read",
                        sva_esc(file->path).text);
    }
    return SVA_OK;
}

enum sva_status sva_parts_read(const struct sva_parts *parts, const struct sva_scanned *file,
                               uint64_t limit_bytes, uint8_t **bytes, size_t *size,
                               struct sva_error *error)
{
    struct sva_input input = {0};
    enum sva_status status = sva_parts_open(parts, file, &input, error);
    if (status != SVA_OK) {
        return status;
    }
    status = sva_input_read_all(&input, limit_bytes, bytes, size, error);
    sva_input_close(&input);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/shard_check.h"

#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/text.h"
#include "model/weight_files.h"

enum { SHARDS_MAX = 1000000, COMPARED_BYTES = 1 << 18 };

int sva_name_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static bool read_digits(const char *text, size_t *at, uint32_t *value)
{
    const size_t start = *at;
    uint32_t number = 0;
    while (text[*at] >= '0' && text[*at] <= '9' && *at - start < 6) {
        number = number * 10 + (uint32_t)(text[(*at)++] - '0');
    }
    *value = number;
    return *at - start >= 5;
}

bool sva_shard_number(const char *base, size_t *prefix_bytes, uint32_t *number, uint32_t *total)
{
    const char *of = strstr(base, "-of-");
    while (of != NULL) {
        size_t start = (size_t)(of - base);
        while (start > 0 && base[start - 1] >= '0' && base[start - 1] <= '9') {
            start--;
        }
        size_t at = start;
        size_t after = (size_t)(of - base) + 4;
        if (start > 1 && (base[start - 1] == '-' || base[start - 1] == '_') &&
            read_digits(base, &at, number) && base + at == of && read_digits(base, &after, total) &&
            strcmp(base + after, ".safetensors") == 0) {
            *prefix_bytes = start - 1;
            return true;
        }
        of = strstr(of + 1, "-of-");
    }
    return false;
}

enum sva_status sva_shards_check_numbers(struct sva_parts *parts, uint16_t group,
                                         struct sva_error *error)
{
    const struct sva_scanned *const files = parts->scanned.items;
    const struct sva_scanned *previous = NULL;
    size_t previous_bytes = 0;
    uint32_t expected = 1;
    uint32_t set_total = 0;
    for (size_t i = 0; i <= parts->scanned.count; i++) {
        const struct sva_scanned *const file = i < parts->scanned.count ? &files[i] : NULL;
        size_t prefix_bytes = 0;
        uint32_t number = 0;
        uint32_t total = 0;
        const bool shard = file != NULL && file->audited && file->group == group &&
                           sva_shard_number(file->base, &prefix_bytes, &number, &total);
        if (file != NULL && !shard) {
            continue;
        }
        const bool same_set = shard && previous != NULL && prefix_bytes == previous_bytes &&
                              memcmp(file->base, previous->base, prefix_bytes) == 0;
        if (previous != NULL && !same_set && expected != set_total + 1) {
            return sva_fail(error, SVA_ERR_CORRUPT,
                            "shard %u of %u of the set of %s is missing, and no index lists the "
                            "shards",
                            expected, set_total, sva_esc(previous->path).text);
        }
        if (!shard) {
            break;
        }
        expected = same_set ? expected : 1;
        set_total = same_set ? set_total : total;
        if (number != expected || total != set_total || total > SHARDS_MAX) {
            return sva_fail(error, SVA_ERR_CORRUPT,
                            "%s breaks the numbering of its shards: %u of %u was expected",
                            sva_esc(file->path).text, expected, set_total);
        }
        expected++;
        previous = file;
        previous_bytes = prefix_bytes;
    }
    return SVA_OK;
}

static const struct sva_shard_entry *find_entry(const struct sva_shard_index *index,
                                                const struct sva_tensor *tensor)
{
    size_t low = 0;
    size_t high = index->entry_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct sva_shard_entry *const entry = &index->entries[middle];
        const int order =
            sva_name_compare(entry->tensor, entry->tensor_bytes, tensor->name, tensor->name_bytes);
        if (order == 0) {
            return entry;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/** First tensor whose name is not before the entry's. */
static size_t first_tensor(const struct sva_parts *parts, const struct sva_shard_entry *entry)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    size_t low = 0;
    size_t high = parts->tensors.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sva_name_compare(tensors[middle].name, tensors[middle].name_bytes, entry->tensor,
                             entry->tensor_bytes) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_mapped_file(const struct sva_scanned *file, const char *directory, const char *name)
{
    const size_t size = strlen(directory);
    if (size == 0) {
        return strcmp(file->path, name) == 0;
    }
    return strncmp(file->path, directory, size) == 0 && file->path[size] == '/' &&
           strcmp(file->path + size + 1, name) == 0;
}

/** Do two tensors have one type and shape, and the same bytes? Errors: MEMORY, IO, CONFLICT ... */
static enum sva_status same_stored(const struct sva_parts *parts, const struct sva_tensor *a,
                                   const struct sva_tensor *b, bool *same, struct sva_error *error)
{
    *same = a->dtype == b->dtype && a->rank == b->rank && a->size_bytes == b->size_bytes &&
            memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0;
    uint8_t *const bytes = sva_calloc(2, COMPARED_BYTES);
    enum sva_status status =
        bytes == NULL ? sva_fail_memory(error, "comparing copies of a tensor") : SVA_OK;
    for (uint64_t at = 0; status == SVA_OK && *same && at < a->size_bytes; at += COMPARED_BYTES) {
        const uint64_t left = a->size_bytes - at;
        const size_t size = left < COMPARED_BYTES ? (size_t)left : COMPARED_BYTES;
        uint8_t *const other = bytes + COMPARED_BYTES;
        if (sva_is_cancelled(parts->limits.progress)) {
            status = sva_fail(error, SVA_ERR_CANCELLED, "stopped on request");
            break;
        }
        status = sva_model_read(&parts->model, a->file, a->offset_bytes + at, bytes, size, error);
        if (status == SVA_OK) {
            status =
                sva_model_read(&parts->model, b->file, b->offset_bytes + at, other, size, error);
        }
        *same = status == SVA_OK && memcmp(bytes, other, size) == 0;
    }
    sva_free(bytes);
    return status;
}

/**
 * Loaders take all tensors of all shards, and the last copy wins; only some ask the index. Copies
 * are fine when they are the same. In checkpoints tensors may share bytes, so that comparing could
 * take any time: there no writer makes copies, and none is taken.
 */
static enum sva_status check_copy(const struct sva_parts *parts, const struct sva_tensor *mapped,
                                  const struct sva_tensor *copy, struct sva_error *error)
{
    const struct sva_scanned *const files = parts->scanned.items;
    bool same = false;
    const enum sva_status status = files[copy->file].kind == SVA_FILE_SAFETENSORS
                                       ? same_stored(parts, mapped, copy, &same, error)
                                       : SVA_OK;
    if (status != SVA_OK || same) {
        return status;
    }
    return sva_fail(error, SVA_ERR_CORRUPT,
                    "the tensor %s is stored in %s and again in %s, and loaders disagree which "
                    "counts",
                    sva_escn(copy->name, copy->name_bytes).text,
                    sva_esc(files[mapped->file].path).text, sva_esc(files[copy->file].path).text);
}

/** Every tensor of the map is in its file, and other shards hold nothing else under its name. */
static enum sva_status check_mapped(const struct sva_parts *parts, uint16_t group, const char *path,
                                    const struct sva_shard_index *index, struct sva_error *error)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_scanned *const files = parts->scanned.items;
    const char *const directory = ((const struct sva_group *)parts->groups.items)[group].directory;
    for (size_t i = 0; i < index->entry_count; i++) {
        const struct sva_shard_entry *const entry = &index->entries[i];
        const struct sva_tensor *mapped = NULL;
        const size_t first = first_tensor(parts, entry);
        size_t end = first;
        for (; end < parts->tensors.count &&
               sva_name_compare(tensors[end].name, tensors[end].name_bytes, entry->tensor,
                                entry->tensor_bytes) == 0;
             end++) {
            const struct sva_scanned *const file = &files[tensors[end].file];
            if (file->group == group && is_mapped_file(file, directory, entry->file)) {
                mapped = &tensors[end];
            }
        }
        if (mapped == NULL) {
            return sva_fail(error, SVA_ERR_CORRUPT,
                            "%s maps the tensor %s to %s, which does not hold it",
                            sva_esc(path).text, sva_escn(entry->tensor, entry->tensor_bytes).text,
                            sva_esc(entry->file).text);
        }
        for (size_t t = first; t < end; t++) {
            const enum sva_status status =
                &tensors[t] != mapped && files[tensors[t].file].group == group
                    ? check_copy(parts, mapped, &tensors[t], error)
                    : SVA_OK;
            if (status != SVA_OK) {
                return status;
            }
        }
    }
    return SVA_OK;
}

static enum sva_status report_stray(struct sva_parts *parts, const char *code, uint64_t count,
                                    const struct sva_tensor *first, const char *what,
                                    struct sva_error *error)
{
    if (count == 0) {
        return SVA_OK;
    }
    const struct sva_scanned *const file =
        (const struct sva_scanned *)parts->scanned.items + first->file;
    return sva_parts_finding(parts, error, code, file->path, "%llu tensors %s, the first being %s.",
                             (unsigned long long)count, what,
                             sva_escn(first->name, first->name_bytes).text);
}

/** Drops copies that the index does not point to; notes tensors beside the map. */
static enum sva_status sift_tensors(struct sva_parts *parts, uint16_t group,
                                    const struct sva_shard_index *index, struct sva_error *error)
{
    struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_scanned *const files = parts->scanned.items;
    const char *const directory = ((const struct sva_group *)parts->groups.items)[group].directory;
    size_t kept = 0;
    uint64_t beside = 0;
    uint64_t shadowed = 0;
    struct sva_tensor first_beside = {0};
    struct sva_tensor first_shadowed = {0};
    for (size_t i = 0; i < parts->tensors.count; i++) {
        const struct sva_tensor tensor = tensors[i];
        const struct sva_scanned *const file = &files[tensor.file];
        const struct sva_shard_entry *const entry =
            file->group == group ? find_entry(index, &tensor) : NULL;
        if (file->group == group && entry == NULL) {
            first_beside = beside++ == 0 ? tensor : first_beside;
        } else if (entry != NULL && !is_mapped_file(file, directory, entry->file)) {
            first_shadowed = shadowed++ == 0 ? tensor : first_shadowed;
            continue;
        }
        tensors[kept++] = tensor;
    }
    parts->tensors.count = kept;
    const enum sva_status status =
        report_stray(parts, "tensor-not-in-index", beside, &first_beside,
                     "are stored in a shard but not in the index", error);
    return status != SVA_OK ? status
                            : report_stray(parts, "tensor-shadowed", shadowed, &first_shadowed,
                                           "are stored again in a shard that the index does not "
                                           "name for them; these copies are not audited",
                                           error);
}

enum sva_status sva_shards_check_index(struct sva_parts *parts, uint16_t group, const char *path,
                                       const struct sva_shard_index *index, struct sva_error *error)
{
    enum sva_status status = check_mapped(parts, group, path, index, error);
    if (status == SVA_OK) {
        status = sift_tensors(parts, group, index, error);
    }
    if (status != SVA_OK || !index->has_total_size) {
        return status;
    }
    const struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_scanned *const files = parts->scanned.items;
    uint64_t total = 0;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        if (files[tensors[i].file].group == group &&
            !sva_add_u64(total, tensors[i].size_bytes, &total)) {
            return sva_fail(error, SVA_ERR_LIMIT, "the tensors of %s are larger than 2^64 bytes",
                            sva_esc(path).text);
        }
    }
    if (total == index->total_size_bytes) {
        return SVA_OK;
    }
    return sva_parts_finding(parts, error, "total-size-mismatch", path,
                             "%s states %llu bytes of tensors, the shards hold %llu.",
                             sva_esc(path).text, (unsigned long long)index->total_size_bytes,
                             (unsigned long long)total);
}

enum sva_status sva_shards_check_names(const struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_scanned *const files = parts->scanned.items;
    for (size_t i = 1; i < parts->tensors.count; i++) {
        /* equal names stand together, sorted by file; groups may share names */
        for (size_t k = i;
             k-- > 0 && sva_name_compare(tensors[k].name, tensors[k].name_bytes, tensors[i].name,
                                         tensors[i].name_bytes) == 0;) {
            if (files[tensors[k].file].group == files[tensors[i].file].group) {
                return sva_fail(error, SVA_ERR_CORRUPT,
                                "the tensor %s is stored in both %s and %s, and no index says "
                                "which counts",
                                sva_escn(tensors[i].name, tensors[i].name_bytes).text,
                                sva_esc(files[tensors[k].file].path).text,
                                sva_esc(files[tensors[i].file].path).text);
            }
        }
    }
    return SVA_OK;
}

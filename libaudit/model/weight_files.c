/* SPDX-License-Identifier: Apache-2.0 */
#include "model/weight_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/shard_check.h"
#include "model/weight_formats.h"

/* Shards beyond these are opened again for each read, to spare descriptors. */
enum { INPUTS_MAX = 256, GROUPS_MAX = 256 };

static struct sva_scanned *file_at(const struct sva_parts *parts, size_t index)
{
    return (struct sva_scanned *)parts->scanned.items + index;
}

static const struct sva_group *group_at(const struct sva_parts *parts, uint16_t group)
{
    return (const struct sva_group *)parts->groups.items + group;
}

static bool in_directory(const struct sva_scanned *file, const char *directory)
{
    return strcmp(file->directory, directory) == 0;
}

static bool holds_kind(const struct sva_parts *parts, const char *directory,
                       enum sva_file_kind kind)
{
    for (size_t i = 0; i < parts->scanned.count; i++) {
        if (file_at(parts, i)->kind == kind && in_directory(file_at(parts, i), directory)) {
            return true;
        }
    }
    return false;
}

/** The format that counts in a directory, or NULL. */
static const struct sva_weight_format *format_in(const struct sva_parts *parts,
                                                 const char *directory)
{
    size_t count = 0;
    const struct sva_weight_format *const formats = sva_weight_formats(&count);
    for (size_t i = 0; i < count; i++) {
        if (holds_kind(parts, directory, formats[i].kind)) {
            return &formats[i];
        }
    }
    return NULL;
}

static enum sva_status add_group(struct sva_parts *parts, const char *directory,
                                 struct sva_error *error)
{
    const struct sva_weight_format *const format = format_in(parts, directory);
    if (parts->groups.count >= GROUPS_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "weights lie in more than %d subdirectories",
                        GROUPS_MAX);
    }
    struct sva_group *const group = sva_list_add(&parts->groups);
    if (group == NULL) {
        return sva_fail_memory(error, "opening a model");
    }
    group->directory = directory;
    group->kind = format == NULL ? SVA_FILE_SAFETENSORS : format->kind;
    group->config.leaves.item_size = sizeof(struct sva_config_leaf);
    return SVA_OK;
}

/** The root is a group; subdirectories are when the root has no weights or lists its parts. */
static enum sva_status find_groups(struct sva_parts *parts, struct sva_error *error)
{
    const bool root = format_in(parts, "") != NULL;
    const bool composed = !root || sva_parts_find_file(parts, "model_index.json") >= 0 ||
                          sva_parts_find_file(parts, "modules.json") >= 0;
    enum sva_status status = root ? add_group(parts, "", error) : SVA_OK;
    const char *last = "";
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        if (sva_weight_format_of(file->kind) == NULL || file->directory[0] == '\0') {
            continue;
        }
        if (composed && strcmp(file->directory, last) != 0) {
            status = add_group(parts, file->directory, error);
            last = file->directory;
        }
    }
    if (status == SVA_OK && !root && parts->groups.count > 1 &&
        sva_parts_find_file(parts, "model_index.json") < 0) {
        return sva_parts_finding(parts, error, "several-parts", NULL,
                                 "Weights lie in %llu subdirectories, and no model_index.json "
                                 "says that they belong together; they were taken for parts of "
                                 "one model.",
                                 (unsigned long long)parts->groups.count);
    }
    return status;
}

/** Weights in one file, by the names that loaders look for; an index has such a name and more. */
static const struct single {
    enum sva_file_kind kind;
    const char *stem, *base;
} singles[] = {
    {SVA_FILE_SAFETENSORS, "model", "model.safetensors"},
    {SVA_FILE_SAFETENSORS, "diffusion_pytorch_model", "diffusion_pytorch_model.safetensors"},
    {SVA_FILE_TORCH, "pytorch_model", "pytorch_model.bin"},
    {SVA_FILE_TORCH, "diffusion_pytorch_model", "diffusion_pytorch_model.bin"},
};

enum { SINGLES = sizeof singles / sizeof *singles };

/** "model.safetensors.index.json", "model.fp16.safetensors.index.json"; no loader opens others. */
static bool is_weight_index(const char *base, enum sva_file_kind kind)
{
    static const char end[] = ".index.json";
    for (size_t i = 0; i < SINGLES; i++) {
        const size_t stem = strlen(singles[i].stem);
        if (singles[i].kind != kind || strncmp(base, singles[i].stem, stem) != 0) {
            continue;
        }
        const char *const ending = singles[i].base + stem; /* ".safetensors", ".bin" */
        const size_t ending_bytes = strlen(ending);
        const size_t size = strlen(base);
        const size_t least = stem + ending_bytes + sizeof end - 1;
        if (size >= least && strcmp(base + size - (sizeof end - 1), end) == 0 &&
            memcmp(base + size - (least - stem), ending, ending_bytes) == 0 &&
            (size == least || base[stem] == '.')) {
            return true;
        }
    }
    return false;
}

/** model.safetensors.index.json first, then the first by name; -1: none. */
static ptrdiff_t choose_index(const struct sva_parts *parts, const char *directory,
                              enum sva_file_kind kind)
{
    ptrdiff_t chosen = -1;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        if (file->refused != NULL || !in_directory(file, directory) ||
            !is_weight_index(file->base, kind)) {
            continue;
        }
        if (chosen < 0 || strcmp(file->base, "model.safetensors.index.json") == 0) {
            chosen = (ptrdiff_t)i;
        }
    }
    return chosen;
}

static enum sva_status read_index(struct sva_parts *parts, const struct sva_scanned *file,
                                  struct sva_shard_index *index, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.index_bytes, &bytes, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_escaped what = sva_esc(file->path);
    status = sva_shard_index_parse((struct sva_span){bytes, size}, what.text, &parts->limits, index,
                                   error);
    sva_free(bytes);
    for (size_t i = 0; status == SVA_OK && i < index->finding_count; i++) {
        status = sva_parts_finding(parts, error, index->findings[i].code, file->path, "%s",
                                   index->findings[i].text);
    }
    return status;
}

/** Marks the shards that an index names; one that is not there is CORRUPT. */
static enum sva_status mark_mapped(struct sva_parts *parts, uint16_t group, const char *path,
                                   const struct sva_shard_index *index, struct sva_error *error)
{
    const char *const directory = group_at(parts, group)->directory;
    const enum sva_file_kind kind = group_at(parts, group)->kind;
    const char *last = NULL;
    for (size_t i = 0; i < index->entry_count; i++) {
        const char *const name = index->entries[i].file;
        if (last != NULL && strcmp(name, last) == 0) {
            continue;
        }
        last = name;
        const ptrdiff_t found = sva_parts_find_in(parts, directory, name);
        if (found < 0) {
            return sva_fail(error, SVA_ERR_CORRUPT, "%s names the shard %s, which is not there",
                            sva_esc(path).text, sva_esc(name).text);
        }
        struct sva_scanned *const file = file_at(parts, (size_t)found);
        if (file->kind != kind) {
            return sva_fail(error, SVA_ERR_CORRUPT, "%s names the shard %s, which is %s",
                            sva_esc(path).text, sva_esc(name).text,
                            sva_content_name(file->content));
        }
        file->audited = true;
        file->group = group;
    }
    return SVA_OK;
}

/** Some loaders take a single file before any index, others after it: it must be a shard. */
static enum sva_status check_singles(const struct sva_parts *parts, uint16_t group,
                                     const char *path, struct sva_error *error)
{
    const enum sva_file_kind kind = group_at(parts, group)->kind;
    for (size_t i = 0; i < SINGLES; i++) {
        const ptrdiff_t found =
            singles[i].kind == kind
                ? sva_parts_find_in(parts, group_at(parts, group)->directory, singles[i].base)
                : -1;
        const struct sva_scanned *const file = found < 0 ? NULL : file_at(parts, (size_t)found);
        if (file != NULL && !file->audited && file->refused == NULL &&
            (file->kind == kind || (kind == SVA_FILE_TORCH && file->kind == SVA_FILE_PICKLE))) {
            return sva_fail(error, SVA_ERR_CORRUPT,
                            "loaders disagree about %s: some take it alone, others the shards that "
                            "%s names, and it is none of them",
                            sva_esc(file->path).text, sva_esc(path).text);
        }
    }
    return SVA_OK;
}

/** "model.fp16.safetensors" beside "model.safetensors": the same weights again. */
static bool is_variant(const struct sva_parts *parts, const struct sva_scanned *file)
{
    for (size_t i = 0; i < SINGLES; i++) {
        const size_t size = strlen(singles[i].stem);
        if (singles[i].kind == SVA_FILE_SAFETENSORS &&
            strncmp(file->base, singles[i].stem, size) == 0 && file->base[size] == '.' &&
            strcmp(file->base, singles[i].base) != 0 &&
            sva_parts_find_in(parts, file->directory, singles[i].base) >= 0) {
            return true;
        }
    }
    return false;
}

static bool is_consolidated(const struct sva_scanned *file)
{
    return sva_starts_with(file->base, "consolidated");
}

/** A second copy of the weights, or no weights at all: nothing while there is anything else. */
static bool is_aside(const struct sva_scanned *file)
{
    return is_consolidated(file) || sva_is_training_state(file->base);
}

/** Without an index every file of the kind counts, except second copies and a run's state. */
static void mark_all(struct sva_parts *parts, uint16_t group)
{
    const char *const directory = group_at(parts, group)->directory;
    const enum sva_file_kind kind = group_at(parts, group)->kind;
    bool others = false;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        others = others || (file->kind == kind && in_directory(file, directory) &&
                            !is_aside(file));
    }
    for (size_t i = 0; i < parts->scanned.count; i++) {
        struct sva_scanned *const file = file_at(parts, i);
        if (file->kind == kind && in_directory(file, directory) &&
            !(others && is_aside(file)) && !is_variant(parts, file)) {
            file->audited = true;
            file->group = group;
        }
    }
}

static enum sva_status mark_loose(struct sva_parts *parts, uint16_t group, struct sva_error *error)
{
    const struct sva_weight_format *const format =
        sva_weight_format_of(group_at(parts, group)->kind);
    if (format != NULL && format->choose != NULL) {
        return format->choose(parts, group, error);
    }
    mark_all(parts, group);
    return SVA_OK;
}

/** What is not read counts as what it is: executable, or weights that nobody looked at. */
static void demote_left_out(struct sva_parts *parts)
{
    for (size_t i = 0; i < parts->scanned.count; i++) {
        struct sva_scanned *const file = file_at(parts, i);
        if (!file->audited && file->kind == SVA_FILE_TORCH) {
            file->kind = SVA_FILE_PICKLE;
        } else if (!file->audited && sva_file_is_audited(file->kind)) {
            file->explained = file->explained || file->kind == SVA_FILE_SAFETENSORS;
            file->kind = SVA_FILE_WEIGHTS;
        }
    }
}

static enum sva_status note_left_out(struct sva_parts *parts, bool indexed, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        if (file->kind != SVA_FILE_SAFETENSORS || file->audited) {
            continue;
        }
        const bool again = is_consolidated(file) || is_variant(parts, file);
        status = sva_parts_finding(parts, error, again ? "duplicate-weights" : "not-audited",
                                   file->path, "%s is a safetensors file that is not audited: %s.",
                                   sva_esc(file->path).text,
                                   again ? "it seems to hold the model's weights a second time"
                                   : sva_is_training_state(file->base)
                                       ? "it holds the state of a training run"
                                   : indexed ? "the index does not name it"
                                             : "it lies in a subdirectory beside the model");
    }
    return status;
}

static enum sva_status keep_header(struct sva_parts *parts, size_t file_index,
                                   const struct sva_input *input, struct sva_error *error)
{
    struct sva_container *const header = sva_list_add(&parts->headers);
    if (header == NULL) {
        return sva_fail_memory(error, "reading headers");
    }
    const struct sva_scanned *const file = file_at(parts, file_index);
    enum sva_status status =
        sva_weight_format_of(file->kind)->read(parts, file_index, input, header, error);
    if (status != SVA_OK) {
        parts->headers.count--;
        return status;
    }
    parts->unclaimed_bytes += header->unclaimed_bytes;
    for (size_t i = 0; status == SVA_OK && i < header->finding_count; i++) {
        status = sva_parts_finding(parts, error, header->findings[i].code, file->path, "%s",
                                   header->findings[i].text);
    }
    if (header->tensor_count > parts->limits.tensor_count - parts->tensors.count) {
        return sva_fail(error, SVA_ERR_LIMIT, "the model has more than %llu tensors",
                        (unsigned long long)parts->limits.tensor_count);
    }
    for (size_t i = 0; status == SVA_OK && i < header->tensor_count; i++) {
        struct sva_tensor *const tensor = sva_list_add(&parts->tensors);
        if (tensor == NULL) {
            return sva_fail_memory(error, "reading headers");
        }
        *tensor = header->tensors[i];
        tensor->file = (uint32_t)file_index;
    }
    for (size_t i = 0; status == SVA_OK && i < header->metadata_count && i < 64; i++) {
        if (strlen(header->metadata[i].value) <= 256 && strlen(header->metadata[i].key) <= 64) {
            char key[80] = "metadata.";
            memcpy(key + 9, header->metadata[i].key, strlen(header->metadata[i].key) + 1);
            status = sva_parts_fact(parts, key, header->metadata[i].value, error);
        }
    }
    return status;
}

static enum sva_status read_header(struct sva_parts *parts, size_t file_index,
                                   struct sva_error *error)
{
    struct sva_scanned *const file = file_at(parts, file_index);
    struct sva_input *const input = sva_calloc(1, sizeof *input);
    if (input == NULL) {
        return sva_fail_memory(error, "reading headers");
    }
    enum sva_status status = sva_parts_open(parts, file, input, error);
    if (status == SVA_OK) {
        status = keep_header(parts, file_index, input, error);
        if (status == SVA_OK && parts->open_inputs < INPUTS_MAX) {
            file->input = input;
            parts->open_inputs++;
            return SVA_OK;
        }
        sva_input_close(input);
    }
    sva_free(input);
    return status;
}

static int compare_tensors(const void *left, const void *right)
{
    const struct sva_tensor *const a = left;
    const struct sva_tensor *const b = right;
    const int order = sva_name_compare(a->name, a->name_bytes, b->name, b->name_bytes);
    return order != 0 ? order : (a->file > b->file) - (a->file < b->file);
}

static enum sva_status read_headers(struct sva_parts *parts, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        if (file_at(parts, i)->audited) {
            status = read_header(parts, i, error);
        }
    }
    if (status == SVA_OK && parts->tensors.count > 1) {
        qsort(parts->tensors.items, parts->tensors.count, sizeof(struct sva_tensor),
              compare_tensors);
    }
    return status;
}

/** Nothing to audit: says what was there instead. */
static enum sva_status fail_nothing(const struct sva_parts *parts, bool single,
                                    struct sva_error *error)
{
    size_t pickles = 0;
    const struct sva_scanned *first = NULL;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        pickles += file->kind == SVA_FILE_PICKLE;
        if ((file->kind == SVA_FILE_PICKLE || file->kind == SVA_FILE_WEIGHTS) && first == NULL) {
            first = file;
        }
        if (file->content == SVA_CONTENT_GGML ||
            (single && (file->content == SVA_CONTENT_ZIP || file->content == SVA_CONTENT_TAR ||
                        file->content == SVA_CONTENT_COMPRESSED))) {
            return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s is %s; this version does not read it",
                            sva_esc(file->path).text, sva_content_name(file->content));
        }
    }
    const struct sva_escaped root = sva_esc(parts->model.root);
    if (single && parts->scanned.count == 1) {
        return sva_fail(error, SVA_ERR_NOTHING, "%s is %s; there is nothing to audit in it",
                        root.text, sva_content_name(file_at(parts, 0)->content));
    }
    if (first == NULL) {
        return sva_fail(error, SVA_ERR_NOTHING, "%s holds no weights among its %llu files",
                        root.text, (unsigned long long)parts->scanned.count);
    }
    return sva_fail(error, SVA_ERR_NOTHING,
                    "%s holds no weights that can be audited; found %s (%s) and %llu pickles in "
                    "all, which are never loaded",
                    root.text, sva_esc(first->path).text, sva_content_name(first->content),
                    (unsigned long long)pickles);
}

/** One shard of several, named by itself: allowed, and said. */
static enum sva_status note_lone_shard(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_scanned *const file = file_at(parts, 0);
    size_t prefix_bytes = 0;
    uint32_t number = 0;
    uint32_t total = 0;
    if (!sva_shard_number(file->base, &prefix_bytes, &number, &total) || total < 2) {
        return SVA_OK;
    }
    return sva_parts_finding(parts, error, "lone-shard", file->path,
                             "%s is shard %u of %u; the others were not looked at.",
                             sva_esc(file->path).text, number, total);
}

/** Files of one group: by its index if it has one. Leaves the index parsed. */
static enum sva_status mark_group(struct sva_parts *parts, uint16_t group,
                                  struct sva_shard_index *index, const char **index_path,
                                  struct sva_error *error)
{
    const enum sva_file_kind kind = group_at(parts, group)->kind;
    const ptrdiff_t chosen = choose_index(parts, group_at(parts, group)->directory, kind);
    *index_path = NULL;
    if (chosen < 0) {
        const enum sva_status status = mark_loose(parts, group, error);
        if (status != SVA_OK || kind == SVA_FILE_GGUF) {
            return status; /* GGUF files number their parts inside */
        }
        return parts->single ? note_lone_shard(parts, error)
                             : sva_shards_check_numbers(parts, group, error);
    }
    *index_path = file_at(parts, (size_t)chosen)->path;
    file_at(parts, (size_t)chosen)->chosen_index = true;
    index->ending = sva_weight_format_of(kind)->ending;
    const enum sva_status status = read_index(parts, file_at(parts, (size_t)chosen), index, error);
    if (status != SVA_OK) {
        return status;
    }
    const enum sva_status marked = mark_mapped(parts, group, *index_path, index, error);
    return marked == SVA_OK ? check_singles(parts, group, *index_path, error) : marked;
}

static enum sva_status read_groups(struct sva_parts *parts, struct sva_shard_index *indexes,
                                   const char **paths, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    bool indexed = false;
    for (size_t g = 0; status == SVA_OK && g < parts->groups.count; g++) {
        status = mark_group(parts, (uint16_t)g, &indexes[g], &paths[g], error);
        indexed = indexed || paths[g] != NULL;
    }
    if (status == SVA_OK) {
        status = note_left_out(parts, indexed, error);
    }
    if (status == SVA_OK) {
        status = read_headers(parts, error);
    }
    for (size_t g = 0; status == SVA_OK && g < parts->groups.count; g++) {
        if (paths[g] != NULL) {
            status = sva_shards_check_index(parts, (uint16_t)g, paths[g], &indexes[g], error);
        }
    }
    return status == SVA_OK ? sva_shards_check_names(parts, error) : status;
}

static enum sva_status start_assignments(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        struct sva_assignment *const assigned = sva_list_add(&parts->assignments);
        if (assigned == NULL) {
            return sva_fail_memory(error, "opening a model");
        }
        assigned->group = file_at(parts, tensors[i].file)->group;
    }
    return SVA_OK;
}

enum sva_status sva_weights_read(struct sva_parts *parts, bool single, struct sva_error *error)
{
    parts->single = single;
    enum sva_status status = SVA_OK;
    const ptrdiff_t root_index = choose_index(parts, "", SVA_FILE_SAFETENSORS);
    if (root_index >= 0 && format_in(parts, "") == NULL) {
        status = add_group(parts, "", error); /* shards in subdirectories, or missing */
    } else {
        status = find_groups(parts, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    if (parts->groups.count == 0) {
        return fail_nothing(parts, single, error);
    }
    struct sva_shard_index *const indexes = sva_calloc(parts->groups.count, sizeof *indexes);
    const char **const paths = sva_calloc(parts->groups.count, sizeof *paths);
    status = indexes == NULL || paths == NULL ? sva_fail_memory(error, "opening a model")
                                              : read_groups(parts, indexes, paths, error);
    for (size_t g = 0; indexes != NULL && g < parts->groups.count; g++) {
        sva_shard_index_done(&indexes[g]);
    }
    sva_free(indexes);
    sva_free(paths);
    demote_left_out(parts);
    return status == SVA_OK ? start_assignments(parts, error) : status;
}

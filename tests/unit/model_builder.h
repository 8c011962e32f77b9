/* SPDX-License-Identifier: Apache-2.0 */
/**
 * For tests: a temporary directory, files in it, minimal safetensors files
 * (zeros, one dtype), and checks on an opened model.
 */
#ifndef SVA_MODEL_BUILDER_H
#define SVA_MODEL_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sovaudit/model.h>

/** "name 4x8": a name, a space, dimensions. "name" alone is a scalar. */
typedef const char *tensor_spec;

struct temp_tree {
    char path[128];
};

static inline void tree_make(struct temp_tree *tree)
{
    const char *const base = getenv("TMPDIR");
    snprintf(tree->path, sizeof tree->path, "%.80s/sva-model-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(tree->path));
}

/** Removes files and two levels of directories. */
static inline void tree_remove_level(const char *path, int depth)
{
    DIR *const stream = opendir(path);
    if (stream == NULL) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        char full[1024];
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        snprintf(full, sizeof full, "%.500s/%.500s", path, entry->d_name);
        if (lstat(full, &info) == 0 && S_ISDIR(info.st_mode) && depth < 8) {
            tree_remove_level(full, depth + 1);
        } else {
            unlink(full);
        }
    }
    closedir(stream);
    rmdir(path);
}

static inline void tree_remove(struct temp_tree *tree)
{
    tree_remove_level(tree->path, 0);
}

static inline const char *tree_path(const struct temp_tree *tree, const char *name, char out[512])
{
    snprintf(out, 512, "%s%s%s", tree->path, name[0] == '\0' ? "" : "/", name);
    return out;
}

static inline void tree_folder(const struct temp_tree *tree, const char *name)
{
    char path[512];
    assert_int_equal(mkdir(tree_path(tree, name, path), 0777), 0);
}

static inline void tree_write(const struct temp_tree *tree, const char *name, const void *bytes,
                              size_t size)
{
    char path[512];
    FILE *const file = fopen(tree_path(tree, name, path), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void tree_text(const struct temp_tree *tree, const char *name, const char *text)
{
    tree_write(tree, name, text, strlen(text));
}

static inline void tree_link(const struct temp_tree *tree, const char *target, const char *name)
{
    char path[512];
    assert_int_equal(symlink(target, tree_path(tree, name, path)), 0);
}

/** Writes an F32 safetensors file of zeros with the tensors of a NULL-ended list. */
static inline void tree_tensors(const struct temp_tree *tree, const char *name,
                                const tensor_spec *specs)
{
    size_t capacity = 64;
    for (const tensor_spec *spec = specs; *spec != NULL; spec++) {
        capacity += strlen(*spec) * 2 + 128;
    }
    char *const header = malloc(capacity);
    assert_non_null(header);
    size_t used = 0;
    uint64_t end = 0;
    header[used++] = '{';
    for (const tensor_spec *spec = specs; *spec != NULL; spec++) {
        const char *const space = strrchr(*spec, ' ');
        const int name_size = space == NULL ? (int)strlen(*spec) : (int)(space - *spec);
        uint64_t count = 1;
        used += (size_t)snprintf(header + used, capacity - used,
                                 "%s\"%.*s\":{\"dtype\":\"F32\",\"shape\":[",
                                 spec == specs ? "" : ",", name_size, *spec);
        for (const char *at = space; at != NULL && *at != '\0';) {
            char *stop = NULL;
            const unsigned long long dim = strtoull(at + 1, &stop, 10);
            used += (size_t)snprintf(header + used, capacity - used, "%s%llu",
                                     at == space ? "" : ",", dim);
            count *= dim;
            at = *stop == 'x' ? stop : NULL;
        }
        used += (size_t)snprintf(header + used, capacity - used, "],\"data_offsets\":[%llu,%llu]}",
                                 (unsigned long long)end, (unsigned long long)(end + count * 4));
        end += count * 4;
    }
    header[used++] = '}';
    const size_t total = 8 + used + (size_t)end;
    uint8_t *const bytes = calloc(total, 1);
    assert_non_null(bytes);
    for (unsigned b = 0; b < 8; b++) {
        bytes[b] = (uint8_t)((uint64_t)used >> (8 * b));
    }
    memcpy(bytes + 8, header, used);
    tree_write(tree, name, bytes, total);
    free(bytes);
    free(header);
}

static inline struct sva_model *tree_open(const struct temp_tree *tree, const char *name)
{
    char path[512];
    struct sva_error error = {0};
    struct sva_model *model = NULL;
    const enum sva_status status =
        sva_model_open(tree_path(tree, name, path), NULL, &model, &error);
    if (status != SVA_OK) {
        print_message("%s\n", error.text);
    }
    assert_int_equal(status, SVA_OK);
    return model;
}

/** Opening must fail with this status, naming `named` in the sentence. */
static inline void tree_refused(const struct temp_tree *tree, const char *name,
                                enum sva_status expected, const char *named)
{
    char path[512];
    struct sva_error error = {0};
    struct sva_model *model = NULL;
    const enum sva_status status =
        sva_model_open(tree_path(tree, name, path), NULL, &model, &error);
    if (status != expected || strstr(error.text, named) == NULL) {
        print_message("%s: %s\n", sva_status_name(status), error.text);
    }
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.text, named));
    assert_null(model);
}

/** Where index o of axis 0 begins, from the view's offset. */
static inline uint64_t row_place(const struct sva_view *view, uint64_t o)
{
    const struct sva_row_order *const order = view->order;
    if (order == NULL) {
        return o * view->stride[0];
    }
    return o / (order->n[1] * order->n[2]) * order->stride[0] +
           o / order->n[2] % order->n[1] * order->stride[1] + o % order->n[2] * order->stride[2];
}

/** Every element of every tensor lies in exactly one view. */
static inline void assert_views_cover(const struct sva_model *model)
{
    size_t view = 0;
    for (size_t t = 0; t < model->tensor_count; t++) {
        const uint64_t count = model->tensors[t].element_count;
        uint8_t *const seen = calloc((size_t)count + 1, 1);
        assert_non_null(seen);
        for (; view < model->view_count && model->views[view].tensor == t; view++) {
            const struct sva_view *const v = &model->views[view];
            for (uint64_t o = 0; o < v->n[0]; o++) {
                for (uint64_t i = 0; i < v->n[1]; i++) {
                    for (uint64_t k = 0; k < v->n[2]; k++) {
                        const uint64_t at =
                            v->offset + row_place(v, o) + i * v->stride[1] + k * v->stride[2];
                        assert_true(at < count);
                        assert_int_equal(seen[at]++, 0);
                    }
                }
            }
            assert_true(v->component < model->component_count);
            assert_non_null(v->part);
        }
        for (uint64_t e = 0; e < count; e++) {
            assert_int_equal(seen[e], 1);
        }
        free(seen);
    }
    assert_int_equal(view, model->view_count);
}

static inline const struct sva_view *view_of(const struct sva_model *model, const char *name,
                                             const char *part)
{
    for (size_t v = 0; v < model->view_count; v++) {
        const struct sva_tensor *const tensor = &model->tensors[model->views[v].tensor];
        if (tensor->name_bytes == strlen(name) &&
            memcmp(tensor->name, name, tensor->name_bytes) == 0 &&
            strcmp(model->views[v].part, part) == 0) {
            return &model->views[v];
        }
    }
    print_message("no view \"%s\" of %s\n", part, name);
    assert_true(false);
    return NULL;
}

static inline unsigned count_findings(const struct sva_model *model, const char *code)
{
    unsigned count = 0;
    for (size_t i = 0; i < model->finding_count; i++) {
        count += strcmp(model->findings[i].code, code) == 0;
    }
    return count;
}

static inline const struct sva_component *component_of(const struct sva_model *model,
                                                       const char *name)
{
    for (size_t i = 0; i < model->component_count; i++) {
        if (strcmp(model->components[i].name, name) == 0) {
            return &model->components[i];
        }
    }
    print_message("no component %s\n", name);
    assert_true(false);
    return NULL;
}

#endif

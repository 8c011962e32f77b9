/* SPDX-License-Identifier: Apache-2.0 */
/** For tests: safetensors files of any types, and the values of a packed tensor checked. */
#ifndef SVA_PACKING_FILES_H
#define SVA_PACKING_FILES_H

#include <math.h>

#include "checkpoint_builder.h"
#include "kernel/dtype.h"
#include "model/packing.h"

enum { STORED_MAX = 24 };

struct stored {
    char name[96];
    const char *dtype;
    uint32_t rank;
    uint64_t shape[4];
    uint8_t *bytes;
    size_t size;
};

struct stored_list {
    struct stored items[STORED_MAX];
    size_t count;
};

/** Adds a tensor of zeros; its bytes are the caller's to fill. */
static inline uint8_t *add_stored(struct stored_list *list, const char *name, const char *dtype,
                                  uint32_t rank, const uint64_t *shape)
{
    assert_true(list->count < STORED_MAX);
    struct stored *const item = &list->items[list->count++];
    enum sva_dtype type;
    uint64_t count = 1;
    assert_true(sva_dtype_find(dtype, strlen(dtype), &type));
    snprintf(item->name, sizeof item->name, "%s", name);
    item->dtype = dtype;
    item->rank = rank;
    for (uint32_t i = 0; i < rank; i++) {
        item->shape[i] = shape[i];
        count *= shape[i];
    }
    item->size = (size_t)count * sva_dtype_get(type)->bits / 8;
    item->bytes = calloc(item->size + 1, 1);
    assert_non_null(item->bytes);
    return item->bytes;
}

#define ADD(list, name, dtype, ...)                                                                \
    add_stored(list, name, dtype, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),            \
               (const uint64_t[]){__VA_ARGS__})

static inline void put_f32(uint8_t *bytes, size_t at, float value)
{
    memcpy(bytes + 4 * at, &value, 4);
}

/** The upper half of an F32: exact for the few bits that tests use. */
static inline void put_bf16(uint8_t *bytes, size_t at, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bytes[2 * at] = (uint8_t)(bits >> 16);
    bytes[2 * at + 1] = (uint8_t)(bits >> 24);
}

static inline void put_u32(uint8_t *bytes, size_t at, uint32_t value)
{
    memcpy(bytes + 4 * at, &value, 4);
}

/** Sets `bits` bits at a place of a stream, lowest first, bit by bit. */
static inline void put_code(uint8_t *bytes, uint64_t place, unsigned bits, unsigned code)
{
    for (unsigned b = 0; b < bits; b++) {
        if ((code >> b & 1U) != 0) {
            bytes[(place + b) / 8] |= (uint8_t)(1U << ((place + b) % 8));
        }
    }
}

/** A number below `limit` that depends on two others. */
static inline unsigned mix(uint64_t a, uint64_t b, unsigned limit)
{
    uint64_t state = a * 0x9E3779B97F4A7C15U + b * 0xC2B2AE3D27D4EB4FU + 12345;
    state ^= state >> 29;
    state *= 0xBF58476D1CE4E5B9U;
    state ^= state >> 32;
    return (unsigned)(state % limit);
}

static inline void write_stored(const struct temp_tree *tree, const char *file,
                                const struct stored_list *list, size_t first, size_t end)
{
    char header[STORED_MAX * 256];
    size_t used = 0;
    size_t offset = 0;
    header[used++] = '{';
    for (size_t i = first; i < end; i++) {
        const struct stored *const item = &list->items[i];
        used += (size_t)snprintf(header + used, sizeof header - used,
                                 "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", i == first ? "" : ",",
                                 item->name, item->dtype);
        for (uint32_t axis = 0; axis < item->rank; axis++) {
            used += (size_t)snprintf(header + used, sizeof header - used, "%s%llu",
                                     axis == 0 ? "" : ",", (unsigned long long)item->shape[axis]);
        }
        used += (size_t)snprintf(header + used, sizeof header - used,
                                 "],\"data_offsets\":[%zu,%zu]}", offset, offset + item->size);
        offset += item->size;
    }
    header[used++] = '}';
    uint8_t *const bytes = calloc(8 + used + offset, 1);
    assert_non_null(bytes);
    memcpy(bytes, &used, 8);
    memcpy(bytes + 8, header, used);
    size_t at = 8 + used;
    for (size_t i = first; i < end; i++) {
        memcpy(bytes + at, list->items[i].bytes, list->items[i].size);
        at += list->items[i].size;
    }
    tree_write(tree, file, bytes, at);
    free(bytes);
}

/** The list as NumPy arrays with the high byte first: I32, I64, F16, F32, and BF16 as F32. */
static inline void write_big_endian(const struct temp_tree *tree, const char *file,
                                    const struct stored_list *list)
{
    struct zip_maker zip = {0};
    for (size_t i = 0; i < list->count; i++) {
        const struct stored *const item = &list->items[i];
        const bool brain = item->dtype[0] == 'B';
        const size_t width = brain ? 2 : (size_t)(strtoul(item->dtype + 1, NULL, 10) / 8);
        struct sva_bytes out = {0};
        char name[128];
        char text[160];
        int used =
            snprintf(text, sizeof text, "{'descr': '>%c%zu', 'fortran_order': False, 'shape': (",
                     item->dtype[0] == 'I' ? 'i' : 'f', brain ? 4 : width);
        for (uint32_t axis = 0; axis < item->rank; axis++) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%llu, ",
                             (unsigned long long)item->shape[axis]);
        }
        used += snprintf(text + used, sizeof text - (size_t)used, "), }");
        sva_bytes_append(&out, "\x93NUMPY\1\0", 8);
        put16(&out, (unsigned)used);
        sva_bytes_append(&out, text, (size_t)used);
        for (size_t at = 0; at < item->size; at += width) {
            for (size_t k = width; k-- > 0;) {
                sva_bytes_append(&out, item->bytes + at + k, 1);
            }
            sva_bytes_append(&out, "\0", brain ? 2 : 0);
        }
        snprintf(name, sizeof name, "%s.npy", item->name);
        zip_add(&zip, name, 0, out.data, out.size);
        sva_bytes_done(&out);
    }
    zip_save(&zip, tree, file);
}

static inline void free_stored(struct stored_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].bytes);
    }
    list->count = 0;
}

static inline const struct sva_tensor *find_tensor(const struct sva_model *model, const char *name)
{
    for (size_t i = 0; i < model->tensor_count; i++) {
        if (strcmp(model->tensors[i].name, name) == 0) {
            return &model->tensors[i];
        }
    }
    return NULL;
}

/** What a packed tensor must be. `steps` may be NULL. */
struct expected {
    const char *name, *form;
    uint64_t shape[3];
    uint32_t rank;
    const float *values, *steps;
};

static inline void check_reads(const struct sva_model *model, const struct sva_tensor *tensor,
                               const struct expected *expected, size_t chunk)
{
    struct sva_packing_reader *reader = NULL;
    struct sva_error error = {0};
    uint64_t grain = 0;
    const enum sva_status opened = sva_packing_open(model, tensor, &reader, &grain, &error);
    if (opened != SVA_OK) {
        print_message("%s\n", error.text);
    }
    assert_int_equal(opened, SVA_OK);
    float *const values = calloc(chunk, sizeof *values);
    float *const steps = calloc(chunk, sizeof *steps);
    for (uint64_t first = 0; first < tensor->element_count; first += chunk) {
        const uint64_t left = tensor->element_count - first;
        const size_t count = left < chunk ? (size_t)left : chunk;
        const enum sva_status status =
            sva_packing_read(reader, first, count, values, steps, &error);
        if (status != SVA_OK) {
            print_message("%s\n", error.text);
        }
        assert_int_equal(status, SVA_OK);
        for (size_t i = 0; i < count; i++) {
            const float want = expected->values[first + i];
            if (values[i] != want && !(isnan(values[i]) && isnan(want))) {
                print_message("%s [%llu]: %a, not %a\n", expected->name,
                              (unsigned long long)(first + i), (double)values[i], (double)want);
                assert_true(false);
            }
            if (expected->steps != NULL && steps[i] != expected->steps[first + i]) {
                print_message("%s step [%llu]: %a, not %a\n", expected->name,
                              (unsigned long long)(first + i), (double)steps[i],
                              (double)expected->steps[first + i]);
                assert_true(false);
            }
        }
    }
    free(values);
    free(steps);
    sva_packing_close(reader);
}

/** Opens the tree and checks one packed tensor, read whole and in pieces of a few elements. */
static inline void check_model(const struct temp_tree *tree, const struct expected *expected)
{
    struct sva_model *const model = tree_open(tree, "");
    const struct sva_tensor *const tensor = find_tensor(model, expected->name);
    for (size_t i = 0; i < model->finding_count; i++) {
        if (strncmp(model->findings[i].code, "quantised", 9) == 0) {
            print_message("%s\n", model->findings[i].text);
        }
    }
    assert_non_null(tensor);
    assert_int_equal(tensor->dtype, SVA_DTYPE_PACKED);
    assert_string_equal(tensor->form, expected->form);
    assert_int_equal(tensor->rank, expected->rank);
    for (uint32_t i = 0; i < expected->rank; i++) {
        assert_int_equal(tensor->shape[i], expected->shape[i]);
    }
    check_reads(model, tensor, expected, (size_t)tensor->element_count);
    if (tensor->element_count < 100000) {
        check_reads(model, tensor, expected, 7);
    }
    sva_model_close(model);
}

/** The same tensors in a file whose words have their high byte first must have the same values. */
static inline void check_big_endian(const struct stored_list *list, const char *config,
                                    const struct expected *expected)
{
    struct temp_tree tree;
    tree_make(&tree);
    if (config != NULL) {
        tree_text(&tree, "config.json", config);
    }
    write_big_endian(&tree, "model.npz", list);
    check_model(&tree, expected);
    tree_remove(&tree);
}

/** Writes the list as one file beside a configuration (or none), checks, and cleans up. */
static inline void check_stored(struct stored_list *list, const char *config,
                                const struct expected *expected)
{
    struct temp_tree tree;
    tree_make(&tree);
    if (config != NULL) {
        tree_text(&tree, "config.json", config);
    }
    write_stored(&tree, "model.safetensors", list, 0, list->count);
    check_model(&tree, expected);
    tree_remove(&tree);
    free_stored(list);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: tensors, one a line: name, dtype, shape, and bytes in hexadecimal with which the data is
 * filled over and over ("model.norm.weight F32 1,8 0000803f"). They become a safetensors file. What
 * opens has views inside their tensors, gives a print, and the print is the same network as itself
 * or nothing that could be compared.
 */
#include <sovaudit/compare.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input_folder.h"
#include "kernel/dtype.h"
#include "print_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEADER_BYTES = 16384,
    DATA_BYTES = 1 << 16,
    LINE_BYTES = 256,
    ELEMENTS_MAX = 4096,
    COMPARED_MAX = 600
};

struct file {
    char header[HEADER_BYTES];
    size_t length;
    uint8_t data[DATA_BYTES];
    size_t size;
};

static size_t unhex(const char *text, uint8_t *bytes, size_t room)
{
    size_t count = 0;
    unsigned value = 0;
    for (; count < room && sscanf(text, "%2x", &value) == 1; text += 2) {
        bytes[count++] = (uint8_t)value;
        if (text[1] == '\0') {
            break;
        }
    }
    return count;
}

/** The size of the tensor's data; 0: none, or too large. */
static size_t data_size(const char *dtype, const char *shape)
{
    enum sva_dtype type;
    uint64_t count = 1;
    for (const char *at = shape; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        const unsigned long length = strtoul(at, NULL, 10);
        count = length <= ELEMENTS_MAX ? count * length : ELEMENTS_MAX + 1;
        if (count > ELEMENTS_MAX) {
            return 0;
        }
    }
    return sva_dtype_find(dtype, strlen(dtype), &type)
               ? (size_t)(count * sva_dtype_get(type)->bits / 8)
               : 0;
}

static void add_tensor(struct file *file, const char *line)
{
    char name[128];
    char dtype[16];
    char shape[48];
    char fill[64] = "";
    uint8_t bytes[32];
    if (sscanf(line, "%127[^ \"\\] %15s %47[0-9,] %63[0-9a-fA-F]", name, dtype, shape, fill) < 3) {
        return;
    }
    const size_t size = data_size(dtype, shape);
    const size_t given = unhex(fill, bytes, sizeof bytes);
    if (size == 0 || size > sizeof file->data - file->size ||
        file->length + LINE_BYTES + 64 > sizeof file->header) {
        return;
    }
    file->length += (size_t)snprintf(
        file->header + file->length, sizeof file->header - file->length,
        "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
        file->length == 1 ? "" : ",", name, dtype, shape, file->size, file->size + size);
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT32_C(1664525) + UINT32_C(1013904223);
        file->data[file->size + i] = given > 0 ? bytes[i % given] : (uint8_t)(state >> 24);
    }
    file->size += size;
}

static void write_file(struct file *file, const char *name)
{
    uint8_t *const whole = malloc(8 + sizeof file->header + sizeof file->data);
    require(whole != NULL);
    file->header[file->length++] = '}';
    for (unsigned i = 0; i < 8; i++) {
        whole[i] = (uint8_t)((uint64_t)file->length >> 8 * i);
    }
    memcpy(whole + 8, file->header, file->length);
    memcpy(whole + 8 + file->length, file->data, file->size);
    scratch_write(name, whole, 8 + file->length + file->size);
    free(whole);
}

static void check_views(const struct sva_model *model)
{
    for (size_t i = 0; i < model->view_count; i++) {
        const struct sva_view *const view = &model->views[i];
        require(view->tensor < model->tensor_count && view->component < model->component_count);
        const uint64_t count = model->tensors[view->tensor].element_count;
        require(count == 0 || view->offset < count);
        uint64_t last = view->offset;
        for (unsigned axis = 0; axis < 3; axis++) {
            require(view->n[axis] <= count);
            last += (axis == 0 && view->order != NULL) || view->n[axis] == 0
                        ? 0
                        : (view->n[axis] - 1) * view->stride[axis];
        }
        require(count == 0 || last < count);
    }
}

/** Drawing permutations takes most of the time; small networks have the same paths. */
static void compare(const struct sva_print *print, const struct sva_print *again)
{
    struct sva_compare_options options = sva_compare_options_default();
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    options.threads = 1;
    if (print->parameter_count > COMPARED_MAX) {
        return;
    }
    if (sva_compare(print, again, &options, &comparison, &error) == SVA_OK) {
        sva_comparison_free(comparison);
    } else {
        require(error.text[0] != '\0');
    }
}

static void check_print(const struct sva_model *model)
{
    const struct sva_print_options options = {.threads = 1};
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    if (sva_print_make(model, &options, &print, &error) != SVA_OK) {
        require(error.text[0] != '\0');
        return;
    }
    struct sva_print *const again = print_again(print);
    compare(print, again);
    sva_print_free(again);
    sva_print_free(print);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file *const file = calloc(1, sizeof *file);
    struct sva_model *model = NULL;
    struct sva_error error = {0};
    require(file != NULL);
    file->header[file->length++] = '{';
    for (size_t at = 0; at < size;) {
        char line[LINE_BYTES];
        const uint8_t *const feed = memchr(data + at, '\n', size - at);
        const size_t length = (feed != NULL ? (size_t)(feed - data) : size) - at;
        (void)snprintf(line, sizeof line, "%.*s", (int)(length < LINE_BYTES ? length : LINE_BYTES),
                       (const char *)data + at);
        add_tensor(file, line);
        at += length + 1;
    }
    (void)scratch_directory();
    write_file(file, "model.safetensors");
    free(file);
    const enum sva_status status =
        sva_model_open(scratch_path("model.safetensors"), NULL, &model, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_views(model);
        check_print(model);
        sva_model_close(model);
    }
    return 0;
}

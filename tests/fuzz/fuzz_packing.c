/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: tensors of a small safetensors file, one by one: a byte for the name's ending, one for the
 * dtype, one for the rank, one for each dimension, and a byte that fills the data; what stands
 * between
 * '<' and '>' is the content instead. Whatever is put together must be
 * readable in any pieces, give the same values each time, or fail with a sentence.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/dtype.h"
#include "model/packing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TENSORS_MAX = 8, ELEMENTS_MAX = 4096, FILE_MAX = 1 << 18, READ_MAX = 1 << 16 };

static const char *const endings[] = {
    "qweight",
    "qzeros",
    "scales",
    "g_idx",
    "weight_packed",
    "weight_scale",
    "weight_shape",
    "weight_zero_point",
    "weight_g_idx",
    "weight_global_scale",
    "weight",
    "weight_scale_inv",
    "weight_scale_2",
    "SCB",
    "biases",
    "weight.absmax",
    "weight.quant_map",
    "weight.nested_absmax",
    "weight.nested_quant_map",
    "weight.quant_state.bitsandbytes__nf4",
    "weight.quant_state.bitsandbytes__fp4",
    "e_blocks",
    "e_scales",
    "scale",
};

static const char *const dtypes[] = {"U8",  "I8",  "I32",     "U32",     "F16",    "BF16",
                                     "F32", "I64", "F8_E4M3", "F8_E8M0", "F8_E5M2"};

static const uint64_t dimensions[] = {0,  1,  2,  3,  4,  5,  7,  8,   9,   16,
                                      20, 24, 32, 33, 48, 64, 96, 128, 162, 256};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

struct input {
    const uint8_t *data;
    size_t size, at;
};

static unsigned next(struct input *input)
{
    return input->at < input->size ? input->data[input->at++] : 0;
}

/** A file in the making. */
struct writer {
    char header[4096];
    size_t header_size;
    uint8_t *data;
    size_t data_size;
    uint32_t used; /**< endings that are taken */
};

/** The bytes up to '>'; of a type other than U8 as many as its shape needs. */
static size_t take_text(struct input *input, uint8_t *out, size_t room, size_t needed)
{
    size_t length = 0;
    input->at++;
    while (input->at < input->size && length < room &&
           (needed != 0 ? length < needed : input->data[input->at] != '>')) {
        out[length++] = input->data[input->at++];
    }
    input->at++;
    return length;
}

static void put_entry(struct writer *writer, const char *ending, const char *dtype, unsigned rank,
                      const uint64_t *shape, size_t bytes)
{
    char *const header = writer->header;
    const size_t room = sizeof writer->header;
    size_t at = writer->header_size;
    at += (size_t)snprintf(header + at, room - at, "%s\"a.%s\":{\"dtype\":\"%s\",\"shape\":[",
                           at == 1 ? "" : ",", ending, dtype);
    for (unsigned i = 0; i < rank; i++) {
        at += (size_t)snprintf(header + at, room - at, "%s%llu", i == 0 ? "" : ",",
                               (unsigned long long)shape[i]);
    }
    at += (size_t)snprintf(header + at, room - at, "],\"data_offsets\":[%zu,%zu]}",
                           writer->data_size, writer->data_size + bytes);
    writer->header_size = at;
    writer->data_size += bytes;
}

static void add_tensor(struct writer *writer, struct input *input)
{
    const unsigned ending = next(input) % (sizeof endings / sizeof *endings);
    const char *const dtype = dtypes[next(input) % (sizeof dtypes / sizeof *dtypes)];
    const unsigned rank = next(input) % 5;
    uint64_t shape[4] = {0};
    uint64_t count = 1;
    for (unsigned i = 0; i < rank; i++) {
        shape[i] = dimensions[next(input) % (sizeof dimensions / sizeof *dimensions)];
        count *= shape[i];
    }
    const unsigned fill = next(input);
    enum sva_dtype type = SVA_DTYPE_U8;
    require(sva_dtype_find(dtype, strlen(dtype), &type));
    const size_t bytes = (size_t)count * sva_dtype_get(type)->bits / 8;
    if (count > ELEMENTS_MAX || (writer->used >> ending & 1U) != 0 ||
        bytes > FILE_MAX - writer->data_size) {
        return;
    }
    writer->used |= UINT32_C(1) << ending;
    uint8_t *const out = writer->data + writer->data_size;
    memset(out, 0, bytes);
    if (input->at < input->size && input->data[input->at] == '<') {
        const bool text = type == SVA_DTYPE_U8;
        const uint64_t length =
            take_text(input, out, FILE_MAX - writer->data_size, text ? 0 : bytes);
        put_entry(writer, endings[ending], dtype, text ? 1 : rank, text ? &length : shape,
                  text ? (size_t)length : bytes);
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        out[i] = fill < 128 ? (uint8_t)(i % 4 == 0 ? fill : 0) : (uint8_t)(i * fill);
    }
    put_entry(writer, endings[ending], dtype, rank, shape, bytes);
}

static bool write_file(struct writer *writer, const char *path)
{
    FILE *const file = fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    writer->header[writer->header_size++] = '}';
    uint8_t length[8];
    for (unsigned i = 0; i < 8; i++) {
        length[i] = (uint8_t)((uint64_t)writer->header_size >> 8 * i);
    }
    const bool ok =
        fwrite(length, 8, 1, file) == 1 &&
        fwrite(writer->header, writer->header_size, 1, file) == 1 &&
        (writer->data_size == 0 || fwrite(writer->data, writer->data_size, 1, file) == 1);
    return fclose(file) == 0 && ok;
}

static void read_packed(const struct sva_model *model, const struct sva_tensor *tensor)
{
    struct sva_packing_reader *reader = NULL;
    struct sva_error error = {0};
    uint64_t grain = 0;
    if (sva_packing_open(model, tensor, &reader, &grain, &error) != SVA_OK) {
        require(error.text[0] != '\0');
        return;
    }
    const size_t count =
        (size_t)(tensor->element_count < READ_MAX ? tensor->element_count : READ_MAX);
    float *const whole = malloc((count + 1) * sizeof *whole);
    float *const steps = malloc((count + 1) * sizeof *steps);
    require(whole != NULL && steps != NULL);
    require(sva_packing_read(reader, 0, count, whole, steps, &error) == SVA_OK);
    for (size_t first = 0; first < count; first += 97) {
        float piece[97];
        const size_t part = count - first < 97 ? count - first : 97;
        require(sva_packing_read(reader, first, part, piece, NULL, &error) == SVA_OK);
        require(memcmp(piece, whole + first, part * sizeof *piece) == 0);
    }
    for (size_t i = 0; i < count; i++) {
        require(steps[i] >= 0);
    }
    const uint64_t last = tensor->element_count - 1;
    require(sva_packing_read(reader, last, 1, whole, steps, &error) == SVA_OK);
    require(sva_packing_read(reader, last, 2, whole, steps, NULL) != SVA_OK);
    free(whole);
    free(steps);
    sva_packing_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size, 0};
    struct writer writer = {.header = "{", .header_size = 1, .data = malloc(FILE_MAX)};
    char path[64];
    require(writer.data != NULL);
    for (unsigned i = 0; i < TENSORS_MAX && input.at < size; i++) {
        add_tensor(&writer, &input);
    }
    snprintf(path, sizeof path, "/tmp/sva-fuzz-packing-%ld.safetensors", (long)getpid());
    struct sva_model *model = NULL;
    struct sva_error error = {0};
    if (write_file(&writer, path) && sva_model_open(path, NULL, &model, &error) == SVA_OK) {
        for (size_t i = 0; i < model->tensor_count; i++) {
            if (model->tensors[i].packing != NULL) {
                read_packed(model, &model->tensors[i]);
            }
        }
    }
    sva_model_close(model);
    unlink(path);
    free(writer.data);
    return 0;
}

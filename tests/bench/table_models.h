/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models for bench_table, written as a stream: a llama-shaped decoder in BF16, of a given size and
 * width, in one file of safetensors or GGUF, and a relative of it whose weights were moved a
 * little. Values are a function of their place, so that both formats hold the same ones.
 */
#ifndef SVA_TABLE_MODELS_H
#define SVA_TABLE_MODELS_H

#include <sys/stat.h>

#include "bench_support.h"

#include "base/hash.h"
#include "base/memory.h"

enum { TABLE_LAYER_TENSORS = 9, TABLE_WORDS = 1024, TABLE_ALIGNMENT = 32, TABLE_CHUNK = 65536 };

struct table_model {
    uint64_t bytes; /**< about */
    uint32_t width; /**< of the residual stream, a multiple of 32 */
    bool gguf;      /**< else safetensors */
    bool moved;     /**< the relative */
};

struct table_tensor {
    char safetensors[64], gguf[64];
    uint32_t rank;
    uint64_t rows, columns;
};

static const struct {
    const char *safetensors, *gguf;
    uint32_t rows, columns; /**< in 32nds of the width; columns 0: a vector */
} table_layer[TABLE_LAYER_TENSORS] = {
    {"input_layernorm", "attn_norm", 32, 0},     {"self_attn.q_proj", "attn_q", 32, 32},
    {"self_attn.k_proj", "attn_k", 8, 32},       {"self_attn.v_proj", "attn_v", 8, 32},
    {"self_attn.o_proj", "attn_output", 32, 32}, {"post_attention_layernorm", "ffn_norm", 32, 0},
    {"mlp.gate_proj", "ffn_gate", 88, 32},       {"mlp.up_proj", "ffn_up", 88, 32},
    {"mlp.down_proj", "ffn_down", 32, 88},
};

BENCH_FUNCTION uint64_t table_part(const struct table_model *model, uint32_t part)
{
    return (uint64_t)model->width * part / 32;
}

BENCH_FUNCTION uint64_t table_layer_count(const struct table_model *model)
{
    uint64_t layer_bytes = 0;
    for (size_t i = 0; i < TABLE_LAYER_TENSORS; i++) {
        const uint32_t columns = table_layer[i].columns;
        layer_bytes += 2 * table_part(model, table_layer[i].rows) *
                       (columns == 0 ? 1 : table_part(model, columns));
    }
    const uint64_t layers = (model->bytes + layer_bytes / 2) / layer_bytes;
    return layers < 1 ? 1 : layers;
}

/** Embedding, layers, final norm; the embedding is the output head. */
BENCH_FUNCTION uint64_t table_tensor_count(const struct table_model *model)
{
    return table_layer_count(model) * TABLE_LAYER_TENSORS + 2;
}

BENCH_FUNCTION struct table_tensor table_tensor_at(const struct table_model *model, uint64_t index)
{
    struct table_tensor tensor = {.rank = 2, .rows = TABLE_WORDS, .columns = model->width};
    if (index == 0) {
        snprintf(tensor.safetensors, sizeof tensor.safetensors, "model.embed_tokens.weight");
        snprintf(tensor.gguf, sizeof tensor.gguf, "token_embd.weight");
    } else if (index + 1 == table_tensor_count(model)) {
        snprintf(tensor.safetensors, sizeof tensor.safetensors, "model.norm.weight");
        snprintf(tensor.gguf, sizeof tensor.gguf, "output_norm.weight");
        tensor.rank = 1;
        tensor.rows = 1;
    } else {
        const unsigned long long layer = (index - 1) / TABLE_LAYER_TENSORS;
        const size_t place = (index - 1) % TABLE_LAYER_TENSORS;
        const bool vector = table_layer[place].columns == 0;
        snprintf(tensor.safetensors, sizeof tensor.safetensors, "model.layers.%llu.%s.weight",
                 layer, table_layer[place].safetensors);
        snprintf(tensor.gguf, sizeof tensor.gguf, "blk.%llu.%s.weight", layer,
                 table_layer[place].gguf);
        tensor.rank = vector ? 1 : 2;
        tensor.rows = vector ? 1 : table_part(model, table_layer[place].rows);
        tensor.columns = table_part(model, vector ? 32 : table_layer[place].columns);
    }
    return tensor;
}

/** About normal: a sum of four bytes. */
BENCH_FUNCTION float table_noise(uint64_t seed)
{
    const uint64_t h = sva_mix64(seed);
    const int sum =
        (int)(h & 255) + (int)(h >> 8 & 255) + (int)(h >> 16 & 255) + (int)(h >> 24 & 255);
    return (float)(sum - 510) / 148.0F;
}

BENCH_FUNCTION void table_write_values(FILE *file, const struct table_model *model,
                                       const struct table_tensor *tensor, uint64_t index)
{
    static uint8_t bytes[2 * TABLE_CHUNK];
    const uint64_t count = tensor->rows * tensor->columns;
    const float centre = tensor->rank == 1 ? 1.0F : 0.0F;
    const float scale = tensor->rank == 1 ? 0.1F : 0.02F;
    for (uint64_t begin = 0; begin < count; begin += TABLE_CHUNK) {
        const uint64_t some = count - begin < TABLE_CHUNK ? count - begin : TABLE_CHUNK;
        for (uint64_t i = 0; i < some; i++) {
            const uint64_t place = index << 40 | (begin + i);
            float value = table_noise(place);
            value += model->moved ? 0.1F * table_noise(~place) : 0.0F;
            value = centre + scale * value;
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            bytes[2 * i] = (uint8_t)(bits >> 16);
            bytes[2 * i + 1] = (uint8_t)(bits >> 24);
        }
        fwrite(bytes, 2, (size_t)some, file);
    }
}

BENCH_FUNCTION uint64_t table_padding(uint64_t offset)
{
    return (TABLE_ALIGNMENT - offset % TABLE_ALIGNMENT) % TABLE_ALIGNMENT;
}

BENCH_FUNCTION void table_safetensors_header(FILE *file, const struct table_model *model)
{
    struct sva_bytes text = {0};
    uint64_t offset = 0;
    for (uint64_t i = 0; i < table_tensor_count(model); i++) {
        const struct table_tensor tensor = table_tensor_at(model, i);
        const uint64_t size = 2 * tensor.rows * tensor.columns;
        sva_bytes_printf(&text, "%c\"%s\":{\"dtype\":\"BF16\",\"shape\":[", i == 0 ? '{' : ',',
                         tensor.safetensors);
        if (tensor.rank == 2) {
            sva_bytes_printf(&text, "%llu,", (unsigned long long)tensor.rows);
        }
        sva_bytes_printf(&text, "%llu],\"data_offsets\":[%llu,%llu]}",
                         (unsigned long long)tensor.columns, (unsigned long long)offset,
                         (unsigned long long)(offset + size));
        offset += size;
    }
    sva_bytes_text(&text, "}");
    while (text.size % 8 != 0) {
        sva_bytes_text(&text, " ");
    }
    const uint64_t size = text.size;
    for (int i = 0; i < 8; i++) {
        fputc((int)(size >> (8 * i) & 255), file);
    }
    fwrite(text.data, 1, text.size, file);
    sva_bytes_done(&text);
}

BENCH_FUNCTION void table_little(FILE *file, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        fputc((int)(value >> (8 * i) & 255), file);
    }
}

BENCH_FUNCTION void table_text(FILE *file, const char *text)
{
    table_little(file, strlen(text), 8);
    fputs(text, file);
}

BENCH_FUNCTION void table_gguf_header(FILE *file, const struct table_model *model)
{
    enum { TYPE_TEXT = 8, TYPE_BF16 = 30, VERSION = 3 };
    fputs("GGUF", file);
    table_little(file, VERSION, 4);
    table_little(file, table_tensor_count(model), 8);
    table_little(file, 1, 8); /* one key */
    table_text(file, "general.architecture");
    table_little(file, TYPE_TEXT, 4);
    table_text(file, "llama");
    uint64_t offset = 0;
    for (uint64_t i = 0; i < table_tensor_count(model); i++) {
        const struct table_tensor tensor = table_tensor_at(model, i);
        table_text(file, tensor.gguf);
        table_little(file, tensor.rank, 4);
        table_little(file, tensor.columns, 8);
        if (tensor.rank == 2) {
            table_little(file, tensor.rows, 8);
        }
        table_little(file, TYPE_BF16, 4);
        table_little(file, offset, 8);
        offset += 2 * tensor.rows * tensor.columns;
        offset += table_padding(offset);
    }
    const long here = ftell(file);
    for (uint64_t i = table_padding((uint64_t)here); i > 0; i--) {
        fputc(0, file);
    }
}

/** Writes the model; ends the program on failure. Its size in bytes. */
BENCH_FUNCTION uint64_t table_write_model(const char *path, const struct table_model *model)
{
    struct stat about;
    FILE *const file = fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    if (model->gguf) {
        table_gguf_header(file, model);
    } else {
        table_safetensors_header(file, model);
    }
    for (uint64_t i = 0; i < table_tensor_count(model); i++) {
        const struct table_tensor tensor = table_tensor_at(model, i);
        table_write_values(file, model, &tensor, i);
        const uint64_t size = 2 * tensor.rows * tensor.columns;
        for (uint64_t k = model->gguf ? table_padding(size) : 0; k > 0; k--) {
            fputc(0, file);
        }
    }
    const bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed || stat(path, &about) != 0) {
        fprintf(stderr, "%s: cannot be written\n", path);
        exit(2);
    }
    return (uint64_t)about.st_size;
}

#endif

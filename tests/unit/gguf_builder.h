/* SPDX-License-Identifier: Apache-2.0 */
/** For tests: GGUF files put together key by key and tensor by tensor, in either byte order. */
#ifndef TESTS_GGUF_BUILDER_H
#define TESTS_GGUF_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "format/gguf.h"

struct gguf_build {
    bool big_endian;
    uint64_t key_count, tensor_count;
    struct sva_bytes keys, tensors, data, file;
};

static inline void put_number(struct sva_bytes *out, bool big_endian, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        const uint8_t byte = (uint8_t)(value >> 8 * (big_endian ? size - 1 - i : i));
        sva_bytes_append(out, &byte, 1);
    }
}

static inline void put_text(struct sva_bytes *out, bool big_endian, const char *text)
{
    put_number(out, big_endian, 8, strlen(text));
    sva_bytes_append(out, text, strlen(text));
}

static inline void gguf_key(struct gguf_build *build, const char *key, enum sva_gguf_type type)
{
    put_text(&build->keys, build->big_endian, key);
    put_number(&build->keys, build->big_endian, 4, (uint64_t)type);
    build->key_count++;
}

static inline void gguf_string(struct gguf_build *build, const char *key, const char *text)
{
    gguf_key(build, key, SVA_GGUF_STRING);
    put_text(&build->keys, build->big_endian, text);
}

/** Any scalar, by its bits. */
static inline void gguf_bits(struct gguf_build *build, const char *key, enum sva_gguf_type type,
                             uint64_t bits)
{
    gguf_key(build, key, type);
    put_number(&build->keys, build->big_endian, sva_gguf_type_bytes(type), bits);
}

static inline void gguf_u32(struct gguf_build *build, const char *key, uint32_t number)
{
    gguf_bits(build, key, SVA_GGUF_U32, number);
}

static inline void gguf_f32(struct gguf_build *build, const char *key, float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    gguf_bits(build, key, SVA_GGUF_F32, bits);
}

static inline void gguf_strings(struct gguf_build *build, const char *key, const char *const *texts,
                                size_t count)
{
    gguf_key(build, key, SVA_GGUF_ARRAY);
    put_number(&build->keys, build->big_endian, 4, SVA_GGUF_STRING);
    put_number(&build->keys, build->big_endian, 8, count);
    for (size_t i = 0; i < count; i++) {
        put_text(&build->keys, build->big_endian, texts[i]);
    }
}

static inline void gguf_i32s(struct gguf_build *build, const char *key, const int32_t *numbers,
                             size_t count)
{
    gguf_key(build, key, SVA_GGUF_ARRAY);
    put_number(&build->keys, build->big_endian, 4, SVA_GGUF_I32);
    put_number(&build->keys, build->big_endian, 8, count);
    for (size_t i = 0; i < count; i++) {
        put_number(&build->keys, build->big_endian, 4, (uint32_t)numbers[i]);
    }
}

/** Zeros of `size` bytes as the data; `ne` are the file's dimensions, fastest first. */
static inline void gguf_tensor(struct gguf_build *build, const char *name, uint32_t type,
                               uint32_t rank, const uint64_t *ne, size_t size)
{
    put_text(&build->tensors, build->big_endian, name);
    put_number(&build->tensors, build->big_endian, 4, rank);
    for (uint32_t axis = 0; axis < rank; axis++) {
        put_number(&build->tensors, build->big_endian, 8, ne[axis]);
    }
    put_number(&build->tensors, build->big_endian, 4, type);
    put_number(&build->tensors, build->big_endian, 8, build->data.size);
    for (size_t i = 0; i < size || build->data.size % 32 != 0; i++) {
        sva_bytes_append(&build->data, "", 1);
    }
    build->tensor_count++;
}

/** A matrix of F32 zeros with `rows` outputs. */
static inline void gguf_matrix(struct gguf_build *build, const char *name, uint64_t rows,
                               uint64_t columns)
{
    const uint64_t ne[2] = {columns, rows};
    gguf_tensor(build, name, 0, 2, ne, (size_t)(4 * rows * columns));
}

/** The bytes of the file, owned by the builder until gguf_build_done. */
static inline struct sva_span gguf_finish(struct gguf_build *build)
{
    struct sva_bytes *const file = &build->file;
    file->size = 0;
    sva_bytes_append(file, "GGUF", 4);
    put_number(file, build->big_endian, 4, 3);
    put_number(file, build->big_endian, 8, build->tensor_count);
    put_number(file, build->big_endian, 8, build->key_count);
    sva_bytes_append(file, build->keys.data, build->keys.size);
    sva_bytes_append(file, build->tensors.data, build->tensors.size);
    while (file->size % 32 != 0) {
        sva_bytes_append(file, "", 1);
    }
    sva_bytes_append(file, build->data.data, build->data.size);
    assert_false(file->failed || build->keys.failed || build->tensors.failed || build->data.failed);
    return (struct sva_span){file->data, file->size};
}

static inline void gguf_build_done(struct gguf_build *build)
{
    sva_bytes_done(&build->keys);
    sva_bytes_done(&build->tensors);
    sva_bytes_done(&build->data);
    sva_bytes_done(&build->file);
    *build = (struct gguf_build){0};
}

#endif

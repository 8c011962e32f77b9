/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The loops of one level, in plain C: every file that includes this compiles them for its own
 * instruction set. SVA_BLOCK_LAYOUTS tells what the blocks are cut into.
 */
#ifndef SVA_KERNEL_DEQUANTISE_LOOPS_H
#define SVA_KERNEL_DEQUANTISE_LOOPS_H

#include "kernel/block_codes.h"
#include "kernel/dequantise_levels.h"

/* `moved` and `count` are constants where this is called, so the choice costs nothing. */
static inline void sva_scale_codes(const int8_t *restrict code, float scale, float offset,
                                   bool moved, size_t count, float *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        const float product = (float)code[i] * scale;
        out[i] = moved ? product + offset : product;
    }
}

/*
 * Some blocks are taken apart before the first is scaled: what was just written in narrow pieces
 * cannot be read at once in wide ones. All offsets of a block share one factor, and so do its
 * scales: looking at the first of them is enough to see that it is not finite.
 */
enum { SVA_AT_ONCE = 4 };

#define SVA_PLAIN_LOOP(name, dtype, elements, bytes, group, moved)                                 \
    static bool name##_blocks(const uint8_t *restrict blocks, size_t count, float *restrict out)   \
    {                                                                                              \
        struct sva_block_codes codes[SVA_AT_ONCE];                                                 \
        bool special = false;                                                                      \
        for (size_t first = 0; first < count; first += SVA_AT_ONCE) {                              \
            const size_t rest = count - first;                                                     \
            const size_t now = rest < SVA_AT_ONCE ? rest : SVA_AT_ONCE;                            \
            for (size_t i = 0; i < now; i++) {                                                     \
                sva_unpack_##name(blocks + (first + i) * (bytes), &codes[i]);                      \
            }                                                                                      \
            for (size_t i = 0; i < now; i++) {                                                     \
                float *const values = out + (first + i) * (elements);                              \
                for (size_t g = 0; g < (elements) / (group); g++) {                                \
                    sva_scale_codes(codes[i].code + (group)*g, codes[i].scale[g],                  \
                                    (moved) ? codes[i].offset[g] : 0, moved, group,                \
                                    values + (group)*g);                                           \
                }                                                                                  \
                special |= sva_is_special(codes[i].scale[0]);                                      \
                special |= (moved) && sva_is_special(codes[i].offset[0]);                          \
            }                                                                                      \
        }                                                                                          \
        return special;                                                                            \
    }

#define SVA_WIDE_LOOP(name, dtype, elements, bytes, group, moved)                                  \
    static bool name##_blocks(const uint8_t *restrict blocks, size_t count, float *restrict out)   \
    {                                                                                              \
        bool special = false;                                                                      \
        for (size_t i = 0; i < count; i++) {                                                       \
            special |= sva_is_special(wide_##name(blocks + i * (bytes), out + i * (elements)));    \
        }                                                                                          \
        return special;                                                                            \
    }

/* Blocks of a fixed length are what compilers turn into vector code at -O2. */
enum { SVA_RUN = 64 };

/** Values before the first that begins a cache line: wide stores across two of them cost double. */
static inline size_t sva_line_start(const float *out, size_t count)
{
    const size_t before = (0U - (uintptr_t)out / sizeof *out) % 16;
    return before < count ? before : count;
}

static void decode_f16(const uint8_t *restrict bytes, size_t count, float *restrict out)
{
    const size_t start = sva_line_start(out, count);
    size_t i = 0;
    for (; i < start; i++) {
        out[i] = sva_float_of_half(sva_load16(bytes + 2 * i));
    }
    for (; i + SVA_RUN <= count; i += SVA_RUN) {
        for (size_t j = 0; j < SVA_RUN; j++) {
            out[i + j] = sva_float_of_half(sva_load16(bytes + 2 * (i + j)));
        }
    }
    for (; i < count; i++) {
        out[i] = sva_float_of_half(sva_load16(bytes + 2 * i));
    }
}

static void decode_bf16(const uint8_t *restrict bytes, size_t count, float *restrict out)
{
    const size_t start = sva_line_start(out, count);
    size_t i = 0;
    for (; i < start; i++) {
        out[i] = sva_float_of_bits((uint32_t)sva_load16(bytes + 2 * i) << 16);
    }
    for (; i + SVA_RUN <= count; i += SVA_RUN) {
        for (size_t j = 0; j < SVA_RUN; j++) {
            out[i + j] = sva_float_of_bits((uint32_t)sva_load16(bytes + 2 * (i + j)) << 16);
        }
    }
    for (; i < count; i++) {
        out[i] = sva_float_of_bits((uint32_t)sva_load16(bytes + 2 * i) << 16);
    }
}

#endif

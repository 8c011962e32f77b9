/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The loops of one level, in plain C: every file that includes this compiles them for its own
 * instruction set. SVA_BLOCK_LAYOUTS tells what the blocks are cut into.
 */
#ifndef SVA_KERNEL_DEQUANTISE_LOOPS_H
#define SVA_KERNEL_DEQUANTISE_LOOPS_H

#include "kernel/block_codes.h"
#include "kernel/dequantise_levels.h"

static inline bool sva_is_special(float value)
{
    return (sva_bits_of_float(value) & 0x7F800000U) == 0x7F800000U;
}

static inline void sva_scale_codes(const int8_t *restrict code, float scale, size_t count,
                                   float *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (float)code[i] * scale;
    }
}

static inline void sva_scale_and_move_codes(const int8_t *restrict code, float scale, float offset,
                                            size_t count, float *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (float)code[i] * scale + offset;
    }
}

/* All offsets of a block share one factor, and so do its scales: looking at the first is enough. */
#define SVA_PLAIN_LOOP(name, dtype, elements, bytes, group, moved)                                 \
    static bool name##_blocks(const uint8_t *restrict blocks, size_t count, float *restrict out)   \
    {                                                                                              \
        bool special = false;                                                                      \
        for (size_t i = 0; i < count; i++) {                                                       \
            struct sva_block_codes codes;                                                          \
            sva_unpack_##name(blocks + i * (bytes), &codes);                                       \
            special |= sva_is_special(codes.scale[0]);                                             \
            special |= (moved) && sva_is_special(codes.offset[0]);                                 \
            for (size_t g = 0; g < (elements) / (group); g++) {                                    \
                if (moved) {                                                                       \
                    sva_scale_and_move_codes(codes.code + (group) * g, codes.scale[g],             \
                                             codes.offset[g], group,                               \
                                             out + i * (elements) + (group) * g);                  \
                } else {                                                                           \
                    sva_scale_codes(codes.code + (group) * g, codes.scale[g], group,               \
                                    out + i * (elements) + (group) * g);                           \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        return special;                                                                            \
    }

/* Blocks of a fixed length are what compilers turn into vector code at -O2. */
enum { SVA_RUN = 64 };

static void decode_f16(const uint8_t *restrict bytes, size_t count, float *restrict out)
{
    size_t i = 0;
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
    size_t i = 0;
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

/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "kernel/block_codes.h"
#include "kernel/block_layouts.h"
#include "kernel/dequantise.h"

/* What lies between neighbouring codes, in units of the scale. */
enum spacing {
    SPACING_NONE, /* a code stands for eight elements, or four */
    SPACING_ONE,
    SPACING_TWO, /* Q1_0 has only -1 and 1 */
    SPACING_IQ4,
    SPACING_FP4,
};

static enum spacing spacing_of(enum sva_dtype dtype)
{
    switch (dtype) {
    case SVA_DTYPE_IQ1_S:
    case SVA_DTYPE_IQ1_M:
    case SVA_DTYPE_IQ2_XXS:
    case SVA_DTYPE_IQ2_XS:
    case SVA_DTYPE_IQ2_S:
    case SVA_DTYPE_IQ3_XXS:
    case SVA_DTYPE_IQ3_S: return SPACING_NONE;
    case SVA_DTYPE_IQ4_NL:
    case SVA_DTYPE_IQ4_XS: return SPACING_IQ4;
    case SVA_DTYPE_MXFP4:
    case SVA_DTYPE_NVFP4: return SPACING_FP4;
    case SVA_DTYPE_Q1_0: return SPACING_TWO;
    default: return SPACING_ONE;
    }
}

/* The larger distance from levels[i] to a level next to it. Levels may stand there in any order. */
static int widest_gap(const int8_t *levels, int8_t level)
{
    int below = 256;
    int above = 256;
    for (size_t i = 0; i < 16; i++) {
        const int distance = levels[i] - level;
        if (distance > 0 && distance < above) {
            above = distance;
        } else if (distance < 0 && -distance < below) {
            below = -distance;
        }
    }
    return below == 256 ? above : above == 256 || below > above ? below : above;
}

/* gap[level + 128] */
static void fill_gaps(enum spacing spacing, uint8_t gap[256])
{
    memset(gap, spacing == SPACING_TWO ? 2 : 1, 256);
    if (spacing == SPACING_IQ4 || spacing == SPACING_FP4) {
        const int8_t *const levels = spacing == SPACING_IQ4 ? sva_iq4_levels : sva_fp4_levels;
        for (size_t i = 0; i < 16; i++) {
            gap[levels[i] + 128] = (uint8_t)widest_gap(levels, levels[i]);
        }
    }
}

static void unpack(enum sva_dtype dtype, const uint8_t *block, struct sva_block_codes *codes)
{
#define UNPACK(name, type, elements, bytes, group, moved)                                          \
    case SVA_DTYPE_##type: sva_unpack_##name(block, codes); break;

    switch (dtype) {
        SVA_BLOCK_LAYOUTS(UNPACK)
    default: break;
    }
}

/* Elements, bytes and elements of a group. */
static void cut(enum sva_dtype dtype, size_t *elements, size_t *bytes, size_t *group)
{
#define CUT(name, type, block_elements, block_bytes, group_elements, moved)                        \
    case SVA_DTYPE_##type:                                                                         \
        *elements = (block_elements);                                                              \
        *bytes = (block_bytes);                                                                    \
        *group = (group_elements);                                                                 \
        break;

    switch (dtype) {
        SVA_BLOCK_LAYOUTS(CUT)
    default: break;
    }
}

static void group_steps(const int8_t *code, float scale, const uint8_t gap[256], size_t count,
                        float *steps)
{
    const float size = scale == scale ? fabsf(scale) : sva_float_of_bits(0x7FC00000U);
    for (size_t i = 0; i < count; i++) {
        steps[i] = size == size ? (float)gap[code[i] + 128] * size : size;
    }
}

void sva_block_steps(enum sva_dtype dtype, const uint8_t *blocks, size_t block_count, float *steps)
{
    size_t elements = 0;
    size_t bytes = 0;
    size_t group = 1;
    cut(dtype, &elements, &bytes, &group);
    const enum spacing spacing = spacing_of(dtype);
    if (spacing == SPACING_NONE) {
        for (size_t i = 0; i < block_count * elements; i++) {
            steps[i] = 0;
        }
        return;
    }
    uint8_t gap[256];
    fill_gaps(spacing, gap);
    for (size_t i = 0; i < block_count; i++) {
        struct sva_block_codes codes;
        unpack(dtype, blocks + i * bytes, &codes);
        for (size_t g = 0; g < elements / group; g++) {
            group_steps(codes.code + g * group, codes.scale[g], gap, group,
                        steps + i * elements + g * group);
        }
    }
}

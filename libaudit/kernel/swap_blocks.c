/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/dequantise.h"
#include "kernel/dtype.h"

/* `count` scalars of `width` bytes, one after the other. */
struct scalars {
    uint16_t offset;
    uint8_t width;
    uint8_t count;
};

/*
 * Scalars of more than one byte, of types that have any. Q5: a word of fifth bits. IQ2_XXS: written
 * as words of 32 bits, indices and signs, though declared in halves of them. IQ1_M: words that
 * hold scales. Unused entries have no scalars.
 */
/* clang-format off */
static const struct {
    enum sva_dtype dtype;
    struct scalars scalars[2];
} swapped[] = {
    {SVA_DTYPE_Q4_0,    {{0, 2, 1}}},
    {SVA_DTYPE_Q4_1,    {{0, 2, 2}}},
    {SVA_DTYPE_Q5_0,    {{0, 2, 1}, {2, 4, 1}}},
    {SVA_DTYPE_Q5_1,    {{0, 2, 2}, {4, 4, 1}}},
    {SVA_DTYPE_Q8_0,    {{0, 2, 1}}},
    {SVA_DTYPE_Q8_1,    {{0, 2, 2}}},
    {SVA_DTYPE_Q2_K,    {{80, 2, 2}}},
    {SVA_DTYPE_Q3_K,    {{108, 2, 1}}},
    {SVA_DTYPE_Q4_K,    {{0, 2, 2}}},
    {SVA_DTYPE_Q5_K,    {{0, 2, 2}}},
    {SVA_DTYPE_Q6_K,    {{208, 2, 1}}},
    {SVA_DTYPE_Q8_K,    {{0, 4, 1}, {260, 2, 16}}},
    {SVA_DTYPE_IQ2_XXS, {{0, 2, 1}, {2, 4, 16}}},
    {SVA_DTYPE_IQ2_XS,  {{0, 2, 33}}},
    {SVA_DTYPE_IQ3_XXS, {{0, 2, 1}, {66, 4, 8}}},
    {SVA_DTYPE_IQ1_S,   {{0, 2, 1}, {34, 2, 8}}},
    {SVA_DTYPE_IQ4_NL,  {{0, 2, 1}}},
    {SVA_DTYPE_IQ3_S,   {{0, 2, 1}}},
    {SVA_DTYPE_IQ2_S,   {{0, 2, 1}}},
    {SVA_DTYPE_IQ4_XS,  {{0, 2, 2}}},
    {SVA_DTYPE_IQ1_M,   {{48, 2, 4}}},
    {SVA_DTYPE_TQ1_0,   {{52, 2, 1}}},
    {SVA_DTYPE_TQ2_0,   {{64, 2, 1}}},
    {SVA_DTYPE_Q1_0,    {{0, 2, 1}}},
    {SVA_DTYPE_Q2_0,    {{0, 2, 1}}},
};
/* clang-format on */

static void turn_round(uint8_t *bytes, size_t width)
{
    for (size_t i = 0; i < width / 2; i++) {
        const uint8_t byte = bytes[i];
        bytes[i] = bytes[width - 1 - i];
        bytes[width - 1 - i] = byte;
    }
}

static void swap_scalars(const struct scalars *scalars, uint8_t *block)
{
    for (size_t i = 0; i < scalars->count; i++) {
        turn_round(block + scalars->offset + i * scalars->width, scalars->width);
    }
}

void sva_swap_blocks(enum sva_dtype dtype, uint8_t *blocks, size_t block_count)
{
    size_t entry = 0;
    while (entry < sizeof swapped / sizeof *swapped && swapped[entry].dtype != dtype) {
        entry++;
    }
    if (entry == sizeof swapped / sizeof *swapped) {
        return; /* MXFP4 and NVFP4 are bytes through and through */
    }
    const size_t bytes = sva_dtype_get(dtype)->block_bytes;
    for (size_t i = 0; i < block_count; i++) {
        for (size_t j = 0; j < 2; j++) {
            swap_scalars(&swapped[entry].scalars[j], blocks + i * bytes);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The loops behind kernel/dequantise.h and the 16-bit decoders of kernel/dtype.h, once per level of
 * the processor. Every level gives the same bits; kernel/dequantise.c chooses.
 */
#ifndef SVA_KERNEL_DEQUANTISE_LEVELS_H
#define SVA_KERNEL_DEQUANTISE_LEVELS_H

#include <stddef.h>

#include "kernel/dtype.h"

enum { SVA_BLOCK_TYPES = SVA_DTYPE_Q2_0 - SVA_DTYPE_Q4_0 + 1 };

/**
 * Decodes `count` blocks. True: a scale was not finite, so there may be NaN among the values whose
 * sign and payload depend on the processor; the caller makes them one.
 */
typedef bool sva_decode_blocks(const uint8_t *blocks, size_t count, float *out);

/** Decodes `count` elements of 2 bytes from any address. */
typedef void sva_decode_16(const uint8_t *bytes, size_t count, float *out);

struct sva_dequantise_level {
    sva_decode_blocks *blocks[SVA_BLOCK_TYPES]; /**< from SVA_DTYPE_Q4_0 on */
    sva_decode_16 *f16;                         /**< NaN keep sign and payload */
    sva_decode_16 *bf16;
};

/** The level that base/cpu.h says. */
const struct sva_dequantise_level *sva_dequantise_level(void);

extern const struct sva_dequantise_level sva_dequantise_baseline;
#if defined(__x86_64__)
extern const struct sva_dequantise_level sva_dequantise_avx2;
extern const struct sva_dequantise_level sva_dequantise_avx512;
#endif

#endif

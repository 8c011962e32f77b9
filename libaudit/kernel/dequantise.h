/* SPDX-License-Identifier: Apache-2.0 */
/**
 * ggml's block formats to F32. Bit for bit what ggml's reference computes (single precision, left
 * to right, no fused multiply-add), on every instruction set, except that every NaN is 0x7FC00000:
 * ggml's depend on the processor. Q8_1, which ggml only writes, is scale times code. Blocks are low
 * byte first and may stand at any address. Subnormal numbers count: the floating-point environment
 * is the default one.
 * Source: ggml's format documentation; formulas in docs/formats.md. Tested against ggml d99724f2.
 */
#ifndef SVA_KERNEL_DEQUANTISE_H
#define SVA_KERNEL_DEQUANTISE_H

#include <stddef.h>

#include <sovaudit/model.h>

/**
 * Decodes `block_count` blocks of a block type to block_count * block_elements values. Domain: any
 * bytes. A scale that is not finite gives values that are not. Thread-safe.
 */
void sva_dequantise(enum sva_dtype dtype, const uint8_t *blocks, size_t block_count, float *out);

/**
 * For each element the larger distance from its code to the two next to it (one at the end of the
 * range): the width within which rounding to nearest moves a value. 0 for formats whose codes are
 * vectors (IQ1, IQ2, IQ3). Never negative; where the scale is not finite, neither is the distance.
 */
void sva_block_steps(enum sva_dtype dtype, const uint8_t *blocks, size_t block_count, float *steps);

/**
 * Exchanges the bytes of every scalar inside the blocks of a big-endian file, in place: scales,
 * words of bits, sums. Twice is as never. Types that consist of bytes stay as they are.
 */
void sva_swap_blocks(enum sva_dtype dtype, uint8_t *blocks, size_t block_count);

#endif

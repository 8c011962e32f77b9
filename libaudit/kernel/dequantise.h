/* SPDX-License-Identifier: Apache-2.0 */
/**
 * ggml's block formats to F32. Bit for bit what ggml's reference computes (single precision, left
 * to right, no fused multiply-add), on every instruction set. Blocks are low byte first.
 * Source: ggml's format documentation; formulas in docs/formats.md.
 */
#ifndef SVA_KERNEL_DEQUANTISE_H
#define SVA_KERNEL_DEQUANTISE_H

#include <stddef.h>

#include <sovaudit/model.h>

/** Decodes `block_count` blocks of a block type. Domain: any bytes. Non-finite scales give
 * non-finite values. */
void sva_dequantise(enum sva_dtype dtype, const uint8_t *blocks, size_t block_count, float *out);

/**
 * For each element the larger distance from its code to the two next to it (one at the end of the
 * range): the width within which rounding to nearest moves a value. 0 for formats whose codes are
 * vectors (IQ1, IQ2, IQ3).
 */
void sva_block_steps(enum sva_dtype dtype, const uint8_t *blocks, size_t block_count, float *steps);

/** Exchanges the bytes of every scalar inside the blocks of a big-endian file, in place. */
void sva_swap_blocks(enum sva_dtype dtype, uint8_t *blocks, size_t block_count);

#endif

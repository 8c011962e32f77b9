/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The quantisers whose result follows from the values alone, so that "these bytes are that base,
 * quantised" can be checked by doing it again: Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, MXFP4, BF16, F16.
 * Byte for byte ggml's reference quantisers without importance weights, in single precision.
 *
 * Any values are allowed. NaN does not count for a block's extremes. Where ggml turns into an
 * integer what no integer can hold (NaN; infinity; blocks below about 2^-125) C leaves the outcome
 * open; here it is what x86 does: the low byte of the conversion to 32 bits, and 0 where the value
 * does not fit these. Halves: a NaN becomes the quiet one of its sign; BF16 keeps the payload.
 */
#ifndef SVA_KERNEL_QUANTISE_H
#define SVA_KERNEL_QUANTISE_H

#include <stddef.h>

#include <sovaudit/model.h>

/** Is there a quantiser for this type? */
bool sva_quantiser_exists(enum sva_dtype dtype);

/**
 * `count` is a multiple of the type's block_elements; `out` holds count / elements * bytes. Writes
 * nothing for a type without quantiser.
 */
void sva_quantise(enum sva_dtype dtype, const float *values, size_t count, uint8_t *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Floats of 4, 6 and 8 bits, code point by code point, and the two 16-value tables of
 * bitsandbytes. In a file of dtype F6_E2M3 or F6_E3M2 four elements share three bytes, and no
 * specification says in which order their bits stand there: such files are hashed and not decoded,
 * only code points that a format has told apart are.
 */
#ifndef SVA_KERNEL_SMALL_FLOATS_H
#define SVA_KERNEL_SMALL_FLOATS_H

#include <sovaudit/model.h>

/**
 * The value of a code point: the low 4, 6 or 8 bits of `pattern` for F4, F6_* and F8_*; exact.
 * Patterns that stand for no number, and every other dtype, give NaN.
 * Source: OCP 8-bit Floating Point (OFP8) 1.0, section 5; Microscaling (MX) 1.0, section 5.3; FNUZ
 * as in "8-bit Numerical Formats for Deep Neural Networks" (Noune et al. 2022).
 */
float sva_small_float(enum sva_dtype dtype, unsigned pattern);

/** bitsandbytes' NF4: 16 quantiles of a normal distribution, scaled to -1 ... 1. */
extern const float sva_nf4_values[16];

/** bitsandbytes' FP4: 0, 1/16, 8, 12, 4, 6, 2, 3 and their negatives, all divided by 12. */
extern const float sva_fp4_values[16];

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Rounding F32 values to the 16-bit formats that checkpoints are cast to. */
#ifndef SVA_KERNEL_ROUNDING_H
#define SVA_KERNEL_ROUNDING_H

#include <stddef.h>

/** Each value rounded to bfloat16, to nearest even, as float. NaN stay NaN. */
void sva_round_bf16(const float *values, size_t count, float *rounded);

/** Each value rounded to IEEE binary16, to nearest even, overflow to infinity, as float. */
void sva_round_f16(const float *values, size_t count, float *rounded);

#endif

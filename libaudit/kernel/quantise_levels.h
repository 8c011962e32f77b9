/* SPDX-License-Identifier: Apache-2.0 */
/** The quantisers of quantise.h, once for each level of the processor; chosen in quantise.c. */
#ifndef SVA_KERNEL_QUANTISE_LEVELS_H
#define SVA_KERNEL_QUANTISE_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/quantise.h"

/** False: there is no quantiser for the type, and nothing was written. */
typedef bool sva_quantise_values(enum sva_dtype dtype, const float *values, size_t count,
                                 uint8_t *out);

/** The levels that a processor may lack are there on x86-64 only. */
sva_quantise_values sva_quantise_baseline, sva_quantise_avx2, sva_quantise_avx512;

#endif

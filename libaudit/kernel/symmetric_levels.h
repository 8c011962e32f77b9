/* SPDX-License-Identifier: Apache-2.0 */
/** The methods of symmetric.h, once for each level of the processor; chosen in symmetric.c. */
#ifndef SVA_KERNEL_SYMMETRIC_LEVELS_H
#define SVA_KERNEL_SYMMETRIC_LEVELS_H

#include "kernel/symmetric.h"

struct sva_symmetric_level {
    void (*tridiagonalise)(double *matrix, uint32_t size, double *diagonal, double *beside,
                           double *scratch);
    bool (*eigenvalues_above)(const double *matrix, uint32_t size, uint32_t count, double bound,
                              double *scratch);
};

extern const struct sva_symmetric_level sva_symmetric_baseline;
#if defined(__x86_64__)
extern const struct sva_symmetric_level sva_symmetric_avx2;
extern const struct sva_symmetric_level sva_symmetric_avx512;
#endif

#endif

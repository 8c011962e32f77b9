/* SPDX-License-Identifier: Apache-2.0 */
/** One set of the integer products for each level of the processor; chosen in integer_products.c. */
#ifndef SVA_KERNEL_INTEGER_PRODUCTS_LEVELS_H
#define SVA_KERNEL_INTEGER_PRODUCTS_LEVELS_H

#include <stddef.h>
#include <stdint.h>

struct sva_integer_level {
    int64_t (*dot)(const int16_t *a, const int16_t *b, size_t count);
    void (*products)(const int16_t *a, const int16_t *b, size_t n, size_t count, int64_t *out);
};

extern const struct sva_integer_level sva_integer_baseline;
extern const struct sva_integer_level sva_integer_avx2;
extern const struct sva_integer_level sva_integer_avx512;

#endif

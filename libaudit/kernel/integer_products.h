/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Inner products of sketches: 16-bit integers in, exact 64-bit integers out. Every order of
 * adding gives the same number, so that all levels of the processor agree to the last bit.
 *
 * Domain: |value| <= 2047 (SVA_FEATURE_LIMIT), any count. Tested against plain 64-bit sums.
 */
#ifndef SVA_KERNEL_INTEGER_PRODUCTS_H
#define SVA_KERNEL_INTEGER_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

/** sum over k of a[k] * b[k]. */
int64_t sva_dot_i16(const int16_t *a, const int16_t *b, size_t count);

/** out[i * n + j] = dot of row i of `a` and row j of `b`; both are n rows of `count`, row-major. */
void sva_products_i16(const int16_t *a, const int16_t *b, size_t n, size_t count, int64_t *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The loops of integer_products.h, compiled once for each level. Plain C: compilers make a
 * multiply-and-add of pairs of it. Products of 512 features of 2047 at most fit 32 bits.
 */
#ifndef SVA_KERNEL_INTEGER_PRODUCTS_LOOPS_H
#define SVA_KERNEL_INTEGER_PRODUCTS_LOOPS_H

#include "kernel/integer_products_levels.h"

enum { STRETCH = 512 };

static int64_t dot_rows(const int16_t *a, const int16_t *b, size_t count)
{
    int64_t sum = 0;
    for (size_t start = 0; start < count; start += STRETCH) {
        const size_t end = count - start < STRETCH ? count : start + STRETCH;
        int32_t part = 0;
        for (size_t k = start; k < end; k++) {
            part += (int32_t)a[k] * (int32_t)b[k];
        }
        sum += part;
    }
    return sum;
}

/** One row against four: every load of the row serves four sums. */
static void dot_four(const int16_t *restrict a, const int16_t *restrict b, size_t count,
                     int64_t *restrict out)
{
    const int16_t *b1 = b + count;
    const int16_t *b2 = b1 + count;
    const int16_t *b3 = b2 + count;
    int64_t sums[4] = {0, 0, 0, 0};
    for (size_t start = 0; start < count; start += STRETCH) {
        const size_t end = count - start < STRETCH ? count : start + STRETCH;
        int32_t part0 = 0;
        int32_t part1 = 0;
        int32_t part2 = 0;
        int32_t part3 = 0;
        for (size_t k = start; k < end; k++) {
            part0 += (int32_t)a[k] * (int32_t)b[k];
            part1 += (int32_t)a[k] * (int32_t)b1[k];
            part2 += (int32_t)a[k] * (int32_t)b2[k];
            part3 += (int32_t)a[k] * (int32_t)b3[k];
        }
        sums[0] += part0;
        sums[1] += part1;
        sums[2] += part2;
        sums[3] += part3;
    }
    for (int i = 0; i < 4; i++) {
        out[i] = sums[i];
    }
}

/** Few features: transposed, so that neighbouring products share an instruction. */
static void products_short(const int16_t *restrict a, const int16_t *restrict b, size_t n,
                           size_t count, int64_t *restrict out)
{
    enum { COLUMNS = 64 };
    for (size_t first = 0; first < n; first += COLUMNS) {
        const size_t width = n - first < COLUMNS ? n - first : COLUMNS;
        int32_t turned[16][COLUMNS] = {{0}};
        for (size_t j = 0; j < width; j++) {
            for (size_t k = 0; k < count; k++) {
                turned[k][j] = b[(first + j) * count + k];
            }
        }
        for (size_t i = 0; i < n; i++) {
            int32_t sums[COLUMNS] = {0};
            for (size_t k = 0; k < count; k++) {
                const int32_t value = a[i * count + k];
                for (size_t j = 0; j < COLUMNS; j++) {
                    sums[j] += value * turned[k][j];
                }
            }
            for (size_t j = 0; j < width; j++) {
                out[i * n + first + j] = sums[j];
            }
        }
    }
}

/** Rows of `b` in groups that stay in the cache while all rows of `a` pass by. */
static void product_rows(const int16_t *a, const int16_t *b, size_t n, size_t count, int64_t *out)
{
    enum { GROUP = 16 };
    if (count <= 16) {
        products_short(a, b, n, count, out);
        return;
    }
    for (size_t first = 0; first < n; first += GROUP) {
        const size_t last = n - first < GROUP ? n : first + GROUP;
        for (size_t i = 0; i < n; i++) {
            size_t j = first;
            for (; j + 4 <= last; j += 4) {
                dot_four(a + i * count, b + j * count, count, out + i * n + j);
            }
            for (; j < last; j++) {
                out[i * n + j] = dot_rows(a + i * count, b + j * count, count);
            }
        }
    }
}

#endif

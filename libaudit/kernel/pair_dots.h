/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Inner products of all pairs of rows, compiled once for each level: eight sums a pair, of every
 * eighth position, folded in one order. A double holds the product of two floats exactly.
 */
#ifndef SVA_KERNEL_PAIR_DOTS_H
#define SVA_KERNEL_PAIR_DOTS_H

#include <stdint.h>

#include "kernel/eight_lanes.h"
#include "kernel/fold_lanes.h"

/* Pairs whose sums stay in registers: TILE rows with TILE others. */
enum {
#if defined(__AVX512F__)
    TILE = 4
#elif defined(__AVX2__)
    TILE = 2
#else
    TILE = 1
#endif
};

static inline double fold_lanes(lanes sums)
{
    double s[LANES];
    lanes_store(s, sums);
    return sva_fold_lanes(s);
}

/** The last positions, fewer than eight; what is not there adds nothing. */
static inline lanes last_floats(const float *values, size_t count)
{
    float padded[LANES] = {0.0F};
    memcpy(padded, values, count * sizeof *values);
    return lanes_load_floats(padded);
}

static inline void dot_tile(const float *const a[TILE], const float *const b[TILE], size_t length,
                            double dots[TILE][TILE])
{
    lanes sums[TILE][TILE];
    for (int r = 0; r < TILE; r++) {
        for (int c = 0; c < TILE; c++) {
            sums[r][c] = lanes_all(0.0);
        }
    }
    const size_t even = length / LANES * LANES;
    for (size_t j = 0; j < even; j += LANES) {
        lanes right[TILE];
        for (int c = 0; c < TILE; c++) {
            right[c] = lanes_load_floats(b[c] + j);
        }
        for (int r = 0; r < TILE; r++) {
            const lanes left = lanes_load_floats(a[r] + j);
            for (int c = 0; c < TILE; c++) {
                sums[r][c] = lanes_add_exact(sums[r][c], left, right[c]);
            }
        }
    }
    for (int r = 0; r < TILE; r++) {
        for (int c = 0; c < TILE; c++) {
            if (even < length) {
                sums[r][c] = lanes_add_exact(sums[r][c], last_floats(a[r] + even, length - even),
                                             last_floats(b[c] + even, length - even));
            }
            dots[r][c] = fold_lanes(sums[r][c]);
        }
    }
}

/** dots[i * count + k] = product of rows i and k, both halves filled. */
static inline void pair_dots(const float *rows, uint32_t count, size_t length, double *dots)
{
    for (uint32_t i = 0; i < count; i += TILE) {
        for (uint32_t k = 0; k <= i; k += TILE) {
            const float *a[TILE];
            const float *b[TILE];
            double tile[TILE][TILE];
            for (uint32_t r = 0; r < TILE; r++) { /* past the end: the last row again */
                a[r] = rows + (size_t)(i + r < count ? i + r : count - 1) * length;
                b[r] = rows + (size_t)(k + r < count ? k + r : count - 1) * length;
            }
            dot_tile(a, b, length, tile);
            for (uint32_t r = 0; r < TILE && i + r < count; r++) {
                for (uint32_t c = 0; c < TILE && k + c < count; c++) {
                    dots[(size_t)(i + r) * count + k + c] = tile[r][c];
                    dots[(size_t)(k + c) * count + i + r] = tile[r][c];
                }
            }
        }
    }
}

#endif

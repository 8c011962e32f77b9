/* SPDX-License-Identifier: Apache-2.0 */
/** One set of the loops of planes.h for each level of the processor; chosen in planes.c. */
#ifndef SVA_KERNEL_PLANES_LEVELS_H
#define SVA_KERNEL_PLANES_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sva_planes_level {
    uint32_t (*split)(const float *values, size_t count, uint8_t *high, uint8_t *low);
    uint32_t (*split_high)(const float *values, size_t count, uint8_t *high);
    void (*copy_high)(const uint8_t *halves, size_t count, uint8_t *high);
    bool (*has_nan)(const uint8_t *halves, size_t count);
};

extern const struct sva_planes_level sva_planes_baseline;
extern const struct sva_planes_level sva_planes_avx2;
extern const struct sva_planes_level sva_planes_avx512;

#endif

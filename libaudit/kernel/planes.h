/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Values taken apart into a plane of high and a plane of low 16-bit halves of their F32 bits, both
 * little-endian, as value hash v1 wants them (fingerprint/value_hash.h). Any NaN becomes 7fc00000;
 * all other bits stay, -0 and subnormal values included. Same bytes on every level; tested against
 * a loop over bytes.
 */
#ifndef SVA_KERNEL_PLANES_H
#define SVA_KERNEL_PLANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** 2 * count bytes to each plane; returns all low halves ORed. Nothing may overlap. */
uint32_t sva_split_planes(const float *values, size_t count, uint8_t *high, uint8_t *low);

/** The same without the low plane. */
uint32_t sva_split_high_plane(const float *values, size_t count, uint8_t *high);

/** The high plane of values given as their upper halves (BF16 as stored), 2 * count bytes. */
void sva_copy_high_plane(const uint8_t *halves, size_t count, uint8_t *high);

/** Is there a NaN among them? If not, they are the high plane as they stand. */
bool sva_high_plane_has_nan(const uint8_t *halves, size_t count);

#endif

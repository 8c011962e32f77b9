/* SPDX-License-Identifier: Apache-2.0 */
/** How far quantised values lie from their source where the codes do not tell it: a measured table.
 */
#ifndef SVA_COMPARE_NOISE_FLOOR_H
#define SVA_COMPARE_NOISE_FLOOR_H

#include <sovaudit/model.h>

/**
 * Relative distance |y - x| / |x| that ggml's reference quantiser of this type leaves, the larger
 * of two measurements: normal values, and normal values with one in a hundred eight times as
 * large. NAN for types that were not measured, and for those whose distance says nothing (ternary
 * and one-bit types lose more than half of any ordinary network).
 */
double sva_noise_floor(enum sva_dtype dtype);

/** Formats whose codes are vectors: no value has a step of its own, the floor is all that is known.
 */
bool sva_has_floor(enum sva_dtype dtype);

#endif

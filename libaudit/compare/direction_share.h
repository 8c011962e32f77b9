/* SPDX-License-Identifier: Apache-2.0 */
/** How much two sets of leading directions have in common: what training wrote into both. */
#ifndef SVA_COMPARE_DIRECTION_SHARE_H
#define SVA_COMPARE_DIRECTION_SHARE_H

#include <stdint.h>

/** Directions of one side: [leading * stride]; coordinate u stands at rows[u]. */
struct sva_direction_set {
    const int8_t *directions;
    uint32_t leading, stride;
    const uint32_t *rows; /**< [units], NULL: as numbered */
};

/**
 * Share of the fewer directions that lies in the other side's span over `units` coordinates, chance
 * removed: 1 the same, about 0 for unrelated ones. Both sides have some.
 */
double sva_direction_share(const struct sva_direction_set *subject,
                           const struct sva_direction_set *reference, uint32_t units);

#endif

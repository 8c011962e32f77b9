/* SPDX-License-Identifier: Apache-2.0 */
/** Which texts of a list occur more than once, in n log n whatever the input. */
#ifndef SVA_FORMAT_REPEATS_H
#define SVA_FORMAT_REPEATS_H

#include <stddef.h>
#include <stdint.h>

struct sva_named {
    const char *text;
    size_t size;
    uint64_t at;   /**< where in the file */
    uint64_t hash; /**< set by sva_repeats_count */
};

/**
 * Number of items whose text occurred before; *first is the one of them that comes first in the
 * file, untouched when there is none. Reorders the items.
 */
uint64_t sva_repeats_count(struct sva_named *items, size_t count, struct sva_named *first);

#endif

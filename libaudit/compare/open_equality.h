/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where tensors were read in part no hash tells that two are equal; but samples that differ tell
 * that they are not. What they leave open must not be taken for "no tensor is equal".
 */
#ifndef SVA_COMPARE_OPEN_EQUALITY_H
#define SVA_COMPARE_OPEN_EQUALITY_H

#include "compare/evidence.h"

/**
 * Sets `*open`: may a tensor of the component equal one of the reference's of its shape, though
 * none is known to? Never where both prints were made from all values. False: out of memory.
 */
bool sva_equality_is_open(const struct sva_pair *pair, uint32_t component, bool *open);

#endif

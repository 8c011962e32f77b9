/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Finds residual axes that carry labels: where positions were added as
 * sinusoids of the axis' index, a renumbered network is not the same network.
 */
#ifndef SVA_LABELLED_AXES_H
#define SVA_LABELLED_AXES_H

#include "model/model_parts.h"

/**
 * Sets residual_labelled by configuration (families with fixed sinusoids) and
 * by looking at the first rows of stored position tables. Errors: IO, CONFLICT,
 * MEMORY.
 */
enum sva_status sva_labelled_axes(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

/**
 * Is this the row of position 0 in a table of sinusoids, or one trained from
 * it: half zeros, half ones? `row` has `count` values.
 */
bool sva_is_sinusoid_origin(const float *row, size_t count);

#endif

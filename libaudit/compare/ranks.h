/* SPDX-License-Identifier: Apache-2.0 */
/** Ranks of a vector, the robust form in which gains and biases are compared. */
#ifndef SVA_COMPARE_RANKS_H
#define SVA_COMPARE_RANKS_H

#include <stdbool.h>
#include <stdint.h>

/** Ranks 0..count-1, ties share their middle; non-finite values count as 0. False: out of memory. */
bool sva_ranks(const float *values, uint32_t count, double *ranks);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ordered_sums_levels.h"

#include "kernel/ordered_sums_loops.h"

const struct sva_sums_level sva_sums_baseline = SVA_SUMS_LEVEL;

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_sums_levels.h"

#include "kernel/pair_sums_loops.h"

const struct sva_pair_level sva_pair_baseline = SVA_PAIR_LEVEL;

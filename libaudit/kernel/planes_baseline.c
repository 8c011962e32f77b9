/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/planes_levels.h"

#include "kernel/planes_loops.h"

const struct sva_planes_level sva_planes_baseline = {
    .split = split, .split_high = split_high, .copy_high = copy_high, .has_nan = has_nan};

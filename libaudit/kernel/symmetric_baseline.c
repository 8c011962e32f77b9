/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/symmetric_levels.h"

#include "kernel/symmetric_loops.h"

const struct sva_symmetric_level sva_symmetric_baseline = SVA_SYMMETRIC_LEVEL;

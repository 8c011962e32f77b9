/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/integer_products_levels.h"

#include "kernel/integer_products_loops.h"

const struct sva_integer_level sva_integer_baseline = {.dot = dot_rows, .products = product_rows};

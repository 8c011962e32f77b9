/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/integer_products_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/integer_products_loops.h"

const struct sva_integer_level sva_integer_avx2 = {.dot = dot_rows, .products = product_rows};

#endif

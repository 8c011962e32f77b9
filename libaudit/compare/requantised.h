/* SPDX-License-Identifier: Apache-2.0 */
/** Exact requantisation told from digests of sampled rows: "these rows are that base, quantised".
 */
#ifndef SVA_COMPARE_REQUANTISED_H
#define SVA_COMPARE_REQUANTISED_H

#include <sovaudit/print.h>

/**
 * Are the rows stored on one side those that quantising the other side's values in `dtype` gives?
 * `*by_way_of_f16`: only after rounding them to F16 first, as converters do.
 */
bool sva_rows_requantised(enum sva_dtype dtype, const struct sva_row_digests *stored,
                          const struct sva_row_digests *values, bool *by_way_of_f16);

#endif

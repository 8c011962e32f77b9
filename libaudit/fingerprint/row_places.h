/* SPDX-License-Identifier: Apache-2.0 */
/** Places of a view's rows in the stored order, both ways. Pure functions. */
#ifndef SVA_FINGERPRINT_ROW_PLACES_H
#define SVA_FINGERPRINT_ROW_PLACES_H

#include <sovaudit/model.h>

/** Elements from the view's offset to row `row`. */
uint64_t sva_row_place(const struct sva_view *view, uint64_t row);

/** The row that begins `place` elements from the view's offset; false: none does. */
bool sva_row_at(const struct sva_view *view, uint64_t place, uint64_t *row);

/** Do stored rows come in ascending order? Then a stream of them needs no buffer. */
bool sva_rows_ascend(const struct sva_view *view);

/** Elements from the first row's place to behind the last one's, rows `length` long. */
uint64_t sva_rows_extent(const struct sva_view *view, uint64_t length);

#endif

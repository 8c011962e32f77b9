/* SPDX-License-Identifier: Apache-2.0 */
/** Comparators for qsort() and bsearch(). */
#ifndef SVA_BASE_ORDER_H
#define SVA_BASE_ORDER_H

/** Of const char *, by their bytes. */
int sva_by_text(const void *left, const void *right);
/** Of double, ascending; a NaN is equal to everything. */
int sva_by_double(const void *left, const void *right);

#endif

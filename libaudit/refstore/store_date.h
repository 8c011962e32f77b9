/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Dates of references and subjects: "YYYY", "YYYY-MM" or "YYYY-MM-DD". A
 * shorter one means "some day in it", hence a range of days. Pure functions.
 */
#ifndef SVA_REFSTORE_STORE_DATE_H
#define SVA_REFSTORE_STORE_DATE_H

#include <stdbool.h>

/** First and last day as the number yyyymmdd. */
struct sva_date_range {
    int first, last;
};

/** False unless `text` is exactly one of the three forms and a day that exists. */
bool sva_date_parse(const char *text, struct sva_date_range *range);

#endif

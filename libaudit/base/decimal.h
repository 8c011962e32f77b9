/* SPDX-License-Identifier: Apache-2.0 */
/** Decimal numbers out of text, whatever the locale. */
#ifndef SVA_BASE_DECIMAL_H
#define SVA_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/**
 * The whole of `text` as a number: sign, digits, a point, an exponent; also "nan", "inf" and
 * "infinity" in any case. Numbers of up to 17 digits are within a few units in the last place of
 * what a correctly rounding reader gives. Beyond the range: 0 or an infinity. False: no number.
 */
bool sva_decimal(const char *text, size_t length, double *value);

#endif

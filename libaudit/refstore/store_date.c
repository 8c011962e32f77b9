/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/store_date.h"

#include <stddef.h>
#include <string.h>

static bool read_digits(const char *text, size_t count, int *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool sva_date_parse(const char *text, struct sva_date_range *range)
{
    const size_t length = strlen(text);
    int year = 0;
    int month = 0;
    int day = 0;
    if ((length != 4 && length != 7 && length != 10) || !read_digits(text, 4, &year) ||
        year < 1900) {
        return false;
    }
    if (length == 4) {
        *range = (struct sva_date_range){year * 10000 + 101, year * 10000 + 1231};
        return true;
    }
    if (text[4] != '-' || !read_digits(text + 5, 2, &month) || month < 1 || month > 12) {
        return false;
    }
    const int base = year * 10000 + month * 100;
    const int last = days_in_month(year, month);
    if (length == 7) {
        *range = (struct sva_date_range){base + 1, base + last};
        return true;
    }
    if (text[7] != '-' || !read_digits(text + 8, 2, &day) || day < 1 || day > last) {
        return false;
    }
    *range = (struct sva_date_range){base + day, base + day};
    return true;
}

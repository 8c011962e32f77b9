/* SPDX-License-Identifier: Apache-2.0 */
#include "base/order.h"

#include <string.h>

int sva_by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int sva_by_double(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return a < b ? -1 : a > b ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/** The smallest program that uses an installed libsovaudit. */
#include <stdio.h>

#include <sovaudit/sovaudit.h>

int main(void)
{
    return printf("sovaudit %s\n", sva_version()) < 0;
}

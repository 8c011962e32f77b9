/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/glob.h"

#include <stddef.h>

bool sva_glob_matches(const char *pattern, const char *text)
{
    const char *star = NULL; /* the last '*' seen, and where its run ends so far */
    const char *run = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            run = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++run;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

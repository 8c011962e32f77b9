/* SPDX-License-Identifier: Apache-2.0 */
/** Patterns over names: '*' is any run of bytes, '?' one byte, the rest stands for itself. */
#ifndef SVA_JUDGE_GLOB_H
#define SVA_JUDGE_GLOB_H

#include <stdbool.h>

/** True when the whole of `text` fits `pattern`. Time: product of the lengths at most. */
bool sva_glob_matches(const char *pattern, const char *text);

#endif

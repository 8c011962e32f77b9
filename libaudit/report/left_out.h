/* SPDX-License-Identifier: Apache-2.0 */
/** Tensors that carry no evidence, and why: constants, formulas, too few values, unreadable ones. */
#ifndef SVA_REPORT_LEFT_OUT_H
#define SVA_REPORT_LEFT_OUT_H

#include <sovaudit/print.h>

#include "report/labels.h"

enum { SVA_LEFT_OUT_SHOWN = 50 };

/** The reason that weighs most: "unreadable", "empty", "constant", "formula", "low-entropy"; NULL: none. */
const char *sva_left_out_why(const struct sva_print_tensor *tensor);

/**
 * "12 tensors with 3,584 parameters (constant: 10, formula: 2): a, b, c, ..." of one component;
 * "" when it has none, NULL when out of memory. In `arena`.
 */
const char *sva_left_out_sentence(struct sva_arena *arena, enum sva_lang lang,
                                  const struct sva_print *print, uint32_t component);

#endif

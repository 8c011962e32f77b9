/* SPDX-License-Identifier: Apache-2.0 */
/** From evidence to answers: Holm's adjustment, the power statement, then the decision rule. */
#ifndef SVA_COMPARE_DECIDE_H
#define SVA_COMPARE_DECIDE_H

#include "compare/evidence.h"

/** What a comparison keeps so that its answers can be made again for a larger family. */
struct sva_comparison_state {
    struct sva_arena arena;
    struct sva_component_evidence *evidence; /**< [component_count] */
    struct sva_test *tests;                  /**< all components' tests, shown in the results */
};

#endif

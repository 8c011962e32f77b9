/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/rule_decide.h"

struct sva_decision sva_rule_decide(const struct sva_rule *rule,
                                    const struct sva_fact_value *values)
{
    for (size_t i = 0; i < rule->case_count; i++) {
        const struct sva_rule_case *one = &rule->cases[i];
        const enum sva_truth truth =
            one->conditional ? sva_condition_evaluate(&one->condition, values) : SVA_TRUE;
        if (truth == SVA_TRUE) {
            return (struct sva_decision){one->verdict, one->missing};
        }
        if (truth == SVA_MISSING) {
            break;
        }
    }
    return (struct sva_decision){rule->on_missing, true};
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Conditions over facts: a closed set of operators, compiled from JSON into a
 * short postfix program and evaluated in three-valued logic, so that a missing
 * fact matters only where it could change the outcome. No recursion.
 *
 *     {"all": [c, ...]}  {"any": [c, ...]}  {"not": c}
 *     {"eq"|"ne"|"lt"|"le"|"gt"|"ge": ["fact", literal or {"param": "name"}]}
 *     {"in": ["fact", [literal, ...]]}
 */
#ifndef SVA_JUDGE_CONDITION_H
#define SVA_JUDGE_CONDITION_H

#include <cjson/cJSON.h>

#include "judge/case_facts.h"
#include "judge/pack_problems.h"

enum { SVA_CONDITION_STEPS_MAX = 256 };

enum sva_truth { SVA_FALSE, SVA_TRUE, SVA_MISSING };

struct sva_operand {
    enum sva_fact_type type;
    bool truth;
    double number;
    const char *text;
};

enum sva_operator {
    SVA_OPERATOR_ALL,
    SVA_OPERATOR_ANY,
    SVA_OPERATOR_NOT,
    SVA_OPERATOR_EQ,
    SVA_OPERATOR_NE,
    SVA_OPERATOR_LT,
    SVA_OPERATOR_LE,
    SVA_OPERATOR_GT,
    SVA_OPERATOR_GE,
    SVA_OPERATOR_IN,
    SVA_OPERATOR_COUNT
};

/** ALL, ANY, NOT take `count` results from the stack; the others compare `fact` with operands. */
struct sva_condition_step {
    enum sva_operator op;
    enum sva_fact_id fact;
    size_t count;
    const struct sva_operand *operands;
};

struct sva_condition {
    size_t step_count;
    const struct sva_condition_step *steps;
};

/** A pack's named number. */
struct sva_param {
    const char *name;
    double value;
    bool used;
};

/** What a condition may refer to, and where problems go. */
struct sva_condition_scope {
    struct sva_problems *problems;
    unsigned scopes; /**< the facts must have a value in all of these */
    struct sva_param *params;
    size_t param_count;
};

/** Compiles `json`; problems are listed under `path`. The result lives in the problems' arena. */
void sva_condition_compile(const struct sva_condition_scope *scope, const cJSON *json,
                           const char *path, struct sva_condition *condition);

enum sva_truth sva_condition_evaluate(const struct sva_condition *condition,
                                      const struct sva_fact_value *values);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/condition.h"

#include <string.h>

#include "base/text.h"

enum { NESTING_MAX = 32, OPERANDS_MAX = 64 };

static const char *const operator_names[SVA_OPERATOR_COUNT] = {
    [SVA_OPERATOR_ALL] = "all", [SVA_OPERATOR_ANY] = "any", [SVA_OPERATOR_NOT] = "not",
    [SVA_OPERATOR_EQ] = "eq",   [SVA_OPERATOR_NE] = "ne",   [SVA_OPERATOR_LT] = "lt",
    [SVA_OPERATOR_LE] = "le",   [SVA_OPERATOR_GT] = "gt",   [SVA_OPERATOR_GE] = "ge",
    [SVA_OPERATOR_IN] = "in",
};

/* An operator whose operands are still being compiled. */
struct frame {
    enum sva_operator op;
    const cJSON *next; /* next child to compile, NULL when all are */
    size_t index, count;
    const char *path;
};

struct compiler {
    const struct sva_condition_scope *scope;
    struct sva_condition_step *steps;
    size_t step_count;
    struct frame stack[NESTING_MAX];
    size_t depth;
};

static void emit(struct compiler *compiler, struct sva_condition_step step, const char *path)
{
    if (compiler->step_count == SVA_CONDITION_STEPS_MAX) {
        sva_problem_add(compiler->scope->problems, path, "the condition has more than %d parts",
                        (int)SVA_CONDITION_STEPS_MAX);
        return;
    }
    compiler->steps[compiler->step_count++] = step;
}

/* ---- operands ---- */

static bool read_operand(const struct compiler *compiler, const cJSON *json, const char *path,
                         struct sva_operand *operand)
{
    struct sva_problems *problems = compiler->scope->problems;
    if (cJSON_IsBool(json)) {
        *operand = (struct sva_operand){.type = SVA_FACT_BOOL, .truth = cJSON_IsTrue(json) != 0};
        return true;
    }
    if (cJSON_IsNumber(json)) {
        *operand = (struct sva_operand){.type = SVA_FACT_NUMBER, .number = json->valuedouble};
        return true;
    }
    if (cJSON_IsString(json)) {
        *operand = (struct sva_operand){
            .type = SVA_FACT_TEXT,
            .text = sva_arena_strdup(problems->arena, json->valuestring),
        };
        problems->out_of_memory = problems->out_of_memory || operand->text == NULL;
        return operand->text != NULL;
    }
    const cJSON *name = cJSON_IsObject(json) ? json->child : NULL;
    if (name == NULL || name->next != NULL || strcmp(name->string, "param") != 0 ||
        !cJSON_IsString(name)) {
        sva_problem_add(problems, path, "expected a literal or {\"param\": \"name\"}");
        return false;
    }
    for (size_t i = 0; i < compiler->scope->param_count; i++) {
        struct sva_param *param = &compiler->scope->params[i];
        if (strcmp(param->name, name->valuestring) == 0) {
            param->used = true;
            *operand = (struct sva_operand){.type = SVA_FACT_NUMBER, .number = param->value};
            return true;
        }
    }
    sva_problem_add(problems, path, "there is no param \"%s\"", sva_esc(name->valuestring).text);
    return false;
}

/* `words` ends with an empty word. */
static bool is_one_of(const char *text, const char *words)
{
    while (words[0] != '\0' && strcmp(words, text) != 0) {
        words += strlen(words) + 1;
    }
    return words[0] != '\0';
}

/* Texts with a closed vocabulary are checked against it: a misspelt answer would never match. */
static bool is_in_vocabulary(enum sva_fact_id fact, const char *text)
{
    bool known = false;
    switch (fact) {
    case SVA_FACT_ANSWER:
    case SVA_FACT_ANSWER_UNDATED:
    case SVA_FACT_ANSWER_LATER:
    case SVA_FACT_ANSWER_OWN:
        for (int i = 0; i < SVA_ANSWER_COUNT; i++) {
            known = known || strcmp(sva_answer_name((enum sva_answer)i), text) == 0;
        }
        return known;
    case SVA_FACT_DIRECTION:
        for (int i = 0; i < SVA_DIRECTION_COUNT; i++) {
            known = known || strcmp(sva_direction_name((enum sva_direction)i), text) == 0;
        }
        return known || strcmp(text, "none") == 0;
    case SVA_FACT_JUDGEMENT_DECISION:
        return is_one_of(text, "accepted\0rejected\0review\0none\0");
    case SVA_FACT_TRACE_INITIALISATION:
    case SVA_FACT_TRACE_LOSS_LOG:
        return is_one_of(text, "accepted\0refused\0review\0not-checked\0none\0");
    case SVA_FACT_MANIFEST_SIGNATURE:
        for (int i = 0; i <= SVA_MANIFEST_UNSUPPORTED; i++) {
            known = known || strcmp(sva_manifest_state_name((enum sva_manifest_state)i), text) == 0;
        }
        return known;
    default: return true;
    }
}

static bool fits(enum sva_operator op, enum sva_fact_type type)
{
    switch (op) {
    case SVA_OPERATOR_EQ:
    case SVA_OPERATOR_NE: return true;
    case SVA_OPERATOR_IN: return type != SVA_FACT_BOOL;
    default: return type == SVA_FACT_NUMBER;
    }
}

static bool check_operand(const struct compiler *compiler, const struct sva_condition_step *step,
                          const struct sva_operand *operand, const char *path)
{
    static const char *const type_names[] = {"a bool", "a number", "a text"};
    const struct sva_fact_info *info = sva_fact_get_info(step->fact);
    if (operand->type != info->type) {
        sva_problem_add(compiler->scope->problems, path, "%s is %s, compared with %s", info->name,
                        type_names[info->type], type_names[operand->type]);
        return false;
    }
    if (operand->type == SVA_FACT_TEXT && !is_in_vocabulary(step->fact, operand->text)) {
        sva_problem_add(compiler->scope->problems, path, "%s is never \"%s\"", info->name,
                        sva_esc(operand->text).text);
        return false;
    }
    return true;
}

static void compile_operands(struct compiler *compiler, struct sva_condition_step step,
                             const cJSON *json, const char *path)
{
    struct sva_problems *problems = compiler->scope->problems;
    const bool many = step.op == SVA_OPERATOR_IN;
    const size_t count = many ? (size_t)cJSON_GetArraySize(json) : 1;
    if (many && (!cJSON_IsArray(json) || count == 0 || count > OPERANDS_MAX)) {
        sva_problem_add(problems, path, "expected a list of 1 to %d literals", (int)OPERANDS_MAX);
        return;
    }
    struct sva_operand *operands = sva_arena_alloc(problems->arena, count, sizeof *operands);
    if (operands == NULL) {
        problems->out_of_memory = true;
        return;
    }
    const cJSON *item = many ? json->child : json;
    for (size_t i = 0; i < count; i++, item = item->next) {
        const char *item_path = many ? sva_problem_item(problems, path, i) : path;
        if (!read_operand(compiler, item, item_path, &operands[i]) ||
            !check_operand(compiler, &step, &operands[i], item_path)) {
            return;
        }
    }
    step.count = count;
    step.operands = operands;
    emit(compiler, step, path);
}

static void compile_comparison(struct compiler *compiler, enum sva_operator op, const cJSON *json,
                               const char *path)
{
    struct sva_problems *problems = compiler->scope->problems;
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != 2 || !cJSON_IsString(json->child)) {
        sva_problem_add(problems, path, "expected [\"fact\", value]");
        return;
    }
    struct sva_condition_step step = {.op = op};
    const char *name = json->child->valuestring;
    const char *name_path = sva_problem_item(problems, path, 0);
    if (!sva_fact_find(name, &step.fact)) {
        sva_problem_add(problems, name_path, "there is no fact \"%s\"", sva_esc(name).text);
        return;
    }
    const struct sva_fact_info *info = sva_fact_get_info(step.fact);
    if ((info->scopes & compiler->scope->scopes) != compiler->scope->scopes) {
        sva_problem_add(problems, name_path, "%s has no value in the rule's scope", info->name);
        return;
    }
    if (!fits(op, info->type)) {
        sva_problem_add(problems, path, "\"%s\" does not apply to %s", operator_names[op],
                        info->name);
        return;
    }
    compile_operands(compiler, step, json->child->next, sva_problem_item(problems, path, 1));
}

/* ---- structure ---- */

static void push(struct compiler *compiler, enum sva_operator op, const cJSON *json,
                 const char *path)
{
    struct sva_problems *problems = compiler->scope->problems;
    const bool negation = op == SVA_OPERATOR_NOT;
    if (!negation && (!cJSON_IsArray(json) || json->child == NULL)) {
        sva_problem_add(problems, path, "expected a list of conditions");
        return;
    }
    if (compiler->depth == NESTING_MAX) {
        sva_problem_add(problems, path, "conditions are nested deeper than %d", (int)NESTING_MAX);
        return;
    }
    compiler->stack[compiler->depth++] = (struct frame){
        .op = op,
        .next = negation ? json : json->child,
        .count = negation ? 1 : (size_t)cJSON_GetArraySize(json),
        .path = path,
    };
}

static void compile_one(struct compiler *compiler, const cJSON *json, const char *path)
{
    struct sva_problems *problems = compiler->scope->problems;
    const cJSON *operation = cJSON_IsObject(json) ? json->child : NULL;
    if (operation == NULL || operation->next != NULL) {
        sva_problem_add(problems, path, "expected an object with exactly one operator");
        return;
    }
    const char *below = sva_problem_path(problems, path, operation->string);
    for (size_t i = 0; i < SVA_OPERATOR_COUNT; i++) {
        if (strcmp(operator_names[i], operation->string) == 0) {
            if (i <= SVA_OPERATOR_NOT) {
                push(compiler, (enum sva_operator)i, operation, below);
            } else {
                compile_comparison(compiler, (enum sva_operator)i, operation, below);
            }
            return;
        }
    }
    sva_problem_add(problems, below, "unknown operator");
}

void sva_condition_compile(const struct sva_condition_scope *scope, const cJSON *json,
                           const char *path, struct sva_condition *condition)
{
    struct sva_problems *problems = scope->problems;
    struct compiler compiler = {
        .scope = scope,
        .steps = sva_arena_alloc(problems->arena, SVA_CONDITION_STEPS_MAX, sizeof *compiler.steps),
    };
    *condition = (struct sva_condition){0};
    if (compiler.steps == NULL) {
        problems->out_of_memory = true;
        return;
    }
    compile_one(&compiler, json, path);
    while (compiler.depth > 0) {
        struct frame *top = &compiler.stack[compiler.depth - 1];
        if (top->index == top->count) {
            compiler.depth--;
            emit(&compiler, (struct sva_condition_step){.op = top->op, .count = top->count},
                 top->path);
            continue;
        }
        const cJSON *child = top->next;
        const char *child_path = top->op == SVA_OPERATOR_NOT
                                     ? top->path
                                     : sva_problem_item(problems, top->path, top->index);
        top->next = child->next;
        top->index++;
        compile_one(&compiler, child, child_path);
    }
    condition->steps = compiler.steps;
    condition->step_count = compiler.step_count;
}

/* ---- evaluation ---- */

static enum sva_truth truth_of(bool value)
{
    return value ? SVA_TRUE : SVA_FALSE;
}

static bool equals(const struct sva_fact_value *value, const struct sva_operand *operand)
{
    switch (operand->type) {
    case SVA_FACT_BOOL: return value->truth == operand->truth;
    case SVA_FACT_NUMBER: return value->number == operand->number;
    default: return strcmp(value->text, operand->text) == 0;
    }
}

static enum sva_truth compare_fact(const struct sva_condition_step *step,
                                   const struct sva_fact_value *value)
{
    if (!value->known) {
        return SVA_MISSING;
    }
    const double number = step->operands[0].number;
    switch (step->op) {
    case SVA_OPERATOR_EQ: return truth_of(equals(value, &step->operands[0]));
    case SVA_OPERATOR_NE: return truth_of(!equals(value, &step->operands[0]));
    case SVA_OPERATOR_LT: return truth_of(value->number < number);
    case SVA_OPERATOR_LE: return truth_of(value->number <= number);
    case SVA_OPERATOR_GT: return truth_of(value->number > number);
    case SVA_OPERATOR_GE: return truth_of(value->number >= number);
    default:
        for (size_t i = 0; i < step->count; i++) {
            if (equals(value, &step->operands[i])) {
                return SVA_TRUE;
            }
        }
        return SVA_FALSE;
    }
}

/* Kleene: one deciding operand settles it, else a missing one leaves it open. */
static enum sva_truth combine(const struct sva_condition_step *step, const enum sva_truth *results)
{
    if (step->op == SVA_OPERATOR_NOT) {
        return results[0] == SVA_MISSING ? SVA_MISSING : truth_of(results[0] == SVA_FALSE);
    }
    const enum sva_truth deciding = step->op == SVA_OPERATOR_ALL ? SVA_FALSE : SVA_TRUE;
    enum sva_truth outcome = deciding == SVA_FALSE ? SVA_TRUE : SVA_FALSE;
    for (size_t i = 0; i < step->count; i++) {
        if (results[i] == deciding) {
            return deciding;
        }
        outcome = results[i] == SVA_MISSING ? SVA_MISSING : outcome;
    }
    return outcome;
}

enum sva_truth sva_condition_evaluate(const struct sva_condition *condition,
                                      const struct sva_fact_value *values)
{
    enum sva_truth stack[SVA_CONDITION_STEPS_MAX];
    size_t height = 0;
    for (size_t i = 0; i < condition->step_count; i++) {
        const struct sva_condition_step *step = &condition->steps[i];
        if (step->op <= SVA_OPERATOR_NOT) {
            height -= step->count;
            stack[height] = combine(step, &stack[height]);
        } else {
            stack[height] = compare_fact(step, &values[step->fact]);
        }
        height++;
    }
    return height == 1 ? stack[0] : SVA_MISSING;
}

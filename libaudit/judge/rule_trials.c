/* SPDX-License-Identifier: Apache-2.0 */
/* Rules tried on cases of facts. */
#include "judge/rule_trials.h"

#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "judge/rule_decide.h"
#include "judge/strict_document.h"

static const char doing[] = "trying rules";

/* ---- cases ---- */

static void read_value(struct sva_problems *problems, const cJSON *item, const char *path,
                       struct sva_fact_value *values)
{
    enum sva_fact_id id;
    if (!sva_fact_find(item->string, &id)) {
        sva_problem_add(problems, path, "there is no fact \"%s\"", sva_esc(item->string).text);
        return;
    }
    const enum sva_fact_type type = sva_fact_get_info(id)->type;
    const bool fits = cJSON_IsNull(item) || (type == SVA_FACT_BOOL && cJSON_IsBool(item)) ||
                      (type == SVA_FACT_NUMBER && cJSON_IsNumber(item)) ||
                      (type == SVA_FACT_TEXT && cJSON_IsString(item));
    if (!fits) {
        sva_problem_add(problems, sva_problem_path(problems, path, item->string),
                        "the value is not of the fact's type");
        return;
    }
    const char *text =
        cJSON_IsString(item) ? sva_arena_strdup(problems->arena, item->valuestring) : "";
    problems->out_of_memory = problems->out_of_memory || text == NULL;
    values[id] = (struct sva_fact_value){.known = !cJSON_IsNull(item),
                                         .truth = cJSON_IsTrue(item) != 0,
                                         .number = cJSON_IsNumber(item) ? item->valuedouble : 0,
                                         .text = text != NULL ? text : ""};
}

static void read_values(struct sva_problems *problems, const cJSON *json, const char *path,
                        struct sva_fact_value *values)
{
    if (!cJSON_IsObject(json)) {
        sva_problem_add(problems, path, "expected an object of facts");
        return;
    }
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        read_value(problems, item, path, values);
    }
}

static void read_cases(struct sva_problems *problems, const cJSON *root,
                       struct sva_trial_case **cases, size_t *count)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "cases");
    const size_t found = cJSON_IsObject(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (list != NULL && (found == 0 || found > SVA_CASES_MAX)) {
        sva_problem_add(problems, "cases", "expected an object of 1 to %d cases",
                        (int)SVA_CASES_MAX);
        return;
    }
    struct sva_fact_value base[SVA_FACT_ID_COUNT] = {0};
    struct sva_trial_case *all = sva_arena_alloc(problems->arena, found, sizeof *all);
    read_values(problems, cJSON_GetObjectItemCaseSensitive(root, "base"), "base", base);
    problems->out_of_memory = problems->out_of_memory || all == NULL;
    const cJSON *item = found > 0 ? list->child : NULL;
    for (size_t i = 0; all != NULL && i < found; i++, item = item->next) {
        all[i].name = sva_arena_strdup(problems->arena, item->string);
        all[i].values = sva_arena_alloc(problems->arena, SVA_FACT_ID_COUNT, sizeof *all[i].values);
        if (all[i].name == NULL || all[i].values == NULL) {
            problems->out_of_memory = true;
            return;
        }
        memcpy(all[i].values, base, sizeof base);
        read_values(problems, item, sva_problem_path(problems, "cases", item->string),
                    all[i].values);
    }
    *cases = all;
    *count = all != NULL ? found : 0;
}

enum sva_status sva_trial_cases_parse(struct sva_span bytes, struct sva_problems *problems,
                                      struct sva_trial_case **cases, size_t *count,
                                      struct sva_error *error)
{
    static const char *const required[] = {"format", "base", "cases", NULL};
    static const char *const none[] = {NULL};
    cJSON *root = sva_strict_document(bytes, "the file of cases", problems);
    *cases = NULL;
    *count = 0;
    if (root != NULL && sva_pack_object(problems, root, "", required, none)) {
        const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
        if (format != NULL && (!cJSON_IsNumber(format) || format->valuedouble != 1)) {
            sva_problem_add(problems, "format", "this version reads format 1 only");
        }
        read_cases(problems, root, cases, count);
    }
    cJSON_Delete(root);
    return problems->out_of_memory ? sva_fail_memory(error, doing) : SVA_OK;
}

/* ---- where cases come from ---- */

/* "rules/x.cases.json" beside "rules/x.json"; NULL: none there, or no memory. */
static char *cases_beside(const struct sva_rulepack *pack)
{
    const size_t length = strlen(pack->origin);
    struct sva_bytes path = {.data = NULL};
    if (pack->built_in || length < 5 || strcmp(pack->origin + length - 5, ".json") != 0) {
        return NULL;
    }
    sva_bytes_append(&path, pack->origin, length - 5);
    sva_bytes_text(&path, ".cases.json");
    if (path.failed || access((const char *)path.data, R_OK) != 0) {
        sva_bytes_done(&path);
        return NULL;
    }
    return (char *)path.data;
}

static enum sva_status load_cases(const struct sva_rulepack *pack, const char *given,
                                  struct sva_problems *problems, struct sva_trial_case **cases,
                                  size_t *count, struct sva_error *error)
{
    char *beside = given == NULL ? cases_beside(pack) : NULL;
    const char *path = given != NULL ? given : beside;
    uint8_t *owned = NULL;
    struct sva_span bytes = sva_shipped_cases();
    enum sva_status status = SVA_OK;
    if (path != NULL) {
        status = sva_read_file(path, SVA_CASES_BYTES_MAX, &owned, &bytes.size, error);
        bytes.data = owned;
    }
    if (status == SVA_OK) {
        status = sva_trial_cases_parse(bytes, problems, cases, count, error);
    }
    if (status == SVA_OK) {
        status = sva_strict_problems(problems, path != NULL ? path : "the shipped cases",
                                     "file of cases", error);
    }
    sva_free(owned);
    sva_free(beside);
    return status;
}

/* ---- trials ---- */

bool sva_rule_fires(const struct sva_rule_info *info, enum sva_rule_verdict verdict)
{
    if (strcmp(info->severity, "info") == 0) {
        return verdict == SVA_RULE_INFORMATIONAL;
    }
    return verdict == SVA_RULE_FAIL || verdict == SVA_RULE_REVIEW ||
           verdict == SVA_RULE_NOT_CHECKED || verdict == SVA_RULE_ERROR;
}

static const struct sva_trial_case *find_case(const struct sva_trial_case *cases, size_t count,
                                              const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return &cases[i];
        }
    }
    return NULL;
}

static bool try_one(const struct sva_rulepack *pack, size_t rule, const char *name, bool expected,
                    const struct sva_trial_case *found, struct sva_arena *arena,
                    struct sva_rule_trial *trial)
{
    *trial = (struct sva_rule_trial){.rule = sva_arena_strdup(arena, pack->rules[rule].id),
                                     .name = sva_arena_strdup(arena, name),
                                     .expected = expected,
                                     .known = found != NULL,
                                     .verdicts = ""};
    if (found != NULL) {
        const enum sva_rule_verdict verdict =
            sva_rule_decide(&pack->rules[rule], found->values).verdict;
        trial->verdicts = sva_rule_verdict_name(verdict);
        trial->passed = sva_rule_fires(&pack->info.rules[rule], verdict) == expected;
    }
    return trial->rule != NULL && trial->name != NULL;
}

static enum sva_status try_all(const struct sva_rulepack *pack, const struct sva_trial_case *cases,
                               size_t case_count, struct sva_arena *arena,
                               struct sva_rule_trial *trials, struct sva_error *error)
{
    size_t done = 0;
    bool whole = true;
    for (size_t i = 0; i < pack->info.rule_count; i++) {
        const struct sva_rule_info *info = &pack->info.rules[i];
        for (size_t k = 0; k < info->fires_count + info->silent_count; k++) {
            const bool expected = k < info->fires_count;
            const char *name =
                expected ? info->fires_on[k] : info->silent_on[k - info->fires_count];
            whole = try_one(pack, i, name, expected, find_case(cases, case_count, name), arena,
                            &trials[done++]) &&
                    whole;
        }
    }
    return whole ? SVA_OK : sva_fail_memory(error, doing);
}

/* The trials, and behind them the arena of their texts. */
struct trial_block {
    struct sva_arena arena;
    struct sva_rule_trial trials[];
};

enum sva_status sva_rulepack_try(const struct sva_rulepack *pack, const char *cases_path,
                                 struct sva_rule_trial **trials, size_t *count,
                                 struct sva_error *error)
{
    struct sva_arena reading = {.blocks = NULL};
    struct sva_problems *problems = sva_arena_alloc(&reading, 1, sizeof *problems);
    struct sva_trial_case *cases = NULL;
    size_t case_count = 0;
    size_t total = 0;
    for (size_t i = 0; i < pack->info.rule_count; i++) {
        total += pack->info.rules[i].fires_count + pack->info.rules[i].silent_count;
    }
    struct trial_block *block =
        sva_calloc(1, sizeof *block + total * sizeof(struct sva_rule_trial));
    enum sva_status status =
        problems != NULL && block != NULL ? SVA_OK : sva_fail_memory(error, doing);
    if (status == SVA_OK) {
        problems->arena = &reading;
        status = load_cases(pack, cases_path, problems, &cases, &case_count, error);
    }
    if (status == SVA_OK) {
        status = try_all(pack, cases, case_count, &block->arena, block->trials, error);
    }
    sva_arena_done(&reading);
    if (status != SVA_OK) {
        if (block != NULL) {
            sva_arena_done(&block->arena);
        }
        sva_free(block);
        return status;
    }
    *trials = block->trials;
    *count = total;
    return SVA_OK;
}

void sva_rulepack_trials_free(struct sva_rule_trial *trials)
{
    if (trials != NULL) {
        struct trial_block *block =
            (struct trial_block *)(void *)((char *)trials - offsetof(struct trial_block, trials));
        sva_arena_done(&block->arena);
        sva_free(block);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of a pack. */
#include <string.h>

#include "base/text.h"
#include "judge/rulepack_parse.h"

static const char *const no_keys[] = {NULL};

enum sva_rule_verdict sva_pack_verdict(struct sva_problems *problems, const cJSON *item,
                                       const char *path)
{
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    for (int i = SVA_RULE_PASS; i <= SVA_RULE_INFORMATIONAL; i++) {
        if (strcmp(sva_rule_verdict_name((enum sva_rule_verdict)i), text) == 0) {
            return (enum sva_rule_verdict)i;
        }
    }
    if (item != NULL) {
        sva_problem_add(problems, path, "unknown verdict \"%s\"", sva_esc(text).text);
    }
    return SVA_RULE_ERROR;
}

static struct sva_rule_text read_text(struct sva_problems *problems, const cJSON *both,
                                      const char *path, const char *language)
{
    static const char *const keys[] = {"title", "requirement", "rationale", "remedy", NULL};
    struct sva_rule_text text = {"", "", "", ""};
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(both, language);
    const char *here = sva_problem_path(problems, path, language);
    if (json != NULL && sva_pack_object(problems, json, here, keys, no_keys)) {
        text.title = sva_pack_text(problems, json, here, "title");
        text.requirement = sva_pack_text(problems, json, here, "requirement");
        text.rationale = sva_pack_text(problems, json, here, "rationale");
        text.remedy = sva_pack_text(problems, json, here, "remedy");
    }
    return text;
}

static void read_texts(struct sva_problems *problems, const cJSON *rule, const char *path,
                       struct sva_rule_info *info)
{
    static const char *const languages[] = {"ko", "en", NULL};
    const cJSON *both = cJSON_GetObjectItemCaseSensitive(rule, "text");
    const char *here = sva_problem_path(problems, path, "text");
    if (both != NULL && sva_pack_object(problems, both, here, languages, no_keys)) {
        info->ko = read_text(problems, both, here, "ko");
        info->en = read_text(problems, both, here, "en");
    }
}

/* ---- when ---- */

static unsigned read_scopes(struct sva_problems *problems, const cJSON *when, const char *path)
{
    static const char *const words[] = {"component", "model", NULL};
    unsigned scopes = 0;
    const cJSON *list = sva_pack_list(problems, when, path, "scope", 2);
    const char *here = sva_problem_path(problems, path, "scope");
    size_t index = 0;
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        const size_t word =
            sva_pack_word(problems, item, sva_problem_item(problems, here, index), words);
        scopes |= word == 0 ? SVA_SCOPE_COMPONENT : SVA_SCOPE_MODEL;
        index++;
    }
    return scopes;
}

static unsigned read_kinds(struct sva_problems *problems, const cJSON *when, const char *path)
{
    const char *words[SVA_COMPONENT_GENERIC + 2] = {0};
    for (int i = 0; i <= SVA_COMPONENT_GENERIC; i++) {
        words[i] = sva_component_kind_name((enum sva_component_kind)i);
    }
    if (cJSON_GetObjectItemCaseSensitive(when, "kinds") == NULL) {
        return ~0U;
    }
    unsigned kinds = 0;
    const cJSON *list = sva_pack_list(problems, when, path, "kinds", SVA_COMPONENT_GENERIC + 1);
    const char *here = sva_problem_path(problems, path, "kinds");
    size_t index = 0;
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        kinds |=
            1U << sva_pack_word(problems, item, sva_problem_item(problems, here, index), words);
        index++;
    }
    return kinds;
}

static void read_when(struct sva_problems *problems, const cJSON *rule_json, const char *path,
                      struct sva_rule *rule)
{
    static const char *const required[] = {"scope", NULL};
    static const char *const optional[] = {"kinds", NULL};
    const cJSON *when = cJSON_GetObjectItemCaseSensitive(rule_json, "when");
    const char *here = sva_problem_path(problems, path, "when");
    if (when != NULL && sva_pack_object(problems, when, here, required, optional)) {
        rule->scopes = read_scopes(problems, when, here);
        rule->kinds = read_kinds(problems, when, here);
    }
}

/* ---- condition ---- */

static const char *const severities[] = {"fail", "review", "info", NULL};

/* Index of the gentlest severity that still allows the verdict. */
static size_t severity_of(enum sva_rule_verdict verdict)
{
    switch (verdict) {
    case SVA_RULE_FAIL: return 0;
    case SVA_RULE_REVIEW:
    case SVA_RULE_NOT_CHECKED:
    case SVA_RULE_ERROR: return 1;
    default: return 2;
    }
}

static void read_case(struct sva_pack_parse *parse, const cJSON *json, const char *path,
                      const struct sva_rule *rule, struct sva_rule_case *out)
{
    static const char *const required[] = {"verdict", NULL};
    static const char *const optional[] = {"if", NULL};
    if (!sva_pack_object(parse->problems, json, path, required, optional)) {
        return;
    }
    const cJSON *condition = cJSON_GetObjectItemCaseSensitive(json, "if");
    out->verdict =
        sva_pack_verdict(parse->problems, cJSON_GetObjectItemCaseSensitive(json, "verdict"),
                         sva_problem_path(parse->problems, path, "verdict"));
    out->conditional = condition != NULL;
    const bool last = json->next == NULL;
    if (last == out->conditional) {
        sva_problem_add(parse->problems, path,
                        last ? "the last case must stand without \"if\""
                             : "only the last case may stand without \"if\"");
    }
    if (condition != NULL) {
        const struct sva_condition_scope scope = {parse->problems, rule->scopes, parse->params,
                                                  parse->param_count};
        sva_condition_compile(&scope, condition, sva_problem_path(parse->problems, path, "if"),
                              &out->condition);
    }
}

static void read_cases(struct sva_pack_parse *parse, const cJSON *json, const char *path,
                       struct sva_rule *rule, struct sva_rule_info *info)
{
    struct sva_problems *problems = parse->problems;
    const cJSON *list = sva_pack_list(problems, json, path, "condition", SVA_PACK_CASES_MAX);
    const char *here = sva_problem_path(problems, path, "condition");
    const cJSON *severity = cJSON_GetObjectItemCaseSensitive(json, "severity");
    const size_t allowed =
        sva_pack_word(problems, severity, sva_problem_path(problems, path, "severity"), severities);
    size_t worst = severity_of(rule->on_missing);
    info->severity = severities[allowed];
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        const char *case_path = sva_problem_item(problems, here, rule->case_count);
        struct sva_rule_case *one = &rule->cases[rule->case_count++];
        read_case(parse, item, case_path, rule, one);
        const size_t weight = severity_of(one->verdict);
        worst = weight < worst ? weight : worst;
    }
    if (list != NULL && severity != NULL && worst != allowed) {
        sva_problem_add(problems, sva_problem_path(problems, path, "severity"),
                        "\"%s\" does not agree with the verdicts: the worst is \"%s\"",
                        severities[allowed], severities[worst]);
    }
    char *text = list != NULL ? cJSON_PrintUnformatted(list) : NULL;
    info->condition = text != NULL ? sva_arena_strdup(problems->arena, text) : "";
    problems->out_of_memory =
        problems->out_of_memory || (list != NULL && text == NULL) || info->condition == NULL;
    cJSON_free(text);
}

/* ---- sources, evidence, crosswalk ---- */

static void check_sources(const struct sva_pack_parse *parse, const cJSON *rule, const char *path)
{
    const cJSON *list = sva_pack_list(parse->problems, rule, path, "sources", 16);
    const char *here = sva_problem_path(parse->problems, path, "sources");
    size_t index = 0;
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        bool known = false;
        for (size_t i = 0; i < parse->source_count; i++) {
            known = known ||
                    (cJSON_IsString(item) && strcmp(parse->source_ids[i], item->valuestring) == 0);
        }
        if (!known) {
            sva_problem_add(parse->problems, sva_problem_item(parse->problems, here, index),
                            "no source of the pack has this id");
        }
        index++;
    }
}

static void check_evidence(struct sva_problems *problems, const cJSON *rule, const char *path)
{
    static const char *const kinds[] = {"weights",     "tensor-hash", "file-hash", "config",
                                        "tokenizer",   "model-card",  "licence",   "code",
                                        "file-format", "document",    NULL};
    const cJSON *list = sva_pack_list(problems, rule, path, "evidence", 16);
    const char *here = sva_problem_path(problems, path, "evidence");
    size_t index = 0;
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        (void)sva_pack_word(problems, item, sva_problem_item(problems, here, index), kinds);
        index++;
    }
}

static void check_crosswalk(struct sva_problems *problems, const cJSON *rule, const char *path)
{
    static const char *const keys[] = {"framework", "id", NULL};
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(rule, "crosswalk");
    const char *here = sva_problem_path(problems, path, "crosswalk");
    size_t index = 0;
    if (list != NULL && !cJSON_IsArray(list)) {
        sva_problem_add(problems, here, "expected a list");
        return;
    }
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        const char *item_path = sva_problem_item(problems, here, index++);
        if (sva_pack_object(problems, item, item_path, keys, no_keys)) {
            (void)sva_pack_text(problems, item, item_path, "framework");
            (void)sva_pack_text(problems, item, item_path, "id");
        }
    }
}

/* ---- the rule ---- */

static void read_fact(struct sva_problems *problems, const cJSON *json, const char *path,
                      struct sva_rule *rule)
{
    const char *name = sva_pack_text(problems, json, path, "fact");
    const char *here = sva_problem_path(problems, path, "fact");
    if (name[0] != '\0' && !sva_fact_find(name, &rule->fact)) {
        sva_problem_add(problems, here, "there is no fact \"%s\"", sva_esc(name).text);
    } else if (name[0] != '\0' &&
               (sva_fact_get_info(rule->fact)->scopes & rule->scopes) != rule->scopes) {
        sva_problem_add(problems, here, "%s has no value in the rule's scope", name);
    }
}

void sva_pack_rule(struct sva_pack_parse *parse, const cJSON *json, const char *path,
                   struct sva_rule *rule, struct sva_rule_info *info)
{
    static const char *const required[] = {"id",        "severity", "fact",       "when",
                                           "condition", "evidence", "on_missing", "sources",
                                           "crosswalk", "text",     NULL};
    struct sva_problems *problems = parse->problems;
    *info = (struct sva_rule_info){.id = "", .severity = severities[0], .condition = ""};
    if (!sva_pack_object(problems, json, path, required, no_keys)) {
        return;
    }
    info->id = sva_pack_text(problems, json, path, "id");
    rule->id = info->id;
    read_texts(problems, json, path, info);
    read_when(problems, json, path, rule);
    read_fact(problems, json, path, rule);
    rule->on_missing =
        sva_pack_verdict(problems, cJSON_GetObjectItemCaseSensitive(json, "on_missing"),
                         sva_problem_path(problems, path, "on_missing"));
    read_cases(parse, json, path, rule, info);
    check_sources(parse, json, path);
    check_evidence(problems, json, path);
    check_crosswalk(problems, json, path);
}

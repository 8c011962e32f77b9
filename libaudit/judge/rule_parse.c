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
    static const char *const optional[] = {"kinds", "names", NULL};
    const cJSON *when = cJSON_GetObjectItemCaseSensitive(rule_json, "when");
    const char *here = sva_problem_path(problems, path, "when");
    if (when != NULL && sva_pack_object(problems, when, here, required, optional)) {
        rule->scopes = read_scopes(problems, when, here);
        rule->kinds = read_kinds(problems, when, here);
        if (cJSON_GetObjectItemCaseSensitive(when, "names") != NULL) {
            rule->names = sva_pack_texts(problems, when, here, "names", &rule->name_count);
        }
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
    const cJSON *verdict = cJSON_GetObjectItemCaseSensitive(json, "verdict");
    out->missing = cJSON_IsString(verdict) && strcmp(verdict->valuestring, "on-missing") == 0;
    out->verdict = out->missing
                       ? rule->on_missing
                       : sva_pack_verdict(parse->problems, verdict,
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

static void read_sources(const struct sva_pack_parse *parse, const cJSON *rule, const char *path,
                         struct sva_rule_info *info)
{
    const char *here = sva_problem_path(parse->problems, path, "sources");
    info->sources = sva_pack_texts(parse->problems, rule, path, "sources", &info->source_count);
    for (size_t k = 0; k < info->source_count; k++) {
        bool known = false;
        for (size_t i = 0; i < parse->source_count; i++) {
            known = known || strcmp(parse->source_ids[i], info->sources[k]) == 0;
        }
        if (!known) {
            sva_problem_add(parse->problems, sva_problem_item(parse->problems, here, k),
                            "no source of the pack has this id");
        }
    }
}

/* A document's kinds that serve as well. */
static void read_instead(struct sva_problems *problems, const cJSON *json, const char *path,
                         struct sva_rule_evidence *out)
{
    size_t count = 0;
    const char *const *names = cJSON_GetObjectItemCaseSensitive(json, "instead") != NULL
                                   ? sva_pack_texts(problems, json, path, "instead", &count)
                                   : NULL;
    enum sva_evidence_kind *kinds = sva_arena_alloc(problems->arena, count, sizeof *kinds);
    problems->out_of_memory = problems->out_of_memory || kinds == NULL;
    for (size_t i = 0; kinds != NULL && i < count; i++) {
        if (!sva_evidence_kind_find(names[i], &kinds[i])) {
            sva_problem_add(problems, sva_problem_path(problems, path, "instead"),
                            "there is no kind of evidence \"%s\"", sva_esc(names[i]).text);
        }
    }
    out->instead = kinds;
    out->instead_count = kinds != NULL ? count : 0;
}

static void read_one_evidence(struct sva_problems *problems, const cJSON *json, const char *path,
                              struct sva_rule_evidence *out)
{
    static const char *const required[] = {"kind", "required", NULL};
    static const char *const optional[] = {"instead", NULL};
    if (!sva_pack_object(problems, json, path, required, optional)) {
        return;
    }
    const char *kind = sva_pack_text(problems, json, path, "kind");
    const cJSON *needed = cJSON_GetObjectItemCaseSensitive(json, "required");
    if (kind[0] != '\0' && !sva_evidence_kind_find(kind, &out->kind)) {
        sva_problem_add(problems, sva_problem_path(problems, path, "kind"),
                        "there is no kind of evidence \"%s\"", sva_esc(kind).text);
    }
    if (needed != NULL && !cJSON_IsBool(needed)) {
        sva_problem_add(problems, sva_problem_path(problems, path, "required"),
                        "expected true or false");
    }
    out->required = cJSON_IsTrue(needed) != 0;
    read_instead(problems, json, path, out);
}

static void read_evidence(struct sva_problems *problems, const cJSON *json, const char *path,
                          struct sva_rule *rule, struct sva_rule_info *info)
{
    const cJSON *list = sva_pack_list(problems, json, path, "evidence", 16);
    const char *here = sva_problem_path(problems, path, "evidence");
    const size_t count = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
    struct sva_rule_evidence *all = sva_arena_alloc(problems->arena, count, sizeof *all);
    struct sva_evidence_want *wants = sva_arena_alloc(problems->arena, count, sizeof *wants);
    if (all == NULL || wants == NULL) {
        problems->out_of_memory = true;
        return;
    }
    const cJSON *item = list != NULL ? list->child : NULL;
    for (size_t i = 0; i < count; i++, item = item->next) {
        read_one_evidence(problems, item, sva_problem_item(problems, here, i), &all[i]);
        const struct sva_evidence_kind_info *kind = sva_evidence_kind_get(all[i].kind);
        wants[i] = (struct sva_evidence_want){kind->name, kind->en, kind->ko, kind->document,
                                              all[i].required};
    }
    rule->evidence = all;
    rule->evidence_count = count;
    info->evidence = wants;
    info->evidence_count = count;
}

static void read_crosswalk(struct sva_problems *problems, const cJSON *rule, const char *path,
                           struct sva_rule_info *info)
{
    static const char *const keys[] = {"framework", "id", NULL};
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(rule, "crosswalk");
    const char *here = sva_problem_path(problems, path, "crosswalk");
    const size_t count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    struct sva_crosswalk *all = sva_arena_alloc(problems->arena, count, sizeof *all);
    if (list != NULL && !cJSON_IsArray(list)) {
        sva_problem_add(problems, here, "expected a list");
    }
    problems->out_of_memory = problems->out_of_memory || all == NULL;
    const cJSON *item = count > 0 ? list->child : NULL;
    for (size_t i = 0; all != NULL && i < count; i++, item = item->next) {
        const char *item_path = sva_problem_item(problems, here, i);
        all[i] = (struct sva_crosswalk){"", ""};
        if (sva_pack_object(problems, item, item_path, keys, no_keys)) {
            all[i].framework = sva_pack_text(problems, item, item_path, "framework");
            all[i].id = sva_pack_text(problems, item, item_path, "id");
        }
    }
    info->crosswalk = all;
    info->crosswalk_count = all != NULL ? count : 0;
}

static void read_fixtures(struct sva_problems *problems, const cJSON *rule, const char *path,
                          struct sva_rule_info *info)
{
    static const char *const keys[] = {"fires_on", "silent_on", NULL};
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(rule, "fixtures");
    const char *here = sva_problem_path(problems, path, "fixtures");
    if (json != NULL && sva_pack_object(problems, json, here, keys, no_keys)) {
        info->fires_on = sva_pack_texts(problems, json, here, "fires_on", &info->fires_count);
        info->silent_on = sva_pack_texts(problems, json, here, "silent_on", &info->silent_count);
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
                                           "crosswalk", "text",     "fixtures",   NULL};
    struct sva_problems *problems = parse->problems;
    *info = (struct sva_rule_info){
        .id = "", .severity = severities[0], .condition = "", .on_missing = ""};
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
    info->on_missing = sva_rule_verdict_name(rule->on_missing);
    read_sources(parse, json, path, info);
    read_evidence(problems, json, path, rule, info);
    read_crosswalk(problems, json, path, info);
    read_fixtures(problems, json, path, info);
}

bool sva_rule_wants_documents(const struct sva_rule *rule)
{
    for (size_t i = 0; i < rule->evidence_count; i++) {
        if (sva_evidence_kind_get(rule->evidence[i].kind)->document) {
            return true;
        }
    }
    return false;
}

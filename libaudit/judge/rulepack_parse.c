/* SPDX-License-Identifier: Apache-2.0 */
/* A pack's bytes -> a checked pack. One pass lists everything that is wrong. */
#include "judge/rulepack_parse.h"

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "judge/strict_document.h"
#include "refstore/store_date.h"

enum { SOURCES_MAX = 64, PARAMS_MAX = 64, PROFILES_MAX = 8, RULES_MAX = 256, FORMAT = 1 };

static const char *const no_keys[] = {NULL};

/* ---- head ---- */

static bool is_plain_id(const char *text)
{
    const size_t length = strlen(text);
    return length > 0 && length <= 64 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static void read_effective(struct sva_problems *problems, const cJSON *root,
                           struct sva_rulepack_info *info)
{
    static const char *const required[] = {"from", "until", NULL};
    const cJSON *effective = cJSON_GetObjectItemCaseSensitive(root, "effective");
    if (effective == NULL ||
        !sva_pack_object(problems, effective, "effective", required, no_keys)) {
        return;
    }
    info->effective_from = sva_pack_date(problems, effective, "effective", "from");
    if (!cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(effective, "until"))) {
        const char *until = sva_pack_date(problems, effective, "effective", "until");
        info->effective_until = until;
        if (until[0] != '\0' && strcmp(until, info->effective_from) < 0) {
            sva_problem_add(problems, "effective", "\"until\" lies before \"from\"");
        }
    }
}

static void read_pack_text(struct sva_problems *problems, const cJSON *root,
                           struct sva_rulepack_info *info)
{
    static const char *const languages[] = {"ko", "en", NULL};
    static const char *const keys[] = {"title", "note", NULL};
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(root, "text");
    if (text == NULL || !sva_pack_object(problems, text, "text", languages, no_keys)) {
        return;
    }
    const cJSON *ko = cJSON_GetObjectItemCaseSensitive(text, "ko");
    const cJSON *en = cJSON_GetObjectItemCaseSensitive(text, "en");
    if (ko != NULL && sva_pack_object(problems, ko, "text.ko", keys, no_keys)) {
        info->title_ko = sva_pack_text(problems, ko, "text.ko", "title");
        info->note_ko = sva_pack_text(problems, ko, "text.ko", "note");
    }
    if (en != NULL && sva_pack_object(problems, en, "text.en", keys, no_keys)) {
        info->title_en = sva_pack_text(problems, en, "text.en", "title");
        info->note_en = sva_pack_text(problems, en, "text.en", "note");
    }
}

static void read_head(struct sva_problems *problems, const cJSON *root,
                      struct sva_rulepack_info *info)
{
    static const char *const states[] = {"draft", "final", "superseded", NULL};
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    if (format != NULL && (!cJSON_IsNumber(format) || format->valuedouble != FORMAT)) {
        sva_problem_add(problems, "format", "this version reads format %d only", (int)FORMAT);
    }
    info->id = sva_pack_text(problems, root, "", "id");
    if (info->id[0] != '\0' && !is_plain_id(info->id)) {
        sva_problem_add(problems, "id", "expected lower-case letters, digits and hyphens");
    }
    info->version = sva_pack_date(problems, root, "", "version");
    info->status = states[sva_pack_word(problems, cJSON_GetObjectItemCaseSensitive(root, "status"),
                                        "status", states)];
    info->jurisdiction = sva_pack_text(problems, root, "", "jurisdiction");
    read_effective(problems, root, info);
    read_pack_text(problems, root, info);
}

/* ---- sources and params ---- */

static void read_source(struct sva_pack_parse *parse, const cJSON *json, size_t index,
                        struct sva_source *source)
{
    static const char *const required[] = {"id", "title", "url", "date", NULL};
    static const char *const optional[] = {"note", NULL};
    const char *path = sva_problem_item(parse->problems, "sources", index);
    parse->source_ids[index] = "";
    if (!sva_pack_object(parse->problems, json, path, required, optional)) {
        return;
    }
    const char *id = sva_pack_text(parse->problems, json, path, "id");
    for (size_t i = 0; i < index; i++) {
        if (strcmp(parse->source_ids[i], id) == 0) {
            sva_problem_add(parse->problems, path, "the id \"%s\" is taken", sva_esc(id).text);
        }
    }
    parse->source_ids[index] = id;
    source->title = sva_pack_text(parse->problems, json, path, "title");
    source->url = sva_pack_text(parse->problems, json, path, "url");
    source->date = sva_pack_date(parse->problems, json, path, "date");
    source->id = id;
    source->note = sva_pack_text(parse->problems, json, path, "note");
    if (source->url[0] != '\0' && strncmp(source->url, "https://", 8) != 0) {
        sva_problem_add(parse->problems, path, "the url does not begin with https://");
    }
}

static void read_sources(struct sva_pack_parse *parse, const cJSON *root,
                         struct sva_rulepack_info *info)
{
    const cJSON *list = sva_pack_list(parse->problems, root, "", "sources", SOURCES_MAX);
    const size_t count = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
    struct sva_source *sources = sva_arena_alloc(parse->problems->arena, count, sizeof *sources);
    parse->source_ids = sva_arena_alloc(parse->problems->arena, count, sizeof *parse->source_ids);
    if (sources == NULL || parse->source_ids == NULL) {
        parse->problems->out_of_memory = true;
        return;
    }
    const cJSON *item = list != NULL ? list->child : NULL;
    for (size_t i = 0; i < count; i++, item = item->next) {
        sources[i] = (struct sva_source){"", "", "", "", ""};
        read_source(parse, item, i, &sources[i]);
    }
    parse->source_count = count;
    info->sources = sources;
    info->source_count = count;
}

static void read_param(struct sva_pack_parse *parse, const cJSON *json, struct sva_param *param,
                       struct sva_param_info *info)
{
    static const char *const keys[] = {"value", "unit", "reason", NULL};
    static const char *const languages[] = {"ko", "en", NULL};
    const char *path = sva_problem_path(parse->problems, "params", json->string);
    const char *name = sva_arena_strdup(parse->problems->arena, json->string);
    parse->problems->out_of_memory = parse->problems->out_of_memory || name == NULL;
    param->name = name != NULL ? name : "";
    *info = (struct sva_param_info){param->name, "", "", "", 0};
    if (!sva_pack_object(parse->problems, json, path, keys, no_keys)) {
        return;
    }
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, "value");
    if (value != NULL && !cJSON_IsNumber(value)) {
        sva_problem_add(parse->problems, path, "\"value\" is not a number");
    }
    param->value = cJSON_IsNumber(value) ? value->valuedouble : 0;
    info->value = param->value;
    info->unit = sva_pack_text(parse->problems, json, path, "unit");
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(json, "reason");
    const char *reason_path = sva_problem_path(parse->problems, path, "reason");
    if (reason != NULL &&
        sva_pack_object(parse->problems, reason, reason_path, languages, no_keys)) {
        info->reason_ko = sva_pack_text(parse->problems, reason, reason_path, "ko");
        info->reason_en = sva_pack_text(parse->problems, reason, reason_path, "en");
    }
}

static void read_params(struct sva_pack_parse *parse, const cJSON *root,
                        struct sva_rulepack_info *info)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(root, "params");
    if (params == NULL) {
        return;
    }
    const size_t count = cJSON_IsObject(params) ? (size_t)cJSON_GetArraySize(params) : 0;
    if (!cJSON_IsObject(params) || count > PARAMS_MAX) {
        sva_problem_add(parse->problems, "params", "expected an object of at most %d params",
                        (int)PARAMS_MAX);
        return;
    }
    parse->params = sva_arena_alloc(parse->problems->arena, count, sizeof *parse->params);
    struct sva_param_info *infos = sva_arena_alloc(parse->problems->arena, count, sizeof *infos);
    if (parse->params == NULL || infos == NULL) {
        parse->problems->out_of_memory = true;
        return;
    }
    for (const cJSON *item = params->child; item != NULL; item = item->next) {
        if (cJSON_GetObjectItemCaseSensitive(params, item->string) != item) {
            sva_problem_add(parse->problems, "params", "repeated key \"%s\"",
                            sva_esc(item->string).text);
        }
        read_param(parse, item, &parse->params[parse->param_count], &infos[parse->param_count]);
        parse->param_count++;
    }
    info->params = infos;
    info->param_count = parse->param_count;
}

static void check_params_used(const struct sva_pack_parse *parse)
{
    for (size_t i = 0; i < parse->param_count; i++) {
        if (!parse->params[i].used) {
            sva_problem_add(parse->problems, "params", "no rule uses \"%s\"",
                            sva_esc(parse->params[i].name).text);
        }
    }
}

/* ---- rules ---- */

static void read_rules(struct sva_pack_parse *parse, const cJSON *root, struct sva_rulepack *pack)
{
    struct sva_problems *problems = parse->problems;
    const cJSON *list = sva_pack_list(problems, root, "", "rules", RULES_MAX);
    const size_t count = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
    struct sva_rule *rules = sva_arena_alloc(problems->arena, count, sizeof *rules);
    struct sva_rule_info *infos = sva_arena_alloc(problems->arena, count, sizeof *infos);
    if (rules == NULL || infos == NULL) {
        problems->out_of_memory = true;
        return;
    }
    const cJSON *item = list != NULL ? list->child : NULL;
    for (size_t i = 0; i < count; i++, item = item->next) {
        const char *path = sva_problem_item(problems, "rules", i);
        sva_pack_rule(parse, item, path, &rules[i], &infos[i]);
        for (size_t k = 0; k < i; k++) {
            if (infos[i].id[0] != '\0' && strcmp(infos[k].id, infos[i].id) == 0) {
                sva_problem_add(problems, sva_problem_path(problems, path, "id"),
                                "the id \"%s\" is taken by another rule",
                                sva_esc(infos[i].id).text);
            }
        }
    }
    pack->rules = rules;
    pack->info.rules = infos;
    pack->info.rule_count = count;
}

/* ---- profiles ---- */

static void select_rules(struct sva_problems *problems, const cJSON *json, const char *path,
                         const char *key, const struct sva_rulepack *pack, bool *selected)
{
    const cJSON *list = sva_pack_list(problems, json, path, key, RULES_MAX);
    const char *here = sva_problem_path(problems, path, key);
    size_t index = 0;
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        const char *id = cJSON_IsString(item) ? item->valuestring : "";
        size_t rule = 0;
        while (rule < pack->info.rule_count && strcmp(pack->info.rules[rule].id, id) != 0) {
            rule++;
        }
        const char *item_path = sva_problem_item(problems, here, index++);
        if (rule == pack->info.rule_count) {
            sva_problem_add(problems, item_path, "there is no rule \"%s\"", sva_esc(id).text);
        } else if (selected[rule]) {
            sva_problem_add(problems, item_path, "the rule \"%s\" is listed twice", id);
        } else {
            selected[rule] = true;
        }
    }
}

static void read_profile(struct sva_problems *problems, const cJSON *json,
                         const struct sva_rulepack *pack, struct sva_profile *profile)
{
    static const char *const keys[] = {"cap", "documents", "rules", "text", NULL};
    static const char *const optional[] = {"information", NULL};
    static const char *const counting[] = {"counted", "when-given", NULL};
    static const char *const languages[] = {"ko", "en", NULL};
    static const char *const caps[] = {"fail", "review", "informational", NULL};
    static const enum sva_rule_verdict cap_verdicts[] = {SVA_RULE_FAIL, SVA_RULE_REVIEW,
                                                         SVA_RULE_INFORMATIONAL};
    const char *path = sva_problem_path(problems, "profiles", json->string);
    profile->name = sva_arena_strdup(problems->arena, json->string);
    profile->applies =
        sva_arena_alloc(problems->arena, pack->info.rule_count, sizeof *profile->applies);
    profile->informs =
        sva_arena_alloc(problems->arena, pack->info.rule_count, sizeof *profile->informs);
    if (profile->name == NULL || profile->applies == NULL || profile->informs == NULL) {
        problems->out_of_memory = true;
        return;
    }
    if (!sva_pack_object(problems, json, path, keys, optional)) {
        return;
    }
    profile->cap =
        cap_verdicts[sva_pack_word(problems, cJSON_GetObjectItemCaseSensitive(json, "cap"),
                                   sva_problem_path(problems, path, "cap"), caps)];
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(json, "text");
    const char *text_path = sva_problem_path(problems, path, "text");
    if (text != NULL && sva_pack_object(problems, text, text_path, languages, no_keys)) {
        (void)sva_pack_text(problems, text, text_path, "ko");
        (void)sva_pack_text(problems, text, text_path, "en");
    }
    const cJSON *documents = cJSON_GetObjectItemCaseSensitive(json, "documents");
    profile->documents_when_given =
        sva_pack_word(problems, documents, sva_problem_path(problems, path, "documents"),
                      counting) == 1;
    select_rules(problems, json, path, "rules", pack, profile->applies);
    if (cJSON_GetObjectItemCaseSensitive(json, "information") != NULL) {
        select_rules(problems, json, path, "information", pack, profile->informs);
    }
}

static void read_profiles(struct sva_problems *problems, const cJSON *root,
                          struct sva_rulepack *pack)
{
    static const char *const required[] = {"gate", NULL};
    static const char *const optional[] = {"advisory", "evaluation", NULL};
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(root, "profiles");
    if (json == NULL || !sva_pack_object(problems, json, "profiles", required, optional)) {
        return;
    }
    struct sva_profile *profiles = sva_arena_alloc(problems->arena, PROFILES_MAX, sizeof *profiles);
    if (profiles == NULL) {
        problems->out_of_memory = true;
        return;
    }
    for (const cJSON *item = json->child; item != NULL && pack->profile_count < PROFILES_MAX;
         item = item->next) {
        struct sva_profile *profile = &profiles[pack->profile_count++];
        read_profile(problems, item, pack, profile);
        if (profile->name != NULL && strcmp(profile->name, "gate") == 0) {
            pack->profile = profile;
            pack->info.profile = profile->name;
        }
    }
    pack->profiles = profiles;
}

/* ---- the pack ---- */

static void read_pack(struct sva_problems *problems, const cJSON *root, struct sva_rulepack *pack)
{
    static const char *const required[] = {"format",       "id",        "version", "status",
                                           "jurisdiction", "effective", "text",    "sources",
                                           "params",       "profiles",  "rules",   NULL};
    static const char *const optional[] = {"$schema", NULL};
    struct sva_pack_parse parse = {.problems = problems};
    if (!sva_pack_object(problems, root, "", required, optional)) {
        return;
    }
    read_head(problems, root, &pack->info);
    read_sources(&parse, root, &pack->info);
    read_params(&parse, root, &pack->info);
    read_rules(&parse, root, pack);
    check_params_used(&parse);
    read_profiles(problems, root, pack);
}

enum sva_status sva_rulepack_parse(struct sva_span bytes, struct sva_rulepack *pack,
                                   struct sva_problems *problems, struct sva_error *error)
{
    *pack = (struct sva_rulepack){0};
    *problems = (struct sva_problems){.arena = &pack->arena};
    struct sva_rulepack_info *info = &pack->info;
    info->id = info->version = info->status = info->jurisdiction = info->effective_from = "";
    info->effective_until = info->profile = "";
    info->title_ko = info->title_en = info->note_ko = info->note_en = "";
    bool complete = sva_sha256(bytes.data, bytes.size, info->digest);
    cJSON *document = complete ? sva_strict_document(bytes, "the rule pack", problems) : NULL;
    if (document != NULL) {
        read_pack(problems, document, pack);
        cJSON_Delete(document);
    }
    if (!complete || problems->out_of_memory) {
        sva_arena_done(&pack->arena);
        return sva_fail_memory(error, "reading a rule pack");
    }
    return SVA_OK;
}

/* ---- effect ---- */

const char *sva_effect_name(enum sva_effect effect)
{
    static const char *const names[] = {"in-force", "not-yet", "no-longer"};
    return names[effect];
}

enum sva_effect sva_rulepack_effect(const struct sva_rulepack_info *info, const char *day)
{
    struct sva_date_range today;
    struct sva_date_range bound;
    if (day == NULL || !sva_date_parse(day, &today)) {
        return SVA_EFFECT_IN_FORCE;
    }
    if (sva_date_parse(info->effective_from, &bound) && today.last < bound.first) {
        return SVA_EFFECT_NOT_YET;
    }
    return sva_date_parse(info->effective_until, &bound) && today.first > bound.last
               ? SVA_EFFECT_NO_LONGER
               : SVA_EFFECT_IN_FORCE;
}

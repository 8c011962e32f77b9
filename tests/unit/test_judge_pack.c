/* SPDX-License-Identifier: Apache-2.0 */
/* Rule packs: the shipped one is sound, planted mistakes are found, hostile ones refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/output.h"
#include "judge/condition.h"
#include "judge_case.h"
#include "schema_check.h"

#define PACK_PATH   SVA_SOURCE_DIR "/rules/kr-independent-ai-2026-01.json"
#define SCHEMA_PATH SVA_SOURCE_DIR "/rules/schema/rulepack.schema.json"

static cJSON *read_json(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_error error = {0};
    if (sva_read_file(path, 1 << 22, &bytes, &size, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    cJSON *json = cJSON_ParseWithLength((const char *)bytes, size);
    free(bytes);
    assert_non_null(json);
    return json;
}

struct scratch {
    char directory[64];
    char path[128];
};

static void scratch_begin(struct scratch *scratch)
{
    (void)snprintf(scratch->directory, sizeof scratch->directory, "/tmp/sva-pack-XXXXXX");
    assert_non_null(mkdtemp(scratch->directory));
    (void)snprintf(scratch->path, sizeof scratch->path, "%s/pack.json", scratch->directory);
}

static void scratch_end(const struct scratch *scratch)
{
    (void)unlink(scratch->path);
    assert_int_equal(rmdir(scratch->directory), 0);
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    struct sva_error error = {0};
    if (sva_write_file(path, bytes, size, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
}

static void write_json(const char *path, const cJSON *json)
{
    char *text = cJSON_Print(json);
    write_bytes(path, text, strlen(text));
    free(text);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    free(texts);
}

/* Lint of `path` lists a problem that holds `expected` (NULL: lists none). */
static void expect_problem(const char *path, const char *expected)
{
    char **problems = NULL;
    size_t count = 0;
    struct sva_error error = {0};
    bool found = expected == NULL && count == 0;
    assert_int_equal(sva_rulepack_lint(path, &problems, &count, &error), SVA_OK);
    for (size_t i = 0; i < count; i++) {
        found = expected != NULL && (found || strstr(problems[i], expected) != NULL);
    }
    if (!found || (expected == NULL && count > 0)) {
        fail_msg("expected \"%s\", first of %zu problems: \"%s\"", expected != NULL ? expected : "",
                 count, count > 0 ? problems[0] : "");
    }
    free_texts(problems, count);
    struct sva_rulepack *pack = NULL;
    const enum sva_status status = sva_rulepack_load(path, &pack, &error);
    assert_int_equal(status, expected == NULL ? SVA_OK : SVA_ERR_CORRUPT);
    assert_null(strchr(error.text, '\n'));
    assert_true(expected == NULL || error.text[0] != '\0');
    sva_rulepack_free(pack);
}

/* ---- the shipped pack ---- */

static void the_shipped_pack_is_sound_and_fits_the_schema(void **state)
{
    (void)state;
    cJSON *pack = read_json(PACK_PATH);
    cJSON *schema = read_json(SCHEMA_PATH);
    expect_problem(PACK_PATH, NULL);
    assert_true(schema_accepts(schema, pack));
    cJSON_DeleteItemFromObject(cJSON_GetArrayItem(cJSON_GetObjectItem(pack, "rules"), 0), "text");
    assert_false(schema_accepts(schema, pack));
    cJSON_Delete(pack);
    cJSON_Delete(schema);
}

static void every_shipped_pack_fits_the_schema_and_its_cases(void **state)
{
    (void)state;
    char **names = NULL;
    size_t count = 0;
    struct sva_error error = {0};
    cJSON *schema = read_json(SCHEMA_PATH);
    assert_int_equal(sva_rulepack_list(&names, &count, &error), SVA_OK);
    assert_true(count >= 6);
    for (size_t i = 0; i < count; i++) {
        char path[1024];
        struct sva_rulepack *pack = NULL;
        struct sva_rule_trial *trials = NULL;
        size_t trial_count = 0;
        *strchr(names[i], '@') = '-';
        (void)snprintf(path, sizeof path, "%s/rules/%s.json", SVA_SOURCE_DIR, names[i]);
        cJSON *json = read_json(path);
        assert_true(schema_accepts(schema, json));
        cJSON_Delete(json);
        assert_int_equal(sva_rulepack_load(path, &pack, &error), SVA_OK);
        assert_int_equal(sva_rulepack_try(pack, NULL, &trials, &trial_count, &error), SVA_OK);
        for (size_t k = 0; k < trial_count; k++) {
            assert_true(trials[k].passed);
        }
        sva_rulepack_trials_free(trials);
        sva_rulepack_free(pack);
    }
    free_texts(names, count);
    cJSON_Delete(schema);
}

static void the_shipped_pack_names_its_rules_in_both_languages(void **state)
{
    (void)state;
    static const char *const ids[] = {"T1.1", "T1.2", "T1.3", "T1.4", "T1.5", "T1.6",
                                      "T1.7", "T1.8", "P1.1", "P1.2", "P1.3", "P1.4",
                                      "E1.1", "E1.2", "E1.3", "E1.4"};
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {0};
    assert_int_equal(sva_rulepack_load(PACK_PATH, &pack, &error), SVA_OK);
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    assert_string_equal(info->id, "kr-independent-ai");
    assert_string_equal(info->version, "2026-01");
    assert_string_equal(info->status, "superseded");
    assert_string_equal(info->effective_until, "2026-02-28");
    assert_non_null(strstr(info->note_en, "neither issued nor approved"));
    assert_int_equal(info->source_count, 1);
    assert_int_equal(info->rule_count, sizeof ids / sizeof *ids);
    for (size_t i = 0; i < info->rule_count; i++) {
        const struct sva_rule_info *rule = &info->rules[i];
        assert_string_equal(rule->id, ids[i]);
        const char *const pairs[][2] = {{rule->ko.title, rule->en.title},
                                        {rule->ko.requirement, rule->en.requirement},
                                        {rule->ko.rationale, rule->en.rationale},
                                        {rule->ko.remedy, rule->en.remedy}};
        for (size_t k = 0; k < 4; k++) {
            assert_true(pairs[k][0][0] != '\0' && pairs[k][1][0] != '\0');
            assert_true((unsigned char)pairs[k][0][0] >= 0xea); /* a Hangul syllable */
            assert_true((unsigned char)pairs[k][1][0] < 0x80);
        }
        assert_true(rule->condition[0] == '[');
    }
    sva_rulepack_free(pack);
}

/* ---- planted mistakes ---- */

/* Sets pack.<path>; the last part of the path is added or replaced, or removed when value is NULL.
 */
static void plant(cJSON *pack, const char *path, const char *value)
{
    char copy[128];
    (void)snprintf(copy, sizeof copy, "%s", path);
    cJSON *at = pack;
    char *part = copy;
    for (char *dot = strchr(part, '/'); dot != NULL; dot = strchr(part, '/')) {
        *dot = '\0';
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)strtol(part, NULL, 10))
                               : cJSON_GetObjectItemCaseSensitive(at, part);
        assert_non_null(at);
        part = dot + 1;
    }
    cJSON *item = value != NULL ? cJSON_Parse(value) : NULL;
    assert_true(value == NULL || item != NULL);
    if (cJSON_IsArray(at)) {
        assert_true(cJSON_ReplaceItemInArray(at, (int)strtol(part, NULL, 10), item));
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(at, part);
    if (item != NULL) {
        assert_true(cJSON_AddItemToObject(at, part, item));
    }
}

static void planted_mistakes_are_found_at_their_path(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value, *problem;
    } mistakes[] = {
        {"surprise", "1", "unknown key \"surprise\""},
        {"rules/0/extra", "1", "rules[0]: unknown key \"extra\""},
        {"format", "2", "format: this version reads format 1 only"},
        {"id", "\"KR Pack\"", "id: expected lower-case"},
        {"version", "\"soon\"", "version: \"soon\" is not a date"},
        {"status", "\"law\"", "status: \"law\" is none of the words"},
        {"sources", "[]", "sources: expected a list of 1"},
        {"sources", NULL, "the key \"sources\" is missing"},
        {"sources/0/url", "\"http://x\"", "sources[0]: the url"},
        {"sources/0/date", "\"2026-02-30\"", "sources[0].date"},
        {"effective/until", "\"2025-01\"", "\"until\" lies before"},
        {"text/ko", NULL, "text: the key \"ko\" is missing"},
        {"rules/2/text/en", NULL, "rules[2].text: the key \"en\" is missing"},
        {"rules/2/text/ko/remedy", "\"  \"", "rules[2].text.ko.remedy: expected a text"},
        {"rules/1/id", "\"T1.1\"", "rules[1].id: the id \"T1.1\" is taken"},
        {"rules/0/fact", "\"component.vibe\"", "rules[0].fact: there is no fact"},
        {"rules/0/fact", "\"model.auto_map\"", "rules[0].fact: model.auto_map has no value"},
        {"rules/0/when/scope", "[\"galaxy\"]", "rules[0].when.scope[0]"},
        {"rules/0/when/kinds", "[\"brain\"]", "rules[0].when.kinds[0]"},
        {"rules/0/severity", "\"info\"", "rules[0].severity: \"info\" does not agree"},
        {"rules/0/on_missing", "\"guess\"", "rules[0].on_missing: unknown verdict"},
        {"rules/0/sources", "[\"rumour\"]", "rules[0].sources[0]: no source"},
        {"rules/0/evidence", "[\"hearsay\"]", "rules[0].evidence[0]"},
        {"rules/0/crosswalk", "[{\"id\": \"1\"}]", "rules[0].crosswalk[0]: the key \"framework\""},
        {"rules/0/condition", "[]", "rules[0].condition: expected a list"},
        {"rules/0/condition/0/verdict", "\"bad\"", "rules[0].condition[0].verdict"},
        {"rules/0/condition/0/if", NULL, "only the last case may stand"},
        {"rules/0/condition/5/if", "{\"eq\": [\"component.comparable\", true]}",
         "the last case must stand"},
        {"rules/0/condition/0/if", "{\"matches\": [\"component.name\", \".*\"]}",
         "rules[0].condition[0].if.matches: unknown operator"},
        {"rules/0/condition/0/if", "{\"eq\": [\"component.answer\", \"stolen\"]}",
         "component.answer is never \"stolen\""},
        {"rules/0/condition/0/if", "{\"eq\": [\"component.rho\", \"1\"]}",
         "component.rho is a number, compared with a text"},
        {"rules/0/condition/0/if", "{\"lt\": [\"component.name\", 1]}", "\"lt\" does not apply"},
        {"rules/0/condition/0/if", "{\"gt\": [\"component.rho\", {\"param\": \"x\"}]}",
         "there is no param \"x\""},
        {"rules/0/condition/0/if", "{\"all\": []}", "if.all: expected a list"},
        {"rules/0/condition/0/if", "{\"not\": {}, \"any\": []}", "exactly one operator"},
        {"rules/0/condition/0/if", "{\"any\": [{\"not\": {\"eq\": [\"model.fame\", 1]}}]}",
         "if.any[0].not.eq[0]: there is no fact"},
        {"rules/0/condition/0/if", "{\"in\": [\"component.rho\", []]}", "a list of 1 to 64"},
        {"params/spare",
         "{\"value\": 1, \"unit\": \"x\", \"reason\": {\"ko\": \"a\", \"en\": \"b\"}}",
         "params: no rule uses \"spare\""},
        {"params/exact_items_allowed/value", "\"0\"", "\"value\" is not a number"},
        {"profiles/gate/rules/0", "\"T9.9\"", "profiles.gate.rules[0]: there is no rule"},
        {"profiles/gate/rules/0", "\"T1.2\"", "is listed twice"},
        {"profiles/gate/cap", "\"mild\"", "profiles.gate.cap"},
        {"profiles/gate", NULL, "profiles: the key \"gate\" is missing"},
    };
    struct scratch scratch;
    scratch_begin(&scratch);
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        cJSON *pack = read_json(PACK_PATH);
        plant(pack, mistakes[i].path, mistakes[i].value);
        write_json(scratch.path, pack);
        cJSON_Delete(pack);
        expect_problem(scratch.path, mistakes[i].problem);
    }
    scratch_end(&scratch);
}

static void all_mistakes_are_listed_at_once(void **state)
{
    (void)state;
    struct scratch scratch;
    char **problems = NULL;
    size_t count = 0;
    scratch_begin(&scratch);
    cJSON *pack = read_json(PACK_PATH);
    plant(pack, "status", "\"law\"");
    plant(pack, "rules/0/fact", "\"x\"");
    plant(pack, "rules/3/text/ko", NULL);
    write_json(scratch.path, pack);
    cJSON_Delete(pack);
    assert_int_equal(sva_rulepack_lint(scratch.path, &problems, &count, NULL), SVA_OK);
    assert_int_equal(count, 3);
    free_texts(problems, count);
    scratch_end(&scratch);
}

/* ---- hostile bytes ---- */

static void hostile_packs_are_refused_with_one_sentence(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"id\": \"a\", \"id\": \"b\"}",
        "{\"id\": \"a\\u0000b\"}",
        "{\"id\": \"\xff\"}",
        "{\"format\": 1e400}",
        "{\"format\": 1} x",
        "\xef\xbb\xbf{}",
        "{\"format\": 1111111111111111111111111111111111111111111111111111111111111111111111}",
        "{\"params\": {\"a\": 1, \"a\": 1, \"b\": []}, \"profiles\": [], \"rules\": {\"0\": 1}}",
        "{\"rules\": [null, 1, [], {}, {\"condition\": 7, \"when\": 7, \"text\": 7}]}",
        "{\"rules\": [{\"condition\": [{\"verdict\": \"fail\", \"if\": {\"in\": [1, 2]}}, 3]}]}",
        "{\"sources\": [{\"id\": 1}, 2], \"effective\": {\"from\": 1, \"until\": 2}}",
        "{\"profiles\": {\"gate\": {\"rules\": [1, {}]}, \"advisory\": 3}}",
    };
    struct scratch scratch;
    scratch_begin(&scratch);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_bytes(scratch.path, texts[i], strlen(texts[i]));
        expect_problem(scratch.path, "");
    }
    scratch_end(&scratch);
}

static void deep_nesting_and_great_size_are_refused(void **state)
{
    (void)state;
    enum { DEEP = 100000, GREAT = 5 << 20 };
    struct scratch scratch;
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {0};
    char *text = malloc(GREAT);
    assert_non_null(text);
    scratch_begin(&scratch);
    memset(text, '[', DEEP);
    write_bytes(scratch.path, text, DEEP);
    expect_problem(scratch.path, "");
    memset(text, ' ', GREAT);
    write_bytes(scratch.path, text, GREAT);
    assert_int_equal(sva_rulepack_load(scratch.path, &pack, &error), SVA_ERR_LIMIT);
    free(text);
    scratch_end(&scratch);
}

/* ---- names ---- */

static void names_pick_the_newest_version_or_the_one_asked_for(void **state)
{
    (void)state;
    struct scratch scratch;
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {0};
    char **names = NULL;
    size_t count = 0;
    scratch_begin(&scratch);
    cJSON *json = read_json(PACK_PATH);
    plant(json, "version", "\"2099-12\"");
    write_json(scratch.path, json);
    cJSON_Delete(json);
    assert_int_equal(setenv("SOVAUDIT_RULES", scratch.directory, 1), 0);
    assert_int_equal(sva_rulepack_load("kr-independent-ai", &pack, &error), SVA_OK);
    assert_string_equal(sva_rulepack_get_info(pack)->version, "2099-12");
    sva_rulepack_free(pack);
    assert_int_equal(sva_rulepack_load("kr-independent-ai@2026-01", &pack, &error), SVA_OK);
    assert_string_equal(sva_rulepack_get_info(pack)->version, "2026-01");
    sva_rulepack_free(pack);
    assert_int_equal(sva_rulepack_list(&names, &count, &error), SVA_OK);
    assert_true(count >= 2);
    bool listed = false;
    for (size_t i = 0; i < count; i++) {
        listed = listed || strcmp(names[i], "kr-independent-ai@2099-12") == 0;
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
    }
    assert_true(listed);
    free_texts(names, count);
    assert_int_equal(unsetenv("SOVAUDIT_RULES"), 0);
    assert_int_equal(sva_rulepack_load("kr-independent-ai#advisory", &pack, &error), SVA_OK);
    sva_rulepack_free(pack);
    pack = NULL;
    assert_int_equal(sva_rulepack_load("kr-independent-ai#lenient", &pack, &error),
                     SVA_ERR_NOT_FOUND);
    error = (struct sva_error){0};
    assert_int_equal(sva_rulepack_load("no-such-pack", &pack, &error), SVA_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "no rule pack is named \"no-such-pack\""));
    assert_null(pack);
    scratch_end(&scratch);
}

static void a_broken_file_of_the_wanted_name_is_not_passed_over(void **state)
{
    (void)state;
    struct scratch scratch;
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {0};
    scratch_begin(&scratch);
    assert_int_equal(setenv("SOVAUDIT_RULES", scratch.directory, 1), 0);
    write_bytes(scratch.path, "{", 1); /* pack.json: of no concern to another name */
    assert_int_equal(sva_rulepack_load("kr-independent-ai", &pack, &error), SVA_OK);
    sva_rulepack_free(pack);
    (void)unlink(scratch.path);
    (void)snprintf(scratch.path, sizeof scratch.path, "%s/kr-independent-ai-2027-01.json",
                   scratch.directory);
    write_bytes(scratch.path, "{", 1);
    assert_int_equal(sva_rulepack_load("kr-independent-ai", &pack, &error), SVA_ERR_CORRUPT);
    assert_int_equal(unsetenv("SOVAUDIT_RULES"), 0);
    scratch_end(&scratch);
}

/* ---- conditions ---- */

static enum sva_truth evaluate(const char *text, const struct sva_fact_value *values)
{
    struct sva_arena arena = {0};
    struct sva_problems problems = {.arena = &arena};
    struct sva_param params[] = {{.name = "limit", .value = 3}};
    const struct sva_condition_scope scope = {&problems, 0, params, 1};
    struct sva_condition condition;
    cJSON *json = cJSON_Parse(text);
    sva_condition_compile(&scope, json, "", &condition);
    if (problems.count > 0) {
        fail_msg("%s", problems.items[0]);
    }
    const enum sva_truth truth = sva_condition_evaluate(&condition, values);
    cJSON_Delete(json);
    sva_arena_done(&arena);
    return truth;
}

static void operators_and_missing_facts_follow_three_valued_logic(void **state)
{
    (void)state;
    struct sva_fact_value values[SVA_FACT_ID_COUNT] = {
        [SVA_FACT_RHO] = {.known = true, .number = 3},
        [SVA_FACT_COMPARABLE] = {.known = true, .truth = true},
        [SVA_FACT_COMPONENT_NAME] = {.known = true, .text = "x"},
        /* component.coverage is missing */
    };
    static const struct {
        const char *text;
        enum sva_truth truth;
    } cases[] = {
        {"{\"eq\": [\"component.rho\", 3]}", SVA_TRUE},
        {"{\"ne\": [\"component.rho\", 3]}", SVA_FALSE},
        {"{\"lt\": [\"component.rho\", 3]}", SVA_FALSE},
        {"{\"le\": [\"component.rho\", {\"param\": \"limit\"}]}", SVA_TRUE},
        {"{\"gt\": [\"component.rho\", 2.5]}", SVA_TRUE},
        {"{\"ge\": [\"component.rho\", 3.5]}", SVA_FALSE},
        {"{\"in\": [\"component.name\", [\"y\", \"x\"]]}", SVA_TRUE},
        {"{\"in\": [\"component.rho\", [1, 2]]}", SVA_FALSE},
        {"{\"not\": {\"eq\": [\"component.comparable\", true]}}", SVA_FALSE},
        {"{\"gt\": [\"component.coverage\", 0]}", SVA_MISSING},
        {"{\"not\": {\"gt\": [\"component.coverage\", 0]}}", SVA_MISSING},
        {"{\"any\": [{\"gt\": [\"component.coverage\", 0]}, {\"eq\": [\"component.rho\", 3]}]}",
         SVA_TRUE},
        {"{\"any\": [{\"gt\": [\"component.coverage\", 0]}, {\"eq\": [\"component.rho\", 4]}]}",
         SVA_MISSING},
        {"{\"all\": [{\"gt\": [\"component.coverage\", 0]}, {\"eq\": [\"component.rho\", 4]}]}",
         SVA_FALSE},
        {"{\"all\": [{\"gt\": [\"component.coverage\", 0]}, {\"eq\": [\"component.rho\", 3]}]}",
         SVA_MISSING},
        {"{\"all\": [{\"any\": [{\"eq\": [\"component.rho\", 1]}, {\"not\": {\"eq\":"
         " [\"component.rho\", 1]}}]}, {\"eq\": [\"component.comparable\", true]}]}",
         SVA_TRUE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (evaluate(cases[i].text, values) != cases[i].truth) {
            fail_msg("%s", cases[i].text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_pack_is_sound_and_fits_the_schema),
        cmocka_unit_test(every_shipped_pack_fits_the_schema_and_its_cases),
        cmocka_unit_test(the_shipped_pack_names_its_rules_in_both_languages),
        cmocka_unit_test(planted_mistakes_are_found_at_their_path),
        cmocka_unit_test(all_mistakes_are_listed_at_once),
        cmocka_unit_test(hostile_packs_are_refused_with_one_sentence),
        cmocka_unit_test(deep_nesting_and_great_size_are_refused),
        cmocka_unit_test(names_pick_the_newest_version_or_the_one_asked_for),
        cmocka_unit_test(a_broken_file_of_the_wanted_name_is_not_passed_over),
        cmocka_unit_test(operators_and_missing_facts_follow_three_valued_logic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schemas of what people write for the tool - evidence registers, waivers, cases, declarations
 * - and its own readers agree: on the corpus of each, and on every closed list of words.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sovaudit/model.h>

#include "base/file.h"
#include "judge/case_facts.h"
#include "judge/evidence_kinds.h"
#include "judge/evidence_register.h"
#include "judge/rule_trials.h"
#include "judge/waivers.h"
#include "schema_check.h"
#include "trace/declaration.h"

typedef bool reader(struct sva_span bytes);

/* ---- the readers ---- */

static bool reads_register(struct sva_span bytes)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    struct sva_document *documents = NULL;
    size_t count = 0;
    assert_int_equal(sva_register_parse(bytes, &problems, &documents, &count, NULL), SVA_OK);
    sva_arena_done(&arena);
    return problems.count == 0;
}

static bool reads_waivers(struct sva_span bytes)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    struct sva_waiver *items = NULL;
    size_t count = 0;
    assert_int_equal(sva_waivers_parse(bytes, &problems, &items, &count, NULL), SVA_OK);
    sva_arena_done(&arena);
    return problems.count == 0;
}

static bool reads_cases(struct sva_span bytes)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    struct sva_trial_case *cases = NULL;
    size_t count = 0;
    assert_int_equal(sva_trial_cases_parse(bytes, &problems, &cases, &count, NULL), SVA_OK);
    sva_arena_done(&arena);
    return problems.count == 0;
}

static bool reads_declaration(struct sva_span bytes)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_declaration declaration;
    const enum sva_status status =
        sva_declaration_parse(bytes.data, bytes.size, "d", &arena, &declaration, NULL);
    sva_arena_done(&arena);
    return status == SVA_OK;
}

/* ---- files ---- */

static struct sva_span load(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(sva_read_file(path, 1 << 22, &bytes, &size, NULL), SVA_OK);
    return (struct sva_span){bytes, size};
}

static void unload(struct sva_span bytes)
{
    sva_free((void *)(uintptr_t)bytes.data);
}

static cJSON *load_schema(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/docs/%s.schema.json", SVA_SOURCE_DIR, name);
    const struct sva_span bytes = load(path);
    cJSON *const schema = cJSON_ParseWithLength((const char *)bytes.data, bytes.size);
    assert_non_null(schema);
    unload(bytes);
    return schema;
}

static bool fits(const cJSON *schema, struct sva_span bytes)
{
    cJSON *const json = cJSON_ParseWithLength((const char *)bytes.data, bytes.size);
    const bool accepted = json != NULL && schema_accepts(schema, json);
    cJSON_Delete(json);
    return accepted;
}

/** What a schema cannot say: keys that stand twice, numbers that only a text can hold. */
static bool is_beyond_schemas(const char *name)
{
    return strcmp(name, "twice.json") == 0 || strcmp(name, "endless_gap.json") == 0;
}

/** Every file of a corpus is accepted by both or refused by both. */
static void expect_corpus(const char *folder, const cJSON *schema, reader *read)
{
    char path[1024];
    size_t accepted = 0;
    (void)snprintf(path, sizeof path, "%s/fixtures/corpus/%s", SVA_SOURCE_DIR, folder);
    DIR *const directory = opendir(path);
    assert_non_null(directory);
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/fixtures/corpus/%s/%.200s", SVA_SOURCE_DIR, folder,
                       entry->d_name);
        const struct sva_span bytes = load(path);
        const bool sound = read(bytes);
        if (fits(schema, bytes) != sound && !is_beyond_schemas(entry->d_name)) {
            fail_msg("%s: schema and reader differ", entry->d_name);
        }
        accepted += sound ? 1 : 0;
        unload(bytes);
    }
    (void)closedir(directory);
    assert_true(accepted > 0);
}

static void expect_text(const cJSON *schema, reader *read, const char *text, bool sound)
{
    const struct sva_span bytes = {(const uint8_t *)text, strlen(text)};
    if (read(bytes) != sound || fits(schema, bytes) != sound) {
        fail_msg("%s: reader %d, schema %d", text, read(bytes), fits(schema, bytes));
    }
}

/** The member at the end of a path of keys. */
static const cJSON *at(const cJSON *schema, const char *const *keys)
{
    for (; *keys != NULL && schema != NULL; keys++) {
        schema = cJSON_GetObjectItemCaseSensitive(schema, *keys);
    }
    assert_non_null(schema);
    return schema;
}
#define AT(schema, ...) at(schema, (const char *const[]){__VA_ARGS__, NULL})

/* ---- evidence ---- */

static const char HASH[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/** One document with these parts; `rest` begins with whether it is confidential. */
static void expect_document(const cJSON *schema, const char *path, const char *size,
                            const char *date, const char *rest, bool sound)
{
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "{\"format\": 1, \"documents\": [{\"kind\": \"loss-log\", \"path\": %s, "
                   "\"sha256\": \"%s\", \"size\": %s, \"media_type\": null, \"issuer\": \"a\", "
                   "\"date\": %s, \"language\": null, \"confidential\": %s}]}",
                   path, HASH, size, date, rest);
    expect_text(schema, reads_register, text, sound);
}

/** The list is that of the kinds that may stand in a register. */
static void expect_kinds(const cJSON *kinds)
{
    int documents = 0;
    for (int i = 0; i < SVA_KIND_COUNT; i++) {
        const struct sva_evidence_kind_info *const info =
            sva_evidence_kind_get((enum sva_evidence_kind)i);
        const cJSON *one = NULL;
        bool listed = false;
        cJSON_ArrayForEach(one, kinds)
        {
            listed = listed || strcmp(one->valuestring, info->name) == 0;
        }
        assert_int_equal(listed, info->document);
        documents += info->document ? 1 : 0;
    }
    assert_int_equal(cJSON_GetArraySize(kinds), documents);
}

static void registers_fit_their_schema(void **state)
{
    (void)state;
    cJSON *const schema = load_schema("evidence");
    expect_corpus("register", schema, reads_register);
    static const char *const BAD[] = {"\"/a\"",       "\"a//b\"", "\"../a\"",
                                      "\"a/./b\"",    "\".\"",    "\"a\\\\b\"",
                                      "\"a\\u0001\"", "\"a/\"",   "7"};
    static const char *const GOOD[] = {"\"a\"", "\"a/b.csv\"", "\"..a/...\"", "\".a\"",
                                       "\"\xed\x95\x9c/\xea\xb8\x80.csv\""};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        expect_document(schema, BAD[i], "1", "null", "false", false);
    }
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        expect_document(schema, GOOD[i], "1", "\"2026-02\"", "false", true);
    }
    expect_document(schema, "null", "0", "\"2026\"", "true", true);
    expect_document(schema, "null", "0", "null", "false", false);
    expect_document(schema, "\"a\"", "-1", "null", "false", false);
    expect_document(schema, "\"a\"", "1.5", "null", "false", false);
    expect_document(schema, "\"a\"", "1", "\"2026-13\"", "false", false);
    expect_document(schema, "\"a\"", "1", "\"  \"", "false", false);
    expect_document(schema, "\"a\"", "1", "null", "0", false);
    expect_document(schema, "\"a\"", "1", "null", "false, \"more\": 1", false);
    expect_text(schema, reads_register, "{\"format\": 1, \"documents\": []}", true);
    expect_text(schema, reads_register, "{\"format\": 2, \"documents\": []}", false);
    expect_text(schema, reads_register, "{\"format\": 1}", false);
    expect_kinds(AT(schema, "$defs", "document", "properties", "kind", "enum"));
    cJSON_Delete(schema);
}

/* ---- waivers ---- */

static void expect_waiver(const cJSON *schema, const char *reason, const char *expires,
                          const char *rest, bool sound)
{
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "{\"format\": 1, \"waivers\": [{\"rule\": \"T1.1\", \"model\": \"%s\", "
                   "\"reason\": \"%s\", \"text\": \"t\", \"evidence\": \"e\", \"approver\": \"a\", "
                   "\"date\": \"2026-01-01\", \"expires\": \"%s\"%s}]}",
                   HASH, reason, expires, rest);
    expect_text(schema, reads_waivers, text, sound);
}

static void waivers_fit_their_schema(void **state)
{
    (void)state;
    cJSON *const schema = load_schema("waivers");
    const cJSON *reason = NULL;
    expect_corpus("waivers", schema, reads_waivers);
    cJSON_ArrayForEach(reason, AT(schema, "$defs", "waiver", "properties", "reason", "enum"))
    {
        expect_waiver(schema, reason->valuestring, "2026-12-31", "", true);
    }
    expect_waiver(schema, "whim", "2026-12-31", "", false);
    expect_waiver(schema, "false-match", "2026-12", "", false);
    expect_waiver(schema, "false-match", "2026-12-31", ", \"component\": \"text-*\"", true);
    expect_waiver(schema, "false-match", "2026-12-31", ", \"component\": \"\"", false);
    expect_waiver(schema, "false-match", "2026-12-31", ", \"colour\": \"red\"", false);
    expect_text(schema, reads_waivers, "{\"format\": 1, \"waivers\": []}", false);
    cJSON_Delete(schema);
}

/* ---- cases ---- */

static void cases_fit_their_schema(void **state)
{
    (void)state;
    cJSON *const schema = load_schema("cases");
    const cJSON *const facts = AT(schema, "$defs", "facts", "properties");
    static const char *const types[] = {"boolean", "number", "string"};
    const struct sva_span shipped = load(SVA_SOURCE_DIR "/rules/shipped.cases.json");
    expect_corpus("cases", schema, reads_cases);
    assert_true(reads_cases(shipped) && fits(schema, shipped));
    unload(shipped);
    expect_text(schema, reads_cases, "{\"format\": 2, \"base\": {}, \"cases\": {\"a\": {}}}",
                false);
    expect_text(schema, reads_cases, "{\"format\": 1, \"base\": {}, \"cases\": {\"a\": []}}",
                false);
    assert_int_equal(cJSON_GetArraySize(facts), SVA_FACT_ID_COUNT);
    for (int i = 0; i < SVA_FACT_ID_COUNT; i++) {
        const struct sva_fact_info *const info = sva_fact_get_info((enum sva_fact_id)i);
        const cJSON *const type = AT(facts, info->name, "type");
        assert_string_equal(cJSON_GetArrayItem(type, 0)->valuestring, types[info->type]);
    }
    cJSON_Delete(schema);
}

/* ---- declarations ---- */

static void declarations_fit_their_schema(void **state)
{
    (void)state;
    cJSON *const schema = load_schema("declaration");
    const cJSON *const roles =
        AT(schema, "properties", "initialisation", "properties", "roles", "properties");
    static const char *const BAD[] = {
        "[]",
        "{\"token\": 1}",
        "{\"tokens\": 0}",
        "{\"tokens\": \"1\"}",
        "{\"initialisation\": {\"distribution\": \"zipf\"}}",
        "{\"initialisation\": {\"seed\": true}}",
        "{\"initialisation\": {\"roles\": {\"nose\": {}}}}",
        "{\"initialisation\": {\"roles\": {\"attn-q\": {\"seed\": 1}}}}",
        "{\"gaps\": [{\"from\": 1, \"to\": 2}]}",
        "{\"hardware\": {\"colour\": \"red\"}}",
        "{\"loss_unit\": \"apples\"}",
        "{\"loss_key\": \"\"}"};
    expect_corpus("declaration", schema, reads_declaration);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        expect_text(schema, reads_declaration, BAD[i], false);
    }
    for (int i = 0; i < SVA_ROLE_COUNT; i++) {
        (void)AT(roles, sva_role_name((enum sva_role)i));
    }
    const cJSON *role = NULL;
    cJSON_ArrayForEach(role, roles)
    {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"initialisation\": {\"roles\": {\"%s\": {}}}}",
                       role->string);
        expect_text(schema, reads_declaration, text, true);
    }
    cJSON_Delete(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_fit_their_schema),
        cmocka_unit_test(waivers_fit_their_schema),
        cmocka_unit_test(cases_fit_their_schema),
        cmocka_unit_test(declarations_fit_their_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

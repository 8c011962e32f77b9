/* SPDX-License-Identifier: Apache-2.0 */
/* The facts database: its file, look-ups, the store that takes a newer one, licences of a subject.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/judge.h>

#include "base/output.h"
#include "base/hash.h"
#include "judge/case_facts.h"
#include "judge_case.h"

#define H      "abababababababababababababababababababababababababababababababab"
#define ORIGIN "origin\to\tTitle\tpath\t2026\tMIT\n"
#define LICENCES                                                                                   \
    "licence\tfree\tFree Licence\t\t\tlicence-copy\t\t\t\to\n"                                     \
    "licence\tllama3.1\tLlama 3.1 Community License\tllama 3.1 community license\t"                \
    "naming;user-count\tlicence-copy;naming\tBuilt with Llama\tLlama\t\to\n"
#define FAMILIES                                                                                   \
    "family\tdistill\tDistill\tP\tCN\t2025-01\tfree\tllama3.1\tdistill-llama\to\n"                 \
    "family\tllama3\tLlama 3\tMeta\tUS\t2024-04-18\tllama3\t\tllama-3\to\n"                        \
    "family\tllama3.1\tLlama 3.1\tMeta\tUS\t2024-07-23\tllama3.1\t\tllama-3.1\to\n"
#define FILE_ROW "file\t" H "\tBase 7B\tbase-lab\t12\tfree\thttps://x\to\n"

/** A sealed database of rows that are in order; free(). */
static char *seal(const char *date, const char *rows, unsigned count)
{
    const size_t room = strlen(rows) + 256;
    char *text = malloc(room);
    uint8_t digest[32];
    char hex[65];
    assert_non_null(text);
    const int size = snprintf(text, room, "#sovaudit-facts\t1\t%s\n%s", date, rows);
    assert_true(sva_sha256(text, (size_t)size, digest));
    sva_hex(digest, sizeof digest, hex);
    snprintf(text + size, room - (size_t)size, "#end\t%u\t%s\n", count, hex);
    return text;
}

static struct sva_known *parse(const char *text)
{
    struct sva_known *known = NULL;
    struct sva_error error = {0};
    if (sva_known_parse((const uint8_t *)text, strlen(text), "test", &known, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return known;
}

static struct sva_known *small(void)
{
    char *text = seal("2030-01-01", FAMILIES FILE_ROW LICENCES ORIGIN, 7);
    struct sva_known *known = parse(text);
    free(text);
    return known;
}

static void rows_are_found_by_their_keys(void **state)
{
    (void)state;
    struct sva_known *known = small();
    size_t first = 0;
    assert_int_equal(sva_known_find(known, SVA_KNOWN_FILE, H, &first), 1);
    const struct sva_known_row row = sva_known_get(known, first);
    char origin[64];
    assert_string_equal(row.fields[SVA_KNOWN_FILE_MODEL], "Base 7B");
    assert_string_equal(sva_known_origin(known, &row, origin, sizeof origin), "Title, path, 2026");
    assert_int_equal(sva_known_find(known, SVA_KNOWN_FILE, "abab", &first), 0);
    assert_int_equal(sva_known_find(known, SVA_KNOWN_TENSOR, H, &first), 0);
    sva_known_free(known);
}

static void licences_are_known_by_id_name_and_alias(void **state)
{
    (void)state;
    struct sva_known *known = small();
    struct sva_known_row row;
    assert_true(sva_known_licence_of(known, "LLAMA3.1", &row));
    assert_true(sva_known_licence_of(known, "Llama 3.1 Community License", &row));
    assert_false(sva_known_licence_of(known, "llama3", &row));
    assert_true(sva_known_lists("a;naming", "naming"));
    assert_false(sva_known_lists("renaming", "naming"));
    sva_known_free(known);
}

static void the_family_with_the_longest_beginning_counts(void **state)
{
    (void)state;
    struct sva_known *known = small();
    struct sva_known_row row;
    assert_true(sva_known_family_of(known, "meta-llama/Llama-3.1-8B", &row));
    assert_string_equal(row.fields[0], "llama3.1");
    assert_true(sva_known_family_of(known, "Meta-Llama-3-8B", &row));
    assert_string_equal(row.fields[0], "llama3");
    assert_false(sva_known_family_of(known, "llama-30b", &row));
    assert_false(sva_known_family_of(known, "llama-3.2-1b", &row));
    assert_false(sva_known_family_of(known, "other", &row));
    sva_known_free(known);
}

/** Expects a refusal whose sentence holds `words`. */
static void refused(const char *text, size_t size, enum sva_status status, const char *words)
{
    struct sva_known *known = NULL;
    struct sva_error error = {0};
    assert_int_equal(sva_known_parse((const uint8_t *)text, size, "test", &known, &error), status);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    }
}

static void every_damage_is_refused_with_its_place(void **state)
{
    (void)state;
    char *sound = seal("2026-01-01", FILE_ROW ORIGIN, 2);
    const size_t size = strlen(sound);
    refused(sound, 0, SVA_ERR_CORRUPT, "not a facts database");
    for (size_t cut = 1; cut < size; cut++) {
        struct sva_known *known = NULL;
        assert_int_equal(sva_known_parse((const uint8_t *)sound, cut, "cut", &known, NULL),
                         SVA_ERR_CORRUPT);
    }
    for (size_t at = 0; at < size; at++) { /* one bit anywhere */
        struct sva_known *known = NULL;
        sound[at] = (char)(sound[at] ^ 1);
        assert_int_not_equal(sva_known_parse((const uint8_t *)sound, size, "bit", &known, NULL),
                             SVA_OK);
        sound[at] = (char)(sound[at] ^ 1);
    }
    free(sound);
    static const struct {
        const char *date, *rows, *words;
        unsigned count;
    } cases[] = {
        {"2026-13-01", ORIGIN, "no date", 1},
        {"2026-01-01", FILE_ROW ORIGIN, "more rows than there are", 3},
        {"2026-01-01", FILE_ROW ORIGIN, "more than the last line counts", 1},
        {"2026-01-01", ORIGIN FILE_ROW, "out of order", 2},
        {"2026-01-01", FILE_ROW FILE_ROW ORIGIN, "there twice", 3},
        {"2026-01-01", FILE_ROW, "names the origin", 1},
        {"2026-01-01", "thing\ta\n", "no known kind", 1},
        {"2026-01-01", "file\tabc\n", "number of fields", 1},
        {"2026-01-01", "template\tabc\t\t\to\n", "no SHA-256", 1},
        {"2026-01-01", "architecture\t\ta\tb\to\n", "no key", 1},
        {"2026-01-01", "family\ta\x01\tb\n", "neither UTF-8 nor printable", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = seal(cases[i].date, cases[i].rows, cases[i].count);
        refused(text, strlen(text), SVA_ERR_CORRUPT, cases[i].words);
        free(text);
    }
}

static void the_built_in_database_has_every_family(void **state)
{
    (void)state;
    static const char *const models[] = {"Qwen2.5-7B",
                                         "Qwen2.5-VL-7B-Instruct",
                                         "Qwen3-14B",
                                         "Qwen3-VL-8B",
                                         "NousCoder-14B",
                                         "Llama-3.3-70B-Instruct",
                                         "diffbot-small-xl",
                                         "Phi-3-mini-4k-instruct",
                                         "phi-4",
                                         "DeepSeek-R1",
                                         "DeepSeek-R1-Distill-Qwen-14B",
                                         "DeepSeek-R1-Distill-Llama-8B",
                                         "EXAONE-4.0-32B",
                                         "K-EXAONE-236B-A23B",
                                         "SOLAR-10.7B-v1.0",
                                         "A.X-4.0",
                                         "HyperCLOVAX-SEED-Think-14B",
                                         "Midm-2.0-Base-Instruct",
                                         "Mistral-7B-v0.1",
                                         "gemma-3-4b-it",
                                         "GLM-4.5-Air",
                                         "gpt-oss-20b",
                                         "midm-bitext-S-7B-inst-v1"};
    struct sva_known *known = NULL;
    struct sva_error error = {0};
    unsetenv("SOVAUDIT_FACTS");
    assert_int_equal(sva_known_load(NULL, &known, &error), SVA_OK);
    assert_true(sva_known_get_info(known)->row_count > 10000);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct sva_known_row row;
        if (!sva_known_family_of(known, models[i], &row)) {
            fail_msg("no family of %s", models[i]);
        }
    }
    struct sva_known_row base;
    assert_true(sva_known_family_of(known, "NousResearch/NousCoder-14B", &base));
    assert_string_equal(base.fields[SVA_KNOWN_FAMILY_BASE], "qwen3");
    sva_known_free(known);
}

/* ---- the store ---- */

static void write_text(const char *path, const char *text)
{
    struct sva_error error = {0};
    assert_int_equal(sva_write_file(path, text, strlen(text), &error), SVA_OK);
}

static void only_a_sound_newer_database_replaces_the_store_s(void **state)
{
    (void)state;
    char path[] = "/tmp/sva_known_XXXXXX";
    const int fd = mkstemp(path);
    struct sva_refstore *store = NULL;
    struct sva_known *known = NULL;
    struct sva_error error = {0};
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(sva_refstore_open(":memory:", true, &store, &error), SVA_OK);
    char *newer = seal("2031-01-01", FILE_ROW ORIGIN, 2);
    write_text(path, newer);
    assert_int_equal(sva_refstore_update_known(store, path, &error), SVA_OK);
    assert_int_equal(sva_refstore_update_known(store, path, &error), SVA_OK); /* again: nothing */
    newer[30] ^= 1;                                                           /* corrupted */
    write_text(path, newer);
    assert_int_equal(sva_refstore_update_known(store, path, NULL), SVA_ERR_CORRUPT);
    free(newer);
    char *older = seal("2030-12-31", FILE_ROW LICENCES ORIGIN, 4);
    write_text(path, older);
    assert_int_equal(sva_refstore_update_known(store, path, &error), SVA_ERR_CONFLICT);
    free(older);
    assert_int_equal(sva_known_load(store, &known, NULL), SVA_OK);
    assert_string_equal(sva_known_get_info(known)->date, "2031-01-01");
    assert_string_equal(sva_known_get_info(known)->place, "store");
    assert_int_equal(sva_known_get_info(known)->row_count, 2);
    sva_known_free(known);
    sva_refstore_close(store);
    unlink(path);
}

/* ---- a subject ---- */

static void take_knowledge(struct judge_case *test, const struct sva_known *known,
                           struct sva_knowledge **knowledge)
{
    struct sva_error error = {0};
    assert_int_equal(sva_knowledge_make(known, &test->source, knowledge, &error), SVA_OK);
    test->source.knowledge = *knowledge;
}

static double number_of(struct judge_case *test, enum sva_fact_id id, bool *known)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_case_facts facts;
    struct sva_error error = {0};
    assert_int_equal(sva_case_facts_make(&test->source, &arena, &facts, &error), SVA_OK);
    const struct sva_fact_value value = facts.model.values[id];
    *known = value.known;
    sva_arena_done(&arena);
    return value.number;
}

static void a_known_weight_file_asks_for_review_and_never_fails(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = small();
    struct sva_knowledge *knowledge = NULL;
    bool there = false;
    judge_begin(&test);
    memset(test.files[0].sha256, 0xab, sizeof test.files[0].sha256);
    take_knowledge(&test, known, &knowledge);
    assert_int_equal(knowledge->hit_count, 1);
    assert_true(knowledge->hits[0].weights);
    assert_true(number_of(&test, SVA_FACT_EXACT_UNDATED, &there) == 1.0);
    assert_true(number_of(&test, SVA_FACT_EXACT_EXTERNAL, &there) == 0.0);
    assert_true(number_of(&test, SVA_FACT_KNOWN_FILES, &there) == 1.0);
    test.own[0] = "Base-Lab";
    test.source.own = test.own;
    test.source.own_count = 1;
    assert_true(number_of(&test, SVA_FACT_EXACT_OWN, &there) == 1.0);
    assert_true(number_of(&test, SVA_FACT_EXACT_UNDATED, &there) == 0.0);
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

static void set_facts(struct judge_case *test, const struct sva_fact *facts, size_t count)
{
    memcpy(test->facts, facts, count * sizeof *facts);
    test->subject.facts = test->facts;
    test->subject.fact_count = count;
}

static void a_base_s_duties_are_inherited_through_its_families(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = small();
    struct sva_knowledge *knowledge = NULL;
    bool there = false;
    const struct sva_fact facts[] = {{"card.base_model", "lab/Distill-Llama-8B"},
                                     {"card.base_model_relation", "finetune"},
                                     {"licence.id", "free"}};
    judge_begin(&test);
    set_facts(&test, facts, 3);
    take_knowledge(&test, known, &knowledge);
    assert_int_equal(knowledge->licence_count, 3);
    assert_string_equal(knowledge->licences[0].because, "own");
    assert_string_equal(knowledge->licences[1].id, "free");
    assert_string_equal(knowledge->licences[1].unmet, "licence-copy");
    assert_string_equal(knowledge->licences[2].id, "llama3.1");
    assert_string_equal(knowledge->licences[2].unmet, "licence-copy;words;name");
    assert_true(number_of(&test, SVA_FACT_LICENCE_DUTIES_UNMET, &there) == 4.0);
    assert_true(number_of(&test, SVA_FACT_LICENCE_RESTRICTIVE_KNOWN, &there) == 2.0);
    /* known by the database alone: nothing to fail on, but to review */
    assert_true(number_of(&test, SVA_FACT_LICENCE_RESTRICTIVE, &there) == 0.0);
    assert_true(there);
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

static void duties_that_files_show_are_met(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = small();
    struct sva_knowledge *knowledge = NULL;
    bool there = false;
    const struct sva_fact facts[] = {
        {"card.base_model", "meta-llama/Llama-3.1-8B"},
        {"licence.clause.naming.0", "LICENSE, byte 1: prominently display built with"},
        {"licence.clause.naming.1", "LICENSE, byte 2: at the beginning of its name"},
        {"licence.id", "llama3.1"},
        {"licence.shown.0", "Built with Llama: README.md"},
        {"licence.text.0", "llama3.1"}};
    judge_begin(&test);
    set_facts(&test, facts, 6);
    test.subject.name = "org/Llama-of-ours";
    take_knowledge(&test, known, &knowledge);
    assert_true(number_of(&test, SVA_FACT_LICENCE_DUTIES_UNMET, &there) == 0.0);
    assert_true(there);
    assert_true(number_of(&test, SVA_FACT_LICENCE_RESTRICTIVE, &there) == 1.0);
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

static void an_unknown_licence_leaves_the_facts_missing(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = small();
    struct sva_knowledge *knowledge = NULL;
    bool there = true;
    const struct sva_fact facts[] = {{"licence.id", "house licence"}};
    judge_begin(&test);
    set_facts(&test, facts, 1);
    take_knowledge(&test, known, &knowledge);
    (void)number_of(&test, SVA_FACT_LICENCE_RESTRICTIVE, &there);
    assert_false(there);
    (void)number_of(&test, SVA_FACT_LICENCE_DUTIES_UNMET, &there);
    assert_false(there);
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

static void a_base_of_unknown_licence_is_no_pass(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = small();
    struct sva_knowledge *knowledge = NULL;
    bool there = true;
    const struct sva_fact facts[] = {{"card.base_model", "lab/somebody-elses"},
                                     {"licence.id", "free"}};
    judge_begin(&test);
    set_facts(&test, facts, 2);
    take_knowledge(&test, known, &knowledge);
    assert_int_equal(knowledge->licence_count, 2);
    assert_false(knowledge->licences[1].known);
    (void)number_of(&test, SVA_FACT_LICENCE_DUTIES_UNMET, &there);
    assert_false(there);
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

static void a_matched_component_takes_over_the_reference_s_licence(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = small();
    struct sva_knowledge *knowledge = NULL;
    judge_begin(&test);
    test.results[0][TEXT] =
        (struct sva_component_result){.name = "text-decoder", .answer = SVA_ANSWER_DERIVED};
    test.results[0][VISION] =
        (struct sva_component_result){.name = "vision-encoder", .answer = SVA_ANSWER_NO_EVIDENCE};
    test.comparisons[0] =
        (struct sva_comparison){.component_count = 2, .components = test.results[0]};
    test.compared[0] = (struct sva_compared){
        .reference = {.name = "ref", .version = "", .licence = "llama3.1", .released = "2024"},
        .comparison = &test.comparisons[0]};
    test.source.compared = test.compared;
    test.source.compared_count = 1;
    take_knowledge(&test, known, &knowledge);
    assert_int_equal(knowledge->licence_count, 1);
    assert_int_equal(knowledge->licences[0].component, TEXT);
    assert_string_equal(knowledge->licences[0].because, "matched");
    assert_string_equal(knowledge->licences[0].of, "ref");
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_their_keys),
        cmocka_unit_test(licences_are_known_by_id_name_and_alias),
        cmocka_unit_test(the_family_with_the_longest_beginning_counts),
        cmocka_unit_test(every_damage_is_refused_with_its_place),
        cmocka_unit_test(the_built_in_database_has_every_family),
        cmocka_unit_test(only_a_sound_newer_database_replaces_the_store_s),
        cmocka_unit_test(a_known_weight_file_asks_for_review_and_never_fails),
        cmocka_unit_test(a_base_s_duties_are_inherited_through_its_families),
        cmocka_unit_test(duties_that_files_show_are_met),
        cmocka_unit_test(an_unknown_licence_leaves_the_facts_missing),
        cmocka_unit_test(a_base_of_unknown_licence_is_no_pass),
        cmocka_unit_test(a_matched_component_takes_over_the_reference_s_licence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

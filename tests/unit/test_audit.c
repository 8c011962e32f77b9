/* SPDX-License-Identifier: Apache-2.0 */
/** The pipeline as one call: which references are compared, how they are ordered and named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/audit.h>

#include "fixtures.h"

static char root[] = "/tmp/sovaudit-audit-XXXXXX";
static char tower[sizeof root + 32], copy[sizeof root + 32];

static int make_models(void **state)
{
    (void)state;
    if (mkdtemp(root) == NULL) {
        return -1;
    }
    (void)snprintf(tower, sizeof tower, "%s/shared-tower", root);
    (void)snprintf(copy, sizeof copy, "%s/identical-copy", root);
    return sva_fixture_make("shared-tower", tower) != 0 ||
                   sva_fixture_make("identical-copy", copy) != 0
               ? -1
               : 0;
}

static int remove_models(void **state)
{
    (void)state;
    return sva_fixture_remove(tower) != 0 || sva_fixture_remove(copy) != 0 || rmdir(root) != 0
               ? -1
               : 0;
}

struct path {
    char text[512];
};

static struct path path_of(const char *directory, const char *name)
{
    struct path path;
    (void)snprintf(path.text, sizeof path.text, "%s/%s", directory, name);
    return path;
}

static struct sva_check_options options_for(const char *const *refs, size_t count)
{
    return (struct sva_check_options){.ref_paths = refs,
                                      .ref_path_count = count,
                                      .subject_date = "2026-03-01",
                                      .as_of = "2026-03-02",
                                      .threads = 1,
                                      .compare = sva_compare_options_default()};
}

static void add_reference(const char *store_path, const char *model, const char *name,
                          const char *released)
{
    const struct sva_check_options options = options_for(NULL, 0);
    struct sva_error error = {.status = SVA_OK};
    struct sva_print *print = NULL;
    struct sva_refstore *store = NULL;
    const struct sva_reference reference = {.name = name, .version = "", .publisher = "kim-lab",
                                            .licence = "", .released = released,
                                            .derived_from = "", .source = "", .added = ""};
    assert_int_equal(sva_print_of_path(model, &options, &print, &error), SVA_OK);
    assert_int_equal(sva_refstore_open(store_path, true, &store, &error), SVA_OK);
    assert_int_equal(sva_refstore_add(store, &reference, print, &error), SVA_OK);
    sva_refstore_close(store);
    sva_print_free(print);
}

static void strongest_answer_comes_first_then_the_earlier_release(void **state)
{
    (void)state;
    const struct path subject = path_of(tower, "subject");
    const struct path store = path_of(tower, "refs.db");
    add_reference(store.text, path_of(tower, "reference").text, "a-later", "2025-06-01");
    add_reference(store.text, path_of(tower, "reference-2").text, "z-earlier", "2024-06-01");
    add_reference(store.text, path_of(copy, "reference").text, "b-unrelated", "2020-01-01");
    struct sva_check_options options = options_for(NULL, 0);
    options.store_path = store.text;
    options.rules = "kr-independent-ai";
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_check(subject.text, &options, &result, &error), SVA_OK);
    const struct sva_audit *audit = sva_audit_of(result);
    assert_int_equal(audit->compared_count, 3);
    for (size_t i = 1; i < 3; i++) {
        const struct sva_compared *before = &audit->compared[i - 1];
        const struct sva_compared *after = &audit->compared[i];
        assert_true(before->comparison->answer <= after->comparison->answer);
        if (before->comparison->answer == after->comparison->answer) {
            assert_true(strcmp(before->reference.released, after->reference.released) <= 0);
        }
    }
    assert_string_equal(audit->compared[0].reference.name, "z-earlier");
    assert_string_equal(audit->compared[2].reference.name, "b-unrelated");
    assert_int_equal(audit->verdict->kind, SVA_VERDICT_FAIL);
    assert_int_equal(audit->exit_code, 1);
    sva_audit_free(result);
    assert_int_equal(unlink(store.text), 0);
}

static void reference_given_by_path_is_named_and_looked_up(void **state)
{
    (void)state;
    const struct path subject = path_of(copy, "subject");
    const struct path reference = path_of(copy, "reference//");
    const char *refs[] = {reference.text};
    const struct sva_check_options options = options_for(refs, 1);
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_check(subject.text, &options, &result, &error), SVA_OK);
    const struct sva_audit *audit = sva_audit_of(result);
    assert_string_equal(audit->compared[0].reference.name, "reference");
    assert_int_equal(audit->compared[0].comparison->answer, SVA_ANSWER_IDENTICAL);
    assert_null(audit->verdict);
    size_t files = 0;
    for (size_t i = 0; i < audit->hit_count; i++) {
        files += audit->hits[i].is_file ? 1 : 0;
        assert_string_equal(audit->hits[i].reference_name, "reference");
    }
    assert_true(files > 0 && audit->hit_count > files);
    const struct sva_component_result *component = &audit->compared[0].comparison->components[0];
    assert_true(component->match_count > 0);
    assert_non_null(component->matches[0].reference_name);
    assert_true(audit->compared[0].fact_count > 0);
    sva_audit_free(result);
}

static void excluded_reference_leaves_no_comparison_and_no_hit(void **state)
{
    (void)state;
    const struct path subject = path_of(copy, "subject");
    const struct path reference = path_of(copy, "reference");
    const struct path store = path_of(copy, "refs.db");
    add_reference(store.text, reference.text, "left-out", "2025-01-01");
    const char *exclude[] = {"left-out", "left-out"};
    struct sva_check_options options = options_for(NULL, 0);
    options.store_path = store.text;
    options.exclude = exclude;
    options.exclude_count = 2;
    options.rules = "kr-independent-ai";
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_check(subject.text, &options, &result, &error), SVA_OK);
    const struct sva_audit *audit = sva_audit_of(result);
    assert_int_equal(audit->compared_count, 0);
    assert_int_equal(audit->hit_count, 0);
    assert_int_equal(audit->excluded_count, 1);
    assert_int_equal(audit->verdict->kind, SVA_VERDICT_NOT_AUDITABLE);
    assert_int_equal(audit->exit_code, 4);
    sva_audit_free(result);

    exclude[1] = "no-such-name";
    result = NULL;
    assert_int_equal(sva_check(subject.text, &options, &result, &error), SVA_ERR_NOT_FOUND);
    assert_null(result);
    assert_non_null(strstr(error.text, "no-such-name"));
    assert_int_equal(unlink(store.text), 0);
}

static bool always(void *context)
{
    (void)context;
    return true;
}

static void cancelled_audit_gives_nothing(void **state)
{
    (void)state;
    const struct path subject = path_of(copy, "subject");
    const struct path reference = path_of(copy, "reference");
    const char *refs[] = {reference.text};
    struct sva_check_options options = options_for(refs, 1);
    options.progress.cancelled = always;
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_check(subject.text, &options, &result, &error), SVA_ERR_CANCELLED);
    assert_null(result);
}

static void exit_codes_follow_the_verdict(void **state)
{
    (void)state;
    static const struct {
        enum sva_verdict_kind verdict;
        int on_fail, on_review, on_never;
    } CASES[] = {{SVA_VERDICT_PASS, 0, 0, 0},
                 {SVA_VERDICT_FAIL, 1, 1, 0},
                 {SVA_VERDICT_REVIEW, 0, 5, 0},
                 {SVA_VERDICT_INCOMPLETE, 2, 2, 2},
                 {SVA_VERDICT_NOT_AUDITABLE, 4, 4, 4}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(sva_exit_code(CASES[i].verdict, SVA_FAIL_ON_FAIL), CASES[i].on_fail);
        assert_int_equal(sva_exit_code(CASES[i].verdict, SVA_FAIL_ON_REVIEW), CASES[i].on_review);
        assert_int_equal(sva_exit_code(CASES[i].verdict, SVA_FAIL_ON_NEVER), CASES[i].on_never);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strongest_answer_comes_first_then_the_earlier_release),
        cmocka_unit_test(reference_given_by_path_is_named_and_looked_up),
        cmocka_unit_test(excluded_reference_leaves_no_comparison_and_no_hit),
        cmocka_unit_test(cancelled_audit_gives_nothing),
        cmocka_unit_test(exit_codes_follow_the_verdict),
    };
    return cmocka_run_group_tests(tests, make_models, remove_models);
}

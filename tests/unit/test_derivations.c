/* SPDX-License-Identifier: Apache-2.0 */
/** How a derivative came about: the estimate is right for the cases whose history is known. */
#include <math.h>
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

static char root[] = "/tmp/sovaudit-derivations-XXXXXX";

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) == NULL ? -1 : 0;
}

static int remove_root(void **state)
{
    (void)state;
    return rmdir(root);
}

/** What is right about a case. */
struct history {
    const char *name;
    uint32_t reference_count;
    const char *derivation[SVA_FIXTURE_REFERENCES_MAX]; /* by reference */
    uint32_t adapter_rank;
    enum sva_mixture_kind mixture; /* NONE: one reference only */
};

static const struct history HISTORIES[] = {
    {"fine-tune-weak", 1, {"fine-tuned"}, 0, SVA_MIXTURE_NONE},
    {"fine-tune", 1, {"fine-tuned"}, 0, SVA_MIXTURE_NONE},
    {"continued-pretraining", 1, {"continued-pretraining"}, 0, SVA_MIXTURE_NONE},
    {"lora-merged", 1, {"merged-adapter"}, 8, SVA_MIXTURE_NONE},
    {"extended-vocabulary", 1, {"vocabulary-extended"}, 0, SVA_MIXTURE_NONE},
    {"rebuilt-vocabulary", 1, {"vocabulary-rebuilt"}, 0, SVA_MIXTURE_NONE},
    {"merge-linear", 3, {"merged", "merged", "fine-tuned"}, 0, SVA_MIXTURE_LINEAR},
    {"merge-slerp", 2, {"merged", "merged"}, 0, SVA_MIXTURE_LINEAR},
    {"merge-ties", 3, {"fine-tuned", "fine-tuned", "fine-tuned"}, 0, SVA_MIXTURE_OTHER},
    {"merge-dare", 3, {"fine-tuned", "fine-tuned", "fine-tuned"}, 0, SVA_MIXTURE_OTHER},
    {"merge-passthrough", 2, {"merged", "merged"}, 0, SVA_MIXTURE_PASSTHROUGH},
};

static const char *const NAMES[] = {"reference", "reference-2", "reference-3"};

static struct sva_audit_result *audit_of(const char *directory, uint32_t count)
{
    char subject[128];
    char paths[SVA_FIXTURE_REFERENCES_MAX][128];
    const char *refs[SVA_FIXTURE_REFERENCES_MAX];
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    (void)snprintf(subject, sizeof subject, "%s/subject", directory);
    for (uint32_t k = 0; k < count; k++) {
        (void)snprintf(paths[k], sizeof paths[k], "%s/%s", directory, NAMES[k]);
        refs[k] = paths[k];
    }
    const struct sva_check_options options = {.ref_paths = refs,
                                              .ref_path_count = count,
                                              .subject_date = "2026-03-01",
                                              .as_of = "2026-03-02",
                                              .compare = sva_compare_options_default()};
    if (sva_check(subject, &options, &result, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return result;
}

static const struct sva_component_result *text_of(const struct sva_comparison *comparison)
{
    for (size_t c = 0; c < comparison->component_count; c++) {
        if (comparison->components[c].kind == SVA_COMPONENT_TEXT_DECODER) {
            return &comparison->components[c];
        }
    }
    return NULL;
}

static void check_history(const struct history *history, const struct sva_audit *audit)
{
    for (size_t i = 0; i < audit->compared_count; i++) {
        uint32_t k = 0;
        while (strcmp(audit->compared[i].reference.name, NAMES[k]) != 0) {
            k++;
        }
        const struct sva_component_result *text = text_of(audit->compared[i].comparison);
        assert_non_null(text);
        if (strcmp(text->derivation, history->derivation[k]) != 0 ||
            text->adapter_rank != history->adapter_rank) {
            fail_msg("%s, %s: \"%s\", rank %u; right is \"%s\", rank %u", history->name, NAMES[k],
                     text->derivation, text->adapter_rank, history->derivation[k],
                     history->adapter_rank);
        }
    }
    assert_int_equal(audit->mixture_count, history->mixture != SVA_MIXTURE_NONE ? 1 : 0);
    if (audit->mixture_count > 0) {
        assert_string_equal(sva_mixture_kind_name(audit->mixtures[0].mixture->kind),
                            sva_mixture_kind_name(history->mixture));
    }
}

static void estimates_agree_with_known_histories(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof HISTORIES / sizeof *HISTORIES; i++) {
        char directory[96];
        (void)snprintf(directory, sizeof directory, "%s/%s", root, HISTORIES[i].name);
        assert_int_equal(sva_fixture_make(HISTORIES[i].name, directory), 0);
        struct sva_audit_result *result = audit_of(directory, HISTORIES[i].reference_count);
        check_history(&HISTORIES[i], sva_audit_of(result));
        sva_audit_free(result);
        assert_int_equal(sva_fixture_remove(directory), 0);
    }
}

/** Reports name parents, shares and what is not needed, whatever the order of references. */
static void report_says_what_the_merge_is_made_of(void **state)
{
    (void)state;
    char directory[96];
    char *text = NULL;
    size_t size = 0;
    (void)snprintf(directory, sizeof directory, "%s/merge", root);
    assert_int_equal(sva_fixture_make("merge-linear", directory), 0);
    struct sva_audit_result *result = audit_of(directory, 3);
    const struct sva_audit *audit = sva_audit_of(result);
    assert_int_equal(sva_report_text(audit, SVA_LANG_EN, false, 120, &text, &size, NULL), SVA_OK);
    assert_non_null(strstr(text, "text-decoder, estimated as a mixture: 60.0% reference (± 0.1%)"));
    assert_non_null(strstr(text, "Unneeded:"));
    free(text);
    assert_int_equal(sva_report_text(audit, SVA_LANG_KO, false, 120, &text, &size, NULL), SVA_OK);
    assert_non_null(strstr(text, "혼합 추정"));
    free(text);
    assert_int_equal(sva_report_json(audit, &text, &size, NULL), SVA_OK);
    assert_non_null(strstr(text, "\"kind\": \"linear\""));
    assert_non_null(strstr(text, "\"state\": \"unneeded\""));
    free(text);
    sva_audit_free(result);
    assert_int_equal(sva_fixture_remove(directory), 0);
}

enum { MANY = 10 };

/** Eight names of a reference that is not needed come first in the report's order. */
static void nearest_references_are_fitted_where_there_are_many(void **state)
{
    (void)state;
    char directory[96];
    char paths[MANY][128];
    const char *refs[MANY];
    struct sva_audit_result *result = NULL;
    char *text = NULL;
    size_t size = 0;
    (void)snprintf(directory, sizeof directory, "%s/many", root);
    assert_int_equal(sva_fixture_make("merge-linear", directory), 0);
    for (int k = 0; k < MANY; k++) {
        const char *name = k == 0 ? "reference" : "reference-2";
        if (k < 2) {
            (void)snprintf(paths[k], sizeof paths[k], "%s/%s", directory, name);
        } else {
            (void)snprintf(paths[k], sizeof paths[k], "%s/a-%d", directory, k);
            assert_int_equal(symlink("reference-3", paths[k]), 0);
        }
        refs[k] = paths[k];
    }
    const struct sva_check_options options = {.ref_paths = refs,
                                              .ref_path_count = MANY,
                                              .subject_date = "2026-03-01",
                                              .as_of = "2026-03-02",
                                              .compare = sva_compare_options_default()};
    char subject[128];
    (void)snprintf(subject, sizeof subject, "%s/subject", directory);
    assert_int_equal(sva_check(subject, &options, &result, NULL), SVA_OK);
    const struct sva_audit *audit = sva_audit_of(result);
    assert_int_equal(audit->mixture_count, 1);
    assert_int_equal(audit->mixtures[0].candidate_count, MANY);
    assert_int_equal(audit->mixtures[0].mixture->parent_count, SVA_MIXTURE_PARENTS);
    assert_int_equal(audit->mixtures[0].mixture->kind, SVA_MIXTURE_LINEAR);
    assert_int_equal(sva_report_text(audit, SVA_LANG_EN, false, 120, &text, &size, NULL), SVA_OK);
    assert_non_null(strstr(text, "60.0% reference (± 0.1%)"));
    assert_non_null(strstr(text, "Fitted"));
    free(text); /* wrapped lines hide it there */
    text = NULL;
    assert_int_equal(sva_report_json(audit, &text, &size, NULL), SVA_OK);
    assert_non_null(strstr(text, "\"candidates\": 10"));
    free(text);
    sva_audit_free(result);
    for (int k = 2; k < MANY; k++) {
        assert_int_equal(unlink(paths[k]), 0);
    }
    assert_int_equal(sva_fixture_remove(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_agree_with_known_histories),
        cmocka_unit_test(report_says_what_the_merge_is_made_of),
        cmocka_unit_test(nearest_references_are_fitted_where_there_are_many),
    };
    return cmocka_run_group_tests_name("derivations", tests, make_root, remove_root);
}

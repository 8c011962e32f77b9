/* SPDX-License-Identifier: Apache-2.0 */
/** Searching a store: screening drops nothing that could be compared, threads change nothing. */
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
#include <sqlite3.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "fingerprint/print_classes.h"
#include "fingerprint/print_internal.h"
#include "fixtures/fixtures.h"
#include "kernel/integer_products.h"
#include "kernel/permutation.h"
#include <sovaudit/audit.h>

enum { PRINTS_MOST = 256 };

static char root[] = "/tmp/sovaudit-search-XXXXXX";
static char store_path[sizeof root + 16], subject_path[sizeof root + 16];
static struct sva_print *prints[PRINTS_MOST];
static size_t print_count;

static const struct sva_check_options OPTIONS = {
    .subject_date = "2026-03-01",
    .as_of = "2026-03-02",
    .threads = 2,
    .compare = {.alpha_derived = 1e-9, .alpha_reject = 1e-4}};

static void take_print(const char *directory, const char *model)
{
    char path[512];
    struct sva_error error = {0};
    (void)snprintf(path, sizeof path, "%s/%s", directory, model);
    if (print_count < PRINTS_MOST &&
        sva_print_of_path(path, &OPTIONS, &prints[print_count], &error) == SVA_OK) {
        print_count++;
    }
}

/** Prints of every model of every third named case that can be read. */
static int make_prints(void **state)
{
    (void)state;
    size_t count = 0;
    const struct sva_fixture *cases = sva_fixture_table(&count);
    if (mkdtemp(root) == NULL) {
        return -1;
    }
    (void)snprintf(store_path, sizeof store_path, "%s/refs.db", root);
    (void)snprintf(subject_path, sizeof subject_path, "%s/subject.svp", root);
    for (size_t i = 0; i < count; i += 3) {
        char directory[512];
        (void)snprintf(directory, sizeof directory, "%s/%s", root, cases[i].name);
        if (sva_fixture_make(cases[i].name, directory) != 0) {
            return -1;
        }
        take_print(directory, "subject");
        for (uint32_t r = 0; r < cases[i].reference_count; r++) {
            take_print(directory, cases[i].references[r].directory);
        }
        (void)sva_fixture_remove(directory);
    }
    return print_count > 20 ? 0 : -1;
}

static int remove_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < print_count; i++) {
        sva_print_free(prints[i]);
    }
    return sva_fixture_remove(root);
}

static void assert_same_number(double a, double b)
{
    assert_true((isnan(a) && isnan(b)) || (a >= b && a <= b));
}

static void assert_same_component(const struct sva_component_result *a,
                                  const struct sva_component_result *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->answer, b->answer);
    assert_string_equal(a->derivation, b->derivation);
    assert_string_equal(a->reason, b->reason);
    assert_int_equal(a->test_count, b->test_count);
    assert_int_equal(a->match_count, b->match_count);
    assert_int_equal(a->inert_parameter_count, b->inert_parameter_count);
    assert_string_equal(a->reference_name != NULL ? a->reference_name : "",
                        b->reference_name != NULL ? b->reference_name : "");
    assert_same_number(a->rho, b->rho);
    assert_same_number(a->detectable_rho, b->detectable_rho);
    assert_same_number(a->coverage, b->coverage);
    assert_same_number(a->identical_share, b->identical_share);
    assert_same_number(a->log10_p_adjusted, b->log10_p_adjusted);
    assert_same_number(a->start_gain_agreement, b->start_gain_agreement);
    assert_same_number(a->start_subspace_agreement, b->start_subspace_agreement);
    assert_same_number(a->start_token_agreement, b->start_token_agreement);
    assert_same_number(a->start_token_lower, b->start_token_lower);
    assert_same_number(a->quantisation.distance, b->quantisation.distance);
    assert_string_equal(a->quantisation.basis, b->quantisation.basis);
    assert_int_equal(a->transform_count, b->transform_count);
    for (size_t t = 0; t < a->test_count; t++) {
        assert_string_equal(a->tests[t].id, b->tests[t].id);
        assert_same_number(a->tests[t].log10_p, b->tests[t].log10_p);
        assert_same_number(a->tests[t].log10_p_adjusted, b->tests[t].log10_p_adjusted);
    }
}

static void assert_same_comparison(const struct sva_comparison *a, const struct sva_comparison *b)
{
    assert_int_equal(a->answer, b->answer);
    assert_string_equal(a->derivation, b->derivation);
    assert_int_equal(a->hypothesis_count, b->hypothesis_count);
    assert_int_equal(a->component_count, b->component_count);
    for (size_t c = 0; c < a->component_count; c++) {
        assert_same_component(&a->components[c], &b->components[c]);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(a->controls[i].passed, b->controls[i].passed);
        assert_same_number(a->controls[i].value, b->controls[i].value);
    }
}

static struct sva_comparison *compare(const struct sva_print *subject,
                                      const struct sva_print *reference)
{
    struct sva_error error = {0};
    struct sva_comparison *comparison = NULL;
    if (sva_compare(subject, reference, &OPTIONS.compare, &comparison, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return comparison;
}

static bool classes_meet(const struct sva_print *a, const struct sva_print *b)
{
    uint64_t *left = NULL;
    uint64_t *right = NULL;
    size_t left_count = 0;
    size_t right_count = 0;
    assert_true(sva_print_classes(a, &left, &left_count));
    assert_true(sva_print_classes(b, &right, &right_count));
    const bool meet = sva_classes_meet(left, left_count, right, right_count);
    assert_int_equal(meet, sva_classes_meet(right, right_count, left, left_count));
    sva_free(left);
    sva_free(right);
    return meet;
}

/** Whatever is screened out would have been answered as a comparison with nothing is. */
static void screening_never_drops_a_comparable_pair(void **state)
{
    (void)state;
    size_t screened = 0;
    for (size_t s = 0; s < print_count; s++) {
        struct sva_print *nothing = sva_print_new();
        assert_non_null(nothing);
        struct sva_comparison *expected = compare(prints[s], nothing);
        assert_true(classes_meet(prints[s], prints[s]));
        for (size_t r = 0; r < print_count; r++) {
            if (classes_meet(prints[s], prints[r])) {
                continue;
            }
            struct sva_comparison *full = compare(prints[s], prints[r]);
            assert_same_comparison(full, expected);
            sva_comparison_free(full);
            screened++;
        }
        sva_comparison_free(expected);
        sva_print_free(nothing);
    }
    print_message("%zu of %zu pairs are screened out\n", screened, print_count * print_count);
    assert_true(screened > print_count);
}

static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(store_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/** A store of every fourth print, and the first print as subject. */
static void build_store(void)
{
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    (void)unlink(store_path);
    assert_int_equal(sva_refstore_open(store_path, true, &store, &error), SVA_OK);
    for (size_t i = 0; i < print_count; i += i < 4 ? 1 : 4) {
        char name[32];
        (void)snprintf(name, sizeof name, "reference-%03zu", i);
        const struct sva_reference reference = {.name = name, .released = "2025-01"};
        assert_int_equal(sva_refstore_add(store, &reference, prints[i], &error), SVA_OK);
    }
    sva_refstore_close(store);
    assert_int_equal(sva_print_save(prints[0], subject_path, &error), SVA_OK);
}

static char *report_with(uint32_t threads)
{
    struct sva_check_options options = OPTIONS;
    struct sva_audit_result *result = NULL;
    struct sva_error error = {0};
    char *text = NULL;
    options.store_path = store_path;
    options.threads = threads;
    options.rules = "kr-independent-ai";
    if (sva_check(subject_path, &options, &result, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    size_t size = 0;
    assert_int_equal(sva_report_json(sva_audit_of(result), &text, &size, &error), SVA_OK);
    sva_audit_free(result);
    return text;
}

static void reports_do_not_depend_on_screening_or_threads(void **state)
{
    (void)state;
    build_store();
    char *screened = report_with(1);
    char *parallel = report_with(4);
    run_sql("DELETE FROM reference_outline; DELETE FROM reference_class");
    char *unscreened = report_with(3);
    assert_string_equal(screened, parallel);
    assert_string_equal(screened, unscreened);
    sva_free(screened);
    sva_free(parallel);
    sva_free(unscreened);
}

static size_t count_outlines(struct sva_refstore *store, size_t *comparable)
{
    struct sva_error error = {0};
    struct sva_outline *outlines = NULL;
    size_t count = 0;
    assert_int_equal(sva_refstore_screen(store, prints[0], &outlines, &count, &error), SVA_OK);
    *comparable = 0;
    for (size_t i = 0; i < count; i++) {
        *comparable += outlines[i].comparable ? 1 : 0;
        const struct sva_outline *found =
            sva_outline_find(outlines, count, outlines[i].print->digest);
        assert_non_null(found);
        assert_int_equal(found->comparable, outlines[i].comparable);
    }
    sva_outlines_free(outlines, count);
    return count;
}

static void a_store_of_the_first_schema_is_brought_up_to_date(void **state)
{
    (void)state;
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    struct sva_refstore_info info;
    size_t before;
    size_t after;
    build_store();
    assert_int_equal(sva_refstore_open(store_path, false, &store, &error), SVA_OK);
    const size_t count = count_outlines(store, &before);
    sva_refstore_close(store);
    run_sql("DROP TABLE reference_outline; DROP TABLE reference_class; DROP TABLE reference_note;"
            "DROP TABLE facts_database; PRAGMA user_version = 1");
    assert_int_equal(sva_refstore_open(store_path, false, &store, &error), SVA_OK);
    assert_int_equal(count_outlines(store, &after), count);
    assert_true(count > 0 && before == after && before < count);
    assert_int_equal(sva_refstore_get_info(store, &info, &error), SVA_OK);
    assert_int_equal(info.schema_version, 3);
    assert_int_equal(sva_refstore_verify(store, &error), SVA_OK);
    sva_refstore_close(store);
}

static void a_store_of_the_second_schema_learns_to_take_notes(void **state)
{
    (void)state;
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    struct sva_reference *references = NULL;
    size_t count = 0;
    build_store();
    run_sql("DROP TABLE reference_note; DROP TABLE facts_database; PRAGMA user_version = 2");
    assert_int_equal(sva_refstore_open(store_path, false, &store, &error), SVA_OK);
    assert_int_equal(sva_refstore_list(store, &references, &count, &error), SVA_OK);
    const struct sva_reference_note note = {.noted = "2026-01-01", .removed = "2025-11"};
    assert_int_equal(
        sva_refstore_note(store, references[0].name, references[0].version, &note, &error), SVA_OK);
    sva_references_free(references, count);
    assert_int_equal(sva_refstore_list(store, &references, &count, &error), SVA_OK);
    assert_string_equal(references[0].removed, "2025-11");
    assert_string_equal(references[1].removed, "");
    sva_references_free(references, count);
    assert_int_equal(sva_refstore_verify(store, &error), SVA_OK);
    sva_refstore_close(store);
}

static void a_print_that_cannot_be_decoded_does_not_stop_the_upgrade(void **state)
{
    (void)state;
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    size_t comparable;
    size_t fewer;
    build_store();
    assert_int_equal(sva_refstore_open(store_path, false, &store, &error), SVA_OK);
    const size_t count = count_outlines(store, &comparable);
    sva_refstore_close(store);
    run_sql("DROP TABLE reference_outline; DROP TABLE reference_class; DROP TABLE reference_note;"
            "DROP TABLE facts_database; PRAGMA user_version = 1;"
            "UPDATE reference_print SET bytes = x'00' WHERE reference_id = 2");
    assert_int_equal(sva_refstore_open(store_path, false, &store, &error), SVA_OK);
    assert_int_equal(count_outlines(store, &fewer), count - 1);
    sva_refstore_close(store);
}

static void a_hidden_class_is_found_by_verify(void **state)
{
    (void)state;
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    build_store();
    run_sql("DELETE FROM reference_class WHERE reference_id = 2");
    assert_int_equal(sva_refstore_open(store_path, false, &store, &error), SVA_OK);
    assert_int_equal(sva_refstore_verify(store, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "outline"));
    sva_refstore_close(store);
}

/* ---- arithmetic ---- */

static void integer_products_are_exact_on_every_level(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1},    {3, 2},    {7, 16}, {33, 17},
                                      {20, 511}, {9, 1100}, {70, 4}};
    const enum sva_cpu_level used = sva_cpu_level();
    struct sva_random random;
    sva_random_seed(&random, (const uint8_t[32]){9});
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t n = sizes[i][0];
        const size_t count = sizes[i][1];
        int16_t *a = sva_calloc(n * count, sizeof *a);
        int16_t *b = sva_calloc(n * count, sizeof *b);
        int64_t *out = sva_calloc(n * n, sizeof *out);
        assert_true(a != NULL && b != NULL && out != NULL);
        for (size_t k = 0; k < n * count; k++) {
            a[k] = (int16_t)((int)sva_random_below(&random, 4095) - 2047);
            b[k] =
                i % 2 == 0 ? (int16_t)2047 : (int16_t)((int)sva_random_below(&random, 4095) - 2047);
            a[k] = i % 4 == 0 ? (int16_t)-2047 : a[k];
        }
        for (int level = SVA_CPU_BASELINE; level < SVA_CPU_LEVELS; level++) {
            if (!sva_cpu_use((enum sva_cpu_level)level)) {
                continue;
            }
            sva_products_i16(a, b, n, count, out);
            for (size_t at = 0; at < n * n; at++) {
                int64_t expected = 0;
                for (size_t k = 0; k < count; k++) {
                    expected += (int64_t)a[at / n * count + k] * b[at % n * count + k];
                }
                assert_true(out[at] == expected);
                assert_true(sva_dot_i16(a + at / n * count, b + at % n * count, count) == expected);
            }
        }
        sva_free(a);
        sva_free(b);
        sva_free(out);
    }
    assert_true(sva_cpu_use(used));
}

/** The fast draw is the slow one: same stream, same permutations, same p. */
static void draws_are_those_of_the_permutation(void **state)
{
    (void)state;
    enum { N = 37, DRAWS = 3000 };
    static int64_t c[N * N];
    struct sva_random random;
    uint32_t order[N];
    sva_random_seed(&random, (const uint8_t[32]){5});
    for (size_t i = 0; i < N * N; i++) {
        c[i] = (int64_t)sva_random_below(&random, 1000);
    }
    for (int shift = 0; shift < 4; shift++) {
        static int32_t scratch[N * N];
        const struct sva_trace narrow = {c, N, scratch};
        struct sva_random fast = random;
        struct sva_random narrowed = random;
        struct sva_random slow = random;
        const struct sva_trace_scratch work = {order, NULL, 1.0};
        int64_t observed = 0;
        uint32_t reached = 0;
        uint32_t draw = 1;
        for (size_t i = 0; i < N; i++) {
            c[i * N + i] += 60 * shift;
            observed += c[i * N + i];
        }
        for (; draw <= DRAWS && reached < SVA_EXCEEDANCES; draw++) {
            int64_t sum = 0;
            sva_random_permutation(&slow, order, N);
            for (size_t i = 0; i < N; i++) {
                sum += c[i * N + order[i]];
            }
            reached += sum >= observed ? 1 : 0;
        }
        const double expected = reached == SVA_EXCEEDANCES
                                    ? log10((double)reached / (double)(draw - 1))
                                    : log10((1.0 + reached) / (1.0 + DRAWS));
        assert_same_number(sva_trace_log10_p(c, N, DRAWS, &fast, order), expected);
        assert_memory_equal(fast.state, slow.state, sizeof fast.state);
        assert_same_number(sva_traces_log10_p(&narrow, 1, DRAWS, &narrowed, &work), expected);
        assert_memory_equal(narrowed.state, slow.state, sizeof fast.state);
        struct sva_random again = random;
        struct sva_draw_tally tally = {.series = 0};
        const struct sva_trace_moments moments = sva_trace_moments(c, N);
        const struct sva_trace_scratch counted = {order, &tally, 1.0};
        sva_tally_begin(&tally, moments.mean, moments.variance, moments.observed);
        assert_same_number(sva_traces_log10_p(&narrow, 1, DRAWS, &again, &counted), expected);
        assert_int_equal(tally.draws, draw - 1); /* every draw is counted, and nothing else */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screening_never_drops_a_comparable_pair),
        cmocka_unit_test(reports_do_not_depend_on_screening_or_threads),
        cmocka_unit_test(a_store_of_the_first_schema_is_brought_up_to_date),
        cmocka_unit_test(a_store_of_the_second_schema_learns_to_take_notes),
        cmocka_unit_test(a_print_that_cannot_be_decoded_does_not_stop_the_upgrade),
        cmocka_unit_test(a_hidden_class_is_found_by_verify),
        cmocka_unit_test(integer_products_are_exact_on_every_level),
        cmocka_unit_test(draws_are_those_of_the_permutation),
    };
    return cmocka_run_group_tests(tests, make_prints, remove_prints);
}

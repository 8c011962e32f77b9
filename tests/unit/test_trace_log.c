/* SPDX-License-Identifier: Apache-2.0 */
/* What a loss log and a declaration say of a run, and what they are not believed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/loss_checks.h"

enum { RECORDS_MOST = 20000, VOCABULARY = 2048 };

/** A log of a run at work, and what it is held against. */
struct run {
    struct sva_arena arena;
    struct sva_findings findings;
    struct sva_declaration declared;
    struct sva_log_context context;
    struct sva_log_record records[RECORDS_MOST];
    struct sva_loss_log log;
    struct sva_trace_log out;
    struct sva_trace_compute compute;
};

static struct run *new_run(void)
{
    struct run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    run->findings.arena = &run->arena;
    run->declared = sva_declaration_empty();
    run->context = (struct sva_log_context){.declared = &run->declared,
                                            .vocabulary = VOCABULARY,
                                            .stated_vocabulary = (double)NAN,
                                            .parameters = 1e6,
                                            .always_active = 1e6,
                                            .last_step = -1,
                                            .arena = &run->arena,
                                            .findings = &run->findings};
    run->log.records = run->records;
    return run;
}

static void free_run(struct run *run)
{
    sva_arena_done(&run->arena);
    free(run);
}

/** One more record: a fall from ln(vocabulary) with a little noise. */
static void add(struct run *run, double step)
{
    const size_t i = run->log.count++;
    assert_true(i < RECORDS_MOST);
    run->records[i] = (struct sva_log_record){
        step, 2.1 + 5.5 * exp(-step / 300.0) + .02 * (double)(i * 7 % 11) / 11.0, (double)NAN};
}

/** From the last record on, or from 0: `count` records `apart`. */
static void add_many(struct run *run, size_t count, double apart)
{
    for (size_t i = 0; i < count; i++) {
        add(run, run->log.count > 0 ? run->records[run->log.count - 1].step + apart : 0.0);
    }
}

static void look(struct run *run)
{
    run->context.last_step = run->context.last_step == -1
                                 ? (int64_t)run->records[run->log.count - 1].step
                                 : run->context.last_step;
    assert_true(sva_loss_check(&run->log, &run->context, &run->out));
    assert_false(run->findings.failed);
}

static size_t count_of(const struct run *run, const char *code, enum sva_trace_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < run->findings.count; i++) {
        count +=
            strcmp(run->findings.items[i].code, code) == 0 && run->findings.items[i].level == level
                ? 1
                : 0;
    }
    return count;
}

static void a_run_that_logs_less_often_has_no_gap(void **state)
{
    (void)state;
    struct run *run = new_run();
    add_many(run, 100, 1);
    add_many(run, 200, 10);
    add_many(run, 200, 50);
    look(run);
    assert_int_equal(run->findings.count, 0);
    assert_int_equal(run->out.gap_count, 0);
    assert_true(run->out.missing_share == 0.0);
    free_run(run);
}

static void holes_that_grow_and_shrink_are_gaps(void **state)
{
    (void)state;
    struct run *run = new_run();
    add_many(run, 300, 1);
    for (double hole = 2; hole <= 512; hole *= 2) {
        add_many(run, 1, hole);
    }
    for (double hole = 256; hole >= 2; hole /= 2) {
        add_many(run, 1, hole);
    }
    add_many(run, 300, 1);
    look(run);
    assert_true(count_of(run, "log-gap", SVA_TRACE_REFUSED) >= 3);
    assert_int_equal(count_of(run, "log-gaps", SVA_TRACE_REFUSED), 1);
    assert_true(run->out.missing_share > .4);
    free_run(run);
}

static void holes_that_grow_to_the_end_are_gaps(void **state)
{
    (void)state;
    struct run *run = new_run();
    add_many(run, 300, 1);
    for (double hole = 2; hole <= 512; hole *= 2) {
        add_many(run, 1, hole);
    }
    look(run);
    assert_true(count_of(run, "log-gap", SVA_TRACE_REFUSED) > 0);
    free_run(run);
}

static void the_last_of_many_gaps_counts(void **state)
{
    (void)state;
    struct run *run = new_run();
    for (int i = 0; i < 400; i++) {
        add_many(run, 10, 1);
        add_many(run, 1, 3);
    }
    add_many(run, 1, 5000);
    add_many(run, 50, 1);
    look(run);
    assert_int_equal(run->out.gap_count, 256);
    assert_int_equal(count_of(run, "log-gap", SVA_TRACE_REFUSED), 1);
    assert_int_equal(count_of(run, "log-gaps", SVA_TRACE_REFUSED), 1);
    assert_true(run->out.missing_share > .5);
    for (size_t i = 1; i < run->out.gap_count; i++) {
        assert_true(run->out.gaps[i - 1].from < run->out.gaps[i].from);
    }
    free_run(run);
}

static void many_small_gaps_are_one_large_one(void **state)
{
    (void)state;
    struct run *run = new_run();
    for (int i = 0; i < 100; i++) {
        add_many(run, 10, 1);
        add_many(run, 1, 3);
    }
    look(run);
    assert_int_equal(count_of(run, "log-gap", SVA_TRACE_REFUSED), 0);
    assert_int_equal(count_of(run, "log-gaps", SVA_TRACE_REFUSED), 1);
    free_run(run);
}

static void declared_gaps_do_not_crowd_out_others(void **state)
{
    (void)state;
    static struct sva_declared_gap gaps[SVA_DECLARED_LIST_MOST];
    struct run *run = new_run();
    run->declared.gaps = gaps;
    for (int i = 0; i < 256; i++) {
        add_many(run, 10, 1);
        const double from = run->records[run->log.count - 1].step;
        gaps[run->declared.gap_count++] = (struct sva_declared_gap){from, from + 50, "x"};
        add_many(run, 1, 50);
    }
    add_many(run, 10, 1);
    add_many(run, 1, 40);
    add_many(run, 10, 1);
    look(run);
    assert_int_equal(count_of(run, "log-gap", SVA_TRACE_REFUSED), 1);
    free_run(run);
}

static void more_resumptions_than_are_looked_at_go_to_review(void **state)
{
    (void)state;
    struct run *run = new_run();
    add_many(run, 20, 1);
    for (int i = 0; i < 300; i++) {
        add_many(run, 1, -1);
        add_many(run, 2, 1);
    }
    look(run);
    assert_int_equal(run->out.rewind_count, 256);
    assert_int_equal(count_of(run, "log-resumed", SVA_TRACE_NOTE), 1);
    assert_int_equal(count_of(run, "log-resumed-often", SVA_TRACE_REVIEW), 1);
    free_run(run);
}

static void the_rows_of_the_embedding_are_the_vocabulary(void **state)
{
    (void)state;
    static const struct {
        double declared, stated;
        enum sva_trace_level level;
        size_t findings;
    } CASES[] = {
        {8, (double)NAN, SVA_TRACE_REFUSED, 1},   {1e300, (double)NAN, SVA_TRACE_REFUSED, 1},
        {(double)NAN, 100, SVA_TRACE_REFUSED, 1}, {1500, 1500, SVA_TRACE_REVIEW, 2},
        {2000, 2000, SVA_TRACE_REVIEW, 0},        {(double)NAN, (double)NAN, SVA_TRACE_REVIEW, 0}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct run *run = new_run();
        run->declared.vocabulary = CASES[i].declared;
        run->context.stated_vocabulary = CASES[i].stated;
        add_many(run, 300, 1);
        look(run);
        assert_int_equal(count_of(run, "vocabulary-differs", CASES[i].level), CASES[i].findings);
        assert_int_equal(run->findings.count, CASES[i].findings);
        assert_int_equal(run->out.vocabulary, VOCABULARY);
        free_run(run);
    }
}

static void without_rows_a_possible_vocabulary_is_believed(void **state)
{
    (void)state;
    struct run *run = new_run();
    run->context.vocabulary = 0;
    run->declared.vocabulary = 2000;
    add_many(run, 300, 1);
    look(run);
    assert_int_equal(run->out.vocabulary, 2000);
    assert_int_equal(run->findings.count, 0);
    free_run(run);
    run = new_run();
    run->context.vocabulary = 0;
    run->declared.vocabulary = 1e300;
    add_many(run, 300, 1);
    look(run);
    assert_int_equal(run->out.vocabulary, 0);
    assert_int_equal(count_of(run, "log-vocabulary-unknown", SVA_TRACE_REVIEW), 1);
    free_run(run);
}

static void a_log_of_a_run_whose_end_is_not_known_goes_to_review(void **state)
{
    (void)state;
    struct run *run = new_run();
    run->context.last_step = -2; /* as -1, which look() replaces */
    add_many(run, 300, 1);
    look(run);
    assert_int_equal(count_of(run, "log-end-unknown", SVA_TRACE_REVIEW), 1);
    free_run(run);
}

static void expect_compute(const struct sva_declaration *declared, double always_active,
                           const char *code, enum sva_trace_level level, size_t count)
{
    struct run *run = new_run();
    run->declared = *declared;
    run->context.always_active = always_active;
    sva_compute_check(&run->out, &run->context, &run->compute);
    assert_int_equal(count_of(run, code, level), count);
    assert_int_equal(run->findings.count, count);
    free_run(run);
}

static void active_parameters_lie_between_what_experts_leave(void **state)
{
    (void)state;
    static const char CODE[] = "active-parameters-differ";
    struct sva_declaration declared = sva_declaration_empty();
    declared.active_parameters = 1e6;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REVIEW, 0);
    declared.active_parameters = 2e6;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REFUSED, 1);
    declared.active_parameters = 1000;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REVIEW, 1);
    declared.active_parameters = 3e5;
    expect_compute(&declared, 2e5, CODE, SVA_TRACE_REVIEW, 0);
}

static void a_peak_is_held_against_the_makers(void **state)
{
    (void)state;
    static const char CODE[] = "hardware-peak-differs";
    struct sva_declaration declared = sva_declaration_empty();
    declared.hardware = "NVIDIA H100 80GB";
    declared.peak_flops = 9.89e14;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REVIEW, 0);
    declared.peak_flops = 5e14;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REVIEW, 0);
    declared.peak_flops = 1e10;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REVIEW, 1);
    declared.peak_flops = 1.979e15;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REVIEW, 1);
    declared.peak_flops = 1e16;
    expect_compute(&declared, 1e6, CODE, SVA_TRACE_REFUSED, 1);
    declared.hardware = "a machine of our own";
    expect_compute(&declared, 1e6, "hardware-unknown", SVA_TRACE_NOTE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_logs_less_often_has_no_gap),
        cmocka_unit_test(holes_that_grow_and_shrink_are_gaps),
        cmocka_unit_test(holes_that_grow_to_the_end_are_gaps),
        cmocka_unit_test(the_last_of_many_gaps_counts),
        cmocka_unit_test(many_small_gaps_are_one_large_one),
        cmocka_unit_test(declared_gaps_do_not_crowd_out_others),
        cmocka_unit_test(more_resumptions_than_are_looked_at_go_to_review),
        cmocka_unit_test(the_rows_of_the_embedding_are_the_vocabulary),
        cmocka_unit_test(without_rows_a_possible_vocabulary_is_believed),
        cmocka_unit_test(a_log_of_a_run_whose_end_is_not_known_goes_to_review),
        cmocka_unit_test(active_parameters_lie_between_what_experts_leave),
        cmocka_unit_test(a_peak_is_held_against_the_makers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a list of findings keeps of more than it shows: nothing crowds out a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/findings.h"

static void find(struct sva_findings *findings, enum sva_trace_finding_id id,
                 enum sva_trace_level level, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        sva_find(findings, id, level, (const char *const[SVA_FOUND_VALUES]){"x", "y", "z"});
    }
}

static void many_findings_do_not_hide_a_refusal(void **state)
{
    (void)state;
    struct sva_arena arena = {.blocks = NULL};
    struct sva_findings findings = {.arena = &arena};
    find(&findings, SVA_FOUND_START_TAILS, SVA_TRACE_REVIEW, 5000);
    find(&findings, SVA_FOUND_START_TAILS, SVA_TRACE_REFUSED, 1);
    find(&findings, SVA_FOUND_LOG_GAP, SVA_TRACE_NOTE, 5000);
    assert_int_equal(sva_findings_verdict(&findings, SVA_TRACE_LOG), SVA_TRACE_ACCEPTED);
    find(&findings, SVA_FOUND_LOG_GAP, SVA_TRACE_REFUSED, 1);
    assert_int_equal(sva_findings_verdict(&findings, SVA_TRACE_WEIGHTS), SVA_TRACE_IS_REFUSED);
    assert_int_equal(sva_findings_verdict(&findings, SVA_TRACE_LOG), SVA_TRACE_IS_REFUSED);
    sva_findings_tell_more(&findings);
    sva_findings_sort(&findings);
    assert_false(findings.failed);
    assert_int_equal(findings.count, 2 * SVA_FOUND_OF_A_KIND + 4);
    assert_int_equal(findings.items[0].level, SVA_TRACE_REFUSED);
    assert_int_equal(findings.items[1].level, SVA_TRACE_REFUSED);
    assert_int_equal(findings.items[2].level, SVA_TRACE_REVIEW);
    sva_arena_done(&arena);
}

static void what_is_not_listed_is_counted(void **state)
{
    (void)state;
    struct sva_arena arena = {.blocks = NULL};
    struct sva_findings findings = {.arena = &arena};
    find(&findings, SVA_FOUND_START_MEAN, SVA_TRACE_REVIEW, SVA_FOUND_OF_A_KIND);
    sva_findings_tell_more(&findings);
    assert_int_equal(findings.count, SVA_FOUND_OF_A_KIND);
    find(&findings, SVA_FOUND_START_MEAN, SVA_TRACE_REVIEW, 7);
    sva_findings_tell_more(&findings);
    assert_int_equal(findings.count, SVA_FOUND_OF_A_KIND + 1);
    const struct sva_trace_finding *last = &findings.items[SVA_FOUND_OF_A_KIND];
    assert_string_equal(last->code, "more-findings");
    assert_int_equal(last->rule, SVA_TRACE_WEIGHTS);
    assert_int_equal(last->level, SVA_TRACE_REVIEW);
    assert_string_equal(last->text[0],
                        "7 more findings of the kind \"start-mean\" are not listed.");
    assert_non_null(strstr(last->text[1], "7건"));
    sva_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_findings_do_not_hide_a_refusal),
        cmocka_unit_test(what_is_not_listed_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of look-ups by parts of names, and of a comparison that is asked to stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/stems.h"
#include "made_prints.h"

static const char *const NAMES[] = {
    "b.w",    "a.x.weight", "a.weight", "a.x.bias", "a.bias", "weight", "a/x.bias", "a.x.",
    "a.x.y.", "a.x.bias",   "",         "a.",       "a-x.w",  "ab.w",   "a.w",      "a.x.weight"};

enum { COUNT = sizeof NAMES / sizeof *NAMES };

static struct sva_print print_of_names(struct sva_print_tensor tensors[COUNT])
{
    for (size_t i = 0; i < COUNT; i++) {
        tensors[i] = (struct sva_print_tensor){.name = NAMES[i]};
    }
    return (struct sva_print){.tensors = tensors, .tensor_count = COUNT};
}

/** Checks that a run is what a walk over all tensors finds. */
static void expect_run(struct sva_stem_run run, const bool *expected)
{
    size_t at = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (expected[i]) {
            assert_true(at < run.count);
            assert_int_equal(run.indices[at++], i);
        }
    }
    assert_int_equal(at, run.count);
}

static void runs_are_what_a_walk_finds(void **state)
{
    (void)state;
    struct sva_print_tensor tensors[COUNT];
    const struct sva_print print = print_of_names(tensors);
    struct sva_stems stems;
    assert_true(sva_stems_init(&stems, &print));
    for (size_t a = 0; a < COUNT; a++) {
        const size_t stem = sva_stem_bytes(NAMES[a]);
        bool expected[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            expected[i] = sva_stem_bytes(NAMES[i]) == stem && memcmp(NAMES[i], NAMES[a], stem) == 0;
        }
        expect_run(sva_same_stem(&stems, NAMES[a]), expected);
        for (size_t b = 0; b < COUNT; b++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%.*s%s", (int)stem, NAMES[a],
                           sva_last_part(NAMES[b]));
            for (size_t i = 0; i < COUNT; i++) {
                expected[i] = strcmp(NAMES[i], name) == 0;
            }
            expect_run(sva_named(&stems, NAMES[a], stem, sva_last_part(NAMES[b])), expected);
        }
    }
    sva_stems_done(&stems);
}

/** Asks so far, and the one from which on the answer is yes. */
struct asked {
    size_t asks, yes_from;
};

static bool is_cancelled(void *context)
{
    struct asked *const asked = context;
    return asked->asks++ >= asked->yes_from;
}

static enum sva_status compare(const struct sva_print *subject, const struct sva_print *reference,
                               struct asked *asked)
{
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    options.progress = (struct sva_progress){.context = asked, .cancelled = is_cancelled};
    const enum sva_status status = sva_compare(subject, reference, &options, &comparison, NULL);
    sva_comparison_free(comparison);
    return status;
}

/** Gains are many where a name of a tensor costs nothing: they are asked one by one. */
static void a_comparison_stops_wherever_it_is_asked(void **state)
{
    (void)state;
    static struct made_model model;
    static struct made_print subject;
    static struct made_print reference;
    made_model_init(&model, 3);
    made_print_init(&reference, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 1);
    made_model_tune(&model, 4, 0.2);
    made_print_init(&subject, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 2);
    struct asked never = {.yes_from = SIZE_MAX};
    assert_int_equal(compare(&subject.print, &reference.print, &never), SVA_OK);
    assert_true(never.asks > MADE_TENSORS); /* matrices and gains */
    for (size_t ask = 0; ask < never.asks; ask++) {
        struct asked asked = {.yes_from = ask};
        assert_int_equal(compare(&subject.print, &reference.print, &asked), SVA_ERR_CANCELLED);
    }
    made_print_done(&subject);
    made_print_done(&reference);
    made_model_done(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_what_a_walk_finds),
        cmocka_unit_test(a_comparison_stops_wherever_it_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace on a small family that is really trained: its own path is accepted; a stranger, a sibling
 * of the same start, a wrong order, a trained "start" and an interpolated path are not.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tiny_training.h"

#include <sovaudit/sovaudit.h>

enum { STEPS = 240, SOON = 10, EARLY = 80, MIDDLE = 160, PATHS = 8 };

enum member {
    START,
    SOONEST,
    SOONER,
    FIRST,
    SECOND,
    LAST,
    SIBLING,
    STRANGER,
    BLEND,
    FORGED,
    FORGED_ON,
    FORGED_FAR,
    MEMBERS
};

static char root[] = "/tmp/sva_trace_XXXXXX";
static char paths[MEMBERS][256];

static void save(const struct sva_network *network, enum member member, const char *name)
{
    (void)snprintf(paths[member], sizeof paths[member], "%s/%s", root, name);
    assert_int_equal(sva_network_save(network, paths[member]), 0);
}

static struct sva_network *trained(uint64_t seed, uint64_t text, const char *name,
                                   enum member member)
{
    const struct sva_fixture_shape shape = sva_tiny_shape_default();
    struct sva_tiny_recipe recipe = sva_tiny_recipe_default(1, text);
    struct sva_network *network = sva_tiny_start(&shape, seed, .03);
    recipe.steps = STEPS;
    (void)sva_tiny_train(network, &recipe);
    save(network, member, name);
    return network;
}

/** A sum of four uniform draws, about normal, of deviation one. */
static float noise(uint32_t *draws)
{
    float sum = 0.0F;
    for (int i = 0; i < 4; i++) {
        *draws = *draws * 1664525U + 1013904223U;
        sum += (float)(*draws >> 8) / 16777216.0F - .5F;
    }
    return sum * 1.7320508F;
}

/** Part of the way from the start to the stranger's end: what a forger without training can make.
 */
static void save_blend(const struct sva_network *start, const struct sva_network *stranger,
                       float part, float noisy, enum member member, const char *name)
{
    uint32_t draws = (uint32_t)member;
    struct sva_network *blend = sva_network_clone(start);
    for (size_t t = 0; t < start->count; t++) {
        struct sva_network_tensor *to = &blend->tensors[t];
        const struct sva_network_tensor *from = &stranger->tensors[t];
        const size_t count = to->rows * to->columns;
        float squares = 0.0F;
        for (size_t i = 0; i < count; i++) {
            squares += (from->values[i] - to->values[i]) * (from->values[i] - to->values[i]);
        }
        const float scale = noisy * part * sqrtf(squares / (float)count);
        for (size_t i = 0; i < count; i++) {
            to->values[i] =
                (1.0F - part) * to->values[i] + part * from->values[i] + scale * noise(&draws);
        }
    }
    save(blend, member, name);
    sva_network_free(blend);
}

static int make_family(void **state)
{
    (void)state;
    const struct sva_fixture_shape shape = sva_tiny_shape_default();
    struct sva_tiny_recipe recipe = sva_tiny_recipe_default(1, 1);
    const uint32_t at[] = {SOON, 2 * SOON, EARLY, MIDDLE};
    struct sva_network *snapshots[4];
    assert_non_null(mkdtemp(root));
    struct sva_network *start = sva_tiny_start(&shape, 1, .03);
    save(start, START, "init");
    struct sva_network *run = sva_network_clone(start);
    recipe.steps = STEPS;
    (void)sva_tiny_train_with_snapshots(run, &recipe, at, snapshots, 4);
    save(snapshots[0], SOONEST, "soonest");
    save(snapshots[1], SOONER, "sooner");
    save(snapshots[2], FIRST, "first");
    save(snapshots[3], SECOND, "second");
    save(run, LAST, "last");
    struct sva_network *stranger = trained(2, 1, "stranger", STRANGER);
    sva_network_free(trained(1, 2, "sibling", SIBLING));
    save_blend(start, stranger, .5F, 0.0F, BLEND, "blend");
    save_blend(start, stranger, .25F, .12F, FORGED, "forged");
    save_blend(start, stranger, .5F, .12F, FORGED_ON, "forged-on");
    save_blend(start, stranger, .8F, .12F, FORGED_FAR, "forged-far");
    sva_network_free(stranger);
    sva_network_free(start);
    sva_network_free(run);
    for (size_t i = 0; i < 4; i++) {
        sva_network_free(snapshots[i]);
    }
    return 0;
}

static int drop_family(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

/** Runs a trace of members; `log` and `declaration` may be NULL. */
static struct sva_trace_result *run_trace(const enum member *members, size_t count, const char *log,
                                          const char *declaration, const char *reference)
{
    const char *operands[PATHS];
    const struct sva_check_options check = {.compare = sva_compare_options_default(),
                                            .threads = 2,
                                            .as_of = "2026-01-01",
                                            .ref_paths = &reference,
                                            .ref_path_count = reference != NULL ? 1 : 0};
    char last[300];
    for (size_t i = 0; i < count; i++) {
        operands[i] = paths[members[i]];
    }
    (void)snprintf(last, sizeof last, "%d=%s", STEPS, paths[members[count - 1]]);
    operands[count - 1] = log != NULL ? last : operands[count - 1];
    const struct sva_trace_options options = {.checkpoints = operands,
                                              .checkpoint_count = count,
                                              .logs = &log,
                                              .log_count = log != NULL ? 1 : 0,
                                              .declaration = declaration,
                                              .check = &check};
    struct sva_trace_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_trace_run(&options, &result, &error);
    if (status != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return result;
}

static bool has(const struct sva_run_trace *trace, const char *code)
{
    for (size_t i = 0; i < trace->finding_count; i++) {
        if (strcmp(trace->findings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static void expect(const enum member *members, size_t count, enum sva_trace_verdict verdict,
                   const char *code)
{
    struct sva_trace_result *result = run_trace(members, count, NULL, NULL, NULL);
    const struct sva_run_trace *trace = sva_trace_of(result);
    for (size_t i = 0; i < trace->finding_count && trace->verdict != verdict; i++) {
        print_message("%s: %s\n", trace->findings[i].code, trace->findings[i].text[0]);
    }
    assert_int_equal(trace->verdict, verdict);
    if (code != NULL && !has(trace, code)) {
        fail_msg("no finding %s", code);
    }
    sva_trace_free(result);
}

#define EXPECT(verdict, code, ...)                                                                 \
    do {                                                                                           \
        const enum member members[] = {__VA_ARGS__};                                               \
        expect(members, sizeof members / sizeof *members, verdict, code);                          \
    } while (0)

static void a_run_from_its_start_is_accepted(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_ACCEPTED, NULL, START, FIRST, SECOND, LAST);
    EXPECT(SVA_TRACE_ACCEPTED, NULL, START, LAST);
}

/** Early steps go straight on from the start, which then fades faster than by chance. */
static void early_checkpoints_are_accepted(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_ACCEPTED, NULL, START, SOONEST, SOONER, FIRST, LAST);
    EXPECT(SVA_TRACE_ACCEPTED, NULL, START, SOONEST, LAST);
}

static void a_stranger_anywhere_is_refused_and_named(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_IS_REFUSED, "start-gains-moved", STRANGER, FIRST, LAST);
    EXPECT(SVA_TRACE_IS_REFUSED, "foreign-checkpoint", START, STRANGER, LAST);
    EXPECT(SVA_TRACE_IS_REFUSED, "foreign-checkpoint", START, FIRST, STRANGER, LAST);
    EXPECT(SVA_TRACE_IS_REFUSED, "not-a-descendant", START, FIRST, STRANGER);
    EXPECT(SVA_TRACE_IS_REFUSED, "not-from-start", START, STRANGER);
}

static void a_sibling_of_the_same_start_is_refused(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_IS_REFUSED, "start-gains-moved", SIBLING, FIRST, LAST);
    EXPECT(SVA_TRACE_IS_REFUSED, "jump", START, SIBLING, LAST);
    EXPECT(SVA_TRACE_IS_REFUSED, "jump", START, SECOND, SIBLING);
    EXPECT(SVA_TRACE_IS_REFUSED, "jump", START, LAST, SIBLING);
    EXPECT(SVA_TRACE_IS_REFUSED, "foreign-checkpoint", START, SECOND, SIBLING, LAST);
}

static void a_wrong_order_goes_to_review(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_FOR_REVIEW, "order", START, LAST, FIRST);
}

static void a_path_without_step_0_is_not_accepted(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_IS_REFUSED, "start-gains-moved", FIRST, SECOND, LAST);
}

static void interpolation_to_another_model_is_not_accepted(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_FOR_REVIEW, "straight-line", START, BLEND, STRANGER);
}

static void a_noisy_way_to_another_model_is_not_accepted(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_IS_REFUSED, "start-fades", START, FORGED, FORGED_ON, FORGED_FAR, STRANGER);
    EXPECT(SVA_TRACE_FOR_REVIEW, "start-gone", START, FORGED, STRANGER);
}

static void the_same_weights_twice_go_to_review(void **state)
{
    (void)state;
    EXPECT(SVA_TRACE_FOR_REVIEW, "unchanged", START, FIRST, FIRST, LAST);
}

static void step_0_follows_its_distribution(void **state)
{
    (void)state;
    const enum member members[] = {START, LAST};
    struct sva_trace_result *result = run_trace(members, 2, NULL, NULL, NULL);
    const struct sva_trace_start *start = &sva_trace_of(result)->start;
    assert_true(start->checked);
    assert_int_equal(start->moved_gain_count, 0);
    assert_true(start->gain_count > 0);
    for (size_t i = 0; i < start->role_count; i++) {
        const struct sva_trace_role *role = &start->roles[i];
        assert_int_equal(role->distribution,
                         role->is_gain ? SVA_DISTRIBUTION_CONSTANT : SVA_DISTRIBUTION_NORMAL);
        assert_true(role->is_gain || (role->deviation > .0295 && role->deviation < .0305));
    }
    sva_trace_free(result);
}

static char *write_file(const char *name, const char *text)
{
    char *path = malloc(512);
    (void)snprintf(path, 512, "%s/%s", root, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    return path;
}

static void expect_declared(const char *text, enum sva_trace_verdict verdict, const char *code)
{
    const enum member members[] = {START, LAST};
    char *path = write_file("declaration.json", text);
    struct sva_trace_result *result = run_trace(members, 2, NULL, path, NULL);
    const struct sva_run_trace *trace = sva_trace_of(result);
    assert_int_equal(trace->weights_verdict, verdict);
    assert_true(code == NULL || has(trace, code));
    sva_trace_free(result);
    free(path);
}

static void another_scheme_than_declared_is_refused(void **state)
{
    (void)state;
    expect_declared(
        "{\"initialisation\": {\"distribution\": \"normal\", \"std\": 0.03, \"seed\": 1}}",
        SVA_TRACE_ACCEPTED, NULL);
    expect_declared("{\"initialisation\": {\"distribution\": \"normal\", \"std\": 0.02}}",
                    SVA_TRACE_IS_REFUSED, "start-not-as-declared");
    expect_declared("{\"initialisation\": {\"distribution\": \"uniform\"}}", SVA_TRACE_IS_REFUSED,
                    "start-not-as-declared");
}

static void a_known_base_underneath_is_refused(void **state)
{
    (void)state;
    const enum member members[] = {START, LAST};
    struct sva_trace_result *result = run_trace(members, 2, NULL, NULL, paths[STRANGER]);
    assert_int_equal(sva_trace_of(result)->verdict, SVA_TRACE_ACCEPTED);
    assert_int_equal(sva_trace_of(result)->start.base_answer, SVA_ANSWER_NO_EVIDENCE);
    sva_trace_free(result);
    result = run_trace(members, 2, NULL, NULL, paths[SIBLING]);
    assert_true(has(sva_trace_of(result), "known-base-underneath"));
    assert_int_equal(sva_trace_of(result)->verdict, SVA_TRACE_IS_REFUSED);
    sva_trace_free(result);
}

/** A made-up log of STEPS steps: ln 320 down to 3.7, with a little noise; `skip` leaves steps out.
 */
static char *write_log(double lift, int skip_from, int skip_to)
{
    char *path = malloc(512);
    uint32_t noise = 1;
    (void)snprintf(path, 512, "%s/log.csv", root);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "step,loss\n");
    double excess = 2.07;
    for (int step = 0; step <= STEPS; step += 2) {
        noise = noise * 1664525U + 1013904223U;
        const double loss = 3.7 + excess + (noise >> 8) / 16777216.0 * .1 - .05;
        if (step < skip_from || step >= skip_to) {
            (void)fprintf(file, "%d,%.4f\n", step, loss + lift);
        }
        excess *= .96;
    }
    (void)fclose(file);
    return path;
}

static void expect_log(char *log, enum sva_trace_verdict verdict, const char *code)
{
    const enum member members[] = {START, FIRST, LAST};
    struct sva_trace_result *result = run_trace(members, 3, log, NULL, NULL);
    const struct sva_run_trace *trace = sva_trace_of(result);
    assert_int_equal(trace->log_verdict, verdict);
    assert_int_equal(trace->weights_verdict, SVA_TRACE_ACCEPTED);
    assert_true(code == NULL || has(trace, code));
    assert_int_equal(trace->log.vocabulary, 320);
    sva_trace_free(result);
    free(log);
}

static void a_log_from_the_start_is_accepted(void **state)
{
    (void)state;
    expect_log(write_log(0, 0, 0), SVA_TRACE_ACCEPTED, NULL);
}

static void a_log_that_starts_too_low_is_refused(void **state)
{
    (void)state;
    expect_log(write_log(-2, 0, 0), SVA_TRACE_IS_REFUSED, "log-starts-low");
}

static void a_log_with_a_gap_is_refused(void **state)
{
    (void)state;
    expect_log(write_log(0, 100, 130), SVA_TRACE_IS_REFUSED, "log-gap");
}

static void a_log_that_begins_late_is_refused(void **state)
{
    (void)state;
    expect_log(write_log(0, 0, 60), SVA_TRACE_IS_REFUSED, "log-starts-late");
}

static void renderings_are_whole_and_repeatable(void **state)
{
    (void)state;
    const enum member members[] = {START, FIRST, SIBLING, LAST};
    char *log = write_log(0, 100, 130);
    char *texts[2][5];
    size_t sizes[2][5];
    for (int run = 0; run < 2; run++) {
        struct sva_trace_result *result = run_trace(members, 4, log, NULL, NULL);
        const struct sva_run_trace *trace = sva_trace_of(result);
        char **t = texts[run];
        size_t *s = sizes[run];
        assert_int_equal(sva_trace_json(trace, 1, &t[0], &s[0], NULL), SVA_OK);
        assert_int_equal(sva_trace_text(trace, SVA_LANG_EN, false, 0, &t[1], &s[1], NULL), SVA_OK);
        assert_int_equal(sva_trace_text(trace, SVA_LANG_KO, true, 60, &t[2], &s[2], NULL), SVA_OK);
        assert_int_equal(sva_trace_svg(trace, SVA_PLOT_PATH, SVA_LANG_KO, &t[3], &s[3], NULL),
                         SVA_OK);
        assert_int_equal(sva_trace_svg(trace, SVA_PLOT_LOSS, SVA_LANG_EN, &t[4], &s[4], NULL),
                         SVA_OK);
        sva_trace_free(result);
    }
    assert_non_null(strstr(texts[0][3], "끊김"));
    assert_non_null(strstr(texts[0][4], "</svg>"));
    assert_null(strstr(texts[0][4], "<script"));
    assert_non_null(strstr(texts[0][0], "\"schema\": \"sovaudit-trace-1\""));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sizes[0][i], sizes[1][i]);
        assert_memory_equal(texts[0][i], texts[1][i], sizes[0][i]);
        free(texts[0][i]);
        free(texts[1][i]);
    }
    free(log);
}

static void exit_codes_are_those_of_check(void **state)
{
    (void)state;
    assert_int_equal(sva_trace_exit_code(SVA_TRACE_ACCEPTED, SVA_FAIL_ON_REVIEW), 0);
    assert_int_equal(sva_trace_exit_code(SVA_TRACE_FOR_REVIEW, SVA_FAIL_ON_FAIL), 0);
    assert_int_equal(sva_trace_exit_code(SVA_TRACE_FOR_REVIEW, SVA_FAIL_ON_REVIEW), 5);
    assert_int_equal(sva_trace_exit_code(SVA_TRACE_IS_REFUSED, SVA_FAIL_ON_FAIL), 1);
    assert_int_equal(sva_trace_exit_code(SVA_TRACE_IS_REFUSED, SVA_FAIL_ON_NEVER), 0);
    assert_int_equal(sva_trace_exit_code(SVA_TRACE_NOT_CHECKED, SVA_FAIL_ON_NEVER), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_from_its_start_is_accepted),
        cmocka_unit_test(early_checkpoints_are_accepted),
        cmocka_unit_test(a_stranger_anywhere_is_refused_and_named),
        cmocka_unit_test(a_sibling_of_the_same_start_is_refused),
        cmocka_unit_test(a_wrong_order_goes_to_review),
        cmocka_unit_test(a_path_without_step_0_is_not_accepted),
        cmocka_unit_test(interpolation_to_another_model_is_not_accepted),
        cmocka_unit_test(a_noisy_way_to_another_model_is_not_accepted),
        cmocka_unit_test(the_same_weights_twice_go_to_review),
        cmocka_unit_test(step_0_follows_its_distribution),
        cmocka_unit_test(another_scheme_than_declared_is_refused),
        cmocka_unit_test(a_known_base_underneath_is_refused),
        cmocka_unit_test(a_log_from_the_start_is_accepted),
        cmocka_unit_test(a_log_that_starts_too_low_is_refused),
        cmocka_unit_test(a_log_with_a_gap_is_refused),
        cmocka_unit_test(a_log_that_begins_late_is_refused),
        cmocka_unit_test(renderings_are_whole_and_repeatable),
        cmocka_unit_test(exit_codes_are_those_of_check),
    };
    return cmocka_run_group_tests(tests, make_family, drop_family);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The bound that settles draws: against enumerated tails, and what a test makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "compare/blocks.h"
#include "kernel/permutation.h"
#include "kernel/trace_bound.h"

enum { SMALL = 7, PERMUTATIONS = 5040, FEATURES_MOST = 9, UNITS = 4096, FEATURES = 4 };

static struct sva_random stream(uint8_t number)
{
    uint8_t seed[32];
    struct sva_random random;
    memset(seed, 0x5a + number, sizeof seed);
    sva_random_seed(&random, seed);
    return random;
}

/** About normal, deviation 256. */
static int16_t noise(struct sva_random *random)
{
    int32_t sum = -1536 * 2;
    for (int i = 0; i < 12; i++) {
        sum += (int32_t)sva_random_below(random, 513);
    }
    return (int16_t)(sum * 256 / 513);
}

enum shape { PLAIN, EQUAL, SORTED, ONE_LARGE, ONE_HOT, CONSTANT_COLUMN, SHAPES };

/** Features of both sides of a shape that a bound might trip over. */
static void fill(enum shape shape, size_t features, struct sva_random *random, int16_t *subject,
                 int16_t *reference)
{
    for (size_t i = 0; i < SMALL * features; i++) {
        const int16_t unit = (int16_t)(i / features);
        subject[i] = noise(random);
        reference[i] = shape == EQUAL ? subject[i] : noise(random);
        if (shape == SORTED) {
            subject[i] = (int16_t)(unit * 100);
            reference[i] = (int16_t)(unit * unit * 40);
        } else if (shape == ONE_LARGE && unit == 3) {
            subject[i] = 2047;
            reference[i] = 2047;
        } else if (shape == ONE_HOT) {
            subject[i] = (size_t)unit == i % features ? 2047 : 0;
            reference[i] = subject[i];
        } else if (shape == CONSTANT_COLUMN && i % features == 0) {
            subject[i] = 2000;
            reference[i] = -2000;
        }
    }
}

/** Every value of the trace, by Heap's algorithm. */
static void enumerate(const int16_t *subject, const int16_t *reference, size_t features,
                      int64_t traces[PERMUTATIONS])
{
    uint32_t order[SMALL];
    uint32_t counter[SMALL] = {0};
    size_t made = 0;
    for (uint32_t i = 0; i < SMALL; i++) {
        order[i] = i;
    }
    for (uint32_t level = 0; level < SMALL;) {
        if (level == 0) {
            traces[made] = 0;
            for (size_t i = 0; i < SMALL * features; i++) {
                const size_t other = order[i / features] * features + i % features;
                traces[made] += (int64_t)subject[i] * reference[other];
            }
            made++;
            level = 1;
        }
        if (counter[level] < level) {
            const uint32_t other = level % 2 == 0 ? 0 : counter[level];
            const uint32_t swapped = order[other];
            order[other] = order[level];
            order[level] = swapped;
            counter[level]++;
            level = 0;
        } else {
            counter[level] = 0;
            level++;
        }
    }
    assert_int_equal(made, PERMUTATIONS);
}

static int ascending(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/** Spread of the sides, from moments that their features give. */
static double spread_of(const int16_t *subject, const int16_t *reference, uint32_t n,
                        uint32_t features)
{
    int32_t sums[FEATURES_MOST];
    const struct sva_trace_moments moments = sva_feature_moments(subject, reference, n, features);
    const struct sva_trace_sides sides = {subject, reference, n, features};
    return sva_trace_spread(&sides, 1, moments.variance, sums);
}

static void no_enumerated_tail_is_above_the_bound(void **state)
{
    (void)state;
    static int64_t traces[PERMUTATIONS];
    int16_t subject[SMALL * FEATURES_MOST];
    int16_t reference[SMALL * FEATURES_MOST];
    struct sva_random random = stream(1);
    for (int round = 0; round < 20 * SHAPES; round++) {
        const uint32_t features = 1 + (uint32_t)round / SHAPES % FEATURES_MOST;
        fill((enum shape)(round % SHAPES), features, &random, subject, reference);
        enumerate(subject, reference, features, traces);
        qsort(traces, PERMUTATIONS, sizeof *traces, ascending);
        const double mean = sva_feature_moments(subject, reference, SMALL, features).mean;
        const double spread = spread_of(subject, reference, SMALL, features);
        for (size_t i = 0; i < PERMUTATIONS; i++) {
            if (i == 0 || traces[i] > traces[i - 1]) {
                const double tail = (double)(PERMUTATIONS - i) / PERMUTATIONS;
                assert_true(tail <= sva_trace_tail((double)traces[i] - mean, spread));
            }
        }
    }
}

/** E exp(h (T - mean)) by enumeration. */
static double exponential_moment(const int64_t *traces, double mean, double h)
{
    double sum = 0.0;
    for (size_t i = 0; i < PERMUTATIONS; i++) {
        sum += exp(h * ((double)traces[i] - mean));
    }
    return sum / PERMUTATIONS;
}

/** Why spreads of traces that are renumbered each on its own add up. */
static void exponential_moments_are_below_those_of_a_normal_law(void **state)
{
    (void)state;
    static int64_t traces[PERMUTATIONS];
    int16_t subject[SMALL * FEATURES_MOST];
    int16_t reference[SMALL * FEATURES_MOST];
    struct sva_random random = stream(2);
    for (int shape = 0; shape < 4 * SHAPES; shape++) {
        fill((enum shape)(shape % SHAPES), 3, &random, subject, reference);
        enumerate(subject, reference, 3, traces);
        const double mean = sva_feature_moments(subject, reference, SMALL, 3).mean;
        const double spread = spread_of(subject, reference, SMALL, 3);
        for (double power = 0.25; power < 20.0; power *= 2.0) {
            const double moment = exponential_moment(traces, mean, power / sqrt(spread));
            assert_true(moment >= 1.0 - 1e-12); /* the mean is the mean */
            assert_true(moment <= exp(power * power / 2.0) * (1.0 + 1e-12));
        }
    }
}

static void the_bound_of_nothing_is_one(void **state)
{
    (void)state;
    assert_near(sva_trace_tail(0.0, 1.0), 1.0, 0.0);
    assert_near(sva_trace_tail(-3.0, 1.0), 1.0, 0.0);
    assert_near(sva_trace_tail(3.0, INFINITY), 1.0, 0.0);
    assert_near(sva_trace_tail(3.0, NAN), 1.0, 0.0);
    assert_near(sva_trace_tail(3.0, 0.0), 1.0, 0.0);
    assert_near(sva_trace_tail(2.0, 0.5), exp(-4.0), 1e-5);
}

static void draws_are_settled_by_a_small_tail_alone_and_one_number_stands_for_them(void **state)
{
    (void)state;
    bool reached = true;
    struct sva_random random = stream(3);
    const struct sva_random before = random;
    assert_false(sva_draws_settled(1.0, 9999, &random, &reached));
    assert_false(sva_draws_settled(1.1e-20, 9999, &random, &reached));
    assert_false(sva_draws_settled((double)NAN, 9999, &random, &reached));
    assert_memory_equal(&before, &random, sizeof random); /* nothing was drawn */
    assert_true(sva_draws_settled(1e-20, 9999, &random, &reached));
    assert_false(reached);
    /* words below 9999 * 1e-20 * 2^64 = 1844.5 stand for a draw that reaches */
    random = before;
    random.state[1] = 0; /* the next word is 0 */
    assert_true(sva_draws_settled(1e-20, 9999, &random, &reached));
    assert_true(reached);
    random = before;
    random.state[1] = 0;
    assert_true(
        sva_draws_settled(0.0, 9999, &random, &reached)); /* 2^64 * 0: no word stands for it */
    assert_false(reached);
}

static uint32_t threads = 1; /* of run() */

/** A blocked test of two sides that agree by `parts` of 100; `large`: one unit is huge on both. */
static void run(int32_t parts, bool large, bool one_of_many, struct sva_draw_tally *tally,
                struct sva_block_result *result)
{
    int16_t *a = calloc((size_t)UNITS * FEATURES, sizeof *a);
    int16_t *b = calloc((size_t)UNITS * FEATURES, sizeof *b);
    struct sva_random random = stream(4);
    assert_non_null(a);
    assert_non_null(b);
    for (size_t i = 0; i < (size_t)UNITS * FEATURES; i++) {
        const bool outlier = large && i / FEATURES % 512 == 0;
        const int scale = large ? 32 : 1;
        const int own = noise(&random) / scale;
        const int mixed = (parts * own + (100 - parts) * (noise(&random) / scale)) / 100;
        a[i] = (int16_t)(outlier ? 2047 : own);
        b[i] = (int16_t)(outlier ? 2047 : mixed);
    }
    const struct sva_feature_pair pair = {a, b, FEATURES, NULL, NULL};
    const struct sva_block_setup setup = {.units = UNITS,
                                          .pairs = &pair,
                                          .pair_count = 1,
                                          .seed = {9},
                                          .one_of_many = one_of_many,
                                          .tally = tally,
                                          .threads = threads};
    assert_true(sva_block_test(&setup, result));
    free(a);
    free(b);
}

static void a_clear_dependence_is_settled_at_the_smallest_p(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    struct sva_block_result result = {0};
    run(80, false, false, &tally, &result);
    assert_near(result.log10_p, result.log10_floor, 0.0);
    assert_int_equal(tally.draws, 8 * SVA_DRAWS_BEFORE_BOUND);
    assert_int_equal(tally.series, 8);
    assert_int_equal(result.draws, 9999);
}

static void a_single_tensor_needs_no_draw_but_to_be_seen(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    struct sva_block_result seen = {0};
    struct sva_block_result unseen = {0};
    run(80, false, true, &tally, &seen);
    run(80, false, true, NULL, &unseen);
    assert_int_equal(tally.draws, 8 * SVA_DRAWS_BEFORE_BOUND);
    assert_near(seen.log10_p, seen.log10_floor, 0.0);
    assert_near(unseen.log10_p, seen.log10_p, 0.0);
    assert_near(unseen.z, seen.z, 1e-9 * seen.z); /* moments from features round differently */
    assert_near(unseen.rho, seen.rho, 0.0);
    assert_int_equal(unseen.draws, seen.draws);
}

static void what_the_bound_does_not_show_is_drawn(void **state)
{
    (void)state;
    struct sva_draw_tally weak = {.series = 0};
    struct sva_draw_tally huge = {.series = 0};
    struct sva_block_result result = {0};
    run(28, false, false, &weak, &result); /* no draw reaches z = 9, but the bound cannot tell */
    assert_near(result.log10_p, result.log10_floor, 0.0);
    assert_int_equal(weak.draws, 8 * 9999);
    run(80, true, false, &huge, &result); /* one unit of a block is nearly all of its statistic */
    assert_int_equal(huge.draws, 8 * 9999);
}

static void blocks_side_by_side_give_what_one_after_the_other_does(void **state)
{
    (void)state;
    for (int32_t parts = 0; parts <= 80; parts += 20) {
        struct sva_draw_tally tallies[2] = {{.series = 0}, {.series = 0}};
        struct sva_block_result results[2];
        threads = 1;
        run(parts, false, false, &tallies[0], &results[0]);
        threads = 5;
        run(parts, false, false, &tallies[1], &results[1]);
        threads = 1;
        assert_memory_equal(&tallies[0], &tallies[1], sizeof tallies[0]);
        assert_near(results[0].log10_p, results[1].log10_p, 0.0);
        assert_near(results[0].z, results[1].z, 0.0);
        assert_near(results[0].rho, results[1].rho, 0.0);
        assert_near(results[0].rho_se, results[1].rho_se, 0.0);
    }
}

/** Two sides of `UNITS` units that agree by `parts` of 100. */
static struct sva_feature_pair made_pair(uint32_t features, int32_t parts,
                                         struct sva_random *random)
{
    int16_t *a = calloc((size_t)UNITS * features, sizeof *a);
    int16_t *b = calloc((size_t)UNITS * features, sizeof *b);
    assert_true(a != NULL && b != NULL);
    for (size_t i = 0; i < (size_t)UNITS * features; i++) {
        a[i] = noise(random);
        b[i] = (int16_t)((parts * a[i] + (100 - parts) * noise(random)) / 100);
    }
    return (struct sva_feature_pair){a, b, features, NULL, NULL};
}

/** Readings that share features give what each gives on its own, whether draws are settled or not.
 */
static void readings_side_by_side_give_what_each_gives(void **state)
{
    (void)state;
    enum { SHARED = 2, OWN = 3, READINGS = 3 };
    struct sva_random random = stream(5);
    for (int32_t parts = 0; parts <= 80; parts += 40) {
        struct sva_feature_pair pairs[SHARED + READINGS * OWN];
        struct sva_block_reading readings[READINGS];
        struct sva_draw_tally tallies[READINGS] = {{.series = 0}};
        struct sva_block_result results[READINGS];
        struct sva_block_setup setup = {
            .units = UNITS, .hashed = true, .pairs = pairs, .pair_count = SHARED, .threads = 2};
        for (uint32_t p = 0; p < SHARED + READINGS * OWN; p++) {
            pairs[p] = made_pair(1 + 3 * (p % 2), parts, &random);
        }
        for (size_t r = 0; r < READINGS; r++) { /* the last one has no features of its own */
            readings[r] = (struct sva_block_reading){.pairs = pairs + SHARED + r * OWN,
                                                     .pair_count = r < READINGS - 1 ? OWN : 0,
                                                     .seed = {(uint8_t)(r + 1)},
                                                     .tally = &tallies[r]};
        }
        assert_true(sva_block_readings_test(&setup, readings, READINGS, results));
        for (size_t r = 0; r < READINGS; r++) {
            struct sva_feature_pair all[SHARED + OWN];
            struct sva_draw_tally tally = {.series = 0};
            struct sva_block_result one;
            struct sva_block_setup alone = setup;
            memcpy(all, pairs, SHARED * sizeof *all);
            memcpy(all + SHARED, readings[r].pairs, readings[r].pair_count * sizeof *all);
            alone.pairs = all;
            alone.pair_count = SHARED + readings[r].pair_count;
            alone.tally = &tally;
            memcpy(alone.seed, readings[r].seed, sizeof alone.seed);
            assert_true(sva_block_test(&alone, &one));
            assert_memory_equal(&tally, &tallies[r], sizeof tally);
            assert_int_equal(one.draws, results[r].draws);
            assert_near(one.log10_p, results[r].log10_p, 0.0);
            assert_near(one.log10_floor, results[r].log10_floor, 0.0);
            assert_near(one.z, results[r].z, 0.0);
            assert_near(one.rho, results[r].rho, 1e-12);
            assert_near(one.rho_se, results[r].rho_se, 1e-12);
        }
        for (uint32_t p = 0; p < SHARED + READINGS * OWN; p++) {
            free((void *)(uintptr_t)pairs[p].subject);
            free((void *)(uintptr_t)pairs[p].reference);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_enumerated_tail_is_above_the_bound),
        cmocka_unit_test(exponential_moments_are_below_those_of_a_normal_law),
        cmocka_unit_test(the_bound_of_nothing_is_one),
        cmocka_unit_test(draws_are_settled_by_a_small_tail_alone_and_one_number_stands_for_them),
        cmocka_unit_test(a_clear_dependence_is_settled_at_the_smallest_p),
        cmocka_unit_test(a_single_tensor_needs_no_draw_but_to_be_seen),
        cmocka_unit_test(what_the_bound_does_not_show_is_drawn),
        cmocka_unit_test(readings_side_by_side_give_what_each_gives),
        cmocka_unit_test(blocks_side_by_side_give_what_one_after_the_other_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Draws of permutation tests, counted for pictures: bins, scales, and that no p depends on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "compare/blocks.h"
#include "kernel/draw_tally.h"
#include "kernel/permutation.h"
#include "kernel/random.h"

enum { FEATURES = 4 };

static struct sva_random stream(uint8_t number)
{
    const uint8_t seed[32] = {4, 4, number};
    struct sva_random random;
    sva_random_seed(&random, seed);
    return random;
}

static uint64_t counted(const struct sva_draw_tally *tally)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SVA_TALLY_BINS; i++) {
        sum += tally->counts[i];
    }
    return sum;
}

static void a_draw_falls_into_the_bin_of_its_deviations(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    sva_tally_begin(&tally, 100.0, 25.0, 130.0); /* deviation 5, observed 6 of them */
    sva_tally_add(&tally, 100.0);                /* 0: the first of [0, .25) */
    sva_tally_add(&tally, 101.24);               /* .248 */
    sva_tally_add(&tally, 98.76);                /* -.248 */
    sva_tally_add(&tally, 10000.0);              /* beyond the last bin */
    sva_tally_add(&tally, -10000.0);             /* before the first */
    assert_int_equal(tally.counts[32], 2);
    assert_int_equal(tally.counts[31], 1);
    assert_int_equal(tally.counts[63], 1);
    assert_int_equal(tally.counts[0], 1);
    assert_int_equal(counted(&tally), 5);
    assert_int_equal(tally.least, -64000);
    assert_int_equal(tally.most, 64000);
    assert_near(tally.observed_sum, 6.0, 1e-12);
}

static void series_stand_in_one_histogram_each_on_its_own_scale(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    for (int series = 0; series < 3; series++) {
        const double unit = 1.0 + 99.0 * series;
        sva_tally_begin(&tally, 7.0 * unit, unit * unit, (8.0 + series) * unit);
        sva_tally_add(&tally, 8.0 * unit);
        sva_tally_add(&tally, 6.0 * unit);
    }
    assert_int_equal(tally.counts[36], 3); /* one deviation above */
    assert_int_equal(tally.counts[28], 3); /* one below */
    assert_int_equal(tally.sum, 0);
    assert_near(sva_tally_deviation(&tally), 1.0954451150103321, 1e-12); /* sqrt(6 / 5) */
    assert_int_equal(tally.series, 3);
    assert_near(tally.observed_least, 1.0, 1e-12);
    assert_near(tally.observed_most, 3.0, 1e-12);
}

static void merged_tallies_are_one_that_counted_everything(void **state)
{
    (void)state;
    struct sva_random random = stream(5);
    struct sva_draw_tally whole = {.series = 0};
    struct sva_draw_tally merged = {.series = 0};
    for (int series = 0; series < 5; series++) {
        struct sva_draw_tally own = {.series = 0};
        const double observed = 0.1 * (double)sva_random_below(&random, 100) - 3.0;
        sva_tally_begin(&whole, 2.0, 9.0, observed);
        sva_tally_begin(&own, 2.0, 9.0, observed);
        for (int draw = 0; draw < 7 * series; draw++) { /* the first series has none */
            const double statistic = 0.01 * (double)sva_random_below(&random, 4000) - 18.0;
            sva_tally_add(&whole, statistic);
            sva_tally_add(&own, statistic);
        }
        sva_tally_merge(&merged, &own);
        const struct sva_draw_tally nothing = {.series = 0};
        sva_tally_merge(&merged, &nothing);
    }
    assert_memory_equal(&merged, &whole, sizeof whole);
}

static void draws_that_never_vary_lie_at_the_mean(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    assert_near(sva_tally_deviation(&tally), 0.0, 0.0);
    sva_tally_begin(&tally, 5.0, 0.0, 5.0);
    sva_tally_add(&tally, 5.0);
    assert_int_equal(tally.counts[32], 1);
    assert_int_equal(tally.least, 0);
    sva_tally_begin(NULL, 0.0, 1.0, 0.0); /* nothing is asked for */
}

/** Features of noise, the second side's the first one's but for `noise` of 100. */
static void fill(int16_t *a, int16_t *b, size_t count, uint32_t noise, uint8_t number)
{
    struct sva_random random = stream(number);
    for (size_t i = 0; i < count; i++) {
        a[i] = (int16_t)((int32_t)sva_random_below(&random, 401) - 200);
        const int32_t other = (int32_t)sva_random_below(&random, 401) - 200;
        b[i] = (int16_t)((a[i] * (int32_t)(100 - noise) + other * (int32_t)noise) / 100);
    }
}

static void run(uint32_t units, uint32_t noise, struct sva_draw_tally *tally,
                struct sva_block_result *result)
{
    int16_t *a = calloc((size_t)units * FEATURES, sizeof *a);
    int16_t *b = calloc((size_t)units * FEATURES, sizeof *b);
    assert_non_null(a);
    assert_non_null(b);
    fill(a, b, (size_t)units * FEATURES, noise, 9);
    const struct sva_feature_pair pair = {a, b, FEATURES, NULL, NULL};
    const struct sva_block_setup setup = {
        .units = units, .pairs = &pair, .pair_count = 1, .seed = {3}, .tally = tally};
    assert_true(sva_block_test(&setup, result));
    free(a);
    free(b);
}

static void counting_draws_changes_no_figure_of_a_test(void **state)
{
    (void)state;
    for (uint32_t noise = 0; noise <= 100; noise += 50) {
        struct sva_draw_tally tally = {.series = 0};
        struct sva_block_result with = {0};
        struct sva_block_result without = {0};
        run(256, noise, &tally, &with);
        run(256, noise, NULL, &without);
        assert_near(with.log10_p, without.log10_p, 0.0);
        assert_near(with.z, without.z, 0.0);
        assert_near(with.rho, without.rho, 0.0);
    }
}

static void draws_of_a_dependence_have_the_closed_forms_mean_and_deviation(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    struct sva_block_result result = {0};
    run(256, 50, &tally, &result);
    assert_int_equal(tally.series, 8);
    assert_int_equal(tally.draws, 8 * 9999);
    assert_int_equal(counted(&tally), tally.draws);
    assert_near((double)tally.sum / (double)tally.draws / 1000.0, 0.0, 0.02);
    assert_near(sva_tally_deviation(&tally), 1.0, 0.02);
    /* z of the whole: blocks of nearly one variance add up to z times the root of their number */
    assert_near(tally.observed_sum / 8.0 * 2.8284271247461903, result.z, 0.05 * result.z);
    assert_true(tally.observed_least * 1000.0 > tally.most);
}

static void early_stopping_shows_in_the_number_of_draws(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    struct sva_block_result result = {0};
    run(256, 100, &tally, &result);
    assert_int_equal(tally.series, 8);
    assert_true(tally.draws >= 8 * SVA_EXCEEDANCES);
    assert_true(tally.draws < 8 * 9999);
    assert_true(tally.observed_least * 1000.0 < tally.most);
}

static void enumerated_blocks_are_no_draws(void **state)
{
    (void)state;
    struct sva_draw_tally tally = {.series = 0};
    struct sva_block_result result = {0};
    run(8, 50, &tally, &result);
    assert_true(result.tested);
    assert_int_equal(tally.series, 0);
    assert_int_equal(tally.draws, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draw_falls_into_the_bin_of_its_deviations),
        cmocka_unit_test(series_stand_in_one_histogram_each_on_its_own_scale),
        cmocka_unit_test(merged_tallies_are_one_that_counted_everything),
        cmocka_unit_test(draws_that_never_vary_lie_at_the_mean),
        cmocka_unit_test(counting_draws_changes_no_figure_of_a_test),
        cmocka_unit_test(draws_of_a_dependence_have_the_closed_forms_mean_and_deviation),
        cmocka_unit_test(early_stopping_shows_in_the_number_of_draws),
        cmocka_unit_test(enumerated_blocks_are_no_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

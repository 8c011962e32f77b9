/* SPDX-License-Identifier: Apache-2.0 */
/* Tail functions, permutation tests and the blocked test against enumeration and simulation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "base/hash.h"
#include "compare/blocks.h"
#include "kernel/integer_products.h"
#include "kernel/permutation.h"
#include "kernel/random.h"
#include "kernel/special.h"

static struct sva_random stream(uint8_t number)
{
    uint8_t seed[32] = {1, 2, 3, number};
    struct sva_random random;
    sva_random_seed(&random, seed);
    return random;
}

static double uniform(struct sva_random *random)
{
    return ((double)(sva_random_u64(random) >> 11) + 0.5) / 9007199254740992.0;
}

/** Sum of twelve uniforms: normal enough, and cheap. */
static double normal(struct sva_random *random)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        sum += uniform(random);
    }
    return sum;
}

static void normal_tail_agrees_with_tables_and_far_out(void **state)
{
    (void)state;
    assert_near(sva_normal_log10_tail(0.0), log10(0.5), 1e-12);
    assert_near(sva_normal_log10_tail(1.959963984540054), log10(0.025), 1e-9);
    assert_near(sva_normal_log10_tail(6.0), log10(9.865876450376981e-10), 1e-9);
    assert_near(sva_normal_log10_tail(29.999), sva_normal_log10_tail(30.001), 0.03);
    assert_near(sva_normal_log10_tail(40.0), -349.43701, 1e-4);
    assert_near(sva_normal_quantile(0.975), 1.959963984540054, 1e-8);
}

static void fisher_agrees_with_the_chi_square_tail(void **state)
{
    (void)state;
    const double one[1] = {-3.0};
    const double two[2] = {log10(0.05), log10(0.05)};
    assert_near(sva_fisher_log10(one, 1), -3.0, 1e-12);
    /* h = -ln .0025; P = e^-h (1 + h) */
    const double h = -log(0.0025);
    assert_near(sva_fisher_log10(two, 2), log10(exp(-h) * (1.0 + h)), 1e-12);
    assert_near(sva_fisher_log10_floor(-4.0, 8), log10(2.6e-23), 0.02);
    assert_near(sva_fisher_log10_floor(0.0, 8), 0.0, 1e-12);
}

static void trace_moments_agree_with_full_enumeration(void **state)
{
    (void)state;
    enum { N = 5 };
    struct sva_random random = stream(1);
    int64_t c[N * N];
    uint32_t order[N] = {0, 1, 2, 3, 4};
    uint32_t counter[N] = {0};
    double sum = 0.0, squares = 0.0;
    int total = 0;
    for (int i = 0; i < N * N; i++) {
        c[i] = (int64_t)sva_random_below(&random, 2001) - 1000;
    }
    for (uint32_t level = 1;;) {
        int64_t trace = 0;
        for (uint32_t i = 0; i < N; i++) {
            trace += c[i * N + order[i]];
        }
        sum += (double)trace;
        squares += (double)trace * (double)trace;
        total++;
        while (level < N && counter[level] == level) {
            counter[level++] = 0;
        }
        if (level == N) {
            break;
        }
        const uint32_t other = level % 2 == 0 ? 0 : counter[level];
        const uint32_t swapped = order[other];
        order[other] = order[level];
        order[level] = swapped;
        counter[level]++;
        level = 1;
    }
    const struct sva_trace_moments moments = sva_trace_moments(c, N);
    assert_int_equal(total, 120);
    assert_near(moments.mean, sum / total, 1e-9);
    assert_near(moments.variance, squares / total - (sum / total) * (sum / total), 1e-6);
}

static void moments_from_features_are_those_of_their_products(void **state)
{
    (void)state;
    enum { N = 21, WIDTH = 5 };
    int16_t a[N * WIDTH], b[N * WIDTH];
    int64_t c[N * N];
    struct sva_random random = stream(6);
    for (size_t i = 0; i < N * WIDTH; i++) {
        a[i] = (int16_t)((int)sva_random_below(&random, 4095) - 2047);
        b[i] = (int16_t)((int)sva_random_below(&random, 2047) - 100);
    }
    sva_products_i16(a, b, N, WIDTH, c);
    const struct sva_trace_moments whole = sva_trace_moments(c, N);
    const struct sva_trace_moments features = sva_feature_moments(a, b, N, WIDTH);
    assert_near(features.observed, whole.observed, 0.0);
    assert_near(features.mean, whole.mean, 1e-9 * fabs(whole.mean));
    assert_near(features.variance, whole.variance, 1e-9 * whole.variance);
}

static void enumerated_p_of_a_distinct_maximum_is_one_over_n_factorial(void **state)
{
    (void)state;
    int64_t c[49] = {0};
    uint32_t order[7];
    struct sva_random random = stream(2);
    for (int i = 0; i < 7; i++) {
        c[i * 8] = 100;
    }
    assert_near(sva_trace_log10_p(c, 7, 9999, &random, order), -log10(5040.0), 1e-12);
    assert_near(sva_trace_log10_floor(7, 9999), -log10(5040.0), 1e-12);
    memset(c, 0, sizeof c);
    assert_near(sva_trace_log10_p(c, 7, 9999, &random, order), 0.0, 1e-12);
}

static void drawn_p_reaches_its_floor_and_stops_early(void **state)
{
    (void)state;
    enum { N = 12 };
    int64_t c[N * N] = {0};
    uint32_t order[N];
    struct sva_random random = stream(3);
    for (int i = 0; i < N; i++) {
        c[i * (N + 1)] = 1;
    }
    assert_near(sva_trace_log10_p(c, N, 9999, &random, order), -4.0, 1e-12);
    memset(c, 0, sizeof c); /* every draw reaches the observed trace: 20 of 20 */
    assert_near(sva_trace_log10_p(c, N, 9999, &random, order), 0.0, 1e-12);
}

static void permutations_are_uniform(void **state)
{
    (void)state;
    struct sva_random random = stream(4);
    int counts[24] = {0};
    for (int draw = 0; draw < 24000; draw++) {
        uint32_t order[4];
        sva_random_permutation(&random, order, 4);
        uint32_t rank = 0;
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t smaller = 0;
            for (uint32_t j = i + 1; j < 4; j++) {
                smaller += order[j] < order[i] ? 1u : 0u;
            }
            rank = rank * (4 - i) + smaller;
        }
        counts[rank]++;
    }
    double chi = 0.0;
    for (int i = 0; i < 24; i++) {
        chi += (counts[i] - 1000.0) * (counts[i] - 1000.0) / 1000.0;
    }
    assert_true(chi < 49.7); /* 99.9% of chi2 with 23 degrees */
}

enum { FEATURES = 6 };

/** Two sides with correlation rho, outlier units at places of their own, and a common mean. */
static void make_sides(struct sva_random *random, double rho, uint32_t units, int16_t *a,
                       int16_t *b)
{
    for (uint32_t u = 0; u < units; u++) {
        const double a_size = sva_random_below(random, 17) == 0 ? 4.0 : 1.0;
        const double b_size = sva_random_below(random, 17) == 0 ? 4.0 : 1.0;
        for (uint32_t k = 0; k < FEATURES; k++) {
            const double x = normal(random);
            const double y = normal(random);
            const double mixed = rho * x + sqrt(1.0 - rho * rho) * y;
            a[u * FEATURES + k] =
                (int16_t)floor(fmax(-2047.0, fmin(2047.0, 128.0 * a_size * x + 90.0)));
            b[u * FEATURES + k] =
                (int16_t)floor(fmax(-2047.0, fmin(2047.0, 128.0 * b_size * mixed + 90.0)));
        }
    }
}

static struct sva_block_result run(const int16_t *a, const int16_t *b, uint32_t units, uint8_t seed)
{
    const struct sva_feature_pair pair = {a, b, FEATURES, NULL, NULL};
    struct sva_block_setup setup = {
        .units = units, .hashed = true, .pairs = &pair, .pair_count = 1};
    setup.seed[0] = seed;
    struct sva_block_result result;
    assert_true(sva_block_test(&setup, &result));
    return result;
}

static void blocked_test_is_uniform_under_independence(void **state)
{
    (void)state;
    enum { TRIALS = 1000 };
    static int16_t a[200 * FEATURES], b[200 * FEATURES];
    const uint32_t sizes[3] = {20, 64, 200};
    for (int s = 0; s < 3; s++) {
        struct sva_random random = stream((uint8_t)(10 + s));
        int below_10 = 0, below_1 = 0, below_01 = 0;
        double z_sum = 0.0, z_squares = 0.0;
        for (int trial = 0; trial < TRIALS; trial++) {
            make_sides(&random, 0.0, sizes[s], a, b);
            const struct sva_block_result result = run(a, b, sizes[s], (uint8_t)trial);
            below_10 += result.log10_p <= -1.0 ? 1 : 0;
            below_1 += result.log10_p <= -2.0 ? 1 : 0;
            below_01 += result.log10_p <= -3.0 ? 1 : 0;
            z_sum += result.z;
            z_squares += result.z * result.z;
        }
        assert_true(below_10 <= 130 && below_10 >= 60); /* 100 expected */
        assert_true(below_1 <= 22);                     /* 10 expected */
        assert_true(below_01 <= 6);
        assert_near(z_sum / TRIALS, 0.0, 0.15);
        assert_near(z_squares / TRIALS, 1.0, 0.2);
    }
}

static void blocked_test_finds_the_dependence_it_promises(void **state)
{
    (void)state;
    enum { UNITS = 200, TRIALS = 300 };
    static int16_t a[UNITS * FEATURES], b[UNITS * FEATURES];
    struct sva_random random = stream(20);
    make_sides(&random, 0.0, UNITS, a, b);
    const struct sva_block_result null = run(a, b, UNITS, 0);
    const double shift = sva_power_shift(null.blocks, null.block_floor, -4.0, 0.999);
    const double promised = shift * sqrt((double)null.blocks) / null.resolution;
    int found = 0;
    assert_true(promised > 0.05 && promised < 0.9);
    for (int trial = 0; trial < TRIALS; trial++) {
        make_sides(&random, promised * 1.25, UNITS, a, b); /* outliers dilute it */
        found += run(a, b, UNITS, (uint8_t)trial).log10_p < -4.0 ? 1 : 0;
    }
    assert_true(found >= TRIALS - 5);
}

static void blocked_test_measures_rho_with_its_error(void **state)
{
    (void)state;
    static int16_t a[1024 * FEATURES], b[1024 * FEATURES];
    struct sva_random random = stream(21);
    make_sides(&random, 0.5, 1024, a, b);
    const struct sva_block_result result = run(a, b, 1024, 0);
    double ab = 0.0, aa = 0.0, bb = 0.0;
    for (int i = 0; i < 1024 * FEATURES; i++) {
        ab += (a[i] - 90.0) * (b[i] - 90.0);
        aa += (a[i] - 90.0) * (a[i] - 90.0);
        bb += (b[i] - 90.0) * (b[i] - 90.0);
    }
    assert_near(result.rho, ab / sqrt(aa * bb), 0.01);
    /* outliers dilute .5 by (1 + 3/17)^2 / (1 + 15/17); clipping a little more */
    assert_near(result.rho, 0.3676, 5.0 * result.rho_se);
    assert_true(result.rho_se > 0.0 && result.rho_se < 0.05);
    assert_near(result.log10_p, result.log10_floor, 1e-9);
}

/** A test that draws only where it can matter never says less than one that always draws. */
static void a_test_of_many_is_the_test_or_says_one(void **state)
{
    (void)state;
    enum { UNITS = 160, PAIRS = 60 };
    static int16_t a[UNITS * FEATURES], b[UNITS * FEATURES];
    struct sva_random random = stream(23);
    size_t drawn = 0;
    for (uint8_t i = 0; i < PAIRS; i++) {
        make_sides(&random, i % 3 == 0 ? 0.35 : 0.0, UNITS, a, b);
        const struct sva_feature_pair pair = {a, b, FEATURES, NULL, NULL};
        struct sva_block_setup setup = {.units = UNITS, .pairs = &pair, .pair_count = 1, .seed = {i}};
        struct sva_block_result always;
        struct sva_block_result one;
        assert_true(sva_block_test(&setup, &always));
        setup.one_of_many = true;
        assert_true(sva_block_test(&setup, &one));
        assert_near(one.z, always.z, 1e-9);
        assert_near(one.rho, always.rho, 1e-12);
        assert_near(one.resolution, always.resolution, 1e-9 * always.resolution);
        if (one.z < SVA_Z_WORTH_DRAWS) {
            assert_near(one.log10_p, 0.0, 0.0);
        } else {
            assert_true(one.log10_p < -3.0 && always.log10_p < -3.0);
            drawn++;
        }
    }
    assert_in_range(drawn, PAIRS / 6, PAIRS / 3);
}

static void renumbering_the_reference_removes_the_dependence(void **state)
{
    (void)state;
    static int16_t a[200 * FEATURES], b[200 * FEATURES];
    struct sva_random random = stream(22);
    make_sides(&random, 0.9, 200, a, b);
    const struct sva_feature_pair pair = {a, b, FEATURES, NULL, NULL};
    struct sva_block_setup setup = {
        .units = 200, .hashed = true, .pairs = &pair, .pair_count = 1, .shuffle_reference = true};
    struct sva_block_result result;
    assert_true(sva_block_test(&setup, &result));
    assert_true(result.log10_p > -3.0);
}

static void power_shift_is_monotone_and_knows_its_limits(void **state)
{
    (void)state;
    const double weak = sva_power_shift(8, -4.0, -4.0, 0.999);
    const double strict = sva_power_shift(8, -4.0, -9.0, 0.999);
    assert_true(weak > 0.0 && strict > weak);
    assert_true(isnan(sva_power_shift(1, -4.0, -9.0, 0.999)));
    assert_true(isnan(sva_power_shift(0, -4.0, -4.0, 0.999)));
}

static void block_counts_follow_from_the_number_of_units(void **state)
{
    (void)state;
    assert_int_equal(sva_block_count(4), 1);
    assert_int_equal(sva_block_count(16), 2);
    assert_int_equal(sva_block_count(64), 8);
    assert_int_equal(sva_block_count(3584), 8);
    assert_true(sva_block_count(32768) >= 32);
    assert_true(sva_block_floor(3584) < -22.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_tail_agrees_with_tables_and_far_out),
        cmocka_unit_test(fisher_agrees_with_the_chi_square_tail),
        cmocka_unit_test(trace_moments_agree_with_full_enumeration),
        cmocka_unit_test(enumerated_p_of_a_distinct_maximum_is_one_over_n_factorial),
        cmocka_unit_test(drawn_p_reaches_its_floor_and_stops_early),
        cmocka_unit_test(permutations_are_uniform),
        cmocka_unit_test(blocked_test_is_uniform_under_independence),
        cmocka_unit_test(blocked_test_finds_the_dependence_it_promises),
        cmocka_unit_test(blocked_test_measures_rho_with_its_error),
        cmocka_unit_test(moments_from_features_are_those_of_their_products),
        cmocka_unit_test(a_test_of_many_is_the_test_or_says_one),
        cmocka_unit_test(renumbering_the_reference_removes_the_dependence),
        cmocka_unit_test(power_shift_is_monotone_and_knows_its_limits),
        cmocka_unit_test(block_counts_follow_from_the_number_of_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

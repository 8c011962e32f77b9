/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "kernel/moments.h"
#include "kernel/random.h"

enum { COUNT = 100003 };

static float values[COUNT];

/** Numbers of many sizes, with NaN, infinities, subnormal numbers and both zeros among them. */
static void fill(unsigned seed)
{
    static const float special[] = {NAN,   INFINITY, -INFINITY, 0.0f,
                                    -0.0f, 1e-40f,   FLT_MAX,   -FLT_MAX};
    const uint8_t digest[32] = {1, (uint8_t)seed};
    struct sva_random random;
    sva_random_seed(&random, digest);
    for (size_t i = 0; i < COUNT; i++) {
        const uint64_t draw = sva_random_u64(&random);
        values[i] = draw % 97 == 0 ? special[draw / 97 % 8]
                                   : ldexpf((float)(int32_t)(draw >> 32), (int)(draw % 40) - 50);
    }
}

/** The same values in pieces of odd lengths. */
static struct sva_moments in_pieces(enum sva_cpu_level level)
{
    assert_true(sva_cpu_use(level));
    struct sva_moments moments;
    sva_moments_init(&moments);
    size_t piece = 1;
    for (size_t at = 0; at < COUNT; at += piece) {
        piece = (piece * 7 + 3) % 4099 + 1;
        piece = piece < COUNT - at ? piece : COUNT - at;
        sva_moments_add(&moments, values + at, piece);
    }
    return moments;
}

static void every_level_gives_the_same_bits(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        fill(seed);
        const struct sva_moments expected = in_pieces(SVA_CPU_BASELINE);
        for (int level = 0; level <= (int)sva_cpu_best(); level++) {
            const struct sva_moments got = in_pieces((enum sva_cpu_level)level);
            assert_memory_equal(got.power, expected.power, sizeof got.power);
            assert_memory_equal(got.minimum, expected.minimum, sizeof got.minimum);
            assert_memory_equal(got.maximum, expected.maximum, sizeof got.maximum);
            assert_int_equal(got.finite_count, expected.finite_count);
        }
    }
}

static void sums_agree_with_long_doubles(void **state)
{
    (void)state;
    long double expected[4] = {0};
    long double sizes[4] = {0};
    struct sva_moments moments;
    fill(99);
    sva_moments_init(&moments);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = isfinite(values[i]) && fabsf(values[i]) < 1e6f ? values[i] : 0.5f;
        long double power = 1.0L;
        for (int p = 0; p < 4; p++) {
            power *= (long double)values[i];
            expected[p] += power;
            sizes[p] += fabsl(power);
        }
    }
    sva_moments_add(&moments, values, COUNT);
    for (int p = 0; p < 4; p++) {
        const long double bound = sizes[p] * COUNT / SVA_MOMENT_LANES * 0x1p-53L;
        assert_true(fabsl((long double)sva_moments_sum(&moments, p + 1) - expected[p]) <= bound);
    }
}

static void what_is_not_finite_counts_for_nothing(void **state)
{
    (void)state;
    const float few[11] = {NAN, 2.0f, INFINITY, -1.0f, -INFINITY, 0.0f, NAN, NAN, 3.0f, NAN, -4.0f};
    for (int level = 0; level <= (int)sva_cpu_best(); level++) {
        float lowest;
        float highest;
        struct sva_moments moments;
        assert_true(sva_cpu_use((enum sva_cpu_level)level));
        sva_moments_init(&moments);
        sva_moments_add(&moments, few, 11);
        sva_moments_extremes(&moments, &lowest, &highest);
        assert_int_equal(moments.finite_count, 5);
        assert_true(sva_moments_sum(&moments, 1) == 0.0);
        assert_true(sva_moments_sum(&moments, 2) == 30.0);
        assert_true(lowest == -4.0f && highest == 3.0f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gives_the_same_bits),
        cmocka_unit_test(sums_agree_with_long_doubles),
        cmocka_unit_test(what_is_not_finite_counts_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

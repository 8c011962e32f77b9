/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "compare/value_fit.h"
#include "kernel/pair_sums.h"
#include "kernel/random.h"

enum { COUNT = 5003 };

static float s[COUNT], r[COUNT];

/** Pairs close to each other, of sizes around the smallest normal values; with zeros and less than
 * normal, `special`: with NaN and infinities, too. */
static void fill(uint8_t seed, bool special)
{
    static const float odd[] = {0.0f, -0.0f, 1e-40f, NAN, INFINITY, -INFINITY};
    const size_t odd_count = special ? 6 : 3;
    const uint8_t digest[32] = {2, seed};
    struct sva_random random;
    sva_random_seed(&random, digest);
    for (size_t i = 0; i < COUNT; i++) {
        const uint64_t draw = sva_random_u64(&random);
        s[i] = ldexpf((float)(int32_t)(draw >> 32) / 2147483648.0f, (int)(draw % 24) - 18);
        r[i] = draw % 5 == 0 ? s[i] : s[i] * (1.0f + (float)(draw % 1001) * 1e-5f);
        if (draw % 53 == 0) {
            s[i] = odd[draw / 53 % odd_count];
        }
        if (draw % 59 == 0) {
            r[i] = odd[draw / 59 % odd_count];
        }
    }
}

static const struct {
    enum sva_dtype dtype;
    struct sva_pair_side side;
} formats[] = {
    {SVA_DTYPE_F32, {-126, 0.0, 0x1p-23}},
    {SVA_DTYPE_BF16, {-126, 0x1p-7, 0x1p-23}},
    {SVA_DTYPE_F16, {-14, 0x1p-10, 0x1p-23}},
    {SVA_DTYPE_F8_E4M3, {-6, 0x1p-3, 0x1p-11}},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static void near(double got, long double expected)
{
    assert_true(fabsl((long double)got - expected) <= 1e-12L * fabsl(expected));
}

/** One pair after the other, with the step that the format's definition gives. */
static void check_against_single_pairs(size_t a, size_t b, const struct sva_pair_sums *got)
{
    long double energy = 0.0L, distance = 0.0L, explained = 0.0L, assured = 0.0L, squares = 0.0L;
    double largest = 0.0;
    uint64_t count = 0, within = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (!isfinite(s[i]) || !isfinite(r[i])) {
            continue;
        }
        const double x = (double)s[i], y = (double)r[i], apart = fabs(x - y);
        const double s_step = sva_float_step(formats[a].dtype, x);
        const double r_step = sva_float_step(formats[b].dtype, y);
        const double square = s_step * s_step / 12.0 + r_step * r_step / 12.0;
        count++;
        energy += (long double)(y * y);
        distance += (long double)(apart * apart);
        explained += (long double)square;
        assured += (long double)(s_step > 0.0 && r_step > 0.0 ? 0.0 : square);
        squares += (long double)(square * square);
        largest = apart > largest ? apart : largest;
        within += apart <= 0.5 * (s_step + r_step) +
                               (fabs(x) * formats[a].side.slack + fabs(y) * formats[b].side.slack);
    }
    near(got->energy, energy);
    near(got->distance, distance);
    near(got->explained, explained);
    near(got->assured, assured);
    near(got->squares, squares);
    assert_true(got->largest == largest);
    assert_int_equal(got->count, count);
    assert_int_equal(got->within, within);
}

static void sums_are_those_of_single_pairs_at_every_level(void **state)
{
    (void)state;
    for (size_t a = 0; a < FORMATS; a++) {
        for (size_t c = 0; c < 2 * FORMATS; c++) {
            const size_t b = c / 2;
            struct sva_pair_sums first = {0};
            fill((uint8_t)(a * FORMATS + b), c % 2 == 0);
            for (int level = 0; level <= (int)sva_cpu_best(); level++) {
                struct sva_pair_sums got;
                assert_true(sva_cpu_use((enum sva_cpu_level)level));
                sva_pair_sums(&formats[a].side, &formats[b].side, s, r, COUNT, &got);
                first = level == 0 ? got : first;
                assert_memory_equal(&got, &first, sizeof got);
            }
            check_against_single_pairs(a, b, &first);
            assert_true(c % 2 == 0 ? first.count < COUNT : first.count == COUNT);
        }
    }
}

/** What is left of `values` in BF16, and that as it is stored. */
static void store(float *values, uint8_t *stored)
{
    for (size_t i = 0; i < COUNT; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits &= 0xFFFF0000u;
        memcpy(&values[i], &bits, sizeof bits);
        stored[2 * i] = (uint8_t)(bits >> 16);
        stored[2 * i + 1] = (uint8_t)(bits >> 24);
    }
}

static void stored_bf16_sums_to_what_its_values_do(void **state)
{
    (void)state;
    static const struct sva_pair_side sides[] = {{-126, 0.0, 0x1p-23},
                                                 {-126, 0.0, 0x1p-23 + 0x1p-11}};
    static uint8_t s_stored[2 * COUNT], r_stored[2 * COUNT];
    for (int special = 0; special < 2; special++) {
        fill(99, special == 1);
        store(s, s_stored);
        store(r, r_stored);
        for (int level = 0; level <= (int)sva_cpu_best(); level++) {
            struct sva_pair_sums of_floats;
            struct sva_pair_sums of_stored;
            const struct sva_pair_side *r_side = &sides[level % 2];
            assert_true(sva_cpu_use((enum sva_cpu_level)level));
            sva_pair_sums(&sides[0], r_side, s, r, COUNT, &of_floats);
            sva_pair_sums_bf16(&sides[0], r_side, s_stored, r_stored, COUNT, &of_stored);
            assert_true(of_stored.within > 0 && of_stored.within < of_stored.count);
            assert_true(special == 1 ? of_stored.count < COUNT : of_stored.count == COUNT);
            assert_memory_equal(&of_floats, &of_stored, sizeof of_floats);
        }
    }
}

static void nothing_sums_to_nothing(void **state)
{
    (void)state;
    struct sva_pair_sums got;
    sva_pair_sums(&formats[1].side, &formats[2].side, s, r, 0, &got);
    assert_true(got.count == 0 && got.within == 0 && got.energy == 0.0 && got.explained == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_single_pairs_at_every_level),
        cmocka_unit_test(stored_bf16_sums_to_what_its_values_do),
        cmocka_unit_test(nothing_sums_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

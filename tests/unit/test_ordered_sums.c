/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "base/hash.h"
#include "kernel/directions.h"
#include "kernel/ordered_sums.h"

/*
 * Every loop beside the plain one that its comment shows, to the last bit, on each level of this
 * processor; sizes that are no multiple of anything, values of very different sizes, so that
 * another order of adding would show.
 */
enum { ROWS = 21, LENGTH = 203, MARKS = 40 };

static const struct {
    size_t count, length;
} sizes[] = {{1, 1}, {1, 7}, {2, 8}, {3, 9}, {8, 16}, {9, 64}, {17, 131}, {ROWS, LENGTH}};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

struct arrays {
    float rows[ROWS * LENGTH], turned[LENGTH * MARKS];
    double vector[LENGTH], sums[ROWS * ROWS * MARKS], expected[ROWS * ROWS * MARKS];
};

static struct arrays data;

static float noise(uint64_t at)
{
    const uint64_t bits = sva_mix64(at + 77);
    const double value = (double)(int64_t)(bits >> 11) / 4503599627370496.0 - 1.0;
    return (float)ldexp(value, (int)(bits & 31) - 16);
}

static void fill(void)
{
    memset(&data, 0, sizeof data);
    for (size_t i = 0; i < (size_t)ROWS * LENGTH; i++) {
        data.rows[i] = noise(i);
    }
    for (size_t i = 0; i < (size_t)LENGTH * MARKS; i++) {
        data.turned[i] = noise(i + 100000);
    }
    for (size_t i = 0; i < LENGTH; i++) {
        data.vector[i] = (double)noise(i + 200000) / 3.0;
    }
}

static void assert_same_doubles(const double *actual, const double *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(&actual[i], &expected[i], sizeof *actual);
    }
}

/** Runs a comparison on each level and size. */
static void on_each_level(void (*compare)(const struct sva_sums_level *, size_t, size_t))
{
    const enum sva_cpu_level before = sva_cpu_level();
    for (int level = 0; level < SVA_CPU_LEVELS; level++) {
        for (size_t i = 0; i < SIZES && sva_cpu_use((enum sva_cpu_level)level); i++) {
            fill();
            compare(sva_sums_level(), sizes[i].count, sizes[i].length);
        }
    }
    assert_true(sva_cpu_use(before));
}

static void compare_row_sums(const struct sva_sums_level *level, size_t count, size_t length)
{
    double *const expected = data.expected;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            const double value = (double)data.rows[i * length + j];
            expected[i] += value;
            expected[ROWS + i] += value * value;
            expected[2 * ROWS + i] += value * data.vector[j];
        }
    }
    level->row_sums(data.rows, count, length, data.sums);
    assert_same_doubles(data.sums, expected, count);
    level->row_squares(data.rows, count, length, data.sums);
    assert_same_doubles(data.sums, expected + ROWS, count);
    level->row_dots(data.rows, count, length, data.vector, data.sums);
    assert_same_doubles(data.sums, expected + (size_t)2 * ROWS, count);
    assert_true(!(fabs(data.sums[count]) > 0.0)); /* nothing behind the last */
}

static void sums_along_rows_have_the_order_of_plain_loops(void **state)
{
    (void)state;
    on_each_level(compare_row_sums);
}

static double folded_dot(const float *a, const float *b, size_t length)
{
    double s[8] = {0.0};
    for (size_t j = 0; j < length; j++) {
        s[j % 8] += (double)a[j] * (double)b[j];
    }
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static void compare_pair_dots(const struct sva_sums_level *level, size_t count, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            data.expected[i * count + k] =
                folded_dot(data.rows + i * length, data.rows + k * length, length);
        }
    }
    level->pair_dots(data.rows, (uint32_t)count, length, data.sums);
    assert_same_doubles(data.sums, data.expected, count * count);
}

static void products_of_pairs_fold_eight_sums(void **state)
{
    (void)state;
    on_each_level(compare_pair_dots);
}

static void compare_mark_dots(const struct sva_sums_level *level, size_t count, size_t length)
{
    for (size_t marks = 8; marks <= MARKS; marks += 8) {
        memset(data.expected, 0, sizeof data.expected);
        for (size_t i = 0; i < count * marks; i++) {
            for (size_t j = 0; j < length; j++) {
                data.expected[i] += (double)data.rows[i / marks * length + j] *
                                    (double)data.turned[j * marks + i % marks];
            }
        }
        level->mark_dots(data.rows, count, length, data.turned, marks, data.sums);
        assert_same_doubles(data.sums, data.expected, count * marks);
    }
}

static void products_with_marks_have_the_order_of_plain_loops(void **state)
{
    (void)state;
    on_each_level(compare_mark_dots);
}

static void compare_turned_dots(const struct sva_sums_level *level, size_t count, size_t length)
{
    static double turned[LENGTH * 16];
    (void)count;
    for (size_t i = 0; i < length * 16; i++) {
        turned[i] = (double)data.turned[i] / 7.0;
    }
    for (size_t i = 0; i < 16; i++) {
        for (size_t k = 0; k < 16; k++) {
            for (size_t j = 0; j < length; j++) {
                data.expected[i * 16 + k] += turned[j * 16 + i] * turned[j * 16 + k];
            }
        }
    }
    level->turned_dots(turned, 16, length, data.sums);
    for (size_t i = 0; i < 16; i++) {
        assert_same_doubles(data.sums + 17 * i, data.expected + 17 * i, 16 - i);
    }
}

static void products_of_columns_have_the_order_of_plain_loops(void **state)
{
    (void)state;
    on_each_level(compare_turned_dots);
}

static void compare_gained(const struct sva_sums_level *level, size_t count, size_t length)
{
    (void)count;
    for (int with_gain = 0; with_gain < 2; with_gain++) {
        double sums[2][8] = {{1.0}, {0.25}};
        double expected[2][8] = {{1.0}, {0.25}};
        for (size_t j = 0; j < length; j++) {
            const double gain = with_gain == 1 ? (double)data.turned[j] : 1.0;
            const double value = (double)data.rows[j] * gain;
            expected[0][j % 8] += value;
            expected[1][j % 8] += value * value;
        }
        level->gained_moments(data.rows, with_gain == 1 ? data.turned : NULL, length, sums[0],
                              sums[1]);
        assert_same_doubles(sums[0], expected[0], 16);
    }
}

static void moments_behind_a_gain_have_eight_places(void **state)
{
    (void)state;
    on_each_level(compare_gained);
}

static void compare_columns(const struct sva_sums_level *level, size_t count, size_t length)
{
    double *const expected = data.expected;
    for (size_t j = 0; j < length; j++) {
        for (size_t i = 0; i < count; i++) {
            const double value = (double)data.rows[i * length + j];
            const double apart = value - data.vector[j];
            expected[j] += value;
            expected[LENGTH + j] += value * value;
            expected[2 * LENGTH + j] += apart * apart;
        }
        expected[3 * LENGTH + j] = -(double)data.rows[j];
    }
    level->add_rows(data.rows, count, length, data.sums);
    level->add_squares(data.rows, count, length, data.sums + LENGTH);
    level->add_apart(data.rows, count, length, data.vector, data.sums + (size_t)2 * LENGTH);
    level->add_signed(data.rows, length, -1.0, data.sums + (size_t)3 * LENGTH);
    for (size_t part = 0; part < 4; part++) {
        for (size_t j = 0; j < length; j++) {
            assert_memory_equal(&data.sums[part * LENGTH + j], &expected[part * LENGTH + j],
                                sizeof *expected);
        }
    }
}

static void sums_down_columns_have_the_order_of_plain_loops(void **state)
{
    (void)state;
    on_each_level(compare_columns);
}

static void compare_changes(const struct sva_sums_level *level, size_t count, size_t length)
{
    static float expected[ROWS * LENGTH];
    const float mean = 0.3f;
    for (size_t i = 0; i < count * length; i++) {
        float value = i == 3 ? 0.0f : data.rows[i];
        value = (float)((double)value * 0.7);
        value = (float)((double)value * data.vector[i % length]);
        value = (float)(((double)value - data.vector[i % length]) * data.vector[i % length]);
        value -= mean;
        expected[i] = value - data.turned[i % length];
    }
    if (count * length > 3) {
        data.rows[3] = NAN;
    }
    level->clear_special(data.rows, count * length);
    level->scale_row(data.rows, count * length, 0.7);
    level->scale_columns(data.rows, count, length, data.vector);
    level->standardise(data.rows, count, length, data.vector, data.vector);
    level->take_mean(data.rows, count * length, mean);
    level->take_means(data.rows, count, length, data.turned);
    assert_memory_equal(data.rows, expected, count * length * sizeof *expected);
}

static void values_are_changed_with_one_rounding_each(void **state)
{
    (void)state;
    on_each_level(compare_changes);
}

static void what_is_not_finite_becomes_zero(void **state)
{
    static const float values[] = {INFINITY, -INFINITY, NAN, 3.4028235e38f, -1e-45f, -0.0f};
    const enum sva_cpu_level before = sva_cpu_level();
    (void)state;
    for (int level = 0; level < SVA_CPU_LEVELS; level++) {
        float copy[6];
        memcpy(copy, values, sizeof copy);
        if (sva_cpu_use((enum sva_cpu_level)level)) {
            sva_sums_level()->clear_special(copy, 6);
            assert_false(copy[0] != 0.0f || copy[1] != 0.0f || copy[2] != 0.0f);
            assert_memory_equal(copy + 3, values + 3, 3 * sizeof *copy);
        }
    }
    assert_true(sva_cpu_use(before));
}

/* -- directions against their method in its plainest form ---------------------------------------
 */

enum { VECTORS = 8, SLICES = 13, WIDE = 37 };

static double plain_dot(const double *a, const double *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

static void plain_orthonormalise(double basis[VECTORS][SLICES])
{
    for (size_t v = 0; v < VECTORS; v++) {
        for (size_t u = 0; u < v; u++) {
            const double overlap = plain_dot(basis[v], basis[u], SLICES);
            for (size_t i = 0; i < SLICES; i++) {
                basis[v][i] -= overlap * basis[u][i];
            }
        }
        const double scale = 1.0 / sqrt(plain_dot(basis[v], basis[v], SLICES));
        for (size_t i = 0; i < SLICES; i++) {
            basis[v][i] *= scale;
        }
    }
}

/** The space that forty steps lead to. */
static void plain_basis(const float *matrix, double basis[VECTORS][SLICES])
{
    static double gram[SLICES][SLICES];
    static double next[VECTORS][SLICES];
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < (size_t)VECTORS * SLICES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        basis[i / SLICES][i % SLICES] = (double)(int32_t)(state >> 32) / 2147483648.0;
    }
    for (size_t i = 0; i < (size_t)SLICES * SLICES; i++) {
        gram[i / SLICES][i % SLICES] =
            folded_dot(matrix + i / SLICES * WIDE, matrix + i % SLICES * WIDE, WIDE);
    }
    plain_orthonormalise(basis);
    for (int step = 0; step < 40; step++) {
        for (size_t i = 0; i < (size_t)VECTORS * SLICES; i++) {
            next[i / SLICES][i % SLICES] = plain_dot(gram[i % SLICES], basis[i / SLICES], SLICES);
        }
        memcpy(basis, next, sizeof next);
        plain_orthonormalise(basis);
    }
}

/** One strong direction in noise, so that the first vector of the basis is nearly it. */
static void directions_are_the_same_on_every_level_and_in_the_plain_space(void **state)
{
    static float matrix[SLICES * WIDE];
    static double scratch[SVA_DIRECTIONS_SCRATCH(SLICES)];
    double basis[VECTORS][SLICES];
    double first[SVA_DIRECTIONS_MAX * WIDE] = {0.0};
    double plain[WIDE] = {0.0};
    const enum sva_cpu_level before = sva_cpu_level();
    (void)state;
    for (size_t i = 0; i < (size_t)SLICES * WIDE; i++) {
        const double small = (double)(int64_t)(sva_mix64(i) >> 11) / 4503599627370496.0 - 1.0;
        matrix[i] = (float)(0.2 * small + sin((double)(i / WIDE) + 1.0) * cos((double)(i % WIDE)));
    }
    assert_true(sva_cpu_use(SVA_CPU_BASELINE));
    assert_int_equal(sva_leading_directions(matrix, SLICES, WIDE, scratch, first), 1);
    for (int level = 0; level < SVA_CPU_LEVELS; level++) {
        double again[SVA_DIRECTIONS_MAX * WIDE] = {0.0};
        if (sva_cpu_use((enum sva_cpu_level)level)) {
            assert_int_equal(sva_leading_directions(matrix, SLICES, WIDE, scratch, again), 1);
            assert_memory_equal(again, first, sizeof first);
        }
    }
    plain_basis(matrix, basis);
    for (size_t i = 0; i < (size_t)SLICES * WIDE; i++) {
        plain[i % WIDE] += basis[0][i / WIDE] * (double)matrix[i];
    }
    const double cosine = plain_dot(plain, first, WIDE) / sqrt(plain_dot(plain, plain, WIDE));
    assert_true(fabs(cosine) > 1.0 - 1e-12 && fabs(cosine) < 1.0 + 1e-12);
    assert_true(sva_cpu_use(before));
}

/** Two strong directions near one another in noise, and more of them than are returned. */
static void several_directions_are_the_same_on_every_level(void **state)
{
    enum { TALL = 100, BROAD = 150 };
    static float matrix[TALL * BROAD];
    static double scratch[SVA_DIRECTIONS_SCRATCH(TALL)];
    const enum sva_cpu_level before = sva_cpu_level();
    (void)state;
    for (unsigned planted = 2; planted <= SVA_DIRECTIONS_MAX + 2; planted++) {
        double first[SVA_DIRECTIONS_MAX * BROAD] = {0.0};
        for (size_t i = 0; i < (size_t)TALL * BROAD; i++) {
            const double small = (double)(int64_t)(sva_mix64(i) >> 11) / 4503599627370496.0 - 1.0;
            double value = 0.2 * small;
            for (unsigned k = 1; k <= planted; k++) {
                value += (1.0 + 0.001 * k) * sin(k * ((double)(i / BROAD) + 1.0)) *
                         cos(k * (double)(i % BROAD));
            }
            matrix[i] = (float)value;
        }
        assert_true(sva_cpu_use(SVA_CPU_BASELINE));
        const uint32_t count = sva_leading_directions(matrix, TALL, BROAD, scratch, first);
        assert_int_equal(count, planted < SVA_DIRECTIONS_MAX ? planted : SVA_DIRECTIONS_MAX);
        for (int level = 1; level < SVA_CPU_LEVELS; level++) {
            double again[SVA_DIRECTIONS_MAX * BROAD] = {0.0};
            if (sva_cpu_use((enum sva_cpu_level)level)) {
                assert_int_equal(sva_leading_directions(matrix, TALL, BROAD, scratch, again),
                                 count);
                assert_memory_equal(again, first, sizeof first);
            }
        }
    }
    assert_true(sva_cpu_use(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_along_rows_have_the_order_of_plain_loops),
        cmocka_unit_test(products_of_pairs_fold_eight_sums),
        cmocka_unit_test(products_with_marks_have_the_order_of_plain_loops),
        cmocka_unit_test(products_of_columns_have_the_order_of_plain_loops),
        cmocka_unit_test(moments_behind_a_gain_have_eight_places),
        cmocka_unit_test(sums_down_columns_have_the_order_of_plain_loops),
        cmocka_unit_test(values_are_changed_with_one_rounding_each),
        cmocka_unit_test(what_is_not_finite_becomes_zero),
        cmocka_unit_test(directions_are_the_same_on_every_level_and_in_the_plain_space),
        cmocka_unit_test(several_directions_are_the_same_on_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/** Symmetric matrices whose eigenvalues are known, on each level of the processor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "kernel/symmetric.h"
#include "made_prints.h"

enum { SIZE_MOST = 67, STRIDE_MOST = 72, SIZES = 7 };

static const uint32_t sizes[SIZES] = {1, 2, 3, 8, 13, 32, 67};

static struct {
    double matrix[STRIDE_MOST * STRIDE_MOST], work[STRIDE_MOST * STRIDE_MOST];
    double scratch[4 * STRIDE_MOST];
    double values[SIZE_MOST], diagonal[SIZE_MOST], beside[SIZE_MOST];
    double first_diagonal[SIZE_MOST], first_beside[SIZE_MOST];
} data;

/** matrix = H matrix H with the reflection H of a random direction. */
static void mix(uint32_t size, struct sva_random *random)
{
    const size_t stride = sva_symmetric_stride(size);
    double v[SIZE_MOST];
    double square = 0.0;
    for (uint32_t i = 0; i < size; i++) {
        v[i] = made_normal(random);
        square += v[i] * v[i];
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < size; i++) {
            double along = 0.0;
            for (uint32_t j = 0; j < size; j++) {
                along += v[j] * data.matrix[side == 0 ? i * stride + j : j * stride + i];
            }
            for (uint32_t j = 0; j < size; j++) {
                data.matrix[side == 0 ? i * stride + j : j * stride + i] -=
                    2.0 * v[j] * along / square;
            }
        }
    }
}

/** A matrix of eigenvalues 1.5^i, i from -size / 2 on, of which `negative` are below zero. */
static void make(uint32_t size, uint32_t negative, uint32_t seed)
{
    struct sva_random random = made_stream(seed);
    const size_t stride = sva_symmetric_stride(size);
    memset(data.matrix, 0, sizeof data.matrix);
    for (uint32_t i = 0; i < size; i++) {
        data.values[i] = pow(1.5, (double)i - size / 2.0) * (i < negative ? -1.0 : 1.0);
        data.matrix[i * stride + i] = data.values[i];
    }
    for (int times = 0; times < 3 && size > 1; times++) {
        mix(size, &random);
    }
    for (uint32_t i = 0; i < size; i++) { /* alike in both halves, whatever rounding did */
        for (uint32_t j = 0; j < i; j++) {
            data.matrix[i * stride + j] = data.matrix[j * stride + i];
        }
    }
}

/** Eigenvalues of the three diagonals above `bound`, by signs of pivots in long double. */
static uint32_t count_above(uint32_t size, double bound)
{
    uint32_t above = 0;
    long double pivot = 1.0L;
    for (uint32_t i = 0; i < size; i++) {
        const long double beside = i == 0 ? 0.0L : (long double)data.beside[i - 1];
        pivot = (long double)data.diagonal[i] - (long double)bound - beside * beside / pivot;
        pivot = fabsl(pivot) > 0.0L ? pivot : -1e-300L;
        above += pivot > 0.0L ? 1 : 0;
    }
    return above;
}

static void tridiagonalise(uint32_t size)
{
    memcpy(data.work, data.matrix, sizeof data.work);
    sva_tridiagonalise(data.work, size, data.diagonal, data.beside, data.scratch);
}

static void three_diagonals_have_the_eigenvalues_of_the_matrix(void **state)
{
    (void)state;
    for (size_t k = 0; k < SIZES; k++) {
        const uint32_t size = sizes[k];
        make(size, size / 3, (uint32_t)(100 + k));
        tridiagonalise(size);
        const double error = 1e-13 * pow(1.5, size / 2.0);
        for (uint32_t i = 0; i < size; i++) { /* each is where it should be, and alone there */
            const uint32_t more = count_above(size, data.values[i] - error);
            const uint32_t fewer = count_above(size, data.values[i] + error);
            uint32_t expected = 0;
            for (uint32_t j = 0; j < size; j++) {
                expected += data.values[j] > data.values[i] ? 1 : 0;
            }
            assert_true(fewer <= expected && more >= expected + 1);
        }
        assert_true(!(fabs(data.beside[size - 1]) > 0.0));
    }
}

static void bound_lies_below_all_eigenvalues_or_does_not(void **state)
{
    (void)state;
    for (size_t k = 0; k < SIZES; k++) {
        const uint32_t size = sizes[k];
        make(size, 0, (uint32_t)(200 + k));
        const double error = 1e-12 * pow(1.5, size / 2.0);
        const double least = data.values[0];
        assert_true(sva_eigenvalues_above(data.matrix, size, size, least - error, data.work));
        assert_false(sva_eigenvalues_above(data.matrix, size, size, least + error, data.work));
    }
}

static void part_of_a_matrix_is_asked_alone(void **state)
{
    (void)state;
    enum { SIZE = 13, PART = 7 };
    const size_t stride = sva_symmetric_stride(SIZE);
    make(SIZE, 0, 300);
    for (size_t i = PART; i < SIZE; i++) { /* what lies beyond would have pivots below zero */
        data.matrix[i * stride + i] = -1e3;
    }
    assert_true(sva_eigenvalues_above(data.matrix, SIZE, PART, 0.0, data.work));
    assert_false(sva_eigenvalues_above(data.matrix, SIZE, SIZE, 0.0, data.work));
}

static void zero_has_no_eigenvalue_above_zero(void **state)
{
    (void)state;
    memset(data.matrix, 0, sizeof data.matrix);
    tridiagonalise(32);
    for (uint32_t i = 0; i < 32; i++) {
        assert_true(!(fabs(data.diagonal[i]) > 0.0) && !(fabs(data.beside[i]) > 0.0));
    }
    assert_false(sva_eigenvalues_above(data.matrix, 32, 32, 0.0, data.work));
    assert_true(sva_eigenvalues_above(data.matrix, 32, 32, -1.0, data.work));
}

static void every_level_gives_the_same_bits(void **state)
{
    (void)state;
    for (size_t k = 0; k < SIZES; k++) {
        const uint32_t size = sizes[k];
        const size_t bytes = size * sizeof *data.diagonal;
        make(size, 1, (uint32_t)(400 + k));
        for (int level = 0; level <= (int)sva_cpu_best(); level++) {
            assert_true(sva_cpu_use((enum sva_cpu_level)level));
            tridiagonalise(size);
            if (level == 0) {
                memcpy(data.first_diagonal, data.diagonal, bytes);
                memcpy(data.first_beside, data.beside, bytes);
            }
            assert_memory_equal(data.diagonal, data.first_diagonal, bytes);
            assert_memory_equal(data.beside, data.first_beside, bytes);
            memset(data.work, 0, sizeof data.work);
            const bool above = sva_eigenvalues_above(data.matrix, size, size, -2.0, data.work);
            static double first_work[STRIDE_MOST * STRIDE_MOST];
            static bool first_above;
            if (level == 0) {
                memcpy(first_work, data.work, sizeof first_work);
                first_above = above;
            }
            assert_true(above == first_above);
            assert_memory_equal(data.work, first_work, sizeof first_work);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_diagonals_have_the_eigenvalues_of_the_matrix),
        cmocka_unit_test(bound_lies_below_all_eigenvalues_or_does_not),
        cmocka_unit_test(part_of_a_matrix_is_asked_alone),
        cmocka_unit_test(zero_has_no_eigenvalue_above_zero),
        cmocka_unit_test(every_level_gives_the_same_bits),
    };
    return cmocka_run_group_tests_name("symmetric matrices", tests, NULL, NULL);
}

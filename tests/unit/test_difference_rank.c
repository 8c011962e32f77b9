/* SPDX-License-Identifier: Apache-2.0 */
/** Changes of low rank are told from full ones, under the rounding of what is stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/difference_rank.h"
#include "made_prints.h"

/** A matrix and its change: `rank` 0 is full; sizes relative to the weights'. */
struct change {
    uint32_t rows, columns, rank;
    double size;
    enum sva_dtype dtype;
    double column_size; /* every eighth column is so much larger */
};

static float stored(enum sva_dtype dtype, double value)
{
    float rounded = (float)value;
    if (dtype == SVA_DTYPE_BF16) {
        sva_round_bf16(&rounded, 1, &rounded);
    } else if (dtype == SVA_DTYPE_F16) {
        sva_round_f16(&rounded, 1, &rounded);
    }
    return rounded;
}

/** sum of `rank` outer products of normal factors, of unit size; full: normal. */
static double *make_change(const struct change *change, struct sva_random *random)
{
    const size_t cells = (size_t)change->rows * change->columns;
    double *values = sva_calloc(cells, sizeof *values);
    double *right = sva_calloc(change->columns, sizeof *right);
    assert_true(values != NULL && right != NULL);
    for (size_t i = 0; change->rank == 0 && i < cells; i++) {
        values[i] = made_normal(random);
    }
    for (uint32_t k = 0; k < change->rank; k++) {
        for (uint32_t j = 0; j < change->columns; j++) {
            right[j] = made_normal(random) / sqrt((double)change->rank);
        }
        for (uint32_t i = 0; i < change->rows; i++) {
            const double left = made_normal(random);
            for (uint32_t j = 0; j < change->columns; j++) {
                values[(size_t)i * change->columns + j] += left * right[j];
            }
        }
    }
    sva_free(right);
    return values;
}

static uint32_t rank_found(const struct change *change, uint32_t seed)
{
    static const struct sva_rounding none = {.rounds = SVA_DTYPE_F32};
    struct sva_random random = made_stream(seed);
    struct sva_rank_grid grid;
    bool failed = false;
    double *moved = make_change(change, &random);
    assert_true(sva_rank_grid_init(&grid, change->rows, change->columns));
    for (uint32_t i = 0; i < change->rows; i++) {
        float s[SVA_RANK_COLUMNS];
        float r[SVA_RANK_COLUMNS];
        for (uint32_t j = 0; j < change->columns; j++) {
            const double scale = j % 8 == 3 ? change->column_size : 1.0;
            const double apart = 0.02 * change->size * moved[(size_t)i * change->columns + j];
            r[j] = stored(change->dtype, 0.02 * scale * made_normal(&random));
            s[j] = stored(change->dtype, (double)r[j] + apart);
        }
        sva_rank_grid_set_row(&grid, i, &(struct sva_rounded_values){&none, change->dtype, s, NULL},
                              &(struct sva_rounded_values){&none, change->dtype, r, NULL});
    }
    const uint32_t rank = sva_low_rank(&grid, &failed);
    assert_false(failed);
    sva_rank_grid_done(&grid);
    sva_free(moved);
    return rank;
}

static void rank_of_an_adapter_is_found(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {16, 32, 1, 0.1, SVA_DTYPE_F32, 1.0},      {16, 32, 8, 0.1, SVA_DTYPE_F32, 1.0},
        {16, 32, 8, 0.1, SVA_DTYPE_BF16, 1.0},     {16, 32, 4, 0.05, SVA_DTYPE_BF16, 20.0},
        {128, 256, 16, 0.05, SVA_DTYPE_BF16, 1.0}, {128, 256, 64, 0.1, SVA_DTYPE_F16, 20.0},
        {256, 256, 128, 0.1, SVA_DTYPE_BF16, 1.0}, {256, 256, 180, 0.1, SVA_DTYPE_F32, 1.0},
        {128, 64, 16, 0.1, SVA_DTYPE_BF16, 1.0},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const uint32_t rank = rank_found(&changes[i], (uint32_t)(10 + i));
        if (rank != changes[i].rank) {
            fail_msg("case %zu: rank %u, should be %u", i, rank, changes[i].rank);
        }
    }
}

/** One value that flips alone is a matrix of rank one: a few in a thousand; two are asked for. */
static void change_of_full_rank_is_hardly_ever_low_at_any_size(void **state)
{
    (void)state;
    static const double sizes[] = {1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 0.03, 0.1, 0.5};
    static const enum sva_dtype dtypes[] = {SVA_DTYPE_F32, SVA_DTYPE_F16, SVA_DTYPE_BF16};
    size_t wrong = 0;
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            for (uint32_t seed = 0; seed < 40; seed++) {
                const struct change change = {16,       32,        0,
                                              sizes[i], dtypes[d], seed % 2 == 0 ? 1.0 : 20.0};
                const uint32_t rank = rank_found(&change, 1000 + seed);
                wrong += rank > 0 ? 1 : 0;
            }
        }
    }
    print_message("%zu of 1200 changes of full rank are called low\n", wrong);
    assert_true(wrong <= 12);
}

/** A whole grid: some are told by their Gram matrix's pivots, some need its eigenvalues. */
static void rank_beyond_three_quarters_of_the_grid_is_not_low(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {256, 256, 0, 0.1, SVA_DTYPE_BF16, 1.0},   {256, 256, 0, 0.1, SVA_DTYPE_F32, 20.0},
        {256, 256, 0, 0.003, SVA_DTYPE_BF16, 1.0}, {256, 256, 0, 0.01, SVA_DTYPE_BF16, 20.0},
        {256, 256, 0, 0.001, SVA_DTYPE_F16, 1.0},  {256, 256, 220, 0.1, SVA_DTYPE_BF16, 1.0},
        {256, 256, 200, 0.1, SVA_DTYPE_F32, 1.0},  {256, 64, 0, 0.1, SVA_DTYPE_BF16, 1.0},
        {64, 256, 52, 0.1, SVA_DTYPE_BF16, 1.0},   {200, 13, 0, 0.1, SVA_DTYPE_F16, 1.0},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const uint32_t rank = rank_found(&changes[i], (uint32_t)(40 + i));
        if (rank != 0) {
            fail_msg("case %zu: rank %u, should be none", i, rank);
        }
    }
}

static void unknown_rounding_says_nothing(void **state)
{
    (void)state;
    static const struct sva_rounding unknown = {.quantised = true, .floor = NAN};
    struct sva_rank_grid grid;
    bool failed = false;
    assert_true(sva_rank_grid_init(&grid, 4, 8));
    for (uint32_t i = 0; i < 4; i++) {
        const float values[8] = {(float)i, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f};
        const struct sva_rounded_values side = {&unknown, SVA_DTYPE_Q8_0, values, NULL};
        sva_rank_grid_set_row(&grid, i, &side, &side);
    }
    assert_int_equal(sva_low_rank(&grid, &failed), 0);
    assert_false(failed);
    sva_rank_grid_done(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_of_an_adapter_is_found),
        cmocka_unit_test(change_of_full_rank_is_hardly_ever_low_at_any_size),
        cmocka_unit_test(rank_beyond_three_quarters_of_the_grid_is_not_low),
        cmocka_unit_test(unknown_rounding_says_nothing),
    };
    return cmocka_run_group_tests_name("difference rank", tests, NULL, NULL);
}

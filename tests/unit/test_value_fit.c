/* SPDX-License-Identifier: Apache-2.0 */
/* Distance against what rounding explains: theory, ggml's quantisers, lattices, codes without
 * scales. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "compare/noise_floor.h"
#include "compare/value_pairs.h"
#include "compare/value_sides.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"
#include "kernel/random.h"
#include "kernel/rounding.h"

enum { ROWS = SVA_SAMPLE_ROWS, COLUMNS = SVA_SAMPLE_COLUMNS, COUNT = ROWS * COLUMNS };

static struct sva_random stream(uint8_t number)
{
    uint8_t seed[32] = {9, 8, 7, number};
    struct sva_random random;
    sva_random_seed(&random, seed);
    return random;
}

static double uniform(struct sva_random *random)
{
    return ((double)(sva_random_u64(random) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct sva_random *random)
{
    return sqrt(-2.0 * log(uniform(random))) * cos(6.283185307179586 * uniform(random));
}

/** Kinds of weights: normal, heavy-tailed, one value in a hundred eight times as large. */
enum tail { NORMAL, HEAVY, OUTLIERS, TAILS };

static void fill(struct sva_random *random, enum tail tail, float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double x = normal(random);
        if (tail == HEAVY) {
            x *= -log(uniform(random)); /* kurtosis 18 */
        } else if (tail == OUTLIERS && sva_random_below(random, 100) == 0) {
            x *= 8.0;
        }
        values[i] = (float)(0.02 * x);
    }
}

static struct sva_value_fit fit(enum sva_dtype dtype, const float *values, const float *changed)
{
    uint8_t stored[COUNT * 2];
    float back[COUNT];
    float steps[COUNT];
    const struct sva_dtype_info *info = sva_dtype_get(dtype);
    const size_t blocks = COUNT / info->block_elements;
    sva_quantise(dtype, changed, COUNT, stored);
    sva_dequantise(dtype, stored, blocks, back);
    sva_block_steps(dtype, stored, blocks, steps);
    const struct sva_rounding quantised = {
        .quantised = true, .stepped = true, .rounds = SVA_DTYPE_F32};
    const struct sva_rounding plain = {.rounds = SVA_DTYPE_F32};
    const struct sva_fit_input input = {.s = back, .r = values, .s_steps = steps, .count = COUNT};
    struct sva_value_fit result = {0};
    sva_value_fit_add(&result, &quantised, &plain, &input);
    return result;
}

static const enum sva_dtype FORMATS[] = {SVA_DTYPE_Q8_0, SVA_DTYPE_Q4_0, SVA_DTYPE_Q4_1,
                                         SVA_DTYPE_Q5_0, SVA_DTYPE_Q5_1, SVA_DTYPE_MXFP4};

static bool explained_as(enum sva_dtype dtype, const struct sva_value_fit *result)
{
    const struct sva_print_tensor tensor = {.dtype = dtype};
    const struct sva_value_pair pair = {
        .compared = true, .fit = *result, .ratio_most = sva_ratio_most(&tensor)};
    return sva_pair_explained(&pair);
}

static bool explained(const struct sva_value_fit *result)
{
    return explained_as(SVA_DTYPE_F32, result);
}

static void a_copy_by_rounding_is_explained_whatever_the_weights(void **state)
{
    (void)state;
    enum { TRIALS = 200 };
    static float values[COUNT];
    for (size_t f = 0; f < sizeof FORMATS / sizeof *FORMATS; f++) {
        for (int tail = 0; tail < TAILS; tail++) {
            struct sva_random random = stream((uint8_t)(10 * f + (size_t)tail));
            int failed = 0;
            double sum = 0.0;
            for (int trial = 0; trial < TRIALS; trial++) {
                fill(&random, (enum tail)tail, values, COUNT);
                const struct sva_value_fit result = fit(FORMATS[f], values, values);
                failed += explained_as(FORMATS[f], &result) ? 0 : 1;
                sum += sva_fit_ratio(&result);
                assert_true(sva_fit_within(&result) > 0.95);
            }
            assert_int_equal(failed, 0);
            assert_true(sum / TRIALS > SVA_ROUNDING_RATIO_LEAST && sum / TRIALS < 1.06);
        }
    }
}

static void a_change_of_the_size_of_the_rounding_is_not_explained(void **state)
{
    (void)state;
    enum { TRIALS = 100 };
    static float values[COUNT], changed[COUNT];
    for (size_t f = 0; f < sizeof FORMATS / sizeof *FORMATS; f++) {
        struct sva_random random = stream((uint8_t)(100 + f));
        int missed = 0;
        int above_hidden = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            fill(&random, NORMAL, values, COUNT);
            const struct sva_value_fit pure = fit(FORMATS[f], values, values);
            const double change = sva_fit_expected(&pure);
            for (size_t i = 0; i < COUNT; i++) {
                changed[i] = values[i] + (float)(0.02 * change * normal(&random));
            }
            const struct sva_value_fit result = fit(FORMATS[f], values, changed);
            missed += explained_as(FORMATS[f], &result) ? 1 : 0;
            above_hidden += change <= sva_fit_hidden(&result, SVA_ROUNDING_RATIO_LEAST) ? 0 : 1;
        }
        assert_true(missed <= 1);
        assert_int_equal(above_hidden, 0); /* what could hide is never said to be too small */
    }
}

static void rounding_to_16_bits_is_explained_and_equal_types_are_not(void **state)
{
    (void)state;
    static float values[COUNT], rounded[COUNT], nudged[COUNT];
    struct sva_random random = stream(50);
    fill(&random, NORMAL, values, COUNT);
    sva_round_bf16(values, COUNT, rounded);
    struct sva_print_tensor bf16 = {.dtype = SVA_DTYPE_BF16};
    struct sva_print_tensor f32 = {.dtype = SVA_DTYPE_F32};
    struct sva_rounding a = sva_rounding_of(&bf16, &f32, false);
    struct sva_rounding b = sva_rounding_of(&f32, &bf16, false);
    struct sva_fit_input input = {.s = rounded, .r = values, .count = COUNT};
    struct sva_value_fit result = {0};
    sva_value_fit_add(&result, &a, &b, &input);
    assert_true(explained(&result));
    assert_near(sva_fit_ratio(&result), 1.0, 0.1);
    assert_near(sva_fit_distance(&result), sva_noise_floor(SVA_DTYPE_BF16), 0.0002);
    assert_near(sva_fit_within(&result), 1.0, 1e-12);
    /* one grid: the smallest difference is a change */
    for (size_t i = 0; i < COUNT; i++) {
        nudged[i] = rounded[i] * (i % 7 == 0 ? 1.0078125f : 1.0f);
    }
    a = sva_rounding_of(&bf16, &bf16, false);
    result = (struct sva_value_fit){0};
    input.s = nudged;
    input.r = rounded;
    sva_value_fit_add(&result, &a, &a, &input);
    assert_false(explained(&result));
    assert_true(isnan(sva_fit_ratio(&result)));
}

static void steps_of_floats_follow_their_exponent(void **state)
{
    (void)state;
    assert_near(sva_float_step(SVA_DTYPE_BF16, 1.0), 0.0078125, 0.0);
    assert_near(sva_float_step(SVA_DTYPE_BF16, -1.99), 0.0078125, 0.0);
    assert_near(sva_float_step(SVA_DTYPE_F16, 0.5), 0.00048828125, 0.0);
    assert_near(sva_float_step(SVA_DTYPE_F16, 0.0), 5.9604644775390625e-8, 0.0);
    assert_near(sva_float_step(SVA_DTYPE_F8_E4M3, 17.0), 2.0, 0.0);
    assert_near(sva_float_step(SVA_DTYPE_F32, 1.0), 0.0, 0.0);
}

static void unknown_steps_take_the_measured_floor(void **state)
{
    (void)state;
    static float values[COUNT], noisy[COUNT];
    struct sva_random random = stream(51);
    const struct sva_print_tensor iq = {.dtype = SVA_DTYPE_IQ2_XXS};
    const struct sva_print_tensor ternary = {.dtype = SVA_DTYPE_TQ2_0};
    const struct sva_print_tensor f32 = {.dtype = SVA_DTYPE_F32};
    const struct sva_rounding plain = sva_rounding_of(&f32, &iq, false);
    struct sva_rounding side = sva_rounding_of(&iq, &f32, false);
    float steps[COUNT];
    const struct sva_fit_input input = {.s = noisy, .r = values, .s_steps = steps, .count = COUNT};
    for (size_t i = 0; i < COUNT; i++) {
        steps[i] = (float)sva_floor_step(side.floor, 0.0004);
    }
    assert_true(side.quantised && !side.stepped);
    fill(&random, NORMAL, values, COUNT);
    for (int far = 0; far < 2; far++) {
        struct sva_value_fit result = {0};
        for (size_t i = 0; i < COUNT; i++) {
            noisy[i] = values[i] + (float)(0.02 * (far != 0 ? 1.0 : 0.35) * normal(&random));
        }
        sva_value_fit_add(&result, &side, &plain, &input);
        assert_true(isnan(sva_fit_within(&result)));
        assert_int_equal(explained(&result), far == 0);
    }
    side = sva_rounding_of(&ternary, &f32, false);
    struct sva_value_fit result = {0};
    sva_value_fit_add(&result, &side, &plain, &input);
    assert_true(isnan(sva_fit_expected(&result)) && !explained(&result));
}

static void a_lattice_is_found_where_there_is_one_only(void **state)
{
    (void)state;
    struct sva_random random = stream(52);
    float row[COLUMNS];
    float half[COLUMNS];
    int found = 0;
    for (int trial = 0; trial < 20000; trial++) {
        fill(&random, (enum tail)(trial % TAILS), row, COLUMNS);
        found += sva_lattice_step(row, COLUMNS, 1) > 0.0 ? 1 : 0;
        sva_round_bf16(row, COLUMNS, half);
        found += sva_lattice_step(half, COLUMNS, 1) > 0.0 ? 1 : 0;
    }
    assert_int_equal(found, 0);
    for (int trial = 0; trial < 200; trial++) {
        const double step = 1e-4 * (1.0 + uniform(&random));
        for (int i = 0; i < COLUMNS; i++) {
            row[i] = (float)(step * ((double)sva_random_below(&random, 255) - 127.0));
        }
        const double guess = sva_lattice_step(row, COLUMNS, 1);
        assert_true(guess > 0.0);
        /* a coarser lattice of which all values happen to be points is as good */
        assert_near(guess / step, floor(guess / step + 0.5), 0.01);
    }
    for (int i = 0; i < COLUMNS; i++) {
        row[i] = i % 5 == 0 ? 0.5f : 0.0f; /* too few sizes to tell */
    }
    assert_near(sva_lattice_step(row, COLUMNS, 1), 0.0, 0.0);
}

/** int8 with a scale for every row or every column, as codes or multiplied out. */
static void make_int8(const float *values, bool by_columns, float *codes, float *multiplied)
{
    for (size_t i = 0; i < COUNT; i++) {
        double most = 0.0;
        for (size_t j = 0; j < COUNT; j++) {
            const bool same = by_columns ? j % COLUMNS == i % COLUMNS : j / COLUMNS == i / COLUMNS;
            most = same && fabs((double)values[j]) > most ? fabs((double)values[j]) : most;
        }
        const double scale = most / 127.0;
        codes[i] = (float)floor((double)values[i] / scale + 0.5);
        multiplied[i] = (float)(scale * (double)codes[i]);
    }
}

static void int8_without_its_scale_is_laid_beside_its_source(void **state)
{
    (void)state;
    static float values[COUNT], codes[COUNT], multiplied[COUNT], other[COUNT];
    static struct sva_sides sides;
    struct sva_random random = stream(53);
    const struct sva_print_tensor f32 = {.dtype = SVA_DTYPE_F32, .n = {64, 64, 1}};
    const struct sva_print_tensor i8 = {.dtype = SVA_DTYPE_I8, .n = {64, 64, 1}};
    const struct sva_value_samples source = {ROWS, COLUMNS, values, NULL};
    fill(&random, NORMAL, values, COUNT);
    fill(&random, NORMAL, other, COUNT);
    for (int by_columns = 0; by_columns < 2; by_columns++) {
        make_int8(values, by_columns != 0, codes, multiplied);
        for (int form = 0; form < 2; form++) {
            const struct sva_value_samples stored = {ROWS, COLUMNS, form == 0 ? codes : multiplied,
                                                     NULL};
            const struct sva_value_samples unlike = {ROWS, COLUMNS, other, NULL};
            const struct sva_value_samples *against[2] = {&source, &unlike};
            for (int which = 0; which < 2; which++) {
                sva_sides_init(&sides, form == 0 ? &i8 : &f32, &stored, &f32, against[which]);
                assert_int_equal(sides.rows, ROWS);
                assert_true(sides.s.rounding.quantised && sides.s.rounding.stepped);
                assert_false(sides.r.rounding.quantised);
                const struct sva_fit_input input = {.s = sides.s.values,
                                                    .r = sides.r.values,
                                                    .s_steps = sides.s.steps,
                                                    .count = COUNT};
                struct sva_value_fit result = {0};
                sva_value_fit_add(&result, &sides.s.rounding, &sides.r.rounding, &input);
                assert_int_equal(explained(&result), which == 0);
            }
        }
    }
}

static void unlike_shapes_are_not_laid_side_by_side(void **state)
{
    (void)state;
    static float values[COUNT];
    static struct sva_sides sides;
    const struct sva_print_tensor a = {.dtype = SVA_DTYPE_F32, .n = {64, 64, 1}};
    const struct sva_print_tensor b = {.dtype = SVA_DTYPE_F32, .n = {64, 32, 1}};
    const struct sva_value_samples some = {ROWS, COLUMNS, values, NULL};
    const struct sva_value_samples none = {0};
    const struct sva_value_samples hostile = {1000, 1000, values, NULL};
    sva_sides_init(&sides, &a, &some, &b, &some);
    assert_int_equal(sides.rows, 0);
    sva_sides_init(&sides, &a, &none, &a, &none);
    assert_int_equal(sides.rows, 0);
    sva_sides_init(&sides, &a, &hostile, &a, &hostile);
    assert_int_equal(sides.rows, 0);
}

/** The n-th hex string behind "key" in the golden file; false when there is none. */
static bool golden_row(const char *text, const char *key, int n, uint8_t *bytes, size_t size)
{
    char quoted[32];
    (void)snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char *at = strstr(text, quoted);
    for (int i = 0; at != NULL && i <= n; i++) {
        at = strchr(i == 0 ? strchr(at, '[') : strchr(at + 1, ','), '"');
    }
    return at != NULL && sva_unhex(at + 1, 2 * size, bytes, size);
}

/* Rows 0 and 1 of the golden file are normal; rows 2 and 3 are a lone outlier and a ramp. */
static void ggml_stays_within_what_is_allowed_for_it(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        enum sva_dtype dtype;
    } types[] = {
        {"q4_0", SVA_DTYPE_Q4_0},   {"q4_1", SVA_DTYPE_Q4_1},     {"q5_0", SVA_DTYPE_Q5_0},
        {"q5_1", SVA_DTYPE_Q5_1},   {"q8_0", SVA_DTYPE_Q8_0},     {"q2_K", SVA_DTYPE_Q2_K},
        {"q3_K", SVA_DTYPE_Q3_K},   {"q4_K", SVA_DTYPE_Q4_K},     {"q5_K", SVA_DTYPE_Q5_K},
        {"q6_K", SVA_DTYPE_Q6_K},   {"iq4_nl", SVA_DTYPE_IQ4_NL}, {"iq4_xs", SVA_DTYPE_IQ4_XS},
        {"mxfp4", SVA_DTYPE_MXFP4}, {"nvfp4", SVA_DTYPE_NVFP4}};
    enum { LENGTH = 256 };
    uint8_t *text = NULL;
    size_t size = 0;
    if (sva_read_file(SVA_SHARED_DIR "/data/formats/ggml_quant_golden.json", 4u << 20, &text, &size,
                      NULL) != SVA_OK) {
        skip();
    }
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        const struct sva_dtype_info *info = sva_dtype_get(types[t].dtype);
        const size_t blocks = LENGTH / info->block_elements;
        for (int row = 0; row < 4; row++) {
            uint8_t bits[4 * LENGTH];
            uint8_t stored[2 * LENGTH];
            float source[LENGTH], back[LENGTH], steps[LENGTH];
            assert_true(
                golden_row((const char *)text, "input_f32_bits_rows", row, bits, sizeof bits));
            assert_true(golden_row((const char *)text, types[t].key, row, stored,
                                   blocks * info->block_bytes));
            for (size_t i = 0; i < LENGTH; i++) {
                const uint32_t word = (uint32_t)bits[4 * i] << 24 |
                                      (uint32_t)bits[4 * i + 1] << 16 |
                                      (uint32_t)bits[4 * i + 2] << 8 | bits[4 * i + 3];
                memcpy(&source[i], &word, sizeof word);
            }
            sva_dequantise(types[t].dtype, stored, blocks, back);
            sva_block_steps(types[t].dtype, stored, blocks, steps);
            const struct sva_rounding codes = {
                .quantised = true, .stepped = true, .rounds = SVA_DTYPE_F32};
            const struct sva_rounding plain = {.rounds = SVA_DTYPE_F32};
            const struct sva_fit_input input = {
                .s = back, .r = source, .s_steps = steps, .count = LENGTH};
            struct sva_value_fit result = {0};
            sva_value_fit_add(&result, &codes, &plain, &input);
            const double ratio = sva_fit_ratio(&result);
            if (row < 2) {
                assert_true(ratio > SVA_ROUNDING_RATIO_LEAST && ratio < 1.03);
                assert_true(sva_fit_within(&result) > 0.98);
                assert_true(explained(&result));
            }
            if (row == 3 && result.distance > 0.0) {
                assert_true(ratio < SVA_ROUNDING_RATIO_MOST);
            }
        }
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_by_rounding_is_explained_whatever_the_weights),
        cmocka_unit_test(a_change_of_the_size_of_the_rounding_is_not_explained),
        cmocka_unit_test(rounding_to_16_bits_is_explained_and_equal_types_are_not),
        cmocka_unit_test(steps_of_floats_follow_their_exponent),
        cmocka_unit_test(unknown_steps_take_the_measured_floor),
        cmocka_unit_test(a_lattice_is_found_where_there_is_one_only),
        cmocka_unit_test(int8_without_its_scale_is_laid_beside_its_source),
        cmocka_unit_test(unlike_shapes_are_not_laid_side_by_side),
        cmocka_unit_test(ggml_stays_within_what_is_allowed_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Cosines between hidden neurons, and the permutation test of pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "approx.h"
#include "base/cpu.h"
#include "base/memory.h"
#include "compare/neuron_match.h"
#include "fingerprint/strong_neurons.h"
#include "kernel/pair_permutation.h"
#include "kernel/permutation.h"
#include "kernel/random.h"

enum { WIDTH = 48, NEURONS = 80 };

static struct sva_random stream(uint8_t seed)
{
    struct sva_random random;
    sva_random_seed(&random, (const uint8_t[32]){seed});
    return random;
}

static double uniform(struct sva_random *random)
{
    return (double)sva_random_below(random, 1u << 30) / (double)(1u << 30) * 2.0 - 1.0;
}

static void fill(struct sva_random *random, float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)uniform(random);
    }
}

/** Orthonormal rows by Gram and Schmidt. */
static void random_rotation(struct sva_random *random, double q[WIDTH][WIDTH])
{
    for (int i = 0; i < WIDTH; i++) {
        for (int j = 0; j < WIDTH; j++) {
            q[i][j] = uniform(random);
        }
        for (int k = 0; k < i; k++) {
            double along = 0.0;
            for (int j = 0; j < WIDTH; j++) {
                along += q[i][j] * q[k][j];
            }
            for (int j = 0; j < WIDTH; j++) {
                q[i][j] -= along * q[k][j];
            }
        }
        double norm = 0.0;
        for (int j = 0; j < WIDTH; j++) {
            norm += q[i][j] * q[i][j];
        }
        for (int j = 0; j < WIDTH; j++) {
            q[i][j] /= sqrt(norm);
        }
    }
}

/** The cosines of a matrix of neurons x width; `transposed`: handed in as width x neurons. */
static struct sva_gram gram_of(const float *matrix, const float *gain, bool centred,
                               bool transposed)
{
    const struct sva_view view = {
        .n = {transposed ? WIDTH : NEURONS, transposed ? NEURONS : WIDTH, 1},
        .axis = {transposed ? SVA_AXIS_RESIDUAL : SVA_AXIS_NEURON,
                 transposed ? SVA_AXIS_NEURON : SVA_AXIS_RESIDUAL},
        .role = transposed ? SVA_ROLE_FFN_DOWN : SVA_ROLE_FFN_GATE,
        .layer = 0,
        .expert = -1};
    struct sva_gram_plan plan;
    struct sva_gram gram = {0};
    assert_true(sva_gram_plan_init(&plan, &view));
    assert_int_equal(plan.blocks, NEURONS / SVA_GRAM_UNITS);
    plan.gain = gain;
    plan.centred = centred;
    for (uint64_t line = 0; line < view.n[0]; line++) { /* in two pieces */
        const float *values = matrix + line * view.n[1];
        sva_gram_line(&plan, 0, line, 0, values, 7);
        sva_gram_line(&plan, 0, line, 7, values + 7, (size_t)view.n[1] - 7);
    }
    assert_true(sva_gram_finish(&plan, &gram));
    sva_gram_plan_done(&plan);
    return gram;
}

static void gram_done(struct sva_gram *gram)
{
    sva_free((void *)(uintptr_t)gram->cosines);
    sva_free((void *)(uintptr_t)gram->directions);
}

/** Largest difference of two sets of cosines, in their units of 1/(256 sqrt(width)). */
static int farthest(const struct sva_gram *a, const struct sva_gram *b)
{
    int most = 0;
    assert_int_equal(a->blocks, b->blocks);
    for (size_t i = 0; i < (size_t)a->blocks * SVA_GRAM_PAIRS; i++) {
        const int apart = abs(a->cosines[i] - b->cosines[i]);
        most = apart > most ? apart : most;
    }
    return most;
}

static void cosines_do_not_see_a_rotation_or_where_a_gain_is(void **state)
{
    (void)state;
    static float matrix[NEURONS * WIDTH], changed[NEURONS * WIDTH];
    static double q[WIDTH][WIDTH];
    float gain[WIDTH];
    struct sva_random random = stream(1);
    fill(&random, matrix, NEURONS * WIDTH);
    fill(&random, gain, WIDTH);
    random_rotation(&random, q);
    struct sva_gram original = gram_of(matrix, gain, false, false);
    struct sva_gram without = gram_of(matrix, NULL, false, false);
    for (size_t n = 0; n < NEURONS; n++) { /* gain folded, then rotated, then each row scaled */
        for (size_t i = 0; i < WIDTH; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < WIDTH; j++) {
                sum += (double)matrix[n * WIDTH + j] * (double)gain[j] * q[i][j];
            }
            changed[n * WIDTH + i] = (float)(sum * (0.5 + (double)n));
        }
    }
    struct sva_gram rotated = gram_of(changed, NULL, false, false);
    assert_in_range(farthest(&original, &rotated), 0, 1);
    assert_true(farthest(&original, &without) > 100);
    gram_done(&original);
    gram_done(&without);
    gram_done(&rotated);
}

static void cosines_are_the_same_from_either_layout(void **state)
{
    (void)state;
    static float matrix[NEURONS * WIDTH], turned[NEURONS * WIDTH];
    struct sva_random random = stream(2);
    fill(&random, matrix, NEURONS * WIDTH);
    for (size_t n = 0; n < NEURONS; n++) {
        for (size_t j = 0; j < WIDTH; j++) {
            turned[j * NEURONS + n] = matrix[n * WIDTH + j];
        }
    }
    struct sva_gram a = gram_of(matrix, NULL, false, false);
    struct sva_gram b = gram_of(turned, NULL, false, true);
    assert_int_equal(farthest(&a, &b), 0);
    gram_done(&a);
    gram_done(&b);
}

static void a_layer_norm_takes_the_mean_away(void **state)
{
    (void)state;
    static float matrix[NEURONS * WIDTH], shifted[NEURONS * WIDTH];
    struct sva_random random = stream(3);
    fill(&random, matrix, NEURONS * WIDTH);
    for (size_t i = 0; i < NEURONS * WIDTH; i++) {
        shifted[i] = matrix[i] + 0.25f * (float)(i / WIDTH % 5);
    }
    struct sva_gram a = gram_of(matrix, NULL, true, false);
    struct sva_gram b = gram_of(shifted, NULL, true, false);
    struct sva_gram seen = gram_of(shifted, NULL, false, false);
    assert_in_range(farthest(&a, &b), 0, 1);
    assert_true(farthest(&a, &seen) > 100);
    gram_done(&a);
    gram_done(&b);
    gram_done(&seen);
}

static void directions_are_over_neurons_and_do_not_see_a_rotation(void **state)
{
    (void)state;
    static float matrix[NEURONS * WIDTH], rotated[NEURONS * WIDTH];
    static double q[WIDTH][WIDTH];
    struct sva_random random = stream(4);
    float along[WIDTH], size[NEURONS];
    fill(&random, matrix, NEURONS * WIDTH);
    fill(&random, along, WIDTH);
    fill(&random, size, NEURONS);
    random_rotation(&random, q);
    for (size_t i = 0; i < NEURONS * WIDTH; i++) {
        matrix[i] += 3.0f * size[i / WIDTH] * along[i % WIDTH];
    }
    for (size_t n = 0; n < NEURONS; n++) {
        for (size_t i = 0; i < WIDTH; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < WIDTH; j++) {
                sum += (double)matrix[n * WIDTH + j] * q[i][j];
            }
            rotated[n * WIDTH + i] = (float)sum;
        }
    }
    struct sva_gram a = gram_of(matrix, NULL, false, false);
    struct sva_gram b = gram_of(rotated, NULL, false, false);
    assert_true(a.leading >= 1);
    assert_int_equal(a.leading, b.leading);
    double ab = 0.0, aa = 0.0, bb = 0.0;
    for (uint32_t u = 0; u < sva_gram_direction_units(a.blocks); u++) {
        ab += (double)a.directions[u] * b.directions[u];
        aa += (double)a.directions[u] * a.directions[u];
        bb += (double)b.directions[u] * b.directions[u];
    }
    assert_true(ab * ab / (aa * bb) > 0.999);
    gram_done(&a);
    gram_done(&b);
}

static void what_is_no_hidden_layer_has_no_cosines(void **state)
{
    (void)state;
    const struct sva_view few = {.n = {SVA_GRAM_UNITS - 1, WIDTH, 1},
                                 .axis = {SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL},
                                 .role = SVA_ROLE_FFN_GATE,
                                 .expert = -1};
    struct sva_view other = few;
    struct sva_gram_plan plan;
    assert_true(sva_gram_plan_init(&plan, &few));
    assert_int_equal(plan.blocks, 0);
    other.n[0] = NEURONS;
    other.role = SVA_ROLE_ATTN_V;
    assert_true(sva_gram_plan_init(&plan, &other));
    assert_int_equal(plan.blocks, 0);
    other.role = SVA_ROLE_FFN_GATE;
    other.n[0] = (uint64_t)1 << 40; /* a hostile shape */
    assert_true(sva_gram_plan_init(&plan, &other));
    assert_int_equal(plan.blocks, 0);
}

enum { MANY = 200 };

/** Cosines of the longest rows of a matrix of MANY x WIDTH. */
static struct sva_strong_neurons strong_of(const float *matrix)
{
    const struct sva_view view = {.n = {MANY, WIDTH, 1},
                                  .axis = {SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL},
                                  .role = SVA_ROLE_FFN_GATE,
                                  .expert = -1};
    struct sva_gram_plan gram;
    struct sva_strong_plan plan;
    struct sva_strong_neurons strong = {0};
    struct sva_barcodes barcodes = {0};
    assert_true(sva_gram_plan_init(&gram, &view));
    assert_true(sva_strong_plan_init(&plan, &view, 0, &gram));
    for (uint64_t line = 0; line < MANY; line++) {
        sva_strong_line(&plan, &gram, line, 0, matrix + line * WIDTH, WIDTH);
    }
    assert_true(sva_strong_finish(&plan, &gram, &strong, &barcodes));
    assert_int_equal(barcodes.units, 0); /* without landmarks */
    assert_int_equal(strong.count, SVA_STRONG_NEURONS);
    sva_strong_plan_done(&plan);
    sva_gram_plan_done(&gram);
    return strong;
}

static void strong_done(struct sva_strong_neurons *strong)
{
    sva_free((void *)(uintptr_t)strong->cosines);
    sva_free((void *)(uintptr_t)strong->directions);
}

/** Rows of several lengths that share one direction, as trained ones do. */
static void fill_trained(struct sva_random *random, float *matrix)
{
    float along[WIDTH];
    fill(random, matrix, (size_t)MANY * WIDTH);
    fill(random, along, WIDTH);
    for (size_t n = 0; n < MANY; n++) {
        const float size = 1.0f + 0.5f * (float)uniform(random);
        const float share = 2.0f * (float)uniform(random);
        for (size_t j = 0; j < WIDTH; j++) {
            matrix[n * WIDTH + j] = size * (matrix[n * WIDTH + j] + share * along[j]);
        }
    }
}

static void renumbered_neurons_of_a_turned_stream_are_matched(void **state)
{
    (void)state;
    static float matrix[MANY * WIDTH], hidden[MANY * WIDTH], stranger[MANY * WIDTH];
    static double q[WIDTH][WIDTH];
    uint32_t place[MANY], order[SVA_STRONG_NEURONS];
    struct sva_random random = stream(7);
    fill_trained(&random, matrix);
    fill_trained(&random, stranger);
    random_rotation(&random, q);
    sva_random_permutation(&random, place, MANY);
    for (size_t n = 0; n < MANY; n++) {
        for (size_t i = 0; i < WIDTH; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < WIDTH; j++) {
                const double noise = 0.01 * uniform(&random);
                sum += ((double)matrix[n * WIDTH + j] + noise) * q[i][j];
            }
            hidden[place[n] * WIDTH + i] = (float)sum;
        }
    }
    struct sva_strong_neurons a = strong_of(matrix);
    struct sva_strong_neurons b = strong_of(hidden);
    struct sva_strong_neurons c = strong_of(stranger);
    assert_true(sva_match_neurons(a.cosines, b.cosines, order) > 0.9);
    assert_true(sva_match_neurons(a.cosines, c.cosines, order) < 0.4);
    strong_done(&a);
    strong_done(&b);
    strong_done(&c);
}

enum { UNITS = 6 };

static void fill_symmetric(struct sva_random *random, int16_t *matrix, uint32_t units)
{
    memset(matrix, 0, units * units * sizeof *matrix);
    for (uint32_t i = 0; i < units; i++) {
        for (uint32_t j = i + 1; j < units; j++) {
            const int16_t value = (int16_t)((int)sva_random_below(random, 301) - 100);
            matrix[i * units + j] = value;
            matrix[j * units + i] = value;
        }
    }
}

static double trace_of(const struct sva_pair_matrices *pair, const uint32_t *order)
{
    double sum = 0.0;
    for (uint32_t f = 0; f < pair->features; f++) {
        for (uint32_t i = 0; i < pair->units; i++) {
            for (uint32_t j = i + 1; j < pair->units; j++) {
                sum += (double)pair->subject[f][i * pair->units + j] *
                       (double)pair->reference[f][order[i] * pair->units + order[j]];
            }
        }
    }
    return sum;
}

static void moments_agree_with_full_enumeration(void **state)
{
    (void)state;
    int16_t matrices[4][UNITS * UNITS];
    struct sva_random random = stream(5);
    for (int i = 0; i < 4; i++) {
        fill_symmetric(&random, matrices[i], UNITS);
    }
    const struct sva_pair_matrices pair = {
        UNITS, 2, {matrices[0], matrices[1]}, {matrices[2], matrices[3]}};
    uint32_t order[UNITS] = {0, 1, 2, 3, 4, 5};
    uint32_t counter[UNITS] = {0};
    const struct sva_pair_moments moments = sva_pair_moments(&pair);
    assert_near(moments.observed, trace_of(&pair, order), 1e-9);
    double sum = moments.observed;
    double squares = moments.observed * moments.observed;
    double total = 1.0;
    for (uint32_t level = 1; level < UNITS;) { /* Heap's algorithm */
        if (counter[level] < level) {
            const uint32_t other = level % 2 == 0 ? 0 : counter[level];
            const uint32_t swapped = order[other];
            order[other] = order[level];
            order[level] = swapped;
            const double trace = trace_of(&pair, order);
            sum += trace;
            squares += trace * trace;
            total += 1.0;
            counter[level]++;
            level = 1;
        } else {
            counter[level++] = 0;
        }
    }
    assert_near(total, 720.0, 0.0);
    assert_near(moments.mean, sum / total, 1e-6);
    assert_near(moments.variance, squares / total - sum / total * (sum / total),
                1e-9 * squares / total);
}

static void p_is_uniform_under_independence_and_small_for_a_copy(void **state)
{
    (void)state;
    enum { TRIALS = 400, LARGE = 16 };
    int16_t subject[LARGE * LARGE], reference[LARGE * LARGE];
    struct sva_random random = stream(6);
    size_t below[2] = {0, 0};
    for (int trial = 0; trial < TRIALS; trial++) {
        fill_symmetric(&random, subject, LARGE);
        fill_symmetric(&random, reference, LARGE);
        const struct sva_pair_matrices pair = {LARGE, 1, {subject}, {reference}};
        const double log10_p = sva_pairs_log10_p(&pair, 1, 199, &random, NULL);
        below[0] += log10_p <= -1.0 ? 1 : 0;
        below[1] += log10_p <= log10(0.5) ? 1 : 0;
    }
    assert_in_range(below[0], TRIALS / 10 - 20, TRIALS / 10 + 20); /* 3.3 standard errors */
    assert_in_range(below[1], TRIALS / 2 - 35, TRIALS / 2 + 35);
    const struct sva_pair_matrices copy = {LARGE, 1, {subject}, {subject}};
    assert_near(sva_pairs_log10_p(&copy, 1, 999, &random, NULL), -3.0, 1e-12);
}

static void draws_are_the_same_on_every_level(void **state)
{
    (void)state;
    enum { FEATURES = 3, SIZE = SVA_GRAM_UNITS * SVA_GRAM_UNITS };
    const uint32_t draws = SVA_EXCEEDANCES - 1; /* so that no run stops before them */
    static int16_t values[2 * FEATURES][SIZE];
    struct sva_pair_matrices part = {.units = SVA_GRAM_UNITS, .features = FEATURES};
    const enum sva_cpu_level used = sva_cpu_level();
    struct sva_random random = stream(7);
    for (int round = 0; round < 20; round++) {
        for (int f = 0; f < 2 * FEATURES; f++) {
            fill_symmetric(&random, values[f], SVA_GRAM_UNITS);
            for (int at = 0; round == 0 && at < SIZE; at++) { /* as large as can be */
                values[f][at] = (int16_t)(at % (SVA_GRAM_UNITS + 1) == 0 ? 0 : -2047);
            }
            *(f < FEATURES ? &part.subject[f] : &part.reference[f - FEATURES]) = values[f];
        }
        const struct sva_pair_moments moments = sva_pair_moments(&part);
        const double variance = round == 0 ? moments.mean * moments.mean : moments.variance;
        struct sva_draw_tally expected = {.series = 0};
        struct sva_random plain = random;
        sva_tally_begin(&expected, 0.0, variance, moments.observed);
        for (uint32_t draw = 0; draw < draws; draw++) {
            uint32_t order[SVA_GRAM_UNITS];
            sva_random_permutation(&plain, order, SVA_GRAM_UNITS);
            sva_tally_add(&expected, trace_of(&part, order));
        }
        for (int level = SVA_CPU_BASELINE; level < SVA_CPU_LEVELS; level++) {
            struct sva_draw_tally tally = {.series = 0};
            struct sva_random own = random;
            if (sva_cpu_use((enum sva_cpu_level)level)) {
                sva_tally_begin(&tally, 0.0, variance, moments.observed);
                (void)sva_pairs_log10_p(&part, 1, draws, &own, &tally);
                assert_memory_equal(&tally, &expected, sizeof tally);
                assert_memory_equal(own.state, plain.state, sizeof own.state);
            }
        }
    }
    assert_true(sva_cpu_use(used));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cosines_do_not_see_a_rotation_or_where_a_gain_is),
        cmocka_unit_test(cosines_are_the_same_from_either_layout),
        cmocka_unit_test(a_layer_norm_takes_the_mean_away),
        cmocka_unit_test(directions_are_over_neurons_and_do_not_see_a_rotation),
        cmocka_unit_test(what_is_no_hidden_layer_has_no_cosines),
        cmocka_unit_test(renumbered_neurons_of_a_turned_stream_are_matched),
        cmocka_unit_test(moments_agree_with_full_enumeration),
        cmocka_unit_test(p_is_uniform_under_independence_and_small_for_a_copy),
        cmocka_unit_test(draws_are_the_same_on_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The trainer of fixtures/trained: gradients against finite differences, learning, determinism. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "base/cpu.h"
#include "rng.h"
#include "scratch.h"
#include "tiny_decoder.h"
#include "tiny_language.h"
#include "tiny_parts.h"
#include "tiny_training.h"

enum { BATCH = 2, CONTEXT = 7 };

static struct sva_fixture_shape checked_shape(void)
{
    struct sva_fixture_shape shape = sva_tiny_shape_default();
    shape.width = 24;
    shape.heads = 4;
    shape.kv_heads = 2;
    shape.hidden = 20;
    shape.layers = 2;
    return shape;
}

/* Moves one tensor by `step` along `direction`. */
static void move(struct sva_network_tensor *tensor, const float *direction, double step)
{
    for (size_t i = 0; i < tensor->rows * tensor->columns; ++i) {
        tensor->values[i] += (float)(step * (double)direction[i]);
    }
}

/* The slope of the loss along a direction, by central differences of fourth order. */
static double slope(struct sva_tiny_decoder *decoder, struct sva_network_tensor *tensor,
                    const float *direction, const uint16_t *text)
{
    static const double places[] = {-2, -1, 1, 2};
    static const double weights[] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    const double step = 0.02;
    const size_t count = (size_t)(tensor->rows * tensor->columns);
    float *const kept = sva_scratch_new(count, sizeof *kept);
    memcpy(kept, tensor->values, count * sizeof *kept);
    double sum = 0;
    for (size_t i = 0; i < 4; ++i) {
        move(tensor, direction, places[i] * step);
        sum += weights[i] * sva_tiny_decoder_loss(decoder, text);
        memcpy(tensor->values, kept, count * sizeof *kept);
    }
    sva_free(kept);
    return sum / step;
}

/* Unit vector: half of it along the gradient (so that the slope is no rounding), half random. */
static double draw_direction(const struct sva_tiny_tensor *tensor, const float *gradient,
                             struct sva_rng *rng, float *direction)
{
    const size_t count = tensor->rows * tensor->columns;
    double size = 0;
    double total = 0;
    double expected = 0;
    for (size_t i = 0; i < count; ++i) {
        size += (double)gradient[i] * (double)gradient[i];
    }
    for (size_t i = 0; i < count; ++i) {
        direction[i] = (float)((double)gradient[i] / sva_rng_sqrt(size) +
                               sva_rng_normal(rng) / sva_rng_sqrt((double)count));
        total += (double)direction[i] * (double)direction[i];
    }
    for (size_t i = 0; i < count; ++i) {
        direction[i] = (float)((double)direction[i] / sva_rng_sqrt(total));
        expected += (double)direction[i] * (double)gradient[i];
    }
    return expected;
}

static void gradients_are_slopes_of_the_loss(void **state)
{
    (void)state;
    const struct sva_fixture_shape shape = checked_shape();
    struct sva_network *const network = sva_tiny_start(&shape, 1, 0.15);
    struct sva_tiny_decoder *const decoder = sva_tiny_decoder_new(network, BATCH, CONTEXT);
    struct sva_rng rng;
    uint16_t text[BATCH * (CONTEXT + 1)];
    sva_rng_init(&rng, 2, "gradients");
    for (size_t i = 0; i < BATCH * (CONTEXT + 1); ++i) {
        text[i] = (uint16_t)sva_rng_below(&rng, 20);
    }
    (void)sva_tiny_decoder_loss(decoder, text);
    sva_tiny_decoder_gradients(decoder);
    for (size_t t = 0; t < decoder->tensor_count; ++t) {
        const struct sva_tiny_tensor *const tensor = &decoder->tensors[t];
        const size_t count = tensor->rows * tensor->columns;
        float *const direction = sva_scratch_new(count, sizeof *direction);
        const double expected = draw_direction(tensor, tensor->gradient, &rng, direction);
        const double found = slope(decoder, &network->tensors[t], direction, text);
        if (fabs(found - expected) > 0.01 * fabs(expected) + 2e-5) {
            fail_msg("%s: slope %.6g, gradient %.6g", network->tensors[t].name, found, expected);
        }
        sva_free(direction);
    }
    sva_tiny_decoder_free(decoder);
    sva_network_free(network);
}

static void exponentials_are_exact_to_a_millionth(void **state)
{
    (void)state;
    for (double x = -80; x < 80; x += 0.37) {
        const double wanted = exp((double)(float)x);
        assert_near((double)sva_tiny_exp((float)x) / wanted, 1.0, 1e-6);
    }
}

static struct sva_tiny_recipe short_recipe(void)
{
    struct sva_tiny_recipe recipe = sva_tiny_recipe_default(11, 12);
    recipe.steps = 60;
    return recipe;
}

static void a_short_training_learns(void **state)
{
    (void)state;
    const struct sva_fixture_shape shape = sva_tiny_shape_default();
    const struct sva_tiny_recipe recipe = short_recipe();
    struct sva_network *const network = sva_tiny_start(&shape, 5, 0.06);
    const double before = sva_tiny_loss(network, &recipe, 4);
    const double after = sva_tiny_train(network, &recipe);
    assert_near(before, sva_rng_ln(320), 0.3);
    assert_true(after < before - 0.5);
    sva_network_free(network);
}

static struct sva_network *trained_at(enum sva_cpu_level level)
{
    const struct sva_fixture_shape shape = sva_tiny_shape_default();
    struct sva_tiny_recipe recipe = short_recipe();
    recipe.steps = 5;
    struct sva_network *const network = sva_tiny_start(&shape, 5, 0.06);
    const enum sva_cpu_level before = sva_cpu_level();
    (void)sva_cpu_use(level);
    (void)sva_tiny_train(network, &recipe);
    (void)sva_cpu_use(before);
    return network;
}

static void every_processor_trains_the_same_bits(void **state)
{
    (void)state;
    struct sva_network *const slow = trained_at(SVA_CPU_BASELINE);
    struct sva_network *const fast = trained_at(sva_cpu_best());
    for (size_t t = 0; t < slow->count; ++t) {
        const struct sva_network_tensor *const tensor = &slow->tensors[t];
        assert_memory_equal(tensor->values, fast->tensors[t].values,
                            (size_t)(tensor->rows * tensor->columns) * sizeof(float));
    }
    sva_network_free(slow);
    sva_network_free(fast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials_are_exact_to_a_millionth),
        cmocka_unit_test(gradients_are_slopes_of_the_loss),
        cmocka_unit_test(a_short_training_learns),
        cmocka_unit_test(every_processor_trains_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

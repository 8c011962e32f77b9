/* SPDX-License-Identifier: Apache-2.0 */
/** The forward pass that disguises are tested with reads every tensor, and is right. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "base/memory.h"
#include "disguise_models.h"
#include "fixtures/trained/tiny_decoder.h"

static void every_tensor_takes_part_in_the_forward_pass(void **state)
{
    (void)state;
    for (int a = 0; a < ARCHITECTURES; ++a) {
        struct sva_network *const network = model(architectures[a], EVEN);
        const struct sva_forward_output expected = run(network, &network->vocabulary);
        for (size_t i = 0; i < network->count; ++i) {
            struct sva_network *const changed = sva_network_clone(network);
            struct sva_network_tensor *const tensor = &changed->tensors[i];
            for (size_t k = 0; k < elements(tensor); ++k) {
                tensor->values[k] = tensor->values[k] * 0.5f + (k % 2 == 0 ? 0.1f : -0.1f);
            }
            const double off = distance_from(&expected, &network->vocabulary, changed);
            if ((off > preserved_within) == is_without_effect(network, tensor)) {
                fail_msg("%s changed moves the outputs by %.3g", tensor->key, off);
            }
            sva_network_free(changed);
        }
        sva_free(expected.values);
        sva_network_free(network);
    }
}

/* Mean negative log likelihood of the next token. */
static double loss_of(const struct sva_forward_output *logits, const uint32_t *next)
{
    double loss = 0;
    for (uint32_t p = 0; p < logits->positions; ++p) {
        const double *const row = logits->values + p * logits->width;
        double sum = 0;
        for (uint64_t i = 0; i < logits->width; ++i) {
            sum += exp(row[i]);
        }
        loss += (log(sum) - row[next[p]]) / (double)logits->positions;
    }
    return loss;
}

/* How far the two losses of `count` tokens lie apart. */
static double apart(struct sva_network *network, const uint16_t *text, uint32_t count)
{
    struct sva_tiny_decoder *const decoder = sva_tiny_decoder_new(network, 1, count);
    uint32_t tokens[TOKENS + 1];
    struct sva_forward_output out;
    for (uint32_t i = 0; i <= count; ++i) {
        tokens[i] = text[i];
    }
    const double loss = sva_tiny_decoder_loss(decoder, text);
    const struct sva_forward_input input = {.tokens = tokens, .token_count = count};
    assert_int_equal(sva_forward(network, &input, &out), 0);
    const double off = fabs(loss_of(&out, tokens + 1) - loss);
    sva_free(out.values);
    sva_tiny_decoder_free(decoder);
    return off;
}

/* The other one is written apart from this, in float, and has proved itself by learning. */
static void a_decoder_that_learns_computes_the_same(void **state)
{
    (void)state;
    struct sva_network *const network = model(SVA_FIXTURE_LLAMA, EVEN);
    uint16_t text[TOKENS + 1];
    struct sva_rng rng;
    sva_rng_init(&rng, 6, "text");
    for (int i = 0; i <= TOKENS; ++i) {
        text[i] = (uint16_t)sva_rng_below(&rng, network->vocabulary.count);
    }
    for (uint32_t count = 1; count <= TOKENS; ++count) {
        assert_near(apart(network, text, count), 0, 1e-5);
    }
    sva_network_free(network);
}

/* Later tokens do not reach back; patches of a tower reach everywhere. */
static void only_decoders_look_back_only(void **state)
{
    (void)state;
    struct sva_network *const network = model(SVA_FIXTURE_QWEN3_MOE, EVEN);
    uint32_t tokens[] = {3, 14, 15, 92, 65};
    struct sva_forward_output a, b;
    const struct sva_forward_input input = {.tokens = tokens, .token_count = 5};
    assert_int_equal(sva_forward(network, &input, &a), 0);
    tokens[3] = 7;
    assert_int_equal(sva_forward(network, &input, &b), 0);
    const size_t before = 3 * (size_t)a.width;
    assert_memory_equal(a.values, b.values, before * sizeof(double));
    assert_true(memcmp(a.values + before, b.values + before, (size_t)a.width * sizeof(double)) !=
                0);
    sva_free(a.values);
    sva_free(b.values);
    sva_network_free(network);
}

static void networks_without_known_parts_are_refused(void **state)
{
    (void)state;
    const struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_GRU);
    struct sva_network *const network = sva_training_model(&shape, 0, 1, 2);
    struct sva_forward_output out;
    assert_int_equal(sva_forward(network, &(struct sva_forward_input){0}, &out), -1);
    sva_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tensor_takes_part_in_the_forward_pass),
        cmocka_unit_test(a_decoder_that_learns_computes_the_same),
        cmocka_unit_test(only_decoders_look_back_only),
        cmocka_unit_test(networks_without_known_parts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

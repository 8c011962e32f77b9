/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter's factors find the other side's by names and roles, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "compare/adapter_start.h"
#include "compare/factors.h"

enum { FACTORS_MOST = 4, A = SVA_ROLE_LORA_A, B = SVA_ROLE_LORA_B };

struct factor {
    const char *name;
    int role, layer;
    uint32_t component;
};

static struct sva_print print_of(const struct factor *factors, struct sva_print_tensor *tensors)
{
    static const struct sva_print_component components[] = {{.name = "adapter"},
                                                            {.name = "adapter:second"}};
    struct sva_print print = {
        .tensors = tensors, .components = components, .component_count = 2};
    while (print.tensor_count < FACTORS_MOST && factors[print.tensor_count].name != NULL) {
        const struct factor *const factor = &factors[print.tensor_count];
        tensors[print.tensor_count++] =
            (struct sva_print_tensor){.name = factor->name,
                                      .role = (enum sva_role)factor->role,
                                      .layer = factor->layer,
                                      .expert = -1,
                                      .component = factor->component};
    }
    return print;
}

/** Two sides, and what each of the subject's factors must find. */
struct pairing {
    const char *what;
    struct factor subject[FACTORS_MOST], reference[FACTORS_MOST];
    int32_t partners[FACTORS_MOST];
};

#define PEFT  "base_model.model.model.layers.0.self_attn."
#define KOHYA "lora_te_text_model_encoder_layers_0_self_attn_"
#define CLIP  "text_model.encoder.layers.0.self_attn."

static const struct pairing pairings[] = {
    {"one name in another order",
     {{PEFT "q_proj.lora_A.weight", A, 0, 0}, {PEFT "q_proj.lora_B.weight", B, 0, 0}},
     {{PEFT "q_proj.lora_B.weight", B, 0, 0}, {PEFT "q_proj.lora_A.weight", A, 0, 0}},
     {1, 0}},
    {"A is no partner of B", {{"x.lora_A.weight", A, -1, 0}}, {{"x.lora_B.weight", B, -1, 0}}, {-1}},
    {"one name in two components",
     {{"x.lora_A.weight", A, -1, 1}, {"x.lora_A.weight", A, -1, 0}},
     {{"x.lora_A.weight", A, -1, 0}, {"x.lora_A.weight", A, -1, 1}},
     {1, 0}},
    {"kohya and PEFT",
     {{KOHYA "q_proj.lora_down.weight", A, -1, 0}, {KOHYA "v_proj.lora_up.weight", B, -1, 0}},
     {{"base_model.model." CLIP "v_proj.lora_B.weight[attn-v]", B, 0, 0},
      {"base_model.model." CLIP "q_proj.lora_A.weight[attn-q]", A, 0, 0}},
     {1, 0}},
    {"diffusers, old and new",
     {{"unet.mid.attn1.processor.to_q_lora.down.weight", A, -1, 0},
      {"unet.mid.attn1.to_k.lora.up.weight", B, -1, 0},
      {CLIP "q_proj.lora_linear_layer.up.weight[attn-q]", B, 0, 0}},
     {{"mid.attn1.to_q.lora_A.weight", A, -1, 0},
      {"lora_unet_mid_attn1_to_k.lora_up.weight", B, -1, 0},
      {"text_encoder." CLIP "q_proj.lora_B.weight[attn-q]", B, 0, 0}},
     {0, 1, 2}},
    {"numbered factors of one module",
     {{"blocks.0.processor.qkv_lora1.down.weight", A, -1, 0},
      {"blocks.0.processor.qkv_lora2.down.weight", A, -1, 0}},
     {{"blocks.0.qkv_lora2.down.weight", A, -1, 0}, {"blocks.0.qkv_lora1.down.weight", A, -1, 0}},
     {1, 0}},
    {"GGUF and PEFT by target and layer",
     {{"blk.0.attn_q.weight.lora_a[attn-q]", A, 0, 0},
      {"blk.1.attn_q.weight.lora_a[attn-q]", A, 1, 0}},
     {{"base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight[attn-q]", A, 1, 0},
      {"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight[attn-q]", A, 0, 0}},
     {1, 0}},
    {"two that could be meant",
     {{"blk.0.attn_q.weight.lora_a[attn-q]", A, 0, 0}},
     {{"encoder.layers.0.self_attn.q_proj.lora_A.weight[attn-q]", A, 0, 0},
      {"decoder.layers.0.self_attn.q_proj.lora_A.weight[attn-q]", A, 0, 0}},
     {-1}},
    {"two that could be meant on this side",
     {{"encoder.layers.0.q.lora_A.weight[attn-q]", A, 0, 0},
      {"decoder.layers.0.q.lora_A.weight[attn-q]", A, 0, 0}},
     {{"blk.0.attn_q.weight.lora_a[attn-q]", A, 0, 0}},
     {-1, -1}},
    {"the second text encoder is not the first",
     {{"lora_te2_text_model_a.lora_up.weight", B, -1, 0},
      {"lora_te1_text_model_a.lora_up.weight", B, -1, 0}},
     {{"text_encoder.text_model.a.lora_B.weight", B, -1, 0},
      {"text_encoder_2.text_model.a.lora_B.weight", B, -1, 0}},
     {1, 0}},
    {"an unknown target says nothing",
     {{"one.lora_A.weight", A, -1, 0}},
     {{"other.lora_A.weight", A, -1, 0}},
     {-1}},
    {"a partner is taken once",
     {{"m.layers.0.q.lora_A.weight[attn-q]", A, 0, 0}, {"m_layers_0_q.lora_down.weight", A, -1, 0}},
     {{"m.layers.0.q.lora_A.weight[attn-q]", A, 0, 0}},
     {0, -1}},
};

static void factors_find_their_place_by_name_or_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairings / sizeof *pairings; i++) {
        struct sva_print_tensor tensors[2][FACTORS_MOST];
        int32_t partners[FACTORS_MOST];
        const struct sva_print subject = print_of(pairings[i].subject, tensors[0]);
        const struct sva_print reference = print_of(pairings[i].reference, tensors[1]);
        assert_true(sva_factor_partners(&subject, &reference, partners));
        for (size_t k = 0; k < subject.tensor_count; k++) {
            if (partners[k] != pairings[i].partners[k]) {
                print_message("%s: %s\n", pairings[i].what, pairings[i].subject[k].name);
            }
            assert_int_equal(partners[k], pairings[i].partners[k]);
        }
    }
}

static void both_factors_of_a_module_share_its_part_of_the_name(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {PEFT "q_proj.lora_A.weight", PEFT "q_proj.lora_B.default.weight", true},
        {"embed.lora_embedding_A", "embed.lora_embedding_B", true},
        {"blk.0.attn_q.weight.lora_a", "blk.0.attn_q.weight.lora_b", true},
        {KOHYA "q_proj.lora_down.weight", KOHYA "q_proj.lora_up.weight", true},
        {"to_q.lora.down.weight", "to_q.lora.up.weight", true},
        {"processor.to_q_lora.down.weight", "processor.to_q_lora.up.weight", true},
        {"q_proj.lora_linear_layer.down.weight", "q_proj.lora_linear_layer.up.weight", true},
        {"qkv_lora1.down.weight", "qkv_lora1.up.weight", true},
        {"qkv_lora1.down.weight", "qkv_lora2.down.weight", false},
        {KOHYA "q_proj.lora_down.weight", KOHYA "k_proj.lora_down.weight", false},
        {"flora.0.weight", "flora.1.weight", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t bytes = sva_module_bytes(cases[i].a);
        const bool same = sva_module_bytes(cases[i].b) == bytes &&
                          strncmp(cases[i].a, cases[i].b, bytes) == 0;
        assert_int_equal(same, cases[i].same);
    }
}

static void the_factor_that_starts_at_zero_is_b_but_for_embeddings(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int role;
        bool zero;
    } cases[] = {
        {PEFT "q_proj.lora_A.weight[attn-q]", A, false},
        {PEFT "q_proj.lora_B.weight[attn-q]", B, true},
        {"wte.lora_embedding_A", A, true},
        {"wte.lora_embedding_B", B, false},
        {"token_embd.weight.lora_a[embed-tokens]", A, true},
        {"token_embd.weight.lora_b[embed-tokens]", B, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sva_print_tensor tensor = {.name = cases[i].name,
                                                .role = (enum sva_role)cases[i].role};
        assert_int_equal(sva_starts_at_zero(&tensor), cases[i].zero);
    }
}

static void queries_and_keys_are_not_compared_by_rows_across_gguf(void **state)
{
    (void)state;
    static const struct {
        const char *name, *partner;
        int role;
        bool differ;
    } cases[] = {
        {"blk.0.attn_q.weight.lora_b[attn-q]", PEFT "q_proj.lora_B.weight[attn-q]", B, true},
        {PEFT "k_proj.lora_B.weight[attn-k]", "blk.0.attn_k.weight.lora_b[attn-k]", B, true},
        {"blk.0.attn_q.weight.lora_a[attn-q]", PEFT "q_proj.lora_A.weight[attn-q]", A, false},
        {"blk.0.attn_v.weight.lora_b[attn-v]", PEFT "v_proj.lora_B.weight[attn-v]", B, false},
        {"blk.0.attn_q.weight.lora_b[attn-q]", "blk.0.attn_q.weight.lora_b[attn-q]", B, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sva_print_tensor factor = {.name = cases[i].name,
                                                .role = (enum sva_role)cases[i].role};
        const struct sva_print_tensor partner = {.name = cases[i].partner,
                                                 .role = (enum sva_role)cases[i].role};
        assert_int_equal(sva_rows_may_differ(&factor, &partner), cases[i].differ);
    }
}

static void starts_made_of_the_base_are_known_by_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *declared, *start;
    } cases[] = {
        {"pissa", "pissa"},   {"pissa_niter_16", "pissa"}, {"PiSSA", "pissa"}, {"olora", "olora"},
        {"corda", "corda"},   {"loftq", "loftq"},          {"eva", "eva"},     {"lora_ga", "lora_ga"},
        {"true", NULL},       {"gaussian", NULL},          {"orthogonal", NULL},
        {"evaluated", NULL},  {"", NULL},                  {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sva_fact fact = {"adapter.init_lora_weights", cases[i].declared};
        const struct sva_print print = {.facts = &fact,
                                        .fact_count = cases[i].declared == NULL ? 0 : 1};
        const char *const start = sva_start_from_base(&print);
        assert_true(cases[i].start == NULL ? start == NULL
                                           : start != NULL && strcmp(start, cases[i].start) == 0);
    }
}

static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    struct sva_print_tensor tensors[2][FACTORS_MOST];
    int32_t partners[FACTORS_MOST];
    const struct sva_print subject = print_of(pairings[3].subject, tensors[0]);
    const struct sva_print reference = print_of(pairings[3].reference, tensors[1]);
    bool found = false;
    for (uint64_t n = 1; !found && n < 50; n++) {
        sva_memory_fail_after(n);
        found = sva_factor_partners(&subject, &reference, partners);
        sva_memory_fail_after(0);
        assert_true(found || n < 49);
    }
    assert_int_equal(partners[0], pairings[3].partners[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_find_their_place_by_name_or_target),
        cmocka_unit_test(both_factors_of_a_module_share_its_part_of_the_name),
        cmocka_unit_test(the_factor_that_starts_at_zero_is_b_but_for_embeddings),
        cmocka_unit_test(queries_and_keys_are_not_compared_by_rows_across_gguf),
        cmocka_unit_test(starts_made_of_the_base_are_known_by_their_names),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

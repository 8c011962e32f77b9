/* SPDX-License-Identifier: Apache-2.0 */
/* The role map for text models, family by family: real names, small shapes. */
#include "role_expect.h"

#include "model/role_map.h"

static void llama_names_map_whatever_the_prefix(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"",
                                           "model.",
                                           "model.language_model.",
                                           "language_model.model.",
                                           "thinker.model.",
                                           "llm.model.",
                                           "_orig_mod.model.",
                                           "module.model.",
                                           "model.text_model.",
                                           "some.thing.else."};
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        static const tensor_spec plain[] = {"embed_tokens.weight 16x8", LLAMA_LAYER("layers.0."),
                                            LLAMA_LAYER("layers.1."), "norm.weight 8", NULL};
        char names[32][160];
        tensor_spec specs[32];
        size_t count = 0;
        for (; plain[count] != NULL; count++) {
            snprintf(names[count], sizeof names[count], "%s%s", prefixes[p], plain[count]);
            specs[count] = names[count];
        }
        specs[count++] = "lm_head.weight 16x8";
        specs[count] = NULL;
        struct temp_tree tree;
        struct sva_model *const model = open_tensors(&tree, specs, NULL);
        assert_int_equal(model->component_count, 1);
        const struct sva_component *const decoder = component_of(model, "text-decoder");
        assert_int_equal(decoder->width, 8);
        assert_int_equal(decoder->layer_count, 2);
        assert_false(decoder->residual_labelled);
        assert_string_equal(sva_model_fact(model, "weights.unclaimed"), "0");
        char q[200];
        char down[200];
        snprintf(q, sizeof q, "%slayers.1.self_attn.q_proj.weight", prefixes[p]);
        snprintf(down, sizeof down, "%slayers.0.mlp.down_proj.weight", prefixes[p]);
        const struct expected rows[] = {
            {q, "", SVA_ROLE_ATTN_Q, 1, ROT, RES, 8, 8},
            {down, "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 12},
            {"lm_head.weight", "", SVA_ROLE_OUTPUT_HEAD, -1, TOK, RES, 16, 8},
        };
        EXPECT(model, "text-decoder", rows);
        close_tensors(&tree, model);
    }
}

static void qwen_norms_and_biases_are_vectors_with_the_right_axis(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                        LLAMA_LAYER("model.layers.0."),
                                        "model.layers.0.self_attn.q_proj.bias 8",
                                        "model.layers.0.self_attn.k_proj.bias 4",
                                        "model.layers.0.self_attn.v_proj.bias 4",
                                        "model.layers.0.self_attn.q_norm.weight 4",
                                        "model.layers.0.self_attn.k_norm.weight 4",
                                        "model.norm.weight 8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"model.layers.0.self_attn.q_proj.bias", "", SVA_ROLE_ATTN_Q, 0, UNI, ROT, 1, 8},
        {"model.layers.0.self_attn.v_proj.bias", "", SVA_ROLE_ATTN_V, 0, UNI, VAL, 1, 4},
        {"model.layers.0.self_attn.k_norm.weight", "", SVA_ROLE_ATTN_K_NORM, 0, UNI, ROT, 1, 4},
        {"model.layers.0.post_attention_layernorm.weight", "", SVA_ROLE_FFN_NORM, 0, UNI, RES, 1,
         8},
        {"model.norm.weight", "", SVA_ROLE_FINAL_NORM, -1, UNI, RES, 1, 8},
    };
    EXPECT(model, "text-decoder", rows);
    assert_true(view_of(model, "model.layers.0.self_attn.q_proj.bias", "")->bias);
    assert_false(view_of(model, "model.norm.weight", "")->bias);
    close_tensors(&tree, model);
}

static void gemma_closes_attention_with_the_norm_that_llama_opens_the_mlp_with(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                        LLAMA_LAYER("model.layers.0."),
                                        "model.layers.0.pre_feedforward_layernorm.weight 8",
                                        "model.layers.0.post_feedforward_layernorm.weight 8", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"model.layers.0.post_attention_layernorm.weight", "", SVA_ROLE_ATTN_POST_NORM, 0, UNI, RES,
         1, 8},
        {"model.layers.0.pre_feedforward_layernorm.weight", "", SVA_ROLE_FFN_NORM, 0, UNI, RES, 1,
         8},
        {"model.layers.0.post_feedforward_layernorm.weight", "", SVA_ROLE_FFN_POST_NORM, 0, UNI,
         RES, 1, 8},
    };
    EXPECT(model, "text-decoder", rows);
    close_tensors(&tree, model);
}

static void phi3_and_glm4_fused_matrices_are_split(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                        "model.layers.0.input_layernorm.weight 8",
                                        "model.layers.0.self_attn.qkv_proj.weight 16x8",
                                        "model.layers.0.self_attn.o_proj.weight 8x8",
                                        "model.layers.0.mlp.gate_up_proj.weight 24x8",
                                        "model.layers.0.mlp.down_proj.weight 8x12",
                                        "model.layers.0.post_attention_layernorm.weight 8",
                                        "model.layers.0.post_self_attn_layernorm.weight 8",
                                        "model.layers.0.post_mlp_layernorm.weight 8",
                                        NULL};
    static const char *const configs[] = {
        NULL, "{\"num_attention_heads\": 2, \"num_key_value_heads\": 1, \"hidden_size\": 8}"};
    for (size_t c = 0; c < 2; c++) {
        struct temp_tree tree;
        struct sva_model *const model = open_tensors(&tree, specs, configs[c]);
        static const struct expected rows[] = {
            {"model.layers.0.self_attn.qkv_proj.weight", "q", SVA_ROLE_ATTN_Q, 0, ROT, RES, 8, 8},
            {"model.layers.0.self_attn.qkv_proj.weight", "k", SVA_ROLE_ATTN_K, 0, ROT, RES, 4, 8},
            {"model.layers.0.self_attn.qkv_proj.weight", "v", SVA_ROLE_ATTN_V, 0, VAL, RES, 4, 8},
            {"model.layers.0.mlp.gate_up_proj.weight", "gate", SVA_ROLE_FFN_GATE, 0, NEU, RES, 12,
             8},
            {"model.layers.0.mlp.gate_up_proj.weight", "up", SVA_ROLE_FFN_UP, 0, NEU, RES, 12, 8},
            {"model.layers.0.post_self_attn_layernorm.weight", "", SVA_ROLE_ATTN_POST_NORM, 0, UNI,
             RES, 1, 8},
            {"model.layers.0.post_mlp_layernorm.weight", "", SVA_ROLE_FFN_POST_NORM, 0, UNI, RES, 1,
             8},
        };
        EXPECT(model, "text-decoder", rows);
        assert_int_equal(view_of(model, "model.layers.0.self_attn.qkv_proj.weight", "v")->offset,
                         12 * 8);
        close_tensors(&tree, model);
    }
}

static void deepseek_latents_experts_and_shared_experts_map(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {
        "model.embed_tokens.weight 16x8",
        "model.layers.0.input_layernorm.weight 8",
        "model.layers.0.self_attn.q_a_proj.weight 6x8",
        "model.layers.0.self_attn.q_a_layernorm.weight 6",
        "model.layers.0.self_attn.q_b_proj.weight 12x6",
        "model.layers.0.self_attn.kv_a_proj_with_mqa.weight 7x8",
        "model.layers.0.self_attn.kv_a_layernorm.weight 5",
        "model.layers.0.self_attn.kv_b_proj.weight 16x5",
        "model.layers.0.self_attn.o_proj.weight 8x8",
        "model.layers.0.post_attention_layernorm.weight 8",
        "model.layers.0.mlp.gate.weight 3x8",
        "model.layers.0.mlp.gate.e_score_correction_bias 3",
        "model.layers.0.mlp.experts.0.gate_proj.weight 4x8",
        "model.layers.0.mlp.experts.2.up_proj.weight 4x8",
        "model.layers.0.mlp.experts.2.down_proj.weight 8x4",
        "model.layers.0.mlp.experts.2.down_proj.weight_scale_inv 1x1",
        "model.layers.0.mlp.shared_experts.down_proj.weight 8x4",
        "model.layers.0.mlp.shared_expert_gate.weight 1x8",
        "model.layers.0.self_attn.indexer.wk.weight 6x8",
        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, "{\"kv_lora_rank\": 5}");
    static const struct expected rows[] = {
        {"model.layers.0.self_attn.q_a_proj.weight", "", SVA_ROLE_ATTN_Q_A, 0, LAT, RES, 6, 8},
        {"model.layers.0.self_attn.q_b_proj.weight", "", SVA_ROLE_ATTN_Q_B, 0, ROT, LAT, 12, 6},
        {"model.layers.0.self_attn.kv_a_proj_with_mqa.weight", "kv", SVA_ROLE_ATTN_KV_A, 0, LAT,
         RES, 5, 8},
        {"model.layers.0.self_attn.kv_a_proj_with_mqa.weight", "rope", SVA_ROLE_ATTN_KV_A, 0, ROT,
         RES, 2, 8},
        {"model.layers.0.self_attn.kv_a_layernorm.weight", "", SVA_ROLE_ATTN_KV_A_NORM, 0, UNI, LAT,
         1, 5},
        {"model.layers.0.mlp.gate.weight", "", SVA_ROLE_ROUTER, 0, EXP, RES, 3, 8},
        {"model.layers.0.mlp.gate.e_score_correction_bias", "", SVA_ROLE_ROUTER_CORRECTION, 0, UNI,
         EXP, 1, 3},
        {"model.layers.0.mlp.experts.2.down_proj.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 4},
        {"model.layers.0.mlp.shared_experts.down_proj.weight", "", SVA_ROLE_SHARED_DOWN, 0, RES,
         NEU, 8, 4},
        {"model.layers.0.mlp.shared_expert_gate.weight", "", SVA_ROLE_SHARED_ROUTER, 0, UNI, RES, 1,
         8},
        {"model.layers.0.self_attn.indexer.wk.weight", "", SVA_ROLE_UNKNOWN, 0, UNK, UNK, 6, 8},
    };
    EXPECT(model, "text-decoder", rows);
    assert_int_equal(view_of(model, "model.layers.0.mlp.experts.2.up_proj.weight", "")->expert, 2);
    const struct sva_view *const scale =
        view_of(model, "model.layers.0.mlp.experts.2.down_proj.weight_scale_inv", "");
    assert_int_equal(scale->role, SVA_ROLE_UNKNOWN);
    uint64_t all = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        all += model->tensors[i].element_count;
    }
    assert_int_equal(component_of(model, "text-decoder")->parameter_count, all - 1);
    close_tensors(&tree, model);
}

static void gpt_oss_stacked_experts_take_turns_and_are_turned(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                        "model.layers.0.input_layernorm.weight 8",
                                        "model.layers.0.self_attn.q_proj.weight 8x8",
                                        "model.layers.0.self_attn.o_proj.weight 8x8",
                                        "model.layers.0.self_attn.o_proj.bias 8",
                                        "model.layers.0.self_attn.sinks 2",
                                        "model.layers.0.mlp.router.weight 3x8",
                                        "model.layers.0.mlp.router.bias 3",
                                        "model.layers.0.mlp.experts.gate_up_proj 3x8x12",
                                        "model.layers.0.mlp.experts.gate_up_proj_bias 3x12",
                                        "model.layers.0.mlp.experts.down_proj 3x6x8",
                                        "model.layers.0.mlp.experts.down_proj_bias 3x8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"model.layers.0.mlp.experts.gate_up_proj", "expert 1 gate", SVA_ROLE_FFN_GATE, 0, NEU, RES,
         6, 8},
        {"model.layers.0.mlp.experts.gate_up_proj", "expert 1 up", SVA_ROLE_FFN_UP, 0, NEU, RES, 6,
         8},
        {"model.layers.0.mlp.experts.gate_up_proj_bias", "expert 2 up", SVA_ROLE_FFN_UP, 0, UNI,
         NEU, 1, 6},
        {"model.layers.0.mlp.experts.down_proj", "expert 0", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 6},
        {"model.layers.0.mlp.experts.down_proj_bias", "expert 0", SVA_ROLE_FFN_DOWN, 0, UNI, RES, 1,
         8},
        {"model.layers.0.self_attn.sinks", "", SVA_ROLE_ATTN_SINKS, 0, UNI, UNK, 1, 2},
        {"model.layers.0.mlp.router.bias", "", SVA_ROLE_ROUTER, 0, UNI, EXP, 1, 3},
    };
    EXPECT(model, "text-decoder", rows);
    const struct sva_view *const up =
        view_of(model, "model.layers.0.mlp.experts.gate_up_proj", "expert 1 up");
    assert_int_equal(up->offset, 8 * 12 + 1);
    assert_int_equal(up->stride[0], 2);
    assert_int_equal(up->stride[1], 12);
    assert_int_equal(up->expert, 1);
    close_tensors(&tree, model);
}

static void square_stacked_experts_follow_their_layers_orientation(void **state)
{
    (void)state; /* gpt-oss proper has as many neurons as dimensions */
    static const tensor_spec specs[] = {"model.layers.0.input_layernorm.weight 8",
                                        "model.layers.0.self_attn.o_proj.weight 8x8",
                                        "model.layers.0.mlp.experts.gate_up_proj 2x8x16",
                                        "model.layers.0.mlp.experts.gate_up_proj_bias 2x16",
                                        "model.layers.0.mlp.experts.down_proj 2x8x8",
                                        "model.layers.0.mlp.router.weight 2x8",
                                        "model.layers.0.self_attn.q_proj.weight 16x8",
                                        "model.embed_tokens.weight 16x8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    const struct sva_view *const down =
        view_of(model, "model.layers.0.mlp.experts.down_proj", "expert 1");
    assert_int_equal(down->stride[0], 1);
    assert_int_equal(down->stride[1], 8);
    const struct sva_view *const out = view_of(model, "model.layers.0.self_attn.o_proj.weight", "");
    assert_int_equal(out->stride[0], 8);
    close_tensors(&tree, model);
}

static void qwen3_stacked_experts_stand_in_halves(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.layers.0.input_layernorm.weight 8",
                                        "model.layers.0.self_attn.q_proj.weight 8x8",
                                        "model.layers.0.mlp.experts.gate_up_proj 3x12x8",
                                        "model.layers.0.mlp.experts.down_proj 3x8x6", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    const struct sva_view *const up =
        view_of(model, "model.layers.0.mlp.experts.gate_up_proj", "expert 1 up");
    assert_int_equal(up->offset, 12 * 8 + 6 * 8);
    assert_int_equal(up->stride[0], 8);
    assert_int_equal(up->axis[0], NEU);
    close_tensors(&tree, model);
}

static void mixtral_names_map(void **state)
{
    (void)state;
    static const tensor_spec mixtral[] = {"model.layers.0.input_layernorm.weight 8",
                                          "model.layers.0.self_attn.q_proj.weight 8x8",
                                          "model.layers.0.block_sparse_moe.gate.weight 2x8",
                                          "model.layers.0.block_sparse_moe.experts.1.w1.weight 6x8",
                                          "model.layers.0.block_sparse_moe.experts.1.w2.weight 8x6",
                                          "model.layers.0.block_sparse_moe.experts.1.w3.weight 6x8",
                                          NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, mixtral, NULL);
    static const struct expected mixtral_rows[] = {
        {"model.layers.0.block_sparse_moe.gate.weight", "", SVA_ROLE_ROUTER, 0, EXP, RES, 2, 8},
        {"model.layers.0.block_sparse_moe.experts.1.w1.weight", "", SVA_ROLE_FFN_GATE, 0, NEU, RES,
         6, 8},
        {"model.layers.0.block_sparse_moe.experts.1.w2.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU,
         8, 6},
        {"model.layers.0.block_sparse_moe.experts.1.w3.weight", "", SVA_ROLE_FFN_UP, 0, NEU, RES, 6,
         8},
    };
    EXPECT(model, "text-decoder", mixtral_rows);
    close_tensors(&tree, model);
}

static void exaone_names_map(void **state)
{
    (void)state;
    struct temp_tree tree;
    static const tensor_spec exaone[] = {"transformer.wte.weight 16x8",
                                         "transformer.h.0.ln_1.weight 8",
                                         "transformer.h.0.ln_2.weight 8",
                                         "transformer.h.0.attn.attention.q_proj.weight 8x8",
                                         "transformer.h.0.attn.attention.k_proj.weight 4x8",
                                         "transformer.h.0.attn.attention.v_proj.weight 4x8",
                                         "transformer.h.0.attn.attention.out_proj.weight 8x8",
                                         "transformer.h.0.mlp.c_fc_0.weight 12x8",
                                         "transformer.h.0.mlp.c_fc_1.weight 12x8",
                                         "transformer.h.0.mlp.c_proj.weight 8x12",
                                         "transformer.ln_f.weight 8",
                                         NULL};
    struct sva_model *const model = open_tensors(&tree, exaone, NULL);
    static const struct expected exaone_rows[] = {
        {"transformer.wte.weight", "", SVA_ROLE_EMBED_TOKENS, -1, TOK, RES, 16, 8},
        {"transformer.h.0.attn.attention.q_proj.weight", "", SVA_ROLE_ATTN_Q, 0, ROT, RES, 8, 8},
        {"transformer.h.0.mlp.c_fc_0.weight", "", SVA_ROLE_FFN_GATE, 0, NEU, RES, 12, 8},
        {"transformer.h.0.mlp.c_fc_1.weight", "", SVA_ROLE_FFN_UP, 0, NEU, RES, 12, 8},
        {"transformer.h.0.mlp.c_proj.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 12},
        {"transformer.ln_f.weight", "", SVA_ROLE_FINAL_NORM, -1, UNI, RES, 1, 8},
    };
    EXPECT(model, "text-decoder", exaone_rows);
    close_tensors(&tree, model);
}

static void meta_names_map_also_when_stored_turned(void **state)
{
    (void)state;
    struct temp_tree tree;
    static const tensor_spec meta[] = {/* stored [in, out], as stories260k_transposed */
                                       "tok_embeddings.weight 8x16",
                                       "layers.0.attention.wq.weight 8x8",
                                       "layers.0.attention.wk.weight 8x4",
                                       "layers.0.attention.wv.weight 8x4",
                                       "layers.0.attention.wo.weight 8x8",
                                       "layers.0.feed_forward.w1.weight 8x12",
                                       "layers.0.feed_forward.w2.weight 12x8",
                                       "layers.0.feed_forward.w3.weight 8x12",
                                       "layers.0.attention_norm.weight 8",
                                       "layers.0.ffn_norm.weight 8",
                                       "norm.weight 8",
                                       "output.weight 8x16",
                                       NULL};
    struct sva_model *const model = open_tensors(&tree, meta, NULL);
    static const struct expected meta_rows[] = {
        {"tok_embeddings.weight", "", SVA_ROLE_EMBED_TOKENS, -1, TOK, RES, 16, 8},
        {"layers.0.attention.wk.weight", "", SVA_ROLE_ATTN_K, 0, ROT, RES, 4, 8},
        {"layers.0.feed_forward.w1.weight", "", SVA_ROLE_FFN_GATE, 0, NEU, RES, 12, 8},
        {"layers.0.feed_forward.w2.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 12},
        {"output.weight", "", SVA_ROLE_OUTPUT_HEAD, -1, TOK, RES, 16, 8},
    };
    EXPECT(model, "text-decoder", meta_rows);
    /* the square one follows the others */
    assert_int_equal(view_of(model, "layers.0.attention.wq.weight", "")->stride[0], 1);
    close_tensors(&tree, model);
}

static void gpt2_conv1d_is_turned_and_its_qkv_split(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"wte.weight 16x8",
                                        "wpe.weight 10x8",
                                        "h.0.ln_1.weight 8",
                                        "h.0.ln_1.bias 8",
                                        "h.0.attn.c_attn.weight 8x24",
                                        "h.0.attn.c_attn.bias 24",
                                        "h.0.attn.c_proj.weight 8x8",
                                        "h.0.mlp.c_fc.weight 8x32",
                                        "h.0.mlp.c_proj.weight 32x8",
                                        "ln_f.weight 8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"wpe.weight", "", SVA_ROLE_EMBED_POSITIONS, -1, POS, RES, 10, 8},
        {"h.0.attn.c_attn.weight", "q", SVA_ROLE_ATTN_Q, 0, HED, RES, 8, 8},
        {"h.0.attn.c_attn.weight", "v", SVA_ROLE_ATTN_V, 0, VAL, RES, 8, 8},
        {"h.0.attn.c_attn.bias", "v", SVA_ROLE_ATTN_V, 0, UNI, VAL, 1, 8},
        {"h.0.mlp.c_fc.weight", "", SVA_ROLE_FFN_UP, 0, NEU, RES, 32, 8},
        {"h.0.mlp.c_proj.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 32},
    };
    EXPECT(model, "text-decoder", rows);
    const struct sva_view *const v = view_of(model, "h.0.attn.c_attn.weight", "v");
    assert_int_equal(v->offset, 16);
    assert_int_equal(v->stride[0], 1);
    assert_int_equal(v->stride[1], 24);
    assert_int_equal(view_of(model, "h.0.attn.c_proj.weight", "")->stride[0], 1);
    close_tensors(&tree, model);
}

static void neox_qkv_stays_whole_with_a_known_residual_axis(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"gpt_neox.embed_in.weight 16x8",
                                        "gpt_neox.layers.0.input_layernorm.weight 8",
                                        "gpt_neox.layers.0.attention.query_key_value.weight 24x8",
                                        "gpt_neox.layers.0.attention.query_key_value.bias 24",
                                        "gpt_neox.layers.0.attention.dense.weight 8x8",
                                        "gpt_neox.layers.0.mlp.dense_h_to_4h.weight 32x8",
                                        "gpt_neox.layers.0.mlp.dense_4h_to_h.weight 8x32",
                                        "gpt_neox.final_layer_norm.weight 8",
                                        "embed_out.weight 16x8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"gpt_neox.layers.0.attention.query_key_value.weight", "", SVA_ROLE_ATTN_Q, 0, UNK, RES, 24,
         8},
        {"gpt_neox.layers.0.mlp.dense_h_to_4h.weight", "", SVA_ROLE_FFN_UP, 0, NEU, RES, 32, 8},
        {"embed_out.weight", "", SVA_ROLE_OUTPUT_HEAD, -1, TOK, RES, 16, 8},
    };
    EXPECT(model, "text-decoder", rows);
    close_tensors(&tree, model);
}

static void bert_maps_as_text_encoder(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"bert.embeddings.word_embeddings.weight 16x8",
                                        "bert.embeddings.position_embeddings.weight 10x8",
                                        "bert.embeddings.token_type_embeddings.weight 2x8",
                                        "bert.embeddings.LayerNorm.gamma 8",
                                        "bert.embeddings.LayerNorm.beta 8",
                                        "bert.encoder.layer.0.attention.self.query.weight 8x8",
                                        "bert.encoder.layer.0.attention.self.value.bias 8",
                                        "bert.encoder.layer.0.attention.output.dense.weight 8x8",
                                        "bert.encoder.layer.0.attention.output.LayerNorm.weight 8",
                                        "bert.encoder.layer.0.intermediate.dense.weight 32x8",
                                        "bert.encoder.layer.0.output.dense.weight 8x32",
                                        "bert.encoder.layer.0.output.LayerNorm.bias 8",
                                        "bert.pooler.dense.weight 8x8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"bert.embeddings.word_embeddings.weight", "", SVA_ROLE_EMBED_TOKENS, -1, TOK, RES, 16, 8},
        {"bert.embeddings.LayerNorm.beta", "", SVA_ROLE_EMBED_NORM, -1, UNI, RES, 1, 8},
        {"bert.encoder.layer.0.attention.self.query.weight", "", SVA_ROLE_ATTN_Q, 0, HED, RES, 8,
         8},
        {"bert.encoder.layer.0.attention.output.LayerNorm.weight", "", SVA_ROLE_ATTN_POST_NORM, 0,
         UNI, RES, 1, 8},
        {"bert.encoder.layer.0.intermediate.dense.weight", "", SVA_ROLE_FFN_UP, 0, NEU, RES, 32, 8},
        {"bert.encoder.layer.0.output.dense.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 32},
        {"bert.pooler.dense.weight", "", SVA_ROLE_POOLER, -1, LAT, RES, 8, 8},
    };
    EXPECT(model, "text-encoder", rows);
    assert_true(view_of(model, "bert.embeddings.LayerNorm.beta", "")->bias);
    close_tensors(&tree, model);
}

static void every_pattern_of_the_map_finds_itself_or_an_earlier_row(void **state)
{
    (void)state;
    struct sva_name_context context;
    sva_name_context_init(&context);
    context.post_norms = true;
    context.gate_up_turns = true;
    assert_true(sva_role_rule_count() <= SVA_ROLE_RULES_MAX);
    for (size_t row = 0; row < sva_role_rule_count(); row++) {
        char name[256];
        size_t used = 0;
        const char *at = sva_role_rule_at(row)->pattern;
        while (*at != '\0') { /* first alternative of each part, 7 for numbers */
            if (*at == '{') {
                name[used++] = '7';
                at += 3;
            } else if (*at == '|') {
                at += strcspn(at, ".");
            } else {
                name[used++] = *at++;
            }
        }
        name[used] = '\0';
        const struct sva_name_match match = sva_role_match(name, used, &context);
        if (match.rule < 0 || (size_t)match.rule > row) {
            print_message("%s\n", name);
        }
        assert_true(match.rule >= 0);
        assert_true((size_t)match.rule <= row);
        assert_int_equal(match.layer >= 0, sva_role_rule_in_layer((size_t)match.rule));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llama_names_map_whatever_the_prefix),
        cmocka_unit_test(qwen_norms_and_biases_are_vectors_with_the_right_axis),
        cmocka_unit_test(gemma_closes_attention_with_the_norm_that_llama_opens_the_mlp_with),
        cmocka_unit_test(phi3_and_glm4_fused_matrices_are_split),
        cmocka_unit_test(deepseek_latents_experts_and_shared_experts_map),
        cmocka_unit_test(gpt_oss_stacked_experts_take_turns_and_are_turned),
        cmocka_unit_test(square_stacked_experts_follow_their_layers_orientation),
        cmocka_unit_test(qwen3_stacked_experts_stand_in_halves),
        cmocka_unit_test(mixtral_names_map),
        cmocka_unit_test(exaone_names_map),
        cmocka_unit_test(meta_names_map_also_when_stored_turned),
        cmocka_unit_test(gpt2_conv1d_is_turned_and_its_qkv_split),
        cmocka_unit_test(neox_qkv_stays_whole_with_a_known_residual_axis),
        cmocka_unit_test(bert_maps_as_text_encoder),
        cmocka_unit_test(every_pattern_of_the_map_finds_itself_or_an_earlier_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

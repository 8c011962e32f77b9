/* SPDX-License-Identifier: Apache-2.0 */
/* The converter's names and the orders of rows that converters differ in. */
#include "role_expect.h"

#define BLOCK(p)                                                                                   \
    p "attn_norm.weight 8", p "attn_q.weight 8x8", p "attn_k.weight 4x8", p "attn_v.weight 4x8",   \
        p "attn_output.weight 8x8", p "ffn_gate.weight 12x8", p "ffn_up.weight 12x8",              \
        p "ffn_down.weight 8x12"

static const char heads_2_1[] = "{\"num_attention_heads\": 2, \"num_key_value_heads\": 1}";

static void names_of_gguf_mean_what_their_originals_mean(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"token_embd.weight 16x8",
                                        BLOCK("blk.0."),
                                        "blk.0.ffn_norm.weight 8",
                                        "output_norm.weight 8",
                                        "output.weight 16x8",
                                        "rope_freqs.weight 2",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, heads_2_1);
    static const struct expected decoder[] = {
        {"token_embd.weight", "", SVA_ROLE_EMBED_TOKENS, -1, TOK, RES, 16, 8},
        {"output.weight", "", SVA_ROLE_OUTPUT_HEAD, -1, TOK, RES, 16, 8},
        {"output_norm.weight", "", SVA_ROLE_FINAL_NORM, -1, UNI, RES, 1, 8},
        {"blk.0.attn_norm.weight", "", SVA_ROLE_ATTN_NORM, 0, UNI, RES, 1, 8},
        {"blk.0.ffn_norm.weight", "", SVA_ROLE_FFN_NORM, 0, UNI, RES, 1, 8},
        {"blk.0.attn_q.weight", "", SVA_ROLE_ATTN_Q, 0, ROT, RES, 8, 8},
        {"blk.0.attn_k.weight", "", SVA_ROLE_ATTN_K, 0, ROT, RES, 4, 8},
        {"blk.0.attn_v.weight", "", SVA_ROLE_ATTN_V, 0, VAL, RES, 4, 8},
        {"blk.0.attn_output.weight", "", SVA_ROLE_ATTN_OUT, 0, RES, VAL, 8, 8},
        {"blk.0.ffn_gate.weight", "", SVA_ROLE_FFN_GATE, 0, NEU, RES, 12, 8},
        {"blk.0.ffn_down.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 8, 12},
        {"rope_freqs.weight", "", SVA_ROLE_ROTARY_FREQUENCIES, -1, UNI, INP, 1, 2},
    };
    EXPECT(model, "text-decoder", decoder);
    close_tensors(&tree, model);
}

static void post_attention_norm_is_read_by_its_neighbours(void **state)
{
    (void)state;
    static const tensor_spec gemma[] = {
        "token_embd.weight 16x8",       BLOCK("blk.0."),
        "blk.0.ffn_norm.weight 8",      "blk.0.post_attention_norm.weight 8",
        "blk.0.post_ffw_norm.weight 8", NULL};
    static const tensor_spec gpt_oss[] = {"token_embd.weight 16x8", BLOCK("blk.0."),
                                          "blk.0.post_attention_norm.weight 8", NULL};
    static const struct expected closes[] = {
        {"blk.0.post_attention_norm.weight", "", SVA_ROLE_ATTN_POST_NORM, 0, UNI, RES, 1, 8}};
    static const struct expected opens[] = {
        {"blk.0.post_attention_norm.weight", "", SVA_ROLE_FFN_NORM, 0, UNI, RES, 1, 8}};
    struct temp_tree tree;
    struct sva_model *model = open_tensors(&tree, gemma, NULL);
    EXPECT(model, "text-decoder", closes);
    close_tensors(&tree, model);
    model = open_tensors(&tree, gpt_oss, NULL);
    EXPECT(model, "text-decoder", opens);
    close_tensors(&tree, model);
}

static void fused_and_stacked_matrices_of_gguf_are_taken_apart(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"token_embd.weight 16x8",
                                        "blk.0.attn_qkv.weight 16x8",
                                        "blk.0.attn_output.weight 8x8",
                                        "blk.0.ffn_up.weight 24x8",
                                        "blk.0.ffn_down.weight 8x12",
                                        "blk.1.attn_qkv.weight 16x8",
                                        "blk.1.attn_output.weight 8x8",
                                        "blk.1.ffn_gate_inp.weight 3x8",
                                        "blk.1.ffn_gate_exps.weight 3x12x8",
                                        "blk.1.ffn_down_exps.weight 3x8x12",
                                        NULL};
    static const struct expected rows[] = {
        {"blk.0.attn_qkv.weight", "q", SVA_ROLE_ATTN_Q, 0, ROT, RES, 8, 8},
        {"blk.0.attn_qkv.weight", "k", SVA_ROLE_ATTN_K, 0, ROT, RES, 4, 8},
        {"blk.0.ffn_up.weight", "gate", SVA_ROLE_FFN_GATE, 0, NEU, RES, 12, 8},
        {"blk.0.ffn_up.weight", "up", SVA_ROLE_FFN_UP, 0, NEU, RES, 12, 8},
        {"blk.1.ffn_gate_inp.weight", "", SVA_ROLE_ROUTER, 1, EXP, RES, 3, 8},
        {"blk.1.ffn_gate_exps.weight", "expert 2", SVA_ROLE_FFN_GATE, 1, NEU, RES, 12, 8},
        {"blk.1.ffn_down_exps.weight", "expert 0", SVA_ROLE_FFN_DOWN, 1, RES, NEU, 8, 12},
    };
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, heads_2_1);
    EXPECT(model, "text-decoder", rows);
    close_tensors(&tree, model);
}

/** Row `row` of the view's order must begin at stored row `stored`. */
static void assert_row(const struct sva_row_order *order, uint64_t row, uint64_t stored,
                       uint64_t width)
{
    struct sva_view view = {.order = order};
    assert_non_null(order);
    assert_int_equal(row_place(&view, row), stored * width);
}

static void rotary_halves_have_a_second_hypothesis(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"token_embd.weight 16x8", BLOCK("blk.0."), NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, heads_2_1);
    /* heads of 4: rows 0 1 2 3 of the original are stored 0 2 1 3 */
    static const uint64_t stored[8] = {0, 2, 1, 3, 4, 6, 5, 7};
    const struct sva_view *const q = view_of(model, "blk.0.attn_q.weight", "");
    const struct sva_view *const k = view_of(model, "blk.0.attn_k.weight", "");
    assert_null(q->order);
    for (uint64_t row = 0; row < 8; row++) {
        assert_row(q->alternative, row, stored[row], 8);
    }
    for (uint64_t row = 0; row < 4; row++) {
        assert_row(k->alternative, row, stored[row], 8);
    }
    assert_null(view_of(model, "blk.0.attn_v.weight", "")->alternative);
    close_tensors(&tree, model);
}

static void heads_in_turns_are_taken_apart_where_the_configuration_tells_them(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"gpt_neox.embed_in.weight 16x8",
                                        "gpt_neox.layers.0.attention.query_key_value.weight 16x8",
                                        "gpt_neox.layers.0.attention.dense.weight 8x8",
                                        "gpt_neox.layers.0.mlp.dense_h_to_4h.weight 32x8",
                                        "gpt_neox.layers.0.mlp.dense_4h_to_h.weight 8x32",
                                        NULL};
    static const char name[] = "gpt_neox.layers.0.attention.query_key_value.weight";
    /* 2 groups: two query heads of 2, a key, a value */
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(
        &tree, specs, "{\"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"head_dim\": 2}");
    static const struct expected rows[] = {
        {name, "q", SVA_ROLE_ATTN_Q, 0, ROT, RES, 8, 8},
        {name, "k", SVA_ROLE_ATTN_K, 0, ROT, RES, 4, 8},
        {name, "v", SVA_ROLE_ATTN_V, 0, VAL, RES, 4, 8},
    };
    EXPECT(model, "text-decoder", rows);
    const struct sva_view *const q = view_of(model, name, "q");
    assert_row(q->order, 3, 3, 8);
    assert_row(q->order, 4, 8, 8);
    const struct sva_view *const v = view_of(model, name, "v");
    assert_int_equal(v->offset, 6 * 8);
    assert_row(v->order, 2, 8, 8);
    close_tensors(&tree, model);
}

static void latent_keys_and_values_agree_with_the_split_ones(void **state)
{
    (void)state;
    static const tensor_spec fused[] = {"model.embed_tokens.weight 16x8",
                                        "model.layers.0.self_attn.q_proj.weight 8x8",
                                        "model.layers.0.self_attn.o_proj.weight 8x8",
                                        "model.layers.0.self_attn.kv_b_proj.weight 10x5", NULL};
    static const tensor_spec split[] = {
        "token_embd.weight 16x8",       "blk.0.attn_q.weight 8x8",
        "blk.0.attn_output.weight 8x8", "blk.0.attn_k_b.weight 2x5x3",
        "blk.0.attn_v_b.weight 2x2x5",  NULL};
    static const char config[] = "{\"num_attention_heads\": 2, \"qk_nope_head_dim\": 3, "
                                 "\"v_head_dim\": 2}";
    struct temp_tree tree;
    struct sva_model *model = open_tensors(&tree, fused, config);
    const struct sva_view *k = view_of(model, "model.layers.0.self_attn.kv_b_proj.weight", "k");
    assert_int_equal(k->n[0], 6);
    assert_row(k->order, 3, 5, 5);
    const struct sva_view *const v =
        view_of(model, "model.layers.0.self_attn.kv_b_proj.weight", "v");
    assert_int_equal(v->n[0], 4);
    assert_int_equal(v->offset, 15);
    close_tensors(&tree, model);

    model = open_tensors(&tree, split, config);
    k = view_of(model, "blk.0.attn_k_b.weight", "");
    assert_int_equal(k->n[0], 6);
    assert_int_equal(k->n[1], 5);
    assert_int_equal(k->stride[1], 3);
    assert_row(k->order, 4, 16, 1); /* head 1, key 1 */
    assert_int_equal(view_of(model, "blk.0.attn_v_b.weight", "")->n[0], 4);
    close_tensors(&tree, model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_gguf_mean_what_their_originals_mean),
        cmocka_unit_test(post_attention_norm_is_read_by_its_neighbours),
        cmocka_unit_test(fused_and_stacked_matrices_of_gguf_are_taken_apart),
        cmocka_unit_test(rotary_halves_have_a_second_hypothesis),
        cmocka_unit_test(heads_in_turns_are_taken_apart_where_the_configuration_tells_them),
        cmocka_unit_test(latent_keys_and_values_agree_with_the_split_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

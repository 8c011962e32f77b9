/* SPDX-License-Identifier: Apache-2.0 */
/* The role map for towers, projectors, adapters, and networks that no row knows. */
#include "role_expect.h"

#define QWEN_VISION(p)                                                                             \
    p "patch_embed.proj.weight 6x3x2x2x2", p "blocks.0.norm1.weight 6",                            \
        p "blocks.0.norm2.weight 6", p "blocks.0.attn.qkv.weight 18x6",                            \
        p "blocks.0.attn.qkv.bias 18", p "blocks.0.attn.proj.weight 6x6",                          \
        p "blocks.0.mlp.gate_proj.weight 10x6", p "blocks.0.mlp.up_proj.weight 10x6",              \
        p "blocks.0.mlp.down_proj.weight 6x10", p "merger.ln_q.weight 6",                          \
        p "merger.mlp.0.weight 24x24", p "merger.mlp.0.bias 24", p "merger.mlp.2.weight 8x24"

static void qwen_vl_has_decoder_tower_and_projector(void **state)
{
    (void)state;
    static const tensor_spec layouts[][32] = {
        {QWEN_VISION("visual."), "model.embed_tokens.weight 16x8", LLAMA_LAYER("model.layers.0."),
         "model.norm.weight 8", "lm_head.weight 16x8", NULL},
        {QWEN_VISION("model.visual."), "model.language_model.embed_tokens.weight 16x8",
         LLAMA_LAYER("model.language_model.layers.0."), "model.language_model.norm.weight 8",
         "lm_head.weight 16x8", NULL},
        {QWEN_VISION("thinker.visual."), "thinker.model.embed_tokens.weight 16x8",
         LLAMA_LAYER("thinker.model.layers.0."), "thinker.model.norm.weight 8",
         "thinker.lm_head.weight 16x8", NULL},
    };
    static const char *const prefixes[] = {"visual.", "model.visual.", "thinker.visual."};
    for (size_t l = 0; l < 3; l++) {
        struct temp_tree tree;
        struct sva_model *const model = open_tensors(&tree, layouts[l], NULL);
        char qkv[100];
        char patch[100];
        char merger[100];
        char merger_norm[100];
        snprintf(qkv, sizeof qkv, "%sblocks.0.attn.qkv.weight", prefixes[l]);
        snprintf(patch, sizeof patch, "%spatch_embed.proj.weight", prefixes[l]);
        snprintf(merger, sizeof merger, "%smerger.mlp.2.weight", prefixes[l]);
        snprintf(merger_norm, sizeof merger_norm, "%smerger.ln_q.weight", prefixes[l]);
        const struct expected tower[] = {
            {qkv, "k", SVA_ROLE_ATTN_K, 0, ROT, RES, 6, 6},
            {qkv, "v", SVA_ROLE_ATTN_V, 0, VAL, RES, 6, 6},
            {patch, "frame 0", SVA_ROLE_EMBED_PATCH, -1, RES, INP, 6, 3},
            {patch, "frame 1", SVA_ROLE_EMBED_PATCH, -1, RES, INP, 6, 3},
        };
        const struct expected projector[] = {
            {merger, "", SVA_ROLE_PROJECTOR_2, -1, FOR, LAT, 8, 24},
            {merger_norm, "", SVA_ROLE_PROJECTOR_NORM, -1, UNI, FOR, 1, 6},
        };
        assert_int_equal(model->component_count, 3);
        EXPECT(model, "vision-encoder", tower);
        EXPECT(model, "projector", projector);
        assert_int_equal(component_of(model, "vision-encoder")->width, 6);
        assert_int_equal(component_of(model, "text-decoder")->width, 8);
        assert_int_equal(component_of(model, "projector")->width, 0);
        assert_string_equal(sva_model_fact(model, "weights.unclaimed"), "0");
        close_tensors(&tree, model);
    }
}

#define CLIP_TOWER(p)                                                                              \
    p "embeddings.patch_embedding.weight 6x3x2x2", p "embeddings.class_embedding 6",               \
        p "embeddings.position_embedding.weight 5x6", p "pre_layrnorm.weight 6",                   \
        p "encoder.layers.0.layer_norm1.weight 6",                                                 \
        p "encoder.layers.0.self_attn.q_proj.weight 6x6",                                          \
        p "encoder.layers.0.self_attn.v_proj.weight 6x6",                                          \
        p "encoder.layers.0.self_attn.out_proj.weight 6x6",                                        \
        p "encoder.layers.0.mlp.fc1.weight 24x6", p "encoder.layers.0.mlp.fc2.weight 6x24",        \
        p "post_layernorm.weight 6"

static void llava_with_a_clip_tower_maps(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {CLIP_TOWER("vision_tower.vision_model."),
                                        "multi_modal_projector.linear_1.weight 8x6",
                                        "multi_modal_projector.linear_2.weight 8x8",
                                        "language_model.model.embed_tokens.weight 16x8",
                                        LLAMA_LAYER("language_model.model.layers.0."),
                                        "language_model.lm_head.weight 16x8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected tower[] = {
        {"vision_tower.vision_model.encoder.layers.0.self_attn.q_proj.weight", "", SVA_ROLE_ATTN_Q,
         0, HED, RES, 6, 6},
        {"vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight", "", SVA_ROLE_FFN_UP, 0, NEU,
         RES, 24, 6},
        {"vision_tower.vision_model.embeddings.patch_embedding.weight", "", SVA_ROLE_EMBED_PATCH,
         -1, RES, INP, 6, 3},
        {"vision_tower.vision_model.embeddings.class_embedding", "", SVA_ROLE_EMBED_CLASS, -1, UNI,
         RES, 1, 6},
        {"vision_tower.vision_model.embeddings.position_embedding.weight", "",
         SVA_ROLE_EMBED_POSITIONS, -1, POS, RES, 5, 6},
        {"vision_tower.vision_model.pre_layrnorm.weight", "", SVA_ROLE_PRE_NORM, -1, UNI, RES, 1,
         6},
    };
    static const struct expected projector[] = {
        {"multi_modal_projector.linear_1.weight", "", SVA_ROLE_PROJECTOR_1, -1, LAT, FOR, 8, 6},
    };
    EXPECT(model, "vision-encoder", tower);
    EXPECT(model, "projector", projector);
    assert_int_equal(component_of(model, "text-decoder")->layer_count, 1);
    assert_string_equal(sva_model_fact(model, "weights.unclaimed"), "0");
    close_tensors(&tree, model);
}

static void clip_has_a_text_and_a_vision_encoder(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {CLIP_TOWER("vision_model."),
                                        "text_model.embeddings.token_embedding.weight 16x4",
                                        "text_model.embeddings.position_embedding.weight 7x4",
                                        "text_model.encoder.layers.0.self_attn.q_proj.weight 4x4",
                                        "text_model.encoder.layers.0.layer_norm1.weight 4",
                                        "text_model.encoder.layers.0.mlp.fc1.weight 16x4",
                                        "text_model.final_layer_norm.weight 4",
                                        "visual_projection.weight 5x6",
                                        "text_projection.weight 5x4",
                                        "logit_scale",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected text[] = {
        {"text_model.encoder.layers.0.self_attn.q_proj.weight", "", SVA_ROLE_ATTN_Q, 0, HED, RES, 4,
         4},
        {"text_model.embeddings.token_embedding.weight", "", SVA_ROLE_EMBED_TOKENS, -1, TOK, RES,
         16, 4},
        {"text_model.final_layer_norm.weight", "", SVA_ROLE_FINAL_NORM, -1, UNI, RES, 1, 4},
    };
    EXPECT(model, "text-encoder", text);
    assert_int_equal(component_of(model, "vision-encoder")->width, 6);
    close_tensors(&tree, model);
}

static void whisper_encoders_are_labelled_and_without_rotary(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.encoder.conv1.weight 6x8x3",
                                        "model.encoder.conv1.bias 6",
                                        "model.encoder.conv2.weight 6x6x3",
                                        "model.encoder.embed_positions.weight 12x6",
                                        "model.encoder.layers.0.self_attn.q_proj.weight 6x6",
                                        "model.encoder.layers.0.self_attn_layer_norm.weight 6",
                                        "model.encoder.layers.0.fc1.weight 24x6",
                                        "model.encoder.layers.0.fc2.weight 6x24",
                                        "model.encoder.layers.0.final_layer_norm.weight 6",
                                        "model.encoder.layer_norm.weight 6",
                                        "model.decoder.embed_tokens.weight 16x6",
                                        "model.decoder.embed_positions.weight 9x6",
                                        "model.decoder.layers.0.self_attn.q_proj.weight 6x6",
                                        "model.decoder.layers.0.encoder_attn.k_proj.weight 6x6",
                                        "model.decoder.layers.0.self_attn_layer_norm.weight 6",
                                        "model.decoder.layers.0.fc1.weight 24x6",
                                        "model.decoder.layer_norm.weight 6",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected audio[] = {
        {"model.encoder.conv1.weight", "", SVA_ROLE_CONV, 0, LAT, INP, 6, 8},
        {"model.encoder.conv2.weight", "", SVA_ROLE_CONV, 1, RES, LAT, 6, 6},
        {"model.encoder.layers.0.self_attn.q_proj.weight", "", SVA_ROLE_ATTN_Q, 0, HED, RES, 6, 6},
        {"model.encoder.layers.0.fc2.weight", "", SVA_ROLE_FFN_DOWN, 0, RES, NEU, 6, 24},
        {"model.encoder.layer_norm.weight", "", SVA_ROLE_FINAL_NORM, -1, UNI, RES, 1, 6},
    };
    static const struct expected text[] = {
        {"model.decoder.layers.0.self_attn.q_proj.weight", "", SVA_ROLE_ATTN_Q, 0, HED, RES, 6, 6},
        {"model.decoder.layers.0.encoder_attn.k_proj.weight", "", SVA_ROLE_UNKNOWN, 0, HED, FOR, 6,
         6},
    };
    EXPECT(model, "audio-encoder", audio);
    EXPECT(model, "text-decoder", text);
    assert_true(component_of(model, "audio-encoder")->residual_labelled);
    assert_non_null(component_of(model, "audio-encoder")->labelled_why);
    assert_false(component_of(model, "text-decoder")->residual_labelled);
    close_tensors(&tree, model);
}

static void rwkv_is_labelled(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"emb.weight 16x8",
                                        "blocks.0.ln0.weight 8",
                                        "blocks.0.ln1.weight 8",
                                        "blocks.0.att.key.weight 8x8",
                                        "blocks.0.att.time_mix_k 1x1x8",
                                        "blocks.0.att.output.weight 8x8",
                                        "blocks.0.ffn.key.weight 16x8",
                                        "blocks.0.ffn.value.weight 8x16",
                                        "ln_out.weight 8",
                                        "head.weight 16x8",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    assert_true(component_of(model, "text-decoder")->residual_labelled);
    static const struct expected rows[] = {
        {"blocks.0.ffn.key.weight", "", SVA_ROLE_FFN_UP, 0, NEU, RES, 16, 8},
        {"blocks.0.att.key.weight", "", SVA_ROLE_ATTN_K, 0, ROT, RES, 8, 8},
        {"blocks.0.att.time_mix_k", "", SVA_ROLE_UNKNOWN, 0, UNI, RES, 1, 8},
        {"head.weight", "", SVA_ROLE_OUTPUT_HEAD, -1, TOK, RES, 16, 8},
    };
    EXPECT(model, "text-decoder", rows);
    close_tensors(&tree, model);
}

static void lora_factors_make_an_adapter_whose_base_axes_are_foreign(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {
        "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight 2x8",
        "base_model.model.model.layers.3.self_attn.q_proj.lora_B.default.weight 8x2",
        "base_model.model.model.layers.3.mlp.unheard_of.lora_A.weight 2x8", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight", "attn-q",
         SVA_ROLE_LORA_A, 3, RNK, FOR, 2, 8},
        {"base_model.model.model.layers.3.self_attn.q_proj.lora_B.default.weight", "attn-q",
         SVA_ROLE_LORA_B, 3, FOR, RNK, 8, 2},
        {"base_model.model.model.layers.3.mlp.unheard_of.lora_A.weight", "", SVA_ROLE_LORA_A, -1,
         RNK, FOR, 2, 8},
    };
    assert_int_equal(model->component_count, 1);
    EXPECT(model, "adapter", rows);
    close_tensors(&tree, model);
}

static void adapters_of_every_dialect_are_one_component(void **state)
{
    (void)state;
#define UNET    "unet.mid_block.attentions.0.transformer_blocks.0.attn1."
#define KOHYA   "lora_unet_mid_block_attentions_0_proj_in."
#define ENCODER "text_model.encoder.layers.1.self_attn.q_proj."
    static const tensor_spec specs[] = {
        /* diffusers, by age */
        UNET "processor.to_q_lora.down.weight 2x8", UNET "processor.to_q_lora.up.weight 8x2",
        UNET "to_k.lora.down.weight 2x8", UNET "to_k.lora.up.weight 8x2",
        ENCODER "lora_linear_layer.down.weight 2x6", ENCODER "lora_linear_layer.up.weight 6x2",
        "double_blocks.0.processor.qkv_lora1.down.weight 2x8",
        "double_blocks.0.processor.qkv_lora1.up.weight 24x2",
        /* kohya, a convolution with a middle, and DoRA */
        KOHYA "lora_down.weight 2x8x1x1", KOHYA "lora_mid.weight 4x4x3x3",
        KOHYA "lora_up.weight 8x2x1x1", KOHYA "alpha", KOHYA "dora_scale 8x1",
        /* GGUF, and PEFT's embeddings */
        "blk.4.attn_v.weight.lora_a 2x8", "blk.4.attn_v.weight.lora_b 8x2",
        "token_embd.weight.lora_a 16x2", "token_embd.weight.lora_b 8x2",
        "base_model.model.model.embed_tokens.lora_embedding_A 2x16",
        "base_model.model.model.embed_tokens.lora_embedding_B 8x2",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector.weight 8", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {UNET "processor.to_q_lora.down.weight", "", SVA_ROLE_LORA_A, -1, RNK, FOR, 2, 8},
        {UNET "processor.to_q_lora.up.weight", "", SVA_ROLE_LORA_B, -1, FOR, RNK, 8, 2},
        {UNET "to_k.lora.up.weight", "", SVA_ROLE_LORA_B, -1, FOR, RNK, 8, 2},
        {ENCODER "lora_linear_layer.down.weight", "attn-q", SVA_ROLE_LORA_A, 1, RNK, FOR, 2, 6},
        {ENCODER "lora_linear_layer.up.weight", "attn-q", SVA_ROLE_LORA_B, 1, FOR, RNK, 6, 2},
        {"double_blocks.0.processor.qkv_lora1.up.weight", "", SVA_ROLE_LORA_B, -1, FOR, RNK, 24, 2},
        {KOHYA "lora_down.weight", "", SVA_ROLE_LORA_A, -1, RNK, FOR, 2, 8},
        {KOHYA "lora_up.weight", "", SVA_ROLE_LORA_B, -1, FOR, RNK, 8, 2},
        {KOHYA "lora_mid.weight", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 4, 4},
        {KOHYA "dora_scale", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 8, 1},
        {KOHYA "alpha", "", SVA_ROLE_UNKNOWN, -1, UNI, UNK, 1, 1},
        {"blk.4.attn_v.weight.lora_a", "attn-v", SVA_ROLE_LORA_A, 4, RNK, FOR, 2, 8},
        {"token_embd.weight.lora_a", "embed-tokens", SVA_ROLE_LORA_A, -1, RNK, FOR, 2, 16},
        {"token_embd.weight.lora_b", "embed-tokens", SVA_ROLE_LORA_B, -1, FOR, RNK, 8, 2},
        {"base_model.model.model.embed_tokens.lora_embedding_A", "embed-tokens", SVA_ROLE_LORA_A,
         -1, RNK, FOR, 2, 16},
        {"base_model.model.model.embed_tokens.lora_embedding_B", "embed-tokens", SVA_ROLE_LORA_B,
         -1, FOR, RNK, 8, 2},
        {"base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector.weight", "",
         SVA_ROLE_UNKNOWN, 0, UNI, UNK, 1, 8},
    };
    assert_int_equal(model->component_count, 1);
    EXPECT(model, "adapter", rows);
    close_tensors(&tree, model);
#undef UNET
#undef KOHYA
#undef ENCODER
}

static void a_number_called_alpha_is_no_adapter(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"snake.alpha", "up.lora_down_sampler.weight 8x8",
                                        "blocks.0.up.weight 8x8", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    assert_int_equal(model->component_count, 1);
    assert_int_equal(model->components[0].kind, SVA_COMPONENT_GENERIC);
    close_tensors(&tree, model);
}

static void two_decoders_are_two_components(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"thinker.model.embed_tokens.weight 16x8",
                                        LLAMA_LAYER("thinker.model.layers.0."),
                                        "talker.model.layers.0.self_attn.q_proj.weight 4x4",
                                        "talker.model.layers.0.input_layernorm.weight 4",
                                        "talker.model.norm.weight 4",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    assert_int_equal(component_of(model, "text-decoder:talker.model.layers")->width, 4);
    assert_int_equal(component_of(model, "text-decoder:thinker.model.layers")->width, 8);
    const struct sva_view *const norm = view_of(model, "talker.model.norm.weight", "");
    assert_string_equal(model->components[norm->component].name,
                        "text-decoder:talker.model.layers");
    close_tensors(&tree, model);
}

static void unknown_networks_stay_generic_and_folded_by_shape(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"conv1.weight 16x3x3x3",
                                        "conv1.bias 16",
                                        "stage.0.hwio 3x3x4x8",
                                        "stage.1.ohwi 8x5x5x4",
                                        "stage.2.wide 16x8x1x5",
                                        "dense.kernel 12x4",
                                        "stft 258x1x64",
                                        "seq.conv 8x4x7",
                                        "cube 2x3x4x5x6",
                                        "norm.weight 16",
                                        "fc.weight 10x16",
                                        "scalar",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"conv1.weight", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 16, 3},
        {"stage.0.hwio", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 8, 4},
        {"stage.1.ohwi", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 8, 4},
        {"stage.2.wide", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 16, 8},
        {"dense.kernel", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 4, 12},
        {"stft", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 258, 64},
        {"seq.conv", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 8, 4},
        {"cube", "", SVA_ROLE_UNKNOWN, -1, UNK, UNK, 2, 360},
        {"norm.weight", "", SVA_ROLE_UNKNOWN, -1, UNI, UNK, 1, 16},
        {"scalar", "", SVA_ROLE_UNKNOWN, -1, UNI, UNK, 1, 1},
    };
    assert_int_equal(model->component_count, 1);
    EXPECT(model, "generic", rows);
    assert_int_equal(view_of(model, "stage.0.hwio", "")->n[2], 9);
    assert_int_equal(view_of(model, "stage.1.ohwi", "")->n[2], 25);
    close_tensors(&tree, model);
}

static void generic_subnetworks_are_components_of_their_own(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"net.generator.up.0.weight 16x8x3x3",
                                        "net.discriminator.down.0.weight 16x8x3x3",
                                        "net.misc.weight 2x2", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    assert_int_equal(model->component_count, 3);
    component_of(model, "generic:generator");
    component_of(model, "generic:discriminator");
    component_of(model, "generic");
    close_tensors(&tree, model);
}

static void nested_stacks_are_not_taken_for_transformers(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"layers.0.blocks.0.attn.qkv.weight 18x6",
                                        "layers.0.blocks.0.mlp.fc1.weight 24x6",
                                        "layers.1.blocks.0.attn.qkv.weight 36x12", NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    assert_int_equal(model->component_count, 1);
    assert_int_equal(model->components[0].kind, SVA_COMPONENT_GENERIC);
    close_tensors(&tree, model);
}

static void a_wrong_width_makes_the_axis_unknown(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x9",
                                        LLAMA_LAYER("model.layers.0."), NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    static const struct expected rows[] = {
        {"model.embed_tokens.weight", "", SVA_ROLE_EMBED_TOKENS, -1, TOK, UNK, 16, 9}};
    EXPECT(model, "text-decoder", rows);
    close_tensors(&tree, model);
}

static void shapes_that_do_not_fit_their_role_are_still_covered(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.layers.0.self_attn.q_proj.weight 0x8",
                                        "model.layers.0.self_attn.k_proj.weight",
                                        "model.layers.0.self_attn.v_proj.weight 7",
                                        "model.layers.0.self_attn.qkv_proj.weight 7x8",
                                        "model.layers.0.mlp.gate_up_proj.weight 7x3",
                                        "model.layers.0.mlp.experts.gate_up_proj 2x3x4x5",
                                        "model.layers.0.mlp.experts.down_proj 6x5",
                                        "model.layers.0.mlp.experts.gate_up_proj_bias 5",
                                        "model.layers.0.input_layernorm.weight 2x4",
                                        "model.layers.0.mlp.down_proj.bias 2x3",
                                        "model.layers.999999.self_attn.q_proj.weight 2x2",
                                        "model.layers.1000000.self_attn.q_proj.weight 2x2",
                                        "model.norm.weight",
                                        "lm_head.weight 2x3x4",
                                        "",
                                        "weight 3",
                                        ".weight 3",
                                        "model..weight 2x2",
                                        NULL};
    struct temp_tree tree;
    struct sva_model *const model = open_tensors(&tree, specs, NULL);
    assert_int_equal(model->tensor_count, 18);
    close_tensors(&tree, model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qwen_vl_has_decoder_tower_and_projector),
        cmocka_unit_test(llava_with_a_clip_tower_maps),
        cmocka_unit_test(clip_has_a_text_and_a_vision_encoder),
        cmocka_unit_test(whisper_encoders_are_labelled_and_without_rotary),
        cmocka_unit_test(rwkv_is_labelled),
        cmocka_unit_test(lora_factors_make_an_adapter_whose_base_axes_are_foreign),
        cmocka_unit_test(adapters_of_every_dialect_are_one_component),
        cmocka_unit_test(a_number_called_alpha_is_no_adapter),
        cmocka_unit_test(two_decoders_are_two_components),
        cmocka_unit_test(unknown_networks_stay_generic_and_folded_by_shape),
        cmocka_unit_test(generic_subnetworks_are_components_of_their_own),
        cmocka_unit_test(nested_stacks_are_not_taken_for_transformers),
        cmocka_unit_test(a_wrong_width_makes_the_axis_unknown),
        cmocka_unit_test(shapes_that_do_not_fit_their_role_are_still_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

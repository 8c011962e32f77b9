/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table. First fit wins, so a special row stands before a general one.
 * Axis 0 (`out`) numbers a matrix's outputs, axis 1 (`in`) its inputs, whatever
 * the stored order; norms and biases have `out` only. Names are those of
 * published checkpoints and of their libraries' parameter trees.
 */
#include "model/role_map.h"

#include <string.h>

#define UNK SVA_AXIS_UNKNOWN
#define RES SVA_AXIS_RESIDUAL
#define NEU SVA_AXIS_NEURON
#define VAL SVA_AXIS_VALUE
#define ROT SVA_AXIS_ROTARY
#define HED SVA_AXIS_HEAD
#define LAT SVA_AXIS_LATENT
#define TOK SVA_AXIS_TOKEN
#define EXP SVA_AXIS_EXPERT
#define POS SVA_AXIS_POSITION
#define INP SVA_AXIS_INPUT
#define FOR SVA_AXIS_FOREIGN
#define UNI SVA_AXIS_UNIT
#define ROW(pattern, role, out, in, split, flags, hint)                                            \
    {                                                                                              \
        pattern, SVA_ROLE_##role, out, in, SVA_SPLIT_##split, flags, SVA_HINT_##hint               \
    }
#define TURNED     SVA_RULE_TURNED
#define EXPERTS    SVA_RULE_EXPERTS
#define BIAS       SVA_RULE_BIAS
#define WEAK       SVA_RULE_WEAK
#define NO_ROTARY  SVA_RULE_NO_ROTARY
#define LABELLED   SVA_RULE_LABELLED
#define POST_NORMS SVA_RULE_POST_NORMS
#define TURNS_ONLY SVA_RULE_TURNS_ONLY
#define SINUSOID   SVA_RULE_SINUSOID
#define HALVES     SVA_RULE_HALVES

/* One row, one line. */
/* clang-format off */
static const struct sva_role_rule rules[] = {
    /* --- projectors: between two residual streams, hence no residual axis of their own --- */
    ROW("merger.ln_q|norm|post_projection_norm",            PROJECTOR_NORM, FOR, UNI, NONE, 0, PROJECTOR),
    ROW("merger.mlp.0",                                     PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("merger.mlp.2",                                     PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("merger.linear_fc1",                                PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("merger.linear_fc2",                                PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("merger.proj",                                      PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("merger.gate_proj",                                 PROJECTOR_2, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("merger.down_proj",                                 PROJECTOR_3, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("deepstack_merger_list.{N}.norm",                   PROJECTOR_NORM, FOR, UNI, NONE, 0, PROJECTOR),
    ROW("deepstack_merger_list.{N}.linear_fc1",             PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("deepstack_merger_list.{N}.linear_fc2",             PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("multi_modal_projector.linear_1",                   PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("multi_modal_projector.linear_2",                   PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("multi_modal_projector.linear_3",                   PROJECTOR_3, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("multi_modal_projector.linear",                     PROJECTOR_1, FOR, FOR, NONE, 0, PROJECTOR),
    ROW("multi_modal_projector.mm_input_projection_weight", PROJECTOR_1, FOR, FOR, NONE, TURNED, PROJECTOR),
    ROW("multi_modal_projector.mm_soft_emb_norm|norm|layer_norm|pre_norm", PROJECTOR_NORM, FOR, UNI, NONE, 0, PROJECTOR),
    ROW("mm_projector|multi_modal_projector|vision_proj.0|1",        PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("mm_projector|multi_modal_projector|vision_proj.2|3",        PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("mm_projector|multi_modal_projector",               PROJECTOR_1, FOR, FOR, NONE, 0, PROJECTOR),
    ROW("mlp1.0",                                           PROJECTOR_NORM, FOR, FOR, NONE, 0, PROJECTOR),
    ROW("mlp1.1",                                           PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("mlp1.3",                                           PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("connector.modality_projection.proj",               PROJECTOR_1, FOR, FOR, NONE, 0, PROJECTOR),
    ROW("mm.0|1",                                           PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("mm.2",                                             PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("mm.input_projection",                              PROJECTOR_1, FOR, FOR, NONE, TURNED, PROJECTOR),
    ROW("mm.soft_emb_norm|input_norm",                      PROJECTOR_NORM, FOR, UNI, NONE, 0, PROJECTOR),
    ROW("deepstack.{N}.norm",                               PROJECTOR_NORM, FOR, UNI, NONE, 0, PROJECTOR),
    ROW("deepstack.{N}.fc1",                                PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),
    ROW("deepstack.{N}.fc2",                                PROJECTOR_2, FOR, LAT, NONE, 0, PROJECTOR),
    ROW("audio_tower.proj",                                 PROJECTOR_1, FOR, FOR, NONE, 0, PROJECTOR),
    ROW("visual_projection|text_projection",                PROJECTOR_1, LAT, FOR, NONE, 0, PROJECTOR),

    /* --- embeddings, heads, outer norms --- */
    ROW("embeddings.word_embeddings",         EMBED_TOKENS, TOK, RES, NONE, NO_ROTARY, TEXT_ENCODER),
    ROW("embeddings.tok_embeddings",          EMBED_TOKENS, TOK, RES, NONE, 0, TEXT_ENCODER),
    ROW("embeddings.token_embedding",         EMBED_TOKENS, TOK, RES, NONE, 0, TEXT_ENCODER),
    ROW("embed_tokens|tok_embeddings|wte|word_embeddings|embed_in|token_embedding|shared", EMBED_TOKENS, TOK, RES, NONE, 0, NONE),
    ROW("embedding|emb|token_embd",           EMBED_TOKENS, TOK, RES, NONE, 0, NONE),
    ROW("unembedding",                        OUTPUT_HEAD,  TOK, RES, NONE, 0, NONE),
    ROW("embed.W_E",                          EMBED_TOKENS, TOK, RES, NONE, TURNED, NONE),
    ROW("unembed.W_U",                        OUTPUT_HEAD,  TOK, RES, NONE, TURNED, NONE),
    ROW("lm_head.dense",                      UNKNOWN,      LAT, RES, NONE, 0, NONE),
    ROW("lm_head.layer_norm",                 UNKNOWN,      LAT, UNI, NONE, 0, NONE),
    ROW("lm_head.decoder",                    OUTPUT_HEAD,  TOK, LAT, NONE, 0, NONE),
    ROW("lm_head|embed_out|output_layer|output", OUTPUT_HEAD, TOK, RES, NONE, 0, NONE),
    ROW("cls.predictions.transform.dense",    UNKNOWN,      LAT, RES, NONE, 0, NONE),
    ROW("cls.predictions.transform.LayerNorm", UNKNOWN,     LAT, UNI, NONE, 0, NONE),
    ROW("cls.predictions.decoder",            OUTPUT_HEAD,  TOK, LAT, NONE, 0, NONE),
    ROW("cls.predictions",                    OUTPUT_HEAD,  TOK, LAT, NONE, 0, NONE),
    ROW("classifier.dense",                   UNKNOWN,      LAT, RES, NONE, 0, NONE),
    ROW("classifier.out_proj",                UNKNOWN,      TOK, LAT, NONE, 0, NONE),
    ROW("score|classifier",                   UNKNOWN,      TOK, RES, NONE, 0, NONE),
    ROW("embeddings.position_embeddings|position_embedding", EMBED_POSITIONS, POS, RES, NONE, NO_ROTARY, NONE),
    ROW("wpe|embed_positions|pos_embed|positional_embedding|position_embeddings", EMBED_POSITIONS, POS, RES, NONE, NO_ROTARY, NONE),
    ROW("position_embd",                      EMBED_POSITIONS, POS, RES, NONE, NO_ROTARY, NONE),
    ROW("pos_embed.W_pos",                    EMBED_POSITIONS, POS, RES, NONE, NO_ROTARY, NONE),
    ROW("token_types",                        EMBED_TYPES,  TOK, RES, NONE, 0, TEXT_ENCODER),
    ROW("embeddings.token_type_embeddings",   EMBED_TYPES,  TOK, RES, NONE, 0, TEXT_ENCODER),
    ROW("embeddings.LayerNorm|norm",          EMBED_NORM,   RES, UNI, NONE, 0, TEXT_ENCODER),
    ROW("word_embeddings_layernorm|emb_ln|embed_norm|layernorm_embedding|token_embd_norm", EMBED_NORM, RES, UNI, NONE, 0, NONE),
    ROW("embeddings.class_embedding|cls_token|mask_token|register_tokens|distillation_token", EMBED_CLASS, POS, RES, NONE, 0, VISION),
    ROW("class_embedding|cls_token|reg_token|class_embd", EMBED_CLASS, POS, RES, NONE, 0, VISION),
    ROW("embeddings.patch_embeddings.projection", EMBED_PATCH, RES, INP, NONE, 0, VISION),
    ROW("embeddings.patch_embedding",         EMBED_PATCH,  RES, INP, NONE, 0, VISION),
    ROW("patch_embed.proj|projection",        EMBED_PATCH,  RES, INP, NONE, 0, VISION),
    ROW("patch_conv|patch_embedding",         EMBED_PATCH,  RES, INP, NONE, 0, VISION),
    ROW("patch_embd",                         EMBED_PATCH,  RES, INP, NONE, 0, VISION),
    ROW("patch_embd.weight.{N}",              EMBED_PATCH,  RES, INP, NONE, 0, VISION),
    ROW("visual.conv1",                       EMBED_PATCH,  RES, INP, NONE, NO_ROTARY, VISION),
    ROW("ln_pre|pre_layrnorm|pre_layernorm|pre_ln", PRE_NORM,     RES, UNI, NONE, 0, NONE),
    ROW("pooler.dense",                       POOLER,       LAT, RES, NONE, 0, NONE),
    ROW("conv1d.1",                           CONV,         LAT, INP, NONE, SINUSOID | NO_ROTARY, AUDIO),
    ROW("conv1d.2",                           CONV,         RES, LAT, NONE, SINUSOID | NO_ROTARY, AUDIO),
    ROW("conv1",                              CONV,         LAT, INP, NONE, SINUSOID | NO_ROTARY, AUDIO),
    ROW("conv2",                              CONV,         RES, LAT, NONE, SINUSOID | NO_ROTARY, AUDIO),
    ROW("ln_f|final_layer_norm|final_layernorm|ln_out|ln_post|post_layernorm|ln_final|norm_f|final_norm", FINAL_NORM, RES, UNI, NONE, 0, NONE),
    ROW("output_norm|post_ln",                FINAL_NORM,   RES, UNI, NONE, 0, NONE),
    ROW("norm|layer_norm|layernorm",          FINAL_NORM,   RES, UNI, NONE, 0, NONE),
    ROW("head",                               OUTPUT_HEAD,  TOK, RES, NONE, 0, NONE),
    ROW("rope_freqs|rope_factors_long|rope_factors_short|inv_freq", ROTARY_FREQUENCIES, INP, UNI, NONE, 0, NONE),

    /* --- adapters' targets and attention of llama, mistral, mixtral, qwen2/3, gemma 1-3, phi3, glm4,
           exaone4, solar, deepseek, gpt-oss; without rotary also CLIP, SigLIP, whisper, OPT --- */
    ROW("decoder.layers.{L}.self_attn.q_proj", ATTN_Q,      HED, RES, NONE, 0, DECODER),
    ROW("decoder.layers.{L}.self_attn.k_proj", ATTN_K,      HED, RES, NONE, 0, DECODER),
    ROW("layers.{L}.self_attn.q_proj",        ATTN_Q,       ROT, RES, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.k_proj",        ATTN_K,       ROT, RES, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.v_proj",        ATTN_V,       VAL, RES, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.o_proj|out_proj|dense", ATTN_OUT, RES, VAL, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.qkv_proj|W_pack|qkv", ATTN_Q, ROT, RES, QKV, 0, NONE),
    ROW("layers.{L}.self_attn.q_norm|query_layernorm|q_layernorm", ATTN_Q_NORM, ROT, UNI, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.k_norm|key_layernorm|k_layernorm",   ATTN_K_NORM, ROT, UNI, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.sinks",         ATTN_SINKS,   UNK, UNI, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.q_a_proj",      ATTN_Q_A,     LAT, RES, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.q_a_layernorm", ATTN_Q_A_NORM, LAT, UNI, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.q_b_proj",      ATTN_Q_B,     ROT, LAT, NONE, 0, NONE),
    ROW("layers.{L}.self_attn.kv_a_proj_with_mqa", ATTN_KV_A, LAT, RES, KV_A, 0, NONE),
    ROW("layers.{L}.self_attn.kv_a_layernorm", ATTN_KV_A_NORM, LAT, UNI, NONE, 0, NONE),
    /* keys without position and values take turns head by head: not one exchangeable numbering */
    ROW("layers.{L}.self_attn.kv_b_proj",     ATTN_KV_B,    ROT, LAT, KV_B, 0, NONE),
    ROW("layers.{L}.encoder_attn.q_proj",     UNKNOWN,      HED, RES, NONE, 0, NONE),
    ROW("layers.{L}.encoder_attn.k_proj",     UNKNOWN,      HED, FOR, NONE, 0, NONE),
    ROW("layers.{L}.encoder_attn.v_proj",     UNKNOWN,      VAL, FOR, NONE, 0, NONE),
    ROW("layers.{L}.encoder_attn.out_proj",   UNKNOWN,      RES, VAL, NONE, 0, NONE),
    ROW("layers.{L}.encoder_attn_layer_norm", UNKNOWN,      RES, UNI, NONE, 0, NONE),

    /* Norms. post_attention_layernorm stands before the MLP, except where the model also has a norm
       after the MLP (gemma 2 and 3, exaone4, olmo2): there it closes the attention block. */
    ROW("layers.{L}.input_layernorm",         ATTN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("layers.{L}.attention_norm|attn_norm|norm1|layer_norm1|operator_norm", ATTN_NORM, RES, UNI, NONE, 0, NONE),
    ROW("layers.{L}.self_attn_layer_norm",    ATTN_NORM,    RES, UNI, NONE, NO_ROTARY, NONE),
    ROW("layers.{L}.post_attention_layernorm", ATTN_POST_NORM, RES, UNI, NONE, POST_NORMS, NONE),
    ROW("layers.{L}.post_attention_layernorm", FFN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("layers.{L}.post_self_attn_layernorm", ATTN_POST_NORM, RES, UNI, NONE, 0, NONE),
    ROW("layers.{L}.pre_feedforward_layernorm", FFN_NORM,   RES, UNI, NONE, 0, NONE),
    ROW("layers.{L}.post_feedforward_layernorm|post_mlp_layernorm", FFN_POST_NORM, RES, UNI, NONE, 0, NONE),
    ROW("layers.{L}.ffn_norm|norm2|layer_norm2|mlp_norm|final_layer_norm", FFN_NORM, RES, UNI, NONE, 0, NONE),

    /* MLPs, routers, experts, shared experts */
    ROW("layers.{L}.mlp|feed_forward.gate_proj", FFN_GATE,  NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp|feed_forward.up_proj",   FFN_UP,    NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp|feed_forward.down_proj", FFN_DOWN,  RES, NEU, NONE, 0, NONE),
    ROW("layers.{L}.mlp.gate_up_proj",        FFN_GATE,     NEU, RES, GATE_UP, 0, NONE),
    ROW("layers.{L}.mlp.fc1|c_fc",            FFN_UP,       NEU, RES, NONE, WEAK, NONE),
    ROW("layers.{L}.mlp.fc2|c_proj",          FFN_DOWN,     RES, NEU, NONE, WEAK, NONE),
    ROW("layers.{L}.fc1",                     FFN_UP,       NEU, RES, NONE, WEAK, NONE),
    ROW("layers.{L}.fc2",                     FFN_DOWN,     RES, NEU, NONE, WEAK, NONE),
    ROW("layers.{L}.mlp|feed_forward|block_sparse_moe.gate|router", ROUTER, EXP, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp.router.gate|linear",  ROUTER,       EXP, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp.gate.e_score_correction_bias", ROUTER_CORRECTION, EXP, UNI, NONE, 0, NONE),
    ROW("layers.{L}.mlp.experts.{E}.gate_proj", FFN_GATE,   NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp.experts.{E}.up_proj", FFN_UP,       NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp.experts.{E}.down_proj", FFN_DOWN,   RES, NEU, NONE, 0, NONE),
    ROW("layers.{L}.block_sparse_moe|feed_forward.experts.{E}.w1", FFN_GATE, NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.block_sparse_moe|feed_forward.experts.{E}.w3", FFN_UP,   NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.block_sparse_moe|feed_forward.experts.{E}.w2", FFN_DOWN, RES, NEU, NONE, 0, NONE),
    ROW("layers.{L}.mlp.experts.gate_up_proj", FFN_GATE,    NEU, RES, GATE_UP_TURNS, EXPERTS | TURNS_ONLY, NONE),
    ROW("layers.{L}.mlp.experts.gate_up_proj_bias", FFN_GATE, NEU, UNI, GATE_UP_TURNS, EXPERTS | BIAS, NONE),
    ROW("layers.{L}.mlp.experts.down_proj_bias", FFN_DOWN,  RES, UNI, NONE, EXPERTS | BIAS, NONE),
    ROW("layers.{L}.mlp|feed_forward.experts.gate_up_proj", FFN_GATE, NEU, RES, GATE_UP, EXPERTS, NONE),
    ROW("layers.{L}.mlp|feed_forward.experts.gate_proj", FFN_GATE, NEU, RES, NONE, EXPERTS, NONE),
    ROW("layers.{L}.mlp|feed_forward.experts.up_proj", FFN_UP, NEU, RES, NONE, EXPERTS, NONE),
    ROW("layers.{L}.mlp|feed_forward.experts.down_proj", FFN_DOWN, RES, NEU, NONE, EXPERTS, NONE),
    ROW("layers.{L}.mlp|feed_forward.shared_expert|shared_experts.gate_proj", SHARED_GATE, NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp|feed_forward.shared_expert|shared_experts.up_proj", SHARED_UP, NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.mlp|feed_forward.shared_expert|shared_experts.down_proj", SHARED_DOWN, RES, NEU, NONE, 0, NONE),
    ROW("layers.{L}.mlp.shared_expert_gate",  SHARED_ROUTER, UNI, RES, NONE, 0, NONE),

    /* --- Meta's own names (llama2.c, mistral consolidated, InternLM2); Pixtral's tower --- */
    ROW("layers.{L}.attention.wq|q_proj",     ATTN_Q,       ROT, RES, NONE, HALVES, NONE),
    ROW("layers.{L}.attention.wk|k_proj",     ATTN_K,       ROT, RES, NONE, HALVES, NONE),
    ROW("layers.{L}.attention.wv|v_proj",     ATTN_V,       VAL, RES, NONE, 0, NONE),
    ROW("layers.{L}.attention.wo|o_proj|out_proj", ATTN_OUT, RES, VAL, NONE, 0, NONE),
    ROW("layers.{L}.attention.wqkv",          ATTN_Q,       ROT, RES, QKV_TURNS, 0, NONE),
    ROW("layers.{L}.feed_forward.w1",         FFN_GATE,     NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.feed_forward.w3",         FFN_UP,       NEU, RES, NONE, 0, NONE),
    ROW("layers.{L}.feed_forward.w2",         FFN_DOWN,     RES, NEU, NONE, 0, NONE),

    /* --- wav2vec2-like --- */
    ROW("layers.{L}.feed_forward.intermediate_dense", FFN_UP, NEU, RES, NONE, 0, AUDIO),
    ROW("layers.{L}.feed_forward.output_dense", FFN_DOWN,   RES, NEU, NONE, 0, AUDIO),
    ROW("layers.{L}.layer_norm",              ATTN_NORM,    RES, UNI, NONE, 0, NONE),

    /* --- gpt-neox, chatglm: q, k, v take turns per head in neox, stand in blocks in chatglm --- */
    ROW("layers.{L}.attention.query_key_value", ATTN_Q,     ROT, RES, QKV_TURNS, 0, NONE),
    ROW("layers.{L}.attention.dense",         ATTN_OUT,     RES, VAL, NONE, 0, NONE),
    ROW("layers.{L}.self_attention.query_key_value", ATTN_Q, ROT, RES, QKV, 0, DECODER),
    ROW("layers|h.{L}.self_attention.dense",  ATTN_OUT,     RES, VAL, NONE, 0, DECODER),
    ROW("layers|h.{L}.mlp.dense_h_to_4h",     FFN_UP,       NEU, RES, GATE_UP_IF, 0, DECODER),
    ROW("layers|h.{L}.mlp.dense_4h_to_h",     FFN_DOWN,     RES, NEU, NONE, 0, DECODER),

    /* --- ModernBERT --- */
    ROW("layers.{L}.attn.Wqkv",               ATTN_Q,       ROT, RES, QKV, 0, TEXT_ENCODER),
    ROW("layers.{L}.attn.Wo",                 ATTN_OUT,     RES, VAL, NONE, 0, TEXT_ENCODER),
    ROW("layers.{L}.mlp.Wi",                  FFN_GATE,     NEU, RES, GATE_UP, 0, TEXT_ENCODER),
    ROW("layers.{L}.mlp.Wo",                  FFN_DOWN,     RES, NEU, NONE, 0, TEXT_ENCODER),

    /* --- transformer.h: exaone 3, gpt-2, gpt-neo, gpt-j, falcon, bloom, qwen 1 --- */
    ROW("h.{L}.ln_1|input_layernorm|ln_attn", ATTN_NORM,    RES, UNI, NONE, 0, DECODER),
    ROW("h.{L}.ln_2|post_attention_layernorm|ln_mlp", FFN_NORM, RES, UNI, NONE, 0, DECODER),
    ROW("h.{L}.attn.attention.q_proj",        ATTN_Q,       ROT, RES, NONE, 0, DECODER),
    ROW("h.{L}.attn.attention.k_proj",        ATTN_K,       ROT, RES, NONE, 0, DECODER),
    ROW("h.{L}.attn.attention.v_proj",        ATTN_V,       VAL, RES, NONE, 0, DECODER),
    ROW("h.{L}.attn.attention.out_proj",      ATTN_OUT,     RES, VAL, NONE, 0, DECODER),
    ROW("h.{L}.attn.q_proj",                  ATTN_Q,       ROT, RES, NONE, 0, DECODER),
    ROW("h.{L}.attn.k_proj",                  ATTN_K,       ROT, RES, NONE, 0, DECODER),
    ROW("h.{L}.attn.v_proj",                  ATTN_V,       VAL, RES, NONE, 0, DECODER),
    ROW("h.{L}.attn.out_proj",                ATTN_OUT,     RES, VAL, NONE, 0, DECODER),
    ROW("h.{L}.attn.c_attn",                  ATTN_Q,       ROT, RES, QKV, TURNED, DECODER),
    ROW("h.{L}.attn.c_proj",                  ATTN_OUT,     RES, VAL, NONE, TURNED, DECODER),
    ROW("h.{L}.self_attention.query_key_value", ATTN_Q,     ROT, RES, QKV_TURNS, 0, DECODER),
    ROW("h.{L}.mlp.c_fc_0",                   FFN_GATE,     NEU, RES, NONE, 0, DECODER),
    ROW("h.{L}.mlp.c_fc_1",                   FFN_UP,       NEU, RES, NONE, 0, DECODER),
    ROW("h.{L}.mlp.c_fc",                     FFN_UP,       NEU, RES, NONE, TURNED, DECODER),
    ROW("h.{L}.mlp.c_proj",                   FFN_DOWN,     RES, NEU, NONE, TURNED, DECODER),
    ROW("h.{L}.mlp.w2",                       FFN_GATE,     NEU, RES, NONE, 0, DECODER),
    ROW("h.{L}.mlp.w1",                       FFN_UP,       NEU, RES, NONE, 0, DECODER),
    ROW("h.{L}.mlp.fc_in",                    FFN_UP,       NEU, RES, NONE, 0, DECODER),
    ROW("h.{L}.mlp.fc_out",                   FFN_DOWN,     RES, NEU, NONE, 0, DECODER),

    /* --- gpt-oss in its publisher's own layout --- */
    ROW("block.{L}.attn.qkv",                 ATTN_Q,       ROT, RES, QKV, 0, DECODER),
    ROW("block.{L}.attn.out",                 ATTN_OUT,     RES, VAL, NONE, 0, DECODER),
    ROW("block.{L}.attn.norm",                ATTN_NORM,    RES, UNI, NONE, 0, DECODER),
    ROW("block.{L}.attn.sinks",               ATTN_SINKS,   UNK, UNI, NONE, 0, DECODER),
    ROW("block.{L}.mlp.norm",                 FFN_NORM,     RES, UNI, NONE, 0, DECODER),
    ROW("block.{L}.mlp.gate",                 ROUTER,       EXP, RES, NONE, 0, DECODER),
    ROW("block.{L}.mlp.mlp1_weight",          FFN_GATE,     NEU, RES, GATE_UP_TURNS, EXPERTS, DECODER),
    ROW("block.{L}.mlp.mlp1_bias",            FFN_GATE,     NEU, UNI, GATE_UP_TURNS, EXPERTS | BIAS, DECODER),
    ROW("block.{L}.mlp.mlp2_weight",          FFN_DOWN,     RES, NEU, NONE, EXPERTS, DECODER),
    ROW("block.{L}.mlp.mlp2_bias",            FFN_DOWN,     RES, UNI, NONE, EXPERTS | BIAS, DECODER),

    /* --- MPT --- */
    ROW("blocks.{L}.attn.Wqkv",               ATTN_Q,       HED, RES, QKV, 0, DECODER),
    ROW("blocks.{L}.ffn.up_proj",             FFN_UP,       NEU, RES, NONE, 0, DECODER),
    ROW("blocks.{L}.ffn.down_proj",           FFN_DOWN,     RES, NEU, NONE, 0, DECODER),
    ROW("blocks.{L}.norm_1",                  ATTN_NORM,    RES, UNI, NONE, 0, DECODER),
    ROW("blocks.{L}.norm_2",                  FFN_NORM,     RES, UNI, NONE, 0, DECODER),

    /* --- BERT, RoBERTa; ViT, DINOv2 with the same stack name; DistilBERT --- */
    ROW("layer.{L}.attention.self.query",     ATTN_Q,       HED, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.attention.self.key",       ATTN_K,       HED, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.attention.self.value",     ATTN_V,       VAL, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.attention.attention.query", ATTN_Q,      HED, RES, NONE, 0, VISION),
    ROW("layer.{L}.attention.attention.key",  ATTN_K,       HED, RES, NONE, 0, VISION),
    ROW("layer.{L}.attention.attention.value", ATTN_V,      VAL, RES, NONE, 0, VISION),
    ROW("layer.{L}.attention.output.dense",   ATTN_OUT,     RES, VAL, NONE, 0, NONE),
    ROW("layer.{L}.attention.output.LayerNorm", ATTN_POST_NORM, RES, UNI, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.intermediate.dense",       FFN_UP,       NEU, RES, NONE, 0, NONE),
    ROW("layer.{L}.output.dense",             FFN_DOWN,     RES, NEU, NONE, 0, NONE),
    ROW("layer.{L}.output.LayerNorm",         FFN_POST_NORM, RES, UNI, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.layernorm_before|norm1",   ATTN_NORM,    RES, UNI, NONE, 0, VISION),
    ROW("layer.{L}.layernorm_after|norm2",    FFN_NORM,     RES, UNI, NONE, 0, VISION),
    ROW("layer.{L}.mlp.fc1",                  FFN_UP,       NEU, RES, NONE, WEAK, NONE),
    ROW("layer.{L}.mlp.fc2",                  FFN_DOWN,     RES, NEU, NONE, WEAK, NONE),
    ROW("layer.{L}.layer_scale1|layer_scale2.lambda1", LAYER_SCALE, RES, UNI, NONE, 0, VISION),
    ROW("layer.{L}.attention.q_lin",          ATTN_Q,       HED, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.attention.k_lin",          ATTN_K,       HED, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.attention.v_lin",          ATTN_V,       VAL, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.attention.out_lin",        ATTN_OUT,     RES, VAL, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.ffn.lin1",                 FFN_UP,       NEU, RES, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.ffn.lin2",                 FFN_DOWN,     RES, NEU, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.sa_layer_norm",            ATTN_POST_NORM, RES, UNI, NONE, 0, TEXT_ENCODER),
    ROW("layer.{L}.output_layer_norm",        FFN_POST_NORM, RES, UNI, NONE, 0, TEXT_ENCODER),

    /* --- T5 --- */
    ROW("block.{L}.layer.0.SelfAttention.q",  ATTN_Q,       HED, RES, NONE, 0, NONE),
    ROW("block.{L}.layer.0.SelfAttention.k",  ATTN_K,       HED, RES, NONE, 0, NONE),
    ROW("block.{L}.layer.0.SelfAttention.v",  ATTN_V,       VAL, RES, NONE, 0, NONE),
    ROW("block.{L}.layer.0.SelfAttention.o",  ATTN_OUT,     RES, VAL, NONE, 0, NONE),
    ROW("block.{L}.layer.0.layer_norm",       ATTN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("block.{L}.layer.1.EncDecAttention.q", UNKNOWN,     HED, RES, NONE, 0, DECODER),
    ROW("block.{L}.layer.1.EncDecAttention.k", UNKNOWN,     HED, FOR, NONE, 0, DECODER),
    ROW("block.{L}.layer.1.EncDecAttention.v", UNKNOWN,     VAL, FOR, NONE, 0, DECODER),
    ROW("block.{L}.layer.1.EncDecAttention.o", UNKNOWN,     RES, VAL, NONE, 0, DECODER),
    ROW("block.{L}.layer.{N}.DenseReluDense.wi_0", FFN_GATE, NEU, RES, NONE, 0, NONE),
    ROW("block.{L}.layer.{N}.DenseReluDense.wi|wi_1", FFN_UP, NEU, RES, NONE, 0, NONE),
    ROW("block.{L}.layer.{N}.DenseReluDense.wo", FFN_DOWN,  RES, NEU, NONE, 0, NONE),
    ROW("block.{L}.layer.{N}.layer_norm",     FFN_NORM,     RES, UNI, NONE, 0, NONE),

    /* --- vision transformers: Qwen2/2.5/3-VL towers, timm, InternViT --- */
    ROW("blocks|layers.{L}.attn.qkv",         ATTN_Q,       ROT, RES, QKV, 0, VISION),
    ROW("blocks|layers.{L}.attn.proj",        ATTN_OUT,     RES, VAL, NONE, 0, VISION),
    ROW("blocks|layers.{L}.attn.q_norm",      ATTN_Q_NORM,  UNK, UNI, NONE, 0, VISION),
    ROW("blocks|layers.{L}.attn.k_norm",      ATTN_K_NORM,  UNK, UNI, NONE, 0, VISION),
    ROW("blocks.{L}.norm1",                   ATTN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("blocks.{L}.norm2",                   FFN_NORM,     RES, UNI, NONE, 0, NONE),
    ROW("blocks.{L}.mlp.fc1|linear_fc1",      FFN_UP,       NEU, RES, NONE, WEAK, NONE),
    ROW("blocks.{L}.mlp.fc2|linear_fc2",      FFN_DOWN,     RES, NEU, NONE, WEAK, NONE),
    ROW("blocks.{L}.mlp.gate_proj",           FFN_GATE,     NEU, RES, NONE, 0, NONE),
    ROW("blocks.{L}.mlp.up_proj",             FFN_UP,       NEU, RES, NONE, 0, NONE),
    ROW("blocks.{L}.mlp.down_proj",           FFN_DOWN,     RES, NEU, NONE, 0, NONE),
    ROW("blocks|layers.{L}.ls1|ls2",          LAYER_SCALE,  RES, UNI, NONE, 0, VISION),

    /* --- OpenCLIP --- */
    ROW("resblocks.{L}.attn.in_proj_weight",  ATTN_Q,       HED, RES, QKV, NO_ROTARY, NONE),
    ROW("resblocks.{L}.attn.in_proj_bias",    ATTN_Q,       HED, UNI, QKV, BIAS, NONE),
    ROW("resblocks.{L}.attn.out_proj",        ATTN_OUT,     RES, VAL, NONE, 0, NONE),
    ROW("resblocks.{L}.ln_1",                 ATTN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("resblocks.{L}.ln_2",                 FFN_NORM,     RES, UNI, NONE, 0, NONE),
    ROW("resblocks.{L}.mlp.c_fc",             FFN_UP,       NEU, RES, NONE, WEAK, NONE),
    ROW("resblocks.{L}.mlp.c_proj",           FFN_DOWN,     RES, NEU, NONE, WEAK, NONE),

    /* --- whisper in its publisher's own names --- */
    ROW("blocks.{L}.attn.query",              ATTN_Q,       HED, RES, NONE, 0, NONE),
    ROW("blocks.{L}.attn.key",                ATTN_K,       HED, RES, NONE, 0, NONE),
    ROW("blocks.{L}.attn.value",              ATTN_V,       VAL, RES, NONE, 0, NONE),
    ROW("blocks.{L}.attn.out|out_proj",       ATTN_OUT,     RES, VAL, NONE, 0, NONE),
    ROW("blocks.{L}.attn_ln",                 ATTN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("blocks.{L}.mlp_ln",                  FFN_NORM,     RES, UNI, NONE, 0, NONE),
    ROW("blocks.{L}.mlp.0",                   FFN_UP,       NEU, RES, NONE, WEAK, NONE),
    ROW("blocks.{L}.mlp.2",                   FFN_DOWN,     RES, NEU, NONE, WEAK, NONE),
    ROW("blocks.{L}.cross_attn.query",        UNKNOWN,      HED, RES, NONE, 0, DECODER),
    ROW("blocks.{L}.cross_attn.key",          UNKNOWN,      HED, FOR, NONE, 0, DECODER),
    ROW("blocks.{L}.cross_attn.value",        UNKNOWN,      VAL, FOR, NONE, 0, DECODER),
    ROW("blocks.{L}.cross_attn.out",          UNKNOWN,      RES, VAL, NONE, 0, DECODER),
    ROW("blocks.{L}.cross_attn_ln",           UNKNOWN,      RES, UNI, NONE, 0, DECODER),

    /* --- small interpretability models (TransformerLens-like), heads stored apart --- */
    ROW("blocks.{L}.attn.W_Q",                ATTN_Q,       HED, RES, NONE, NO_ROTARY, DECODER),
    ROW("blocks.{L}.attn.W_K",                ATTN_K,       HED, RES, NONE, NO_ROTARY, DECODER),
    ROW("blocks.{L}.attn.W_V",                ATTN_V,       VAL, RES, NONE, 0, DECODER),
    ROW("blocks.{L}.attn.W_O",                ATTN_OUT,     RES, VAL, NONE, 0, DECODER),
    ROW("blocks.{L}.mlp.W_in",                FFN_UP,       NEU, RES, NONE, 0, DECODER),
    ROW("blocks.{L}.mlp.W_out",               FFN_DOWN,     RES, NEU, NONE, 0, DECODER),
    ROW("blocks.{L}.mlp.b_in",                FFN_UP,       NEU, UNI, NONE, BIAS, DECODER),
    ROW("blocks.{L}.mlp.b_out",               FFN_DOWN,     RES, UNI, NONE, BIAS, DECODER),

    /* --- RWKV: time-mix ramps label every channel, so neither the residual axis nor the channels of
           key, value and receptance (all met by a ramp over channels) are exchangeable --- */
    ROW("blocks.{L}.att|attention.receptance", ATTN_Q,      ROT, RES, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.att|attention.key",       ATTN_K,       ROT, RES, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.att|attention.value",     ATTN_V,       ROT, RES, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.att|attention.gate",      UNKNOWN,      ROT, RES, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.att|attention.output",    ATTN_OUT,     RES, ROT, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.att|attention.time_decay|time_first", UNKNOWN, ROT, UNI, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.att|attention|ffn|feed_forward.time_mix_k|time_mix_v|time_mix_r|time_mix_g|time_mix_key|time_mix_value|time_mix_receptance",
                                              UNKNOWN,      RES, UNI, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.ffn|feed_forward.key",    FFN_UP,       NEU, RES, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.ffn|feed_forward.value",  FFN_DOWN,     RES, NEU, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.ffn|feed_forward.receptance", UNKNOWN,  ROT, RES, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.ln0|pre_ln",              EMBED_NORM,   RES, UNI, NONE, LABELLED, DECODER),
    ROW("blocks.{L}.ln1",                     ATTN_NORM,    RES, UNI, NONE, 0, DECODER),
    ROW("blocks.{L}.ln2",                     FFN_NORM,     RES, UNI, NONE, 0, DECODER),

    /* --- GGUF: the converter's names for all of the above. post_attention_norm closes the attention
           block where another norm stands before the MLP, else it is that norm --- */
    ROW("blk.{L}.attn_q",                     ATTN_Q,       ROT, RES, NONE, HALVES, NONE),
    ROW("blk.{L}.attn_k",                     ATTN_K,       ROT, RES, NONE, HALVES, NONE),
    ROW("blk.{L}.attn_v",                     ATTN_V,       VAL, RES, NONE, 0, NONE),
    ROW("blk.{L}.attn_output|attn_out",       ATTN_OUT,     RES, VAL, NONE, 0, NONE),
    ROW("blk.{L}.attn_qkv",                   ATTN_Q,       ROT, RES, QKV, 0, NONE),
    ROW("blk.{L}.attn_q_norm",                ATTN_Q_NORM,  ROT, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_k_norm",                ATTN_K_NORM,  ROT, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_sinks",                 ATTN_SINKS,   UNK, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_q_a",                   ATTN_Q_A,     LAT, RES, NONE, 0, NONE),
    ROW("blk.{L}.attn_q_a_norm",              ATTN_Q_A_NORM, LAT, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_q_b",                   ATTN_Q_B,     ROT, LAT, NONE, 0, NONE),
    ROW("blk.{L}.attn_kv_a_mqa",              ATTN_KV_A,    LAT, RES, KV_A, 0, NONE),
    ROW("blk.{L}.attn_kv_a_norm",             ATTN_KV_A_NORM, LAT, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_kv_b",                  ATTN_KV_B,    ROT, LAT, KV_B, 0, NONE),
    ROW("blk.{L}.attn_k_b",                   ATTN_KV_B,    ROT, LAT, K_B, 0, NONE),
    ROW("blk.{L}.attn_v_b",                   ATTN_KV_B,    VAL, LAT, NONE, 0, NONE),
    ROW("blk.{L}.attn_norm|ln1",              ATTN_NORM,    RES, UNI, NONE, 0, NONE),
    ROW("blk.{L}.ffn_norm|ln2",               FFN_NORM,     RES, UNI, NONE, 0, NONE),
    ROW("blk.{L}.post_attention_norm",        ATTN_POST_NORM, RES, UNI, NONE, POST_NORMS, NONE),
    ROW("blk.{L}.post_attention_norm",        FFN_NORM,     RES, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_post_norm",             ATTN_POST_NORM, RES, UNI, NONE, 0, NONE),
    ROW("blk.{L}.post_ffw_norm|ffn_post_norm", FFN_POST_NORM, RES, UNI, NONE, 0, NONE),
    ROW("blk.{L}.attn_output_norm",           ATTN_POST_NORM, RES, UNI, NONE, 0, TEXT_ENCODER),
    ROW("blk.{L}.layer_output_norm",          FFN_POST_NORM, RES, UNI, NONE, 0, TEXT_ENCODER),
    ROW("blk.{L}.ls1|ls2",                    LAYER_SCALE,  RES, UNI, NONE, 0, VISION),
    ROW("blk.{L}.ffn_gate",                   FFN_GATE,     NEU, RES, NONE, 0, NONE),
    ROW("blk.{L}.ffn_up",                     FFN_UP,       NEU, RES, GATE_UP_IF, 0, NONE),
    ROW("blk.{L}.ffn_down",                   FFN_DOWN,     RES, NEU, NONE, 0, NONE),
    ROW("blk.{L}.ffn_gate_inp",               ROUTER,       EXP, RES, NONE, 0, NONE),
    ROW("blk.{L}.exp_probs_b",                ROUTER_CORRECTION, EXP, UNI, NONE, 0, NONE),
    ROW("blk.{L}.ffn_gate_up_exps",           FFN_GATE,     NEU, RES, GATE_UP, EXPERTS, NONE),
    ROW("blk.{L}.ffn_gate_exps",              FFN_GATE,     NEU, RES, NONE, EXPERTS, NONE),
    ROW("blk.{L}.ffn_up_exps",                FFN_UP,       NEU, RES, NONE, EXPERTS, NONE),
    ROW("blk.{L}.ffn_down_exps",              FFN_DOWN,     RES, NEU, NONE, EXPERTS, NONE),
    ROW("blk.{L}.ffn_gate.{E}",               FFN_GATE,     NEU, RES, NONE, 0, NONE),
    ROW("blk.{L}.ffn_up.{E}",                 FFN_UP,       NEU, RES, NONE, 0, NONE),
    ROW("blk.{L}.ffn_down.{E}",               FFN_DOWN,     RES, NEU, NONE, 0, NONE),
    ROW("blk.{L}.ffn_gate_shexp",             SHARED_GATE,  NEU, RES, NONE, 0, NONE),
    ROW("blk.{L}.ffn_up_shexp",               SHARED_UP,    NEU, RES, NONE, 0, NONE),
    ROW("blk.{L}.ffn_down_shexp",             SHARED_DOWN,  RES, NEU, NONE, 0, NONE),
    ROW("blk.{L}.ffn_gate_inp_shexp",         SHARED_ROUTER, UNI, RES, NONE, 0, NONE),
};

/* clang-format on */

size_t sva_role_rule_count(void)
{
    return sizeof rules / sizeof *rules;
}

const struct sva_role_rule *sva_role_rule_at(size_t row)
{
    return &rules[row];
}

bool sva_role_rule_in_layer(size_t row)
{
    return strstr(rules[row].pattern, "{L}") != NULL;
}

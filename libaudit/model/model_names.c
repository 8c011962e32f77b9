/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the enumerations in <sovaudit/model.h>, and the default limits. */
#include <sovaudit/model.h>

#include "kernel/dtype.h"

static const char *const role_names[SVA_ROLE_COUNT] = {
    [SVA_ROLE_UNKNOWN] = "unknown",
    [SVA_ROLE_EMBED_TOKENS] = "embed-tokens",
    [SVA_ROLE_EMBED_POSITIONS] = "embed-positions",
    [SVA_ROLE_EMBED_TYPES] = "embed-types",
    [SVA_ROLE_EMBED_NORM] = "embed-norm",
    [SVA_ROLE_EMBED_CLASS] = "embed-class",
    [SVA_ROLE_EMBED_PATCH] = "embed-patch",
    [SVA_ROLE_OUTPUT_HEAD] = "output-head",
    [SVA_ROLE_POOLER] = "pooler",
    [SVA_ROLE_ATTN_NORM] = "attn-norm",
    [SVA_ROLE_ATTN_Q] = "attn-q",
    [SVA_ROLE_ATTN_K] = "attn-k",
    [SVA_ROLE_ATTN_V] = "attn-v",
    [SVA_ROLE_ATTN_OUT] = "attn-out",
    [SVA_ROLE_ATTN_Q_NORM] = "attn-q-norm",
    [SVA_ROLE_ATTN_K_NORM] = "attn-k-norm",
    [SVA_ROLE_ATTN_Q_A] = "attn-q-a",
    [SVA_ROLE_ATTN_Q_A_NORM] = "attn-q-a-norm",
    [SVA_ROLE_ATTN_Q_B] = "attn-q-b",
    [SVA_ROLE_ATTN_KV_A] = "attn-kv-a",
    [SVA_ROLE_ATTN_KV_A_NORM] = "attn-kv-a-norm",
    [SVA_ROLE_ATTN_KV_B] = "attn-kv-b",
    [SVA_ROLE_ATTN_SINKS] = "attn-sinks",
    [SVA_ROLE_ATTN_POST_NORM] = "attn-post-norm",
    [SVA_ROLE_FFN_NORM] = "ffn-norm",
    [SVA_ROLE_FFN_GATE] = "ffn-gate",
    [SVA_ROLE_FFN_UP] = "ffn-up",
    [SVA_ROLE_FFN_DOWN] = "ffn-down",
    [SVA_ROLE_FFN_POST_NORM] = "ffn-post-norm",
    [SVA_ROLE_ROUTER] = "router",
    [SVA_ROLE_ROUTER_CORRECTION] = "router-correction",
    [SVA_ROLE_SHARED_GATE] = "shared-gate",
    [SVA_ROLE_SHARED_UP] = "shared-up",
    [SVA_ROLE_SHARED_DOWN] = "shared-down",
    [SVA_ROLE_SHARED_ROUTER] = "shared-router",
    [SVA_ROLE_FINAL_NORM] = "final-norm",
    [SVA_ROLE_PRE_NORM] = "pre-norm",
    [SVA_ROLE_PROJECTOR_NORM] = "projector-norm",
    [SVA_ROLE_PROJECTOR_1] = "projector-1",
    [SVA_ROLE_PROJECTOR_2] = "projector-2",
    [SVA_ROLE_PROJECTOR_3] = "projector-3",
    [SVA_ROLE_CONV] = "conv",
    [SVA_ROLE_LAYER_SCALE] = "layer-scale",
    [SVA_ROLE_LORA_A] = "lora-a",
    [SVA_ROLE_LORA_B] = "lora-b",
    [SVA_ROLE_ROTARY_FREQUENCIES] = "rotary-frequencies",
};

const char *sva_role_name(enum sva_role role)
{
    const unsigned index = (unsigned)role;
    return index < SVA_ROLE_COUNT && role_names[index] != NULL ? role_names[index] : "unknown";
}

const char *sva_dtype_name(enum sva_dtype dtype)
{
    return (unsigned)dtype < SVA_DTYPE_COUNT ? sva_dtype_get(dtype)->name : "?";
}

const char *sva_file_kind_name(enum sva_file_kind kind)
{
    switch (kind) {
    case SVA_FILE_SAFETENSORS: return "safetensors";
    case SVA_FILE_INDEX: return "index";
    case SVA_FILE_CONFIG: return "config";
    case SVA_FILE_TOKENIZER: return "tokenizer";
    case SVA_FILE_CARD: return "card";
    case SVA_FILE_LICENCE: return "licence";
    case SVA_FILE_CODE: return "code";
    case SVA_FILE_PICKLE: return "pickle";
    case SVA_FILE_WEIGHTS: return "weights";
    case SVA_FILE_GGUF: return "gguf";
    case SVA_FILE_TORCH: return "torch";
    case SVA_FILE_NUMPY: return "numpy";
    case SVA_FILE_OTHER: break;
    }
    return "other";
}

bool sva_file_is_audited(enum sva_file_kind kind)
{
    return kind == SVA_FILE_SAFETENSORS || kind == SVA_FILE_GGUF || kind == SVA_FILE_TORCH ||
           kind == SVA_FILE_NUMPY;
}

const char *sva_component_kind_name(enum sva_component_kind kind)
{
    switch (kind) {
    case SVA_COMPONENT_TEXT_DECODER: return "text-decoder";
    case SVA_COMPONENT_TEXT_ENCODER: return "text-encoder";
    case SVA_COMPONENT_VISION_ENCODER: return "vision-encoder";
    case SVA_COMPONENT_AUDIO_ENCODER: return "audio-encoder";
    case SVA_COMPONENT_PROJECTOR: return "projector";
    case SVA_COMPONENT_ADAPTER: return "adapter";
    case SVA_COMPONENT_GENERIC: break;
    }
    return "generic";
}

struct sva_limits sva_limits_default(void)
{
    return (struct sva_limits){
        .header_bytes = UINT64_C(100000000),
        .header_note_bytes = UINT64_C(25000000),
        .json_bytes = UINT64_C(10) << 20,
        .index_bytes = UINT64_C(256) << 20,
        .tokenizer_bytes = UINT64_C(256) << 20,
        .card_bytes = UINT64_C(64) << 10,
        .tensor_count = UINT64_C(2000000),
        .file_count = UINT64_C(100000),
        .unpacked_bytes = UINT64_C(2) << 40,
        .unpacked_ratio = 200,
        .rank = 64,
        .name_bytes = 4096,
        .json_depth = 32,
        .gguf_header_bytes = UINT64_C(1) << 30,
        .gguf_text_bytes = UINT64_C(32) << 20,
        .gguf_key_count = UINT64_C(100000),
    };
}

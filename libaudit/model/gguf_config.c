/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a network in a GGUF file, under the names that config.json has for them. */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/config_reader.h"
#include "model/gguf_facts.h"

enum { KEY_BYTES = 160, LAYERS_MOST = 65536 };

struct name_pair {
    const char *key;  /**< behind the architecture */
    const char *leaf; /**< in config.json */
};

static const struct name_pair text_names[] = {
    {"context_length", "max_position_embeddings"},
    {"embedding_length", "hidden_size"},
    {"feed_forward_length", "intermediate_size"},
    {"vocab_size", "vocab_size"},
    {"nextn_predict_layers", "num_nextn_predict_layers"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"expert_group_count", "n_group"},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    {"attention.layer_norm_epsilon", "layer_norm_eps"},
    {"attention.sliding_window", "sliding_window"},
    {"attention.q_lora_rank", "q_lora_rank"},
    {"attention.kv_lora_rank", "kv_lora_rank"},
    {"rope.freq_base", "rope_theta"},
    {"expert_count", "num_experts"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_shared_count", "n_shared_experts"},
    {"expert_feed_forward_length", "moe_intermediate_size"},
    {"leading_dense_block_count", "first_k_dense_replace"},
};

static const struct name_pair encoder_names[] = {
    {"embedding_length", "hidden_size"},
    {"block_count", "num_hidden_layers"},
    {"feed_forward_length", "intermediate_size"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.layer_norm_epsilon", "layer_norm_eps"},
    {"image_size", "image_size"},
    {"patch_size", "patch_size"},
    {"projection_dim", "projection_dim"},
    {"num_mel_bins", "num_mel_bins"},
};

const char *sva_gguf_key_of(const char *leaf)
{
    static const struct name_pair others[] = {
        {"block_count", "num_hidden_layers"},
        {"attention.key_length", "head_dim"},
    };
    for (size_t i = 0; i < sizeof text_names / sizeof *text_names; i++) {
        if (strcmp(text_names[i].leaf, leaf) == 0) {
            return text_names[i].key;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i].leaf, leaf) == 0) {
            return others[i].key;
        }
    }
    return NULL;
}

static void print_number(struct sva_bytes *out, enum sva_gguf_type type,
                         union sva_gguf_scalar scalar)
{
    uint64_t number = 0;
    if (sva_gguf_scalar_u64(type, scalar, &number)) {
        sva_bytes_printf(out, "%llu", (unsigned long long)number);
    } else if (type == SVA_GGUF_F32 || type == SVA_GGUF_F64) {
        sva_bytes_json_number(out, scalar.f, type == SVA_GGUF_F32 ? 7 : 17);
    } else if (type == SVA_GGUF_BOOL) {
        sva_bytes_text(out, scalar.u != 0 ? "true" : "false");
    }
}

/* Layers without attention, or without an MLP, have a 0 in the list. */
static enum sva_status constant_of(const struct sva_gguf_file *file,
                                   const struct sva_gguf_value *value, bool *constant,
                                   union sva_gguf_scalar *common, struct sva_error *error)
{
    struct sva_gguf_walk walk;
    *constant = false;
    if (!sva_gguf_is_integer(value->element_type) || value->count > LAYERS_MOST) {
        return SVA_OK;
    }
    enum sva_status status = sva_gguf_walk_init(&walk, file->source, file->gguf, value, error);
    bool equal = true;
    while (status == SVA_OK && walk.left > 0) {
        union sva_gguf_scalar scalar = {0};
        status = sva_gguf_walk_scalar(&walk, &scalar, error);
        if (status == SVA_OK && scalar.u != 0) {
            equal = equal && (!*constant || scalar.u == common->u);
            *common = scalar;
            *constant = true;
        }
    }
    *constant = *constant && equal;
    if (status == SVA_OK) {
        sva_gguf_walk_done(&walk);
    }
    return status;
}

static enum sva_status put_value(struct sva_parts *parts, struct sva_config *config,
                                 const struct sva_gguf_file *file, const char *key,
                                 const char *leaf, struct sva_error *error)
{
    const struct sva_gguf_value *const value = sva_gguf_find(file->gguf, key);
    if (value == NULL || value->type == SVA_GGUF_STRING) {
        return SVA_OK;
    }
    enum sva_gguf_type type = value->type;
    union sva_gguf_scalar scalar = value->scalar;
    bool constant = true;
    enum sva_status status = SVA_OK;
    if (type == SVA_GGUF_ARRAY) {
        type = value->element_type;
        status = constant_of(file, value, &constant, &scalar, error);
    }
    struct sva_bytes text = {0};
    if (status == SVA_OK && constant) {
        print_number(&text, type, scalar);
        status = text.failed ? sva_fail_memory(error, "reading a configuration") : SVA_OK;
    }
    if (status == SVA_OK && text.size > 0) {
        status = sva_config_put(parts, config, leaf, (const char *)text.data, false, error);
    }
    sva_bytes_done(&text);
    return status;
}

static enum sva_status put_names(struct sva_parts *parts, struct sva_config *config,
                                 const struct sva_gguf_file *file, const char *prefix,
                                 const char *section, struct sva_error *error)
{
    const bool encoder = section[0] != '\0';
    const struct name_pair *const names = encoder ? encoder_names : text_names;
    const size_t count = encoder ? sizeof encoder_names / sizeof *encoder_names
                                 : sizeof text_names / sizeof *text_names;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        char key[KEY_BYTES];
        char leaf[KEY_BYTES];
        snprintf(key, sizeof key, "%s.%s", prefix, names[i].key);
        snprintf(leaf, sizeof leaf, "%s%s", section, names[i].leaf);
        status = put_value(parts, config, file, key, leaf, error);
    }
    return status;
}

static enum sva_status put_u64(struct sva_parts *parts, struct sva_config *config, const char *leaf,
                               uint64_t number, struct sva_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return sva_config_put(parts, config, leaf, text, false, error);
}

static bool number_at(const struct sva_gguf_file *file, const char *rest, uint64_t *number)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "%s.%s", file->architecture, rest);
    return sva_gguf_u64(file->gguf, key, number);
}

/* What differs in meaning: block_count includes the layers that predict further tokens. */
static enum sva_status put_layers(struct sva_parts *parts, struct sva_config *config,
                                  const struct sva_gguf_file *file, struct sva_error *error)
{
    uint64_t blocks = 0;
    uint64_t further = 0;
    if (!number_at(file, "block_count", &blocks)) {
        return SVA_OK;
    }
    if (number_at(file, "nextn_predict_layers", &further) && further <= blocks) {
        blocks -= further;
    }
    return put_u64(parts, config, "num_hidden_layers", blocks, error);
}

/*
 * The width of a head. With latent attention key_length is the width of what is cached, and
 * key_length_mla that of a head, rotary part included.
 */
static enum sva_status put_heads(struct sva_parts *parts, struct sva_config *config,
                                 const struct sva_gguf_file *file, struct sva_error *error)
{
    uint64_t latent = 0;
    uint64_t key = 0;
    uint64_t value = 0;
    uint64_t rotary = 0;
    if (!number_at(file, "attention.kv_lora_rank", &latent) || latent == 0) {
        return number_at(file, "attention.key_length", &key) && key > 0
                   ? put_u64(parts, config, "head_dim", key, error)
                   : SVA_OK;
    }
    enum sva_status status = SVA_OK;
    const bool has_value = number_at(file, "attention.value_length_mla", &value) ||
                           number_at(file, "attention.value_length", &value);
    const bool has_key = number_at(file, "attention.key_length_mla", &key) ||
                         number_at(file, "attention.key_length", &key);
    if (number_at(file, "rope.dimension_count", &rotary)) {
        status = put_u64(parts, config, "qk_rope_head_dim", rotary, error);
        if (status == SVA_OK && has_key && key > rotary) {
            status = put_u64(parts, config, "qk_nope_head_dim", key - rotary, error);
        }
    }
    return status == SVA_OK && has_value ? put_u64(parts, config, "v_head_dim", value, error)
                                         : status;
}

static enum sva_status put_text_model(struct sva_parts *parts, struct sva_config *config,
                                      const struct sva_gguf_file *file, struct sva_error *error)
{
    const char *const name = file->architecture;
    enum sva_status status = sva_config_put(parts, config, "model_type", name, true, error);
    if (status == SVA_OK) {
        status = sva_config_put(parts, config, "architectures.0", name, true, error);
    }
    if (status == SVA_OK) {
        status = put_names(parts, config, file, name, "", error);
    }
    if (status == SVA_OK) {
        status = put_layers(parts, config, file, error);
    }
    if (status == SVA_OK) {
        status = put_heads(parts, config, file, error);
    }
    const struct sva_gguf_value *const tokens = sva_gguf_find(file->gguf, "tokenizer.ggml.tokens");
    if (status == SVA_OK && tokens != NULL && tokens->type == SVA_GGUF_ARRAY) {
        status = put_u64(parts, config, "vocab_size", tokens->count, error); /* unless stated */
    }
    return status;
}

enum sva_status sva_gguf_config(struct sva_parts *parts, struct sva_config *config,
                                const struct sva_gguf_file *file, struct sva_error *error)
{
    static const struct {
        const char *prefix, *section;
    } encoders[] = {{"clip.vision", "vision_config."}, {"clip.audio", "audio_config."}};
    static const char *const projectors[] = {"clip.projector_type", "clip.vision.projector_type",
                                             "clip.audio.projector_type"};
    if (!file->sidecar) {
        return put_text_model(parts, config, file, error);
    }
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof encoders / sizeof *encoders; i++) {
        status = put_names(parts, config, file, encoders[i].prefix, encoders[i].section, error);
    }
    for (size_t i = 0; status == SVA_OK && i < sizeof projectors / sizeof *projectors; i++) {
        const char *const type = sva_gguf_text(file->gguf, projectors[i]);
        if (type != NULL &&
            sva_utf8_valid_prefix((const uint8_t *)type, strlen(type)) == strlen(type)) {
            status = sva_config_put(parts, config, "projector_type", type, true, error);
        }
    }
    return status;
}

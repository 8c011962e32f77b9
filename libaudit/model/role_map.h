/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The role map: which tensor names mean what. One table for all families, in
 * role_map.c; nothing else in the library knows a family's names. The matcher
 * looks at the end of a name only, so that prefixes ("model.", "thinker.",
 * "base_model.model.") do not matter. No recursion, no regular expressions.
 */
#ifndef SVA_ROLE_MAP_H
#define SVA_ROLE_MAP_H

#include <stddef.h>

#include <sovaudit/model.h>

/** How a stored tensor is taken apart. */
enum sva_split {
    SVA_SPLIT_NONE,
    SVA_SPLIT_QKV,           /**< rows are all of q, then k, then v */
    SVA_SPLIT_GATE_UP,       /**< first half gate, second half up */
    SVA_SPLIT_GATE_UP_IF,    /**< the same if the rows are twice the down projection's inputs */
    SVA_SPLIT_GATE_UP_TURNS, /**< even rows gate, odd rows up */
    SVA_SPLIT_QKV_TURNS,     /**< per group of heads that share a key: its queries, the key, the value */
    SVA_SPLIT_KV_A,          /**< kv_lora_rank latents, then the shared rotary key */
    SVA_SPLIT_KV_B,          /**< per head: keys without position, then values */
    SVA_SPLIT_K_B            /**< [head, latents, keys]: each head's keys stored turned */
};

enum sva_rule_flags {
    SVA_RULE_TURNED = 1,       /**< usually stored [in, out] (Conv1D); the shapes decide */
    SVA_RULE_EXPERTS = 2,      /**< leading axis: experts; then as the rest of the row says */
    SVA_RULE_BIAS = 4,         /**< a bias although the name does not end in .bias */
    SVA_RULE_WEAK = 8,         /**< too common a name to prove a transformer on its own */
    SVA_RULE_NO_ROTARY = 16,   /**< its stack has no rotary positions */
    SVA_RULE_LABELLED = 32,    /**< its stack's residual axis carries labels (time ramps) */
    SVA_RULE_POST_NORMS = 64,  /**< only if another norm stands at the MLP */
    SVA_RULE_TURNS_ONLY = 128, /**< only if the model has gate_up_proj_bias (gpt-oss) */
    SVA_RULE_HALVES = 512,     /**< converters differ: a head's rotary halves in turns, or one after the other */
    SVA_RULE_SINUSOID = 256    /**< its stack adds fixed sinusoids to the residual stream */
};

/** A row's say about which component its stack is. */
enum sva_hint {
    SVA_HINT_NONE,
    SVA_HINT_DECODER,
    SVA_HINT_TEXT_ENCODER,
    SVA_HINT_VISION,
    SVA_HINT_AUDIO,
    SVA_HINT_PROJECTOR
};

struct sva_role_rule {
    const char *pattern; /**< dot-separated; a|b: either; {L} layer, {E} expert, {N} any number */
    enum sva_role role;
    enum sva_axis_kind out, in; /**< of the matrix; a vector (norm, bias) has `out` */
    enum sva_split split;
    unsigned flags;
    enum sva_hint hint;
};

/** What stood at the end of the name and is not part of the pattern. */
enum sva_name_suffix {
    SVA_SUFFIX_RAW,    /**< nothing: a bare parameter */
    SVA_SUFFIX_WEIGHT, /**< .weight .gamma .kernel */
    SVA_SUFFIX_BIAS,   /**< .bias .beta */
    SVA_SUFFIX_SCALES, /**< scales, zero points, packed codes of a quantised matrix */
    SVA_SUFFIX_LORA_A,
    SVA_SUFFIX_LORA_B,
    SVA_SUFFIX_LORA_OTHER /**< magnitude vectors, middle convolutions, scalars */
};

struct sva_name_match {
    int rule; /**< row, or -1 */
    enum sva_name_suffix suffix;
    bool counted;           /**< false: SCALES that are not weights in themselves */
    int32_t layer, expert;  /**< -1: none */
    size_t prefix_bytes;    /**< bytes before the layer number, or before the pattern */
    const char *layer_text; /**< where the layer number stands in the name */
};

enum { SVA_ROLE_RULES_MAX = 512 };

/** Made by sva_name_context_init; then the conditions on the whole model that some rows ask for. */
struct sva_name_context {
    bool post_norms; /**< a norm other than post_attention_... stands before or behind the MLP */
    bool gate_up_turns;                      /**< some name has experts.gate_up_proj_bias */
    uint64_t last_parts[SVA_ROLE_RULES_MAX]; /**< per row, which hashes its last part may have */
};

/** No condition holds; the filter that spares most comparisons is set up. */
void sva_name_context_init(struct sva_name_context *context);

size_t sva_role_rule_count(void);
const struct sva_role_rule *sva_role_rule_at(size_t row);
/** Does the row's pattern hold a layer number? */
bool sva_role_rule_in_layer(size_t row);

/** Finds the first row that fits. Domain: any bytes. */
struct sva_name_match sva_role_match(const char *name, size_t name_bytes,
                                     const struct sva_name_context *context);

/**
 * The component kind that a prefix names by one of its words ("visual",
 * "audio_tower", "mm_projector"), or NONE.
 */
enum sva_hint sva_prefix_hint(const char *prefix, size_t prefix_bytes);

#endif

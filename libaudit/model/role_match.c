/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher of the role map: compares names with patterns part by part, from the end. */
#include "model/role_map.h"

#include <string.h>

/* Wrappers' parts of a name, skipped wherever they stand. */
static const char *const noise[] = {
    "_orig_mod",
    "module",
    "_fsdp_wrapped_module",
    "_checkpoint_wrapped_module",
    "base_layer",
    "modules_to_save",
    "default",
};

struct suffix_row {
    const char *text;
    enum sva_name_suffix suffix;
    bool counted;
};

static const struct suffix_row suffixes[] = {
    {"weight", SVA_SUFFIX_WEIGHT, true},
    {"bias", SVA_SUFFIX_BIAS, true},
    {"gamma", SVA_SUFFIX_WEIGHT, true},
    {"beta", SVA_SUFFIX_BIAS, true},
    {"weight_packed", SVA_SUFFIX_SCALES, true},
    {"qweight", SVA_SUFFIX_SCALES, true},
    {"weight_scale", SVA_SUFFIX_SCALES, false},
    {"weight_scale_inv", SVA_SUFFIX_SCALES, false},
    {"weight_scale_2", SVA_SUFFIX_SCALES, false},
    {"input_scale", SVA_SUFFIX_SCALES, false},
    {"scales", SVA_SUFFIX_SCALES, false},
    {"biases", SVA_SUFFIX_SCALES, false},
    {"qzeros", SVA_SUFFIX_SCALES, false},
    {"g_idx", SVA_SUFFIX_SCALES, false},
    {"SCB", SVA_SUFFIX_SCALES, false},
    {"weight_format", SVA_SUFFIX_SCALES, false},
    {"absmax", SVA_SUFFIX_SCALES, false},
    {"quant_map", SVA_SUFFIX_SCALES, false},
    {"nested_absmax", SVA_SUFFIX_SCALES, false},
    {"nested_quant_map", SVA_SUFFIX_SCALES, false},
    {"bitsandbytes__nf4", SVA_SUFFIX_SCALES, false},
    {"bitsandbytes__fp4", SVA_SUFFIX_SCALES, false},
    {"weight_zero_point", SVA_SUFFIX_SCALES, false},
    {"weight_shape", SVA_SUFFIX_SCALES, false},
    {"weight_g_idx", SVA_SUFFIX_SCALES, false},
    {"weight_global_scale", SVA_SUFFIX_SCALES, false},
    {"input_global_scale", SVA_SUFFIX_SCALES, false},
    {"k_scale", SVA_SUFFIX_SCALES, false},
    {"v_scale", SVA_SUFFIX_SCALES, false},
    {"q_scale", SVA_SUFFIX_SCALES, false},
    {"qscale_weight", SVA_SUFFIX_SCALES, false},
    {"qscale_act", SVA_SUFFIX_SCALES, false},
    {"gate_up_proj_blocks", SVA_SUFFIX_SCALES, true},
    {"gate_up_proj_scales", SVA_SUFFIX_SCALES, false},
    {"down_proj_blocks", SVA_SUFFIX_SCALES, true},
    {"down_proj_scales", SVA_SUFFIX_SCALES, false},
};

static const struct suffix_row lora_suffixes[] = {
    {"lora_A", SVA_SUFFIX_LORA_A, true},
    {"lora_B", SVA_SUFFIX_LORA_B, true},
    {"lora_a", SVA_SUFFIX_LORA_A, true},
    {"lora_b", SVA_SUFFIX_LORA_B, true},
    {"lora_embedding_A", SVA_SUFFIX_LORA_A, true},
    {"lora_embedding_B", SVA_SUFFIX_LORA_B, true},
    {"lora_down", SVA_SUFFIX_LORA_A, true},
    {"lora_up", SVA_SUFFIX_LORA_B, true},
    {"lora_mid", SVA_SUFFIX_LORA_OTHER, true}, /* kohya: a convolution between the factors */
    {"lora_magnitude_vector", SVA_SUFFIX_LORA_OTHER, true},
    {"dora_scale", SVA_SUFFIX_LORA_OTHER, true},
};

struct hint_row {
    const char *word;
    enum sva_hint hint;
};

/* Found anywhere in a part of the prefix. Audio first: "speech_vision_..." does not exist, but an
   audio tower beneath a multimodal wrapper does. */
static const struct hint_row prefix_words[] = {
    {"projector", SVA_HINT_PROJECTOR},
    {"merger", SVA_HINT_PROJECTOR},
    {"audio", SVA_HINT_AUDIO},
    {"speech", SVA_HINT_AUDIO},
    {"whisper", SVA_HINT_AUDIO},
    {"visual", SVA_HINT_VISION},
    {"vision", SVA_HINT_VISION},
    {"image_encoder", SVA_HINT_VISION},
    {"vit", SVA_HINT_VISION},
    {"dinov2", SVA_HINT_VISION},
    {"text_encoder", SVA_HINT_TEXT_ENCODER},
    {"bert", SVA_HINT_TEXT_ENCODER},
};

enum { PARTS_MAX = 24 };

struct part {
    const char *text;
    size_t size;
};

/** The last parts of a name, wrappers left out; parts[0] is the last one. */
struct split_name {
    struct part parts[PARTS_MAX];
    size_t count;
};

static bool part_is(const struct part *part, const char *text)
{
    return strlen(text) == part->size && memcmp(part->text, text, part->size) == 0;
}

static bool is_noise(const struct part *part)
{
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
        if (part_is(part, noise[i])) {
            return true;
        }
    }
    return false;
}

static void split(const char *name, size_t name_bytes, struct split_name *out)
{
    size_t end = name_bytes;
    out->count = 0;
    while (out->count < PARTS_MAX) {
        size_t start = end;
        while (start > 0 && name[start - 1] != '.') {
            start--;
        }
        const struct part part = {name + start, end - start};
        if (!is_noise(&part)) {
            out->parts[out->count++] = part;
        }
        if (start == 0) {
            break;
        }
        end = start - 1;
    }
}

/** A decimal number below a million without leading zeros, or -1. */
static int32_t number_of(const struct part *part)
{
    if (part->size == 0 || part->size > 6 || (part->size > 1 && part->text[0] == '0')) {
        return -1;
    }
    int32_t value = 0;
    for (size_t i = 0; i < part->size; i++) {
        if (part->text[i] < '0' || part->text[i] > '9') {
            return -1;
        }
        value = value * 10 + (part->text[i] - '0');
    }
    return value;
}

/** One part of a pattern, [start, end), against one part of a name. */
static bool fits(const char *start, const char *end, const struct part *part,
                 struct sva_name_match *match)
{
    if (*start == '{') {
        const int32_t value = number_of(part);
        if (value < 0) {
            return false;
        }
        if (start[1] == 'L') {
            match->layer = value;
            match->layer_text = part->text;
        } else if (start[1] == 'E') {
            match->expert = value;
        }
        return true;
    }
    while (start < end) {
        const char *bar = start;
        while (bar < end && *bar != '|') {
            bar++;
        }
        if ((size_t)(bar - start) == part->size && memcmp(start, part->text, part->size) == 0) {
            return true;
        }
        start = bar < end ? bar + 1 : end;
    }
    return false;
}

/** A number in what stands before the pattern means nested stacks (Swin, U-Net): not ours. */
static bool prefix_has_number(const char *name, size_t prefix_bytes)
{
    size_t start = 0;
    for (size_t i = 0; i < prefix_bytes; i++) {
        if (name[i] == '.') {
            const struct part part = {name + start, i - start};
            if (number_of(&part) >= 0) {
                return true;
            }
            start = i + 1;
        }
    }
    return false;
}

/** One of 64 bits for the text of a part. */
static uint64_t part_bit(const char *text, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    }
    return UINT64_C(1) << (hash >> 26);
}

void sva_name_context_init(struct sva_name_context *context)
{
    *context = (struct sva_name_context){0};
    for (size_t row = 0; row < sva_role_rule_count() && row < SVA_ROLE_RULES_MAX; row++) {
        const char *const pattern = sva_role_rule_at(row)->pattern;
        const char *const dot = strrchr(pattern, '.');
        const char *at = dot == NULL ? pattern : dot + 1;
        while (*at != '\0') {
            const size_t size = strcspn(at, "|");
            context->last_parts[row] |= *at == '{' ? UINT64_MAX : part_bit(at, size);
            at += at[size] == '|' ? size + 1 : size;
        }
    }
}

static bool match_pattern(const char *pattern, const char *name, const struct split_name *split_of,
                          size_t skip, struct sva_name_match *match)
{
    struct sva_name_match found = *match;
    found.layer = -1;
    found.expert = -1;
    const char *end = pattern + strlen(pattern);
    size_t at = skip;
    for (;;) {
        const char *start = end;
        while (start > pattern && start[-1] != '.') {
            start--;
        }
        if (at == split_of->count || !fits(start, end, &split_of->parts[at], &found)) {
            return false;
        }
        if (start == pattern) {
            break;
        }
        end = start - 1;
        at++;
    }
    found.prefix_bytes = (size_t)(split_of->parts[at].text - name);
    if (prefix_has_number(name, found.prefix_bytes)) {
        return false;
    }
    if (found.layer >= 0) {
        found.prefix_bytes = (size_t)(found.layer_text - name);
    }
    *match = found;
    return true;
}

static bool take_suffix(const struct split_name *name, size_t *skip, struct sva_name_match *match,
                        const struct suffix_row *rows, size_t count)
{
    if (*skip + 1 >= name->count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (part_is(&name->parts[*skip], rows[i].text)) {
            match->suffix = rows[i].suffix;
            match->counted = rows[i].counted;
            ++*skip;
            return true;
        }
    }
    return false;
}

/** "_lora" at the end of a part, also numbered ("qkv_lora1"): bytes before it, else 0. */
static size_t before_lora(const struct part *part)
{
    static const char end[] = "_lora";
    const size_t length = sizeof end - 1;
    size_t size = part->size;
    while (size > 0 && part->text[size - 1] >= '0' && part->text[size - 1] <= '9') {
        size--;
    }
    const bool found =
        size > length && memcmp(part->text + size - length, end, length) == 0;
    return found ? size - length : 0;
}

/**
 * diffusers: "to_q.lora.down", "q_proj.lora_linear_layer.up", "processor.to_q_lora.up". The last
 * one's module is "to_q"; numbered ones stay as they are, since two may belong to one module.
 */
static bool take_up_down(struct split_name *name, size_t *skip, struct sva_name_match *match)
{
    if (*skip + 2 > name->count) {
        return false;
    }
    const bool up = part_is(&name->parts[*skip], "up");
    struct part *const before = &name->parts[*skip + 1];
    const bool apart = part_is(before, "lora") || part_is(before, "lora_linear_layer");
    const size_t left = before_lora(before);
    if ((!up && !part_is(&name->parts[*skip], "down")) || (!apart && left == 0) ||
        (apart && *skip + 2 >= name->count)) {
        return false;
    }
    match->suffix = up ? SVA_SUFFIX_LORA_B : SVA_SUFFIX_LORA_A;
    match->counted = true;
    *skip += apart ? 2 : 1;
    if (!apart && left + 5 == before->size) {
        before->size = left;
    }
    return true;
}

static size_t strip_suffixes(struct split_name *name, struct sva_name_match *match)
{
    size_t skip = 0;
    const size_t count = sizeof suffixes / sizeof *suffixes;
    const size_t lora_count = sizeof lora_suffixes / sizeof *lora_suffixes;
    if (take_suffix(name, &skip, match, suffixes, count) && match->suffix == SVA_SUFFIX_SCALES) {
        const struct sva_name_match kept = *match;
        if (skip + 1 < name->count && part_is(&name->parts[skip], "quant_state")) {
            skip++;
        }
        if (skip + 1 < name->count && part_is(&name->parts[skip], "weight")) {
            skip++;
        }
        *match = kept;
        return skip;
    }
    if (take_up_down(name, &skip, match)) {
        return skip;
    }
    if (take_suffix(name, &skip, match, lora_suffixes, lora_count) && skip + 1 < name->count &&
        part_is(&name->parts[skip], "weight")) {
        skip++; /* GGUF: "blk.0.attn_q.weight.lora_a" */
    }
    return skip;
}

struct sva_name_match sva_role_match(const char *name, size_t name_bytes,
                                     const struct sva_name_context *context)
{
    struct sva_name_match match = {
        .rule = -1, .suffix = SVA_SUFFIX_RAW, .counted = true, .layer = -1, .expert = -1};
    struct split_name parts;
    split(name, name_bytes, &parts);
    const size_t skip = strip_suffixes(&parts, &match);
    if (parts.count == 0) {
        return match;
    }
    const uint64_t bit = part_bit(parts.parts[skip].text, parts.parts[skip].size);
    for (size_t i = 0; i < sva_role_rule_count(); i++) {
        const unsigned flags = sva_role_rule_at(i)->flags;
        if (i < SVA_ROLE_RULES_MAX && (context->last_parts[i] & bit) == 0) {
            continue;
        }
        if (((flags & SVA_RULE_POST_NORMS) != 0 && !context->post_norms) ||
            ((flags & SVA_RULE_TURNS_ONLY) != 0 && !context->gate_up_turns)) {
            continue;
        }
        if (match_pattern(sva_role_rule_at(i)->pattern, name, &parts, skip, &match)) {
            match.rule = (int)i;
            return match;
        }
    }
    return match;
}

/** Is the word in the text, at a part's start or after an underscore? */
static bool holds_word(const char *text, size_t size, const char *word)
{
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if ((i == 0 || text[i - 1] == '.' || text[i - 1] == '_') &&
            memcmp(text + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

enum sva_hint sva_prefix_hint(const char *prefix, size_t prefix_bytes)
{
    if (holds_word(prefix, prefix_bytes, "language_model") ||
        holds_word(prefix, prefix_bytes, "llm")) {
        return SVA_HINT_NONE;
    }
    for (size_t i = 0; i < sizeof prefix_words / sizeof *prefix_words; i++) {
        if (holds_word(prefix, prefix_bytes, prefix_words[i].word)) {
            return prefix_words[i].hint;
        }
    }
    return SVA_HINT_NONE;
}

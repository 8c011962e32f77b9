/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tensor_views.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "model/config_reader.h"
#include "model/role_map.h"
#include "model/view_heads.h"

/* A view costs memory that the file did not pay for: tiny experts are split up to here. */
enum { SPLIT_VIEWS_MAX = 1000000 };

/** One tensor on its way to views. */
struct cut {
    struct sva_parts *parts;
    const struct sva_tensor *tensor;
    const struct sva_assignment *assigned;
    const struct sva_role_rule *rule;
    const struct sva_component_facts *facts;
    struct sva_view view; /**< the whole tensor, or one expert of it */
    bool vector, bias;
    struct sva_error *error;
};

static enum sva_axis_kind settle_axis(const struct cut *cut, enum sva_axis_kind axis)
{
    return axis == SVA_AXIS_ROTARY && cut->facts->no_rotary ? SVA_AXIS_HEAD : axis;
}

/** The heads that the configuration declares for the component; false when it does not. */
static bool heads_of(const struct cut *cut, struct sva_heads *heads)
{
    const struct sva_component *const component =
        (const struct sva_component *)cut->parts->components.items + cut->assigned->component;
    return sva_heads_of(cut->parts, cut->assigned->group, component->kind, cut->facts->width,
                        heads);
}

/** Query and key rows that converters store in two orders get the second one to try. */
static bool add_halves(struct cut *cut, struct sva_view *view)
{
    const bool query = view->role == SVA_ROLE_ATTN_Q;
    if ((cut->rule->flags & SVA_RULE_HALVES) == 0 || cut->vector || view->bias ||
        (!query && view->role != SVA_ROLE_ATTN_K) || view->stride[1] != 1 || view->n[2] != 1) {
        return true;
    }
    struct sva_heads heads = {.count = view->n[0] % 128 == 0 ? view->n[0] / 128 : view->n[0] / 64};
    heads.kv_count = heads.count;
    (void)heads_of(cut, &heads); /* else a usual width of heads is as good a hypothesis */
    bool failed = false;
    view->alternative = sva_order_of_halves(
        cut->parts, view->n[0], query ? heads.count : heads.kv_count, view->stride[0], &failed);
    return !failed;
}

static enum sva_status emit(struct cut *cut, const struct sva_view *view)
{
    struct sva_view *const slot = sva_list_add(&cut->parts->views);
    if (slot == NULL || view->part == NULL) {
        return sva_fail_memory(cut->error, "making views");
    }
    *slot = *view;
    if (cut->rule != NULL && !add_halves(cut, slot)) {
        return sva_fail_memory(cut->error, "making views");
    }
    return SVA_OK;
}

static const char *part_name(struct cut *cut, const char *text)
{
    if (cut->view.expert < 0 || cut->view.part[0] == '\0') {
        return text;
    }
    return sva_arena_printf(&cut->parts->arena, "%s %s", cut->view.part, text);
}

/** Outputs [from, from + count*step) of the current view, as a view of its own. */
static enum sva_status emit_rows(struct cut *cut, uint64_t from, uint64_t count, uint64_t step,
                                 const char *part, enum sva_role role, enum sva_axis_kind axis)
{
    struct sva_view view = cut->view;
    const unsigned along = cut->vector ? 1 : 0;
    view.offset += from * view.stride[along];
    view.n[along] = count;
    view.stride[along] *= step;
    view.part = part_name(cut, part);
    view.role = role;
    view.axis[along] = settle_axis(cut, axis);
    return emit(cut, &view);
}

/** Rows of q and of k (= v) in a fused matrix of `rows`; false if they cannot be told. */
static bool qkv_rows(const struct cut *cut, uint64_t rows, uint64_t *q_rows, uint64_t *kv_rows)
{
    struct sva_heads heads;
    if (rows < UINT64_C(1) << 31 && heads_of(cut, &heads) &&
        (heads.count + 2 * heads.kv_count) * heads.width == rows) {
        *q_rows = heads.count * heads.width;
        *kv_rows = heads.kv_count * heads.width;
        return true;
    }
    const uint64_t attention = cut->facts->attention_width;
    if (attention > 0 && rows > attention && (rows - attention) % 2 == 0 &&
        (rows - attention) / 2 <= attention) {
        *q_rows = attention;
        *kv_rows = (rows - attention) / 2;
        return true;
    }
    *q_rows = rows / 3;
    *kv_rows = rows / 3;
    return rows % 3 == 0 && rows / 3 == cut->facts->width;
}

static enum sva_status emit_qkv(struct cut *cut, uint64_t rows)
{
    uint64_t q_rows = 0;
    uint64_t kv_rows = 0;
    if (!qkv_rows(cut, rows, &q_rows, &kv_rows)) {
        return emit_rows(cut, 0, rows, 1, "qkv", cut->rule->role, SVA_AXIS_UNKNOWN);
    }
    enum sva_status status = emit_rows(cut, 0, q_rows, 1, "q", SVA_ROLE_ATTN_Q, cut->rule->out);
    if (status == SVA_OK) {
        status = emit_rows(cut, q_rows, kv_rows, 1, "k", SVA_ROLE_ATTN_K, cut->rule->out);
    }
    return status != SVA_OK
               ? status
               : emit_rows(cut, q_rows + kv_rows, kv_rows, 1, "v", SVA_ROLE_ATTN_V, SVA_AXIS_VALUE);
}

/** A part of a matrix whose groups of rows take turns: `first` rows into each group. */
static enum sva_status emit_turns(struct cut *cut, const struct sva_row_order *order,
                                  uint64_t first, const char *part, enum sva_role role,
                                  enum sva_axis_kind axis)
{
    struct sva_view view = cut->view;
    if (order == NULL) {
        return sva_fail_memory(cut->error, "making views");
    }
    view.offset += first * view.stride[0];
    view.n[0] = order->n[0] * order->n[1] * order->n[2];
    view.order = order;
    view.part = part_name(cut, part);
    view.role = role;
    view.axis[0] = settle_axis(cut, axis);
    return emit(cut, &view);
}

/** Per group of heads that share a key: its queries, the key, the value. */
static enum sva_status emit_qkv_turns(struct cut *cut, uint64_t rows)
{
    struct sva_heads heads;
    const bool told = !cut->vector && rows < UINT64_C(1) << 31 && heads_of(cut, &heads) &&
                      (heads.count + 2 * heads.kv_count) * heads.width == rows;
    if (!told) {
        return emit_rows(cut, 0, rows, 1, "", cut->rule->role, SVA_AXIS_UNKNOWN);
    }
    static const struct {
        const char *part;
        enum sva_role role;
    } parts[3] = {{"q", SVA_ROLE_ATTN_Q}, {"k", SVA_ROLE_ATTN_K}, {"v", SVA_ROLE_ATTN_V}};
    const uint64_t queries = heads.count / heads.kv_count;
    const uint64_t stride_rows = (queries + 2) * heads.width;
    enum sva_status status = SVA_OK;
    for (uint64_t i = 0; status == SVA_OK && i < 3; i++) {
        const struct sva_row_order *const order =
            sva_order_of_groups(cut->parts, heads.kv_count, stride_rows, i == 0 ? queries : 1,
                                heads.width, cut->view.stride[0]);
        status = emit_turns(cut, order, i == 0 ? 0 : (queries + i - 1) * heads.width, parts[i].part,
                            parts[i].role, i == 2 ? SVA_AXIS_VALUE : cut->rule->out);
    }
    return status;
}

/** MLA: per head its keys without position, then its values. */
static enum sva_status emit_kv_b(struct cut *cut, uint64_t rows)
{
    const struct sva_group *const group =
        (const struct sva_group *)cut->parts->groups.items + cut->assigned->group;
    const char *const section = sva_config_section(&group->config, SVA_COMPONENT_TEXT_DECODER);
    struct sva_heads heads;
    uint64_t keys = 0;
    uint64_t values = 0;
    if (cut->vector || !heads_of(cut, &heads) || heads.count > rows ||
        !sva_config_u64(&group->config, section, "qk_nope_head_dim", &keys) ||
        !sva_config_u64(&group->config, section, "v_head_dim", &values) || keys == 0 ||
        values == 0 || keys > rows || values > rows || (keys + values) * heads.count != rows) {
        return emit(cut, &cut->view);
    }
    const uint64_t width = cut->view.stride[0];
    const enum sva_status status =
        emit_turns(cut, sva_order_of_groups(cut->parts, heads.count, keys + values, 1, keys, width),
                   0, "k", SVA_ROLE_ATTN_KV_B, SVA_AXIS_ROTARY);
    return status != SVA_OK ? status
                            : emit_turns(cut,
                                         sva_order_of_groups(cut->parts, heads.count, keys + values,
                                                             1, values, width),
                                         keys, "v", SVA_ROLE_ATTN_KV_B, SVA_AXIS_VALUE);
}

/** [head, latents, keys]: key j of head h is a row across the latents, stored as a column. */
static enum sva_status emit_k_b(struct cut *cut)
{
    const uint64_t *const shape = cut->tensor->shape;
    if (cut->tensor->rank != 3 || cut->tensor->element_count == 0) {
        return emit(cut, &cut->view);
    }
    struct sva_row_order *const order = sva_arena_alloc(&cut->parts->arena, 1, sizeof *order);
    if (order == NULL) {
        return sva_fail_memory(cut->error, "making views");
    }
    *order = (struct sva_row_order){.n = {shape[0], 1, shape[2]},
                                    .stride = {shape[1] * shape[2], 0, 1},
                                    .name = "keys turned head by head"};
    cut->view.n[0] = shape[0] * shape[2];
    cut->view.n[1] = shape[1];
    cut->view.stride[0] = 1;
    cut->view.stride[1] = shape[2];
    cut->view.order = order;
    return emit(cut, &cut->view);
}

static enum sva_status emit_gate_up(struct cut *cut, uint64_t rows, bool turns)
{
    const uint64_t half = rows / 2;
    const uint64_t step = turns ? 2 : 1;
    const enum sva_status status =
        emit_rows(cut, 0, half, step, "gate", SVA_ROLE_FFN_GATE, SVA_AXIS_NEURON);
    return status != SVA_OK ? status
                            : emit_rows(cut, turns ? 1 : half, half, step, "up", SVA_ROLE_FFN_UP,
                                        SVA_AXIS_NEURON);
}

static enum sva_status emit_kv_a(struct cut *cut, uint64_t rows)
{
    const struct sva_group *const group =
        (const struct sva_group *)cut->parts->groups.items + cut->assigned->group;
    const char *const section = sva_config_section(&group->config, SVA_COMPONENT_TEXT_DECODER);
    uint64_t rank = 0;
    if (!sva_config_u64(&group->config, section, "kv_lora_rank", &rank) || rank == 0 ||
        rank >= rows) {
        return emit_rows(cut, 0, rows, 1, "", cut->rule->role, SVA_AXIS_UNKNOWN);
    }
    const enum sva_status status =
        emit_rows(cut, 0, rank, 1, "kv", SVA_ROLE_ATTN_KV_A, SVA_AXIS_LATENT);
    return status != SVA_OK
               ? status
               : emit_rows(cut, rank, rows - rank, 1, "rope", SVA_ROLE_ATTN_KV_A, SVA_AXIS_ROTARY);
}

static enum sva_status emit_split(struct cut *cut)
{
    const uint64_t rows = cut->view.n[cut->vector ? 1 : 0];
    switch (cut->rule->split) {
    case SVA_SPLIT_QKV:
        if (rows > 0) {
            return emit_qkv(cut, rows);
        }
        break;
    case SVA_SPLIT_GATE_UP:
    case SVA_SPLIT_GATE_UP_TURNS:
        if (rows > 0 && rows % 2 == 0) {
            return emit_gate_up(cut, rows, cut->rule->split == SVA_SPLIT_GATE_UP_TURNS);
        }
        break;
    case SVA_SPLIT_GATE_UP_IF:
        if (rows > 0 && cut->facts->neuron_count > 0 && rows % 2 == 0 &&
            rows / 2 == cut->facts->neuron_count) {
            return emit_gate_up(cut, rows, false);
        }
        break;
    case SVA_SPLIT_KV_A:
        if (rows > 0) {
            return emit_kv_a(cut, rows);
        }
        break;
    case SVA_SPLIT_QKV_TURNS:
        if (rows > 0) {
            return emit_qkv_turns(cut, rows);
        }
        break;
    case SVA_SPLIT_KV_B: return emit_kv_b(cut, rows);
    case SVA_SPLIT_K_B: return emit_k_b(cut);
    case SVA_SPLIT_NONE: break;
    }
    return emit(cut, &cut->view);
}

/** Lays a fold into the view and gives its axes their meaning. */
static void place_fold(struct cut *cut, struct sva_fold fold, uint64_t offset)
{
    const struct sva_role_rule *const rule = cut->rule;
    struct sva_view *const view = &cut->view;
    const struct sva_orientation found = sva_orient(rule, &fold, cut->facts);
    if (found.turned) {
        sva_fold_turn(&fold);
    }
    cut->vector = fold.vector;
    memcpy(view->n, fold.n, sizeof view->n);
    memcpy(view->stride, fold.stride, sizeof view->stride);
    view->offset = offset;
    if (fold.vector) {
        const bool class_vector = rule->role == SVA_ROLE_EMBED_CLASS;
        const bool known = cut->bias || rule->in == SVA_AXIS_UNIT || class_vector;
        view->axis[0] = SVA_AXIS_UNIT;
        view->axis[1] = !known ? SVA_AXIS_UNKNOWN : class_vector ? rule->in : rule->out;
    } else {
        view->axis[0] = rule->out;
        view->axis[1] = rule->in;
        if (view->n[0] == 1 && rule->out == SVA_AXIS_POSITION) {
            view->axis[0] = SVA_AXIS_UNIT; /* a class token stored as 1 x n */
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        if (view->axis[i] == SVA_AXIS_RESIDUAL && view->n[i] != cut->facts->width) {
            view->axis[i] = SVA_AXIS_UNKNOWN;
        }
        view->axis[i] = settle_axis(cut, view->axis[i]);
    }
}

static enum sva_status cut_experts(struct cut *cut)
{
    const struct sva_tensor *const tensor = cut->tensor;
    const uint64_t experts = tensor->shape[0];
    const uint64_t size = tensor->element_count / experts;
    enum sva_status status = SVA_OK;
    for (uint64_t expert = 0; status == SVA_OK && expert < experts; expert++) {
        const struct sva_fold fold =
            sva_fold_for_rule(cut->rule, tensor->shape + 1, tensor->rank - 1, size);
        place_fold(cut, fold, expert * size);
        cut->view.expert = (int32_t)expert;
        cut->view.part =
            sva_arena_printf(&cut->parts->arena, "expert %llu", (unsigned long long)expert);
        if (cut->view.part == NULL) {
            return sva_fail_memory(cut->error, "making views");
        }
        status = emit_split(cut);
    }
    return status;
}

/** By shape alone, axes unknown. */
static enum sva_status cut_generic(struct cut *cut)
{
    const struct sva_fold fold = sva_fold_generic(cut->tensor);
    memcpy(cut->view.n, fold.n, sizeof cut->view.n);
    memcpy(cut->view.stride, fold.stride, sizeof cut->view.stride);
    cut->view.axis[0] = fold.vector ? SVA_AXIS_UNIT : SVA_AXIS_UNKNOWN;
    cut->view.axis[1] = SVA_AXIS_UNKNOWN;
    cut->view.bias = cut->assigned->suffix == SVA_SUFFIX_BIAS;
    return emit(cut, &cut->view);
}

/**
 * Is the factor A of an embedding stored [tokens, rank]? PEFT stores [rank, tokens], llama.cpp's
 * converter turns it; a rank is smaller than a vocabulary.
 */
static bool is_turned_factor(const struct cut *cut, bool is_a)
{
    return is_a && cut->rule != NULL && cut->rule->role == SVA_ROLE_EMBED_TOKENS &&
           cut->tensor->rank == 2 && cut->tensor->shape[0] > cut->tensor->shape[1];
}

/** Adapters of one base share its numberings: only the rank axis is their own. */
static enum sva_status cut_lora(struct cut *cut)
{
    struct sva_view *const view = &cut->view;
    const bool is_a = cut->assigned->suffix == SVA_SUFFIX_LORA_A;
    const struct sva_tensor *const tensor = cut->tensor;
    if (cut->assigned->suffix == SVA_SUFFIX_LORA_OTHER || tensor->rank < 2) {
        return cut_generic(cut);
    }
    uint64_t kernel = 1; /* of a convolution's factors */
    for (uint32_t i = 2; i < tensor->rank; i++) {
        kernel *= tensor->shape[i];
    }
    view->role = is_a ? SVA_ROLE_LORA_A : SVA_ROLE_LORA_B;
    view->part = cut->rule == NULL ? "" : sva_role_name(cut->rule->role);
    view->n[0] = tensor->shape[0];
    view->n[1] = tensor->shape[1];
    view->n[2] = kernel;
    view->stride[0] = tensor->shape[1] * kernel;
    view->stride[1] = kernel;
    view->stride[2] = 1;
    if (is_turned_factor(cut, is_a)) {
        view->n[0] = tensor->shape[1];
        view->n[1] = tensor->shape[0];
        view->stride[0] = 1;
        view->stride[1] = tensor->shape[1];
    }
    view->axis[0] = is_a ? SVA_AXIS_RANK : SVA_AXIS_FOREIGN;
    view->axis[1] = is_a ? SVA_AXIS_FOREIGN : SVA_AXIS_RANK;
    return emit(cut, view);
}

/** A patch embedding over two frames (Conv3D): one view a frame, as converters store it. */
static enum sva_status cut_frames(struct cut *cut)
{
    const uint64_t *const shape = cut->tensor->shape; /* outputs, channels, frames, height, width */
    const uint64_t kernel = shape[3] * shape[4];
    struct sva_view *const view = &cut->view;
    enum sva_status status = SVA_OK;
    for (uint64_t frame = 0; status == SVA_OK && frame < 2; frame++) {
        view->offset = frame * kernel;
        view->n[0] = shape[0];
        view->n[1] = shape[1];
        view->n[2] = kernel;
        view->stride[0] = shape[1] * 2 * kernel;
        view->stride[1] = 2 * kernel;
        view->stride[2] = 1;
        view->axis[0] = shape[0] == cut->facts->width ? cut->rule->out : SVA_AXIS_UNKNOWN;
        view->axis[1] = cut->rule->in;
        view->part = frame == 0 ? "frame 0" : "frame 1";
        status = emit(cut, view);
    }
    return status;
}

static enum sva_status cut_tensor(struct sva_parts *parts, size_t index, struct sva_error *error)
{
    struct cut cut = {.parts = parts, .error = error};
    cut.tensor = (const struct sva_tensor *)parts->tensors.items + index;
    cut.assigned = (const struct sva_assignment *)parts->assignments.items + index;
    cut.rule = cut.assigned->rule < 0 ? NULL : sva_role_rule_at((size_t)cut.assigned->rule);
    cut.facts =
        (const struct sva_component_facts *)parts->component_facts.items + cut.assigned->component;
    cut.view = (struct sva_view){.tensor = (uint32_t)index,
                                 .part = "",
                                 .layer = cut.assigned->layer,
                                 .expert = cut.assigned->expert,
                                 .component = cut.assigned->component};
    if (cut.assigned->suffix >= SVA_SUFFIX_LORA_A) {
        return cut_lora(&cut);
    }
    if (cut.rule == NULL || cut.assigned->suffix == SVA_SUFFIX_SCALES) {
        return cut_generic(&cut);
    }
    if (cut.facts->swapped_votes > 0) {
        cut.rule = sva_swapped_rule(cut.rule);
    }
    cut.bias = sva_is_bias(cut.rule, cut.assigned);
    cut.view.bias = cut.bias;
    cut.view.role = cut.rule->role;
    if (cut.rule->role == SVA_ROLE_CONV) {
        cut.view.layer = cut.rule->pattern[strlen(cut.rule->pattern) - 1] - '1';
    }
    if (sva_is_expert_stack(cut.rule, cut.tensor, cut.bias) &&
        parts->views.count < SPLIT_VIEWS_MAX + parts->tensors.count) {
        return cut_experts(&cut);
    }
    if ((cut.rule->flags & SVA_RULE_EXPERTS) != 0) {
        return cut_generic(&cut); /* not the rank that a stack of experts has */
    }
    if (cut.rule->role == SVA_ROLE_EMBED_PATCH && cut.tensor->rank == 5 &&
        cut.tensor->shape[2] == 2 && cut.tensor->element_count > 0) {
        return cut_frames(&cut);
    }
    const uint32_t rank = cut.bias ? 1 : cut.tensor->rank;
    place_fold(&cut,
               sva_fold_for_rule(cut.rule, cut.tensor->shape, rank, cut.tensor->element_count), 0);
    return emit_split(&cut);
}

struct layer_of {
    uint32_t component;
    int32_t layer;
};

static int compare_layers(const void *left, const void *right)
{
    const struct layer_of *const a = left;
    const struct layer_of *const b = right;
    if (a->component != b->component) {
        return a->component < b->component ? -1 : 1;
    }
    return (a->layer > b->layer) - (a->layer < b->layer);
}

static enum sva_status count_layers(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_assignment *const assigned = parts->assignments.items;
    struct sva_component *const components = parts->components.items;
    struct layer_of *const layers = sva_calloc(parts->tensors.count + 1, sizeof *layers);
    if (layers == NULL) {
        return sva_fail_memory(error, "counting layers");
    }
    size_t count = 0;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        if (assigned[i].layer >= 0) {
            layers[count++] = (struct layer_of){assigned[i].component, assigned[i].layer};
        }
    }
    if (count > 1) {
        qsort(layers, count, sizeof *layers, compare_layers);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_layers(&layers[i], &layers[i - 1]) != 0) {
            components[layers[i].component].layer_count++;
        }
    }
    sva_free(layers);
    return SVA_OK;
}

/** A head that the configuration declares tied to the embedding and that is stored all the same. */
static bool is_tied_head(const struct sva_parts *parts, const struct sva_assignment *assigned)
{
    if (assigned->rule < 0 ||
        sva_role_rule_at((size_t)assigned->rule)->role != SVA_ROLE_OUTPUT_HEAD) {
        return false;
    }
    const struct sva_group *const group =
        (const struct sva_group *)parts->groups.items + assigned->group;
    const char *const tied = sva_config_text(&group->config, "tie_word_embeddings");
    return tied != NULL && strcmp(tied, "true") == 0 && assigned->suffix != SVA_SUFFIX_BIAS;
}

enum sva_status sva_views_build(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_assignment *const assigned = parts->assignments.items;
    struct sva_component *const components = parts->components.items;
    const struct sva_component_facts *const facts = parts->component_facts.items;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        const enum sva_status status = cut_tensor(parts, i, error);
        if (status != SVA_OK) {
            return status;
        }
        if (assigned[i].counted && !is_tied_head(parts, &assigned[i])) {
            components[assigned[i].component].parameter_count += tensors[i].element_count;
        }
    }
    for (size_t c = 0; c < parts->components.count; c++) {
        components[c].width = facts[c].width;
        struct sva_heads heads;
        if (sva_heads_of(parts, facts[c].group, components[c].kind, facts[c].width, &heads)) {
            components[c].head_count = (uint32_t)heads.count;
            components[c].kv_head_count = (uint32_t)heads.kv_count;
            components[c].head_width = (uint32_t)heads.width;
        }
    }
    return count_layers(parts, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/config_check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/config_reader.h"
#include "model/gguf_facts.h"

/** A component, and what is stated about it. */
struct checked {
    struct sva_parts *parts;
    const struct sva_config *config;
    const char *section; /**< of the configuration: "" or "text_config." */
    const char *file;    /**< that states it */
    bool in_gguf;        /**< under the names of GGUF keys */
    uint32_t component;
    const char *name; /**< of the component */
};

/** Sizes of one kind that the tensors of a component show. */
struct shown {
    uint64_t first; /**< 0: there is nothing to see */
    bool agrees;    /**< one of them is the stated one: layers may differ */
};

/* ---- what tensors show ---- */

enum place {
    PLACE_TOKENS,         /**< rows of the embedding */
    PLACE_HEAD,           /**< rows of the output head */
    PLACE_NEURONS,        /**< inputs of dense down projections */
    PLACE_EXPERT_NEURONS, /**< of experts */
    PLACE_QUERIES,        /**< rows of query projections */
    PLACE_KEYS,           /**< of key projections */
    PLACE_ROUTER          /**< rows of routers: experts */
};

enum experts { EXPERTS_ANY, EXPERTS_NONE, EXPERTS_ONLY };

/** Where a place is: the axis of a role's matrix that faces away from the residual stream. */
static const struct {
    enum sva_role role;
    int axis;
    enum experts experts;
} places[] = {
    [PLACE_TOKENS] = {SVA_ROLE_EMBED_TOKENS, 0, EXPERTS_ANY},
    [PLACE_HEAD] = {SVA_ROLE_OUTPUT_HEAD, 0, EXPERTS_ANY},
    [PLACE_NEURONS] = {SVA_ROLE_FFN_DOWN, 1, EXPERTS_NONE},
    [PLACE_EXPERT_NEURONS] = {SVA_ROLE_FFN_DOWN, 1, EXPERTS_ONLY},
    [PLACE_QUERIES] = {SVA_ROLE_ATTN_Q, 0, EXPERTS_ANY},
    [PLACE_KEYS] = {SVA_ROLE_ATTN_K, 0, EXPERTS_ANY},
    [PLACE_ROUTER] = {SVA_ROLE_ROUTER, 0, EXPERTS_ANY},
};

/** Size of `view` at a place, 0 where it is not there. */
static uint64_t size_at(const struct sva_view *view, enum place place)
{
    const int axis = places[place].axis;
    const bool counts = places[place].experts == EXPERTS_ANY ||
                        (view->expert >= 0) == (places[place].experts == EXPERTS_ONLY);
    return view->role == places[place].role && counts && view->axis[1 - axis] == SVA_AXIS_RESIDUAL
               ? view->n[axis]
               : 0;
}

static struct shown look(const struct checked *checked, enum place place, uint64_t stated)
{
    struct shown shown = {0};
    const struct sva_view *const views = checked->parts->views.items;
    for (size_t i = 0; i < checked->parts->views.count; i++) {
        const bool mine = views[i].component == checked->component && !views[i].bias;
        const uint64_t size = mine ? size_at(&views[i], place) : 0;
        shown.first = shown.first == 0 ? size : shown.first;
        shown.agrees = shown.agrees || (size > 0 && size == stated);
    }
    return shown;
}

/* ---- what is stated ---- */

/** The first key that is stated, or NULL. */
static const char *stated_key(const struct checked *checked, const char *const *keys,
                              uint64_t *stated)
{
    while (*keys != NULL && !sva_config_u64(checked->config, checked->section, *keys, stated)) {
        keys++;
    }
    return *keys;
}

/** "vision_config.hidden_size", or the name of the GGUF key behind it. */
static void name_key(const struct checked *checked, const char *key, char *out, size_t out_size)
{
    const char *const gguf = checked->in_gguf ? sva_gguf_key_of(key) : NULL;
    snprintf(out, out_size, "%s%s", gguf != NULL ? "" : checked->section,
             gguf != NULL ? gguf : key);
}

static enum sva_status tell(const struct checked *checked, const char *key, uint64_t stated,
                            uint64_t shown, struct sva_error *error)
{
    char name[160];
    name_key(checked, key, name, sizeof name);
    return sva_parts_finding(checked->parts, error, "config-mismatch", checked->file,
                             "%s states %s = %llu, but the tensors of %s show %llu.",
                             sva_esc(checked->file).text, name, (unsigned long long)stated,
                             sva_esc(checked->name).text, (unsigned long long)shown);
}

/** One number against one size. */
static enum sva_status check_size(const struct checked *checked, const char *const *keys,
                                  uint64_t shown, struct sva_error *error)
{
    uint64_t stated = 0;
    const char *const key = shown == 0 ? NULL : stated_key(checked, keys, &stated);
    return key == NULL || stated == shown ? SVA_OK : tell(checked, key, stated, shown, error);
}

/** One number against what any layer shows. */
static enum sva_status check_place(const struct checked *checked, const char *const *keys,
                                   enum place place, struct sva_error *error)
{
    uint64_t stated = 0;
    const char *const key = stated_key(checked, keys, &stated);
    const struct shown shown = look(checked, place, stated);
    return key == NULL || shown.first == 0 || shown.agrees
               ? SVA_OK
               : tell(checked, key, stated, shown.first, error);
}

/* ---- heads ---- */

/** Rows of one head: stated, or the width shared out among the query heads. 0: not known. */
static uint64_t head_rows(const struct checked *checked, uint64_t width)
{
    static const char *const keys[] = {"head_dim", NULL};
    static const char *const count_keys[] = {"num_attention_heads", "n_head", NULL};
    uint64_t rows = 0;
    uint64_t count = 0;
    if (stated_key(checked, keys, &rows) != NULL) {
        return rows;
    }
    return stated_key(checked, count_keys, &count) != NULL && count > 0 && width % count == 0
               ? width / count
               : 0;
}

/** Latent attention, gates inside the query projection: heads are not rows there. */
static bool has_plain_heads(const struct checked *checked)
{
    uint64_t latent = 0;
    char path[64];
    snprintf(path, sizeof path, "%sattn_output_gate", checked->section);
    const char *const gate = sva_config_text(checked->config, path);
    return !(sva_config_u64(checked->config, checked->section, "kv_lora_rank", &latent) &&
             latent > 0) &&
           (gate == NULL || strcmp(gate, "true") != 0);
}

static enum sva_status check_heads(const struct checked *checked, const char *const *keys,
                                   enum place place, uint64_t width, struct sva_error *error)
{
    uint64_t count = 0;
    char name[160];
    const uint64_t rows = head_rows(checked, width);
    const char *const key = stated_key(checked, keys, &count);
    if (key == NULL || rows == 0 || count == 0 || count > UINT32_MAX || rows > UINT32_MAX ||
        !has_plain_heads(checked)) {
        return SVA_OK;
    }
    const struct shown shown = look(checked, place, count * rows);
    if (shown.first == 0 || shown.agrees) {
        return SVA_OK;
    }
    name_key(checked, key, name, sizeof name);
    return sva_parts_finding(
        checked->parts, error, "config-mismatch", checked->file,
        "%s states %s = %llu, which with %llu rows for each makes %llu, but the %s projection of "
        "%s has %llu.",
        sva_esc(checked->file).text, name, (unsigned long long)count, (unsigned long long)rows,
        (unsigned long long)(count * rows), place == PLACE_QUERIES ? "query" : "key",
        sva_esc(checked->name).text, (unsigned long long)shown.first);
}

/* ---- a head of its own ---- */

/** Does the named class have an output head at all? */
static bool has_head_class(const struct sva_config *config)
{
    const char *const name = sva_config_text(config, "architectures.0");
    return name != NULL && (strstr(name, "CausalLM") != NULL || strstr(name, "LMHead") != NULL ||
                            strstr(name, "ConditionalGeneration") != NULL);
}

static enum sva_status check_tie(const struct checked *checked, struct sva_error *error)
{
    char path[64];
    snprintf(path, sizeof path, "%stie_word_embeddings", checked->section);
    const char *tie = sva_config_text(checked->config, "tie_word_embeddings");
    tie = tie == NULL ? sva_config_text(checked->config, path) : tie;
    if (tie == NULL || look(checked, PLACE_TOKENS, 0).first == 0 ||
        !has_head_class(checked->config)) {
        return SVA_OK;
    }
    const bool tied = strcmp(tie, "true") == 0;
    const bool has_head = look(checked, PLACE_HEAD, 0).first > 0;
    if (tied != has_head) {
        return SVA_OK;
    }
    return sva_parts_finding(checked->parts, error, "config-mismatch", checked->file,
                             "%s states tie_word_embeddings = %s, but the tensors of %s hold %s.",
                             sva_esc(checked->file).text, tied ? "true" : "false",
                             sva_esc(checked->name).text,
                             tied ? "an output head, which is then not used" : "no output head");
}

/* ---- a component ---- */

/** Multi-token-prediction layers come on top of the stated ones, if they are stored at all. */
static uint64_t stated_layers(const struct checked *checked, uint64_t layers)
{
    uint64_t stated = 0;
    uint64_t extra = 0;
    return sva_config_u64(checked->config, checked->section, "num_hidden_layers", &stated) &&
                   sva_config_u64(checked->config, checked->section, "num_nextn_predict_layers",
                                  &extra) &&
                   stated + extra == layers
               ? stated
               : layers;
}

static enum sva_status check_shape(const struct checked *checked,
                                   const struct sva_component *component, struct sva_error *error)
{
    static const char *const width_keys[] = {"hidden_size", "n_embd", "d_model", NULL};
    static const char *const vision_width_keys[] = {"embed_dim", "hidden_size", NULL};
    static const char *const decoder_layer_keys[] = {"decoder_layers", "num_hidden_layers",
                                                     "n_layer", "num_layers", NULL};
    static const char *const encoder_layer_keys[] = {"encoder_layers", "num_hidden_layers",
                                                     "num_layers", NULL};
    static const char *const vision_layer_keys[] = {"depth", "num_hidden_layers", NULL};
    static const char *const neuron_keys[] = {"intermediate_size_mlp", "intermediate_size",
                                              "ffn_dim", "n_inner", NULL};
    const bool vision = component->kind == SVA_COMPONENT_VISION_ENCODER;
    enum sva_status status =
        check_size(checked, vision ? vision_width_keys : width_keys, component->width, error);
    if (status == SVA_OK) {
        status = check_size(checked,
                            component->kind == SVA_COMPONENT_TEXT_DECODER ? decoder_layer_keys
                            : vision                                      ? vision_layer_keys
                                                                          : encoder_layer_keys,
                            stated_layers(checked, component->layer_count), error);
    }
    return status == SVA_OK ? check_place(checked, neuron_keys, PLACE_NEURONS, error) : status;
}

/** What text models alone have: a vocabulary, grouped heads, experts, a head that may be tied. */
static enum sva_status check_text(const struct checked *checked,
                                  const struct sva_component *component, struct sva_error *error)
{
    static const char *const vocabulary_keys[] = {"vocab_size", NULL};
    static const char *const expert_keys[] = {"num_experts", "num_local_experts",
                                              "n_routed_experts", NULL};
    static const char *const expert_neuron_keys[] = {"moe_intermediate_size", NULL};
    static const char *const query_keys[] = {"num_attention_heads", "n_head", NULL};
    static const char *const kv_keys[] = {"num_key_value_heads", NULL};
    enum sva_status status = check_place(checked, vocabulary_keys, PLACE_TOKENS, error);
    if (status == SVA_OK && look(checked, PLACE_TOKENS, 0).first == 0) {
        status = check_place(checked, vocabulary_keys, PLACE_HEAD, error);
    }
    if (status == SVA_OK) {
        status = check_place(checked, expert_keys, PLACE_ROUTER, error);
    }
    if (status == SVA_OK) {
        status = check_place(checked, expert_neuron_keys, PLACE_EXPERT_NEURONS, error);
    }
    if (status == SVA_OK) {
        status = check_heads(checked, query_keys, PLACE_QUERIES, component->width, error);
    }
    if (status == SVA_OK) {
        status = check_heads(checked, kv_keys, PLACE_KEYS, component->width, error);
    }
    return status == SVA_OK ? check_tie(checked, error) : status;
}

/** The file that a group's configuration comes from. */
static const char *stating_file(const struct sva_parts *parts, uint16_t group, bool *in_gguf)
{
    const struct sva_group *const found = (const struct sva_group *)parts->groups.items + group;
    const struct sva_scanned *const files = parts->scanned.items;
    *in_gguf = found->kind == SVA_FILE_GGUF;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        const bool states = *in_gguf ? files[i].audited && files[i].group == group
                                     : strcmp(files[i].directory, found->directory) == 0 &&
                                           files[i].refused == NULL &&
                                           strcmp(files[i].base, "config.json") == 0;
        if (states) {
            return files[i].path;
        }
    }
    return *in_gguf ? "the GGUF file" : "params.json";
}

static enum sva_status check_component(struct sva_parts *parts, uint32_t index,
                                       struct sva_error *error)
{
    const struct sva_component component =
        ((const struct sva_component *)parts->components.items)[index];
    const uint16_t group =
        ((const struct sva_component_facts *)parts->component_facts.items)[index].group;
    struct checked checked = {
        .parts = parts,
        .config = &((const struct sva_group *)parts->groups.items)[group].config,
        .component = index,
        .name = component.name,
    };
    checked.section = sva_config_section(checked.config, component.kind);
    checked.file = stating_file(parts, group, &checked.in_gguf);
    const bool vision = component.kind == SVA_COMPONENT_VISION_ENCODER;
    if (component.kind > SVA_COMPONENT_VISION_ENCODER || (vision && checked.section[0] == '\0')) {
        return SVA_OK; /* projectors, adapters, audio: too many ways to state their sizes */
    }
    const enum sva_status status = check_shape(&checked, &component, error);
    return status == SVA_OK && !vision ? check_text(&checked, &component, error) : status;
}

enum sva_status sva_config_check(struct sva_parts *parts, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (uint32_t c = 0; status == SVA_OK && c < parts->components.count; c++) {
        status = check_component(parts, c, error);
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/config_check.h"

#include "base/text.h"
#include "model/config_reader.h"

/** What the tensors of one component show; 0: nothing to see. */
struct shown {
    uint64_t vocabulary, neurons;
};

static struct shown look(const struct sva_parts *parts, uint32_t component)
{
    struct shown shown = {0};
    const struct sva_view *const views = parts->views.items;
    for (size_t i = 0; i < parts->views.count; i++) {
        const struct sva_view *const view = &views[i];
        if (view->component != component || view->bias) {
            continue;
        }
        if (view->role == SVA_ROLE_EMBED_TOKENS && view->axis[1] == SVA_AXIS_RESIDUAL) {
            shown.vocabulary = view->n[0];
        } else if (view->role == SVA_ROLE_FFN_DOWN && view->expert < 0 &&
                   view->axis[0] == SVA_AXIS_RESIDUAL && shown.neurons == 0) {
            shown.neurons = view->n[1];
        }
    }
    return shown;
}

static enum sva_status check_one(struct sva_parts *parts, const struct sva_config *config,
                                 const char *section, const char *const *keys, uint64_t shown,
                                 const char *component, struct sva_error *error)
{
    if (shown == 0) {
        return SVA_OK;
    }
    for (; *keys != NULL; keys++) {
        uint64_t stated = 0;
        if (!sva_config_u64(config, section, *keys, &stated)) {
            continue;
        }
        if (stated == shown) {
            return SVA_OK;
        }
        return sva_parts_finding(parts, error, "config-mismatch", "config.json",
                                 "config.json states %s%s = %llu, but the tensors of %s show %llu.",
                                 section, *keys, (unsigned long long)stated,
                                 sva_esc(component).text, (unsigned long long)shown);
    }
    return SVA_OK;
}

/** Multi-token-prediction layers come on top of the stated ones, if they are stored at all. */
static uint64_t stated_layers(const struct sva_config *config, const char *section, uint64_t layers)
{
    uint64_t stated = 0;
    uint64_t extra = 0;
    return sva_config_u64(config, section, "num_hidden_layers", &stated) &&
                   sva_config_u64(config, section, "num_nextn_predict_layers", &extra) &&
                   stated + extra == layers
               ? stated
               : layers;
}

enum sva_status sva_config_check(struct sva_parts *parts, struct sva_error *error)
{
    static const char *const width_keys[] = {"hidden_size", "n_embd", "d_model", NULL};
    static const char *const vision_width_keys[] = {"embed_dim", "hidden_size", NULL};
    static const char *const decoder_layer_keys[] = {"decoder_layers", "num_hidden_layers",
                                                     "n_layer", "num_layers", NULL};
    static const char *const encoder_layer_keys[] = {"encoder_layers", "num_hidden_layers",
                                                     "num_layers", NULL};
    static const char *const vision_layer_keys[] = {"depth", "num_hidden_layers", NULL};
    static const char *const vocabulary_keys[] = {"vocab_size", NULL};
    static const char *const neuron_keys[] = {"intermediate_size", "ffn_dim", "n_inner", NULL};
    enum sva_status status = SVA_OK;
    for (uint32_t c = 0; status == SVA_OK && c < parts->components.count; c++) {
        const struct sva_component component =
            ((const struct sva_component *)parts->components.items)[c];
        const struct sva_component_facts *const facts =
            (const struct sva_component_facts *)parts->component_facts.items + c;
        const struct sva_config *const config =
            &((const struct sva_group *)parts->groups.items)[facts->group].config;
        const char *const section = sva_config_section(config, component.kind);
        const bool vision = component.kind == SVA_COMPONENT_VISION_ENCODER;
        if (component.kind > SVA_COMPONENT_VISION_ENCODER || (vision && section[0] == '\0')) {
            continue; /* projectors, adapters, audio: too many ways to state their sizes */
        }
        const struct shown shown = look(parts, c);
        status = check_one(parts, config, section, vision ? vision_width_keys : width_keys,
                           component.width, component.name, error);
        if (status == SVA_OK) {
            status = check_one(parts, config, section,
                               component.kind == SVA_COMPONENT_TEXT_DECODER ? decoder_layer_keys
                               : vision                                     ? vision_layer_keys
                                                                            : encoder_layer_keys,
                               stated_layers(config, section, component.layer_count),
                               component.name, error);
        }
        if (status == SVA_OK && !vision) {
            status = check_one(parts, config, section, vocabulary_keys, shown.vocabulary,
                               component.name, error);
        }
        if (status == SVA_OK) {
            status = check_one(parts, config, section, neuron_keys, shown.neurons, component.name,
                               error);
        }
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/generic_groups.h"

#include <string.h>

#include "base/fail.h"

/* First parts that name whole networks rather than layers. */
static const char *const networks[] = {
    "encoder",
    "decoder",
    "generator",
    "discriminator",
    "backbone",
    "unet",
    "vae",
    "student",
    "teacher",
    "policy",
    "value",
    "actor",
    "critic",
    "vocoder",
    "duration_predictor",
    "first_stage_model",
    "cond_stage_model",
};

enum { NETWORK_COUNT = sizeof networks / sizeof *networks };

struct first_part {
    const char *text;
    size_t size;
};

static struct first_part first_part_of(const struct sva_tensor *tensor, size_t skip)
{
    const char *const start = tensor->name + skip;
    const size_t left = tensor->name_bytes - skip;
    const char *const dot = memchr(start, '.', left);
    return (struct first_part){start, dot == NULL ? left : (size_t)(dot - start)};
}

static int network_of(struct first_part part)
{
    for (int i = 0; i < NETWORK_COUNT; i++) {
        if (strlen(networks[i]) == part.size && memcmp(networks[i], part.text, part.size) == 0) {
            return i;
        }
    }
    return -1;
}

/** Bytes of the leading part that all these names share ("model."), or 0. */
static size_t shared_wrapper(const struct sva_parts *parts)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_assignment *const assigned = parts->assignments.items;
    struct first_part shared = {NULL, 0};
    for (size_t i = 0; i < parts->tensors.count; i++) {
        if (assigned[i].component != UINT32_MAX) {
            continue;
        }
        const struct first_part part = first_part_of(&tensors[i], 0);
        if (part.size == tensors[i].name_bytes ||
            (shared.text != NULL &&
             (part.size != shared.size || memcmp(part.text, shared.text, part.size) != 0))) {
            return 0;
        }
        shared = part;
    }
    return shared.text == NULL || network_of(shared) >= 0 ? 0 : shared.size + 1;
}

static enum sva_status add_generic(struct sva_parts *parts, const char *name, uint32_t *index,
                                   struct sva_error *error)
{
    struct sva_component *const component = sva_list_add(&parts->components);
    if (component == NULL || sva_list_add(&parts->component_facts) == NULL) {
        return sva_fail_memory(error, "mapping components");
    }
    component->kind = SVA_COMPONENT_GENERIC;
    component->name =
        name[0] == '\0' ? "generic" : sva_arena_printf(&parts->arena, "generic:%s", name);
    *index = (uint32_t)parts->components.count - 1;
    return component->name == NULL ? sva_fail_memory(error, "mapping components") : SVA_OK;
}

enum sva_status sva_generic_groups(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    struct sva_assignment *const assigned = parts->assignments.items;
    const size_t skip = shared_wrapper(parts);
    double held[NETWORK_COUNT] = {0};
    double total = 0;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        if (assigned[i].component == UINT32_MAX) {
            const int network = network_of(first_part_of(&tensors[i], skip));
            total += (double)tensors[i].element_count;
            if (network >= 0) {
                held[network] += (double)tensors[i].element_count;
            }
        }
    }
    unsigned large = 0;
    for (int i = 0; i < NETWORK_COUNT; i++) {
        large += total > 0 && held[i] >= total / 5;
    }
    uint32_t made[NETWORK_COUNT + 1];
    memset(made, 0xff, sizeof made);
    for (size_t i = 0; i < parts->tensors.count; i++) {
        if (assigned[i].component != UINT32_MAX) {
            continue;
        }
        int network = network_of(first_part_of(&tensors[i], skip));
        if (large < 2 || network < 0 || held[network] < total / 5) {
            network = NETWORK_COUNT;
        }
        if (made[network] == UINT32_MAX) {
            const enum sva_status status = add_generic(
                parts, network == NETWORK_COUNT ? "" : networks[network], &made[network], error);
            if (status != SVA_OK) {
                return status;
            }
        }
        assigned[i].component = made[network];
    }
    return SVA_OK;
}

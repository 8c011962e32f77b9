/* SPDX-License-Identifier: Apache-2.0 */
#include "model/labelled_axes.h"

#include <string.h>

#include "base/fail.h"
#include "kernel/dtype.h"
#include "model/config_reader.h"
#include "model/tensor_values.h"

enum { ROW_MAX = 65536 };

/* Families whose positions are computed sinusoids that no checkpoint stores. */
static const char *const sinusoid_families[] = {
    "marian",  "pegasus",        "m2m_100", "nllb-moe", "xglm",       "fsmt",
    "vit_mae", "speech_to_text", "xlm",     "flaubert", "transfo-xl",
};

static void label(struct sva_component *component, const char *why)
{
    if (!component->residual_labelled) {
        component->residual_labelled = true;
        component->labelled_why = why;
    }
}

bool sva_is_sinusoid_origin(const float *row, size_t count)
{
    /* sin(0) = 0 and cos(0) = 1, interleaved or in halves; learned tables start near 0 */
    size_t zeros = 0;
    size_t ones = 0;
    for (size_t i = 0; i < count; i++) {
        zeros += row[i] > -0.25f && row[i] < 0.25f;
        ones += row[i] > 0.75f && row[i] < 1.25f;
    }
    return count >= 8 && zeros + ones >= count - count / 10 && zeros >= count * 2 / 5 &&
           ones >= count * 2 / 5;
}

/** Looks at the first two rows of a stored table: the second in case a class token has the first.
 */
static enum sva_status look_at_table(struct sva_parts *parts, const struct sva_view *view,
                                     bool *sinusoid, struct sva_error *error)
{
    const struct sva_tensor *const tensor =
        (const struct sva_tensor *)parts->tensors.items + view->tensor;
    const uint64_t width = view->n[1];
    *sinusoid = false;
    if (view->n[0] < 2 || width > ROW_MAX || width == 0 || view->stride[1] != 1 ||
        view->stride[0] != width || view->order != NULL || !sva_dtype_get(tensor->dtype)->is_float) {
        return SVA_OK;
    }
    float *const rows = sva_calloc((size_t)width * 2, sizeof *rows);
    struct sva_values values = {0};
    enum sva_status status = rows == NULL
                                 ? sva_fail_memory(error, "looking at positions")
                                 : sva_values_open(&parts->model, tensor, &values, error);
    if (status == SVA_OK && values.decodable && width * 2 % values.grain == 0) {
        status = sva_values_read(&values, 0, (size_t)width * 2, rows, NULL, error);
        *sinusoid = status == SVA_OK && (sva_is_sinusoid_origin(rows, (size_t)width) ||
                                         sva_is_sinusoid_origin(rows + width, (size_t)width));
    }
    sva_values_done(&values);
    sva_free(rows);
    return status;
}

static void label_families(struct sva_parts *parts)
{
    struct sva_component *const components = parts->components.items;
    const struct sva_component_facts *const facts = parts->component_facts.items;
    for (size_t c = 0; c < parts->components.count; c++) {
        const struct sva_group *const group =
            (const struct sva_group *)parts->groups.items + facts[c].group;
        const char *const type = sva_config_text(&group->config, "model_type");
        if (type == NULL || components[c].kind > SVA_COMPONENT_AUDIO_ENCODER) {
            continue;
        }
        for (size_t i = 0; i < sizeof sinusoid_families / sizeof *sinusoid_families; i++) {
            if (strcmp(type, sinusoid_families[i]) == 0) {
                label(&components[c], "the family adds fixed sinusoids to the residual stream");
            }
        }
    }
}

enum sva_status sva_labelled_axes(struct sva_parts *parts, struct sva_error *error)
{
    struct sva_component *const components = parts->components.items;
    const struct sva_view *const views = parts->views.items;
    label_families(parts);
    for (size_t i = 0; i < parts->views.count; i++) {
        const struct sva_view *const view = &views[i];
        if (view->role != SVA_ROLE_EMBED_POSITIONS || view->bias ||
            components[view->component].residual_labelled) {
            continue;
        }
        bool sinusoid = false;
        const enum sva_status status = look_at_table(parts, view, &sinusoid, error);
        if (status != SVA_OK) {
            return status;
        }
        if (sinusoid) {
            label(&components[view->component],
                  "its position table is, or started from, sinusoids of the axis' index");
        }
    }
    return SVA_OK;
}

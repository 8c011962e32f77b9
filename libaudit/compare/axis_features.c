/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/axis_features.h"

#include <math.h>
#include <string.h>

static const struct sva_axis_sketch *subject_axis(const struct sva_tensor_pair *tensors, int axis)
{
    return sva_axis_read(tensors->s, sva_subject_reordered(tensors->reading, tensors->s), axis);
}

static const struct sva_axis_sketch *reference_axis(const struct sva_tensor_pair *tensors, int axis)
{
    return sva_axis_read(tensors->r, sva_reference_reordered(tensors->reading, tensors->r), axis);
}

unsigned sva_tested_axes(const struct sva_pair *pair, const struct sva_tensor_pair *tensors)
{
    const struct sva_print_tensor *s = tensors->s;
    const struct sva_print_tensor *r = tensors->r;
    const bool swapped = tensors->swapped;
    const struct sva_print_component *subject = &pair->subject->components[s->component];
    const struct sva_print_component *reference = &pair->reference->components[r->component];
    const bool adapter =
        subject->kind == SVA_COMPONENT_ADAPTER || reference->kind == SVA_COMPONENT_ADAPTER;
    const bool labelled = subject->residual_labelled || reference->residual_labelled;
    unsigned known = 0;
    unsigned unknown = 0;
    for (int axis = 0; axis < 2; axis++) {
        const int other = swapped ? 1 - axis : axis;
        enum sva_axis_kind kind = s->axis_kind[axis];
        kind = kind == SVA_AXIS_UNKNOWN ? r->axis_kind[other] : kind;
        if (subject_axis(tensors, axis)->kept == 0 || reference_axis(tensors, other)->kept == 0) {
            continue;
        }
        if (kind == SVA_AXIS_NEURON || kind == SVA_AXIS_LATENT ||
            (kind == SVA_AXIS_RESIDUAL && !labelled)) {
            known |= adapter ? 0u : 1u << axis;
        } else if (kind == SVA_AXIS_UNKNOWN) {
            unknown |= adapter ? 0u : 1u << axis;
        }
    }
    if (tensors->reading != SVA_READ_AS_STORED) {
        known &= 2u; /* the order of rows leaves only axis 1 as it was */
        unknown = 0;
    }
    /* one known axis is enough; residual comes before neurons for a fixed choice */
    if (known == 3u) {
        return s->axis_kind[1] == SVA_AXIS_NEURON ? 1u : 2u;
    }
    return known != 0 ? known : unknown;
}

/**
 * Units of an axis made of fused gates: rows u, u + h, u + 2h ... belong to unit
 * u and are renumbered together. 3 and 4 gates are seen from the shape (GRU,
 * LSTM, fused query-key-value): h equals the other axis.
 */
static uint32_t gate_count(const struct sva_print_tensor *tensor, int axis)
{
    const uint64_t length = tensor->n[axis];
    const uint64_t other = tensor->n[1 - axis];
    if (tensor->axis_kind[axis] != SVA_AXIS_UNKNOWN || tensor->axis[axis].kept != length ||
        other < 2) {
        return 1;
    }
    return length == 3 * other ? 3 : length == 4 * other ? 4 : 1;
}

uint32_t sva_sibling_gates(const struct sva_print *print, const struct sva_print_tensor *tensor,
                           int axis)
{
    const uint32_t own = gate_count(tensor, axis);
    const char *end = strrchr(tensor->name, '.');
    if (own > 1 || end == NULL || tensor->axis_kind[axis] != SVA_AXIS_UNKNOWN) {
        return own;
    }
    const size_t stem = (size_t)(end - tensor->name);
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *other = &print->tensors[i];
        if (other == tensor || other->component != tensor->component ||
            other->n[axis] != tensor->n[axis]) {
            continue;
        }
        const uint32_t gates = gate_count(other, axis);
        if (gates > 1 && strncmp(other->name, tensor->name, stem + 1) == 0) {
            return gates;
        }
    }
    return 1;
}

void sva_axis_features_done(struct sva_axis_features *features)
{
    for (int g = 0; g < 4; g++) {
        sva_free(features->gate_rows[g]);
    }
    sva_alignment_done(&features->alignment);
}

bool sva_axis_features_init(const struct sva_tensor_pair *tensors, int axis, uint32_t gates,
                            struct sva_axis_features *features)
{
    const struct sva_axis_sketch *subject = subject_axis(tensors, axis);
    const struct sva_axis_sketch *reference =
        reference_axis(tensors, tensors->swapped ? 1 - axis : axis);
    memset(features, 0, sizeof *features);
    if (!sva_align(subject, reference, &features->alignment)) {
        return false;
    }
    const uint32_t rows = features->alignment.units;
    features->gates = gates > 1 && rows % gates == 0 && rows == subject->length ? gates : 1;
    features->units = rows / features->gates;
    for (uint32_t g = 0; g < features->gates; g++) {
        features->pairs[g] = (struct sva_feature_pair){
            subject->values, reference->values, subject->features, features->alignment.subject_rows,
            features->alignment.reference_rows};
        if (features->gates == 1) {
            break;
        }
        uint32_t *list = sva_calloc(features->units, sizeof *list);
        features->gate_rows[g] = list;
        if (list == NULL) {
            sva_axis_features_done(features);
            return false;
        }
        for (uint32_t u = 0; u < features->units; u++) {
            list[u] = g * features->units + u;
        }
        features->pairs[g].subject_rows = list;
        features->pairs[g].reference_rows = list;
    }
    return true;
}

bool sva_quick_score(const struct sva_pair *pair, const struct sva_tensor_pair *tensors,
                     double *score)
{
    const unsigned axes = sva_tested_axes(pair, tensors);
    *score = axes == 0 ? -INFINITY : INFINITY;
    for (int axis = 0; axis < 2; axis++) {
        if ((axes & 1u << axis) == 0) {
            continue;
        }
        struct sva_axis_features features;
        const struct sva_axis_sketch *subject = subject_axis(tensors, axis);
        if (!sva_axis_features_init(tensors, axis, 1, &features)) {
            return false;
        }
        const double value = features.units == 0
                                 ? -INFINITY
                                 : sva_quick_similarity(&features.pairs[0], features.units) *
                                       sqrt((double)features.units * subject->features);
        *score = value < *score ? value : *score;
        sva_axis_features_done(&features);
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/layer_scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "compare/evidence.h"
#include "kernel/integer_products.h"

enum { FEATURES_MOST = 256, LAYERS_MOST = 4096 };

/*
 * A layer must stand out by this much to be matched: the largest of 32 x 32 null scores is about
 * 3.3. What is off the straight path costs more than chance gives. Any figures are valid, because the
 * test searches anew for each draw; these were fixed beforehand.
 */
static const double MATCH_COST = 3.0;
static const double JUMP_COST = 4.0;
static const double ENTRY_COST = 1.0;

/** Is this axis renumbered by a test that runs along the layer map? */
static bool is_renumbered(enum sva_axis_kind kind)
{
    return kind == SVA_AXIS_NEURON || kind == SVA_AXIS_VALUE || kind == SVA_AXIS_EXPERT;
}

/** The residual axis of a tensor that describes its layer free of such numberings (queries, keys), or -1. */
static int residual_axis_of(const struct sva_print_tensor *tensor, uint32_t component,
                            uint32_t width)
{
    if (tensor->component != component || tensor->layer < 0 || tensor->layer >= LAYERS_MOST ||
        tensor->expert >= 0 || tensor->bias || !sva_bears_evidence(tensor) ||
        is_renumbered(tensor->axis_kind[0]) || is_renumbered(tensor->axis_kind[1])) {
        return -1;
    }
    for (int axis = 1; axis >= 0; axis--) {
        if (tensor->axis_kind[axis] == SVA_AXIS_RESIDUAL && tensor->axis[axis].kept == width) {
            return axis;
        }
    }
    return -1;
}

/** How often, and with how many features, each role occurs in a component's layers. */
struct role_table {
    uint32_t layers;
    uint32_t count[SVA_ROLE_COUNT];
    uint32_t features[SVA_ROLE_COUNT];
};

static void count_roles(const struct sva_print *print, uint32_t component, uint32_t width,
                        struct role_table *table)
{
    memset(table, 0, sizeof *table);
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        const int axis = residual_axis_of(tensor, component, width);
        if (tensor->sampled && tensor->component == component && tensor->layer >= 0 &&
            tensor->layer < LAYERS_MOST && (uint32_t)tensor->layer + 1 > table->layers) {
            table->layers = (uint32_t)tensor->layer + 1; /* a layer that was not read is there */
        }
        if (axis >= 0) {
            const uint32_t features = tensor->axis[axis].features;
            uint32_t *known = &table->features[tensor->role];
            table->layers = (uint32_t)tensor->layer + 1 > table->layers
                                ? (uint32_t)tensor->layer + 1
                                : table->layers;
            table->count[tensor->role]++;
            *known = *known == 0 || *known == features ? features : UINT32_MAX;
        }
    }
}

/** Features that both sides have in every layer, role by role. */
static uint32_t common_roles(const struct role_table *left, const struct role_table *right,
                             uint32_t start[SVA_ROLE_COUNT])
{
    uint32_t total = 0;
    for (int role = 0; role < SVA_ROLE_COUNT; role++) {
        const uint32_t features = left->features[role];
        const bool everywhere = left->count[role] == left->layers &&
                                right->count[role] == right->layers && features > 0;
        start[role] = UINT32_MAX;
        if (everywhere && features == right->features[role] && features <= FEATURES_MOST - total) {
            start[role] = total;
            total += features;
        }
    }
    return total;
}

static bool fill_features(const struct sva_print *print, uint32_t component, uint32_t width,
                          const uint32_t start[SVA_ROLE_COUNT], struct sva_layer_features *out)
{
    out->values = sva_calloc((size_t)out->layers * out->units * out->features, sizeof *out->values);
    if (out->values == NULL) {
        return false;
    }
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        const int axis = residual_axis_of(tensor, component, width);
        if (axis < 0 || start[tensor->role] == UINT32_MAX) {
            continue;
        }
        const struct sva_axis_sketch *sketch = &tensor->axis[axis];
        int16_t *to = out->values + (size_t)tensor->layer * out->units * out->features +
                      start[tensor->role];
        for (uint32_t unit = 0; unit < out->units; unit++) {
            memcpy(to + (size_t)unit * out->features, sketch->values + (size_t)unit * sketch->features,
                   sketch->features * sizeof *to);
        }
    }
    return true;
}

bool sva_layer_features_init(const struct sva_print *subject, uint32_t component,
                             const struct sva_print *reference, uint32_t other, uint32_t width,
                             struct sva_layer_features *left, struct sva_layer_features *right)
{
    struct role_table tables[2];
    uint32_t start[SVA_ROLE_COUNT];
    *left = (struct sva_layer_features){0};
    *right = (struct sva_layer_features){0};
    count_roles(subject, component, width, &tables[0]);
    count_roles(reference, other, width, &tables[1]);
    const uint32_t features = common_roles(&tables[0], &tables[1], start);
    const uint64_t pairs = (uint64_t)tables[0].layers * tables[1].layers;
    if (features == 0 || pairs > SVA_LAYER_PAIRS_MOST) {
        return true;
    }
    *left = (struct sva_layer_features){.layers = tables[0].layers, .units = width, .features = features};
    *right = (struct sva_layer_features){.layers = tables[1].layers, .units = width, .features = features};
    return fill_features(subject, component, width, start, left) &&
           fill_features(reference, other, width, start, right);
}

void sva_layer_features_done(struct sva_layer_features *features)
{
    sva_free(features->values);
    *features = (struct sva_layer_features){0};
}

/** Centred Gram matrix [features][features] and sums [features] of one layer. */
static void layer_moments(const struct sva_layer_features *layers, uint32_t layer, double *gram,
                          double *sums)
{
    const uint32_t k = layers->features;
    const int16_t *values = layers->values + (size_t)layer * layers->units * k;
    memset(gram, 0, (size_t)k * k * sizeof *gram);
    memset(sums, 0, k * sizeof *sums);
    for (uint32_t unit = 0; unit < layers->units; unit++, values += k) {
        for (uint32_t a = 0; a < k; a++) {
            const double value = values[a];
            sums[a] += value;
            for (uint32_t b = 0; b < k; b++) {
                gram[(size_t)a * k + b] += value * (double)values[b];
            }
        }
    }
    for (uint32_t a = 0; a < k; a++) {
        for (uint32_t b = 0; b < k; b++) {
            gram[(size_t)a * k + b] -= sums[a] * sums[b] / (double)layers->units;
        }
    }
}

/** Sum over units and features of the products of two layers. Exact. */
static double layer_product(const struct sva_layer_features *a, uint32_t l,
                            const struct sva_layer_features *b, uint32_t m)
{
    const size_t size = (size_t)a->units * a->features;
    return (double)sva_dot_i16(a->values + l * size, b->values + m * size, size);
}

static double score(double product, const double *left_sums, const double *right_sums,
                    const double *left_gram, const double *right_gram, uint32_t units, uint32_t k)
{
    double mean = 0.0;
    double variance = 0.0;
    for (uint32_t a = 0; a < k; a++) {
        mean += left_sums[a] * right_sums[a] / (double)units;
    }
    for (size_t i = 0; i < (size_t)k * k; i++) {
        variance += left_gram[i] * right_gram[i];
    }
    variance /= (double)units - 1.0;
    return variance > 0.0 ? (product - mean) / sqrt(variance) : 0.0;
}

bool sva_layer_scores(const struct sva_layer_features *subject,
                      const struct sva_layer_features *reference, double *z)
{
    const uint32_t k = subject->features;
    const size_t all = (size_t)subject->layers + reference->layers;
    double *grams = sva_calloc(all * k * k, sizeof *grams);
    double *sums = sva_calloc(all * k, sizeof *sums);
    const bool ok = grams != NULL && sums != NULL;
    for (uint32_t i = 0; ok && i < all; i++) {
        const bool left = i < subject->layers;
        layer_moments(left ? subject : reference, left ? i : i - subject->layers,
                      grams + (size_t)i * k * k, sums + (size_t)i * k);
    }
    for (uint32_t l = 0; ok && l < subject->layers; l++) {
        for (uint32_t m = 0; m < reference->layers; m++) {
            const size_t other = (size_t)subject->layers + m;
            z[(size_t)l * reference->layers + m] =
                score(layer_product(subject, l, reference, m), sums + (size_t)l * k,
                      sums + other * k, grams + (size_t)l * k * k, grams + other * k * k,
                      subject->units, k);
        }
    }
    sva_free(grams);
    sva_free(sums);
    return ok;
}

/** One step of the search: scores of ending at each reference layer, from those of the layer before. */
static void step(const double *z, uint32_t layers, const struct sva_path_scratch *scratch,
                 double best, int32_t best_at, double idle, int32_t *from)
{
    for (uint32_t m = 0; m < layers; m++) {
        double reached = idle - ENTRY_COST;
        int32_t source = -1; /* unmatched */
        if (best - JUMP_COST > reached) {
            reached = best - JUMP_COST;
            source = best_at;
        }
        if (m > 0 && scratch->before[m - 1] >= reached) {
            reached = scratch->before[m - 1];
            source = (int32_t)m - 1;
        }
        scratch->now[m] = reached + z[m] - MATCH_COST;
        if (from != NULL) {
            from[m] = source;
        }
    }
}

double sva_best_path(const double *z, uint32_t subject_layers, uint32_t reference_layers,
                     struct sva_path_scratch *scratch, int32_t *path)
{
    double idle = 0.0; /* best score of ending unmatched */
    double best = -INFINITY;
    int32_t best_at = -1;
    for (uint32_t m = 0; m < reference_layers; m++) {
        scratch->before[m] = -INFINITY;
    }
    for (uint32_t l = 0; l < subject_layers; l++) {
        int32_t *from =
            scratch->from != NULL ? scratch->from + (size_t)l * (reference_layers + 1) : NULL;
        step(z + (size_t)l * reference_layers, reference_layers, scratch, best, best_at, idle, from);
        if (from != NULL) {
            from[reference_layers] = best > idle ? best_at : -1;
        }
        idle = best > idle ? best : idle;
        double *swapped = scratch->before;
        scratch->before = scratch->now;
        scratch->now = swapped;
        best = -INFINITY;
        for (uint32_t m = 0; m < reference_layers; m++) {
            if (scratch->before[m] > best) {
                best = scratch->before[m];
                best_at = (int32_t)m;
            }
        }
    }
    int32_t at = best > idle ? best_at : -1;
    for (uint32_t l = subject_layers; scratch->from != NULL && path != NULL && l-- > 0;) {
        path[l] = at;
        at = scratch->from[(size_t)l * (reference_layers + 1) +
                           (at < 0 ? reference_layers : (uint32_t)at)];
    }
    return best > idle ? best : idle;
}

double sva_straight_path(const double *z, uint32_t subject_layers, uint32_t reference_layers)
{
    double sum = 0.0;
    for (uint32_t l = 0; l < subject_layers && l < reference_layers; l++) {
        const double gain = z[(size_t)l * reference_layers + l] - MATCH_COST;
        sum += gain > 0.0 ? gain : 0.0;
    }
    return sum;
}

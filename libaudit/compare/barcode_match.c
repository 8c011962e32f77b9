/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/barcode_match.h"

#include <math.h>
#include <stdlib.h>

#include "compare/direction_share.h"
#include "compare/places.h"

enum {
    MARKS = SVA_LANDMARKS_MOST,
    LAYERS_MOST = 8,           /**< of the subject that are looked at */
    UNITS_MOST = 1024,         /**< neurons of a layer: of all its experts */
    UNITS_LOOKED_UP = 128,     /**< of a layer of the subject, evenly spaced */
    MATCHED_LEAST = 24,        /**< neurons over which directions are compared */
    LAYERS_SEARCHED_MOST = 256 /**< of the reference */
};

/** Whitened cosine from which a neuron counts as found; over 64 landmarks chance stays below .6. */
static const double FOUND = 0.6;
/** Share of a layer's neurons found from which on the layer agrees, and what the others may reach.
 */
static const double AGREES = 0.25;
static const double NULL_MOST = 0.05;

/** A neuron of a layer. */
struct unit {
    const struct sva_print_tensor *tensor;
    uint32_t number;   /**< among the tensor's strong ones */
    float code[MARKS]; /**< whitened, unit length */
};

struct coded_layer {
    int32_t layer;
    size_t first, count; /**< units */
};

struct coded_side {
    struct unit *units;
    size_t unit_count;
    struct coded_layer *layers;
    size_t layer_count;
};

/** Columns that both components have. */
struct common_marks {
    uint32_t count;
    uint32_t subject[MARKS], reference[MARKS];
};

/** Layer, then role, so that a gate comes before its up, then expert. */
static int by_place(const void *a, const void *b)
{
    const struct sva_print_tensor *one = *(const struct sva_print_tensor *const *)a;
    const struct sva_print_tensor *other = *(const struct sva_print_tensor *const *)b;
    const int64_t left[3] = {one->layer, (int64_t)one->role, one->expert};
    const int64_t right[3] = {other->layer, (int64_t)other->role, other->expert};
    return sva_compare_keys(left, right, 3);
}

/** Tensors with barcodes, in order of place; the caller frees. NULL: out of memory. */
static const struct sva_print_tensor **list_coded(const struct sva_print *print, uint32_t component,
                                                  size_t *count)
{
    const struct sva_print_tensor **list =
        sva_calloc(print->tensor_count, sizeof(const struct sva_print_tensor *));
    *count = 0;
    for (size_t i = 0; list != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->component == component && tensor->barcodes.units > 0 && tensor->layer >= 0 &&
            sva_bears_evidence(tensor)) {
            list[(*count)++] = tensor;
        }
    }
    if (*count > 1) {
        qsort(list, *count, sizeof(const struct sva_print_tensor *), by_place);
    }
    return list;
}

/** A vector as a neuron's code, of unit length. */
static void set_code(struct unit *unit, const double *values, uint32_t count)
{
    double squares = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        squares += values[i] * values[i];
    }
    const double scale = squares > 0.0 ? 1.0 / sqrt(squares) : 0.0;
    for (uint32_t i = 0; i < count; i++) {
        unit->code[i] = (float)(values[i] * scale);
    }
}

static void take_unit(const struct sva_print_tensor *tensor, uint32_t number, uint32_t marks,
                      const uint32_t *columns, uint32_t count, struct unit *unit)
{
    const int16_t *code = tensor->barcodes.values + (size_t)number * marks;
    double values[MARKS];
    for (uint32_t i = 0; i < count; i++) {
        values[i] = (double)code[columns[i]];
    }
    *unit = (struct unit){.tensor = tensor, .number = number};
    set_code(unit, values, count);
}

/** The gates of every layer, or what stands in for them. */
static bool fill_side(const struct sva_print *print, uint32_t component, const uint32_t *columns,
                      uint32_t count, struct coded_side *side)
{
    size_t tensor_count = 0;
    const struct sva_print_tensor **tensors = list_coded(print, component, &tensor_count);
    const uint32_t marks = print->components[component].landmark_count;
    size_t units = 0;
    for (size_t i = 0; i < tensor_count; i++) {
        units += tensors[i]->barcodes.units;
    }
    side->units = sva_calloc(units + 1, sizeof *side->units);
    side->layers = sva_calloc(tensor_count + 1, sizeof *side->layers);
    const bool ok = tensors != NULL && side->units != NULL && side->layers != NULL;
    enum sva_role role = SVA_ROLE_COUNT;
    for (size_t i = 0; ok && i < tensor_count; i++) {
        const struct sva_print_tensor *tensor = tensors[i];
        struct coded_layer *layer =
            side->layer_count > 0 ? &side->layers[side->layer_count - 1] : NULL;
        if (layer == NULL || layer->layer != tensor->layer) {
            layer = &side->layers[side->layer_count++];
            *layer = (struct coded_layer){.layer = tensor->layer, .first = side->unit_count};
            role = tensor->role;
        }
        for (uint32_t u = 0;
             tensor->role == role && u < tensor->barcodes.units && layer->count < UNITS_MOST;
             u++, layer->count++) {
            take_unit(tensor, u, marks, columns, count, &side->units[side->unit_count++]);
        }
    }
    sva_free(tensors);
    return ok;
}

static void side_done(struct coded_side *side)
{
    sva_free(side->units);
    sva_free(side->layers);
}

/** Adds a side's second moments over neurons. */
static void add_moments(const struct coded_side *side, uint32_t count, double *moments)
{
    for (size_t u = 0; u < side->unit_count; u++) {
        const float *code = side->units[u].code;
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j <= i; j++) {
                moments[i * MARKS + j] +=
                    (double)code[i] * (double)code[j] / (double)side->unit_count;
            }
        }
    }
}

/** Share of the mean variance that is added to all, so that what nothing varies along stays small.
 */
static const double RIDGE = 1e-6;

/** Lower Cholesky factor, in place; false: not positive. */
static bool factorise(double *matrix, uint32_t count)
{
    double trace = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        trace += matrix[i * MARKS + i];
    }
    for (uint32_t i = 0; i < count; i++) {
        matrix[i * MARKS + i] += RIDGE * trace / (double)count;
        for (uint32_t j = 0; j <= i; j++) {
            double sum = matrix[i * MARKS + j];
            for (uint32_t k = 0; k < j; k++) {
                sum -= matrix[i * MARKS + k] * matrix[j * MARKS + k];
            }
            if (i == j && !(sum > 0.0)) {
                return false;
            }
            matrix[i * MARKS + j] = i == j ? sqrt(sum) : sum / matrix[j * MARKS + j];
        }
    }
    return true;
}

/** Solves L y = code for every neuron, then unit length: cosines are those of C^-1. */
static void whiten(const struct coded_side *side, const double *factor, uint32_t count)
{
    for (size_t u = 0; u < side->unit_count; u++) {
        const float *code = side->units[u].code;
        double y[MARKS];
        for (uint32_t i = 0; i < count; i++) {
            double sum = (double)code[i];
            for (uint32_t k = 0; k < i; k++) {
                sum -= factor[i * MARKS + k] * y[k];
            }
            y[i] = sum / factor[i * MARKS + i];
        }
        set_code(&side->units[u], y, count);
    }
}

/** Neurons of a layer found in another, and who they are. */
struct found {
    size_t looked_up, count;
    double cosines; /**< summed over those found */
    const struct unit *subject[UNITS_LOOKED_UP], *reference[UNITS_LOOKED_UP];
};

static const struct unit *nearest(const struct unit *unit, const struct coded_side *side,
                                  const struct coded_layer *layer, double *cosine)
{
    const struct unit *best = NULL;
    *cosine = -1.0;
    for (size_t k = 0; k < layer->count; k++) {
        const struct unit *other = &side->units[layer->first + k];
        float lanes[8] = {0.0f};
        for (int i = 0; i < MARKS; i += 8) {
            for (int lane = 0; lane < 8; lane++) {
                lanes[lane] += unit->code[i + lane] * other->code[i + lane];
            }
        }
        const double sum = (double)((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                           (double)((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
        if (sum > *cosine) {
            *cosine = sum;
            best = other;
        }
    }
    return best;
}

static void look_up(const struct coded_side *subject, const struct coded_layer *layer,
                    const struct coded_side *reference, const struct coded_layer *other,
                    struct found *found)
{
    *found = (struct found){.looked_up =
                                layer->count < UNITS_LOOKED_UP ? layer->count : UNITS_LOOKED_UP};
    for (size_t i = 0; i < found->looked_up; i++) {
        const struct unit *unit =
            &subject->units[layer->first + i * layer->count / found->looked_up];
        double cosine;
        const struct unit *best = nearest(unit, reference, other, &cosine);
        if (best != NULL && cosine >= FOUND) {
            found->subject[found->count] = unit;
            found->reference[found->count++] = best;
            found->cosines += cosine;
        }
    }
}

static double share_of(const struct found *found)
{
    return found->looked_up > 0 ? (double)found->count / (double)found->looked_up : 0.0;
}

/** Share of trained directions in common over the neurons found, where all lie in one dense matrix.
 */
static void add_directions(const struct found *found, struct sva_barcode_evidence *evidence)
{
    const struct sva_strong_neurons *s = &found->subject[0]->tensor->strong;
    const struct sva_strong_neurons *r = &found->reference[0]->tensor->strong;
    uint32_t subject_rows[UNITS_LOOKED_UP];
    uint32_t reference_rows[UNITS_LOOKED_UP];
    if (found->count < MATCHED_LEAST || s->leading == 0 || r->leading == 0) {
        return;
    }
    for (size_t i = 0; i < found->count; i++) {
        if (found->subject[i]->tensor != found->subject[0]->tensor ||
            found->reference[i]->tensor != found->reference[0]->tensor) {
            return;
        }
        subject_rows[i] = found->subject[i]->number;
        reference_rows[i] = found->reference[i]->number;
    }
    const struct sva_direction_set one = {s->directions, s->leading, SVA_STRONG_NEURONS,
                                          subject_rows};
    const struct sva_direction_set other = {r->directions, r->leading, SVA_STRONG_NEURONS,
                                            reference_rows};
    evidence->directions += sva_direction_share(&one, &other, (uint32_t)found->count);
    evidence->direction_layers++;
}

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

/** One layer of the subject against all of the reference's. */
static void match_layer(const struct coded_side *subject, const struct coded_layer *layer,
                        const struct coded_side *reference, struct found work[2],
                        struct sva_barcode_evidence *evidence)
{
    double shares[LAYERS_SEARCHED_MOST];
    const size_t count = reference->layer_count < LAYERS_SEARCHED_MOST ? reference->layer_count
                                                                       : LAYERS_SEARCHED_MOST;
    struct found *best = &work[0];
    *best = (struct found){0};
    for (size_t k = 0; k < count; k++) {
        look_up(subject, layer, reference, &reference->layers[k], &work[1]);
        shares[k] = share_of(&work[1]);
        if (k == 0 || shares[k] > share_of(best)) {
            *best = work[1];
        }
    }
    qsort(shares, count, sizeof *shares, ascending);
    const double elsewhere = shares[(count - 1) / 2]; /* two layers: the other one */
    evidence->layers++;
    evidence->controls += count - 1;
    evidence->control_share = fmax(evidence->control_share, elsewhere);
    if (share_of(best) >= AGREES && elsewhere <= NULL_MOST) {
        evidence->agreeing_layers++;
        evidence->share += share_of(best);
        evidence->cosine += best->cosines / (double)best->count;
        add_directions(best, evidence);
    }
}

static void conclude(struct sva_component_evidence *evidence)
{
    struct sva_barcode_evidence *found = &evidence->barcodes;
    const double agreeing = (double)found->agreeing_layers;
    found->share = agreeing > 0.0 ? found->share / agreeing : 0.0;
    found->cosine = agreeing > 0.0 ? found->cosine / agreeing : NAN;
    found->directions =
        found->direction_layers > 0 ? found->directions / (double)found->direction_layers : NAN;
    found->disguised = found->agreeing_layers >= 2 && 2 * found->agreeing_layers >= found->layers;
    struct sva_test_record *record =
        sva_add_test(evidence, "barcode-match", SVA_P_EMPIRICAL, false);
    if (record != NULL) {
        record->test.log10_p = found->disguised ? -log10(1.0 + (double)found->controls) : 0.0;
        record->test.log10_p_floor = -log10(1.0 + (double)found->controls);
    }
}

static bool match_sides(struct coded_side *subject, struct coded_side *reference, uint32_t marks,
                        struct sva_component_evidence *evidence)
{
    double *moments = sva_calloc((size_t)MARKS * MARKS, sizeof *moments);
    struct found *work = sva_calloc(2, sizeof *work);
    const bool ok = moments != NULL && work != NULL;
    if (ok) {
        add_moments(subject, marks, moments);
        add_moments(reference, marks, moments);
    }
    if (ok && factorise(moments, marks)) {
        const size_t all = subject->layer_count;
        const size_t count = all < LAYERS_MOST ? all : LAYERS_MOST;
        whiten(subject, moments, marks);
        whiten(reference, moments, marks);
        for (size_t i = 0; i < count; i++) {
            match_layer(subject, &subject->layers[i * all / count], reference, work,
                        &evidence->barcodes);
        }
        conclude(evidence);
    }
    sva_free(moments);
    sva_free(work);
    return ok;
}

bool sva_barcode_match(const struct sva_pair *pair, uint32_t component, uint32_t other,
                       struct sva_component_evidence *evidence)
{
    struct common_marks common;
    struct coded_side subject = {0};
    struct coded_side reference = {0};
    const struct sva_print_component *s = &pair->subject->components[component];
    const struct sva_print_component *r = &pair->reference->components[other];
    common.count = sva_common_keys(s->landmark_keys, s->landmark_count, r->landmark_keys,
                                   r->landmark_count, common.subject, common.reference);
    if (common.count < SVA_LANDMARKS_LEAST) {
        return true;
    }
    bool ok = fill_side(pair->subject, component, common.subject, common.count, &subject) &&
              fill_side(pair->reference, other, common.reference, common.count, &reference);
    if (ok && subject.layer_count >= 2 && reference.layer_count >= 2) {
        ok = match_sides(&subject, &reference, common.count, evidence);
    }
    side_done(&subject);
    side_done(&reference);
    return ok;
}

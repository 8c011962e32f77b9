/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared start against derivation (METHOD section 3, "Shared seed"). Two
 * trainings from one random start agree in the random bulk; a derivative also
 * agrees in what training wrote. Two things training writes can be read off a
 * print: parameters that start at a constant (norm gains at one, biases at
 * zero), and the singular directions that rise above a random matrix's bulk.
 */
#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "compare/adapter_start.h"
#include "compare/direction_share.h"
#include "compare/evidence.h"
#include "compare/layer_map.h"
#include "compare/ranks.h"
#include "compare/stems.h"
#include "compare/token_agreement.h"

enum { VECTOR_MIN = 8, DIRECTION_AXIS_MIN = 16 };

/** Spearman's correlation; NAN when a side is constant. False when out of memory. */
static bool rank_correlation(const struct sva_print_tensor *s, const struct sva_print_tensor *r,
                             double *correlation)
{
    const uint32_t n = s->vector_length;
    double *a = sva_calloc(n, sizeof *a);
    double *b = sva_calloc(n, sizeof *b);
    const bool ok = a != NULL && b != NULL && sva_ranks(s->vector, n, a) && sva_ranks(r->vector, n, b);
    if (ok) {
        const double mean = 0.5 * (double)(n - 1);
        double ab = 0.0, aa = 0.0, bb = 0.0;
        for (uint32_t i = 0; i < n; i++) {
            ab += (a[i] - mean) * (b[i] - mean);
            aa += (a[i] - mean) * (a[i] - mean);
            bb += (b[i] - mean) * (b[i] - mean);
        }
        *correlation = aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : NAN;
    }
    sva_free(a);
    sva_free(b);
    return ok;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts_with_word(const char *part, const char *word)
{
    const size_t length = strlen(word);
    return strncmp(part, word, length) == 0 && !is_letter(part[length]);
}

/** The tensor beside `vector` (same stem) that satisfies what is asked, or NULL. */
static const struct sva_print_tensor *beside(const struct sva_stems *stems,
                                             const struct sva_print_tensor *vector, bool matrix)
{
    const struct sva_stem_run run = sva_same_stem(stems, vector->name);
    for (size_t i = 0; sva_stem_bytes(vector->name) > 0 && i < run.count; i++) {
        const struct sva_print_tensor *other = &stems->print->tensors[run.indices[i]];
        const bool is_matrix = other->element_count > vector->vector_length;
        if (other != vector && is_matrix == matrix &&
            (other->n[0] == vector->vector_length || other->n[1] == vector->vector_length)) {
            return other;
        }
    }
    return NULL;
}

/**
 * Could this bias have been drawn at random (PyTorch: uniform within 1/sqrt(inputs))
 * and hardly moved? Its size then still is that of the draw. A size far from it, or a
 * library whose biases start at zero ("kernel" beside it), says that training wrote it.
 */
static bool written_by_training(const struct sva_stems *stems, const struct sva_print_tensor *bias)
{
    const struct sva_print_tensor *matrix = beside(stems, bias, true);
    if (matrix == NULL) {
        const struct sva_print_tensor *norm = beside(stems, bias, false);
        return norm != NULL && (starts_with_word(sva_last_part(norm->name), "weight") ||
                                starts_with_word(sva_last_part(norm->name), "gamma"));
    }
    if (starts_with_word(sva_last_part(matrix->name), "kernel")) {
        return true;
    }
    const double inputs = matrix->n[0] == bias->vector_length
                              ? (double)matrix->n[1] * (double)matrix->n[2]
                              : (double)matrix->n[0] * (double)matrix->n[2];
    const double drawn = 1.0 / sqrt(3.0 * inputs);
    const double size = sqrt(bias->mean * bias->mean + bias->deviation * bias->deviation);
    return size < 0.6 * drawn || size > 1.8 * drawn;
}

/** True for gains (start at one) and biases (start at zero), as far as roles, names and sizes tell. */
static bool starts_constant(const struct sva_stems *stems, const struct sva_print_tensor *tensor)
{
    if (tensor->vector_length < VECTOR_MIN || tensor->stored_rank != 1 ||
        !sva_bears_evidence(tensor)) {
        return false;
    }
    const char *part = sva_last_part(tensor->name);
    const bool bias = tensor->bias || starts_with_word(part, "bias") ||
                      starts_with_word(part, "beta") || starts_with_word(part, "b");
    if (bias) {
        return tensor->role != SVA_ROLE_UNKNOWN || written_by_training(stems, tensor);
    }
    /* weight_g of weight normalisation is the length of a random start, no gain */
    return (starts_with_word(part, "weight") && strncmp(part, "weight_", 7) != 0) ||
           starts_with_word(part, "gamma") || starts_with_word(part, "scale");
}

/** The vector of the reference at the same place: role and mapped layer where known, else the same name. */
static const struct sva_print_tensor *same_vector(const struct sva_pair *pair,
                                                  const struct sva_layer_map *map,
                                                  const struct sva_print_tensor *vector)
{
    const int32_t layer = sva_mapped_layer(map, vector->layer);
    for (size_t i = 0; i < pair->reference->tensor_count; i++) {
        const struct sva_print_tensor *r = &pair->reference->tensors[i];
        if (r->vector_length != vector->vector_length || !sva_bears_evidence(r)) {
            continue;
        }
        const bool same_name = map->layers == NULL && strcmp(r->name, vector->name) == 0;
        const bool same_role = vector->role != SVA_ROLE_UNKNOWN && r->role == vector->role &&
                               r->layer == layer && r->expert == vector->expert &&
                               r->bias == vector->bias;
        if (same_name || same_role) {
            return r;
        }
    }
    return NULL;
}

/** The prints' tensors by name. */
struct guard_stems {
    struct sva_stems subject, reference;
};

/** Where names differ: "X.bias" belongs to "Y.bias" when matrix X... found its partner in Y... */
static const struct sva_print_tensor *sibling_vector(const struct sva_pair *pair,
                                                     const struct guard_stems *stems,
                                                     const struct sva_print_tensor *vector)
{
    const struct sva_stem_run matrices = sva_same_stem(&stems->subject, vector->name);
    const size_t stem = sva_stem_bytes(vector->name);
    const char *before = NULL;
    size_t before_stem = 0;
    for (size_t i = 0; stem > 0 && i < matrices.count; i++) {
        const int32_t best = pair->best[matrices.indices[i]];
        const char *partner = best < 0 ? NULL : pair->reference->tensors[best].name;
        const size_t partner_stem = partner == NULL ? 0 : sva_stem_bytes(partner);
        if (partner == NULL || (before != NULL && partner_stem == before_stem &&
                                memcmp(partner, before, before_stem) == 0)) {
            continue; /* none, or one that was looked at */
        }
        before = partner;
        before_stem = partner_stem;
        const struct sva_stem_run named =
            sva_named(&stems->reference, partner, partner_stem, vector->name + stem);
        for (size_t j = 0; j < named.count; j++) {
            const struct sva_print_tensor *r = &pair->reference->tensors[named.indices[j]];
            if (r->vector_length == vector->vector_length && sva_bears_evidence(r)) {
                return r;
            }
        }
    }
    return NULL;
}

/** Agreement of a component's vectors that start constant. Stops early, without one, when
 * cancelled. */
static bool agree_on_gains(struct sva_pair *pair, uint32_t component,
                           const struct guard_stems *stems, struct sva_component_evidence *evidence)
{
    double sum = 0.0;
    double weight = 0.0;
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *vector = &pair->subject->tensors[i];
        if (vector->component != component || !starts_constant(&stems->subject, vector)) {
            continue;
        }
        if (sva_is_cancelled(&pair->options->progress)) {
            return true;
        }
        const struct sva_print_tensor *partner = same_vector(pair, &evidence->layer_map, vector);
        partner = partner == NULL ? sibling_vector(pair, stems, vector) : partner;
        double correlation = NAN;
        if (partner != NULL && !rank_correlation(vector, partner, &correlation)) {
            return false;
        }
        if (isfinite(correlation)) {
            sum += correlation * (double)vector->vector_length;
            weight += (double)vector->vector_length;
        }
    }
    if (weight > 0.0) {
        evidence->gain_agreement = sum / weight;
        evidence->gain_lower = sum / weight - 2.0 / sqrt(weight);
    }
    return true;
}

static bool gain_agreement(struct sva_pair *pair, uint32_t component,
                           struct sva_component_evidence *evidence)
{
    struct guard_stems stems = {.subject = {.print = NULL}};
    const bool ok = sva_stems_init(&stems.subject, pair->subject) &&
                    sva_stems_init(&stems.reference, pair->reference) &&
                    agree_on_gains(pair, component, &stems, evidence);
    sva_stems_done(&stems.subject);
    sva_stems_done(&stems.reference);
    return ok;
}

/** Share of trained directions in common on one axis, chance removed; weight 0 when there are none. */
static bool axis_agreement(const struct sva_axis_sketch *s, const struct sva_axis_sketch *r,
                           double *agreement, double *weight)
{
    struct sva_alignment rows;
    *weight = 0.0;
    if (!s->directions_known || !r->directions_known || s->leading == 0 || r->leading == 0 ||
        s->kept < DIRECTION_AXIS_MIN || r->kept < DIRECTION_AXIS_MIN) {
        return true;
    }
    if (!sva_align(s, r, &rows)) {
        return false;
    }
    if (rows.units >= DIRECTION_AXIS_MIN) {
        const struct sva_direction_set subject = {s->directions, s->leading, s->kept,
                                                  rows.subject_rows};
        const struct sva_direction_set reference = {r->directions, r->leading, r->kept,
                                                    rows.reference_rows};
        *agreement = sva_direction_share(&subject, &reference, rows.units);
        *weight = (double)(s->leading < r->leading ? s->leading : r->leading);
    }
    sva_alignment_done(&rows);
    return true;
}

static bool shows_training(const struct sva_print_tensor *tensor)
{
    return tensor->axis[0].leading > 0 || tensor->axis[1].leading > 0;
}

static bool subspace_agreement(struct sva_pair *pair, uint32_t component,
                               struct sva_component_evidence *evidence)
{
    double sum = 0.0;
    double total = 0.0;
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *s = &pair->subject->tensors[i];
        if (s->component != component || pair->best[i] < 0 ||
            (pair->best_log10_p[i] > -3.0 && pair->identical[i] < 0)) {
            continue;
        }
        const struct sva_print_tensor *r = &pair->reference->tensors[pair->best[i]];
        const enum sva_reading reading = pair->best_reading[i];
        evidence->trained_tensors += shows_training(s) && shows_training(r) ? 1 : 0;
        for (int axis = reading == SVA_READ_AS_STORED ? 0 : 1; axis < 2; axis++) {
            double agreement = 0.0;
            double weight = 0.0;
            if (!axis_agreement(sva_axis_read(s, sva_subject_reordered(reading, s), axis),
                                sva_axis_read(r, sva_reference_reordered(reading, r),
                                              pair->best_swapped[i] ? 1 - axis : axis),
                                &agreement, &weight)) {
                return false;
            }
            sum += agreement * weight;
            total += weight;
        }
    }
    evidence->subspace_agreement = total > 0.0 ? sum / total : NAN;
    return true;
}

/** What either side declares or shows: formats lose the declaration, so that one is enough. */
static void note_start(const struct sva_pair *pair, struct sva_component_evidence *evidence)
{
    const char *const subject = sva_start_from_base(pair->subject);
    const char *const reference = sva_start_from_base(pair->reference);
    evidence->start_from_base = subject != NULL ? subject : reference;
    evidence->start_declared[0] = subject != NULL;
    evidence->start_declared[1] = reference != NULL;
    evidence->start_subtracted =
        sva_start_subtracted(pair->subject) || sva_start_subtracted(pair->reference);
}

bool sva_start_guard(struct sva_pair *pair, uint32_t component,
                     struct sva_component_evidence *evidence)
{
    size_t trained = 0;
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        trained += tensor->component == component && pair->identical[i] >= 0 &&
                           shows_training(tensor)
                       ? 1
                       : 0;
    }
    evidence->identical_trained = trained >= 2;
    if (evidence->adapter) {
        note_start(pair, evidence);
        return true; /* B starts at zero: its agreement was taken with the rank test */
    }
    sva_agree_on_tokens(pair, component, evidence);
    return gain_agreement(pair, component, evidence) &&
           subspace_agreement(pair, component, evidence);
}

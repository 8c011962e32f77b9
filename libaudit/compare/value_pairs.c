/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/value_pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/difference_rank.h"
#include "compare/evidence.h"
#include "compare/factors.h"
#include "compare/places.h"
#include "compare/requantised.h"
#include "compare/value_sides.h"
#include "compare/vocabulary.h"
#include "fingerprint/formula.h"

enum {
    SHAPE_GROUP_MOST = 64, /* larger groups of one shape are not searched, only asked by place */
    VECTOR_PIECE = 256
};

/** Reference matrices with samples, sorted by shape, and the places of all tensors. */
struct search {
    const struct sva_pair *pair;
    uint32_t *by_shape;
    size_t count;
    struct sva_places places;
    struct sva_sides *sides;
    bool failed; /* out of memory on the way */
};

static int compare_shapes(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    return memcmp(a->n, b->n, sizeof a->n);
}

static bool has_samples(const struct sva_print_tensor *tensor)
{
    return sva_bears_evidence(tensor) && tensor->samples.rows > 0;
}

struct shaped {
    const struct sva_print_tensor *tensor;
    uint32_t index;
};

static int by_shape(const void *a, const void *b)
{
    const struct shaped *left = a;
    const struct shaped *right = b;
    const int order = compare_shapes(left->tensor, right->tensor);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static bool search_init(struct search *search, const struct sva_pair *pair)
{
    const struct sva_print *reference = pair->reference;
    struct shaped *shaped = sva_calloc(reference->tensor_count, sizeof *shaped);
    *search = (struct search){.pair = pair};
    search->by_shape = sva_calloc(reference->tensor_count, sizeof *search->by_shape);
    search->sides = sva_calloc(1, sizeof *search->sides);
    const bool ok = shaped != NULL && search->by_shape != NULL && search->sides != NULL &&
                    sva_places_init(&search->places, reference);
    for (uint32_t i = 0; ok && i < reference->tensor_count; i++) {
        if (has_samples(&reference->tensors[i])) {
            shaped[search->count++] = (struct shaped){&reference->tensors[i], i};
        }
    }
    if (ok) {
        qsort(shaped, search->count, sizeof *shaped, by_shape);
    }
    for (size_t i = 0; ok && i < search->count; i++) {
        search->by_shape[i] = shaped[i].index;
    }
    sva_free(shaped);
    return ok;
}

static void search_done(struct search *search)
{
    sva_free(search->by_shape);
    sva_free(search->sides);
    sva_places_done(&search->places);
}

/** Matrices of the tensor's shape: [first, first + count) of by_shape. */
static size_t same_shape(const struct search *search, const struct sva_print_tensor *tensor,
                         size_t *count)
{
    size_t low = 0;
    size_t high = search->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const uint32_t index = search->by_shape[middle];
        if (compare_shapes(&search->pair->reference->tensors[index], tensor) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (low + *count < search->count && *count <= SHAPE_GROUP_MOST &&
           compare_shapes(&search->pair->reference->tensors[search->by_shape[low + *count]],
                          tensor) == 0) {
        ++*count;
    }
    return low;
}

static struct sva_value_fit fit_of(const struct sva_sides *sides)
{
    struct sva_value_fit fit = {0};
    const struct sva_fit_input input = {.s = sides->s.values,
                                        .r = sides->r.values,
                                        .s_steps = sides->s.steps,
                                        .r_steps = sides->r.steps,
                                        .count = (size_t)sides->rows * sides->columns};
    sva_value_fit_add(&fit, &sides->s.rounding, &sides->r.rounding, &input);
    fit.explained *= sides->freedom;
    fit.assured *= sides->freedom;
    return fit;
}

/**
 * Do the samples say anything? Where a folded normalisation switches channels off, sampled rows
 * may hold dust only, and dust is alike in anything.
 */
static bool samples_stand_out(const struct sva_print_tensor *tensor)
{
    const size_t count = (size_t)tensor->samples.rows * tensor->samples.columns;
    /* of a tensor that was read in part: an estimate over the lines read */
    const double square = tensor->mean * tensor->mean + tensor->deviation * tensor->deviation;
    double energy = 0.0;
    for (size_t i = 0; tensor->samples.values != NULL && i < count; i++) {
        const double value = (double)tensor->samples.values[i];
        energy += isfinite(value) ? value * value : 0.0;
    }
    return energy > 1e-4 * square * (double)count;
}

/** Tries one reference tensor under all its readings; the closest so far stays in `found`. */
static void try_tensor(const struct search *search, uint32_t candidate,
                       struct sva_value_pair *found)
{
    const struct sva_print_tensor *s = &search->pair->subject->tensors[found->subject];
    const struct sva_print_tensor *r = &search->pair->reference->tensors[candidate];
    for (int reading = 0; reading < SVA_READINGS; reading++) {
        const enum sva_reading read = (enum sva_reading)reading;
        if (!sva_reading_applies(read, s, r)) {
            continue;
        }
        struct sva_sides *sides = search->sides;
        sva_sides_init(sides, s, sva_samples_read(s, sva_subject_reordered(read, s)), r,
                       sva_samples_read(r, sva_reference_reordered(read, r)));
        const struct sva_value_fit fit = fit_of(sides);
        const double distance = sva_fit_distance(&fit);
        if (isfinite(distance) && (!found->compared || distance < sva_fit_distance(&found->fit))) {
            found->reference = (int32_t)candidate;
            found->reading = read;
            found->compared = true;
            found->fit = fit;
            found->quantised = sides->s.rounding.quantised || sides->r.rounding.quantised;
        }
    }
}

/** Sampled values that could not be equal by chance: as much entropy as a whole tensor needs. */
static bool samples_bear_evidence(const struct sva_value_samples *samples)
{
    float values[SVA_SAMPLES_MOST];
    const size_t count = (size_t)samples->rows * samples->columns;
    if (count == 0 || count > SVA_SAMPLES_MOST) {
        return false;
    }
    memcpy(values, samples->values, count * sizeof *values);
    return sva_empirical_entropy_bits(values, count, count) >= 128.0 &&
           sva_distinct_values(values, count, 9) > 8;
}

static void note_exact(const struct search *search, struct sva_value_pair *found)
{
    const struct sva_print_tensor *s = &search->pair->subject->tensors[found->subject];
    const struct sva_print_tensor *r = &search->pair->reference->tensors[found->reference];
    const struct sva_row_digests *s_rows =
        sva_rows_read(s, sva_subject_reordered(found->reading, s));
    const struct sva_row_digests *r_rows =
        sva_rows_read(r, sva_reference_reordered(found->reading, r));
    if (!samples_bear_evidence(&s->samples) || !samples_bear_evidence(&r->samples)) {
        return;
    }
    if (sva_rows_requantised(s->dtype, s_rows, r_rows, &found->by_way_of_f16)) {
        found->exact_format = sva_dtype_name(s->dtype);
    } else if (sva_rows_requantised(r->dtype, r_rows, s_rows, &found->by_way_of_f16)) {
        found->exact_format = sva_dtype_name(r->dtype);
    }
}

/** Of tensors that were read in part no hash says that they are equal; their samples do so far. */
static void note_parts(const struct search *search, struct sva_value_pair *found)
{
    const struct sva_print_tensor *s = &search->pair->subject->tensors[found->subject];
    const struct sva_print_tensor *r = &search->pair->reference->tensors[found->reference];
    found->part = s->sampled || r->sampled;
    found->equal_parts = found->part && found->compared && found->fit.count > 0 &&
                         !(found->fit.distance > 0.0) && samples_bear_evidence(&s->samples);
    if (found->equal_parts) {
        found->exact_format = NULL; /* nothing was quantised between the two */
    }
}

static void note_quantiser(struct sva_value_pair *found, const struct sva_print_tensor *s,
                           const struct sva_print_tensor *r)
{
    found->compensated = sva_is_compensated(s) || sva_is_compensated(r);
    found->ratio_most = fmax(sva_ratio_most(s), sva_ratio_most(r));
}

/** The reference's tensor at the same place, by evidence of names and roles; -1. */
static int32_t place_of(const struct search *search, uint32_t index)
{
    const struct sva_print_tensor *tensor = &search->pair->subject->tensors[index];
    return sva_is_factor(tensor) ? search->pair->factor[index]
                                 : sva_place_of(&search->places, search->pair->subject, tensor);
}

/** Is what lies between the two matrices of low rank? Asked where rounding does not explain it. */
static void note_rank(struct search *search, struct sva_value_pair *found)
{
    const struct sva_print_tensor *s = &search->pair->subject->tensors[found->subject];
    const struct sva_print_tensor *r = &search->pair->reference->tensors[found->reference];
    const struct sva_sides *sides = search->sides;
    struct sva_rank_grid grid;
    if (sva_pair_explained(found)) {
        return;
    }
    sva_sides_init(search->sides, s, sva_samples_read(s, sva_subject_reordered(found->reading, s)),
                   r, sva_samples_read(r, sva_reference_reordered(found->reading, r)));
    if (!sva_rank_grid_init(&grid, sides->rows, sides->columns)) {
        search->failed = true;
    }
    for (uint32_t row = 0; !search->failed && row < sides->rows; row++) {
        const size_t at = (size_t)row * sides->columns;
        sva_rank_grid_set_row(
            &grid, row,
            &(struct sva_rounded_values){&sides->s.rounding, s->dtype, sides->s.values + at,
                                         sides->s.steps + at},
            &(struct sva_rounded_values){&sides->r.rounding, r->dtype, sides->r.values + at,
                                         sides->r.steps + at});
    }
    found->low_rank = search->failed ? 0 : sva_low_rank(&grid, &search->failed);
    sva_rank_grid_done(&grid);
}

static void compare_matrix(struct search *search, struct sva_value_pair *found)
{
    const struct sva_pair *pair = search->pair;
    const uint32_t index = found->subject;
    const struct sva_print_tensor *tensor = &pair->subject->tensors[index];
    size_t count;
    const size_t first = same_shape(search, tensor, &count);
    const int32_t named = place_of(search, index);
    found->sampled = has_samples(tensor) && samples_stand_out(tensor);
    if (found->sampled && count <= SHAPE_GROUP_MOST) {
        for (size_t i = first; i < first + count; i++) {
            try_tensor(search, search->by_shape[i], found);
        }
    } else if (found->sampled) {
        if (pair->best[index] >= 0 && has_samples(&pair->reference->tensors[pair->best[index]])) {
            try_tensor(search, (uint32_t)pair->best[index], found);
        }
        if (named >= 0 && has_samples(&pair->reference->tensors[named])) {
            try_tensor(search, (uint32_t)named, found);
        }
    }
    if (!found->compared) {
        found->reference = pair->best[index] >= 0 ? pair->best[index] : named;
        found->reading = pair->best[index] >= 0 ? pair->best_reading[index] : SVA_READ_AS_STORED;
    } else {
        note_exact(search, found);
    }
    if (found->reference >= 0) {
        note_quantiser(found, tensor, &pair->reference->tensors[found->reference]);
        note_parts(search, found);
    }
    if (found->compared) {
        note_rank(search, found);
    }
}

/** Mean square of the finite values of a vector. */
static double vector_square(const struct sva_print_tensor *tensor)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < tensor->vector_length; i++) {
        const double value = (double)tensor->vector[i];
        sum += isfinite(value) ? value * value : 0.0;
    }
    return tensor->vector_length > 0 ? sum / tensor->vector_length : 0.0;
}

/** A vector is one row: where only a floor is known, all its values get the same step. */
static void fit_vectors(const struct sva_print_tensor *s, const struct sva_print_tensor *r,
                        struct sva_value_fit *fit)
{
    const struct sva_rounding subject = sva_rounding_of(s, r, false);
    const struct sva_rounding reference = sva_rounding_of(r, s, false);
    const double square = fmax(vector_square(s), vector_square(r));
    float s_steps[VECTOR_PIECE];
    float r_steps[VECTOR_PIECE];
    for (size_t i = 0; i < VECTOR_PIECE; i++) {
        s_steps[i] = (float)sva_floor_step(subject.floor, square);
        r_steps[i] = (float)sva_floor_step(reference.floor, square);
    }
    for (size_t first = 0; first < s->vector_length; first += VECTOR_PIECE) {
        const size_t left = s->vector_length - first;
        const struct sva_fit_input input = {.s = s->vector + first,
                                            .r = r->vector + first,
                                            .s_steps = s_steps,
                                            .r_steps = r_steps,
                                            .count = left < VECTOR_PIECE ? left : VECTOR_PIECE};
        sva_value_fit_add(fit, &subject, &reference, &input);
    }
}

/** Gains and biases are kept whole; the one at the same place is the partner. */
static void compare_vector(const struct search *search, struct sva_value_pair *found)
{
    const struct sva_pair *pair = search->pair;
    const struct sva_print_tensor *s = &pair->subject->tensors[found->subject];
    const int32_t place = sva_place_of(&search->places, pair->subject, s);
    const struct sva_print_tensor *r = place < 0 ? NULL : &pair->reference->tensors[place];
    if (r == NULL || !sva_bears_evidence(r) || r->vector_length != s->vector_length ||
        sva_is_code(s->dtype) || sva_is_code(r->dtype)) {
        return; /* codes without scales: one vector is too little to find the scales by */
    }
    found->reference = place;
    found->compared = true;
    note_quantiser(found, s, r);
    fit_vectors(s, r, &found->fit);
}

bool sva_compare_values(struct sva_pair *pair, uint32_t component,
                        struct sva_component_evidence *evidence)
{
    struct search search;
    size_t count = 0;
    bool ok = search_init(&search, pair);
    for (uint32_t i = 0; i < pair->subject->tensor_count; i++) {
        count += pair->subject->tensors[i].component == component ? 1 : 0;
    }
    evidence->value_pairs = sva_calloc(count, sizeof *evidence->value_pairs);
    ok = ok && evidence->value_pairs != NULL;
    for (uint32_t i = 0; ok && i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        if (tensor->component != component || !sva_bears_evidence(tensor)) {
            continue;
        }
        struct sva_value_pair *found = &evidence->value_pairs[evidence->value_pair_count++];
        *found = (struct sva_value_pair){.subject = i,
                                         .reference = -1,
                                         .elements = tensor->element_count,
                                         .vector = tensor->vector_length > 0,
                                         .expert = tensor->expert >= 0,
                                         .vocabulary = tensor->role == SVA_ROLE_EMBED_TOKENS ||
                                                       tensor->role == SVA_ROLE_OUTPUT_HEAD,
                                         .trained = tensor->axis[0].leading > 0 ||
                                                    tensor->axis[1].leading > 0};
        if (pair->identical[i] >= 0) {
            found->reference = pair->identical[i];
            found->reading = pair->identical_reading[i];
            found->same = !pair->rounded[i];
            found->rounded = pair->rounded[i];
        } else if (found->vector) {
            compare_vector(&search, found);
        } else {
            compare_matrix(&search, found);
        }
    }
    search_done(&search);
    ok = ok && !search.failed &&
         sva_vocabulary_compare(pair->subject, component, pair->reference, &evidence->vocabulary);
    if (ok) {
        sva_summarise_values(evidence);
    }
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/gram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fingerprint/sketch.h"
#include "kernel/directions.h"
#include "kernel/ordered_sums.h"
#include "kernel/random.h"

#define GRAM_DOMAIN (0x6772616d00000000u + SVA_METHOD_VERSION)

static const double COSINE_SCALE =
    256.0; /* times sqrt(length): of unrelated rows, root mean square 256 */

/** Both sides of the hidden layer: neurons on one axis, the residual stream on the other. */
static bool neuron_axis_of(const struct sva_view *view, int *axis)
{
    switch (view->role) {
    case SVA_ROLE_FFN_GATE:
    case SVA_ROLE_FFN_UP:
    case SVA_ROLE_SHARED_GATE:
    case SVA_ROLE_SHARED_UP: *axis = 0; break;
    case SVA_ROLE_FFN_DOWN:
    case SVA_ROLE_SHARED_DOWN: *axis = 1; break;
    default:
        *axis = view->guessed_neurons == SVA_GUESSED_COLUMNS ? 1 : 0;
        return view->guessed_neurons != SVA_GUESSED_NONE;
    }
    return !view->bias && view->n[2] == 1 && view->axis[*axis] == SVA_AXIS_NEURON &&
           view->axis[1 - *axis] == SVA_AXIS_RESIDUAL;
}

/** Experts are many: one block of their gates. */
static uint32_t blocks_of(const struct sva_view *view, int axis)
{
    const uint64_t length = view->n[1 - axis];
    const uint64_t most = view->n[axis] / SVA_GRAM_UNITS;
    if (length < SVA_GRAM_UNITS || length > SVA_GRAM_LENGTH_MOST ||
        view->n[axis] > SVA_GRAM_NEURONS_MOST ||
        (view->expert >= 0 && view->role != SVA_ROLE_FFN_GATE)) {
        return 0;
    }
    const uint32_t wanted = view->expert >= 0 ? 1 : SVA_GRAM_BLOCKS_MOST;
    return most < wanted ? (uint32_t)most : wanted;
}

struct placed_unit {
    uint64_t index;
    uint32_t row;
};

static int by_index(const void *a, const void *b)
{
    const struct placed_unit *left = a;
    const struct placed_unit *right = b;
    return (left->index > right->index) - (left->index < right->index);
}

/** The first `units` of `count` neurons in the order of their hashes. */
static bool choose(struct sva_gram_plan *plan, uint32_t count)
{
    uint32_t *dealt = sva_calloc(plan->units, sizeof *dealt);
    struct placed_unit *placed = sva_calloc(plan->units, sizeof *placed);
    const bool ok =
        dealt != NULL && placed != NULL && sva_deal_units(count, plan->units, GRAM_DOMAIN, dealt);
    for (uint32_t u = 0; ok && u < plan->units; u++) {
        placed[u] = (struct placed_unit){dealt[u], u};
    }
    if (ok) {
        qsort(placed, plan->units, sizeof *placed, by_index);
    }
    for (uint32_t u = 0; ok && u < plan->units; u++) {
        plan->indices[u] = placed[u].index;
        plan->rows[u] = placed[u].row;
    }
    sva_free(dealt);
    sva_free(placed);
    return ok;
}

bool sva_gram_plan_init(struct sva_gram_plan *plan, const struct sva_view *view)
{
    int axis;
    *plan = (struct sva_gram_plan){0};
    if (!neuron_axis_of(view, &axis)) {
        return true;
    }
    plan->blocks = blocks_of(view, axis);
    plan->units = plan->blocks * SVA_GRAM_UNITS;
    plan->neuron_axis = axis;
    plan->length = view->n[1 - axis];
    if (plan->blocks == 0) {
        return true;
    }
    plan->indices = sva_calloc(plan->units, sizeof *plan->indices);
    plan->rows = sva_calloc(plan->units, sizeof *plan->rows);
    plan->values = sva_calloc(plan->units * (size_t)plan->length, sizeof *plan->values);
    return plan->indices != NULL && plan->rows != NULL && plan->values != NULL &&
           sva_turned_init(&plan->turned, plan->values, plan->units, (size_t)plan->length) &&
           choose(plan, (uint32_t)view->n[axis]);
}

void sva_gram_plan_done(struct sva_gram_plan *plan)
{
    sva_free(plan->indices);
    sva_free(plan->rows);
    sva_free(plan->values);
    sva_turned_done(&plan->turned);
    *plan = (struct sva_gram_plan){0};
}

void sva_gram_line(struct sva_gram_plan *plan, int line_axis, uint64_t line, uint64_t first,
                   const float *values, size_t count)
{
    if (plan->blocks == 0) {
        return;
    }
    if (line_axis == plan->neuron_axis) {
        const uint32_t u = sva_first_kept(plan->indices, plan->units, line);
        if (u < plan->units && plan->indices[u] == line) {
            memcpy(plan->values + plan->rows[u] * (size_t)plan->length + first, values,
                   count * sizeof *values);
        }
        return;
    }
    uint32_t u = sva_first_kept(plan->indices, plan->units, first);
    const bool whole = u == 0 && plan->indices[plan->units - 1] < first + count;
    float *const column = sva_turned_column(&plan->turned, line, whole);
    for (; u < plan->units && plan->indices[u] < first + count; u++) {
        column[plan->rows[u]] = values[plan->indices[u] - first];
    }
}

/** Folds the gain in, takes the mean away where the norm does, brings the row to unit length. */
static void prepare_row(const struct sva_gram_plan *plan, float *row)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const size_t length = (size_t)plan->length;
    for (size_t j = 0; plan->gain != NULL && j < length; j++) {
        row[j] *= plan->gain[j];
    }
    level->clear_special(row, length);
    if (plan->centred) {
        double sum;
        level->row_sums(row, 1, length, &sum);
        level->take_mean(row, length, (float)(sum / (double)length));
    }
    double square;
    level->pair_dots(row, 1, length, &square);
    const double norm = sqrt(square);
    level->scale_row(row, length, norm > 0.0 && isfinite(norm) ? 1.0 / norm : 0.0);
}

static int16_t rounded(double value, double limit)
{
    const double whole = floor(value + 0.5);
    return (int16_t)(whole > limit ? limit : whole < -limit ? -limit : whole);
}

void sva_gram_prepare_rows(const struct sva_gram_plan *plan, float *rows, uint32_t units)
{
    for (uint32_t u = 0; u < units; u++) {
        prepare_row(plan, rows + u * (size_t)plan->length);
    }
}

bool sva_gram_cosines(const float *rows, uint32_t units, uint64_t length, double scale,
                      double limit, int16_t *cosines)
{
    double *dots = sva_calloc((size_t)units * units, sizeof *dots);
    if (dots == NULL) {
        return false;
    }
    sva_sums_level()->pair_dots(rows, units, (size_t)length, dots);
    for (uint32_t i = 0; i < units; i++) {
        for (uint32_t j = i + 1; j < units; j++) {
            *cosines++ = rounded(dots[(size_t)i * units + j] * scale, limit);
        }
    }
    sva_free(dots);
    return true;
}

/** Takes the mean row away: what all neurons share is no training of one of them. `sums` is
 * [length]. */
static void centre_rows(float *rows, uint32_t units, size_t length, double *sums, float *means)
{
    const struct sva_sums_level *const level = sva_sums_level();
    memset(sums, 0, length * sizeof *sums);
    level->add_rows(rows, units, length, sums);
    for (size_t j = 0; j < length; j++) {
        means[j] = (float)(sums[j] / (double)units);
    }
    level->take_means(rows, units, length, means);
}

/** Coordinates over the neurons of the directions that stand out: rows times direction, scaled to
 * +-127. */
static void project(const float *rows, uint32_t units, size_t length, const double *direction,
                    int8_t *out)
{
    double along[SVA_GRAM_DIRECTION_UNITS];
    double largest = 0.0;
    sva_sums_level()->row_dots(rows, units, length, direction, along);
    for (uint32_t u = 0; u < units; u++) {
        largest = fabs(along[u]) > largest ? fabs(along[u]) : largest;
    }
    for (uint32_t u = 0; u < units; u++) {
        out[u] = (int8_t)(largest > 0.0 ? floor(along[u] / largest * 127.0 + 0.5) : 0.0);
    }
}

bool sva_gram_directions(float *rows, uint32_t units, uint64_t length, int8_t *directions,
                         uint32_t *leading)
{
    const size_t step = (size_t)length;
    double *scratch = sva_calloc(SVA_DIRECTIONS_SCRATCH(units), sizeof *scratch);
    double *found = sva_calloc(step * SVA_LEADING_DIRECTIONS, sizeof *found);
    float *means = sva_calloc(step, sizeof *means);
    const bool ok = scratch != NULL && found != NULL && means != NULL;
    if (ok) {
        centre_rows(rows, units, step, found, means);
        *leading = sva_leading_directions(rows, units, (uint32_t)length, scratch, found);
        for (uint32_t k = 0; k < *leading; k++) {
            project(rows, units, step, found + k * step, directions + (size_t)k * units);
        }
    }
    sva_free(scratch);
    sva_free(found);
    sva_free(means);
    return ok;
}

bool sva_gram_finish(struct sva_gram_plan *plan, struct sva_gram *gram)
{
    if (plan->blocks == 0) {
        return true;
    }
    const uint32_t units = sva_gram_direction_units(plan->blocks);
    int16_t *cosines = sva_calloc((size_t)plan->blocks * SVA_GRAM_PAIRS, sizeof *cosines);
    int8_t *directions = sva_calloc((size_t)units * SVA_LEADING_DIRECTIONS, 1);
    gram->cosines = cosines;
    gram->directions = directions;
    if (cosines == NULL || directions == NULL) {
        return false;
    }
    const double scale = COSINE_SCALE * sqrt((double)plan->length);
    sva_turned_flush(&plan->turned);
    gram->blocks = plan->blocks;
    sva_gram_prepare_rows(plan, plan->values, plan->units);
    bool ok = true;
    for (uint32_t b = 0; ok && b < plan->blocks; b++) {
        ok = sva_gram_cosines(plan->values + (size_t)b * SVA_GRAM_UNITS * (size_t)plan->length,
                              SVA_GRAM_UNITS, plan->length, scale, SVA_FEATURE_LIMIT,
                              cosines + (size_t)b * SVA_GRAM_PAIRS);
    }
    /* what neurons read is enough: directions over them are compared in gate or up */
    return ok && (plan->neuron_axis != 0 || sva_gram_directions(plan->values, units, plan->length,
                                                                directions, &gram->leading));
}

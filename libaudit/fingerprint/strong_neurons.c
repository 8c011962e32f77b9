/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/strong_neurons.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/ordered_sums.h"

bool sva_strong_plan_init(struct sva_strong_plan *plan, const struct sva_view *view, int line_axis,
                          const struct sva_gram_plan *gram)
{
    *plan = (struct sva_strong_plan){0};
    const bool reads = view->role == SVA_ROLE_FFN_GATE || view->role == SVA_ROLE_FFN_UP ||
                       view->guessed_neurons == SVA_GUESSED_ROWS;
    if (!reads || gram->blocks == 0 || line_axis != gram->neuron_axis) {
        return true;
    }
    const uint64_t neurons = view->n[gram->neuron_axis];
    plan->most = view->expert >= 0              ? SVA_EXPERT_NEURONS
                 : neurons < SVA_STRONG_NEURONS ? (uint32_t)neurons
                                                : SVA_STRONG_NEURONS;
    plan->wanted = true;
    plan->length = gram->length;
    plan->norms = sva_calloc(plan->most, sizeof *plan->norms);
    plan->lines = sva_calloc(plan->most, sizeof *plan->lines);
    plan->rows = sva_calloc(plan->most * (size_t)plan->length, sizeof *plan->rows);
    return plan->norms != NULL && plan->lines != NULL && plan->rows != NULL;
}

void sva_strong_plan_done(struct sva_strong_plan *plan)
{
    sva_free(plan->norms);
    sva_free(plan->lines);
    sva_free(plan->rows);
    *plan = (struct sva_strong_plan){0};
}

/** Squared length of a row behind its norm's gain, in eight lanes folded in one order. */
static double folded_norm(const struct sva_gram_plan *gram, const float *values, size_t length)
{
    enum { PLACES = 8 };
    double squares[PLACES] = {0.0};
    double sums[PLACES] = {0.0};
    sva_sums_level()->gained_moments(values, gram->gain, length, sums, squares);
    double square = 0.0;
    double sum = 0.0;
    for (int place = 0; place < PLACES; place++) {
        square += squares[place];
        sum += sums[place];
    }
    const double norm = gram->centred ? square - sum * sum / (double)length : square;
    return isfinite(norm) ? norm : 0.0;
}

/** The row that makes room next; of equal ones the first comers stay. */
static uint32_t find_shortest(const struct sva_strong_plan *plan)
{
    uint32_t slot = 0;
    for (uint32_t i = 1; i < plan->count; i++) {
        slot = plan->norms[i] < plan->norms[slot] ||
                       (!(plan->norms[i] > plan->norms[slot]) && plan->lines[i] > plan->lines[slot])
                   ? i
                   : slot;
    }
    return slot;
}

void sva_strong_line(struct sva_strong_plan *plan, const struct sva_gram_plan *gram, uint64_t line,
                     uint64_t first, const float *values, size_t count)
{
    if (!plan->wanted || first != 0 || count != plan->length) {
        return;
    }
    const double norm = folded_norm(gram, values, count);
    const bool full = plan->count == plan->most;
    if (full && !(norm > plan->norms[plan->shortest])) {
        return;
    }
    const uint32_t slot = full ? plan->shortest : plan->count++;
    plan->norms[slot] = norm;
    plan->lines[slot] = line;
    memcpy(plan->rows + slot * (size_t)plan->length, values, count * sizeof *values);
    if (plan->count == plan->most) {
        plan->shortest = find_shortest(plan);
    }
}

struct ranked_row {
    double norm;
    uint64_t line;
    uint32_t slot;
};

static int longest_first(const void *a, const void *b)
{
    const struct ranked_row *left = a;
    const struct ranked_row *right = b;
    if (left->norm < right->norm || left->norm > right->norm) {
        return left->norm > right->norm ? -1 : 1;
    }
    return (left->line > right->line) - (left->line < right->line);
}

/** The rows in order of length. NULL: out of memory. */
static float *sorted_rows(const struct sva_strong_plan *plan)
{
    struct ranked_row ranked[SVA_STRONG_NEURONS];
    const size_t length = (size_t)plan->length;
    float *rows = sva_calloc(plan->most * length, sizeof *rows);
    for (uint32_t i = 0; i < plan->count; i++) {
        ranked[i] = (struct ranked_row){plan->norms[i], plan->lines[i], i};
    }
    qsort(ranked, plan->count, sizeof *ranked, longest_first);
    for (uint32_t i = 0; rows != NULL && i < plan->count; i++) {
        memcpy(rows + i * length, plan->rows + ranked[i].slot * length, length * sizeof *rows);
    }
    return rows;
}

/** What landmarks say of the rows. False: out of memory. */
static bool take_barcodes(const struct sva_strong_plan *plan, const float *rows,
                          struct sva_barcodes *barcodes)
{
    if (plan->landmarks == NULL) {
        return true;
    }
    int16_t *values = sva_calloc((size_t)plan->count * plan->landmarks->count, sizeof *values);
    if (values != NULL) {
        sva_barcodes(plan->landmarks, rows, plan->count, values);
        *barcodes = (struct sva_barcodes){plan->count, values};
    }
    return values != NULL;
}

/** How the rows stand to each other, and the directions that training wrote into them. */
static bool take_cosines(const struct sva_strong_plan *plan, float *rows,
                         struct sva_strong_neurons *strong)
{
    int16_t *cosines = sva_calloc(SVA_STRONG_PAIRS, sizeof *cosines);
    int8_t *directions = sva_calloc((size_t)SVA_STRONG_NEURONS * SVA_LEADING_DIRECTIONS, 1);
    strong->cosines = cosines;
    strong->directions = directions;
    if (cosines == NULL || directions == NULL) {
        return false;
    }
    strong->count = SVA_STRONG_NEURONS;
    return sva_gram_cosines(rows, SVA_STRONG_NEURONS, plan->length, SVA_STRONG_ONE, SVA_STRONG_ONE,
                            cosines) &&
           sva_gram_directions(rows, SVA_STRONG_NEURONS, plan->length, directions,
                               &strong->leading);
}

bool sva_strong_finish(struct sva_strong_plan *plan, const struct sva_gram_plan *gram,
                       struct sva_strong_neurons *strong, struct sva_barcodes *barcodes)
{
    if (!plan->wanted || plan->count < plan->most) {
        return true;
    }
    float *rows = sorted_rows(plan);
    bool ok = rows != NULL;
    if (ok) {
        sva_gram_prepare_rows(gram, rows, plan->count);
        ok = take_barcodes(plan, rows, barcodes);
    }
    if (ok && plan->count == SVA_STRONG_NEURONS) {
        ok = take_cosines(plan, rows, strong);
    }
    sva_free(rows);
    return ok;
}

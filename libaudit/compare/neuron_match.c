/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/neuron_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/direction_share.h"
#include "kernel/integer_products.h"

enum {
    UNITS = SVA_STRONG_NEURONS,
    QUANTILES = 16,
    ROUNDS_MOST = 24,
    LAYERS_MOST = 8,
    RANKS_APART = 12 /**< a difference in rank by length that counts as much as one in cosines */
};

/** Correlation below which matched neurons say nothing: independent layers reach .25. */
static const double WORTH_A_CONTROL = 0.4;

/**
 * Cosines of a layer's strongest neurons, what they all share taken out, as a symmetric matrix, and
 * each row's in order of size. The strongest neurons of any layer lie along a few directions;
 * cosines along those would agree between unrelated layers.
 */
struct side {
    int16_t matrix[UNITS * UNITS];
    double quantiles[UNITS][QUANTILES];
};

enum { SHARED_DIRECTIONS = 16, POWER_STEPS = 30 };

struct workspace {
    double full[UNITS * UNITS];
    double rows[SHARED_DIRECTIONS * UNITS], next[SHARED_DIRECTIONS * UNITS];
};

static int ascending(const void *a, const void *b)
{
    const int16_t left = *(const int16_t *)a;
    const int16_t right = *(const int16_t *)b;
    return (left > right) - (left < right);
}

/** Gram and Schmidt on SHARED_DIRECTIONS rows of UNITS. */
static void orthonormalise(double *rows)
{
    for (uint32_t a = 0; a < SHARED_DIRECTIONS; a++) {
        double *row = rows + (size_t)a * UNITS;
        for (uint32_t b = 0; b < a; b++) {
            const double *other = rows + (size_t)b * UNITS;
            double along = 0.0;
            for (uint32_t u = 0; u < UNITS; u++) {
                along += row[u] * other[u];
            }
            for (uint32_t u = 0; u < UNITS; u++) {
                row[u] -= along * other[u];
            }
        }
        double square = 0.0;
        for (uint32_t u = 0; u < UNITS; u++) {
            square += row[u] * row[u];
        }
        const double scale = square > 0.0 ? 1.0 / sqrt(square) : 0.0;
        for (uint32_t u = 0; u < UNITS; u++) {
            row[u] *= scale;
        }
    }
}

/** out[a] = matrix * rows[a], the matrix symmetric. */
static void multiply(const double *matrix, const double *rows, double *out)
{
    memset(out, 0, (size_t)SHARED_DIRECTIONS * UNITS * sizeof *out);
    for (uint32_t u = 0; u < UNITS; u++) {
        for (uint32_t a = 0; a < SHARED_DIRECTIONS; a++) {
            const double size = rows[a * UNITS + u];
            for (uint32_t i = 0; i < UNITS; i++) {
                out[a * UNITS + i] += matrix[u * UNITS + i] * size;
            }
        }
    }
}

/** Takes the strongest eigenvectors out of a symmetric matrix, found by power iteration. */
static void remove_shared(double *matrix, double *rows, double *next)
{
    for (uint32_t a = 0; a < SHARED_DIRECTIONS; a++) {
        for (uint32_t u = 0; u < UNITS; u++) {
            rows[a * UNITS + u] = matrix[(a * 7 + 3) % UNITS * UNITS + u]; /* any start but zero */
        }
    }
    for (int step = 0; step < POWER_STEPS; step++) {
        orthonormalise(rows);
        multiply(matrix, rows, next);
        memcpy(rows, next, (size_t)SHARED_DIRECTIONS * UNITS * sizeof *rows);
    }
    orthonormalise(rows);
    multiply(matrix, rows, next);
    for (uint32_t a = 0; a < SHARED_DIRECTIONS; a++) {
        double size = 0.0;
        for (uint32_t u = 0; u < UNITS; u++) {
            size += rows[a * UNITS + u] * next[a * UNITS + u];
        }
        for (uint32_t i = 0; i < UNITS; i++) {
            for (uint32_t u = 0; u < UNITS; u++) {
                matrix[i * UNITS + u] -= size * rows[a * UNITS + i] * rows[a * UNITS + u];
            }
        }
    }
}

/** Cosines without what the neurons share, brought to a root mean square of 256. */
static void fill_matrix(const int16_t *cosines, struct workspace *work, int16_t *matrix)
{
    double squares = 0.0;
    double *full = work->full;
    for (uint32_t i = 0; i < UNITS; i++) {
        full[i * UNITS + i] = 1.0;
        for (uint32_t j = i + 1; j < UNITS; j++, cosines++) {
            full[i * UNITS + j] = full[j * UNITS + i] = (double)*cosines / SVA_STRONG_ONE;
        }
    }
    remove_shared(full, work->rows, work->next);
    for (uint32_t i = 0; i < UNITS; i++) {
        for (uint32_t j = 0; j < i; j++) {
            const double size = full[i * UNITS + i] * full[j * UNITS + j];
            full[i * UNITS + j] = size > 0.0 ? full[i * UNITS + j] / sqrt(size) : 0.0;
            squares += full[i * UNITS + j] * full[i * UNITS + j];
        }
    }
    const double scale = squares > 0.0 ? 256.0 * sqrt(SVA_STRONG_PAIRS / squares) : 0.0;
    memset(matrix, 0, (size_t)UNITS * UNITS * sizeof *matrix);
    for (uint32_t i = 0; i < UNITS; i++) {
        for (uint32_t j = 0; j < i; j++) {
            const double value =
                fmax(fmin(floor(full[i * UNITS + j] * scale + 0.5), 2047.0), -2047.0);
            matrix[i * UNITS + j] = matrix[j * UNITS + i] = (int16_t)value;
        }
    }
}

static void fill_side(const int16_t *cosines, struct workspace *work, struct side *side)
{
    fill_matrix(cosines, work, side->matrix);
    for (uint32_t i = 0; i < UNITS; i++) {
        int16_t row[UNITS];
        memcpy(row, side->matrix + (size_t)i * UNITS, sizeof row);
        qsort(row, UNITS, sizeof *row, ascending);
        for (uint32_t q = 0; q < QUANTILES; q++) {
            side->quantiles[i][q] = (double)row[(2 * q + 1) * UNITS / (2 * QUANTILES)];
        }
    }
}

/** Scores of all pairs of units, and the units still free. */
struct matching {
    double scores[UNITS * UNITS];
    struct scored {
        double score;
        uint16_t subject, reference;
    } sorted[UNITS * UNITS];
};

static int best_first(const void *a, const void *b)
{
    const struct scored *left = a;
    const struct scored *right = b;
    if (left->score < right->score || left->score > right->score) {
        return left->score > right->score ? -1 : 1;
    }
    return left->subject != right->subject
               ? (left->subject > right->subject) - (left->subject < right->subject)
               : (left->reference > right->reference) - (left->reference < right->reference);
}

/** The best pair first, then the best of those still free. */
static void assign(struct matching *matching, uint32_t *order)
{
    bool taken[2][UNITS] = {{false}};
    for (uint32_t i = 0; i < UNITS * UNITS; i++) {
        matching->sorted[i] =
            (struct scored){matching->scores[i], (uint16_t)(i / UNITS), (uint16_t)(i % UNITS)};
    }
    qsort(matching->sorted, (size_t)UNITS * UNITS, sizeof *matching->sorted, best_first);
    for (uint32_t i = 0; i < UNITS * UNITS; i++) {
        const struct scored *pair = &matching->sorted[i];
        if (!taken[0][pair->subject] && !taken[1][pair->reference]) {
            taken[0][pair->subject] = true;
            taken[1][pair->reference] = true;
            order[pair->subject] = pair->reference;
        }
    }
}

/** Units with rows of alike cosines and about the same rank. */
static void score_by_rows(const struct side *s, const struct side *r, struct matching *matching)
{
    for (uint32_t i = 0; i < UNITS; i++) {
        for (uint32_t k = 0; k < UNITS; k++) {
            const double ranks = ((double)i - (double)k) / RANKS_APART;
            double apart = ranks * ranks;
            for (uint32_t q = 0; q < QUANTILES; q++) {
                const double off = (s->quantiles[i][q] - r->quantiles[k][q]) / 64.0;
                apart += off * off;
            }
            matching->scores[i * UNITS + k] = -apart;
        }
    }
}

/** Units whose cosines with all others agree, as far as those are matched rightly. */
static void score_by_partners(const struct side *s, const struct side *r, const uint32_t *order,
                              struct matching *matching)
{
    for (uint32_t k = 0; k < UNITS; k++) {
        int16_t turned[UNITS];
        for (uint32_t j = 0; j < UNITS; j++) {
            turned[j] = r->matrix[k * UNITS + order[j]];
        }
        for (uint32_t i = 0; i < UNITS; i++) {
            matching->scores[i * UNITS + k] =
                (double)sva_dot_i16(s->matrix + (size_t)i * UNITS, turned, UNITS);
        }
    }
}

static double correlation(const struct side *s, const struct side *r, const uint32_t *order)
{
    const double pairs = SVA_STRONG_PAIRS;
    int64_t sums[5] = {0}; /* a, b, ab, aa, bb */
    for (uint32_t i = 0; i < UNITS; i++) {
        for (uint32_t j = i + 1; j < UNITS; j++) {
            const int64_t a = s->matrix[i * UNITS + j];
            const int64_t b = r->matrix[order[i] * UNITS + order[j]];
            sums[0] += a;
            sums[1] += b;
            sums[2] += a * b;
            sums[3] += a * a;
            sums[4] += b * b;
        }
    }
    const double ab = (double)sums[2] - (double)sums[0] * (double)sums[1] / pairs;
    const double aa = (double)sums[3] - (double)sums[0] * (double)sums[0] / pairs;
    const double bb = (double)sums[4] - (double)sums[1] * (double)sums[1] / pairs;
    return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : 0.0;
}

/** What one search needs. */
struct search {
    struct side subject, reference;
    struct matching matching;
    struct workspace work;
};

static double search_order(struct search *search, uint32_t *order)
{
    uint32_t next[UNITS];
    score_by_rows(&search->subject, &search->reference, &search->matching);
    assign(&search->matching, order);
    double best = correlation(&search->subject, &search->reference, order);
    for (int round = 0; round < ROUNDS_MOST; round++) {
        score_by_partners(&search->subject, &search->reference, order, &search->matching);
        assign(&search->matching, next);
        const double found = correlation(&search->subject, &search->reference, next);
        if (!(found > best)) {
            break;
        }
        best = found;
        memcpy(order, next, sizeof next);
    }
    return best;
}

double sva_match_neurons(const int16_t *subject, const int16_t *reference, uint32_t *order)
{
    struct search *search = sva_calloc(1, sizeof *search);
    if (search == NULL) {
        return NAN;
    }
    fill_side(subject, &search->work, &search->subject);
    fill_side(reference, &search->work, &search->reference);
    const double found = search_order(search, order);
    sva_free(search);
    return found;
}

/** Strongest neurons of every layer: of the gate where there is one. */
struct strong_layer {
    int32_t layer;
    enum sva_role role;
    const struct sva_strong_neurons *neurons;
};

static bool has_strong(const struct sva_print_tensor *tensor, uint32_t component)
{
    return tensor->component == component && tensor->strong.count > 0 && sva_bears_evidence(tensor);
}

static int by_layer(const void *a, const void *b)
{
    const struct strong_layer *left = a;
    const struct strong_layer *right = b;
    if (left->layer != right->layer) {
        return left->layer < right->layer ? -1 : 1;
    }
    return (left->role > right->role) - (left->role < right->role); /* the gate comes first */
}

static struct strong_layer *list_strong(const struct sva_print *print, uint32_t component,
                                        size_t *count)
{
    struct strong_layer *list = sva_calloc(print->tensor_count, sizeof *list);
    size_t used = 0;
    for (size_t i = 0; list != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (has_strong(tensor, component) && tensor->layer >= 0) {
            list[used++] = (struct strong_layer){tensor->layer, tensor->role, &tensor->strong};
        }
    }
    *count = 0;
    if (list == NULL) {
        return NULL;
    }
    qsort(list, used, sizeof *list, by_layer);
    for (size_t i = 0; i < used; i++) {
        if (*count == 0 || list[*count - 1].layer != list[i].layer) {
            list[(*count)++] = list[i];
        }
    }
    return list;
}

/** Share of trained directions in common along a matching. */
static void add_directions(const struct sva_strong_neurons *s, const struct sva_strong_neurons *r,
                           const uint32_t *order, struct sva_match_evidence *match)
{
    const struct sva_direction_set subject = {s->directions, s->leading, UNITS, NULL};
    const struct sva_direction_set reference = {r->directions, r->leading, UNITS, order};
    if (s->leading > 0 && r->leading > 0) {
        match->directions += sva_direction_share(&subject, &reference, UNITS);
        match->direction_layers++;
    }
}

/** Matches a layer with its place, and, where they agree, with another layer as a control. */
static void match_layer(struct search *search, const struct strong_layer *subject,
                        const struct strong_layer *reference, const struct strong_layer *elsewhere,
                        struct sva_match_evidence *match)
{
    uint32_t order[UNITS];
    fill_side(subject->neurons->cosines, &search->work, &search->subject);
    fill_side(reference->neurons->cosines, &search->work, &search->reference);
    const double found = search_order(search, order);
    match->layers++;
    match->rho += found;
    match->least_rho = fmin(match->least_rho, found);
    if (found < WORTH_A_CONTROL) {
        return;
    }
    add_directions(subject->neurons, reference->neurons, order, match);
    if (elsewhere != reference) {
        fill_side(elsewhere->neurons->cosines, &search->work, &search->reference);
        match->controls++;
        match->control_rho = fmax(match->control_rho, search_order(search, order));
    }
}

/** Smallest correlation, in every layer, and distance from the control; unrelated layers reach .25. */
static const double MATCHED_LEAST = 0.5;
static const double ABOVE_CONTROL = 0.15;

static void conclude(struct sva_component_evidence *evidence)
{
    struct sva_match_evidence *match = &evidence->match;
    match->rho /= (double)match->layers;
    match->directions =
        match->direction_layers > 0 ? match->directions / (double)match->direction_layers : NAN;
    struct sva_test_record *record = sva_add_test(evidence, "neuron-match", SVA_P_EMPIRICAL, false);
    if (record != NULL) {
        const bool above = match->controls > 0 && match->least_rho > match->control_rho;
        record->test.log10_p = above ? -log10(1.0 + (double)match->controls) : 0.0;
        record->test.log10_p_floor = -log10(1.0 + LAYERS_MOST);
    }
    evidence->wholly_disguised = match->layers >= 2 && match->controls >= 2 &&
                                 match->least_rho >= MATCHED_LEAST &&
                                 match->least_rho >= match->control_rho + ABOVE_CONTROL;
}

bool sva_neuron_match(const struct sva_pair *pair, uint32_t component, uint32_t other,
                      struct sva_component_evidence *evidence)
{
    size_t subject_count = 0;
    size_t reference_count = 0;
    struct strong_layer *subject = list_strong(pair->subject, component, &subject_count);
    struct strong_layer *reference = list_strong(pair->reference, other, &reference_count);
    struct search *search = sva_calloc(1, sizeof *search);
    const bool ok = subject != NULL && reference != NULL && search != NULL;
    const size_t both = subject_count == reference_count ? subject_count : 0;
    const size_t count = both < LAYERS_MOST ? both : LAYERS_MOST;
    evidence->match = (struct sva_match_evidence){.least_rho = 1.0};
    for (size_t i = 0; ok && i < count && evidence->match.least_rho >= WORTH_A_CONTROL; i++) {
        const size_t at = i * both / count; /* every one must agree: the first that does not ends it */
        match_layer(search, &subject[at], &reference[at], &reference[(at + 1) % both],
                    &evidence->match);
    }
    if (ok && count > 0) {
        conclude(evidence);
    }
    sva_free(search);
    sva_free(subject);
    sva_free(reference);
    return ok;
}

/** The best and the second best of many partners of one layer. */
struct ranking {
    double best, second;
    const struct sva_strong_neurons *neurons; /**< of the best */
    uint32_t order[UNITS];                    /**< its, beside the layer's */
};

/** Matches one of the reference's layers with everything that could be its copy. */
static void rank_partners(struct search *search, const struct strong_layer *layer,
                          const struct sva_print *print, uint32_t component, struct ranking *ranking)
{
    uint32_t order[UNITS];
    ranking->best = ranking->second = -1.0;
    fill_side(layer->neurons->cosines, &search->work, &search->reference);
    for (size_t i = 0; i < print->tensor_count; i++) {
        if (!has_strong(&print->tensors[i], component)) {
            continue;
        }
        fill_side(print->tensors[i].strong.cosines, &search->work, &search->subject);
        const double found = search_order(search, order);
        if (found > ranking->best) {
            ranking->second = ranking->best;
            ranking->best = found;
            ranking->neurons = &print->tensors[i].strong;
            memcpy(ranking->order, order, sizeof order);
        } else if (found > ranking->second) {
            ranking->second = found;
        }
    }
}

bool sva_neuron_match_unnamed(const struct sva_pair *pair, uint32_t component, uint32_t other,
                              struct sva_component_evidence *evidence)
{
    size_t all = 0;
    struct strong_layer *layers = list_strong(pair->reference, other, &all);
    struct search *search = sva_calloc(1, sizeof *search);
    struct ranking *ranking = sva_calloc(1, sizeof *ranking);
    const bool ok = layers != NULL && search != NULL && ranking != NULL;
    const size_t count = all < LAYERS_MOST ? all : LAYERS_MOST;
    struct sva_match_evidence *match = &evidence->match;
    *match = (struct sva_match_evidence){.least_rho = 1.0};
    for (size_t i = 0; ok && i < count && match->least_rho >= WORTH_A_CONTROL; i++) {
        const struct strong_layer *layer = &layers[i * all / count];
        rank_partners(search, layer, pair->subject, component, ranking);
        match->layers++;
        match->rho += ranking->best;
        match->least_rho = fmin(match->least_rho, ranking->best);
        if (ranking->best >= WORTH_A_CONTROL) {
            add_directions(ranking->neurons, layer->neurons, ranking->order, match);
            match->controls += ranking->second > -1.0 ? 1 : 0;
            match->control_rho = fmax(match->control_rho, ranking->second);
        }
    }
    if (ok && count > 0) {
        conclude(evidence);
    }
    sva_free(ranking);
    sva_free(search);
    sva_free(layers);
    return ok;
}

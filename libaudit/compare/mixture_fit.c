/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/mixture_fit.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { MOST = SVA_MIXTURE_PARENTS };

typedef double products[MOST][MOST];

/** Relative variance below which no tensor's residual is trusted to lie: rounding to BF16. */
static const double FLOOR = 1e-6;

/** The active parents' numbers; returns how many. */
static uint32_t list_active(const bool *active, uint32_t list[MOST])
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < MOST; k++) {
        if (active[k]) {
            list[count++] = k;
        }
    }
    return count;
}

/** Lower factor of a symmetric matrix, in place; false when it is singular to working precision. */
static bool factor(products matrix, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const double diagonal = matrix[i][i];
        for (uint32_t j = 0; j <= i; j++) {
            double sum = matrix[i][j];
            for (uint32_t k = 0; k < j; k++) {
                sum -= matrix[i][k] * matrix[j][k];
            }
            if (j < i) {
                matrix[i][j] = sum / matrix[j][j];
            } else if (sum > 1e-12 * diagonal && sum > 0.0) {
                matrix[i][i] = sqrt(sum);
            } else {
                return false;
            }
        }
    }
    return true;
}

static void substitute(products factors, uint32_t n, double *right)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            right[i] -= factors[i][k] * right[k];
        }
        right[i] /= factors[i][i];
    }
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t k = i + 1; k < n; k++) {
            right[i] -= factors[k][i] * right[k];
        }
        right[i] /= factors[i][i];
    }
}

/** Normal equations in the differences from the first active parent. False: no single answer. */
static bool solve(products gram, const bool *active, double c[MOST])
{
    uint32_t list[MOST];
    products matrix;
    double right[MOST];
    const uint32_t n = list_active(active, list);
    const uint32_t b = list[0];
    for (uint32_t i = 1; i < n; i++) {
        for (uint32_t j = 1; j < n; j++) {
            matrix[i - 1][j - 1] =
                (gram[list[i]][list[j]] - gram[list[i]][b]) - (gram[b][list[j]] - gram[b][b]);
        }
        right[i - 1] = gram[b][b] - gram[list[i]][b];
    }
    if (n == 0 || !factor(matrix, n - 1)) {
        return false;
    }
    substitute(matrix, n - 1, right);
    memset(c, 0, MOST * sizeof *c);
    c[b] = 1.0;
    for (uint32_t i = 1; i < n; i++) {
        c[list[i]] = right[i - 1];
        c[b] -= right[i - 1];
    }
    return true;
}

static double square_left(const struct sva_mixture_tensor *tensor, const double *c)
{
    double sum = 0.0;
    for (uint32_t j = 0; j < MOST; j++) {
        double row = 0.0;
        for (uint32_t k = 0; k < MOST; k++) {
            row += tensor->products[j][k] * c[k];
        }
        sum += c[j] * row;
    }
    return sum > 0.0 ? sum : 0.0;
}

static void add_weighted(products gram, const struct sva_mixture_tensor *tensor, double weight)
{
    for (uint32_t j = 0; j < MOST; j++) {
        for (uint32_t k = 0; k < MOST; k++) {
            gram[j][k] += weight * tensor->products[j][k];
        }
    }
}

static void sum_up(const struct sva_mixture_sums *sums, const double *weights, products gram)
{
    memset(gram, 0, sizeof(products));
    for (size_t t = 0; t < sums->count; t++) {
        add_weighted(gram, &sums->tensors[t], weights[t]);
    }
}

/** Every matrix weighs by its number of values, whatever their size. */
static double size_weight(const struct sva_mixture_tensor *tensor)
{
    return tensor->count / tensor->energy;
}

static void weigh_by_size(const struct sva_mixture_sums *sums, double *weights)
{
    for (size_t t = 0; t < sums->count; t++) {
        weights[t] = size_weight(&sums->tensors[t]);
    }
}

static void weigh_by_residual(const struct sva_mixture_sums *sums, const double *c, double *weights)
{
    for (size_t t = 0; t < sums->count; t++) {
        const struct sva_mixture_tensor *tensor = &sums->tensors[t];
        weights[t] = tensor->count / (square_left(tensor, c) + FLOOR * tensor->energy);
    }
}

/** What is left, weighted, with what rounding may have left. */
static double weighted_left(const struct sva_mixture_sums *sums, const double *weights,
                            const double *c)
{
    double sum = 0.0;
    for (size_t t = 0; t < sums->count; t++) {
        const struct sva_mixture_tensor *tensor = &sums->tensors[t];
        sum += weights[t] * (square_left(tensor, c) + FLOOR * tensor->energy);
    }
    return sum;
}

/** Leaves out one tensor at a time (Tukey's jackknife); infinite where the rest does not settle it. */
static void jackknife(const struct sva_mixture_sums *sums, const double *weights,
                      struct sva_mixture_solution *solution)
{
    products gram;
    double mean[MOST] = {0.0};
    double square[MOST] = {0.0};
    const double n = (double)sums->count;
    bool settled = true;
    sum_up(sums, weights, gram);
    for (size_t t = 0; t < sums->count && settled; t++) {
        products rest;
        double c[MOST];
        memcpy(rest, gram, sizeof rest);
        add_weighted(rest, &sums->tensors[t], -weights[t]);
        settled = solve(rest, solution->active, c);
        for (uint32_t k = 0; settled && k < MOST; k++) {
            const double apart = c[k] - solution->c[k];
            mean[k] += apart / n;
            square[k] += apart * apart;
        }
    }
    for (uint32_t k = 0; k < MOST; k++) {
        const double spread = square[k] - n * mean[k] * mean[k];
        solution->se[k] = !solution->active[k] ? 0.0
                          : !settled           ? INFINITY
                                               : sqrt((n - 1.0) / n * fmax(spread, 0.0));
    }
}

/** Two passes: every matrix alike, then by what the first pass left in it. */
static bool fit(const struct sva_mixture_sums *sums, double *weights,
                struct sva_mixture_solution *solution)
{
    products gram;
    weigh_by_size(sums, weights);
    for (int pass = 0; pass < 2; pass++) {
        if (pass > 0) {
            weigh_by_residual(sums, solution->c, weights);
        }
        sum_up(sums, weights, gram);
        if (!solve(gram, solution->active, solution->c)) {
            return false;
        }
    }
    jackknife(sums, weights, solution);
    return true;
}

static bool is_small(const struct sva_mixture_solution *solution, uint32_t k)
{
    const double size = fabs(solution->c[k]);
    return size <= 2.0 * solution->se[k] || size < SVA_MIXTURE_LEAST;
}

/** Does the fit do as well without it? */
static bool can_go(const struct sva_mixture_sums *sums, const double *weights,
                   const struct sva_mixture_solution *solution, uint32_t k)
{
    struct sva_mixture_solution rest = *solution;
    products gram;
    rest.active[k] = false;
    sum_up(sums, weights, gram);
    return solve(gram, rest.active, rest.c) &&
           weighted_left(sums, weights, rest.c) <=
               (1.0 + SVA_MIXTURE_RISE_MOST) * weighted_left(sums, weights, solution->c);
}

/** The parent that is missed least and can go, or MOST. */
static uint32_t least_needed(const struct sva_mixture_sums *sums, const double *weights,
                             const struct sva_mixture_solution *solution)
{
    uint32_t least = MOST;
    for (uint32_t k = 0; k < sums->parents; k++) {
        if (solution->active[k] && is_small(solution, k) &&
            (least == MOST || fabs(solution->c[k]) < fabs(solution->c[least])) &&
            can_go(sums, weights, solution, k)) {
            least = k;
        }
    }
    return least;
}

bool sva_mixture_solve(const struct sva_mixture_sums *sums, struct sva_mixture_solution *solution)
{
    double *weights = sva_calloc(sums->count, sizeof *weights);
    uint32_t least = 0;
    uint32_t list[MOST];
    while (weights != NULL && least < MOST && fit(sums, weights, solution)) {
        least = list_active(solution->active, list) > 1 ? least_needed(sums, weights, solution)
                                                        : (uint32_t)MOST;
        if (least < MOST) {
            solution->active[least] = false;
        }
    }
    sva_free(weights);
    return weights != NULL;
}

bool sva_mixture_solve_as_given(const struct sva_mixture_sums *sums,
                                struct sva_mixture_solution *solution)
{
    double *weights = sva_calloc(sums->count, sizeof *weights);
    if (weights != NULL && !fit(sums, weights, solution)) {
        for (uint32_t k = 0; k < MOST; k++) {
            solution->c[k] = NAN;
            solution->se[k] = NAN;
        }
    }
    sva_free(weights);
    return weights != NULL;
}

/** The first earlier parent nearer than the resolution, -2: none. */
static int32_t nearest_twin(products gram, const bool *kept, uint32_t k, double resolution)
{
    for (uint32_t j = 0; j < k; j++) {
        if (kept[j] && (gram[j][j] - gram[j][k]) - (gram[k][j] - gram[k][k]) <= resolution) {
            return (int32_t)j;
        }
    }
    return -2;
}

/** Square of the distance of parent k from the nearest mixture of those kept. */
static double distance_from_kept(products gram, const bool *kept, uint32_t k)
{
    products about; /* products of P_i - P_k */
    double c[MOST];
    double sum = 0.0;
    for (uint32_t i = 0; i < MOST; i++) {
        for (uint32_t j = 0; j < MOST; j++) {
            about[i][j] = (gram[i][j] - gram[i][k]) - (gram[k][j] - gram[k][k]);
        }
    }
    if (!solve(about, kept, c)) {
        return 0.0;
    }
    for (uint32_t i = 0; i < MOST; i++) {
        for (uint32_t j = 0; j < MOST; j++) {
            sum += c[i] * about[i][j] * c[j];
        }
    }
    return sum;
}

void sva_mixture_find_alike(const struct sva_mixture_sums *sums, int32_t alike[MOST])
{
    products gram;
    bool kept[MOST] = {true};
    double values = 0.0;
    memset(gram, 0, sizeof gram);
    for (size_t t = 0; t < sums->count; t++) {
        add_weighted(gram, &sums->tensors[t], size_weight(&sums->tensors[t]));
        values += sums->tensors[t].count;
    }
    const double resolution = SVA_MIXTURE_RESOLUTION * SVA_MIXTURE_RESOLUTION * values;
    alike[0] = -2;
    for (uint32_t k = 1; k < sums->parents; k++) {
        alike[k] = nearest_twin(gram, kept, k, resolution);
        if (alike[k] == -2 && distance_from_kept(gram, kept, k) <= resolution) {
            alike[k] = -1;
        }
        kept[k] = alike[k] == -2;
    }
}

double sva_mixture_left(const struct sva_mixture_sums *sums, const double c[MOST])
{
    double left = 0.0;
    double energy = 0.0;
    for (size_t t = 0; t < sums->count; t++) {
        const struct sva_mixture_tensor *tensor = &sums->tensors[t];
        const double weight = tensor->elements / tensor->count;
        left += weight * square_left(tensor, c);
        energy += weight * tensor->energy;
    }
    return energy > 0.0 ? sqrt(left / energy) : (double)NAN;
}

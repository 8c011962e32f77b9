/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/path.h"

#include <math.h>

#include "compare/places.h"

static const double LEAST_RHO = 1e-3; /* smaller ones count as this: a logarithm is taken */
static const double LEAST_LEFT = .02; /* of the start in a checkpoint, that its fading is judged */

enum { LEAST_VALUES = 32, INERT_MASK = SVA_INERT_FORMULA | SVA_INERT_EMPTY | SVA_INERT_UNREADABLE };

static bool is_sampled(const struct sva_print_tensor *tensor)
{
    return (uint64_t)tensor->samples.rows * tensor->samples.columns >= LEAST_VALUES &&
           (tensor->inert & INERT_MASK) == 0;
}

static bool same_shape(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    return a->n[0] == b->n[0] && a->n[1] == b->n[1] && a->n[2] == b->n[2];
}

/** Fills the samples of one checkpoint at the places of the last one. */
static bool place_samples(struct sva_path *path, const struct sva_print *print,
                          const struct sva_print *last, size_t checkpoint)
{
    struct sva_places places;
    size_t matrix = 0;
    const bool enough = sva_places_init(&places, print);
    for (size_t i = 0; enough && i < last->tensor_count; i++) {
        if (!is_sampled(&last->tensors[i])) {
            continue;
        }
        const int32_t at = sva_place_of(&places, last, &last->tensors[i]);
        if (at >= 0 && same_shape(&print->tensors[at], &last->tensors[i]) &&
            is_sampled(&print->tensors[at])) {
            path->samples[checkpoint * path->matrix_count + matrix] = &print->tensors[at].samples;
        }
        matrix++;
    }
    sva_places_done(&places);
    return enough;
}

/** Sums over the sampled values of one matrix, of two rows of numbers. */
struct sums {
    double n, x, y, xx, yy, xy;
};

static void add(struct sums *sums, double x, double y)
{
    sums->n += 1.0;
    sums->x += x;
    sums->y += y;
    sums->xx += x * x;
    sums->yy += y * y;
    sums->xy += x * y;
}

static double correlation_of(const struct sums *sums)
{
    const double xx = sums->xx - sums->x * sums->x / sums->n;
    const double yy = sums->yy - sums->y * sums->y / sums->n;
    const double xy = sums->xy - sums->x * sums->y / sums->n;
    const double least = 1e-12 * (sums->xx + sums->yy);
    return sums->n >= LEAST_VALUES && xx > least && yy > least ? xy / sqrt(xx * yy) : NAN;
}

static const struct sva_value_samples *samples_at(const struct sva_path *path, size_t checkpoint,
                                                  size_t matrix)
{
    return path->samples[checkpoint * path->matrix_count + matrix];
}

static size_t value_count(const struct sva_value_samples *samples)
{
    return samples == NULL ? 0 : (size_t)samples->rows * samples->columns;
}

static double correlate(const struct sva_path *path, size_t a, size_t b, size_t matrix)
{
    const struct sva_value_samples *left = samples_at(path, a, matrix);
    const struct sva_value_samples *right = samples_at(path, b, matrix);
    struct sums sums = {.n = 0.0};
    for (size_t i = 0; right != NULL && i < value_count(left); i++) {
        if (isfinite(left->values[i]) && isfinite(right->values[i])) {
            add(&sums, (double)left->values[i], (double)right->values[i]);
        }
    }
    return sums.n > 0.0 ? correlation_of(&sums) : NAN;
}

static double deviation_of(const struct sva_value_samples *samples)
{
    struct sums sums = {.n = 0.0};
    for (size_t i = 0; i < value_count(samples); i++) {
        if (isfinite(samples->values[i])) {
            add(&sums, (double)samples->values[i], 0.0);
        }
    }
    const double variance = sums.n > 0.0 ? (sums.xx - sums.x * sums.x / sums.n) / sums.n : NAN;
    return variance > 0.0 ? sqrt(variance) : NAN;
}

bool sva_path_init(struct sva_path *path, const struct sva_trace_checkpoint *checkpoints,
                   size_t count)
{
    const struct sva_print *last = checkpoints[count - 1].print;
    path->count = count;
    for (size_t i = 0; i < last->tensor_count; i++) {
        path->matrix_count += is_sampled(&last->tensors[i]) ? 1 : 0;
    }
    const size_t cells = count * path->matrix_count;
    path->names = sva_calloc(path->matrix_count, sizeof *path->names);
    path->samples = sva_calloc(cells, sizeof *path->samples);
    path->correlation = sva_calloc(count * cells, sizeof *path->correlation);
    path->deviation = sva_calloc(cells, sizeof *path->deviation);
    if (path->names == NULL || path->samples == NULL || path->correlation == NULL ||
        path->deviation == NULL) {
        return false;
    }
    size_t matrix = 0;
    for (size_t i = 0; i < last->tensor_count; i++) {
        if (is_sampled(&last->tensors[i])) {
            path->names[matrix++] = last->tensors[i].name;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!place_samples(path, checkpoints[i].print, last, i)) {
            return false;
        }
    }
    for (size_t i = 0; i < cells; i++) {
        path->deviation[i] = deviation_of(path->samples[i]);
    }
    for (size_t a = 0; a < count; a++) {
        for (size_t b = a; b < count; b++) {
            for (size_t m = 0; m < path->matrix_count; m++) {
                const double rho = correlate(path, a, b, m);
                path->correlation[(a * count + b) * path->matrix_count + m] = rho;
                path->correlation[(b * count + a) * path->matrix_count + m] = rho;
            }
        }
    }
    return true;
}

void sva_path_done(struct sva_path *path)
{
    sva_free(path->names);
    sva_free(path->samples);
    sva_free(path->correlation);
    sva_free(path->deviation);
    *path = (struct sva_path){.count = 0};
}

double sva_path_correlation(const struct sva_path *path, size_t a, size_t b, size_t matrix)
{
    return path->correlation[(a * path->count + b) * path->matrix_count + matrix];
}

/** Sums over matrices known in all three pairs. */
struct triple {
    double n, ab, bc, ac;
    double growth; /* deviation of c over that of b */
};

static struct triple triple_of(const struct sva_path *path, size_t a, size_t b, size_t c,
                               size_t matrix)
{
    const double *deviation = path->deviation + matrix;
    const struct triple one = {
        1.0, sva_path_correlation(path, a, b, matrix), sva_path_correlation(path, b, c, matrix),
        sva_path_correlation(path, a, c, matrix),
        deviation[c * path->matrix_count] / deviation[b * path->matrix_count]};
    const struct triple none = {.n = 0.0};
    return isnan(one.ab + one.bc + one.ac + one.growth) ? none : one;
}

/** `all` and `sign` times `one`. */
static struct triple with(const struct triple *all, const struct triple *one, double sign)
{
    return (struct triple){all->n + sign * one->n, all->ab + sign * one->ab,
                           all->bc + sign * one->bc, all->ac + sign * one->ac,
                           all->growth + sign * one->growth};
}

/** Sums over matrices, for a mean and its standard error. */
struct mean {
    double n, sum, squares;
};

static void take(struct mean *mean, double value)
{
    if (!isnan(value)) {
        mean->n += 1.0;
        mean->sum += value;
        mean->squares += value * value;
    }
}

static struct sva_estimate estimate_of(const struct mean *mean)
{
    const double value = mean->n > 0.0 ? mean->sum / mean->n : NAN;
    const double spread =
        mean->n > 1.0 ? fmax(mean->squares - mean->sum * value, 0.0) / (mean->n - 1.0) : NAN;
    return (struct sva_estimate){value, sqrt(spread / mean->n)};
}

struct sva_estimate sva_path_similarity(const struct sva_path *path, size_t a, size_t b)
{
    struct mean mean = {.n = 0.0};
    for (size_t m = 0; m < path->matrix_count; m++) {
        take(&mean, sva_path_correlation(path, a, b, m));
    }
    return estimate_of(&mean);
}

struct sva_estimate sva_path_difference(const struct sva_path *path, size_t a, size_t b, size_t c,
                                        size_t d)
{
    struct mean mean = {.n = 0.0};
    for (size_t m = 0; m < path->matrix_count; m++) {
        take(&mean, sva_path_correlation(path, a, b, m) - sva_path_correlation(path, c, d, m));
    }
    return estimate_of(&mean);
}

static double distance(double rho)
{
    return -log10(rho > LEAST_RHO ? rho : LEAST_RHO);
}

static double lost_of(const struct triple *t)
{
    const double ab = distance(t->ab / t->n);
    const double branch = (ab + distance(t->bc / t->n) - distance(t->ac / t->n)) / 2.0;
    return ab > 1e-6 ? branch / ab : NAN;
}

static double faded_of(const struct triple *t)
{
    const double kept_of_b = t->bc * t->growth / (t->n * t->n);
    const double kept_of_a = t->ac / t->ab * t->growth / t->n;
    return t->ab > LEAST_LEFT * t->n && kept_of_b > 0.0 ? 1.0 - kept_of_a / fmin(kept_of_b, 1.0)
                                                        : NAN;
}

/** `measure` of the sums over all matrices; its error by leaving out one at a time. */
static struct sva_estimate jackknife(const struct sva_path *path, const size_t at[3],
                                     double (*measure)(const struct triple *))
{
    struct triple all = {.n = 0.0};
    double squares = 0.0;
    for (size_t m = 0; m < path->matrix_count; m++) {
        const struct triple one = triple_of(path, at[0], at[1], at[2], m);
        all = with(&all, &one, 1.0);
    }
    if (all.n < 4.0) {
        return (struct sva_estimate){NAN, NAN};
    }
    const double value = measure(&all);
    for (size_t m = 0; m < path->matrix_count; m++) {
        const struct triple one = triple_of(path, at[0], at[1], at[2], m);
        const struct triple rest = with(&all, &one, -1.0);
        const double off = one.n > 0.0 ? measure(&rest) - value : 0.0;
        squares += off * off;
    }
    return (struct sva_estimate){value, sqrt(squares * (all.n - 1.0) / all.n)};
}

struct sva_estimate sva_path_lost(const struct sva_path *path, size_t a, size_t b, size_t c)
{
    return jackknife(path, (const size_t[]){a, b, c}, lost_of);
}

struct sva_estimate sva_path_faded(const struct sva_path *path, size_t a, size_t b, size_t c)
{
    return jackknife(path, (const size_t[]){a, b, c}, faded_of);
}

double sva_path_moved(const struct sva_path *path, size_t a, size_t b)
{
    double moved = 0.0;
    double size = 0.0;
    for (size_t m = 0; m < path->matrix_count; m++) {
        const struct sva_value_samples *from = samples_at(path, a, m);
        const struct sva_value_samples *to = samples_at(path, b, m);
        for (size_t i = 0; to != NULL && i < value_count(from); i++) {
            const double x = (double)from->values[i];
            const double y = (double)to->values[i];
            moved += isfinite(x) && isfinite(y) ? (y - x) * (y - x) : 0.0;
            size += isfinite(x) && isfinite(y) ? x * x : 0.0;
        }
    }
    return size > 0.0 ? sqrt(moved / size) : NAN;
}

double sva_path_direction(const struct sva_path *path, size_t start, size_t b, size_t c)
{
    double sum = 0.0;
    double n = 0.0;
    for (size_t m = 0; m < path->matrix_count; m++) {
        const struct sva_value_samples *from = samples_at(path, start, m);
        const struct sva_value_samples *left = samples_at(path, b, m);
        const struct sva_value_samples *right = samples_at(path, c, m);
        struct sums sums = {.n = 0.0};
        for (size_t i = 0; left != NULL && right != NULL && i < value_count(from); i++) {
            const double base = (double)from->values[i];
            const double x = (double)left->values[i] - base;
            const double y = (double)right->values[i] - base;
            if (isfinite(x) && isfinite(y)) {
                add(&sums, x, y);
            }
        }
        const double rho = sums.n > 0.0 ? correlation_of(&sums) : NAN;
        sum += isnan(rho) ? 0.0 : rho;
        n += isnan(rho) ? 0.0 : 1.0;
    }
    return n > 0.0 ? sum / n : NAN;
}

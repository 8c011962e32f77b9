/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/mixture_rounding.h"

#include <math.h>

#include "compare/value_pairs.h"
#include "compare/value_sides.h"

void sva_mixture_rest_add(struct sva_mixture_rest *rest, const struct sva_mixture_sides *sides,
                          const double *c)
{
    float predicted[SVA_SAMPLES_MOST];
    struct sva_sides both;
    const struct sva_rounding exact = {.rounds = SVA_DTYPE_F32};
    struct sva_print_tensor mixed = *sides->tensor;
    const size_t count = (size_t)sides->s->rows * sides->s->columns;
    for (size_t i = 0; i < count && count <= SVA_SAMPLES_MOST; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < sides->count; k++) {
            sum += c[k] * (double)sides->r[k]->values[i];
        }
        predicted[i] = (float)sum;
    }
    const struct sva_value_samples samples = {
        .rows = sides->s->rows, .columns = sides->s->columns, .values = predicted};
    mixed.dtype = SVA_DTYPE_F32;
    mixed.form = NULL;
    sva_sides_init(&both, sides->tensor, sides->s, &mixed, &samples);
    if (both.rows == 0) {
        return;
    }
    const struct sva_fit_input input = {.s = both.s.values,
                                        .r = both.r.values,
                                        .s_steps = both.s.steps,
                                        .r_steps = both.r.steps,
                                        .count = count};
    struct sva_value_fit fit = {0};
    sva_value_fit_add(&fit, &both.s.rounding, &exact, &input);
    const double weight = (double)sides->tensor->element_count / (double)count;
    const double ratio = sva_ratio_most(sides->tensor);
    sva_value_fit_join(&rest->fit, &fit, weight);
    rest->most += weight * ratio * ratio * fit.explained;
    rest->no_half_steps = rest->no_half_steps || sva_is_compensated(sides->tensor);
}

double sva_mixture_beyond_most(const struct sva_mixture_rest *rest)
{
    const struct sva_value_fit *fit = &rest->fit;
    if (!(fit->explained > 0.0) || !(fit->distance > 0.0)) {
        return 1.0;
    }
    double beyond = fit->distance - SVA_ROUNDING_RATIO_LEAST * SVA_ROUNDING_RATIO_LEAST * fit->explained;
    if (fit->distance <= rest->most && !rest->no_half_steps && fit->half_steps == fit->count) {
        const double normal = 0.7978845608028654; /* sqrt(2 / pi) */
        const double spread = (1.0 - sva_fit_within(fit)) / normal; /* in steps */
        beyond = fmin(beyond, 12.0 * fit->explained * spread * spread);
    }
    return fmin(fmax(beyond / fit->distance, 0.0), 1.0);
}

double sva_mixture_beyond_least(const struct sva_mixture_rest *rest)
{
    const double left = rest->fit.distance;
    if (isnan(rest->most)) {
        return 0.0;
    }
    return left > 0.0 ? fmax(1.0 - rest->most / left, 0.0) : 0.0;
}

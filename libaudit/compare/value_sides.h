/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Two sets of values made ready for value_fit.h: what each side was rounded to, codes without
 * scales brought to the other side's scale, the step of values that lie on a lattice although
 * their dtype does not say so.
 */
#ifndef SVA_COMPARE_VALUE_SIDES_H
#define SVA_COMPARE_VALUE_SIDES_H

#include <sovaudit/print.h>

#include "compare/value_fit.h"

enum { SVA_SAMPLES_MOST = SVA_SAMPLE_ROWS * SVA_SAMPLE_COLUMNS };

/** One side's samples, ready. */
struct sva_side {
    struct sva_rounding rounding;
    float values[SVA_SAMPLES_MOST];
    float steps[SVA_SAMPLES_MOST];
};

struct sva_sides {
    uint32_t rows, columns; /**< 0: the two cannot be laid side by side */
    struct sva_side s, r;
    double freedom; /**< share of the distance that fitting a scale leaves, 1 without a fit */
};

/** What a tensor's dtype, form and steps tell about its rounding, beside the other tensor. */
struct sva_rounding sva_rounding_of(const struct sva_print_tensor *tensor,
                                    const struct sva_print_tensor *other, bool has_steps);

/** Integer types: codes whose scale is not beside them. */
bool sva_is_code(enum sva_dtype dtype);

/** Prepares both sides from samples at the same places (equal shapes). */
void sva_sides_init(struct sva_sides *sides, const struct sva_print_tensor *s,
                    const struct sva_value_samples *s_samples, const struct sva_print_tensor *r,
                    const struct sva_value_samples *r_samples);

/**
 * The largest step of which `count` values, `stride` apart, are whole multiples up to 127, within
 * .04 of a step; 0 when there is none, or fewer than eight different sizes to tell it by. Eight
 * arbitrary values pass by chance once in 10^5, a row of 32 never.
 */
double sva_lattice_step(const float *values, size_t count, size_t stride);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Value against value: how far two tensors lie apart, and how much of that rounding explains. The
 * same sums for sampled values and for all of them. Arithmetic only.
 *
 * Rounding to the nearest code of step q leaves an error spread evenly over a step: mean square
 * q^2 / 12, spread of the square q^4 / 180, and never more than q / 2.
 */
#ifndef SVA_COMPARE_VALUE_FIT_H
#define SVA_COMPARE_VALUE_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include <sovaudit/model.h>

/** What is known about how a side was rounded. */
struct sva_rounding {
    bool quantised; /**< codes and scales, not just a narrower float */
    bool stepped;   /**< the step of every value is given */
    double floor;   /**< not stepped: relative distance that the format leaves; 0 none, NAN unknown;
                         then `steps` hold what sva_floor_step() gives */
    enum sva_dtype
        rounds; /**< a float type that rounds values; SVA_DTYPE_F32: nothing is rounded */
};

/** Sums over pairs of finite values. Zero-initialise. */
struct sva_value_fit {
    uint64_t count;
    double energy;       /**< sum r^2 */
    double distance;     /**< sum (s - r)^2 */
    double explained;    /**< mean of that if rounding is all that happened */
    double assured;      /**< of that, what one side alone was rounded by: errors that both made may
                            cancel */
    double variance;     /**< of that */
    double largest;      /**< |s - r| */
    uint64_t half_steps; /**< values whose steps are known */
    uint64_t within;     /**< of these, |s - r| at most half of the steps of both sides */
};

/**
 * Adds `count` values. `s_steps`, `r_steps`: used where the side is stepped or has a floor, else
 * may be NULL. Scales are themselves kept in 16 bits: half a step is taken wider by 2^-11 of a
 * quantised value.
 */
struct sva_fit_input {
    const float *s, *r, *s_steps, *r_steps;
    size_t count;
};
void sva_value_fit_add(struct sva_value_fit *fit, const struct sva_rounding *subject,
                       const struct sva_rounding *reference, const struct sva_fit_input *input);

/** Adds `count` values of two sides that are both stored as BF16, as they lie there. */
void sva_value_fit_add_bf16(struct sva_value_fit *fit, const struct sva_rounding *subject,
                            const struct sva_rounding *reference, const uint8_t *s,
                            const uint8_t *r, size_t count);

/**
 * The step whose rounding errors are as large as what a format of this floor leaves among values
 * of mean square `square`. Codes share their scale with their neighbours, so that small values
 * beside large ones get the large ones' error: the mean is over a row, not one value's square.
 */
double sva_floor_step(double floor, double square);

/** `part` times `weight` is added: a sample that stands for more values than it holds. */
void sva_value_fit_join(struct sva_value_fit *fit, const struct sva_value_fit *part, double weight);

/** sqrt(sum (s-r)^2 / sum r^2); NAN when there is nothing to divide by. */
double sva_fit_distance(const struct sva_value_fit *fit);
/** The same for what rounding explains. */
double sva_fit_expected(const struct sva_value_fit *fit);
/** Their ratio; NAN where rounding explains nothing, or something that is not known. */
double sva_fit_ratio(const struct sva_value_fit *fit);
/** Share of values within half a step; NAN where steps are not known. */
double sva_fit_within(const struct sva_value_fit *fit);

/**
 * Is the distance no larger than rounding explains? `allowed` is the ratio that quantisers reach
 * on true copies; four standard errors of sampling are added to it.
 */
bool sva_fit_explained(const struct sva_value_fit *fit, double allowed);

/**
 * Relative size of the largest change that such a distance leaves room for, when rounding itself
 * takes at least `least` of what it is expected to.
 */
double sva_fit_hidden(const struct sva_value_fit *fit, double least);

/** Bits behind the point and the exponent of the smallest normal value of a float type of 16 bits
 * or less; false for others. */
bool sva_float_format(enum sva_dtype dtype, int *bits, int *lowest);

/** Distance between neighbouring values of a float type around `value` (that around zero where it
 * is not finite); 0 for F32 and wider. */
double sva_float_step(enum sva_dtype dtype, double value);

#endif

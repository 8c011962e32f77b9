/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/value_fit.h"

#include <math.h>

#include "kernel/float_bits.h"
#include "kernel/pair_sums.h"

bool sva_float_format(enum sva_dtype dtype, int *bits, int *lowest)
{
    static const struct {
        enum sva_dtype dtype;
        int bits, lowest;
    } formats[] = {
        {SVA_DTYPE_BF16, 7, -126},      {SVA_DTYPE_F16, 10, -14},
        {SVA_DTYPE_F8_E4M3, 3, -6},     {SVA_DTYPE_F8_E5M2, 2, -14},
        {SVA_DTYPE_F8_E4M3FNUZ, 3, -7}, {SVA_DTYPE_F8_E5M2FNUZ, 2, -15},
        {SVA_DTYPE_F6_E2M3, 3, 0},      {SVA_DTYPE_F6_E3M2, 2, -2},
        {SVA_DTYPE_F4, 1, 0},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].dtype == dtype) {
            *bits = formats[i].bits;
            *lowest = formats[i].lowest;
            return true;
        }
    }
    return false;
}

double sva_float_step(enum sva_dtype dtype, double value)
{
    int bits;
    int lowest;
    int exponent;
    if (!sva_float_format(dtype, &bits, &lowest)) {
        return 0.0;
    }
    const bool normal = sva_find_exponent(value, &exponent) && exponent > lowest;
    return sva_power_of_two((normal ? exponent : lowest) - bits);
}

/** One value's rounding: its step where known, else the mean square that the format leaves. */
struct one_rounding {
    double step, square;
    bool known;
};

static struct one_rounding rounding_of(const struct sva_rounding *side, const float *steps,
                                       size_t i, double value)
{
    struct one_rounding one = {.known = true};
    if (side->stepped) {
        one.step = (double)steps[i];
        one.known =
            one.step > 0.0; /* a group of zeros: it has a scale of zero, or none that shows */
    } else if (side->floor > 0.0 || isnan(side->floor)) {
        one.step = isnan(side->floor) ? (double)NAN : (double)steps[i];
        one.known = false;
    } else {
        one.step = sva_float_step(side->rounds, value);
    }
    one.square = one.step * one.step / 12.0;
    return one;
}

static const double scale_error = 1.0 / 2048.0;
static const double single_error = 1.0 / 8388608.0; /* both sides went through single precision */

/* Variance of the square of one rounding error, in squares of its mean square q^2 / 12. */
static const double even_spread = 0.8;   /* evenly spread errors: (q^4 / 180) / (q^2 / 12)^2 */
static const double normal_spread = 2.0; /* those of vector codes: as normal ones */

static void add_one_by_one(struct sva_value_fit *fit, const struct sva_rounding *subject,
                           const struct sva_rounding *reference, const struct sva_fit_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        const double s = (double)input->s[i];
        const double r = (double)input->r[i];
        if (!isfinite(s) || !isfinite(r)) {
            continue;
        }
        const struct one_rounding a = rounding_of(subject, input->s_steps, i, s);
        const struct one_rounding b = rounding_of(reference, input->r_steps, i, r);
        const double apart = fabs(s - r);
        const double square = a.square + b.square;
        fit->count++;
        fit->energy += r * r;
        fit->distance += apart * apart;
        fit->explained += square;
        fit->assured += (a.square > 0.0 && b.square > 0.0) || !a.known || !b.known ? 0.0 : square;
        fit->variance += (a.known && b.known ? even_spread : normal_spread) * square * square;
        fit->largest = apart > fit->largest ? apart : fit->largest;
        if (a.known && b.known) {
            const double slack = (subject->quantised ? fabs(s) * scale_error : 0.0) +
                                 (reference->quantised ? fabs(r) * scale_error : 0.0) +
                                 (fabs(s) + fabs(r)) * single_error;
            fit->half_steps++;
            fit->within += apart <= 0.5 * (a.step + b.step) + slack ? 1 : 0;
        }
    }
}

/** Does each value's step follow from the value, as in a float format? */
static bool float_side(const struct sva_rounding *rounding, struct sva_pair_side *side)
{
    int bits = 0;
    *side = (struct sva_pair_side){
        .lowest_exponent = -126, /* of F32 */
        .slack = single_error + (rounding->quantised ? scale_error : 0.0),
    };
    if (sva_float_format(rounding->rounds, &bits, &side->lowest_exponent)) {
        side->step_scale = ldexp(1.0, -bits);
    }
    return !rounding->stepped && !(rounding->floor > 0.0) && !isnan(rounding->floor);
}

static void add_sums(struct sva_value_fit *fit, const struct sva_pair_sums *sums)
{
    fit->count += sums->count;
    fit->energy += sums->energy;
    fit->distance += sums->distance;
    fit->explained += sums->explained;
    fit->assured += sums->assured;
    fit->variance += even_spread * sums->squares;
    fit->largest = sums->largest > fit->largest ? sums->largest : fit->largest;
    fit->half_steps += sums->count;
    fit->within += sums->within;
}

void sva_value_fit_add(struct sva_value_fit *fit, const struct sva_rounding *subject,
                       const struct sva_rounding *reference, const struct sva_fit_input *input)
{
    struct sva_pair_side s_side;
    struct sva_pair_side r_side;
    struct sva_pair_sums sums;
    const bool s_float = float_side(subject, &s_side);
    if (!float_side(reference, &r_side) || !s_float) {
        add_one_by_one(fit, subject, reference, input);
        return;
    }
    sva_pair_sums(&s_side, &r_side, input->s, input->r, input->count, &sums);
    add_sums(fit, &sums);
}

void sva_value_fit_add_bf16(struct sva_value_fit *fit, const struct sva_rounding *subject,
                            const struct sva_rounding *reference, const uint8_t *s,
                            const uint8_t *r, size_t count)
{
    struct sva_pair_side s_side;
    struct sva_pair_side r_side;
    struct sva_pair_sums sums;
    (void)float_side(subject, &s_side);
    (void)float_side(reference, &r_side);
    sva_pair_sums_bf16(&s_side, &r_side, s, r, count, &sums);
    add_sums(fit, &sums);
}

double sva_floor_step(double floor, double square)
{
    return floor * sqrt(12.0 * square);
}

void sva_value_fit_join(struct sva_value_fit *fit, const struct sva_value_fit *part, double weight)
{
    fit->count += part->count;
    fit->energy += weight * part->energy;
    fit->distance += weight * part->distance;
    fit->explained += weight * part->explained;
    fit->assured += weight * part->assured;
    fit->variance += weight * weight * part->variance;
    fit->largest = part->largest > fit->largest ? part->largest : fit->largest;
    fit->half_steps += part->half_steps;
    fit->within += part->within;
}

double sva_fit_distance(const struct sva_value_fit *fit)
{
    return fit->energy > 0.0 ? sqrt(fit->distance / fit->energy) : NAN;
}

double sva_fit_expected(const struct sva_value_fit *fit)
{
    return fit->energy > 0.0 ? sqrt(fit->explained / fit->energy) : NAN;
}

double sva_fit_ratio(const struct sva_value_fit *fit)
{
    return fit->explained > 0.0 ? sqrt(fit->distance / fit->explained) : NAN;
}

double sva_fit_within(const struct sva_value_fit *fit)
{
    return fit->half_steps > 0 ? (double)fit->within / (double)fit->half_steps : NAN;
}

bool sva_fit_explained(const struct sva_value_fit *fit, double allowed)
{
    if (fit->count == 0 || isnan(fit->explained)) {
        return false;
    }
    const double bound = allowed * allowed * (fit->explained + 4.0 * sqrt(fit->variance));
    return fit->distance <= bound;
}

double sva_fit_hidden(const struct sva_value_fit *fit, double least)
{
    if (!(fit->energy > 0.0) || isnan(fit->explained)) {
        return NAN;
    }
    const double room = fit->distance + 4.0 * sqrt(fit->variance) - least * least * fit->assured;
    return room > 0.0 ? sqrt(room / fit->energy) : 0.0;
}

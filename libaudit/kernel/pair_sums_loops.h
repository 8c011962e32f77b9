/* SPDX-License-Identifier: Apache-2.0 */
/** The loops of pair_sums.h, compiled once for each level. */
#ifndef SVA_KERNEL_PAIR_SUMS_LOOPS_H
#define SVA_KERNEL_PAIR_SUMS_LOOPS_H

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "kernel/eight_lanes.h"
#include "kernel/pair_sums_levels.h"

/** A side's constants, in every lane. */
struct side_lanes {
    lanes lowest, scale, slack;
};

/** The sums of a call, in registers. */
struct running {
    lanes energy, distance, explained, squares, largest;
    uint64_t count, within;
};

static inline struct side_lanes side_lanes_of(const struct sva_pair_side *side)
{
    return (struct side_lanes){lanes_all(ldexp(1.0, side->lowest_exponent)),
                               lanes_all(side->step_scale), lanes_all(side->slack)};
}

static inline struct running load_sums(const struct sva_pair_lanes *sums)
{
    return (struct running){lanes_load(sums->energy),
                            lanes_load(sums->distance),
                            lanes_load(sums->explained),
                            lanes_load(sums->squares),
                            lanes_load(sums->largest),
                            sums->count,
                            sums->within};
}

static inline void store_sums(const struct running *running, struct sva_pair_lanes *sums)
{
    lanes_store(sums->energy, running->energy);
    lanes_store(sums->distance, running->distance);
    lanes_store(sums->explained, running->explained);
    lanes_store(sums->squares, running->squares);
    lanes_store(sums->largest, running->largest);
    sums->count = running->count;
    sums->within = running->within;
}

/** The step around finite values: a float is normal as a double, so that its exponent tells. */
static inline lanes steps_of(lanes values, const struct side_lanes *side)
{
    return lanes_multiply(lanes_larger(lanes_power(values), side->lowest), side->scale);
}

/** Mean square of a rounding error; of a power of two, so that it is the same as a division by 12.
 */
static inline lanes rounding_square(lanes steps)
{
    return lanes_multiply(lanes_multiply(steps, steps), lanes_all(1.0 / 12.0));
}

/** Eight pairs, a lane each. False, and nothing is added, if one of them is not finite. */
static inline bool add_eight(struct running *sums, const struct side_lanes *s_side,
                             const struct side_lanes *r_side, bool stepped, const float *s_values,
                             const float *r_values)
{
    const lanes s = lanes_load_floats(s_values);
    const lanes r = lanes_load_floats(r_values);
    const lanes apart = lanes_size(lanes_subtract(s, r));
    if (lanes_count_up_to(apart, lanes_all(DBL_MAX)) < LANES) {
        return false;
    }
    lanes bound = lanes_add(lanes_multiply(lanes_size(s), s_side->slack),
                            lanes_multiply(lanes_size(r), r_side->slack));
    if (stepped) {
        const lanes s_step = steps_of(s, s_side);
        const lanes r_step = steps_of(r, r_side);
        const lanes square = lanes_add(rounding_square(s_step), rounding_square(r_step));
        sums->explained = lanes_add(sums->explained, square);
        sums->squares = lanes_add(sums->squares, lanes_multiply(square, square));
        bound = lanes_add(lanes_multiply(lanes_add(s_step, r_step), lanes_all(0.5)), bound);
    }
    sums->energy = lanes_add_exact(sums->energy, r, r);
    sums->distance = lanes_add(sums->distance, lanes_multiply(apart, apart));
    sums->largest = lanes_larger(apart, sums->largest);
    sums->count += LANES;
    sums->within += lanes_count_up_to(apart, bound);
    return true;
}

static inline double one_step(double value, const struct sva_pair_side *side)
{
    int exponent;
    (void)frexp(value, &exponent); /* value = m 2^exponent, m in [1/2, 1) */
    exponent = fabs(value) > 0.0 && exponent - 1 > side->lowest_exponent ? exponent - 1
                                                                         : side->lowest_exponent;
    return side->step_scale > 0.0 ? ldexp(side->step_scale, exponent) : 0.0;
}

/** Up to eight pairs, those that are finite. */
static inline void add_some(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                            const struct sva_pair_side *r_side, const float *s_values,
                            const float *r_values, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        const double s = (double)s_values[k];
        const double r = (double)r_values[k];
        const double apart = fabs(s - r);
        if (!(apart <= DBL_MAX)) {
            continue;
        }
        const double s_step = one_step(s, s_side);
        const double r_step = one_step(r, r_side);
        const double square = s_step * s_step / 12.0 + r_step * r_step / 12.0;
        const double bound =
            0.5 * (s_step + r_step) + (fabs(s) * s_side->slack + fabs(r) * r_side->slack);
        sums->energy[k] += r * r;
        sums->distance[k] += apart * apart;
        sums->explained[k] += square;
        sums->squares[k] += square * square;
        sums->largest[k] = apart > sums->largest[k] ? apart : sums->largest[k];
        sums->count++;
        sums->within += apart <= bound ? 1u : 0u;
    }
}

static inline void add_all(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                           const struct sva_pair_side *r_side, bool stepped, const float *s,
                           const float *r, size_t count)
{
    const struct side_lanes s_lanes = side_lanes_of(s_side);
    const struct side_lanes r_lanes = side_lanes_of(r_side);
    struct running running = load_sums(sums);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        if (!add_eight(&running, &s_lanes, &r_lanes, stepped, s + i, r + i)) {
            store_sums(&running, sums);
            add_some(sums, s_side, r_side, s + i, r + i, LANES);
            running = load_sums(sums);
        }
    }
    store_sums(&running, sums);
    add_some(sums, s_side, r_side, s + i, r + i, count - i);
}

static inline void add_pairs(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                             const struct sva_pair_side *r_side, const float *s, const float *r,
                             size_t count)
{
    if (s_side->step_scale > 0.0 || r_side->step_scale > 0.0) {
        add_all(sums, s_side, r_side, true, s, r, count);
    } else { /* a constant, so that nothing is computed of steps that are all zero */
        add_all(sums, s_side, r_side, false, s, r, count);
    }
}

#endif

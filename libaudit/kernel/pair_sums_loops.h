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
    uint64_t within;
};

static inline struct side_lanes side_lanes_of(const struct sva_pair_side *side)
{
    return (struct side_lanes){lanes_all(ldexp(1.0, side->lowest_exponent)),
                               lanes_all(side->step_scale), lanes_all(side->slack)};
}

static inline struct running load_sums(const struct sva_pair_lanes *sums)
{
    return (struct running){lanes_load(sums->energy),    lanes_load(sums->distance),
                            lanes_load(sums->explained), lanes_load(sums->squares),
                            lanes_load(sums->largest),   sums->within};
}

static inline void store_sums(const struct running *running, struct sva_pair_lanes *sums)
{
    lanes_store(sums->energy, running->energy);
    lanes_store(sums->distance, running->distance);
    lanes_store(sums->explained, running->explained);
    lanes_store(sums->squares, running->squares);
    lanes_store(sums->largest, running->largest);
    sums->within = running->within;
}

/* -- pairs one by one ---------------------------------------------------------------------------
 */

static double one_step(double value, const struct sva_pair_side *side)
{
    int exponent;
    const bool normal = sva_find_exponent(value, &exponent) && exponent > side->lowest_exponent;
    return side->step_scale * sva_power_of_two(normal ? exponent : side->lowest_exponent);
}

/** Up to eight pairs, a lane each; only those that are finite. */
static void add_some(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
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

/* -- eight pairs, a lane each -------------------------------------------------------------------
 */

static inline lanes slack_of(lanes s, lanes r, const struct side_lanes *s_side,
                             const struct side_lanes *r_side)
{
    return lanes_add(lanes_multiply(lanes_size(s), s_side->slack),
                     lanes_multiply(lanes_size(r), r_side->slack));
}

static inline void add_distances(struct running *sums, lanes s, lanes r, lanes bound)
{
    const lanes apart = lanes_size(lanes_subtract(s, r));
    sums->energy = lanes_add_exact(sums->energy, r, r);
    sums->distance = lanes_add(sums->distance, lanes_multiply(apart, apart));
    sums->largest = lanes_larger(apart, sums->largest);
    sums->within += lanes_count_up_to(apart, bound);
}

/** Were all pairs finite? One that is not is infinite, or not a number, in one of these for good.
 */
static inline bool all_finite(const struct running *sums)
{
    const lanes most = lanes_all(DBL_MAX);
    return lanes_up_to(sums->energy, most) && lanes_up_to(sums->distance, most);
}

/** The step around finite values: a float is normal as a double, so that its exponent tells. */
static inline lanes steps_of(lanes values, const struct side_lanes *side)
{
    return lanes_multiply(lanes_larger(lanes_power(values), side->lowest), side->scale);
}

/** Mean square of a rounding error; of a power of two, so that a division by 12 gives the same. */
static inline lanes rounding_square(lanes steps)
{
    return lanes_multiply(lanes_multiply(steps, steps), lanes_all(1.0 / 12.0));
}

static inline void add_rounded(struct running *sums, lanes s, lanes r,
                               const struct side_lanes *s_side, const struct side_lanes *r_side)
{
    const lanes s_step = steps_of(s, s_side);
    const lanes r_step = steps_of(r, r_side);
    const lanes square = lanes_add(rounding_square(s_step), rounding_square(r_step));
    const lanes half = lanes_multiply(lanes_add(s_step, r_step), lanes_all(0.5));
    sums->explained = lanes_add(sums->explained, square);
    sums->squares = lanes_add(sums->squares, lanes_multiply(square, square));
    add_distances(sums, s, r, lanes_add(half, slack_of(s, r, s_side, r_side)));
}

/** Sums that are all finite go to `sums`; false: one is not, and nothing was added. */
static bool keep_finite(const struct running *running, struct sva_pair_lanes *sums)
{
    const bool finite = all_finite(running);
    if (finite) {
        store_sums(running, sums);
    }
    return finite;
}

/* -- all pairs of a call, in whole eights: false, and nothing is added, if one is not finite -----
 */

/** A side or both were rounded. */
static bool add_rounded_pairs(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                              const struct sva_pair_side *r_side, const float *s, const float *r,
                              size_t eights)
{
    const struct side_lanes s_lanes = side_lanes_of(s_side);
    const struct side_lanes r_lanes = side_lanes_of(r_side);
    struct running running = load_sums(sums);
    for (size_t i = 0; i < eights; i++, s += LANES, r += LANES) {
        add_rounded(&running, lanes_load_floats(s), lanes_load_floats(r), &s_lanes, &r_lanes);
    }
    return keep_finite(&running, sums);
}

/** Neither was: steps are all zero, and nothing is computed of them. */
static bool add_plain_pairs(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                            const struct sva_pair_side *r_side, const float *s, const float *r,
                            size_t eights)
{
    const struct side_lanes s_lanes = side_lanes_of(s_side);
    const struct side_lanes r_lanes = side_lanes_of(r_side);
    struct running running = load_sums(sums);
    for (size_t i = 0; i < eights; i++, s += LANES, r += LANES) {
        const lanes left = lanes_load_floats(s);
        const lanes right = lanes_load_floats(r);
        add_distances(&running, left, right, slack_of(left, right, &s_lanes, &r_lanes));
    }
    return keep_finite(&running, sums);
}

/** Unequal values of BF16 lie a 2^-8 of the larger apart, more than any slack. */
static bool add_stored_bf16(struct sva_pair_lanes *sums, const uint8_t *s, const uint8_t *r,
                            size_t eights)
{
    const lanes zero = lanes_all(0.0);
    struct running running = load_sums(sums);
    for (size_t i = 0; i < eights; i++, s += 2 * LANES, r += 2 * LANES) {
        add_distances(&running, lanes_load_bf16(s), lanes_load_bf16(r), zero);
    }
    return keep_finite(&running, sums);
}

static void add_pairs(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                      const struct sva_pair_side *r_side, const float *s, const float *r,
                      size_t count)
{
    const bool rounded = s_side->step_scale > 0.0 || r_side->step_scale > 0.0;
    const size_t eights = count / LANES;
    size_t done = 0;
    if (rounded ? add_rounded_pairs(sums, s_side, r_side, s, r, eights)
                : add_plain_pairs(sums, s_side, r_side, s, r, eights)) {
        done = eights * LANES;
        sums->count += done;
    }
    for (; done < count; done += LANES) {
        const size_t some = count - done < LANES ? count - done : LANES;
        add_some(sums, s_side, r_side, s + done, r + done, some);
    }
}

static void add_bf16_pairs(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                           const struct sva_pair_side *r_side, const uint8_t *s, const uint8_t *r,
                           size_t count)
{
    const size_t eights = count / LANES;
    size_t done = 0;
    if (add_stored_bf16(sums, s, r, eights)) {
        done = eights * LANES;
        sums->count += done;
    }
    for (; done < count; done += LANES) {
        const size_t some = count - done < LANES ? count - done : LANES;
        float values[2][LANES];
        for (size_t k = 0; k < some; k++) {
            values[0][k] = sva_load_bf16(s + 2 * (done + k));
            values[1][k] = sva_load_bf16(r + 2 * (done + k));
        }
        add_some(sums, s_side, r_side, values[0], values[1], some);
    }
}

#define SVA_PAIR_LEVEL                                                                             \
    {                                                                                              \
        .floats = add_pairs, .bf16 = add_bf16_pairs                                                \
    }

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The path that checkpoints make, from the values that their prints sample: how similar each is to
 * each, how far each lies from the start, and how much of what one had learned the next one lacks.
 * Estimates with standard errors (jackknife over tensors); no p-value rests on them.
 */
#ifndef SVA_TRACE_PATH_H
#define SVA_TRACE_PATH_H

#include <sovaudit/trace.h>

#include "base/memory.h"

/** Sampled matrices of all checkpoints, by place. Zero-initialise. */
struct sva_path {
    size_t count;                             /**< checkpoints */
    size_t matrix_count;                      /**< of the last checkpoint, with evidence */
    const char **names;                       /**< [matrix_count] */
    const struct sva_value_samples **samples; /**< [count * matrix_count], NULL: has none there */
    double *correlation;                      /**< [count * count * matrix_count], NAN unknown */
    double *deviation;                        /**< [count * matrix_count], NAN unknown */
};

/** False: out of memory. */
bool sva_path_init(struct sva_path *path, const struct sva_trace_checkpoint *checkpoints,
                   size_t count);
void sva_path_done(struct sva_path *path);

struct sva_estimate {
    double value, se; /**< NAN: not known */
};

/** Correlation of one matrix in checkpoints a and b, NAN unknown. */
double sva_path_correlation(const struct sva_path *path, size_t a, size_t b, size_t matrix);

/** Mean over matrices. */
struct sva_estimate sva_path_similarity(const struct sva_path *path, size_t a, size_t b);

/** Mean over matrices of rho(a, b) - rho(c, d), matrix by matrix. */
struct sva_estimate sva_path_difference(const struct sva_path *path, size_t a, size_t b, size_t c,
                                        size_t d);

/**
 * Similarity multiplies along a path, as in a Markov chain: rho(a,c) = rho(a,b) rho(b,c) when b
 * lies on it. Where b stands on a branch of its own, the branch is (ln rho(a,c) - ln rho(a,b) - ln
 * rho(b,c)) / 2 long; the result is its share of the way from a to b, -ln rho(a,b). 0 or less: b
 * lies on the path. 1: b has nothing in common with c but a.
 */
struct sva_estimate sva_path_lost(const struct sva_path *path, size_t a, size_t b, size_t c);

/**
 * Training adds to what is there and decays all of it alike: of the start a, c keeps the share that
 * it keeps of b, or all of it where it moved on in b's direction. The result is the share of the
 * start in b that c lacks beyond that. 0 or less: on a path; 1: nothing of the start is left in c.
 * NAN: not known, or too little of the start in b.
 */
struct sva_estimate sva_path_faded(const struct sva_path *path, size_t a, size_t b, size_t c);

/** Distance of checkpoint b from a over the size of a, as root mean squares. NAN unknown. */
double sva_path_moved(const struct sva_path *path, size_t a, size_t b);

/** Correlation of what was added to `start` up to b and up to c; mean over matrices. */
double sva_path_direction(const struct sva_path *path, size_t start, size_t b, size_t c);

#endif

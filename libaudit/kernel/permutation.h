/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Exact permutation tests of a trace: T(pi) = sum_j C[j][pi(j)] over
 * permutations of one block of indices, C integer. Source: METHOD section 3;
 * sequential stopping after Besag and Clifford (1991).
 */
#ifndef SVA_KERNEL_PERMUTATION_H
#define SVA_KERNEL_PERMUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/draw_tally.h"
#include "kernel/random.h"

enum {
    SVA_ENUMERATE_MAX = 8, /**< blocks up to this size are enumerated: 8! = 40 320 */
    SVA_EXCEEDANCES = 20,  /**< sequential stop */
    SVA_DRAWS_BEFORE_BOUND =
        199 /**< made even where a bound settles the rest: for people to look at */
};

/** A bound on the chance that one draw reaches what was observed settles a run of draws up to here.
 */
#define SVA_TAIL_SETTLES 1e-20

/** Closed-form moments of T under uniform permutations. */
struct sva_trace_moments {
    double observed; /**< T of the identity */
    double mean;     /**< sum(C) / n */
    double variance; /**< sum of doubly centred squares / (n - 1) */
};

/** `c` is n x n, row-major. |c| < 2^40, n >= 2. Fixed summation order. */
struct sva_trace_moments sva_trace_moments(const int64_t *c, uint32_t n);

/**
 * The same for C[i][j] = dot(subject[i], reference[j]), features n x `features`, row-major: from
 * two Gram matrices, without C. Rounds differently.
 */
struct sva_trace_moments sva_feature_moments(const int16_t *subject, const int16_t *reference,
                                             uint32_t n, uint32_t features);

/**
 * log10 of the one-sided p-value of the identity's trace. n <= SVA_ENUMERATE_MAX:
 * share of all n! permutations with T >= observed. Larger: draws from `random`
 * until SVA_EXCEEDANCES exceedances (p = 20 / draws so far), else N = `draws` draws and
 * p = (1 + k) / (1 + N).
 * `order` is scratch of n. Valid (super-uniform) for any C under exchangeability.
 */
double sva_trace_log10_p(const int64_t *c, uint32_t n, uint32_t draws, struct sva_random *random,
                         uint32_t *order);

/** One matrix of a sum of traces: n x n, row-major. */
struct sva_trace {
    const int64_t *c;
    uint32_t n;
    /** Scratch of n * n, or NULL. A long run of draws reads the matrix from here when its values
     * fit: half the memory, which the cache then holds. The result is the same. */
    int32_t *scratch;
};

/** What a run of draws works with. */
struct sva_trace_scratch {
    uint32_t *order;              /**< as long as the largest n */
    struct sva_draw_tally *tally; /**< counts the draws of the series begun; NULL: not counted */
    double
        tail; /**< upper bound on the chance that a draw reaches the observed; 1: none is known */
};

/**
 * May `draws` draws be left out, each of which reaches the observed with a probability of `tail` at
 * most? Then none of them reaches it, but for a chance of draws * tail at most; one number from
 * `random` stands for that chance, and *reached is true when it came about. A p that counts the
 * draws as not reached, or is 1 if *reached, is never stochastically below the one that they would
 * have given.
 */
bool sva_draws_settled(double tail, uint32_t draws, struct sva_random *random, bool *reached);

/**
 * The same for T = sum of the traces of `count` matrices, each renumbered by permutations of its
 * own: one p for units that fall into several numberings. One matrix: sva_trace_log10_p.
 * Where `scratch->tail` settles it (sva_draws_settled), SVA_DRAWS_BEFORE_BOUND draws are made.
 */
double sva_traces_log10_p(const struct sva_trace *traces, size_t count, uint32_t draws,
                          struct sva_random *random, const struct sva_trace_scratch *scratch);

/** Smallest log10 p that sva_trace_log10_p can return for this n and N. */
double sva_trace_log10_floor(uint32_t n, uint32_t draws);

#endif

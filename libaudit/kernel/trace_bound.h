/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How rarely a draw can reach what was observed, without drawing: an upper bound on the tail of
 * T(pi) = sum_j C[j][pi(j)] under a uniform pi, where C[i][j] = dot(subject[i], reference[j]).
 *
 * Features s_i and r_j centred over the units make C a doubly centred A, and T loses its mean. For
 * the exchangeable pair of pi and pi times a random transposition, Chatterjee's v(pi) (Stein's
 * method for concentration inequalities, 2007, theorem 1.5) is at most sum_i A[i][pi(i)]^2 + sum_ij
 * A[i][j]^2 / n  <=  sqrt(sum |s_i|^4 sum |r_j|^4) + variance, the spread; then E exp(h (T - mean))
 * <= exp(h^2 spread / 2) for every h >= 0, and P(T - mean >= t) <= exp(-t^2 / (2 spread)). Spreads
 * of traces that are renumbered each on its own add up. docs/method.md derives it.
 */
#ifndef SVA_KERNEL_TRACE_BOUND_H
#define SVA_KERNEL_TRACE_BOUND_H

#include <stddef.h>
#include <stdint.h>

/** Features of both sides: n x `features` each, row-major. |value| <= 2047, n <= 2^19. */
struct sva_trace_sides {
    const int16_t *subject, *reference;
    uint32_t n;
    size_t features;
};

/**
 * Spread of one trace; `variance` is T's under uniform permutations. The units' features lie in
 * `count` groups side by side. `sums` is scratch of as many numbers as there are features in all.
 * The same bits on every processor.
 */
double sva_trace_spread(const struct sva_trace_sides *groups, size_t count, double variance,
                        int32_t *sums);

/** Upper bound on the probability that T - mean >= `excess`; 1 where the spread bounds nothing. */
double sva_trace_tail(double excess, double spread);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Weighted least squares for mixtures: S = sum c_k P_k with sum c_k = 1, from inner products of
 * the differences P_k - S. Arithmetic only, in a fixed order.
 *
 * With D_k = P_k - S what is left is sum c_k D_k, so that differences alone are needed: they are
 * taken value by value, before any square is rounded. Parents that are near one another (tuned
 * from one base) are separated by P_k - P_j = D_k - D_j.
 */
#ifndef SVA_COMPARE_MIXTURE_FIT_H
#define SVA_COMPARE_MIXTURE_FIT_H

#include <sovaudit/compare.h>

/**
 * Two references nearer than this share of the weights' size are not told apart, and a reference
 * that is this near a mixture of others is not told from it: what rounding to BF16 leaves.
 */
#define SVA_MIXTURE_RESOLUTION (1.0 / 256.0)
/** Smallest share that is reported: half of one percent. */
#define SVA_MIXTURE_LEAST 0.005
/** A parent may go if the weighted sum of squares grows by no more than this. */
#define SVA_MIXTURE_RISE_MOST 0.01
/** Of the weights' size: more than that left, and it is no mixture of these. */
#define SVA_MIXTURE_UNEXPLAINED_MOST 0.25
/** Of the weights' size, for one reference alone: rho is then .89 or so. */
#define SVA_MIXTURE_SINGLE_MOST 0.5
/** And of what the nearest parent alone leaves, as squares. K siblings' mean leaves (1 + 1/K) / 2. */
#define SVA_MIXTURE_REST_MOST 0.1

enum { SVA_MIXTURE_TENSORS_LEAST = 4 };

/** Sums over the sampled values of one matrix. */
struct sva_mixture_tensor {
    double products[SVA_MIXTURE_PARENTS][SVA_MIXTURE_PARENTS]; /**< sum (P_j - S)(P_k - S) */
    double energy;   /**< sum S^2, > 0 */
    double count;    /**< values sampled */
    double elements; /**< of the whole matrix */
};

struct sva_mixture_sums {
    struct sva_mixture_tensor *tensors;
    size_t count;
    uint32_t parents;
};

struct sva_mixture_solution {
    bool active[SVA_MIXTURE_PARENTS];
    double c[SVA_MIXTURE_PARENTS], se[SVA_MIXTURE_PARENTS]; /**< 0 where not active */
};

/** Marks parents that cannot be told from earlier ones; `alike` -1: from several; -2: they can. */
void sva_mixture_find_alike(const struct sva_mixture_sums *sums,
                            int32_t alike[SVA_MIXTURE_PARENTS]);

/** Fits the active parents, then takes out those that are not needed. False: out of memory. */
bool sva_mixture_solve(const struct sva_mixture_sums *sums, struct sva_mixture_solution *solution);

/**
 * Fits the active parents once, none taken out. False: out of memory. Coefficients are NAN where
 * the sums do not settle them.
 */
bool sva_mixture_solve_as_given(const struct sva_mixture_sums *sums,
                                struct sva_mixture_solution *solution);

/** Norm of what coefficients leave over the weights' norm, each matrix by its number of elements. */
double sva_mixture_left(const struct sva_mixture_sums *sums, const double c[SVA_MIXTURE_PARENTS]);

#endif

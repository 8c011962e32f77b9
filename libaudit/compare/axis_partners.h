/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which reference tensor a subject's tensor is tested against: the most similar one of its shape.
 * Names and order do not matter; every pair looked at is counted, because the test pays for it.
 */
#ifndef SVA_COMPARE_AXIS_PARTNERS_H
#define SVA_COMPARE_AXIS_PARTNERS_H

#include "compare/axis_features.h"

/** Does the tensor have an axis that can be tested? */
bool sva_is_matrix(const struct sva_print_tensor *tensor);

/** Same stored name, or same known role in the same layer. */
bool sva_same_name(const struct sva_print_tensor *a, const struct sva_print_tensor *b);

/** Matrices of a print that bear evidence, by shape. */
struct sva_shapes {
    struct sva_shape_entry {
        uint64_t low, high, kernel; /**< sizes without order: transposed copies share a shape */
        uint32_t index;
    } *entries;
    size_t count;
};

/** False: out of memory. */
bool sva_shapes_init(struct sva_shapes *shapes, const struct sva_print *print);
void sva_shapes_done(struct sva_shapes *shapes);

/** Number of matrices of the tensor's shape. */
size_t sva_shapes_like(const struct sva_shapes *shapes, const struct sva_print_tensor *tensor);

/** What the search for one tensor's partner came to. */
struct sva_partner_search {
    uint64_t looked_at; /**< pairs scored */
    uint64_t named;     /**< of these, pairs of one name or place */
    double score;       /**< of the best pair, -INFINITY: none */
};

/**
 * The best partner of subject tensor `index` among reference tensors of its shape, stored
 * transposed or with its rows in another order. Fills pair->best, ->best_swapped and
 * ->best_reading at `index` only. `roles_only`: only at the same role and layer. False: out of
 * memory.
 */
bool sva_find_partner(struct sva_pair *pair, const struct sva_shapes *shapes, bool roles_only,
                      uint32_t index, struct sva_partner_search *search);

#endif

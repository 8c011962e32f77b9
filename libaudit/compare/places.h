/* SPDX-License-Identifier: Apache-2.0 */
/** Finds the reference's tensor at the same place as one of the subject's: its name, or its role
 * and layer. */
#ifndef SVA_COMPARE_PLACES_H
#define SVA_COMPARE_PLACES_H

#include <sovaudit/print.h>

/** Order of two places, each given by `count` numbers, the first ones first. */
int sva_compare_keys(const int64_t *left, const int64_t *right, size_t count);

/**
 * Positions in two strictly ascending lists of the keys that stand in both, in their order; room
 * for the shorter list. Gives their number.
 */
uint32_t sva_common_keys(const uint64_t *left, uint32_t left_count, const uint64_t *right,
                         uint32_t right_count, uint32_t *left_at, uint32_t *right_at);

struct sva_places {
    const struct sva_print *print;
    uint32_t *by_name, *by_role; /**< sorted indices of tensors; by_role: known roles only */
    size_t name_count, role_count;
};

/** False: out of memory; sva_places_done() is still safe. */
bool sva_places_init(struct sva_places *places, const struct sva_print *print);
void sva_places_done(struct sva_places *places);

/**
 * Index of the first tensor with the role, layer, expert and bias of `tensor`, in a component of
 * its kind, where the role is known, else of its name; -1. `print` is the tensor's.
 */
int32_t sva_place_of(const struct sva_places *places, const struct sva_print *print,
                     const struct sva_print_tensor *tensor);

#endif

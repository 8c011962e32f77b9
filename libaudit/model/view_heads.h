/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Attention heads inside matrices: how many there are, and where their rows lie when a family or
 * a converter does not keep queries, keys and values in blocks of their own.
 */
#ifndef SVA_VIEW_HEADS_H
#define SVA_VIEW_HEADS_H

#include "model/model_parts.h"

struct sva_heads {
    uint64_t count, kv_count; /**< query heads; key and value heads, a divisor of count */
    uint64_t width;           /**< of one head */
};

/**
 * What the configuration says about the heads of a component of residual width `width`. False
 * when it says nothing, or what cannot be.
 */
bool sva_heads_of(const struct sva_parts *parts, uint16_t group, enum sva_component_kind kind,
                  uint64_t width, struct sva_heads *heads);

/**
 * Rows of a matrix `row_elements` wide in which each of `groups` groups holds `stride_rows` rows
 * and these are `count` heads of `head_rows` rows from the group's first. NULL: out of memory.
 */
const struct sva_row_order *sva_order_of_groups(struct sva_parts *parts, uint64_t groups,
                                                uint64_t stride_rows, uint64_t count,
                                                uint64_t head_rows, uint64_t row_elements);

/**
 * The hypothesis that within each head the two rotary halves take turns in the file, first rows
 * of both, then second rows: the order of GGUF for llama-like families and of Meta's own
 * checkpoints, against halves one after the other elsewhere. NULL: heads are not even, or out of
 * memory (then `*failed`).
 */
const struct sva_row_order *sva_order_of_halves(struct sva_parts *parts, uint64_t rows,
                                                uint64_t heads, uint64_t row_elements,
                                                bool *failed);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a quick reading looks at (sva_print_options.quick). The choice follows from shapes, roles
 * and layers alone, never from values, so that the permutation tests stay exact on whatever is
 * chosen.
 *
 * A line is a row or a column that lies in one piece. A sketch along the lines needs 256 of them,
 * one across needs every kept index, which is all of them for a residual axis; so most matrices get
 * the first only. What a quick print holds is what a full one holds, or nothing: the two compare.
 *
 * In this order, as long as the budget lasts (layers: two of each component in any case):
 *   1. vectors and what is smaller than a read is worth: whole
 *   2. the sampled rows of every matrix
 *   3. embeddings, output heads and projectors: along
 *   4. keys of every layer, all or none: along; the layer map needs them
 *   5. layer by layer, first, middle, quarters ..., even and odd in turn: along, and hidden neurons
 *   6. tensors of unknown roles, small ones first: whole, since they are tested on both axes
 *   7. all others, small ones first: whole, up to SVA_QUICK_LEAST_BYTES
 */
#ifndef SVA_FINGERPRINT_QUICK_PLAN_H
#define SVA_FINGERPRINT_QUICK_PLAN_H

#include <sovaudit/model.h>

enum {
    SVA_QUICK_LEAST_BYTES = 64 << 20, /**< a smaller model is read whole: it takes no time */
    SVA_QUICK_SHARE = 50,             /**< one byte in so many */
    SVA_QUICK_SMALL_BYTES = 64 << 10  /**< a read of so many bytes costs what it is worth */
};

/** How much of a view is read. */
enum sva_quick_level {
    SVA_QUICK_NOTHING,
    SVA_QUICK_SAMPLES, /**< lines with sampled values */
    SVA_QUICK_ALONG,   /**< and those of the sketch along the lines, and rows of frequent tokens */
    SVA_QUICK_BOTH,    /**< and those of the other sketch where they are few; chosen neurons */
    SVA_QUICK_WHOLE    /**< every view of the tensor */
};

struct sva_quick_plan {
    uint8_t *levels; /**< [view_count] enum sva_quick_level */
    uint64_t bytes;  /**< about to be read */
};

/** `budget_bytes` 0: a share of the weights, SVA_QUICK_LEAST_BYTES at least. False: out of memory.
 */
bool sva_quick_plan_init(struct sva_quick_plan *plan, const struct sva_model *model,
                         uint64_t budget_bytes);
void sva_quick_plan_done(struct sva_quick_plan *plan);

/** Is the sketch across the lines worth its lines? `line_axis` as sva_view_has_lines() gives. */
bool sva_quick_takes_across(const struct sva_view *view, int line_axis);

#endif

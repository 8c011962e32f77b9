/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The search through a store: references that no test could apply to are told by their outlines
 * and never decoded; the others are decoded and compared in parallel, one print a thread in
 * memory. What comes out does not depend on the number of threads. Internal to audit.c.
 */
#ifndef SVA_AUDIT_SEARCH_H
#define SVA_AUDIT_SEARCH_H

#include "audit_inputs.h"

/** Called for every reference that was compared, one call at a time, in any order. */
typedef enum sva_status sva_search_visit(void *context, size_t index,
                                         const struct sva_opened *reference,
                                         struct sva_error *error);

struct sva_search {
    const struct sva_print *subject;
    struct sva_inputs *inputs;
    struct sva_compare_options options; /**< threads: of the whole search, 0 = processors */
    const struct sva_progress *progress;
    struct sva_compared *compared;      /**< [inputs->count], zeroed; filled for the store's references */
    sva_search_visit *visit;
    void *context;
    /** Answer for every reference that shares no class with the subject; shared by all of them.
     *  NULL until one was met. The caller frees it, once. */
    struct sva_comparison *nothing;
    size_t decoded_count;               /**< references that were decoded and compared */
};

/** Errors: the store's, those of sva_compare and of `visit`, CANCELLED; the lowest reference's. */
enum sva_status sva_search_store(struct sva_search *search, struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The search through a store: references that no test could apply to are told by their outlines
 * and never decoded; the others are decoded and compared in parallel, one print a thread in
 * memory. What comes out does not depend on the number of threads. Internal to audit.c
 * and audit_trace.c.
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

/**
 * Holm over every test against every reference of `compared` [count]. References that share
 * `nothing` (may be NULL) were screened out and never tested; it counts once. Errors: MEMORY.
 */
enum sva_status sva_adjust_compared(const struct sva_compared *compared, size_t count,
                                    struct sva_comparison *nothing,
                                    const struct sva_compare_options *options,
                                    struct sva_error *error) SVA_MUST_CHECK;

/** Frees the comparisons, `nothing` once, and the array. NULLs are allowed. */
void sva_compared_free(struct sva_compared *compared, size_t count,
                       struct sva_comparison *nothing);

#endif

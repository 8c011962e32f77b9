/* SPDX-License-Identifier: Apache-2.0 */
/** Does every checkpoint descend from the one before? Exact tests first, then the path's shape. */
#ifndef SVA_TRACE_LINKS_H
#define SVA_TRACE_LINKS_H

#include "trace/findings.h"
#include "trace/path.h"

struct sva_link_context {
    const struct sva_trace_checkpoint *checkpoints;
    size_t count;                                    /**< >= 2 */
    const struct sva_comparison *const *comparisons; /**< [count - 1] later against earlier */
    const double *added_rho;                         /**< [count - 1] NAN: not known */
    bool has_start;                                  /**< the first one is a fresh random start */
    double alpha_log10;                              /**< what an exact proof needs */
    const struct sva_path *path;
    struct sva_arena *arena;
    struct sva_findings *findings;
};

/** Fills links [count - 1]. False: out of memory. */
bool sva_links_judge(const struct sva_link_context *context, struct sva_trace_link *links);

#endif

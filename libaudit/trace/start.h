/* SPDX-License-Identifier: Apache-2.0 */
/** Is the step-0 checkpoint what it is said to be: a fresh, independent draw, as declared? */
#ifndef SVA_TRACE_START_H
#define SVA_TRACE_START_H

#include "trace/declaration.h"
#include "trace/findings.h"

struct sva_start_context {
    const struct sva_declaration *declared;
    struct sva_arena *arena;
    struct sva_findings *findings;
};

/** Gains, directions, distribution and scale of every role. False: out of memory. */
bool sva_start_roles(const struct sva_print *print, const struct sva_start_context *context,
                     struct sva_trace_start *out);

/** Equal tensors, equal rows, correlations. False: out of memory. */
bool sva_start_independence(const struct sva_print *print, const struct sva_start_context *context,
                            struct sva_trace_start *out);

#endif

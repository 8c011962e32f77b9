/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a loss log says about a run: its start, fall, gaps, resumptions, values, and whether tokens
 * and compute agree with what was declared. Fills the report's part and adds findings.
 */
#ifndef SVA_TRACE_LOSS_CHECKS_H
#define SVA_TRACE_LOSS_CHECKS_H

#include "trace/declaration.h"
#include "trace/findings.h"
#include "trace/loss_log.h"

/** What the log is held against. */
struct sva_log_context {
    const struct sva_declaration *declared;
    uint64_t vocabulary;      /**< rows of the last checkpoint's embedding or head; 0: not known */
    double stated_vocabulary; /**< by its configuration; NAN: not */
    double parameters;        /**< of the last checkpoint; NAN: not known */
    double always_active;     /**< of them, those in no expert; NAN: not known */
    int64_t last_step;        /**< of the last checkpoint; -1: not known */
    struct sva_arena *arena;
    struct sva_findings *findings;
};

/** `log` is put in order. False: out of memory. */
bool sva_loss_check(struct sva_loss_log *log, const struct sva_log_context *context,
                    struct sva_trace_log *out);

/** Tokens, 6 N D and hardware. `log` may have no records. */
void sva_compute_check(const struct sva_trace_log *log, const struct sva_log_context *context,
                       struct sva_trace_compute *out);

#endif

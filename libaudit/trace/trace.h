/* SPDX-License-Identifier: Apache-2.0 */
/** All checks of a run over what the pipeline has opened and compared. */
#ifndef SVA_TRACE_TRACE_H
#define SVA_TRACE_TRACE_H

#include "trace/declaration.h"
#include "trace/findings.h"
#include "trace/loss_log.h"
#include "trace/path.h"

/** What the pipeline knows. Everything is borrowed and must outlive the result. */
struct sva_trace_input {
    const struct sva_trace_checkpoint *checkpoints;
    size_t checkpoint_count;
    const struct sva_comparison *const *comparisons; /**< [checkpoint_count - 1] */
    const double *added_rho;                         /**< [checkpoint_count - 1] */
    const struct sva_trace_optimiser *optimisers;    /**< [checkpoint_count] */
    const struct sva_declaration *declared;          /**< never NULL */
    const char *declaration_path;                    /**< NULL: none given */
    struct sva_loss_log *log;                        /**< NULL: none given; is put in order */
    double alpha_log10;
    const struct sva_path *path;
};

/** Is the first checkpoint claimed to be step 0: labelled so, or not labelled otherwise? */
bool sva_trace_claims_start(const struct sva_trace_checkpoint *first);

/**
 * Fills `trace`, but for what names files, and for the comparison of the start with references
 * (sva_trace_base). Texts live in findings->arena. Errors: MEMORY.
 */
enum sva_status sva_trace_judge(const struct sva_trace_input *input, struct sva_findings *findings,
                                struct sva_run_trace *trace,
                                struct sva_error *error) SVA_MUST_CHECK;

/** What a reference is to the run, by publishers and dates. */
enum sva_trace_relation {
    SVA_TRACE_FOREIGN, /**< another publisher's, which was there first */
    SVA_TRACE_UNDATED, /**< another publisher's; which was first is not known */
    SVA_TRACE_LATER,   /**< another publisher's, released afterwards: it cannot lie underneath */
    SVA_TRACE_OWN
};

/** One reference that the start was compared with. */
void sva_trace_base(struct sva_findings *findings, const char *name,
                    enum sva_trace_relation relation, const struct sva_comparison *comparison,
                    struct sva_trace_start *start);

/** Sorts the findings and gives the verdicts. */
void sva_trace_conclude(const struct sva_trace_input *input, struct sva_findings *findings,
                        struct sva_run_trace *trace);

#endif

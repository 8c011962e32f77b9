/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The last look at the references: where a component depends on two of them or more, what it is
 * made of. Internal to audit.c.
 */
#ifndef SVA_AUDIT_MIXTURE_H
#define SVA_AUDIT_MIXTURE_H

#include "audit_inputs.h"

/** Zero-initialise. */
struct sva_mixing {
    const struct sva_print *subject;
    struct sva_inputs *inputs;
    const struct sva_check_options *options;
    struct sva_compared *compared;    /**< [compared_count] in the report's order */
    size_t compared_count;
    struct sva_print **kept;          /**< [inputs->count] prints that are still in memory, or NULL */
    struct sva_audit_mixture *mixtures;
    size_t mixture_count;             /**< at most one for each component */
};

/** Does the answer say that the component depends on the reference? A shared start is not that. */
bool sva_answer_depends(enum sva_answer answer);

/**
 * Loads the references that each component depends on, of more than SVA_MIXTURE_PARENTS the
 * nearest, one component after another, and fits. Derivations of components that need two
 * references become `merged`. Errors: those of loading, MEMORY, CANCELLED. sva_unmix() also after
 * a failure.
 */
enum sva_status sva_mix(struct sva_mixing *mixing, struct sva_error *error) SVA_MUST_CHECK;

void sva_unmix(struct sva_mixing *mixing);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The audit's inputs: which references there are and where each one's print
 * comes from, one at a time. Internal to audit.c and audit_trace.c.
 */
#ifndef SVA_AUDIT_INPUTS_H
#define SVA_AUDIT_INPUTS_H

#include <sovaudit/audit.h>

#include "base/memory.h"

/** One side of a comparison: a print, and where they are at hand the weights that it came from. */
struct sva_opened {
    struct sva_model *model; /**< NULL: the path held a print, or the print comes from a store */
    struct sva_print *print;
};

/**
 * Opens a model and makes its print, or loads a print. `again`: its weights may be read once more.
 * On failure nothing is left open.
 */
enum sva_status sva_open_side(const char *path, const struct sva_check_options *options, bool again,
                              struct sva_opened *opened, struct sva_error *error) SVA_MUST_CHECK;

/** The same of the subject, whose print bears options->subject_name where there is one. */
enum sva_status sva_open_subject(const char *path, const struct sva_check_options *options,
                                 bool again, struct sva_opened *opened,
                                 struct sva_error *error) SVA_MUST_CHECK;

/** Safe on a zeroed side and twice. */
void sva_close_side(struct sva_opened *opened);

/** How to compare, by the options of a check: its threads, and cancelling but no progress. */
struct sva_compare_options sva_comparing_options(const struct sva_check_options *options);

/**
 * Print of what training added to the step-0 checkpoint `origin`. `model` NULL: no weights at hand,
 * `*added` stays as it is. Errors: those of sva_print_make().
 */
enum sva_status sva_print_added(const struct sva_model *model, const struct sva_model *origin,
                                const struct sva_check_options *options, struct sva_print **added,
                                struct sva_error *error) SVA_MUST_CHECK;

/** References of one audit, known but not loaded. Zero-initialise. */
struct sva_inputs {
    struct sva_arena arena;       /**< owns names and hits */
    struct sva_refstore *store;   /**< NULL without a store */
    struct sva_reference *listed; /**< of the store */
    size_t listed_count;
    uint64_t offered_count; /**< before exclusions */
    size_t count;
    struct sva_input_reference {
        const char *path; /**< model or print given directly, NULL: in the store */
        bool stored;      /**< in the store; `path` then has its weights */
        struct sva_reference reference;
    } * references;
    const char **excluded; /**< names left out, once each, as given */
    size_t excluded_count;
    size_t hit_count;
    struct sva_exact_hit *hits;
};

/** Opens the store, lists what to compare with. Errors: the store's, NOT_FOUND, USAGE (names). */
enum sva_status sva_inputs_open(struct sva_inputs *inputs, const struct sva_check_options *options,
                                struct sva_error *error) SVA_MUST_CHECK;

/**
 * Loads one reference, sva_close_side() it; completes its record (size, digest) where it came by
 * path. CONFLICT: weights given for a stored reference are not those of its print.
 */
enum sva_status sva_inputs_load(struct sva_inputs *inputs, size_t index,
                                const struct sva_check_options *options, struct sva_opened *opened,
                                struct sva_error *error) SVA_MUST_CHECK;

/** Exact look-ups of the subject in the store, without excluded references. */
enum sva_status sva_inputs_look_up(struct sva_inputs *inputs, const struct sva_print *subject,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** The same in one print that came by path only. Nothing happens for references of the store. */
enum sva_status sva_inputs_look_up_in(struct sva_inputs *inputs, size_t index,
                                      const struct sva_print *print,
                                      const struct sva_print *subject,
                                      struct sva_error *error) SVA_MUST_CHECK;

void sva_inputs_close(struct sva_inputs *inputs);

#endif

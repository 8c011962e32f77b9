/* SPDX-License-Identifier: Apache-2.0 */
/** The pipeline: open, fingerprint, compare, judge. See libaudit/audit.c. */
#ifndef SOVAUDIT_AUDIT_H
#define SOVAUDIT_AUDIT_H

#include <sovaudit/report.h>

struct sva_check_options {
    const char *store_path;       /**< NULL: no store */
    const char *const *ref_paths; /**< models or prints given directly */
    size_t ref_path_count;
    /**
     * "NAME=PATH" or "NAME@VERSION=PATH": weights of references of the store; "PATH" alone when its
     * last component is the reference's name. Every value is checked against the stored print.
     */
    const char *const *ref_weights;
    size_t ref_weights_count;
    const char *const *exclude; /**< reference names left out */
    size_t exclude_count;
    const char *const *own;
    size_t own_count;
    const char *subject_date; /**< "" unknown */
    const char *init_path;    /**< step-0 checkpoint of the subject, NULL none */
    const char *rules;        /**< pack name or path, NULL: compare only */
    const char *as_of;        /**< ISO date */
    uint32_t threads;
    struct sva_compare_options compare;
    const struct sva_limits *limits; /**< NULL defaults */
    struct sva_progress progress;
    const char *evidence; /**< register, NULL: MODEL/evidence.json when it is there */
    const char *waivers;  /**< file of waivers, NULL none */
    const struct sva_key *model_key; /**< made the signed manifest; NULL: one of the register */
    /** Read models in part (sva_print_options.quick). Not with `init_path` or `ref_weights`. */
    bool quick;
    const char *subject_name; /**< that a subject's print made here bears; NULL: the model's own */
};

struct sva_audit_result; /**< owns everything that its audit points to */

/** Print of a path: loads a *.svp, or opens and fingerprints a model. */
SVA_MUST_CHECK SVA_API enum sva_status sva_print_of_path(const char *path,
                                                         const struct sva_check_options *options,
                                                         struct sva_print **print,
                                                         struct sva_error *error);

/** The whole job. An empty store is not an error: the verdict is not-auditable. */
SVA_MUST_CHECK SVA_API enum sva_status sva_check(const char *model_path,
                                                 const struct sva_check_options *options,
                                                 struct sva_audit_result **result,
                                                 struct sva_error *error);

/** What makes a program that runs the audit fail. */
enum sva_fail_on { SVA_FAIL_ON_FAIL, SVA_FAIL_ON_REVIEW, SVA_FAIL_ON_NEVER };

/** 0 pass, 1 fail, 2 incomplete, 4 not auditable, 5 review (ON_REVIEW); NEVER gives no 1, 5. */
SVA_API int sva_exit_code(enum sva_verdict_kind verdict, enum sva_fail_on fail_on);

/** SHA-256 of a regular file. Errors: IO, CONFLICT. */
SVA_MUST_CHECK SVA_API enum sva_status sva_file_digest(const char *path,
                                                       uint8_t digest[SVA_DIGEST_BYTES],
                                                       struct sva_error *error);

/** Borrowed. `exit_code` is set as by --fail-on fail; the caller may change its copy. */
SVA_API struct sva_audit *sva_audit_of(struct sva_audit_result *result);

SVA_API void sva_audit_free(struct sva_audit_result *result);

/** A training run: what `sovaudit trace` is given. */
struct sva_trace_options {
    const char *const *checkpoints; /**< in order: models or prints, "STEP=PATH" or "PATH" */
    size_t checkpoint_count;        /**< >= 1 */
    const char *const *logs;        /**< files, or directories of event files; in order */
    size_t log_count;
    const char *declaration;               /**< JSON, docs/trace.md; NULL none */
    const struct sva_check_options *check; /**< store, references, own publishers, threads, date */
};

struct sva_trace_result; /**< owns everything that its trace points to */

/**
 * Looks at a run. Errors: USAGE (declaration, more than 1,000 checkpoints), NOTHING (no checkpoint
 * holds anything that could be tested), those of opening models, of the store, of the log's
 * readers, CANCELLED.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_trace_run(const struct sva_trace_options *options,
                                                     struct sva_trace_result **result,
                                                     struct sva_error *error);

/** Borrowed. */
SVA_API const struct sva_run_trace *sva_trace_of(const struct sva_trace_result *result);

/** 0 accepted, 1 refused, 5 review (ON_REVIEW only), 4 not checked; NEVER gives no 1, 5. */
SVA_API int sva_trace_exit_code(enum sva_trace_verdict verdict, enum sva_fail_on fail_on);

SVA_API void sva_trace_free(struct sva_trace_result *result);

#endif

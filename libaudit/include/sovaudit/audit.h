/* SPDX-License-Identifier: Apache-2.0 */
/** The pipeline: open, fingerprint, compare, judge. See libaudit/audit.c. */
#ifndef SOVAUDIT_AUDIT_H
#define SOVAUDIT_AUDIT_H

#include <sovaudit/report.h>

struct sva_check_options {
    const char *store_path;        /**< NULL: no store */
    const char *const *ref_paths;  /**< models or prints given directly */
    size_t ref_path_count;
    const char *const *exclude;    /**< reference names left out */
    size_t exclude_count;
    const char *const *own;
    size_t own_count;
    const char *subject_date;      /**< "" unknown */
    const char *init_path;         /**< step-0 checkpoint of the subject, NULL none */
    const char *rules;             /**< pack name or path, NULL: compare only */
    const char *as_of;             /**< ISO date */
    uint32_t threads;
    struct sva_compare_options compare;
    const struct sva_limits *limits; /**< NULL defaults */
    struct sva_progress progress;
    const char *evidence; /**< register, NULL: MODEL/evidence.json when it is there */
    const char *waivers;  /**< file of waivers, NULL none */
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

/** 0 pass, 1 fail, 2 incomplete, 4 not auditable, 5 review (ON_REVIEW only); NEVER gives no 1, 5. */
SVA_API int sva_exit_code(enum sva_verdict_kind verdict, enum sva_fail_on fail_on);

/** SHA-256 of a regular file. Errors: IO, CONFLICT. */
SVA_MUST_CHECK SVA_API enum sva_status sva_file_digest(const char *path,
                                                       uint8_t digest[SVA_DIGEST_BYTES],
                                                       struct sva_error *error);

/** Borrowed. `exit_code` is set as by --fail-on fail; the caller may change its copy. */
SVA_API struct sva_audit *sva_audit_of(struct sva_audit_result *result);

SVA_API void sva_audit_free(struct sva_audit_result *result);

#endif

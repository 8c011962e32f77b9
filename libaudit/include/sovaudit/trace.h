/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A training run as evidence: its checkpoints, in order, and its loss log. Was the first one a
 * random start, does each descend from the one before, is the path smooth, does the log hold
 * together with them and with what was declared? docs/trace.md says it for vendors.
 *
 * Prints, comparisons and log records in; findings out. Everything is deterministic.
 */
#ifndef SOVAUDIT_TRACE_H
#define SOVAUDIT_TRACE_H

#include <sovaudit/compare.h>

enum sva_trace_level {
    SVA_TRACE_NOTE,   /**< to be known, changes nothing */
    SVA_TRACE_REVIEW, /**< a person must look */
    SVA_TRACE_REFUSED /**< the evidence does not show what it should */
};

/** "note", "review", "refused". */
SVA_API const char *sva_trace_level_name(enum sva_trace_level level);

enum sva_trace_verdict {
    SVA_TRACE_NOT_CHECKED, /**< nothing was given to look at */
    SVA_TRACE_ACCEPTED,
    SVA_TRACE_FOR_REVIEW,
    SVA_TRACE_IS_REFUSED
};

/** "not-checked", "accepted", "review", "refused". */
SVA_API const char *sva_trace_verdict_name(enum sva_trace_verdict verdict);

/** Which rule of the packs a finding bears on. */
enum sva_trace_rule { SVA_TRACE_WEIGHTS /**< T1.3 */, SVA_TRACE_LOG /**< T1.4 */ };

struct sva_trace_finding {
    const char *code; /**< stable, lower-kebab: "jump" */
    enum sva_trace_rule rule;
    enum sva_trace_level level;
    const char *text[2]; /**< one sentence: English, Korean; escaped */
};

struct sva_trace_checkpoint {
    const char *path;
    int64_t step;        /**< -1: not known */
    bool step_from_name; /**< taken from the path, not given */
    bool has_weights;
    const struct sva_print *print;
};

enum sva_link_state {
    SVA_LINK_DESCENDS,    /**< the later one descends from the earlier one */
    SVA_LINK_FROM_START,  /**< the later one was trained from this random start */
    SVA_LINK_UNEXPLAINED, /**< dependent; a shared start cannot be excluded */
    SVA_LINK_BROKEN
};

/** "descends", "from-start", "unexplained", "broken". */
SVA_API const char *sva_link_state_name(enum sva_link_state state);

/** How similar a tensor is in two neighbouring checkpoints. */
struct sva_trace_tensor {
    const char *name;
    double rho;
};

/** Two neighbouring checkpoints: `from` and `from` + 1. */
struct sva_trace_link {
    enum sva_link_state state;
    enum sva_answer answer; /**< of the comparison, weakest of the components' */
    double log10_p;         /**< weakest component's, adjusted; exact */
    double rho, rho_se;     /**< mean over matrices, from sampled values; NAN unknown */
    double rho_least, rho_median, rho_most;
    /** Share of what `from` had learned that the next one lacks: 0 on a path, 1 for another run. */
    double lost, lost_se; /**< NAN: not known */
    double direction;     /**< correlation of both changes from the start; NAN unknown */
    double added_rho;     /**< the same from every element (sva_compare_from_start); NAN unknown */
    size_t tensor_count;
    const struct sva_trace_tensor *tensors;
};

enum sva_distribution {
    SVA_DISTRIBUTION_NONE, /**< none of these */
    SVA_DISTRIBUTION_CONSTANT,
    SVA_DISTRIBUTION_NORMAL,
    SVA_DISTRIBUTION_UNIFORM,
    SVA_DISTRIBUTION_TRUNCATED_2, /**< normal, cut off at two deviations */
    SVA_DISTRIBUTION_TRUNCATED_3,
    SVA_DISTRIBUTION_COUNT
};

/** "none", "constant", "normal", "uniform", "truncated-2", "truncated-3". */
SVA_API const char *sva_distribution_name(enum sva_distribution distribution);

enum { SVA_TRACE_QUANTILES = 7 }; /**< 1, 5, 25, 50, 75, 95 and 99 percent */

/** What the step-0 checkpoint holds in one role. */
struct sva_trace_role {
    const char
        *name; /**< of the role, "-bias" behind it; or of the tensor, where no role is known */
    enum sva_distribution distribution; /**< best fitting */
    const char
        *scheme; /**< scheme that gives this scale: "fixed 0.02", "1/sqrt(fan-in)"; "" none */
    bool known_role;
    bool is_gain; /**< gain of a norm */
    size_t tensor_count;
    uint64_t element_count;
    double mean;      /**< in deviations; of constants: the value */
    double deviation; /**< root mean square over tensors */
    double deviation_least, deviation_most;
    double kurtosis; /**< 3: normal, 1.8: uniform */
    double extreme;  /**< largest |value - mean| in deviations */
    size_t sample_count;
    double quantiles[SVA_TRACE_QUANTILES]; /**< of samples, in deviations; NAN: no samples */
    double expected[SVA_TRACE_QUANTILES];
    double distance; /**< Kolmogorov's, of samples from the distribution */
    double log10_p;  /**< of that distance; asymptotic */
    bool declared;   /**< a declaration speaks of it */
    enum sva_distribution declared_distribution;
    double declared_deviation; /**< NAN: not declared */
};

struct sva_trace_start {
    bool checked; /**< the first checkpoint is a claimed step 0 */
    size_t role_count;
    const struct sva_trace_role *roles;
    size_t gain_count, moved_gain_count; /**< gains of norms; those that are not constant */
    size_t matrix_count, trained_count;  /**< axes looked at; with directions above a random bulk */
    size_t equal_tensor_count, equal_row_count;
    size_t pair_count; /**< pairs of tensors of one shape whose samples were correlated */
    double largest_correlation;
    double log10_p;              /**< of it, over all pairs; asymptotic */
    size_t reference_count;      /**< references that it was compared with */
    size_t untested_count;       /**< those that nothing could be tested against */
    enum sva_answer base_answer; /**< strongest over references that are not own */
    const char *base_name;       /**< of that reference, or "" */
    double base_detectable_rho;  /**< largest over references tested; NAN none */
};

struct sva_trace_optimiser {
    const char *file;                 /**< relative to the checkpoint; NULL: none found */
    const char *unread;               /**< why it could not be read, or NULL */
    size_t first_count, second_count; /**< tensors exp_avg, exp_avg_sq */
    size_t unmatched_count;           /**< of them, whose shape no weight has */
    size_t unpaired_count;            /**< one of the two without the other, or of another shape */
    size_t negative_count;            /**< exp_avg_sq with a negative or non-finite value */
    double step_least, step_most;     /**< NAN: no step counts */
};

/** Steps without a record between two records. */
struct sva_log_gap {
    double from, to;
    double missing; /**< records that the log's usual spacing would have put there */
    bool declared;
};

/** The log went back: training was resumed from an earlier checkpoint. */
struct sva_log_rewind {
    double from, to;   /**< last step before, first step after */
    double difference; /**< mean difference of the losses of repeated steps over their size; NAN
                          none */
};

struct sva_log_point {
    double step, loss;
};

struct sva_trace_log {
    size_t file_count;
    const char *const *files;
    const uint8_t (*digests)[SVA_DIGEST_BYTES]; /**< SHA-256 of each file */
    const char *format;   /**< "csv", "jsonl", "json", "tensorboard"; "" no log */
    const char *loss_key; /**< column, key or tag that was read */
    size_t record_count;  /**< with a step and a loss */
    size_t nonfinite_count, duplicate_count, repeated_count, truncated_count;
    double first_step, last_step, spacing;
    double first_loss, last_loss, least_loss; /**< medians of the first and last records */
    double expected_start;                    /**< ln of the vocabulary; NAN: not known */
    uint64_t vocabulary;                      /**< 0: not known */
    size_t gap_count;
    const struct sva_log_gap *gaps;
    double missing_share; /**< of steps in undeclared gaps */
    size_t rewind_count;
    const struct sva_log_rewind *rewinds;
    double drop, drop_step; /**< largest sudden fall, nats; NAN none */
    double tokens;          /**< of the log's own column; NAN none */
    size_t point_count;
    const struct sva_log_point *points; /**< at most 512, for a plot */
};

/** Amounts, NAN where they are not known. */
struct sva_trace_compute {
    double parameters;    /**< active ones */
    double tokens;        /**< declared, else of the log, else steps x tokens of a batch */
    double logged_tokens; /**< of the log, or its steps x declared tokens of a batch */
    double flops_6nd;
    double declared_flops;
    double ratio;          /**< declared_flops / flops_6nd */
    double hardware_flops; /**< count x peak x hours x 3600 */
    double utilisation;    /**< flops_6nd / hardware_flops */
    const char *hardware;  /**< "" not declared */
};

struct sva_run_trace {
    enum sva_trace_verdict verdict;
    enum sva_trace_verdict weights_verdict; /**< T1.3 */
    enum sva_trace_verdict log_verdict;     /**< T1.4 */
    const char *as_of;
    size_t checkpoint_count;
    const struct sva_trace_checkpoint *checkpoints;
    const struct sva_trace_link *links; /**< [checkpoint_count - 1] */
    const double *similarity; /**< [checkpoint_count^2] mean correlation of matrices; NAN unknown */
    const double *moved;      /**< [checkpoint_count] distance from the first over its size; NAN */
    struct sva_trace_start start;
    const struct sva_trace_optimiser *optimisers; /**< [checkpoint_count] */
    struct sva_trace_log log;
    struct sva_trace_compute compute;
    const char *declaration; /**< path, NULL none */
    uint8_t declaration_digest[SVA_DIGEST_BYTES];
    const char *seed; /**< as declared, "" none */
    size_t finding_count;
    const struct sva_trace_finding *findings; /**< strongest first */
};

#endif

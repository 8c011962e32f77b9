/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Comparison of two prints: which components of the subject depend on the
 * reference, how strongly, and how small a dependence would have been seen.
 * Two prints in, numbers out; no store, no rules, no wording.
 *
 * H0 per component pair: initialised and trained independently. METHOD.md of
 * the documentation (docs/method.md) derives every test named here.
 */
#ifndef SOVAUDIT_COMPARE_H
#define SOVAUDIT_COMPARE_H

#include <sovaudit/print.h>

/** The only answers there are. Ordered: a smaller value is the stronger answer. */
enum sva_answer {
    SVA_ANSWER_IDENTICAL,
    SVA_ANSWER_DERIVED,
    SVA_ANSWER_SHARED_INITIALISATION,
    SVA_ANSWER_DEPENDENT_UNEXPLAINED,
    SVA_ANSWER_NO_EVIDENCE,
    SVA_ANSWER_NOT_COMPARABLE,
    SVA_ANSWER_COUNT
};

SVA_API const char *sva_answer_name(enum sva_answer answer);

/** How a p-value may be read. */
enum sva_p_label { SVA_P_EXACT, SVA_P_BOUNDED, SVA_P_ASYMPTOTIC, SVA_P_EMPIRICAL };

SVA_API const char *sva_p_label_name(enum sva_p_label label);

enum {
    SVA_DRAW_BINS = 64,
    SVA_DRAW_BIN_WIDTH = 250,  /**< thousandths of a standard deviation */
    SVA_DRAW_BIN_FIRST = -8000 /**< where the first bin begins, thousandths of a standard deviation */
};

/**
 * The draws of a permutation test as a histogram, for people to look at; no p is made from it. Every
 * block draws on its own, so each has its own scale: standard deviations from the mean over all
 * renumberings, or of the draws themselves where there is no closed form (`own_scale`). What was
 * observed stands on the same scale, once a block.
 */
struct sva_test_draws {
    uint64_t count;  /**< of draws in all blocks; 0: none were made, or none kept */
    uint32_t series; /**< blocks that drew */
    bool own_scale;
    double mean, deviation, least, most;
    double observed_mean, observed_least, observed_most;
    uint32_t counts[SVA_DRAW_BINS]; /**< the outer bins take what lies beyond them */
};

struct sva_test {
    const char *id; /**< "residual-permutation", "neuron-permutation", "layer-map", "axis-permutation" ... static */
    enum sva_p_label label;
    double log10_p;          /**< raw */
    double log10_p_adjusted; /**< Holm over everything looked at; equals raw until sva_adjust() */
    double log10_p_floor;    /**< smallest p that this test could have given; -INFINITY: no floor */
    double z;                /**< closed form over permutations */
    uint32_t block_count;    /**< independent blocks combined by Fisher */
    uint64_t draw_count;     /**< permutations per block at most, 0 = full enumeration */
    uint64_t family;         /**< hypotheses that this p already pays for (Bonferroni inside the test) */
    bool decides;            /**< an exact test that enters the decision */
    struct sva_test_draws draws;
};

/** A pair of tensors found to agree; the annex of a report. */
struct sva_tensor_match {
    uint32_t subject_tensor;   /**< index into the subject print's tensors */
    uint32_t reference_tensor;
    const char *subject_name;        /**< owned by the comparison */
    const char *reference_name;
    bool same_values;          /**< equal value hashes */
    double rho;                /**< NAN when there is no sketch */
    double z;
    double log10_p;            /**< exact, raw; 0 when only screened */
    double shared_row_share;   /**< share of sampled rows found in the reference tensor */
    const char *transform;     /**< what was undone: "rotary halves in turns"; NULL nothing */
    const char *exact_format;  /**< one side is the other, quantised in this format; NULL not shown */
    double distance;           /**< |s - r| / |r|; NAN when values were not compared */
    double expected;           /**< what rounding to the formats of both sides leaves; NAN unknown */
    double within_half_step;   /**< share of values within half a step of the codes; NAN unknown */
    double largest_difference; /**< of the values compared; NAN when there were none */
};

/**
 * How far apart the values of a component's matrices are that are not equal, and how much of that
 * the formats explain. From samples, or from all elements.
 */
struct sva_quantisation {
    const char *basis;        /**< "samples", "weights", "": nothing was compared */
    double distance;          /**< sqrt(sum (s-r)^2 / sum r^2), NAN unknown, as all below */
    double expected;          /**< of pure rounding */
    double ratio;             /**< distance / expected */
    double within_half_step;  /**< share of values */
    double hidden_change;     /**< a change of up to this share of the weights' size could hide in it */
    const char *exact_format; /**< all of them are the other side, quantised in this format; or NULL */
};

/** Was a step-0 checkpoint used, or why not? */
enum sva_start_use {
    SVA_START_NOT_GIVEN,
    SVA_START_USED,
    SVA_START_NO_SUBJECT_WEIGHTS,   /**< the subject came as a print */
    SVA_START_NO_REFERENCE_WEIGHTS, /**< the reference did */
    SVA_START_NOT_RANDOM,           /**< training has written to it */
    SVA_START_NOT_THE_SUBJECTS,     /**< the subject does not depend on it */
    SVA_START_NOT_THE_REFERENCES,   /**< the reference does not */
    SVA_START_NOT_COMPARABLE,       /**< nothing of what training added could be tested */
    SVA_START_USE_COUNT
};

/** "used", "not-random" ...; "" for SVA_START_NOT_GIVEN. */
SVA_API const char *sva_start_use_name(enum sva_start_use use);

/** What a step-0 checkpoint says: do the changes that both sides made to it agree? */
struct sva_start_check {
    enum sva_start_use use;
    double rho;       /**< of the changes, as sva_component_result.rho; NAN unless used */
    double rho_se;
};

/** A transform that was undone, and in how many tensors. */
struct sva_transform_count {
    const char *name;
    size_t tensor_count;
};

/** How a component's layers follow the reference's, where not one by one in order. Layers count from 0. */
struct sva_layer_order {
    const char *kind;         /**< "up-scaled", "interleaved", "pruned", "extended", "rearranged"; "": in order */
    const char *repeated;     /**< reference layers that stand in the subject more than once: "8-23"; "" none */
    const char *absent;       /**< reference layers that do not: "5-7, 9"; "" none */
    size_t unmatched_count;   /**< subject layers that resemble no layer of the reference */
    size_t layer_count;
    const int32_t *layers;    /**< [layer_count] reference layer or -1, of each subject layer */
};

/** One subject component against its best reference component. */
struct sva_component_result {
    const char *name;           /**< subject's component */
    const char *reference_name; /**< reference's component, NULL when none was comparable */
    enum sva_component_kind kind;
    enum sva_answer answer;
    /**
     * How, an estimate; "" where the answer is not identical or derived. Values are equal: "copy",
     * "re-typed-copy". Up to rounding: "quantised-copy". Codes, changed by more: "quantised-
     * derivative". Layers stand otherwise: layer_order.kind. All changes of low rank:
     * "merged-adapter". Other tokens above the reference's layers: "vocabulary-extended",
     * "vocabulary-rebuilt". Some tensors equal: "partial-copy". Everything changed: "fine-tuned"
     * from rho .95 on, "continued-pretraining" below - a convention, no finding -, "modified"
     * where there is no rho. Several references needed (sva_comparison_take_mixture): "merged".
     */
    const char *derivation;
    char reason[256];       /**< one sentence, why this answer */
    double rho;             /**< NAN when nothing was tested */
    double rho_se;
    double detectable_rho;  /**< smallest rho rejected with probability .999; NAN when none could be */
    double coverage;        /**< share of parameters in tensors that agree on their own */
    double identical_share; /**< share of evidence-bearing parameters with equal values */
    double log10_p_adjusted; /**< smallest adjusted exact p, 0 when nothing was tested */
    uint64_t parameter_count;
    uint64_t inert_parameter_count; /**< constants and formulas: no evidence either way */
    double start_gain_agreement;    /**< correlation of parameters that start constant, NAN unknown */
    struct sva_start_check start;
    /** What was changed without changing the function, and did not hide it:
     *  "residual-stream", "residual-stream-and-neurons" or "". */
    const char *disguise;
    double neuron_direction_agreement; /**< trained directions over hidden neurons, blind to that; NAN unknown */
    double start_subspace_agreement;/**< share of leading directions in common, chance removed, NAN unknown */
    double start_token_agreement;   /**< correlation of frequent tokens' rows, NAN unknown */
    double start_token_lower;       /**< two standard errors below it */
    size_t test_count;
    const struct sva_test *tests;
    size_t match_count;
    const struct sva_tensor_match *matches;
    struct sva_quantisation quantisation;
    uint32_t adapter_rank; /**< largest rank of a change, where all are low; 0 otherwise */
    struct sva_layer_order layer_order;
    size_t transform_count;
    const struct sva_transform_count *transforms; /**< undone in the matches, by name */
    /**
     * [subject's tensors] neither read nor compared, or its counterpart was not; NULL: all were
     * read. Nothing about such a tensor may be said.
     */
    const bool *unread;
    /**
     * A tensor may equal one of the reference's: they were read in part, and what was read does not
     * tell them apart. Then "no tensor is equal" must not be said.
     */
    bool equality_open;
};

/** Have two vocabularies one source? Ordered: a larger value is the stronger answer. */
enum sva_lineage {
    SVA_LINEAGE_NOT_COMPARABLE, /**< a side has no vocabulary */
    SVA_LINEAGE_UNRELATED,
    SVA_LINEAGE_OVERLAPPING,   /**< more in common than unrelated ones have; no sign of one source */
    SVA_LINEAGE_SHARED_SOURCE, /**< parts of one source, each with tokens of its own */
    SVA_LINEAGE_EXTENDED,      /**< one holds all of the other, in its order or numbering */
    SVA_LINEAGE_SAME,          /**< the same tokens under the same ids */
    SVA_LINEAGE_COUNT
};

/** "same", "extended", "shared-source", "overlapping", "unrelated", "not-comparable". */
SVA_API const char *sva_lineage_name(enum sva_lineage lineage);

enum { SVA_LINEAGE_SPECIALS_SHOWN = 8 };

/**
 * Subject's vocabulary beside the reference's. Says nothing about weights. Shares are estimates
 * where a vocabulary is larger than SVA_TOKEN_SAMPLE. [0] the subject, [1] the reference.
 */
struct sva_tokenizer_lineage {
    enum sva_lineage answer;
    uint32_t population[2];   /**< tokens of two bytes or more that are not special */
    uint32_t compared;        /**< of these, those of either side that were looked at */
    uint32_t common;          /**< of these, in both */
    double jaccard;           /**< common / compared; NAN not comparable, as all below */
    double smaller_share;     /**< common, of the smaller side's */
    double same_id_share;     /**< common tokens with the same id */
    double same_shift_share;  /**< common tokens whose ids differ by id_shift */
    int64_t id_shift;         /**< most frequent difference, subject's id less reference's */
    uint32_t ordered;         /**< common tokens with a place in both orders */
    double order_tau;         /**< Kendall's, of the two orders in which tokens were made */
    double neighbour_share;   /**< next common token of one order comes later in the other too */
    uint32_t prefix;          /**< tokens made first, the same one by one */
    uint32_t prefix_most;     /**< that could have been seen */
    uint32_t specials[2];
    uint32_t specials_common; /**< of the first SVA_TOKEN_SPECIALS of each */
    const char *special_texts[SVA_LINEAGE_SPECIALS_SHOWN]; /**< the first of them, unescaped */
};

/** Fingerprints of two programs, of those that both samples reach. [0] the subject's. */
struct sva_code_overlap {
    uint32_t seen[2];
    uint32_t common;
    double jaccard;
    double share[2]; /**< common, of each side's: containment */
};

/** Lines first..last of two programs, from 1, that `marks` common fingerprints tie together. */
struct sva_code_range {
    uint32_t subject_first, subject_last, reference_first, reference_last;
    uint32_t marks;
};

enum { SVA_CODE_RANGES = 6 };

/** A program of the subject, and the reference's that holds most of it. */
struct sva_code_match {
    const char *subject_path, *reference_path;
    struct sva_code_overlap overlaps[SVA_CODE_READINGS]; /**< by enum sva_code_reading */
    size_t range_total;
    size_t range_count; /**< at most SVA_CODE_RANGES: those with most fingerprints */
    struct sva_code_range ranges[SVA_CODE_RANGES];
};

/** Shipped programs beside a reference's. An observation: it says nothing about weights. */
struct sva_code_similarity {
    bool compared; /**< both sides have programs */
    bool whole;    /**< every fingerprint was compared; else what prints keep */
    uint32_t file_count[2];
    size_t match_count;
    const struct sva_code_match *matches; /**< in order of the subject's files; those that tell */
};

struct sva_control {
    const char *id; /**< "self", "shuffled" */
    bool passed;
    double value;   /**< self: 0; shuffled: p */
};

struct sva_comparison {
    enum sva_answer answer; /**< strongest of the components' */
    const char *derivation;
    size_t component_count;
    struct sva_component_result *components; /**< one per subject component, in its order */
    struct sva_control controls[2];
    uint64_t hypothesis_count; /**< what Holm counts */
    void *internal;
    struct sva_tokenizer_lineage tokenizer; /**< texts belong to the subject's print */
    struct sva_code_similarity code;
    bool quick[2]; /**< the subject's print, the reference's: made by a quick reading */
};

struct sva_compare_options {
    double alpha_derived;  /**< family-wise, default 1e-9 */
    double alpha_reject;   /**< family-wise, default 1e-4: above it "no-evidence" */
    uint32_t threads;      /**< 0 = number of processors */
    struct sva_progress progress;
};

SVA_API struct sva_compare_options sva_compare_options_default(void);

/** Errors: USAGE (method versions differ), MEMORY, CANCELLED. */
SVA_MUST_CHECK SVA_API enum sva_status sva_compare(const struct sva_print *subject,
                                                   const struct sva_print *reference,
                                                   const struct sva_compare_options *options,
                                                   struct sva_comparison **comparison,
                                                   struct sva_error *error);

/**
 * Answers from every element what sva_compare() answered from samples: how far apart matched
 * tensors are, whether one side is the other quantised, byte for byte. `comparison` is of prints
 * made from exactly these models; its answers are made again, as by sva_adjust() on it alone.
 * Tensors whose elements do not lie in lines, or whose steps only samples could tell, keep what
 * samples said. Memory is bounded for each thread. On failure some tensors may have been
 * answered from their elements; the answers stay. Errors: those of sva_model_read, CORRUPT, MEMORY, CANCELLED.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_compare_weights(const struct sva_model *subject,
                                                           const struct sva_model *reference,
                                                           const struct sva_compare_options *options,
                                                           struct sva_comparison *comparison,
                                                           struct sva_error *error);

/**
 * Compares the programs of two models by all their fingerprints instead of what prints keep:
 * exact shares and lines. `comparison` is of prints made from these models. Errors: MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_compare_code(const struct sva_model *subject,
                                                        const struct sva_model *reference,
                                                        struct sva_comparison *comparison,
                                                        struct sva_error *error);

/** Prints that a step-0 checkpoint gives; NULL where weights are not at hand. */
struct sva_start_prints {
    const struct sva_print *origin;          /**< of the checkpoint itself */
    const struct sva_print *subject_added;   /**< sva_print_options.origin */
    const struct sva_print *reference_added;
};

/**
 * Answers again, knowing the random start. Where both sides come from the checkpoint and what
 * training added to it on one side has little to do with what it added on the other, a dependence
 * is `shared-initialisation`. The checkpoint must be a random start (constant gains, no
 * trained directions) and must depend on both sides; otherwise it is not used and `start.use` says
 * why. It never turns an answer into `derived`. Errors: those of sva_compare().
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_compare_from_start(
    const struct sva_print *subject, const struct sva_print *reference,
    const struct sva_start_prints *start, const struct sva_compare_options *options,
    struct sva_comparison *comparison, struct sva_error *error);

SVA_API void sva_comparison_free(struct sva_comparison *comparison);

/**
 * Holm adjustment over all decisive tests of all comparisons made for one
 * subject, then the answers. sva_compare() adjusts within itself; calling this
 * with several comparisons widens the family. Idempotent.
 */
SVA_API void sva_adjust(struct sva_comparison *const *comparisons, size_t count,
                        const struct sva_compare_options *options);

enum { SVA_MIXTURE_PARENTS = 8 }; /**< references fitted together at most */

/** What a component is made of, as far as the references given tell. Estimates, all of them. */
enum sva_mixture_kind {
    SVA_MIXTURE_NONE,        /**< fewer than four matrices stand at one place in all of them */
    SVA_MIXTURE_SINGLE,      /**< one of them is enough */
    SVA_MIXTURE_LINEAR,      /**< two or more of them, added with coefficients that sum to one */
    SVA_MIXTURE_PASSTHROUGH, /**< layers of one, then layers of another */
    SVA_MIXTURE_UNDECIDED,   /**< rounding to the subject's format hides whether it is a mixture */
    SVA_MIXTURE_OTHER,       /**< not a linear mixture of these */
    SVA_MIXTURE_KIND_COUNT
};

/** "none", "single", "linear", "passthrough", "undecided", "not-linear". */
SVA_API const char *sva_mixture_kind_name(enum sva_mixture_kind kind);

enum sva_parent_state {
    SVA_PARENT_NEEDED,
    SVA_PARENT_UNNEEDED, /**< coefficient within two standard errors of zero, or below .005 */
    SVA_PARENT_ALIKE,    /**< cannot be told from an earlier one, or from a mixture of earlier ones */
    SVA_PARENT_STATE_COUNT
};

/** "needed", "unneeded", "indistinguishable". */
SVA_API const char *sva_parent_state_name(enum sva_parent_state state);

struct sva_mixture_parent {
    enum sva_parent_state state;
    double coefficient; /**< share of the subject; NAN unless needed, and where layers alternate */
    double se;          /**< jackknife over tensors; NAN where there is none */
    double vector_coefficient; /**< the same from gains and biases alone: a check. NAN: not known */
    double vector_se;
    int32_t alike;      /**< indistinguishable: from this reference; -1: from a mixture of several */
};

/** Layers first..last of the subject are layers of one reference, in its order. From 0. */
struct sva_layer_range {
    int32_t first, last;
    uint32_t parent;      /**< index into the references given */
    int32_t parent_first; /**< its layer that stands at `first` */
};

/** One component of the subject as a mixture of references. */
struct sva_mixture {
    enum sva_mixture_kind kind;
    uint32_t component;  /**< of the subject */
    size_t tensor_count; /**< matrices fitted */
    size_t parent_count;
    struct sva_mixture_parent parents[SVA_MIXTURE_PARENTS];
    double unexplained;  /**< norm of what is left over the weights' norm; NAN: nothing was fitted */
    double nearest;      /**< the same of the nearest reference alone */
    double rounding;     /**< what storing the subject leaves; 0: wide floats; NAN: unknown */
    size_t range_count;  /**< > 0 for SVA_MIXTURE_PASSTHROUGH only */
    struct sva_layer_range *ranges;
};

/**
 * Fits sampled values (SVA_SAMPLE_ROWS x SVA_SAMPLE_COLUMNS of each matrix) of one component of
 * the subject by sum c_k * reference_k with sum c_k = 1, over matrices that stand at the same
 * place, with the same shape, in the subject and in all `count` (2..SVA_MIXTURE_PARENTS)
 * references. Least squares; a matrix weighs one over its residual variance (two passes);
 * references that are not needed are taken out one by one (backward elimination) and the rest is
 * fitted again. A fit is called a mixture when at most a quarter of the weights' size is left and
 * at most a tenth of what the nearest reference alone leaves (as squares): the mean of eight
 * siblings leaves more, so siblings and descendants are not taken for ingredients. What rounding
 * to the subject's format leaves is taken off first, as far as it is known. One reference
 * alone may leave half of the weights' size. An estimate:
 * it presumes that the component depends on the references, which sva_compare() shows. The same
 * bits on every machine. New object, sva_mixture_free(). Errors: USAGE (count, component, method
 * versions), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_mixture_estimate(const struct sva_print *subject,
                                                            uint32_t component,
                                                            const struct sva_print *const *references,
                                                            size_t count,
                                                            struct sva_mixture **mixture,
                                                            struct sva_error *error);

SVA_API void sva_mixture_free(struct sva_mixture *mixture);

/**
 * Calls a component `merged` where it is `derived` and its mixture needs this reference and
 * another one. `parent`: the comparison's reference among the mixture's. sva_adjust() undoes it.
 */
SVA_API void sva_comparison_take_mixture(struct sva_comparison *comparison,
                                         const struct sva_mixture *mixture, size_t parent);

#endif

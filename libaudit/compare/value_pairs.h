/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Is the subject the reference, rounded? Every tensor of a component is laid beside the reference
 * tensor whose sampled values lie closest, and the distance is held against what the formats of
 * both explain. This says how a dependence came about and how large a change rounding could hide;
 * that there is a dependence is for the exact tests and for equal values to say.
 */
#ifndef SVA_COMPARE_VALUE_PAIRS_H
#define SVA_COMPARE_VALUE_PAIRS_H

#include <sovaudit/compare.h>

#include "compare/readings.h"
#include "compare/value_fit.h"

struct sva_pair;
struct sva_component_evidence;

/**
 * Ratio of the measured to the expected distance up to which rounding explains a tensor. Theory
 * says 1 for rounding to nearest; ggml's quantisers, which search scales and cut off ends, give
 * .87 to 1.02 on normal values and up to 1.11 on a ramp (golden vectors, tests/unit). .1 more
 * than 1 and a little: not set on any labelled pair.
 */
#define SVA_ROUNDING_RATIO_MOST    1.15
/** And the smallest ratio that a true copy is taken to have, for what could hide. */
#define SVA_ROUNDING_RATIO_LEAST   0.75
/** Measured floors: they grow with the tails of the values; columns 20 times as large gave 1.18. */
#define SVA_FLOOR_RATIO_MOST       1.3
/** MXFP4's scale is a power of two that cuts off up to a quarter of a block's largest value. */
#define SVA_CUTTING_RATIO_MOST     1.5
/** Quantisers that make up for earlier errors (GPTQ) go beyond the nearest code: 1.03 to 1.45 when
 * simulated. */
#define SVA_COMPENSATED_RATIO_MOST 1.6
/** Share of values within half a step that rounding to nearest leaves, ends of the range allowed
 * for. */
#define SVA_WITHIN_LEAST           0.9
/** A change that size could make two trainings of one start of two unlike networks: settles
 * nothing. */
#define SVA_HIDDEN_MOST            0.25

/** One subject tensor beside its closest reference tensor. */
struct sva_value_pair {
    uint32_t subject;
    int32_t reference; /**< -1: none; not compared yet: only the likeliest */
    enum sva_reading reading;
    uint64_t elements;
    bool vector;
    bool expert, vocabulary;  /**< what may go without samples, or without a partner of its shape */
    bool sampled;             /**< the print holds samples of it that say something */
    bool trained;             /**< shows trained directions */
    bool same;                /**< equal values */
    bool rounded;             /**< equal once one side is rounded to 16 bits */
    bool compared;            /**< `fit` holds values */
    bool quantised;           /**< a side is stored in codes */
    bool compensated;         /**< by a quantiser that makes up for earlier errors */
    double ratio_most;        /**< up to which rounding explains the distance */
    const char *exact_format; /**< the quantised rows are those of the other side, quantised again;
                                 or NULL */
    bool by_way_of_f16;       /**< ... after rounding to F16 */
    bool part;                /**< one of the tensors was read in part */
    bool equal_parts;  /**< and all that was sampled of it is equal, and could not be by chance */
    bool whole;        /**< `fit` and `exact_format` rest on every element */
    uint32_t low_rank; /**< rank of the difference when it is low, 0 when not, not known, or
                          not asked because another tensor settles what it is asked for */
    struct sva_value_fit fit;
};

/** Is its quantiser one that, as GPTQ, spreads each rounding error over the values still to come?
 */
bool sva_is_compensated(const struct sva_print_tensor *tensor);

/** The ratio that a tensor's quantiser may reach: one of those above. */
double sva_ratio_most(const struct sva_print_tensor *tensor);

/** Does rounding explain the whole distance of this pair? Equal values need no explanation. */
bool sva_pair_explained(const struct sva_value_pair *pair);

/**
 * Do the two differ by more than rounding, and not by a matrix of low rank, as far as that is
 * known? One such pair, and no adapter was merged into the component whatever the ranks of the
 * others are.
 */
bool sva_pair_changed_otherwise(const struct sva_value_pair *pair);

/** Fills evidence->value_pairs and what follows from them. Runs after the axis tests. False: out of
 * memory. */
bool sva_compare_values(struct sva_pair *pair, uint32_t component,
                        struct sva_component_evidence *evidence);

/** The pair of one subject tensor, NULL when it bears no evidence. */
const struct sva_value_pair *sva_value_pair_of(const struct sva_component_evidence *evidence,
                                               uint32_t subject);

/** Writes what is known of a match's values; `values` may be NULL, or rest on another reference
 * tensor. */
void sva_match_values(struct sva_tensor_match *match, const struct sva_value_pair *values);

/** Sums `value_pairs` up into evidence->quantisation, ->value_copy and so on. */
void sva_summarise_values(struct sva_component_evidence *evidence);

#endif

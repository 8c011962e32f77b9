/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the stations of a comparison hand to each other: tests and pieces of
 * evidence for one subject component against one reference component.
 */
#ifndef SVA_COMPARE_EVIDENCE_H
#define SVA_COMPARE_EVIDENCE_H

#include <sovaudit/compare.h>

#include "base/memory.h"
#include "compare/blocks.h"
#include "compare/readings.h"
#include "compare/value_pairs.h"
#include "compare/vocabulary.h"

enum { SVA_TESTS_MAX = 20, SVA_NO_COMPONENT = -1 };

/**
 * Agreement of trained parts that derivation needs: most of it. A fixed rule of
 * prudence, not a calibrated test.
 */
#define SVA_TRAINED_AGREEMENT 0.5

#define SVA_QUANTISATION_UNKNOWN                                                                   \
    {                                                                                              \
        .basis = "", .distance = NAN, .expected = NAN, .ratio = NAN, .within_half_step = NAN,      \
        .hidden_change = NAN                                                                       \
    }

/** A test with what its power needs. */
struct sva_test_record {
    struct sva_test test;
    double rho, rho_se;
    double resolution; /**< z per unit of rho of the (most powerful) unit of the test */
    uint32_t blocks;
    double block_floor;/**< smallest log10 p of one block */
    double power;      /**< that each unit must reach so that the whole reaches .999 */
};

/** An agreement that stands on its own; pieces rest on disjoint tensors. */
struct sva_piece {
    double log10_p;    /**< with the family paid, before Holm */
};

enum { SVA_NO_LAYER = -1 };

/** Which layer of the reference stands behind each layer of the subject: layer_map.h. */
struct sva_layer_map {
    int32_t reference_component;  /**< the counterpart, or SVA_NO_COMPONENT */
    uint32_t subject_layers, reference_layers;
    int32_t *layers;              /**< [subject_layers] reference layer or SVA_NO_LAYER; NULL: as numbered */
    double score;                 /**< of the path, in standard deviations less what it paid */
};

/** What matching hidden neurons by their cosines found: neuron_match.h. */
struct sva_match_evidence {
    size_t layers, controls, direction_layers;
    double rho, least_rho; /**< correlation of cosines after matching: mean and smallest over layers */
    double control_rho;    /**< largest over pairs of different layers */
    double directions;     /**< share of trained directions in common along the matching; NAN unknown */
};

/** What looking neurons up by their barcodes found: barcode_match.h. */
struct sva_barcode_evidence {
    size_t layers, agreeing_layers, controls, direction_layers;
    double share, cosine;  /**< of neurons found, and how near they are: means over agreeing layers */
    double control_share;  /**< largest median over the reference's other layers */
    double directions;     /**< share of trained directions in common over them; NAN unknown */
    bool disguised;        /**< most layers agree, though nothing else does */
};

/** Everything known about one component before Holm. */
struct sva_component_evidence {
    int32_t reference_component;
    struct sva_test_record tests[SVA_TESTS_MAX];
    size_t test_count;
    struct sva_piece *pieces;
    size_t piece_count;
    size_t identical_tensors;     /**< evidence-bearing matrices with equal values */
    uint64_t identical_parameters;
    uint64_t rounded_parameters;  /**< of these, equal only after one side is rounded to 16 bits */
    enum sva_dtype rounded_dtype; /**< the narrower type of one of these */
    uint64_t evidence_parameters; /**< in tensors that are not inert */
    uint64_t poor_parameters;     /**< not integers; constant, of a formula or of few values */
    uint64_t agreeing_parameters; /**< rejecting on their own without being identical */
    bool retyped;                 /**< some identical tensor is stored in another dtype */
    bool identical_trained;       /**< at least two identical matrices show trained directions */
    size_t trained_tensors;       /**< matrices that agree and show trained directions on both sides */
    double rho, rho_se;
    double gram_rho, gram_rho_se; /**< of cosines between hidden neurons; NAN: not tested */
    double gram_log10_p, gram_half_log10_p[2]; /**< all layers; even and odd ones */
    double neuron_directions;     /**< share of trained directions in common over hidden neurons; NAN unknown */
    size_t neuron_direction_tensors; /**< matrices that this rests on */
    struct sva_match_evidence match;
    struct sva_barcode_evidence barcodes;
    bool wholly_disguised;        /**< only the matching shows agreement */
    bool stream_disguised;        /**< hidden neurons agree, the residual stream does not */
    double gain_agreement;        /**< NAN: nothing that starts constant could be compared */
    double gain_lower;            /**< two standard errors below */
    double subspace_agreement;    /**< NAN unknown */
    double token_agreement;       /**< of frequent tokens' rows; NAN unknown */
    double token_lower;           /**< two standard errors below */
    bool adapter;
    struct sva_start_check start; /**< from a step-0 checkpoint */
    struct sva_layer_map layer_map;
    /**
     * How an adapter's factors start from the base's weights by what one side declares ("pissa"),
     * NULL: neither says so. Static.
     */
    const char *start_from_base;
    bool start_declared[2];       /**< by the subject, by the reference */
    bool start_subtracted;        /**< one side's factors hold a start and its negative, half by half */
    struct sva_value_pair *value_pairs; /**< one for every tensor that bears evidence */
    size_t value_pair_count;
    struct sva_quantisation quantisation;
    bool value_copy;              /**< every tensor is equal, or as far away as rounding explains */
    size_t contradicting_tensors; /**< further away than rounding explains */
    bool side_quantised;          /**< some matrix is stored in codes on one side */
    size_t exact_tensors, exact_trained_tensors; /**< matrices that are the other side, quantised again */
    uint64_t exact_parameters;
    /** Matrices that were read in part on one side, and whose samples are all equal. */
    size_t part_equal_tensors, part_equal_trained_tensors;
    uint64_t part_equal_parameters;
    bool equal_where_read;        /**< every tensor is equal as far as it was read, and not all were whole */
    bool bulk_unread;             /**< a quick reading left out tensors that no role stands for */
    bool by_way_of_f16;           /**< some of them after rounding to F16 */
    size_t low_rank_tensors;      /**< matrices that differ by a matrix of low rank */
    size_t otherwise_changed;     /**< tensors that differ by more than rounding, and not so */
    uint32_t largest_rank;        /**< of those low ranks */
    enum sva_vocabulary_change vocabulary;
    const char *untestable;       /**< why nothing could be tested, NULL otherwise */
};

/** One subject-reference pair while it is compared. */
struct sva_pair {
    const struct sva_print *subject, *reference;
    const struct sva_compare_options *options;
    int32_t *identical;           /**< [subject tensors] reference tensor with the same values, or -1 */
    bool *rounded;                /**< [subject tensors] `identical` holds only after rounding to 16 bits */
    enum sva_reading *identical_reading, *best_reading; /**< [subject tensors] how rows were read */
    const char **undone;          /**< [subject tensors] what else was undone for `identical`, or NULL; static */
    int32_t *factor;              /**< [subject tensors] of an adapter's factors, the one at the same place, or -1 */
    int32_t *best;                /**< [subject tensors] reference tensor that agrees best, or -1 */
    double *best_log10_p;         /**< [subject tensors] exact p of that pair, family paid, 0 untested */
    double *best_rho, *best_z;
    double *shared_rows;          /**< [subject tensors] share of sampled rows found in `best` */
    bool *best_swapped;           /**< axes exchanged (stored transposed) */
};

/** Seed of a test's draws: both prints, the test's name, two numbers. False: out of memory. */
bool sva_test_seed(const struct sva_pair *pair, const char *id, uint64_t a, uint64_t b,
                   uint8_t seed[32]);

/** Rows that line two sketches of one axis length up; false when they cannot be. Lists may stay NULL (identity). */
struct sva_alignment {
    uint32_t units;
    uint32_t *subject_rows, *reference_rows;
};
bool sva_align(const struct sva_axis_sketch *subject, const struct sva_axis_sketch *reference,
               struct sva_alignment *alignment);
void sva_alignment_done(struct sva_alignment *alignment);

/** Keeps what a test's draws gave. `record` NULL: nothing happens. */
void sva_note_draws(struct sva_test_record *record, const struct sva_draw_tally *tally);

/** True when the tensor may carry evidence: readable, not constant, not a formula, enough entropy. */
bool sva_bears_evidence(const struct sva_print_tensor *tensor);

/* The stations, in order. Each returns false when out of memory. */

/** A0: fills pair->identical. */
bool sva_find_identical(struct sva_pair *pair);

/** Norm gains that equal the reference's but for an added one: fills pair->identical and ->undone. */
bool sva_undo_plus_one(struct sva_pair *pair);

/**
 * The reference component with the same kind and width, else any of the same width, or
 * SVA_NO_COMPONENT. `labelled`: also where the residual axis carries labels, so that A1 does not apply.
 */
int32_t sva_counterpart(const struct sva_pair *pair, uint32_t component, bool labelled);

/** A2 along the layer map - neurons, value dimensions, experts - and what A1 and A2 say together. */
bool sva_numbering_tests(struct sva_pair *pair, uint32_t component, const struct sva_layer_map *map,
                      struct sva_component_evidence *evidence);

/**
 * A2 on cosines between hidden neurons along the layer map. Where they agree and nothing that sees the
 * residual stream does, the stream is disguised: only then do they count as pieces of evidence, because
 * they rest on the same tensors as A2.
 */
bool sva_gram_tests(const struct sva_pair *pair, uint32_t component, const struct sva_layer_map *map,
                    struct sva_component_evidence *evidence);

/**
 * The same for a subject whose names tell nothing, against a reference whose roles are known, where
 * single tensors do not show it: which tensor is which is searched for and paid.
 */
bool sva_unnamed_tests(const struct sva_pair *pair, uint32_t component,
                       struct sva_component_evidence *evidence);

/** A1 on the best-fitting reference component; adds tests and pieces. */
bool sva_residual_tests(struct sva_pair *pair, uint32_t component,
                        struct sva_component_evidence *evidence);

/** Control: A1 against the reference with its numbering shuffled. NAN when A1 does not apply. */
bool sva_shuffled_control(struct sva_pair *pair, uint32_t component, double *log10_p);

/** Per-tensor test with matching by evidence, tensors in parallel; adds one test, pieces, coverage. */
enum sva_status sva_axis_tests(struct sva_pair *pair, uint32_t component,
                               struct sva_component_evidence *evidence, struct sva_error *error);

/** LoRA: permutations of each module's rank. */
bool sva_rank_tests(struct sva_pair *pair, uint32_t component,
                    struct sva_component_evidence *evidence);

/** Trained part: parameters that start constant, leading directions. */
bool sva_start_guard(struct sva_pair *pair, uint32_t component,
                     struct sva_component_evidence *evidence);

/** Lists tensors worth naming - equal values, or rejecting on their own - and transforms undone in them. */
bool sva_list_matches(const struct sva_pair *pair, uint32_t component,
                      const struct sva_component_evidence *evidence, struct sva_arena *arena,
                      struct sva_component_result *result);

/** Which layers a test rests on: all, or one of two disjoint halves. */
enum sva_half { SVA_HALF_ALL, SVA_HALF_EVEN, SVA_HALF_ODD };

/**
 * log10 p of a whole test from which on its halves are looked at. Elsewhere they count as tests
 * with p = 1: never less than their own, so that the family stays controlled.
 */
#define SVA_LOOK_AT_HALVES (-2.0)

/** Adds a test that was not worth computing: p = 1. */
void sva_add_unrun_test(struct sva_component_evidence *evidence, const char *id);

/** Adds a test record; NULL when the list is full. */
struct sva_test_record *sva_add_test(struct sva_component_evidence *evidence, const char *id,
                                     enum sva_p_label label, bool decides);

/** The test of that name, or NULL. */
const struct sva_test_record *sva_find_test(const struct sva_component_evidence *evidence,
                                            const char *id);

/** The same, filled from a block test. */
struct sva_test_record *sva_add_block_test(struct sva_component_evidence *evidence, const char *id,
                                           const struct sva_block_result *result);

/** Adds a piece of evidence; false: out of memory. */
bool sva_add_piece(struct sva_component_evidence *evidence, double log10_p);

#endif

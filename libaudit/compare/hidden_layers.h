/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Hidden layers of a component - MLPs, experts - by the cosines between their neurons, and two of
 * them held against each other. In a gated layer up and down may change sign together, neuron by
 * neuron, so that their cosines enter as the product of both, which keeps.
 */
#ifndef SVA_COMPARE_HIDDEN_LAYERS_H
#define SVA_COMPARE_HIDDEN_LAYERS_H

#include "compare/evidence.h"
#include "compare/numberings.h"
#include "kernel/pair_permutation.h"

enum {
    SVA_GRAM_PARTS_MOST = 4096,
    SVA_HIDDEN_EXPERTS = 8 /**< experts of a layer that are tested at their places */
};

/** The hidden layer at one place. */
struct sva_hidden_layer {
    int32_t layer, expert; /**< expert -1: not one of several */
    bool shared;           /**< a mixture's shared expert */
    uint64_t neurons;      /**< chosen by their number, so that two must have as many */
    const struct sva_gram *parts[SVA_MLP_PARTS]; /**< NULL: it has none */
};

/** log10 p that tells agreement of hidden neurons from none, far from any bound of the decision. */
#define SVA_CLEAR_REJECTION (-6.0)

/** All of a component in order of place; the caller frees. NULL: out of memory. */
struct sva_hidden_layer *sva_list_hidden(const struct sva_print *print, uint32_t component,
                                         size_t *count);

/**
 * What could be a hidden layer in a component without names: every matrix that shapes point to, in
 * each part that it could be. The caller frees. NULL: out of memory.
 */
struct sva_hidden_layer *sva_list_unnamed(const struct sva_print *print, uint32_t component,
                                          size_t *count);

/** Order of place: layer, expert, shared. */
int sva_compare_hidden(const void *a, const void *b);

/** Blocks of neurons of pairs of hidden layers, each to be renumbered on its own. */
struct sva_gram_parts {
    struct sva_pair_matrices *parts; /**< [count] */
    int32_t *layers;                 /**< [count] the subject's */
    int16_t **owned;
    size_t count, capacity;
};

bool sva_gram_parts_init(struct sva_gram_parts *list);
void sva_gram_parts_done(struct sva_gram_parts *list);

/** Adds the blocks that both have, as far as there is room. False: out of memory. */
bool sva_gram_parts_add(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                        struct sva_gram_parts *list);

/** Correlation over all pairs of neurons; `pairs` (may be NULL): how many it rests on. -INFINITY:
 * none. */
double sva_gram_correlation(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                            size_t *pairs);

/** Do two of one model share a numbering, as layers that were doubled or experts that began as one
 * do? */
bool sva_hidden_are_tied(const struct sva_hidden_layer *a, const struct sva_hidden_layer *b);

/** Directions over hidden neurons that training wrote into both sides, and the share they have in
 * common. */
struct sva_direction_sums {
    double share, weight;
    size_t tensors;
};

/** Adds the share of one pair of layers, chance removed, where training shows on both sides. */
void sva_add_directions(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                        struct sva_direction_sums *sums);

/** What a sum of directions says. */
void sva_note_directions(const struct sva_direction_sums *sums,
                         struct sva_component_evidence *evidence);

/** Is the layer one of those that a test rests on? */
static inline bool sva_in_half(int32_t layer, enum sva_half half)
{
    return half == SVA_HALF_ALL || (half == SVA_HALF_EVEN) == (layer % 2 == 0);
}

/**
 * Where layers differ in number or there are experts: every hidden layer of the subject (at most
 * 32, evenly spaced) against all that it could have come from. Adds three tests. False: out of
 * memory.
 */
bool sva_gram_search(const struct sva_pair *pair, uint32_t component,
                     const struct sva_hidden_layer *subject, size_t subject_count,
                     const struct sva_hidden_layer *reference, size_t reference_count,
                     struct sva_component_evidence *evidence);

/** Hidden neurons agree where nothing else does: two pieces of evidence. False: out of memory. */
bool sva_take_disguise(struct sva_component_evidence *evidence, int32_t other);

#endif

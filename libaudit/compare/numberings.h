/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Numberings inside a layer, apart from the residual one: hidden neurons of an MLP or an expert, value
 * dimensions of a head, the experts of a router. What shares one numbering is
 * renumbered together (METHOD section 3, A2 and the trap list).
 */
#ifndef SVA_COMPARE_NUMBERINGS_H
#define SVA_COMPARE_NUMBERINGS_H

#include "compare/evidence.h"

enum {
    SVA_NUMBERING_PARTS = 9,     /**< gate, up, down; or values and what eight query heads read of them */
    SVA_NUMBERINGS_MOST = 512,   /**< of a component: more add cost, not evidence */
    SVA_NUMBERING_EXPERTS = 8    /**< experts of a layer whose neurons are tested */
};

enum sva_numbering_kind {
    SVA_NUMBERS_NEURONS, /**< gate, up and transposed down of one MLP, expert or shared expert */
    SVA_NUMBERS_VALUES,  /**< rows of V of one head, and the columns of O of all query heads that read it */
    SVA_NUMBERS_EXPERTS, /**< rows of a router, group by group where routing chooses groups first */
    SVA_NUMBERING_KINDS
};

/** Sketches whose rows `units` units share; row u belongs to unit u. */
struct sva_numbered {
    int32_t layer, expert; /**< expert, of neurons; head, of values; group of experts */
    bool shared;           /**< a mixture's shared expert */
    uint32_t units;
    struct sva_numbered_part {
        const int16_t *values; /**< [units * features]; NULL: this model has none */
        uint32_t features;
        uint64_t length, across; /**< of the whole axis, and of the other one */
    } parts[SVA_NUMBERING_PARTS];
};

/** All of one kind in a component, in order of place; the caller frees. NULL: out of memory. */
struct sva_numbered *sva_list_numbered(const struct sva_print *print, uint32_t component,
                                       enum sva_numbering_kind kind, size_t *count);

enum sva_mlp_part { SVA_MLP_GATE, SVA_MLP_UP, SVA_MLP_DOWN, SVA_MLP_PARTS };

/** Which part of an MLP has this role, and is it the shared expert's; -1: none. */
int sva_mlp_part(enum sva_role role, bool *shared);

/** Order of place: layer, expert, shared. */
int sva_compare_numbered(const void *a, const void *b);

/** A subject's numbering held against a reference's: features of the parts that both have. */
struct sva_numbered_pair {
    const struct sva_numbered *subject, *reference;
    struct sva_feature_pair features[SVA_NUMBERING_PARTS];
    size_t feature_count;
};

struct sva_numbered_pair sva_lay_beside(const struct sva_numbered *subject,
                                        const struct sva_numbered *reference);

/** Do two of one model share a numbering, as layers that were doubled or experts that began as one do? */
bool sva_are_tied(const struct sva_numbered *a, const struct sva_numbered *b);

#endif

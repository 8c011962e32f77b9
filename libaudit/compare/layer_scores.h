/* SPDX-License-Identifier: Apache-2.0 */
/** Layers side by side: their features along the residual axis, scores of pairs, the best path. */
#ifndef SVA_COMPARE_LAYER_SCORES_H
#define SVA_COMPARE_LAYER_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sovaudit/print.h>

enum { SVA_LAYER_PAIRS_MOST = 16384 };

/** One component's layers, each with the same features of every residual dimension. */
struct sva_layer_features {
    uint32_t layers, units, features;
    int16_t *values; /**< [layers][units][features] */
};

/**
 * Roles that every layer of both components has, with a residual axis of `width` dimensions and no
 * axis that A2 renumbers: queries and keys, as a rule. Both come out with the same features; 0
 * layers: nothing in common. False: out of memory.
 */
bool sva_layer_features_init(const struct sva_print *subject, uint32_t component,
                             const struct sva_print *reference, uint32_t other, uint32_t width,
                             struct sva_layer_features *left, struct sva_layer_features *right);
void sva_layer_features_done(struct sva_layer_features *features);

/** Scores of all pairs, in standard deviations under renumberings; z[l * reference layers + m].
 *  False: out of memory. */
bool sva_layer_scores(const struct sva_layer_features *subject,
                      const struct sva_layer_features *reference, double *z);

/** Scratch of the path search. */
struct sva_path_scratch {
    double *now, *before;  /**< [reference layers] */
    int32_t *from;         /**< [subject layers * (reference layers + 1)] or NULL: score only */
};

/** The best path's score; fills `path` [subject layers] when `from` is there. */
double sva_best_path(const double *z, uint32_t subject_layers, uint32_t reference_layers,
                     struct sva_path_scratch *scratch, int32_t *path);

/** What the path l -> l would score. */
double sva_straight_path(const double *z, uint32_t subject_layers, uint32_t reference_layers);

#endif

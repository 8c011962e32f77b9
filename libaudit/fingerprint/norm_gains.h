/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Gains of the norms before hidden layers, read ahead of the matrices that they can be folded into.
 * Where names do not tell which norm stands before a matrix, the mean over all of its length stands
 * in: gains of one model resemble each other from layer to layer.
 */
#ifndef SVA_FINGERPRINT_NORM_GAINS_H
#define SVA_FINGERPRINT_NORM_GAINS_H

#include <sovaudit/model.h>

struct sva_norm_gain {
    uint32_t component;
    uint32_t place; /**< in the order in which they were read */
    int32_t layer; /**< -1: the mean over a component without names */
    enum sva_role role;
    uint64_t length;
    float *values;
    bool centred; /**< a layer norm, known by its bias: it takes the mean away */
};

struct sva_norm_gains {
    struct sva_norm_gain *list; /**< by component, layer and place */
    size_t count;
};

/** Reads all of them; what cannot be read is left out. Errors: those of sva_model_read, MEMORY. */
SVA_MUST_CHECK enum sva_status sva_norm_gains_init(struct sva_norm_gains *gains,
                                                   const struct sva_model *model,
                                                   struct sva_error *error);
void sva_norm_gains_done(struct sva_norm_gains *gains);

/** The norm that the hidden layer of this layer reads through, or NULL. */
const struct sva_norm_gain *sva_norm_gain_before(const struct sva_norm_gains *gains,
                                                 const struct sva_view *view);

#endif

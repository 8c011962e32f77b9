/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Hidden layers by shape alone, for tensors whose names tell nothing. Layers of a transformer hold
 * matrices [neurons, width] and [width, neurons]; the width is the one that more matrices have.
 * A guess: whoever uses it must not rest on it (compare/hidden_layers.h).
 */
#ifndef SVA_HIDDEN_SHAPES_H
#define SVA_HIDDEN_SHAPES_H

#include "model/model_parts.h"

enum { SVA_GUESSED_MOST = 128 /**< matrices of a component that are marked, evenly spaced */ };

/** Sets `guessed_neurons` of views in components that no role map knows. Errors: MEMORY. */
enum sva_status sva_guess_hidden(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

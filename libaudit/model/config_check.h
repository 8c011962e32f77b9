/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Configurations lie: compares what config.json or the keys of a GGUF file state with what the
 * tensors show. Widths, layers, vocabulary, neurons, heads, key and value heads, experts and
 * whether the output head is the embedding; of vision encoders widths, layers and neurons. Where
 * layers differ, one that agrees is enough.
 */
#ifndef SVA_CONFIG_CHECK_H
#define SVA_CONFIG_CHECK_H

#include "model/model_parts.h"

/** Adds "config-mismatch" findings. Needs the finished views. Errors: MEMORY. */
enum sva_status sva_config_check(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Configurations lie: compares what config.json states with what the tensors show. */
#ifndef SVA_CONFIG_CHECK_H
#define SVA_CONFIG_CHECK_H

#include "model/model_parts.h"

/** Adds "config-mismatch" findings. Needs the finished views. Errors: MEMORY. */
enum sva_status sva_config_check(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

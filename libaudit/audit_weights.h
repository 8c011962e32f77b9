/* SPDX-License-Identifier: Apache-2.0 */
/** Weights that are given for references of the store. Internal to audit_inputs.c. */
#ifndef SVA_AUDIT_WEIGHTS_H
#define SVA_AUDIT_WEIGHTS_H

#include "audit_inputs.h"

/** Gives each reference that options->ref_weights names its path. Errors: NOT_FOUND, USAGE. */
enum sva_status sva_place_weights(struct sva_inputs *inputs,
                                  const struct sva_check_options *options,
                                  struct sva_error *error) SVA_MUST_CHECK;

/**
 * Is every tensor of the stored print among the values of `opened`, which is closed when not?
 * Names, files and dtypes may differ. Errors: CONFLICT, USAGE (a print was given), the store's.
 */
enum sva_status sva_check_weights(const struct sva_inputs *inputs,
                                  const struct sva_input_reference *input,
                                  struct sva_opened *opened,
                                  struct sva_error *error) SVA_MUST_CHECK;

/** Last component of a path, without trailing slashes: "./models/qwen/" gives "qwen". */
const char *sva_name_of_path(struct sva_arena *arena, const char *path);

#endif

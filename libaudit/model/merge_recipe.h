/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Merge recipes: the mergekit_config.yml that a merging tool leaves beside its result. Only its
 * lines "model: NAME", "base_model: NAME" and "merge_method: WORD" are looked at, whatever they are
 * nested in; nothing is expanded, so nothing can explode.
 */
#ifndef SVA_MODEL_MERGE_RECIPE_H
#define SVA_MODEL_MERGE_RECIPE_H

#include "base/cursor.h"
#include "model/model_parts.h"

enum { SVA_MERGE_MODELS_MAX = 64, SVA_MERGE_NAME_BYTES = 256 };

/**
 * Makes facts merge.file, merge.method, merge.base_model and merge.model.<n> (two digits, each name
 * once, in their order) of the root's mergekit_config.yml. A file above the limit for JSON, or more
 * models: finding `merge-recipe-cut`. Without the file nothing. Errors: IO, MEMORY.
 */
enum sva_status sva_merge_recipe_read(struct sva_parts *parts,
                                      struct sva_error *error) SVA_MUST_CHECK;

/** The same for text in memory; `path` names the file. Errors: MEMORY. */
enum sva_status sva_merge_recipe_parse(struct sva_parts *parts, const char *path,
                                       struct sva_span text,
                                       struct sva_error *error) SVA_MUST_CHECK;

#endif

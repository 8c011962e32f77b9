/* SPDX-License-Identifier: Apache-2.0 */
/** Facts and findings about what lies beside the weights: configuration, licence, files, census. */
#ifndef SVA_MODEL_FACTS_H
#define SVA_MODEL_FACTS_H

#include "model/model_parts.h"

/** Reads the config.json files and makes config.* facts. Errors: CORRUPT, LIMIT, IO, MEMORY. */
enum sva_status sva_facts_config(struct sva_parts *parts, bool single,
                                 struct sva_error *error) SVA_MUST_CHECK;
/** Findings for files that were not audited. Errors: MEMORY. */
enum sva_status sva_facts_files(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;
/** A finding for file names that differ only in the case of ASCII letters. Errors: MEMORY. */
enum sva_status sva_facts_names(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;
/** weights.* facts. Errors: MEMORY. */
enum sva_status sva_facts_weights(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

/** Index of `base` in the root, readable; -1 if absent. */
ptrdiff_t sva_facts_root_file(const struct sva_parts *parts, const char *base);

#endif

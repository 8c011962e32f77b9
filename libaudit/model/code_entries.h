/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where an auto_map entry leads. "module.Class" is local when the model has that module, else
 * unresolved; "org/name--module.Class" leads to another repository. Facts: "code.entry.01" ... =
 * "config.auto_map.AutoModel = modeling.Model: local (modeling.py)", and how many of each:
 * "code.entries.local", "code.entries.other_repository", "code.entries.unresolved".
 */
#ifndef SVA_MODEL_CODE_ENTRIES_H
#define SVA_MODEL_CODE_ENTRIES_H

#include "model/model_parts.h"

struct sva_code_entries {
    uint64_t local, other_repository, unresolved;
    unsigned listed;
};

/**
 * Takes one entry: `key` as in its fact, `stem` its file without ".json". A module that
 * is missing is a finding "auto-map-unresolved". Errors: MEMORY.
 */
enum sva_status sva_code_entry_add(struct sva_parts *parts, struct sva_code_entries *entries,
                                   const char *key, const char *stem, const char *value,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** Makes the counts, when there was an entry. Errors: MEMORY. */
enum sva_status sva_code_entries_count(struct sva_parts *parts,
                                       const struct sva_code_entries *entries,
                                       struct sva_error *error) SVA_MUST_CHECK;

#endif

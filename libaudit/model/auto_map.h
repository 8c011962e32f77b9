/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Code that a configuration asks its users to run: every text beneath a key
 * "auto_map", at any depth, of every configuration file of the model. Nothing
 * is imported or run. A text with "--" points to another repository.
 */
#ifndef SVA_AUTO_MAP_H
#define SVA_AUTO_MAP_H

#include "base/cursor.h"
#include "model/model_parts.h"

enum { SVA_AUTO_MAP_LISTED = 64 };

/** The fact that stands for the entries that are not listed one by one. */
#define SVA_KEY_AUTO_MAP_MORE "config.auto_map.more"

/**
 * Makes at most SVA_AUTO_MAP_LISTED facts ("tokenizer_config.auto_map.AutoTokenizer.0"), entries
 * that point to another repository first, so that one is listed whenever there is one; what is left
 * over is counted in SVA_KEY_AUTO_MAP_MORE. A path that is too long for a key, or stands for two
 * entries, becomes "<file>.auto_map.#<number>". One finding per file with entries.
 * A malformed file is a finding, unless it may hold an entry that a laxer reader would obey:
 * CORRUPT or LIMIT. Other errors: LIMIT (size), IO, CONFLICT, MEMORY.
 */
enum sva_status sva_auto_map_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Strict reading of a pack's JSON values: every key known, none repeated, none
 * missing, types as expected. What is wrong goes to the problem list; readers
 * then return harmless values, so that one pass finds everything.
 */
#ifndef SVA_JUDGE_PACK_READER_H
#define SVA_JUDGE_PACK_READER_H

#include <cjson/cJSON.h>

#include "judge/pack_problems.h"

/** Checks that `object` is one with the keys `required` and perhaps `optional` (both NULL-ended).
 */
bool sva_pack_object(struct sva_problems *problems, const cJSON *object, const char *path,
                     const char *const *required, const char *const *optional);

/** A non-empty text of `object`; "" when it is absent (and reported, unless the object lacks it).
 */
const char *sva_pack_text(struct sva_problems *problems, const cJSON *object, const char *path,
                          const char *key);

/** Index in `words` (NULL-ended) of a text; 0 and a problem when it is none of them. */
size_t sva_pack_word(struct sva_problems *problems, const cJSON *item, const char *path,
                     const char *const *words);

/** The list `key` of `object` with its length; NULL and a problem unless it has 1 to `most` items.
 */
const cJSON *sva_pack_list(struct sva_problems *problems, const cJSON *object, const char *path,
                           const char *key, size_t most);

/** The list `key` of 1 to 32 non-empty texts, in the problems' arena; *count 0 after a problem. */
const char *const *sva_pack_texts(struct sva_problems *problems, const cJSON *object,
                                  const char *path, const char *key, size_t *count);

/** A date YYYY, YYYY-MM or YYYY-MM-DD; else a problem. */
const char *sva_pack_date(struct sva_problems *problems, const cJSON *object, const char *path,
                          const char *key);

#endif

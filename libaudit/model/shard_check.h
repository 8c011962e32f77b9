/* SPDX-License-Identifier: Apache-2.0 */
/** Checks of a set of shards against its numbering and its index. */
#ifndef SVA_SHARD_CHECK_H
#define SVA_SHARD_CHECK_H

#include "model/model_parts.h"

/** Shard numbers of a group without an index: all of 1..N, or CORRUPT. */
enum sva_status sva_shards_check_numbers(struct sva_parts *parts, uint16_t group,
                                         struct sva_error *error) SVA_MUST_CHECK;

/**
 * Index against tensors: a mapped tensor that is not in its shard is CORRUPT;
 * tensors beside the map and a wrong total are findings; of a tensor in two
 * shards only the mapped one stays, and the other must have the same bytes,
 * which are read, or is CORRUPT. `path` names the index.
 */
enum sva_status sva_shards_check_index(struct sva_parts *parts, uint16_t group, const char *path,
                                       const struct sva_shard_index *index,
                                       struct sva_error *error) SVA_MUST_CHECK;

/** The same tensor name twice in one group, no index to decide: CORRUPT. */
enum sva_status sva_shards_check_names(const struct sva_parts *parts,
                                       struct sva_error *error) SVA_MUST_CHECK;

#endif

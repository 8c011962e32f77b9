/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The layout of a Hugging Face hub cache: models--org--name with blobs/, refs/ and
 * snapshots/<revision>, whose files are links into blobs/. Which links may be followed there.
 */
#ifndef SVA_BASE_HUB_CACHE_H
#define SVA_BASE_HUB_CACHE_H

#include <limits.h>
#include <stddef.h>

#include <sovaudit/status.h>

#include "base/memory.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/** Is `path` strictly beneath the directory `above`? Both resolved. */
bool sva_path_is_beneath(const char *path, const char *above);

/**
 * If `resolved` is <...>/models--x/snapshots/<revision>[/...], the length of <...>/models--x, which
 * is where links of this snapshot may lead, and the place of "models--x" in it. Else 0.
 */
size_t sva_hub_root_length(const char *resolved, const char **folder, size_t *folder_size);

/** "models--org--name" -> "org/name" in `arena`; NULL: out of memory. */
char *sva_hub_name(struct sva_arena *arena, const char *folder, size_t length);

/**
 * The root of a cache entry is replaced by its current snapshot: the one that refs/main names, or
 * the only one. Other paths stay. Errors: IO, NOTHING (no snapshot), USAGE (several), LIMIT,
 * NOT_FOUND.
 */
enum sva_status sva_hub_enter_snapshot(char resolved[PATH_MAX],
                                       struct sva_error *error) SVA_MUST_CHECK;

/**
 * Where the link `path` in `folder`, a directory of a snapshot, leads: a path without links beneath
 * the cache entry's root. NULL: not in a snapshot, leads elsewhere or nowhere. sva_free(). Errors:
 * MEMORY.
 */
enum sva_status sva_hub_follow_link(const char *folder, const char *path, char **target,
                                    struct sva_error *error) SVA_MUST_CHECK;

#endif

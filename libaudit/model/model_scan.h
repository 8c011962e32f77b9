/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lists what lies at a path: one file, a directory (subdirectories one level
 * deep), or a Hugging Face hub cache entry. Links are followed only to regular
 * files beneath the model's own root (hub cache: beneath models--org--name);
 * pipes, sockets and devices are never opened. Reads the first bytes of each
 * file to tell its kind; parses nothing.
 */
#ifndef SVA_MODEL_SCAN_H
#define SVA_MODEL_SCAN_H

#include "model/model_parts.h"

/**
 * Fills `scanned` (sorted by path), the model's root and name. `*single` tells
 * whether `path` is one file. Errors: IO, LIMIT, CORRUPT (a refused link or
 * special file where weights or their index should be), USAGE (a hub cache
 * entry with several snapshots), MEMORY.
 */
enum sva_status sva_model_scan(struct sva_parts *parts, const char *path, bool *single,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif

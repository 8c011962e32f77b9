/* SPDX-License-Identifier: Apache-2.0 */
/** A model that arrives as one archive: its entries take the archive's place among the files. */
#ifndef SVA_MODEL_ARCHIVE_FILES_H
#define SVA_MODEL_ARCHIVE_FILES_H

#include "model/model_parts.h"

/**
 * If the only scanned file was named by the caller (`*single`) and is a tar or zip, plain or
 * compressed, that is not itself a file of weights: replaces it by the files in it, without a
 * directory that all share, one level of subdirectories deep, unsniffed and unsorted, and clears
 * `*single`. Otherwise nothing. An archive inside the archive stays a file like any other.
 * Errors: those of sva_archive_unpack(), MEMORY.
 */
enum sva_status sva_archive_files(struct sva_parts *parts, bool *single,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** A temporary folder of our own: files are made in it by plain names, and it is taken away whole.
 */
#ifndef SVA_CASEFILE_CASE_FOLDER_H
#define SVA_CASEFILE_CASE_FOLDER_H

#include "attest/fields.h"
#include "base/memory.h"

struct sva_case_folder {
    char path[512]; /**< "" while there is none */
    struct sva_arena arena;
    struct sva_grown files;   /**< const char *, full paths */
    struct sva_grown folders; /**< const char *, full paths, outer ones first */
};

/** In $TMPDIR, else /var/tmp, else /tmp; for its owner alone. Errors: IO. */
enum sva_status sva_case_folder_make(struct sva_case_folder *folder,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Full path of a name, which need not exist. NULL: no memory. Lives as long as the folder. */
const char *sva_case_folder_path(struct sva_case_folder *folder, const char *name);

/**
 * Makes the file `name` (plain) and the folders above it, open for writing. Errors: IO, CORRUPT
 * (a file has the name of a folder), MEMORY. close() it.
 */
enum sva_status sva_case_folder_create(struct sva_case_folder *folder, const char *name, int *fd,
                                       struct sva_error *error) SVA_MUST_CHECK;

/** write() until all is written. Errors: IO. */
enum sva_status sva_case_folder_write(int fd, const void *bytes, size_t size,
                                      struct sva_error *error) SVA_MUST_CHECK;

/** Also a file that something else makes is to be removed. False: no memory. */
bool sva_case_folder_expect(struct sva_case_folder *folder, const char *name);

/** Removes everything. Safe on a zeroed one. */
void sva_case_folder_remove(struct sva_case_folder *folder);

#endif

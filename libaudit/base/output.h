/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Files that are written: under a temporary name beside their own, then renamed, so that each is
 * whole or not there. Of a symbolic link the file it leads to is replaced, and a file keeps its
 * permissions. A pipe or a device (/dev/null) is written to, never replaced, nor is the file that
 * standard output or error goes to where a link (/dev/stdout) leads there.
 */
#ifndef SVA_BASE_OUTPUT_H
#define SVA_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <sovaudit/status.h>

/** A file that is written piece by piece. */
struct sva_output {
    int fd;
    char *path;
    char *temporary; /**< NULL: a pipe, a device or a stream */
};

/**
 * Begins a file; what killed processes left behind beside it goes (base/leftovers.h). Errors: IO,
 * NOT_FOUND (no such folder), MEMORY; nothing needs to be freed then.
 */
enum sva_status sva_output_open(const char *path, struct sva_output *output,
                                struct sva_error *error) SVA_MUST_CHECK;
/** Appends. Errors: IO. */
enum sva_status sva_output_write(struct sva_output *output, const void *bytes, size_t size,
                                 struct sva_error *error) SVA_MUST_CHECK;
/** Can what was written be written over? Not in a pipe, a device or a stream. */
bool sva_output_can_rewrite(const struct sva_output *output);
/** Writes over bytes that were written; the next ones are appended still. Errors: IO. */
enum sva_status sva_output_rewrite(struct sva_output *output, uint64_t offset, const void *bytes,
                                   size_t size, struct sva_error *error) SVA_MUST_CHECK;
/** Syncs, renames, frees; the file is whole or not there. Errors: IO. */
enum sva_status sva_output_commit(struct sva_output *output,
                                  struct sva_error *error) SVA_MUST_CHECK;
/** Removes what was written, frees. Safe after either of the others. */
void sva_output_abandon(struct sva_output *output);

/** A whole file at once. Nothing is left behind on failure. Errors as of sva_output_open(). */
enum sva_status sva_write_file(const char *path, const void *bytes, size_t size,
                               struct sva_error *error) SVA_MUST_CHECK;

/**
 * Makes a file that is not there yet, with exactly the permissions `mode`: temporary name, sync,
 * then its own name, so that it is whole or not there. Errors: CONFLICT (something has that name,
 * which is left as it is), IO, MEMORY; nothing is left behind then.
 */
enum sva_status sva_create_file(const char *path, const void *bytes, size_t size, unsigned mode,
                                struct sva_error *error) SVA_MUST_CHECK;

/** Writes until all is written. Returns 0 or an errno. */
int sva_write_all(int fd, const void *bytes, size_t size) SVA_MUST_CHECK;

#endif

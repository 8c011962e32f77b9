/* SPDX-License-Identifier: Apache-2.0 */
/** The files of a loss log: as given, or the event files of a directory, sorted by name. */
#ifndef SVA_TRACE_LOG_FILES_H
#define SVA_TRACE_LOG_FILES_H

#include "trace/loss_log.h"

#include <sovaudit/print.h>

struct sva_log_files {
    size_t count;
    const char **paths;
    uint8_t (*digests)[SVA_DIGEST_BYTES];
};

/** Reads every file into `log`. Strings live in `arena`. Errors: IO, NOTHING (a directory without
 *  event files), those of sva_log_read. */
enum sva_status sva_log_files_read(const char *const *paths, size_t count, struct sva_arena *arena,
                                   struct sva_loss_log *log, struct sva_log_files *files,
                                   struct sva_error *error) SVA_MUST_CHECK;

#endif

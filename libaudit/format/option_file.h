/* SPDX-License-Identifier: Apache-2.0 */
/** The reader behind <sovaudit/option_file.h>, for bytes that are in memory. */
#ifndef SVA_FORMAT_OPTION_FILE_H
#define SVA_FORMAT_OPTION_FILE_H

#include <sovaudit/option_file.h>

#include "base/cursor.h"
#include "base/memory.h"

/**
 * Reads `bytes`, called `what` (escaped) in errors, into `arena`; `config->internal` stays NULL.
 * Errors: as sva_option_file_load(), without IO.
 */
SVA_MUST_CHECK enum sva_status sva_option_file_parse(struct sva_span bytes, const char *what,
                                                     struct sva_arena *arena,
                                                     struct sva_option_file *config,
                                                     struct sva_error *error);

#endif

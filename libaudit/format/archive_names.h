/* SPDX-License-Identifier: Apache-2.0 */
/** Names of archive entries: which are taken, and which refuse the archive. */
#ifndef SVA_FORMAT_ARCHIVE_NAMES_H
#define SVA_FORMAT_ARCHIVE_NAMES_H

#include <stdbool.h>

/** The name without any "./" in front; points into `path`. */
const char *sva_archive_name(const char *path);

/**
 * What makes a name unfit, as a predicate ("is ..."), or NULL. A directory may end in a slash or
 * be the archive's root, which is "" or ".". Static text.
 */
const char *sva_archive_name_complaint(const char *path, bool directory);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** What else may carry the name of a weight file, by its first bytes, so that messages can name it.
 */
#ifndef SVA_FORMAT_FOREIGN_H
#define SVA_FORMAT_FOREIGN_H

#include <stddef.h>

#include <sovaudit/status.h>

struct sva_foreign {
    const char *magic;
    size_t size;
    enum sva_status status; /**< UNSUPPORTED: something real; CORRUPT: no model at all */
    const char *is;         /**< "is a zip archive" */
};

/** The first entry whose magic the bytes begin with, or NULL. */
const struct sva_foreign *sva_foreign_find(const uint8_t *bytes, size_t size);

#endif

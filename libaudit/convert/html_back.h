/* SPDX-License-Identifier: Apache-2.0 */
/** The report's JSON out of the page that was made from it. Pages come from anyone. */
#ifndef SVA_CONVERT_HTML_BACK_H
#define SVA_CONVERT_HTML_BACK_H

#include <sovaudit/status.h>

#include "base/cursor.h"

/** Do the bytes begin as a page does? */
bool sva_is_html(struct sva_span page);

/**
 * The bytes of the JSON inside a page, with a NUL behind that is not counted; sva_free() them.
 * `name` is the page's path, for messages. Errors: CORRUPT (no report inside, or not base64; with
 * the byte offset), MEMORY.
 */
enum sva_status sva_html_back(struct sva_span page, const char *name, uint8_t **json,
                              size_t *size_bytes, struct sva_error *error) SVA_MUST_CHECK;

#endif

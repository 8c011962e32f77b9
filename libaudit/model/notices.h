/* SPDX-License-Identifier: Apache-2.0 */
/** Notices: NOTICE and third-party notice files, where a model names what it was made from. */
#ifndef SVA_NOTICES_H
#define SVA_NOTICES_H

#include "model/model_parts.h"

enum { SVA_NOTICES_MAX = 16, SVA_NOTICE_TEXT_BYTES = 4096 };

/**
 * Facts notice.<n>.file, .sha256 and .text for the first SVA_NOTICES_MAX files in path order. The
 * text is at most SVA_NOTICE_TEXT_BYTES, NUL dropped and bytes that are no UTF-8 shown as "?".
 * A cut text and a notice that was not read are findings. Errors: IO, CONFLICT, MEMORY.
 */
enum sva_status sva_notices_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

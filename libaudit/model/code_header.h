/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the head of a program file says of its licence: an SPDX line, else a sentence that only one
 * licence has, and the lines that claim a copyright. Only the first SVA_HEADER_LINES lines count.
 */
#ifndef SVA_MODEL_CODE_HEADER_H
#define SVA_MODEL_CODE_HEADER_H

#include "base/cursor.h"

enum { SVA_HEADER_LINES = 80, SVA_HEADER_COPYRIGHTS = 4, SVA_HEADER_TEXT_BYTES = 96 };

struct sva_code_header {
    char licence[64];      /**< "Apache-2.0", "MIT OR Apache-2.0"; "" none was found */
    uint32_t licence_line; /**< from 1 */
    const char *basis;     /**< "SPDX" or "text" */
    uint32_t copyright_count;
    struct {
        uint32_t line;
        char text[SVA_HEADER_TEXT_BYTES]; /**< valid UTF-8, no controls, cut */
    } copyrights[SVA_HEADER_COPYRIGHTS];  /**< the first of them */
};

/** Time: linear in the first SVA_HEADER_LINES lines, of which 64 KiB are read. */
void sva_code_header_read(struct sva_span source, struct sva_code_header *header);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** tiktoken files: a line for each token, its bytes in base64, a space, its rank, which is its id.
 */
#ifndef SVA_MODEL_TIKTOKEN_H
#define SVA_MODEL_TIKTOKEN_H

#include "model/token_table.h"

/** True when the first line is one of such a file. */
bool sva_tiktoken_sniff(struct sva_span bytes);

/** `what` names the file in errors. Errors: CORRUPT (with the offset), MEMORY. */
enum sva_status sva_tiktoken_parse(struct sva_span bytes, const char *what,
                                   struct sva_vocabulary *vocabulary,
                                   struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Under which licence a model stands, from three places: its card, its licence files, the keys of
 * a GGUF file. What is read are words (model/licence_text.h); what a licence asks for stands in
 * the facts database, which this layer does not know.
 */
#ifndef SVA_MODEL_LICENCES_H
#define SVA_MODEL_LICENCES_H

#include "model/model_parts.h"

enum {
    SVA_LICENCE_FILES_MAX = 8,
    SVA_LICENCE_BYTES_MAX = 1 << 20, /**< a longer file is not read for words */
    SVA_LICENCE_CLAUSES_MAX = 3      /**< places listed of one kind of clause */
};

/**
 * Makes licence.* facts, after the card's and the weight files' have been made:
 *   licence.file, .sha256, .text_sha256 (of its words) of the first licence file
 *   licence.text.<n>          ids of the texts that were recognised, the first file's first
 *   licence.card, .gguf       what the card and the weight file declare, in lower case
 *   licence.id                the text's, else the card's, else the weight file's
 *   licence.conflict          who says what, where two of the three differ
 *   licence.clause.<kind>.<n> file, byte offset and phrase of a restrictive clause
 *   licence.shown.<n>         words that a licence wants shown, and the file that shows them
 * Findings `licence-conflict`, `licence-not-read`. Errors: IO, CONFLICT, MEMORY.
 */
enum sva_status sva_licences_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The prose of a model card, sentence by sentence: which ones speak of where the model comes from.
 * Sentences are kept, not understood. Who is named in them is looked up later, by names that this
 * layer does not know.
 */
#ifndef SVA_MODEL_CARD_PROSE_H
#define SVA_MODEL_CARD_PROSE_H

#include "base/cursor.h"
#include "model/model_parts.h"

enum {
    SVA_PROSE_BYTES_MAX = 1 << 20,    /**< of a card that are read */
    SVA_PROSE_SENTENCE_BYTES = 320,   /**< of a sentence that are kept */
    SVA_PROSE_PARAGRAPH_BYTES = 8192, /**< a longer one is read in pieces */
    SVA_PROSE_KEPT_MAX = 48           /**< sentences of one kind */
};

/** What a sentence speaks of. */
enum sva_prose_kind {
    SVA_PROSE_NONE,
    SVA_PROSE_NAME,   /**< it holds something that looks like a model's name */
    SVA_PROSE_ORIGIN, /**< it holds words such as "based on" */
    SVA_PROSE_SCRATCH /**< it says that the model was trained from scratch */
};

/** Kind of a sentence of `size` bytes in one line; English and Korean. */
enum sva_prose_kind sva_prose_kind_of(const char *text, size_t size);

/**
 * Makes facts of the root's model card behind its front matter:
 *   prose.file                        the card, where a sentence is kept
 *   prose.name.<line>.<n>             sentence n of the text at that line, six and three digits;
 *   prose.origin.<line>.<n>           the line is the one in which the sentence begins
 *   prose.scratch.<line>.<n>
 *   prose.left_out                    how many more there were than are kept
 * Of tables and code only names are kept. Finding `card-cut` for a longer card. Errors: IO, MEMORY.
 */
enum sva_status sva_prose_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

/** The same for text in memory; without prose.file. Errors: MEMORY. */
enum sva_status sva_prose_parse(struct sva_parts *parts, struct sva_span text,
                                struct sva_error *error) SVA_MUST_CHECK;

#endif

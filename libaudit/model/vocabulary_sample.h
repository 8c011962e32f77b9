/* SPDX-License-Identifier: Apache-2.0 */
/** A vocabulary reduced to what a print keeps of it, in bounded size. */
#ifndef SVA_MODEL_VOCABULARY_SAMPLE_H
#define SVA_MODEL_VOCABULARY_SAMPLE_H

#include "model/token_table.h"

/**
 * Makes the sample in `arena`, which owns all of it. Keys are of the text that a token stands for:
 * of WordPiece's, "##ing" is "ing" and "king" is " king", as other vocabularies write them.
 * Time grows as n log n of the tokens and merges. Errors: MEMORY.
 */
enum sva_status sva_vocabulary_sample(const struct sva_vocabulary *vocabulary,
                                      struct sva_arena *arena, struct sva_token_sample **sample,
                                      struct sva_error *error) SVA_MUST_CHECK;

#endif

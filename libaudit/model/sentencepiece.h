/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SentencePiece models (tokenizer.model, spiece.model): a protocol-buffer message whose field 1
 * is a piece {1: text, 2: score, 3: kind} and whose field 2 {3: 1 unigram, 2 BPE} says how it was
 * trained. Other fields are stepped over; groups are refused. Source: sentencepiece_model.proto.
 */
#ifndef SVA_MODEL_SENTENCEPIECE_H
#define SVA_MODEL_SENTENCEPIECE_H

#include "model/token_table.h"

/** True when it begins as such a file does: a first piece that fits. */
bool sva_sentencepiece_sniff(struct sva_span bytes);

/** `what` names the file in errors. Errors: CORRUPT (with the offset), MEMORY. */
enum sva_status sva_sentencepiece_parse(struct sva_span bytes, const char *what,
                                        struct sva_vocabulary *vocabulary,
                                        struct sva_error *error) SVA_MUST_CHECK;

#endif

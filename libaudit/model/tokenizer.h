/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Vocabularies beside weights: tokenizer.json, else vocab.json with merges.txt, else vocab.txt,
 * else a SentencePiece model, else a tiktoken file. Merges, normalisers and regular expressions
 * are read or skipped, never run.
 */
#ifndef SVA_TOKENIZER_H
#define SVA_TOKENIZER_H

#include "base/cursor.h"
#include "model/model_parts.h"
#include "model/token_table.h"

/** Parses tokenizer.json. Errors: CORRUPT, LIMIT, MEMORY. */
enum sva_status sva_tokenizer_parse(struct sva_span text, const char *what, uint32_t depth,
                                    struct sva_vocabulary *vocabulary,
                                    struct sva_error *error) SVA_MUST_CHECK;
/** Parses {"token": id}. Errors as above. */
enum sva_status sva_vocab_json_parse(struct sva_span text, const char *what, uint32_t depth,
                                     struct sva_vocabulary *vocabulary,
                                     struct sva_error *error) SVA_MUST_CHECK;
/** Parses one token per line. Errors: MEMORY. */
enum sva_status sva_vocab_text_parse(struct sva_span text, struct sva_vocabulary *vocabulary,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Parses merges.txt into a vocabulary that is there. On failure some may have been added. CORRUPT,
 * MEMORY. */
enum sva_status sva_merges_parse(struct sva_span text, const char *what,
                                 struct sva_vocabulary *vocabulary,
                                 struct sva_error *error) SVA_MUST_CHECK;

/**
 * Makes a vocabulary that was read from `path` the model's: tokenizer.* facts, token_keys, which
 * move, and the frequent tokens. Errors: MEMORY.
 */
enum sva_status sva_tokenizer_publish(struct sva_parts *parts, const char *path,
                                      struct sva_vocabulary *vocabulary,
                                      struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads the model's vocabulary, if any and unless a weight file had one, into token_keys and the
 * tokenizer.* facts. A malformed one is a finding. Errors: IO, MEMORY.
 */
enum sva_status sva_tokenizer_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Files that hold a vocabulary: by their names beside weights, or one on its own by its content.
 */
#ifndef SVA_MODEL_VOCABULARY_FILE_H
#define SVA_MODEL_VOCABULARY_FILE_H

#include "model/token_table.h"

/** Fills a vocabulary from a whole file. `what` is escaped. Errors: CORRUPT, LIMIT, MEMORY. */
typedef enum sva_status sva_vocabulary_take(struct sva_span bytes, const char *what,
                                            uint32_t json_depth, struct sva_vocabulary *vocabulary,
                                            struct sva_error *error);

struct sva_vocabulary_name {
    const char *name;
    sva_vocabulary_take *take;
    const char *beside; /**< a second file, which may be absent; or NULL */
    sva_vocabulary_take *take_beside;
};

/** The names in order of preference; NULL behind the last. */
const struct sva_vocabulary_name *sva_vocabulary_name_at(size_t index);

/**
 * Reads the vocabulary of one file, whatever its format: GGUF by its magic, JSON by what the object
 * holds, a SentencePiece model or a tiktoken file by their first entry, anything else as one token
 * a line. merges.txt is read beside vocab.json. Errors: IO, CORRUPT, LIMIT, MEMORY; NOTHING: a
 * GGUF file without one.
 */
enum sva_status sva_vocabulary_load(const char *path, const struct sva_limits *limits,
                                    struct sva_vocabulary *vocabulary,
                                    struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Fingerprints of program text by winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: local
 * algorithms for document fingerprinting", SIGMOD 2003): of every window of SVA_CODE_WINDOW
 * neighbouring runs of tokens the smallest hash is kept, so that any shared stretch of
 * SVA_CODE_RUN_... + SVA_CODE_WINDOW - 1 tokens leaves a common fingerprint wherever it stands.
 *
 * Comments, docstrings, blanks and line ends do not count; numbers are one token, strings another.
 * Every file is read twice. As written: names as they are, which shows text that was taken over.
 * Names alike: every name that is no keyword is one token, which shows it too after classes,
 * variables and attributes were renamed, and needs longer runs to be as telling.
 */
#ifndef SVA_MODEL_CODE_SKETCH_H
#define SVA_MODEL_CODE_SKETCH_H

#include <sovaudit/model.h>

#include "model/python_tokens.h"

enum {
    SVA_CODE_RUN_WRITTEN = 16, /**< tokens of a run, as written */
    SVA_CODE_RUN_ALIKE = 32,   /**< names alike */
    SVA_CODE_WINDOW = 8
};

/** Fills counts and marks of `file`, which live in `arena`. Errors: MEMORY. */
enum sva_status sva_code_sketch(const struct sva_python *python, struct sva_arena *arena,
                                struct sva_code_file *file, struct sva_error *error) SVA_MUST_CHECK;

#endif

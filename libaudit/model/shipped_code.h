/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Programs that come with a model, read as text and never run: Python files and shell scripts.
 * Facts: "code.files", "code.run_time_downloads" and "code.possible_downloads" (how many),
 * "code.download.01" ... and "code.possible_download.01" ... ("file:line: call", the first
 * SVA_CODE_CALLS_LISTED), "code.file.01" ... ("file: licence (where from); line: copyright",
 * the first SVA_CODE_FILES). The two counts are left out when they are 0 and a program could not be
 * read: then nothing is known. Fingerprints of Python files go into the model (code_sketch.h).
 */
#ifndef SVA_MODEL_SHIPPED_CODE_H
#define SVA_MODEL_SHIPPED_CODE_H

#include "model/model_parts.h"

enum {
    SVA_CODE_CALLS_LISTED = 32,
    SVA_CODE_FILES_READ = 512,             /**< programs read at most */
    SVA_CODE_FILE_BYTES = 2 * 1024 * 1024, /**< of a program, at most */
    SVA_CODE_ALL_BYTES = 16 * 1024 * 1024  /**< of all of them together */
};

#define SVA_KEY_CODE_DOWNLOADS "code.run_time_downloads"
#define SVA_KEY_CODE_POSSIBLE  "code.possible_downloads"

/**
 * What is too long or cannot be read is a finding "code-not-read".
 * Errors: IO, CONFLICT, MEMORY.
 */
enum sva_status sva_shipped_code_read(struct sva_parts *parts,
                                      struct sva_error *error) SVA_MUST_CHECK;

/** One file was named, which brings no programs: the counts are 0. Errors: MEMORY. */
enum sva_status sva_shipped_code_none(struct sva_parts *parts,
                                      struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** A bundle unpacked: every entry held against SHA256SUMS before anything in it is parsed. */
#ifndef SVA_CASEFILE_CASE_READ_H
#define SVA_CASEFILE_CASE_READ_H

#include <sovaudit/casefile.h>

#include "attest/verify_lines.h"
#include "base/file.h"
#include "casefile/case_folder.h"
#include "casefile/case_parts.h"
#include "casefile/sums.h"

/** One bundle in work. Zero-initialise, sva_case_close(). */
struct sva_unpacked {
    const struct sva_casefile_checks *checks;
    const char *what; /**< the bundle's path, escaped */
    struct sva_arena arena;
    struct sva_sums sums;
    struct sva_case_folder folder;
    struct sva_findings *findings;
    bool signed_by_key; /**< a signature of checks->key was good */
    struct sva_error *error;
};

/**
 * Unpacks. *whole says whether everything that is listed was there, as listed, and nothing else;
 * when it was not, lines say why. Errors: CORRUPT, LIMIT, IO, CANCELLED, UNSUPPORTED, MEMORY.
 */
enum sva_status sva_case_unpack(struct sva_unpacked *work, const struct sva_input *input,
                                bool *whole) SVA_MUST_CHECK;
void sva_case_close(struct sva_unpacked *work);

bool sva_case_has(const struct sva_unpacked *work, enum sva_case_part part);
/** Full path of a file, which need not exist; NULL: no memory. */
const char *sva_case_path(struct sva_unpacked *work, const char *name);
/** Bytes of a file of the bundle; sva_bytes_done(). Errors: IO, MEMORY. */
enum sva_status sva_case_load(struct sva_unpacked *work, const char *name,
                              struct sva_bytes *bytes) SVA_MUST_CHECK;
/** Errors: CANCELLED, when the caller wants no more. */
enum sva_status sva_case_go_on(struct sva_unpacked *work) SVA_MUST_CHECK;
/** A line. */
void sva_case_tell(struct sva_unpacked *work, enum sva_check_code code, enum sva_check_state state,
                   const char *text);
/** The line, passed or failed. */
void sva_case_judge(struct sva_unpacked *work, enum sva_check_code code, bool good,
                    const char *text);

/**
 * An error about a file of the temporary folder becomes one about the bundle: its path is replaced.
 * Returns `status`.
 */
enum sva_status sva_case_retell(struct sva_unpacked *work, enum sva_status status);

#endif

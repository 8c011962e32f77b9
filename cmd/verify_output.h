/* SPDX-License-Identifier: Apache-2.0 */
/** A verification, line by line, for people. */
#ifndef SOVAUDIT_CMD_VERIFY_OUTPUT_H
#define SOVAUDIT_CMD_VERIFY_OUTPUT_H

#include "settings.h"

/** Prints (unless --quiet) and gives the exit code: 0 verified, 1 not. */
int print_verification(const struct settings *settings,
                       const struct sva_verification *verification);

/**
 * Prints a verification as text or, with --json, as JSON; where `status` says that it could not be
 * made, complains of `error`. `kind` as in struct sva_verification_note. Gives the exit code.
 */
int finish_verification(const struct settings *settings, const char *kind, enum sva_status status,
                        const struct sva_verification *verification, const struct sva_error *error);

/** An error of a verification: 3 for usage, 130 when stopped, else 2: it could not be read. */
int complain_unreadable(const struct sva_error *error);

#endif

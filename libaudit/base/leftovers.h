/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Temporary files that a killed process left behind. A file that is being written has a name of its
 * own beside its final one and is locked by the process that writes it; the lock ends with the
 * process, the name does not.
 */
#ifndef SVA_BASE_LEFTOVERS_H
#define SVA_BASE_LEFTOVERS_H

#include <stdint.h>

/** The names are START, sva_leftover_owner(), "-", a number, END. */
#define SVA_LEFTOVER_START ".sovaudit-"
#define SVA_LEFTOVER_END   ".tmp"

/**
 * A random number that stands for this process: in containers all processes may have the number 1.
 */
uint64_t sva_leftover_owner(void);

/**
 * Locks the temporary file `temporary` that has just been made and is open for writing at `fd`, and
 * removes those of other processes in its folder that nobody has locked and that are at least a
 * minute older. Best effort: what cannot be looked at, locked or removed stays.
 */
void sva_leftovers_remove(int fd, const char *temporary);

#endif

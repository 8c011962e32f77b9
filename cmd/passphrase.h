/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Pass phrases: from a file descriptor or the terminal without echo; never from the command line
 * or the environment, where other processes can see them.
 */
#ifndef SOVAUDIT_CMD_PASSPHRASE_H
#define SOVAUDIT_CMD_PASSPHRASE_H

#include "settings.h"

enum { PASSPHRASE_BYTES = 1024 };

struct passphrase_source {
    const struct settings *settings; /**< --passphrase-fd, --lang */
    bool twice;                      /**< ask again, for a new key */
    bool told;                       /**< out: a sentence about it went to stderr */
};

/** Fits sva_ask_passphrase; `context` is a struct passphrase_source. */
bool passphrase_ask(void *context, char *text, size_t size);

/** Reads the private key of --key. -1, or an exit code after a message; sva_key_free() it. */
int signing_key_load(const struct settings *settings, struct sva_key **key);

/** Overwrites the bytes in a way that is not optimised away. */
void passphrase_wipe(char *text, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** What the commands about the store have in common. */
#ifndef SOVAUDIT_CMD_STORE_OUTPUT_H
#define SOVAUDIT_CMD_STORE_OUTPUT_H

#include "settings.h"

/** Opens --refs or the default store; a missing one is made when `create`. -1 or an exit code. */
int open_store(const struct settings *settings, bool create, struct sva_refstore **store);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Evidence bundles, as `verify` meets them. */
#ifndef SOVAUDIT_CMD_CASEFILE_OUTPUT_H
#define SOVAUDIT_CMD_CASEFILE_OUTPUT_H

#include "settings.h"

/** Verifies the bundle that is the operand and prints the lines. The exit code. */
int verify_casefile(const struct settings *settings);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Everything, for programs that want one include. */
#ifndef SOVAUDIT_SOVAUDIT_H
#define SOVAUDIT_SOVAUDIT_H

#include <sovaudit/audit.h>
#include <sovaudit/casefile.h>
#include <sovaudit/convert.h>
#include <sovaudit/known.h>
#include <sovaudit/option_file.h>
#include <sovaudit/refpack.h>
#include <sovaudit/sign.h>

#endif

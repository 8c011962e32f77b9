/* SPDX-License-Identifier: Apache-2.0 */
/** Whether the bytes of a file are in memory already. */
#ifndef SVA_BASE_PAGE_CACHE_H
#define SVA_BASE_PAGE_CACHE_H

#include <stdbool.h>

#include "base/file.h"

/**
 * Are three quarters of a file's bytes, by a few that are looked for, not in the page cache? False
 * where the system does not tell.
 */
bool sva_input_is_cold(const struct sva_input *input);

#endif

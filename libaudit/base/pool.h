/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Parallel for. Items 0..count-1 are handed out in order to threads; results go
 * into per-item slots, so the outcome does not depend on the thread count. The
 * error reported is that of the lowest failing item.
 */
#ifndef SVA_BASE_POOL_H
#define SVA_BASE_POOL_H

#include <stddef.h>

#include <sovaudit/status.h>

typedef enum sva_status sva_work(void *context, size_t item, struct sva_error *error);

/** `threads` 0 = number of processors. Stops early after a failure or cancellation. */
enum sva_status sva_parallel(size_t count, uint32_t threads, sva_work *work, void *context,
                             const struct sva_progress *progress,
                             struct sva_error *error) SVA_MUST_CHECK;

uint32_t sva_processor_count(void);

/** Has who watches the work asked to stop? False without a watcher. */
bool sva_is_cancelled(const struct sva_progress *progress);

#endif

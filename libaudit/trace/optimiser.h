/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The optimiser state beside a checkpoint: optimizer.pt, optimizer.bin, optimizer.safetensors,
 * optim*.pt, *optim_states.pt. Moments (exp_avg, exp_avg_sq) must have the weights' shapes; names
 * are not needed, because PyTorch numbers them.
 */
#ifndef SVA_TRACE_OPTIMISER_H
#define SVA_TRACE_OPTIMISER_H

#include <sovaudit/trace.h>

#include "base/memory.h"

/**
 * Looks for a state in the directory of `model` and reads it. No file leaves `out->file` NULL, one
 * that cannot be read sets `out->unread`. Texts live in `arena`. Errors: MEMORY, CANCELLED.
 */
enum sva_status sva_optimiser_look(const struct sva_model *model, struct sva_arena *arena,
                                   struct sva_trace_optimiser *out,
                                   struct sva_error *error) SVA_MUST_CHECK;

#endif

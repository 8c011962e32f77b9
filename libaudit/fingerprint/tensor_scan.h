/* SPDX-License-Identifier: Apache-2.0 */
/** Streams one stored tensor through the scans of its views, in bounded memory. */
#ifndef SVA_FINGERPRINT_TENSOR_SCAN_H
#define SVA_FINGERPRINT_TENSOR_SCAN_H

#include <sovaudit/print.h>

#include "fingerprint/read_ahead.h"

/**
 * Fills `out[0 .. view_count)` for the views of one tensor (all views of it,
 * in order). `origin` (may be NULL): values of its tensor of the same name and shape are taken off;
 * without one the views are SVA_INERT_UNREADABLE. Errors: those of sva_model_read, MEMORY. On
 * failure every entry still needs sva_print_tensor_done(). `ahead` (may be NULL: no cosines) was
 * read from the whole model.
 */
SVA_MUST_CHECK enum sva_status sva_tensor_scan(const struct sva_model *model,
                                               const struct sva_model *origin,
                                               const struct sva_read_ahead *ahead,
                                               const struct sva_view *views, size_t view_count,
                                               struct sva_print_tensor *out,
                                               struct sva_error *error);

#endif

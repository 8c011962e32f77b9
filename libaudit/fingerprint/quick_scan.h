/* SPDX-License-Identifier: Apache-2.0 */
/** Reads the lines of a stored tensor that a quick print needs, in bounded memory. */
#ifndef SVA_FINGERPRINT_QUICK_SCAN_H
#define SVA_FINGERPRINT_QUICK_SCAN_H

#include <sovaudit/print.h>

#include "fingerprint/read_ahead.h"

/**
 * Fills `out[0 .. view_count)` for the views of one tensor, each read to its level (enum
 * sva_quick_level), none to SVA_QUICK_WHOLE: those go to sva_tensor_scan(). The same values give
 * the same bytes in the parts that both fill. Errors and freeing as sva_tensor_scan().
 */
SVA_MUST_CHECK enum sva_status sva_quick_scan(const struct sva_model *model,
                                              const struct sva_read_ahead *ahead,
                                              const struct sva_view *views, size_t view_count,
                                              const uint8_t *levels, struct sva_print_tensor *out,
                                              struct sva_error *error);

/**
 * Hashes a file that lies beside the weights; a weight file, or one of more than
 * SVA_QUICK_LEAST_BYTES, is left alone. Errors: those of sva_model_read, MEMORY.
 */
SVA_MUST_CHECK enum sva_status sva_quick_hash_file(const struct sva_model *model, uint32_t index,
                                                   struct sva_print_file *file,
                                                   struct sva_error *error);

#endif

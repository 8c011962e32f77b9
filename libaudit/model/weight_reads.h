/* SPDX-License-Identifier: Apache-2.0 */
/** How much of a model's weights has been read. */
#ifndef SVA_MODEL_WEIGHT_READS_H
#define SVA_MODEL_WEIGHT_READS_H

#include <sovaudit/model.h>

/** Bytes that sva_model_read() has read of audited files since the model was opened. Thread-safe.
 */
uint64_t sva_weight_bytes_read(const struct sva_model *model);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What every reader of a weight file gives: its tensors, what it says about itself, and what is
 * odd about it. The readers: format/safetensors.h, format/gguf.h, format/torch_file.h,
 * format/npz.h.
 */
#ifndef SVA_FORMAT_CONTAINER_H
#define SVA_FORMAT_CONTAINER_H

#include <sovaudit/model.h>

#include "base/memory.h"

/** Text that a file carries about itself. Keys are not unique. */
struct sva_metadata {
    const char *key, *value;
};

struct sva_container {
    struct sva_arena arena; /**< owns everything below */
    size_t tensor_count;
    struct sva_tensor *tensors; /**< by offset, then name; `file` is 0 */
    size_t metadata_count;
    struct sva_metadata *metadata;
    size_t finding_count;
    struct sva_finding *findings; /**< `file` NULL: the caller knows it */
    uint64_t data_offset;         /**< where tensors may begin */
    uint64_t unclaimed_bytes;     /**< bytes of the data that belong to no tensor, padding that is zero not counted */
};

void sva_container_done(struct sva_container *container);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** The formats of weights that are read, in one table: where to add one. */
#ifndef SVA_WEIGHT_FORMATS_H
#define SVA_WEIGHT_FORMATS_H

#include "model/model_parts.h"

struct sva_weight_format {
    enum sva_file_kind kind;
    const char *ending; /**< of shards and, followed by ".index.json", of their index; NULL: never
                           indexed */
    /** Reads the header of file `index` of the scan, and what it says about the model. */
    enum sva_status (*read)(struct sva_parts *parts, size_t index, const struct sva_input *input,
                            struct sva_container *container, struct sva_error *error);
    /**
     * Marks the files of a group without an index that are its weights (`audited` and `group`).
     * NULL: all of the kind.
     */
    enum sva_status (*choose)(struct sva_parts *parts, uint16_t group, struct sva_error *error);
};

/** All formats; where a directory holds several, the first counts. */
const struct sva_weight_format *sva_weight_formats(size_t *count);

/** NULL: files of this kind are not read. */
const struct sva_weight_format *sva_weight_format_of(enum sva_file_kind kind);

/** Does a training run write this beside the model? Its tensors are no weights. */
bool sva_is_training_state(const char *base);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Quantised checkpoints that keep one matrix in several stored tensors: codes, scales, zero
 * points, an order of the inputs. Recognised by the names' endings, shapes and types; what a
 * configuration says is only a hint. The stored tensors leave the model's list and one logical
 * tensor takes their place, named like the unquantised one.
 */
#ifndef SVA_PACKING_H
#define SVA_PACKING_H

#include "model/model_parts.h"

enum { SVA_PACKED_PARTS_MAX = 8 };

/** One stored tensor of a packed one. */
struct sva_packed_part {
    const char *role;         /**< "codes", "scales", "zero points" ... */
    struct sva_tensor stored; /**< a copy of what the file's header said */
};

/** The stored tensors of a packed one, for listings. Borrowed. */
const struct sva_packed_part *sva_packing_parts(const struct sva_packing *packing, size_t *count);

/**
 * Replaces the stored tensors of quantised matrices by logical tensors with dtype
 * SVA_DTYPE_PACKED, a form and a packing; the list stays sorted by name. Sets of tensors that
 * look quantised but do not fit together stay as they are and give a finding. Runs after all
 * headers were read and configurations parsed, before roles are assigned, whose assignments it
 * starts anew. Reads shapes and states that are kept as tensors. Errors: MEMORY, IO, CONFLICT.
 */
enum sva_status sva_packing_find(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

struct sva_packing_reader;

/**
 * Errors: MEMORY, IO, CONFLICT, CORRUPT (an input whose group does not exist). `*grain` is 1: any run
 * of elements can be read; in ascending order every stored byte is read about once. A reader holds
 * some 30 MiB for usual shapes.
 */
enum sva_status sva_packing_open(const struct sva_model *model, const struct sva_tensor *tensor,
                                 struct sva_packing_reader **reader, uint64_t *grain,
                                 struct sva_error *error) SVA_MUST_CHECK;

/**
 * As sva_values_read() (model/tensor_values.h), which is its only caller. Values and steps as
 * defined in model/packing_layout.h; a step that is not finite is 0. Errors: IO, CONFLICT, MEMORY.
 */
enum sva_status sva_packing_read(struct sva_packing_reader *reader, uint64_t first, size_t count,
                                 float *out, float *steps, struct sva_error *error) SVA_MUST_CHECK;

void sva_packing_close(struct sva_packing_reader *reader);

#endif

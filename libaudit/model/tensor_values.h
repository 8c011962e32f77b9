/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The values of a tensor as F32, in logical order, whatever they are stored in: plain elements,
 * ggml blocks, or several stored tensors that make one (model/packing.h). The only place where
 * stored bytes become values. One reader belongs to one thread.
 */
#ifndef SVA_TENSOR_VALUES_H
#define SVA_TENSOR_VALUES_H

#include <sovaudit/model.h>

struct sva_values {
    const struct sva_model *model;
    const struct sva_tensor *tensor;
    uint64_t grain;  /**< reads begin at its multiples, and end there or at the tensor's end; >= 1 */
    bool decodable;  /**< false: there are bytes but no values */
    bool exact;      /**< the F32 values of the last read are exactly what is stored */
    bool quantised;  /**< steps are known */
    const uint8_t *raw; /**< stored bytes of the last read, low byte first; NULL: a packed tensor */
    size_t raw_bytes;
    void *internal;
};

/** `tensor` is one of the model's. Errors: MEMORY, and those of the packing. */
enum sva_status sva_values_open(const struct sva_model *model, const struct sva_tensor *tensor,
                                struct sva_values *values, struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads elements [first, first + count); `count` is at most about a million, for memory's sake.
 * `out` (may be NULL: only the bytes are wanted) gets [count] values; tensors that are not
 * decodable leave it untouched. `steps` (may be NULL) gets [count] distances between the codes
 * next to each value, 0 where that is unknown or nothing was quantised.
 * Errors: IO, CONFLICT, CORRUPT (codes that cannot be: an index beyond its groups), MEMORY.
 */
enum sva_status sva_values_read(struct sva_values *values, uint64_t first, size_t count, float *out,
                                float *steps, struct sva_error *error) SVA_MUST_CHECK;

void sva_values_done(struct sva_values *values);

/** Reverses the bytes of each scalar of `width` bytes; what is left at the end stays. */
void sva_swap_scalars(uint8_t *bytes, size_t size, size_t width);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Integer sketches of one axis of a matrix (METHOD section 3, steps 1-3).
 *
 * The axis is *kept*: its indices (all of them, or a hashed subset) stay
 * apart. Everything across it - the other axis and the kernel positions - is
 * *summed*: up to SVA_SLICES slices, chosen and signed by a hash of their index
 * inside the logical tensor (for vocabularies: of the token's bytes), never by
 * layer, role or name, so that any two tensors of one shape, and any two
 * models, can be compared.
 *
 *   slice i  (length: kept indices)      scaled to unit length
 *   f_k[j] = sum over slices i of group k of sign(i) * w_i[j] / rms over slices of w[j]
 *   stored: round(256 * f), clipped to +-2047
 *
 * Scaling by slices and by kept index makes the sketch blind to per-row and
 * per-column rescaling; unit slices keep outlier dimensions from deciding.
 */
#ifndef SVA_FINGERPRINT_SKETCH_H
#define SVA_FINGERPRINT_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sovaudit/print.h>

enum {
    SVA_SLICES = 256,         /**< slices summed at most */
    SVA_KEPT_ALL = 1024,      /**< an axis up to this length is kept whole */
    SVA_KEPT_CORE = 512,      /**< longer: this many hashed indices (the core) ... */
    SVA_KEPT_RESIDUAL = 32768,/**< ... unless it is a residual axis, kept whole up to this length */
    SVA_KEPT_VALUE = 1024,    /**< or value dimensions: so many from the first head on */
    SVA_FEATURE_LIMIT = 2047
};

/** How many indices of an axis are kept; 0 when the axis is never permuted or too short (< 4). */
uint32_t sva_kept_count(uint64_t length, enum sva_axis_kind kind);

/** Features K of an axis of this length: 4096 / length, within 4..64, at most `slices`. */
uint32_t sva_feature_count(uint64_t length, uint64_t slices);

/**
 * The kept indices in ascending order: all when kept == length, the first ones when
 * kept == SVA_KEPT_VALUE, else the `kept` indices with the smallest hash. `indices` holds
 * `kept`. False when out of memory.
 */
bool sva_kept_indices(uint64_t length, uint32_t kept, uint64_t *indices);

/** First position of a list of ascending kept indices whose entry is >= bound; `count`: none. */
uint32_t sva_first_kept(const uint64_t *list, uint32_t count, uint64_t bound);

/** A slice to be summed. */
struct sva_slice {
    uint64_t index; /**< other-axis index * kernel positions + kernel position */
    uint32_t group; /**< feature it enters */
    int32_t sign;   /**< +1 or -1 */
};

/**
 * Chooses the slices, ascending by index. `keys` (may be NULL) gives one hash
 * per other-axis index (tokens); index hashes otherwise. Returns the count,
 * at most SVA_SLICES.
 */
uint32_t sva_choose_slices(uint64_t other_length, uint64_t kernel, const uint64_t *keys,
                           uint32_t features, struct sva_slice *slices);

/** Gathered values: values[slice * kept + j]. Non-finite values are read as 0. */
struct sva_gathered {
    uint32_t kept, slice_count, features;
    const struct sva_slice *slices;
    float *values;             /**< scaled in place */
    const uint64_t *indices;   /**< [kept] the kept indices */
    uint64_t kernel;           /**< kernel positions per other-axis index */
    /**
     * Side of the matrix's square blocks, 0 = none. Diagonal values are replaced by what
     * their row's and column's means predict: identity and Dirac starts and recurrent
     * layers write large diagonals into unrelated models, and since both sides of such a
     * matrix share a numbering, a renumbering of one side would take them for agreement.
     */
    uint64_t diagonal_side;
    const uint32_t *core;      /**< positions that set the slices' norms, or NULL for all */
    uint32_t core_count;
};

/** Computes the features; false when out of memory. */
bool sva_sketch_features(struct sva_gathered *gathered, int16_t *features);

/**
 * Leading directions of the same matrix after sva_sketch_features(), centred both ways, into
 * `sketch`, whose `directions` the caller frees. False: out of memory.
 */
bool sva_sketch_directions(struct sva_gathered *gathered, struct sva_axis_sketch *sketch);

#endif

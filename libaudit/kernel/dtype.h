/* SPDX-License-Identifier: Apache-2.0 */
/** The dtype table and decoding of stored elements to double or float. */
#ifndef SVA_KERNEL_DTYPE_H
#define SVA_KERNEL_DTYPE_H

#include <stddef.h>

#include <sovaudit/model.h>

struct sva_dtype_info {
    const char *name; /**< as in the safetensors header, or ggml's name */
    uint32_t bits;    /**< per element; 0 for block types, PACKED and OPAQUE */
    bool is_float;
    bool decodable;          /**< sva_decode_f32 understands it (F6 and C64 are hashed raw only) */
    bool fits_float;         /**< every value is exactly an F32 (value hash v1 unites these) */
    uint32_t block_elements; /**< elements that are stored and decoded together, 0: no such thing */
    uint32_t block_bytes;
};

/** Never NULL for a valid dtype. */
const struct sva_dtype_info *sva_dtype_get(enum sva_dtype dtype);
/** safetensors' names only, case-sensitive; false if unknown. */
bool sva_dtype_find(const char *name, size_t length, enum sva_dtype *dtype);
/** The type that a GGUF file numbers so (FORMATS: ids of ggml); false for removed and unknown ids.
 */
bool sva_dtype_of_ggml(uint32_t id, enum sva_dtype *dtype);

static inline bool sva_dtype_is_block(enum sva_dtype dtype)
{
    return dtype >= SVA_DTYPE_Q4_0 && dtype <= SVA_DTYPE_Q2_0;
}

/**
 * Decodes `count` elements starting at element `first` of `bytes` (F4: low nibble
 * is the even element) to F32 bits. I32/U32/I64/U64/F64 round to nearest. Of a block type
 * `first` and `count` are multiples of block_elements, see kernel/dequantise.h; otherwise, and for
 * what is not decodable, all values are NaN.
 * Domain: any bytes; NaN stay NaN. Exact for every dtype with fits_float.
 */
void sva_decode_f32(enum sva_dtype dtype, const uint8_t *bytes, size_t first, size_t count,
                    float *out);

#endif

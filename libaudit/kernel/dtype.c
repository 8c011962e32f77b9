/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/dtype.h"

#include <math.h>
#include <string.h>

#include "kernel/dequantise.h"
#include "kernel/dequantise_levels.h"
#include "kernel/float_bits.h"
#include "kernel/small_floats.h"

/* clang-format off */
static const struct sva_dtype_info dtypes[SVA_DTYPE_COUNT] = {
    /*                        name           bits float  decode fits32 block elements, bytes */
    [SVA_DTYPE_F4]          = {"F4",          4,  true,  true,  true,  2,   1},
    [SVA_DTYPE_F6_E2M3]     = {"F6_E2M3",     6,  true,  false, false, 4,   3},
    [SVA_DTYPE_F6_E3M2]     = {"F6_E3M2",     6,  true,  false, false, 4,   3},
    [SVA_DTYPE_F8_E5M2]     = {"F8_E5M2",     8,  true,  true,  true,  1,   1},
    [SVA_DTYPE_F8_E4M3]     = {"F8_E4M3",     8,  true,  true,  true,  1,   1},
    [SVA_DTYPE_F8_E8M0]     = {"F8_E8M0",     8,  true,  true,  true,  1,   1},
    [SVA_DTYPE_F8_E4M3FNUZ] = {"F8_E4M3FNUZ", 8,  true,  true,  true,  1,   1},
    [SVA_DTYPE_F8_E5M2FNUZ] = {"F8_E5M2FNUZ", 8,  true,  true,  true,  1,   1},
    [SVA_DTYPE_BOOL]        = {"BOOL",        8,  false, true,  true,  1,   1},
    [SVA_DTYPE_U8]          = {"U8",          8,  false, true,  true,  1,   1},
    [SVA_DTYPE_I8]          = {"I8",          8,  false, true,  true,  1,   1},
    [SVA_DTYPE_I16]         = {"I16",         16, false, true,  true,  1,   2},
    [SVA_DTYPE_U16]         = {"U16",         16, false, true,  true,  1,   2},
    [SVA_DTYPE_F16]         = {"F16",         16, true,  true,  true,  1,   2},
    [SVA_DTYPE_BF16]        = {"BF16",        16, true,  true,  true,  1,   2},
    [SVA_DTYPE_I32]         = {"I32",         32, false, true,  false, 1,   4},
    [SVA_DTYPE_U32]         = {"U32",         32, false, true,  false, 1,   4},
    [SVA_DTYPE_F32]         = {"F32",         32, true,  true,  true,  1,   4},
    [SVA_DTYPE_C64]         = {"C64",         64, true,  false, false, 1,   8},
    [SVA_DTYPE_F64]         = {"F64",         64, true,  true,  false, 1,   8},
    [SVA_DTYPE_I64]         = {"I64",         64, false, true,  false, 1,   8},
    [SVA_DTYPE_U64]         = {"U64",         64, false, true,  false, 1,   8},
    [SVA_DTYPE_Q4_0]        = {"Q4_0",        0,  true,  true,  true,  32,  18},
    [SVA_DTYPE_Q4_1]        = {"Q4_1",        0,  true,  true,  true,  32,  20},
    [SVA_DTYPE_Q5_0]        = {"Q5_0",        0,  true,  true,  true,  32,  22},
    [SVA_DTYPE_Q5_1]        = {"Q5_1",        0,  true,  true,  true,  32,  24},
    [SVA_DTYPE_Q8_0]        = {"Q8_0",        0,  true,  true,  true,  32,  34},
    [SVA_DTYPE_Q8_1]        = {"Q8_1",        0,  true,  true,  true,  32,  36},
    [SVA_DTYPE_Q2_K]        = {"Q2_K",        0,  true,  true,  true,  256, 84},
    [SVA_DTYPE_Q3_K]        = {"Q3_K",        0,  true,  true,  true,  256, 110},
    [SVA_DTYPE_Q4_K]        = {"Q4_K",        0,  true,  true,  true,  256, 144},
    [SVA_DTYPE_Q5_K]        = {"Q5_K",        0,  true,  true,  true,  256, 176},
    [SVA_DTYPE_Q6_K]        = {"Q6_K",        0,  true,  true,  true,  256, 210},
    [SVA_DTYPE_Q8_K]        = {"Q8_K",        0,  true,  true,  true,  256, 292},
    [SVA_DTYPE_IQ2_XXS]     = {"IQ2_XXS",     0,  true,  true,  true,  256, 66},
    [SVA_DTYPE_IQ2_XS]      = {"IQ2_XS",      0,  true,  true,  true,  256, 74},
    [SVA_DTYPE_IQ3_XXS]     = {"IQ3_XXS",     0,  true,  true,  true,  256, 98},
    [SVA_DTYPE_IQ1_S]       = {"IQ1_S",       0,  true,  true,  true,  256, 50},
    [SVA_DTYPE_IQ4_NL]      = {"IQ4_NL",      0,  true,  true,  true,  32,  18},
    [SVA_DTYPE_IQ3_S]       = {"IQ3_S",       0,  true,  true,  true,  256, 110},
    [SVA_DTYPE_IQ2_S]       = {"IQ2_S",       0,  true,  true,  true,  256, 82},
    [SVA_DTYPE_IQ4_XS]      = {"IQ4_XS",      0,  true,  true,  true,  256, 136},
    [SVA_DTYPE_IQ1_M]       = {"IQ1_M",       0,  true,  true,  true,  256, 56},
    [SVA_DTYPE_TQ1_0]       = {"TQ1_0",       0,  true,  true,  true,  256, 54},
    [SVA_DTYPE_TQ2_0]       = {"TQ2_0",       0,  true,  true,  true,  256, 66},
    [SVA_DTYPE_MXFP4]       = {"MXFP4",       0,  true,  true,  true,  32,  17},
    [SVA_DTYPE_NVFP4]       = {"NVFP4",       0,  true,  true,  true,  64,  36},
    [SVA_DTYPE_Q1_0]        = {"Q1_0",        0,  true,  true,  true,  128, 18},
    [SVA_DTYPE_Q2_0]        = {"Q2_0",        0,  true,  true,  true,  64,  18},
    [SVA_DTYPE_PACKED]      = {"PACKED",      0,  true,  false, true,  0,   0},
    [SVA_DTYPE_OPAQUE]      = {"OPAQUE",      0,  true,  false, false, 0,   0},
};
/* clang-format on */

const struct sva_dtype_info *sva_dtype_get(enum sva_dtype dtype)
{
    return (size_t)dtype < SVA_DTYPE_COUNT ? &dtypes[dtype] : NULL;
}

bool sva_dtype_find(const char *name, size_t length, enum sva_dtype *dtype)
{
    for (size_t i = 0; i < SVA_DTYPE_Q4_0; i++) {
        if (strlen(dtypes[i].name) == length && memcmp(dtypes[i].name, name, length) == 0) {
            *dtype = (enum sva_dtype)i;
            return true;
        }
    }
    return false;
}

/* Ids of ggml at revision d99724f2; gaps are removed types. */
static const struct {
    uint8_t id;
    uint8_t dtype;
} ggml_types[] = {
    {0, SVA_DTYPE_F32},     {1, SVA_DTYPE_F16},      {2, SVA_DTYPE_Q4_0},
    {3, SVA_DTYPE_Q4_1},    {6, SVA_DTYPE_Q5_0},     {7, SVA_DTYPE_Q5_1},
    {8, SVA_DTYPE_Q8_0},    {9, SVA_DTYPE_Q8_1},     {10, SVA_DTYPE_Q2_K},
    {11, SVA_DTYPE_Q3_K},   {12, SVA_DTYPE_Q4_K},    {13, SVA_DTYPE_Q5_K},
    {14, SVA_DTYPE_Q6_K},   {15, SVA_DTYPE_Q8_K},    {16, SVA_DTYPE_IQ2_XXS},
    {17, SVA_DTYPE_IQ2_XS}, {18, SVA_DTYPE_IQ3_XXS}, {19, SVA_DTYPE_IQ1_S},
    {20, SVA_DTYPE_IQ4_NL}, {21, SVA_DTYPE_IQ3_S},   {22, SVA_DTYPE_IQ2_S},
    {23, SVA_DTYPE_IQ4_XS}, {24, SVA_DTYPE_I8},      {25, SVA_DTYPE_I16},
    {26, SVA_DTYPE_I32},    {27, SVA_DTYPE_I64},     {28, SVA_DTYPE_F64},
    {29, SVA_DTYPE_IQ1_M},  {30, SVA_DTYPE_BF16},    {34, SVA_DTYPE_TQ1_0},
    {35, SVA_DTYPE_TQ2_0},  {39, SVA_DTYPE_MXFP4},   {40, SVA_DTYPE_NVFP4},
    {41, SVA_DTYPE_Q1_0},   {42, SVA_DTYPE_Q2_0},
};

bool sva_dtype_of_ggml(uint32_t id, enum sva_dtype *dtype)
{
    for (size_t i = 0; i < sizeof ggml_types / sizeof *ggml_types; i++) {
        if (ggml_types[i].id == id) {
            *dtype = (enum sva_dtype)ggml_types[i].dtype;
            return true;
        }
    }
    return false;
}

/* -- floats of 8 and 4 bits -------------------------------------------------------------------- */

/* A table is made per call: cheap beside the 256 and more elements for which it pays. */
enum { TABLE_PAYS_FROM = 256 };

static void decode_f8(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    if (count < TABLE_PAYS_FROM) {
        for (size_t i = 0; i < count; i++) {
            out[i] = sva_small_float(dtype, bytes[i]);
        }
        return;
    }
    float table[256];
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        table[pattern] = sva_small_float(dtype, pattern);
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = table[bytes[i]];
    }
}

static void decode_f4(const uint8_t *bytes, size_t first, size_t count, float *out)
{
    float table[16];
    for (unsigned pattern = 0; pattern < 16; pattern++) {
        table[pattern] = sva_small_float(SVA_DTYPE_F4, pattern);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t element = first + i;
        const unsigned pair = bytes[element / 2];
        out[i] = table[element % 2 == 0 ? pair & 15 : pair >> 4];
    }
}

/* -- integers and large floats ---------------------------------------------------------------- */

static void decode_wide(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t bits = sva_load64(bytes + 8 * i);
        if (dtype == SVA_DTYPE_U64) {
            out[i] = (float)bits;
        } else if (dtype == SVA_DTYPE_I64) {
            int64_t value;
            memcpy(&value, &bits, sizeof value);
            out[i] = (float)value;
        } else {
            double value;
            memcpy(&value, &bits, sizeof value);
            out[i] = (float)value; /* beyond F32: infinity (C17 annex F) */
        }
    }
}

static void decode_32(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = sva_load32(bytes + 4 * i);
        int32_t value;
        memcpy(&value, &bits, sizeof value);
        out[i] = dtype == SVA_DTYPE_U32 ? (float)bits : (float)value;
    }
}

static void decode_f32(const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = sva_float_of_bits(sva_load32(bytes + 4 * i));
    }
}

static void decode_16(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint16_t bits = sva_load16(bytes + 2 * i);
        int16_t value;
        memcpy(&value, &bits, sizeof value);
        out[i] = dtype == SVA_DTYPE_U16 ? (float)bits : (float)value;
    }
}

static void decode_8(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned bits = bytes[i];
        if (dtype == SVA_DTYPE_I8) {
            out[i] = (float)((int)(bits ^ 0x80U) - 0x80);
        } else {
            out[i] = (float)bits;
        }
    }
}

static void decode_nothing(size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = NAN;
    }
}

static void decode_blocks(enum sva_dtype dtype, const uint8_t *bytes, size_t first, size_t count,
                          float *out)
{
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    if (first % info->block_elements == 0 && count % info->block_elements == 0) {
        sva_dequantise(dtype, bytes + first / info->block_elements * info->block_bytes,
                       count / info->block_elements, out);
    } else {
        decode_nothing(count, out);
    }
}

static void decode_elements(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    switch (dtype) {
    case SVA_DTYPE_F16: sva_dequantise_level()->f16(bytes, count, out); break;
    case SVA_DTYPE_BF16: sva_dequantise_level()->bf16(bytes, count, out); break;
    case SVA_DTYPE_F32: decode_f32(bytes, count, out); break;
    case SVA_DTYPE_I16:
    case SVA_DTYPE_U16: decode_16(dtype, bytes, count, out); break;
    case SVA_DTYPE_I32:
    case SVA_DTYPE_U32: decode_32(dtype, bytes, count, out); break;
    case SVA_DTYPE_F64:
    case SVA_DTYPE_I64:
    case SVA_DTYPE_U64: decode_wide(dtype, bytes, count, out); break;
    case SVA_DTYPE_BOOL:
    case SVA_DTYPE_U8:
    case SVA_DTYPE_I8: decode_8(dtype, bytes, count, out); break;
    default: decode_f8(dtype, bytes, count, out); break;
    }
}

void sva_decode_f32(enum sva_dtype dtype, const uint8_t *bytes, size_t first, size_t count,
                    float *out)
{
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    if (count == 0) {
        return;
    }
    if (info == NULL || !info->decodable) {
        decode_nothing(count, out);
    } else if (dtype == SVA_DTYPE_F4) {
        decode_f4(bytes, first, count, out);
    } else if (sva_dtype_is_block(dtype)) {
        decode_blocks(dtype, bytes, first, count, out);
    } else {
        decode_elements(dtype, bytes + first * info->block_bytes, count, out);
    }
}

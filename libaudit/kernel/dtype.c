/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/dtype.h"

#include <math.h>
#include <string.h>

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
    [SVA_DTYPE_Q4_0]        = {"Q4_0",        0,  true,  false, true,  32,  18},
    [SVA_DTYPE_Q4_1]        = {"Q4_1",        0,  true,  false, true,  32,  20},
    [SVA_DTYPE_Q5_0]        = {"Q5_0",        0,  true,  false, true,  32,  22},
    [SVA_DTYPE_Q5_1]        = {"Q5_1",        0,  true,  false, true,  32,  24},
    [SVA_DTYPE_Q8_0]        = {"Q8_0",        0,  true,  false, true,  32,  34},
    [SVA_DTYPE_Q8_1]        = {"Q8_1",        0,  true,  false, true,  32,  36},
    [SVA_DTYPE_Q2_K]        = {"Q2_K",        0,  true,  false, true,  256, 84},
    [SVA_DTYPE_Q3_K]        = {"Q3_K",        0,  true,  false, true,  256, 110},
    [SVA_DTYPE_Q4_K]        = {"Q4_K",        0,  true,  false, true,  256, 144},
    [SVA_DTYPE_Q5_K]        = {"Q5_K",        0,  true,  false, true,  256, 176},
    [SVA_DTYPE_Q6_K]        = {"Q6_K",        0,  true,  false, true,  256, 210},
    [SVA_DTYPE_Q8_K]        = {"Q8_K",        0,  true,  false, true,  256, 292},
    [SVA_DTYPE_IQ2_XXS]     = {"IQ2_XXS",     0,  true,  false, true,  256, 66},
    [SVA_DTYPE_IQ2_XS]      = {"IQ2_XS",      0,  true,  false, true,  256, 74},
    [SVA_DTYPE_IQ3_XXS]     = {"IQ3_XXS",     0,  true,  false, true,  256, 98},
    [SVA_DTYPE_IQ1_S]       = {"IQ1_S",       0,  true,  false, true,  256, 50},
    [SVA_DTYPE_IQ4_NL]      = {"IQ4_NL",      0,  true,  false, true,  32,  18},
    [SVA_DTYPE_IQ3_S]       = {"IQ3_S",       0,  true,  false, true,  256, 110},
    [SVA_DTYPE_IQ2_S]       = {"IQ2_S",       0,  true,  false, true,  256, 82},
    [SVA_DTYPE_IQ4_XS]      = {"IQ4_XS",      0,  true,  false, true,  256, 136},
    [SVA_DTYPE_IQ1_M]       = {"IQ1_M",       0,  true,  false, true,  256, 56},
    [SVA_DTYPE_TQ1_0]       = {"TQ1_0",       0,  true,  false, true,  256, 54},
    [SVA_DTYPE_TQ2_0]       = {"TQ2_0",       0,  true,  false, true,  256, 66},
    [SVA_DTYPE_MXFP4]       = {"MXFP4",       0,  true,  false, true,  32,  17},
    [SVA_DTYPE_NVFP4]       = {"NVFP4",       0,  true,  false, true,  64,  36},
    [SVA_DTYPE_Q1_0]        = {"Q1_0",        0,  true,  false, true,  128, 18},
    [SVA_DTYPE_Q2_0]        = {"Q2_0",        0,  true,  false, true,  64,  18},
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
    {0, SVA_DTYPE_F32},      {1, SVA_DTYPE_F16},     {2, SVA_DTYPE_Q4_0},    {3, SVA_DTYPE_Q4_1},
    {6, SVA_DTYPE_Q5_0},     {7, SVA_DTYPE_Q5_1},    {8, SVA_DTYPE_Q8_0},    {9, SVA_DTYPE_Q8_1},
    {10, SVA_DTYPE_Q2_K},    {11, SVA_DTYPE_Q3_K},   {12, SVA_DTYPE_Q4_K},   {13, SVA_DTYPE_Q5_K},
    {14, SVA_DTYPE_Q6_K},    {15, SVA_DTYPE_Q8_K},   {16, SVA_DTYPE_IQ2_XXS}, {17, SVA_DTYPE_IQ2_XS},
    {18, SVA_DTYPE_IQ3_XXS}, {19, SVA_DTYPE_IQ1_S},  {20, SVA_DTYPE_IQ4_NL}, {21, SVA_DTYPE_IQ3_S},
    {22, SVA_DTYPE_IQ2_S},   {23, SVA_DTYPE_IQ4_XS}, {24, SVA_DTYPE_I8},     {25, SVA_DTYPE_I16},
    {26, SVA_DTYPE_I32},     {27, SVA_DTYPE_I64},    {28, SVA_DTYPE_F64},    {29, SVA_DTYPE_IQ1_M},
    {30, SVA_DTYPE_BF16},    {34, SVA_DTYPE_TQ1_0},  {35, SVA_DTYPE_TQ2_0},  {39, SVA_DTYPE_MXFP4},
    {40, SVA_DTYPE_NVFP4},   {41, SVA_DTYPE_Q1_0},   {42, SVA_DTYPE_Q2_0},
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

/* -- bits ------------------------------------------------------------------------------------- */

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Files are little-endian as this machine is. memcpy, because the address may be odd. */
static uint16_t load16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint32_t load32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}
#else
static uint16_t load16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t load32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}
#endif

static uint64_t load64(const uint8_t *bytes)
{
    return (uint64_t)load32(bytes) | (uint64_t)load32(bytes + 4) << 32;
}

/*
 * IEEE 754 binary16: exact; a NaN keeps its sign and payload. All three cases are computed and one
 * is chosen, so that a compiler can do many elements at once.
 */
static float float_of_f16(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000U) << 16;
    const uint32_t rest = (uint32_t)(half & 0x7FFFU) << 13; /* exponent and fraction in place */
    const uint32_t normal = rest + (112U << 23);            /* bias 15 -> 127 */
    const uint32_t special = rest + (224U << 23);           /* exponent all ones */
    /* Subnormal: put the fraction behind 2^-14 and take 2^-14 off again. */
    const float difference = float_of_bits(rest + (113U << 23)) - float_of_bits(113U << 23);
    uint32_t subnormal;
    memcpy(&subnormal, &difference, sizeof subnormal);
    const uint32_t is_subnormal = 0U - (uint32_t)(rest < 1U << 23); /* all ones or none */
    const uint32_t is_special = 0U - (uint32_t)(rest >= 31U << 23);
    const uint32_t finite = (subnormal & is_subnormal) | (normal & ~is_subnormal);
    return float_of_bits(sign | (special & is_special) | (finite & ~is_special));
}

/* -- floats of 8 and 4 bits -------------------------------------------------------------------- */

enum specials {
    SPECIALS_NONE,       /* every pattern is a number: E2M1 */
    SPECIALS_IEEE,       /* exponent all ones: infinity, NaN: E5M2 */
    SPECIALS_ONE_NAN,    /* all ones behind the sign: NaN, no infinity: E4M3 */
    SPECIALS_NEGATIVE_0, /* the pattern of -0 is the only NaN: FNUZ */
};

struct small_float {
    unsigned fraction_bits;
    unsigned exponent_bits;
    int bias;
    enum specials specials;
};

static const struct small_float f4_e2m1 = {1, 2, 1, SPECIALS_NONE};
static const struct small_float f8_e4m3 = {3, 4, 7, SPECIALS_ONE_NAN};
static const struct small_float f8_e5m2 = {2, 5, 15, SPECIALS_IEEE};
static const struct small_float f8_e4m3fnuz = {3, 4, 8, SPECIALS_NEGATIVE_0};
static const struct small_float f8_e5m2fnuz = {2, 5, 16, SPECIALS_NEGATIVE_0};

/* OCP 8-bit Floating Point (OFP8) 1.0, section 5; Microscaling (MX) 1.0, section 5.3; FNUZ as in
 * "8-bit Numerical Formats for Deep Neural Networks" (Noune et al. 2022). */
static float small_float_value(const struct small_float *format, unsigned pattern)
{
    const unsigned fraction_one = 1U << format->fraction_bits;
    const unsigned exponent_most = (1U << format->exponent_bits) - 1;
    const unsigned fraction = pattern & (fraction_one - 1);
    const unsigned exponent = pattern >> format->fraction_bits & exponent_most;
    const bool negative = (pattern >> (format->fraction_bits + format->exponent_bits) & 1) != 0;

    const bool top = exponent == exponent_most;
    if (format->specials == SPECIALS_NEGATIVE_0 && negative && exponent == 0 && fraction == 0) {
        return NAN;
    }
    if (format->specials == SPECIALS_ONE_NAN && top && fraction == fraction_one - 1) {
        return NAN;
    }
    if (format->specials == SPECIALS_IEEE && top) {
        return fraction != 0 ? NAN : negative ? -INFINITY : INFINITY;
    }
    const unsigned significand = exponent == 0 ? fraction : fraction_one + fraction;
    const int scale =
        (int)(exponent == 0 ? 1 : exponent) - format->bias - (int)format->fraction_bits;
    const float magnitude = ldexpf((float)significand, scale);
    return negative ? -magnitude : magnitude;
}

/* 2^(pattern - 127): the pattern is the exponent field; 0 is the subnormal 2^-127, 255 NaN. */
static float e8m0_value(unsigned pattern)
{
    const uint32_t bits = pattern == 0 ? 1U << 22 : pattern << 23;
    return pattern == 255 ? NAN : float_of_bits(bits);
}

/* A table is made per call: cheap beside the 256 and more elements for which it pays. */
enum { TABLE_PAYS_FROM = 256 };

static void decode_f8(const struct small_float *format, const uint8_t *bytes, size_t count,
                      float *out)
{
    if (count < TABLE_PAYS_FROM) {
        for (size_t i = 0; i < count; i++) {
            out[i] = small_float_value(format, bytes[i]);
        }
        return;
    }
    float table[256];
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        table[pattern] = small_float_value(format, pattern);
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = table[bytes[i]];
    }
}

static void decode_f4(const uint8_t *bytes, size_t first, size_t count, float *out)
{
    float table[16];
    for (unsigned pattern = 0; pattern < 16; pattern++) {
        table[pattern] = small_float_value(&f4_e2m1, pattern);
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
        const uint64_t bits = load64(bytes + 8 * i);
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
        const uint32_t bits = load32(bytes + 4 * i);
        int32_t value;
        memcpy(&value, &bits, sizeof value);
        out[i] = dtype == SVA_DTYPE_U32 ? (float)bits : (float)value;
    }
}

static void decode_f32(const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = float_of_bits(load32(bytes + 4 * i));
    }
}

static void decode_16(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint16_t bits = load16(bytes + 2 * i);
        int16_t value;
        memcpy(&value, &bits, sizeof value);
        out[i] = dtype == SVA_DTYPE_U16 ? (float)bits : (float)value;
    }
}

/* Blocks of a fixed length are what compilers turn into vector code at -O2. */
enum { BLOCK = 64 };

static void decode_f16(const uint8_t *bytes, size_t count, float *restrict out)
{
    size_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK) {
        for (size_t j = 0; j < BLOCK; j++) {
            out[i + j] = float_of_f16(load16(bytes + 2 * (i + j)));
        }
    }
    for (; i < count; i++) {
        out[i] = float_of_f16(load16(bytes + 2 * i));
    }
}

static void decode_bf16(const uint8_t *bytes, size_t count, float *restrict out)
{
    size_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK) {
        for (size_t j = 0; j < BLOCK; j++) {
            out[i + j] = float_of_bits((uint32_t)load16(bytes + 2 * (i + j)) << 16);
        }
    }
    for (; i < count; i++) {
        out[i] = float_of_bits((uint32_t)load16(bytes + 2 * i) << 16);
    }
}

static void decode_8(enum sva_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned bits = bytes[i];
        if (dtype == SVA_DTYPE_F8_E8M0) {
            out[i] = e8m0_value(bits);
        } else if (dtype == SVA_DTYPE_I8) {
            out[i] = (float)((int)(bits ^ 0x80U) - 0x80);
        } else {
            out[i] = (float)bits;
        }
    }
}

void sva_decode_f32(enum sva_dtype dtype, const uint8_t *bytes, size_t first, size_t count,
                    float *out)
{
    if (count == 0) {
        return;
    }
    if (dtype == SVA_DTYPE_F4) {
        decode_f4(bytes, first, count, out);
        return;
    }
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    if (info == NULL || !info->decodable) {
        for (size_t i = 0; i < count; i++) {
            out[i] = NAN;
        }
        return;
    }
    const uint8_t *const start = bytes + first * (info->bits / 8);
    switch (dtype) {
    case SVA_DTYPE_F8_E5M2: decode_f8(&f8_e5m2, start, count, out); break;
    case SVA_DTYPE_F8_E4M3: decode_f8(&f8_e4m3, start, count, out); break;
    case SVA_DTYPE_F8_E4M3FNUZ: decode_f8(&f8_e4m3fnuz, start, count, out); break;
    case SVA_DTYPE_F8_E5M2FNUZ: decode_f8(&f8_e5m2fnuz, start, count, out); break;
    case SVA_DTYPE_F16: decode_f16(start, count, out); break;
    case SVA_DTYPE_BF16: decode_bf16(start, count, out); break;
    case SVA_DTYPE_F32: decode_f32(start, count, out); break;
    case SVA_DTYPE_I16:
    case SVA_DTYPE_U16: decode_16(dtype, start, count, out); break;
    case SVA_DTYPE_I32:
    case SVA_DTYPE_U32: decode_32(dtype, start, count, out); break;
    case SVA_DTYPE_F64:
    case SVA_DTYPE_I64:
    case SVA_DTYPE_U64: decode_wide(dtype, start, count, out); break;
    default: decode_8(dtype, start, count, out); break;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/small_floats.h"

#include <math.h>

#include "kernel/float_bits.h"

enum specials {
    SPECIALS_NONE,       /* every pattern is a number: E2M1, E2M3, E3M2 */
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

static float value_of(struct small_float format, unsigned pattern)
{
    const unsigned fraction_one = 1U << format.fraction_bits;
    const unsigned exponent_most = (1U << format.exponent_bits) - 1;
    const unsigned fraction = pattern & (fraction_one - 1);
    const unsigned exponent = pattern >> format.fraction_bits & exponent_most;
    const bool negative = (pattern >> (format.fraction_bits + format.exponent_bits) & 1) != 0;

    const bool top = exponent == exponent_most;
    if (format.specials == SPECIALS_NEGATIVE_0 && negative && exponent == 0 && fraction == 0) {
        return NAN;
    }
    if (format.specials == SPECIALS_ONE_NAN && top && fraction == fraction_one - 1) {
        return NAN;
    }
    if (format.specials == SPECIALS_IEEE && top) {
        return fraction != 0 ? NAN : negative ? -INFINITY : INFINITY;
    }
    const unsigned significand = exponent == 0 ? fraction : fraction_one + fraction;
    const int scale = (int)(exponent == 0 ? 1 : exponent) - format.bias - (int)format.fraction_bits;
    const float magnitude = ldexpf((float)significand, scale);
    return negative ? -magnitude : magnitude;
}

/* 2^(pattern - 127): the pattern is the exponent field; 0 is the subnormal 2^-127, 255 NaN. */
static float e8m0_value(unsigned pattern)
{
    const uint32_t bits = pattern == 0 ? 1U << 22 : pattern << 23;
    return pattern == 255 ? NAN : sva_float_of_bits(bits);
}

float sva_small_float(enum sva_dtype dtype, unsigned pattern)
{
    switch (dtype) {
    case SVA_DTYPE_F4: return value_of((struct small_float){1, 2, 1, SPECIALS_NONE}, pattern);
    case SVA_DTYPE_F6_E2M3: return value_of((struct small_float){3, 2, 1, SPECIALS_NONE}, pattern);
    case SVA_DTYPE_F6_E3M2: return value_of((struct small_float){2, 3, 3, SPECIALS_NONE}, pattern);
    case SVA_DTYPE_F8_E4M3:
        return value_of((struct small_float){3, 4, 7, SPECIALS_ONE_NAN}, pattern);
    case SVA_DTYPE_F8_E5M2: return value_of((struct small_float){2, 5, 15, SPECIALS_IEEE}, pattern);
    case SVA_DTYPE_F8_E4M3FNUZ:
        return value_of((struct small_float){3, 4, 8, SPECIALS_NEGATIVE_0}, pattern);
    case SVA_DTYPE_F8_E5M2FNUZ:
        return value_of((struct small_float){2, 5, 16, SPECIALS_NEGATIVE_0}, pattern);
    case SVA_DTYPE_F8_E8M0: return e8m0_value(pattern & 0xFF);
    default: return NAN;
    }
}

const float sva_nf4_values[16] = {
    -0x1p+0F,        -0x1.647362p-1F, -0x1.0cd66p-1F,  -0x1.94654p-2F,
    -0x1.23449ap-2F, -0x1.7a6a7ep-3F, -0x1.74f0e2p-4F, 0.0F,
    0x1.45f5fep-4F,  0x1.4995c6p-3F,  0x1.f809bap-3F,  0x1.5a0674p-2F,
    0x1.c3497p-2F,   0x1.200f56p-1F,  0x1.722766p-1F,  0x1p+0F,
};

const float sva_fp4_values[16] = {
    0.0F,  1 / 192.0F,  2 / 3.0F,  1.0F,  1 / 3.0F,  0.5F,  1 / 6.0F,  0.25F,
    -0.0F, -1 / 192.0F, -2 / 3.0F, -1.0F, -1 / 3.0F, -0.5F, -1 / 6.0F, -0.25F,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/noise_floor.h"

#include <math.h>

/*
 * Measured 2026-11-22 with the reference quantisers of ggml (commit d99724f2; uniform importance
 * where a type demands one) on 256 rows of 2,048 synthetic values.
 */
static const struct {
    enum sva_dtype dtype;
    double plain, with_outliers;
} measured[] = {
    {SVA_DTYPE_F16, 0.00021, 0.00021},     {SVA_DTYPE_BF16, 0.00166, 0.00166},
    {SVA_DTYPE_Q4_0, 0.08589, 0.13497},    {SVA_DTYPE_Q4_1, 0.07834, 0.09622},
    {SVA_DTYPE_Q5_0, 0.04270, 0.06798},    {SVA_DTYPE_Q5_1, 0.03781, 0.04646},
    {SVA_DTYPE_Q8_0, 0.00536, 0.00854},    {SVA_DTYPE_Q2_K, 0.29651, 0.33522},
    {SVA_DTYPE_Q3_K, 0.15064, 0.19017},    {SVA_DTYPE_Q4_K, 0.07140, 0.08979},
    {SVA_DTYPE_Q5_K, 0.03612, 0.04518},    {SVA_DTYPE_Q6_K, 0.01776, 0.02552},
    {SVA_DTYPE_IQ2_XXS, 0.34380, 0.50868}, {SVA_DTYPE_IQ2_XS, 0.29951, 0.40388},
    {SVA_DTYPE_IQ2_S, 0.26524, 0.40090},   {SVA_DTYPE_IQ3_XXS, 0.21323, 0.28121},
    {SVA_DTYPE_IQ3_S, 0.16629, 0.20992},   {SVA_DTYPE_IQ4_NL, 0.07613, 0.10508},
    {SVA_DTYPE_IQ4_XS, 0.07674, 0.10666},  {SVA_DTYPE_IQ1_S, 0.48531, 0.62162},
    {SVA_DTYPE_IQ1_M, 0.58165, 0.59528},   {SVA_DTYPE_MXFP4, 0.11409, 0.14590},
    {SVA_DTYPE_NVFP4, 0.10304, 0.10304},
};

double sva_noise_floor(enum sva_dtype dtype)
{
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++) {
        if (measured[i].dtype == dtype) {
            return measured[i].plain > measured[i].with_outliers ? measured[i].plain
                                                                 : measured[i].with_outliers;
        }
    }
    return NAN;
}

bool sva_has_floor(enum sva_dtype dtype)
{
    switch (dtype) {
    case SVA_DTYPE_IQ1_S:
    case SVA_DTYPE_IQ1_M:
    case SVA_DTYPE_IQ2_XXS:
    case SVA_DTYPE_IQ2_XS:
    case SVA_DTYPE_IQ2_S:
    case SVA_DTYPE_IQ3_XXS:
    case SVA_DTYPE_IQ3_S: return true;
    default: return false;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/** What ggml's blocks are cut into. Elements and bytes as in the dtype table, which a test checks.
 */
#ifndef SVA_KERNEL_BLOCK_LAYOUTS_H
#define SVA_KERNEL_BLOCK_LAYOUTS_H

/*
 * LAYOUT(name, dtype, elements, bytes, elements of a group that share a scale, has an offset?)
 */
/* clang-format off */
#define SVA_BLOCK_LAYOUTS(LAYOUT)               \
    LAYOUT(q4_0,    Q4_0,    32,  18,  32,  false) \
    LAYOUT(q4_1,    Q4_1,    32,  20,  32,  true)  \
    LAYOUT(q5_0,    Q5_0,    32,  22,  32,  false) \
    LAYOUT(q5_1,    Q5_1,    32,  24,  32,  true)  \
    LAYOUT(q8_0,    Q8_0,    32,  34,  32,  false) \
    LAYOUT(q8_1,    Q8_1,    32,  36,  32,  false) \
    LAYOUT(q2_k,    Q2_K,    256, 84,  16,  true)  \
    LAYOUT(q3_k,    Q3_K,    256, 110, 16,  false) \
    LAYOUT(q4_k,    Q4_K,    256, 144, 32,  true)  \
    LAYOUT(q5_k,    Q5_K,    256, 176, 32,  true)  \
    LAYOUT(q6_k,    Q6_K,    256, 210, 16,  false) \
    LAYOUT(q8_k,    Q8_K,    256, 292, 256, false) \
    LAYOUT(iq2_xxs, IQ2_XXS, 256, 66,  32,  false) \
    LAYOUT(iq2_xs,  IQ2_XS,  256, 74,  16,  false) \
    LAYOUT(iq3_xxs, IQ3_XXS, 256, 98,  32,  false) \
    LAYOUT(iq1_s,   IQ1_S,   256, 50,  32,  false) \
    LAYOUT(iq4_nl,  IQ4_NL,  32,  18,  32,  false) \
    LAYOUT(iq3_s,   IQ3_S,   256, 110, 32,  false) \
    LAYOUT(iq2_s,   IQ2_S,   256, 82,  16,  false) \
    LAYOUT(iq4_xs,  IQ4_XS,  256, 136, 32,  false) \
    LAYOUT(iq1_m,   IQ1_M,   256, 56,  16,  false) \
    LAYOUT(tq1_0,   TQ1_0,   256, 54,  256, false) \
    LAYOUT(tq2_0,   TQ2_0,   256, 66,  256, false) \
    LAYOUT(mxfp4,   MXFP4,   32,  17,  32,  false) \
    LAYOUT(nvfp4,   NVFP4,   64,  36,  16,  false) \
    LAYOUT(q1_0,    Q1_0,    128, 18,  128, false) \
    LAYOUT(q2_0,    Q2_0,    64,  18,  64,  false)
/* clang-format on */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/dequantise_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/block_layouts.h"
#include "kernel/dequantise_loops.h"
#include "kernel/dequantise_wide.h"
#include "kernel/dequantise_wide_iq.h"

SVA_BLOCK_LAYOUTS(SVA_WIDE_LOOP)

#define ENTRY(name, dtype, elements, bytes, group, moved)                                          \
    [SVA_DTYPE_##dtype - SVA_DTYPE_Q4_0] = name##_blocks,

const struct sva_dequantise_level sva_dequantise_avx2 = {
    .blocks = {SVA_BLOCK_LAYOUTS(ENTRY)}, .f16 = decode_f16, .bf16 = decode_bf16};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_sums.h"

#include "base/cpu.h"
#include "kernel/fold_lanes.h"
#include "kernel/pair_sums_levels.h"

static const struct sva_pair_level *level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return &sva_pair_avx512;
    case SVA_CPU_AVX2: return &sva_pair_avx2;
    default: break;
    }
#endif
    return &sva_pair_baseline;
}

static void fold(const struct sva_pair_side *s_side, const struct sva_pair_side *r_side,
                 const struct sva_pair_lanes *lanes, struct sva_pair_sums *sums)
{
    *sums = (struct sva_pair_sums){
        .energy = sva_fold_lanes(lanes->energy),
        .distance = sva_fold_lanes(lanes->distance),
        .explained = sva_fold_lanes(lanes->explained),
        .squares = sva_fold_lanes(lanes->squares),
        .count = lanes->count,
        .within = lanes->within,
    };
    for (int i = 0; i < SVA_PAIR_LANES; i++) {
        sums->largest = lanes->largest[i] > sums->largest ? lanes->largest[i] : sums->largest;
    }
    /* a side that rounds does so at every value: one of the two sides has steps, or both, or none
     */
    sums->assured = s_side->step_scale > 0.0 && r_side->step_scale > 0.0 ? 0.0 : sums->explained;
}

void sva_pair_sums(const struct sva_pair_side *s_side, const struct sva_pair_side *r_side,
                   const float *s, const float *r, size_t count, struct sva_pair_sums *sums)
{
    struct sva_pair_lanes lanes = {.count = 0};
    level()->floats(&lanes, s_side, r_side, s, r, count);
    fold(s_side, r_side, &lanes, sums);
}

void sva_pair_sums_bf16(const struct sva_pair_side *s_side, const struct sva_pair_side *r_side,
                        const uint8_t *s, const uint8_t *r, size_t count,
                        struct sva_pair_sums *sums)
{
    struct sva_pair_lanes lanes = {.count = 0};
    level()->bf16(&lanes, s_side, r_side, s, r, count);
    fold(s_side, r_side, &lanes, sums);
}

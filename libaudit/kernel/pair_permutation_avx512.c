/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_permutation_levels.h"

/* Other processors have no AVX-512, and the build gives them no flags for it. */
#if defined(__AVX512BW__)

#include <immintrin.h>

/* A row is one register, and so is the order of its units. */
static int64_t pair_sum(const int16_t *subject, const int16_t *reference, const uint32_t *order)
{
    const __m256i low = _mm512_cvtepi32_epi16(_mm512_loadu_si512(order));
    const __m256i high = _mm512_cvtepi32_epi16(_mm512_loadu_si512(order + 16));
    const __m512i places = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    __m512i sums = _mm512_setzero_si512();
    for (int i = 0; i < SVA_PAIR_UNITS_WIDE; i++) {
        const __m512i s = _mm512_loadu_si512(subject + i * SVA_PAIR_UNITS_WIDE);
        const __m512i r = _mm512_loadu_si512(reference + order[i] * SVA_PAIR_UNITS_WIDE);
        const __m512i shuffled = _mm512_permutexvar_epi16(places, r);
        sums = _mm512_add_epi32(sums, _mm512_madd_epi16(s, shuffled));
    }
    int32_t lanes[16];
    int64_t sum = 0;
    _mm512_storeu_si512(lanes, sums);
    for (int lane = 0; lane < 16; lane++) {
        sum += lanes[lane];
    }
    return sum;
}

sva_wide_pair_sum *const sva_pair_sum_avx512 = pair_sum;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/moments_levels.h"

/* Other processors have no AVX-512, and the build gives them no flags for it. */
#if defined(__AVX512DQ__)

#include <immintrin.h>

#include "kernel/moments_loops.h"

/* Compilers do not make vectors of the plain loop: it ran at a sixth of the speed of this one. */
void sva_moments_add_avx512(struct sva_moments *moments, const float *values, size_t count)
{
    const __m256 largest = _mm256_set1_ps(FLT_MAX);
    const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    __m512d power[4];
    for (int p = 0; p < 4; p++) {
        power[p] = _mm512_loadu_pd(moments->power[p]);
    }
    __m256 minimum = _mm256_loadu_ps(moments->minimum);
    __m256 maximum = _mm256_loadu_ps(moments->maximum);
    uint64_t finite = 0;
    size_t i = 0;
    for (; i + SVA_MOMENT_LANES <= count; i += SVA_MOMENT_LANES) {
        const __m256 value = _mm256_loadu_ps(values + i);
        const __mmask8 ok =
            _mm256_cmp_ps_mask(_mm256_and_ps(value, magnitude), largest, _CMP_LE_OQ);
        const __m512d x = _mm512_cvtps_pd(_mm256_maskz_mov_ps(ok, value));
        const __m512d square = _mm512_mul_pd(x, x);
        power[0] = _mm512_add_pd(power[0], x);
        power[1] = _mm512_add_pd(power[1], square);
        power[2] = _mm512_add_pd(power[2], _mm512_mul_pd(square, x));
        power[3] = _mm512_add_pd(power[3], _mm512_mul_pd(square, square));
        minimum = _mm256_mask_min_ps(minimum, ok, value, minimum);
        maximum = _mm256_mask_max_ps(maximum, ok, value, maximum);
        finite += (uint64_t)_mm_popcnt_u32(ok);
    }
    for (int p = 0; p < 4; p++) {
        _mm512_storeu_pd(moments->power[p], power[p]);
    }
    _mm256_storeu_ps(moments->minimum, minimum);
    _mm256_storeu_ps(moments->maximum, maximum);
    moments->finite_count += finite;
    add_values(moments, values + i, count - i);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_permutation_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include <immintrin.h>

enum { QUARTERS = 4 }; /* of a row: what one shuffle of bytes reaches */

/** For each quarter of a row, which of its bytes go where: those of other quarters become zero. */
static void controls(const uint32_t *order, __m256i out[2][QUARTERS])
{
    for (int half = 0; half < 2; half++) {
        uint16_t bytes[16]; /* numbers of both bytes of a unit */
        for (int j = 0; j < 16; j++) {
            bytes[j] = (uint16_t)(order[16 * half + j] * 0x0202u + 0x0100u);
        }
        const __m256i all = _mm256_loadu_si256((const __m256i *)bytes);
        for (int quarter = 0; quarter < QUARTERS; quarter++) {
            const __m256i own = _mm256_sub_epi8(all, _mm256_set1_epi8((char)(16 * quarter)));
            const __m256i beyond = _mm256_cmpgt_epi8(own, _mm256_set1_epi8(15));
            out[half][quarter] = _mm256_or_si256(own, beyond);
        }
    }
}

static int64_t pair_sum(const int16_t *subject, const int16_t *reference, const uint32_t *order)
{
    __m256i control[2][QUARTERS];
    __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    controls(order, control);
    for (int i = 0; i < SVA_PAIR_UNITS_WIDE; i++) {
        const __m128i *row = (const __m128i *)(reference + order[i] * SVA_PAIR_UNITS_WIDE);
        __m256i quarters[QUARTERS];
        for (int quarter = 0; quarter < QUARTERS; quarter++) {
            quarters[quarter] = _mm256_broadcastsi128_si256(_mm_loadu_si128(row + quarter));
        }
        for (int half = 0; half < 2; half++) {
            const __m256i first =
                _mm256_or_si256(_mm256_shuffle_epi8(quarters[0], control[half][0]),
                                _mm256_shuffle_epi8(quarters[1], control[half][1]));
            const __m256i second =
                _mm256_or_si256(_mm256_shuffle_epi8(quarters[2], control[half][2]),
                                _mm256_shuffle_epi8(quarters[3], control[half][3]));
            const __m256i s = _mm256_loadu_si256(
                (const __m256i *)(subject + i * SVA_PAIR_UNITS_WIDE + 16 * half));
            const __m256i products = _mm256_madd_epi16(s, _mm256_or_si256(first, second));
            sums[half] = _mm256_add_epi32(sums[half], products);
        }
    }
    int32_t lanes[8];
    int64_t sum = 0;
    for (int half = 0; half < 2; half++) {
        _mm256_storeu_si256((__m256i *)lanes, sums[half]);
        for (int lane = 0; lane < 8; lane++) {
            sum += lanes[lane];
        }
    }
    return sum;
}

sva_wide_pair_sum *const sva_pair_sum_avx2 = pair_sum;

#endif

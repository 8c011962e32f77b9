/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include <immintrin.h>

#define SVA_LANES 8
typedef __m256i lanes;

static inline lanes lane_load(const uint32_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

static inline void lane_store(uint32_t *to, lanes x)
{
    _mm256_storeu_si256((__m256i *)(void *)to, x);
}

static inline lanes lane_splat(uint32_t word)
{
    return _mm256_set1_epi32((int)word);
}

static inline lanes lane_add(lanes a, lanes b)
{
    return _mm256_add_epi32(a, b);
}

static inline lanes lane_shift(lanes x, int count)
{
    return _mm256_srli_epi32(x, count);
}

static inline lanes lane_rotate(lanes x, int count)
{
    return _mm256_or_si256(_mm256_srli_epi32(x, count), _mm256_slli_epi32(x, 32 - count));
}

static inline lanes lane_xor3(lanes a, lanes b, lanes c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}

static inline lanes lane_choose(lanes e, lanes f, lanes g)
{
    return _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)));
}

static inline lanes lane_majority(lanes a, lanes b, lanes c)
{
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)));
}

/** Eight rows of eight words become eight columns. */
static inline void transpose(lanes r[8])
{
    lanes pairs[8];
    lanes fours[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
        r[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
    }
}

static inline void load_block(const uint8_t *const bytes[8], size_t at, lanes words[16])
{
    const lanes swap = _mm256_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203, 0x0C0D0E0F08090A0B,
                                         0x0405060700010203);
    for (int half = 0; half < 2; half++) {
        lanes *const rows = words + 8 * half;
        for (int i = 0; i < 8; i++) {
            const void *const from = bytes[i] + at + 32 * half;
            rows[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)from), swap);
        }
        transpose(rows);
    }
}

#include "base/sha256_lanes.h"

void sva_sha256_avx2_lanes(uint32_t chain[64], const uint8_t *const bytes[8], size_t block_count)
{
    compress_lanes(chain, bytes, block_count);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256_levels.h"

/* Other processors have no AVX-512, and the build gives them no flags for it. */
#if defined(__AVX512BW__)

#include <immintrin.h>

#define SVA_LANES 16
typedef __m512i lanes;

/* Truth tables of vpternlogd: bit (4a + 2b + c) is the result. */
enum { XOR3 = 0x96, CHOOSE = 0xCA, MAJORITY = 0xE8 };

static inline lanes lane_load(const uint32_t *from)
{
    return _mm512_loadu_si512(from);
}

static inline void lane_store(uint32_t *to, lanes x)
{
    _mm512_storeu_si512(to, x);
}

static inline lanes lane_splat(uint32_t word)
{
    return _mm512_set1_epi32((int)word);
}

static inline lanes lane_add(lanes a, lanes b)
{
    return _mm512_add_epi32(a, b);
}

#define lane_shift(x, count)  _mm512_srli_epi32(x, (unsigned)(count))
#define lane_rotate(x, count) _mm512_ror_epi32(x, count)

static inline lanes lane_xor3(lanes a, lanes b, lanes c)
{
    return _mm512_ternarylogic_epi32(a, b, c, XOR3);
}

static inline lanes lane_choose(lanes e, lanes f, lanes g)
{
    return _mm512_ternarylogic_epi32(e, f, g, CHOOSE);
}

static inline lanes lane_majority(lanes a, lanes b, lanes c)
{
    return _mm512_ternarylogic_epi32(a, b, c, MAJORITY);
}

/** Sixteen rows of sixteen words become sixteen columns. */
static inline void transpose(lanes r[16])
{
    lanes a[16];
    lanes b[16];
    for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    /* b[4g + j]: of rows 4g .. 4g+3 the columns j, j+4, j+8, j+12, four lanes each. */
    for (int j = 0; j < 4; j++) {
        const lanes low_even = _mm512_shuffle_i32x4(b[j], b[j + 4], 0x88);
        const lanes low_odd = _mm512_shuffle_i32x4(b[j], b[j + 4], 0xDD);
        const lanes high_even = _mm512_shuffle_i32x4(b[j + 8], b[j + 12], 0x88);
        const lanes high_odd = _mm512_shuffle_i32x4(b[j + 8], b[j + 12], 0xDD);
        r[j] = _mm512_shuffle_i32x4(low_even, high_even, 0x88);
        r[j + 4] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
        r[j + 8] = _mm512_shuffle_i32x4(low_even, high_even, 0xDD);
        r[j + 12] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xDD);
    }
}

static inline void load_block(const uint8_t *const bytes[16], size_t at, lanes words[16])
{
    const lanes swap =
        _mm512_broadcast_i32x4(_mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203));
    for (int i = 0; i < 16; i++) {
        words[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(bytes[i] + at), swap);
    }
    transpose(words);
}

#include "base/sha256_lanes.h"

void sva_sha256_avx512_lanes(uint32_t chain[128], const uint8_t *const bytes[16],
                             size_t block_count)
{
    compress_lanes(chain, bytes, block_count);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 with the processor's SHA instructions. They exist in the legacy encoding only, which
 * waits for the upper halves of wide registers when those are in use (measured: up to 100 times
 * slower): so this file is on its own and clears them at entry.
 *
 * An instruction does two rounds on the halves {A, B, E, F} and {C, D, G, H} of the state.
 */
#include "base/sha256_levels.h"

/* Other processors have none, and the build gives them no flags for it. */
#if defined(__SHA__)

#include <immintrin.h>

struct halves {
    __m128i abef, cdgh;
};

static inline struct halves load_chain(const uint32_t chain[8])
{
    const __m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)chain);
    const __m128i hgfe = _mm_loadu_si128((const __m128i *)(const void *)(chain + 4));
    const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1);
    const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1B);
    return (struct halves){_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

static inline void store_chain(uint32_t chain[8], struct halves state)
{
    const __m128i feba = _mm_shuffle_epi32(state.abef, 0x1B);
    const __m128i dchg = _mm_shuffle_epi32(state.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)(void *)chain, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(void *)(chain + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static inline void load_words(__m128i words[4], const uint8_t *bytes)
{
    const __m128i swap = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    for (int i = 0; i < 4; i++) {
        const __m128i raw = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        words[i] = _mm_shuffle_epi8(raw, swap);
    }
}

static inline void four_rounds(struct halves *state, __m128i words, int t)
{
    const __m128i constants =
        _mm_loadu_si128((const __m128i *)(const void *)(sva_sha256_constants + t));
    const __m128i sums = _mm_add_epi32(words, constants);
    state->cdgh = _mm_sha256rnds2_epu32(state->cdgh, state->abef, sums);
    state->abef = _mm_sha256rnds2_epu32(state->abef, state->cdgh, _mm_shuffle_epi32(sums, 0x0E));
}

/** From words t-16 .. t-1 the words t .. t+3. */
static inline __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    const __m128i early = _mm_sha256msg1_epu32(w0, w1);
    return _mm_sha256msg2_epu32(_mm_add_epi32(early, _mm_alignr_epi8(w3, w2, 4)), w3);
}

static inline void sixteen_rounds(struct halves *state, __m128i words[4], int t)
{
    for (int i = 0; i < 4; i++) {
        four_rounds(state, words[i], t + 4 * i);
        words[i] = next_words(words[i], words[(i + 1) & 3], words[(i + 2) & 3], words[(i + 3) & 3]);
    }
}

static inline void last_rounds(struct halves *state, const __m128i words[4])
{
    for (int i = 0; i < 4; i++) {
        four_rounds(state, words[i], 48 + 4 * i);
    }
}

static inline void add(struct halves *sum, struct halves other)
{
    sum->abef = _mm_add_epi32(sum->abef, other.abef);
    sum->cdgh = _mm_add_epi32(sum->cdgh, other.cdgh);
}

void sva_sha256_shani(uint32_t chain[8], const uint8_t *bytes, size_t block_count)
{
    _mm256_zeroupper();
    struct halves sum = load_chain(chain);
    for (; block_count > 0; block_count--, bytes += 64) {
        struct halves state = sum;
        __m128i words[4];
        load_words(words, bytes);
        for (int t = 0; t < 48; t += 16) {
            sixteen_rounds(&state, words, t);
        }
        last_rounds(&state, words);
        add(&sum, state);
    }
    store_chain(chain, sum);
}

void sva_sha256_shani_pair(uint32_t chain_a[8], const uint8_t *bytes_a, uint32_t chain_b[8],
                           const uint8_t *bytes_b, size_t block_count)
{
    _mm256_zeroupper();
    struct halves sum_a = load_chain(chain_a);
    struct halves sum_b = load_chain(chain_b);
    for (; block_count > 0; block_count--, bytes_a += 64, bytes_b += 64) {
        struct halves a = sum_a;
        struct halves b = sum_b;
        __m128i words_a[4];
        __m128i words_b[4];
        load_words(words_a, bytes_a);
        load_words(words_b, bytes_b);
        for (int t = 0; t < 48; t += 16) {
            for (int i = 0; i < 4; i++) {
                four_rounds(&a, words_a[i], t + 4 * i);
                four_rounds(&b, words_b[i], t + 4 * i);
                words_a[i] = next_words(words_a[i], words_a[(i + 1) & 3], words_a[(i + 2) & 3],
                                        words_a[(i + 3) & 3]);
                words_b[i] = next_words(words_b[i], words_b[(i + 1) & 3], words_b[(i + 2) & 3],
                                        words_b[(i + 3) & 3]);
            }
        }
        for (int i = 0; i < 4; i++) {
            four_rounds(&a, words_a[i], 48 + 4 * i);
            four_rounds(&b, words_b[i], 48 + 4 * i);
        }
        add(&sum_a, a);
        add(&sum_b, b);
    }
    store_chain(chain_a, sum_a);
    store_chain(chain_b, sum_b);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SHA-256 of several messages at once, one in each 32-bit lane of a register; compiled once for
 * each width, one lane being plain C. The including file says what a register is: `lanes`,
 * SVA_LANES and the functions lane_load, lane_store, lane_splat, lane_add, lane_shift, lane_rotate,
 * lane_xor3, lane_choose, lane_majority and load_block, which turns a block of each message into 16
 * words.
 */
#ifndef SVA_BASE_SHA256_LANES_H
#define SVA_BASE_SHA256_LANES_H

#include "base/sha256_levels.h"

#if defined(SVA_LANES)

/* Macros, because the counts of some rotations are part of the instruction. */
#define BIG_SIGMA(x, i, j, k)   lane_xor3(lane_rotate(x, i), lane_rotate(x, j), lane_rotate(x, k))
#define SMALL_SIGMA(x, i, j, k) lane_xor3(lane_rotate(x, i), lane_rotate(x, j), lane_shift(x, k))

/** One round; what it makes of d and h, the others only change their names. */
static inline void one_round(lanes a, lanes b, lanes c, lanes *d, lanes e, lanes f, lanes g,
                             lanes *h, lanes word, uint32_t constant)
{
    const lanes sums = lane_add(lane_add(*h, lane_add(word, lane_splat(constant))),
                                lane_add(BIG_SIGMA(e, 6, 11, 25), lane_choose(e, f, g)));
    *d = lane_add(*d, sums);
    *h = lane_add(sums, lane_add(BIG_SIGMA(a, 2, 13, 22), lane_majority(a, b, c)));
}

static inline void eight_rounds(lanes s[8], const lanes words[8], const uint32_t *k)
{
    one_round(s[0], s[1], s[2], &s[3], s[4], s[5], s[6], &s[7], words[0], k[0]);
    one_round(s[7], s[0], s[1], &s[2], s[3], s[4], s[5], &s[6], words[1], k[1]);
    one_round(s[6], s[7], s[0], &s[1], s[2], s[3], s[4], &s[5], words[2], k[2]);
    one_round(s[5], s[6], s[7], &s[0], s[1], s[2], s[3], &s[4], words[3], k[3]);
    one_round(s[4], s[5], s[6], &s[7], s[0], s[1], s[2], &s[3], words[4], k[4]);
    one_round(s[3], s[4], s[5], &s[6], s[7], s[0], s[1], &s[2], words[5], k[5]);
    one_round(s[2], s[3], s[4], &s[5], s[6], s[7], s[0], &s[1], words[6], k[6]);
    one_round(s[1], s[2], s[3], &s[4], s[5], s[6], s[7], &s[0], words[7], k[7]);
}

/** Words t .. t+15 become words t+16 .. t+31. */
static inline void next_words(lanes words[16])
{
    for (int i = 0; i < 16; i++) {
        const lanes late = SMALL_SIGMA(words[(i + 14) & 15], 17, 19, 10);
        const lanes early = SMALL_SIGMA(words[(i + 1) & 15], 7, 18, 3);
        words[i] = lane_add(lane_add(words[i], early), lane_add(words[(i + 9) & 15], late));
    }
}

static void compress_lanes(uint32_t *chain, const uint8_t *const bytes[SVA_LANES],
                           size_t block_count)
{
    lanes sum[8];
    for (int i = 0; i < 8; i++) {
        sum[i] = lane_load(chain + i * SVA_LANES);
    }
    for (size_t block = 0; block < block_count; block++) {
        lanes words[16];
        lanes state[8];
        load_block(bytes, block * 64, words);
        for (int i = 0; i < 8; i++) {
            state[i] = sum[i];
        }
        for (int t = 0; t < 64; t += 16) {
            if (t > 0) {
                next_words(words);
            }
            eight_rounds(state, words, sva_sha256_constants + t);
            eight_rounds(state, words + 8, sva_sha256_constants + t + 8);
        }
        for (int i = 0; i < 8; i++) {
            sum[i] = lane_add(sum[i], state[i]);
        }
    }
    for (int i = 0; i < 8; i++) {
        lane_store(chain + i * SVA_LANES, sum[i]);
    }
}

#endif

#endif

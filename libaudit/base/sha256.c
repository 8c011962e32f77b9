/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as hash.h offers it: buffering, padding, and which form of the compression function. */
#include "base/hash.h"

#include <string.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/sha256_levels.h"

enum { BLOCK_BYTES = SVA_SHA256_BLOCK_BYTES, LANES_MOST = 16 };

static const uint32_t initial_chain[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                          0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

/* -- what the processor is good at ------------------------------------------------------------- */

struct forms {
    void (*one)(uint32_t chain[8], const uint8_t *bytes, size_t block_count);
    void (*pair)(uint32_t chain_a[8], const uint8_t *bytes_a, uint32_t chain_b[8],
                 const uint8_t *bytes_b, size_t block_count); /**< NULL: no faster than one */
    void (*many)(uint32_t *chain, const uint8_t *const *bytes, size_t block_count); /**< or NULL */
    size_t lanes; /**< of `many` */
    size_t least; /**< messages from which on `many` is the fastest, idle lanes or not */
};

/* `least` from the speeds that tests/bench/bench_sha256 prints. */
static struct forms forms_here(void)
{
    struct forms forms = {.one = sva_sha256_openssl};
#if defined(__x86_64__)
    const bool sha = sva_cpu_has_sha();
    if (sha) {
        forms.one = sva_sha256_shani;
        forms.pair = sva_sha256_shani_pair;
    }
    if (sva_cpu_level() >= SVA_CPU_AVX512) {
        forms.many = sva_sha256_avx512_lanes;
        forms.lanes = 16;
        forms.least = sha ? 12 : 3;
    } else if (sva_cpu_level() >= SVA_CPU_AVX2 && !sha) {
        forms.many = sva_sha256_avx2_lanes;
        forms.lanes = 8;
        forms.least = 3;
    }
#endif
    return forms;
}

/* -- one message, in pieces -------------------------------------------------------------------- */

void sva_sha256_init(struct sva_sha256 *state)
{
    memcpy(state->chain, initial_chain, sizeof state->chain);
    state->size_bytes = 0;
}

struct sva_sha256 *sva_sha256_new(void)
{
    struct sva_sha256 *const state = sva_calloc(1, sizeof *state);
    if (state != NULL) {
        sva_sha256_init(state);
    }
    return state;
}

void sva_sha256_free(struct sva_sha256 *state)
{
    sva_free(state);
}

static size_t buffered_bytes(const struct sva_sha256 *state)
{
    return (size_t)(state->size_bytes % BLOCK_BYTES);
}

void sva_sha256_update(struct sva_sha256 *state, const void *bytes, size_t size)
{
    if (size == 0) {
        return;
    }
    const struct forms forms = forms_here();
    const uint8_t *from = bytes;
    const size_t buffered = buffered_bytes(state);
    state->size_bytes += size;
    if (buffered > 0) {
        const size_t room = BLOCK_BYTES - buffered;
        const size_t step = size < room ? size : room;
        memcpy(state->block + buffered, from, step);
        if (step < room) {
            return;
        }
        forms.one(state->chain, state->block, 1);
        from += step;
        size -= step;
    }
    if (size >= BLOCK_BYTES) {
        forms.one(state->chain, from, size / BLOCK_BYTES);
    }
    memcpy(state->block, from + size / BLOCK_BYTES * BLOCK_BYTES, size % BLOCK_BYTES);
}

void sva_sha256_update_pair(struct sva_sha256 *a, const void *bytes_a, struct sva_sha256 *b,
                            const void *bytes_b, size_t size)
{
    const size_t head_a = (BLOCK_BYTES - buffered_bytes(a)) % BLOCK_BYTES;
    const size_t head_b = (BLOCK_BYTES - buffered_bytes(b)) % BLOCK_BYTES;
    const size_t head = head_a > head_b ? head_a : head_b;
    const size_t both = size < head ? 0 : (size - head) / BLOCK_BYTES;
    const struct forms forms = forms_here();
    if (forms.pair == NULL || both == 0) {
        sva_sha256_update(a, bytes_a, size);
        sva_sha256_update(b, bytes_b, size);
        return;
    }
    const uint8_t *const from_a = bytes_a;
    const uint8_t *const from_b = bytes_b;
    const size_t end_a = head_a + both * BLOCK_BYTES;
    const size_t end_b = head_b + both * BLOCK_BYTES;
    sva_sha256_update(a, from_a, head_a);
    sva_sha256_update(b, from_b, head_b);
    forms.pair(a->chain, from_a + head_a, b->chain, from_b + head_b, both);
    a->size_bytes += both * BLOCK_BYTES;
    b->size_bytes += both * BLOCK_BYTES;
    sva_sha256_update(a, from_a + end_a, size - end_a);
    sva_sha256_update(b, from_b + end_b, size - end_b);
}

/* -- chaining values and digests as bytes ------------------------------------------------------ */

static void store_big_endian(const uint32_t words[8], uint8_t bytes[32])
{
    for (int i = 0; i < 8; i++) {
        for (int k = 0; k < 4; k++) {
            bytes[4 * i + k] = (uint8_t)(words[i] >> (24 - 8 * k));
        }
    }
}

void sva_sha256_chain(const struct sva_sha256 *state, uint8_t chain[32])
{
    store_big_endian(state->chain, chain);
}

void sva_sha256_resume(struct sva_sha256 *state, const uint8_t chain[32], uint64_t size_bytes)
{
    for (int i = 0; i < 8; i++) {
        state->chain[i] = (uint32_t)chain[4 * i] << 24 | (uint32_t)chain[4 * i + 1] << 16 |
                          (uint32_t)chain[4 * i + 2] << 8 | (uint32_t)chain[4 * i + 3];
    }
    state->size_bytes = size_bytes;
}

/** The end of a message of `size_bytes` with its padding; returns its blocks, one or two. */
static size_t pad(const uint8_t *rest, uint64_t size_bytes, uint8_t tail[2 * BLOCK_BYTES])
{
    const size_t left = (size_t)(size_bytes % BLOCK_BYTES);
    const size_t blocks = left < BLOCK_BYTES - 8 ? 1 : 2;
    memset(tail, 0, blocks * BLOCK_BYTES);
    memcpy(tail, rest, left);
    tail[left] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        tail[blocks * BLOCK_BYTES - 1 - i] = (uint8_t)(size_bytes * 8 >> (8 * i));
    }
    return blocks;
}

void sva_sha256_final(struct sva_sha256 *state, uint8_t digest[32])
{
    uint8_t tail[2 * BLOCK_BYTES];
    const size_t blocks = pad(state->block, state->size_bytes, tail);
    forms_here().one(state->chain, tail, blocks);
    store_big_endian(state->chain, digest);
    sva_sha256_init(state);
}

bool sva_sha256(const void *bytes, size_t size, uint8_t digest[32])
{
    struct sva_sha256 state;
    sva_sha256_init(&state);
    sva_sha256_update(&state, bytes, size);
    sva_sha256_final(&state, digest);
    return true;
}

/* -- many messages of one length --------------------------------------------------------------- */

/** Messages 0 .. count-1 in one call; word w of message m is chain[w * lanes + m] for `many`. */
static void compress(const struct forms *forms, size_t count, uint32_t chain[LANES_MOST][8],
                     const uint8_t *const *bytes, size_t block_count)
{
    if (count == 1) {
        forms->one(chain[0], bytes[0], block_count);
        return;
    }
    if (count == 2 && forms->pair != NULL) {
        forms->pair(chain[0], bytes[0], chain[1], bytes[1], block_count);
        return;
    }
    uint32_t turned[8 * LANES_MOST];
    const uint8_t *lane_bytes[LANES_MOST] = {NULL};
    for (size_t m = 0; m < forms->lanes; m++) {
        lane_bytes[m] = bytes[m < count ? m : 0]; /* idle lanes repeat the first message */
        for (size_t w = 0; w < 8; w++) {
            turned[w * forms->lanes + m] = chain[m < count ? m : 0][w];
        }
    }
    forms->many(turned, lane_bytes, block_count);
    for (size_t m = 0; m < count; m++) {
        for (size_t w = 0; w < 8; w++) {
            chain[m][w] = turned[w * forms->lanes + m];
        }
    }
}

static void hash_group(const struct forms *forms, const uint8_t *const *messages, size_t size,
                       size_t count, uint8_t (*digests)[32])
{
    uint32_t chain[LANES_MOST][8];
    uint8_t tails[LANES_MOST][2 * BLOCK_BYTES];
    const uint8_t *tail_starts[LANES_MOST] = {NULL};
    size_t tail_blocks = 1;
    for (size_t m = 0; m < count; m++) {
        memcpy(chain[m], initial_chain, sizeof initial_chain);
        tail_blocks = pad(messages[m] + size / BLOCK_BYTES * BLOCK_BYTES, size, tails[m]);
        tail_starts[m] = tails[m];
    }
    if (size >= BLOCK_BYTES) {
        compress(forms, count, chain, messages, size / BLOCK_BYTES);
    }
    compress(forms, count, chain, tail_starts, tail_blocks);
    for (size_t m = 0; m < count; m++) {
        store_big_endian(chain[m], digests[m]);
    }
}

void sva_sha256_many(const uint8_t *const *messages, size_t size, size_t count,
                     uint8_t (*digests)[32])
{
    const struct forms forms = forms_here();
    while (count > 0) {
        size_t step = forms.pair != NULL && count > 1 ? 2 : 1;
        if (forms.many != NULL && count >= forms.least) {
            step = count < forms.lanes ? count : forms.lanes;
        }
        hash_group(&forms, messages, size, step, digests);
        messages += step;
        digests += step;
        count -= step;
    }
}

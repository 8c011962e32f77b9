/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/value_hash.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "kernel/planes.h"

enum {
    LEAF_BYTES = 64 * 1024,
    LEAF_VALUES = LEAF_BYTES / 2,
    GROUP_VALUES = SVA_VALUE_HASH_GROUP,
    GROUP_LEAVES = GROUP_VALUES / LEAF_VALUES,
    GROUP_BYTES = GROUP_LEAVES * LEAF_BYTES
};

/**
 * Leaves wait in a group until there are enough of them to be hashed at once. A group is one leaf
 * long at first and GROUP_LEAVES once `wide` is there.
 */
struct sva_value_hash {
    struct sva_sha256 high_plane;
    struct sva_sha256 low_plane;
    uint64_t count;
    uint64_t zero_leaves; /**< at the start of the low plane, not hashed yet */
    size_t filled;        /**< values in the group */
    size_t room;          /**< values that the group holds */
    bool low_used;        /**< a low half other than zero was seen: `low` is written from then on */
    uint8_t *high;        /**< the group's planes, in one of those below */
    uint8_t *low;
    uint8_t *wide; /**< two planes of GROUP_BYTES; NULL: none yet */
    uint8_t narrow[2][LEAF_BYTES];
};

/** SHA-256 of 64 KiB of zeros: the leaves of a low plane before its first other value. */
static const uint8_t zero_leaf[32] = {
    0xde, 0x2f, 0x25, 0x60, 0x64, 0xa0, 0xaf, 0x79, 0x77, 0x47, 0xc2, 0xb9, 0x75, 0x05, 0xdc, 0x0b,
    0x9f, 0x3d, 0xf0, 0xde, 0x4f, 0x48, 0x9e, 0xac, 0x73, 0x1c, 0x23, 0xae, 0x9c, 0xa9, 0xcc, 0x31};

static void restart(struct sva_value_hash *hash)
{
    sva_sha256_init(&hash->high_plane);
    sva_sha256_init(&hash->low_plane);
    hash->count = 0;
    hash->zero_leaves = 0;
    hash->filled = 0;
    hash->low_used = false;
}

struct sva_value_hash *sva_value_hash_new(void)
{
    /* Not zeroed: most tensors of a model are much smaller than a leaf. */
    struct sva_value_hash *const hash = sva_realloc_array(NULL, 1, sizeof *hash);
    if (hash != NULL) {
        restart(hash);
        hash->room = LEAF_VALUES;
        hash->wide = NULL;
        hash->high = hash->narrow[0];
        hash->low = hash->narrow[1];
    }
    return hash;
}

void sva_value_hash_free(struct sva_value_hash *hash)
{
    if (hash != NULL) {
        sva_free(hash->wide);
        sva_free(hash);
    }
}

/** Makes room for more leaves; false if there is no more to be had. */
static bool widen(struct sva_value_hash *hash)
{
    if (hash->wide != NULL) {
        return false;
    }
    hash->wide = sva_realloc_array(NULL, 2, GROUP_BYTES);
    if (hash->wide == NULL) {
        return false;
    }
    hash->high = hash->wide;
    hash->low = hash->wide + GROUP_BYTES;
    hash->room = GROUP_VALUES;
    memcpy(hash->high, hash->narrow[0], hash->filled * 2);
    if (hash->low_used) {
        memcpy(hash->low, hash->narrow[1], hash->filled * 2);
    }
    return true;
}

/** Digests of equally long pieces of both planes, or of the high one, into the plane hashes. */
static void add_leaves(struct sva_value_hash *hash, const uint8_t *high, const uint8_t *low,
                       size_t leaf_bytes, size_t count)
{
    const uint8_t *leaves[2 * GROUP_LEAVES];
    uint8_t digests[2 * GROUP_LEAVES][32];
    for (size_t i = 0; i < count; i++) {
        leaves[i] = high + i * leaf_bytes;
        leaves[count + i] = low == NULL ? NULL : low + i * leaf_bytes;
    }
    sva_sha256_many(leaves, leaf_bytes, low == NULL ? count : 2 * count, digests);
    sva_sha256_update(&hash->high_plane, digests, count * sizeof *digests);
    if (low != NULL) {
        sva_sha256_update(&hash->low_plane, digests + count, count * sizeof *digests);
    } else {
        hash->zero_leaves += count;
    }
}

static void flush(struct sva_value_hash *hash)
{
    const size_t whole = hash->filled / LEAF_VALUES;
    const size_t rest = hash->filled % LEAF_VALUES;
    const uint8_t *const low = hash->low_used ? hash->low : NULL;
    for (; low != NULL && hash->zero_leaves > 0; hash->zero_leaves--) {
        sva_sha256_update(&hash->low_plane, zero_leaf, sizeof zero_leaf);
    }
    if (whole > 0) {
        add_leaves(hash, hash->high, low, LEAF_BYTES, whole);
    }
    if (rest > 0) {
        const size_t start = whole * LEAF_BYTES;
        add_leaves(hash, hash->high + start, low == NULL ? NULL : low + start, rest * 2, 1);
    }
    hash->filled = 0;
}

/** Values that fit the group now, at most `count` and at least one: a full group is emptied. */
static size_t next_step(struct sva_value_hash *hash, size_t count)
{
    if (hash->filled == hash->room && !widen(hash)) {
        flush(hash);
    }
    const size_t room = hash->room - hash->filled;
    return count < room ? count : room;
}

void sva_value_hash_update(struct sva_value_hash *hash, const float *values, size_t count)
{
    hash->count += count;
    while (count > 0) {
        const size_t step = next_step(hash, count);
        uint8_t *const high = hash->high + 2 * hash->filled;
        uint8_t *const low = hash->low + 2 * hash->filled;
        if (!hash->low_used && sva_split_high_plane(values, step, high) != 0) {
            memset(hash->low, 0, 2 * hash->filled);
            hash->low_used = true;
        }
        if (hash->low_used) {
            (void)sva_split_planes(values, step, high, low);
        }
        hash->filled += step;
        values += step;
        count -= step;
    }
}

void sva_value_hash_update_high(struct sva_value_hash *hash, const uint8_t *halves, size_t count)
{
    hash->count += count;
    while (count > 0) {
        const size_t step = next_step(hash, count);
        if (hash->filled == 0 && count >= GROUP_VALUES && !hash->low_used &&
            !sva_high_plane_has_nan(halves, GROUP_VALUES)) {
            add_leaves(hash, halves, NULL, LEAF_BYTES, GROUP_LEAVES);
            halves += GROUP_BYTES;
            count -= GROUP_VALUES;
            continue;
        }
        sva_copy_high_plane(halves, step, hash->high + 2 * hash->filled);
        if (hash->low_used) {
            memset(hash->low + 2 * hash->filled, 0, 2 * step);
        }
        hash->filled += step;
        halves += 2 * step;
        count -= step;
    }
}

void sva_value_hash_final(struct sva_value_hash *hash, uint8_t digest[32])
{
    static const char domain[] = "sva-value-1";
    struct sva_sha256 root;
    uint8_t length[8];
    uint8_t plane[32];
    if (hash->filled > 0) {
        flush(hash);
    }
    for (size_t i = 0; i < sizeof length; i++) {
        length[i] = (uint8_t)(hash->count >> (8 * i));
    }
    sva_sha256_init(&root);
    sva_sha256_update(&root, domain, sizeof domain - 1);
    sva_sha256_update(&root, length, sizeof length);
    sva_sha256_final(&hash->high_plane, plane);
    sva_sha256_update(&root, plane, sizeof plane);
    if (hash->low_used) {
        sva_sha256_final(&hash->low_plane, plane);
        sva_sha256_update(&root, plane, sizeof plane);
    }
    sva_sha256_final(&root, digest);
    restart(hash);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/value_hash.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

enum { LEAF_BYTES = 64 * 1024, LEAF_VALUES = LEAF_BYTES / 2 };

struct sva_value_hash {
    struct sva_sha256 *leaf;
    struct sva_sha256 *high_plane;
    struct sva_sha256 *low_plane;
    uint64_t count;
    size_t filled;   /* values in the current leaf */
    bool low_used;   /* a low half other than zero was seen */
    uint32_t leaf_low;            /* OR of the current leaf's low halves */
    bool zero_known;              /* zero_leaf is set */
    uint8_t zero_leaf[32];        /* digest of a whole leaf of zeros: most low planes of BF16 */
    uint8_t high[LEAF_BYTES];
    uint8_t low[LEAF_BYTES];
};

struct sva_value_hash *sva_value_hash_new(void)
{
    struct sva_value_hash *hash = sva_calloc(1, sizeof *hash);
    if (hash == NULL) {
        return NULL;
    }
    hash->leaf = sva_sha256_new();
    hash->high_plane = sva_sha256_new();
    hash->low_plane = sva_sha256_new();
    if (hash->leaf == NULL || hash->high_plane == NULL || hash->low_plane == NULL) {
        sva_value_hash_free(hash);
        return NULL;
    }
    return hash;
}

void sva_value_hash_free(struct sva_value_hash *hash)
{
    if (hash != NULL) {
        sva_sha256_free(hash->leaf);
        sva_sha256_free(hash->high_plane);
        sva_sha256_free(hash->low_plane);
        sva_free(hash);
    }
}

static void flush_leaf(struct sva_value_hash *hash)
{
    uint8_t digest[32];
    sva_sha256_update(hash->leaf, hash->high, hash->filled * 2);
    sva_sha256_final(hash->leaf, digest);
    sva_sha256_update(hash->high_plane, digest, sizeof digest);
    const bool zeros = hash->leaf_low == 0 && hash->filled == LEAF_VALUES;
    if (!zeros || !hash->zero_known) {
        sva_sha256_update(hash->leaf, hash->low, hash->filled * 2);
        sva_sha256_final(hash->leaf, digest);
    }
    if (zeros && !hash->zero_known) {
        memcpy(hash->zero_leaf, digest, sizeof digest);
        hash->zero_known = true;
    }
    sva_sha256_update(hash->low_plane, zeros ? hash->zero_leaf : digest, sizeof digest);
    hash->filled = 0;
    hash->leaf_low = 0;
}

/** Splits `count` values into the leaf buffers; returns the OR of their low halves. */
static uint32_t split_planes(const float *values, size_t count, uint8_t *high, uint8_t *low)
{
    uint32_t low_any = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        if ((bits & 0x7fffffffu) > 0x7f800000u) {
            bits = 0x7fc00000u;
        }
        low_any |= bits & 0xffffu;
        high[2 * i] = (uint8_t)(bits >> 16);
        high[2 * i + 1] = (uint8_t)(bits >> 24);
        low[2 * i] = (uint8_t)bits;
        low[2 * i + 1] = (uint8_t)(bits >> 8);
    }
    return low_any;
}

void sva_value_hash_update(struct sva_value_hash *hash, const float *values, size_t count)
{
    hash->count += count;
    while (count > 0) {
        const size_t room = LEAF_VALUES - hash->filled;
        const size_t step = count < room ? count : room;
        hash->leaf_low |= split_planes(values, step, hash->high + 2 * hash->filled,
                                       hash->low + 2 * hash->filled);
        hash->low_used = hash->low_used || hash->leaf_low != 0;
        hash->filled += step;
        values += step;
        count -= step;
        if (hash->filled == LEAF_VALUES) {
            flush_leaf(hash);
        }
    }
}

void sva_value_hash_final(struct sva_value_hash *hash, uint8_t digest[32])
{
    static const char domain[] = "sva-value-1";
    uint8_t root[32];
    uint8_t length[8];
    if (hash->filled > 0) {
        flush_leaf(hash);
    }
    for (size_t i = 0; i < sizeof length; i++) {
        length[i] = (uint8_t)(hash->count >> (8 * i));
    }
    sva_sha256_update(hash->leaf, domain, sizeof domain - 1);
    sva_sha256_update(hash->leaf, length, sizeof length);
    sva_sha256_final(hash->high_plane, root);
    sva_sha256_update(hash->leaf, root, sizeof root);
    sva_sha256_final(hash->low_plane, root);
    if (hash->low_used) {
        sva_sha256_update(hash->leaf, root, sizeof root);
    }
    sva_sha256_final(hash->leaf, digest);
    hash->count = 0;
    hash->low_used = false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Value hash v1 (METHOD section 3): names a tensor's values, whatever dtype
 * stores them. Every value as its F32 bits (NaN -> 7fc00000, -0 kept), split
 * into a plane of high and a plane of low 16-bit halves, little-endian; each
 * plane cut into leaves of 64 KiB hashed with SHA-256; plane root = SHA-256 of
 * its leaf digests in order; a low plane of zeros is left out. Root =
 * SHA-256("sva-value-1" || count as u64le || plane roots). Tensors with values
 * that F32 cannot hold hash their stored bytes instead, in a domain of their own.
 */
#ifndef SVA_FINGERPRINT_VALUE_HASH_H
#define SVA_FINGERPRINT_VALUE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sva_value_hash;

/**
 * NULL when out of memory. 128 KiB, of which small tensors touch no more than they fill; 2 MiB more
 * once 64 KiB of a plane have come, so that sixteen leaves are hashed at once. If those cannot be
 * had, leaves are hashed one by one: later calls never fail.
 */
struct sva_value_hash *sva_value_hash_new(void);
void sva_value_hash_free(struct sva_value_hash *hash);

/** Appends values in stored order. */
void sva_value_hash_update(struct sva_value_hash *hash, const float *values, size_t count);

/**
 * Appends `count` values whose low halves are zero, given as their high halves: BF16 as stored,
 * little-endian, at any address. The same digest as the values as F32. What comes in multiples of
 * SVA_VALUE_HASH_GROUP is hashed where it lies, without a copy.
 */
void sva_value_hash_update_high(struct sva_value_hash *hash, const uint8_t *halves, size_t count);

/** Values that are hashed at once: sixteen leaves. */
enum { SVA_VALUE_HASH_GROUP = 16 * 32768 };

/** Finishes and resets. */
void sva_value_hash_final(struct sva_value_hash *hash, uint8_t digest[32]);

#endif

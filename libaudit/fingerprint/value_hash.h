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

/** NULL when out of memory. */
struct sva_value_hash *sva_value_hash_new(void);
void sva_value_hash_free(struct sva_value_hash *hash);

/** Appends values in stored order. */
void sva_value_hash_update(struct sva_value_hash *hash, const float *values, size_t count);

/** Finishes and resets. */
void sva_value_hash_final(struct sva_value_hash *hash, uint8_t digest[32]);

#endif

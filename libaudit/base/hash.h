/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Hashing: SHA-256 in the form that suits the processor (base/sha256_levels.h), XXH3-64 (xxHash),
 * and a tiny mixer for sampling keys.
 */
#ifndef SVA_BASE_HASH_H
#define SVA_BASE_HASH_H

#include <stddef.h>

#include <sovaudit/status.h>

enum { SVA_SHA256_BLOCK_BYTES = 64 };

/** A message that is hashed in pieces, from init to final. The fields belong to sha256.c. */
struct sva_sha256 {
    uint32_t chain[8];
    uint64_t size_bytes; /**< so far */
    uint8_t block[SVA_SHA256_BLOCK_BYTES];
};

void sva_sha256_init(struct sva_sha256 *state);
struct sva_sha256 *sva_sha256_new(void); /**< initialised; NULL: out of memory */
void sva_sha256_update(struct sva_sha256 *state, const void *bytes, size_t size);
/**
 * `size` bytes to each of two messages, which is faster than one after the other. The two are
 * different objects, wherever each of them stands.
 */
void sva_sha256_update_pair(struct sva_sha256 *a, const void *bytes_a, struct sva_sha256 *b,
                            const void *bytes_b, size_t size);
/** Writes the digest and resets the state for another message. */
void sva_sha256_final(struct sva_sha256 *state, uint8_t digest[32]);
void sva_sha256_free(struct sva_sha256 *state);
/** One shot. Always true, so that it can stand in a chain of conditions. */
bool sva_sha256(const void *bytes, size_t size, uint8_t digest[32]);
/**
 * Digests of `count` messages of `size` bytes each, up to sixteen at once: twice as fast as one
 * after the other, where the processor has AVX-512 or nothing made for SHA-256.
 */
void sva_sha256_many(const uint8_t *const *messages, size_t size, size_t count,
                     uint8_t (*digests)[32]);

/**
 * The chaining value (FIPS 180-4, section 6.2.2: H of the blocks so far, big-endian words), from
 * which sva_sha256_resume continues. Only after a multiple of SVA_SHA256_BLOCK_BYTES.
 */
void sva_sha256_chain(const struct sva_sha256 *state, uint8_t chain[32]);
/** As after `size_bytes` bytes, a multiple of SVA_SHA256_BLOCK_BYTES, that led to `chain`. */
void sva_sha256_resume(struct sva_sha256 *state, const uint8_t chain[32], uint64_t size_bytes);

/** Object id that git gives a file's bytes: SHA-1 of "blob <size>", NUL, bytes. False: out of
 * memory. */
bool sva_git_blob_id(const void *bytes, size_t size, uint8_t id[20]);

uint64_t sva_xxh3(const void *bytes, size_t size, uint64_t seed);

/** The same hash of bytes that come piece by piece. NULL: out of memory. */
struct sva_xxh3_stream;
struct sva_xxh3_stream *sva_xxh3_new(uint64_t seed);
void sva_xxh3_update(struct sva_xxh3_stream *stream, const void *bytes, size_t size);
uint64_t sva_xxh3_final(const struct sva_xxh3_stream *stream);
void sva_xxh3_free(struct sva_xxh3_stream *stream);

/** SplitMix64's finaliser: a bijection on 64 bits. */
uint64_t sva_mix64(uint64_t value);

/** Lower-case hex, `text` holds 2*size+1 bytes. */
void sva_hex(const uint8_t *bytes, size_t size, char *text);
/** Exactly 2*size hex digits, or false. */
bool sva_unhex(const char *text, size_t text_length, uint8_t *bytes, size_t size);

#endif

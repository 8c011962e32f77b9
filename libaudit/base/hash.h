/* SPDX-License-Identifier: Apache-2.0 */
/** Hashing: SHA-256 (OpenSSL), XXH3-64 (xxHash), and a tiny mixer for sampling keys. */
#ifndef SVA_BASE_HASH_H
#define SVA_BASE_HASH_H

#include <stddef.h>

#include <sovaudit/status.h>

struct sva_sha256; /**< opaque, from new to final */

struct sva_sha256 *sva_sha256_new(void); /**< NULL: out of memory */
void sva_sha256_update(struct sva_sha256 *state, const void *bytes, size_t size);
/** Writes the digest and resets the state for another message. */
void sva_sha256_final(struct sva_sha256 *state, uint8_t digest[32]);
void sva_sha256_free(struct sva_sha256 *state);
/** One shot; false: out of memory. */
bool sva_sha256(const void *bytes, size_t size, uint8_t digest[32]);

/** Object id that git gives a file's bytes: SHA-1 of "blob <size>", NUL, bytes. False: out of memory. */
bool sva_git_blob_id(const void *bytes, size_t size, uint8_t id[20]);

uint64_t sva_xxh3(const void *bytes, size_t size, uint64_t seed);

/** SplitMix64's finaliser: a bijection on 64 bits. */
uint64_t sva_mix64(uint64_t value);

/** Lower-case hex, `text` holds 2*size+1 bytes. */
void sva_hex(const uint8_t *bytes, size_t size, char *text);
/** Exactly 2*size hex digits, or false. */
bool sva_unhex(const char *text, size_t text_length, uint8_t *bytes, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The compression function of SHA-256 (FIPS 180-4, section 6.2.2) in the forms that processors are
 * good at; chosen in sha256_blocks.c. A chaining value is eight words in the processor's order.
 * Every form takes whole blocks of 64 bytes and gives the same words.
 */
#ifndef SVA_BASE_SHA256_LEVELS_H
#define SVA_BASE_SHA256_LEVELS_H

#include <stddef.h>
#include <stdint.h>

/** The 64 round constants, FIPS 180-4, section 4.2.2. */
extern const uint32_t sva_sha256_constants[64];

/** Plain C: the reference for the others. */
void sva_sha256_plain(uint32_t chain[8], const uint8_t *bytes, size_t block_count);

/** OpenSSL's, which has assembly for many processors; plain C where it is built without. */
void sva_sha256_openssl(uint32_t chain[8], const uint8_t *bytes, size_t block_count);

/** The processor's SHA instructions, which only sva_cpu_has_sha() allows to call. */
void sva_sha256_shani(uint32_t chain[8], const uint8_t *bytes, size_t block_count);

/** Two messages at once: while one waits for an instruction's result, the other's is begun. */
void sva_sha256_shani_pair(uint32_t chain_a[8], const uint8_t *bytes_a, uint32_t chain_b[8],
                           const uint8_t *bytes_b, size_t block_count);

/** 8 and 16 messages at once, a lane each: word w of message m is chain[w * lanes + m]. */
void sva_sha256_avx2_lanes(uint32_t chain[64], const uint8_t *const bytes[8], size_t block_count);
void sva_sha256_avx512_lanes(uint32_t chain[128], const uint8_t *const bytes[16],
                             size_t block_count);

#endif

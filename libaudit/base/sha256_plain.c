/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL 3.0 deprecates the functions that show a chaining value, and has no others. */
#define OPENSSL_API_COMPAT 0x10100000L

#include "base/sha256_levels.h"

#include <openssl/sha.h>

const uint32_t sva_sha256_constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

#define SVA_LANES 1
typedef uint32_t lanes;

static inline lanes lane_load(const uint32_t *from)
{
    return *from;
}

static inline void lane_store(uint32_t *to, lanes x)
{
    *to = x;
}

static inline lanes lane_splat(uint32_t word)
{
    return word;
}

static inline lanes lane_add(lanes a, lanes b)
{
    return a + b;
}

static inline lanes lane_shift(lanes x, int count)
{
    return x >> count;
}

static inline lanes lane_rotate(lanes x, int count)
{
    return x >> count | x << (32 - count);
}

static inline lanes lane_xor3(lanes a, lanes b, lanes c)
{
    return a ^ b ^ c;
}

static inline lanes lane_choose(lanes e, lanes f, lanes g)
{
    return g ^ (e & (f ^ g));
}

static inline lanes lane_majority(lanes a, lanes b, lanes c)
{
    return (a & b) | (c & (a | b));
}

static inline void load_block(const uint8_t *const bytes[1], size_t at, lanes words[16])
{
    for (int i = 0; i < 16; i++) {
        const uint8_t *const from = bytes[0] + at + 4 * i;
        words[i] = (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 |
                   (uint32_t)from[3];
    }
}

#include "base/sha256_lanes.h"

void sva_sha256_plain(uint32_t chain[8], const uint8_t *bytes, size_t block_count)
{
    compress_lanes(chain, &bytes, block_count);
}

#if defined(OPENSSL_NO_DEPRECATED_3_0)

void sva_sha256_openssl(uint32_t chain[8], const uint8_t *bytes, size_t block_count)
{
    sva_sha256_plain(chain, bytes, block_count);
}

#else

void sva_sha256_openssl(uint32_t chain[8], const uint8_t *bytes, size_t block_count)
{
    SHA256_CTX context = {0};
    context.md_len = SHA256_DIGEST_LENGTH;
    for (int i = 0; i < 8; i++) {
        context.h[i] = chain[i];
    }
    /* Nothing is buffered before or after, and whole blocks have no way to fail. */
    (void)SHA256_Update(&context, bytes, block_count * 64);
    for (int i = 0; i < 8; i++) {
        chain[i] = context.h[i];
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/cpu.h"
#include "base/xxh3_levels.h"

bool sva_git_blob_id(const void *bytes, size_t size, uint8_t id[20])
{
    char header[32];
    const int length = snprintf(header, sizeof header, "blob %zu", size);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
                    EVP_DigestUpdate(context, header, (size_t)length + 1) == 1 &&
                    EVP_DigestUpdate(context, bytes, size) == 1 &&
                    EVP_DigestFinal_ex(context, id, NULL) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

enum { WIDE_FROM = 241 }; /* bytes from which XXH3 works through stripes */

uint64_t sva_xxh3(const void *bytes, size_t size, uint64_t seed)
{
#if defined(__x86_64__)
    switch (size < WIDE_FROM ? SVA_CPU_BASELINE : sva_cpu_level()) {
    case SVA_CPU_AVX512: return sva_xxh3_avx512(bytes, size, seed);
    case SVA_CPU_AVX2: return sva_xxh3_avx2(bytes, size, seed);
    default: break;
    }
#endif
    return XXH3_64bits_withSeed(bytes, size, seed);
}

/* An XXH3_state_t, which asks for an alignment of its own. */
struct sva_xxh3_stream *sva_xxh3_new(uint64_t seed)
{
    XXH3_state_t *const state = XXH3_createState();
    if (state != NULL) {
        (void)XXH3_64bits_reset_withSeed(state, seed);
    }
    return (struct sva_xxh3_stream *)state;
}

void sva_xxh3_update(struct sva_xxh3_stream *stream, const void *bytes, size_t size)
{
    (void)XXH3_64bits_update((XXH3_state_t *)stream, bytes, size);
}

uint64_t sva_xxh3_final(const struct sva_xxh3_stream *stream)
{
    return XXH3_64bits_digest((const XXH3_state_t *)stream);
}

void sva_xxh3_free(struct sva_xxh3_stream *stream)
{
    (void)XXH3_freeState((XXH3_state_t *)stream);
}

uint64_t sva_mix64(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

void sva_hex(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * size] = '\0';
}

/* 0..15, or 16 for anything that is no hex digit. */
static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (unsigned)(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned)(c - 'A') + 10;
    }
    return 16;
}

bool sva_unhex(const char *text, size_t text_length, uint8_t *bytes, size_t size)
{
    if (text_length % 2 != 0 || text_length / 2 != size) {
        return false;
    }
    for (size_t i = 0; i < text_length; i++) {
        if (hex_digit(text[i]) > 15) {
            return false;
        }
    }
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    }
    return true;
}

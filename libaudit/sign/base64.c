/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void sva_base64_append(struct sva_bytes *text, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 |
                               (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        const char four[4] = {ALPHABET[group >> 18], ALPHABET[group >> 12 & 63],
                              left > 1 ? ALPHABET[group >> 6 & 63] : '=',
                              left > 2 ? ALPHABET[group & 63] : '='};
        sva_bytes_append(text, four, sizeof four);
    }
}

/** 0..63, or 64 for what is no digit. */
static uint32_t digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (uint32_t)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (uint32_t)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0') + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/** Four characters, of which the last `padding` are '='; false, with *bad, when one is wrong. */
static bool decode_four(const char *four, size_t padding, uint8_t *out, size_t *bad)
{
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        const uint32_t value = i < 4 - padding ? digit(four[i]) : 0;
        if (value > 63) {
            *bad = i;
            return false;
        }
        group = group << 6 | value;
    }
    if ((group & ((UINT32_C(1) << 8 * padding) - 1)) != 0) {
        *bad = 3 - padding;
        return false;
    }
    for (size_t i = 0; i < 3 - padding; i++) {
        out[i] = (uint8_t)(group >> (16 - 8 * i));
    }
    return true;
}

bool sva_base64_decode(const char *text, size_t length, struct sva_arena *arena,
                       struct sva_span *bytes, size_t *bad)
{
    if (length % 4 != 0) {
        *bad = length;
        return false;
    }
    uint8_t *const out = sva_arena_alloc(arena, length / 4 * 3 + 1, 1);
    if (out == NULL) {
        *bad = SIZE_MAX;
        return false;
    }
    size_t used = 0;
    for (size_t i = 0; i < length; i += 4) {
        const bool last = i + 4 == length;
        const size_t padding = !last || text[i + 3] != '=' ? 0 : text[i + 2] == '=' ? 2 : 1;
        size_t at = 0;
        if (!decode_four(text + i, padding, out + used, &at)) {
            *bad = i + at;
            return false;
        }
        used += 3 - padding;
    }
    *bytes = (struct sva_span){.data = out, .size = used};
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/token_text.h"

#include <string.h>

#include "base/hash.h"

/** One code point of valid UTF-8; returns its length, or 0 at the end or on anything odd. */
static size_t next_code_point(const uint8_t *text, size_t size, uint32_t *code)
{
    if (size == 0) {
        return 0;
    }
    if (text[0] < 0x80) {
        *code = text[0];
        return 1;
    }
    if (size >= 2 && (text[0] & 0xe0) == 0xc0) {
        *code = (uint32_t)(text[0] & 0x1f) << 6 | (uint32_t)(text[1] & 0x3f);
        return 2;
    }
    return 0;
}

/**
 * GPT-2 shows the bytes 33-126, 161-172 and 174-255 as the characters with these
 * numbers and the 68 others, in order, as U+0100 and following.
 */
static bool byte_of(uint32_t code, uint8_t *byte)
{
    if ((code >= 33 && code <= 126) || (code >= 161 && code <= 172) ||
        (code >= 174 && code <= 255)) {
        *byte = (uint8_t)code;
        return true;
    }
    if (code < 256 || code >= 256 + 68) {
        return false;
    }
    const uint32_t rank = code - 256;
    *byte = (uint8_t)(rank < 33 ? rank : rank < 67 ? rank - 33 + 127 : 173);
    return true;
}

static size_t decode_byte_level(const uint8_t *text, size_t size, uint8_t *out)
{
    size_t used = 0;
    size_t at = 0;
    while (at < size) {
        uint32_t code = 0;
        const size_t length = next_code_point(text + at, size - at, &code);
        if (length == 0 || !byte_of(code, &out[used])) {
            memcpy(out, text, size); /* not written in this alphabet after all */
            return size;
        }
        used++;
        at += length;
    }
    return used;
}

static int hex_digit(uint8_t digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                          : -1;
}

static size_t decode_sentencepiece(const uint8_t *text, size_t size, uint8_t *out)
{
    if (size == 6 && memcmp(text, "<0x", 3) == 0 && text[5] == '>' && hex_digit(text[3]) >= 0 &&
        hex_digit(text[4]) >= 0) {
        out[0] = (uint8_t)(hex_digit(text[3]) * 16 + hex_digit(text[4]));
        return 1;
    }
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        if (size - at >= 3 && memcmp(text + at, "\xe2\x96\x81", 3) == 0) {
            out[used++] = ' ';
            at += 3;
        } else {
            out[used++] = text[at++];
        }
    }
    return used;
}

size_t sva_token_canonical(enum sva_token_style style, const char *text, size_t size, uint8_t *out)
{
    const uint8_t *const bytes = (const uint8_t *)text;
    switch (style) {
    case SVA_TOKENS_BYTE_LEVEL: return decode_byte_level(bytes, size, out);
    case SVA_TOKENS_SENTENCEPIECE: return decode_sentencepiece(bytes, size, out);
    case SVA_TOKENS_PLAIN: break;
    }
    if (size > 0) {
        memcpy(out, bytes, size);
    }
    return size;
}

static bool is_bracketed(const uint8_t *text, size_t size)
{
    return size >= 3 && ((text[0] == '<' && text[size - 1] == '>') ||
                         (text[0] == '[' && text[size - 1] == ']'));
}

/** One character of UTF-8 in several bytes, as far as its form tells. */
static bool is_one_character(const uint8_t *text, size_t size)
{
    const size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc0 ? 2 : 1;
    bool follows = size == length;
    for (size_t i = 1; i < size && follows; i++) {
        follows = (text[i] & 0xc0) == 0x80;
    }
    return follows;
}

bool sva_token_is_word(const uint8_t *canonical, size_t size)
{
    size_t spaces = 0;
    while (spaces < size && (canonical[spaces] == ' ' || canonical[spaces] == '\n' ||
                             canonical[spaces] == '\t' || canonical[spaces] == '\r')) {
        spaces++;
    }
    return spaces < size && !is_bracketed(canonical, size) && !is_one_character(canonical, size);
}

uint64_t sva_token_key(const uint8_t *canonical, size_t size)
{
    const uint64_t key = sva_xxh3(canonical, size, 0);
    return key == 0 ? 1 : key;
}

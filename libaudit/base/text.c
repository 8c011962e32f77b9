/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- UTF-8 ------------------------------------------------------------------------------------ */

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/*
 * Length of the well-formed sequence at `bytes` and its code point, or 0.
 * The bounds of the second byte are Table 3-7 of the Unicode Standard.
 */
size_t sva_utf8_sequence(const uint8_t *bytes, size_t size, uint32_t *point)
{
    const uint8_t lead = bytes[0];
    if (lead < 0x80) {
        *point = lead;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size < length) {
        return 0;
    }
    const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high) {
        return 0;
    }
    uint32_t value = lead & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(bytes[i])) {
            return 0;
        }
        value = value << 6 | (bytes[i] & 0x3FU);
    }
    *point = value;
    return length;
}

size_t sva_utf8_valid_prefix(const uint8_t *bytes, size_t size)
{
    size_t position = 0;
    while (position < size) {
        uint32_t point;
        const size_t length = sva_utf8_sequence(bytes + position, size - position, &point);
        if (length == 0) {
            break;
        }
        position += length;
    }
    return position;
}

/* Characters that steer a terminal or reorder, hide or split what people read. */
bool sva_is_deceptive(uint32_t point)
{
    static const uint32_t ranges[][2] = {
        {0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},     {0x034F, 0x034F}, {0x061C, 0x061C},
        {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
        {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (point >= ranges[i][0] && point <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

/* -- escaping for people ---------------------------------------------------------------------- */

enum { PIECE_BYTES = 12 };

/* Writes the shown form of what starts at `bytes`; returns its size, *taken the bytes used up. */
static size_t shown_piece(const uint8_t *bytes, size_t size, char piece[PIECE_BYTES], size_t *taken)
{
    uint32_t point = 0;
    const size_t length = sva_utf8_sequence(bytes, size, &point);
    *taken = length == 0 ? 1 : length;
    int written;
    if (length <= 1 && (length == 0 || sva_is_deceptive(point) || point == '"' || point == '\\')) {
        written = snprintf(piece, PIECE_BYTES, "\\x%02X", (unsigned)bytes[0]);
    } else if (sva_is_deceptive(point)) {
        written = snprintf(piece, PIECE_BYTES, "\\u{%04X}", (unsigned)point);
    } else {
        memcpy(piece, bytes, length);
        written = (int)length;
    }
    return (size_t)written;
}

const char *sva_escape(const char *text, size_t length, char *out, size_t out_size)
{
    static const char dots[] = "...";
    if (out_size == 0) {
        return "";
    }
    const size_t room = out_size - 1;
    size_t used = 0;
    size_t cut = 0; /* where the dots go should the rest not fit */
    for (size_t i = 0; i < length;) {
        char piece[PIECE_BYTES];
        size_t taken;
        const size_t size = shown_piece((const uint8_t *)text + i, length - i, piece, &taken);
        if (size > room - used) {
            const size_t dot_count = room - cut < 3 ? room - cut : 3;
            memcpy(out + cut, dots, dot_count);
            used = cut + dot_count;
            break;
        }
        memcpy(out + used, piece, size);
        used += size;
        if (used + 3 <= room) {
            cut = used;
        }
        i += taken;
    }
    out[used] = '\0';
    return out;
}

struct sva_escaped sva_escn(const char *text, size_t length)
{
    struct sva_escaped escaped;
    (void)sva_escape(text, length, escaped.text, sizeof escaped.text);
    return escaped;
}

struct sva_escaped sva_esc(const char *text)
{
    return sva_escn(text, text == NULL ? 0 : strlen(text));
}

/* -- JSON ------------------------------------------------------------------------------------- */

static void json_escape(struct sva_bytes *bytes, uint32_t point)
{
    switch (point) {
    case '"': sva_bytes_text(bytes, "\\\""); return;
    case '\\': sva_bytes_text(bytes, "\\\\"); return;
    case '\b': sva_bytes_text(bytes, "\\b"); return;
    case '\f': sva_bytes_text(bytes, "\\f"); return;
    case '\n': sva_bytes_text(bytes, "\\n"); return;
    case '\r': sva_bytes_text(bytes, "\\r"); return;
    case '\t': sva_bytes_text(bytes, "\\t"); return;
    default: break;
    }
    if (point < 0x10000) {
        sva_bytes_printf(bytes, "\\u%04x", (unsigned)point);
    } else {
        const uint32_t rest = point - 0x10000;
        sva_bytes_printf(bytes, "\\u%04x\\u%04x", (unsigned)(0xD800 + (rest >> 10)),
                         (unsigned)(0xDC00 + (rest & 0x3FF)));
    }
}

/* Deceptive characters are escaped too: the string's value is the same, a pager stays safe. */
void sva_bytes_json_string(struct sva_bytes *bytes, const char *text, size_t length)
{
    const uint8_t *const data = (const uint8_t *)text;
    sva_bytes_append(bytes, "\"", 1);
    size_t plain = 0; /* start of what can be copied as it is */
    size_t i = 0;
    while (i < length) {
        uint32_t point = 0;
        const size_t size = sva_utf8_sequence(data + i, length - i, &point);
        const size_t step = size == 0 ? 1 : size;
        if (size == 0 || point == '"' || point == '\\' || sva_is_deceptive(point)) {
            sva_bytes_append(bytes, data + plain, i - plain);
            if (size == 0) {
                sva_bytes_text(bytes, "\xEF\xBF\xBD");
            } else {
                json_escape(bytes, point);
            }
            plain = i + step;
        }
        i += step;
    }
    if (length > plain) {
        sva_bytes_append(bytes, data + plain, length - plain);
    }
    sva_bytes_append(bytes, "\"", 1);
}

/* The locale's decimal point may be any bytes: whatever is no part of a number becomes one dot. */
static void append_with_dot(struct sva_bytes *bytes, const char *number)
{
    bool dotted = false;
    for (const char *c = number; *c != '\0'; c++) {
        if (strchr("0123456789+-e", *c) != NULL) {
            sva_bytes_append(bytes, c, 1);
        } else if (!dotted) {
            sva_bytes_append(bytes, ".", 1);
            dotted = true;
        }
    }
}

void sva_bytes_json_number(struct sva_bytes *bytes, double value, int digits)
{
    if (!isfinite(value)) {
        sva_bytes_text(bytes, "null");
        return;
    }
    if (value == 0) {
        sva_bytes_text(bytes, "0");
        return;
    }
    /* Up to 15 digits every decimal survives a double, so %g's own trimming is the shortest. */
    const int most = digits < 1 ? 1 : digits > 17 ? 17 : digits;
    char longest[64];
    char shorter[64];
    (void)snprintf(longest, sizeof longest, "%.*g", most, value);
    for (int precision = 15; precision < most; precision++) {
        (void)snprintf(shorter, sizeof shorter, "%.*g", precision, value);
        if (strtod(shorter, NULL) == strtod(longest, NULL)) { /* same locale wrote them */
            append_with_dot(bytes, shorter);
            return;
        }
    }
    append_with_dot(bytes, longest);
}

bool sva_has_suffix(const char *text, const char *end)
{
    const size_t length = strlen(text);
    const size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

const char *sva_path_name(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

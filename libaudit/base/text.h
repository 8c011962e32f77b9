/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Text that came from a file, made safe to show: control characters, bidi
 * overrides, invalid UTF-8, quotes and backslashes become \xHH or \u{HHHH}.
 */
#ifndef SVA_BASE_TEXT_H
#define SVA_BASE_TEXT_H

#include "base/memory.h"

/** Escapes into a fixed buffer, cut with "..." when too long. Returns `out`. */
const char *sva_escape(const char *text, size_t length, char *out, size_t out_size);
/** A small value type so that several escapes fit one printf: sva_esc(name).text */
struct sva_escaped {
    char text[160];
};
struct sva_escaped sva_esc(const char *text);
struct sva_escaped sva_escn(const char *text, size_t length);

/** Of ASCII only, whatever the locale; other bytes stay. */
static inline char sva_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool sva_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/** The text, "" for NULL. */
static inline const char *sva_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/** Byte for byte. */
bool sva_has_suffix(const char *text, const char *end);
/** What follows the last slash; the whole path when there is none. */
const char *sva_path_name(const char *path);

/** Strict UTF-8 (no surrogates, no overlongs, <= U+10FFFF). Returns the offset of the first bad byte, or `size`. */
size_t sva_utf8_valid_prefix(const uint8_t *bytes, size_t size);

/**
 * Length of the well-formed UTF-8 sequence that begins `size` >= 1 bytes, and its code point; 0 when
 * there is none, `point` is untouched then.
 */
size_t sva_utf8_sequence(const uint8_t *bytes, size_t size, uint32_t *point);

/** Characters that steer a terminal or reorder, hide or split what people read. */
bool sva_is_deceptive(uint32_t point);

/** Appends a JSON string with quotes; invalid UTF-8 becomes U+FFFD. */
void sva_bytes_json_string(struct sva_bytes *bytes, const char *text, size_t length);

/** Locale-free number formatting: shortest of %.*g with a dot; NAN and infinities become "null". */
void sva_bytes_json_number(struct sva_bytes *bytes, double value, int digits);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/html_escape.h"

#include <string.h>

#include "base/text.h"

static const char *entity(uint32_t point)
{
    switch (point) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\n':
    case '\r':
    case '\t': return " ";
    default: return NULL;
    }
}

/** Where the line may be broken: what is known of the word that is being written. */
struct word {
    bool breaking; /* breaks are wanted at all */
    size_t end;    /* of the word, in bytes of the text */
    bool is_long;
    size_t unbroken; /* characters since the last place to break */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** A SHA-256 stays whole: people search pages for it. */
static bool is_digest(const char *word, size_t length)
{
    return length == 64 && strspn(word, "0123456789abcdef") >= length;
}

/** May a line be broken behind the character at `at`, which is one byte? */
static bool is_joint(const char *text, size_t at)
{
    const bool inside_number = at > 0 && is_digit(text[at - 1]) && is_digit(text[at + 1]);
    return strchr("/._-:=", text[at]) != NULL && !inside_number;
}

/** Writes a place to break behind the character of `length` bytes at `at`, where one belongs. */
static void put_break(struct sva_bytes *out, struct word *word, const char *text, size_t at,
                      size_t length)
{
    enum { SHORT = 16 };
    if (!word->breaking) {
        return;
    }
    if (at >= word->end) {
        word->end = at + strcspn(text + at, " \t\r\n");
        word->is_long = word->end - at >= SHORT && !is_digest(text + at, word->end - at);
        word->unbroken = 0;
    }
    word->unbroken++;
    if (word->is_long && at + length < word->end &&
        ((length == 1 && is_joint(text, at)) || word->unbroken == SVA_HTML_UNBROKEN)) {
        sva_bytes_text(out, "<wbr>");
        word->unbroken = 0;
    }
}

static void escape(struct sva_bytes *out, const char *text, bool breaking)
{
    const size_t size = strlen(text);
    struct word word = {.breaking = breaking};
    for (size_t at = 0; at < size;) {
        const uint8_t *bytes = (const uint8_t *)text + at;
        uint32_t point = 0;
        const size_t length = sva_utf8_sequence(bytes, size - at, &point);
        const char *shown = length > 0 ? entity(point) : NULL;
        if (at + length > SVA_HTML_TEXT_BYTES) {
            sva_bytes_text(out, "…");
            return;
        }
        if (length == 0) {
            sva_bytes_printf(out, "\\x%02X", (unsigned)*bytes);
        } else if (shown != NULL) {
            sva_bytes_text(out, shown);
        } else if (sva_is_deceptive(point)) {
            sva_bytes_printf(out, "\\u{%04X}", (unsigned)point);
        } else {
            sva_bytes_append(out, bytes, length);
        }
        put_break(out, &word, text, at, length == 0 ? 1 : length);
        at += length == 0 ? 1 : length;
    }
}

void sva_html_escape(struct sva_bytes *out, const char *text)
{
    escape(out, text, false);
}

void sva_html_escape_breaking(struct sva_bytes *out, const char *text)
{
    escape(out, text, true);
}

void sva_html_css_string(struct sva_bytes *out, const char *text)
{
    enum { COLUMNS_MOST = 60 };
    const size_t size = strlen(text);
    size_t at = 0;
    for (size_t columns = 0; at < size && columns < COLUMNS_MOST;) {
        uint32_t point = 0;
        const size_t length = sva_utf8_sequence((const uint8_t *)text + at, size - at, &point);
        const bool plain = (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') ||
                           (point >= 'A' && point <= 'Z') || (length > 0 && point == '-');
        if (length > 0 && plain) {
            sva_bytes_append(out, text + at, 1);
        } else if (length > 0 && !sva_is_deceptive(point)) {
            sva_bytes_printf(out, "\\%X ", (unsigned)point);
        } else {
            sva_bytes_text(out, "?");
        }
        at += length == 0 ? 1 : length;
        columns += length > 2 ? 2 : 1; /* most longer ones are wide */
    }
    sva_bytes_text(out, at < size ? "..." : "");
}

void sva_html_base64(struct sva_bytes *out, const uint8_t *bytes, size_t size)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < size; at += 3) {
        const size_t left = size - at;
        const uint32_t word = (uint32_t)bytes[at] << 16 |
                              (left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0) |
                              (left > 2 ? (uint32_t)bytes[at + 2] : 0);
        const char four[] = {DIGITS[word >> 18], DIGITS[word >> 12 & 63],
                             left > 1 ? DIGITS[word >> 6 & 63] : '=',
                             left > 2 ? DIGITS[word & 63] : '='};
        sva_bytes_append(out, four, sizeof four);
    }
}

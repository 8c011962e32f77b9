/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tiktoken.h"

#include <string.h>

#include "base/fail.h"

/** Value of a base64 digit, -1 for anything else. */
static int base64_digit(uint8_t digit)
{
    return digit >= 'A' && digit <= 'Z'   ? digit - 'A'
           : digit >= 'a' && digit <= 'z' ? digit - 'a' + 26
           : digit >= '0' && digit <= '9' ? digit - '0' + 52
           : digit == '+'                 ? 62
           : digit == '/'                 ? 63
                                          : -1;
}

/** Appends what `text` stands for. False: no base64, padding and spare bits included. */
static bool decode_base64(struct sva_span text, struct sva_bytes *out)
{
    size_t digits = text.size;
    while (digits > 0 && text.size - digits < 2 && text.data[digits - 1] == '=') {
        digits--;
    }
    if (text.size == 0 || text.size % 4 != 0 || digits % 4 == 1) {
        return false;
    }
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < digits; i++) {
        const int digit = base64_digit(text.data[i]);
        if (digit < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)digit) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            const uint8_t byte = (uint8_t)(bits >> held);
            sva_bytes_append(out, &byte, 1);
        }
    }
    return (bits & ((1u << held) - 1)) == 0;
}

/** A whole number of at most nine digits. */
static bool read_rank(struct sva_span text, uint64_t *rank)
{
    *rank = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        *rank = *rank * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0 && text.size <= 9;
}

/** One line without its end. */
static bool read_line(struct sva_span line, struct sva_bytes *token, uint64_t *rank)
{
    const uint8_t *const space = line.size == 0 ? NULL : memchr(line.data, ' ', line.size);
    if (space == NULL) {
        return false;
    }
    const size_t left = (size_t)(space - line.data);
    token->size = 0;
    return decode_base64((struct sva_span){line.data, left}, token) &&
           read_rank((struct sva_span){space + 1, line.size - left - 1}, rank);
}

static struct sva_span line_at(struct sva_span bytes, size_t at)
{
    const uint8_t *const start = bytes.data + at;
    const uint8_t *const newline = memchr(start, '\n', bytes.size - at);
    return (struct sva_span){start, newline == NULL ? bytes.size - at : (size_t)(newline - start)};
}

/** The line without a carriage return at its end. */
static struct sva_span trimmed(struct sva_span line)
{
    const bool has_return = line.size > 0 && line.data[line.size - 1] == '\r';
    return (struct sva_span){line.data, line.size - (has_return ? 1 : 0)};
}

bool sva_tiktoken_sniff(struct sva_span bytes)
{
    enum { LINE_MOST = 4096 };
    struct sva_bytes token = {0};
    uint64_t rank = 0;
    if (bytes.size == 0) {
        return false;
    }
    const struct sva_span line = trimmed(line_at(bytes, 0));
    const bool fits = line.size <= LINE_MOST && read_line(line, &token, &rank);
    sva_bytes_done(&token);
    return fits;
}

enum sva_status sva_tiktoken_parse(struct sva_span bytes, const char *what,
                                   struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    struct sva_bytes token = {0};
    struct sva_bytes scratch = {0};
    enum sva_status status = SVA_OK;
    *vocabulary = (struct sva_vocabulary){.model_type = "BPE", .style = SVA_TOKENS_BYTE_LEVEL};
    for (size_t at = 0; status == SVA_OK && at < bytes.size;) {
        const struct sva_span whole = line_at(bytes, at);
        const struct sva_span line = trimmed(whole);
        uint64_t rank = 0;
        if (line.size > 0 && !read_line(line, &token, &rank)) {
            status =
                sva_fail_at(error, SVA_ERR_CORRUPT, at,
                            "%s: the line at byte %zu is not base64, a space and a rank", what, at);
        } else if (token.failed) {
            status = sva_fail_memory(error, "reading a vocabulary");
        } else if (line.size > 0) {
            status = sva_vocabulary_put(vocabulary, rank, SVA_TOKENS_PLAIN,
                                        (struct sva_span){token.data, token.size}, &scratch, error);
        }
        at += whole.size + 1;
    }
    sva_bytes_done(&token);
    sva_bytes_done(&scratch);
    if (status != SVA_OK) {
        sva_vocabulary_done(vocabulary);
    }
    return status;
}

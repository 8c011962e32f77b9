/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/html_back.h"

#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

static const char BEGINNING[] = "<!DOCTYPE html>";
/** Cannot stand in a text of the page: there the quote is written otherwise. */
static const char MARK[] = "href=\"data:application/json;base64,";

bool sva_is_html(struct sva_span page)
{
    const size_t length = sizeof BEGINNING - 1;
    return page.size >= length && memcmp(page.data, BEGINNING, length) == 0;
}

/** Offset behind the first MARK; `size` when there is none. */
static size_t find_mark(struct sva_span page)
{
    const size_t length = sizeof MARK - 1;
    for (size_t at = 0; at + length <= page.size; at++) {
        const uint8_t *next = memchr(page.data + at, MARK[0], page.size - length + 1 - at);
        if (next == NULL) {
            break;
        }
        at = (size_t)(next - page.data);
        if (memcmp(next, MARK, length) == 0) {
            return at + length;
        }
    }
    return page.size;
}

/** Value of a base64 digit, -1 for anything else. */
static int digit_of(uint8_t byte)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = byte != '\0' ? strchr(DIGITS, byte) : NULL;
    return found != NULL ? (int)(found - DIGITS) : -1;
}

/** Four digits to three bytes at most; how many, or 0 for what is no base64. */
static size_t take_four(const uint8_t *digits, bool last, uint8_t out[3])
{
    const size_t pads = !last || digits[3] != '=' ? 0 : digits[2] == '=' ? 2 : 1;
    uint32_t word = 0;
    for (size_t i = 0; i < 4; i++) {
        const int value = i < 4 - pads ? digit_of(digits[i]) : 0;
        if (value < 0) {
            return 0;
        }
        word = word << 6 | (uint32_t)value;
    }
    out[0] = (uint8_t)(word >> 16);
    out[1] = (uint8_t)(word >> 8 & 255);
    out[2] = (uint8_t)(word & 255);
    return 3 - pads;
}

enum sva_status sva_html_back(struct sva_span page, const char *name, uint8_t **json,
                              size_t *size_bytes, struct sva_error *error)
{
    const size_t start = find_mark(page);
    const uint8_t *quote =
        start < page.size ? memchr(page.data + start, '"', page.size - start) : NULL;
    if (quote == NULL) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: a page with no report inside",
                        sva_esc(name).text);
    }
    const size_t digits = (size_t)(quote - page.data) - start;
    uint8_t *bytes = sva_calloc(digits / 4 * 3 + 1, 1);
    if (bytes == NULL) {
        return sva_fail_memory(error, "taking a report out of its page");
    }
    size_t used = 0;
    for (size_t at = 0; at < digits; at += 4) {
        const size_t taken =
            digits - at < 4 ? 0 : take_four(page.data + start + at, digits - at == 4, &bytes[used]);
        if (taken == 0) {
            sva_free(bytes);
            return sva_fail_at(error, SVA_ERR_CORRUPT, start + at,
                               "%s: the report inside the page is not base64 at byte %zu",
                               sva_esc(name).text, start + at);
        }
        used += taken;
    }
    bytes[used] = '\0';
    *json = bytes;
    *size_bytes = used;
    return SVA_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The one place where text becomes HTML, safe between tags and inside a quoted attribute. Nothing
 * that comes out can begin or end markup, reorder what people read, or hide in it.
 */
#ifndef SVA_CONVERT_HTML_ESCAPE_H
#define SVA_CONVERT_HTML_ESCAPE_H

#include "base/memory.h"

enum {
    SVA_HTML_TEXT_BYTES = 4096, /**< a longer text is cut, and says so with "…" */
    SVA_HTML_UNBROKEN = 24      /**< characters of a long word between two places to break a line */
};

/**
 * Appends `text`: the five characters of markup as entities; line ends and tabs as a blank; control
 * characters, bidi controls and invisible characters as \u{202E}; bytes that are no UTF-8 as \xHH.
 */
void sva_html_escape(struct sva_bytes *out, const char *text);

/**
 * The same between tags only, with places where a line may be broken (<wbr>) in long words: behind
 * the signs that names are made of (/ . _ - : =), but not inside of numbers and dates, and behind
 * every SVA_HTML_UNBROKEN characters that have none. Digests stay whole. Copied text has none of
 * them.
 */
void sva_html_escape_breaking(struct sva_bytes *out, const char *text);

/** Appends `text` as what stands between the quotes of a CSS string, at most 60 columns. */
void sva_html_css_string(struct sva_bytes *out, const char *text);

/** Appends bytes in base64, without line ends. */
void sva_html_base64(struct sva_bytes *out, const uint8_t *bytes, size_t size);

#endif

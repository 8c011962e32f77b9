/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Base64 of RFC 4648 section 4, strict in reading: standard alphabet, padding, no white space, no
 * stray bits. Each value has one text, so a changed text is a changed value.
 */
#ifndef SVA_SIGN_BASE64_H
#define SVA_SIGN_BASE64_H

#include "base/cursor.h"
#include "base/memory.h"

/** Appends the text of `size` bytes. */
void sva_base64_append(struct sva_bytes *text, const uint8_t *bytes, size_t size);

/**
 * Decodes `length` characters into `arena`, with a NUL behind that does not count. On failure
 * `bad` is the offset of the first wrong character, or SIZE_MAX when memory ran out.
 */
bool sva_base64_decode(const char *text, size_t length, struct sva_arena *arena,
                       struct sva_span *bytes, size_t *bad);

#endif

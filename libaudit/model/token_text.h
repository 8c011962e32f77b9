/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A token's canonical bytes: what it stands for in text, so that the same token
 * gets the same key from any tokenizer. Pure functions.
 */
#ifndef SVA_TOKEN_TEXT_H
#define SVA_TOKEN_TEXT_H

#include <stddef.h>

#include <sovaudit/status.h>

/** How a vocabulary writes its tokens. */
enum sva_token_style {
    SVA_TOKENS_PLAIN,        /**< as they are */
    SVA_TOKENS_BYTE_LEVEL,   /**< GPT-2: every byte as a printable character */
    SVA_TOKENS_SENTENCEPIECE /**< U+2581 for a space, <0xNN> for a byte */
};

/** Writes at most `size` bytes to `out` and returns how many. Domain: any UTF-8 bytes. */
size_t sva_token_canonical(enum sva_token_style style, const char *text, size_t size, uint8_t *out);

/** XXH3 of canonical bytes, 0 replaced by 1. */
uint64_t sva_token_key(const uint8_t *canonical, size_t size);

/**
 * True for two characters or more that are not all white space and not in angle or square brackets,
 * as control tokens are: one of the first such tokens is likely to be used often.
 */
bool sva_token_is_word(const uint8_t *canonical, size_t size);

#endif

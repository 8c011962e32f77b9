/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A strict, streaming JSON scanner (RFC 8259, UTF-8 checked, no recursion).
 * Tokens are handed out one by one; numbers stay text until asked for; strings
 * are unescaped into a buffer of the scanner. Rejected: BOM, comments, trailing
 * commas or bytes, raw control characters, overlong UTF-8, lone surrogates,
 * leading zeros, nesting beyond `depth`.
 */
#ifndef SVA_FORMAT_JSON_H
#define SVA_FORMAT_JSON_H

#include "base/cursor.h"
#include "base/memory.h"

enum sva_json_token {
    SVA_JSON_END,
    SVA_JSON_OBJECT_BEGIN,
    SVA_JSON_OBJECT_END,
    SVA_JSON_ARRAY_BEGIN,
    SVA_JSON_ARRAY_END,
    SVA_JSON_KEY, /**< text/text_size hold the unescaped key */
    SVA_JSON_STRING,
    SVA_JSON_NUMBER, /**< text/text_size hold the literal */
    SVA_JSON_TRUE,
    SVA_JSON_FALSE,
    SVA_JSON_NULL
};

enum { SVA_JSON_DEPTH_MAX = 128 };

struct sva_json {
    struct sva_span span;
    size_t position;     /**< of the next unread byte */
    size_t token_offset; /**< where the current token starts */
    const char *text; /**< of KEY, STRING, NUMBER: borrowed until the next call, NUL-terminated */
    size_t text_size;
    uint32_t depth, depth_limit;
    const char *what;     /**< names the source in errors, already escaped */
    uint64_t base_offset; /**< added to offsets in errors */
    uint8_t stack[SVA_JSON_DEPTH_MAX / 8];
    uint8_t expect; /**< internal state */
    struct sva_bytes scratch;
};

void sva_json_init(struct sva_json *json, struct sva_span span, const char *what,
                   uint64_t base_offset, uint32_t depth_limit);
void sva_json_done(struct sva_json *json);

/** Next token; END once after the single top-level value. Errors: CORRUPT, LIMIT (depth), MEMORY.
 */
enum sva_status sva_json_next(struct sva_json *json, enum sva_json_token *token,
                              struct sva_error *error) SVA_MUST_CHECK;
/** Skips the value that starts at the next token (validating it). */
enum sva_status sva_json_skip(struct sva_json *json, struct sva_error *error) SVA_MUST_CHECK;
/** NUMBER as an unsigned integer: digits only, no sign, dot or exponent, <= 2^64-1. */
bool sva_json_u64(const struct sva_json *json, uint64_t *value);

/** Validates a whole document; afterwards cJSON may parse it safely. */
enum sva_status sva_json_check(struct sva_span span, const char *what, uint32_t depth_limit,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

/* What the grammar allows next. */
enum expectation {
    EXPECT_VALUE,        /* start of the text, after ':' and after ',' in an array */
    EXPECT_ELEMENT,      /* after '[': a value or ']' */
    EXPECT_KEY_OR_CLOSE, /* after '{' */
    EXPECT_COMMA,        /* after a value inside a container: ',' or the closing bracket */
    EXPECT_NOTHING,      /* after the top-level value */
    EXPECT_FAILED        /* an error was reported */
};

void sva_json_init(struct sva_json *json, struct sva_span span, const char *what,
                   uint64_t base_offset, uint32_t depth_limit)
{
    *json = (struct sva_json){
        .span = span,
        .what = what,
        .base_offset = base_offset,
        .depth_limit = depth_limit < SVA_JSON_DEPTH_MAX ? depth_limit : SVA_JSON_DEPTH_MAX,
        .expect = EXPECT_VALUE,
    };
}

void sva_json_done(struct sva_json *json)
{
    sva_bytes_done(&json->scratch);
    json->text = NULL;
    json->text_size = 0;
}

/* -- errors ----------------------------------------------------------------------------------- */

static enum sva_status broken(struct sva_json *json, size_t position, const char *complaint,
                              struct sva_error *error)
{
    const uint64_t offset = json->base_offset + position;
    json->expect = EXPECT_FAILED;
    return sva_fail_at(error, SVA_ERR_CORRUPT, offset, "%s: not valid JSON: %s at byte %" PRIu64,
                       json->what, complaint, offset);
}

static enum sva_status out_of_memory(struct sva_json *json, struct sva_error *error)
{
    json->expect = EXPECT_FAILED;
    return sva_fail_memory(error, "reading JSON");
}

/* -- nesting ---------------------------------------------------------------------------------- */

static bool in_object(const struct sva_json *json)
{
    const uint32_t level = json->depth - 1;
    return (json->stack[level / 8] >> level % 8 & 1) != 0;
}

static enum sva_status push(struct sva_json *json, bool object, struct sva_error *error)
{
    if (json->depth >= json->depth_limit) {
        const uint64_t offset = json->base_offset + json->token_offset;
        json->expect = EXPECT_FAILED;
        return sva_fail_at(error, SVA_ERR_LIMIT, offset,
                           "%s: JSON nested deeper than the limit of %" PRIu32
                           " levels at byte %" PRIu64,
                           json->what, json->depth_limit, offset);
    }
    const uint32_t level = json->depth++;
    const unsigned bit = 1U << level % 8;
    const unsigned others = json->stack[level / 8] & ~bit;
    json->stack[level / 8] = (uint8_t)(object ? others | bit : others);
    json->expect = object ? EXPECT_KEY_OR_CLOSE : EXPECT_ELEMENT;
    return SVA_OK;
}

static void after_value(struct sva_json *json)
{
    json->expect = json->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA;
}

/* -- strings ---------------------------------------------------------------------------------- */

/* First byte at or after `position` that is no plain ASCII string content. */
static size_t plain_end(struct sva_span span, size_t position)
{
    while (position < span.size) {
        const uint8_t byte = span.data[position];
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x80) {
            break;
        }
        position++;
    }
    return position;
}

/* Four hex digits at `position`, or -1. */
static int32_t four_hex(struct sva_span span, size_t position)
{
    if (span.size - position < 4) {
        return -1;
    }
    int32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        const uint8_t c = span.data[position + i];
        int digit;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

static void append_point(struct sva_bytes *bytes, uint32_t point)
{
    uint8_t utf8[4];
    size_t size;
    if (point < 0x80) {
        utf8[0] = (uint8_t)point;
        size = 1;
    } else if (point < 0x800) {
        utf8[0] = (uint8_t)(0xC0 | point >> 6);
        size = 2;
    } else if (point < 0x10000) {
        utf8[0] = (uint8_t)(0xE0 | point >> 12);
        size = 3;
    } else {
        utf8[0] = (uint8_t)(0xF0 | point >> 18);
        size = 4;
    }
    for (size_t i = 1; i < size; i++) {
        utf8[i] = (uint8_t)(0x80 | (point >> 6 * (size - 1 - i) & 0x3F));
    }
    sva_bytes_append(bytes, utf8, size);
}

/* \uXXXX with position behind the 'u'; a high surrogate takes its partner along. */
static enum sva_status unicode_escape(struct sva_json *json, size_t *position,
                                      struct sva_error *error)
{
    const struct sva_span span = json->span;
    const int32_t unit = four_hex(span, *position);
    if (unit < 0) {
        return broken(json, *position, "\\u without four hex digits", error);
    }
    uint32_t point = (uint32_t)unit;
    size_t next = *position + 4;
    if (point >= 0xD800 && point <= 0xDFFF) {
        int32_t low = -1;
        if (point < 0xDC00 && span.size - next >= 6 && span.data[next] == '\\' &&
            span.data[next + 1] == 'u') {
            low = four_hex(span, next + 2);
        }
        if (low < 0xDC00 || low > 0xDFFF) {
            return broken(json, *position, "half of a surrogate pair", error);
        }
        point = 0x10000 + ((point - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
        next += 6;
    }
    append_point(&json->scratch, point);
    *position = next;
    return SVA_OK;
}

static enum sva_status escape_sequence(struct sva_json *json, size_t *position,
                                       struct sva_error *error)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const size_t at = *position + 1;
    if (at >= json->span.size) {
        return broken(json, at, "the text ends inside a string", error);
    }
    const char name = (char)json->span.data[at];
    if (name == 'u') {
        *position = at + 1;
        return unicode_escape(json, position, error);
    }
    const char *const found = name == '\0' ? NULL : strchr(names, name);
    if (found == NULL) {
        return broken(json, at, "an unknown escape", error);
    }
    sva_bytes_append(&json->scratch, values + (found - names), 1);
    *position = at + 1;
    return SVA_OK;
}

/* Bytes of well-formed UTF-8 from `position` up to the next ASCII byte. */
static enum sva_status foreign_run(struct sva_json *json, size_t *position, struct sva_error *error)
{
    const struct sva_span span = json->span;
    size_t end = *position;
    while (end < span.size && span.data[end] >= 0x80) {
        end++;
    }
    const size_t size = end - *position;
    const size_t valid = sva_utf8_valid_prefix(span.data + *position, size);
    if (valid != size) {
        return broken(json, *position + valid, "bytes that are not UTF-8", error);
    }
    sva_bytes_append(&json->scratch, span.data + *position, size);
    *position = end;
    return SVA_OK;
}

/* Unescapes the string that starts at json->position into the scratch buffer. */
static enum sva_status scan_string(struct sva_json *json, struct sva_error *error)
{
    const struct sva_span span = json->span;
    size_t position = json->position + 1;
    json->scratch.size = 0;
    for (;;) {
        const size_t end = plain_end(span, position);
        sva_bytes_append(&json->scratch, span.data + position, end - position);
        position = end;
        if (position >= span.size) {
            return broken(json, position, "the text ends inside a string", error);
        }
        const uint8_t byte = span.data[position];
        enum sva_status status = SVA_OK;
        if (byte == '"') {
            break;
        }
        if (byte == '\\') {
            status = escape_sequence(json, &position, error);
        } else if (byte >= 0x80) {
            status = foreign_run(json, &position, error);
        } else {
            status = broken(json, position, "a control character in a string", error);
        }
        if (status != SVA_OK) {
            return status;
        }
    }
    if (json->scratch.failed) {
        return out_of_memory(json, error);
    }
    json->text = (const char *)json->scratch.data;
    json->text_size = json->scratch.size;
    json->position = position + 1;
    return SVA_OK;
}

/* -- numbers and words ------------------------------------------------------------------------ */

static size_t digits_end(struct sva_span span, size_t position)
{
    while (position < span.size && span.data[position] >= '0' && span.data[position] <= '9') {
        position++;
    }
    return position;
}

static bool byte_is(struct sva_span span, size_t position, const char *set)
{
    return position < span.size && span.data[position] != 0 &&
           strchr(set, span.data[position]) != NULL;
}

static enum sva_status scan_number(struct sva_json *json, struct sva_error *error)
{
    const struct sva_span span = json->span;
    const size_t start = json->position;
    const size_t whole = start + (span.data[start] == '-' ? 1 : 0);
    size_t end = digits_end(span, whole);
    if (end == whole) {
        return broken(json, end, "a number without digits", error);
    }
    if (span.data[whole] == '0' && end > whole + 1) {
        return broken(json, whole, "a number with a leading zero", error);
    }
    if (byte_is(span, end, ".")) {
        const size_t fraction = end + 1;
        end = digits_end(span, fraction);
        if (end == fraction) {
            return broken(json, end, "a number without digits behind its point", error);
        }
    }
    if (byte_is(span, end, "eE")) {
        const size_t exponent = end + 1 + (byte_is(span, end + 1, "+-") ? 1 : 0);
        end = digits_end(span, exponent);
        if (end == exponent) {
            return broken(json, end, "an exponent without digits", error);
        }
    }
    json->scratch.size = 0;
    sva_bytes_append(&json->scratch, span.data + start, end - start);
    if (json->scratch.failed) {
        return out_of_memory(json, error);
    }
    json->text = (const char *)json->scratch.data;
    json->text_size = json->scratch.size;
    json->position = end;
    return SVA_OK;
}

static enum sva_status scan_word(struct sva_json *json, enum sva_json_token *token,
                                 struct sva_error *error)
{
    static const struct {
        const char *word;
        size_t size;
        enum sva_json_token token;
    } words[] = {
        {"true", 4, SVA_JSON_TRUE}, {"false", 5, SVA_JSON_FALSE}, {"null", 4, SVA_JSON_NULL}};
    const size_t left = json->span.size - json->position;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (left >= words[i].size &&
            memcmp(json->span.data + json->position, words[i].word, words[i].size) == 0) {
            json->position += words[i].size;
            *token = words[i].token;
            return SVA_OK;
        }
    }
    return broken(json, json->position, "something that is no JSON value", error);
}

/* -- tokens ----------------------------------------------------------------------------------- */

static void skip_blanks(struct sva_json *json)
{
    while (json->position < json->span.size) {
        const uint8_t byte = json->span.data[json->position];
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') {
            break;
        }
        json->position++;
    }
}

static enum sva_status scan_key(struct sva_json *json, enum sva_json_token *token,
                                struct sva_error *error)
{
    if (json->span.data[json->position] != '"') {
        return broken(json, json->position, "a key was expected", error);
    }
    const enum sva_status status = scan_string(json, error);
    if (status != SVA_OK) {
        return status;
    }
    skip_blanks(json);
    if (!byte_is(json->span, json->position, ":")) {
        return broken(json, json->position, "a key without a colon", error);
    }
    json->position++;
    json->expect = EXPECT_VALUE;
    *token = SVA_JSON_KEY;
    return SVA_OK;
}

static enum sva_status scan_value(struct sva_json *json, enum sva_json_token *token,
                                  struct sva_error *error)
{
    const uint8_t byte = json->span.data[json->position];
    enum sva_status status;
    if (byte == '{' || byte == '[') {
        json->position++;
        *token = byte == '{' ? SVA_JSON_OBJECT_BEGIN : SVA_JSON_ARRAY_BEGIN;
        return push(json, byte == '{', error);
    }
    if (byte == '"') {
        *token = SVA_JSON_STRING;
        status = scan_string(json, error);
    } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
        *token = SVA_JSON_NUMBER;
        status = scan_number(json, error);
    } else {
        status = scan_word(json, token, error);
    }
    if (status == SVA_OK) {
        after_value(json);
    }
    return status;
}

/* Closes the innermost container when its bracket is next. */
static bool scan_close(struct sva_json *json, enum sva_json_token *token)
{
    const bool object = in_object(json);
    if (json->span.data[json->position] != (object ? '}' : ']')) {
        return false;
    }
    json->position++;
    json->depth--;
    *token = object ? SVA_JSON_OBJECT_END : SVA_JSON_ARRAY_END;
    after_value(json);
    return true;
}

/* Behind a value in a container: the bracket, or a comma and what follows it. */
static enum sva_status scan_next(struct sva_json *json, enum sva_json_token *token,
                                 struct sva_error *error)
{
    if (scan_close(json, token)) {
        return SVA_OK;
    }
    if (json->span.data[json->position] != ',') {
        return broken(json, json->position, "a comma or a closing bracket was expected", error);
    }
    json->position++;
    skip_blanks(json);
    if (json->position >= json->span.size) {
        return broken(json, json->position, "the text ends too early", error);
    }
    json->token_offset = json->position;
    return in_object(json) ? scan_key(json, token, error) : scan_value(json, token, error);
}

enum sva_status sva_json_next(struct sva_json *json, enum sva_json_token *token,
                              struct sva_error *error)
{
    if (json->expect == EXPECT_FAILED) {
        return broken(json, json->position, "reading went on behind an error", error);
    }
    skip_blanks(json);
    json->token_offset = json->position;
    json->text = NULL;
    json->text_size = 0;
    if (json->position >= json->span.size) {
        if (json->expect != EXPECT_NOTHING) {
            return broken(json, json->position, "the text ends too early", error);
        }
        *token = SVA_JSON_END;
        return SVA_OK;
    }
    switch (json->expect) {
    case EXPECT_NOTHING: return broken(json, json->position, "bytes behind the value", error);
    case EXPECT_COMMA: return scan_next(json, token, error);
    case EXPECT_KEY_OR_CLOSE:
        return scan_close(json, token) ? SVA_OK : scan_key(json, token, error);
    case EXPECT_ELEMENT: return scan_close(json, token) ? SVA_OK : scan_value(json, token, error);
    default: return scan_value(json, token, error);
    }
}

enum sva_status sva_json_skip(struct sva_json *json, struct sva_error *error)
{
    const uint32_t depth = json->depth;
    enum sva_json_token token;
    do {
        const enum sva_status status = sva_json_next(json, &token, error);
        if (status != SVA_OK) {
            return status;
        }
    } while (json->depth > depth && token != SVA_JSON_END);
    return SVA_OK;
}

bool sva_json_u64(const struct sva_json *json, uint64_t *value)
{
    if (json->text == NULL || json->text_size == 0 || json->text_size > 20) {
        return false;
    }
    uint64_t result = 0;
    for (size_t i = 0; i < json->text_size; i++) {
        if (json->text[i] < '0' || json->text[i] > '9') {
            return false;
        }
        const unsigned digit = (unsigned)(json->text[i] - '0');
        if (result > (UINT64_MAX - digit) / 10) {
            return false;
        }
        result = result * 10 + digit;
    }
    *value = result;
    return true;
}

enum sva_status sva_json_check(struct sva_span span, const char *what, uint32_t depth_limit,
                               struct sva_error *error)
{
    struct sva_json json;
    sva_json_init(&json, span, what, 0, depth_limit);
    enum sva_json_token token = SVA_JSON_NULL;
    enum sva_status status = SVA_OK;
    while (status == SVA_OK && token != SVA_JSON_END) {
        status = sva_json_next(&json, &token, error);
    }
    sva_json_done(&json);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "sign/base64.h"

enum { DEPTH = 16 };

void sva_fields_init(struct sva_fields *fields, struct sva_span bytes, const char *what,
                     struct sva_arena *arena)
{
    sva_json_init(&fields->json, bytes, what, 0, DEPTH);
    fields->arena = arena;
}

enum sva_status sva_fields_fail(const struct sva_fields *fields, const char *what,
                                struct sva_error *error)
{
    const uint64_t offset = fields->json.token_offset;
    return sva_fail_at(error, SVA_ERR_CORRUPT, offset, "%s: %s, at byte %" PRIu64,
                       fields->json.what, what, offset);
}

/** First byte of the next token, 0 at the end: enough to tell null and ']' from other values. */
static uint8_t peek(const struct sva_fields *fields)
{
    const struct sva_span span = fields->json.span;
    size_t at = fields->json.position;
    while (at < span.size && memchr(" \t\r\n,:", span.data[at], 6) != NULL) {
        at++;
    }
    return at < span.size ? span.data[at] : 0;
}

static enum sva_status fail_key(const struct sva_fields *fields, const char *what, const char *key,
                                const char *problem, struct sva_error *error)
{
    char text[320];
    (void)snprintf(text, sizeof text, "%s %s \"%s\"", what, problem, key);
    return sva_fields_fail(fields, text, error);
}

/** The next token must be `wanted`. */
static enum sva_status expect(struct sva_fields *fields, enum sva_json_token wanted,
                              const char *what, struct sva_error *error)
{
    enum sva_json_token token = SVA_JSON_END;
    const enum sva_status status = sva_json_next(&fields->json, &token, error);
    if (status != SVA_OK) {
        return status;
    }
    return token == wanted ? SVA_OK : sva_fields_fail(fields, what, error);
}

static enum sva_status read_field(struct sva_fields *fields, const struct sva_field_table *table,
                                  void *into, uint32_t *seen, struct sva_error *error)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct sva_field *const field = &table->fields[i];
        if (strlen(field->name) != fields->json.text_size ||
            memcmp(field->name, fields->json.text, fields->json.text_size) != 0) {
            continue;
        }
        if ((*seen >> i & 1U) != 0) {
            return fail_key(fields, table->what, field->name, "repeats the key", error);
        }
        *seen |= UINT32_C(1) << i;
        return field->read == NULL ? sva_json_skip(&fields->json, error)
                                   : field->read(fields, (char *)into + field->offset, error);
    }
    if (table->open) {
        return sva_json_skip(&fields->json, error);
    }
    const struct sva_escaped key = sva_escn(fields->json.text, fields->json.text_size);
    return fail_key(fields, table->what, key.text, "has the unknown key", error);
}

enum sva_status sva_read_object(struct sva_fields *fields, const struct sva_field_table *table,
                                void *into, struct sva_error *error)
{
    uint32_t seen = 0;
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status =
        expect(fields, SVA_JSON_OBJECT_BEGIN, "an object was expected here", error);
    while (status == SVA_OK) {
        status = sva_json_next(&fields->json, &token, error);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        status = read_field(fields, table, into, &seen, error);
    }
    for (size_t i = 0; i < table->count && status == SVA_OK; i++) {
        if (table->fields[i].required && (seen >> i & 1U) == 0) {
            status = fail_key(fields, table->what, table->fields[i].name, "lacks the key", error);
        }
    }
    return status;
}

enum sva_status sva_read_document(struct sva_fields *fields, const struct sva_field_table *table,
                                  void *into, struct sva_error *error)
{
    const enum sva_status status = sva_read_object(fields, table, into, error);
    return status == SVA_OK ? expect(fields, SVA_JSON_END, "more follows the object", error)
                            : status;
}

enum sva_status sva_read_array(struct sva_fields *fields, sva_read_value *item, void *into,
                               struct sva_error *error)
{
    enum sva_status status =
        expect(fields, SVA_JSON_ARRAY_BEGIN, "an array was expected here", error);
    while (status == SVA_OK) {
        if (peek(fields) == ']') {
            return expect(fields, SVA_JSON_ARRAY_END, "the array ends badly", error);
        }
        status = item(fields, into, error);
    }
    return status;
}

enum sva_status sva_read_text(struct sva_fields *fields, void *into, struct sva_error *error)
{
    const enum sva_status status =
        expect(fields, SVA_JSON_STRING, "a string was expected here", error);
    if (status != SVA_OK) {
        return status;
    }
    if (strlen(fields->json.text) != fields->json.text_size) {
        return sva_fields_fail(fields, "the string holds a NUL", error);
    }
    const char *const kept =
        sva_arena_strndup(fields->arena, fields->json.text, fields->json.text_size);
    if (kept == NULL) {
        return sva_fail_memory(error, "reading a signature");
    }
    *(const char **)into = kept;
    return SVA_OK;
}

enum sva_status sva_read_text_or_null(struct sva_fields *fields, void *into,
                                      struct sva_error *error)
{
    if (peek(fields) == 'n') {
        *(const char **)into = "";
        return expect(fields, SVA_JSON_NULL, "a string was expected here", error);
    }
    return sva_read_text(fields, into, error);
}

enum sva_status sva_read_base64(struct sva_fields *fields, void *into, struct sva_error *error)
{
    size_t bad = 0;
    const enum sva_status status =
        expect(fields, SVA_JSON_STRING, "a string of Base64 was expected here", error);
    if (status != SVA_OK) {
        return status;
    }
    if (sva_base64_decode(fields->json.text, fields->json.text_size, fields->arena, into, &bad)) {
        return SVA_OK;
    }
    return bad == SIZE_MAX ? sva_fail_memory(error, "reading a signature")
                           : sva_fields_fail(fields, "the string is not sound Base64", error);
}

enum sva_status sva_read_bool(struct sva_fields *fields, void *into, struct sva_error *error)
{
    enum sva_json_token token = SVA_JSON_END;
    const enum sva_status status = sva_json_next(&fields->json, &token, error);
    if (status != SVA_OK) {
        return status;
    }
    if (token != SVA_JSON_TRUE && token != SVA_JSON_FALSE) {
        return sva_fields_fail(fields, "true or false was expected here", error);
    }
    *(bool *)into = token == SVA_JSON_TRUE;
    return SVA_OK;
}

enum sva_status sva_read_u64(struct sva_fields *fields, void *into, struct sva_error *error)
{
    const enum sva_status status =
        expect(fields, SVA_JSON_NUMBER, "a number was expected here", error);
    if (status != SVA_OK) {
        return status;
    }
    /* Writers over protobuf's Struct know doubles only: 1000.0 is 1000. */
    struct sva_json *const json = &fields->json;
    if (json->text_size > 2 && strcmp(json->text + json->text_size - 2, ".0") == 0) {
        json->text_size -= 2;
    }
    return sva_json_u64(json, into)
               ? SVA_OK
               : sva_fields_fail(fields, "the number is no whole number of 64 bits", error);
}

void *sva_grown_add(struct sva_grown *grown, struct sva_arena *arena, size_t size)
{
    if (grown->count == grown->capacity) {
        const size_t capacity = grown->capacity == 0 ? 8 : grown->capacity * 2;
        void *const items = sva_arena_alloc(arena, capacity, size);
        if (items == NULL) {
            return NULL;
        }
        if (grown->count > 0) {
            memcpy(items, grown->items, grown->count * size);
        }
        grown->items = items;
        grown->capacity = capacity;
    }
    return (char *)grown->items + size * grown->count++;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a GGUF header and their values. */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "format/gguf_reader.h"
#include "format/repeats.h"

/* Arrays that are open, outermost first: nesting costs no stack. */
struct array_place {
    enum sva_gguf_type type;
    uint64_t left;
};

uint64_t sva_gguf_least_bytes(const struct sva_gguf_reader *reader, enum sva_gguf_type type)
{
    const unsigned bytes = sva_gguf_type_bytes(type);
    return bytes > 0                ? bytes
           : type == SVA_GGUF_ARRAY ? 4U + sva_gguf_length_bytes(reader)
                                    : sva_gguf_length_bytes(reader);
}

union sva_gguf_scalar sva_gguf_scalar_of(enum sva_gguf_type type, const uint8_t *bytes,
                                         bool big_endian)
{
    const unsigned size = sva_gguf_type_bytes(type);
    struct sva_cursor cursor = {.span = {bytes, size}};
    const uint64_t bits = sva_cursor_unsigned(&cursor, size, big_endian);
    union sva_gguf_scalar scalar = {.u = bits};
    if (type == SVA_GGUF_BOOL) {
        scalar.u = bits != 0;
    } else if (type == SVA_GGUF_F32) {
        const uint32_t narrow = (uint32_t)bits;
        float value;
        memcpy(&value, &narrow, sizeof value);
        scalar.f = value;
    } else if (type == SVA_GGUF_F64) {
        memcpy(&scalar.f, &bits, sizeof scalar.f);
    } else if (type == SVA_GGUF_I8 || type == SVA_GGUF_I16 || type == SVA_GGUF_I32 ||
               type == SVA_GGUF_I64) {
        const uint64_t sign = UINT64_C(1) << (8 * size - 1);
        const uint64_t extended = (bits ^ sign) - sign;
        memcpy(&scalar.i, &extended, sizeof scalar.i);
    }
    return scalar;
}

static enum sva_status read_type(struct sva_gguf_reader *reader, const char *part,
                                 enum sva_gguf_type *type)
{
    const uint64_t at = reader->window.position;
    uint64_t number = 0;
    const enum sva_status status = sva_gguf_integer(reader, 4, part, &number);
    if (status != SVA_OK) {
        return status;
    }
    if (number >= SVA_GGUF_TYPE_COUNT) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, at,
                           "%s: %s at byte %" PRIu64 " is %" PRIu64 ", which is no type of GGUF",
                           reader->what, part, at, number);
    }
    *type = (enum sva_gguf_type)number;
    return SVA_OK;
}

size_t sva_gguf_without_nul(const struct sva_gguf_reader *reader, const uint8_t *bytes, size_t size)
{
    return reader->version == 1 && size > 0 && bytes[size - 1] == '\0' ? size - 1 : size;
}

static bool is_plain_key(const char *key, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (key[i] <= ' ' || key[i] > '~') {
            return false;
        }
    }
    return true;
}

static enum sva_status read_key(struct sva_gguf_reader *reader, struct sva_gguf_value *value)
{
    const uint64_t at = reader->window.position;
    uint64_t length = 0;
    const uint8_t *bytes = NULL;
    enum sva_status status = sva_gguf_length(reader, "the length of a key", &length);
    if (status == SVA_OK && length > SVA_GGUF_KEY_BYTES) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, at,
                           "%s: a key of %" PRIu64 " bytes at byte %" PRIu64 "; at most %d are "
                           "allowed",
                           reader->what, length, at, SVA_GGUF_KEY_BYTES);
    }
    if (status == SVA_OK) {
        status = sva_gguf_bytes(reader, length, "a key", &bytes);
    }
    if (status != SVA_OK) {
        return status;
    }
    const size_t size = sva_gguf_without_nul(reader, bytes, (size_t)length);
    const struct sva_escaped shown = sva_escn((const char *)bytes, size);
    if (size == 0 || memchr(bytes, '\0', size) != NULL ||
        sva_utf8_valid_prefix(bytes, size) != size) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, at,
                           "%s: the key \"%s\" at byte %" PRIu64 " is %s", reader->what, shown.text,
                           at,
                           size == 0                           ? "empty"
                           : memchr(bytes, '\0', size) != NULL ? "cut by a NUL"
                                                               : "not valid UTF-8");
    }
    status = sva_gguf_keep(reader, bytes, size, &value->key);
    if (status == SVA_OK && !is_plain_key(value->key, size)) {
        sva_tally_add(&reader->odd_keys, value->key, size, at);
    }
    return status;
}

static enum sva_status read_scalar(struct sva_gguf_reader *reader, struct sva_gguf_value *value)
{
    const uint64_t at = reader->window.position;
    const uint8_t *bytes = NULL;
    const enum sva_status status =
        sva_gguf_bytes(reader, sva_gguf_type_bytes(value->type), "a value", &bytes);
    if (status != SVA_OK) {
        return status;
    }
    value->scalar = sva_gguf_scalar_of(value->type, bytes, reader->big_endian);
    if (value->type == SVA_GGUF_BOOL && bytes[0] > 1) {
        sva_tally_add(&reader->odd_bools, value->key, strlen(value->key), at);
    }
    return SVA_OK;
}

/* Looks through a string that is not kept. */
static enum sva_status pass_string(struct sva_gguf_reader *reader, uint64_t size, bool *has_nul)
{
    while (size > 0) {
        const size_t step = size < SVA_WINDOW_BYTES ? (size_t)size : SVA_WINDOW_BYTES;
        const uint8_t *bytes = NULL;
        const enum sva_status status =
            sva_window_take(&reader->window, step, &bytes, reader->error);
        if (status != SVA_OK) {
            return status;
        }
        *has_nul = *has_nul || memchr(bytes, '\0', step) != NULL;
        size -= step;
    }
    return SVA_OK;
}

static enum sva_status read_string(struct sva_gguf_reader *reader, struct sva_gguf_value *value)
{
    uint64_t length = 0;
    bool has_nul = false;
    enum sva_status status = sva_gguf_length(reader, "the length of a string", &length);
    if (status == SVA_OK) {
        status = sva_gguf_need(reader, length, "a string");
    }
    if (status != SVA_OK) {
        return status;
    }
    value->offset = reader->window.position;
    value->size_bytes = length;
    if (length > SVA_GGUF_TEXT_KEPT ||
        length >= reader->limits->gguf_text_bytes - reader->kept_bytes) {
        status = pass_string(reader, length, &has_nul);
    } else {
        const uint8_t *bytes = NULL;
        status = sva_window_take(&reader->window, (size_t)length, &bytes, reader->error);
        if (status != SVA_OK) {
            return status;
        }
        const size_t size = sva_gguf_without_nul(reader, bytes, (size_t)length);
        value->size_bytes = size;
        has_nul = memchr(bytes, '\0', size) != NULL;
        if (sva_utf8_valid_prefix(bytes, size) != size) {
            sva_tally_add(&reader->bad_texts, value->key, strlen(value->key), value->offset);
        }
        status = sva_gguf_keep(reader, bytes, size, &value->text);
    }
    if (status == SVA_OK && has_nul) {
        sva_tally_add(&reader->nul_texts, value->key, strlen(value->key), value->offset);
    }
    return status;
}

/* -- arrays ------------------------------------------------------------------------------------ */

static enum sva_status pass_strings(struct sva_gguf_reader *reader, uint64_t count)
{
    enum sva_status status = SVA_OK;
    for (uint64_t i = 0; status == SVA_OK && i < count; i++) {
        uint64_t length = 0;
        status = sva_gguf_length(reader, "the length of a string in an array", &length);
        if (status == SVA_OK) {
            status = sva_gguf_need(reader, length, "a string in an array");
        }
        if (status == SVA_OK) {
            reader->window.position += length;
        }
    }
    return status;
}

static enum sva_status pass_bools(struct sva_gguf_reader *reader, uint64_t count, const char *key)
{
    uint64_t left = count;
    while (left > 0) {
        const size_t step = left < SVA_WINDOW_BYTES ? (size_t)left : SVA_WINDOW_BYTES;
        const uint64_t at = reader->window.position;
        const uint8_t *bytes = NULL;
        const enum sva_status status = sva_gguf_bytes(reader, step, "an array", &bytes);
        if (status != SVA_OK) {
            return status;
        }
        for (size_t i = 0; i < step; i++) {
            if (bytes[i] > 1) {
                sva_tally_add(&reader->odd_bools, key, strlen(key), at + i);
            }
        }
        left -= step;
    }
    return SVA_OK;
}

static enum sva_status pass_scalars(struct sva_gguf_reader *reader, enum sva_gguf_type type,
                                    uint64_t count, const char *key)
{
    if (type == SVA_GGUF_BOOL) {
        return pass_bools(reader, count, key);
    }
    const uint64_t size = count * sva_gguf_type_bytes(type); /* checked by open_array */
    const enum sva_status status = sva_gguf_need(reader, size, "an array");
    if (status == SVA_OK) {
        reader->window.position += size;
    }
    return status;
}

static enum sva_status open_array(struct sva_gguf_reader *reader, const char *key,
                                  struct array_place *place)
{
    enum sva_status status = read_type(reader, "the type of an array's elements", &place->type);
    if (status == SVA_OK) {
        status = sva_gguf_length(reader, "the length of an array", &place->left);
    }
    if (status != SVA_OK) {
        return status;
    }
    const uint64_t left = sva_window_left(&reader->window);
    if (place->left > left / sva_gguf_least_bytes(reader, place->type)) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, reader->window.position,
                           "%s: the array \"%s\" announces %" PRIu64 " elements of type %s, more "
                           "than the %" PRIu64 " bytes behind byte %" PRIu64 " can hold",
                           reader->what, sva_esc(key).text, place->left,
                           sva_gguf_type_name(place->type), left, reader->window.position);
    }
    return SVA_OK;
}

/* One element that is an array, or all that are not. */
static enum sva_status pass_elements(struct sva_gguf_reader *reader, const char *key,
                                     struct array_place *places, unsigned *depth)
{
    struct array_place *const place = &places[*depth - 1];
    if (place->type == SVA_GGUF_ARRAY) {
        place->left--;
        if (*depth == SVA_GGUF_ARRAY_DEPTH) {
            return sva_fail_at(reader->error, SVA_ERR_LIMIT, reader->window.position,
                               "%s: the array \"%s\" is nested deeper than %d at byte %" PRIu64,
                               reader->what, sva_esc(key).text, SVA_GGUF_ARRAY_DEPTH,
                               reader->window.position);
        }
        return open_array(reader, key, &places[(*depth)++]);
    }
    const uint64_t count = place->left;
    place->left = 0;
    return place->type == SVA_GGUF_STRING ? pass_strings(reader, count)
                                          : pass_scalars(reader, place->type, count, key);
}

static enum sva_status read_array(struct sva_gguf_reader *reader, struct sva_gguf_value *value)
{
    struct array_place places[SVA_GGUF_ARRAY_DEPTH];
    unsigned depth = 1;
    enum sva_status status = open_array(reader, value->key, &places[0]);
    if (status != SVA_OK) {
        return status;
    }
    value->element_type = places[0].type;
    value->count = places[0].left;
    value->offset = reader->window.position;
    if (value->element_type == SVA_GGUF_ARRAY) {
        sva_tally_add(&reader->nested, value->key, strlen(value->key), value->offset);
    }
    while (status == SVA_OK && depth > 0) {
        if (places[depth - 1].left == 0) {
            depth--;
        } else {
            status = pass_elements(reader, value->key, places, &depth);
        }
    }
    value->size_bytes = reader->window.position - value->offset;
    return status;
}

/* -- the list ---------------------------------------------------------------------------------- */

static struct sva_gguf_value *new_value(struct sva_gguf_reader *reader)
{
    if (reader->value_count == reader->value_capacity) {
        const size_t capacity = reader->value_capacity == 0 ? 32 : reader->value_capacity * 2;
        struct sva_gguf_value *const values =
            sva_realloc_array(reader->values, capacity, sizeof *values);
        if (values == NULL) {
            return NULL;
        }
        reader->values = values;
        reader->value_capacity = capacity;
    }
    struct sva_gguf_value *const value = &reader->values[reader->value_count++];
    *value = (struct sva_gguf_value){0};
    return value;
}

static enum sva_status read_value(struct sva_gguf_reader *reader)
{
    struct sva_gguf_value *const value = new_value(reader);
    if (value == NULL) {
        return sva_gguf_out_of_memory(reader);
    }
    value->offset = reader->window.position; /* of the key, until it is told from its value */
    enum sva_status status = read_key(reader, value);
    if (status == SVA_OK) {
        status = read_type(reader, "the type of a value", &value->type);
    }
    if (status != SVA_OK) {
        return status;
    }
    switch (value->type) {
    case SVA_GGUF_STRING: return read_string(reader, value);
    case SVA_GGUF_ARRAY: return read_array(reader, value);
    default: break;
    }
    value->offset = reader->window.position;
    value->size_bytes = sva_gguf_type_bytes(value->type);
    return read_scalar(reader, value);
}

/* A key that is there twice would mean different things to different readers. */
static enum sva_status check_unique(struct sva_gguf_reader *reader)
{
    struct sva_named *const items = sva_calloc(reader->value_count, sizeof *items);
    if (items == NULL) {
        return sva_gguf_out_of_memory(reader);
    }
    for (size_t i = 0; i < reader->value_count; i++) {
        const struct sva_gguf_value *const value = &reader->values[i];
        items[i] =
            (struct sva_named){.text = value->key, .size = strlen(value->key), .at = value->offset};
    }
    struct sva_named first = {0};
    const uint64_t repeats = sva_repeats_count(items, reader->value_count, &first);
    sva_free(items);
    if (repeats > 0) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, first.at,
                           "%s: the key \"%s\" is there twice, again with the value at byte "
                           "%" PRIu64,
                           reader->what, sva_escn(first.text, first.size).text, first.at);
    }
    return SVA_OK;
}

enum sva_status sva_gguf_read_values(struct sva_gguf_reader *reader)
{
    enum sva_status status = SVA_OK;
    for (uint64_t i = 0; status == SVA_OK && i < reader->values_stated; i++) {
        status = read_value(reader);
    }
    return status == SVA_OK ? check_unique(reader) : status;
}

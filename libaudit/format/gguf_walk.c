/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up in a header that was read, and walking over its arrays. */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/gguf_reader.h"

const struct sva_gguf_value *sva_gguf_find(const struct sva_gguf *gguf, const char *key)
{
    for (size_t i = 0; i < gguf->value_count; i++) {
        if (strcmp(gguf->values[i].key, key) == 0) {
            return &gguf->values[i];
        }
    }
    return NULL;
}

const char *sva_gguf_text(const struct sva_gguf *gguf, const char *key)
{
    const struct sva_gguf_value *const value = sva_gguf_find(gguf, key);
    return value == NULL ? NULL : value->text;
}

bool sva_gguf_scalar_u64(enum sva_gguf_type type, union sva_gguf_scalar scalar, uint64_t *number)
{
    if (!sva_gguf_is_integer(type)) {
        return false;
    }
    const bool is_signed =
        type == SVA_GGUF_I8 || type == SVA_GGUF_I16 || type == SVA_GGUF_I32 || type == SVA_GGUF_I64;
    if (is_signed && scalar.i < 0) {
        return false;
    }
    *number = is_signed ? (uint64_t)scalar.i : scalar.u;
    return true;
}

bool sva_gguf_u64(const struct sva_gguf *gguf, const char *key, uint64_t *number)
{
    const struct sva_gguf_value *const value = sva_gguf_find(gguf, key);
    return value != NULL && sva_gguf_scalar_u64(value->type, value->scalar, number);
}

enum sva_status sva_gguf_walk_init(struct sva_gguf_walk *walk, const struct sva_source *source,
                                   const struct sva_gguf *gguf, const struct sva_gguf_value *value,
                                   struct sva_error *error)
{
    if (value->type != SVA_GGUF_ARRAY) {
        return sva_fail(error, SVA_ERR_USAGE, "the key \"%s\" does not hold an array",
                        sva_esc(value->key).text);
    }
    struct sva_window window = {0};
    const enum sva_status status = sva_window_init(&window, source, error);
    if (status == SVA_OK) {
        window.position = value->offset;
        *walk = (struct sva_gguf_walk){.window = window,
                                       .gguf = gguf,
                                       .type = value->element_type,
                                       .left = value->count,
                                       .end = value->offset + value->size_bytes};
    }
    return status;
}

void sva_gguf_walk_done(struct sva_gguf_walk *walk)
{
    sva_window_done(&walk->window);
    *walk = (struct sva_gguf_walk){0};
}

/* All was there when the header was read: what does not fit now was changed. */
static enum sva_status check_left(const struct sva_gguf_walk *walk, uint64_t size,
                                  struct sva_error *error)
{
    const uint64_t at = walk->window.position;
    if (walk->left == 0 || at > walk->end || size > walk->end - at) {
        return sva_fail_at(error, SVA_ERR_CONFLICT, at,
                           "%s: an array changed at byte %" PRIu64 " since the header was read",
                           sva_esc(walk->window.source->name).text, at);
    }
    return SVA_OK;
}

enum sva_status sva_gguf_walk_string(struct sva_gguf_walk *walk, const uint8_t **text,
                                     uint64_t *size, struct sva_error *error)
{
    const unsigned length_bytes = walk->gguf->version == 1 ? 4 : 8;
    const uint8_t *bytes = NULL;
    enum sva_status status = check_left(walk, length_bytes, error);
    if (status == SVA_OK) {
        status = sva_window_take(&walk->window, length_bytes, &bytes, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    struct sva_cursor cursor = {.span = {bytes, length_bytes}};
    uint64_t length = sva_cursor_unsigned(&cursor, length_bytes, walk->gguf->big_endian);
    status = check_left(walk, length, error);
    bytes = NULL;
    if (status == SVA_OK && length <= SVA_WINDOW_BYTES) {
        status = sva_window_take(&walk->window, (size_t)length, &bytes, error);
        if (status == SVA_OK && walk->gguf->version == 1 && length > 0 &&
            bytes[length - 1] == '\0') {
            length--; /* counted along by some writers of version 1 */
        }
    } else if (status == SVA_OK) {
        walk->window.position += length;
    }
    if (status == SVA_OK) {
        walk->left--;
        *text = bytes;
        *size = length;
    }
    return status;
}

enum sva_status sva_gguf_walk_scalar(struct sva_gguf_walk *walk, union sva_gguf_scalar *scalar,
                                     struct sva_error *error)
{
    const unsigned size = sva_gguf_type_bytes(walk->type);
    const uint8_t *bytes = NULL;
    enum sva_status status = check_left(walk, size, error);
    if (status == SVA_OK) {
        status = sva_window_take(&walk->window, size, &bytes, error);
    }
    if (status == SVA_OK) {
        *scalar = sva_gguf_scalar_of(walk->type, bytes, walk->gguf->big_endian);
        walk->left--;
    }
    return status;
}

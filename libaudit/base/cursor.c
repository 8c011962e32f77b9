/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

#include <string.h>

size_t sva_cursor_left(const struct sva_cursor *cursor)
{
    return cursor->failed ? 0 : cursor->span.size - cursor->position;
}

const uint8_t *sva_cursor_take(struct sva_cursor *cursor, uint64_t size)
{
    if (size > sva_cursor_left(cursor) || cursor->span.data == NULL) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *const bytes = cursor->span.data + cursor->position;
    cursor->position += (size_t)size;
    return bytes;
}

uint64_t sva_cursor_unsigned(struct sva_cursor *cursor, unsigned size, bool big_endian)
{
    const uint8_t *const bytes = sva_cursor_take(cursor, size);
    uint64_t value = 0;
    for (unsigned i = 0; bytes != NULL && i < size; i++) {
        value = value << 8 | bytes[big_endian ? i : size - 1 - i];
    }
    return value;
}

/* Little-endian integer of `size` <= 8 bytes, 0 when they are not there. */
static uint64_t integer(struct sva_cursor *cursor, unsigned size)
{
    return sva_cursor_unsigned(cursor, size, false);
}

uint8_t sva_cursor_u8(struct sva_cursor *cursor)
{
    return (uint8_t)integer(cursor, 1);
}

uint16_t sva_cursor_u16le(struct sva_cursor *cursor)
{
    return (uint16_t)integer(cursor, 2);
}

uint32_t sva_cursor_u32le(struct sva_cursor *cursor)
{
    return (uint32_t)integer(cursor, 4);
}

uint64_t sva_cursor_u64le(struct sva_cursor *cursor)
{
    return integer(cursor, 8);
}

/** Bytes of a list, or NULL (and failed). */
static const uint8_t *take_list(struct sva_cursor *cursor, size_t count, size_t width)
{
    if (count > sva_cursor_left(cursor) / width) {
        cursor->failed = true;
        return NULL;
    }
    return sva_cursor_take(cursor, count * width);
}

void sva_cursor_i16le_list(struct sva_cursor *cursor, int16_t *out, size_t count)
{
    const uint8_t *const bytes = take_list(cursor, count, sizeof *out);
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        out[i] = (int16_t)(uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    }
}

void sva_cursor_f32le_list(struct sva_cursor *cursor, float *out, size_t count)
{
    const uint8_t *const bytes = take_list(cursor, count, sizeof *out);
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        const uint8_t *const at = bytes + 4 * i;
        const uint32_t bits =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        memcpy(&out[i], &bits, sizeof bits);
    }
}

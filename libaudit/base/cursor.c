/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

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

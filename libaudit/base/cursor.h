/* SPDX-License-Identifier: Apache-2.0 */
/** A read-only range of bytes and a cursor over it: the only code that turns bytes into integers.
 */
#ifndef SVA_BASE_CURSOR_H
#define SVA_BASE_CURSOR_H

#include <stddef.h>

#include <sovaudit/status.h>

struct sva_span {
    const uint8_t *data;
    size_t size;
};

struct sva_cursor {
    struct sva_span span;
    size_t position;
    bool failed; /**< a read went past the end; every later read gives 0 */
};

size_t sva_cursor_left(const struct sva_cursor *cursor);
uint8_t sva_cursor_u8(struct sva_cursor *cursor);
uint16_t sva_cursor_u16le(struct sva_cursor *cursor);
uint32_t sva_cursor_u32le(struct sva_cursor *cursor);
uint64_t sva_cursor_u64le(struct sva_cursor *cursor);
/** Fills `out` with `count` integers of 16 bits; all or none. */
void sva_cursor_i16le_list(struct sva_cursor *cursor, int16_t *out, size_t count);
/** Fills `out` with `count` floats of 32 bits, bit by bit; all or none. */
void sva_cursor_f32le_list(struct sva_cursor *cursor, float *out, size_t count);
/** An unsigned integer of `size` <= 8 bytes in either byte order. */
uint64_t sva_cursor_unsigned(struct sva_cursor *cursor, unsigned size, bool big_endian);
/** Borrowed bytes or NULL (and failed). */
const uint8_t *sva_cursor_take(struct sva_cursor *cursor, uint64_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/wire.h"

void sva_wire_init(struct sva_wire *wire, struct sva_span message)
{
    *wire = (struct sva_wire){.cursor = {.span = message}};
}

/** Seven bits a byte, low ones first, ten bytes at most. */
static bool take_varint(struct sva_wire *wire, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        const uint8_t byte = sva_cursor_u8(&wire->cursor);
        if (wire->cursor.failed || (shift == 63 && byte > 1)) {
            return false;
        }
        sum |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) {
            *value = sum;
            return true;
        }
    }
    return false;
}

static bool take_value(struct sva_wire *wire, unsigned type, struct sva_wire_field *field)
{
    uint64_t size = 0;
    switch (type) {
    case 0: field->kind = SVA_WIRE_VARINT; return take_varint(wire, &field->value);
    case 1:
        field->kind = SVA_WIRE_FIXED64;
        field->value = sva_cursor_u64le(&wire->cursor);
        return !wire->cursor.failed;
    case 2:
        field->kind = SVA_WIRE_BYTES;
        if (!take_varint(wire, &size)) {
            return false;
        }
        field->bytes.data = sva_cursor_take(&wire->cursor, size);
        field->bytes.size = (size_t)size;
        return !wire->cursor.failed;
    case 5:
        field->kind = SVA_WIRE_FIXED32;
        field->value = sva_cursor_u32le(&wire->cursor);
        return !wire->cursor.failed;
    default: return false;
    }
}

bool sva_wire_next(struct sva_wire *wire, struct sva_wire_field *field)
{
    uint64_t key = 0;
    if (wire->broken || sva_cursor_left(&wire->cursor) == 0) {
        return false;
    }
    *field = (struct sva_wire_field){.number = 0};
    if (!take_varint(wire, &key) || key >> 3 == 0 || key >> 3 > 0x1FFFFFFFU ||
        !take_value(wire, (unsigned)(key & 7), field)) {
        wire->broken = true;
        return false;
    }
    field->number = (uint32_t)(key >> 3);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Protocol buffers on the wire, field by field, without a schema. Lengths are checked against the
 * bytes that are there; groups, which nobody writes any more, are refused. No recursion: a nested
 * message is another reader over the field's bytes.
 * Source: the encoding page of the Protocol Buffers documentation.
 */
#ifndef SVA_TRACE_WIRE_H
#define SVA_TRACE_WIRE_H

#include "base/cursor.h"

enum sva_wire_kind { SVA_WIRE_VARINT, SVA_WIRE_FIXED64, SVA_WIRE_BYTES, SVA_WIRE_FIXED32 };

struct sva_wire_field {
    uint32_t number;
    enum sva_wire_kind kind;
    uint64_t value;        /**< of the numbers */
    struct sva_span bytes; /**< of SVA_WIRE_BYTES */
};

/** A message, read from its start. */
struct sva_wire {
    struct sva_cursor cursor;
    bool broken; /**< the bytes are no message; no more fields come */
};

void sva_wire_init(struct sva_wire *wire, struct sva_span message);

/** The next field; false at the end, and where the bytes are no message (`broken`). */
bool sva_wire_next(struct sva_wire *wire, struct sva_wire_field *field);

#endif

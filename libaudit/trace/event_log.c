/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TensorBoard event files: records of u64 length, masked CRC of the length, bytes, masked CRC of
 * the bytes; each record is an Event message. Sources: TensorFlow's record_writer, event.proto,
 * summary.proto and tensor.proto, for the numbers of the fields.
 */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "kernel/float_bits.h"
#include "trace/crc32c.h"
#include "trace/loss_log.h"
#include "trace/wire.h"

enum {
    EVENT_STEP = 2,
    EVENT_SUMMARY = 5,
    SUMMARY_VALUE = 1,
    VALUE_TAG = 1,
    VALUE_SIMPLE = 2,
    VALUE_TENSOR = 8,
    TENSOR_DTYPE = 1,
    TENSOR_CONTENT = 4,
    TENSOR_FLOATS = 5,
    TENSOR_DOUBLES = 6,
    DTYPE_FLOAT = 1,
    DTYPE_DOUBLE = 2,
    FRAME_HEAD = 12,
    FRAME_TAIL = 4
};

static double float_of(uint64_t bits)
{
    return (double)sva_float_of_bits((uint32_t)bits);
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/** The first number of packed or raw numbers; NAN when there is none. */
static double first_number(struct sva_span bytes, bool is_double)
{
    struct sva_cursor cursor = {.span = bytes};
    const double value =
        is_double ? double_of(sva_cursor_u64le(&cursor)) : float_of(sva_cursor_u32le(&cursor));
    return cursor.failed ? NAN : value;
}

/** A scalar out of a TensorProto. False: another type, or nothing in it. */
static bool tensor_scalar(struct sva_span message, double *value)
{
    struct sva_wire wire;
    struct sva_wire_field field;
    struct sva_span content = {.data = NULL};
    uint64_t dtype = 0;
    bool found = false;
    sva_wire_init(&wire, message);
    while (sva_wire_next(&wire, &field)) {
        const bool packed = field.kind == SVA_WIRE_BYTES;
        if (field.number == TENSOR_DTYPE && field.kind == SVA_WIRE_VARINT) {
            dtype = field.value;
        } else if (field.number == TENSOR_CONTENT && packed) {
            content = field.bytes;
        } else if (field.number == TENSOR_FLOATS && (packed || field.kind == SVA_WIRE_FIXED32)) {
            *value = packed ? first_number(field.bytes, false) : float_of(field.value);
            found = true;
        } else if (field.number == TENSOR_DOUBLES && (packed || field.kind == SVA_WIRE_FIXED64)) {
            *value = packed ? first_number(field.bytes, true) : double_of(field.value);
            found = true;
        }
    }
    const size_t width = dtype == DTYPE_DOUBLE ? 8 : 4;
    if (!found && content.size == width && (dtype == DTYPE_FLOAT || dtype == DTYPE_DOUBLE)) {
        *value = first_number(content, dtype == DTYPE_DOUBLE);
        found = true;
    }
    return found && !wire.broken;
}

/** Tag and scalar of a Summary.Value. */
static bool summary_value(struct sva_span message, struct sva_span *tag, double *value)
{
    struct sva_wire wire;
    struct sva_wire_field field;
    bool found = false;
    *tag = (struct sva_span){.data = NULL};
    sva_wire_init(&wire, message);
    while (sva_wire_next(&wire, &field)) {
        if (field.number == VALUE_TAG && field.kind == SVA_WIRE_BYTES) {
            *tag = field.bytes;
        } else if (field.number == VALUE_SIMPLE && field.kind == SVA_WIRE_FIXED32) {
            *value = float_of(field.value);
            found = true;
        } else if (field.number == VALUE_TENSOR && field.kind == SVA_WIRE_BYTES) {
            found = tensor_scalar(field.bytes, value) || found;
        }
    }
    return found && !wire.broken && tag->data != NULL;
}

/** Every scalar of a Summary. False: it is no message. */
static enum sva_status take_summary(struct sva_loss_log *log, struct sva_span message, double step,
                                    bool *sound, struct sva_error *error)
{
    struct sva_wire wire;
    struct sva_wire_field field;
    enum sva_status status = SVA_OK;
    sva_wire_init(&wire, message);
    while (status == SVA_OK && sva_wire_next(&wire, &field)) {
        struct sva_span tag;
        double value = NAN;
        if (field.number == SUMMARY_VALUE && field.kind == SVA_WIRE_BYTES &&
            summary_value(field.bytes, &tag, &value)) {
            const struct sva_log_record record = {step, value, NAN};
            status = sva_log_offer(log, (const char *)tag.data, tag.size, &record, error);
        }
    }
    *sound = !wire.broken;
    return status;
}

static enum sva_status take_event(struct sva_loss_log *log, struct sva_span message, bool *sound,
                                  struct sva_error *error)
{
    struct sva_wire wire;
    struct sva_wire_field field;
    struct sva_span summary = {.data = NULL};
    double step = 0.0; /* proto3 leaves a zero out */
    sva_wire_init(&wire, message);
    while (sva_wire_next(&wire, &field)) {
        if (field.number == EVENT_STEP && field.kind == SVA_WIRE_VARINT) {
            step = (double)(int64_t)field.value;
        } else if (field.number == EVENT_SUMMARY && field.kind == SVA_WIRE_BYTES) {
            summary = field.bytes;
        }
    }
    *sound = !wire.broken;
    return *sound && summary.data != NULL ? take_summary(log, summary, step, sound, error) : SVA_OK;
}

bool sva_log_is_events(struct sva_span bytes)
{
    struct sva_cursor cursor = {.span = bytes, .position = 8};
    return bytes.size >= FRAME_HEAD &&
           sva_cursor_u32le(&cursor) == sva_crc32c_masked(bytes.data, 8);
}

enum sva_status sva_log_read_events(struct sva_loss_log *log, struct sva_span bytes,
                                    const char *what, struct sva_error *error)
{
    struct sva_cursor cursor = {.span = bytes};
    log->format =
        log->format == NULL || strcmp(log->format, "tensorboard") == 0 ? "tensorboard" : "mixed";
    enum sva_status status = SVA_OK;
    while (status == SVA_OK && sva_cursor_left(&cursor) > 0) {
        const uint64_t start = cursor.position;
        const uint8_t *head = bytes.data + start;
        const uint64_t size = sva_cursor_u64le(&cursor);
        const uint32_t head_crc = sva_cursor_u32le(&cursor);
        if (!cursor.failed && head_crc != sva_crc32c_masked(head, 8)) {
            return sva_fail_at(error, SVA_ERR_CORRUPT, start,
                               "%s: the length of the record at byte %llu does not match its "
                               "checksum",
                               what, (unsigned long long)start);
        }
        const uint8_t *data = sva_cursor_take(&cursor, size);
        const uint32_t crc = sva_cursor_u32le(&cursor);
        if (cursor.failed) { /* a run that was killed ends like this */
            log->truncated_count++;
            return SVA_OK;
        }
        bool sound = crc == sva_crc32c_masked(data, (size_t)size);
        if (!sound) {
            return sva_fail_at(error, SVA_ERR_CORRUPT, start,
                               "%s: the record at byte %llu does not match its checksum", what,
                               (unsigned long long)start);
        }
        status = take_event(log, (struct sva_span){data, (size_t)size}, &sound, error);
        if (status == SVA_OK && !sound) {
            return sva_fail_at(error, SVA_ERR_CORRUPT, start,
                               "%s: the record at byte %llu is no event", what,
                               (unsigned long long)start);
        }
    }
    return status;
}

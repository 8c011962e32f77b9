/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sentencepiece.h"

#include "base/fail.h"

/* SentencePiece.Type */
enum piece_type {
    PIECE_NORMAL = 1,
    PIECE_UNKNOWN = 2,
    PIECE_CONTROL = 3,
    PIECE_USER_DEFINED = 4,
    PIECE_UNUSED = 5,
    PIECE_BYTE = 6
};

enum { FIELD_PIECE = 1, FIELD_TRAINER = 2, PIECE_TEXT = 1, PIECE_TYPE = 3, TRAINER_MODEL = 3 };
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };
enum { MODEL_BPE = 2 };

/** One field of a message: a number, or borrowed bytes. */
struct field {
    uint64_t number;
    uint32_t wire;
    uint64_t value;
    struct sva_span bytes;
};

/** At most ten bytes, seven bits each, lowest first. */
static uint64_t get_varint(struct sva_cursor *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        const uint8_t byte = sva_cursor_u8(in);
        if (shift == 63 && byte > 1) {
            break; /* more than 64 bits */
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            return value;
        }
    }
    in->failed = true;
    return 0;
}

static struct field get_field(struct sva_cursor *in)
{
    const uint64_t tag = get_varint(in);
    struct field field = {.number = tag >> 3, .wire = (uint32_t)(tag & 7)};
    switch (field.wire) {
    case WIRE_VARINT: field.value = get_varint(in); break;
    case WIRE_FIXED64: field.value = sva_cursor_u64le(in); break;
    case WIRE_FIXED32: field.value = sva_cursor_u32le(in); break;
    case WIRE_BYTES:
        field.value = get_varint(in);
        field.bytes.data = sva_cursor_take(in, field.value);
        field.bytes.size = field.bytes.data == NULL ? 0 : (size_t)field.value;
        break;
    default: in->failed = true; break; /* groups, which this message never had */
    }
    in->failed = in->failed || field.number == 0;
    return field;
}

struct piece {
    struct sva_span text;
    uint64_t type;
};

static struct piece get_piece(struct sva_cursor *in)
{
    struct piece piece = {.text = {(const uint8_t *)"", 0}, .type = PIECE_NORMAL};
    while (!in->failed && sva_cursor_left(in) > 0) {
        const struct field field = get_field(in);
        if (field.number == PIECE_TEXT && field.wire == WIRE_BYTES && !in->failed) {
            piece.text = field.bytes;
        } else if (field.number == PIECE_TYPE && field.wire == WIRE_VARINT) {
            piece.type = field.value;
        }
    }
    return piece;
}

static enum sva_status take_piece(struct sva_vocabulary *vocabulary, uint64_t id,
                                  const struct piece *piece, struct sva_bytes *scratch,
                                  struct sva_error *error)
{
    const bool special = piece->type == PIECE_CONTROL || piece->type == PIECE_UNKNOWN;
    const enum sva_status status =
        sva_vocabulary_put(vocabulary, id, special ? SVA_TOKENS_PLAIN : SVA_TOKENS_SENTENCEPIECE,
                           piece->text, scratch, error);
    vocabulary->special_count += special;
    if (status == SVA_OK && (special || piece->type == PIECE_UNUSED)) {
        sva_vocabulary_mark_special(vocabulary, id);
    }
    return status;
}

/** trainer_spec.model_type; other numbers than BPE's are taken for unigram, as the default is. */
static void take_trainer(struct sva_vocabulary *vocabulary, struct sva_cursor *in)
{
    while (!in->failed && sva_cursor_left(in) > 0) {
        const struct field field = get_field(in);
        if (field.number == TRAINER_MODEL && field.wire == WIRE_VARINT && !in->failed) {
            vocabulary->model_type = field.value == MODEL_BPE ? "BPE" : "Unigram";
        }
    }
}

bool sva_sentencepiece_sniff(struct sva_span bytes)
{
    struct sva_cursor in = {bytes, 0, false};
    const struct field field = get_field(&in);
    struct sva_cursor inner = {field.bytes, 0, false};
    if (in.failed || field.number != FIELD_PIECE || field.wire != WIRE_BYTES) {
        return false;
    }
    const struct piece piece = get_piece(&inner);
    return !inner.failed && piece.text.size > 0;
}

enum sva_status sva_sentencepiece_parse(struct sva_span bytes, const char *what,
                                        struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    struct sva_cursor in = {bytes, 0, false};
    struct sva_bytes scratch = {0};
    enum sva_status status = SVA_OK;
    *vocabulary =
        (struct sva_vocabulary){.model_type = "Unigram", .style = SVA_TOKENS_SENTENCEPIECE};
    for (uint64_t id = 0; status == SVA_OK && sva_cursor_left(&in) > 0;) {
        const size_t start = in.position;
        const struct field field = get_field(&in);
        struct sva_cursor inner = {field.bytes, 0, in.failed};
        if (field.number == FIELD_PIECE && field.wire == WIRE_BYTES && !in.failed) {
            const struct piece piece = get_piece(&inner);
            status = inner.failed ? SVA_OK : take_piece(vocabulary, id++, &piece, &scratch, error);
        } else if (field.number == FIELD_TRAINER && field.wire == WIRE_BYTES && !in.failed) {
            take_trainer(vocabulary, &inner);
        }
        if (status == SVA_OK && inner.failed) {
            status = sva_fail_at(error, SVA_ERR_CORRUPT, start,
                                 "%s: the message is malformed at byte %zu", what, start);
        }
    }
    if (status == SVA_OK && vocabulary->count == 0) {
        status = sva_fail_at(error, SVA_ERR_CORRUPT, 0, "%s: the message holds no piece", what);
    }
    sva_bytes_done(&scratch);
    if (status != SVA_OK) {
        sva_vocabulary_done(vocabulary);
    }
    return status;
}

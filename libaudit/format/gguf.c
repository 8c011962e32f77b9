/* SPDX-License-Identifier: Apache-2.0 */
#include "format/gguf.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "format/foreign.h"
#include "format/gguf_reader.h"

enum { MAGIC_BYTES = 4, LOOK_BYTES = 64, SHOWN_BYTES = 400 };

/* -- what every part of the reader uses -------------------------------------------------------- */

enum sva_status sva_gguf_out_of_memory(struct sva_gguf_reader *reader)
{
    return sva_fail_memory(reader->error, "reading a GGUF header");
}

enum sva_status sva_gguf_need(struct sva_gguf_reader *reader, uint64_t size, const char *part)
{
    const uint64_t at = reader->window.position;
    if (size > sva_window_left(&reader->window)) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, at,
                           "%s: %s at byte %" PRIu64 " needs %" PRIu64 " bytes, but only %" PRIu64
                           " are left",
                           reader->what, part, at, size, sva_window_left(&reader->window));
    }
    const uint64_t most = reader->limits->gguf_header_bytes;
    if (at > most || size > most - at) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, at,
                           "%s: the header has more than the limit of %" PRIu64
                           " bytes; %s at byte %" PRIu64 " is beyond it",
                           reader->what, most, part, at);
    }
    return SVA_OK;
}

enum sva_status sva_gguf_bytes(struct sva_gguf_reader *reader, uint64_t size, const char *part,
                               const uint8_t **bytes)
{
    const enum sva_status status = sva_gguf_need(reader, size, part);
    return status == SVA_OK ? sva_window_take(&reader->window, (size_t)size, bytes, reader->error)
                            : status;
}

enum sva_status sva_gguf_integer(struct sva_gguf_reader *reader, unsigned size, const char *part,
                                 uint64_t *value)
{
    const uint8_t *bytes = NULL;
    const enum sva_status status = sva_gguf_bytes(reader, size, part, &bytes);
    if (status == SVA_OK) {
        struct sva_cursor cursor = {.span = {bytes, size}};
        *value = sva_cursor_unsigned(&cursor, size, reader->big_endian);
    }
    return status;
}

unsigned sva_gguf_length_bytes(const struct sva_gguf_reader *reader)
{
    return reader->version == 1 ? 4 : 8;
}

enum sva_status sva_gguf_length(struct sva_gguf_reader *reader, const char *part, uint64_t *value)
{
    return sva_gguf_integer(reader, sva_gguf_length_bytes(reader), part, value);
}

enum sva_status sva_gguf_keep(struct sva_gguf_reader *reader, const uint8_t *bytes, size_t size,
                              const char **text)
{
    reader->kept_bytes += (uint64_t)size + 1;
    if (reader->kept_bytes > reader->limits->gguf_text_bytes) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, reader->window.position,
                           "%s: its keys and names have more than the limit of %" PRIu64
                           " bytes together, reached at byte %" PRIu64,
                           reader->what, reader->limits->gguf_text_bytes, reader->window.position);
    }
    *text = sva_arena_strndup(&reader->arena, (const char *)bytes, size);
    return *text == NULL ? sva_gguf_out_of_memory(reader) : SVA_OK;
}

/* -- the first 24 bytes ------------------------------------------------------------------------ */

static enum sva_status check_magic(struct sva_gguf_reader *reader)
{
    const uint64_t size = reader->window.source->size_bytes;
    const uint8_t *bytes = NULL;
    const size_t look = size < LOOK_BYTES ? (size_t)size : LOOK_BYTES;
    const enum sva_status status = sva_window_take(&reader->window, look, &bytes, reader->error);
    if (status != SVA_OK) {
        return status;
    }
    reader->window.position = MAGIC_BYTES;
    if (look >= MAGIC_BYTES && memcmp(bytes, "GGUF", MAGIC_BYTES) == 0) {
        return SVA_OK;
    }
    const struct sva_foreign *const foreign = sva_foreign_find(bytes, look);
    if (foreign != NULL) {
        return sva_fail_at(reader->error, foreign->status, 0, "%s: %s, not GGUF", reader->what,
                           foreign->is);
    }
    if (look < MAGIC_BYTES) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT,
                        "%s: has %" PRIu64 " bytes, too few for a GGUF file", reader->what, size);
    }
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, 0,
                       "%s: begins with \"%s\" instead of \"GGUF\"", reader->what,
                       sva_escn((const char *)bytes, MAGIC_BYTES).text);
}

/* A version below 65536 read in the wrong byte order has nothing in its low half. */
static enum sva_status read_version(struct sva_gguf_reader *reader)
{
    uint64_t version = 0;
    enum sva_status status = sva_gguf_integer(reader, 4, "the version", &version);
    if (status == SVA_OK && version != 0 && (version & 0xFFFF) == 0) {
        reader->big_endian = true;
        reader->window.position = MAGIC_BYTES;
        status = sva_gguf_integer(reader, 4, "the version", &version);
    }
    if (status != SVA_OK) {
        return status;
    }
    reader->version = (uint32_t)version;
    if (version == 0) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, MAGIC_BYTES,
                           "%s: there is no GGUF version 0", reader->what);
    }
    if (version > 3) {
        return sva_fail_at(reader->error, SVA_ERR_UNSUPPORTED, MAGIC_BYTES,
                           "%s: GGUF version %" PRIu64 "; versions 1 to 3 are read", reader->what,
                           version);
    }
    return SVA_OK;
}

/* A count costs nothing to state: the bytes for so many items must be there. */
static enum sva_status check_count(struct sva_gguf_reader *reader, uint64_t count, uint64_t least,
                                   uint64_t most, const char *items)
{
    const uint64_t left = sva_window_left(&reader->window);
    if (count > left / least) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, reader->window.position,
                           "%s: announces %" PRIu64 " %s, more than the %" PRIu64
                           " bytes behind byte %" PRIu64 " can hold",
                           reader->what, count, items, left, reader->window.position);
    }
    if (count > most) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, reader->window.position,
                           "%s: has %" PRIu64 " %s, more than the limit of %" PRIu64, reader->what,
                           count, items, most);
    }
    return SVA_OK;
}

static enum sva_status read_counts(struct sva_gguf_reader *reader)
{
    enum sva_status status =
        sva_gguf_length(reader, "the number of tensors", &reader->tensors_stated);
    if (status == SVA_OK) {
        status = sva_gguf_length(reader, "the number of keys", &reader->values_stated);
    }
    const unsigned length_bytes = sva_gguf_length_bytes(reader);
    if (status == SVA_OK) { /* an empty name, no dimension, the type, the offset */
        status = check_count(reader, reader->tensors_stated, length_bytes + 4 + 4 + 8,
                             reader->limits->tensor_count, "tensors");
    }
    if (status == SVA_OK) { /* a key of one letter, the type, a value of one byte */
        status = check_count(reader, reader->values_stated, length_bytes + 1 + 4 + 1,
                             reader->limits->gguf_key_count, "keys");
    }
    return status;
}

/* -- the whole --------------------------------------------------------------------------------- */

static enum sva_status read_all(struct sva_gguf_reader *reader)
{
    static enum sva_status (*const steps[])(struct sva_gguf_reader *) = {
        check_magic,         read_version,          read_counts,           sva_gguf_read_values,
        sva_gguf_check_keys, sva_gguf_read_tensors, sva_gguf_check_layout,
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const enum sva_status status = steps[i](reader);
        if (status != SVA_OK) {
            return status;
        }
    }
    return SVA_OK;
}

static void copy_tensors(const struct sva_gguf_reader *reader, struct sva_tensor *tensors)
{
    for (size_t i = 0; i < reader->draft_count; i++) {
        tensors[i] = reader->drafts[i].tensor;
        tensors[i].offset_bytes += reader->data_offset;
    }
}

static size_t copy_texts(const struct sva_gguf_reader *reader, struct sva_metadata *metadata)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->value_count; i++) {
        if (reader->values[i].text != NULL) {
            metadata[count++] =
                (struct sva_metadata){reader->values[i].key, reader->values[i].text};
        }
    }
    return count;
}

/* Moves everything into the result's arena. */
static enum sva_status finish(struct sva_gguf_reader *reader, struct sva_gguf *gguf)
{
    struct sva_arena *const arena = &reader->arena;
    struct sva_tensor *const tensors = sva_arena_alloc(arena, reader->draft_count, sizeof *tensors);
    struct sva_metadata *const metadata =
        sva_arena_alloc(arena, reader->value_count, sizeof *metadata);
    struct sva_gguf_value *const values =
        sva_arena_alloc(arena, reader->value_count, sizeof *values);
    struct sva_finding *const findings = sva_notes_finish(&reader->notes, arena);
    if (tensors == NULL || metadata == NULL || values == NULL || findings == NULL) {
        return sva_gguf_out_of_memory(reader);
    }
    copy_tensors(reader, tensors);
    if (reader->value_count > 0) {
        memcpy(values, reader->values, reader->value_count * sizeof *values);
    }
    *gguf = (struct sva_gguf){
        .container = {.tensor_count = reader->draft_count,
                      .tensors = tensors,
                      .metadata_count = copy_texts(reader, metadata),
                      .metadata = metadata,
                      .finding_count = reader->notes.count,
                      .findings = findings,
                      .data_offset = reader->data_offset,
                      .unclaimed_bytes = reader->unclaimed_bytes},
        .version = reader->version,
        .alignment = reader->alignment,
        .big_endian = reader->big_endian,
        .header_bytes = reader->header_end,
        .value_count = reader->value_count,
        .values = values,
    };
    gguf->container.arena = *arena;
    *arena = (struct sva_arena){0};
    return SVA_OK;
}

enum sva_status sva_gguf_parse(const struct sva_source *source, const struct sva_limits *limits,
                               struct sva_gguf *gguf, struct sva_error *error)
{
    char what[SHOWN_BYTES];
    (void)sva_escape(source->name, strlen(source->name), what, sizeof what);
    struct sva_gguf_reader *const reader = sva_calloc(1, sizeof *reader);
    if (reader == NULL) {
        return sva_fail_memory(error, "reading a GGUF header");
    }
    reader->limits = limits;
    reader->what = what;
    reader->error = error;
    enum sva_status status = sva_window_init(&reader->window, source, error);
    if (status == SVA_OK) {
        status = read_all(reader);
    }
    if (status == SVA_OK) {
        sva_gguf_tell(reader);
        status = finish(reader, gguf);
    }
    sva_window_done(&reader->window);
    sva_free(reader->values);
    sva_free(reader->drafts);
    sva_arena_done(&reader->arena);
    sva_free(reader);
    return status;
}

enum sva_status sva_gguf_read(const struct sva_input *input, const struct sva_limits *limits,
                              struct sva_gguf *gguf, struct sva_error *error)
{
    const struct sva_source source = sva_source_of_input(input);
    return sva_gguf_parse(&source, limits, gguf, error);
}

void sva_gguf_done(struct sva_gguf *gguf)
{
    sva_container_done(&gguf->container);
    *gguf = (struct sva_gguf){0};
}

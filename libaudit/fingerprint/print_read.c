/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a print: foreign bytes, in a file or in memory. A block is unpacked a window at a time
 * where its entries are those of single tensors, so that reading a print takes little more memory
 * than what is kept of it.
 */
#include <sovaudit/print.h>

#include <inttypes.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/look.h"
#include "base/source.h"
#include "base/text.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_file.h"
#include "fingerprint/print_internal.h"

enum { WINDOW_BYTES = 4 * SVA_BLOCK_ENTRY_MOST };

struct block {
    uint32_t id;
    uint64_t plain_bytes;
    uint64_t checksum;
    uint64_t start, end; /**< of its packed bytes in the source */
};

/** A print while it is read. */
struct reading {
    struct sva_print *print;
    const struct sva_source *source;
    const char *what; /**< for messages */
    ZSTD_DCtx *zstd;
    uint8_t *packed; /**< [ZSTD_DStreamInSize()] */
    struct sva_error *error;
};

/** A block while it is unpacked. */
struct unpacking {
    struct reading *reading;
    ZSTD_inBuffer in;
    uint64_t at, end;    /**< packed bytes that were not read yet */
    uint64_t plain_left; /**< plain bytes that were not unpacked yet */
    uint8_t *window;     /**< [room] */
    size_t room;
    struct sva_xxh3_stream *checksum;
    bool frame_ended;
    enum sva_status status; /**< CORRUPT: it is not what its header says; IO, CONFLICT, MEMORY */
};

/** The next packed bytes. CORRUPT when there are none. */
static void read_packed(struct unpacking *unpacking)
{
    struct reading *const reading = unpacking->reading;
    const uint64_t left = unpacking->end - unpacking->at;
    const size_t size = left < ZSTD_DStreamInSize() ? (size_t)left : ZSTD_DStreamInSize();
    unpacking->status = size == 0 ? SVA_ERR_CORRUPT
                                  : sva_source_read(reading->source, unpacking->at, reading->packed,
                                                    size, reading->error);
    unpacking->at += size;
    unpacking->in = (ZSTD_inBuffer){reading->packed, size, 0};
}

/** One step of zstd, which takes or gives something. */
static void unpack_step(struct unpacking *unpacking, ZSTD_outBuffer *out)
{
    if (unpacking->in.pos == unpacking->in.size) {
        read_packed(unpacking);
    }
    if (unpacking->status != SVA_OK) {
        return;
    }
    const size_t taken = unpacking->in.pos;
    const size_t given = out->pos;
    const size_t left = ZSTD_decompressStream(unpacking->reading->zstd, out, &unpacking->in);
    unpacking->frame_ended = left == 0;
    if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) {
        unpacking->status = sva_fail_memory(unpacking->reading->error, "decoding a print");
    } else if (ZSTD_isError(left) ||
               (left > 0 && taken == unpacking->in.pos && given == out->pos)) {
        unpacking->status = SVA_ERR_CORRUPT;
    }
}

/** Unpacks `size` bytes, which the block's header claims, to `plain`. */
static void unpack(struct unpacking *unpacking, uint8_t *plain, size_t size)
{
    ZSTD_outBuffer out = {plain, size, 0};
    while (unpacking->status == SVA_OK && out.pos < size) {
        if (unpacking->frame_ended) {
            unpacking->status = SVA_ERR_CORRUPT;
        } else {
            unpack_step(unpacking, &out);
        }
    }
    sva_xxh3_update(unpacking->checksum, plain, out.pos);
    unpacking->plain_left -= out.pos;
}

/** What is left behind the cursor goes to the front of the window, and what fits follows it. */
static void move_window(struct sva_block_bytes *bytes)
{
    struct unpacking *const unpacking = bytes->context;
    struct sva_cursor *const cursor = &bytes->cursor;
    const size_t kept = sva_cursor_left(cursor);
    const size_t room = unpacking->room - kept;
    const size_t size = unpacking->plain_left < room ? (size_t)unpacking->plain_left : room;
    memmove(unpacking->window, unpacking->window + cursor->position, kept);
    unpack(unpacking, unpacking->window + kept, size);
    bytes->moved_over += cursor->position;
    bytes->more = unpacking->plain_left > 0 ? move_window : NULL;
    cursor->span = (struct sva_span){unpacking->window, kept + size};
    cursor->position = 0;
    cursor->failed = cursor->failed || unpacking->status != SVA_OK;
}

/** Unpacks the rest of the block: CORRUPT unless all of it is what its header says. */
static void check_rest(struct unpacking *unpacking, uint64_t checksum)
{
    while (unpacking->status == SVA_OK && unpacking->plain_left > 0) {
        const uint64_t left = unpacking->plain_left;
        unpack(unpacking, unpacking->window,
               left < unpacking->room ? (size_t)left : unpacking->room);
    }
    while (unpacking->status == SVA_OK && !unpacking->frame_ended) {
        ZSTD_outBuffer nothing = {unpacking->window, 0, 0};
        unpack_step(unpacking, &nothing);
    }
    if (unpacking->status == SVA_OK &&
        (unpacking->in.pos != unpacking->in.size || unpacking->at != unpacking->end ||
         sva_xxh3_final(unpacking->checksum) != checksum)) {
        unpacking->status = SVA_ERR_CORRUPT;
    }
}

/** Decodes what the window shows. A damaged block is called that, whatever it led to. */
static enum sva_status decode_window(struct unpacking *unpacking, const struct block *block)
{
    struct reading *const reading = unpacking->reading;
    struct sva_block_bytes bytes = {.context = unpacking};
    struct sva_error broken = {0};
    move_window(&bytes);
    enum sva_status decoded =
        sva_print_block_decode(reading->print, block->id, &bytes, reading->what, &broken);
    if (decoded == SVA_OK && (sva_cursor_left(&bytes.cursor) > 0 || unpacking->plain_left > 0)) {
        decoded = sva_fail(&broken, SVA_ERR_CORRUPT, "%s: block %u has the wrong length",
                           reading->what, block->id);
    }
    if (decoded != SVA_ERR_MEMORY) {
        check_rest(unpacking, block->checksum);
    }
    if (unpacking->status == SVA_ERR_CORRUPT) {
        return sva_fail(reading->error, SVA_ERR_CORRUPT, "%s: block %u does not match its checksum",
                        reading->what, block->id);
    }
    if (unpacking->status == SVA_OK && decoded != SVA_OK && reading->error != NULL) {
        *reading->error = broken;
    }
    return unpacking->status != SVA_OK ? unpacking->status : decoded;
}

static enum sva_status decode_block(struct reading *reading, const struct block *block)
{
    const bool windowed =
        sva_print_block_has_entries(block->id) && block->plain_bytes > WINDOW_BYTES;
    const size_t room = windowed ? WINDOW_BYTES : (size_t)block->plain_bytes;
    struct unpacking unpacking = {.reading = reading,
                                  .at = block->start,
                                  .end = block->end,
                                  .plain_left = block->plain_bytes,
                                  .window = sva_calloc(room + 1, 1),
                                  .room = room,
                                  .checksum = sva_xxh3_new(block->id)};
    const bool ready = unpacking.window != NULL && unpacking.checksum != NULL &&
                       !ZSTD_isError(ZSTD_DCtx_reset(reading->zstd, ZSTD_reset_session_only));
    const enum sva_status status = ready ? decode_window(&unpacking, block)
                                         : sva_fail_memory(reading->error, "decoding a print");
    sva_xxh3_free(unpacking.checksum);
    sva_free(unpacking.window);
    return status;
}

/** The header at `offset`, and where the block lies. */
static enum sva_status read_block(const struct reading *reading, uint64_t offset,
                                  struct block *block)
{
    uint8_t bytes[SVA_PRINT_BLOCK_HEADER_BYTES] = {0};
    struct sva_cursor header = {{bytes, sizeof bytes}, 0, false};
    const uint64_t left = reading->source->size_bytes - offset;
    const size_t size = left < sizeof bytes ? (size_t)left : sizeof bytes;
    const enum sva_status status =
        sva_source_read(reading->source, offset, bytes, size, reading->error);
    if (status != SVA_OK) {
        return status;
    }
    block->id = sva_cursor_u32le(&header);
    block->plain_bytes = sva_cursor_u64le(&header);
    const uint64_t stored = sva_cursor_u64le(&header);
    block->checksum = sva_cursor_u64le(&header);
    if (size < sizeof bytes || stored > left - sizeof bytes) {
        return sva_fail_at(reading->error, SVA_ERR_CORRUPT, offset,
                           "%s: block at byte %" PRIu64 " is cut short", reading->what, offset);
    }
    if (block->plain_bytes > SVA_PRINT_BLOCK_MOST ||
        (block->plain_bytes > SVA_PRINT_RATIO_FREE &&
         block->plain_bytes / SVA_PRINT_RATIO_MOST > stored)) {
        return sva_fail_at(reading->error, SVA_ERR_LIMIT, offset,
                           "%s: block %u at byte %" PRIu64 " would expand to %" PRIu64 " bytes",
                           reading->what, block->id, offset, block->plain_bytes);
    }
    block->start = offset + sizeof bytes;
    block->end = block->start + stored;
    return SVA_OK;
}

static enum sva_status decode_blocks(struct reading *reading)
{
    uint32_t last = 0;
    struct block block = {.end = SVA_PRINT_HEADER_BYTES};
    while (block.end < reading->source->size_bytes) {
        enum sva_status status = read_block(reading, block.end, &block);
        if (status != SVA_OK) {
            return status;
        }
        if (block.id == 0 || block.id > SVA_PRINT_BLOCK_COUNT) {
            continue;
        }
        if (block.id <= last || (block.id != last + 1 && last < SVA_PRINT_BLOCKS_NEEDED)) {
            return sva_fail(reading->error, SVA_ERR_CORRUPT, "%s: block %u is out of order",
                            reading->what, block.id);
        }
        last = block.id;
        status = decode_block(reading, &block);
        if (status != SVA_OK) {
            return status;
        }
    }
    return last >= SVA_PRINT_BLOCKS_NEEDED
               ? SVA_OK
               : sva_fail(reading->error, SVA_ERR_CORRUPT, "%s: block %u is missing", reading->what,
                          last + 1);
}

/** The file's header: magic, version of the format, version of the method. */
static enum sva_status read_header(const struct reading *reading, uint32_t *method)
{
    uint8_t bytes[SVA_PRINT_HEADER_BYTES] = {0};
    const uint64_t left = reading->source->size_bytes;
    const size_t size = left < sizeof bytes ? (size_t)left : sizeof bytes;
    const enum sva_status status = sva_source_read(reading->source, 0, bytes, size, reading->error);
    if (status != SVA_OK) {
        return status;
    }
    if (memcmp(bytes, SVA_PRINT_MAGIC, SVA_PRINT_MAGIC_BYTES) != 0) {
        return sva_fail_at(reading->error, SVA_ERR_CORRUPT, 0, "%s: not a print (no SVAP magic)",
                           reading->what);
    }
    if (size < sizeof bytes) {
        return sva_fail(reading->error, SVA_ERR_CORRUPT, "%s: the print's header is cut short",
                        reading->what);
    }
    struct sva_cursor header = {{bytes, sizeof bytes}, SVA_PRINT_MAGIC_BYTES, false};
    const uint16_t major = sva_cursor_u16le(&header);
    (void)sva_cursor_u16le(&header);
    *method = sva_cursor_u32le(&header);
    return major == SVA_PRINT_MAJOR ? SVA_OK
                                    : sva_fail(reading->error, SVA_ERR_UNSUPPORTED,
                                               "%s: print format %u, this program reads %d",
                                               reading->what, major, SVA_PRINT_MAJOR);
}

static enum sva_status read_print(struct reading *reading)
{
    enum sva_status status = read_header(reading, &reading->print->method_version);
    if (status == SVA_OK) {
        status = decode_blocks(reading);
    }
    return status == SVA_OK ? sva_print_seal(reading->print, reading->error) : status;
}

static enum sva_status decode_source(const struct sva_source *source, const char *what,
                                     struct sva_print **print, struct sva_error *error)
{
    struct reading reading = {.print = sva_print_new(),
                              .source = source,
                              .what = what,
                              .zstd = ZSTD_createDCtx(),
                              .packed = sva_calloc(ZSTD_DStreamInSize(), 1),
                              .error = error};
    const bool ready = reading.print != NULL && reading.zstd != NULL && reading.packed != NULL;
    const enum sva_status status =
        ready ? read_print(&reading) : sva_fail_memory(error, "decoding a print");
    (void)ZSTD_freeDCtx(reading.zstd);
    sva_free(reading.packed);
    if (status != SVA_OK) {
        sva_print_free(reading.print);
        return status;
    }
    *print = reading.print;
    return SVA_OK;
}

enum sva_status sva_print_decode(const uint8_t *bytes, size_t size_bytes, const char *what,
                                 struct sva_print **print, struct sva_error *error)
{
    const struct sva_span span = {bytes, size_bytes};
    const struct sva_source source = sva_source_of_span(&span, what);
    return decode_source(&source, what, print, error);
}

enum sva_status sva_print_load(const char *path, struct sva_print **print, struct sva_error *error)
{
    struct sva_input input = {.fd = -1};
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status == SVA_OK && input.size_bytes > SVA_PRINT_FILE_MOST) {
        status = sva_fail(error, SVA_ERR_LIMIT,
                          "%s: has %" PRIu64 " bytes, more than the limit of %" PRIu64,
                          sva_esc(path).text, input.size_bytes, SVA_PRINT_FILE_MOST);
    }
    if (status == SVA_OK) {
        const struct sva_source source = sva_source_of_input(&input);
        status = decode_source(&source, sva_esc(path).text, print, error);
    }
    sva_input_close(&input);
    return status;
}

enum sva_status sva_print_sniff(const char *path, bool *is_print, struct sva_error *error)
{
    uint8_t head[SVA_PRINT_MAGIC_BYTES];
    size_t size = 0;
    uint64_t size_bytes = 0;
    const enum sva_status status =
        sva_file_head(path, head, sizeof head, &size, &size_bytes, error);
    if (status == SVA_OK) {
        *is_print = size_bytes >= SVA_PRINT_HEADER_BYTES + SVA_PRINT_BLOCK_HEADER_BYTES &&
                    memcmp(head, SVA_PRINT_MAGIC, SVA_PRINT_MAGIC_BYTES) == 0;
    }
    return status;
}

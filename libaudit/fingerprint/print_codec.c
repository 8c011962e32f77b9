/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The *.svp file: "SVAP", u16 major, u16 minor, u32 method version, then blocks
 *   u32 id, u64 plain bytes, u64 stored bytes, u64 XXH3 of the plain bytes, zstd frame
 * until the end of the file. All integers little-endian. Unknown blocks are
 * skipped, an unknown major is refused. The print's digest is SHA-256 over
 * (id, plain length, plain bytes) of the blocks we know, in ascending order.
 */
#include <sovaudit/print.h>

#include <string.h>
#include <zstd.h>

#include "base/cursor.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/look.h"
#include "base/text.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_internal.h"

enum { FORMAT_MAJOR = 1, FORMAT_MINOR = 7, FILE_HEADER_BYTES = 12, BLOCK_HEADER_BYTES = 28 };
enum { COMPRESSION_LEVEL = 5 };

static const char MAGIC[4] = {'S', 'V', 'A', 'P'};
static const uint64_t PLAIN_LIMIT = (uint64_t)1 << 30; /* one block, decompressed */
static const uint64_t FILE_LIMIT = (uint64_t)2 << 30;
static const uint64_t RATIO_LIMIT = 400;               /* zstd reaches it only on padding ... */
static const uint64_t RATIO_FREE = (uint64_t)32 << 20; /* ... and on many tensors without a part */

/** A block on its way into the file: compressed as it comes, its header filled in at the end. */
struct packing {
    struct sva_bytes *out;
    ZSTD_CCtx *zstd;
    struct sva_xxh3_stream *checksum;
    uint8_t *packed; /**< [ZSTD_CStreamOutSize()] */
    uint64_t plain_bytes;
    bool too_large;
};

static bool begin_packing(void *context, uint64_t plain_bytes)
{
    struct packing *const packing = context;
    packing->plain_bytes = plain_bytes;
    packing->too_large = plain_bytes > PLAIN_LIMIT;
    return !packing->too_large &&
           !ZSTD_isError(ZSTD_CCtx_reset(packing->zstd, ZSTD_reset_session_only)) &&
           !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(packing->zstd, plain_bytes));
}

/** Gives zstd the piece, and the file what comes out of it. */
static bool pack(struct packing *packing, const uint8_t *bytes, size_t size, ZSTD_EndDirective what)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    size_t left;
    do {
        ZSTD_outBuffer packed = {packing->packed, ZSTD_CStreamOutSize(), 0};
        left = ZSTD_compressStream2(packing->zstd, &packed, &in, what);
        if (ZSTD_isError(left)) {
            return false;
        }
        sva_bytes_append(packing->out, packed.dst, packed.pos);
    } while (what == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return !packing->out->failed;
}

static bool take_piece(void *context, const uint8_t *bytes, size_t size)
{
    struct packing *const packing = context;
    sva_xxh3_update(packing->checksum, bytes, size);
    return pack(packing, bytes, size, ZSTD_e_continue);
}

static void fill_in(uint8_t *at, uint64_t value)
{
    for (unsigned i = 0; i < sizeof value; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

/** False: out of memory, or packing->too_large. */
static bool put_block(const struct sva_print *print, uint32_t id, struct packing *packing)
{
    const struct sva_block_sink sink = {begin_packing, take_piece, packing};
    const size_t start = packing->out->size;
    packing->checksum = sva_xxh3_new(id);
    sva_put_u32(packing->out, id);
    for (int i = 0; i < 3; i++) {
        sva_put_u64(packing->out, 0); /* plain bytes, stored bytes, checksum */
    }
    const bool ok = packing->checksum != NULL && !packing->out->failed &&
                    sva_print_block_encode(print, id, &sink) && pack(packing, NULL, 0, ZSTD_e_end);
    if (ok) {
        uint8_t *const header = packing->out->data + start;
        fill_in(header + 4, packing->plain_bytes);
        fill_in(header + 12, packing->out->size - start - BLOCK_HEADER_BYTES);
        fill_in(header + 20, sva_xxh3_final(packing->checksum));
    }
    sva_xxh3_free(packing->checksum);
    return ok;
}

enum sva_status sva_print_encode(const struct sva_print *print, uint8_t **bytes, size_t *size_bytes,
                                 struct sva_error *error)
{
    struct sva_bytes out = {0};
    struct packing packing = {
        .out = &out, .zstd = ZSTD_createCCtx(), .packed = sva_calloc(ZSTD_CStreamOutSize(), 1)};
    sva_bytes_append(&out, MAGIC, sizeof MAGIC);
    sva_put_u16(&out, FORMAT_MAJOR);
    sva_put_u16(&out, FORMAT_MINOR);
    sva_put_u32(&out, print->method_version);
    bool ok = packing.zstd != NULL && packing.packed != NULL && !out.failed &&
              !ZSTD_isError(
                  ZSTD_CCtx_setParameter(packing.zstd, ZSTD_c_compressionLevel, COMPRESSION_LEVEL));
    for (uint32_t id = 1; ok && id <= SVA_PRINT_BLOCK_COUNT; id++) {
        ok = !sva_print_block_present(print, id) || put_block(print, id, &packing);
    }
    (void)ZSTD_freeCCtx(packing.zstd);
    sva_free(packing.packed);
    if (ok && out.size <= FILE_LIMIT) {
        *bytes = out.data;
        *size_bytes = out.size;
        return SVA_OK;
    }
    const bool too_large = packing.too_large || (ok && out.size > FILE_LIMIT);
    sva_bytes_done(&out);
    return too_large ? sva_fail(error, SVA_ERR_LIMIT,
                                "the print of these %zu tensors would be larger than a print may "
                                "be (a block %llu bytes, the file %llu)",
                                print->tensor_count, (unsigned long long)PLAIN_LIMIT,
                                (unsigned long long)FILE_LIMIT)
                     : sva_fail_memory(error, "encoding a print");
}

/** The print's digest on its way. */
struct sealing {
    struct sva_sha256 *state;
    uint32_t id;
};

static bool begin_sealing(void *context, uint64_t plain_bytes)
{
    const struct sealing *const sealing = context;
    uint8_t head[12];
    for (unsigned i = 0; i < 4; i++) {
        head[i] = (uint8_t)(sealing->id >> (8 * i));
    }
    fill_in(head + 4, plain_bytes);
    sva_sha256_update(sealing->state, head, sizeof head);
    return true;
}

static bool take_sealed(void *context, const uint8_t *bytes, size_t size)
{
    sva_sha256_update(((const struct sealing *)context)->state, bytes, size);
    return true;
}

enum sva_status sva_print_seal(struct sva_print *print, struct sva_error *error)
{
    struct sva_sha256 *const state = sva_sha256_new();
    bool ok = state != NULL;
    for (uint32_t id = 1; ok && id <= SVA_PRINT_BLOCK_COUNT; id++) {
        struct sealing sealing = {state, id};
        const struct sva_block_sink sink = {begin_sealing, take_sealed, &sealing};
        ok = !sva_print_block_present(print, id) || sva_print_block_encode(print, id, &sink);
    }
    if (ok) {
        sva_sha256_final(state, print->digest);
    }
    sva_sha256_free(state);
    return ok ? SVA_OK : sva_fail_memory(error, "sealing a print");
}

struct block {
    uint32_t id;
    uint64_t plain_bytes;
    uint64_t checksum;
    struct sva_span packed;
};

static enum sva_status read_block(struct sva_cursor *cursor, const char *what, struct block *block,
                                  struct sva_error *error)
{
    const size_t offset = cursor->position;
    block->id = sva_cursor_u32le(cursor);
    block->plain_bytes = sva_cursor_u64le(cursor);
    const uint64_t stored = sva_cursor_u64le(cursor);
    block->checksum = sva_cursor_u64le(cursor);
    block->packed.data = sva_cursor_take(cursor, stored);
    block->packed.size = (size_t)stored;
    if (cursor->failed) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, offset, "%s: block at byte %zu is cut short",
                           what, offset);
    }
    if (block->plain_bytes > PLAIN_LIMIT ||
        (block->plain_bytes > RATIO_FREE && block->plain_bytes / RATIO_LIMIT > stored)) {
        return sva_fail_at(error, SVA_ERR_LIMIT, offset,
                           "%s: block %u at byte %zu would expand to %llu bytes", what, block->id,
                           offset, (unsigned long long)block->plain_bytes);
    }
    return SVA_OK;
}

static enum sva_status decode_block(struct sva_print *print, const struct block *block,
                                    const char *what, struct sva_error *error)
{
    uint8_t *plain = sva_calloc((size_t)block->plain_bytes + 1, 1);
    if (plain == NULL) {
        return sva_fail_memory(error, "decoding a print");
    }
    enum sva_status status = SVA_OK;
    const size_t size =
        ZSTD_decompress(plain, (size_t)block->plain_bytes, block->packed.data, block->packed.size);
    if (ZSTD_isError(size) || size != block->plain_bytes ||
        sva_xxh3(plain, size, block->id) != block->checksum) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: block %u does not match its checksum", what,
                          block->id);
    } else {
        struct sva_cursor cursor = {{plain, size}, 0, false};
        status = sva_print_block_decode(print, block->id, &cursor, what, error);
        if (status == SVA_OK && (cursor.failed || sva_cursor_left(&cursor) != 0)) {
            status = sva_fail(error, SVA_ERR_CORRUPT, "%s: block %u has the wrong length", what,
                              block->id);
        }
    }
    sva_free(plain);
    return status;
}

static enum sva_status decode_blocks(struct sva_print *print, struct sva_cursor *cursor,
                                     const char *what, struct sva_error *error)
{
    uint32_t last = 0;
    while (sva_cursor_left(cursor) > 0) {
        struct block block;
        enum sva_status status = read_block(cursor, what, &block, error);
        if (status != SVA_OK) {
            return status;
        }
        if (block.id == 0 || block.id > SVA_PRINT_BLOCK_COUNT) {
            continue;
        }
        if (block.id <= last || (block.id != last + 1 && last < SVA_PRINT_BLOCKS_NEEDED)) {
            return sva_fail(error, SVA_ERR_CORRUPT, "%s: block %u is out of order", what, block.id);
        }
        last = block.id;
        status = decode_block(print, &block, what, error);
        if (status != SVA_OK) {
            return status;
        }
    }
    return last >= SVA_PRINT_BLOCKS_NEEDED
               ? SVA_OK
               : sva_fail(error, SVA_ERR_CORRUPT, "%s: block %u is missing", what, last + 1);
}

enum sva_status sva_print_decode(const uint8_t *bytes, size_t size_bytes, const char *what,
                                 struct sva_print **print, struct sva_error *error)
{
    struct sva_cursor cursor = {{bytes, size_bytes}, 0, false};
    const uint8_t *magic = sva_cursor_take(&cursor, sizeof MAGIC);
    if (magic == NULL || memcmp(magic, MAGIC, sizeof MAGIC) != 0) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, 0, "%s: not a print (no SVAP magic)", what);
    }
    const uint16_t major = sva_cursor_u16le(&cursor);
    (void)sva_cursor_u16le(&cursor);
    const uint32_t method = sva_cursor_u32le(&cursor);
    if (cursor.failed) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: the print's header is cut short", what);
    }
    if (major != FORMAT_MAJOR) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: print format %u, this program reads %d",
                        what, major, FORMAT_MAJOR);
    }
    struct sva_print *made = sva_print_new();
    if (made == NULL) {
        return sva_fail_memory(error, "decoding a print");
    }
    made->method_version = method;
    enum sva_status status = decode_blocks(made, &cursor, what, error);
    if (status == SVA_OK) {
        status = sva_print_seal(made, error);
    }
    if (status != SVA_OK) {
        sva_print_free(made);
        return status;
    }
    *print = made;
    return SVA_OK;
}

enum sva_status sva_print_save(const struct sva_print *print, const char *path,
                               struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_print_encode(print, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_write_file(path, bytes, size, error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_print_load(const char *path, struct sva_print **print, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, FILE_LIMIT, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_print_decode(bytes, size, sva_esc(path).text, print, error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_print_sniff(const char *path, bool *is_print, struct sva_error *error)
{
    uint8_t head[sizeof MAGIC];
    size_t size = 0;
    uint64_t size_bytes = 0;
    const enum sva_status status =
        sva_file_head(path, head, sizeof head, &size, &size_bytes, error);
    if (status == SVA_OK) {
        *is_print = size_bytes >= FILE_HEADER_BYTES + BLOCK_HEADER_BYTES &&
                    memcmp(head, MAGIC, sizeof MAGIC) == 0;
    }
    return status;
}

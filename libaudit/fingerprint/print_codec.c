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
static const uint64_t RATIO_LIMIT = 400; /* zstd reaches it only on padding ... */
static const uint64_t RATIO_FREE = (uint64_t)32 << 20; /* ... and on many tensors without a part */

static void put_block(struct sva_bytes *out, uint32_t id, const struct sva_bytes *plain)
{
    const size_t bound = ZSTD_compressBound(plain->size);
    uint8_t *packed = sva_calloc(bound, 1);
    const size_t size =
        packed == NULL ? 0
                       : ZSTD_compress(packed, bound, plain->data, plain->size, COMPRESSION_LEVEL);
    if (packed == NULL || ZSTD_isError(size)) {
        out->failed = true;
    } else {
        sva_put_u32(out, id);
        sva_put_u64(out, plain->size);
        sva_put_u64(out, size);
        sva_put_u64(out, sva_xxh3(plain->data, plain->size, id));
        sva_bytes_append(out, packed, size);
    }
    sva_free(packed);
}

enum sva_status sva_print_encode(const struct sva_print *print, uint8_t **bytes, size_t *size_bytes,
                                 struct sva_error *error)
{
    struct sva_bytes out = {0};
    sva_bytes_append(&out, MAGIC, sizeof MAGIC);
    sva_put_u16(&out, FORMAT_MAJOR);
    sva_put_u16(&out, FORMAT_MINOR);
    sva_put_u32(&out, print->method_version);
    for (uint32_t id = 1; id <= SVA_PRINT_BLOCK_COUNT; id++) {
        struct sva_bytes plain = {0};
        if (!sva_print_block_present(print, id)) {
            continue;
        }
        sva_print_block_encode(print, id, &plain);
        out.failed = out.failed || plain.failed;
        if (!out.failed) {
            put_block(&out, id, &plain);
        }
        sva_bytes_done(&plain);
    }
    if (out.failed) {
        sva_bytes_done(&out);
        return sva_fail_memory(error, "encoding a print");
    }
    *bytes = out.data;
    *size_bytes = out.size;
    return SVA_OK;
}

enum sva_status sva_print_seal(struct sva_print *print, struct sva_error *error)
{
    struct sva_sha256 *state = sva_sha256_new();
    bool ok = state != NULL;
    for (uint32_t id = 1; ok && id <= SVA_PRINT_BLOCK_COUNT; id++) {
        struct sva_bytes plain = {0};
        struct sva_bytes head = {0};
        if (!sva_print_block_present(print, id)) {
            continue;
        }
        sva_print_block_encode(print, id, &plain);
        sva_put_u32(&head, id);
        sva_put_u64(&head, plain.size);
        ok = !plain.failed && !head.failed;
        if (ok) {
            sva_sha256_update(state, head.data, head.size);
            sva_sha256_update(state, plain.data, plain.size);
        }
        sva_bytes_done(&plain);
        sva_bytes_done(&head);
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

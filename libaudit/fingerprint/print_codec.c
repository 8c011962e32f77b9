/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a print: into memory or straight into its file, and the digest of what is written. */
#include <sovaudit/print.h>

#include <string.h>
#include <zstd.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/output.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_file.h"
#include "fingerprint/print_internal.h"

enum {
    COMPRESSION_LEVEL = 5,
    PART_BYTES = 1 << 20,    /**< given to zstd at a time */
    SPARSE_PART_BYTES = 1024 /**< no block of zstd has less than 4 bytes: 256 for each, at most */
};

/** Where the file is put together: in memory or, if that is NULL, on the disk. */
struct destination {
    struct sva_bytes *memory;
    struct sva_output *disk;
    uint64_t size_bytes;
    enum sva_status status; /**< MEMORY, LIMIT, or why the disk could not be written */
    struct sva_error *error;
};

static bool append(struct destination *to, const void *bytes, size_t size)
{
    to->size_bytes += size;
    if (to->status == SVA_OK && to->size_bytes > SVA_PRINT_FILE_MOST) {
        to->status = SVA_ERR_LIMIT;
    }
    if (to->status == SVA_OK && to->memory != NULL) {
        sva_bytes_append(to->memory, bytes, size);
        to->status = to->memory->failed ? SVA_ERR_MEMORY : SVA_OK;
    } else if (to->status == SVA_OK) {
        to->status = sva_output_write(to->disk, bytes, size, to->error);
    }
    return to->status == SVA_OK;
}

/** Writes over what was appended, which it lies within. */
static bool write_over(struct destination *to, uint64_t offset, const uint8_t *bytes, size_t size)
{
    if (to->status == SVA_OK && to->memory != NULL) {
        memcpy(to->memory->data + offset, bytes, size);
    } else if (to->status == SVA_OK) {
        to->status = sva_output_rewrite(to->disk, offset, bytes, size, to->error);
    }
    return to->status == SVA_OK;
}

/** A block on its way into the file: compressed as it comes, its header filled in at the end. */
struct packing {
    struct destination *to;
    ZSTD_CCtx *zstd;
    struct sva_xxh3_stream *checksum;
    uint8_t *packed; /**< [ZSTD_CStreamOutSize()] */
    uint64_t plain_bytes;
    uint64_t taken_bytes; /**< of those, so far */
    uint64_t start;       /**< where the packed bytes begin */
};

static bool begin_packing(void *context, uint64_t plain_bytes)
{
    struct packing *const packing = context;
    packing->plain_bytes = plain_bytes;
    packing->taken_bytes = 0;
    packing->start = packing->to->size_bytes;
    if (plain_bytes > SVA_PRINT_BLOCK_MOST) {
        packing->to->status = SVA_ERR_LIMIT;
    }
    return plain_bytes <= SVA_PRINT_BLOCK_MOST &&
           !ZSTD_isError(ZSTD_CCtx_reset(packing->zstd, ZSTD_reset_session_only)) &&
           !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(packing->zstd, plain_bytes));
}

/** Gives zstd the piece, and the file what comes out of it. */
static bool pack(struct packing *packing, const uint8_t *bytes, size_t size, ZSTD_EndDirective what)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    size_t left;
    bool ok;
    do {
        ZSTD_outBuffer packed = {packing->packed, ZSTD_CStreamOutSize(), 0};
        left = ZSTD_compressStream2(packing->zstd, &packed, &in, what);
        ok = !ZSTD_isError(left) && append(packing->to, packed.dst, packed.pos);
    } while (ok && (what == ZSTD_e_continue ? in.pos < in.size : left > 0));
    return ok;
}

/** Is the block on the way to more plain bytes for each stored one than a reader takes? */
static bool is_sparse(const struct packing *packing)
{
    const uint64_t packed = packing->to->size_bytes - packing->start;
    return packing->plain_bytes > SVA_PRINT_RATIO_FREE &&
           packing->taken_bytes > packed * (SVA_PRINT_RATIO_MOST / 2);
}

/** Sketches of a matrix with hardly a value pack to nothing: they go into blocks of their own. */
static bool take_piece(void *context, const uint8_t *bytes, size_t size)
{
    struct packing *const packing = context;
    bool ok = true;
    sva_xxh3_update(packing->checksum, bytes, size);
    for (size_t at = 0; ok && at < size;) {
        const bool sparse = is_sparse(packing);
        const size_t most = sparse ? SPARSE_PART_BYTES : PART_BYTES;
        const size_t part = size - at < most ? size - at : most;
        ok = pack(packing, bytes + at, part, sparse ? ZSTD_e_flush : ZSTD_e_continue);
        packing->taken_bytes += part;
        at += part;
    }
    return ok;
}

static void put_u32_at(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < sizeof value; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static void put_u64_at(uint8_t *at, uint64_t value)
{
    put_u32_at(at, (uint32_t)value);
    put_u32_at(at + 4, (uint32_t)(value >> 32));
}

/** False: out of memory, or why is in the destination. */
static bool put_block(const struct sva_print *print, uint32_t id, struct packing *packing)
{
    const struct sva_block_sink sink = {begin_packing, take_piece, packing};
    const uint64_t start = packing->to->size_bytes;
    uint8_t header[SVA_PRINT_BLOCK_HEADER_BYTES] = {0};
    packing->checksum = sva_xxh3_new(id);
    const bool ok = packing->checksum != NULL && append(packing->to, header, sizeof header) &&
                    sva_print_block_encode(print, id, &sink) && pack(packing, NULL, 0, ZSTD_e_end);
    if (ok) {
        put_u32_at(header, id);
        put_u64_at(header + 4, packing->plain_bytes);
        put_u64_at(header + 12, packing->to->size_bytes - start - sizeof header);
        put_u64_at(header + 20, sva_xxh3_final(packing->checksum));
    }
    sva_xxh3_free(packing->checksum);
    return ok && write_over(packing->to, start, header, sizeof header);
}

static bool put_file_header(const struct sva_print *print, struct destination *to)
{
    uint8_t header[SVA_PRINT_HEADER_BYTES] = {[4] = SVA_PRINT_MAJOR, [6] = SVA_PRINT_MINOR};
    memcpy(header, SVA_PRINT_MAGIC, SVA_PRINT_MAGIC_BYTES);
    put_u32_at(header + 8, print->method_version);
    return append(to, header, sizeof header);
}

/** The whole file. */
static enum sva_status put_print(const struct sva_print *print, struct destination *to)
{
    struct packing packing = {
        .to = to, .zstd = ZSTD_createCCtx(), .packed = sva_calloc(ZSTD_CStreamOutSize(), 1)};
    bool ok = packing.zstd != NULL && packing.packed != NULL && put_file_header(print, to) &&
              !ZSTD_isError(
                  ZSTD_CCtx_setParameter(packing.zstd, ZSTD_c_compressionLevel, COMPRESSION_LEVEL));
    for (uint32_t id = 1; ok && id <= SVA_PRINT_BLOCK_COUNT; id++) {
        ok = !sva_print_block_present(print, id) || put_block(print, id, &packing);
    }
    (void)ZSTD_freeCCtx(packing.zstd);
    sva_free(packing.packed);
    if (to->status == SVA_ERR_LIMIT) {
        return sva_fail(to->error, SVA_ERR_LIMIT,
                        "the print of these %zu tensors would be larger than a print may be (a "
                        "block %llu bytes, the file %llu)",
                        print->tensor_count, (unsigned long long)SVA_PRINT_BLOCK_MOST,
                        (unsigned long long)SVA_PRINT_FILE_MOST);
    }
    return ok || (to->status != SVA_OK && to->status != SVA_ERR_MEMORY)
               ? to->status
               : sva_fail_memory(to->error, "encoding a print");
}

enum sva_status sva_print_encode(const struct sva_print *print, uint8_t **bytes, size_t *size_bytes,
                                 struct sva_error *error)
{
    struct sva_bytes out = {0};
    struct destination memory = {.memory = &out, .error = error};
    const enum sva_status status = put_print(print, &memory);
    if (status != SVA_OK) {
        sva_bytes_done(&out);
        return status;
    }
    *bytes = out.data;
    *size_bytes = out.size;
    return SVA_OK;
}

/** A pipe or a device takes the bytes only in their order. */
static enum sva_status save_in_order(const struct sva_print *print, struct sva_output *output,
                                     struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_print_encode(print, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_output_write(output, bytes, size, error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_print_save(const struct sva_print *print, const char *path,
                               struct sva_error *error)
{
    struct sva_output output;
    enum sva_status status = sva_output_open(path, &output, error);
    if (status == SVA_OK && sva_output_can_rewrite(&output)) {
        struct destination disk = {.disk = &output, .error = error};
        status = put_print(print, &disk);
    } else if (status == SVA_OK) {
        status = save_in_order(print, &output, error);
    }
    if (status == SVA_OK) {
        return sva_output_commit(&output, error);
    }
    sva_output_abandon(&output);
    return status;
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
    put_u32_at(head, sealing->id);
    put_u64_at(head + 4, plain_bytes);
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

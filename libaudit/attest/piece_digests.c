/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/piece_digests.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "attest/fields.h"
#include "attest/hash_runs.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"

enum { CHUNK_BYTES = 1 << 20, PIECES_MOST = 4000000 };

static int by_name(const void *left, const void *right)
{
    const struct sva_piece *const a = left;
    const struct sva_piece *const b = right;
    return strcmp(a->name, b->name);
}

static enum sva_status add_pieces(struct sva_grown *grown, const struct sva_tree_file *file,
                                  uint64_t shard_bytes, struct sva_arena *arena,
                                  struct sva_error *error)
{
    const uint64_t step = shard_bytes > 0 ? shard_bytes : file->size_bytes;
    uint64_t start = 0;
    do {
        const uint64_t left = file->size_bytes - start;
        const uint64_t end = start + (left < step ? left : step);
        if (shard_bytes > 0 && start == end) {
            break; /* nothing in it */
        }
        struct sva_piece *const piece = sva_grown_add(grown, arena, sizeof *piece);
        if (piece == NULL) {
            return sva_fail_memory(error, "listing files");
        }
        if (grown->count > PIECES_MOST) {
            return sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d pieces; take larger ones",
                            sva_esc(file->path).text, PIECES_MOST);
        }
        piece->file = file;
        piece->start = start;
        piece->end = end;
        piece->name = shard_bytes == 0
                          ? file->path
                          : sva_arena_printf(arena, "%s:%llu:%llu", file->path,
                                             (unsigned long long)start, (unsigned long long)end);
        if (piece->name == NULL) {
            return sva_fail_memory(error, "listing files");
        }
        start = end;
    } while (start < file->size_bytes);
    return SVA_OK;
}

enum sva_status sva_pieces_of(const struct sva_tree *tree, uint64_t shard_bytes,
                              struct sva_arena *arena, struct sva_piece **pieces, size_t *count,
                              struct sva_error *error)
{
    struct sva_grown grown = {.count = 0};
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->files[i].odd != NULL) {
            continue;
        }
        const enum sva_status status =
            add_pieces(&grown, &tree->files[i], shard_bytes, arena, error);
        if (status != SVA_OK) {
            return status;
        }
    }
    if (grown.count > 0) {
        qsort(grown.items, grown.count, sizeof(struct sva_piece), by_name);
    }
    *pieces = grown.items;
    *count = grown.count;
    return SVA_OK;
}

struct job {
    struct sva_piece *const *pieces;
    const struct sva_piece_options *options;
};

static enum sva_status digest_range(EVP_MD_CTX *context, const struct sva_input *input,
                                    const struct sva_piece *piece, uint8_t *buffer,
                                    const struct sva_progress *progress, struct sva_error *error)
{
    for (uint64_t at = piece->start; at < piece->end;) {
        const uint64_t left = piece->end - at;
        const size_t size = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        if (sva_is_cancelled(progress)) {
            return sva_fail(error, SVA_ERR_CANCELLED, "stopped on request");
        }
        const enum sva_status status = sva_input_read(input, at, buffer, size, error);
        if (status != SVA_OK) {
            return status;
        }
        if (EVP_DigestUpdate(context, buffer, size) != 1) {
            return sva_fail_memory(error, "hashing files");
        }
        at += size;
    }
    return SVA_OK;
}

static enum sva_status digest_blake2b(void *opaque, size_t item, struct sva_error *error)
{
    const struct job *const job = opaque;
    struct sva_piece *const piece = job->pieces[item];
    struct sva_input input = {.fd = -1};
    enum sva_status status =
        sva_input_open(-1, piece->file->full, job->options->follow, &input, error);
    if (status != SVA_OK) {
        return status;
    }
    uint8_t *const buffer = sva_calloc(CHUNK_BYTES, 1);
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    if (input.size_bytes != piece->file->size_bytes) {
        status = sva_fail(error, SVA_ERR_CONFLICT, "%s: changed while it was read",
                          sva_esc(piece->file->full).text);
    } else if (buffer == NULL || context == NULL ||
               EVP_DigestInit_ex(context, EVP_blake2b512(), NULL) != 1) {
        status = sva_fail_memory(error, "hashing files");
    } else {
        status = digest_range(context, &input, piece, buffer, job->options->progress, error);
    }
    if (status == SVA_OK && EVP_DigestFinal_ex(context, piece->digest, NULL) != 1) {
        status = sva_fail_memory(error, "hashing files");
    }
    EVP_MD_CTX_free(context);
    sva_free(buffer);
    sva_input_close(&input);
    return status;
}

enum sva_status sva_pieces_digest(struct sva_piece *const *pieces, size_t count,
                                  const struct sva_piece_options *options, struct sva_error *error)
{
    struct job job = {.pieces = pieces, .options = options};
    return options->kind == SVA_DIGEST_SHA256
               ? sva_pieces_sha256(pieces, count, options, error)
               : sva_parallel(count, options->threads, digest_blake2b, &job, options->progress,
                              error);
}

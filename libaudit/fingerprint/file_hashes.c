/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/file_hashes.h"

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/pool.h"
#include "model/weight_files.h"

enum {
    BLOCK_BYTES = 128 << 10,  /**< of each file; both of a pair stay in the cache */
    EXPECTED_BYTES = 64 << 20 /**< asked of the disk before they are needed */
};

/** How far the files of a group are. */
struct sva_group_hash {
    struct sva_sha256 states[2];
    uint64_t done_bytes;  /**< only whoever works on the group looks at it */
    uint64_t until_bytes; /**< how far it may go */
    bool busy;
};

enum sva_status sva_file_hashes_init(struct sva_file_hashes *hashes, const struct sva_model *model,
                                     const struct sva_read_order *order,
                                     struct sva_print_file *files, struct sva_error *error)
{
    *hashes = (struct sva_file_hashes){.model = model, .order = order, .files = files};
    hashes->groups = sva_calloc(order->group_count, sizeof *hashes->groups);
    if (hashes->groups == NULL) {
        return sva_fail_memory(error, "hashing files");
    }
    for (size_t i = 0; i < order->group_count; i++) {
        sva_sha256_init(&hashes->groups[i].states[0]);
        sva_sha256_init(&hashes->groups[i].states[1]);
    }
    if (pthread_mutex_init(&hashes->lock, NULL) != 0) {
        return sva_fail(error, SVA_ERR_INTERNAL, "no mutex could be made");
    }
    hashes->lock_made = true;
    return SVA_OK;
}

void sva_file_hashes_done(struct sva_file_hashes *hashes)
{
    if (hashes->lock_made) {
        (void)pthread_mutex_destroy(&hashes->lock);
    }
    sva_free(hashes->groups);
    *hashes = (struct sva_file_hashes){0};
}

/** Bytes of the group's file `which` in the block at `at`. */
static size_t block_size(const struct sva_file_hashes *hashes, const struct sva_read_group *group,
                         size_t which, uint64_t at)
{
    const uint64_t size =
        which < group->file_count ? hashes->files[group->files[which]].size_bytes : 0;
    return at >= size ? 0 : size - at < BLOCK_BYTES ? (size_t)(size - at) : BLOCK_BYTES;
}

/** One block of each file of the group. */
static enum sva_status hash_block(struct sva_file_hashes *hashes,
                                  const struct sva_read_group *group, struct sva_group_hash *hash,
                                  uint8_t *blocks, struct sva_error *error)
{
    uint8_t *const second = blocks + BLOCK_BYTES;
    size_t sizes[2];
    for (size_t i = 0; i < 2; i++) {
        sizes[i] = block_size(hashes, group, i, hash->done_bytes);
        const enum sva_status status =
            sizes[i] == 0
                ? SVA_OK
                : sva_model_read(hashes->model, (uint32_t)group->files[i], hash->done_bytes,
                                 blocks + i * BLOCK_BYTES, sizes[i], error);
        if (status != SVA_OK) {
            return status;
        }
    }
    const size_t both = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
    sva_sha256_update_pair(&hash->states[0], blocks, &hash->states[1], second, both);
    sva_sha256_update(&hash->states[0], blocks + both, sizes[0] - both);
    sva_sha256_update(&hash->states[1], second + both, sizes[1] - both);
    hash->done_bytes += BLOCK_BYTES;
    if (hashes->report != NULL) {
        hashes->report(hashes->context, sizes[0] + sizes[1]);
    }
    return SVA_OK;
}

static void finish_group(struct sva_file_hashes *hashes, const struct sva_read_group *group,
                         struct sva_group_hash *hash)
{
    for (size_t i = 0; i < group->file_count; i++) {
        struct sva_print_file *const file = &hashes->files[group->files[i]];
        sva_sha256_final(&hash->states[i], file->sha256);
        file->hashed = true;
    }
}

/** To `until`, which only this thread is about to do. */
static enum sva_status hash_until(struct sva_file_hashes *hashes,
                                  const struct sva_read_group *group, struct sva_group_hash *hash,
                                  uint64_t until, struct sva_error *error)
{
    uint8_t *const blocks = sva_calloc(2, BLOCK_BYTES);
    for (size_t i = 0; i < group->file_count; i++) {
        sva_model_expect(hashes->model, (uint32_t)group->files[i], until, EXPECTED_BYTES);
    }
    enum sva_status status = blocks == NULL ? sva_fail_memory(error, "hashing a file") : SVA_OK;
    while (status == SVA_OK && hash->done_bytes < until && hash->done_bytes < group->size_bytes) {
        status = sva_is_cancelled(hashes->progress)
                     ? sva_fail(error, SVA_ERR_CANCELLED, "stopped on request")
                     : hash_block(hashes, group, hash, blocks, error);
    }
    if (status == SVA_OK && hash->done_bytes >= group->size_bytes) {
        finish_group(hashes, group, hash);
    }
    sva_free(blocks);
    return status;
}

enum sva_status sva_file_hashes_advance(struct sva_file_hashes *hashes, size_t group,
                                        uint64_t until_bytes, struct sva_error *error)
{
    struct sva_group_hash *const hash = &hashes->groups[group];
    enum sva_status status = SVA_OK;
    (void)pthread_mutex_lock(&hashes->lock);
    const bool further = until_bytes > hash->until_bytes; /* or a later step came first */
    const bool works = further && !hash->busy;
    hash->until_bytes = further ? until_bytes : hash->until_bytes;
    hash->busy = hash->busy || works;
    for (uint64_t until = 0; works && status == SVA_OK && until < hash->until_bytes;) {
        until = hash->until_bytes;
        (void)pthread_mutex_unlock(&hashes->lock);
        status = hash_until(hashes, &hashes->order->groups[group], hash, until, error);
        (void)pthread_mutex_lock(&hashes->lock);
    }
    hash->busy = hash->busy && !works;
    (void)pthread_mutex_unlock(&hashes->lock);
    return status;
}

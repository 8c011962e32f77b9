/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SHA-256 of whole files, a step at a time while their tensors are scanned. A file's digest is
 * sequential: at any moment one thread works on a group; what others ask for meanwhile, it does
 * too.
 */
#ifndef SVA_FINGERPRINT_FILE_HASHES_H
#define SVA_FINGERPRINT_FILE_HASHES_H

#include <pthread.h>

#include <sovaudit/print.h>

#include "fingerprint/read_order.h"

struct sva_file_hashes {
    const struct sva_model *model;
    const struct sva_read_order *order;
    struct sva_print_file *files; /**< [model->file_count] gets the digests */
    const struct sva_progress *progress;
    void (*report)(void *context, uint64_t bytes); /**< called after each block */
    void *context;
    struct sva_group_hash *groups; /**< [order->group_count] */
    pthread_mutex_t lock;          /**< guards the groups' limits and who works on them */
    bool lock_made;
};

/** Borrows all it is given. Errors: MEMORY, INTERNAL. */
enum sva_status sva_file_hashes_init(struct sva_file_hashes *hashes, const struct sva_model *model,
                                     const struct sva_read_order *order,
                                     struct sva_print_file *files,
                                     struct sva_error *error) SVA_MUST_CHECK;
void sva_file_hashes_done(struct sva_file_hashes *hashes);

/**
 * Sees to it that the group's files are hashed up to `until_bytes` - by this thread, or by the one
 * that is at work on them. Any thread. Errors: those of sva_model_read, MEMORY, CANCELLED.
 */
enum sva_status sva_file_hashes_advance(struct sva_file_hashes *hashes, size_t group,
                                        uint64_t until_bytes,
                                        struct sva_error *error) SVA_MUST_CHECK;

#endif

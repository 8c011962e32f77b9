/* SPDX-License-Identifier: Apache-2.0 */
/**
 * In which order a model's bytes are looked at, so that the digest of each file and what is taken
 * from its tensors need its bytes from the disk once: files advance together with the tensors that
 * lie in them, a little ahead. The order follows from the model and the number of threads; the
 * print does not depend on it.
 */
#ifndef SVA_FINGERPRINT_READ_ORDER_H
#define SVA_FINGERPRINT_READ_ORDER_H

#include <sovaudit/model.h>

enum {
    SVA_HASH_STEP_BYTES = 32 << 20,
    SVA_HASH_AHEAD_BYTES =
        128 << 20 /**< hashed this far before the tensors that lie there are scanned */
};

/** Files that are hashed side by side: one stream, or two that one core advances in turns. */
struct sva_read_group {
    size_t files[2];
    size_t file_count;
    uint64_t size_bytes; /**< of the longer one */
};

/** `tensor` of a step that hashes the group's files up to `until_bytes`. */
#define SVA_STEP_HASHES SIZE_MAX

struct sva_read_step {
    size_t group;
    size_t tensor;
    uint64_t place; /**< steps of a group go by it */
    uint64_t until_bytes;
};

struct sva_read_order {
    struct sva_read_group *groups;
    size_t group_count;
    struct sva_read_step *steps;
    size_t step_count;
};

/**
 * Every tensor once, and the steps of every file when `hashing`; but for files that are `apart`
 * ([file_count], NULL: none). False: out of memory.
 */
bool sva_read_order_init(struct sva_read_order *order, const struct sva_model *model,
                         const bool *apart, bool hashing, uint32_t threads);
void sva_read_order_done(struct sva_read_order *order);

#endif

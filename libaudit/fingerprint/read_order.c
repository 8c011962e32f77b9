/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/read_order.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/pool.h"

enum {
    PAIRED_BYTES = 4 << 20, /**< shorter files are hashed alone */
    LONG_BYTES = 64 << 20   /**< of the last group, tensors from here on begin first */
};

static bool is_apart(const bool *apart, size_t file)
{
    return apart != NULL && apart[file];
}

static bool is_paired(const struct sva_model *model, const bool *apart, size_t file)
{
    return !is_apart(apart, file) && model->files[file].size_bytes >= PAIRED_BYTES;
}

/** With at least as many long files as threads, two streams on a core keep all of them busy. */
static bool pairs_pay(const struct sva_model *model, const bool *apart, uint32_t threads)
{
    size_t paired = 0;
    for (size_t i = 0; i < model->file_count; i++) {
        paired += is_paired(model, apart, i) ? 1 : 0;
    }
    return paired >= 2 && paired >= (threads == 0 ? sva_processor_count() : threads);
}

/** A file, and how long it is. */
struct sized_file {
    uint64_t size_bytes;
    size_t file;
};

static int longest_first(const void *a, const void *b)
{
    const struct sized_file *const left = a;
    const struct sized_file *const right = b;
    if (left->size_bytes != right->size_bytes) {
        return left->size_bytes > right->size_bytes ? -1 : 1;
    }
    return (left->file > right->file) - (left->file < right->file);
}

/**
 * partner[i]: the file that is hashed beside file i, or i itself. Of two streams the longer one
 * goes on alone, so that files of about one length belong together. False: out of memory.
 */
static bool find_partners(const struct sva_model *model, const bool *apart, bool pairs,
                          size_t *partner)
{
    struct sized_file *const sized = sva_calloc(model->file_count, sizeof *sized);
    size_t count = 0;
    if (sized == NULL) {
        return false;
    }
    for (size_t i = 0; i < model->file_count; i++) {
        partner[i] = i;
        if (pairs && is_paired(model, apart, i)) {
            sized[count++] = (struct sized_file){model->files[i].size_bytes, i};
        }
    }
    qsort(sized, count, sizeof *sized, longest_first);
    for (size_t i = 0; i + 1 < count; i += 2) {
        partner[sized[i].file] = sized[i + 1].file;
        partner[sized[i + 1].file] = sized[i].file;
    }
    sva_free(sized);
    return true;
}

static void add_file(struct sva_read_group *group, const struct sva_model *model, size_t file)
{
    const uint64_t size = model->files[file].size_bytes;
    group->files[group->file_count++] = file;
    group->size_bytes = size > group->size_bytes ? size : group->size_bytes;
}

/** Two long files to a group where that pays, every other file by itself. */
static bool make_groups(struct sva_read_order *order, const struct sva_model *model,
                        const bool *apart, uint32_t threads, size_t *group_of)
{
    size_t *const partner = sva_calloc(model->file_count, sizeof *partner);
    order->groups = sva_calloc(model->file_count, sizeof *order->groups);
    const bool ok = partner != NULL && order->groups != NULL &&
                    find_partners(model, apart, pairs_pay(model, apart, threads), partner);
    for (size_t i = 0; ok && i < model->file_count; i++) {
        if (is_apart(apart, i)) {
            continue;
        }
        if (partner[i] < i) {
            group_of[i] = group_of[partner[i]]; /* it is there already */
            continue;
        }
        struct sva_read_group *const group = &order->groups[order->group_count];
        add_file(group, model, i);
        if (partner[i] != i) {
            add_file(group, model, partner[i]);
        }
        group_of[i] = order->group_count++;
    }
    sva_free(partner);
    return ok;
}

static size_t hash_steps(const struct sva_read_group *group)
{
    const uint64_t steps = (group->size_bytes + SVA_HASH_STEP_BYTES - 1) / SVA_HASH_STEP_BYTES;
    return steps == 0 ? 1 : (size_t)steps;
}

static void add_hash_steps(struct sva_read_order *order, size_t group)
{
    const size_t count = hash_steps(&order->groups[group]);
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = (uint64_t)i * SVA_HASH_STEP_BYTES;
        order->steps[order->step_count++] = (struct sva_read_step){
            .group = group,
            .tensor = SVA_STEP_HASHES,
            .place = from > SVA_HASH_AHEAD_BYTES ? from - SVA_HASH_AHEAD_BYTES : 0,
            .until_bytes = from + SVA_HASH_STEP_BYTES,
        };
    }
}

static int by_place(const void *a, const void *b)
{
    const struct sva_read_step *const left = a;
    const struct sva_read_step *const right = b;
    const bool left_hashes = left->tensor == SVA_STEP_HASHES;
    const bool right_hashes = right->tensor == SVA_STEP_HASHES;
    if (left->group != right->group) {
        return left->group < right->group ? -1 : 1;
    }
    if (left->place != right->place) {
        return left->place < right->place ? -1 : 1;
    }
    if (left_hashes != right_hashes) {
        return left_hashes ? -1 : 1;
    }
    if (left_hashes) {
        return (left->until_bytes > right->until_bytes) - (left->until_bytes < right->until_bytes);
    }
    return (left->tensor > right->tensor) - (left->tensor < right->tensor);
}

/** So that no thread is left alone with a long tensor at the end. */
static uint64_t tensor_place(const struct sva_tensor *tensor, bool last_group)
{
    return last_group && tensor->size_bytes >= LONG_BYTES ? 0 : tensor->offset_bytes;
}

bool sva_read_order_init(struct sva_read_order *order, const struct sva_model *model,
                         const bool *apart, bool hashing, uint32_t threads)
{
    *order = (struct sva_read_order){0};
    size_t *const group_of = sva_calloc(model->file_count, sizeof *group_of);
    bool ok = group_of != NULL && make_groups(order, model, apart, threads, group_of);
    size_t count = model->tensor_count;
    for (size_t i = 0; ok && hashing && i < order->group_count; i++) {
        count += hash_steps(&order->groups[i]);
    }
    order->steps = ok ? sva_calloc(count, sizeof *order->steps) : NULL;
    ok = order->steps != NULL;
    for (size_t i = 0; ok && hashing && i < order->group_count; i++) {
        add_hash_steps(order, i);
    }
    size_t last = 0;
    for (size_t i = 0; ok && i < model->tensor_count; i++) {
        const uint32_t file = model->tensors[i].file;
        last = !is_apart(apart, file) && group_of[file] > last ? group_of[file] : last;
    }
    for (size_t i = 0; ok && i < model->tensor_count; i++) {
        if (is_apart(apart, model->tensors[i].file)) {
            continue;
        }
        const size_t group = group_of[model->tensors[i].file];
        order->steps[order->step_count++] = (struct sva_read_step){
            .group = group,
            .tensor = i,
            .place = tensor_place(&model->tensors[i], group == last),
        };
    }
    sva_free(group_of);
    if (!ok) {
        sva_read_order_done(order);
        return false;
    }
    qsort(order->steps, order->step_count, sizeof *order->steps, by_place);
    return true;
}

void sva_read_order_done(struct sva_read_order *order)
{
    sva_free(order->groups);
    sva_free(order->steps);
    *order = (struct sva_read_order){0};
}

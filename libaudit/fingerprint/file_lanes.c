/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/file_lanes.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/direct.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/pool.h"
#include "model/weight_files.h"

enum { STRIDE_BYTES = 8 << 20 /* passed over between two looks at whether to stop */ };

struct lane_tensor {
    uint32_t file;
    uint64_t offset_bytes;
    size_t tensor;
};

struct lane {
    struct sva_model_lanes *all;
    struct sva_direct_file *bytes;
    uint32_t file;
    uint64_t size_bytes;
    struct sva_sha256 sha256;
    const struct lane_tensor *tensors; /* [tensor_count], in the order of their places */
    size_t tensor_count;
    uint64_t passed_bytes; /* nothing before is asked for any more */
};

struct sva_model_lanes {
    const struct sva_lane_work *work;
    struct sva_direct *direct;
    struct lane *lanes; /* the longest first */
    size_t lane_count;
    size_t items_each;     /* 2: a thread reads and one hashes */
    _Atomic size_t failed; /* the first lane of those that failed, or SIZE_MAX */
    struct lane_tensor *tensors;
};

static int by_place(const void *a, const void *b)
{
    const struct lane_tensor *const left = a;
    const struct lane_tensor *const right = b;
    if (left->file != right->file) {
        return left->file < right->file ? -1 : 1;
    }
    if (left->offset_bytes != right->offset_bytes) {
        return left->offset_bytes < right->offset_bytes ? -1 : 1;
    }
    return (left->tensor > right->tensor) - (left->tensor < right->tensor);
}

static int longest_first(const void *a, const void *b)
{
    const struct lane *const left = a;
    const struct lane *const right = b;
    if (left->size_bytes != right->size_bytes) {
        return left->size_bytes > right->size_bytes ? -1 : 1;
    }
    return (left->file > right->file) - (left->file < right->file);
}

static void hash_piece(void *context, const uint8_t *bytes, size_t size)
{
    struct lane *const lane = context;
    const struct sva_lane_work *const work = lane->all->work;
    sva_sha256_update(&lane->sha256, bytes, size);
    if (work->report != NULL) {
        work->report(work->context, size);
    }
}

/** Which files it pays to read directly, and how many. */
static size_t choose_files(const struct sva_lane_work *work, bool *apart)
{
    size_t count = 0;
    for (size_t i = 0; i < work->model->file_count; i++) {
        const struct sva_input *const input = sva_model_input(work->model, (uint32_t)i);
        apart[i] = input != NULL && sva_direct_pays(input);
        count += apart[i] ? 1 : 0;
    }
    return count;
}

/** The tensors of the files that are apart, in the order of their places. NULL: out of memory. */
static struct lane_tensor *sort_tensors(const struct sva_model *model, const bool *apart,
                                        size_t *count)
{
    struct lane_tensor *const tensors = sva_calloc(model->tensor_count, sizeof *tensors);
    *count = 0;
    for (size_t i = 0; tensors != NULL && i < model->tensor_count; i++) {
        const struct sva_tensor *const tensor = &model->tensors[i];
        if (apart[tensor->file]) {
            tensors[(*count)++] = (struct lane_tensor){tensor->file, tensor->offset_bytes, i};
        }
    }
    if (tensors != NULL) {
        qsort(tensors, *count, sizeof *tensors, by_place);
    }
    return tensors;
}

/** A lane for each file that is apart, with its tensors. False: out of memory. */
static bool add_lanes(struct sva_model_lanes *lanes, const bool *apart)
{
    const struct sva_model *const model = lanes->work->model;
    size_t count, next = 0;
    lanes->tensors = sort_tensors(model, apart, &count);
    for (uint32_t file = 0; lanes->tensors != NULL && file < model->file_count; file++) {
        const size_t first = next;
        while (next < count && lanes->tensors[next].file == file) {
            next++;
        }
        if (apart[file]) {
            lanes->lanes[lanes->lane_count++] =
                (struct lane){.all = lanes,
                              .file = file,
                              .size_bytes = model->files[file].size_bytes,
                              .tensors = lanes->tensors + first,
                              .tensor_count = next - first};
        }
    }
    qsort(lanes->lanes, lanes->lane_count, sizeof *lanes->lanes, longest_first);
    return lanes->tensors != NULL;
}

/** False: out of memory. */
static bool prepare_lanes(struct sva_model_lanes *lanes)
{
    const struct sva_lane_work *const work = lanes->work;
    for (size_t i = 0; i < lanes->lane_count; i++) {
        struct lane *const lane = &lanes->lanes[i];
        sva_sha256_init(&lane->sha256);
        lane->bytes = sva_direct_file_new(lanes->direct, sva_model_input(work->model, lane->file),
                                          work->hashing ? hash_piece : NULL, lane);
        if (lane->bytes == NULL) {
            return false;
        }
    }
    return true;
}

static void free_lanes(struct sva_model_lanes *lanes)
{
    for (size_t i = 0; i < lanes->lane_count; i++) {
        sva_direct_file_free(lanes->lanes[i].bytes);
    }
    sva_direct_free(lanes->direct);
    sva_free(lanes->lanes);
    sva_free(lanes->tensors);
    sva_free(lanes);
}

/** NULL: out of memory, or no thread can be started. */
static struct sva_model_lanes *make_lanes(const struct sva_lane_work *work, const bool *apart,
                                          size_t count, uint32_t threads)
{
    struct sva_model_lanes *const made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->work = work;
    made->items_each = work->hashing && count < threads ? 2 : 1;
    made->lanes = sva_calloc(count, sizeof *made->lanes);
    made->direct = sva_direct_new(count < threads ? (uint32_t)count : threads);
    atomic_init(&made->failed, SIZE_MAX);
    if (made->lanes == NULL || made->direct == NULL || !add_lanes(made, apart) ||
        !prepare_lanes(made)) {
        free_lanes(made);
        return NULL;
    }
    return made;
}

enum sva_status sva_file_lanes_init(struct sva_file_lanes *lanes, const struct sva_lane_work *work,
                                    struct sva_error *error)
{
    const uint32_t threads = work->threads == 0 ? sva_processor_count() : work->threads;
    *lanes = (struct sva_file_lanes){.threads = threads,
                                     .apart = sva_calloc(work->model->file_count, 1)};
    if (lanes->apart == NULL) {
        return sva_fail_memory(error, "looking for files to read directly");
    }
    const size_t count = choose_files(work, lanes->apart);
    if (count > 0 && threads <= 2 * count) { /* else tensors of one file are scanned side by side */
        lanes->internal = make_lanes(work, lanes->apart, count, threads);
    }
    if (lanes->internal == NULL) {
        sva_file_lanes_done(lanes);
        return SVA_OK;
    }
    lanes->item_count = lanes->internal->lane_count * lanes->internal->items_each;
    return SVA_OK;
}

static void free_internal(struct sva_file_lanes *lanes)
{
    if (lanes->internal != NULL) {
        free_lanes(lanes->internal);
    }
    lanes->internal = NULL;
}

void sva_file_lanes_done(struct sva_file_lanes *lanes)
{
    free_internal(lanes);
    sva_free(lanes->apart);
    *lanes = (struct sva_file_lanes){0};
}

/** Stopped on request, or by a lane whose error comes first: the same for any number of threads. */
static enum sva_status go_on(const struct lane *lane, struct sva_error *error)
{
    const size_t place = (size_t)(lane - lane->all->lanes);
    return sva_is_cancelled(lane->all->work->progress) || place > atomic_load(&lane->all->failed)
               ? sva_fail(error, SVA_ERR_CANCELLED, "stopped on request")
               : SVA_OK;
}

static void note_failed(struct sva_model_lanes *all, size_t place)
{
    size_t first = atomic_load(&all->failed);
    while (place < first && !atomic_compare_exchange_weak(&all->failed, &first, place)) {
    }
}

static enum sva_status pass_to(struct lane *lane, uint64_t offset, struct sva_error *error)
{
    enum sva_status status = go_on(lane, error);
    while (status == SVA_OK && lane->passed_bytes < offset) {
        const uint64_t left = offset - lane->passed_bytes;
        lane->passed_bytes += left < STRIDE_BYTES ? left : STRIDE_BYTES;
        status = sva_direct_move_to(lane->bytes, lane->passed_bytes, error);
        status = status == SVA_OK ? go_on(lane, error) : status;
    }
    return status;
}

/** What no tensor claims at the end, and the digest. */
static enum sva_status finish_hash(struct lane *lane, struct sva_error *error)
{
    struct sva_print_file *const file = &lane->all->work->files[lane->file];
    enum sva_status status = pass_to(lane, lane->size_bytes, error);
    if (status == SVA_OK) {
        status = sva_direct_finish(lane->bytes, error);
    }
    if (status == SVA_OK) {
        sva_sha256_final(&lane->sha256, file->sha256);
        file->hashed = true;
    }
    return status;
}

static enum sva_status read_lane(struct lane *lane, struct sva_error *error)
{
    const struct sva_lane_work *const work = lane->all->work;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < lane->tensor_count; i++) {
        status = pass_to(lane, lane->tensors[i].offset_bytes, error);
        if (status == SVA_OK) {
            status = work->scan(work->context, lane->tensors[i].tensor, error);
        }
    }
    return status == SVA_OK && work->hashing ? finish_hash(lane, error) : status;
}

static enum sva_status do_item(void *context, size_t item, struct sva_error *error)
{
    struct sva_model_lanes *const all = context;
    const size_t place = item / all->items_each;
    struct lane *const lane = &all->lanes[place];
    if (item % all->items_each == 1) {
        return sva_direct_help(lane->bytes, error);
    }
    sva_direct_begin(lane->bytes);
    const enum sva_status status = read_lane(lane, error);
    sva_direct_end(lane->bytes);
    if (status != SVA_OK) {
        note_failed(all, place);
    }
    return status;
}

enum sva_status sva_file_lanes_read(struct sva_file_lanes *lanes, struct sva_error *error)
{
    if (lanes->internal == NULL) {
        return SVA_OK;
    }
    const enum sva_status status =
        sva_parallel(lanes->item_count, lanes->threads, do_item, lanes->internal,
                     lanes->internal->work->progress, error);
    free_internal(lanes);
    return status;
}

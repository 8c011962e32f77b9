/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/file_lanes.h"

#include <stdlib.h>

#include "base/direct.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/pool.h"
#include "model/weight_files.h"

struct lane {
    const struct sva_lane_work *work;
    struct sva_direct_file *bytes;
    uint32_t file;
    uint64_t size_bytes;
    struct sva_sha256 sha256;
    const struct lane_tensor *tensors; /* [tensor_count], in the order of their places */
    size_t tensor_count;
};

struct lane_tensor {
    uint32_t file;
    uint64_t offset_bytes;
    size_t tensor;
};

struct sva_model_lanes {
    const struct sva_lane_work *work;
    struct sva_direct *direct;
    struct lane *lanes;
    size_t lane_count;
    size_t items_each; /* 2: a thread reads and one hashes */
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
    sva_sha256_update(&lane->sha256, bytes, size);
    if (lane->work->report != NULL) {
        lane->work->report(lane->work->context, size);
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

/** Gives each chosen file a lane with its tensors. False: out of memory. */
static bool describe_lanes(struct sva_model_lanes *lanes, const bool *apart, size_t *described)
{
    const struct sva_lane_work *const work = lanes->work;
    const struct sva_model *const model = work->model;
    lanes->tensors = sva_calloc(model->tensor_count, sizeof *lanes->tensors);
    if (lanes->tensors == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct sva_tensor *const tensor = &model->tensors[i];
        if (apart[tensor->file]) {
            lanes->tensors[count++] = (struct lane_tensor){tensor->file, tensor->offset_bytes, i};
        }
    }
    qsort(lanes->tensors, count, sizeof *lanes->tensors, by_place);
    size_t next = 0;
    for (uint32_t file = 0; file < model->file_count; file++) {
        const size_t first = next;
        while (next < count && lanes->tensors[next].file == file) {
            next++;
        }
        if (apart[file]) {
            lanes->lanes[(*described)++] =
                (struct lane){.work = work,
                              .file = file,
                              .size_bytes = model->files[file].size_bytes,
                              .tensors = lanes->tensors + first,
                              .tensor_count = next - first};
        }
    }
    return true;
}

/** Opens the files of the lanes, the longest first; one that cannot be opened so is not apart. */
static void open_lanes(struct sva_model_lanes *lanes, bool *apart, size_t described)
{
    const struct sva_lane_work *const work = lanes->work;
    qsort(lanes->lanes, described, sizeof *lanes->lanes, longest_first);
    for (size_t i = 0; i < described; i++) {
        struct lane *const lane = &lanes->lanes[lanes->lane_count];
        *lane = lanes->lanes[i];
        sva_sha256_init(&lane->sha256);
        lane->bytes = sva_direct_file_new(lanes->direct, sva_model_input(work->model, lane->file),
                                          work->hashing ? hash_piece : NULL, lane);
        apart[lane->file] = lane->bytes != NULL;
        lanes->lane_count += lane->bytes != NULL ? 1 : 0;
    }
}

static void free_lanes(struct sva_model_lanes *lanes)
{
    for (size_t i = 0; i < lanes->lane_count; i++) {
        sva_model_read_directly(lanes->work->model, lanes->lanes[i].file, NULL);
        sva_direct_file_free(lanes->lanes[i].bytes);
    }
    sva_direct_free(lanes->direct);
    sva_free(lanes->lanes);
    sva_free(lanes->tensors);
    sva_free(lanes);
}

/** NULL: out of memory, or no file can be read so. */
static struct sva_model_lanes *make_lanes(const struct sva_lane_work *work, bool *apart,
                                          size_t count, uint32_t threads)
{
    struct sva_model_lanes *const made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->work = work;
    made->lanes = sva_calloc(count, sizeof *made->lanes);
    made->direct = sva_direct_new(count < threads ? (uint32_t)count : threads);
    size_t described = 0;
    if (made->lanes != NULL && made->direct != NULL && describe_lanes(made, apart, &described)) {
        open_lanes(made, apart, described);
    }
    if (made->lane_count == 0) {
        free_lanes(made);
        return NULL;
    }
    made->items_each = work->hashing && made->lane_count < threads ? 2 : 1;
    for (size_t i = 0; i < made->lane_count; i++) {
        sva_model_read_directly(work->model, made->lanes[i].file, made->lanes[i].bytes);
    }
    return made;
}

enum sva_status sva_file_lanes_init(struct sva_file_lanes *lanes, const struct sva_lane_work *work,
                                    struct sva_error *error)
{
    const uint32_t threads = work->threads == 0 ? sva_processor_count() : work->threads;
    *lanes = (struct sva_file_lanes){.apart = sva_calloc(work->model->file_count, 1)};
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

void sva_file_lanes_done(struct sva_file_lanes *lanes)
{
    if (lanes->internal != NULL) {
        free_lanes(lanes->internal);
    }
    sva_free(lanes->apart);
    *lanes = (struct sva_file_lanes){0};
}

static enum sva_status read_lane(struct lane *lane, struct sva_error *error)
{
    const struct sva_lane_work *const work = lane->work;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < lane->tensor_count; i++) {
        status = sva_is_cancelled(work->progress)
                     ? sva_fail(error, SVA_ERR_CANCELLED, "stopped on request")
                     : sva_direct_move_to(lane->bytes, lane->tensors[i].offset_bytes, error);
        if (status == SVA_OK) {
            status = work->scan(work->context, lane->tensors[i].tensor, error);
        }
    }
    if (status == SVA_OK) {
        status = sva_direct_finish(lane->bytes, error);
    }
    if (status == SVA_OK && work->hashing) {
        struct sva_print_file *const file = &work->files[lane->file];
        sva_sha256_final(&lane->sha256, file->sha256);
        file->hashed = true;
    }
    return status;
}

enum sva_status sva_file_lanes_do(struct sva_file_lanes *lanes, size_t item,
                                  struct sva_error *error)
{
    struct sva_model_lanes *const all = lanes->internal;
    struct lane *const lane = &all->lanes[item / all->items_each];
    if (item % all->items_each == 1) {
        return sva_direct_help(lane->bytes, error);
    }
    sva_direct_begin(lane->bytes);
    const enum sva_status status = read_lane(lane, error);
    sva_direct_end(lane->bytes);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/optimiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/tensor_values.h"

enum { CHUNK = 65536, SHAPES = 8, LOOKED_AT = 4 * CHUNK };

enum part { PART_OTHER, PART_FIRST, PART_SECOND, PART_STEP };

/** Rank and sizes, dimensions of one left out: optimisers keep some and drop some. */
struct shape {
    uint32_t rank;
    uint64_t n[SHAPES];
};

/** A moment: whose it is, and its shape. */
struct moment {
    const char *owner; /* its name without what says which moment it is */
    enum part part;
    struct shape shape;
};

struct work {
    const struct sva_model *model;
    const struct sva_model *state;
    struct sva_arena *arena;
    struct sva_trace_optimiser *out;
    struct moment *moments;
    size_t count;
    struct shape *weights;
};

static bool is_state_name(const char *path)
{
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    const size_t length = strlen(base);
    const bool known = strncmp(base, "optim", 5) == 0 || strstr(base, "optim_states") != NULL;
    static const char *const ENDINGS[] = {".pt", ".bin", ".pth", ".safetensors"};
    for (size_t i = 0; known && i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
        const size_t size = strlen(ENDINGS[i]);
        if (length > size && strcmp(base + length - size, ENDINGS[i]) == 0) {
            return true;
        }
    }
    return false;
}

static struct shape shape_of(const struct sva_tensor *tensor)
{
    struct shape shape = {.rank = 0};
    for (uint32_t i = 0; i < tensor->rank && shape.rank < SHAPES; i++) {
        if (tensor->shape[i] != 1) {
            shape.n[shape.rank++] = tensor->shape[i];
        }
    }
    return shape;
}

static int by_shape(const void *left, const void *right)
{
    const struct shape *a = left;
    const struct shape *b = right;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->rank; i++) {
        if (a->n[i] != b->n[i]) {
            return a->n[i] < b->n[i] ? -1 : 1;
        }
    }
    return 0;
}

static int by_owner(const void *left, const void *right)
{
    const struct moment *a = left;
    const struct moment *b = right;
    const int owner = strcmp(a->owner, b->owner);
    return owner != 0 ? owner : (int)a->part - (int)b->part;
}

/** Which moment it is, and the name without the word for it, in `arena`; NULL: out of memory. */
static const char *owner_of(struct sva_arena *arena, const char *name, enum part *part)
{
    static const struct {
        const char *word;
        enum part part;
    } WORDS[] = {{"exp_avg_sq", PART_SECOND}, {"exp_avg", PART_FIRST}, {"step", PART_STEP}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        const char *at = strstr(name, WORDS[i].word);
        const size_t length = strlen(WORDS[i].word);
        const bool ends = at != NULL && (at[length] == '\0' || at[length] == '.');
        if (at != NULL && ends && (at == name || at[-1] == '.')) {
            *part = WORDS[i].part;
            return sva_arena_printf(arena, "%.*s%s", (int)(at - name), name, at + length);
        }
    }
    *part = PART_OTHER;
    return "";
}

static void take_step(struct sva_trace_optimiser *out, double step)
{
    out->step_least = !(out->step_least <= step) ? step : out->step_least;
    out->step_most = !(out->step_most >= step) ? step : out->step_most;
}

/** Looks at the first values of a tensor: the step, or whether a square is negative. */
static enum sva_status look_at_values(struct work *work, const struct sva_tensor *tensor,
                                      enum part part, struct sva_error *error)
{
    struct sva_values values = {.model = NULL};
    float *chunk = sva_calloc(CHUNK, sizeof *chunk);
    bool negative = false;
    enum sva_status status = chunk != NULL ? sva_values_open(work->state, tensor, &values, error)
                                           : sva_fail_memory(error, "reading an optimiser's state");
    const uint64_t most =
        tensor->element_count < LOOKED_AT ? tensor->element_count : (uint64_t)LOOKED_AT;
    const uint64_t end = part == PART_STEP && most > 1 ? 1 : most;
    for (uint64_t at = 0; status == SVA_OK && values.decodable && at < end; at += CHUNK) {
        const size_t count = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        status = sva_values_read(&values, at, count, chunk, NULL, error);
        for (size_t i = 0; status == SVA_OK && i < count; i++) {
            negative = negative || !(chunk[i] >= 0.0F);
        }
        if (status == SVA_OK && part == PART_STEP) {
            take_step(work->out, (double)chunk[0]);
        }
    }
    work->out->negative_count += part == PART_SECOND && negative ? 1 : 0;
    sva_values_done(&values);
    sva_free(chunk);
    return status;
}

static enum sva_status take_moments(struct work *work, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < work->state->tensor_count; i++) {
        const struct sva_tensor *tensor = &work->state->tensors[i];
        enum part part = PART_OTHER;
        const char *owner = owner_of(work->arena, tensor->name, &part);
        if (owner == NULL) {
            return sva_fail_memory(error, "reading an optimiser's state");
        }
        if (part == PART_FIRST || part == PART_SECOND) {
            work->moments[work->count++] = (struct moment){owner, part, shape_of(tensor)};
            work->out->first_count += part == PART_FIRST ? 1 : 0;
            work->out->second_count += part == PART_SECOND ? 1 : 0;
        }
        if (part == PART_SECOND || part == PART_STEP) {
            status = look_at_values(work, tensor, part, error);
        }
    }
    return status;
}

static void match(struct work *work)
{
    const size_t weights = work->model->tensor_count;
    for (size_t i = 0; i < weights; i++) {
        work->weights[i] = shape_of(&work->model->tensors[i]);
    }
    qsort(work->weights, weights, sizeof *work->weights, by_shape);
    qsort(work->moments, work->count, sizeof *work->moments, by_owner);
    for (size_t i = 0; i < work->count; i++) {
        const struct moment *moment = &work->moments[i];
        const struct moment *next = i + 1 < work->count ? moment + 1 : NULL;
        work->out->unmatched_count +=
            bsearch(&moment->shape, work->weights, weights, sizeof *work->weights, by_shape) == NULL
                ? 1
                : 0;
        if (next != NULL && strcmp(next->owner, moment->owner) == 0 && next->part != moment->part) {
            work->out->unpaired_count += by_shape(&next->shape, &moment->shape) == 0 ? 0 : 1;
            work->out->unmatched_count += bsearch(&next->shape, work->weights, weights,
                                                  sizeof *work->weights, by_shape) == NULL
                                              ? 1
                                              : 0;
            i++;
        } else {
            work->out->unpaired_count++;
        }
    }
}

static enum sva_status read_state(struct work *work, struct sva_error *error)
{
    work->moments = sva_calloc(work->state->tensor_count, sizeof *work->moments);
    work->weights = sva_calloc(work->model->tensor_count, sizeof *work->weights);
    if (work->moments == NULL || work->weights == NULL) {
        return sva_fail_memory(error, "reading an optimiser's state");
    }
    const enum sva_status status = take_moments(work, error);
    if (status == SVA_OK) {
        match(work);
    }
    return status;
}

enum sva_status sva_optimiser_look(const struct sva_model *model, struct sva_arena *arena,
                                   struct sva_trace_optimiser *out, struct sva_error *error)
{
    struct work work = {.model = model, .arena = arena, .out = out};
    const struct sva_file *file = NULL;
    out->step_least = out->step_most = NAN;
    for (size_t i = 0; i < model->file_count && file == NULL; i++) {
        file = is_state_name(model->files[i].path) ? &model->files[i] : NULL;
    }
    if (file == NULL) {
        return SVA_OK;
    }
    const char *path = sva_arena_printf(arena, "%s/%s", model->root, file->path);
    out->file = sva_arena_strdup(arena, file->path);
    if (path == NULL || out->file == NULL) {
        return sva_fail_memory(error, "reading an optimiser's state");
    }
    struct sva_model *state = NULL;
    struct sva_error reason = {.status = SVA_OK};
    enum sva_status status = sva_model_open(path, NULL, &state, &reason);
    work.state = state;
    status = status == SVA_OK ? read_state(&work, &reason) : status;
    if (status != SVA_OK && status != SVA_ERR_MEMORY && status != SVA_ERR_CANCELLED) {
        out->unread = sva_arena_strdup(arena, reason.text);
        status = out->unread != NULL ? SVA_OK : sva_fail_memory(error, "reading a state");
    } else if (status != SVA_OK && error != NULL && error->status == SVA_OK) {
        *error = reason;
    }
    sva_free(work.moments);
    sva_free(work.weights);
    sva_model_close(state);
    return status;
}

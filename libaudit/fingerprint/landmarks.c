/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/landmarks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/token_rows.h"
#include "kernel/ordered_sums.h"
#include "model/tensor_values.h"

/* Keeps the choice apart from the sketches'. */
#define LANDMARK_DOMAIN (0x6c616e646d726b00u + SVA_METHOD_VERSION)

enum {
    WIDTH_MOST = 1 << 15,
    KERNEL_MOST = 8 << 20, /**< elements of a patch kernel, which is read whole */
    READ_MOST = 1 << 20    /**< elements a read */
};

/** A landmark on offer. */
struct offer {
    uint64_t hash, key, index;
};

static int by_hash(const void *a, const void *b)
{
    const struct offer *left = a;
    const struct offer *right = b;
    if (left->hash != right->hash) {
        return left->hash < right->hash ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

static int by_key(const void *a, const void *b)
{
    const struct offer *left = a;
    const struct offer *right = b;
    return (left->key > right->key) - (left->key < right->key);
}

/**
 * The first of `count` offers in the order of their hashes, then by key; two vocabularies of one
 * language choose mostly the same tokens.
 */
static uint32_t choose(struct offer *offers, size_t count, uint64_t domain)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        offers[i].hash = sva_mix64(offers[i].key ^ domain);
    }
    qsort(offers, count, sizeof *offers, by_hash);
    for (size_t i = 0; i < count && kept < SVA_LANDMARKS_MOST; i++) {
        if (kept == 0 || offers[kept - 1].key != offers[i].key) {
            offers[kept++] = offers[i];
        }
    }
    qsort(offers, kept, sizeof *offers, by_key);
    return (uint32_t)kept;
}

/** Frequent tokens, or, without a vocabulary, the rows that stand in for them. */
static size_t offer_tokens(const struct sva_model *model, uint64_t table_rows,
                           struct offer offers[SVA_FREQUENT_TOKENS])
{
    const struct sva_token_choice choice = sva_token_choice_of(model);
    uint64_t rows[SVA_FREQUENT_TOKENS];
    uint64_t keys[SVA_FREQUENT_TOKENS];
    const uint32_t count = sva_choose_token_rows(table_rows, &choice, rows, keys);
    for (uint32_t i = 0; i < count; i++) {
        offers[i] = (struct offer){.key = keys[i], .index = rows[i]};
    }
    return count;
}

static bool is_table(const struct sva_view *view)
{
    return view->role == SVA_ROLE_EMBED_TOKENS && !view->bias && view->n[2] == 1 &&
           view->axis[0] == SVA_AXIS_TOKEN && view->axis[1] == SVA_AXIS_RESIDUAL &&
           view->stride[1] == 1 && view->order == NULL && view->n[1] <= WIDTH_MOST;
}

static bool is_kernel(const struct sva_view *view)
{
    return view->role == SVA_ROLE_EMBED_PATCH && !view->bias &&
           view->axis[0] == SVA_AXIS_RESIDUAL && view->order == NULL && view->n[0] <= WIDTH_MOST &&
           view->n[1] * view->n[2] >= SVA_LANDMARKS_LEAST;
}

/** Elements [first, first + count), aligned to the reader's grain (READ_MOST at most), in pieces.
 */
static enum sva_status read_range(struct sva_values *values, uint64_t first, uint64_t count,
                                  float *out, struct sva_error *error)
{
    const uint64_t grain = values->grain;
    const uint64_t total = values->tensor->element_count;
    const uint64_t piece = READ_MOST / grain * grain;
    uint64_t at = first / grain * grain;
    const uint64_t whole = count + 2 * grain; /* it may begin and end inside a grain */
    float *buffer = sva_calloc((size_t)(whole < piece ? whole : piece), sizeof *buffer);
    enum sva_status status =
        buffer == NULL ? sva_fail_memory(error, "reading an embedding") : SVA_OK;
    while (status == SVA_OK && at < first + count) {
        const uint64_t wanted = (first + count - at + grain - 1) / grain * grain;
        const uint64_t left = total - at;
        const uint64_t step = wanted < piece ? wanted : piece;
        const uint64_t size = step < left ? step : left;
        status = sva_values_read(values, at, (size_t)size, buffer, NULL, error);
        const uint64_t from = at > first ? at : first;
        const uint64_t end = at + size < first + count ? at + size : first + count;
        if (status == SVA_OK) {
            memcpy(out + (from - first), buffer + (from - at), (size_t)(end - from) * sizeof *out);
        }
        at += size;
    }
    sva_free(buffer);
    return status;
}

static enum sva_status read_tokens(const struct sva_model *model, const struct sva_view *view,
                                   struct sva_values *values, struct sva_landmarks *marks,
                                   struct sva_error *error)
{
    struct offer offers[SVA_FREQUENT_TOKENS];
    enum sva_status status = SVA_OK;
    marks->count = choose(offers, offer_tokens(model, view->n[0], offers), LANDMARK_DOMAIN);
    marks->width = view->n[1];
    marks->rows = sva_calloc(marks->count * (size_t)marks->width, sizeof *marks->rows);
    if (marks->rows == NULL) {
        return sva_fail_memory(error, "reading embeddings");
    }
    for (uint32_t i = 0; status == SVA_OK && i < marks->count; i++) {
        marks->keys[i] = offers[i].key;
        status = read_range(values, view->offset + offers[i].index * view->stride[0], marks->width,
                            marks->rows + i * (size_t)marks->width, error);
    }
    return status;
}

static enum sva_status read_columns(const struct sva_view *view, struct sva_values *values,
                                    struct sva_landmarks *marks, struct sva_error *error)
{
    const uint64_t total = values->tensor->element_count;
    const size_t columns = (size_t)(view->n[1] * view->n[2]);
    if (total > KERNEL_MOST) {
        return SVA_OK;
    }
    struct offer *offers = sva_calloc(columns, sizeof *offers);
    float *all = sva_calloc((size_t)total, sizeof *all);
    marks->width = view->n[0];
    marks->rows = sva_calloc(SVA_LANDMARKS_MOST * (size_t)marks->width, sizeof *marks->rows);
    enum sva_status status = offers == NULL || all == NULL || marks->rows == NULL
                                 ? sva_fail_memory(error, "reading a patch kernel")
                                 : read_range(values, 0, total, all, error);
    for (size_t i = 0; status == SVA_OK && i < columns; i++) {
        offers[i] = (struct offer){.key = i, .index = i};
    }
    marks->count = status == SVA_OK ? choose(offers, columns, LANDMARK_DOMAIN ^ columns) : 0;
    for (uint32_t i = 0; i < marks->count; i++) {
        const uint64_t at = view->offset + offers[i].index / view->n[2] * view->stride[1] +
                            offers[i].index % view->n[2] * view->stride[2];
        marks->keys[i] = offers[i].key;
        for (uint64_t j = 0; j < marks->width; j++) {
            marks->rows[i * marks->width + j] = all[at + j * view->stride[0]];
        }
    }
    sva_free(offers);
    sva_free(all);
    return status;
}

/** What all landmarks share says nothing about any: takes it away, then unit length. */
static bool prepare(struct sva_landmarks *marks)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const size_t width = (size_t)marks->width;
    double squares[SVA_LANDMARKS_MOST];
    double *sums = sva_calloc(width, sizeof *sums);
    float *means = sva_calloc(width, sizeof *means);
    const bool ok = sums != NULL && means != NULL;
    if (ok) {
        level->clear_special(marks->rows, marks->count * width);
        level->add_rows(marks->rows, marks->count, width, sums);
        for (size_t j = 0; j < width; j++) {
            means[j] = (float)(sums[j] / (double)marks->count);
        }
        level->take_means(marks->rows, marks->count, width, means);
        level->row_squares(marks->rows, marks->count, width, squares);
    }
    for (uint32_t i = 0; ok && i < marks->count; i++) {
        const double square = squares[i];
        level->scale_row(marks->rows + i * width, width,
                         square > 0.0 && isfinite(square) ? 1.0 / sqrt(square) : 0.0);
    }
    sva_free(sums);
    sva_free(means);
    return ok;
}

bool sva_landmarks_turn(struct sva_landmarks *marks)
{
    const size_t width = (size_t)marks->width;
    sva_free(marks->turned);
    marks->turned = sva_calloc(width * SVA_LANDMARKS_MOST, sizeof *marks->turned);
    for (uint32_t i = 0; marks->turned != NULL && i < marks->count; i++) {
        for (size_t j = 0; j < width; j++) {
            marks->turned[j * SVA_LANDMARKS_MOST + i] = marks->rows[i * width + j];
        }
    }
    return marks->turned != NULL;
}

static void drop(struct sva_landmarks *marks)
{
    sva_free(marks->rows);
    sva_free(marks->turned);
    marks->rows = NULL;
    marks->turned = NULL;
}

static enum sva_status read_landmarks(const struct sva_model *model, const struct sva_view *view,
                                      struct sva_landmark_list *list, struct sva_error *error)
{
    struct sva_values values = {0};
    struct sva_landmarks marks = {.component = view->component};
    enum sva_status status = sva_values_open(model, &model->tensors[view->tensor], &values, error);
    if (status == SVA_OK && values.decodable && values.grain <= READ_MOST) {
        status = is_table(view) ? read_tokens(model, view, &values, &marks, error)
                                : read_columns(view, &values, &marks, error);
    }
    sva_values_done(&values);
    if (status == SVA_OK && marks.count >= SVA_LANDMARKS_LEAST) {
        if (prepare(&marks) && sva_landmarks_turn(&marks)) {
            sva_free(marks.rows);
            marks.rows = NULL;
            list->list[list->count++] = marks;
            return SVA_OK;
        }
        status = sva_fail_memory(error, "reading embeddings");
    }
    drop(&marks);
    return status;
}

enum sva_status sva_landmarks_init(struct sva_landmark_list *list, const struct sva_model *model,
                                   struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    *list = (struct sva_landmark_list){
        .list = sva_calloc(model->component_count + 1, sizeof *list->list)};
    if (list->list == NULL) {
        return sva_fail_memory(error, "reading embeddings");
    }
    for (size_t i = 0; status == SVA_OK && i < model->view_count; i++) {
        const struct sva_view *view = &model->views[i];
        if ((is_table(view) || is_kernel(view)) &&
            sva_landmarks_of(list, view->component, 0) == NULL) {
            status = read_landmarks(model, view, list, error);
        }
    }
    return status;
}

void sva_landmarks_done(struct sva_landmark_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        drop(&list->list[i]);
    }
    sva_free(list->list);
    *list = (struct sva_landmark_list){0};
}

const struct sva_landmarks *sva_landmarks_of(const struct sva_landmark_list *list,
                                             uint32_t component, uint64_t width)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->list[i].component == component && (width == 0 || list->list[i].width == width)) {
            return &list->list[i];
        }
    }
    return NULL;
}

enum { UNITS_AT_ONCE = 16 };

void sva_barcodes(const struct sva_landmarks *landmarks, const float *rows, uint32_t units,
                  int16_t *out)
{
    const size_t width = (size_t)landmarks->width;
    double along[UNITS_AT_ONCE][SVA_LANDMARKS_MOST];
    for (uint32_t u = 0; u < units; u++, out += landmarks->count) {
        const double *const own = along[u % UNITS_AT_ONCE];
        double largest = 0.0;
        if (u % UNITS_AT_ONCE == 0) {
            const uint32_t left = units - u;
            sva_sums_level()->mark_dots(rows + u * width,
                                        left < UNITS_AT_ONCE ? left : UNITS_AT_ONCE, width,
                                        landmarks->turned, SVA_LANDMARKS_MOST, along[0]);
        }
        for (uint32_t i = 0; i < landmarks->count; i++) {
            largest = fabs(own[i]) > largest ? fabs(own[i]) : largest;
        }
        for (uint32_t i = 0; i < landmarks->count; i++) {
            out[i] = (int16_t)(largest > 0.0 ? floor(own[i] / largest * 32767.0 + 0.5) : 0.0);
        }
    }
}

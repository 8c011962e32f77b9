/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/norm_gains.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "model/file_kinds.h"
#include "model/tensor_values.h"

enum { GAIN_LENGTH_MOST = 1 << 15, MEANS_MOST = 16 };

static uint64_t length_of(const struct sva_view *view)
{
    return view->n[0] * view->n[1] * view->n[2];
}

static bool is_norm(const struct sva_view *view)
{
    return (view->role == SVA_ROLE_FFN_NORM || view->role == SVA_ROLE_ATTN_NORM) && view->layer >= 0 &&
           view->offset == 0 && length_of(view) > 0 && length_of(view) <= GAIN_LENGTH_MOST;
}

/** Length of a neuron's row in a matrix without a name. */
static uint64_t guessed_width(const struct sva_view *view)
{
    return view->n[view->guessed_neurons == SVA_GUESSED_COLUMNS ? 0 : 1];
}

/** Families that store a gain as its distance from one; GGUF converters add the one. */
static bool stores_distance_from_one(const struct sva_model *model)
{
    bool family = false;
    for (size_t i = 0; i < model->fact_count; i++) {
        const struct sva_fact *fact = &model->facts[i];
        family = family || (sva_ends_with(fact->key, "model_type") &&
                            (strncmp(fact->value, "gemma", 5) == 0 ||
                             strncmp(fact->value, "qwen3_next", 10) == 0));
    }
    for (size_t i = 0; i < model->file_count; i++) {
        family = family && model->files[i].kind != SVA_FILE_GGUF;
    }
    return family;
}

/** A gain of zeros, of one that tells nothing, folds as ones do. */
static void settle(struct sva_norm_gain *gain, bool plus_one)
{
    bool any = false;
    for (uint64_t j = 0; j < gain->length; j++) {
        gain->values[j] += plus_one ? 1.0f : 0.0f;
        any = any || (gain->values[j] != 0.0f && isfinite(gain->values[j]));
    }
    for (uint64_t j = 0; !any && j < gain->length; j++) {
        gain->values[j] = 1.0f;
    }
}

/** The values of a vector; `gain->values` stays NULL where they cannot be read. */
static enum sva_status read_vector(const struct sva_model *model, const struct sva_view *view,
                                   struct sva_norm_gain *gain, struct sva_error *error)
{
    const struct sva_tensor *tensor = &model->tensors[view->tensor];
    struct sva_values values = {0};
    *gain = (struct sva_norm_gain){.component = view->component,
                                   .layer = view->layer,
                                   .role = view->role,
                                   .length = length_of(view)};
    if (tensor->element_count != gain->length) {
        return SVA_OK;
    }
    enum sva_status status = sva_values_open(model, tensor, &values, error);
    if (status == SVA_OK && values.decodable) {
        gain->values = sva_calloc((size_t)gain->length, sizeof *gain->values);
        status = gain->values == NULL
                     ? sva_fail_memory(error, "reading a norm's gain")
                     : sva_values_read(&values, 0, (size_t)gain->length, gain->values, NULL, error);
    }
    sva_values_done(&values);
    if (status != SVA_OK) {
        sva_free(gain->values);
        gain->values = NULL;
    }
    return status;
}

static enum sva_status read_gain(const struct sva_model *model, const struct sva_view *view,
                                 bool plus_one, struct sva_norm_gains *gains, struct sva_error *error)
{
    struct sva_norm_gain gain;
    const enum sva_status status = read_vector(model, view, &gain, error);
    if (gain.values != NULL) {
        settle(&gain, plus_one);
        gain.place = (uint32_t)gains->count;
        gains->list[gains->count++] = gain;
    }
    return status;
}

/** Gains lie on one side of zero, biases on both. */
static bool looks_like_gain(const struct sva_norm_gain *gain)
{
    double sum = 0.0;
    double squares = 0.0;
    for (uint64_t j = 0; j < gain->length; j++) {
        sum += (double)gain->values[j];
        squares += (double)gain->values[j] * (double)gain->values[j];
    }
    return sum > 0.5 * sqrt(squares * (double)gain->length); /* false for what is not finite */
}

/** The mean over the vectors of one length in a component without names, or NULL. Means are read
 * first. */
static struct sva_norm_gain *find_mean(const struct sva_norm_gains *gains, uint32_t component,
                                       uint64_t length)
{
    for (size_t i = 0; i < gains->count && i < MEANS_MOST; i++) {
        struct sva_norm_gain *gain = &gains->list[i];
        if (gain->layer < 0 && gain->component == component && gain->length == length) {
            return gain;
        }
    }
    return NULL;
}

/** Room for the means that guessed hidden layers will ask for. False: out of memory. */
static bool add_means(struct sva_norm_gains *gains, const struct sva_model *model)
{
    for (size_t i = 0; i < model->view_count && gains->count < MEANS_MOST; i++) {
        const struct sva_view *view = &model->views[i];
        const uint64_t width = guessed_width(view);
        if (view->guessed_neurons == SVA_GUESSED_NONE || width > GAIN_LENGTH_MOST ||
            find_mean(gains, view->component, width) != NULL) {
            continue;
        }
        float *values = sva_calloc((size_t)width, sizeof *values);
        if (values == NULL) {
            return false;
        }
        gains->list[gains->count] = (struct sva_norm_gain){.component = view->component,
                                                           .place = (uint32_t)gains->count,
                                                           .layer = -1,
                                                           .length = width,
                                                           .values = values};
        gains->count++;
    }
    return true;
}

/** A vector without a name joins the mean of its length. */
static enum sva_status join_mean(const struct sva_model *model, const struct sva_view *view,
                                 const struct sva_norm_gains *gains, struct sva_error *error)
{
    struct sva_norm_gain *mean = find_mean(gains, view->component, length_of(view));
    struct sva_norm_gain gain;
    if (mean == NULL || view->bias || view->offset != 0 || view->n[1] != mean->length) {
        return SVA_OK;
    }
    const enum sva_status status = read_vector(model, view, &gain, error);
    if (gain.values != NULL && looks_like_gain(&gain)) {
        for (uint64_t j = 0; j < mean->length; j++) {
            mean->values[j] += gain.values[j]; /* scale does not matter to cosines */
        }
    }
    sva_free(gain.values);
    return status;
}

static int by_layer(const void *a, const void *b)
{
    const struct sva_norm_gain *left = a;
    const struct sva_norm_gain *right = b;
    if (left->component != right->component) {
        return left->component < right->component ? -1 : 1;
    }
    if (left->layer != right->layer) {
        return left->layer < right->layer ? -1 : 1;
    }
    return (left->place > right->place) - (left->place < right->place);
}

/** The sorted ones of a view's layer: the first, and how many. A model may have 100,000 of them. */
static struct sva_norm_gain *of_layer(const struct sva_norm_gains *gains,
                                      const struct sva_view *view, size_t *count)
{
    const struct sva_norm_gain wanted = {.component = view->component, .layer = view->layer};
    size_t low = 0;
    size_t high = gains->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (by_layer(&gains->list[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (*count = 0; low + *count < gains->count; ++*count) {
        const struct sva_norm_gain *const gain = &gains->list[low + *count];
        if (gain->component != view->component || gain->layer != view->layer) {
            break;
        }
    }
    return gains->list + low;
}

/** Norms with a bias are layer norms. */
static void mark_centred(struct sva_norm_gains *gains, const struct sva_model *model)
{
    for (size_t i = 0; i < model->view_count; i++) {
        const struct sva_view *view = &model->views[i];
        size_t count = 0;
        struct sva_norm_gain *gain =
            view->bias && is_norm(view) ? of_layer(gains, view, &count) : NULL;
        for (size_t k = 0; k < count; k++) {
            gain[k].centred = gain[k].centred || gain[k].role == view->role;
        }
    }
}

enum sva_status sva_norm_gains_init(struct sva_norm_gains *gains, const struct sva_model *model,
                                    struct sva_error *error)
{
    size_t most = 0;
    enum sva_status status = SVA_OK;
    const bool plus_one = stores_distance_from_one(model);
    for (size_t i = 0; i < model->view_count; i++) {
        most += is_norm(&model->views[i]) ? 1 : 0;
    }
    *gains = (struct sva_norm_gains){.list = sva_calloc(most + MEANS_MOST, sizeof *gains->list)};
    if (gains->list == NULL || !add_means(gains, model)) {
        return sva_fail_memory(error, "reading norms' gains");
    }
    for (size_t i = 0; status == SVA_OK && i < model->view_count; i++) {
        if (is_norm(&model->views[i]) && !model->views[i].bias) {
            status = read_gain(model, &model->views[i], plus_one, gains, error);
        } else {
            status = join_mean(model, &model->views[i], gains, error);
        }
    }
    for (size_t i = 0; i < gains->count; i++) {
        if (gains->list[i].layer < 0) {
            settle(&gains->list[i], false);
        }
    }
    qsort(gains->list, gains->count, sizeof *gains->list, by_layer);
    mark_centred(gains, model);
    return status;
}

void sva_norm_gains_done(struct sva_norm_gains *gains)
{
    for (size_t i = 0; i < gains->count; i++) {
        sva_free(gains->list[i].values);
    }
    sva_free(gains->list);
    *gains = (struct sva_norm_gains){0};
}

const struct sva_norm_gain *sva_norm_gain_before(const struct sva_norm_gains *gains,
                                                 const struct sva_view *view)
{
    const struct sva_norm_gain *found = NULL;
    const uint64_t width = guessed_width(view);
    const bool named = view->layer >= 0;
    const struct sva_view sought = {.component = view->component, .layer = named ? view->layer : -1};
    size_t count;
    const struct sva_norm_gain *const list = of_layer(gains, &sought, &count);
    for (size_t i = 0; i < count; i++) {
        const struct sva_norm_gain *const gain = &list[i];
        if (!named && gain->length == width) {
            return gain;
        }
        if (named && (found == NULL || gain->role == SVA_ROLE_FFN_NORM)) {
            found = gain; /* blocks with one norm for both halves have the attention's only */
        }
    }
    return found;
}

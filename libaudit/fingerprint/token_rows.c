/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/token_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "kernel/ordered_sums.h"

/* Keeps the signs apart from the sketches' choices. */
#define TOKEN_DOMAIN (0x746f6b6e00000000u + SVA_METHOD_VERSION)

enum { ONE = 256, FEATURE_MOST = 32767 };

static bool is_token_table(const struct sva_view *view)
{
    return (view->role == SVA_ROLE_EMBED_TOKENS || view->role == SVA_ROLE_OUTPUT_HEAD) &&
           !view->bias && view->axis[0] == SVA_AXIS_TOKEN && view->axis[1] == SVA_AXIS_RESIDUAL &&
           view->n[2] == 1 && view->n[1] >= SVA_TOKEN_FEATURES &&
           view->n[1] <= SVA_TOKEN_WIDTH_MOST && view->order == NULL;
}

struct sva_token_choice sva_token_choice_of(const struct sva_model *model)
{
    return (struct sva_token_choice){.token_count = model->token_count,
                                     .keys = model->token_keys,
                                     .frequent_count = model->frequent_count,
                                     .frequent = model->frequent_tokens};
}

uint32_t sva_choose_token_rows(uint64_t table_rows, const struct sva_token_choice *choice,
                               uint64_t rows[SVA_FREQUENT_TOKENS],
                               uint64_t keys[SVA_FREQUENT_TOKENS])
{
    uint32_t count = 0;
    if (choice->token_count > 0 && choice->token_count <= table_rows) {
        for (size_t i = 0; i < choice->frequent_count && count < SVA_FREQUENT_TOKENS; i++) {
            rows[count] = choice->frequent[i];
            keys[count++] = choice->keys[choice->frequent[i]];
        }
        return count;
    }
    for (uint64_t row = SVA_TOKEN_FIRST_ROW; row < table_rows && count < SVA_FREQUENT_TOKENS;
         row++) {
        rows[count] = row;
        keys[count++] = row;
    }
    return count;
}

bool sva_token_gather_init(struct sva_token_gather *gather, const struct sva_view *view,
                           const struct sva_token_choice *choice)
{
    *gather = (struct sva_token_gather){0};
    if (!is_token_table(view)) {
        return true;
    }
    gather->rows = sva_calloc(SVA_FREQUENT_TOKENS, sizeof *gather->rows);
    gather->keys = sva_calloc(SVA_FREQUENT_TOKENS, sizeof *gather->keys);
    if (gather->rows == NULL || gather->keys == NULL) {
        return false;
    }
    gather->count = sva_choose_token_rows(view->n[0], choice, gather->rows, gather->keys);
    gather->width = view->n[1];
    gather->values = sva_calloc((size_t)(gather->count * gather->width), sizeof *gather->values);
    return gather->values != NULL;
}

/** First of the chosen rows that is not before `row`. */
static uint32_t first_at(const struct sva_token_gather *gather, uint64_t row)
{
    uint32_t low = 0;
    uint32_t high = gather->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (gather->rows[middle] < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void sva_token_gather_line(struct sva_token_gather *gather, int line_axis, uint64_t line,
                           uint64_t first, const float *values, size_t count)
{
    if (gather->count == 0) {
        return;
    }
    if (line_axis == 0) {
        const uint32_t token = first_at(gather, line);
        if (token < gather->count && gather->rows[token] == line) {
            memcpy(gather->values + token * gather->width + first, values, count * sizeof *values);
        }
        return;
    }
    for (uint32_t token = first_at(gather, first);
         token < gather->count && gather->rows[token] < first + count; token++) {
        gather->values[token * gather->width + line] = values[gather->rows[token] - first];
    }
}

/** Every residual dimension to mean zero and mean square one over the tokens. */
static void standardise(struct sva_token_gather *gather, double *means, double *scales)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const size_t width = (size_t)gather->width;
    level->clear_special(gather->values, gather->count * width);
    level->add_rows(gather->values, gather->count, width, means);
    for (size_t j = 0; j < width; j++) {
        means[j] /= (double)gather->count;
    }
    level->add_apart(gather->values, gather->count, width, means, scales);
    for (size_t j = 0; j < width; j++) {
        scales[j] = scales[j] > 0.0 ? sqrt((double)gather->count / scales[j]) : 0.0;
    }
    level->standardise(gather->values, gather->count, width, means, scales);
}

/** [count][SVA_TOKEN_FEATURES] sums with signs; returns their root mean square. */
static double project(const struct sva_token_gather *gather, float *signs, double *sums)
{
    double squares = 0.0;
    for (uint64_t j = 0; j < gather->width; j++) {
        const uint64_t bits = sva_mix64(j ^ TOKEN_DOMAIN);
        for (unsigned k = 0; k < SVA_TOKEN_FEATURES; k++) {
            signs[j * SVA_TOKEN_FEATURES + k] = (bits >> k & 1) != 0 ? 1.0f : -1.0f;
        }
    }
    sva_sums_level()->mark_dots(gather->values, gather->count, (size_t)gather->width, signs,
                                SVA_TOKEN_FEATURES, sums);
    for (size_t i = 0; i < (size_t)gather->count * SVA_TOKEN_FEATURES; i++) {
        squares += sums[i] * sums[i];
    }
    return sqrt(squares / ((double)gather->count * SVA_TOKEN_FEATURES));
}

static int16_t to_feature(double value)
{
    const double scaled = floor(value * ONE + 0.5);
    return scaled > FEATURE_MOST    ? FEATURE_MOST
           : scaled < -FEATURE_MOST ? -FEATURE_MOST
                                    : (int16_t)scaled;
}

struct keyed {
    uint64_t key;
    uint32_t token;
};

static int by_key(const void *a, const void *b)
{
    const uint64_t left = ((const struct keyed *)a)->key;
    const uint64_t right = ((const struct keyed *)b)->key;
    return (left > right) - (left < right);
}

/** The features in the order of the keys. */
static void store(const struct sva_token_gather *gather, const double *sums, double size,
                  uint64_t *keys, int16_t *values)
{
    struct keyed order[SVA_FREQUENT_TOKENS];
    for (uint32_t t = 0; t < gather->count; t++) {
        order[t] = (struct keyed){gather->keys[t], t};
    }
    qsort(order, gather->count, sizeof *order, by_key);
    for (uint32_t i = 0; i < gather->count; i++) {
        const double *const sum = sums + (size_t)order[i].token * SVA_TOKEN_FEATURES;
        keys[i] = order[i].key;
        for (unsigned k = 0; k < SVA_TOKEN_FEATURES; k++) {
            values[(size_t)i * SVA_TOKEN_FEATURES + k] = to_feature(sum[k] / size);
        }
    }
}

/** What is needed for a moment. */
struct token_work {
    double *sums, *means, *scales;
    float *signs;
};

/** False when all features are zero: the rows say nothing. */
static bool take_features(struct sva_token_gather *gather, const struct token_work *work,
                          uint64_t *keys, int16_t *values)
{
    standardise(gather, work->means, work->scales);
    const double size = project(gather, work->signs, work->sums);
    if (!(size > 0.0)) {
        return false;
    }
    store(gather, work->sums, size, keys, values);
    return true;
}

bool sva_token_gather_finish(struct sva_token_gather *gather, struct sva_token_rows *out)
{
    const size_t total = (size_t)gather->count * SVA_TOKEN_FEATURES;
    const size_t width = (size_t)gather->width;
    if (gather->count == 0) {
        return true;
    }
    const struct token_work work = {.sums = sva_calloc(total, sizeof(double)),
                                    .means = sva_calloc(width, sizeof(double)),
                                    .scales = sva_calloc(width, sizeof(double)),
                                    .signs = sva_calloc(width * SVA_TOKEN_FEATURES, sizeof(float))};
    uint64_t *const keys = sva_calloc(gather->count, sizeof *keys);
    int16_t *const values = sva_calloc(total, sizeof *values);
    const bool ok = work.sums != NULL && work.means != NULL && work.scales != NULL &&
                    work.signs != NULL && keys != NULL && values != NULL;
    if (ok && take_features(gather, &work, keys, values)) {
        *out = (struct sva_token_rows){gather->count, keys, values};
    } else {
        sva_free(keys);
        sva_free(values);
    }
    sva_free(work.sums);
    sva_free(work.means);
    sva_free(work.scales);
    sva_free(work.signs);
    return ok;
}

void sva_token_gather_done(struct sva_token_gather *gather)
{
    sva_free(gather->rows);
    sva_free(gather->keys);
    sva_free(gather->values);
    *gather = (struct sva_token_gather){0};
}

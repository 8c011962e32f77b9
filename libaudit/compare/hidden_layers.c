/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/hidden_layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/direction_share.h"
#include "compare/places.h"
#include "fingerprint/gram.h"
#include "fingerprint/sketch.h"

enum { MATRIX = SVA_GRAM_UNITS * SVA_GRAM_UNITS, COSINE_ONE = 256 };

int sva_compare_hidden(const void *a, const void *b)
{
    const struct sva_hidden_layer *one = a;
    const struct sva_hidden_layer *other = b;
    const int64_t left[3] = {one->layer, one->expert, one->shared};
    const int64_t right[3] = {other->layer, other->expert, other->shared};
    return sva_compare_keys(left, right, 3);
}

struct sva_hidden_layer *sva_list_hidden(const struct sva_print *print, uint32_t component,
                                         size_t *count)
{
    struct sva_hidden_layer *list = sva_calloc(print->tensor_count, sizeof *list);
    size_t used = 0;
    for (size_t i = 0; list != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        bool shared;
        const int part = sva_mlp_part(tensor->role, &shared);
        if (tensor->component == component && part >= 0 && tensor->gram.blocks > 0 &&
            sva_bears_evidence(tensor)) {
            list[used] = (struct sva_hidden_layer){
                .layer = tensor->layer,
                .expert = tensor->expert,
                .shared = shared,
                .neurons = tensor->n[part == SVA_MLP_DOWN ? 1 : 0]};
            list[used++].parts[part] = &tensor->gram;
        }
    }
    *count = 0;
    if (list == NULL) {
        return NULL;
    }
    qsort(list, used, sizeof *list, sva_compare_hidden);
    for (size_t i = 0; i < used; i++) {
        struct sva_hidden_layer *last = *count > 0 ? &list[*count - 1] : NULL;
        if (last == NULL || sva_compare_hidden(last, &list[i]) != 0) {
            list[(*count)++] = list[i];
            continue;
        }
        for (int part = 0; part < SVA_MLP_PARTS; part++) {
            last->parts[part] =
                list[i].parts[part] != NULL ? list[i].parts[part] : last->parts[part];
        }
    }
    return list;
}

struct sva_hidden_layer *sva_list_unnamed(const struct sva_print *print, uint32_t component,
                                          size_t *count)
{
    enum { READINGS = 2 * SVA_MLP_PARTS };
    struct sva_hidden_layer *list = sva_calloc(print->tensor_count, READINGS * sizeof *list);
    *count = 0;
    for (size_t i = 0; list != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        bool shared;
        if (tensor->component != component || tensor->gram.blocks == 0 ||
            !sva_bears_evidence(tensor) || sva_mlp_part(tensor->role, &shared) >= 0) {
            continue;
        }
        for (int reading = 0; reading < READINGS; reading++) {
            struct sva_hidden_layer *layer = &list[(*count)++];
            *layer = (struct sva_hidden_layer){
                .layer = -1, .expert = -1, .neurons = tensor->n[reading % 2]};
            layer->parts[reading / 2] = &tensor->gram;
        }
    }
    return list;
}

/** What two hidden layers can be held against each other by. */
struct feature {
    const struct sva_gram *subject[2], *reference[2]; /**< the second: multiplied in, or NULL */
};

/** Value of one pair of neurons; both factors of a product have a root mean square of COSINE_ONE.
 */
static int32_t cosine_at(const struct sva_gram *const gram[2], size_t at)
{
    if (gram[1] == NULL) {
        return gram[0]->cosines[at];
    }
    const int32_t value = gram[0]->cosines[at] * gram[1]->cosines[at] / COSINE_ONE;
    return value > SVA_FEATURE_LIMIT    ? SVA_FEATURE_LIMIT
           : value < -SVA_FEATURE_LIMIT ? -SVA_FEATURE_LIMIT
                                        : value;
}

/** One block as a symmetric matrix. */
static void unfold(const struct sva_gram *const gram[2], uint32_t block, int16_t *matrix)
{
    size_t at = (size_t)block * SVA_GRAM_PAIRS;
    memset(matrix, 0, MATRIX * sizeof *matrix);
    for (uint32_t i = 0; i < SVA_GRAM_UNITS; i++) {
        for (uint32_t j = i + 1; j < SVA_GRAM_UNITS; j++, at++) {
            const int16_t value = (int16_t)cosine_at(gram, at);
            matrix[i * SVA_GRAM_UNITS + j] = value;
            matrix[j * SVA_GRAM_UNITS + i] = value;
        }
    }
}

static bool have_both(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                      enum sva_mlp_part part)
{
    return s->parts[part] != NULL && r->parts[part] != NULL;
}

static size_t list_features(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                            struct feature features[SVA_PAIR_FEATURES_MOST])
{
    size_t count = 0;
    if (s->neurons != r->neurons) {
        return 0;
    }
    const bool gated = s->parts[SVA_MLP_GATE] != NULL || r->parts[SVA_MLP_GATE] != NULL;
    if (have_both(s, r, SVA_MLP_GATE)) {
        features[count++] =
            (struct feature){{s->parts[SVA_MLP_GATE], NULL}, {r->parts[SVA_MLP_GATE], NULL}};
    }
    if (gated && have_both(s, r, SVA_MLP_UP) && have_both(s, r, SVA_MLP_DOWN)) {
        features[count++] = (struct feature){{s->parts[SVA_MLP_UP], s->parts[SVA_MLP_DOWN]},
                                             {r->parts[SVA_MLP_UP], r->parts[SVA_MLP_DOWN]}};
    }
    for (int part = SVA_MLP_UP; part <= SVA_MLP_DOWN && !gated; part++) {
        if (have_both(s, r, (enum sva_mlp_part)part)) {
            features[count++] = (struct feature){{s->parts[part], NULL}, {r->parts[part], NULL}};
        }
    }
    return count;
}

static uint32_t common_blocks(const struct feature *features, size_t count)
{
    uint32_t blocks = UINT32_MAX;
    for (size_t f = 0; f < count; f++) {
        for (int i = 0; i < 2; i++) {
            const struct sva_gram *s = features[f].subject[i];
            const struct sva_gram *r = features[f].reference[i];
            blocks = s != NULL && s->blocks < blocks ? s->blocks : blocks;
            blocks = r != NULL && r->blocks < blocks ? r->blocks : blocks;
        }
    }
    return count == 0 ? 0 : blocks;
}

bool sva_gram_parts_add(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                        struct sva_gram_parts *list)
{
    struct feature features[SVA_PAIR_FEATURES_MOST];
    const size_t count = list_features(s, r, features);
    const uint32_t blocks = common_blocks(features, count);
    for (uint32_t b = 0; b < blocks && list->count < list->capacity; b++) {
        int16_t *matrices = sva_calloc(2 * count * MATRIX, sizeof *matrices);
        struct sva_pair_matrices *part = &list->parts[list->count];
        list->owned[list->count] = matrices;
        list->layers[list->count] = s->layer;
        list->count++;
        if (matrices == NULL) {
            return false;
        }
        part->units = SVA_GRAM_UNITS;
        part->features = (uint32_t)count;
        for (size_t f = 0; f < count; f++) {
            int16_t *subject = matrices + 2 * f * MATRIX;
            unfold(features[f].subject, b, subject);
            unfold(features[f].reference, b, subject + MATRIX);
            part->subject[f] = subject;
            part->reference[f] = subject + MATRIX;
        }
    }
    return true;
}

bool sva_gram_parts_init(struct sva_gram_parts *list)
{
    *list = (struct sva_gram_parts){.capacity = SVA_GRAM_PARTS_MOST};
    list->parts = sva_calloc(SVA_GRAM_PARTS_MOST, sizeof *list->parts);
    list->layers = sva_calloc(SVA_GRAM_PARTS_MOST, sizeof *list->layers);
    list->owned = sva_calloc(SVA_GRAM_PARTS_MOST, sizeof *list->owned);
    return list->parts != NULL && list->layers != NULL && list->owned != NULL;
}

void sva_gram_parts_done(struct sva_gram_parts *list)
{
    for (size_t i = 0; i < list->count; i++) {
        sva_free(list->owned[i]);
    }
    sva_free(list->parts);
    sva_free(list->layers);
    sva_free(list->owned);
}

void sva_add_directions(const struct sva_hidden_layer *subject,
                        const struct sva_hidden_layer *reference, struct sva_direction_sums *sums)
{
    const enum sva_mlp_part part =
        subject->parts[SVA_MLP_GATE] != NULL ? SVA_MLP_GATE : SVA_MLP_UP;
    const struct sva_gram *s = subject->parts[part];
    const struct sva_gram *r = reference->parts[part];
    if (subject->neurons != reference->neurons || s == NULL || r == NULL || s->leading == 0 ||
        r->leading == 0) {
        return;
    }
    const uint32_t units = sva_gram_direction_units(s->blocks);
    if (units != sva_gram_direction_units(r->blocks)) {
        return;
    }
    const struct sva_direction_set one = {s->directions, s->leading, units, NULL};
    const struct sva_direction_set other = {r->directions, r->leading, units, NULL};
    const double weight = s->leading < r->leading ? s->leading : r->leading;
    sums->share += sva_direction_share(&one, &other, units) * weight;
    sums->weight += weight;
    sums->tensors++;
}

void sva_note_directions(const struct sva_direction_sums *sums,
                         struct sva_component_evidence *evidence)
{
    if (sums->weight > 0.0) {
        evidence->neuron_directions = sums->share / sums->weight;
        evidence->neuron_direction_tensors = sums->tensors;
    }
}

double sva_gram_correlation(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r,
                            size_t *rests_on)
{
    struct feature features[SVA_PAIR_FEATURES_MOST] = {0};
    const size_t count = list_features(s, r, features);
    const size_t pairs = (size_t)common_blocks(features, count) * SVA_GRAM_PAIRS;
    double both = 0.0;
    double squares[2] = {0.0, 0.0};
    for (size_t f = 0; f < count; f++) {
        double sums[2] = {0.0, 0.0};
        double product = 0.0;
        double own[2] = {0.0, 0.0};
        for (size_t at = 0; at < pairs; at++) {
            const double a = (double)cosine_at(features[f].subject, at);
            const double b = (double)cosine_at(features[f].reference, at);
            sums[0] += a;
            sums[1] += b;
            product += a * b;
            own[0] += a * a;
            own[1] += b * b;
        }
        both += product - sums[0] * sums[1] / (double)pairs;
        squares[0] += own[0] - sums[0] * sums[0] / (double)pairs;
        squares[1] += own[1] - sums[1] * sums[1] / (double)pairs;
    }
    const double norm = sqrt(squares[0] * squares[1]);
    if (rests_on != NULL) {
        *rests_on = pairs * count;
    }
    return pairs > 0 && norm > 0.0 ? both / norm : -INFINITY;
}

/** Resemblance (z) of two numberings of one model from which on they count as one. */
static const double TIED_SCORE = 8.0;

bool sva_hidden_are_tied(const struct sva_hidden_layer *a, const struct sva_hidden_layer *b)
{
    size_t pairs = 0;
    const double rho = a == b ? 1.0 : sva_gram_correlation(a, b, &pairs);
    return a == b || rho * sqrt((double)pairs) > TIED_SCORE;
}

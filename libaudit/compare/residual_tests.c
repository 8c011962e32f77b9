/* SPDX-License-Identifier: Apache-2.0 */
/* A1: one renumbering of the residual stream for all tensors of a component together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"
#include "compare/places.h"
#include "compare/ranks.h"
#include "compare/readings.h"
#include "fingerprint/reading_block.h"
#include "fingerprint/sketch.h"
#include "kernel/special.h"

/** Features of one A1 test and what they borrow. */
struct feature_list {
    struct sva_feature_pair *pairs; /* that no reading changes */
    size_t count;
    struct sva_feature_pair *read[SVA_READINGS]; /* the others, as each reading has them */
    size_t read_count[SVA_READINGS];
    int16_t **owned; /* rank scores of vectors */
    size_t owned_count;
    bool has[SVA_READINGS]; /* some pair can be read so */
};

/** Layers alternate between the halves; what lies outside layers goes by role. */
static enum sva_half half_of(const struct sva_print_tensor *tensor)
{
    const int32_t number = tensor->layer >= 0 ? tensor->layer : (int32_t)tensor->role;
    return number % 2 == 0 ? SVA_HALF_EVEN : SVA_HALF_ODD;
}

/** The tensor's residual axis, or -1. A bias or gain counts when its only axis is residual. */
static int residual_axis(const struct sva_print_tensor *tensor)
{
    if (tensor->axis_kind[1] == SVA_AXIS_RESIDUAL) {
        return 1;
    }
    return tensor->axis_kind[0] == SVA_AXIS_RESIDUAL ? 0 : -1;
}

static bool enters(const struct sva_print_tensor *tensor, uint32_t component, enum sva_half half)
{
    return tensor->component == component && sva_bears_evidence(tensor) &&
           tensor->role != SVA_ROLE_EMBED_POSITIONS && residual_axis(tensor) >= 0 &&
           tensor->expert < SVA_EXPERTS_IN_FULL &&
           (half == SVA_HALF_ALL || half_of(tensor) == half);
}

static int compare_place(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    const int64_t left[4] = {a->role, a->layer, a->expert, a->bias};
    const int64_t right[4] = {b->role, b->layer, b->expert, b->bias};
    return sva_compare_keys(left, right, 4);
}

static int by_place(const void *a, const void *b)
{
    const struct sva_print_tensor *left = *(const struct sva_print_tensor *const *)a;
    const struct sva_print_tensor *right = *(const struct sva_print_tensor *const *)b;
    const int order = compare_place(left, right);
    return order != 0 ? order : (left > right) - (left < right);
}

/**
 * Centred ranks, ties shared, as integers within +-2047: outliers of norm gains must
 * not decide alone. NULL when out of memory.
 */
static int16_t *rank_scores(const float *values, uint32_t count)
{
    double *ranks = sva_calloc(count, sizeof *ranks);
    int16_t *scores = sva_calloc(count, sizeof *scores);
    if (ranks == NULL || scores == NULL || !sva_ranks(values, count, ranks)) {
        sva_free(ranks);
        sva_free(scores);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        const double centred = (ranks[i] + 0.5) / (double)count * 2.0 - 1.0;
        scores[i] = (int16_t)floor(centred * 443.0 + 0.5); /* root mean square 256 */
    }
    sva_free(ranks);
    return scores;
}

static bool list_new(struct feature_list *list, size_t capacity)
{
    *list = (struct feature_list){.has = {true}};
    list->pairs = sva_calloc(capacity, sizeof *list->pairs);
    list->owned = sva_calloc(2 * capacity, sizeof *list->owned);
    bool ok = list->pairs != NULL && list->owned != NULL;
    for (int reading = 0; reading < SVA_READINGS; reading++) {
        list->read[reading] = sva_calloc(capacity, sizeof *list->read[reading]);
        ok = ok && list->read[reading] != NULL;
    }
    return ok;
}

static void list_free(struct feature_list *list)
{
    for (size_t i = 0; list->owned != NULL && i < list->owned_count; i++) {
        sva_free(list->owned[i]);
    }
    sva_free(list->owned);
    sva_free(list->pairs);
    for (int reading = 0; reading < SVA_READINGS; reading++) {
        sva_free(list->read[reading]);
    }
}

static bool add_vector(struct feature_list *list, const struct sva_print_tensor *s,
                       const struct sva_print_tensor *r, uint64_t width)
{
    if (s->vector_length != width || r->vector_length != width || width > SVA_KEPT_RESIDUAL) {
        return true;
    }
    int16_t *subject = rank_scores(s->vector, s->vector_length);
    int16_t *reference = rank_scores(r->vector, r->vector_length);
    list->owned[list->owned_count++] = subject;
    list->owned[list->owned_count++] = reference;
    list->pairs[list->count++] = (struct sva_feature_pair){subject, reference, 1, NULL, NULL};
    return subject != NULL && reference != NULL;
}

/** The residual sketches of a pair in one reading; no features where they do not match. */
static struct sva_feature_pair read_pair(const struct sva_print_tensor *s,
                                         const struct sva_print_tensor *r, enum sva_reading reading,
                                         uint64_t width)
{
    const int axis = residual_axis(s);
    const struct sva_axis_sketch *subject =
        sva_axis_read(s, sva_subject_reordered(reading, s), axis);
    const struct sva_axis_sketch *reference =
        sva_axis_read(r, sva_reference_reordered(reading, r), axis);
    const bool match = subject->kept == width && reference->kept == width &&
                       subject->features == reference->features;
    return match ? (struct sva_feature_pair){subject->values, reference->values, subject->features,
                                             NULL, NULL}
                 : (struct sva_feature_pair){.features = 0};
}

/** Puts a pair to the features of every reading that changes it, or to those that none does. */
static bool add_tensor(struct feature_list *list, const struct sva_print_tensor *s,
                       const struct sva_print_tensor *r, uint64_t width)
{
    const int axis = residual_axis(s);
    const bool turns = axis == 1 && (s->alternative != NULL || r->alternative != NULL);
    if (axis != residual_axis(r)) {
        return true;
    }
    for (int reading = 0; turns && reading < SVA_READINGS; reading++) {
        const struct sva_feature_pair features = read_pair(s, r, (enum sva_reading)reading, width);
        list->has[reading] =
            list->has[reading] || sva_reading_applies((enum sva_reading)reading, s, r);
        if (features.features > 0) {
            list->read[reading][list->read_count[reading]++] = features;
        }
    }
    const struct sva_feature_pair features = read_pair(s, r, SVA_READ_AS_STORED, width);
    if (turns || features.features > 0) {
        if (!turns) {
            list->pairs[list->count++] = features;
        }
        return true;
    }
    return s->n[0] != 1 || add_vector(list, s, r, width);
}

/** One joint test: which components, which tensors of them. */
struct joint_test {
    uint32_t component, other;
    enum sva_half half;
};

/** Tensors of both components with the same role, layer, expert; tied tensors once. */
static bool collect(const struct sva_pair *pair, const struct joint_test *test,
                    struct feature_list *list)
{
    const uint32_t component = test->component;
    const struct sva_print *s = pair->subject;
    const struct sva_print *r = pair->reference;
    const struct sva_print_tensor **left = sva_calloc(s->tensor_count, sizeof *left);
    const struct sva_print_tensor **right = sva_calloc(r->tensor_count, sizeof *right);
    size_t left_count = 0;
    size_t right_count = 0;
    bool ok = left != NULL && right != NULL;
    for (size_t i = 0; ok && i < s->tensor_count; i++) {
        if (enters(&s->tensors[i], component, test->half)) {
            left[left_count++] = &s->tensors[i];
        }
    }
    for (size_t i = 0; ok && i < r->tensor_count; i++) {
        if (enters(&r->tensors[i], test->other, test->half)) {
            right[right_count++] = &r->tensors[i];
        }
    }
    if (ok) {
        qsort(left, left_count, sizeof *left, by_place);
        qsort(right, right_count, sizeof *right, by_place);
        ok = list_new(list, left_count + 1);
    }
    for (size_t i = 0, j = 0; ok && i < left_count && j < right_count;) {
        const int order = compare_place(left[i], right[j]);
        const bool tied = order == 0 && left[i]->role == SVA_ROLE_OUTPUT_HEAD && i > 0 &&
                          sva_tensors_alike(left[i], left[0]);
        if (order == 0 && !tied) {
            ok = add_tensor(list, left[i], right[j], s->components[component].width);
        }
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
    sva_free(left);
    sva_free(right);
    return ok;
}

static const char *const TEST_IDS[3] = {"residual-permutation", "residual-permutation/even-layers",
                                        "residual-permutation/odd-layers"};

/** One reading's seed. False: out of memory. */
static bool seed_reading(const struct sva_pair *pair, const struct joint_test *test, const char *id,
                         enum sva_reading reading, uint8_t seed[32])
{
    const uint64_t where = (uint64_t)reading << 32 | test->other;
    return sva_test_seed(pair, id, test->component, where, seed);
}

/** The readings that some pair of tensors has, each on its own. False: out of memory. */
static bool run_readings(const struct sva_pair *pair, const struct joint_test *test,
                         const struct feature_list *list,
                         struct sva_block_result results[SVA_READINGS],
                         struct sva_draw_tally tallies[SVA_READINGS], size_t *count)
{
    const struct sva_block_setup setup = {
        .units = (uint32_t)pair->subject->components[test->component].width,
        .hashed = true,
        .pairs = list->pairs,
        .pair_count = list->count,
        .threads = pair->options->threads};
    struct sva_block_reading readings[SVA_READINGS];
    *count = 0;
    for (int reading = 0; reading < SVA_READINGS; reading++) {
        if (list->count + list->read_count[reading] > 0 && list->has[reading]) {
            struct sva_block_reading *made = &readings[*count];
            *made = (struct sva_block_reading){.pairs = list->read[reading],
                                               .pair_count = list->read_count[reading],
                                               .tally = &tallies[*count]};
            if (!seed_reading(pair, test, TEST_IDS[test->half], (enum sva_reading)reading,
                              made->seed)) {
                return false;
            }
            ++*count;
        }
    }
    return sva_block_readings_test(&setup, readings, *count, results);
}

/** Smaller p, then larger z: many readings of a clear case stand at the floor. */
static bool is_clearer(const struct sva_block_result *a, const struct sva_block_result *b)
{
    return a->tested &&
           (!b->tested || a->log10_p < b->log10_p || (!(a->log10_p > b->log10_p) && a->z > b->z));
}

/**
 * All readings that some pair has, each for the whole component at once. The clearest one counts
 * and pays for all of them by Bonferroni: similarity along the permuted axis may not choose for
 * free, whatever tensors it is measured on, because one numbering runs through all of them.
 */
static bool run_half(const struct sva_pair *pair, const struct joint_test *test,
                     struct sva_block_result *result, struct sva_draw_tally *tally,
                     uint64_t *family)
{
    struct feature_list list = {0};
    struct sva_block_result results[SVA_READINGS] = {{0}};
    struct sva_draw_tally tallies[SVA_READINGS] = {{0}};
    size_t count = 0;
    const bool ok =
        collect(pair, test, &list) && run_readings(pair, test, &list, results, tallies, &count);
    size_t clearest = 0;
    for (size_t i = 1; i < count; i++) {
        clearest = is_clearer(&results[i], &results[clearest]) ? i : clearest;
    }
    *family = count > 0 ? count : 1;
    *result = results[clearest];
    *tally = tallies[clearest];
    const double paid = result->log10_p + log10((double)*family);
    result->log10_p = paid < 0.0 ? paid : 0.0;
    result->log10_floor += log10((double)*family);
    list_free(&list);
    return ok;
}

static bool is_layered(const struct sva_print_component *component, uint64_t width, bool labelled)
{
    return component->width == width && width > 0 && (labelled || !component->residual_labelled) &&
           component->kind != SVA_COMPONENT_GENERIC && component->kind != SVA_COMPONENT_ADAPTER;
}

int32_t sva_counterpart(const struct sva_pair *pair, uint32_t component, bool labelled)
{
    const struct sva_print_component *subject = &pair->subject->components[component];
    int32_t found = SVA_NO_COMPONENT;
    if (!is_layered(subject, subject->width, labelled)) {
        return found;
    }
    for (size_t i = 0; i < pair->reference->component_count; i++) {
        const struct sva_print_component *reference = &pair->reference->components[i];
        if (!is_layered(reference, subject->width, labelled)) {
            continue;
        }
        if (reference->kind == subject->kind) {
            return (int32_t)i;
        }
        found = (int32_t)i;
    }
    return found;
}

/** What a normal tail would say of the closed-form z: shown, labelled, never deciding. */
static void add_normal_tail(struct sva_component_evidence *evidence,
                            const struct sva_block_result *result, uint64_t family)
{
    struct sva_test_record *record =
        sva_add_test(evidence, "residual-permutation/normal-tail", SVA_P_ASYMPTOTIC, false);
    if (record != NULL) {
        const double paid = sva_normal_log10_tail(result->z) + log10((double)family);
        record->test.z = result->z;
        record->test.log10_p = paid < 0.0 ? paid : 0.0;
        record->test.log10_p_floor = -INFINITY;
        record->test.block_count = result->blocks;
        record->test.family = family;
    }
}

bool sva_residual_tests(struct sva_pair *pair, uint32_t component,
                        struct sva_component_evidence *evidence)
{
    const int32_t other = sva_counterpart(pair, component, false);
    if (other == SVA_NO_COMPONENT) {
        return true;
    }
    double whole = 0.0;
    for (int half = SVA_HALF_ALL; half <= SVA_HALF_ODD; half++) {
        struct sva_block_result result;
        uint64_t family;
        struct sva_draw_tally tally = {.series = 0};
        if (half != SVA_HALF_ALL && whole > SVA_LOOK_AT_HALVES) {
            sva_add_unrun_test(evidence, TEST_IDS[half]);
            continue;
        }
        const struct joint_test test = {component, (uint32_t)other, (enum sva_half)half};
        if (!run_half(pair, &test, &result, &tally, &family)) {
            return false;
        }
        if (!result.tested && half == SVA_HALF_ALL) {
            return true;
        }
        if (!result.tested) {
            continue;
        }
        struct sva_test_record *record = sva_add_block_test(evidence, TEST_IDS[half], &result);
        if (record != NULL) {
            record->test.family = family;
            sva_note_draws(record, &tally);
        }
        if (half == SVA_HALF_ALL) {
            whole = result.log10_p;
            evidence->reference_component = other;
            evidence->rho = result.rho;
            evidence->rho_se = result.rho_se;
            add_normal_tail(evidence, &result, family);
        } else if (!sva_add_piece(evidence, result.log10_p)) {
            return false;
        }
    }
    return true;
}

/** All features of the rows as they are stored, side by side. NULL: out of memory. */
static struct sva_feature_pair *as_stored(const struct feature_list *list, size_t *count)
{
    const size_t read = list->read_count[SVA_READ_AS_STORED];
    struct sva_feature_pair *pairs = sva_calloc(list->count + read, sizeof *pairs);
    *count = list->count + read;
    if (pairs != NULL) {
        memcpy(pairs, list->pairs, list->count * sizeof *pairs);
        memcpy(pairs + list->count, list->read[SVA_READ_AS_STORED], read * sizeof *pairs);
    }
    return pairs;
}

bool sva_shuffled_control(struct sva_pair *pair, uint32_t component, double *log10_p)
{
    struct sva_block_result result = {.tested = false};
    const int32_t other = sva_counterpart(pair, component, false);
    *log10_p = NAN;
    if (other == SVA_NO_COMPONENT) {
        return true;
    }
    const struct joint_test test = {component, (uint32_t)other, SVA_HALF_ALL};
    struct feature_list list = {0};
    struct sva_block_setup setup = {.units = (uint32_t)pair->subject->components[component].width,
                                    .hashed = true,
                                    .shuffle_reference = true,
                                    .threads = pair->options->threads};
    bool ok = collect(pair, &test, &list);
    struct sva_feature_pair *pairs = ok ? as_stored(&list, &setup.pair_count) : NULL;
    setup.pairs = pairs;
    ok = pairs != NULL && (setup.pair_count == 0 ||
                           (seed_reading(pair, &test, "shuffled", SVA_READ_AS_STORED, setup.seed) &&
                            sva_block_test(&setup, &result)));
    *log10_p = ok && result.tested ? result.log10_p : NAN;
    sva_free(pairs);
    list_free(&list);
    return ok;
}

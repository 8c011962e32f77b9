/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Prints of small decoders made in memory, so that a test can say how their tensors are stored:
 * rows in the other order, quantised, with one added to gains. Every include needs cmocka.h before.
 */
#ifndef SVA_TESTS_MADE_PRINTS_H
#define SVA_TESTS_MADE_PRINTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/formula.h"
#include "fingerprint/view_scan.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"
#include "kernel/random.h"
#include "kernel/rounding.h"
#include <sovaudit/compare.h>

enum {
    MADE_WIDTH = 64,
    MADE_HIDDEN = 96,
    MADE_LAYERS = 4,
    MADE_HEADS = 2,
    MADE_PER_LAYER = 9, /* two gains, q k v o, gate up down */
    MADE_TENSORS = MADE_LAYERS * MADE_PER_LAYER,
    MADE_RANK = 3
};

/** The weights: logical order, F32. */
struct made_model {
    struct made_tensor {
        char name[32];
        enum sva_role role;
        int32_t layer;
        uint64_t n[2];
        enum sva_axis_kind axis[2];
        bool halves; /* rows come in two orders */
        float *values;
    } tensors[MADE_TENSORS];
};

/** How a model is stored. */
struct made_form {
    enum sva_dtype dtype; /**< of matrices */
    bool halves_in_turns; /**< queries and keys in the other order */
    bool no_alternative;  /**< prints carry no second reading */
    bool plus_one;        /**< gains with one added */
    bool by_way_of_f16;   /**< before quantising */
};

static inline struct sva_random made_stream(uint32_t number)
{
    uint8_t seed[32] = {77, (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16)};
    struct sva_random random;
    sva_random_seed(&random, seed);
    return random;
}

static inline double made_uniform(struct sva_random *random)
{
    return ((double)(sva_random_u64(random) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double made_normal(struct sva_random *random)
{
    return sqrt(-2.0 * log(made_uniform(random))) * cos(6.283185307179586 * made_uniform(random));
}

static inline size_t made_count(const struct made_tensor *tensor)
{
    return (size_t)(tensor->n[0] * tensor->n[1]);
}

/** Half a random start, half what training wrote: a few strong directions of the model's own
 * residual stream. */
static inline void made_fill(struct made_tensor *tensor, struct sva_random *random,
                             const double *directions)
{
    const bool residual_out = tensor->axis[0] == SVA_AXIS_RESIDUAL;
    if (tensor->n[0] == 1) {
        for (size_t j = 0; j < made_count(tensor); j++) {
            tensor->values[j] =
                (float)(0.1 * made_normal(random) + 0.1 * directions[j]); /* distance from one */
        }
        return;
    }
    for (size_t i = 0; i < made_count(tensor); i++) {
        tensor->values[i] = (float)(0.02 * made_normal(random));
    }
    for (int k = 0; k < MADE_RANK; k++) {
        const uint64_t other = residual_out ? tensor->n[1] : tensor->n[0];
        for (uint64_t o = 0; o < other; o++) {
            const double left = 0.02 * made_normal(random);
            for (uint64_t d = 0; d < MADE_WIDTH; d++) {
                float *at = residual_out ? &tensor->values[d * tensor->n[1] + o]
                                         : &tensor->values[o * MADE_WIDTH + d];
                *at += (float)(left * directions[k * MADE_WIDTH + (int)d]);
            }
        }
    }
}

static inline void made_model_init(struct made_model *model, uint32_t seed)
{
    static const struct {
        const char *name;
        enum sva_role role;
        uint64_t n[2];
        enum sva_axis_kind axis[2];
    } kinds[MADE_PER_LAYER] = {
        {"attn_norm.weight",
         SVA_ROLE_ATTN_NORM,
         {1, MADE_WIDTH},
         {SVA_AXIS_UNIT, SVA_AXIS_RESIDUAL}},
        {"ffn_norm.weight", SVA_ROLE_FFN_NORM, {1, MADE_WIDTH}, {SVA_AXIS_UNIT, SVA_AXIS_RESIDUAL}},
        {"q.weight",
         SVA_ROLE_ATTN_Q,
         {MADE_WIDTH, MADE_WIDTH},
         {SVA_AXIS_ROTARY, SVA_AXIS_RESIDUAL}},
        {"k.weight",
         SVA_ROLE_ATTN_K,
         {MADE_WIDTH, MADE_WIDTH},
         {SVA_AXIS_ROTARY, SVA_AXIS_RESIDUAL}},
        {"v.weight",
         SVA_ROLE_ATTN_V,
         {MADE_WIDTH, MADE_WIDTH},
         {SVA_AXIS_VALUE, SVA_AXIS_RESIDUAL}},
        {"o.weight",
         SVA_ROLE_ATTN_OUT,
         {MADE_WIDTH, MADE_WIDTH},
         {SVA_AXIS_RESIDUAL, SVA_AXIS_VALUE}},
        {"gate.weight",
         SVA_ROLE_FFN_GATE,
         {MADE_HIDDEN, MADE_WIDTH},
         {SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL}},
        {"up.weight",
         SVA_ROLE_FFN_UP,
         {MADE_HIDDEN, MADE_WIDTH},
         {SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL}},
        {"down.weight",
         SVA_ROLE_FFN_DOWN,
         {MADE_WIDTH, MADE_HIDDEN},
         {SVA_AXIS_RESIDUAL, SVA_AXIS_NEURON}},
    };
    struct sva_random random = made_stream(seed);
    double directions[MADE_RANK * MADE_WIDTH];
    for (int i = 0; i < MADE_RANK * MADE_WIDTH; i++) {
        directions[i] = made_normal(&random);
    }
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct made_tensor *tensor = &model->tensors[i];
        const int kind = i % MADE_PER_LAYER;
        *tensor = (struct made_tensor){.role = kinds[kind].role,
                                       .layer = i / MADE_PER_LAYER,
                                       .halves = kind == 2 || kind == 3};
        memcpy(tensor->n, kinds[kind].n, sizeof tensor->n);
        memcpy(tensor->axis, kinds[kind].axis, sizeof tensor->axis);
        (void)snprintf(tensor->name, sizeof tensor->name, "layers.%d.%s", tensor->layer,
                       kinds[kind].name);
        tensor->values = sva_calloc(made_count(tensor), sizeof *tensor->values);
        assert_non_null(tensor->values);
        made_fill(tensor, &random, directions);
    }
}

static inline void made_model_done(struct made_model *model)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        sva_free(model->tensors[i].values);
    }
}

/** Moves the weights of matrices, or of gains, by `change` of the tensor's size. */
static inline void made_tune(struct made_model *model, struct sva_random *random, double change,
                             bool matrices)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct made_tensor *tensor = &model->tensors[i];
        double energy = 0.0;
        if (matrices != (tensor->n[0] > 1)) {
            continue;
        }
        for (size_t j = 0; j < made_count(tensor); j++) {
            energy += (double)tensor->values[j] * (double)tensor->values[j];
        }
        const double size = change * sqrt(energy / (double)made_count(tensor));
        for (size_t j = 0; j < made_count(tensor); j++) {
            tensor->values[j] += (float)(size * made_normal(random));
        }
    }
}

static inline void made_model_tune_matrices(struct made_model *model, uint32_t seed, double change)
{
    struct sva_random random = made_stream(seed);
    made_tune(model, &random, change, true);
}

static inline void made_model_tune(struct made_model *model, uint32_t seed, double change)
{
    struct sva_random random = made_stream(seed);
    made_tune(model, &random, change, true);
    made_tune(model, &random, change, false);
}

/** Stored row of logical row `row` when the halves of each head take turns. */
static inline uint64_t made_turned(uint64_t row)
{
    const uint64_t width = MADE_WIDTH / MADE_HEADS;
    const uint64_t head = row / width;
    const uint64_t inside = row % width;
    return head * width + inside % (width / 2) * 2 + inside / (width / 2);
}

/** What a scan of one reading gives, before it becomes a tensor or an alternative. */
struct made_scan {
    const float *values; /* [n0][n1] in the order read */
    const float *steps;
};

static inline void made_digest(const void *bytes, size_t size, uint8_t digest[16])
{
    uint8_t full[32];
    assert_true(sva_sha256(bytes, size, full));
    memcpy(digest, full, 16);
}

/** Rows that samples are taken from; columns follow alike. */
static inline uint64_t made_place(uint32_t i, uint32_t count, uint64_t length)
{
    return (uint64_t)i * length / count + (uint64_t)i * 7 % (length / count);
}

static inline void made_samples(const struct made_tensor *tensor, const struct made_form *form,
                                const struct made_scan *scan, struct sva_value_samples *samples,
                                struct sva_row_digests *rows)
{
    static const enum sva_dtype formats[SVA_REQUANTISED / 2] = {SVA_DTYPE_Q8_0, SVA_DTYPE_Q4_0,
                                                                SVA_DTYPE_Q4_1, SVA_DTYPE_Q5_0,
                                                                SVA_DTYPE_Q5_1, SVA_DTYPE_MXFP4};
    const size_t n1 = (size_t)tensor->n[1];
    float *values = sva_calloc(SVA_SAMPLE_ROWS * SVA_SAMPLE_COLUMNS, sizeof *values);
    float *steps = sva_calloc(SVA_SAMPLE_ROWS * SVA_SAMPLE_COLUMNS, sizeof *steps);
    float *whole = sva_calloc(SVA_SAMPLE_ROWS * n1, sizeof *whole);
    uint8_t *bytes = sva_calloc(SVA_SAMPLE_ROWS * n1, 4);
    assert_true(values != NULL && steps != NULL && whole != NULL && bytes != NULL);
    for (uint32_t i = 0; i < SVA_SAMPLE_ROWS; i++) {
        const uint64_t row = made_place(i, SVA_SAMPLE_ROWS, tensor->n[0]);
        memcpy(whole + i * n1, scan->values + row * n1, n1 * sizeof *whole);
        for (uint32_t j = 0; j < SVA_SAMPLE_COLUMNS; j++) {
            const uint64_t at = row * n1 + made_place(j, SVA_SAMPLE_COLUMNS, tensor->n[1]);
            values[i * SVA_SAMPLE_COLUMNS + j] = scan->values[at];
            steps[i * SVA_SAMPLE_COLUMNS + j] = scan->steps != NULL ? scan->steps[at] : 0.0f;
        }
    }
    *samples = (struct sva_value_samples){SVA_SAMPLE_ROWS, SVA_SAMPLE_COLUMNS, values,
                                          scan->steps != NULL ? steps : NULL};
    const size_t count = SVA_SAMPLE_ROWS * n1;
    if (scan->steps != NULL) {
        /* quantising what was quantised gives the same codes, but for the last bit of a scale */
        rows->stored_known = true;
        made_digest(whole, count * sizeof *whole, rows->stored);
    } else if (sva_dtype_get(form->dtype)->is_float) {
        rows->requantised_known = true;
        for (size_t f = 0; f < SVA_REQUANTISED; f++) {
            const struct sva_dtype_info *info = sva_dtype_get(formats[f / 2]);
            float *rounded = sva_calloc(count, sizeof *rounded);
            assert_non_null(rounded);
            memcpy(rounded, whole, count * sizeof *rounded);
            if (f % 2 == 1) {
                sva_round_f16(whole, count, rounded);
            }
            sva_quantise(formats[f / 2], rounded, count, bytes);
            sva_dequantise(formats[f / 2], bytes, count / info->block_elements, rounded);
            made_digest(rounded, count * sizeof *rounded, rows->requantised[f]);
            sva_free(rounded);
        }
    }
    sva_free(whole);
    sva_free(bytes);
    if (scan->steps == NULL) {
        sva_free(steps);
    }
}

/** Runs the scan of a print over values in the order read. */
static inline void made_scan_values(const struct made_tensor *tensor, const struct made_form *form,
                                    const struct made_scan *scan, struct sva_print_tensor *out)
{
    const struct sva_view view = {.part = "",
                                  .n = {tensor->n[0], tensor->n[1], 1},
                                  .stride = {tensor->n[1], 1, 1},
                                  .axis = {tensor->axis[0], tensor->axis[1]},
                                  .role = tensor->role,
                                  .layer = tensor->layer,
                                  .expert = -1};
    struct sva_view_scan state;
    assert_true(sva_view_scan_init(&state, &view, NULL));
    if (form->dtype == SVA_DTYPE_F32 || tensor->n[0] == 1) {
        assert_true(sva_view_scan_add_rounded(&state));
    }
    for (uint64_t row = 0; row < tensor->n[0]; row++) {
        sva_view_scan_line(&state, row, 0, scan->values + row * tensor->n[1], (size_t)tensor->n[1]);
    }
    assert_true(sva_view_scan_finish(&state, out));
    sva_view_scan_done(&state);
}

/** The tensor's values as its form keeps them, in logical order; `steps` of block formats. */
static inline void made_round(const struct made_tensor *tensor, const struct made_form *form,
                              float *values, float *steps)
{
    const size_t count = made_count(tensor);
    memcpy(values, tensor->values, count * sizeof *values);
    if (tensor->n[0] == 1) {
        for (size_t j = 0; form->plus_one && j < count; j++) {
            values[j] += 1.0f;
        }
        return;
    }
    if (form->dtype == SVA_DTYPE_F16 || form->by_way_of_f16) {
        sva_round_f16(tensor->values, count, values);
    } else if (form->dtype == SVA_DTYPE_BF16) {
        sva_round_bf16(tensor->values, count, values);
    }
    if (sva_dtype_is_block(form->dtype)) {
        uint8_t *bytes = sva_calloc(count, 4);
        assert_non_null(bytes);
        sva_quantise(form->dtype, values, count, bytes);
        const size_t number = count / sva_dtype_get(form->dtype)->block_elements;
        sva_dequantise(form->dtype, bytes, number, values);
        sva_block_steps(form->dtype, bytes, number, steps);
        sva_free(bytes);
    }
}

/** Rows in turns: to[turned(row)] = from[row], or the way back. */
static inline void made_turn(const struct made_tensor *tensor, bool back, const float *from,
                             float *to)
{
    const size_t n1 = (size_t)tensor->n[1];
    for (uint64_t row = 0; row < tensor->n[0]; row++) {
        const uint64_t turned = made_turned(row);
        memcpy(to + (back ? row : turned) * n1, from + (back ? turned : row) * n1, n1 * sizeof *to);
    }
}

/** The second reading of what a file holds: undoes a turn that may not be there. */
static inline void made_second_reading(const struct made_tensor *tensor,
                                       const struct made_form *form, const struct made_scan *stored,
                                       struct sva_print_tensor *out)
{
    const size_t count = made_count(tensor);
    struct sva_print_alternative *other = sva_calloc(1, sizeof *other);
    struct sva_print_tensor turned = {0};
    float *values = sva_calloc(count, sizeof *values);
    float *steps = sva_calloc(count, sizeof *steps);
    assert_true(other != NULL && values != NULL && steps != NULL);
    made_turn(tensor, true, stored->values, values);
    if (stored->steps != NULL) {
        made_turn(tensor, true, stored->steps, steps);
    }
    const struct made_scan second = {values, stored->steps != NULL ? steps : NULL};
    made_scan_values(tensor, form, &second, &turned);
    other->name = "rotary halves in turns";
    memcpy(other->value_hash, turned.value_hash, sizeof other->value_hash);
    other->rounded_known = turned.rounded_known;
    memcpy(other->rounded_hash, turned.rounded_hash, sizeof other->rounded_hash);
    other->axis = turned.axis[1];
    turned.axis[1] = (struct sva_axis_sketch){0};
    made_samples(tensor, form, &second, &other->samples, &other->rows);
    sva_print_tensor_done(&turned);
    out->alternative = other;
    sva_free(values);
    sva_free(steps);
}

/** One tensor as it would be stored, then read in its two orders. */
static inline void made_tensor_print(const struct made_tensor *tensor, const struct made_form *form,
                                     struct sva_print_tensor *out)
{
    const size_t count = made_count(tensor);
    const bool matrix = tensor->n[0] > 1;
    const bool blocks = matrix && sva_dtype_is_block(form->dtype);
    float *values[2]; /* logical order, turned */
    float *steps[2];
    for (int order = 0; order < 2; order++) {
        values[order] = sva_calloc(count, sizeof *values[order]);
        steps[order] = sva_calloc(count, sizeof *steps[order]);
        assert_true(values[order] != NULL && steps[order] != NULL);
    }
    made_round(tensor, form, values[0], steps[0]);
    if (tensor->halves) {
        made_turn(tensor, false, values[0], values[1]);
        made_turn(tensor, false, steps[0], steps[1]);
    }
    const int stored = tensor->halves && form->halves_in_turns ? 1 : 0;
    const struct made_scan scan = {values[stored], blocks ? steps[stored] : NULL};
    made_scan_values(tensor, form, &scan, out);
    out->dtype = matrix ? form->dtype : SVA_DTYPE_F32;
    if (matrix) {
        made_samples(tensor, form, &scan, &out->samples, &out->rows);
    }
    if (tensor->halves && !form->no_alternative) {
        made_second_reading(tensor, form, &scan, out);
    }
    for (int order = 0; order < 2; order++) {
        sva_free(values[order]);
        sva_free(steps[order]);
    }
}

/** A print; every pointer inside is the print's. */
struct made_print {
    struct sva_print print;
    struct sva_print_component component;
    struct sva_print_tensor tensors[MADE_TENSORS];
};

static inline void made_print_init(struct made_print *made, const struct made_model *model,
                                   struct made_form form, uint32_t number)
{
    *made = (struct made_print){0};
    made->component = (struct sva_print_component){.name = "text-decoder",
                                                   .kind = SVA_COMPONENT_TEXT_DECODER,
                                                   .width = MADE_WIDTH,
                                                   .layer_count = MADE_LAYERS};
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct sva_print_tensor *out = &made->tensors[i];
        const struct made_tensor *tensor = &model->tensors[i];
        made_tensor_print(tensor, &form, out);
        out->name = tensor->name;
        out->role = tensor->role;
        out->layer = tensor->layer;
        out->expert = -1;
        out->n[0] = tensor->n[0];
        out->n[1] = tensor->n[1];
        out->n[2] = 1;
        out->stored_rank = tensor->n[0] == 1 ? 1 : 2;
        out->axis_kind[0] = tensor->axis[0];
        out->axis_kind[1] = tensor->axis[1];
        made->component.parameter_count += out->element_count;
    }
    made->print = (struct sva_print){.method_version = SVA_METHOD_VERSION,
                                     .name = "made",
                                     .parameter_count = made->component.parameter_count,
                                     .component_count = 1,
                                     .components = &made->component,
                                     .tensor_count = MADE_TENSORS,
                                     .tensors = made->tensors};
    memcpy(made->print.digest, &number, sizeof number);
}

static inline void made_free_samples(const struct sva_value_samples *samples)
{
    sva_free((void *)(uintptr_t)samples->values);
    sva_free((void *)(uintptr_t)samples->steps);
}

static inline void made_print_done(struct made_print *made)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct sva_print_alternative *other =
            (struct sva_print_alternative *)(uintptr_t)made->tensors[i].alternative;
        if (other != NULL) {
            sva_free((void *)(uintptr_t)other->axis.values);
            sva_free((void *)(uintptr_t)other->axis.directions);
            made_free_samples(&other->samples);
            sva_free(other);
            made->tensors[i].alternative = NULL;
        }
        made_free_samples(&made->tensors[i].samples);
        made->tensors[i].samples = (struct sva_value_samples){0};
        sva_print_tensor_done(&made->tensors[i]);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* bitsandbytes: 4 bits with a table of values and blocks over the flattened matrix, whose shape
   is written in a JSON text kept as a tensor; 8 bits with a scale for each row. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "format/json.h"
#include "kernel/dtype.h"
#include "kernel/small_floats.h"
#include "model/packing_families.h"

enum { STATE_BYTES_MAX = 4096, STATE_DEPTH_MAX = 4, MAP_VALUES = 16, NESTED_VALUES = 256 };

/** What the JSON text says. */
struct quant_state {
    uint64_t block, nested_block;
    uint64_t shape[3];
    uint32_t rank;
    double nested_offset;
    bool has_offset;
};

/** An exponent as JSON writes it, from behind its letter; -1000 ... 1000, and `*end` behind it. */
static int decimal_exponent(const char *text, const char **end)
{
    const bool below = *text == '-';
    int stated = 0;
    const char *at = *text == '-' || *text == '+' ? text + 1 : text;
    for (; *at >= '0' && *at <= '9'; at++) {
        stated = stated >= 100 ? 1000 : stated * 10 + (*at - '0');
    }
    *end = at;
    return below ? -stated : stated;
}

/**
 * A number of JSON. Its digits and a power of ten are exact, or nearly, in double precision, which
 * is more than an F32 that was written in decimal needs to come back as itself.
 */
static bool decimal_number(const char *text, double *value)
{
    double digits = 0;
    int exponent = 0;
    int place = 0; /* -1 behind the point */
    const char *at = *text == '-' ? text + 1 : text;
    for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        if (*at == '.') {
            place = -1;
        } else if (digits < 1e17) {
            digits = digits * 10 + (*at - '0');
            exponent += place;
        } else {
            exponent += 1 + place;
        }
    }
    if (*at == 'e' || *at == 'E') {
        exponent += decimal_exponent(at + 1, &at);
    }
    if (*at != '\0' || exponent < -100 || exponent > 60) {
        return false;
    }
    double power = 1;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--) {
        power *= 10;
    }
    digits = exponent < 0 ? digits / power : digits * power;
    *value = *text == '-' ? -digits : digits;
    return true;
}

static enum sva_status take_shape(struct sva_json *json, struct quant_state *state, bool *sound,
                                  struct sva_error *error)
{
    enum sva_json_token token;
    enum sva_status status = sva_json_next(json, &token, error);
    *sound = *sound && status == SVA_OK && token == SVA_JSON_ARRAY_BEGIN;
    while (status == SVA_OK && *sound) {
        status = sva_json_next(json, &token, error);
        if (status != SVA_OK || token == SVA_JSON_ARRAY_END) {
            break;
        }
        *sound = token == SVA_JSON_NUMBER && state->rank < 3 &&
                 sva_json_u64(json, &state->shape[state->rank]);
        state->rank++;
    }
    return status;
}

static enum sva_status take_key(struct sva_json *json, struct quant_state *state, bool *sound,
                                struct sva_error *error)
{
    enum sva_json_token token;
    if (strcmp(json->text, "shape") == 0) {
        *sound = *sound && state->rank == 0;
        return take_shape(json, state, sound, error);
    }
    uint64_t *const number = strcmp(json->text, "blocksize") == 0          ? &state->block
                             : strcmp(json->text, "nested_blocksize") == 0 ? &state->nested_block
                                                                           : NULL;
    if (number != NULL) {
        const enum sva_status status = sva_json_next(json, &token, error);
        *sound = *sound && status == SVA_OK && *number == 0 && token == SVA_JSON_NUMBER &&
                 sva_json_u64(json, number) && *number > 0;
        return status;
    }
    if (strcmp(json->text, "nested_offset") == 0) {
        const enum sva_status status = sva_json_next(json, &token, error);
        *sound = *sound && status == SVA_OK && !state->has_offset && token == SVA_JSON_NUMBER &&
                 decimal_number(json->text, &state->nested_offset);
        state->has_offset = true;
        return status;
    }
    return sva_json_skip(json, error);
}

/** False unless the text is one object whose known keys are there once and sound. */
static bool parse_state(struct sva_span text, struct quant_state *state, enum sva_status *status)
{
    struct sva_error error = {0};
    struct sva_json json;
    enum sva_json_token token;
    bool sound = true;
    sva_json_init(&json, text, "a quantisation state", 0, STATE_DEPTH_MAX);
    *status = sva_json_next(&json, &token, &error);
    sound = *status == SVA_OK && token == SVA_JSON_OBJECT_BEGIN;
    while (*status == SVA_OK && sound) {
        *status = sva_json_next(&json, &token, &error);
        if (*status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        *status = take_key(&json, state, &sound, &error);
    }
    if (*status == SVA_OK && sound) {
        *status = sva_json_next(&json, &token, &error); /* nothing may follow */
        sound = *status == SVA_OK && token == SVA_JSON_END;
    }
    sva_json_done(&json);
    sound = sound && *status == SVA_OK;
    *status = *status == SVA_ERR_MEMORY ? SVA_ERR_MEMORY : SVA_OK;
    return sound;
}

/**
 * The usual loader has the values built in and ignores the ones stored, so other values would be
 * other weights to it.
 */
static enum sva_fit check_map(struct sva_packed_set *set, const float known[MAP_VALUES])
{
    uint8_t bytes[4 * MAP_VALUES];
    float values[MAP_VALUES];
    if (!sva_set_read(set, set->packing.quant_map, sizeof bytes, bytes)) {
        return SVA_FIT_FAILED;
    }
    sva_decode_f32(SVA_DTYPE_F32, bytes, 0, MAP_VALUES, values);
    for (unsigned i = 0; i < MAP_VALUES; i++) {
        if (!(fabsf(values[i] - known[i]) <= 1e-5F)) {
            return sva_set_bad(set, "its codes stand for other values than the format's");
        }
    }
    return SVA_FIT_YES;
}

static bool is_floats(const struct sva_tensor *tensor, uint64_t count)
{
    return tensor->dtype == SVA_DTYPE_F32 && tensor->element_count == count;
}

/** The scales of scales. */
static const char *take_nested(struct sva_packed_set *set, const struct quant_state *state,
                               uint64_t blocks)
{
    struct sva_packing *const packing = &set->packing;
    const size_t base = set->codes->name_bytes;
    packing->nested_scales = sva_set_take(set, base, ".nested_absmax", "scales of scales");
    packing->nested_map = sva_set_take(set, base, ".nested_quant_map", "values of scales");
    if (packing->nested_scales == SVA_PACKED_NONE || packing->nested_map == SVA_PACKED_NONE) {
        return "the scales of its scales are not there";
    }
    if (state->nested_block == 0 || !state->has_offset ||
        !is_floats(sva_set_part(set, packing->nested_map), NESTED_VALUES) ||
        !is_floats(sva_set_part(set, packing->nested_scales),
                   sva_ceil_div(blocks, state->nested_block))) {
        return "the scales of its scales do not fit";
    }
    packing->nested_block = state->nested_block;
    packing->nested_offset = (float)state->nested_offset;
    return NULL;
}

static const char *fit_state(struct sva_packed_set *set, const struct quant_state *state)
{
    struct sva_packing *const packing = &set->packing;
    uint64_t count = 1;
    if (state->rank < 2 || state->block == 0) {
        return "its state names no shape of two or three axes, or no block size";
    }
    for (uint32_t i = 0; i < state->rank; i++) {
        if (!sva_mul_u64(count, state->shape[i], &count)) {
            return "its state names an impossible shape";
        }
    }
    if (set->codes->element_count != sva_ceil_div(count, 2)) {
        return "it has another number of codes than its state says";
    }
    set->rank = state->rank;
    packing->experts = state->rank == 3 ? state->shape[0] : 1;
    packing->rows = state->shape[state->rank - 2];
    packing->columns = state->shape[state->rank - 1];
    const uint64_t blocks = sva_ceil_div(count, state->block);
    const struct sva_tensor *const scales = sva_set_part(set, packing->scales);
    packing->scale_dtype = scales->dtype;
    packing->grid = (struct sva_scale_grid){.rows = 1,
                                            .columns = blocks,
                                            .row_block = packing->rows,
                                            .column_block = state->block,
                                            .flat = true};
    if (scales->element_count != blocks ||
        (scales->dtype != SVA_DTYPE_F32 && scales->dtype != SVA_DTYPE_U8)) {
        return "its scales have another shape or type";
    }
    return scales->dtype == SVA_DTYPE_U8 ? take_nested(set, state, blocks) : NULL;
}

enum sva_fit sva_fit_bnb4(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    const size_t base = set->codes->name_bytes;
    packing->scales = sva_set_take(set, base, ".absmax", "scales");
    if (packing->scales == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    const char *kind = "nf4";
    packing->quant_map = sva_set_take(set, base, ".quant_map", "values of codes");
    int state_part = sva_set_take(set, base, ".quant_state.bitsandbytes__nf4", "state");
    if (state_part == SVA_PACKED_NONE) {
        kind = "fp4";
        state_part = sva_set_take(set, base, ".quant_state.bitsandbytes__fp4", "state");
    }
    if (state_part == SVA_PACKED_NONE || packing->quant_map == SVA_PACKED_NONE) {
        return sva_set_bad(set, "its state or the values of its codes are not there");
    }
    const struct sva_tensor *const stored = sva_set_part(set, state_part);
    if (!is_floats(sva_set_part(set, packing->quant_map), MAP_VALUES) ||
        stored->dtype != SVA_DTYPE_U8 || stored->size_bytes > STATE_BYTES_MAX) {
        return sva_set_bad(set, "its state or the values of its codes have another shape or type");
    }
    uint8_t bytes[STATE_BYTES_MAX];
    struct quant_state state = {0};
    if (!sva_set_read(set, state_part, (size_t)stored->size_bytes, bytes)) {
        return SVA_FIT_FAILED;
    }
    if (!parse_state((struct sva_span){bytes, (size_t)stored->size_bytes}, &state, &set->status)) {
        if (set->status == SVA_OK) {
            return sva_set_bad(set, "its state is no sound JSON object");
        }
        set->status = sva_fail_memory(set->finder->error, "reading a quantisation state");
        return SVA_FIT_FAILED;
    }
    packing->store = SVA_CODES_HALVES;
    packing->bits = 4;
    packing->base_dtype = SVA_DTYPE_U8;
    const char *const wrong = fit_state(set, &state);
    const enum sva_fit map = check_map(set, kind[0] == 'n' ? sva_nf4_values : sva_fp4_values);
    if (map != SVA_FIT_YES) {
        return map;
    }
    snprintf(set->form, sizeof set->form, "%s, blocks of %llu%s", kind,
             (unsigned long long)state.block,
             packing->nested_scales == SVA_PACKED_NONE ? "" : ", double-quantised");
    return wrong == NULL ? SVA_FIT_YES : sva_set_bad(set, "%s", wrong);
}

enum sva_fit sva_fit_bnb8(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    packing->scales = sva_set_take(set, set->stem_bytes, ".SCB", "scales");
    if (packing->scales == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    (void)sva_set_take(set, set->stem_bytes, ".weight_format", "layout");
    const struct sva_tensor *const scales = sva_set_part(set, packing->scales);
    const struct sva_tensor *const codes = set->codes;
    if (codes->rank != 2 || !is_floats(scales, codes->shape[0])) {
        return sva_set_bad(set, "its scales are not one F32 for each row");
    }
    packing->rows = codes->shape[0];
    packing->columns = codes->shape[1];
    packing->store = SVA_CODES_ROWS;
    packing->bits = 8;
    packing->base_dtype = SVA_DTYPE_I8;
    packing->row_bytes = packing->columns;
    packing->scale_dtype = SVA_DTYPE_F32;
    packing->scale_divisor = 127;
    packing->grid = (struct sva_scale_grid){
        .rows = packing->rows, .columns = 1, .row_block = 1, .column_block = packing->columns};
    snprintf(set->form, sizeof set->form, "bitsandbytes int8");
    return SVA_FIT_YES;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign bytes: every count is checked against the bytes left before anything is allocated. */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "fingerprint/code_block.h"
#include "fingerprint/gram.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_internal.h"
#include "fingerprint/reading_block.h"
#include "fingerprint/sketch.h"
#include "fingerprint/token_sample_block.h"

enum {
    TENSORS_MOST = 2000000, /* as of a model: sva_limits_default() */
    NUMBERS_MOST = 1000000 /* of layers, of experts: six digits in names, as many views of stacks */
};

/** Notes a failed allocation: the block is then not to blame. */
static void check_memory(struct sva_cursor *in, struct sva_print_memory *memory, const void *block)
{
    if (block == NULL) {
        memory->exhausted = true;
        in->failed = true;
    }
}

static double get_f64(struct sva_cursor *in)
{
    const uint64_t bits = sva_cursor_u64le(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/** A text or NULL; sets the cursor's failure on overrun, an inner NUL or lack of memory. */
static const char *get_text(struct sva_cursor *in, struct sva_print_memory *memory)
{
    const uint32_t coded = sva_cursor_u32le(in);
    if (coded == 0 || in->failed) {
        return NULL;
    }
    const uint8_t *bytes = sva_cursor_take(in, coded - 1);
    if (bytes == NULL || memchr(bytes, '\0', coded - 1) != NULL) {
        in->failed = true;
        return NULL;
    }
    const char *text = sva_arena_strndup(&memory->arena, (const char *)bytes, coded - 1);
    check_memory(in, memory, text);
    return text;
}

/** A text that may not be NULL. */
static const char *get_name(struct sva_cursor *in, struct sva_print_memory *memory)
{
    const char *text = get_text(in, memory);
    in->failed = in->failed || text == NULL;
    return text == NULL ? "" : text;
}

/** A count of entries of at least `least_bytes` each that the rest of the block can hold. */
static uint32_t get_count(struct sva_cursor *in, size_t least_bytes)
{
    const uint32_t count = sva_cursor_u32le(in);
    if (count > sva_cursor_left(in) / least_bytes) {
        in->failed = true;
        return 0;
    }
    return count;
}

/** An enumerator below `limit`. */
static uint8_t get_enum(struct sva_cursor *in, unsigned limit)
{
    const uint8_t value = sva_cursor_u8(in);
    in->failed = in->failed || value >= limit;
    return value;
}

/** The number of a layer or expert, -1 for none. */
static int32_t get_number(struct sva_cursor *in)
{
    const uint32_t number = sva_cursor_u32le(in);
    const bool none = number == UINT32_MAX;
    in->failed = in->failed || (!none && number >= NUMBERS_MOST);
    return none || in->failed ? -1 : (int32_t)number;
}

static void get_digest(struct sva_cursor *in, uint8_t digest[32])
{
    const uint8_t *bytes = sva_cursor_take(in, 32);
    if (bytes != NULL) {
        memcpy(digest, bytes, 32);
    }
}

static void get_header(struct sva_print *print, struct sva_cursor *in,
                       struct sva_print_memory *memory)
{
    print->name = get_name(in, memory);
    print->parameter_count = sva_cursor_u64le(in);
    print->weight_bytes = sva_cursor_u64le(in);
    print->tokens_keyed = get_enum(in, 2) == 1;
}

static void get_components(struct sva_print *print, struct sva_cursor *in,
                           struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 30);
    struct sva_print_component *out = sva_arena_alloc(&memory->arena, count, sizeof *out);
    check_memory(in, memory, out);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        out[i].name = get_name(in, memory);
        out[i].kind = (enum sva_component_kind)get_enum(in, SVA_COMPONENT_GENERIC + 1);
        out[i].width = sva_cursor_u64le(in);
        out[i].layer_count = sva_cursor_u32le(in);
        out[i].parameter_count = sva_cursor_u64le(in);
        out[i].residual_labelled = get_enum(in, 2) == 1;
        out[i].labelled_why = get_text(in, memory);
    }
    print->components = out;
    print->component_count = in->failed ? 0 : count;
}

/** Heads as sva_heads_of() tells them: nothing, or all three, and the readers of each key-value
 * head. */
static bool are_heads(const struct sva_print_component *component)
{
    const uint32_t heads = component->head_count;
    const uint32_t read = component->kv_head_count;
    const uint32_t width = component->head_width;
    return (heads == 0 && read == 0 && width == 0) ||
           (heads > 0 && read > 0 && heads % read == 0 && width > 0);
}

static void get_heads(struct sva_print *print, struct sva_cursor *in)
{
    struct sva_print_component *out = (struct sva_print_component *)(uintptr_t)print->components;
    for (size_t i = 0; i < print->component_count && !in->failed; i++) {
        out[i].head_count = sva_cursor_u32le(in);
        out[i].kv_head_count = sva_cursor_u32le(in);
        out[i].head_width = sva_cursor_u32le(in);
        in->failed = in->failed || !are_heads(&out[i]);
    }
}

static void get_tensor(struct sva_print_tensor *out, size_t component_count, struct sva_cursor *in,
                       struct sva_print_memory *memory)
{
    out->name = get_name(in, memory);
    out->component = sva_cursor_u32le(in);
    in->failed = in->failed || out->component >= component_count;
    out->role = (enum sva_role)get_enum(in, SVA_ROLE_COUNT);
    out->bias = get_enum(in, 2) == 1;
    out->layer = get_number(in);
    out->expert = get_number(in);
    out->dtype = (enum sva_dtype)get_enum(in, SVA_DTYPE_COUNT);
    out->form = get_text(in, memory);
    out->transform = get_text(in, memory);
    for (int axis = 0; axis < 3; axis++) {
        out->n[axis] = sva_cursor_u64le(in);
    }
    out->stored_rank = sva_cursor_u32le(in);
    out->axis_kind[0] = (enum sva_axis_kind)get_enum(in, SVA_AXIS_UNIT + 1);
    out->axis_kind[1] = (enum sva_axis_kind)get_enum(in, SVA_AXIS_UNIT + 1);
    out->element_count = sva_cursor_u64le(in);
    get_digest(in, out->value_hash);
    out->rounded_known = get_enum(in, 2) == 1;
    if (out->rounded_known) {
        get_digest(in, out->rounded_hash[0]);
        get_digest(in, out->rounded_hash[1]);
    }
    out->inert = sva_cursor_u32le(in);
    out->nonfinite_count = sva_cursor_u64le(in);
    out->mean = get_f64(in);
    out->deviation = get_f64(in);
    out->minimum = get_f64(in);
    out->maximum = get_f64(in);
    out->kurtosis = get_f64(in);
}

static void get_tensors(struct sva_print *print, struct sva_cursor *in,
                        struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 150);
    if (in->failed || count > TENSORS_MOST) {
        in->failed = true;
        return;
    }
    if (!sva_print_reserve_tensors(print, count)) {
        check_memory(in, memory, NULL);
        return;
    }
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        get_tensor(&sva_print_memory_of(print)->tensors[i], print->component_count, in, memory);
    }
}

/** `count` integers within +-`limit`. */
static void get_bounded(int16_t *values, size_t count, int limit, struct sva_cursor *in)
{
    int beyond = 0;
    sva_cursor_i16le_list(in, values, count);
    for (size_t i = 0; !in->failed && i < count; i++) {
        beyond |= values[i] > limit || values[i] < -limit;
    }
    in->failed = in->failed || beyond != 0;
}

/** Only shapes that the maker produces for such an axis: everything downstream relies on them. */
static void get_sketch(const struct sva_print_tensor *tensor, int axis,
                       struct sva_axis_sketch *sketch, struct sva_cursor *in,
                       struct sva_print_memory *memory)
{
    const uint64_t axis_length = tensor->n[axis];
    sketch->length = sva_cursor_u64le(in);
    sketch->kept = sva_cursor_u32le(in);
    sketch->features = sva_cursor_u32le(in);
    const uint64_t count = (uint64_t)sketch->kept * sketch->features;
    if (sketch->length == 0 && sketch->kept == 0 && sketch->features == 0) {
        return;
    }
    if (in->failed || sketch->length != axis_length ||
        sketch->kept != sva_kept_count(axis_length, tensor->axis_kind[axis]) || count == 0 ||
        sketch->features > 64 || count > sva_cursor_left(in) / 2) {
        in->failed = true;
        sketch->kept = 0;
        sketch->length = 0;
        return;
    }
    int16_t *values = sva_calloc((size_t)count, sizeof *values);
    sketch->values = values;
    check_memory(in, memory, values);
    if (values != NULL) {
        get_bounded(values, (size_t)count, SVA_FEATURE_LIMIT, in);
    }
}

static void get_directions(struct sva_axis_sketch *sketch, struct sva_cursor *in,
                           struct sva_print_memory *memory)
{
    sketch->directions_known = get_enum(in, 2) == 1;
    const uint32_t leading = get_enum(in, SVA_LEADING_DIRECTIONS + 1);
    const size_t size = (size_t)leading * sketch->kept;
    if (size == 0) {
        in->failed = in->failed || leading != 0;
        return;
    }
    const uint8_t *bytes = sva_cursor_take(in, size);
    int8_t *directions = bytes == NULL ? NULL : sva_calloc(size, 1);
    if (bytes != NULL) {
        check_memory(in, memory, directions);
    }
    if (directions != NULL) {
        memcpy(directions, bytes, size);
        sketch->directions = directions;
        sketch->leading = leading;
    }
}

static void get_vector(struct sva_print_tensor *tensor, struct sva_cursor *in,
                       struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 4);
    float *vector = count == 0 ? NULL : sva_calloc(count, sizeof *vector);
    if (count > 0) {
        check_memory(in, memory, vector);
    }
    if (vector != NULL) {
        sva_cursor_f32le_list(in, vector, count);
    }
    tensor->vector = vector;
    tensor->vector_length = vector == NULL ? 0 : count;
}

/** `count` floats, NULL when there are none or they are not there. */
static float *get_floats(struct sva_cursor *in, size_t count, struct sva_print_memory *memory)
{
    if (count == 0 || count > sva_cursor_left(in) / 4) {
        in->failed = in->failed || count > 0;
        return NULL;
    }
    float *const values = sva_calloc(count, sizeof *values);
    check_memory(in, memory, values);
    if (values != NULL) {
        sva_cursor_f32le_list(in, values, count);
    }
    return values;
}

/** Only sizes that the maker produces: both or none, and what the shape allows. */
static void get_samples(struct sva_value_samples *samples, const uint64_t n[3],
                        struct sva_cursor *in, struct sva_print_memory *memory)
{
    const uint32_t rows = get_enum(in, SVA_SAMPLE_ROWS + 1);
    const uint32_t columns = get_enum(in, SVA_SAMPLE_COLUMNS + 1);
    const bool steps = get_enum(in, 2) == 1;
    const bool odd = rows > n[0] || (rows == 0) != (columns == 0) || (rows == 0 && steps) ||
                     (rows > 0 && (n[1] == 0 || n[2] == 0));
    in->failed = in->failed || odd;
    if (in->failed || rows == 0) {
        return;
    }
    samples->values = get_floats(in, (size_t)rows * columns, memory);
    samples->steps = steps && !in->failed ? get_floats(in, (size_t)rows * columns, memory) : NULL;
    samples->rows = in->failed ? 0 : rows;
    samples->columns = in->failed ? 0 : columns;
}

static void get_bytes(struct sva_cursor *in, void *out, size_t size)
{
    const uint8_t *const bytes = sva_cursor_take(in, size);
    if (bytes != NULL) {
        memcpy(out, bytes, size);
    }
}

static void get_row_digests(struct sva_row_digests *rows, struct sva_cursor *in)
{
    const uint8_t known = get_enum(in, 4);
    rows->stored_known = (known & 1) != 0;
    rows->requantised_known = (known & 2) != 0;
    if (rows->stored_known) {
        get_bytes(in, rows->stored, sizeof rows->stored);
    }
    if (rows->requantised_known) {
        get_bytes(in, rows->requantised, sizeof rows->requantised);
    }
}

static void get_alternative(struct sva_print_tensor *tensor, struct sva_cursor *in,
                            struct sva_print_memory *memory)
{
    const char *const name = get_text(in, memory);
    if (name == NULL || in->failed) {
        return;
    }
    struct sva_print_alternative *const made = sva_calloc(1, sizeof *made);
    check_memory(in, memory, made);
    if (made == NULL) {
        return;
    }
    tensor->alternative = made;
    made->name = name;
    get_digest(in, made->value_hash);
    made->rounded_known = get_enum(in, 2) == 1;
    if (made->rounded_known) {
        get_bytes(in, made->rounded_hash, sizeof made->rounded_hash);
    }
    get_sketch(tensor, 1, &made->axis, in, memory);
    get_directions(&made->axis, in, memory);
    get_samples(&made->samples, tensor->n, in, memory);
    get_row_digests(&made->rows, in);
}

/** `count` cosines within +-`limit`, or NULL. */
static int16_t *get_cosines(size_t count, int limit, struct sva_cursor *in,
                            struct sva_print_memory *memory)
{
    in->failed = in->failed || count > sva_cursor_left(in) / 2;
    if (in->failed || count == 0) {
        return NULL;
    }
    int16_t *cosines = sva_calloc(count, sizeof *cosines);
    check_memory(in, memory, cosines);
    if (cosines != NULL) {
        get_bounded(cosines, count, limit, in);
    }
    return cosines;
}

/** Directions over `units`, none without units; NULL when there are none. */
static int8_t *get_leading(uint32_t units, uint32_t *leading, struct sva_cursor *in,
                           struct sva_print_memory *memory)
{
    const uint32_t count = get_enum(in, SVA_LEADING_DIRECTIONS + 1);
    const size_t size = (size_t)count * units;
    in->failed = in->failed || (count > 0 && units == 0);
    const uint8_t *bytes = in->failed || size == 0 ? NULL : sva_cursor_take(in, size);
    if (bytes == NULL) {
        return NULL;
    }
    int8_t *directions = sva_calloc(size, 1);
    check_memory(in, memory, directions);
    if (directions != NULL) {
        memcpy(directions, bytes, size);
        *leading = count;
    }
    return directions;
}

static void get_gram(struct sva_gram *gram, struct sva_cursor *in, struct sva_print_memory *memory)
{
    const uint32_t blocks = get_enum(in, SVA_GRAM_BLOCKS_MOST + 1);
    gram->cosines = get_cosines((size_t)blocks * SVA_GRAM_PAIRS, SVA_FEATURE_LIMIT, in, memory);
    gram->blocks = gram->cosines == NULL ? 0 : blocks;
    gram->directions =
        get_leading(sva_gram_direction_units(gram->blocks), &gram->leading, in, memory);
}

static void get_strong(struct sva_strong_neurons *strong, struct sva_cursor *in,
                       struct sva_print_memory *memory)
{
    const bool any = get_enum(in, 2) == 1;
    strong->cosines = get_cosines(any ? SVA_STRONG_PAIRS : 0, SVA_STRONG_ONE, in, memory);
    strong->count = strong->cosines == NULL ? 0 : SVA_STRONG_NEURONS;
    strong->directions = get_leading(strong->count, &strong->leading, in, memory);
}

/** Keys in strictly ascending order. */
static void get_keys(uint64_t *keys, uint32_t count, struct sva_cursor *in)
{
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        keys[i] = sva_cursor_u64le(in);
        in->failed = in->failed || (i > 0 && keys[i] <= keys[i - 1]);
    }
}

/** Values as the maker clips them: symmetric about zero. */
static void get_values(int16_t *values, size_t count, struct sva_cursor *in)
{
    get_bounded(values, count, INT16_MAX, in);
}

static void get_row_hashes(struct sva_print_tensor *tensor, struct sva_cursor *in,
                           struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 8);
    uint64_t *hashes = count == 0 ? NULL : sva_calloc(count, sizeof *hashes);
    if (count > 0) {
        check_memory(in, memory, hashes);
    }
    get_keys(hashes, hashes == NULL ? 0 : count, in);
    tensor->row_hashes = hashes;
    tensor->row_hash_count = hashes == NULL ? 0 : count;
}

static void get_files(struct sva_print *print, struct sva_cursor *in,
                      struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 46);
    struct sva_print_file *out = sva_arena_alloc(&memory->arena, count, sizeof *out);
    check_memory(in, memory, out);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        out[i].path = get_name(in, memory);
        out[i].kind = (enum sva_file_kind)get_enum(in, SVA_FILE_NUMPY + 1);
        out[i].size_bytes = sva_cursor_u64le(in);
        out[i].hashed = get_enum(in, 2) == 1;
        get_digest(in, out[i].sha256);
    }
    print->files = out;
    print->file_count = in->failed ? 0 : count;
}

static void get_facts(struct sva_print *print, struct sva_cursor *in,
                      struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 8);
    struct sva_fact *out = sva_arena_alloc(&memory->arena, count, sizeof *out);
    check_memory(in, memory, out);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        out[i].key = get_name(in, memory);
        out[i].value = get_name(in, memory);
    }
    print->facts = out;
    print->fact_count = in->failed ? 0 : count;
}

static void get_findings(struct sva_print *print, struct sva_cursor *in,
                         struct sva_print_memory *memory)
{
    const uint32_t count = get_count(in, 12);
    struct sva_finding *out = sva_arena_alloc(&memory->arena, count, sizeof *out);
    check_memory(in, memory, out);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        out[i].code = get_name(in, memory);
        out[i].file = get_text(in, memory);
        out[i].text = get_name(in, memory);
    }
    print->findings = out;
    print->finding_count = in->failed ? 0 : count;
}

/** A tensor's entry in a block that has one for each. */
static void get_entry(struct sva_print_tensor *tensor, uint32_t id, struct sva_cursor *in,
                      struct sva_print_memory *memory)
{
    if (id == SVA_BLOCK_VECTORS) {
        get_vector(tensor, in, memory);
    } else if (id == SVA_BLOCK_ROW_HASHES) {
        get_row_hashes(tensor, in, memory);
    } else if (id == SVA_BLOCK_SAMPLES) {
        get_samples(&tensor->samples, tensor->n, in, memory);
        get_row_digests(&tensor->rows, in);
    } else if (id == SVA_BLOCK_ALTERNATIVES) {
        get_alternative(tensor, in, memory);
    } else if (id == SVA_BLOCK_GRAMS) {
        get_gram(&tensor->gram, in, memory);
    } else if (id == SVA_BLOCK_STRONG_NEURONS) {
        get_strong(&tensor->strong, in, memory);
    }
    for (int axis = 0; axis < 2 && !in->failed; axis++) {
        if (id == SVA_BLOCK_SKETCHES) {
            get_sketch(tensor, axis, &tensor->axis[axis], in, memory);
        } else if (id == SVA_BLOCK_DIRECTIONS) {
            get_directions(&tensor->axis[axis], in, memory);
        }
    }
}

static void get_entries(struct sva_print *print, uint32_t id, struct sva_block_bytes *bytes)
{
    struct sva_print_memory *const memory = sva_print_memory_of(print);
    struct sva_cursor *const in = &bytes->cursor;
    for (size_t i = 0; i < print->tensor_count && !in->failed; i++) {
        if (bytes->more != NULL && sva_cursor_left(in) < SVA_BLOCK_ENTRY_MOST) {
            bytes->more(bytes);
        }
        get_entry(&memory->tensors[i], id, in, memory);
    }
}

/** One tensor's rows: keys ascending, values as the maker clips them. */
static void get_rows(struct sva_token_rows *rows, struct sva_cursor *in,
                     struct sva_print_memory *memory)
{
    const uint32_t count = sva_cursor_u32le(in);
    const size_t total = (size_t)count * SVA_TOKEN_FEATURES;
    if (in->failed || count == 0 || count > SVA_FREQUENT_TOKENS ||
        (uint64_t)count * 8 + total * 2 > sva_cursor_left(in)) {
        in->failed = true;
        return;
    }
    uint64_t *const keys = sva_calloc(count, sizeof *keys);
    int16_t *const values = sva_calloc(total, sizeof *values);
    *rows = (struct sva_token_rows){count, keys, values};
    check_memory(in, memory, keys);
    check_memory(in, memory, values);
    get_keys(keys, count, in);
    get_values(values, total, in);
}

static void get_token_rows(struct sva_print *print, struct sva_cursor *in)
{
    struct sva_print_memory *const memory = sva_print_memory_of(print);
    const uint32_t count = get_count(in, 8 + 8 + 2 * SVA_TOKEN_FEATURES);
    in->failed = in->failed || count == 0; /* an empty block is left out */
    uint64_t next = 0;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        const uint32_t tensor = sva_cursor_u32le(in);
        if (tensor < next || tensor >= print->tensor_count) {
            in->failed = true;
            return;
        }
        next = (uint64_t)tensor + 1;
        get_rows(&memory->tensors[tensor].token_rows, in, memory);
    }
}

/** Which inputs a component's barcodes are about: keys ascending. */
static void get_landmarks(struct sva_print_component *component, struct sva_cursor *in,
                          struct sva_print_memory *memory)
{
    const uint32_t count = sva_cursor_u32le(in);
    if (in->failed || count > SVA_LANDMARKS_MOST || (size_t)count * 8 > sva_cursor_left(in)) {
        in->failed = true;
        return;
    }
    uint64_t *keys = sva_arena_alloc(&memory->arena, count, sizeof *keys);
    check_memory(in, memory, keys);
    get_keys(keys, count, in);
    component->landmark_count = in->failed ? 0 : count;
    component->landmark_keys = keys;
}

static void get_barcodes_of(struct sva_barcodes *barcodes, uint32_t landmarks,
                            struct sva_cursor *in, struct sva_print_memory *memory)
{
    const uint32_t units = get_enum(in, SVA_STRONG_NEURONS + 1);
    const size_t size = (size_t)units * landmarks;
    if (in->failed || size == 0 || size > sva_cursor_left(in) / 2) {
        in->failed = true;
        return;
    }
    int16_t *values = sva_calloc(size, sizeof *values);
    check_memory(in, memory, values);
    *barcodes = (struct sva_barcodes){values != NULL ? units : 0, values};
    get_values(values, size, in);
}

static void get_barcodes(struct sva_print *print, struct sva_cursor *in)
{
    struct sva_print_memory *const memory = sva_print_memory_of(print);
    struct sva_print_component *components =
        (struct sva_print_component *)(uintptr_t)print->components;
    for (size_t c = 0; c < print->component_count && !in->failed; c++) {
        get_landmarks(&components[c], in, memory);
    }
    const uint32_t count = get_count(in, 4 + 1 + 1);
    in->failed = in->failed || count == 0; /* an empty block is left out */
    uint64_t next = 0;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        const uint32_t tensor = sva_cursor_u32le(in);
        if (tensor < next || tensor >= print->tensor_count) {
            in->failed = true;
            return;
        }
        next = (uint64_t)tensor + 1;
        struct sva_print_tensor *out = &memory->tensors[tensor];
        get_barcodes_of(&out->barcodes, components[out->component].landmark_count, in, memory);
    }
}

bool sva_print_block_has_entries(uint32_t id)
{
    switch (id) {
    case SVA_BLOCK_SKETCHES:
    case SVA_BLOCK_DIRECTIONS:
    case SVA_BLOCK_VECTORS:
    case SVA_BLOCK_ROW_HASHES:
    case SVA_BLOCK_SAMPLES:
    case SVA_BLOCK_ALTERNATIVES:
    case SVA_BLOCK_GRAMS:
    case SVA_BLOCK_STRONG_NEURONS: return true;
    default: return false;
    }
}

enum sva_status sva_print_block_decode(struct sva_print *print, uint32_t id,
                                       struct sva_block_bytes *bytes, const char *what,
                                       struct sva_error *error)
{
    struct sva_cursor *const in = &bytes->cursor;
    struct sva_print_memory *memory = sva_print_memory_of(print);
    switch (id) {
    case SVA_BLOCK_HEADER: get_header(print, in, memory); break;
    case SVA_BLOCK_COMPONENTS: get_components(print, in, memory); break;
    case SVA_BLOCK_TENSORS: get_tensors(print, in, memory); break;
    case SVA_BLOCK_FILES: get_files(print, in, memory); break;
    case SVA_BLOCK_FACTS: get_facts(print, in, memory); break;
    case SVA_BLOCK_FINDINGS: get_findings(print, in, memory); break;
    case SVA_BLOCK_HEADS: get_heads(print, in); break;
    case SVA_BLOCK_TOKEN_ROWS: get_token_rows(print, in); break;
    case SVA_BLOCK_TOKEN_SAMPLE:
        print->token_sample = sva_token_sample_decode(in, &memory->arena, &memory->exhausted);
        break;
    case SVA_BLOCK_CODE:
        print->code = sva_code_decode(in, &memory->arena, &memory->exhausted);
        break;
    case SVA_BLOCK_READING: sva_reading_decode(print, in); break;
    case SVA_BLOCK_BARCODES: get_barcodes(print, in); break;
    default: get_entries(print, id, bytes); break;
    }
    if (memory->exhausted) {
        return sva_fail_memory(error, "decoding a print");
    }
    if (in->failed) {
        const uint64_t at = bytes->moved_over + in->position;
        return sva_fail_at(error, SVA_ERR_CORRUPT, at,
                           "%s: block %u breaks the print format at byte %" PRIu64 " of the block",
                           what, id, at);
    }
    return SVA_OK;
}

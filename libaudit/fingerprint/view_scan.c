/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/view_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/formula.h"
#include "kernel/rounding.h"

bool sva_view_has_lines(const struct sva_view *view, int *line_axis)
{
    const bool inputs_contiguous = view->n[2] == 1
                                       ? view->stride[1] == 1 || view->n[1] == 1
                                       : view->stride[2] == 1 && view->stride[1] == view->n[2];
    if (inputs_contiguous) {
        *line_axis = 0;
        return true;
    }
    if (view->order == NULL && view->n[2] == 1 && view->stride[0] == 1) {
        *line_axis = 1;
        return true;
    }
    return false;
}

static bool plan_init(struct sva_axis_plan *plan, const struct sva_view *view, int axis,
                      const uint64_t *keys)
{
    const uint64_t length = view->n[axis];
    const uint64_t other = view->n[1 - axis];
    const bool beyond = view->expert >= SVA_EXPERTS_IN_FULL;
    if (view->axis[1] == SVA_AXIS_UNIT || view->axis[0] == SVA_AXIS_UNIT || other == 0 ||
        other * view->n[2] < 2 || (beyond && view->axis[axis] == SVA_AXIS_RESIDUAL)) {
        return true;
    }
    const bool vector = view->n[0] == 1 && view->n[2] == 1;
    plan->kept = vector ? 0 : sva_kept_count(length, view->axis[axis]);
    if (plan->kept == 0) {
        return true;
    }
    plan->features = sva_feature_count(length, other * view->n[2]);
    plan->slice_count =
        sva_choose_slices(other, view->n[2], view->axis[1 - axis] == SVA_AXIS_TOKEN ? keys : NULL,
                          plan->features, plan->slices);
    if (plan->slice_count < 2) {
        plan->kept = 0;
        return true;
    }
    plan->indices = sva_calloc(plan->kept, sizeof *plan->indices);
    plan->values = sva_calloc((size_t)plan->kept * plan->slice_count, sizeof *plan->values);
    return plan->indices != NULL && plan->values != NULL &&
           sva_turned_init(&plan->turned, plan->values, plan->slice_count, plan->kept) &&
           sva_kept_indices(length, plan->kept, plan->indices);
}

static size_t bounded(uint64_t count, size_t most)
{
    return count < most ? (size_t)count : most;
}

bool sva_view_scan_init(struct sva_view_scan *scan, const struct sva_view *view,
                        const uint64_t *keys)
{
    memset(scan, 0, sizeof *scan);
    scan->view = view;
    (void)sva_view_has_lines(view, &scan->line_axis); /* without lines: axis 0, as cleared above */
    scan->line_count = view->n[scan->line_axis];
    scan->line_length = scan->line_axis == 0 ? view->n[1] * view->n[2] : view->n[0];
    scan->line_stride = view->stride[scan->line_axis];
    sva_moments_init(&scan->moments);
    const uint64_t total = scan->line_count * scan->line_length;
    scan->sample_step = total / SVA_ENTROPY_SAMPLES + 1;
    scan->row_hash_limit = UINT64_MAX;
    scan->hash = sva_value_hash_new();
    scan->sample_room = bounded(total, SVA_ENTROPY_SAMPLES) + 1;
    scan->samples = sva_calloc(scan->sample_room, sizeof *scan->samples);
    scan->row_hashes =
        sva_calloc(bounded(scan->line_count, 2 * SVA_ROW_HASHES - 1) + 1, sizeof *scan->row_hashes);
    scan->corner_lines = bounded(scan->line_count, SVA_CORNER);
    scan->corner_length = bounded(scan->line_length, SVA_CORNER);
    scan->corner = sva_calloc(scan->corner_lines * scan->corner_length, sizeof *scan->corner);
    if (scan->hash == NULL || scan->samples == NULL || scan->row_hashes == NULL ||
        scan->corner == NULL) {
        return false;
    }
    if (view->n[0] == 1 && view->n[2] == 1 && total <= SVA_VECTOR_MAX) {
        scan->vector = sva_calloc((size_t)total, sizeof *scan->vector);
        if (scan->vector == NULL) {
            return false;
        }
    }
    return plan_init(&scan->axis[0], view, 0, keys) && plan_init(&scan->axis[1], view, 1, keys);
}

bool sva_view_scan_add_rounded(struct sva_view_scan *scan)
{
    scan->rounded[0] = sva_value_hash_new();
    scan->rounded[1] = sva_value_hash_new();
    return scan->rounded[0] != NULL && scan->rounded[1] != NULL;
}

bool sva_view_scan_add_samples(struct sva_view_scan *scan, enum sva_dtype dtype, bool quantised)
{
    return sva_sampler_init(&scan->sampler, scan->view, scan->line_axis, dtype, quantised);
}

bool sva_view_scan_add_gram(struct sva_view_scan *scan, const struct sva_read_ahead *ahead)
{
    const struct sva_norm_gain *gain = sva_norm_gain_before(&ahead->gains, scan->view);
    struct sva_gram_plan *plan = &scan->gram;
    if (!sva_gram_plan_init(plan, scan->view)) {
        return false;
    }
    if (gain != NULL && gain->length == plan->length) {
        plan->gain = plan->neuron_axis == 0 ? gain->values
                                            : NULL; /* what neurons write is not scaled by it */
        plan->centred = gain->centred;
    }
    if (!sva_strong_plan_init(&scan->strong, scan->view, scan->line_axis, plan)) {
        return false;
    }
    scan->strong.landmarks =
        sva_landmarks_of(&ahead->landmarks, scan->view->component, plan->length);
    return true;
}

bool sva_view_scan_add_tokens(struct sva_view_scan *scan, const struct sva_token_choice *choice)
{
    return sva_token_gather_init(&scan->tokens, scan->view, choice);
}

void sva_view_scan_done(struct sva_view_scan *scan)
{
    sva_gram_plan_done(&scan->gram);
    sva_strong_plan_done(&scan->strong);
    sva_token_gather_done(&scan->tokens);
    sva_sampler_done(&scan->sampler);
    sva_value_hash_free(scan->hash);
    sva_value_hash_free(scan->rounded[0]);
    sva_value_hash_free(scan->rounded[1]);
    sva_free(scan->samples);
    sva_free(scan->row_hashes);
    sva_free(scan->vector);
    sva_free(scan->corner);
    for (int axis = 0; axis < 2; axis++) {
        sva_free(scan->axis[axis].indices);
        sva_free(scan->axis[axis].values);
        sva_turned_done(&scan->axis[axis].turned);
    }
}

static void take_samples(struct sva_view_scan *scan, const float *values, size_t count)
{
    const uint64_t start = scan->seen_count;
    const uint64_t step = scan->sample_step;
    for (uint64_t at = (start + step - 1) / step * step; at < start + count; at += step) {
        if (scan->sample_count < scan->sample_room) {
            const float value = values[at - start];
            scan->samples[scan->sample_count++] = isfinite(value) ? value : 0.0f;
        }
    }
}

static void hash_rounded(struct sva_view_scan *scan, const float *values, size_t count)
{
    float buffer[1024];
    for (size_t start = 0; start < count; start += 1024) {
        const size_t step = count - start < 1024 ? count - start : 1024;
        sva_round_bf16(values + start, step, buffer);
        sva_value_hash_update(scan->rounded[0], buffer, step);
        sva_round_f16(values + start, step, buffer);
        sva_value_hash_update(scan->rounded[1], buffer, step);
    }
}

void sva_view_scan_values(struct sva_view_scan *scan, const float *values, size_t count)
{
    if (scan->halves != NULL) {
        sva_value_hash_update_high(scan->hash, scan->halves, count);
    } else {
        sva_value_hash_update(scan->hash, values, count);
    }
    if (scan->rounded[0] != NULL) {
        hash_rounded(scan, values, count);
    }
    sva_moments_add(&scan->moments, values, count);
    take_samples(scan, values, count);
    if (scan->vector != NULL && scan->seen_count + count <= SVA_VECTOR_MAX) {
        memcpy(scan->vector + scan->seen_count, values, count * sizeof *values);
    }
    scan->seen_count += count;
}

static uint32_t lower_bound_slice(const struct sva_axis_plan *plan, uint64_t bound)
{
    uint32_t low = 0;
    uint32_t high = plan->slice_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (plan->slices[middle].index < bound) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** The kept axis numbers the lines: this line is one kept index, slices are positions in it. */
static void gather_kept_line(struct sva_axis_plan *plan, uint64_t line, uint64_t first,
                             const float *values, size_t count, bool whole)
{
    const uint32_t slot = sva_first_kept(plan->indices, plan->kept, line);
    if (slot == plan->kept || plan->indices[slot] != line) {
        return;
    }
    float *const column = sva_turned_column(&plan->turned, slot, whole);
    for (uint32_t s = lower_bound_slice(plan, first);
         s < plan->slice_count && plan->slices[s].index < first + count; s++) {
        column[s] = values[plan->slices[s].index - first];
    }
}

/** The kept axis runs along the line: the line holds `kernel` interleaved slices. */
static void gather_sliced_line(struct sva_axis_plan *plan, uint64_t length, uint64_t line,
                               uint64_t kernel, uint64_t first, const float *values, size_t count)
{
    for (uint32_t s = lower_bound_slice(plan, line * kernel);
         s < plan->slice_count && plan->slices[s].index < (line + 1) * kernel; s++) {
        const uint64_t position = plan->slices[s].index - line * kernel;
        float *out = plan->values + (size_t)s * plan->kept;
        if (kernel == 1 && plan->kept == length) {
            memcpy(out + first, values, count * sizeof *values);
            continue;
        }
        const uint64_t bound = first > position ? (first - position + kernel - 1) / kernel : 0;
        for (uint32_t j = sva_first_kept(plan->indices, plan->kept, bound); j < plan->kept; j++) {
            const uint64_t at = plan->indices[j] * kernel + position;
            if (at >= first + count) {
                break;
            }
            out[j] = values[at - first];
        }
    }
}

/** What the sketches, the samples and the formulas need of a line. */
static void gather(struct sva_view_scan *scan, uint64_t line, uint64_t first, const float *values,
                   size_t count)
{
    sva_sampler_line(&scan->sampler, line, first, values, scan->steps, count);
    sva_gram_line(&scan->gram, scan->line_axis, line, first, values, count);
    sva_strong_line(&scan->strong, &scan->gram, line, first, values, count);
    sva_token_gather_line(&scan->tokens, scan->line_axis, line, first, values, count);
    struct sva_axis_plan *along = &scan->axis[1 - scan->line_axis];
    struct sva_axis_plan *across = &scan->axis[scan->line_axis];
    const uint64_t kernel = scan->line_axis == 0 ? scan->view->n[2] : 1;
    if (line < scan->corner_lines && first < scan->corner_length) {
        const size_t room = scan->corner_length - (size_t)first;
        memcpy(scan->corner + line * scan->corner_length + first, values,
               (count < room ? count : room) * sizeof *values);
    }
    if (across->kept > 0) {
        gather_kept_line(across, line, first, values, count, count == scan->line_length);
    }
    if (along->kept > 0) {
        gather_sliced_line(along, scan->line_length, line, kernel, first, values, count);
    }
}

static int by_hash(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/** Sorts, removes repetitions, keeps the smallest SVA_ROW_HASHES. */
static void compact_row_hashes(struct sva_view_scan *scan)
{
    size_t kept = 0;
    qsort(scan->row_hashes, scan->row_hash_count, sizeof *scan->row_hashes, by_hash);
    for (size_t i = 0; i < scan->row_hash_count && kept < SVA_ROW_HASHES; i++) {
        if (kept == 0 || scan->row_hashes[kept - 1] != scan->row_hashes[i]) {
            scan->row_hashes[kept++] = scan->row_hashes[i];
        }
    }
    scan->row_hash_count = kept;
    if (kept == SVA_ROW_HASHES) {
        scan->row_hash_limit = scan->row_hashes[kept - 1];
    }
}

static bool row_carries_evidence(const float *values, size_t count)
{
    size_t changes = 0;
    for (size_t i = 1; i < count && changes < 16; i++) {
        changes += values[i] != values[i - 1] ? 1 : 0;
    }
    return changes >= 16;
}

static void hash_row(struct sva_view_scan *scan, const float *values, size_t count)
{
    if (count < SVA_ROW_HASH_MIN || !row_carries_evidence(values, count)) {
        return;
    }
    const uint64_t hash = sva_xxh3(values, count * sizeof *values, SVA_METHOD_VERSION);
    if (hash >= scan->row_hash_limit) {
        return;
    }
    scan->row_hashes[scan->row_hash_count++] = hash;
    if (scan->row_hash_count == (size_t)2 * SVA_ROW_HASHES) {
        compact_row_hashes(scan);
    }
}

void sva_view_scan_line(struct sva_view_scan *scan, uint64_t line, uint64_t first,
                        const float *values, size_t count)
{
    sva_view_scan_values(scan, values, count);
    gather(scan, line, first, values, count);
    if (first == 0 && count == scan->line_length && scan->line_axis == 0) {
        hash_row(scan, values, count);
    }
}

void sva_view_scan_part(struct sva_view_scan *scan, uint64_t line, uint64_t first,
                        const float *values, size_t count)
{
    sva_moments_add(&scan->moments, values, count);
    take_samples(scan, values, count);
    scan->seen_count += count;
    gather(scan, line, first, values, count);
}

void sva_view_scan_corner(struct sva_view_scan *scan, uint64_t line, const float *values,
                          size_t count)
{
    if (line < scan->corner_lines) {
        memcpy(scan->corner + line * scan->corner_length, values,
               (count < scan->corner_length ? count : scan->corner_length) * sizeof *values);
    }
}

static void finish_moments(const struct sva_view_scan *scan, struct sva_print_tensor *out)
{
    const struct sva_moments *const moments = &scan->moments;
    const double n = (double)moments->finite_count;
    out->nonfinite_count = scan->seen_count - moments->finite_count;
    if (moments->finite_count == 0) {
        return;
    }
    const double mean = sva_moments_sum(moments, 1) / n;
    const double raw2 = sva_moments_sum(moments, 2) / n;
    const double raw3 = sva_moments_sum(moments, 3) / n;
    const double m2 = raw2 - mean * mean;
    const double m4 = sva_moments_sum(moments, 4) / n - 4.0 * mean * raw3 +
                      6.0 * mean * mean * raw2 - 3.0 * mean * mean * mean * mean;
    float lowest;
    float highest;
    sva_moments_extremes(moments, &lowest, &highest);
    out->mean = mean;
    out->deviation = m2 > 0.0 ? sqrt(m2) : 0.0;
    out->kurtosis = m2 > 0.0 ? m4 / (m2 * m2) : 0.0;
    out->minimum = (double)lowest;
    out->maximum = (double)highest;
}

enum { FEW_VALUES = 8, DISTINCT_MOST = 65 };

/** The corner along its lines and across them. */
static bool corner_follows_formula(const struct sva_view_scan *scan)
{
    float turned[SVA_CORNER * SVA_CORNER];
    const size_t lines = scan->corner_lines;
    const size_t length = scan->corner_length;
    for (size_t i = 0; i < lines * length; i++) {
        turned[i % length * lines + i / length] = scan->corner[i];
    }
    return sva_both_axes_ordered(scan->corner, lines, length) ||
           sva_rows_follow_formula(scan->corner, lines, length) ||
           sva_rows_follow_formula(turned, length, lines);
}

/** Must run before the features, which scale the gathered values in place. */
static uint32_t inert_bits(struct sva_view_scan *scan, const struct sva_print_tensor *out)
{
    uint32_t bits = 0;
    if (scan->seen_count == 0) {
        return SVA_INERT_EMPTY;
    }
    if (!(out->maximum > out->minimum)) {
        return SVA_INERT_CONSTANT;
    }
    if (sva_empirical_entropy_bits(scan->samples, scan->sample_count, scan->seen_count) < 128.0) {
        bits |= SVA_INERT_LOW_ENTROPY;
    }
    /* the samples are sorted now; masks, adjacencies and Hadamard matrices have few values */
    const size_t distinct = sva_distinct_values(scan->samples, scan->sample_count, DISTINCT_MOST);
    if (distinct <= FEW_VALUES) {
        bits |= SVA_INERT_LOW_ENTROPY;
    }
    if (sva_is_index_table(out->dtype, out->minimum, out->maximum) ||
        (scan->vector == NULL && sva_is_grid(out->dtype, distinct, scan->seen_count))) {
        bits |= SVA_INERT_FORMULA;
    }
    if (corner_follows_formula(scan)) {
        bits |= SVA_INERT_FORMULA;
    }
    for (int axis = 0; axis < 2; axis++) {
        const struct sva_axis_plan *plan = &scan->axis[axis];
        if (plan->kept > 0 && plan->kept == scan->view->n[axis] &&
            sva_rows_follow_formula(plan->values, plan->slice_count, plan->kept)) {
            bits |= SVA_INERT_FORMULA;
        }
    }
    if (scan->vector != NULL &&
        sva_vector_follows_formula(scan->vector, (size_t)scan->seen_count)) {
        bits |= SVA_INERT_FORMULA;
    }
    if (scan->view->role == SVA_ROLE_ROTARY_FREQUENCIES && scan->vector != NULL) {
        bits |= SVA_INERT_FORMULA;
    }
    return bits;
}

/**
 * Directions of every small tensor; of a quarter of the layers of large ones and of a layer's first
 * experts (budget of a print).
 */
static bool wants_directions(const struct sva_view *view)
{
    const uint64_t elements = view->n[0] * view->n[1] * view->n[2];
    return view->expert < SVA_EXPERTS_IN_FULL &&
           (elements <= ((uint64_t)1 << 22) || (view->layer >= 0 && view->layer % 4 == 0));
}

static uint32_t *core_positions(const struct sva_axis_plan *plan, uint64_t length)
{
    uint64_t *core = sva_calloc(SVA_KEPT_CORE, sizeof *core);
    uint32_t *positions = sva_calloc(SVA_KEPT_CORE, sizeof *positions);
    if (core == NULL || positions == NULL || !sva_kept_indices(length, SVA_KEPT_CORE, core)) {
        sva_free(positions);
        positions = NULL;
    } else {
        for (uint32_t i = 0; i < SVA_KEPT_CORE; i++) {
            positions[i] = sva_first_kept(plan->indices, plan->kept, core[i]);
        }
    }
    sva_free(core);
    return positions;
}

enum { DIAGONAL_BLOCKS_MOST = 8, DIAGONAL_KERNEL_MOST = 121 };

/**
 * Side of the square blocks of a matrix whose sides divide; 0 when it has none, and of a factor,
 * whose rank is renumbered freely: places of its own there would tell one number from another.
 */
static uint64_t diagonal_side(const struct sva_view *view)
{
    const uint64_t shorter = view->n[0] < view->n[1] ? view->n[0] : view->n[1];
    const uint64_t longer = view->n[0] < view->n[1] ? view->n[1] : view->n[0];
    const bool factor = view->axis[0] == SVA_AXIS_RANK || view->axis[1] == SVA_AXIS_RANK;
    const bool applies = !factor && shorter >= 4 && longer % shorter == 0 &&
                         longer / shorter <= DIAGONAL_BLOCKS_MOST &&
                         view->n[2] <= DIAGONAL_KERNEL_MOST;
    return applies ? shorter : 0;
}

static bool finish_axis(struct sva_view_scan *scan, int axis, struct sva_axis_sketch *sketch)
{
    struct sva_axis_plan *plan = &scan->axis[axis];
    if (plan->kept == 0) {
        return true;
    }
    const uint64_t length = scan->view->n[axis];
    struct sva_gathered gathered = {.kept = plan->kept,
                                    .slice_count = plan->slice_count,
                                    .features = plan->features,
                                    .slices = plan->slices,
                                    .values = plan->values,
                                    .indices = plan->indices,
                                    .kernel = scan->view->n[2]};
    gathered.diagonal_side = diagonal_side(scan->view);
    uint32_t *core = NULL;
    if (length > SVA_KEPT_ALL && plan->kept == length) {
        core = core_positions(plan, length);
        gathered.core = core;
        gathered.core_count = SVA_KEPT_CORE;
        if (core == NULL) {
            return false;
        }
    }
    int16_t *features = sva_calloc((size_t)plan->kept * plan->features, sizeof *features);
    sketch->length = length;
    sketch->kept = plan->kept;
    sketch->features = plan->features;
    sketch->values = features;
    bool ok = features != NULL && sva_sketch_features(&gathered, features);
    if (ok && scan->view->axis[axis] != SVA_AXIS_VALUE && wants_directions(scan->view)) {
        ok = sva_sketch_directions(&gathered, sketch);
    }
    sva_free(core);
    return ok;
}

/** Brings the last lines to where the sketches look for them. */
static void flush_axes(struct sva_view_scan *scan)
{
    sva_turned_flush(&scan->axis[0].turned);
    sva_turned_flush(&scan->axis[1].turned);
}

bool sva_view_scan_finish(struct sva_view_scan *scan, struct sva_print_tensor *out)
{
    flush_axes(scan);
    sva_value_hash_final(scan->hash, out->value_hash);
    if (scan->rounded[0] != NULL) {
        sva_value_hash_final(scan->rounded[0], out->rounded_hash[0]);
        sva_value_hash_final(scan->rounded[1], out->rounded_hash[1]);
        out->rounded_known = true;
    }
    finish_moments(scan, out);
    out->element_count = scan->seen_count;
    out->inert = inert_bits(scan, out);
    if (!finish_axis(scan, 0, &out->axis[0]) || !finish_axis(scan, 1, &out->axis[1]) ||
        !sva_sampler_finish(&scan->sampler, &out->samples, &out->rows) ||
        !sva_gram_finish(&scan->gram, &out->gram) ||
        !sva_strong_finish(&scan->strong, &scan->gram, &out->strong, &out->barcodes) ||
        !sva_token_gather_finish(&scan->tokens, &out->token_rows)) {
        return false;
    }
    compact_row_hashes(scan);
    uint64_t *hashes = sva_calloc(scan->row_hash_count, sizeof *hashes);
    if (hashes == NULL) {
        return false;
    }
    memcpy(hashes, scan->row_hashes, scan->row_hash_count * sizeof *hashes);
    out->row_hashes = hashes;
    out->row_hash_count = (uint32_t)scan->row_hash_count;
    if (scan->vector != NULL) {
        out->vector = scan->vector;
        out->vector_length = (uint32_t)scan->seen_count;
        scan->vector = NULL;
    }
    return true;
}

/** Names what was kept of a tensor that was read in part; equal to no value hash. */
static bool hash_parts(struct sva_print_tensor *out)
{
    static const char domain[] = "sva-parts-1";
    const struct sva_value_samples *const samples = &out->samples;
    struct sva_sha256 *state = sva_sha256_new();
    if (state == NULL) {
        return false;
    }
    sva_sha256_update(state, domain, sizeof domain);
    sva_sha256_update(state, out->name, out->name == NULL ? 0 : strlen(out->name));
    if (samples->values != NULL) {
        sva_sha256_update(state, samples->values,
                          (size_t)samples->rows * samples->columns * sizeof *samples->values);
    }
    for (int axis = 0; axis < 2; axis++) {
        const struct sva_axis_sketch *const sketch = &out->axis[axis];
        if (sketch->values != NULL) {
            sva_sha256_update(state, sketch->values,
                              (size_t)sketch->kept * sketch->features * sizeof *sketch->values);
        }
    }
    sva_sha256_final(state, out->value_hash);
    sva_sha256_free(state);
    return true;
}

bool sva_print_tensor_unread(const struct sva_view *view, bool decodable,
                             struct sva_print_tensor *out)
{
    out->sampled = true;
    out->inert = decodable ? SVA_INERT_NONE : SVA_INERT_UNREADABLE;
    out->element_count = view->n[0] * view->n[1] * view->n[2];
    out->mean = NAN;
    out->deviation = NAN;
    out->minimum = NAN;
    out->maximum = NAN;
    out->kurtosis = NAN;
    return hash_parts(out);
}

bool sva_view_scan_finish_parts(struct sva_view_scan *scan, struct sva_print_tensor *out)
{
    flush_axes(scan);
    finish_moments(scan, out);
    const double mean = out->mean;
    const double deviation = out->deviation;
    const uint32_t inert = inert_bits(scan, out);
    const float *const rows = scan->sampler.whole;
    const bool formula =
        rows != NULL &&
        sva_rows_follow_formula(rows, scan->sampler.rows, (size_t)scan->sampler.row_elements);
    if (!sva_print_tensor_unread(scan->view, true, out)) {
        return false;
    }
    out->nonfinite_count = 0;
    out->inert = inert | (formula ? SVA_INERT_FORMULA : SVA_INERT_NONE);
    out->mean = mean;
    out->deviation = deviation;
    return finish_axis(scan, 0, &out->axis[0]) && finish_axis(scan, 1, &out->axis[1]) &&
           sva_sampler_finish(&scan->sampler, &out->samples, &out->rows) &&
           sva_gram_finish(&scan->gram, &out->gram) &&
           sva_token_gather_finish(&scan->tokens, &out->token_rows) && hash_parts(out);
}

static void free_sketch(const struct sva_axis_sketch *sketch)
{
    sva_free((void *)(uintptr_t)sketch->values);
    sva_free((void *)(uintptr_t)sketch->directions);
}

static void free_samples(const struct sva_value_samples *samples)
{
    sva_free((void *)(uintptr_t)samples->values);
    sva_free((void *)(uintptr_t)samples->steps);
}

void sva_print_drop_token_rows(struct sva_print_tensor *tensor)
{
    sva_free((void *)(uintptr_t)tensor->token_rows.keys);
    sva_free((void *)(uintptr_t)tensor->token_rows.values);
    tensor->token_rows = (struct sva_token_rows){0};
}

void sva_print_tensor_done(struct sva_print_tensor *tensor)
{
    for (int axis = 0; axis < 2; axis++) {
        free_sketch(&tensor->axis[axis]);
    }
    free_samples(&tensor->samples);
    if (tensor->alternative != NULL) {
        free_sketch(&tensor->alternative->axis);
        free_samples(&tensor->alternative->samples);
        sva_free((void *)(uintptr_t)tensor->alternative);
    }
    sva_free((void *)(uintptr_t)tensor->gram.cosines);
    sva_free((void *)(uintptr_t)tensor->gram.directions);
    sva_free((void *)(uintptr_t)tensor->strong.cosines);
    sva_free((void *)(uintptr_t)tensor->strong.directions);
    sva_free((void *)(uintptr_t)tensor->barcodes.values);
    sva_print_drop_token_rows(tensor);
    sva_free((void *)(uintptr_t)tensor->row_hashes);
    sva_free((void *)(uintptr_t)tensor->vector);
}

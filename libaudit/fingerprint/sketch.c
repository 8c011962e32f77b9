/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "kernel/directions.h"

/* Domains keep the choices of kept indices, slices and signs independent. */
#define KEPT_DOMAIN (0x6b65707400000000u + SVA_METHOD_VERSION)
#define SLICE_DOMAIN (0x736c696300000000u + SVA_METHOD_VERSION)

uint32_t sva_kept_count(uint64_t length, enum sva_axis_kind kind)
{
    switch (kind) {
    case SVA_AXIS_TOKEN:
    case SVA_AXIS_POSITION:
    case SVA_AXIS_INPUT:
    case SVA_AXIS_ROTARY:
    case SVA_AXIS_HEAD:
    case SVA_AXIS_FOREIGN:
    case SVA_AXIS_UNIT:
        return 0;
    default:
        break;
    }
    if (length < 4) {
        return 0;
    }
    if (kind == SVA_AXIS_VALUE && length > SVA_KEPT_VALUE) {
        return SVA_KEPT_VALUE;
    }
    if (length <= SVA_KEPT_ALL || (kind == SVA_AXIS_RESIDUAL && length <= SVA_KEPT_RESIDUAL)) {
        return (uint32_t)length;
    }
    return SVA_KEPT_CORE;
}

uint32_t sva_feature_count(uint64_t length, uint64_t slices)
{
    uint64_t count = length == 0 ? 64 : 4096 / length;
    count = count < 4 ? 4 : count;
    count = count > 64 ? 64 : count;
    return (uint32_t)(count < slices ? count : slices);
}

struct keyed {
    uint64_t key;
    uint64_t index;
};

static bool keyed_less(struct keyed a, struct keyed b)
{
    return a.key != b.key ? a.key < b.key : a.index < b.index;
}

/** Restores the max-heap below `root`. */
static void heap_sift(struct keyed *heap, size_t count, size_t root)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && keyed_less(heap[child], heap[child + 1])) {
            child++;
        }
        if (!keyed_less(heap[root], heap[child])) {
            return;
        }
        const struct keyed swapped = heap[root];
        heap[root] = heap[child];
        heap[child] = swapped;
        root = child;
    }
}

/** Offers one entry to a max-heap that holds the `limit` smallest seen. */
static void heap_offer(struct keyed *heap, size_t *count, size_t limit, struct keyed entry)
{
    if (*count < limit) {
        heap[(*count)++] = entry;
        if (*count == limit) {
            for (size_t root = limit / 2; root-- > 0;) {
                heap_sift(heap, limit, root);
            }
        }
    } else if (keyed_less(entry, heap[0])) {
        heap[0] = entry;
        heap_sift(heap, limit, 0);
    }
}

static int by_index(const void *a, const void *b)
{
    const uint64_t left = ((const struct keyed *)a)->index;
    const uint64_t right = ((const struct keyed *)b)->index;
    return (left > right) - (left < right);
}

bool sva_kept_indices(uint64_t length, uint32_t kept, uint64_t *indices)
{
    if (kept == length || kept == SVA_KEPT_VALUE) {
        for (uint32_t i = 0; i < kept; i++) {
            indices[i] = i;
        }
        return true;
    }
    struct keyed *heap = sva_calloc(kept, sizeof *heap);
    if (heap == NULL) {
        return false;
    }
    size_t count = 0;
    for (uint64_t i = 0; i < length; i++) {
        heap_offer(heap, &count, kept, (struct keyed){sva_mix64(i ^ KEPT_DOMAIN), i});
    }
    qsort(heap, count, sizeof *heap, by_index);
    for (uint32_t i = 0; i < kept; i++) {
        indices[i] = heap[i].index;
    }
    sva_free(heap);
    return true;
}

uint32_t sva_first_kept(const uint64_t *list, uint32_t count, uint64_t bound)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (list[middle] < bound) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t sva_choose_slices(uint64_t other_length, uint64_t kernel, const uint64_t *keys,
                           uint32_t features, struct sva_slice *slices)
{
    struct keyed heap[SVA_SLICES];
    const uint64_t total = other_length * kernel;
    size_t count = 0;
    for (uint64_t other = 0; other < other_length; other++) {
        const uint64_t base = keys != NULL ? keys[other] : other;
        if (keys != NULL && base == 0) {
            continue;
        }
        for (uint64_t position = 0; position < kernel; position++) {
            const uint64_t key = sva_mix64(sva_mix64(base ^ SLICE_DOMAIN) + position);
            heap_offer(heap, &count, SVA_SLICES, (struct keyed){key, other * kernel + position});
        }
    }
    qsort(heap, count, sizeof *heap, by_index);
    for (size_t i = 0; i < count; i++) {
        const uint64_t bits = sva_mix64(heap[i].key);
        const uint64_t group = keys == NULL && total <= SVA_SLICES ? heap[i].index : bits >> 8;
        slices[i].index = heap[i].index;
        slices[i].group = (uint32_t)(group % features);
        slices[i].sign = (bits & 1) != 0 ? 1 : -1;
    }
    return (uint32_t)count;
}

static double sum_of_squares(const float *values, const uint32_t *chosen, uint32_t count)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        const double value = (double)values[chosen != NULL ? chosen[i] : i];
        sum += value * value;
    }
    return sum;
}

/** Slices to unit length over the core positions. */
static void scale_slices(struct sva_gathered *gathered)
{
    const uint32_t count = gathered->core != NULL ? gathered->core_count : gathered->kept;
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        float *slice = gathered->values + (size_t)s * gathered->kept;
        for (uint32_t j = 0; j < gathered->kept; j++) {
            slice[j] = isfinite(slice[j]) ? slice[j] : 0.0f;
        }
        const double norm = sqrt(sum_of_squares(slice, gathered->core, count));
        const double scale = norm > 0.0 ? 1.0 / norm : 0.0;
        for (uint32_t j = 0; j < gathered->kept; j++) {
            slice[j] = (float)((double)slice[j] * scale);
        }
    }
}

/** Kept indices to mean square 1/features per slice group. */
static void scale_kept(struct sva_gathered *gathered, double *squares)
{
    memset(squares, 0, gathered->kept * sizeof *squares);
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        const float *slice = gathered->values + (size_t)s * gathered->kept;
        for (uint32_t j = 0; j < gathered->kept; j++) {
            squares[j] += (double)slice[j] * (double)slice[j];
        }
    }
    for (uint32_t j = 0; j < gathered->kept; j++) {
        squares[j] = squares[j] > 0.0 ? sqrt((double)gathered->features / squares[j]) : 0.0;
    }
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        float *slice = gathered->values + (size_t)s * gathered->kept;
        for (uint32_t j = 0; j < gathered->kept; j++) {
            slice[j] = (float)((double)slice[j] * squares[j]);
        }
    }
}

/** True where row and column of a square block carry the same number. */
static bool on_diagonal(const struct sva_gathered *gathered, uint32_t slice, uint32_t kept)
{
    const uint64_t side = gathered->diagonal_side;
    const uint64_t other = gathered->slices[slice].index / gathered->kernel;
    return side > 0 && gathered->indices[kept] % side == other % side;
}

/** Sums and counts of the values off the diagonals, by slice and by kept index. */
struct margins {
    double *slice_sums, *kept_sums;
    uint32_t *slice_counts, *kept_counts;
    double total;
    uint64_t count;
};

static void sum_margins(const struct sva_gathered *gathered, struct margins *margins)
{
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        const float *slice = gathered->values + (size_t)s * gathered->kept;
        for (uint32_t j = 0; j < gathered->kept; j++) {
            if (!on_diagonal(gathered, s, j)) {
                margins->slice_sums[s] += (double)slice[j];
                margins->kept_sums[j] += (double)slice[j];
                margins->slice_counts[s]++;
                margins->kept_counts[j]++;
                margins->total += (double)slice[j];
                margins->count++;
            }
        }
    }
}

static double ratio(double sum, double count)
{
    return count > 0.0 ? sum / count : 0.0;
}

/** Replaces diagonal values by what slice and kept index alone predict. */
static bool remove_diagonals(struct sva_gathered *gathered)
{
    if (gathered->diagonal_side == 0) {
        return true;
    }
    struct margins margins = {
        .slice_sums = sva_calloc(gathered->slice_count, sizeof(double)),
        .kept_sums = sva_calloc(gathered->kept, sizeof(double)),
        .slice_counts = sva_calloc(gathered->slice_count, sizeof(uint32_t)),
        .kept_counts = sva_calloc(gathered->kept, sizeof(uint32_t))};
    const bool ok = margins.slice_sums != NULL && margins.kept_sums != NULL &&
                    margins.slice_counts != NULL && margins.kept_counts != NULL;
    if (ok) {
        sum_margins(gathered, &margins);
    }
    for (uint32_t s = 0; ok && s < gathered->slice_count; s++) {
        for (uint32_t j = 0; j < gathered->kept; j++) {
            if (on_diagonal(gathered, s, j)) {
                gathered->values[(size_t)s * gathered->kept + j] =
                    (float)(ratio(margins.slice_sums[s], margins.slice_counts[s]) +
                            ratio(margins.kept_sums[j], margins.kept_counts[j]) -
                            ratio(margins.total, (double)margins.count));
            }
        }
    }
    sva_free(margins.slice_sums);
    sva_free(margins.kept_sums);
    sva_free(margins.slice_counts);
    sva_free(margins.kept_counts);
    return ok;
}

/** Means of slices and of kept indices to zero: a common mean is no trained direction. */
static void centre(struct sva_gathered *gathered)
{
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        float *slice = gathered->values + (size_t)s * gathered->kept;
        double sum = 0.0;
        for (uint32_t j = 0; j < gathered->kept; j++) {
            sum += (double)slice[j];
        }
        for (uint32_t j = 0; j < gathered->kept; j++) {
            slice[j] -= (float)(sum / (double)gathered->kept);
        }
    }
    for (uint32_t j = 0; j < gathered->kept; j++) {
        double sum = 0.0;
        for (uint32_t s = 0; s < gathered->slice_count; s++) {
            sum += (double)gathered->values[(size_t)s * gathered->kept + j];
        }
        for (uint32_t s = 0; s < gathered->slice_count; s++) {
            gathered->values[(size_t)s * gathered->kept + j] -=
                (float)(sum / (double)gathered->slice_count);
        }
    }
}

static int16_t to_feature(double value)
{
    const double scaled = floor(value * 256.0 + 0.5);
    if (scaled > SVA_FEATURE_LIMIT) {
        return SVA_FEATURE_LIMIT;
    }
    return scaled < -SVA_FEATURE_LIMIT ? -SVA_FEATURE_LIMIT : (int16_t)scaled;
}

bool sva_sketch_features(struct sva_gathered *gathered, int16_t *features)
{
    const uint32_t kept = gathered->kept;
    const uint32_t width = gathered->features;
    double *scratch = sva_calloc(kept, sizeof *scratch);
    double *sums = sva_calloc((size_t)kept * width, sizeof *sums);
    if (scratch == NULL || sums == NULL) {
        sva_free(scratch);
        sva_free(sums);
        return false;
    }
    scale_slices(gathered);
    scale_kept(gathered, scratch);
    if (!remove_diagonals(gathered)) {
        sva_free(scratch);
        sva_free(sums);
        return false;
    }
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        const float *slice = gathered->values + (size_t)s * kept;
        double *sum = sums + (size_t)gathered->slices[s].group * kept;
        const double sign = (double)gathered->slices[s].sign;
        for (uint32_t j = 0; j < kept; j++) {
            sum[j] += sign * (double)slice[j];
        }
    }
    for (uint32_t j = 0; j < kept; j++) {
        for (uint32_t k = 0; k < width; k++) {
            features[(size_t)j * width + k] = to_feature(sums[(size_t)k * kept + j]);
        }
    }
    sva_free(scratch);
    sva_free(sums);
    return true;
}

static void quantise_direction(const double *direction, uint32_t length, int8_t *out)
{
    double largest = 0.0;
    for (uint32_t j = 0; j < length; j++) {
        largest = fabs(direction[j]) > largest ? fabs(direction[j]) : largest;
    }
    for (uint32_t j = 0; j < length; j++) {
        const double scaled = largest > 0.0 ? direction[j] / largest * 127.0 : 0.0;
        out[j] = (int8_t)floor(scaled + 0.5);
    }
}

bool sva_sketch_directions(struct sva_gathered *gathered, int8_t *directions,
                           uint32_t *count)
{
    const uint32_t kept = gathered->kept;
    const uint32_t slices = gathered->slice_count < SVA_DIRECTIONS_SLICES ? gathered->slice_count
                                                                          : SVA_DIRECTIONS_SLICES;
    double *scratch = sva_calloc(SVA_DIRECTIONS_SCRATCH(slices), sizeof *scratch);
    double *vectors = sva_calloc((size_t)kept * SVA_LEADING_DIRECTIONS, sizeof *vectors);
    if (scratch == NULL || vectors == NULL) {
        sva_free(scratch);
        sva_free(vectors);
        return false;
    }
    centre(gathered);
    *count = sva_leading_directions(gathered->values, slices, kept, scratch, vectors);
    for (uint32_t v = 0; v < *count; v++) {
        quantise_direction(vectors + (size_t)v * kept, kept, directions + (size_t)v * kept);
    }
    sva_free(scratch);
    sva_free(vectors);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/value_sides.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/noise_floor.h"
#include "kernel/dtype.h"

enum { CODE_MOST = 127, LATTICE_SIZES_LEAST = 8, FIT_LEAST = 4 };

bool sva_is_code(enum sva_dtype dtype)
{
    static const enum sva_dtype codes[] = {SVA_DTYPE_U8,  SVA_DTYPE_I8,  SVA_DTYPE_I16,
                                           SVA_DTYPE_U16, SVA_DTYPE_I32, SVA_DTYPE_U32,
                                           SVA_DTYPE_I64, SVA_DTYPE_U64};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (dtype == codes[i]) {
            return true;
        }
    }
    return false;
}

static bool is_quantised(enum sva_dtype dtype)
{
    return sva_dtype_is_block(dtype) || dtype == SVA_DTYPE_PACKED || sva_is_code(dtype);
}

struct sva_rounding sva_rounding_of(const struct sva_print_tensor *tensor,
                                    const struct sva_print_tensor *other, bool has_steps)
{
    const struct sva_dtype_info *info = sva_dtype_get(tensor->dtype);
    struct sva_rounding rounding = {.rounds = SVA_DTYPE_F32};
    rounding.quantised =
        has_steps || is_quantised(tensor->dtype) || (info->is_float && info->bits <= 8);
    /* codes without a scale have no step of their own; two such sides are compared as they are */
    rounding.stepped = has_steps && !sva_is_code(tensor->dtype);
    if (has_steps || sva_is_code(tensor->dtype)) {
        return rounding;
    }
    if (is_quantised(tensor->dtype)) {
        rounding.floor = sva_noise_floor(tensor->dtype);
        return rounding;
    }
    /* A 16-bit float explains what it rounded off wider plain floats. Codes are made from the
     * 16-bit values themselves; and values on one grid were not rounded from each other. */
    const bool rounds = info->is_float && info->bits <= 16 && tensor->dtype != other->dtype &&
                        (info->bits <= 8 || !is_quantised(other->dtype));
    rounding.rounds = rounds ? tensor->dtype : SVA_DTYPE_F32;
    return rounding;
}

static int by_size(const void *a, const void *b)
{
    const float left = *(const float *)a;
    const float right = *(const float *)b;
    return (left > right) - (left < right);
}

/** Can the smallest be at least one step and the largest at most all of them? Spares sorting noise. */
static bool spans_a_lattice(const float *sizes, size_t count)
{
    float least = INFINITY;
    float most = 0.0f;
    for (size_t i = 0; i < count; i++) {
        least = sizes[i] < least ? sizes[i] : least;
        most = sizes[i] > most ? sizes[i] : most;
    }
    return count > 0 && (double)most <= (CODE_MOST + 1.04) * (double)least;
}

double sva_lattice_step(const float *values, size_t count, size_t stride)
{
    float sizes[SVA_SAMPLES_MOST];
    size_t used = 0;
    for (size_t i = 0; i < count && used < SVA_SAMPLES_MOST; i++) {
        const float size = fabsf(values[i * stride]);
        if (size > 0.0f && isfinite(size)) {
            sizes[used++] = size;
        }
    }
    if (!spans_a_lattice(sizes, used)) {
        return 0.0;
    }
    qsort(sizes, used, sizeof *sizes, by_size);
    size_t different = 0;
    for (size_t i = 0; i < used; i++) {
        different += i == 0 || sizes[i] > sizes[i - 1] * 1.001f ? 1 : 0;
    }
    if (different < LATTICE_SIZES_LEAST) {
        return 0.0;
    }
    for (int code = 1; code <= CODE_MOST; code++) { /* of the smallest value */
        const double step = (double)sizes[0] / code;
        bool fits = (double)sizes[used - 1] <= (CODE_MOST + 1.04) * step;
        for (size_t i = 0; fits && i < used; i++) {
            const double steps = (double)sizes[i] / step;
            fits = fabs(steps - floor(steps + 0.5)) <= 0.04;
        }
        if (fits) {
            return step;
        }
    }
    return 0.0;
}

/** Lines of samples: rows, columns, or all of them as one. */
struct lines {
    size_t count, length, start, stride; /* line l begins at l * start */
};

static struct lines lines_of(const struct sva_sides *sides, int kind)
{
    const size_t rows = sides->rows;
    const size_t columns = sides->columns;
    return kind == 0   ? (struct lines){rows, columns, columns, 1}
           : kind == 1 ? (struct lines){columns, rows, 1, columns}
                       : (struct lines){1, rows * columns, 0, 1};
}

static bool line_is_zero(const float *values, const struct lines *lines)
{
    for (size_t i = 0; i < lines->length; i++) {
        if (fabsf(values[i * lines->stride]) > 0.0f) {
            return false;
        }
    }
    return true;
}

/** Plain floats that are codes times scales: by rows, by columns, or all alike. */
static void find_lattice(const struct sva_sides *sides, struct sva_side *side)
{
    for (int kind = 0; kind < 3; kind++) {
        const struct lines lines = lines_of(sides, kind);
        size_t found = 0;
        size_t asked = 0;
        /* more misses than a tenth of the lines settle it; steps are written again by the last kind */
        for (size_t l = 0; l < lines.count && 10 * (asked - found) <= lines.count; l++) {
            const float *line = side->values + l * lines.start;
            const double step = sva_lattice_step(line, lines.length, lines.stride);
            asked += line_is_zero(line, &lines) ? 0 : 1;
            found += step > 0.0 ? 1 : 0;
            for (size_t i = 0; i < lines.length; i++) {
                side->steps[l * lines.start + i * lines.stride] = (float)step;
            }
        }
        if (found > 0 && 10 * found >= 9 * asked) {
            side->rounding =
                (struct sva_rounding){.quantised = true, .stepped = true, .rounds = SVA_DTYPE_F32};
            return;
        }
    }
}

/** Least squares of `to` on one line of codes: offset and scale; false when they do not vary. */
static bool fit_line(const float *codes, const float *to, const struct lines *lines, double *scale,
                     double *offset)
{
    const double n = (double)lines->length;
    double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
    for (size_t i = 0; i < lines->length; i++) {
        const double code = (double)codes[i * lines->stride];
        const double value = (double)to[i * lines->stride];
        x += code;
        y += value;
        xx += code * code;
        xy += code * value;
    }
    const double spread = xx - x * x / n;
    if (!(spread > 0.0)) {
        return false;
    }
    *scale = (xy - x * y / n) / spread;
    *offset = (y - *scale * x) / n;
    return isfinite(*scale) && isfinite(*offset);
}

/** Distance that remains when every line of codes gets its own scale; writes values and steps when
 * asked. */
static double fit_codes(const struct sva_side *codes, const float *to, const struct lines *lines,
                        struct sva_side *out)
{
    double distance = 0.0;
    for (size_t l = 0; l < lines->count; l++) {
        const size_t start = l * lines->start;
        double scale = 0.0;
        double offset = 0.0;
        (void)fit_line(codes->values + start, to + start, lines, &scale, &offset);
        for (size_t i = 0; i < lines->length; i++) {
            const size_t at = start + i * lines->stride;
            const double value = scale * (double)codes->values[at] + offset;
            distance += (value - (double)to[at]) * (value - (double)to[at]);
            if (out != NULL) {
                out->values[at] = (float)value;
                out->steps[at] = (float)fabs(scale);
            }
        }
    }
    return distance;
}

/** Codes take the scale, by rows or by columns, that brings them closest to the other side. */
static void scale_codes(struct sva_sides *sides, struct sva_side *codes, const float *to)
{
    int best = -1;
    double least = INFINITY;
    for (int kind = 0; kind < 3; kind++) {
        const struct lines lines = lines_of(sides, kind);
        if (lines.length < FIT_LEAST) {
            continue;
        }
        /* per degree of freedom, or the most scales would always win */
        const double freedom = 1.0 - 2.0 / (double)lines.length;
        const double distance = fit_codes(codes, to, &lines, NULL) / freedom;
        if (distance < least) {
            least = distance;
            best = kind;
            sides->freedom = freedom;
        }
    }
    if (best < 0) {
        sides->rows = 0; /* too few values for any fit */
        return;
    }
    const struct lines lines = lines_of(sides, best);
    const struct sva_side before = *codes;
    (void)fit_codes(&before, to, &lines, codes);
    codes->rounding.stepped = true;
}

/** Mean square of one row of samples. */
static double row_square(const struct sva_sides *sides, const struct sva_side *side, size_t row)
{
    double sum = 0.0;
    for (size_t i = 0; i < sides->columns; i++) {
        const double value = (double)side->values[row * sides->columns + i];
        sum += isfinite(value) ? value * value : 0.0;
    }
    return sum / (double)sides->columns;
}

/**
 * Steps for a side of which only the floor is known, by the row. The source's size counts, which
 * coarse codes fall short of: the larger of both sides. Large columns of a residual stream spoil
 * their neighbours, and 32 samples of a row miss them: there the whole tensor's mean square counts.
 */
static void fill_floor(const struct sva_sides *sides, struct sva_side *side,
                       const struct sva_side *other, const struct sva_print_tensor *source)
{
    double rows[SVA_SAMPLE_ROWS];
    double sampled = 0.0;
    for (size_t row = 0; row < sides->rows; row++) {
        rows[row] = fmax(row_square(sides, side, row), row_square(sides, other, row));
        sampled += rows[row] / (double)sides->rows;
    }
    const double whole = source->mean * source->mean + source->deviation * source->deviation;
    const bool spoils = source->axis_kind[1] == SVA_AXIS_RESIDUAL && whole > sampled;
    const double more = spoils && sampled > 0.0 ? whole / sampled : 1.0;
    for (size_t i = 0; i < (size_t)sides->rows * sides->columns; i++) {
        side->steps[i] =
            (float)sva_floor_step(side->rounding.floor, more * rows[i / sides->columns]);
    }
}

static void side_init(struct sva_sides *sides, struct sva_side *side,
                      const struct sva_print_tensor *tensor, const struct sva_print_tensor *other,
                      const struct sva_value_samples *samples)
{
    const size_t count = (size_t)sides->rows * sides->columns;
    bool has_steps = false;
    memcpy(side->values, samples->values, count * sizeof *side->values);
    for (size_t i = 0; samples->steps != NULL && i < count; i++) {
        side->steps[i] = samples->steps[i];
        has_steps = has_steps || samples->steps[i] > 0.0f;
    }
    side->rounding = sva_rounding_of(tensor, other, has_steps);
    if (!side->rounding.quantised && sva_dtype_get(tensor->dtype)->bits >= 16) {
        find_lattice(sides, side);
    }
}

void sva_sides_init(struct sva_sides *sides, const struct sva_print_tensor *s,
                    const struct sva_value_samples *s_samples, const struct sva_print_tensor *r,
                    const struct sva_value_samples *r_samples)
{
    sides->rows = 0;
    sides->columns = 0;
    sides->freedom = 1.0;
    if (memcmp(s->n, r->n, sizeof s->n) != 0 || s_samples->rows != r_samples->rows ||
        s_samples->columns != r_samples->columns || s_samples->values == NULL ||
        r_samples->values == NULL || s_samples->rows > SVA_SAMPLE_ROWS ||
        s_samples->columns > SVA_SAMPLE_COLUMNS) {
        return;
    }
    sides->rows = s_samples->rows;
    sides->columns = s_samples->columns;
    side_init(sides, &sides->s, s, r, s_samples);
    side_init(sides, &sides->r, r, s, r_samples);
    if (sva_is_code(s->dtype) && !sva_is_code(r->dtype)) {
        scale_codes(sides, &sides->s, sides->r.values);
    } else if (sva_is_code(r->dtype) && !sva_is_code(s->dtype)) {
        scale_codes(sides, &sides->r, sides->s.values);
    }
    if (sides->s.rounding.floor > 0.0) {
        fill_floor(sides, &sides->s, &sides->r, r);
    }
    if (sides->r.rounding.floor > 0.0) {
        fill_floor(sides, &sides->r, &sides->s, s);
    }
}

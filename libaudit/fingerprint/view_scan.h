/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One pass over one logical tensor: values arrive in stored order, in lines;
 * out come its hash, statistics, sketches and row hashes. No I/O.
 */
#ifndef SVA_FINGERPRINT_VIEW_SCAN_H
#define SVA_FINGERPRINT_VIEW_SCAN_H

#include <sovaudit/print.h>

#include "fingerprint/gram.h"
#include "fingerprint/read_ahead.h"
#include "fingerprint/samples.h"
#include "fingerprint/sketch.h"
#include "fingerprint/strong_neurons.h"
#include "fingerprint/token_rows.h"
#include "fingerprint/turned_lines.h"
#include "fingerprint/value_hash.h"
#include "kernel/moments.h"

enum {
    SVA_ROW_HASHES = 256,   /**< bottom-k kept */
    SVA_ROW_HASH_MIN = 32,  /**< shorter rows are not hashed */
    SVA_VECTOR_MAX = 65536, /**< longer vectors keep no values */
    SVA_ENTROPY_SAMPLES = 4096,
    SVA_CORNER = 64 /**< lines and positions looked at for formulas */
};

/** What is gathered for the sketch of one axis. */
struct sva_axis_plan {
    uint32_t kept;
    uint64_t *indices; /**< ascending kept indices */
    uint32_t slice_count, features;
    struct sva_slice slices[SVA_SLICES];
    float *values;                  /**< [slice_count * kept] */
    struct sva_turned_lines turned; /**< lines that are columns of `values` */
};

struct sva_view_scan {
    const struct sva_view *view;
    int line_axis; /**< 0: lines are outputs, 1: lines are inputs */
    uint64_t line_count, line_length, line_stride;
    struct sva_axis_plan axis[2];
    struct sva_value_hash *hash;
    struct sva_value_hash *rounded[2]; /**< of the values as BF16 and as F16, or NULL */
    struct sva_moments moments;
    uint64_t seen_count;
    float *samples;
    size_t sample_count, sample_room;
    uint64_t sample_step;
    uint64_t *row_hashes; /**< unsorted candidates, bottom-k */
    size_t row_hash_count;
    uint64_t row_hash_limit;
    float *corner; /**< first positions of the first lines, [corner_lines][corner_length] */
    size_t corner_lines, corner_length;
    float *vector; /**< whole vector when the view is 1 x n and short */
    struct sva_sampler sampler;
    struct sva_gram_plan gram;
    struct sva_strong_plan strong;
    struct sva_token_gather tokens;
    const float *steps;    /**< set by the caller: of the values handed in next, or NULL */
    const uint8_t *halves; /**< the same for the BF16 they are stored as, which is faster to hash */
};

/** Prepares a scan. `keys` (may be NULL) names the rows of a vocabulary. False when out of memory.
 */
bool sva_view_scan_init(struct sva_view_scan *scan, const struct sva_view *view,
                        const uint64_t *keys);

/** Also hashes the values rounded to 16 bits, for tensors stored wider. False: out of memory. */
bool sva_view_scan_add_rounded(struct sva_view_scan *scan);

/** Also samples values and rows. False: out of memory. */
bool sva_view_scan_add_samples(struct sva_view_scan *scan, enum sva_dtype dtype, bool quantised);

/** Also takes cosines between hidden neurons, behind the norm they read through. False: out of
 * memory. */
bool sva_view_scan_add_gram(struct sva_view_scan *scan, const struct sva_read_ahead *ahead);

/** Also keeps the rows of frequent tokens. False: out of memory. */
bool sva_view_scan_add_tokens(struct sva_view_scan *scan, const struct sva_token_choice *choice);
void sva_view_scan_done(struct sva_view_scan *scan);

/**
 * True when the view's elements lie in contiguous lines as stored; sets `line_axis` only then. Rows
 * in an order of their own make lines along axis 0 only: columns would be cut through.
 */
bool sva_view_has_lines(const struct sva_view *view, int *line_axis);

/** Values [first, first + count) of line `line`, lines in ascending order (the value hash needs
 * it). */
void sva_view_scan_line(struct sva_view_scan *scan, uint64_t line, uint64_t first,
                        const float *values, size_t count);
/** Hash and statistics only (for layouts without lines that are too large to be brought in order).
 */
void sva_view_scan_values(struct sva_view_scan *scan, const float *values, size_t count);

/**
 * The same for a scan that is handed a part of its lines, each whole or piece by piece, in any
 * order: no hash follows from it. `scan->sample_step` is the caller's to set.
 */
void sva_view_scan_part(struct sva_view_scan *scan, uint64_t line, uint64_t first,
                        const float *values, size_t count);

/** The beginning of a line that is not among them: what tells a formula. */
void sva_view_scan_corner(struct sva_view_scan *scan, uint64_t line, const float *values,
                          size_t count);

/**
 * As sva_view_scan_finish() after parts: what needs every value stays unknown, and out->sampled is
 * set. out->value_hash is of what was kept, in a domain of its own.
 */
bool sva_view_scan_finish_parts(struct sva_view_scan *scan, struct sva_print_tensor *out);

/** Fills everything but name, dtype and component. Arrays are owned by `out`:
 * sva_print_tensor_done(). */
bool sva_view_scan_finish(struct sva_view_scan *scan, struct sva_print_tensor *out);

/**
 * What a print says of a view that was not read at all; `out` has its name. False: out of memory.
 */
bool sva_print_tensor_unread(const struct sva_view *view, bool decodable,
                             struct sva_print_tensor *out);

/** Leaves the tensor without rows of frequent tokens. */
void sva_print_drop_token_rows(struct sva_print_tensor *tensor);

/** Frees the arrays that sva_view_scan_finish allocated (sketches, samples, vector, rows). */
void sva_print_tensor_done(struct sva_print_tensor *tensor);

#endif

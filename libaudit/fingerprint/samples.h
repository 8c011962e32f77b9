/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Sampled values of a matrix, and digests of its sampled rows. The places follow from the shape
 * alone, so any two tensors of one shape are sampled alike: of n[0] outputs the SVA_SAMPLE_ROWS
 * with the smallest hash, of n[1] * n[2] inputs and kernel positions the SVA_SAMPLE_COLUMNS with
 * the smallest hash (sva_kept_indices), both ascending; short axes are taken whole.
 *
 * Row digests: the first SVA_ROW_DIGEST_BYTES bytes of SHA-256 over the dtype's name and a NUL,
 * the row's elements as 64 bits low byte first, and the bytes of the sampled rows, ascending. As
 * stored for Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 and MXFP4; computed again in each of them for plain
 * floats: entry 2 f is format f of this order from the values, 2 f + 1 from the values rounded
 * to F16 first.
 */
#ifndef SVA_FINGERPRINT_SAMPLES_H
#define SVA_FINGERPRINT_SAMPLES_H

#include <stddef.h>

#include <sovaudit/print.h>

struct sva_sampler {
    const struct sva_view *view;
    enum sva_dtype dtype;
    int line_axis;          /**< 0: lines are outputs, 1: lines are inputs */
    uint32_t rows, columns; /**< 0: nothing is sampled */
    uint64_t row_at[SVA_SAMPLE_ROWS], column_at[SVA_SAMPLE_COLUMNS];
    float *values, *steps; /**< [rows * columns]; steps NULL: not quantised */
    uint64_t row_elements;
    float *whole;    /**< [rows * row_elements] for computing rows again, or NULL */
    uint8_t *stored; /**< [rows * stored_row_bytes] rows as stored, or NULL */
    size_t stored_row_bytes;
    uint32_t whole_rows, stored_rows; /**< bits: which rows are complete */
};

/** Decides what is sampled. False: out of memory. */
bool sva_sampler_init(struct sva_sampler *sampler, const struct sva_view *view, int line_axis,
                      enum sva_dtype dtype, bool quantised);
void sva_sampler_done(struct sva_sampler *sampler);

/** Values [first, first + count) of a line; `steps` may be NULL. */
void sva_sampler_line(struct sva_sampler *sampler, uint64_t line, uint64_t first,
                      const float *values, const float *steps, size_t count);

/** A whole row as stored. */
void sva_sampler_stored_row(struct sva_sampler *sampler, uint64_t row, const uint8_t *bytes,
                            size_t size);

/** Hands the samples over to `samples` (owned by the caller) and computes the digests. False: out
 * of memory. */
bool sva_sampler_finish(struct sva_sampler *sampler, struct sva_value_samples *samples,
                        struct sva_row_digests *rows);

#endif

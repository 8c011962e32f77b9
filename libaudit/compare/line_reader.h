/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The values of one view, line by line, in a bounded window: rows as they lie in the file or in
 * another order, columns of a matrix that is stored turned. One reader belongs to one thread.
 */
#ifndef SVA_COMPARE_LINE_READER_H
#define SVA_COMPARE_LINE_READER_H

#include "model/tensor_values.h"

struct sva_line_reader {
    struct sva_values values;
    const struct sva_view *view;
    const struct sva_row_order *order; /**< where lines lie; NULL: evenly spaced */
    int line_axis;                     /**< 0: a line is a row, 1: a column */
    uint64_t line_count, line_length;  /**< line_length counts kernel positions too */
    float *window, *steps;             /**< elements [first, first + count) of the tensor; `steps`
                                            and `gathered_steps` NULL: no codes, no steps */
    uint64_t first;
    size_t count, capacity;
    bool bytes_only; /**< set by the caller, where a line's stored bytes are enough: no values */
    float *gathered,
        *gathered_steps; /**< one line whose elements lie apart; NULL: lines lie whole */
};

/** Does each row of the view lie in one piece? */
bool sva_rows_lie_whole(const struct sva_view *view);

/** How a view is to be read. */
enum sva_line_choice {
    SVA_LINES_AS_STORED, /**< rows where they lie whole, else columns, else gathered rows */
    SVA_LINES_GATHERED   /**< rows, gathered from a tensor that fits the memory allowed */
};

/**
 * `order`: where rows lie, the view's own or its alternative; may be NULL. Errors: MEMORY, those of
 * sva_values_open, UNSUPPORTED where the view cannot be read in lines (nothing to decode, lines
 * beyond the window, a tensor too large to gather from).
 */
enum sva_status sva_line_reader_open(const struct sva_model *model, const struct sva_view *view,
                                     const struct sva_row_order *order, enum sva_line_choice choice,
                                     struct sva_line_reader *reader,
                                     struct sva_error *error) SVA_MUST_CHECK;

/**
 * One line: `*values` and `*steps` are borrowed until the next call; `*bytes` is the line as
 * stored, NULL where it does not begin and end at a block's border or is packed.
 */
struct sva_line {
    const float *values; /**< NULL: bytes only */
    float *steps; /**< the reader's own, may be overwritten; NULL: nothing is stored in codes */
    const uint8_t *bytes;
    size_t byte_count;
};
enum sva_status sva_line_reader_read(struct sva_line_reader *reader, uint64_t line,
                                     struct sva_line *out, struct sva_error *error) SVA_MUST_CHECK;

/** Safe on a zeroed reader and twice. */
void sva_line_reader_close(struct sva_line_reader *reader);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Two tensors side by side, every element of a range of their lines: distances, whether one side's
 * bytes are the other's values quantised, rows of the grid for the rank of their difference. One
 * reader belongs to one thread; several may fill rows of one grid at once.
 */
#ifndef SVA_COMPARE_PAIR_READER_H
#define SVA_COMPARE_PAIR_READER_H

#include "compare/difference_rank.h"
#include "compare/line_reader.h"
#include "compare/value_pairs.h"

struct sva_pair_reader {
    struct sva_line_reader s, r;
    struct sva_rounding s_rounding, r_rounding;
    struct sva_value_fit fit;
    bool exact[2];    /**< of one side's lines, quantised again: from the values, by way of F16 */
    bool asked;       /**< one side's stored bytes can be computed again */
    bool s_quantised; /**< whose */
    bool bf16;        /**< both sides, and read as they are stored */
    float *rounded;   /**< one line each */
    uint8_t *bytes;
    uint32_t grid_places[SVA_RANK_COLUMNS]; /**< in a line, of the grid's columns */
};

/** Rows and columns of the grid of a pair. */
void sva_pair_reader_grid(const struct sva_pair_reader *reader, uint32_t *rows, uint32_t *columns);

/**
 * May several readers share the lines of this pair? True where rows lie whole in one stored tensor
 * on both sides, so that a line is read alone: nothing is gathered from, or decoded with, others.
 */
bool sva_pair_splits(const struct sva_model *subject, const struct sva_model *reference,
                     const struct sva_value_pair *pair);

/** Errors: UNSUPPORTED where the two cannot be read in lines that fit together; MEMORY; those of
 * sva_line_reader_open. sva_pair_reader_close() is safe after any. */
enum sva_status sva_pair_reader_open(const struct sva_model *subject,
                                     const struct sva_model *reference,
                                     const struct sva_value_pair *pair,
                                     struct sva_pair_reader *reader,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Reads lines [first, end), `end` no more than there are; fills the grid's rows among them (NULL:
 * no rank is asked for). */
enum sva_status sva_pair_reader_read(struct sva_pair_reader *reader, uint64_t first, uint64_t end,
                                     struct sva_rank_grid *grid,
                                     struct sva_error *error) SVA_MUST_CHECK;

void sva_pair_reader_close(struct sva_pair_reader *reader);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The rows of frequent tokens in an embedding or an output head: what training wrote into each, for
 * telling a shared start from derivation. Rows of tokens that no text used keep their start; these
 * leave it, slowly.
 *
 *   x[t][j]  value of token t in residual dimension j; non-finite values are read as 0
 *   y[t][j] = (x[t][j] - mean over t) / root mean square of that over t
 *   f[t][k] = sum over j of sign(j, k) * y[t][j], k < SVA_TOKEN_FEATURES
 *   stored: round(256 * f / root mean square of f over t and k), clipped to +-32767
 *
 * Scaling by dimension keeps outlier dimensions from deciding. Signs follow from the dimension's
 * index alone, sums are taken in the order of j, so that prints do not depend on layout or threads.
 */
#ifndef SVA_FINGERPRINT_TOKEN_ROWS_H
#define SVA_FINGERPRINT_TOKEN_ROWS_H

#include <sovaudit/model.h>
#include <sovaudit/print.h>

enum {
    SVA_TOKEN_FIRST_ROW = 259,   /**< without a vocabulary: after 256 bytes and 3 control tokens */
    SVA_TOKEN_WIDTH_MOST = 32768 /**< wider residual axes have no such rows */
};

/** Which rows of a vocabulary to keep. */
struct sva_token_choice {
    size_t token_count;        /**< of the vocabulary, 0 without one */
    const uint64_t *keys;      /**< [token_count] */
    size_t frequent_count;
    const uint32_t *frequent;  /**< [frequent_count] ascending ids */
};

/** What is gathered of one view. */
struct sva_token_gather {
    uint32_t count;            /**< 0: the view has no such rows */
    uint64_t width;            /**< of the residual axis */
    uint64_t *rows;            /**< [count] ascending rows of the view */
    uint64_t *keys;            /**< [count] */
    float *values;             /**< [count][width] */
};

/** What a model's vocabulary says. Borrows from the model. */
struct sva_token_choice sva_token_choice_of(const struct sva_model *model);

/**
 * Up to SVA_FREQUENT_TOKENS rows of a table and what names them: the vocabulary's frequent tokens
 * where the table has a row for each of its tokens, else rows by number. Gives how many.
 */
uint32_t sva_choose_token_rows(uint64_t table_rows, const struct sva_token_choice *choice,
                               uint64_t rows[SVA_FREQUENT_TOKENS],
                               uint64_t keys[SVA_FREQUENT_TOKENS]);

/** For embeddings and output heads; `count` stays 0 for any other view. False: out of memory. */
bool sva_token_gather_init(struct sva_token_gather *gather, const struct sva_view *view,
                           const struct sva_token_choice *choice);

/** Values [first, first + count) of line `line`; lines are rows (axis 0) or columns (axis 1). */
void sva_token_gather_line(struct sva_token_gather *gather, int line_axis, uint64_t line,
                           uint64_t first, const float *values, size_t count);

/** Fills `out`, by key; arrays are the caller's. Scales values in place. False: out of memory. */
bool sva_token_gather_finish(struct sva_token_gather *gather, struct sva_token_rows *out);

void sva_token_gather_done(struct sva_token_gather *gather);

#endif

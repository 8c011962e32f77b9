/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Columns of text for people: width on a terminal (Hangul and other wide
 * characters take two columns), padding, wrapping, small tables, and numbers
 * with a fixed count of decimals. Knows nothing of audits. Text must be valid
 * UTF-8 without control characters (escape first).
 */
#ifndef SVA_REPORT_COLUMNS_H
#define SVA_REPORT_COLUMNS_H

#include "base/memory.h"

/** Columns that `length` bytes of text take. Combining marks take none. */
size_t sva_columns_width(const char *text, size_t length);

/** Appends text padded to `columns`, on the left when `right`; too long text ends with "…". */
void sva_columns_pad(struct sva_bytes *out, const char *text, size_t columns, bool right);

/**
 * Appends words wrapped so that no line is wider than `width`; the cursor stands
 * at column `at`, further lines start with `indent` spaces. Ends with a newline.
 */
void sva_columns_wrap(struct sva_bytes *out, const char *text, size_t at, size_t indent,
                      size_t width);

/** Appends `value` with `decimals` (0..9) digits after the point; "-" when not finite. */
void sva_columns_fixed(struct sva_bytes *out, double value, int decimals);

/** A share as "12.50%", in `arena`; "-" when not finite; NULL when out of memory. */
const char *sva_columns_percent(struct sva_arena *arena, double share, int decimals);

enum { SVA_TABLE_COLUMNS = 8 };

/** A table whose cells are owned by an arena of its own. */
struct sva_table {
    struct sva_arena arena;
    size_t column_count;
    bool right[SVA_TABLE_COLUMNS]; /**< numbers stand to the right */
    size_t flexible;               /**< the column that gives way when the table is too wide */
    size_t row_count;
    struct sva_table_row {
        const char *cells[SVA_TABLE_COLUMNS];
        const char *styles[SVA_TABLE_COLUMNS]; /**< escape sequence or NULL */
    } *rows;
    bool failed;
};

/** A new empty row, or NULL (and failed). Cells that stay NULL are empty. */
struct sva_table_row *sva_table_add(struct sva_table *table);
/** Appends the rows, indented by two, within `width` as far as the flexible column gives way. */
void sva_table_render(const struct sva_table *table, size_t width, struct sva_bytes *out);
void sva_table_done(struct sva_table *table);

#endif

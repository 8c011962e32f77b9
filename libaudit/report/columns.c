/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, INDENT = 2, FLEXIBLE_MINIMUM = 8 };

/** Ranges that terminals draw two columns wide (Unicode East_Asian_Width W and F). */
static const struct {
    uint32_t first, last;
} WIDE[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF},
    {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
};

/** Marks that add to the character before them. */
static const struct {
    uint32_t first, last;
} COMBINING[] = {
    {0x0300, 0x036F}, {0x1160, 0x11FF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
    {0xD7B0, 0xD7FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static size_t code_point_width(uint32_t code)
{
    for (size_t i = 0; i < sizeof COMBINING / sizeof *COMBINING; i++) {
        if (code >= COMBINING[i].first && code <= COMBINING[i].last) {
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof WIDE / sizeof *WIDE; i++) {
        if (code >= WIDE[i].first && code <= WIDE[i].last) {
            return 2;
        }
    }
    return 1;
}

/** Length in bytes of the character at `text` (1 for anything odd) and its code point. */
static size_t next_character(const char *text, size_t left, uint32_t *code)
{
    const uint8_t lead = (uint8_t)text[0];
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size == 1 || size > left) {
        *code = lead;
        return 1;
    }
    uint32_t value = lead & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        value = value << 6 | ((uint8_t)text[i] & 0x3FU);
    }
    *code = value;
    return size;
}

size_t sva_columns_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        i += next_character(text + i, length - i, &code);
        width += code_point_width(code);
    }
    return width;
}

/** Bytes of the longest prefix that fits `columns`. */
static size_t fitting_prefix(const char *text, size_t length, size_t columns)
{
    size_t i = 0;
    for (size_t width = 0; i < length;) {
        uint32_t code = 0;
        const size_t size = next_character(text + i, length - i, &code);
        width += code_point_width(code);
        if (width > columns) {
            break;
        }
        i += size;
    }
    return i;
}

static void spaces(struct sva_bytes *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sva_bytes_append(out, " ", 1);
    }
}

void sva_columns_pad(struct sva_bytes *out, const char *text, size_t columns, bool right)
{
    size_t length = strlen(text);
    size_t width = sva_columns_width(text, length);
    const char *tail = "";
    if (width > columns && columns > 0) {
        length = fitting_prefix(text, length, columns - 1);
        width = sva_columns_width(text, length) + 1;
        tail = "…";
    }
    const size_t fill = width < columns ? columns - width : 0;
    spaces(out, right ? fill : 0);
    sva_bytes_append(out, text, length);
    sva_bytes_text(out, tail);
    spaces(out, right ? 0 : fill);
}

void sva_columns_wrap(struct sva_bytes *out, const char *text, size_t at, size_t indent,
                      size_t width)
{
    size_t column = at;
    bool line_start = true;
    while (*text != '\0') {
        while (*text == ' ') {
            text++;
        }
        size_t length = strcspn(text, " ");
        if (length == 0) {
            break;
        }
        const size_t word = sva_columns_width(text, length);
        if (!line_start && column + 1 + word > width) {
            sva_bytes_text(out, "\n");
            spaces(out, indent);
            column = indent;
            line_start = true;
        }
        if (!line_start) {
            sva_bytes_text(out, " ");
            column++;
        }
        if (column + word > width && width > indent + 8) { /* one word wider than the line */
            length = fitting_prefix(text, length, width - column);
        }
        sva_bytes_append(out, text, length);
        column += sva_columns_width(text, length);
        text += length;
        line_start = false;
        if (*text != ' ' && *text != '\0') {
            sva_bytes_text(out, "\n");
            spaces(out, indent);
            column = indent;
            line_start = true;
        }
    }
    sva_bytes_text(out, "\n");
}

void sva_columns_fixed(struct sva_bytes *out, double value, int decimals)
{
    static const double SCALE[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    const int digits = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
    if (!isfinite(value) || fabs(value) > 1e9) {
        sva_bytes_text(out, "-");
        return;
    }
    const double rounded = round(fabs(value) * SCALE[digits]);
    const unsigned long long units = (unsigned long long)rounded;
    const unsigned long long scale = (unsigned long long)SCALE[digits];
    sva_bytes_printf(out, "%s%llu", value < 0 && units > 0 ? "-" : "", units / scale);
    if (digits > 0) {
        sva_bytes_printf(out, ".%0*llu", digits, units % scale);
    }
}

const char *sva_columns_percent(struct sva_arena *arena, double share, int decimals)
{
    struct sva_bytes text = {.data = NULL};
    if (!isfinite(share)) {
        return "-";
    }
    sva_columns_fixed(&text, share * 100.0, decimals);
    sva_bytes_text(&text, "%");
    return sva_bytes_keep(&text, arena);
}

struct sva_table_row *sva_table_add(struct sva_table *table)
{
    if ((table->row_count & (table->row_count + 1)) == 0) { /* 1, 3, 7, ...: double */
        struct sva_table_row *rows =
            sva_realloc_array(table->rows, 2 * (table->row_count + 1), sizeof *rows);
        if (rows == NULL) {
            table->failed = true;
            return NULL;
        }
        table->rows = rows;
    }
    struct sva_table_row *row = &table->rows[table->row_count++];
    *row = (struct sva_table_row){.cells = {NULL}};
    return row;
}

static const char *cell_text(const struct sva_table_row *row, size_t column)
{
    return row->cells[column] != NULL ? row->cells[column] : "";
}

static void measure(const struct sva_table *table, size_t width, size_t *widths)
{
    size_t total = INDENT;
    for (size_t c = 0; c < table->column_count; c++) {
        widths[c] = 0;
        for (size_t r = 0; r < table->row_count; r++) {
            const char *text = cell_text(&table->rows[r], c);
            const size_t cell = sva_columns_width(text, strlen(text));
            widths[c] = cell > widths[c] ? cell : widths[c];
        }
        total += widths[c] + (c > 0 ? GAP : 0);
    }
    const size_t excess = total > width ? total - width : 0;
    size_t *flexible = &widths[table->flexible];
    if (excess > 0 && *flexible > FLEXIBLE_MINIMUM) {
        *flexible = *flexible > excess + FLEXIBLE_MINIMUM ? *flexible - excess : FLEXIBLE_MINIMUM;
    }
}

void sva_table_render(const struct sva_table *table, size_t width, struct sva_bytes *out)
{
    size_t widths[SVA_TABLE_COLUMNS] = {0};
    measure(table, width, widths);
    for (size_t r = 0; r < table->row_count; r++) {
        const struct sva_table_row *row = &table->rows[r];
        size_t last = table->column_count;
        while (last > 0 && cell_text(row, last - 1)[0] == '\0') {
            last--;
        }
        spaces(out, last > 0 ? INDENT : 0);
        for (size_t c = 0; c < last; c++) {
            spaces(out, c > 0 ? GAP : 0);
            const bool open_end = c + 1 == last && !table->right[c] && c != table->flexible;
            sva_bytes_text(out, row->styles[c] != NULL ? row->styles[c] : "");
            if (open_end) {
                sva_bytes_text(out, cell_text(row, c));
            } else {
                sva_columns_pad(out, cell_text(row, c), widths[c], table->right[c]);
            }
            sva_bytes_text(out, row->styles[c] != NULL ? "\x1b[0m" : "");
        }
        sva_bytes_text(out, "\n");
    }
}

void sva_table_done(struct sva_table *table)
{
    sva_free(table->rows);
    sva_arena_done(&table->arena);
    *table = (struct sva_table){.rows = NULL};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement by layer and kind of tensor, as a picture and as a table. */
#include <math.h>
#include <string.h>

#include "convert/html_page.h"

enum {
    COLUMNS_MOST = 257,
    ROWS_MOST = 64,
    LEFT = 150,
    TOP = 22,
    CELL_HEIGHT = 16,
    OUTSIDE_GAP = 10,
    PICTURE_WIDTH = 860,
    GAP_FROM = 10, /**< narrower cells touch, for a gap would be half of the picture */
    DOT_FROM = 5   /**< in narrower cells a line stands for dots */
};

static const double OVERLAP = 0.25; /**< of cells that touch: no seam shows */

/** One map: values [rows][columns], NaN without a tensor; column 0 stands outside of layers. */
struct map {
    const cJSON *rows;
    size_t row_count, column_count;
    double cell_width;
    double mean;
};

static double value_of(const cJSON *item)
{
    const double value = cJSON_GetNumberValue(item);
    return value >= 0.0 && value <= 1.0 ? value : (double)NAN;
}

static void measure(struct map *map)
{
    const cJSON *row = NULL;
    double sum = 0.0;
    size_t count = 0;
    cJSON_ArrayForEach(row, map->rows)
    {
        const cJSON *value = NULL;
        size_t columns = 0;
        if (map->row_count == ROWS_MOST) {
            break;
        }
        cJSON_ArrayForEach(value, sva_document_at(row, "values"))
        {
            const double agreement = value_of(value);
            if (columns++ == COLUMNS_MOST) {
                break;
            }
            sum += isnan(agreement) ? 0.0 : agreement;
            count += isnan(agreement) ? 0 : 1;
        }
        columns = columns > COLUMNS_MOST ? COLUMNS_MOST : columns;
        map->column_count = columns > map->column_count ? columns : map->column_count;
        map->row_count++;
    }
    map->mean = count > 0 ? sum / (double)count : (double)NAN;
    const double room = (PICTURE_WIDTH - LEFT - OUTSIDE_GAP) / fmax((double)map->column_count, 1.0);
    map->cell_width = floor(fmin(room, 24.0) * 4.0) / 4.0;
}

static double place(const struct map *map, size_t column)
{
    return LEFT + (double)column * map->cell_width + (column > 0 ? OUTSIDE_GAP : 0);
}

static int shade(double agreement)
{
    static const double STEPS[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    int at = 0;
    while (at < 5 && agreement >= STEPS[at]) {
        at++;
    }
    return at;
}

static void put_title(struct sva_html *html, const char *role, size_t column, double agreement)
{
    const struct sva_html_figure layer = sva_html_count(column > 0 ? column - 1 : 0);
    const struct sva_html_figure figure = sva_html_number(agreement, 3);
    const char *values[] = {layer.text, role, figure.text};
    sva_html_raw(html, "<title>");
    sva_html_fill_plain(html, column > 0 ? SVA_HTML_HEAT_CELL : SVA_HTML_HEAT_CELL_OUTSIDE, values,
                        3);
    sva_html_raw(html, "</title>");
}

/** What stands outside of layers has room to be wider. */
static double width_of(const struct map *map, size_t column)
{
    const double width =
        map->cell_width < GAP_FROM ? map->cell_width + OVERLAP : map->cell_width - 1.0;
    return column == 0 ? fmax(width, OUTSIDE_GAP - 2) : width;
}

/** Equal values: a dot, or in narrow cells a stroke that runs on into the next one. */
static void put_mark(struct sva_html *html, const struct map *map, size_t column, size_t y)
{
    const struct sva_html_figure x = sva_html_number(place(map, column), 6);
    const struct sva_html_figure width = sva_html_number(width_of(map, column), 4);
    const struct sva_html_figure middle =
        sva_html_number(place(map, column) + width_of(map, column) / 2.0, 6);
    const size_t centre = y + (CELL_HEIGHT - 1) / 2;
    if (map->cell_width >= DOT_FROM) {
        sva_bytes_printf(html->out, "<circle %s cx=\"%s\" cy=\"%zu\" r=\"2\"/>",
                         sva_html_paint(SVA_PAINT_DOT), middle.text, centre);
    } else {
        sva_bytes_printf(html->out, "<rect %s x=\"%s\" y=\"%zu\" width=\"%s\" height=\"2\"/>",
                         sva_html_paint(SVA_PAINT_DOT), x.text, centre - 1, width.text);
    }
}

static void put_cell(struct sva_html *html, const struct map *map, const char *role, size_t row,
                     size_t column, double agreement)
{
    const struct sva_html_figure x = sva_html_number(place(map, column), 6);
    const struct sva_html_figure width = sva_html_number(width_of(map, column), 4);
    const size_t y = TOP + row * CELL_HEIGHT;
    sva_bytes_printf(html->out, "<rect %s x=\"%s\" y=\"%zu\" width=\"%s\" height=\"%d\">",
                     sva_html_paint(SVA_PAINT_SHADE + (unsigned)shade(agreement)), x.text, y,
                     width.text, CELL_HEIGHT - 1);
    put_title(html, role, column, agreement);
    sva_html_raw(html, "</rect>\n");
    if (agreement >= 1.0) {
        put_mark(html, map, column, y);
    }
}

static void put_row(struct sva_html *html, const struct map *map, const cJSON *row, size_t at)
{
    const char *role = sva_document_text(row, "role");
    const cJSON *value = NULL;
    size_t column = 0;
    sva_bytes_printf(html->out, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">", LEFT - 8,
                     TOP + at * CELL_HEIGHT + 11);
    sva_html_text(html, role);
    sva_html_raw(html, "</text>\n");
    cJSON_ArrayForEach(value, sva_document_at(row, "values"))
    {
        const double agreement = value_of(value);
        if (column == map->column_count) {
            break;
        }
        if (!isnan(agreement)) {
            put_cell(html, map, role, at, column, agreement);
        }
        column++;
    }
}

/** Numbers of layers over the columns, as many as there is room for. */
static void put_axis(struct sva_html *html, const struct map *map)
{
    static const size_t STEPS[] = {1, 2, 4, 5, 8, 10, 16, 20, 32, 64};
    const double room = map->column_count > 101 ? 30.0 : 22.0; /* for two or three digits */
    size_t step = 0;
    while (step + 1 < sizeof STEPS / sizeof *STEPS &&
           (double)STEPS[step] * map->cell_width < room) {
        step++;
    }
    const struct sva_html_figure outside =
        sva_html_number(place(map, 0) + map->cell_width / 2.0, 6);
    sva_bytes_printf(html->out, "<text class=\"s\" x=\"%s\" y=\"14\" text-anchor=\"middle\">",
                     outside.text);
    sva_html_raw(html, "–</text>\n");
    sva_bytes_printf(html->out, "<text class=\"s\" x=\"%d\" y=\"14\" text-anchor=\"end\">",
                     LEFT - 8);
    sva_html_say(html, SVA_HTML_HEAT_LAYER);
    sva_html_raw(html, "</text>\n");
    for (size_t layer = 0; layer + 1 < map->column_count; layer += STEPS[step]) {
        const struct sva_html_figure x =
            sva_html_number(place(map, layer + 1) + map->cell_width / 2.0, 6);
        sva_bytes_printf(html->out,
                         "<text class=\"s\" x=\"%s\" y=\"14\" text-anchor=\"middle\">%zu</text>\n",
                         x.text, layer);
    }
}

static void put_scale(struct sva_html *html)
{
    static const char *const FROM[] = {"0", "0.05", "0.25", "0.5", "0.75", "0.95–1"};
    sva_html_raw(html, "<p class=\"legend\"><span>");
    sva_html_say(html, SVA_HTML_HEAT_SCALE);
    sva_html_raw(html, "</span>");
    for (int i = 0; i < 6; i++) {
        sva_bytes_printf(html->out,
                         "<span><svg viewBox=\"0 0 16 12\" aria-hidden=\"true\"><rect %s "
                         "width=\"16\" height=\"12\"/></svg>%s</span>",
                         sva_html_paint(SVA_PAINT_SHADE + (unsigned)i), FROM[i]);
    }
    sva_html_raw(html, "</p>\n");
}

/** Rows are layers here, so that the table grows downwards. */
static void put_numbers(struct sva_html *html, const struct map *map, const char *const *names)
{
    const cJSON *row = NULL;
    const cJSON *cursors[ROWS_MOST];
    size_t rows = 0;
    sva_html_raw(html, "<details><summary>");
    sva_html_say(html, SVA_HTML_HEAT_VALUES);
    sva_html_raw(html, "</summary><div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"");
    sva_html_fill_plain(html, SVA_HTML_HEAT_TITLE, names, 2);
    sva_html_raw(html, "\"><table><thead><tr><th scope=\"col\">");
    sva_html_say(html, SVA_HTML_HEAT_LAYER);
    sva_html_raw(html, "</th>");
    cJSON_ArrayForEach(row, map->rows)
    {
        if (rows == map->row_count) {
            break;
        }
        const cJSON *values = sva_document_at(row, "values");
        cursors[rows++] = values != NULL ? values->child : NULL;
        sva_html_raw(html, "<th scope=\"col\" class=\"n\">");
        sva_html_text(html, sva_document_text(row, "role"));
        sva_html_raw(html, "</th>");
    }
    sva_html_raw(html, "</tr></thead><tbody>\n");
    for (size_t column = 0; column < map->column_count; column++) {
        sva_html_raw(html, "<tr>");
        sva_html_header(html, column > 0 ? sva_html_count(column - 1).text
                                         : sva_html_label(html->lang, SVA_HTML_HEAT_OUTSIDE));
        for (size_t i = 0; i < rows; i++) {
            sva_html_figure_cell(html, sva_html_number(value_of(cursors[i]), 3));
            cursors[i] = cursors[i] != NULL ? cursors[i]->next : NULL;
        }
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_raw(html, "</tbody></table></div></details>\n");
}

static void put_picture(struct sva_html *html, const struct map *map, const char *const *names)
{
    const struct sva_html_figure figures[] = {
        sva_html_count(map->row_count),
        sva_html_count(map->column_count > 0 ? map->column_count - 1 : 0),
        sva_html_number(map->mean, 3)};
    const char *values[] = {figures[0].text, figures[1].text, figures[2].text};
    const unsigned id = ++html->picture;
    const cJSON *row = NULL;
    size_t at = 0;
    sva_bytes_printf(
        html->out,
        "<svg viewBox=\"0 0 %d %zu\" role=\"img\" font-size=\"12\" aria-labelledby=\"%st%u %sd%u\">"
        "<title id=\"%st%u\">",
        PICTURE_WIDTH, (size_t)TOP + map->row_count * CELL_HEIGHT + 2, html->prefix, id,
        html->prefix, id, html->prefix, id);
    sva_html_fill_plain(html, SVA_HTML_HEAT_TITLE, names, 2);
    sva_bytes_printf(html->out, "</title><desc id=\"%sd%u\">", html->prefix, id);
    sva_html_fill_plain(html, SVA_HTML_HEAT_DESC, values, 3);
    sva_html_raw(html, "</desc>\n");
    put_axis(html, map);
    cJSON_ArrayForEach(row, map->rows)
    {
        if (at == map->row_count) {
            break;
        }
        put_row(html, map, row, at++);
    }
    sva_html_raw(html, "</svg>\n");
}

/** True where there was a map to draw; what it means stands before the first. */
static bool put_map(struct sva_html *html, const cJSON *comparison, const cJSON *result, bool first)
{
    const cJSON *layers = sva_document_at(result, "layer_map");
    struct map map = {.rows = sva_document_at(layers, "rows")};
    const char *names[] = {sva_document_text(result, "name"),
                           sva_document_text(sva_document_at(comparison, "reference"), "name")};
    if (!cJSON_IsArray(map.rows)) {
        return false;
    }
    measure(&map);
    if (map.row_count == 0 || map.column_count == 0) {
        return false;
    }
    if (first) {
        sva_html_paragraph(html, SVA_HTML_HEAT_INTRO);
        put_scale(html);
    }
    sva_html_raw(html, "<figure><figcaption>");
    sva_html_fill(html, SVA_HTML_HEAT_TITLE, names, 2);
    sva_html_raw(html, " ");
    const char *answer = sva_document_text(result, "answer");
    sva_html_tag(html, sva_html_kind_of_answer(answer),
                 sva_html_word(html->lang, SVA_WORDS_ANSWER, answer));
    sva_html_raw(html, "</figcaption>\n");
    put_picture(html, &map, names);
    put_numbers(html, &map, names);
    sva_html_raw(html, "</figure>\n");
    if (sva_document_bool(layers, "cut")) {
        sva_html_paragraph(html, SVA_HTML_HEAT_CUT);
    }
    return true;
}

void sva_html_heat(struct sva_html *html)
{
    const cJSON *comparison = NULL;
    size_t shown = 0;
    sva_html_section(html, "heat", SVA_HTML_HEAT);
    cJSON_ArrayForEach(comparison, sva_document_at(html->report, "comparisons"))
    {
        const cJSON *result = NULL;
        cJSON_ArrayForEach(result, sva_document_at(comparison, "components"))
        {
            if (shown < SVA_HTML_PICTURES) {
                shown += put_map(html, comparison, result, shown == 0) ? 1 : 0;
            }
        }
    }
    if (shown == 0) {
        sva_html_paragraph(html, sva_document_length(html->report, "comparisons") > 0
                                     ? SVA_HTML_HEAT_NONE
                                     : SVA_HTML_NOTHING_COMPARED);
    }
    sva_html_section_end(html);
}

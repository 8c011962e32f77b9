/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that came with the subject beside those of the references: an observation. */
#include <string.h>

#include "convert/html_page.h"

enum { RANGES_SHOWN = 3 };

/** "lines 12-40 = 10-38", the first few. */
static void put_lines(struct sva_html *html, const cJSON *match)
{
    const cJSON *range = NULL;
    size_t shown = 0;
    sva_html_raw(html, "<td>");
    cJSON_ArrayForEach(range, sva_document_at(match, "lines"))
    {
        const struct sva_html_figure figures[] = {
            sva_html_count(sva_document_count(range, "subject_first")),
            sva_html_count(sva_document_count(range, "subject_last")),
            sva_html_count(sva_document_count(range, "reference_first")),
            sva_html_count(sva_document_count(range, "reference_last"))};
        const char *values[] = {figures[0].text, figures[1].text, figures[2].text, figures[3].text};
        if (shown++ == RANGES_SHOWN) {
            break;
        }
        sva_html_raw(html, shown > 1 ? "<br>" : "");
        sva_html_fill(html, SVA_HTML_CODE_LINES, values, 4);
    }
    const uint64_t all = sva_document_count(match, "ranges");
    if (all > RANGES_SHOWN) {
        const struct sva_html_figure more = sva_html_count(all - RANGES_SHOWN);
        const char *value = more.text;
        sva_html_raw(html, "<br>");
        sva_html_fill(html, SVA_HTML_MORE, &value, 1);
    }
    sva_html_raw(html, shown == 0 ? "–</td>" : "</td>");
}

static void put_match(struct sva_html *html, const cJSON *comparison, const cJSON *match)
{
    const cJSON *written = sva_document_at(match, "as_written");
    const cJSON *alike = sva_document_at(match, "names_alike");
    const cJSON *code = sva_document_at(comparison, "code");
    sva_html_raw(html, "<tr><th scope=\"row\">");
    sva_html_code(html, sva_document_text(match, "subject_file"));
    sva_html_raw(html, "</th><td><bdi>");
    sva_html_text(html, sva_document_text(sva_document_at(comparison, "reference"), "name"));
    sva_html_raw(html, "</bdi><br>");
    sva_html_code(html, sva_document_text(match, "reference_file"));
    sva_html_raw(html, "</td>");
    sva_html_figure_cell(html, sva_html_percent(sva_document_number(written, "subject_share")));
    sva_html_figure_cell(html, sva_html_percent(sva_document_number(alike, "subject_share")));
    put_lines(html, match);
    sva_html_word_cell(html, SVA_WORDS_MISC, sva_document_text(code, "basis"));
    sva_html_raw(html, "</tr>\n");
}

void sva_html_code_likeness(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_PROGRAM, SVA_HTML_HEAD_REFERENCE,
                                                SVA_HTML_HEAD_WRITTEN, SVA_HTML_HEAD_ALIKE,
                                                SVA_HTML_HEAD_LINES,   SVA_HTML_HEAD_BASIS};
    const cJSON *comparison = NULL;
    size_t rows = 0;
    size_t beside = 0;
    sva_html_section(html, "code", SVA_HTML_CODE);
    sva_html_paragraph(html, SVA_HTML_CODE_INTRO);
    cJSON_ArrayForEach(comparison, sva_document_at(html->report, "comparisons"))
    {
        const cJSON *code = sva_document_at(comparison, "code");
        const cJSON *match = NULL;
        beside += cJSON_IsObject(code) ? 1 : 0;
        cJSON_ArrayForEach(match, sva_document_at(code, "matches"))
        {
            if (rows++ >= SVA_HTML_ROWS) {
                continue;
            }
            if (rows == 1) {
                sva_html_table(html, SVA_HTML_CODE, HEADS, sizeof HEADS / sizeof *HEADS);
            }
            put_match(html, comparison, match);
        }
    }
    const struct sva_html_figure figure = sva_html_count(beside);
    const char *value = figure.text;
    if (rows > 0) {
        sva_html_table_end(html, rows);
    } else {
        sva_html_sentence(html, beside > 0 ? SVA_HTML_CODE_NONE : SVA_HTML_CODE_NO_PROGRAMS, &value,
                          1);
    }
    sva_html_section_end(html);
}

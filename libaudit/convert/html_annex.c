/* SPDX-License-Identifier: Apache-2.0 */
/* The annex: every test and the first tensors that agree, of the strongest result per component. */
#include <math.h>
#include <string.h>

#include "convert/html_page.h"

static void put_tests(struct sva_html *html, const cJSON *tests)
{
    static const enum sva_html_label HEADS[] = {
        SVA_HTML_HEAD_TEST,    SVA_HTML_HEAD_LABEL, SVA_HTML_HEAD_Z,     SVA_HTML_HEAD_P,
        SVA_HTML_HEAD_LOG10_P, SVA_HTML_HEAD_FLOOR, SVA_HTML_HEAD_DRAWS, SVA_HTML_HEAD_DECIDES};
    const cJSON *test = NULL;
    size_t rows = 0;
    sva_html_table(html, SVA_HTML_HEAD_TEST, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(test, tests)
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(test, "id"));
        sva_html_word_cell(html, SVA_WORDS_P_LABEL, sva_document_text(test, "label"));
        sva_html_figure_cell(html, sva_html_number(sva_document_number(test, "z"), 5));
        sva_html_figure_cell(html, sva_html_number(sva_document_number(test, "log10_p"), 5));
        sva_html_figure_cell(html,
                             sva_html_number(sva_document_number(test, "log10_p_adjusted"), 5));
        sva_html_figure_cell(html, sva_html_number(sva_document_number(test, "log10_p_floor"), 5));
        sva_html_raw(html, "<td class=\"n\">");
        sva_html_raw(html, sva_html_count(sva_document_count(test, "blocks")).text);
        sva_html_raw(html, " × ");
        sva_html_raw(html, sva_html_count(sva_document_count(test, "draws")).text);
        sva_html_raw(html, "</td>");
        sva_html_cell(html,
                      sva_html_label(html->lang, sva_document_bool(test, "decides") ? SVA_HTML_YES
                                                                                    : SVA_HTML_NO));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_match(struct sva_html *html, const cJSON *match)
{
    sva_html_raw(html, "<tr><th scope=\"row\">");
    sva_html_code(html, sva_document_text(match, "subject_tensor"));
    sva_html_raw(html, "</th><td>");
    sva_html_code(html, sva_document_text(match, "reference_tensor"));
    sva_html_raw(html, "</td>");
    sva_html_figure_cell(html, sva_html_number(sva_document_number(match, "rho"), 4));
    sva_html_figure_cell(html, sva_html_number(sva_document_number(match, "z"), 4));
    sva_html_figure_cell(html, sva_html_number(sva_document_number(match, "log10_p"), 4));
    sva_html_figure_cell(html, sva_html_number(sva_document_number(match, "distance"), 3));
    sva_html_cell(html, sva_html_label(html->lang, sva_document_bool(match, "same_values")
                                                       ? SVA_HTML_YES
                                                       : SVA_HTML_NO));
    sva_html_raw(html, "</tr>\n");
}

static void put_matches(struct sva_html *html, const cJSON *matches, const char *const *names)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_SUBJECT_ITEM,
                                                SVA_HTML_HEAD_REFERENCE_ITEM,
                                                SVA_HTML_HEAD_RHO,
                                                SVA_HTML_HEAD_Z,
                                                SVA_HTML_HEAD_P,
                                                SVA_HTML_HEAD_DISTANCE,
                                                SVA_HTML_HEAD_SAME};
    const uint64_t count = sva_document_count(matches, "count");
    const struct sva_html_figure figure = sva_html_count(count);
    const char *values[] = {names[0], names[1], figure.text};
    const cJSON *match = NULL;
    size_t rows = 0;
    if (count == 0) {
        return;
    }
    sva_html_sentence(html, SVA_HTML_ANNEX_MATCHES, values, 3);
    sva_html_table(html, SVA_HTML_HEAD_TENSOR, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(match, sva_document_at(matches, "first"))
    {
        if (rows++ < SVA_HTML_ROWS) {
            put_match(html, match);
        }
    }
    sva_html_table_end(html, 0);
}

static void put_component(struct sva_html *html, const struct sva_html_component *component)
{
    const char *reason = sva_document_text(component->result, "reason");
    const char *names[] = {
        sva_document_text(component->subject, "name"),
        sva_document_text(sva_document_at(component->comparison, "reference"), "name")};
    if (component->result == NULL) {
        return;
    }
    sva_html_raw(html, "<h3>");
    sva_html_fill(html, SVA_HTML_ANNEX_TESTS, names, 2);
    sva_html_raw(html, "</h3>\n<p class=\"small\">");
    sva_html_say(html, SVA_HTML_ANNEX_REASON);
    sva_html_raw(html, ": <span lang=\"en\">");
    sva_html_text(html, reason);
    sva_html_raw(html, "</span></p>\n");
    if (sva_document_length(component->result, "tests") > 0) {
        put_tests(html, sva_document_at(component->result, "tests"));
    }
    put_matches(html, sva_document_at(component->result, "matches"), names);
}

void sva_html_annex(struct sva_html *html)
{
    sva_html_section(html, "annex", SVA_HTML_ANNEX);
    for (size_t i = 0; i < html->component_count && i < SVA_HTML_ROWS; i++) {
        put_component(html, &html->components[i]);
    }
    sva_html_section_end(html);
}

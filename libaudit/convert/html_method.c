/* SPDX-License-Identifier: Apache-2.0 */
/* How the answers came about, and what limits them. */
#include <string.h>

#include "convert/html_page.h"

static void put_p_kinds(struct sva_html *html)
{
    static const struct {
        const char *label;
        enum sva_html_label text;
    } KINDS[] = {{"exact", SVA_HTML_P_EXACT},
                 {"bounded", SVA_HTML_P_BOUNDED},
                 {"asymptotic", SVA_HTML_P_ASYMPTOTIC},
                 {"empirical", SVA_HTML_P_EMPIRICAL}};
    sva_html_heading(html, 3, SVA_HTML_P_KINDS);
    sva_html_raw(html, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        sva_html_raw(html, "<dt>");
        sva_html_word_of(html, SVA_WORDS_P_LABEL, KINDS[i].label);
        sva_html_raw(html, "</dt><dd>");
        sva_html_say(html, KINDS[i].text);
        sva_html_raw(html, ".</dd>\n");
    }
    sva_html_raw(html, "</dl>\n");
}

static void put_controls(struct sva_html *html, const cJSON *comparison)
{
    const cJSON *control = NULL;
    size_t shown = 0;
    sva_html_raw(html, "<td>");
    cJSON_ArrayForEach(control, sva_document_at(comparison, "controls"))
    {
        if (shown++ == 4) {
            break;
        }
        sva_html_raw(html, shown > 1 ? "<br>" : "");
        sva_html_word_of(html, SVA_WORDS_MISC, sva_document_text(control, "id"));
        sva_html_raw(html, ": ");
        sva_html_say(html, sva_document_bool(control, "passed") ? SVA_HTML_CONTROL_PASSED
                                                                : SVA_HTML_CONTROL_FAILED);
    }
    sva_html_raw(html, "</td>");
}

static void put_references(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_REFERENCE, SVA_HTML_HEAD_PUBLISHER,
                                                SVA_HTML_HEAD_RELEASED,  SVA_HTML_HEAD_HYPOTHESES,
                                                SVA_HTML_HEAD_CONTROLS,  SVA_HTML_HEAD_PRINT};
    const cJSON *comparison = NULL;
    size_t rows = 0;
    sva_html_heading(html, 3, SVA_HTML_REFERENCES);
    sva_html_table(html, SVA_HTML_REFERENCES, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(comparison, sva_document_at(html->report, "comparisons"))
    {
        const cJSON *reference = sva_document_at(comparison, "reference");
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr><th scope=\"row\"><bdi>");
        sva_html_text(html, sva_document_text(reference, "name"));
        sva_html_raw(html, "</bdi> ");
        sva_html_text(html, sva_document_text(reference, "version"));
        sva_html_raw(html, "</th>");
        sva_html_cell(html, sva_document_text(reference, "publisher"));
        sva_html_cell(html, sva_document_text(reference, "released"));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(comparison, "hypotheses")));
        put_controls(html, comparison);
        sva_html_raw(html, "<td>");
        sva_html_code(html, sva_document_text(reference, "print_digest"));
        sva_html_raw(html, "</td></tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_sources(struct sva_html *html)
{
    const cJSON *pack = sva_document_at(html->report, "pack");
    const cJSON *source = NULL;
    size_t rows = 0;
    if (sva_document_length(pack, "sources") == 0) {
        return;
    }
    sva_html_heading(html, 3, SVA_HTML_SOURCES);
    sva_html_raw(html, "<ul>\n");
    cJSON_ArrayForEach(source, sva_document_at(pack, "sources"))
    {
        if (rows++ == SVA_HTML_ROWS) {
            break;
        }
        sva_html_raw(html, "<li><bdi>");
        sva_html_text(html, sva_document_text(source, "title"));
        sva_html_raw(html, "</bdi> (");
        sva_html_text(html, sva_document_text(source, "date"));
        sva_html_raw(html, ") ");
        sva_html_code(html, sva_document_text(source, "url"));
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, "</ul>\n");
}

static void put_own(struct sva_html *html)
{
    const cJSON *own = NULL;
    size_t rows = 0;
    cJSON_ArrayForEach(own, sva_document_at(html->report, "own"))
    {
        const char *name = cJSON_GetStringValue(own);
        if (name != NULL && rows++ < SVA_HTML_ROWS) {
            sva_html_sentence(html, SVA_HTML_OWN, &name, 1);
        }
    }
}

void sva_html_method(struct sva_html *html)
{
    const cJSON *alpha = sva_document_at(html->report, "alpha");
    const struct sva_html_figure figures[] = {
        sva_html_number(sva_document_number(alpha, "derived"), 3),
        sva_html_number(sva_document_number(alpha, "reject"), 3)};
    const char *values[] = {figures[0].text, figures[1].text};
    sva_html_section(html, "method", SVA_HTML_METHOD);
    sva_html_paragraph(html, SVA_HTML_METHOD_NULL);
    sva_html_sentence(html, SVA_HTML_METHOD_RULE, values, 2);
    put_p_kinds(html);
    put_references(html);
    put_own(html);
    put_sources(html);
    sva_html_section_end(html);
}

void sva_html_limits(struct sva_html *html)
{
    const cJSON *limits = sva_document_at(html->report, "limitations");
    const cJSON *limit = NULL;
    size_t rows = 0;
    sva_html_section(html, "limits", SVA_HTML_LIMITS);
    sva_html_raw(html, "<ul>\n");
    cJSON_ArrayForEach(limit, sva_document_at(limits, html->lang == SVA_LANG_KO ? "ko" : "en"))
    {
        const char *text = cJSON_GetStringValue(limit);
        if (text != NULL && rows++ < SVA_HTML_ROWS) {
            sva_html_raw(html, "<li>");
            sva_html_text(html, text);
            sva_html_raw(html, "</li>\n");
        }
    }
    sva_html_raw(html, "</ul>\n");
    sva_html_section_end(html);
}

void sva_html_glossary(struct sva_html *html)
{
    static const enum sva_html_label TERMS[][2] = {
        {SVA_HTML_TERM_WEIGHTS, SVA_HTML_SAY_WEIGHTS},
        {SVA_HTML_TERM_TENSOR, SVA_HTML_SAY_TENSOR},
        {SVA_HTML_TERM_COMPONENT, SVA_HTML_SAY_COMPONENT},
        {SVA_HTML_TERM_REFERENCE, SVA_HTML_SAY_REFERENCE},
        {SVA_HTML_TERM_PRINT, SVA_HTML_SAY_PRINT},
        {SVA_HTML_TERM_RHO, SVA_HTML_SAY_RHO},
        {SVA_HTML_TERM_P, SVA_HTML_SAY_P},
        {SVA_HTML_TERM_DIGEST, SVA_HTML_SAY_DIGEST}};
    const bool korean = html->lang == SVA_LANG_KO;
    sva_html_section(html, "glossary", SVA_HTML_GLOSSARY);
    sva_html_raw(html, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < sizeof TERMS / sizeof *TERMS; i++) {
        sva_html_raw(html, "<dt>");
        sva_html_say(html, TERMS[i][0]);
        sva_html_raw(html, korean ? " (<span lang=\"en\">" : " (<span lang=\"ko\">");
        sva_html_text(html, sva_html_label(korean ? SVA_LANG_EN : SVA_LANG_KO, TERMS[i][0]));
        sva_html_raw(html, "</span>)</dt><dd>");
        sva_html_say(html, TERMS[i][1]);
        sva_html_raw(html, "</dd>\n");
    }
    sva_html_raw(html, "</dl>\n");
    sva_html_section_end(html);
}

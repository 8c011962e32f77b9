/* SPDX-License-Identifier: Apache-2.0 */
/* The report beside an earlier one: what is new, what changed, what is gone. */
#include <string.h>

#include "convert/html_page.h"

bool sva_html_since(struct sva_html *html)
{
    const cJSON *baseline = sva_document_at(html->report, "baseline");
    if (!cJSON_IsObject(baseline)) {
        return false;
    }
    const struct sva_html_figure figures[] = {
        sva_html_count(sva_document_count(baseline, "new")),
        sva_html_count(sva_document_count(baseline, "updated")),
        sva_html_count(sva_document_count(baseline, "unchanged")),
        sva_html_count(sva_document_length(baseline, "absent"))};
    const char *values[] = {sva_document_text(baseline, "as_of"), figures[0].text, figures[1].text,
                            figures[2].text, figures[3].text};
    sva_html_sentence(html, SVA_HTML_SAY_SINCE, values, 5);
    return true;
}

void sva_html_baseline_tag(struct sva_html *html, const cJSON *rule)
{
    const char *state = sva_document_text(rule, "baseline");
    if (state[0] != '\0') {
        sva_html_raw(html, "<p class=\"small\">");
        sva_html_tag(html, strcmp(state, "new") == 0 ? "info" : "none",
                     sva_html_word(html->lang, SVA_WORDS_BASELINE, state));
        sva_html_raw(html, "</p>");
    }
}

static void put_absent(struct sva_html *html, const cJSON *absent)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_RULE, SVA_HTML_HEAD_ON,
                                                SVA_HTML_HEAD_REFERENCE, SVA_HTML_HEAD_EARLIER};
    const cJSON *result = NULL;
    size_t rows = 0;
    cJSON_ArrayForEach(result, absent)
    {
        const char *component = sva_document_text(result, "component");
        const char *reference = sva_document_text(result, "reference");
        const char *verdict = sva_document_text(result, "verdict");
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        if (rows == 1) {
            sva_html_table(html, SVA_HTML_BASELINE_ABSENT, HEADS, sizeof HEADS / sizeof *HEADS);
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(result, "id"));
        sva_html_cell(html, component[0] != '\0'
                                ? component
                                : sva_html_label(html->lang, SVA_HTML_WHOLE_MODEL));
        sva_html_cell(html, reference[0] != '\0' ? reference : "–");
        sva_html_raw(html, "<td>");
        sva_html_tag(html, sva_html_kind_of_rule(verdict),
                     sva_html_word(html->lang, SVA_WORDS_RULE, verdict));
        sva_html_raw(html, "</td></tr>\n");
    }
    if (rows > 0) {
        sva_html_table_end(html, rows);
    }
}

void sva_html_baseline(struct sva_html *html)
{
    const cJSON *baseline = sva_document_at(html->report, "baseline");
    const char *values[] = {sva_document_text(baseline, "path"),
                            sva_document_text(baseline, "sha256")};
    if (!cJSON_IsObject(baseline)) {
        return;
    }
    sva_html_heading(html, 3, SVA_HTML_BASELINE);
    (void)sva_html_since(html);
    put_absent(html, sva_document_at(baseline, "absent"));
    sva_html_sentence(html, SVA_HTML_BASELINE_FILE, values, 2);
    if (sva_document_bool(baseline, "gate")) {
        sva_html_paragraph(html, SVA_HTML_BASELINE_GATE);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Criteria: what each asks for, its result for each component, and on what that rests. */
#include <string.h>

#include "convert/html_page.h"

enum { DOCUMENTS_MOST = 32 };

/** A criterion's words by its id; NULL: the pack does not have it. Looks at the first thousand. */
static const cJSON *criterion_of(const struct sva_html *html, const char *id)
{
    const cJSON *pack = sva_document_at(html->report, "pack");
    const cJSON *criterion = NULL;
    size_t seen = 0;
    cJSON_ArrayForEach(criterion, sva_document_at(pack, "criteria"))
    {
        if (seen++ == SVA_HTML_ROWS) {
            break;
        }
        if (strcmp(sva_document_text(criterion, "id"), id) == 0) {
            return criterion;
        }
    }
    return NULL;
}

static void put_part(struct sva_html *html, enum sva_html_label name, const char *text)
{
    if (text[0] != '\0') {
        sva_html_raw(html, "<p><span class=\"small\">");
        sva_html_say(html, name);
        sva_html_raw(html, "</span> ");
        sva_html_text(html, text);
        sva_html_raw(html, "</p>");
    }
}

/** The first row of a criterion: id, title, requirement. */
static void open_criterion(struct sva_html *html, const cJSON *rule)
{
    const cJSON *criterion = criterion_of(html, sva_document_text(rule, "id"));
    sva_html_raw(html, "<tbody><tr class=\"rule\"><th scope=\"rowgroup\" colspan=\"3\">");
    sva_html_text(html, sva_document_text(rule, "id"));
    sva_html_raw(html, " ");
    sva_html_text(html, sva_html_both(html, rule, "title"));
    sva_html_raw(html, "<div class=\"req\">");
    put_part(html, SVA_HTML_REQUIREMENT, sva_html_both(html, criterion, "requirement"));
    put_part(html, SVA_HTML_RATIONALE, sva_html_both(html, criterion, "rationale"));
    sva_html_raw(html, "</div></th></tr>\n");
}

/** Digests of the documents that a result rests on. */
static void put_documents(struct sva_html *html, const cJSON *documents)
{
    const cJSON *document = NULL;
    size_t shown = 0;
    cJSON_ArrayForEach(document, documents)
    {
        const char *digest = cJSON_GetStringValue(document);
        if (digest != NULL && shown++ < DOCUMENTS_MOST) {
            sva_html_raw(html, "<p class=\"small\">");
            sva_html_fill(html, SVA_HTML_RESTS_ON, &digest, 1);
            sva_html_raw(html, "</p>");
        }
    }
}

static void put_waiver(struct sva_html *html, const cJSON *rule)
{
    const cJSON *waiver = sva_document_at(rule, "waiver");
    const char *values[] = {
        sva_document_text(waiver, "approver"), sva_document_text(waiver, "expires"),
        sva_html_word(html->lang, SVA_WORDS_WAIVER_REASON, sva_document_text(waiver, "reason")),
        sva_document_text(waiver, "text")};
    if (cJSON_IsObject(waiver)) {
        sva_html_raw(html, "<p>");
        sva_html_fill(html, SVA_HTML_WAIVED_BY, values, 4);
        sva_html_raw(html, "</p>");
    }
}

static void put_result(struct sva_html *html, const cJSON *rule)
{
    const char *component = sva_document_text(rule, "component");
    const char *verdict = sva_document_text(rule, "verdict");
    const bool open = strcmp(verdict, "fail") == 0 || strcmp(verdict, "review") == 0 ||
                      strcmp(verdict, "not-checked") == 0 || strcmp(verdict, "error") == 0;
    sva_html_raw(html, "<tr><td><bdi>");
    sva_html_text(html, component[0] != '\0' ? component
                                             : sva_html_label(html->lang, SVA_HTML_WHOLE_MODEL));
    sva_html_raw(html, "</bdi></td><td>");
    sva_html_tag(html, sva_html_kind_of_rule(verdict),
                 sva_html_word(html->lang, SVA_WORDS_RULE, verdict));
    sva_html_baseline_tag(html, rule);
    sva_html_raw(html, "</td><td><p>");
    sva_html_text(html, sva_html_both(html, rule, "detail"));
    sva_html_raw(html, "</p>");
    put_documents(html, sva_document_at(rule, "documents"));
    put_waiver(html, rule);
    if (cJSON_IsFalse(sva_document_at(rule, "counted"))) {
        sva_html_raw(html, "<p class=\"small\">");
        sva_html_say(html, SVA_HTML_NOT_COUNTED);
        sva_html_raw(html, "</p>");
    }
    if (open) {
        put_part(html, SVA_HTML_REMEDY,
                 sva_html_both(html, criterion_of(html, sva_document_text(rule, "id")), "remedy"));
    }
    sva_html_raw(html, "</td></tr>\n");
}

static void put_rules(struct sva_html *html, const cJSON *rules)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_ON, SVA_HTML_HEAD_RESULT,
                                                SVA_HTML_HEAD_REASON};
    const cJSON *rule = NULL;
    const char *last = NULL;
    size_t rows = 0;
    sva_html_raw(html, "<div class=\"rules\">");
    sva_html_table(html, SVA_HTML_CRITERIA, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(rule, rules)
    {
        const char *id = sva_document_text(rule, "id");
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        if (last == NULL || strcmp(last, id) != 0) {
            sva_html_raw(html, "</tbody>\n");
            open_criterion(html, rule);
        }
        last = id;
        put_result(html, rule);
    }
    sva_html_table_end(html, rows);
    sva_html_raw(html, "</div>\n");
}

void sva_html_criteria(struct sva_html *html)
{
    const cJSON *rules = sva_document_at(html->report, "rules");
    const cJSON *pack = sva_document_at(html->report, "pack");
    sva_html_section(html, "criteria", SVA_HTML_CRITERIA);
    if (sva_document_length(html->report, "rules") == 0) {
        sva_html_paragraph(html, SVA_HTML_NO_CRITERIA);
    } else {
        sva_html_paragraph(html, SVA_HTML_CRITERIA_INTRO);
        sva_html_raw(html, "<p class=\"small\">");
        sva_html_text(html, sva_html_both(html, pack, "note"));
        sva_html_raw(html, "</p>\n");
        put_rules(html, rules);
        sva_html_baseline(html);
    }
    sva_html_section_end(html);
}

void sva_html_crosswalk(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_RULE, SVA_HTML_HEAD_FRAMEWORK,
                                                SVA_HTML_HEAD_IDENTIFIER};
    const cJSON *pack = sva_document_at(html->report, "pack");
    const cJSON *criterion = NULL;
    size_t rows = 0;
    sva_html_section(html, "crosswalk", SVA_HTML_CROSSWALK);
    sva_html_table(html, SVA_HTML_CROSSWALK, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(criterion, sva_document_at(pack, "criteria"))
    {
        const cJSON *other = NULL;
        cJSON_ArrayForEach(other, sva_document_at(criterion, "crosswalk"))
        {
            if (rows++ >= SVA_HTML_ROWS) {
                continue;
            }
            sva_html_raw(html, "<tr>");
            sva_html_header(html, sva_document_text(criterion, "id"));
            sva_html_cell(html, sva_document_text(other, "framework"));
            sva_html_cell(html, sva_document_text(other, "id"));
            sva_html_raw(html, "</tr>\n");
        }
    }
    sva_html_table_end(html, rows);
    if (rows == 0) {
        sva_html_paragraph(html, SVA_HTML_NONE);
    }
    sva_html_section_end(html);
}

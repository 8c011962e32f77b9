/* SPDX-License-Identifier: Apache-2.0 */
/* Components: answers, bars of coverage, answers by reference, power. */
#include <math.h>
#include <string.h>

#include "convert/html_page.h"

enum { BAR_WIDTH = 200 };

static double share_of(const cJSON *result, const char *key)
{
    const double value = sva_document_number(result, key);
    return value > 0.0 ? fmin(value, 1.0) : 0.0;
}

static double put_part(struct sva_html *html, enum sva_html_paint paint, double from, double share)
{
    if (share > 0.0) {
        const struct sva_html_figure x = sva_html_number(from * BAR_WIDTH, 4);
        const struct sva_html_figure width = sva_html_number(share * BAR_WIDTH, 4);
        sva_bytes_printf(html->out, "<rect %s x=\"%s\" y=\"0\" width=\"%s\" height=\"12\"/>",
                         sva_html_paint(paint), x.text, width.text);
    }
    return from + share;
}

void sva_html_bar(struct sva_html *html, const struct sva_html_component *component)
{
    const cJSON *result = component->result;
    const double parameters = sva_document_number(component->subject, "parameters");
    const double same = share_of(result, "identical_share");
    const double agrees = fmax(share_of(result, "coverage"), same);
    const double raw = sva_document_number(result, "inert_parameters") / parameters;
    const double inert = raw > 0.0 ? fmin(raw, 1.0 - agrees) : 0.0;
    const struct sva_html_figure figures[] = {sva_html_percent(same), sva_html_percent(agrees),
                                              sva_html_percent(inert)};
    const char *values[] = {sva_document_text(component->subject, "name"), figures[0].text,
                            figures[1].text, figures[2].text};
    sva_bytes_printf(
        html->out,
        "<div class=\"cov\"><svg class=\"bar\" viewBox=\"0 0 %d 12\" preserveAspectRatio=\"none\" "
        "role=\"img\"><title>",
        BAR_WIDTH);
    sva_html_fill_plain(html, SVA_HTML_BAR_TITLE, values, 4);
    sva_html_raw(html, "</title>");
    double at = put_part(html, SVA_PAINT_PART, 0.0, same);
    at = put_part(html, SVA_PAINT_PART + 1, at, agrees - same);
    at = put_part(html, SVA_PAINT_PART + 2, at, fmax(1.0 - agrees - inert, 0.0));
    (void)put_part(html, SVA_PAINT_PART + 3, at, inert);
    sva_html_raw(html, "</svg><span>");
    sva_html_text(html, sva_html_percent(sva_document_number(result, "coverage")).text);
    sva_html_raw(html, "</span></div>");
}

static void put_legend(struct sva_html *html)
{
    static const enum sva_html_label PARTS[] = {SVA_HTML_LEGEND_SAME, SVA_HTML_LEGEND_AGREES,
                                                SVA_HTML_LEGEND_REST, SVA_HTML_LEGEND_INERT};
    sva_html_raw(html, "<p class=\"legend\">");
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        sva_bytes_printf(html->out,
                         "<span><svg viewBox=\"0 0 16 12\" aria-hidden=\"true\"><rect %s "
                         "width=\"16\" height=\"12\"/></svg>",
                         sva_html_paint(SVA_PAINT_PART + (unsigned)i));
        sva_html_say(html, PARTS[i]);
        sva_html_raw(html, "</span>");
    }
    sva_html_raw(html, "</p>\n");
}

static void put_answer(struct sva_html *html, const char *answer)
{
    sva_html_tag(html, sva_html_kind_of_answer(answer),
                 sva_html_word(html->lang, SVA_WORDS_ANSWER, answer));
}

static void put_row(struct sva_html *html, const struct sva_html_component *component)
{
    const cJSON *result = component->result;
    const cJSON *reference = sva_document_at(component->comparison, "reference");
    sva_html_raw(html, "<tr>");
    sva_html_header(html, sva_document_text(component->subject, "name"));
    sva_html_word_cell(html, SVA_WORDS_COMPONENT,
                       sva_document_text(component->subject, "component_kind"));
    sva_html_figure_cell(html,
                         sva_html_count(sva_document_count(component->subject, "parameters")));
    sva_html_raw(html, "<td>");
    put_answer(html, result != NULL ? sva_document_text(result, "answer") : "not-comparable");
    sva_html_raw(html, "</td>");
    sva_html_cell(html, sva_document_text(reference, "name"));
    sva_html_word_cell(html, SVA_WORDS_DERIVATION, sva_document_text(result, "kind"));
    sva_html_raw(html, "<td>");
    sva_html_bar(html, component);
    sva_html_raw(html, "</td></tr>\n");
}

static void put_table(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {
        SVA_HTML_HEAD_COMPONENT, SVA_HTML_HEAD_KIND, SVA_HTML_HEAD_PARAMETERS, SVA_HTML_HEAD_ANSWER,
        SVA_HTML_HEAD_REFERENCE, SVA_HTML_HEAD_HOW,  SVA_HTML_HEAD_COVERAGE};
    sva_html_table(html, SVA_HTML_COMPONENTS, HEADS, sizeof HEADS / sizeof *HEADS);
    const size_t count = html->component_count;
    for (size_t i = 0; i < count && i < SVA_HTML_ROWS; i++) {
        put_row(html, &html->components[i]);
    }
    sva_html_table_end(html, count);
    put_legend(html);
}

static void open_item(struct sva_html *html, const char *name)
{
    sva_html_raw(html, "<li><bdi>");
    sva_html_text(html, name);
    sva_html_raw(html, "</bdi>: ");
}

/** What else is known of how a component's weights became what they are. */
static void put_details(struct sva_html *html, const struct sva_html_component *component)
{
    const cJSON *result = component->result;
    const char *name = sva_document_text(component->subject, "name");
    const cJSON *order = sva_document_at(result, "layer_order");
    const cJSON *quantised = sva_document_at(result, "quantisation");
    const char *disguise =
        sva_html_word(html->lang, SVA_WORDS_MISC, sva_document_text(result, "disguise"));
    if (disguise[0] != '\0') {
        open_item(html, name);
        sva_html_fill(html, SVA_HTML_DISGUISED, &disguise, 1);
        sva_html_raw(html, "</li>\n");
    }
    if (cJSON_IsObject(order)) {
        const char *repeated = sva_document_text(order, "repeated");
        const char *absent = sva_document_text(order, "absent");
        const char *values[] = {
            sva_html_word(html->lang, SVA_WORDS_DERIVATION, sva_document_text(order, "kind")),
            repeated[0] != '\0' ? repeated : "–", absent[0] != '\0' ? absent : "–"};
        open_item(html, name);
        sva_html_fill(html, SVA_HTML_LAYERS_ORDER, values, 3);
        sva_html_raw(html, "</li>\n");
    }
    if (cJSON_IsObject(quantised)) {
        const struct sva_html_figure figures[] = {
            sva_html_percent(sva_document_number(quantised, "distance")),
            sva_html_percent(sva_document_number(quantised, "expected"))};
        const char *values[] = {
            figures[0].text, figures[1].text,
            sva_html_word(html->lang, SVA_WORDS_MISC, sva_document_text(quantised, "basis"))};
        open_item(html, name);
        sva_html_fill(html, SVA_HTML_QUANTISED, values, 3);
        sva_html_raw(html, "</li>\n");
    }
    if (sva_document_count(result, "adapter_rank") > 0) {
        const struct sva_html_figure rank =
            sva_html_count(sva_document_count(result, "adapter_rank"));
        const char *value = rank.text;
        open_item(html, name);
        sva_html_fill(html, SVA_HTML_ADAPTER_RANK, &value, 1);
        sva_html_raw(html, "</li>\n");
    }
}

static void put_transforms(struct sva_html *html, const struct sva_html_component *component)
{
    const cJSON *transform = NULL;
    size_t shown = 0;
    cJSON_ArrayForEach(transform, sva_document_at(component->result, "transforms"))
    {
        const struct sva_html_figure tensors =
            sva_html_count(sva_document_count(transform, "tensors"));
        const char *values[] = {sva_document_text(transform, "name"), tensors.text};
        if (shown++ == SVA_HTML_PICTURES) {
            return;
        }
        open_item(html, sva_document_text(component->subject, "name"));
        sva_html_fill(html, SVA_HTML_UNDONE, values, 2);
        sva_html_raw(html, "</li>\n");
    }
}

/** One row for each component and reference. */
static void put_all(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {
        SVA_HTML_HEAD_COMPONENT, SVA_HTML_HEAD_REFERENCE,  SVA_HTML_HEAD_ANSWER,  SVA_HTML_HEAD_RHO,
        SVA_HTML_HEAD_LOG10_P,   SVA_HTML_HEAD_DETECTABLE, SVA_HTML_HEAD_COVERAGE};
    const cJSON *comparison = NULL;
    size_t rows = 0;
    if (sva_document_length(html->report, "comparisons") == 0) {
        sva_html_paragraph(html, SVA_HTML_NOTHING_COMPARED);
        return;
    }
    sva_html_table(html, SVA_HTML_ALL_ANSWERS, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(comparison, sva_document_at(html->report, "comparisons"))
    {
        const cJSON *reference = sva_document_at(comparison, "reference");
        const cJSON *result = NULL;
        cJSON_ArrayForEach(result, sva_document_at(comparison, "components"))
        {
            if (rows++ >= SVA_HTML_ROWS) {
                continue;
            }
            sva_html_raw(html, "<tr>");
            sva_html_header(html, sva_document_text(result, "name"));
            sva_html_cell(html, sva_document_text(reference, "name"));
            sva_html_raw(html, "<td>");
            put_answer(html, sva_document_text(result, "answer"));
            sva_html_raw(html, "</td>");
            sva_html_error_cell(html, sva_document_number(result, "rho"),
                                sva_document_number(result, "rho_se"));
            sva_html_figure_cell(
                html, sva_html_number(sva_document_number(result, "log10_p_adjusted"), 4));
            sva_html_figure_cell(html,
                                 sva_html_number(sva_document_number(result, "detectable_rho"), 3));
            sva_html_figure_cell(html, sva_html_percent(sva_document_number(result, "coverage")));
            sva_html_raw(html, "</tr>\n");
        }
    }
    sva_html_table_end(html, rows);
}

static void put_power(struct sva_html *html)
{
    const cJSON *power = NULL;
    size_t shown = 0;
    sva_html_heading(html, 3, SVA_HTML_POWER);
    if (sva_document_length(html->report, "power") == 0) {
        sva_html_paragraph(html, SVA_HTML_NONE);
        return;
    }
    sva_html_raw(html, "<ul>\n");
    cJSON_ArrayForEach(power, sva_document_at(html->report, "power"))
    {
        const uint64_t untested = sva_document_count(power, "references_not_comparable");
        if (shown++ == SVA_HTML_ROWS) {
            break;
        }
        open_item(html, sva_document_text(power, "component"));
        sva_html_text(html, sva_html_both(html, power, "statement"));
        if (untested > 0) {
            const struct sva_html_figure figures[] = {
                sva_html_count(untested),
                sva_html_count(untested + sva_document_count(power, "references_tested"))};
            const char *values[] = {figures[0].text, figures[1].text};
            sva_html_raw(html, " ");
            sva_html_fill(html, SVA_HTML_POWER_UNTESTED, values, 2);
        }
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, "</ul>\n");
}

void sva_html_components(struct sva_html *html)
{
    sva_html_section(html, "components", SVA_HTML_COMPONENTS);
    sva_html_paragraph(html, SVA_HTML_COMPONENTS_INTRO);
    put_table(html);
    sva_html_raw(html, "<ul>\n");
    for (size_t i = 0; i < html->component_count && i < SVA_HTML_ROWS; i++) {
        put_details(html, &html->components[i]);
        put_transforms(html, &html->components[i]);
    }
    sva_html_raw(html, "</ul>\n");
    put_power(html);
    put_all(html);
    sva_html_section_end(html);
}

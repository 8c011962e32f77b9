/* SPDX-License-Identifier: Apache-2.0 */
/* A training run as a page: the same frame and style, with the two plots of `trace` drawn again. */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "convert/html_page.h"
#include "report/trace_plot.h"

enum { POINTS_MOST = 512, GAPS_MOST = 512 };
static const double STEP_MOST = 0x1p53;
static const double LOSS_MOST = 1e6;

static const char *kind_of(const char *verdict)
{
    return strcmp(verdict, "accepted") == 0  ? "pass"
           : strcmp(verdict, "refused") == 0 ? "fail"
           : strcmp(verdict, "review") == 0  ? "review"
           : strcmp(verdict, "note") == 0    ? "info"
                                             : "none";
}

static enum sva_html_label sentence_of(const char *verdict)
{
    return strcmp(verdict, "accepted") == 0  ? SVA_HTML_TRACE_ACCEPTED
           : strcmp(verdict, "refused") == 0 ? SVA_HTML_TRACE_REFUSED
           : strcmp(verdict, "review") == 0  ? SVA_HTML_TRACE_REVIEW
                                             : SVA_HTML_TRACE_NOT_CHECKED;
}

/* ---- what plots need, out of the JSON ---- */

static double within(double value, double most)
{
    return fabs(value) <= most ? value : (double)NAN;
}

static void read_checkpoints(const cJSON *report, struct sva_trace_checkpoint *checkpoints,
                             double *similarity, struct sva_run_trace *trace)
{
    const cJSON *list = sva_document_at(report, "checkpoints");
    const cJSON *item = NULL;
    const cJSON *first = list != NULL ? sva_document_at(list->child, "similarity") : NULL;
    const cJSON *value = first != NULL ? first->child : NULL;
    cJSON_ArrayForEach(item, list)
    {
        const size_t at = trace->checkpoint_count++;
        const bool known = cJSON_IsNumber(sva_document_at(item, "step"));
        checkpoints[at].path = sva_document_text(item, "path");
        checkpoints[at].step = known ? (int64_t)sva_document_count(item, "step") : -1;
        similarity[at] = within(cJSON_GetNumberValue(value), 1.0);
        value = value != NULL ? value->next : NULL;
    }
    trace->checkpoints = checkpoints;
    trace->similarity = similarity;
}

/** As many links as there are places between checkpoints; those that are not told are broken. */
static void read_links(const cJSON *report, struct sva_trace_link *links,
                       struct sva_run_trace *trace)
{
    const cJSON *list = sva_document_at(report, "links");
    const cJSON *item = list != NULL ? list->child : NULL;
    for (size_t i = 0; i + 1 < trace->checkpoint_count; i++) {
        links[i].state = SVA_LINK_BROKEN;
        for (int state = 0; state < SVA_LINK_BROKEN; state++) {
            if (strcmp(sva_document_text(item, "state"),
                       sva_link_state_name((enum sva_link_state)state)) == 0) {
                links[i].state = (enum sva_link_state)state;
            }
        }
        links[i].rho = within(sva_document_number(item, "rho"), 1.0);
        item = item != NULL ? item->next : NULL;
    }
    trace->links = links;
}

/** Points in ascending order; others are left out. */
static void read_log(const cJSON *log, struct sva_log_point *points, struct sva_log_gap *gaps,
                     struct sva_trace_log *read)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, sva_document_at(log, "points"))
    {
        const cJSON *step = item->child;
        const double x = within(cJSON_GetNumberValue(step), STEP_MOST);
        const double y = within(cJSON_GetNumberValue(step != NULL ? step->next : NULL), LOSS_MOST);
        const bool later = read->point_count == 0 || x > points[read->point_count - 1].step;
        if (read->point_count < POINTS_MOST && !isnan(x) && !isnan(y) && later) {
            points[read->point_count++] = (struct sva_log_point){x, y};
            read->least_loss = fmin(read->least_loss, y);
        }
    }
    cJSON_ArrayForEach(item, sva_document_at(log, "gaps"))
    {
        const double from = within(sva_document_number(item, "from"), STEP_MOST);
        const double to = within(sva_document_number(item, "to"), STEP_MOST);
        if (read->gap_count < GAPS_MOST && from < to) {
            gaps[read->gap_count++] = (struct sva_log_gap){.from = from, .to = to};
        }
    }
    read->points = points;
    read->gaps = gaps;
    read->expected_start = within(sva_document_number(log, "expected_start"), LOSS_MOST);
}

static bool read_trace(const cJSON *report, struct sva_arena *arena, struct sva_run_trace *trace)
{
    const size_t count = sva_document_length(report, "checkpoints") + 1;
    struct sva_trace_checkpoint *checkpoints = sva_arena_alloc(arena, count, sizeof *checkpoints);
    struct sva_trace_link *links = sva_arena_alloc(arena, count, sizeof *links);
    double *similarity = sva_arena_alloc(arena, count, sizeof *similarity);
    struct sva_log_point *points = sva_arena_alloc(arena, POINTS_MOST, sizeof *points);
    struct sva_log_gap *gaps = sva_arena_alloc(arena, GAPS_MOST, sizeof *gaps);
    if (checkpoints == NULL || links == NULL || similarity == NULL || points == NULL ||
        gaps == NULL) {
        return false;
    }
    read_checkpoints(report, checkpoints, similarity, trace);
    read_links(report, links, trace);
    read_log(sva_document_at(report, "log"), points, gaps, &trace->log);
    return true;
}

/* ---- the page ---- */

static void put_plot(struct sva_html *html, enum sva_trace_plot which, enum sva_html_label title)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_run_trace trace = {.checkpoint_count = 0};
    struct sva_svg_plot plot = {.inside = true};
    sva_html_heading(html, 2, title);
    if (!read_trace(html->report, &arena, &trace)) {
        html->out->failed = true;
    } else if (sva_trace_draw(&plot, &trace, which, html->lang)) {
        sva_html_raw(html, "<figure class=\"plot\">");
        sva_bytes_append(html->out, plot.out.data, plot.out.size);
        sva_html_raw(html, "</svg></figure>\n");
        html->out->failed = html->out->failed || plot.out.failed;
    } else {
        sva_html_paragraph(html, SVA_HTML_TRACE_NO_PLOT);
    }
    sva_bytes_done(&plot.out);
    sva_arena_done(&arena);
}

static void put_verdict_fact(struct sva_html *html, enum sva_html_label name, const char *rule)
{
    const cJSON *fact = sva_document_at(sva_document_at(html->report, "facts"), rule);
    const char *verdict = sva_document_text(fact, "verdict");
    sva_html_raw(html, "<dt>");
    sva_html_say(html, name);
    sva_html_raw(html, "</dt><dd>");
    sva_html_tag(html, kind_of(verdict), sva_html_word(html->lang, SVA_WORDS_TRACE, verdict));
    sva_html_raw(html, "</dd>\n");
}

static void put_summary(struct sva_html *html)
{
    const char *verdict = sva_document_text(html->report, "verdict");
    const cJSON *log = sva_document_at(html->report, "log");
    const struct sva_html_figure figures[] = {
        sva_html_count(sva_document_count(log, "records")),
        sva_html_number(sva_document_number(log, "first_step"), 12),
        sva_html_number(sva_document_number(log, "last_step"), 12)};
    const char *values[] = {sva_document_text(log, "format"), figures[0].text, figures[1].text,
                            figures[2].text};
    sva_bytes_printf(html->out, "<div class=\"strip %s\">", kind_of(verdict));
    sva_html_sign(html, kind_of(verdict));
    sva_html_raw(html, "<div><p class=\"word\">");
    sva_html_word_of(html, SVA_WORDS_TRACE, verdict);
    sva_html_raw(html, "</p><p class=\"why\">");
    sva_html_say(html, sentence_of(verdict));
    if (!cJSON_IsObject(log)) {
        sva_html_raw(html, " ");
        sva_html_say(html, SVA_HTML_TRACE_NO_LOG);
    }
    sva_html_raw(html, "</p></div></div>\n<dl class=\"facts\">\n");
    put_verdict_fact(html, SVA_HTML_TRACE_T13, "T1.3");
    put_verdict_fact(html, SVA_HTML_TRACE_T14, "T1.4");
    if (cJSON_IsObject(log)) {
        sva_html_raw(html, "<dt>");
        sva_html_say(html, SVA_HTML_TRACE_RECORDS);
        sva_html_raw(html, "</dt><dd>");
        sva_html_fill(html, SVA_HTML_TRACE_LOG, values, 4);
        sva_html_raw(html, "</dd>\n");
    }
    sva_html_raw(html, "<dt>");
    sva_html_say(html, SVA_HTML_REPORT_DIGEST);
    sva_html_raw(html, "</dt><dd>");
    sva_html_code(html, html->digest);
    sva_html_raw(html, "</dd></dl>\n");
    sva_html_paragraph(html, SVA_HTML_TRACE_CANNOT);
}

static void put_findings(struct sva_html *html)
{
    const cJSON *finding = NULL;
    size_t rows = 0;
    sva_html_heading(html, 2, SVA_HTML_TRACE_FINDINGS);
    cJSON_ArrayForEach(finding, sva_document_at(html->report, "findings"))
    {
        const char *level = sva_document_text(finding, "level");
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, rows == 1 ? "<ul>\n<li>" : "<li>");
        sva_html_tag(html, kind_of(level), sva_html_word(html->lang, SVA_WORDS_TRACE, level));
        sva_html_raw(html, " ");
        sva_html_text(html, sva_document_text(finding, "rule"));
        sva_html_raw(html, " ");
        sva_html_text(html,
                      sva_document_text(finding, html->lang == SVA_LANG_KO ? "text_ko" : "text"));
        sva_html_raw(html, "</li>\n");
    }
    if (rows > 0) {
        sva_html_raw(html, "</ul>\n");
        sva_html_more(html, rows, SVA_HTML_ROWS);
    } else {
        sva_html_paragraph(html, SVA_HTML_NONE);
    }
}

static void put_checkpoints(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_FILE, SVA_HTML_HEAD_STEP,
                                                SVA_HTML_HEAD_PARAMETERS, SVA_HTML_HEAD_MOVED,
                                                SVA_HTML_HEAD_PRINT};
    const cJSON *item = NULL;
    size_t rows = 0;
    sva_html_heading(html, 2, SVA_HTML_TRACE_CHECKPOINTS);
    sva_html_table(html, SVA_HTML_TRACE_CHECKPOINTS, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(item, sva_document_at(html->report, "checkpoints"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(item, "path"));
        sva_html_figure_cell(html, sva_html_number(sva_document_number(item, "step"), 15));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(item, "parameters")));
        sva_html_figure_cell(html, sva_html_number(sva_document_number(item, "moved"), 4));
        sva_html_raw(html, "<td>");
        sva_html_code(html, sva_document_text(item, "print_digest"));
        sva_html_raw(html, "</td></tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_links(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_FROM_TO, SVA_HTML_HEAD_STATE,
                                                SVA_HTML_HEAD_RHO, SVA_HTML_HEAD_LOST,
                                                SVA_HTML_HEAD_LOG10_P};
    const cJSON *item = NULL;
    size_t rows = 0;
    sva_html_heading(html, 2, SVA_HTML_TRACE_LINKS);
    sva_html_table(html, SVA_HTML_TRACE_LINKS, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(item, sva_document_at(html->report, "links"))
    {
        const char *state = sva_document_text(item, "state");
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr><th scope=\"row\">");
        sva_html_text(html, sva_html_number(sva_document_number(item, "from"), 15).text);
        sva_html_raw(html, " – ");
        sva_html_text(html, sva_html_number(sva_document_number(item, "to"), 15).text);
        sva_html_raw(html, "</th><td>");
        sva_html_tag(html, strcmp(state, "broken") == 0 ? "fail" : "none",
                     sva_html_word(html->lang, SVA_WORDS_LINK, state));
        sva_html_raw(html, "</td>");
        sva_html_error_cell(html, sva_document_number(item, "rho"),
                            sva_document_number(item, "rho_se"));
        sva_html_error_cell(html, sva_document_number(item, "lost"),
                            sva_document_number(item, "lost_se"));
        sva_html_figure_cell(html,
                             sva_html_number(sva_document_number(item, "log10_p_adjusted"), 4));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_article(struct sva_html *html, enum sva_lang lang, const char *prefix)
{
    html->lang = lang;
    html->prefix = prefix;
    sva_bytes_printf(html->out,
                     "<article lang=\"%s\" aria-labelledby=\"%stop\">\n<p class=\"over\"><span>",
                     lang == SVA_LANG_KO ? "ko" : "en", prefix);
    sva_html_say(html, SVA_HTML_NUMBER);
    sva_bytes_printf(html->out, " %s</span><span>", html->number);
    sva_html_say(html, SVA_HTML_DATE);
    sva_html_raw(html, " ");
    sva_html_text(html, sva_document_text(html->report, "as_of"));
    sva_bytes_printf(html->out, "</span></p>\n<h1 id=\"%stop\">", prefix);
    sva_html_say(html, SVA_HTML_TRACE_TITLE);
    sva_html_raw(html, "</h1>\n");
    put_summary(html);
    put_findings(html);
    put_plot(html, SVA_PLOT_PATH, SVA_HTML_TRACE_PATH);
    put_plot(html, SVA_PLOT_LOSS, SVA_HTML_TRACE_LOSS);
    put_checkpoints(html);
    put_links(html);
    sva_html_raw(html, "</article>\n");
}

static enum sva_status render(const cJSON *report, const struct sva_render_options *options,
                              bool both, struct sva_bytes *out, struct sva_error *error)
{
    struct sva_html html = {.out = out,
                            .lang = both ? SVA_LANG_KO : options->lang,
                            .title = SVA_HTML_TRACE_TITLE,
                            .report = report,
                            .json = options->json,
                            .prefix = ""};
    const bool good = sva_html_identify(&html) && sva_html_head(&html, "");
    if (good) {
        sva_html_body(&html, both, put_article);
    }
    return good ? SVA_OK : sva_fail_memory(error, "writing the report as HTML");
}

enum sva_status sva_render_trace(const cJSON *report, const struct sva_render_options *options,
                                 struct sva_bytes *out, struct sva_error *error)
{
    return render(report, options, false, out, error);
}

enum sva_status sva_render_trace_both(const cJSON *report, const struct sva_render_options *options,
                                      struct sva_bytes *out, struct sva_error *error)
{
    return render(report, options, true, out, error);
}

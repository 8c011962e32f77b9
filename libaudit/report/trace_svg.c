/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two plots as SVG: no script, no font file, no address but the namespace. Status is never told by
 * colour alone: broken links are dashed and carry a word.
 */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "report/columns.h"

#include <sovaudit/report.h>

enum { WIDTH = 760, HEIGHT = 400, LEFT = 70, RIGHT = 20, TOP = 50, BOTTOM = 60, TICKS = 5 };

/** A plot: values x in [x0, x1], y in [y0, y1]. */
struct plot {
    struct sva_bytes out;
    double x0, x1, y0, y1;
};

/** Text between tags, with the five characters of XML made safe, control characters left out. */
static void put_escaped(struct sva_bytes *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const char *entity = *at == '<'    ? "&lt;"
                             : *at == '>'  ? "&gt;"
                             : *at == '&'  ? "&amp;"
                             : *at == '"'  ? "&quot;"
                             : *at == '\'' ? "&#39;"
                                           : NULL;
        if (entity != NULL) {
            sva_bytes_text(out, entity);
        } else if ((unsigned char)*at >= 0x20) {
            sva_bytes_append(out, at, 1);
        }
    }
}

static double place_x(const struct plot *plot, double x)
{
    return LEFT + (x - plot->x0) / (plot->x1 - plot->x0) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const struct plot *plot, double y)
{
    return HEIGHT - BOTTOM - (y - plot->y0) / (plot->y1 - plot->y0) * (HEIGHT - TOP - BOTTOM);
}

static void put_fixed(struct plot *plot, double value)
{
    sva_columns_fixed(&plot->out, value, 1);
}

static void put_point(struct plot *plot, double x, double y)
{
    put_fixed(plot, place_x(plot, x));
    sva_bytes_text(&plot->out, ",");
    put_fixed(plot, place_y(plot, y));
    sva_bytes_text(&plot->out, " ");
}

static void put_line(struct plot *plot, double x0, double y0, double x1, double y1,
                     const char *style)
{
    sva_bytes_text(&plot->out, "<polyline points=\"");
    put_point(plot, x0, y0);
    put_point(plot, x1, y1);
    sva_bytes_printf(&plot->out, "\" %s/>\n", style);
}

/** Text at a place of the canvas. */
static void put_text(struct plot *plot, double x, double y, const char *anchor, const char *text)
{
    sva_bytes_text(&plot->out, "<text x=\"");
    put_fixed(plot, x);
    sva_bytes_text(&plot->out, "\" y=\"");
    put_fixed(plot, y);
    sva_bytes_printf(&plot->out, "\" text-anchor=\"%s\">", anchor);
    put_escaped(&plot->out, text);
    sva_bytes_text(&plot->out, "</text>\n");
}

static void put_number(struct plot *plot, double x, double y, const char *anchor, double value)
{
    struct sva_bytes text = {.data = NULL};
    sva_bytes_json_number(&text, value, 4);
    put_text(plot, x, y, anchor, text.data != NULL ? (const char *)text.data : "");
    sva_bytes_done(&text);
}

static void open_plot(struct plot *plot, enum sva_lang lang, const char *title, const char *x_name,
                      const char *y_name)
{
    sva_bytes_printf(&plot->out,
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                     "role=\"img\" xml:lang=\"%s\" font-family=\"'Noto Sans KR','Malgun Gothic',"
                     "sans-serif\" font-size=\"12\" fill=\"#222\">\n<title>",
                     WIDTH, HEIGHT, lang == SVA_LANG_KO ? "ko" : "en");
    put_escaped(&plot->out, title);
    sva_bytes_printf(&plot->out, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                     WIDTH, HEIGHT);
    put_text(plot, LEFT, 24.0, "start", title);
    put_text(plot, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0, "middle", x_name);
    put_text(plot, 8.0, TOP - 10.0, "start", y_name);
    for (int i = 0; i <= TICKS; i++) {
        const double share = (double)i / TICKS;
        const double x = plot->x0 + share * (plot->x1 - plot->x0);
        const double y = plot->y0 + share * (plot->y1 - plot->y0);
        put_line(plot, plot->x0, y, plot->x1, y, "stroke=\"#ddd\" fill=\"none\"");
        put_number(plot, LEFT - 6.0, place_y(plot, y) + 4.0, "end", y);
        put_number(plot, place_x(plot, x), HEIGHT - BOTTOM + 18.0, "middle", x);
    }
}

/** Steps where all are known and ascend, else places in order. */
static double position(const struct sva_run_trace *trace, size_t at)
{
    bool known = true;
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        known = known && trace->checkpoints[i].step >= 0 &&
                (i == 0 || trace->checkpoints[i].step > trace->checkpoints[i - 1].step);
    }
    return known ? (double)trace->checkpoints[at].step : (double)at + 1.0;
}

static void put_mark(struct plot *plot, double x, double y, const char *fill, const char *tip)
{
    sva_bytes_text(&plot->out, "<circle cx=\"");
    put_fixed(plot, place_x(plot, x));
    sva_bytes_text(&plot->out, "\" cy=\"");
    put_fixed(plot, place_y(plot, y));
    sva_bytes_printf(&plot->out, "\" r=\"4\" fill=\"%s\"><title>", fill);
    put_escaped(&plot->out, tip);
    sva_bytes_text(&plot->out, "</title></circle>\n");
}

static double known(double value)
{
    return isnan(value) ? 0.0 : value < 0.0 ? 0.0 : value;
}

/** Similarity to the first: a line of its own. Similarity to the one before: bars of the links. */
static void put_path(struct plot *plot, const struct sva_run_trace *trace, enum sva_lang lang)
{
    const size_t count = trace->checkpoint_count;
    for (size_t i = 0; i + 1 < count; i++) {
        const struct sva_trace_link *link = &trace->links[i];
        const bool broken = link->state == SVA_LINK_BROKEN;
        const double x0 = position(trace, i);
        const double x1 = position(trace, i + 1);
        put_line(plot, x0, known(trace->similarity[i]), x1, known(trace->similarity[i + 1]),
                 "stroke=\"#1f5fa8\" stroke-width=\"2\" fill=\"none\"");
        put_line(plot, x0, known(link->rho), x1, known(link->rho),
                 broken ? "stroke=\"#b3261e\" stroke-width=\"2\" stroke-dasharray=\"6 4\" "
                          "fill=\"none\""
                        : "stroke=\"#2e7d32\" stroke-width=\"2\" fill=\"none\"");
        if (broken) {
            put_text(plot, place_x(plot, (x0 + x1) / 2.0), place_y(plot, known(link->rho)) - 6.0,
                     "middle", lang == SVA_LANG_KO ? "끊김" : "broken");
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct sva_escaped path = sva_esc(trace->checkpoints[i].path);
        put_mark(plot, position(trace, i), known(trace->similarity[i]), "#1f5fa8", path.text);
    }
}

static bool draw_path(struct plot *plot, const struct sva_run_trace *trace, enum sva_lang lang)
{
    if (trace->checkpoint_count < 2) {
        return false;
    }
    const bool korean = lang == SVA_LANG_KO;
    plot->x0 = position(trace, 0);
    plot->x1 = position(trace, trace->checkpoint_count - 1);
    plot->y1 = 1.0;
    open_plot(plot, lang, korean ? "체크포인트 경로" : "Path of the checkpoints",
              korean ? "단계" : "step",
              korean ? "유사도: 처음과(파란 선), 직전과(초록 막대)"
                     : "similarity to the first (blue line), to the one before (green bars)");
    put_path(plot, trace, lang);
    return true;
}

static void put_loss(struct plot *plot, const struct sva_run_trace *trace, enum sva_lang lang)
{
    const struct sva_trace_log *log = &trace->log;
    for (size_t i = 0; i < log->gap_count; i++) {
        const double left = place_x(plot, log->gaps[i].from);
        sva_bytes_text(&plot->out, "<rect x=\"");
        put_fixed(plot, left);
        sva_bytes_printf(&plot->out, "\" y=\"%d\" height=\"%d\" width=\"", TOP,
                         HEIGHT - TOP - BOTTOM);
        put_fixed(plot, place_x(plot, log->gaps[i].to) - left);
        sva_bytes_text(&plot->out, "\" fill=\"#f6d5d2\"/>\n");
        put_text(plot, left, TOP + 12.0, "start", lang == SVA_LANG_KO ? "빈 구간" : "gap");
    }
    if (!isnan(log->expected_start)) {
        put_line(plot, plot->x0, log->expected_start, plot->x1, log->expected_start,
                 "stroke=\"#777\" stroke-dasharray=\"4 4\" fill=\"none\"");
        put_text(plot, WIDTH - RIGHT, place_y(plot, log->expected_start) - 4.0, "end",
                 lang == SVA_LANG_KO ? "ln(어휘 크기)" : "ln(vocabulary)");
    }
    sva_bytes_text(&plot->out, "<polyline fill=\"none\" stroke=\"#1f5fa8\" points=\"");
    for (size_t i = 0; i < log->point_count; i++) {
        put_point(plot, log->points[i].step, log->points[i].loss);
    }
    sva_bytes_text(&plot->out, "\"/>\n");
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        const double step = (double)trace->checkpoints[i].step;
        if (step >= plot->x0 && step <= plot->x1) {
            const struct sva_escaped path = sva_esc(trace->checkpoints[i].path);
            put_mark(plot, step, plot->y0, "#2e7d32", path.text);
        }
    }
}

static bool draw_loss(struct plot *plot, const struct sva_run_trace *trace, enum sva_lang lang)
{
    const struct sva_trace_log *log = &trace->log;
    if (log->point_count < 2) {
        return false;
    }
    double top = isnan(log->expected_start) ? log->points[0].loss : log->expected_start;
    for (size_t i = 0; i < log->point_count; i++) {
        top = log->points[i].loss > top ? log->points[i].loss : top;
    }
    const bool korean = lang == SVA_LANG_KO;
    plot->x0 = log->points[0].step;
    plot->x1 = log->points[log->point_count - 1].step;
    plot->y0 = log->least_loss < 0.0 ? log->least_loss : 0.0;
    plot->y1 = top > plot->y0 ? top * 1.05 : plot->y0 + 1.0;
    open_plot(plot, lang, korean ? "손실 곡선" : "Loss curve", korean ? "단계" : "step",
              korean ? "손실(nat), 점: 체크포인트" : "loss in nats; dots: checkpoints");
    put_loss(plot, trace, lang);
    return true;
}

enum sva_status sva_trace_svg(const struct sva_run_trace *trace, enum sva_trace_plot plot,
                              enum sva_lang lang, char **text, size_t *size_bytes,
                              struct sva_error *error)
{
    struct plot drawing = {.x0 = 0.0};
    const bool drawn =
        plot == SVA_PLOT_PATH ? draw_path(&drawing, trace, lang) : draw_loss(&drawing, trace, lang);
    if (!drawn) {
        return sva_fail(error, SVA_ERR_NOTHING, "there is nothing to draw");
    }
    sva_bytes_text(&drawing.out, "</svg>\n");
    if (drawing.out.failed || drawing.out.data == NULL) {
        sva_bytes_done(&drawing.out);
        return sva_fail_memory(error, "drawing a plot");
    }
    *text = (char *)drawing.out.data;
    *size_bytes = drawing.out.size;
    return SVA_OK;
}

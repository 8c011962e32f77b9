/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two plots of a trace: the path of the checkpoints and the loss curve. Status is never told by
 * colour alone: broken links are dashed and carry a word, gaps carry a word.
 */
#include <math.h>
#include <stdio.h>

#include "base/fail.h"
#include "base/text.h"
#include "report/svg_plot.h"
#include "report/trace_plot.h"

#include <sovaudit/report.h>

enum { NUMBERED_MOST = 40, NARROW = 60 };

static const char FIRST_STYLE[] = "stroke=\"#1f5fa8\" stroke-width=\"2\"";
static const char LINK_STYLE[] = "stroke=\"#2e7d32\" stroke-width=\"4\"";
static const char BROKEN_STYLE[] = "stroke=\"#b3261e\" stroke-width=\"4\" stroke-dasharray=\"6 4\"";
static const char LOSS_STYLE[] = "stroke=\"#1f5fa8\" stroke-width=\"1.5\"";
static const char EXPECTED_STYLE[] = "stroke=\"#555\" stroke-dasharray=\"4 4\"";
static const char GAP_FILL[] = "#f6d5d2";
static const char DOT_FILL[] = "#2e7d32";

static const char *in(enum sva_lang lang, const char *en, const char *ko)
{
    return lang == SVA_LANG_KO ? ko : en;
}

/* ---- the path ---- */

static bool steps_ascend(const struct sva_run_trace *trace)
{
    bool ascend = true;
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        ascend = ascend && trace->checkpoints[i].step >= 0 &&
                 (i == 0 || trace->checkpoints[i].step > trace->checkpoints[i - 1].step);
    }
    return ascend;
}

/** Steps where all are known and ascend, else places in order. */
static double position(const struct sva_run_trace *trace, bool steps, size_t at)
{
    return steps ? (double)trace->checkpoints[at].step : (double)at + 1.0;
}

static double known(double value)
{
    return isnan(value) ? 0.0 : value < 0.0 ? 0.0 : value;
}

static void put_link(struct sva_svg_plot *plot, const struct sva_trace_link *link, double x0,
                     double x1, enum sva_lang lang)
{
    const bool broken = link->state == SVA_LINK_BROKEN;
    sva_svg_line(plot, x0, known(link->rho), x1, known(link->rho),
                 broken ? BROKEN_STYLE : LINK_STYLE);
    if (broken) {
        sva_svg_text(plot, sva_svg_x(plot, (x0 + x1) / 2.0),
                     sva_svg_y(plot, known(link->rho)) - 8.0, "middle", in(lang, "broken", "끊김"));
    }
}

/** Checkpoints carry the numbers that the report gives them. */
static void put_checkpoints(struct sva_svg_plot *plot, const struct sva_run_trace *trace,
                            bool steps)
{
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        const struct sva_escaped path = sva_esc(trace->checkpoints[i].path);
        const double x = position(trace, steps, i);
        const double y = known(trace->similarity[i]);
        char number[24];
        sva_svg_dot(plot, x, y, "#1f5fa8", path.text);
        (void)snprintf(number, sizeof number, "%zu", i + 1);
        if (trace->checkpoint_count <= NUMBERED_MOST) {
            const bool first = i == 0; /* the axis' name stands above it */
            sva_svg_text(plot, sva_svg_x(plot, x) + (first ? 8.0 : 0.0),
                         sva_svg_y(plot, y) - (first ? 3.0 : 9.0), first ? "start" : "middle",
                         number);
        }
    }
}

/** Similarity to the first: a line. Similarity to the one before: a bar over each link. */
static bool draw_path(struct sva_svg_plot *plot, const struct sva_run_trace *trace,
                      enum sva_lang lang)
{
    const size_t count = trace->checkpoint_count;
    const bool steps = steps_ascend(trace);
    bool broken = false;
    if (count < 2) {
        return false;
    }
    plot->x0 = position(trace, steps, 0);
    plot->x1 = position(trace, steps, count - 1);
    plot->y1 = 1.0;
    plot->whole_x = true;
    sva_svg_open(plot, lang, in(lang, "Path of the checkpoints", "체크포인트의 학습 경로"),
                 steps ? in(lang, "step", "학습 단계") : in(lang, "checkpoint", "체크포인트 순서"),
                 in(lang, "similarity", "유사도"));
    for (size_t i = 0; i + 1 < count; i++) {
        const double x0 = position(trace, steps, i);
        const double x1 = position(trace, steps, i + 1);
        sva_svg_line(plot, x0, known(trace->similarity[i]), x1, known(trace->similarity[i + 1]),
                     FIRST_STYLE);
        put_link(plot, &trace->links[i], x0, x1, lang);
        broken = broken || trace->links[i].state == SVA_LINK_BROKEN;
    }
    put_checkpoints(plot, trace, steps);
    sva_svg_legend(plot, SVA_KEY_LINE, FIRST_STYLE,
                   in(lang, "to the first checkpoint", "처음 체크포인트와의 유사도"));
    sva_svg_legend(plot, SVA_KEY_LINE, LINK_STYLE,
                   in(lang, "to the one before", "직전 체크포인트와의 유사도"));
    if (broken) {
        sva_svg_legend(plot, SVA_KEY_LINE, BROKEN_STYLE, in(lang, "broken link", "끊긴 구간"));
    }
    return true;
}

/* ---- the loss ---- */

static void put_gaps(struct sva_svg_plot *plot, const struct sva_trace_log *log, enum sva_lang lang)
{
    for (size_t i = 0; i < log->gap_count; i++) {
        const double middle = sva_svg_x(plot, (log->gaps[i].from + log->gaps[i].to) / 2.0);
        const bool left = middle < SVA_PLOT_LEFT + NARROW;
        const bool right = middle > SVA_PLOT_WIDTH - SVA_PLOT_RIGHT - NARROW;
        sva_svg_band(plot, log->gaps[i].from, log->gaps[i].to, GAP_FILL);
        sva_svg_text(plot, middle, SVA_PLOT_HEIGHT - SVA_PLOT_BOTTOM - 14.0,
                     left    ? "start"
                     : right ? "end"
                             : "middle",
                     in(lang, "gap", "빈 구간"));
    }
}

/** Is there a gap between two steps? */
static bool is_gap(const struct sva_trace_log *log, double from, double to)
{
    for (size_t i = 0; i < log->gap_count; i++) {
        if (log->gaps[i].from >= from && log->gaps[i].to <= to) {
            return true;
        }
    }
    return false;
}

/** One line for each stretch between gaps. */
static void put_curve(struct sva_svg_plot *plot, const struct sva_trace_log *log)
{
    for (size_t i = 0; i < log->point_count; i++) {
        const bool begins = i == 0 || is_gap(log, log->points[i - 1].step, log->points[i].step);
        if (begins) {
            sva_bytes_printf(&plot->out, "%s<polyline fill=\"none\" %s points=\"",
                             i == 0 ? "" : "\"/>\n", LOSS_STYLE);
        }
        sva_svg_point(plot, log->points[i].step, log->points[i].loss);
    }
    sva_bytes_text(&plot->out, "\"/>\n");
}

/** "ln(vocabulary) = 7.625" on its line. */
static void put_expected(struct sva_svg_plot *plot, double expected, enum sva_lang lang)
{
    struct sva_bytes text = {.data = NULL};
    sva_svg_line(plot, plot->x0, expected, plot->x1, expected, EXPECTED_STYLE);
    sva_bytes_text(&text, in(lang, "ln(vocabulary) = ", "ln(어휘 크기) = "));
    sva_bytes_json_number(&text, expected, 4);
    sva_svg_text(plot, SVA_PLOT_WIDTH - SVA_PLOT_RIGHT - 4.0, sva_svg_y(plot, expected) - 6.0,
                 "end", text.data != NULL ? (const char *)text.data : "");
    plot->out.failed = plot->out.failed || text.failed;
    sva_bytes_done(&text);
}

static void put_loss(struct sva_svg_plot *plot, const struct sva_run_trace *trace,
                     enum sva_lang lang)
{
    const struct sva_trace_log *log = &trace->log;
    put_gaps(plot, log, lang);
    if (!isnan(log->expected_start)) {
        put_expected(plot, log->expected_start, lang);
    }
    put_curve(plot, log);
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        const double step = (double)trace->checkpoints[i].step;
        if (step >= plot->x0 && step <= plot->x1) {
            const struct sva_escaped path = sva_esc(trace->checkpoints[i].path);
            sva_svg_dot(plot, step, plot->y0, DOT_FILL, path.text);
        }
    }
    sva_svg_legend(plot, SVA_KEY_LINE, LOSS_STYLE, in(lang, "loss", "손실"));
    sva_svg_legend(plot, SVA_KEY_DOT, "fill=\"#2e7d32\"", in(lang, "checkpoint", "체크포인트"));
    if (log->gap_count > 0) {
        sva_svg_legend(plot, SVA_KEY_BOX, "fill=\"#f6d5d2\"",
                       in(lang, "gap in the log", "기록에 없는 구간"));
    }
}

static bool draw_loss(struct sva_svg_plot *plot, const struct sva_run_trace *trace,
                      enum sva_lang lang)
{
    const struct sva_trace_log *log = &trace->log;
    if (log->point_count < 2) {
        return false;
    }
    double top = isnan(log->expected_start) ? log->points[0].loss : log->expected_start;
    for (size_t i = 0; i < log->point_count; i++) {
        top = log->points[i].loss > top ? log->points[i].loss : top;
    }
    plot->x0 = log->points[0].step;
    plot->x1 = log->points[log->point_count - 1].step;
    plot->y0 = log->least_loss < 0.0 ? log->least_loss : 0.0;
    plot->y1 = top > plot->y0 ? top : plot->y0 + 1.0;
    const double mark = sva_svg_step(plot->y1 - plot->y0);
    plot->y0 = floor(plot->y0 / mark) * mark;
    plot->y1 = ceil(plot->y1 * 1.02 / mark) * mark;
    plot->y1 = plot->y1 > plot->y0 ? plot->y1 : plot->y0 + mark;
    sva_svg_open(plot, lang, in(lang, "Loss curve", "손실 곡선"), in(lang, "step", "학습 단계"),
                 in(lang, "loss (nats)", "손실(nat)"));
    put_loss(plot, trace, lang);
    return true;
}

bool sva_trace_draw(struct sva_svg_plot *drawing, const struct sva_run_trace *trace,
                    enum sva_trace_plot plot, enum sva_lang lang)
{
    return plot == SVA_PLOT_PATH ? draw_path(drawing, trace, lang)
                                 : draw_loss(drawing, trace, lang);
}

enum sva_status sva_trace_svg(const struct sva_run_trace *trace, enum sva_trace_plot plot,
                              enum sva_lang lang, char **text, size_t *size_bytes,
                              struct sva_error *error)
{
    struct sva_svg_plot drawing = {.x0 = 0.0};
    const bool drawn = sva_trace_draw(&drawing, trace, plot, lang);
    return drawn ? sva_svg_close(&drawing, text, size_bytes, error)
                 : sva_fail(error, SVA_ERR_NOTHING, "there is nothing to draw");
}

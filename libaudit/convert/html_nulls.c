/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests observed beside what chance gave: the permutation draws of each test as a histogram
 * and the observed statistic of its blocks, on one axis of standard deviations. Tests without draws
 * say why they have none and show what there is.
 */
#include <math.h>
#include <string.h>

#include "convert/html_page.h"

enum {
    TESTS_MOST = 40,
    BINS_MOST = 64,
    LEFT = 230,
    PLOT = 420,
    RIGHT = 210,
    TOP = 26,
    ROW_HEIGHT = 36,       /**< with something to draw */
    PLAIN_ROW_HEIGHT = 22, /**< with a sentence instead */
    BASE = 30,             /**< of a row's histogram, from the row's top */
    BARS = 25,             /**< height of the largest bar */
    BOTTOM = 34,
    CURVE_STEPS = 48
};

/** What stands in a test's row. */
enum row_kind {
    ROW_DRAWS,      /* its draws and what was observed */
    ROW_NORMAL,     /* a normal law and z */
    ROW_SCREENED,   /* z alone was small enough: p = 1 without draws */
    ROW_ENUMERATED, /* every renumbering was counted */
    ROW_UNKEPT,     /* a report without its draws */
    ROW_NOT_RUN,    /* the test of all layers did not reject; its halves count with p = 1 */
    ROW_COMBINED,   /* made from other tests' p */
    ROW_EMPIRICAL,  /* no permutation test */
    ROW_KINDS
};

struct axis {
    double least, most; /* already on the scale */
    size_t count, drawn;
    double height; /* of all rows */
};

/** Linear near 0, logarithmic far from it, the sign kept. */
static double scale_of(double z)
{
    const double size = fabs(z) <= 3.0 ? fabs(z) : 3.0 + 2.5 * log10(fabs(z) / 3.0);
    return z < 0.0 ? -size : size;
}

static double place(const struct axis *axis, double z)
{
    return LEFT + (scale_of(z) - axis->least) / (axis->most - axis->least) * PLOT;
}

/** NaN unless it can be drawn. */
static double figure_of(const cJSON *object, const char *key)
{
    const double value = sva_document_number(object, key);
    return fabs(value) <= 1e6 ? value : (double)NAN;
}

/** A histogram that can be drawn: finite numbers, bins of a width, some draws. */
static const cJSON *histogram_of(const cJSON *test)
{
    const cJSON *histogram = sva_document_at(test, "histogram");
    const cJSON *observed = sva_document_at(histogram, "observed");
    const size_t bins = sva_document_length(histogram, "counts");
    const bool sound =
        bins > 0 && bins <= BINS_MOST && figure_of(histogram, "bin_width") > 0.0 &&
        isfinite(figure_of(histogram, "first_bin")) && isfinite(figure_of(histogram, "least")) &&
        isfinite(figure_of(histogram, "most")) && isfinite(figure_of(observed, "least")) &&
        isfinite(figure_of(observed, "mean")) && isfinite(figure_of(observed, "most")) &&
        sva_document_count(histogram, "draws") > 0;
    return sound ? histogram : NULL;
}

static enum row_kind kind_of(const cJSON *test)
{
    const char *label = sva_document_text(test, "label");
    if (histogram_of(test) != NULL) {
        return ROW_DRAWS;
    }
    if (strcmp(label, "exact") != 0) {
        return strcmp(label, "asymptotic") == 0 && isfinite(figure_of(test, "z")) ? ROW_NORMAL
                                                                                  : ROW_EMPIRICAL;
    }
    if (sva_document_count(test, "draws") > 0) {
        return sva_document_number(test, "log10_p") >= 0.0 ? ROW_SCREENED : ROW_UNKEPT;
    }
    if (sva_document_count(test, "blocks") > 0) {
        return isfinite(figure_of(test, "z")) ? ROW_ENUMERATED : ROW_COMBINED;
    }
    return sva_document_number(test, "log10_p_floor") >= 0.0 ? ROW_NOT_RUN : ROW_COMBINED;
}

/** Is there something on the axis? */
static bool is_drawn(const cJSON *test)
{
    const enum row_kind kind = kind_of(test);
    return kind == ROW_DRAWS || (kind <= ROW_UNKEPT && isfinite(figure_of(test, "z")));
}

static void measure(struct axis *axis, const cJSON *tests)
{
    const cJSON *test = NULL;
    double least = -4.2;
    double most = 4.2;
    cJSON_ArrayForEach(test, tests)
    {
        const cJSON *histogram = histogram_of(test);
        const cJSON *observed = sva_document_at(histogram, "observed");
        if (axis->count == TESTS_MOST) {
            break;
        }
        if (histogram != NULL) {
            least = fmin(least, fmin(figure_of(histogram, "least"), figure_of(observed, "least")));
            most = fmax(most, fmax(figure_of(histogram, "most"), figure_of(observed, "most")));
        } else if (is_drawn(test)) {
            least = fmin(least, figure_of(test, "z"));
            most = fmax(most, figure_of(test, "z"));
        }
        axis->count++;
        axis->drawn += is_drawn(test) ? 1 : 0;
        axis->height += is_drawn(test) ? ROW_HEIGHT : PLAIN_ROW_HEIGHT;
    }
    axis->least = scale_of(least) - 0.3;
    axis->most = scale_of(most) + 0.4;
}

static void put_number(struct sva_html *html, double value)
{
    sva_html_raw(html, sva_html_number(value, 5).text);
}

/** "x y" of a path. */
static void put_point(struct sva_html *html, const char *command, double x, double y)
{
    sva_html_raw(html, command);
    put_number(html, x);
    sva_html_raw(html, " ");
    put_number(html, y);
}

static void put_ticks(struct sva_html *html, const struct axis *axis, double bottom)
{
    static const double TICKS[] = {-100, -30, -10, -3, 0, 3, 10, 30, 100, 300, 1000, 10000, 100000};
    for (size_t i = 0; i < sizeof TICKS / sizeof *TICKS; i++) {
        const double at = scale_of(TICKS[i]);
        if (at < axis->least || at > axis->most) {
            continue;
        }
        sva_bytes_printf(html->out, "<path %s d=\"", sva_html_paint(SVA_PAINT_AXIS));
        put_point(html, "M", place(axis, TICKS[i]), TOP);
        sva_html_raw(html, "V");
        put_number(html, bottom + 3);
        sva_html_raw(html, "\"/><text class=\"s\" text-anchor=\"middle\" x=\"");
        put_number(html, place(axis, TICKS[i]));
        sva_html_raw(html, "\" y=\"");
        put_number(html, bottom + 15);
        sva_html_raw(html, "\">");
        put_number(html, TICKS[i]);
        sva_html_raw(html, "</text>\n");
    }
    sva_bytes_printf(html->out, "<text class=\"s\" text-anchor=\"middle\" x=\"%d\" y=\"",
                     LEFT + PLOT / 2);
    put_number(html, bottom + 29);
    sva_html_raw(html, "\">");
    sva_html_say(html, SVA_HTML_NULLS_AXIS);
    sva_html_raw(html, "</text>\n<text class=\"s\" text-anchor=\"middle\" x=\"");
    put_number(html, place(axis, 0));
    sva_bytes_printf(html->out, "\" y=\"%d\">", TOP - 8);
    sva_html_say(html, SVA_HTML_NULLS_CHANCE);
    sva_html_raw(html, "</text>\n");
}

static void put_label(struct sva_html *html, const char *class, double x, const char *anchor,
                      double y)
{
    sva_bytes_printf(html->out, "<text class=\"%s\" text-anchor=\"%s\" x=\"", class, anchor);
    put_number(html, x);
    sva_html_raw(html, "\" y=\"");
    put_number(html, y);
    sva_html_raw(html, "\">");
}

/** One bar for every bin that a draw fell into; a single one among many still shows. */
static void put_bars(struct sva_html *html, const struct axis *axis, const cJSON *histogram,
                     double base)
{
    const cJSON *counts = sva_document_at(histogram, "counts");
    const double width = figure_of(histogram, "bin_width");
    const cJSON *count = NULL;
    double largest = 1.0;
    double left = figure_of(histogram, "first_bin");
    cJSON_ArrayForEach(count, counts)
    {
        largest = fmax(largest, cJSON_IsNumber(count) ? count->valuedouble : 0.0);
    }
    sva_bytes_printf(html->out, "<path %s d=\"", sva_html_paint(SVA_PAINT_DRAWS));
    cJSON_ArrayForEach(count, counts)
    {
        const double share = cJSON_IsNumber(count) ? count->valuedouble / largest : 0.0;
        if (share > 0.0 && isfinite(place(axis, left))) {
            put_point(html, "M", place(axis, left), base);
            sva_html_raw(html, "V");
            put_number(html, base - fmax(share * BARS, 0.8));
            sva_html_raw(html, "H");
            put_number(html, place(axis, left + width));
            sva_html_raw(html, "V");
            put_number(html, base);
        }
        left += width;
    }
    sva_html_raw(html, "\"/>\n");
}

/** The outline of a normal law, for a p that is made from it. */
static void put_bell(struct sva_html *html, const struct axis *axis, double base)
{
    sva_bytes_printf(html->out, "<path %s d=\"", sva_html_paint(SVA_PAINT_BELL));
    for (int i = 0; i <= CURVE_STEPS; i++) {
        const double z = -4.0 + 8.0 * i / CURVE_STEPS;
        put_point(html, i == 0 ? "M" : "L", place(axis, z), base - BARS * exp(-z * z / 2.0));
    }
    sva_html_raw(html, "\"/>\n");
}

static const char *label_of(const struct sva_html *html, const cJSON *test)
{
    return sva_html_word(html->lang, SVA_WORDS_P_LABEL, sva_document_text(test, "label"));
}

/** The mark of what was observed; `detail` is shown when it is pointed at. */
static void put_mark(struct sva_html *html, const cJSON *test, double x, double y,
                     enum sva_html_label detail, const char *const *values, size_t count)
{
    sva_bytes_printf(
        html->out, "<circle %s r=\"4\" cx=\"",
        sva_html_paint(sva_document_bool(test, "decides") ? SVA_PAINT_DECIDES : SVA_PAINT_BESIDE));
    put_number(html, x);
    sva_html_raw(html, "\" cy=\"");
    put_number(html, y);
    sva_html_raw(html, "\"><title>");
    sva_html_fill_plain(html, detail, values, count);
    sva_html_raw(html, "</title></circle>\n");
}

static void put_draws(struct sva_html *html, const struct axis *axis, const cJSON *test, double top)
{
    const cJSON *histogram = histogram_of(test);
    const cJSON *observed = sva_document_at(histogram, "observed");
    const double y = top + BASE - BARS / 2.0;
    const double least = figure_of(observed, "least");
    const double most = figure_of(observed, "most");
    const struct sva_html_figure figures[] = {
        sva_html_count(sva_document_count(histogram, "draws")),
        sva_html_number(figure_of(histogram, "least"), 3),
        sva_html_number(figure_of(histogram, "most"), 3),
        sva_html_number(figure_of(histogram, "mean"), 2),
        sva_html_number(figure_of(histogram, "deviation"), 3),
        sva_html_number(least, 3),
        sva_html_number(most, 3),
        sva_html_number(figure_of(observed, "mean"), 3)};
    const char *values[] = {sva_document_text(test, "id"),
                            figures[0].text,
                            figures[1].text,
                            figures[2].text,
                            figures[3].text,
                            figures[4].text,
                            figures[5].text,
                            figures[6].text,
                            figures[7].text};
    put_bars(html, axis, histogram, top + BASE);
    if (most > least) {
        sva_bytes_printf(html->out, "<path %s d=\"", sva_html_paint(SVA_PAINT_OBSERVED));
        put_point(html, "M", place(axis, least), y - 5);
        put_point(html, "v10M", place(axis, least), y);
        sva_html_raw(html, "H");
        put_number(html, place(axis, most));
        sva_html_raw(html, "m0-5v10\"/>\n");
    }
    put_mark(html, test, place(axis, figure_of(observed, "mean")), y, SVA_HTML_NULLS_DRAWN, values,
             sizeof values / sizeof *values);
}

/** z alone, and the law that its p is made from where that is a normal one. */
static void put_z(struct sva_html *html, const struct axis *axis, const cJSON *test, double top)
{
    const double z = figure_of(test, "z");
    const struct sva_html_figure figures[] = {
        sva_html_number(z, 4), sva_html_number(sva_document_number(test, "log10_p"), 4)};
    const char *values[] = {sva_document_text(test, "id"), figures[0].text, figures[1].text,
                            label_of(html, test)};
    if (kind_of(test) == ROW_NORMAL) {
        put_bell(html, axis, top + BASE);
    }
    put_mark(html, test, place(axis, z), top + BASE - BARS / 2.0, SVA_HTML_NULLS_POINT, values, 4);
}

/** "79,992 draws in 8 blocks", or why there are none. */
static void put_note(struct sva_html *html, const cJSON *test)
{
    static const enum sva_html_label NOTES[ROW_KINDS] = {
        [ROW_DRAWS] = SVA_HTML_NULLS_COUNT,       [ROW_NORMAL] = SVA_HTML_NULLS_NORMAL,
        [ROW_SCREENED] = SVA_HTML_NULLS_SCREENED, [ROW_ENUMERATED] = SVA_HTML_NULLS_ENUMERATED,
        [ROW_UNKEPT] = SVA_HTML_NULLS_UNKEPT,     [ROW_NOT_RUN] = SVA_HTML_NULLS_NOT_RUN,
        [ROW_COMBINED] = SVA_HTML_NULLS_COMBINED, [ROW_EMPIRICAL] = SVA_HTML_NULLS_EMPIRICAL};
    const cJSON *histogram = histogram_of(test);
    const struct sva_html_figure figures[] = {
        sva_html_count(sva_document_count(histogram, "draws")),
        sva_html_count(sva_document_count(histogram, "series"))};
    const char *values[] = {figures[0].text, figures[1].text};
    sva_html_fill_plain(html, NOTES[kind_of(test)], values, 2);
}

/** "p = 0.043 · exact"; far down as a power of ten, with its exponent raised. */
static void put_p(struct sva_html *html, const cJSON *test)
{
    const double log10_p = sva_document_number(test, "log10_p");
    if (kind_of(test) == ROW_EMPIRICAL) {
        sva_html_raw(html, "p –");
    } else if (log10_p >= -3.0) {
        sva_html_raw(html, "p = ");
        sva_html_raw(html, sva_html_number(pow(10.0, fmin(log10_p, 0.0)), 3).text);
    } else {
        sva_html_raw(html, "p = 10<tspan dy=\"-4\" font-size=\"9\">");
        sva_html_raw(html, sva_html_number(log10_p, 4).text);
        sva_html_raw(html, "</tspan><tspan dy=\"4\"> </tspan>");
    }
    sva_html_raw(html, " · ");
    sva_html_text(html, label_of(html, test));
}

/** One test; returns the row's height. */
static double put_row(struct sva_html *html, const struct axis *axis, const cJSON *test, double top)
{
    const bool drawn = is_drawn(test);
    const double middle = drawn ? top + ROW_HEIGHT / 2.0 : top + PLAIN_ROW_HEIGHT / 2.0;
    put_label(html, "", LEFT - 10, "end", middle + 4);
    sva_html_text(html, sva_document_text(test, "id"));
    sva_html_raw(html, "</text>\n");
    put_label(html, "", LEFT + PLOT + 12, "start", drawn ? middle - 2 : middle + 4);
    put_p(html, test);
    sva_html_raw(html, "</text>\n");
    if (!drawn) {
        put_label(html, "s over", place(axis, 0.0), "middle", middle + 4);
        put_note(html, test);
        sva_html_raw(html, "</text>\n");
        return PLAIN_ROW_HEIGHT;
    }
    put_label(html, "s", LEFT + PLOT + 12, "start", middle + 13);
    put_note(html, test);
    sva_html_raw(html, "</text>\n");
    if (kind_of(test) == ROW_DRAWS) {
        put_draws(html, axis, test, top);
    } else {
        put_z(html, axis, test, top);
    }
    return ROW_HEIGHT;
}

static void put_picture(struct sva_html *html, const struct axis *axis, const cJSON *tests,
                        const char *const *names)
{
    const double bottom = TOP + axis->height + 6;
    const struct sva_html_figure figures[] = {sva_html_count(axis->count),
                                              sva_html_count(axis->drawn)};
    const char *values[] = {figures[0].text, figures[1].text};
    const unsigned id = ++html->picture;
    const cJSON *test = NULL;
    double top = TOP;
    size_t at = 0;
    sva_bytes_printf(
        html->out,
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"12\" aria-labelledby=\"%st%u %sd%u\">"
        "<title id=\"%st%u\">",
        LEFT + PLOT + RIGHT, (int)bottom + BOTTOM, html->prefix, id, html->prefix, id, html->prefix,
        id);
    sva_html_fill_plain(html, SVA_HTML_NULLS_TITLE, names, 2);
    sva_bytes_printf(html->out, "</title><desc id=\"%sd%u\">", html->prefix, id);
    sva_html_fill_plain(html, SVA_HTML_NULLS_DESC, values, 2);
    sva_html_raw(html, "</desc>\n");
    put_ticks(html, axis, bottom);
    cJSON_ArrayForEach(test, tests)
    {
        if (at++ < axis->count) {
            top += put_row(html, axis, test, top);
        }
    }
    sva_html_raw(html, "</svg>\n");
}

static bool put_component(struct sva_html *html, const struct sva_html_component *component)
{
    const cJSON *tests = sva_document_at(component->result, "tests");
    const char *names[] = {
        sva_document_text(component->subject, "name"),
        sva_document_text(sva_document_at(component->comparison, "reference"), "name")};
    struct axis axis = {.count = 0};
    measure(&axis, tests);
    if (axis.drawn == 0) {
        return false;
    }
    sva_html_raw(html, "<figure><figcaption>");
    sva_html_fill(html, SVA_HTML_HEAT_TITLE, names, 2);
    sva_html_raw(html, "</figcaption>\n");
    put_picture(html, &axis, tests, names);
    sva_html_raw(html, "</figure>\n");
    return true;
}

void sva_html_nulls(struct sva_html *html)
{
    size_t shown = 0;
    sva_html_section(html, "nulls", SVA_HTML_NULLS);
    sva_html_paragraph(html, SVA_HTML_NULLS_INTRO);
    sva_html_paragraph(html, SVA_HTML_NULLS_READING);
    for (size_t i = 0; i < html->component_count && shown < SVA_HTML_PICTURES; i++) {
        shown += put_component(html, &html->components[i]) ? 1 : 0;
    }
    if (shown == 0) {
        sva_html_paragraph(html, SVA_HTML_NULLS_NONE);
    }
    sva_html_section_end(html);
}

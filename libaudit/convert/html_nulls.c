/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests observed beside what chance gives. A report holds z, the statistic standardised by its
 * exact mean and deviation over all renumberings, so chance is 0 +- 1 on one axis for every test.
 */
#include <math.h>
#include <string.h>

#include "convert/html_page.h"

enum {
    TESTS_MOST = 40,
    LEFT = 250,
    PLOT = 430,
    RIGHT = 180,
    TOP = 40,
    ROW_HEIGHT = 20,
    BOTTOM = 34,
    CURVE_STEPS = 48
};

struct axis {
    double least, most; /**< of z, already on the scale */
    size_t count;
    double largest;
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

static double z_of(const cJSON *test)
{
    const double z = sva_document_number(test, "z");
    return fabs(z) <= 1e6 ? z : (double)NAN;
}

static void measure(struct axis *axis, const cJSON *tests)
{
    const cJSON *test = NULL;
    double least = -3.6;
    double most = 3.6;
    axis->largest = -1e6;
    cJSON_ArrayForEach(test, tests)
    {
        const double z = z_of(test);
        if (isnan(z) || axis->count == TESTS_MOST) {
            continue;
        }
        least = fmin(least, z);
        most = fmax(most, z);
        axis->largest = fmax(axis->largest, z);
        axis->count++;
    }
    axis->least = scale_of(least) - 0.3;
    axis->most = scale_of(most) + 0.4;
}

static void put_number(struct sva_html *html, double value)
{
    sva_html_raw(html, sva_html_number(value, 5).text);
}

static void put_line(struct sva_html *html, enum sva_html_paint paint, double x, double y0,
                     double y1)
{
    sva_bytes_printf(html->out, "<path %s d=\"M", sva_html_paint(paint));
    put_number(html, x);
    sva_html_raw(html, " ");
    put_number(html, y0);
    sva_html_raw(html, "V");
    put_number(html, y1);
    sva_html_raw(html, "\"/>");
}

/** The bell of chance over the plot, and three bands of one deviation each. */
static void put_chance(struct sva_html *html, const struct axis *axis, double bottom)
{
    for (int i = 1; i <= 3; i++) {
        const double left = place(axis, -i);
        sva_bytes_printf(html->out, "<rect %s x=\"", sva_html_paint(SVA_PAINT_CHANCE));
        put_number(html, left);
        sva_bytes_printf(html->out, "\" y=\"%d\" width=\"", TOP);
        put_number(html, place(axis, i) - left);
        sva_html_raw(html, "\" height=\"");
        put_number(html, bottom - TOP);
        sva_html_raw(html, "\"/>");
    }
    sva_bytes_printf(html->out, "<path %s d=\"M", sva_html_paint(SVA_PAINT_BELL));
    for (int i = 0; i <= CURVE_STEPS; i++) {
        const double z = -3.0 + 6.0 * i / CURVE_STEPS;
        put_number(html, place(axis, z));
        sva_html_raw(html, " ");
        put_number(html, TOP - 24.0 * exp(-z * z / 2.0));
        sva_html_raw(html, i < CURVE_STEPS ? "L" : "\"/>\n");
    }
}

static void put_ticks(struct sva_html *html, const struct axis *axis, double bottom)
{
    static const double TICKS[] = {-100, -30, -10, -3, 0, 3, 10, 30, 100, 300, 1000, 10000, 100000};
    for (size_t i = 0; i < sizeof TICKS / sizeof *TICKS; i++) {
        const double at = scale_of(TICKS[i]);
        if (at < axis->least || at > axis->most) {
            continue;
        }
        put_line(html, SVA_PAINT_AXIS, place(axis, TICKS[i]), TOP, bottom + 3);
        sva_html_raw(html, "<text class=\"s\" text-anchor=\"middle\" x=\"");
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
    sva_bytes_printf(html->out, "\" y=\"%d\">", TOP - 28);
    sva_html_say(html, SVA_HTML_NULLS_CHANCE);
    sva_html_raw(html, "</text>\n");
}

static void put_label(struct sva_html *html, const char *class, int x, const char *anchor, double y)
{
    sva_bytes_printf(html->out, "<text class=\"%s\" x=\"%d\" text-anchor=\"%s\" y=\"", class, x,
                     anchor);
    put_number(html, y + 4);
    sva_html_raw(html, "\">");
}

static void put_test(struct sva_html *html, const struct axis *axis, const cJSON *test, double y)
{
    const double z = z_of(test);
    const char *label =
        sva_html_word(html->lang, SVA_WORDS_P_LABEL, sva_document_text(test, "label"));
    const struct sva_html_figure figures[] = {
        sva_html_number(z, 4), sva_html_number(sva_document_number(test, "log10_p"), 4)};
    const char *values[] = {sva_document_text(test, "id"), figures[0].text, figures[1].text, label};
    put_label(html, "", LEFT - 10, "end", y);
    sva_html_text(html, sva_document_text(test, "id"));
    sva_bytes_printf(html->out, "</text><path %s d=\"M", sva_html_paint(SVA_PAINT_OBSERVED));
    put_number(html, place(axis, 0));
    sva_html_raw(html, " ");
    put_number(html, y);
    sva_html_raw(html, "H");
    put_number(html, place(axis, z));
    sva_bytes_printf(
        html->out, "\"/><circle %s r=\"4\" cx=\"",
        sva_html_paint(sva_document_bool(test, "decides") ? SVA_PAINT_DECIDES : SVA_PAINT_BESIDE));
    put_number(html, place(axis, z));
    sva_html_raw(html, "\" cy=\"");
    put_number(html, y);
    sva_html_raw(html, "\"><title>");
    sva_html_fill_plain(html, SVA_HTML_NULLS_POINT, values, 4);
    sva_html_raw(html, "</title></circle>");
    put_label(html, "s", LEFT + PLOT + 10, "start", y);
    sva_html_raw(html, "p = 10^");
    sva_html_raw(html, figures[1].text);
    sva_html_raw(html, " · ");
    sva_html_text(html, label);
    sva_html_raw(html, "</text>\n");
}

static void put_picture(struct sva_html *html, const struct axis *axis, const cJSON *tests,
                        const char *const *names)
{
    const double bottom = TOP + (double)axis->count * ROW_HEIGHT + 6;
    const struct sva_html_figure figures[] = {sva_html_count(axis->count),
                                              sva_html_number(axis->largest, 4)};
    const char *values[] = {figures[0].text, figures[1].text};
    const unsigned id = ++html->picture;
    const cJSON *test = NULL;
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
    put_chance(html, axis, bottom);
    put_ticks(html, axis, bottom);
    cJSON_ArrayForEach(test, tests)
    {
        if (!isnan(z_of(test)) && at < axis->count) {
            put_test(html, axis, test, TOP + ((double)at + 0.5) * ROW_HEIGHT + 3);
            at++;
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
    if (axis.count == 0) {
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
    for (size_t i = 0; i < html->component_count && shown < SVA_HTML_PICTURES; i++) {
        shown += put_component(html, &html->components[i]) ? 1 : 0;
    }
    if (shown == 0) {
        sva_html_paragraph(html, SVA_HTML_NULLS_NONE);
    }
    sva_html_section_end(html);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "report/svg_plot.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "report/columns.h"

enum {
    PARTS_MOST = 6,
    MARKS_MOST = PARTS_MOST + 2,
    LEGEND_Y = 44,
    KEY_WIDTH = 24,
    LETTER_WIDTH = 6,
    LEGEND_GAP = 22
};

static const double BOTTOM_Y = SVA_PLOT_HEIGHT - SVA_PLOT_BOTTOM;
static const double RIGHT_X = SVA_PLOT_WIDTH - SVA_PLOT_RIGHT;

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

static void put_fixed(struct sva_svg_plot *plot, double pixels)
{
    sva_columns_fixed(&plot->out, pixels, 1);
}

/** ` name="12.5"` */
static void put_pixels(struct sva_svg_plot *plot, const char *name, double pixels)
{
    sva_bytes_printf(&plot->out, " %s=\"", name);
    put_fixed(plot, pixels);
    sva_bytes_text(&plot->out, "\"");
}

double sva_svg_x(const struct sva_svg_plot *plot, double x)
{
    return SVA_PLOT_LEFT + (x - plot->x0) / (plot->x1 - plot->x0) * (RIGHT_X - SVA_PLOT_LEFT);
}

double sva_svg_y(const struct sva_svg_plot *plot, double y)
{
    return BOTTOM_Y - (y - plot->y0) / (plot->y1 - plot->y0) * (BOTTOM_Y - SVA_PLOT_TOP);
}

double sva_svg_step(double span)
{
    static const double nice[] = {1.0, 2.0, 5.0};
    double power = 1e-12;
    while (power < 1e300) {
        for (size_t i = 0; i < 3; i++) {
            if (span / (nice[i] * power) <= PARTS_MOST) {
                return nice[i] * power;
            }
        }
        power *= 10.0;
    }
    return span;
}

void sva_svg_point(struct sva_svg_plot *plot, double x, double y)
{
    put_fixed(plot, sva_svg_x(plot, x));
    sva_bytes_text(&plot->out, ",");
    put_fixed(plot, sva_svg_y(plot, y));
    sva_bytes_text(&plot->out, " ");
}

void sva_svg_line(struct sva_svg_plot *plot, double x0, double y0, double x1, double y1,
                  const char *style)
{
    sva_bytes_text(&plot->out, "<polyline points=\"");
    sva_svg_point(plot, x0, y0);
    sva_svg_point(plot, x1, y1);
    sva_bytes_printf(&plot->out, "\" fill=\"none\" %s/>\n", style);
}

static void put_text(struct sva_svg_plot *plot, double x, double y, const char *attributes,
                     const char *text)
{
    sva_bytes_text(&plot->out, "<text");
    put_pixels(plot, "x", x);
    put_pixels(plot, "y", y);
    sva_bytes_printf(&plot->out, " %s>", attributes);
    put_escaped(&plot->out, text);
    sva_bytes_text(&plot->out, "</text>\n");
}

void sva_svg_text(struct sva_svg_plot *plot, double x, double y, const char *anchor,
                  const char *text)
{
    put_text(plot, x, y,
             strcmp(anchor, "start") == 0    ? "text-anchor=\"start\""
             : strcmp(anchor, "middle") == 0 ? "text-anchor=\"middle\""
                                             : "text-anchor=\"end\"",
             text);
}

static void put_number(struct sva_svg_plot *plot, double x, double y, const char *anchor,
                       double value)
{
    struct sva_bytes text = {.data = NULL};
    sva_bytes_json_number(&text, value, 12);
    sva_svg_text(plot, x, y, anchor, text.data != NULL ? (const char *)text.data : "");
    plot->out.failed = plot->out.failed || text.failed;
    sva_bytes_done(&text);
}

/** Round values in [low, high], at most MARKS_MOST of them; returns how many. */
static size_t round_values(double low, double high, bool whole, double values[MARKS_MOST])
{
    const double least = sva_svg_step(high - low);
    const double step = whole && least < 1.0 ? 1.0 : least;
    const double first = ceil(low / step - 1e-9);
    size_t count = 0;
    while (count < MARKS_MOST && (first + (double)count) * step <= high + step * 1e-9) {
        values[count] = (first + (double)count) * step;
        count++;
    }
    return count;
}

static void put_marks(struct sva_svg_plot *plot)
{
    double values[MARKS_MOST];
    size_t count = round_values(plot->y0, plot->y1, false, values);
    for (size_t i = 0; i < count; i++) {
        sva_svg_line(plot, plot->x0, values[i], plot->x1, values[i], "stroke=\"#ddd\"");
        put_number(plot, SVA_PLOT_LEFT - 8.0, sva_svg_y(plot, values[i]) + 4.0, "end", values[i]);
    }
    count = round_values(plot->x0, plot->x1, plot->whole_x, values);
    for (size_t i = 0; i < count; i++) {
        const double x = sva_svg_x(plot, values[i]);
        sva_bytes_text(&plot->out, "<path d=\"M");
        put_fixed(plot, x);
        sva_bytes_printf(&plot->out, " %dv5\" stroke=\"#555\"/>\n", (int)BOTTOM_Y);
        const bool last = x > RIGHT_X - 1.0; /* long numbers would leave the canvas */
        put_number(plot, last ? SVA_PLOT_WIDTH - 4.0 : x, BOTTOM_Y + 20.0, last ? "end" : "middle",
                   values[i]);
    }
    sva_svg_line(plot, plot->x0, plot->y0, plot->x1, plot->y0, "stroke=\"#555\"");
}

void sva_svg_open(struct sva_svg_plot *plot, enum sva_lang lang, const char *title,
                  const char *x_name, const char *y_name)
{
    sva_bytes_printf(
        &plot->out,
        "<svg%s viewBox=\"0 0 %d %d\" role=\"img\" xml:lang=\"%s\" font-family=\"'Noto Sans KR','Noto Sans CJK "
        "KR','Malgun Gothic','Apple SD Gothic Neo',sans-serif\" font-size=\"12\" "
        "fill=\"#222\">\n<title>",
        plot->inside ? "" : " xmlns=\"http://www.w3.org/2000/svg\"", SVA_PLOT_WIDTH,
        SVA_PLOT_HEIGHT, lang == SVA_LANG_KO ? "ko" : "en");
    put_escaped(&plot->out, title);
    sva_bytes_text(&plot->out, "</title>\n");
    sva_bytes_text(&plot->out, plot->inside
                                   ? ""
                                   : "<style>text{paint-order:stroke;stroke:#fff;stroke-width:3px;"
                                     "stroke-linejoin:round}</style>\n");
    sva_bytes_printf(&plot->out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                     SVA_PLOT_WIDTH, SVA_PLOT_HEIGHT);
    put_text(plot, 16.0, 24.0, "font-size=\"15\" font-weight=\"bold\"", title);
    put_text(plot, 16.0, SVA_PLOT_TOP - 14.0, "fill=\"#555\"", y_name);
    put_text(plot, RIGHT_X, SVA_PLOT_HEIGHT - 14.0, "text-anchor=\"end\" fill=\"#555\"", x_name);
    put_marks(plot);
    plot->legend_x = 16.0;
}

void sva_svg_legend(struct sva_svg_plot *plot, enum sva_svg_key key, const char *style,
                    const char *name)
{
    const double x = plot->legend_x;
    if (key == SVA_KEY_LINE) {
        sva_bytes_text(&plot->out, "<path d=\"M");
        put_fixed(plot, x);
        sva_bytes_printf(&plot->out, " %dh%d\" fill=\"none\" %s/>\n", LEGEND_Y - 4, KEY_WIDTH,
                         style);
    } else if (key == SVA_KEY_DOT) {
        sva_bytes_text(&plot->out, "<circle");
        put_pixels(plot, "cx", x + KEY_WIDTH / 2.0);
        sva_bytes_printf(&plot->out, " cy=\"%d\" r=\"4\" %s/>\n", LEGEND_Y - 4, style);
    } else {
        sva_bytes_text(&plot->out, "<rect");
        put_pixels(plot, "x", x);
        sva_bytes_printf(&plot->out, " y=\"%d\" width=\"%d\" height=\"12\" %s/>\n", LEGEND_Y - 10,
                         KEY_WIDTH, style);
    }
    sva_svg_text(plot, x + KEY_WIDTH + 6.0, LEGEND_Y, "start", name);
    plot->legend_x = x + KEY_WIDTH + 6.0 + LEGEND_GAP +
                     (double)(sva_columns_width(name, strlen(name)) * LETTER_WIDTH);
}

void sva_svg_dot(struct sva_svg_plot *plot, double x, double y, const char *fill, const char *tip)
{
    sva_bytes_text(&plot->out, "<circle");
    put_pixels(plot, "cx", sva_svg_x(plot, x));
    put_pixels(plot, "cy", sva_svg_y(plot, y));
    sva_bytes_printf(&plot->out, " r=\"4\" fill=\"%s\"><title>", fill);
    put_escaped(&plot->out, tip);
    sva_bytes_text(&plot->out, "</title></circle>\n");
}

void sva_svg_band(struct sva_svg_plot *plot, double from, double to, const char *fill)
{
    sva_bytes_text(&plot->out, "<rect");
    put_pixels(plot, "x", sva_svg_x(plot, from));
    put_pixels(plot, "width", sva_svg_x(plot, to) - sva_svg_x(plot, from));
    sva_bytes_printf(&plot->out, " y=\"%d\" height=\"%d\" fill=\"%s\"/>\n", SVA_PLOT_TOP,
                     (int)BOTTOM_Y - SVA_PLOT_TOP, fill);
}

enum sva_status sva_svg_close(struct sva_svg_plot *plot, char **text, size_t *size_bytes,
                              struct sva_error *error)
{
    sva_bytes_text(&plot->out, "</svg>\n");
    if (plot->out.failed || plot->out.data == NULL) {
        sva_bytes_done(&plot->out);
        return sva_fail_memory(error, "drawing a plot");
    }
    *text = (char *)plot->out.data;
    *size_bytes = plot->out.size;
    return SVA_OK;
}

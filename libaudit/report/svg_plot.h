/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A plot with two axes as SVG: no script, no font file, no address but the namespace. Values are
 * placed on a canvas of fixed size; text is escaped and has a white rim, so that lines behind it do
 * not hide it. What goes wrong shows in `out.failed`.
 */
#ifndef SVA_REPORT_SVG_PLOT_H
#define SVA_REPORT_SVG_PLOT_H

#include <sovaudit/report.h>

#include "base/memory.h"

/** Pixels. */
enum {
    SVA_PLOT_WIDTH = 760,
    SVA_PLOT_HEIGHT = 420,
    SVA_PLOT_LEFT = 60,
    SVA_PLOT_RIGHT = 24,
    SVA_PLOT_TOP = 84,
    SVA_PLOT_BOTTOM = 56
};

/** Values x in [x0, x1], y in [y0, y1]; x1 > x0 and y1 > y0. */
struct sva_svg_plot {
    struct sva_bytes out;
    double x0, x1, y0, y1;
    bool whole_x; /**< marks of the x axis stand at whole numbers only */
    bool inside;  /**< of a page of HTML, whose style sheet gives texts their rim */
    double legend_x;
};

/** What an entry of the legend looks like. */
enum sva_svg_key { SVA_KEY_LINE, SVA_KEY_DOT, SVA_KEY_BOX };

/** Least distance of the form 1, 2 or 5 times a power of ten that cuts `span` into six or fewer. */
double sva_svg_step(double span);

/** Root, title and both axes with marks at round numbers. */
void sva_svg_open(struct sva_svg_plot *plot, enum sva_lang lang, const char *title,
                  const char *x_name, const char *y_name);
/** One more entry of the legend, right of the one before. `style`: attributes of SVG. */
void sva_svg_legend(struct sva_svg_plot *plot, enum sva_svg_key key, const char *style,
                    const char *name);
/** Ends the document and hands it over. */
SVA_MUST_CHECK enum sva_status sva_svg_close(struct sva_svg_plot *plot, char **text,
                                             size_t *size_bytes, struct sva_error *error);

/** Pixels of a value. */
double sva_svg_x(const struct sva_svg_plot *plot, double x);
double sva_svg_y(const struct sva_svg_plot *plot, double y);

/** A line between two values. */
void sva_svg_line(struct sva_svg_plot *plot, double x0, double y0, double x1, double y1,
                  const char *style);
/** "x,y " of a value, within a polyline's points. */
void sva_svg_point(struct sva_svg_plot *plot, double x, double y);
/** Text at pixels; `anchor` is start, middle or end. */
void sva_svg_text(struct sva_svg_plot *plot, double x, double y, const char *anchor,
                  const char *text);
/** A dot at a value, with a text that shows when pointed at. */
void sva_svg_dot(struct sva_svg_plot *plot, double x, double y, const char *fill, const char *tip);
/** A band over the whole height, between two values of x. */
void sva_svg_band(struct sva_svg_plot *plot, double from, double to, const char *fill);

#endif

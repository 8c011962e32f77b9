/* SPDX-License-Identifier: Apache-2.0 */
/** The two plots of a trace, drawn on a canvas that the caller opens: alone or inside of a page. */
#ifndef SVA_REPORT_TRACE_PLOT_H
#define SVA_REPORT_TRACE_PLOT_H

#include <sovaudit/report.h>
#include <sovaudit/trace.h>

#include "report/svg_plot.h"

/**
 * Draws without closing. Of the trace are read: checkpoints with path and step, the first row of
 * `similarity`, links with state and rho, and of the log points (ascending), gaps, least_loss and
 * expected_start. False, and nothing drawn: fewer than two checkpoints, or points.
 */
bool sva_trace_draw(struct sva_svg_plot *drawing, const struct sva_run_trace *trace,
                    enum sva_trace_plot plot, enum sva_lang lang);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** What check and compare have in common: options of the library, and reports written. */
#ifndef SOVAUDIT_CMD_AUDIT_OUTPUT_H
#define SOVAUDIT_CMD_AUDIT_OUTPUT_H

#include "settings.h"
#include "terminal.h"

/** Settings as the library wants them. `bar` shows the progress. */
struct sva_check_options audit_options(const struct settings *settings, struct bar *bar);

/** A report's JSON, as `check` made it or `convert` read it. */
struct report_bytes {
    const char *text;
    size_t size;
    const char *name; /**< its path, for messages */
};

/** Checks every -o of a report, and --pdf, before long work starts. -1 or an exit code. */
int audit_outputs_check(const struct settings *settings);

/** Every -o that is made from the JSON, and --pdf. EXIT_DONE or the exit code of what went wrong. */
int convert_write(const struct settings *settings, const struct report_bytes *report);

/** -1 when every path is there, else EXIT_INCOMPLETE after a message. */
int audit_paths_check(const char *const *paths, size_t count);

/**
 * The earlier report of --baseline, NULL without one; sva_baseline_free() it. -1 or an exit code.
 */
int baseline_open(const struct settings *settings, struct sva_baseline **baseline);

/**
 * Marks what is new in a report since `baseline`: `report` then lends from `*text`, a new buffer;
 * free() it, and sva_baseline_view_free() the outcome. EXIT_DONE or the exit code of what went wrong.
 */
int baseline_mark(const struct settings *settings, const struct sva_baseline *baseline,
                  struct report_bytes *report, char **text, struct sva_baseline_view **view);

/**
 * Report to stdout and to every -o, beside `baseline` unless that is NULL; it may change the
 * audit's exit code. EXIT_DONE or the exit code of what went wrong.
 */
int audit_write(const struct settings *settings, struct sva_audit *audit,
                const struct sva_baseline *baseline);

/**
 * The reference store to use: --refs, else the default when it exists, else NULL. Free it. -1 or
 * an exit code after a message.
 */
int audit_store_path(const struct settings *settings, char **path);

#endif

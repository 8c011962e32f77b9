/* SPDX-License-Identifier: Apache-2.0 */
/** Other formats of a report, from its JSON. */
#ifndef SOVAUDIT_CONVERT_H
#define SOVAUDIT_CONVERT_H

#include <sovaudit/audit.h>
#include <sovaudit/report.h>

/**
 * Reads a report's file; of an HTML report, the JSON inside. New buffer, free(). Errors: IO, LIMIT
 * (above 256 MiB), CORRUPT (a page with no report inside), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_report_load(const char *path, char **text,
                                                       size_t *size_bytes, struct sva_error *error);

/** Names of the formats that sva_convert() knows; NULL ends. */
SVA_API const char *const *sva_convert_formats(void);

/**
 * Renders a report's JSON in another format. `name` is the report's path, for messages. New buffer,
 * free(). Errors: USAGE (no such format), CORRUPT, UNSUPPORTED, LIMIT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_convert(const char *json, size_t json_bytes,
                                                   const char *name, const char *format,
                                                   enum sva_lang lang, char **text,
                                                   size_t *size_bytes, struct sva_error *error);

/** An earlier report, judged by rules. */
struct sva_baseline;

/**
 * Reads an earlier report; sva_baseline_free(). Errors: IO, CORRUPT, UNSUPPORTED, LIMIT, MEMORY,
 * USAGE (it was judged by no rules).
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_baseline_load(const char *path,
                                                         struct sva_baseline **baseline,
                                                         struct sva_error *error);
SVA_API void sva_baseline_free(struct sva_baseline *baseline);

/** What the exit code of a marked report says. */
struct sva_baseline_gate {
    bool new_only; /**< it counts new results only; else it stays as it is */
    enum sva_fail_on fail_on;
};

/**
 * A report's JSON, its results marked as new, unchanged or updated, with what the earlier report
 * held and this one does not. Results are the same when rule, component and reference are. `*text`
 * is a new buffer, free(); the view lends from the baseline, sva_baseline_view_free() it first.
 * Errors: CORRUPT, UNSUPPORTED, LIMIT, MEMORY, USAGE (another rule pack judged the baseline).
 */
SVA_MUST_CHECK SVA_API enum sva_status
sva_baseline_mark(const struct sva_baseline *baseline, const char *json, size_t json_bytes,
                  const char *name, const struct sva_baseline_gate *gate, char **text,
                  size_t *size_bytes, struct sva_baseline_view **view, struct sva_error *error);
SVA_API void sva_baseline_view_free(struct sva_baseline_view *view);

#endif

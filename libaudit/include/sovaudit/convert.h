/* SPDX-License-Identifier: Apache-2.0 */
/** Other formats of a report, from its JSON. */
#ifndef SOVAUDIT_CONVERT_H
#define SOVAUDIT_CONVERT_H

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
 * free(). Errors: USAGE (no such format), CORRUPT, UNSUPPORTED, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_convert(const char *json, size_t json_bytes,
                                                   const char *name, const char *format,
                                                   enum sva_lang lang, char **text,
                                                   size_t *size_bytes, struct sva_error *error);

#endif

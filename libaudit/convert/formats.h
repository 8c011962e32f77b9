/* SPDX-License-Identifier: Apache-2.0 */
/** The renderers, one per format. */
#ifndef SVA_CONVERT_FORMATS_H
#define SVA_CONVERT_FORMATS_H

#include <sovaudit/report.h>

#include "base/memory.h"
#include "convert/document.h"

struct sva_render_options {
    enum sva_lang lang;
    struct sva_span json; /**< the report's own bytes, for its digest */
};

/** Appends a report in one format. Memory trouble shows in out->failed. Errors: MEMORY. */
typedef enum sva_status sva_render(const cJSON *report, const struct sva_render_options *options,
                                   struct sva_bytes *out, struct sva_error *error);

/** SARIF 2.1.0: what failed, wants a look or was found, for code scanning. */
sva_render sva_render_sarif;

/** JUnit XML: one suite per rule pack, one case per result. */
sva_render sva_render_junit;

/** CycloneDX 1.6 in JSON: the model, its licences and ancestors, and what was attested. */
sva_render sva_render_cyclonedx;

/** OSCAL 1.2 assessment results against the catalogue of the rule pack. */
sva_render sva_render_oscal;

/** Every figure in a table, RFC 4180. */
sva_render sva_render_csv;

/** For a pull request or a job's summary: the verdict, what was found, what limits it. */
sva_render sva_render_markdown;

/** One page that loads nothing and runs nothing; in the language asked for, or in both. */
sva_render sva_render_html, sva_render_html_both;

/** The same of a training run, with its two plots. */
sva_render sva_render_trace, sva_render_trace_both;

#endif

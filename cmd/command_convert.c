/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit convert REPORT.json: other formats of a report, without its model. */
#include <stdlib.h>

#include "audit_output.h"

static int check_settings(const struct settings *settings)
{
    int code = audit_outputs_check(settings);
    code = code < 0 ? audit_paths_check(settings->operands, 1) : code;
    if (code >= 0) {
        return code;
    }
    if (settings->fail_on != SVA_FAIL_ON_FAIL && !settings->fail_on_new) {
        return complain_usage("--fail-on of convert goes with --fail-on-new; without it convert "
                              "exits 0");
    }
    return settings->outputs.count == 0 && settings->pdf == NULL && !settings->fail_on_new
               ? complain_usage("convert wants at least one -o FORMAT=PATH, or --pdf PATH")
               : -1;
}

/** Writes a report beside `baseline`, if any. The exit code. */
static int convert(const struct settings *settings, const struct sva_baseline *baseline)
{
    struct report_bytes report = {.name = settings->operands[0]};
    struct sva_error error = {.status = SVA_OK};
    struct sva_baseline_view *view = NULL;
    char *text = NULL;
    char *marked = NULL;
    int code = EXIT_DONE;
    if (sva_report_load(settings->operands[0], &text, &report.size, &error) != SVA_OK) {
        return complain_error(&error);
    }
    report.text = text;
    if (baseline != NULL) {
        code = baseline_mark(settings, baseline, &report, &marked, &view);
    }
    code = code == EXIT_DONE ? convert_write(settings, &report) : code;
    if (code == EXIT_DONE && settings->fail_on_new) {
        code = view->exit_code;
    }
    sva_baseline_view_free(view);
    free(marked);
    free(text);
    return code;
}

int run_convert(const struct settings *settings)
{
    struct sva_baseline *baseline = NULL;
    int code = check_settings(settings);
    code = code < 0 ? baseline_open(settings, &baseline) : code;
    code = code < 0 ? convert(settings, baseline) : code;
    sva_baseline_free(baseline);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit convert REPORT.json: other formats of a report, without its model. */
#include <stdlib.h>

#include "audit_output.h"

int run_convert(const struct settings *settings)
{
    struct report_bytes report = {.name = settings->operands[0]};
    struct sva_error error = {.status = SVA_OK};
    char *text = NULL;
    int code = audit_outputs_check(settings);
    code = code < 0 ? audit_paths_check(settings->operands, 1) : code;
    if (code >= 0) {
        return code;
    }
    if (settings->outputs.count == 0 && settings->pdf == NULL) {
        return complain_usage("convert wants at least one -o FORMAT=PATH, or --pdf PATH");
    }
    if (sva_report_load(settings->operands[0], &text, &report.size, &error) != SVA_OK) {
        return complain_error(&error);
    }
    report.text = text;
    code = convert_write(settings, &report);
    free(text);
    return code;
}

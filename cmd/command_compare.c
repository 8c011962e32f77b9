/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit compare A B: one reference given by path, no store, no rules. */
#include "audit_output.h"

int run_compare(const struct settings *settings)
{
    int code = audit_outputs_check(settings);
    code = code < 0 ? audit_paths_check(settings->operands, settings->operand_count) : code;
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    struct sva_check_options options = audit_options(settings, &bar);
    options.ref_paths = &settings->operands[1];
    options.ref_path_count = 1;
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_check(settings->operands[0], &options, &result, &error);
    bar_end(&bar);
    code = status == SVA_OK ? audit_write(settings, sva_audit_of(result), NULL)
                            : complain_error(&error);
    sva_audit_free(result);
    return code;
}

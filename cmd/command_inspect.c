/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit inspect MODEL: exit code 0 when the files are sound, 2 when they are refused. */
#include <stdlib.h>

#include "audit_output.h"

int run_inspect(const struct settings *settings)
{
    struct sva_model *model = NULL;
    struct sva_error error = {.status = SVA_OK};
    char *text = NULL;
    size_t size = 0;
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_progress progress = bar_progress(&bar);
    struct sva_limits limits = sva_limits_default();
    limits.progress = &progress;
    enum sva_status status = sva_model_open(settings->operands[0], &limits, &model, &error);
    bar_end(&bar);
    if (status == SVA_OK) {
        status = settings->json
                     ? sva_inspect_json(model, &text, &size, &error)
                     : sva_inspect_text(model, (enum sva_lang)settings->lang,
                                        terminal_colour(settings), &text, &size, &error);
    }
    int code = EXIT_INCOMPLETE;
    if (status == SVA_OK) {
        code = print_result(text, size);
    } else {
        (void)complain_error(&error);
    }
    free(text);
    sva_model_close(model);
    return code;
}

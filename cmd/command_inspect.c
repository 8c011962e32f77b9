/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit inspect MODEL: exit code 0 when the files are sound, 2 when they are refused. */
#include <stdlib.h>

#include "audit_output.h"

/** The model's text or JSON, with what the facts database says. */
static enum sva_status render(const struct settings *settings, const struct sva_model *model,
                              char **text, size_t *size, struct sva_error *error)
{
    struct sva_known *known = NULL;
    struct sva_knowledge *knowledge = NULL;
    enum sva_status status = sva_known_load(NULL, &known, error);
    if (status == SVA_OK) {
        status = sva_knowledge_of_model(known, model, &knowledge, error);
    }
    if (status == SVA_OK) {
        status = settings->json ? sva_inspect_json(model, knowledge, text, size, error)
                                : sva_inspect_text(model, knowledge, (enum sva_lang)settings->lang,
                                                   terminal_colour(settings), text, size, error);
    }
    sva_knowledge_free(knowledge);
    sva_known_free(known);
    return status;
}

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
        status = render(settings, model, &text, &size, &error);
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

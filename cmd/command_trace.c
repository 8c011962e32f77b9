/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit trace CKPT...: a training run as evidence. */
#include <stdlib.h>
#include <string.h>

#include "audit_output.h"

/** "600=runs/a" names the path behind the number. */
static const char *path_of(const char *operand)
{
    const size_t digits = strspn(operand, "0123456789");
    return digits > 0 && operand[digits] == '=' ? operand + digits + 1 : operand;
}

static int check_inputs(const struct settings *settings)
{
    int code = audit_outputs_check(settings);
    for (size_t i = 0; i < settings->operand_count && code < 0; i++) {
        const char *path = path_of(settings->operands[i]);
        code = audit_paths_check(&path, 1);
    }
    code = code < 0 ? audit_paths_check(settings->refs.texts, settings->refs.count) : code;
    code = code < 0 ? audit_paths_check(settings->logs.texts, settings->logs.count) : code;
    return code < 0 && settings->declare != NULL ? audit_paths_check(&settings->declare, 1) : code;
}

static int save(const char *path, char *text, size_t size)
{
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_report_save(path, text, size, &error);
    free(text);
    if (status != SVA_OK) {
        (void)complain_error(&error);
        return EXIT_INCOMPLETE;
    }
    return EXIT_DONE;
}

static int write_plot(const struct settings *settings, const struct sva_run_trace *trace,
                      enum sva_trace_plot plot, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_trace_svg(trace, plot, (enum sva_lang)settings->lang, &text, &size, &error);
    const size_t length = strlen(settings->plots) + strlen(name) + 2;
    char *path = malloc(length);
    int code = EXIT_DONE;
    if (status == SVA_OK && path != NULL) {
        memcpy(path, settings->plots, strlen(settings->plots));
        path[strlen(settings->plots)] = '/';
        memcpy(path + strlen(settings->plots) + 1, name, strlen(name) + 1);
        code = save(path, text, size);
    } else if (status != SVA_ERR_NOTHING) { /* no log: no loss curve */
        free(text);
        (void)complain_error(&error);
        code = EXIT_INCOMPLETE;
    }
    free(path);
    return code;
}

/** One rendering: to stdout (`path` NULL or "-") or to a file. */
static int write_one(const struct settings *settings, const struct sva_run_trace *trace, bool json,
                     const char *path, int exit_code)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    const bool show = path == NULL;
    const enum sva_status status =
        json ? sva_trace_json(trace, exit_code, &text, &size, &error)
             : sva_trace_text(trace, (enum sva_lang)settings->lang,
                              show && terminal_colour(settings), show ? terminal_width() : 0, &text,
                              &size, &error);
    if (status != SVA_OK) {
        (void)complain_error(&error);
        return EXIT_INCOMPLETE;
    }
    if (!show && strcmp(path, "-") != 0) {
        return save(path, text, size);
    }
    const int code = print_result(text, size);
    free(text);
    return code;
}

static int write_all(const struct settings *settings, const struct sva_run_trace *trace,
                     int exit_code)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < settings->outputs.count && code == EXIT_DONE; i++) {
        const char *output = settings->outputs.texts[i];
        const bool json = strncmp(output, "json=", 5) == 0;
        code = write_one(settings, trace, json, output + 5, exit_code);
    }
    if (code == EXIT_DONE && settings->plots != NULL) {
        code = write_plot(settings, trace, SVA_PLOT_PATH, "path.svg");
        code = code == EXIT_DONE ? write_plot(settings, trace, SVA_PLOT_LOSS, "loss.svg") : code;
    }
    if (code == EXIT_DONE && (settings->json || !settings->quiet)) {
        code = write_one(settings, trace, settings->json, NULL, exit_code);
    }
    return code == EXIT_DONE ? exit_code : code;
}

int run_trace(const struct settings *settings)
{
    int code = check_inputs(settings);
    if (code >= 0) {
        return code;
    }
    char *store = NULL;
    code = audit_store_path(settings, &store);
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    struct sva_check_options check = audit_options(settings, &bar);
    check.store_path = store;
    const struct sva_trace_options options = {.checkpoints = settings->operands,
                                              .checkpoint_count = settings->operand_count,
                                              .logs = settings->logs.texts,
                                              .log_count = settings->logs.count,
                                              .declaration = settings->declare,
                                              .check = &check};
    struct sva_trace_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_trace_run(&options, &result, &error);
    bar_end(&bar);
    if (status == SVA_OK && !terminal_interrupted()) {
        const struct sva_run_trace *trace = sva_trace_of(result);
        code = write_all(settings, trace,
                         sva_trace_exit_code(trace->verdict, (enum sva_fail_on)settings->fail_on));
    } else {
        error.status = status == SVA_OK ? SVA_ERR_CANCELLED : error.status;
        code = complain_error(&error);
    }
    sva_trace_free(result);
    free(store);
    return code;
}

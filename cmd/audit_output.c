/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pdf.h"

/** Made from what the program knows: needs no conversion, and `convert` does not have it. */
static const char *const TEXT[] = {"text", NULL};
/** What a trace can be written as. */
static const char *const PLAIN[] = {"json", "text", NULL};

/** "json=report.json": the format, and where its path starts. NULL when it is none of `formats`. */
static const char *format_of(const char *output, const char *const *formats, const char **path)
{
    const size_t length = strcspn(output, "=");
    const bool named = output[length] == '=' && output[length + 1] != '\0';
    for (size_t i = 0; named && formats[i] != NULL; i++) {
        if (strlen(formats[i]) == length && memcmp(formats[i], output, length) == 0) {
            *path = output + length + 1;
            return formats[i];
        }
    }
    return NULL;
}

static bool known_output(const struct settings *settings, const char *output)
{
    const char *path = NULL;
    switch (settings->command->id) {
    case COMMAND_TRACE: return format_of(output, PLAIN, &path) != NULL;
    case COMMAND_CONVERT: return format_of(output, sva_convert_formats(), &path) != NULL;
    default:
        return format_of(output, TEXT, &path) != NULL ||
               format_of(output, sva_convert_formats(), &path) != NULL;
    }
}

/** "json, markdown": the formats that a command writes. */
static void list_formats(const struct settings *settings, char *list, size_t size)
{
    const bool trace = settings->command->id == COMMAND_TRACE;
    const char *const *formats = trace ? PLAIN : sva_convert_formats();
    size_t used = 0;
    for (size_t i = 0; formats[i] != NULL && used < size; i++) {
        used += (size_t)snprintf(list + used, size - used, "%s%s", i > 0 ? ", " : "", formats[i]);
    }
    if (!trace && settings->command->id != COMMAND_CONVERT && used < size) {
        (void)snprintf(list + used, size - used, ", text");
    }
}

int audit_outputs_check(const struct settings *settings)
{
    for (size_t i = 0; i < settings->outputs.count; i++) {
        if (!known_output(settings, settings->outputs.texts[i])) {
            char list[256] = "";
            list_formats(settings, list, sizeof list);
            return complain_usage("-o wants FORMAT=PATH with a format of %s; not \"%s\"", list,
                                  settings->outputs.texts[i]);
        }
    }
    return pdf_check(settings);
}

int audit_paths_check(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (access(paths[i], F_OK) != 0) {
            complain("%s: cannot be opened: %s", show(paths[i]).text,
                     errno == ENOENT ? "no such file or directory" : strerror(errno));
            return EXIT_INCOMPLETE;
        }
    }
    return -1;
}

struct sva_check_options audit_options(const struct settings *settings, struct bar *bar)
{
    return (struct sva_check_options){
        .ref_paths = settings->refs.texts,
        .ref_path_count = settings->refs.count,
        .ref_weights = settings->ref_weights.texts,
        .ref_weights_count = settings->ref_weights.count,
        .exclude = settings->exclude.texts,
        .exclude_count = settings->exclude.count,
        .own = settings->own.texts,
        .own_count = settings->own.count,
        .subject_date = settings->subject_date != NULL ? settings->subject_date : "",
        .init_path = settings->init,
        .as_of = settings->today,
        .threads = settings->threads,
        .quick = settings->quick,
        .compare = sva_compare_options_default(),
        .progress = bar_progress(bar),
    };
}

/** A rendering to its file or to the terminal; frees `text`. */
static int deliver(char *text, size_t size, const char *path)
{
    struct sva_error error = {.status = SVA_OK};
    int code = EXIT_DONE;
    if (path == NULL || strcmp(path, "-") == 0) {
        code = print_result(text, size);
    } else if (sva_report_save(path, text, size, &error) != SVA_OK) {
        (void)complain_error(&error);
        code = EXIT_INCOMPLETE;
    }
    free(text);
    return code;
}

int convert_write(const struct settings *settings, const struct report_bytes *report)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < settings->outputs.count && code == EXIT_DONE; i++) {
        const char *path = NULL;
        char *text = NULL;
        size_t size = 0;
        struct sva_error error = {.status = SVA_OK};
        const char *format = format_of(settings->outputs.texts[i], sva_convert_formats(), &path);
        if (format == NULL) {
            continue; /* text, from the audit itself */
        }
        code = sva_convert(report->text, report->size, report->name, format,
                           (enum sva_lang)settings->lang, &text, &size, &error) == SVA_OK
                   ? deliver(text, size, path)
                   : complain_error(&error);
    }
    return code == EXIT_DONE ? pdf_write(settings, report) : code;
}

static int write_text(const struct settings *settings, const struct sva_audit *audit,
                      const char *path)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    const bool to_terminal = path == NULL;
    const bool colour = to_terminal && terminal_colour(settings);
    const unsigned width = to_terminal ? terminal_width() : 0;
    const enum sva_lang lang = (enum sva_lang)settings->lang;
    const enum sva_status status =
        to_terminal && settings->brief
            ? sva_report_brief(audit, lang, colour, width, &text, &size, &error)
            : sva_report_text(audit, lang, colour, width, &text, &size, &error);
    return status == SVA_OK ? deliver(text, size, path) : complain_error(&error);
}

static int write_texts(const struct settings *settings, const struct sva_audit *audit)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < settings->outputs.count && code == EXIT_DONE; i++) {
        const char *path = NULL;
        if (format_of(settings->outputs.texts[i], TEXT, &path) != NULL) {
            code = write_text(settings, audit, path);
        }
    }
    return code == EXIT_DONE && !settings->json && !settings->quiet
               ? write_text(settings, audit, NULL)
               : code;
}

int baseline_open(const struct settings *settings, struct sva_baseline **baseline)
{
    struct sva_error error = {.status = SVA_OK};
    if (settings->baseline == NULL) {
        return settings->fail_on_new
                   ? complain_usage("--fail-on-new wants --baseline, an earlier report")
                   : -1;
    }
    return sva_baseline_load(settings->baseline, baseline, &error) == SVA_OK
               ? -1
               : complain_error(&error);
}

int baseline_mark(const struct settings *settings, const struct sva_baseline *baseline,
                  struct report_bytes *report, char **text, struct sva_baseline_view **view)
{
    const struct sva_baseline_gate gate = {.new_only = settings->fail_on_new,
                                           .fail_on = (enum sva_fail_on)settings->fail_on};
    struct sva_error error = {.status = SVA_OK};
    size_t size = 0;
    if (sva_baseline_mark(baseline, report->text, report->size, report->name, &gate, text, &size,
                          view, &error) != SVA_OK) {
        return complain_error(&error);
    }
    report->text = *text;
    report->size = size;
    return EXIT_DONE;
}

static int write_all(const struct settings *settings, const struct sva_audit *audit,
                     const struct report_bytes *report)
{
    int code = convert_write(settings, report);
    code = code == EXIT_DONE ? write_texts(settings, audit) : code;
    return code == EXIT_DONE && settings->json ? print_result(report->text, report->size) : code;
}

int audit_write(const struct settings *settings, struct sva_audit *audit,
                const struct sva_baseline *baseline)
{
    char *text = NULL;
    char *marked = NULL;
    struct sva_baseline_view *view = NULL;
    struct report_bytes report = {.name = "the report"};
    struct sva_error error = {.status = SVA_OK};
    int code = EXIT_DONE;
    if (sva_report_json(audit, &text, &report.size, &error) != SVA_OK) {
        return complain_error(&error);
    }
    report.text = text;
    if (baseline != NULL) {
        code = baseline_mark(settings, baseline, &report, &marked, &view);
    }
    if (view != NULL) {
        audit->baseline = view;
        audit->exit_code = view->exit_code;
    }
    code = code == EXIT_DONE ? write_all(settings, audit, &report) : code;
    audit->baseline = NULL;
    sva_baseline_view_free(view);
    free(marked);
    free(text);
    return code;
}

int audit_store_path(const struct settings *settings, char **path)
{
    struct sva_error error = {.status = SVA_OK};
    *path = NULL;
    if (settings->store != NULL) {
        const size_t size = strlen(settings->store) + 1;
        *path = malloc(size);
        if (*path == NULL) {
            complain("out of memory while looking for the reference store");
            return EXIT_INCOMPLETE;
        }
        memcpy(*path, settings->store, size);
        return -1;
    }
    const enum sva_status status = sva_refstore_default_path(path, &error);
    if (status != SVA_OK) { /* without a home there is no store */
        return status == SVA_ERR_NOT_FOUND ? -1 : complain_error(&error);
    }
    /* A store that is there and cannot be reached is no missing store: opening it says why. */
    if (access(*path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        free(*path);
        *path = NULL;
    }
    return -1;
}

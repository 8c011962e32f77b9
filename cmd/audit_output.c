/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct format {
    const char *name;
    enum sva_status (*render)(const struct settings *settings, const struct sva_audit *audit,
                              bool to_terminal, char **text, size_t *size,
                              struct sva_error *error);
};

static enum sva_status render_json(const struct settings *settings, const struct sva_audit *audit,
                                   bool to_terminal, char **text, size_t *size,
                                   struct sva_error *error)
{
    (void)settings;
    (void)to_terminal;
    return sva_report_json(audit, text, size, error);
}

static enum sva_status render_text(const struct settings *settings, const struct sva_audit *audit,
                                   bool to_terminal, char **text, size_t *size,
                                   struct sva_error *error)
{
    return sva_report_text(audit, (enum sva_lang)settings->lang,
                           to_terminal && terminal_colour(settings),
                           to_terminal ? terminal_width() : 0, text, size, error);
}

static const struct format FORMATS[] = {{"json", render_json}, {"text", render_text}};

/** "json=report.json": the format, and where its path starts. NULL when it is none of ours. */
static const struct format *format_of(const char *output, const char **path)
{
    const size_t length = strcspn(output, "=");
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (strlen(FORMATS[i].name) == length && memcmp(FORMATS[i].name, output, length) == 0 &&
            output[length] == '=' && output[length + 1] != '\0') {
            *path = output + length + 1;
            return &FORMATS[i];
        }
    }
    return NULL;
}

int audit_outputs_check(const struct settings *settings)
{
    for (size_t i = 0; i < settings->outputs.count; i++) {
        const char *path = NULL;
        if (format_of(settings->outputs.texts[i], &path) == NULL) {
            return complain_usage("-o wants json=PATH or text=PATH, not \"%s\"",
                                  settings->outputs.texts[i]);
        }
    }
    return -1;
}

int audit_paths_check(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (access(paths[i], F_OK) != 0) {
            complain("%s: cannot be opened: no such file or directory", show(paths[i]).text);
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
        .exclude = settings->exclude.texts,
        .exclude_count = settings->exclude.count,
        .own = settings->own.texts,
        .own_count = settings->own.count,
        .subject_date = settings->subject_date != NULL ? settings->subject_date : "",
        .init_path = settings->init,
        .as_of = settings->today,
        .threads = settings->threads,
        .compare = sva_compare_options_default(),
        .progress = bar_progress(bar),
    };
}

static int write_output(const struct settings *settings, const struct sva_audit *audit,
                        const struct format *format, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    const bool to_stdout = path == NULL || strcmp(path, "-") == 0;
    enum sva_status status =
        format->render(settings, audit, path == NULL, &text, &size, &error);
    if (status == SVA_OK && !to_stdout) {
        status = sva_report_save(path, text, size, &error);
    }
    int code = EXIT_DONE;
    if (status != SVA_OK) {
        (void)complain_error(&error);
        code = EXIT_INCOMPLETE;
    } else if (to_stdout) {
        code = print_result(text, size);
    }
    free(text);
    return code;
}

int audit_write(const struct settings *settings, const struct sva_audit *audit)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < settings->outputs.count && code == EXIT_DONE; i++) {
        const char *path = NULL;
        const struct format *format = format_of(settings->outputs.texts[i], &path);
        code = write_output(settings, audit, format, path);
    }
    if (code == EXIT_DONE && (settings->json || !settings->quiet)) {
        code = write_output(settings, audit, &FORMATS[settings->json ? 0 : 1], NULL);
    }
    return code;
}

char *audit_store_path(const struct settings *settings)
{
    if (settings->store != NULL) {
        const size_t size = strlen(settings->store) + 1;
        char *copy = malloc(size);
        return copy != NULL ? memcpy(copy, settings->store, size) : NULL;
    }
    char *path = sva_refstore_default_path();
    if (path != NULL && access(path, F_OK) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pdf.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, SECONDS_MOST = 120, WAITS_PER_SECOND = 20, ARGUMENTS = 24 };

/** What can print, in the order of trying. */
static const char *const RENDERERS[] = {"chromium", "chromium-browser", "google-chrome",
                                        "weasyprint"};

struct printer {
    char path[PATH_BYTES]; /**< of the program */
    bool browser;
    char folder[PATH_BYTES]; /**< private, removed at the end */
    char page[PATH_BYTES], url[PATH_BYTES], pdf[PATH_BYTES];
    char profile[PATH_BYTES], output[PATH_BYTES];
};

/** Looks for a program along $PATH. */
static bool find_program(const char *name, char *path)
{
    const char *at = getenv("PATH");
    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, ":");
        const int used = snprintf(path, PATH_BYTES, "%.*s/%s", (int)length, at, name);
        if (length > 0 && used > 0 && used < PATH_BYTES && access(path, X_OK) == 0) {
            return true;
        }
        at += length + (at[length] == ':' ? 1 : 0);
    }
    return false;
}

static bool find_printer(struct printer *printer)
{
    for (size_t i = 0; i < sizeof RENDERERS / sizeof *RENDERERS; i++) {
        if (find_program(RENDERERS[i], printer->path)) {
            printer->browser = strcmp(RENDERERS[i], "weasyprint") != 0;
            return true;
        }
    }
    return false;
}

int pdf_check(const struct settings *settings)
{
    struct printer printer = {.browser = false};
    if (settings->pdf == NULL || find_printer(&printer)) {
        return -1;
    }
    return complain_usage("--pdf wants chromium, chromium-browser, google-chrome or weasyprint on "
                          "$PATH, and none is there; -o html=PATH gives a page that any browser "
                          "prints");
}

/** Joins two texts; false where they do not fit. */
static bool join(char *out, const char *first, const char *second)
{
    const int used = snprintf(out, PATH_BYTES, "%s%s", first, second);
    return used > 0 && used < PATH_BYTES;
}

static bool make_folder(struct printer *printer)
{
    const char *where = getenv("TMPDIR");
    return join(printer->folder, where != NULL && where[0] == '/' ? where : "/tmp",
                "/sovaudit-XXXXXX") &&
           mkdtemp(printer->folder) != NULL && join(printer->page, printer->folder, "/page.html") &&
           join(printer->url, "file://", printer->page) &&
           join(printer->pdf, printer->folder, "/page.pdf") &&
           join(printer->profile, "--user-data-dir=", printer->folder) &&
           join(printer->output, "--print-to-pdf=", printer->pdf);
}

/** In the child: no terminal, nothing to say, a home that goes away. Never returns. */
static void become(const char *const *arguments, const char *folder)
{
    const int nothing = open("/dev/null", O_RDWR);
    (void)setpgid(0, 0);
    if (nothing >= 0) {
        (void)dup2(nothing, STDIN_FILENO);
        (void)dup2(nothing, STDOUT_FILENO);
        (void)dup2(nothing, STDERR_FILENO);
    }
    (void)setenv("HOME", folder, 1);
    char *copies[ARGUMENTS + 1];
    size_t count = 0;
    for (; arguments[count] != NULL && count < ARGUMENTS; count++) {
        copies[count] = (char *)(uintptr_t)arguments[count];
    }
    copies[count] = NULL;
    (void)execv(arguments[0], copies);
    _exit(127);
}

/** Runs a program without a shell, for a while at most; Ctrl-C ends it where it `yields`. True when
 *  it ended well. */
static bool run(const char *const *arguments, const char *folder, bool yields)
{
    const struct timespec nap = {.tv_nsec = 1000000000L / WAITS_PER_SECOND};
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        become(arguments, folder);
    }
    for (int i = 0; child > 0 && i < SECONDS_MOST * WAITS_PER_SECOND; i++) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended != 0) {
            return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        if (yields && terminal_interrupted()) {
            break;
        }
        (void)nanosleep(&nap, NULL);
    }
    if (child > 0) {
        (void)kill(-child, SIGKILL);
        (void)kill(child, SIGKILL);
        (void)waitpid(child, &status, 0);
    }
    return false;
}

static bool print_page(const struct printer *printer)
{
    const char *const with_weasyprint[] = {printer->path, printer->page, printer->pdf, NULL};
    const char *const with_browser[] = {
        printer->path, "--headless", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
        "--disable-extensions", "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND", /* nothing ever connects anywhere */
        "--no-pdf-header-footer", printer->profile, printer->output,
        /* Chromium's own sandbox does not work for root. The page runs and loads nothing. */
        geteuid() == 0 ? "--no-sandbox" : printer->url, geteuid() == 0 ? printer->url : NULL, NULL};
    return run(printer->browser ? with_browser : with_weasyprint, printer->folder, true);
}

static void remove_folder(const struct printer *printer)
{
    char program[PATH_BYTES];
    if (find_program("rm", program)) {
        const char *const arguments[] = {program, "-rf", "--", printer->folder, NULL};
        (void)run(arguments, "/", false);
    }
}

/** Takes what was printed to its place, in one step. */
static int take_pdf(const struct settings *settings, const struct printer *printer)
{
    static const char MAGIC[] = "%PDF-";
    char *bytes = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    int code = EXIT_DONE;
    if (sva_report_load(printer->pdf, &bytes, &size, &error) != SVA_OK || size < sizeof MAGIC ||
        memcmp(bytes, MAGIC, sizeof MAGIC - 1) != 0) {
        complain("%s: the report could not be printed: %s made no PDF", show(settings->pdf).text,
                 show(printer->path).text);
        code = EXIT_INCOMPLETE;
    } else if (sva_report_save(settings->pdf, bytes, size, &error) != SVA_OK) {
        (void)complain_error(&error);
        code = EXIT_INCOMPLETE;
    }
    free(bytes);
    return code;
}

static int print_html(const struct settings *settings, struct printer *printer, const char *html,
                      size_t size)
{
    struct sva_error error = {.status = SVA_OK};
    if (!make_folder(printer)) {
        complain("%s: no folder for temporary files could be made", show(settings->pdf).text);
        return EXIT_INCOMPLETE;
    }
    int code = EXIT_INCOMPLETE;
    if (sva_report_save(printer->page, html, size, &error) != SVA_OK) {
        (void)complain_error(&error);
    } else if (!print_page(printer)) {
        complain("%s: the report could not be printed: %s failed or took over %d seconds",
                 show(settings->pdf).text, show(printer->path).text, SECONDS_MOST);
    } else {
        code = take_pdf(settings, printer);
    }
    remove_folder(printer);
    return terminal_interrupted() ? EXIT_INTERRUPTED : code;
}

int pdf_write(const struct settings *settings, const struct report_bytes *report)
{
    struct printer printer = {.browser = false};
    char *html = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    if (settings->pdf == NULL) {
        return EXIT_DONE;
    }
    if (!find_printer(&printer)) {
        return pdf_check(settings);
    }
    if (sva_convert(report->text, report->size, report->name, "html", (enum sva_lang)settings->lang,
                    &html, &size, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const int code = print_html(settings, &printer, html, size);
    free(html);
    return code;
}

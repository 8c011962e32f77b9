/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the bench programs share: arguments, scratch directories, prints of paths.
 * Header only, because each bench is one source file. A bench may print and exit.
 */
#ifndef SVA_BENCH_SUPPORT_H
#define SVA_BENCH_SUPPORT_H

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sovaudit/compare.h>

/* One program does not use all of them. */
#define BENCH_FUNCTION static inline

BENCH_FUNCTION double bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** Value of "--name N" or `fallback`; ends the program with 3 on anything but digits. */
BENCH_FUNCTION uint64_t bench_number(int argc, char **argv, const char *name, uint64_t fallback)
{
    for (int i = 1; i < argc; ++i) {
        if (strcmp(argv[i], name) != 0) {
            continue;
        }
        const char *const text = i + 1 < argc ? argv[i + 1] : "";
        uint64_t value = 0;
        for (const char *c = text; *c != '\0'; ++c) {
            if (*c < '0' || *c > '9' || value > UINT64_MAX / 100) {
                value = 0;
                break;
            }
            value = value * 10 + (uint64_t)(*c - '0');
        }
        if (value == 0) {
            fprintf(stderr, "%s: %s wants a positive number\n", argv[0], name);
            exit(3);
        }
        return value;
    }
    return fallback;
}

BENCH_FUNCTION bool bench_flag(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; ++i) {
        if (strcmp(argv[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/** Makes a directory of our own below TMPDIR or /tmp. Ends the program on failure. */
BENCH_FUNCTION void bench_scratch(char *path, size_t size, const char *name)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0') {
        parent = "/tmp";
    }
    const int length = snprintf(path, size, "%s/sovaudit-%s-XXXXXX", parent, name);
    if (length < 0 || (size_t)length >= size || mkdtemp(path) == NULL) {
        fprintf(stderr, "cannot make a directory below %s: %s\n", parent, strerror(errno));
        exit(2);
    }
}

/** Opens and fingerprints with `threads` threads; file hashes are skipped. */
BENCH_FUNCTION enum sva_status bench_print(const char *path, uint32_t threads,
                                           struct sva_print **print, struct sva_error *error)
{
    struct sva_model *model = NULL;
    const struct sva_print_options options = {.threads = threads, .skip_file_hashes = true};
    enum sva_status status = sva_model_open(path, NULL, &model, error);
    if (status == SVA_OK) {
        status = sva_print_make(model, &options, print, error);
    }
    sva_model_close(model);
    return status;
}

/** log10 p for people: "1e-12.3"; "-" when there is none. */
BENCH_FUNCTION const char *bench_log10(double log10_p, char *text, size_t size)
{
    if (log10_p >= 0 || isnan(log10_p)) {
        snprintf(text, size, "-");
    } else {
        snprintf(text, size, "%.1f", log10_p);
    }
    return text;
}

#endif

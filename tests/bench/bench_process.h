/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Programs and functions measured in a process of their own: wall and CPU seconds, peak memory,
 * bytes read. Header only, as bench_support.h; the peak of a child is a maximum over all of a
 * process's children, so each measurement has a parent of its own.
 */
#ifndef SVA_BENCH_PROCESS_H
#define SVA_BENCH_PROCESS_H

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_support.h"

struct bench_measured {
    double seconds;     /**< wall */
    double cpu_seconds; /**< user and system, all threads */
    double peak_mib;
    double read_bytes; /**< by read calls; 0 where the system does not tell */
    bool succeeded;
};

/** What a child does: true when it went well. It may set `seconds` to what counts of its work. */
typedef bool (*bench_work)(void *context, struct bench_measured *measured);

BENCH_FUNCTION double bench_cpu_seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/** Bytes that this process and the children it has waited for have read, as Linux counts them. */
BENCH_FUNCTION double bench_read_bytes(void)
{
    FILE *const file = fopen("/proc/self/io", "r");
    char line[128];
    double bytes = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "rchar: ", 7) == 0) {
            bytes = (double)strtoull(line + 7, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return bytes;
}

/** Runs a program, its output thrown away. A bench_work whose context is its argument vector. */
BENCH_FUNCTION bool bench_execute(void *context, struct bench_measured *measured)
{
    char *const *const arguments = context;
    (void)measured;
    const int null = open("/dev/null", O_RDWR);
    if (null < 0) {
        return false;
    }
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execvp(arguments[0], arguments);
    _exit(127);
}

/* In the parent of the measured process: measures and tells. */
BENCH_FUNCTION void bench_measure_inside(int out, bench_work work, void *context)
{
    struct bench_measured result = {0};
    struct bench_measured told = {0};
    struct rusage usage;
    int ends[2];
    if (pipe(ends) != 0) {
        _exit(1);
    }
    const double before_bytes = bench_read_bytes();
    const double begin = bench_seconds();
    const pid_t child = fork();
    if (child == 0) {
        fcntl(ends[1], F_SETFD, FD_CLOEXEC);
        told.succeeded = work(context, &told);
        const bool wrote = write(ends[1], &told, sizeof told) == (ssize_t)sizeof told;
        _exit(wrote && told.succeeded ? 0 : 1);
    }
    close(ends[1]);
    int status = 0;
    if (child > 0 && waitpid(child, &status, 0) == child) {
        result.seconds = bench_seconds() - begin;
        getrusage(RUSAGE_CHILDREN, &usage);
        result.cpu_seconds = bench_cpu_seconds(&usage);
        result.peak_mib = (double)usage.ru_maxrss / 1024.0; /* kibibytes on Linux */
        result.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        result.read_bytes = bench_read_bytes() - before_bytes;
        if (read(ends[0], &told, sizeof told) == (ssize_t)sizeof told && told.seconds > 0) {
            result.seconds = told.seconds;
            result.cpu_seconds = told.cpu_seconds > 0 ? told.cpu_seconds : result.cpu_seconds;
        }
    }
    _exit(write(out, &result, sizeof result) == (ssize_t)sizeof result ? 0 : 1);
}

BENCH_FUNCTION struct bench_measured bench_measure(bench_work work, void *context)
{
    struct bench_measured result = {0};
    int ends[2];
    if (pipe(ends) != 0) {
        return result;
    }
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        bench_measure_inside(ends[1], work, context);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], &result, sizeof result) != (ssize_t)sizeof result) {
        result.succeeded = false;
    }
    close(ends[0]);
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    return result;
}

/** A program and its arguments, NULL last. */
BENCH_FUNCTION struct bench_measured bench_measure_program(char *const *arguments)
{
    return bench_measure(bench_execute, (void *)(uintptr_t)arguments);
}

#endif

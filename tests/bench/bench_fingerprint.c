/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_fingerprint [--bytes N] [--threads N]
 *
 * Makes a model of about N bytes (default 2 GB), then runs `sha256sum` and `sovaudit
 * fingerprint` on the same files in turn, and prints throughput and peak memory of
 * each. The files are in the page cache after the first pass, which is thrown away:
 * ratios within one run are what counts. Exits 2 when a program failed.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "bench_process.h"

#include "fixtures/fixtures.h"

enum { FILES_MAX = 512, NAME_BYTES = 512, ROUNDS = 2 };

static size_t list_files(const char *directory, char (*paths)[NAME_BYTES], uint64_t *total_bytes)
{
    size_t count = 0;
    DIR *const entries = opendir(directory);
    if (entries == NULL) {
        return 0;
    }
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        struct stat about;
        if (strstr(entry->d_name, ".safetensors") == NULL || count == FILES_MAX) {
            continue;
        }
        snprintf(paths[count], NAME_BYTES, "%s/%s", directory, entry->d_name);
        if (stat(paths[count], &about) == 0) {
            *total_bytes += (uint64_t)about.st_size;
            ++count;
        }
    }
    closedir(entries);
    return count;
}

static bool print_result(const char *name, struct bench_measured result, uint64_t total_bytes,
                         const struct bench_measured *base)
{
    if (!result.succeeded) {
        printf("%-34s failed\n", name);
        return false;
    }
    printf("%-34s %8.2f %8.2f %9.1f %9.2f %10.1f\n", name, result.seconds, result.cpu_seconds,
           (double)total_bytes / 1e6 / result.seconds, base->seconds / result.seconds,
           result.peak_mib);
    return true;
}

static bool run_round(const char *directory, const char *print_path, const char *threads,
                      bool report)
{
    static char paths[FILES_MAX][NAME_BYTES];
    static char *hash[FILES_MAX + 2];
    char sum[] = "sha256sum";
    char tool[] = SVA_TOOL;
    char verb[] = "fingerprint";
    char output[] = "-o";
    char quiet[] = "--no-progress";
    char threads_flag[] = "--threads";
    char one[] = "1";
    char model[NAME_BYTES];
    char target[NAME_BYTES];
    char many[32];
    uint64_t total_bytes = 0;
    const size_t count = list_files(directory, paths, &total_bytes);
    snprintf(model, sizeof model, "%s", directory);
    snprintf(target, sizeof target, "%s", print_path);
    snprintf(many, sizeof many, "%s", threads);
    hash[0] = sum;
    for (size_t i = 0; i < count; ++i) {
        hash[i + 1] = paths[i];
    }
    char *const single[] = {tool, verb, model, output, target, quiet, threads_flag, one, NULL};
    char *const several[] = {tool, verb, model, output, target, quiet, threads_flag, many, NULL};
    const struct bench_measured base = bench_measure_program(hash);
    if (!report) {
        return base.succeeded;
    }
    printf("%-34s %8s %8s %9s %9s %10s\n", "program", "wall s", "CPU s", "MB/s", "x sha256",
           "peak MiB");
    bool sound = print_result("sha256sum", base, total_bytes, &base);
    sound = print_result("sovaudit fingerprint --threads 1", bench_measure_program(single),
                         total_bytes, &base) &&
            sound;
    char name[64];
    snprintf(name, sizeof name, "sovaudit fingerprint --threads %s", threads);
    sound = print_result(name, bench_measure_program(several), total_bytes, &base) && sound;
    printf("\n");
    return sound;
}

int main(int argc, char **argv)
{
    char scratch[256];
    char model[300];
    char print_path[300];
    char threads[32];
    const uint64_t size = bench_number(argc, argv, "--bytes", 2000000000);
    snprintf(threads, sizeof threads, "%llu",
             (unsigned long long)bench_number(argc, argv, "--threads", 2));
    bench_scratch(scratch, sizeof scratch, "fingerprint");
    snprintf(model, sizeof model, "%s/model", scratch);
    snprintf(print_path, sizeof print_path, "%s/model.svp", scratch);
    const double begin = bench_seconds();
    bool sound = sva_fixture_make_big(model, size) == 0;
    if (sound) {
        printf("made a model of about %.2f GB in %.1f s\n\n", (double)size / 1e9,
               bench_seconds() - begin);
        fflush(stdout);
        sound = run_round(model, print_path, threads, false);
    }
    for (int i = 0; i < ROUNDS && sound; ++i) {
        sound = run_round(model, print_path, threads, true);
    }
    struct stat about;
    if (sound && stat(print_path, &about) == 0) {
        printf("print: %.2f MB\n", (double)about.st_size / 1e6);
    }
    sva_fixture_remove(scratch);
    return sound ? 0 : 2;
}

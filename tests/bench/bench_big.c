/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_big [--shards N] [--gigabytes N]
 *
 * What size costs where bytes do not: models of sparse files, which take no room and read as zeros.
 * Experts by the thousand, shards by the thousand, vocabularies of one and two million with their tokenizers,
 * each at half and at full size, so that a cost that grows faster than the work shows in the last
 * column. Opens the model, makes a quick print, encodes and decodes it and compares it with itself,
 * in a process of its own whose peak memory is printed. Reading holes is faster than reading a
 * disk: `bench_fingerprint` and `fixture_tool shape` without sparse=1 are for throughput.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_support.h"

#include "fixtures/fixtures.h"

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void lap(const char *what, double *since)
{
    const double now = cpu_seconds();
    printf("  %s %.2f", what, now - *since);
    *since = now;
}

/** All steps; CPU seconds of each, then memory. 0, or 1 after a message. */
static int run_steps(const char *path)
{
    struct sva_model *model = NULL;
    struct sva_print *print = NULL;
    struct sva_print *back = NULL;
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {.status = SVA_OK};
    const struct sva_print_options options = {.quick = true};
    uint8_t *bytes = NULL;
    size_t size = 0;
    double since = cpu_seconds();
    enum sva_status status = sva_model_open(path, NULL, &model, &error);
    if (status == SVA_OK) {
        printf("%7zu tensors", model->tensor_count);
        lap("open", &since);
        status = sva_print_make(model, &options, &print, &error);
    }
    if (status == SVA_OK) {
        lap("quick print", &since);
        status = sva_print_encode(print, &bytes, &size, &error);
    }
    if (status == SVA_OK) {
        lap("encode", &since);
        status = sva_print_decode(bytes, size, path, &back, &error);
    }
    if (status == SVA_OK) {
        lap("decode", &since);
        status = sva_compare(print, back, NULL, &comparison, &error);
    }
    if (status == SVA_OK) {
        struct rusage used;
        lap("compare", &since);
        getrusage(RUSAGE_SELF, &used);
        printf(" s, %ld MiB at most, %.2f%% of %.1f GB read, print of %.1f MB",
               used.ru_maxrss / 1024,
               100.0 * (double)print->reading.bytes_read / (double)print->reading.bytes_total,
               1e-9 * (double)print->reading.bytes_total, 1e-6 * (double)size);
    } else {
        printf("  %s", error.text);
    }
    free(bytes);
    sva_comparison_free(comparison);
    sva_print_free(print);
    sva_print_free(back);
    sva_model_close(model);
    return status == SVA_OK ? 0 : 1;
}

/** CPU seconds in all; negative: it failed. */
static double run_case(const char *name, const char *path)
{
    struct rusage before;
    struct rusage after;
    int state = 0;
    getrusage(RUSAGE_CHILDREN, &before);
    printf("%-24s ", name);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const int code = run_steps(path);
        fflush(stdout);
        _exit(code);
    }
    if (child < 0 || waitpid(child, &state, 0) != child || state != 0) {
        printf("  failed\n");
        return -1.0;
    }
    getrusage(RUSAGE_CHILDREN, &after);
    return (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
           1e-6 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec);
}

/** The shape at half its size and whole. */
static bool run_pair(const char *scratch, const char *name, uint64_t bytes,
                     const struct sva_big_shape *shape)
{
    double seconds[2] = {0.0, 0.0};
    for (int i = 0; i < 2; ++i) {
        struct sva_big_shape one = *shape;
        char path[512];
        snprintf(path, sizeof path, "%s/%s", scratch, name);
        one.words = i == 0 && shape->tokenizer ? shape->words / 2 : shape->words;
        one.shards = i == 0 && shape->shards > 1 ? shape->shards / 2 : shape->shards;
        const bool made = sva_fixture_make_shaped(path, i == 0 ? bytes / 2 : bytes, &one) == 0;
        seconds[i] = made ? run_case(i == 0 ? "" : name, path) : -1.0;
        sva_fixture_remove(path);
        if (seconds[i] < 0.0) {
            return false;
        }
        printf(i == 0 ? "\n" : ", x%.2f\n", seconds[1] / (seconds[0] > 0.0 ? seconds[0] : 1.0));
    }
    return true;
}

int main(int argc, char **argv)
{
    char scratch[256];
    const uint64_t gigabytes = bench_number(argc, argv, "--gigabytes", 200);
    const uint32_t shards = (uint32_t)bench_number(argc, argv, "--shards", 1000);
    const struct sva_big_shape experts = {.width = 1024,
                                          .hidden = 960,
                                          .narrow = 256,
                                          .words = 32768,
                                          .experts = 1000,
                                          .shards = shards,
                                          .sparse = true};
    const struct sva_big_shape dense = {
        .width = 8192, .hidden = 28672, .narrow = 1024, .words = 128256, .sparse = true};
    const struct sva_big_shape words = {.width = 2048,
                                        .hidden = 5632,
                                        .narrow = 512,
                                        .words = 2000000,
                                        .sparse = true,
                                        .tokenizer = true};
    bench_scratch(scratch, sizeof scratch, "big");
    bool ok = run_pair(scratch, "thousand-experts", gigabytes * 1000000000, &experts);
    ok = run_pair(scratch, "dense", gigabytes * 1000000000, &dense) && ok;
    ok = run_pair(scratch, "two-million-words", 16000000000, &words) && ok;
    sva_fixture_remove(scratch);
    return ok ? 0 : 1;
}

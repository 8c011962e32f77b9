/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_table [--bytes N] [--rounds N] [--threads N] [--only GROUP] [--long] [--python PROGRAM]
 *             [--peer NAME=PATH]...
 *
 * Fills the table of docs/performance.md: what the command takes, beside other programs on the same
 * files and beside what the machine can do. Programs take turns, and a ratio is the median of the
 * rounds' ratios; files are in the page cache but for group `cold`. Groups: machine, fingerprint,
 * cold, quick, compare, sizes, decode, prints, search. --long adds a model of 15 GB and the search
 * among 1,000 references. Peers: llama-gguf-hash and gguf-tools (programs), ggml (the shared
 * library libggml-base). What is not there is named in its row. Exits 2 when a program of ours
 * failed; a missed target is no failure.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_DIRECT */
#endif

#include <sys/utsname.h>

#include "fixtures/fixtures.h"
#include "table_cold.h"
#include "table_decode.h"
#include "table_machine.h"
#include "table_models.h"

enum { PATH_BYTES = 512, LONG_BYTES_GB = 15 };

static const uint64_t gigabyte = 1000000000;

struct settings {
    uint64_t bytes;
    uint32_t rounds;
    char threads[16];
    const char *only, *python, *own_path;
    const char *gguf_hash, *gguf_tools, *ggml;
    bool long_form;
    char scratch[256];
    bool failed;
};

static char tool[] = SVA_TOOL;

static const char *option_text(int argc, char **argv, const char *name, const char *fallback)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return fallback;
}

static const char *peer(int argc, char **argv, const char *name)
{
    const size_t length = strlen(name);
    for (int i = 1; i + 1 < argc; i++) {
        const char *const value = argv[i + 1];
        if (strcmp(argv[i], "--peer") == 0 && strncmp(value, name, length) == 0 &&
            value[length] == '=') {
            return value + length + 1;
        }
    }
    return NULL;
}

static bool wanted(const struct settings *settings, const char *group)
{
    return settings->only == NULL || strcmp(settings->only, group) == 0;
}

static char *in_scratch(const struct settings *settings, const char *name, char *path)
{
    snprintf(path, PATH_BYTES, "%s/%s", settings->scratch, name);
    return path;
}

/** Runs programs in turn: a round that is thrown away, then the rounds. NULL arguments: absent. */
static void take_turns(const struct settings *settings, char *const *const *programs,
                       struct table_series *series, size_t count)
{
    for (uint32_t round = 0; round <= settings->rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            if (programs[i] == NULL || series[i].failed) {
                continue;
            }
            const struct bench_measured measured = bench_measure_program(programs[i]);
            series[i].failed = !measured.succeeded;
            if (round > 0) {
                table_add(&series[i], measured);
            }
        }
    }
}

static void memory_row(const struct table_series *ours, double gb)
{
    const double peak = table_peak(ours);
    if (ours->failed || ours->count == 0) {
        table_absent("memory of `fingerprint`", "it failed");
        return;
    }
    printf("| memory of `fingerprint`, %.2f GB | %.0f MiB | | | | <= 256 MiB at 7B | %s |\n", gb,
           peak, peak <= 256 ? "yes" : "no");
    fflush(stdout);
}

static void measure_fingerprint(struct settings *settings)
{
    enum { OURS, OPENSSL, SUM, STREAM, PROGRAMS };
    char model[PATH_BYTES];
    char print[PATH_BYTES];
    char own[PATH_BYTES];
    in_scratch(settings, "model.safetensors", model);
    in_scratch(settings, "model.svp", print);
    snprintf(own, sizeof own, "%s", settings->own_path);
    const uint64_t size =
        table_write_model(model, &(struct table_model){.bytes = settings->bytes, .width = 2048});
    char *const ours[] = {tool,        "fingerprint",     model,           "-o", print,
                          "--threads", settings->threads, "--no-progress", NULL};
    char *const openssl[] = {"openssl", "dgst", "-sha256", model, NULL};
    char *const sum[] = {"sha256sum", model, NULL};
    char *const stream[] = {own, "--hash-stream", model, NULL};
    char *const *const programs[PROGRAMS] = {ours, openssl, sum, stream};
    struct table_series series[PROGRAMS] = {[OURS] = {.name = "sovaudit fingerprint"},
                                            [OPENSSL] = {.name = "openssl dgst -sha256"},
                                            [SUM] = {.name = "sha256sum"},
                                            [STREAM] = {.name = "one SHA-256 stream"}};
    take_turns(settings, programs, series, PROGRAMS);
    settings->failed = settings->failed || series[OURS].failed;
    table_pair(&(struct table_goal){"fingerprint, full", TABLE_AT_MOST, 0.85}, &series[OURS],
               &series[OPENSSL]);
    table_pair(&(struct table_goal){"fingerprint, full", TABLE_AT_MOST, 1.1}, &series[OURS],
               &series[STREAM]);
    table_pair(&(struct table_goal){"fingerprint, full", TABLE_INFORMATION, 0}, &series[OURS],
               &series[SUM]);
    table_pair(&(struct table_goal){"a bare SHA-256 stream of ours", TABLE_INFORMATION, 0},
               &series[STREAM], &series[OPENSSL]);
    memory_row(&series[OURS], (double)size / 1e9);
    unlink(model);
    unlink(print);
}

/** A file on the disk alone, beside the same in the page cache and beside reading it at all. */
static void measure_cold(struct settings *settings)
{
    enum { COLD, HOT, DIRECT, PROGRAMS };
    char model[PATH_BYTES];
    char print[PATH_BYTES];
    char own[PATH_BYTES];
    char what[96];
    in_scratch(settings, "model.safetensors", model);
    in_scratch(settings, "model.svp", print);
    snprintf(own, sizeof own, "%s", settings->own_path);
    const uint64_t size = table_write_model(
        model, &(struct table_model){.bytes = 2 * settings->bytes, .width = 4096});
    snprintf(what, sizeof what, "fingerprint, full, file not in the page cache, %.1f GB",
             (double)size / 1e9);
    char *const ours[] = {tool,        "fingerprint",     model,           "-o", print,
                          "--threads", settings->threads, "--no-progress", NULL};
    char *const direct[] = {own, "--read-direct", model, NULL};
    char *const *const programs[PROGRAMS] = {ours, ours, direct};
    struct table_series series[PROGRAMS] = {[COLD] = {.name = "file not in the page cache"},
                                            [HOT] = {.name = "file in the page cache"},
                                            [DIRECT] = {.name = "16 direct reads at a time"}};
    bool dropped = true;
    for (uint32_t round = 0; dropped && round <= settings->rounds; round++) {
        for (size_t i = 0; dropped && i < PROGRAMS; i++) {
            dropped = i == HOT || table_drop(model);
            const struct bench_measured measured = bench_measure_program(programs[i]);
            series[i].failed = series[i].failed || !measured.succeeded;
            if (round > 0) {
                table_add(&series[i], measured);
            }
        }
    }
    const struct table_goal goal = {what, TABLE_INFORMATION, 0};
    if (dropped) {
        table_pair(&goal, &series[COLD], &series[HOT]);
        table_pair(&goal, &series[COLD], &series[DIRECT]);
    } else {
        table_absent(goal.what, "the file cannot be dropped from it");
    }
    unlink(model);
    unlink(print);
}

/** Files of one model, as a 7B model's tensors are shaped: two streams share a core. */
static void measure_shards(struct settings *settings)
{
    enum { OURS, OPENSSL, BOTH, PROGRAMS };
    const struct sva_big_shape shape = {
        .width = 4096, .hidden = 11008, .narrow = 4096, .words = 32000, .shards = 8};
    char model[PATH_BYTES];
    char print[PATH_BYTES];
    in_scratch(settings, "shards", model);
    in_scratch(settings, "model.svp", print);
    if (sva_fixture_make_shaped(model, 4 * settings->bytes, &shape) != 0) {
        table_absent("fingerprint, full, 8 files", "no model could be written");
        return;
    }
    char *const ours[] = {tool,        "fingerprint",     model,           "-o", print,
                          "--threads", settings->threads, "--no-progress", NULL};
    char *const openssl[] = {"sh", "-c", "exec openssl dgst -sha256 \"$0\"/*.safetensors", model,
                             NULL};
    char *const both[] = {
        "sh", "-c", "printf '%s\\n' \"$0\"/*.safetensors | xargs -P 2 -n 1 openssl dgst -sha256",
        model, NULL};
    char *const *const programs[PROGRAMS] = {ours, openssl, both};
    struct table_series series[PROGRAMS] = {[OURS] = {.name = "sovaudit fingerprint"},
                                            [OPENSSL] = {.name = "openssl dgst -sha256"},
                                            [BOTH] = {.name = "two openssl dgst -sha256"}};
    take_turns(settings, programs, series, PROGRAMS);
    settings->failed = settings->failed || series[OURS].failed;
    table_pair(&(struct table_goal){"fingerprint, full, 7B's shapes, 8 files", TABLE_AT_MOST, 0.85},
               &series[OURS], &series[OPENSSL]);
    table_pair(
        &(struct table_goal){"fingerprint, full, 7B's shapes, 8 files", TABLE_INFORMATION, 0},
        &series[OURS], &series[BOTH]);
    sva_fixture_remove(model);
    unlink(print);
}

static void measure_gguf_hash(struct settings *settings)
{
    enum { OURS, HASH, XXH64, PROGRAMS };
    if (settings->gguf_hash == NULL) {
        table_absent("fingerprint beside llama-gguf-hash", "no --peer llama-gguf-hash=PROGRAM");
        return;
    }
    char model[PATH_BYTES];
    char print[PATH_BYTES];
    char program[PATH_BYTES];
    in_scratch(settings, "model.gguf", model);
    in_scratch(settings, "model.svp", print);
    snprintf(program, sizeof program, "%s", settings->gguf_hash);
    table_write_model(model,
                      &(struct table_model){.bytes = settings->bytes, .width = 2048, .gguf = true});
    char *const ours[] = {tool,        "fingerprint",     model,           "-o", print,
                          "--threads", settings->threads, "--no-progress", NULL};
    char *const sha256[] = {program, "--sha256", model, NULL};
    char *const xxh64[] = {program, "--xxh64", model, NULL};
    char *const *const programs[PROGRAMS] = {ours, sha256, xxh64};
    struct table_series series[PROGRAMS] = {[OURS] = {.name = "sovaudit fingerprint"},
                                            [HASH] = {.name = "llama-gguf-hash --sha256"},
                                            [XXH64] = {.name = "llama-gguf-hash --xxh64"}};
    take_turns(settings, programs, series, PROGRAMS);
    table_pair(&(struct table_goal){"fingerprint, full, GGUF", TABLE_FASTER, 10}, &series[OURS],
               &series[HASH]);
    table_pair(&(struct table_goal){"fingerprint, full, GGUF", TABLE_INFORMATION, 0}, &series[OURS],
               &series[XXH64]);
    unlink(model);
    unlink(print);
}

/** Full and quick on one model, with what was read and the peak of memory. */
static void measure_quick_at(struct settings *settings, uint64_t bytes)
{
    char model[PATH_BYTES];
    char print[PATH_BYTES];
    char what[96];
    in_scratch(settings, "model.safetensors", model);
    in_scratch(settings, "model.svp", print);
    const uint64_t size =
        table_write_model(model, &(struct table_model){.bytes = bytes, .width = 4096});
    char *const full[] = {tool,        "fingerprint",     model,           "-o", print,
                          "--threads", settings->threads, "--no-progress", NULL};
    char *const quick[] = {tool,  "fingerprint", "--quick",         model,           "-o",
                           print, "--threads",   settings->threads, "--no-progress", NULL};
    char *const question[] = {"sh", "-c", "\"$0\" help --list | grep -qx 'fingerprint --quick'",
                              tool, NULL};
    const bool known = bench_measure_program(question).succeeded;
    char *const *const programs[] = {full, known ? quick : NULL};
    struct table_series series[] = {{.name = "full"}, {.name = "fingerprint --quick"}};
    take_turns(settings, programs, series, 2);
    settings->failed = settings->failed || series[0].failed || series[1].failed;
    const double gb = (double)size / 1e9;
    snprintf(what, sizeof what, "`fingerprint --quick`, %.1f GB", gb);
    if (known) {
        const double share = series[1].rounds[0].read_bytes / (double)size;
        table_pair(&(struct table_goal){what, TABLE_FASTER, 20}, &series[1], &series[0]);
        printf("| %s, bytes read | %.2f %% | | | | <= 2 %% | %s |\n", what, 100 * share,
               share <= 0.02 ? "yes" : "no");
    } else {
        table_absent(what, "this version has no --quick");
    }
    memory_row(&series[0], gb);
    unlink(model);
    unlink(print);
}

static void measure_quick(struct settings *settings)
{
    const uint32_t rounds = settings->rounds;
    measure_quick_at(settings, 2 * settings->bytes);
    if (settings->long_form) {
        settings->rounds = rounds < 3 ? rounds : 3;
        measure_quick_at(settings, LONG_BYTES_GB * gigabyte);
        settings->rounds = rounds;
    }
}

struct pair {
    const char *models[2], *prints[2];
    uint32_t threads;
};

/** The elements of two models whose prints were compared: what `compare` adds for full weights. */
static bool compare_elements(void *context, struct bench_measured *measured)
{
    const struct pair *const pair = context;
    struct sva_model *models[2] = {NULL, NULL};
    struct sva_print *prints[2] = {NULL, NULL};
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    struct sva_compare_options options = sva_compare_options_default();
    struct rusage before, after;
    options.threads = pair->threads;
    enum sva_status status = SVA_OK;
    for (int i = 0; i < 2 && status == SVA_OK; i++) {
        status = sva_model_open(pair->models[i], NULL, &models[i], &error);
        if (status == SVA_OK) {
            status = sva_print_load(pair->prints[i], &prints[i], &error);
        }
    }
    if (status == SVA_OK) {
        status = sva_compare(prints[0], prints[1], &options, &comparison, &error);
    }
    if (status == SVA_OK) {
        getrusage(RUSAGE_SELF, &before);
        const double begin = bench_seconds();
        status = sva_compare_weights(models[0], models[1], &options, comparison, &error);
        measured->seconds = bench_seconds() - begin;
        getrusage(RUSAGE_SELF, &after);
        measured->cpu_seconds = bench_cpu_seconds(&after) - bench_cpu_seconds(&before);
    }
    if (status != SVA_OK) {
        fprintf(stderr, "bench_table: %s\n", error.text);
    }
    return status == SVA_OK && comparison->answer <= SVA_ANSWER_DEPENDENT_UNEXPLAINED;
}

/** The elementwise part and the whole command beside one other program; NULL: absent. */
static void compare_beside(struct settings *settings, const struct pair *pair, char *const *theirs,
                           const char *name, double limit)
{
    struct stat about[2];
    double bytes = 0;
    double share = NAN;
    for (int i = 0; i < 2; i++) {
        bytes += stat(pair->models[i], &about[i]) == 0 ? (double)about[i].st_size : NAN;
    }
    char paths[2][PATH_BYTES];
    char what[96];
    struct table_series part = {.name = "elements of both"};
    struct table_series whole = {.name = "sovaudit compare"};
    struct table_series other = {.name = name};
    snprintf(paths[0], PATH_BYTES, "%s", pair->models[0]);
    snprintf(paths[1], PATH_BYTES, "%s", pair->models[1]);
    char *const ours[] = {tool,        "compare",         paths[0],        paths[1],
                          "--threads", settings->threads, "--no-progress", NULL};
    for (uint32_t round = 0; round <= settings->rounds && !other.failed; round++) {
        const struct bench_measured a = bench_measure(compare_elements, (void *)(uintptr_t)pair);
        const struct bench_measured b = bench_measure_program(ours);
        const struct bench_measured c = bench_measure_program(theirs);
        other.failed = !c.succeeded;
        settings->failed = settings->failed || !a.succeeded || !b.succeeded;
        share = a.read_bytes / bytes;
        if (round > 0) {
            table_add(&part, a);
            table_add(&whole, b);
            table_add(&other, c);
        }
    }
    snprintf(what, sizeof what, "compare A B, elementwise part (%.0f %% of the bytes read)",
             100 * share);
    table_pair(&(struct table_goal){what, TABLE_FASTER, limit}, &part, &other);
    table_pair(&(struct table_goal){"compare A B, whole command", TABLE_INFORMATION, 0}, &whole,
               &other);
}

/** A model and its relative, and their prints. */
static bool make_pair(struct settings *settings, bool gguf, char (*models)[PATH_BYTES],
                      char (*prints)[PATH_BYTES])
{
    bool made = true;
    for (int i = 0; i < 2; i++) {
        char name[32];
        snprintf(name, sizeof name, "%c.%s", 'a' + i, gguf ? "gguf" : "safetensors");
        in_scratch(settings, name, models[i]);
        snprintf(name, sizeof name, "%c.svp", 'a' + i);
        in_scratch(settings, name, prints[i]);
        table_write_model(
            models[i], &(struct table_model){
                           .bytes = settings->bytes, .width = 2048, .gguf = gguf, .moved = i == 1});
        char *const print[] = {tool,      "fingerprint",   models[i], "-o",
                               prints[i], "--no-progress", NULL};
        made = made && bench_measure_program(print).succeeded;
    }
    settings->failed = settings->failed || !made;
    return made;
}

static void measure_compare_format(struct settings *settings, bool gguf)
{
    char models[2][PATH_BYTES];
    char prints[2][PATH_BYTES];
    char program[PATH_BYTES];
    char script[] = SVA_SOURCE_DIR "/tests/bench/compare_numpy.py";
    snprintf(program, sizeof program, "%s", gguf ? settings->gguf_tools : settings->python);
    char *const tools[] = {program, "compare", models[0], models[1], NULL};
    char *const numpy[] = {program, script, models[0], models[1], NULL};
    if (make_pair(settings, gguf, models, prints)) {
        const struct pair pair = {.models = {models[0], models[1]},
                                  .prints = {prints[0], prints[1]},
                                  .threads = (uint32_t)strtoul(settings->threads, NULL, 10)};
        compare_beside(settings, &pair, gguf ? tools : numpy, gguf ? "gguf-tools" : "numpy script",
                       gguf ? 15 : 10);
    }
    for (int i = 0; i < 2; i++) {
        unlink(models[i]);
        unlink(prints[i]);
    }
}

static void measure_compare(struct settings *settings)
{
    char python[PATH_BYTES];
    snprintf(python, sizeof python, "%s", settings->python);
    char *const question[] = {python, "-c", "import numpy", NULL};
    if (bench_measure_program(question).succeeded) {
        measure_compare_format(settings, false);
    } else {
        table_absent("compare A B beside numpy", "no numpy (--python PROGRAM)");
    }
    if (settings->gguf_tools != NULL) {
        measure_compare_format(settings, true);
    } else {
        table_absent("compare A B beside gguf-tools", "no --peer gguf-tools=PROGRAM");
    }
}

/** CPU seconds for each GB at three sizes, then at three numbers of tensors. */
static void measure_sizes(struct settings *settings)
{
    static const struct {
        const char *what;
        uint64_t divisor[3];
        uint32_t width[3];
    } ladders[] = {{"size", {16, 4, 1}, {1024, 1024, 1024}},
                   {"tensors", {4, 4, 4}, {2048, 512, 128}}};
    char model[PATH_BYTES];
    char print[PATH_BYTES];
    in_scratch(settings, "model.safetensors", model);
    in_scratch(settings, "model.svp", print);
    char *const ours[] = {tool,        "fingerprint",     model,           "-o", print,
                          "--threads", settings->threads, "--no-progress", NULL};
    char *const *const programs[] = {ours};
    for (size_t ladder = 0; ladder < 2; ladder++) {
        double cost[3];
        for (size_t i = 0; i < 3; i++) {
            const struct table_model made = {.bytes = settings->bytes / ladders[ladder].divisor[i],
                                             .width = ladders[ladder].width[i]};
            struct table_series series = {.name = "sovaudit fingerprint"};
            const double gb = (double)table_write_model(model, &made) / 1e9;
            take_turns(settings, programs, &series, 1);
            settings->failed = settings->failed || series.failed;
            cost[i] = table_seconds(&series, true) / gb;
            printf(
                "| cost by %s: %.3f GB in %llu tensors | %.2f s, %.2f CPU-s for each GB, %.0f MiB | | | "
                "| | - |\n",
                ladders[ladder].what, gb, (unsigned long long)table_tensor_count(&made),
                table_seconds(&series, false), cost[i], table_peak(&series));
            fflush(stdout);
        }
        printf("| cost of the largest over the smallest, by %s | | | | %.2f | %s | %s |\n",
               ladders[ladder].what, cost[2] / cost[0],
               ladder == 0 ? "linear: <= 1.25" : "flat: <= 1.25",
               cost[2] / cost[0] <= 1.25 ? "yes" : "no");
    }
    unlink(model);
    unlink(print);
}

/** A program of this folder, whose lines are read. */
static FILE *run_neighbour(const struct settings *settings, const char *arguments)
{
    char command[2 * PATH_BYTES];
    const char *const slash = strrchr(settings->own_path, '/');
    const int length = slash == NULL ? 0 : (int)(slash + 1 - settings->own_path);
    snprintf(command, sizeof command, "'%.*sbench_search' %s", length, settings->own_path,
             arguments);
    return popen(command, "r");
}

static void measure_prints(struct settings *settings)
{
    char line[256];
    FILE *const lines = run_neighbour(settings, "--pair");
    while (lines != NULL && fgets(line, sizeof line, lines) != NULL) {
        char name[18];
        char what[64];
        unsigned threads;
        double wall, cpu;
        if (sscanf(line, "%17c %u %lf s %lf s", name, &threads, &wall, &cpu) != 4 || threads != 2) {
            continue;
        }
        name[17] = '\0';
        for (size_t i = 17; i > 0 && name[i - 1] == ' '; i--) {
            name[i - 1] = '\0';
        }
        const bool disguised = strncmp(name, "disguised", 9) == 0;
        snprintf(what, sizeof what, "two prints, 7B, class %c: %s", disguised ? 'B' : 'A', name);
        table_seconds_row(what, wall, cpu, disguised ? 120 : 1);
    }
    if (lines == NULL || pclose(lines) != 0) {
        settings->failed = true;
    }
}

static void measure_search(struct settings *settings)
{
    char line[256];
    if (!settings->long_form) {
        table_absent("one print against 1,000 references", "wants --long");
        return;
    }
    FILE *const lines = run_neighbour(settings, "--references 1000 --only");
    while (lines != NULL && fgets(line, sizeof line, lines) != NULL) {
        unsigned references, threads;
        double wall, cpu;
        if (sscanf(line, "%u %u %lf s %lf s", &references, &threads, &wall, &cpu) == 4 &&
            threads == 2) {
            table_seconds_row("one print against 1,000 references", wall, cpu, 60);
        }
    }
    if (lines == NULL || pclose(lines) != 0) {
        settings->failed = true;
    }
}

static void print_machine(const struct settings *settings)
{
    char line[256];
    char model[128] = "unknown";
    struct utsname names;
    FILE *const file = fopen("/proc/cpuinfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
            snprintf(model, sizeof model, "%.*s", (int)strcspn(strchr(line, ':') + 2, "\n"),
                     strchr(line, ':') + 2);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    double load[1] = {NAN};
    char text[32] = "unknown";
    FILE *const average = fopen("/proc/loadavg", "r");
    if (average != NULL && fscanf(average, "%lf", load) == 1) {
        snprintf(text, sizeof text, "%.1f", load[0]);
    }
    if (average != NULL) {
        fclose(average);
    }
    printf("Processor: %s, %ld online; %s; load before: %s; %u rounds; model of %.2f GB.\n", model,
           sysconf(_SC_NPROCESSORS_ONLN), uname(&names) == 0 ? names.sysname : "?", text,
           settings->rounds, (double)settings->bytes / 1e9);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--hash-stream") == 0) {
        return table_hash_stream(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "--read-direct") == 0) {
        return table_read_direct(argv[2]);
    }
    struct settings settings = {
        .bytes = bench_number(argc, argv, "--bytes", 1040000000),
        .rounds = (uint32_t)bench_number(argc, argv, "--rounds", 5),
        .only = option_text(argc, argv, "--only", NULL),
        .python = option_text(argc, argv, "--python", "python3"),
        .own_path = argv[0],
        .gguf_hash = peer(argc, argv, "llama-gguf-hash"),
        .gguf_tools = peer(argc, argv, "gguf-tools"),
        .ggml = peer(argc, argv, "ggml"),
        .long_form = bench_flag(argc, argv, "--long"),
    };
    settings.rounds = settings.rounds > TABLE_ROUNDS_MOST ? TABLE_ROUNDS_MOST : settings.rounds;
    snprintf(settings.threads, sizeof settings.threads, "%llu",
             (unsigned long long)bench_number(argc, argv, "--threads", 2));
    static const struct {
        const char *name;
        void (*measure)(struct settings *settings);
    } groups[] = {{"fingerprint", measure_fingerprint},
                  {"fingerprint", measure_shards},
                  {"fingerprint", measure_gguf_hash},
                  {"cold", measure_cold},
                  {"quick", measure_quick},
                  {"compare", measure_compare},
                  {"sizes", measure_sizes},
                  {"prints", measure_prints},
                  {"search", measure_search}};
    bench_scratch(settings.scratch, sizeof settings.scratch, "table");
    print_machine(&settings);
    table_head();
    if (wanted(&settings, "machine")) {
        table_machine((uint32_t)strtoul(settings.threads, NULL, 10), settings.rounds);
    }
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (wanted(&settings, groups[i].name)) {
            groups[i].measure(&settings);
        }
    }
    if (wanted(&settings, "decode")) {
        table_decode(settings.ggml, settings.rounds);
    }
    rmdir(settings.scratch);
    if (settings.failed) {
        fprintf(stderr, "%s: a program of ours failed\n", argv[0]);
    }
    return settings.failed ? 2 : 0;
}

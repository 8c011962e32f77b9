/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Replays a corpus once, without libFuzzer: every regular file of the named directories (or the
 * named files) goes through LLVMFuzzerTestOneInput. Then, with --mutate N, the first N mutations of
 * each, in turn, until --cpu-seconds S are used up. A crash, a hang or a sanitizer report is the
 * failure; there is no other. A mutation that fails is written to ./TARGET.failed.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HANG_SECONDS = 60 };

struct input {
    char *path;
    uint8_t *bytes;
    size_t size;
};

struct corpus {
    size_t count, capacity;
    struct input *inputs;
};

/* ---- the corpus ---- */

static int read_input(struct input *input, size_t size)
{
    FILE *file = fopen(input->path, "rb");
    input->bytes = malloc(size + 1);
    input->size = size;
    const int failed =
        file == NULL || input->bytes == NULL || fread(input->bytes, 1, size, file) != size;
    if (failed) {
        (void)fprintf(stderr, "cannot read %s\n", input->path);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return failed;
}

static int add_input(struct corpus *corpus, const char *path, size_t size)
{
    if (corpus->count == corpus->capacity) {
        const size_t capacity = 2 * corpus->capacity + 64;
        struct input *const grown = realloc(corpus->inputs, capacity * sizeof *grown);
        if (grown == NULL) {
            return 1;
        }
        corpus->inputs = grown;
        corpus->capacity = capacity;
    }
    struct input *const input = &corpus->inputs[corpus->count++];
    const size_t length = strlen(path);
    *input = (struct input){.path = malloc(length + 1)};
    if (input->path == NULL) {
        return 1;
    }
    memcpy(input->path, path, length + 1);
    return read_input(input, size);
}

static int add_directory(struct corpus *corpus, const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return 1;
    }
    int failed = 0;
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char name[4096];
        const int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        struct stat status;
        if (length > 0 && (size_t)length < sizeof name && stat(name, &status) == 0 &&
            S_ISREG(status.st_mode)) {
            failed |= add_input(corpus, name, (size_t)status.st_size);
        }
    }
    (void)closedir(directory);
    return failed;
}

static int add_path(struct corpus *corpus, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        (void)printf("no corpus at %s\n", path);
        return 0;
    }
    return S_ISDIR(status.st_mode) ? add_directory(corpus, path)
                                   : add_input(corpus, path, (size_t)status.st_size);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct input *)a)->path, ((const struct input *)b)->path);
}

static void free_corpus(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        free(corpus->inputs[i].path);
        free(corpus->inputs[i].bytes);
    }
    free(corpus->inputs);
}

/* ---- mutations ---- */

/** What is being tried, in a file, so that it is known when the process is no more. */
struct trial {
    uint64_t input, number, done;
};

/** Mutation `number` of an input and its neighbour; free(). The same on every machine. */
static uint8_t *make_mutation(const struct corpus *corpus, const struct trial *trial, size_t *size)
{
    const struct input *const input = &corpus->inputs[trial->input];
    const struct input *const other =
        &corpus->inputs[(trial->input + trial->number + 1) % corpus->count];
    uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a: inputs go different ways */
    for (size_t i = 0; i < input->size; i++) {
        hash = (hash ^ input->bytes[i]) * UINT64_C(0x100000001B3);
    }
    uint8_t *const made = malloc(mutation_room(input->size, other->size));
    if (made != NULL) {
        *size = mutate(input->bytes, input->size, other->bytes, other->size, hash + trial->number,
                       made);
    }
    return made;
}

static int try_mutations(const struct corpus *corpus, uint64_t count, long cpu_seconds, int told)
{
    struct trial trial = {0, 0, 0};
    const clock_t begun = clock();
    for (; trial.number < count; trial.number++) {
        for (trial.input = 0; trial.input < corpus->count; trial.input++) {
            size_t size = 0;
            if ((clock() - begun) / CLOCKS_PER_SEC >= cpu_seconds) {
                return 0;
            }
            uint8_t *const made = make_mutation(corpus, &trial, &size);
            if (made == NULL || pwrite(told, &trial, sizeof trial, 0) != (ssize_t)sizeof trial) {
                return 1;
            }
            (void)LLVMFuzzerTestOneInput(made, size);
            free(made);
            trial.done++;
        }
    }
    return pwrite(told, &trial, sizeof trial, 0) != (ssize_t)sizeof trial;
}

static void save_failed(const struct corpus *corpus, const struct trial *trial, const char *program)
{
    const char *const slash = strrchr(program, '/');
    char name[256];
    size_t size = 0;
    uint8_t *const made = make_mutation(corpus, trial, &size);
    (void)snprintf(name, sizeof name, "%s.failed", slash != NULL ? slash + 1 : program);
    FILE *const file = fopen(name, "wb");
    if (made != NULL && file != NULL && fwrite(made, 1, size, file) == size) {
        (void)fprintf(stderr, "mutation %llu of %s failed; it is in %s\n",
                      (unsigned long long)trial->number, corpus->inputs[trial->input].path, name);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    free(made);
}

/** In a process of its own: whatever becomes of it, the input is known. */
static int run_mutations(const struct corpus *corpus, uint64_t count, long cpu_seconds,
                         const char *program)
{
    FILE *const told = tmpfile();
    struct trial trial = {0, 0, 0};
    int status = 1;
    (void)fflush(NULL);
    const pid_t child = told != NULL ? fork() : -1;
    if (child == 0) {
        const struct rlimit limit = {(rlim_t)(cpu_seconds + HANG_SECONDS),
                                     (rlim_t)(cpu_seconds + HANG_SECONDS)};
        (void)setrlimit(RLIMIT_CPU, &limit);
        exit(try_mutations(corpus, count, cpu_seconds, fileno(told)));
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        (void)fprintf(stderr, "cannot run mutations\n");
        return 1;
    }
    const int known = pread(fileno(told), &trial, sizeof trial, 0) == (ssize_t)sizeof trial;
    (void)fclose(told);
    (void)printf("%llu mutations tried\n", (unsigned long long)trial.done);
    if (status != 0 && known) {
        save_failed(corpus, &trial, program);
    }
    return status != 0;
}

int main(int argc, char **argv)
{
    struct corpus corpus = {0, 0, NULL};
    uint64_t mutations = 0;
    long cpu_seconds = 1;
    int failed = 0;
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--mutate") == 0 && i + 1 < argc) {
            mutations = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--cpu-seconds") == 0 && i + 1 < argc) {
            cpu_seconds = strtol(argv[++i], NULL, 10);
        } else {
            failed |= add_path(&corpus, argv[i]);
        }
    }
    if (corpus.count > 0) {
        qsort(corpus.inputs, corpus.count, sizeof *corpus.inputs, by_path);
    }
    for (size_t i = 0; !failed && i < corpus.count; i++) {
        (void)LLVMFuzzerTestOneInput(corpus.inputs[i].bytes, corpus.inputs[i].size);
    }
    (void)printf("%zu inputs replayed\n", corpus.count);
    if (!failed && mutations > 0 && corpus.count > 0) {
        failed = run_mutations(&corpus, mutations, cpu_seconds, argv[0]);
    }
    free_corpus(&corpus);
    return failed;
}

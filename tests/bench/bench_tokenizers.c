/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every pair of the vocabularies below the directories and files given: overlap, ids, order,
 * special tokens and the answer. Without arguments the real vocabularies that this project is
 * tested with; where they are absent it says so and ends. Exit 1 when one of the pairs of these
 * that are known to have one source is not found, or another one is called so.
 *
 *   bench_tokenizers [DIRECTORY|FILE ...]
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "compare/vocabulary_lineage.h"
#include "model/vocabulary_file.h"
#include "model/vocabulary_sample.h"

enum { MOST = 64 };

struct named {
    char name[64];
    struct sva_token_sample *sample;
};

struct table {
    struct named items[MOST];
    size_t count;
    struct sva_arena arena;
};

/** File name without what all of them have; the directory's where the file is tokenizer.json. */
static void name_of(const char *path, char name[64])
{
    char copy[1024];
    (void)snprintf(copy, sizeof copy, "%s", path);
    char *base = strrchr(copy, '/');
    if (base != NULL && strcmp(base, "/tokenizer.json") == 0) {
        *base = '\0';
        base = strrchr(copy, '/');
    }
    base = base == NULL ? copy : base + 1;
    base = strncmp(base, "ggml-vocab-", 11) == 0 ? base + 11 : base;
    char *const dot = strrchr(base, '.');
    if (dot != NULL && dot > base) {
        *dot = '\0';
    }
    (void)snprintf(name, 64, "%.63s", base);
}

static void add_file(struct table *table, const char *path)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_vocabulary vocabulary = {0};
    struct sva_error error = {0};
    const clock_t start = clock();
    if (table->count == MOST) {
        return;
    }
    struct named *const named = &table->items[table->count];
    enum sva_status status = sva_vocabulary_load(path, &limits, &vocabulary, &error);
    if (status == SVA_OK) {
        status = sva_vocabulary_sample(&vocabulary, &table->arena, &named->sample, &error);
    }
    sva_vocabulary_done(&vocabulary);
    if (status != SVA_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        return;
    }
    name_of(path, named->name);
    printf("%-16s %-19s %8u tokens %7u merges %5u special  %.2f s\n", named->name,
           named->sample->kind, named->sample->token_count, named->sample->merge_count,
           named->sample->special_count, (double)(clock() - start) / CLOCKS_PER_SEC);
    table->count++;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/** The *.gguf, *.json, *.model and *.tiktoken files of one directory, by name. */
static bool add_directory(struct table *table, const char *path)
{
    static const char *const endings[] = {".gguf", ".json", ".model", ".tiktoken", ".txt"};
    char *names[MOST] = {NULL};
    size_t count = 0;
    DIR *const directory = opendir(path);
    if (directory == NULL) {
        return false;
    }
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL && count < MOST) {
        const char *const dot = strrchr(entry->d_name, '.');
        for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++) {
            if (strcmp(dot, endings[i]) == 0) {
                names[count++] = sva_strdup(entry->d_name);
                break;
            }
        }
    }
    (void)closedir(directory);
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++) {
        char file[1024];
        (void)snprintf(file, sizeof file, "%s/%s", path, names[i] == NULL ? "" : names[i]);
        add_file(table, file);
        sva_free(names[i]);
    }
    return true;
}

/** Published as the same or extended, or made by one maker from one text. */
static bool is_known(const char *a, const char *b)
{
    static const char *const known[][2] = {{"llama-spm", "phi-3"},
                                           {"gpt-neox", "mpt"},
                                           {"refact", "starcoder"},
                                           {"deepseek-coder", "deepseek-llm"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(a, known[i][0]) == 0 && strcmp(b, known[i][1]) == 0) {
            return true;
        }
    }
    return false;
}

/** The pair's line. False: the answer is not the known one. */
static bool put_pair(const struct named *a, const struct named *b)
{
    struct sva_tokenizer_lineage lineage;
    if (!sva_vocabulary_lineage(a->sample, b->sample, &lineage)) {
        return false;
    }
    printf("| %s | %s | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f | %u | %u | %s |\n", a->name,
           b->name, lineage.jaccard, lineage.smaller_share, lineage.same_id_share,
           lineage.same_shift_share, lineage.order_tau, lineage.neighbour_share, lineage.prefix,
           lineage.specials_common, sva_lineage_name(lineage.answer));
    return (lineage.answer >= SVA_LINEAGE_SHARED_SOURCE) == is_known(a->name, b->name);
}

int main(int argc, char **argv)
{
    static struct table table;
    if (argc == 1 && !add_directory(&table, SVA_SHARED_DIR "/data/formats/gguf-vocab")) {
        printf("skipped: no real vocabularies here\n");
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (!add_directory(&table, argv[i])) {
            add_file(&table, argv[i]);
        }
    }
    printf(
        "\n| a | b | Jaccard | of the smaller | same id | same shift | tau | neighbours | prefix "
        "| specials | answer |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
    bool right = true;
    for (size_t a = 0; a < table.count; a++) {
        for (size_t b = a + 1; b < table.count; b++) {
            right = put_pair(&table.items[a], &table.items[b]) && right;
        }
    }
    sva_arena_done(&table.arena);
    return right || argc > 1 ? 0 : 1;
}

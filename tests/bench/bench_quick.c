/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_quick [NAME ...] [--share N] [--real DIRECTORY] [-v]
 *
 * Is a quick reading answered as a full one? Every case of the generator and every pair of really
 * trained networks below DIRECTORY, three times: both prints full, the subject's quick, both quick.
 * Fixtures are small, and a quick reading takes small models whole; --share N reads about one byte
 * in N instead, so that lines and not tensors are read. Prints every difference and what was read.
 * Exits 1 when a quick reading accuses where a full one does not, or when it clears what a full one
 * finds dependent (with --share a small model may hold too little for that: then it is only
 * listed).
 */
#include "bench_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "fixtures/fixtures.h"

enum { PATH_BYTES = 1024 };

enum outcome { DEPENDS, REVIEW, CLEAR, UNTESTED };

static const char *const modes[2] = {"quick against full", "quick against quick"};

struct bench {
    uint64_t share;
    bool verbose;
    size_t compared, same_answer, same_outcome, accused, cleared;
    uint64_t bytes_read, bytes_total;
};

static enum outcome outcome_of(enum sva_answer answer)
{
    return answer <= SVA_ANSWER_DERIVED                 ? DEPENDS
           : answer <= SVA_ANSWER_DEPENDENT_UNEXPLAINED ? REVIEW
           : answer == SVA_ANSWER_NO_EVIDENCE           ? CLEAR
                                                        : UNTESTED;
}

static uint64_t bytes_of(const struct sva_model *model)
{
    uint64_t total = 0;
    for (size_t i = 0; i < model->tensor_count; ++i) {
        total += model->tensors[i].size_bytes;
    }
    return total;
}

/** [0] full, [1] quick; false: cannot be opened. */
static bool print_both(struct bench *bench, const char *path, struct sva_print *prints[2])
{
    struct sva_model *model = NULL;
    struct sva_error error = {.status = SVA_OK};
    struct sva_print_options options = {.skip_file_hashes = true};
    enum sva_status status = sva_model_open(path, NULL, &model, &error);
    if (status == SVA_OK) {
        status = sva_print_make(model, &options, &prints[0], &error);
    }
    if (status == SVA_OK) {
        options.quick = true;
        options.quick_bytes = bench->share > 0 ? bytes_of(model) / bench->share + 1 : 0;
        status = sva_print_make(model, &options, &prints[1], &error);
    }
    if (status == SVA_OK) {
        bench->bytes_read += prints[1]->reading.bytes_read;
        bench->bytes_total += prints[1]->reading.bytes_total;
    }
    sva_model_close(model);
    return status == SVA_OK;
}

static void print_difference(const char *set, const char *a, const char *b, int mode,
                             const struct sva_component_result *full,
                             const struct sva_component_result *quick)
{
    printf("%s/%s - %s, %s, %s:\n    %s %s, rho %.4f\n    %s %s, rho %.4f: %s\n", set, a, b,
           full->name, modes[mode], sva_answer_name(full->answer), full->derivation, full->rho,
           sva_answer_name(quick->answer), quick->derivation, quick->rho, quick->reason);
}

static void settle(struct bench *bench, const char *set, const char *a, const char *b, int mode,
                   const struct sva_comparison *full, const struct sva_comparison *quick)
{
    for (size_t i = 0; i < full->component_count; ++i) {
        const struct sva_component_result *const left = &full->components[i];
        const struct sva_component_result *const right = &quick->components[i];
        const enum outcome expected = outcome_of(left->answer);
        const enum outcome found = outcome_of(right->answer);
        const bool told = left->answer != right->answer ||
                          (bench->verbose && strcmp(left->derivation, right->derivation) != 0);
        ++bench->compared;
        bench->same_answer += left->answer == right->answer ? 1 : 0;
        bench->same_outcome += expected == found ? 1 : 0;
        bench->accused += found < expected && found <= REVIEW ? 1 : 0;
        bench->cleared += expected <= REVIEW && found > REVIEW ? 1 : 0;
        if (told) {
            print_difference(set, a, b, mode, left, right);
        }
    }
}

static bool compare_pair(struct bench *bench, const char *set, const char *a, const char *b,
                         struct sva_print *subject[2], struct sva_print *reference[2])
{
    struct sva_print *const sides[3][2] = {
        {subject[0], reference[0]}, {subject[1], reference[0]}, {subject[1], reference[1]}};
    struct sva_comparison *made[3] = {NULL, NULL, NULL};
    struct sva_error error = {.status = SVA_OK};
    bool ok = true;
    for (int i = 0; i < 3 && ok; ++i) {
        ok = sva_compare(sides[i][0], sides[i][1], NULL, &made[i], &error) == SVA_OK;
    }
    for (int mode = 0; mode < 2 && ok; ++mode) {
        settle(bench, set, a, b, mode, made[0], made[mode + 1]);
    }
    if (!ok) {
        printf("%s/%s - %s: %s\n", set, a, b, error.text);
    }
    for (int i = 0; i < 3; ++i) {
        sva_comparison_free(made[i]);
    }
    return ok;
}

static void free_both(struct sva_print *prints[2])
{
    sva_print_free(prints[0]);
    sva_print_free(prints[1]);
}

/** False when something cannot be opened. */
static bool run_pair(struct bench *bench, const char *set, const char *a, const char *b,
                     const char *a_path, const char *b_path)
{
    struct sva_print *subject[2] = {NULL, NULL};
    struct sva_print *reference[2] = {NULL, NULL};
    const bool ok = print_both(bench, a_path, subject) && print_both(bench, b_path, reference) &&
                    compare_pair(bench, set, a, b, subject, reference);
    free_both(subject);
    free_both(reference);
    return ok;
}

static bool run_fixture(struct bench *bench, const struct sva_fixture *fixture, const char *scratch)
{
    char directory[400];
    char path[500];
    char reference[500];
    snprintf(directory, sizeof directory, "%s/%s", scratch, fixture->name);
    snprintf(path, sizeof path, "%s/subject", directory);
    bool ok = fixture->make(directory) == 0;
    for (uint32_t i = 0; ok && i < fixture->reference_count; ++i) {
        const char *const name = fixture->references[i].directory;
        snprintf(reference, sizeof reference, "%s/%s", directory, name);
        ok = run_pair(bench, "fixtures", fixture->name, name, path, reference);
    }
    sva_fixture_remove(directory);
    return ok;
}

/** Pairs of pairs.csv, whose first three fields hold no quotes, and all of lm/. */
static void run_real(struct bench *bench, const char *root)
{
    static const char *const lm[] = {"A", "Aft", "A.step600", "S1", "C", "A.init"};
    char path[PATH_BYTES];
    char other[PATH_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/pairs.csv", root);
    if (sva_read_file(path, 16u << 20, &bytes, &size, NULL) != SVA_OK) {
        printf("%s: no pairs.csv, skipped\n", root);
        return;
    }
    char *line = strchr((char *)bytes, '\n');
    while (line != NULL && line[1] != '\0') {
        char set[64];
        char a[128];
        char b[128];
        if (sscanf(line + 1, "%63[^,\n],%127[^,\n],%127[^,\n]", set, a, b) == 3) {
            snprintf(path, sizeof path, "%s/%s/%s", root, set, a);
            snprintf(other, sizeof other, "%s/%s/%s", root, set, b);
            (void)run_pair(bench, set, a, b, path, other);
        }
        line = strchr(line + 1, '\n');
    }
    sva_free(bytes);
    for (size_t i = 0; i < sizeof lm / sizeof *lm; ++i) {
        for (size_t j = i + 1; j < sizeof lm / sizeof *lm; ++j) {
            snprintf(path, sizeof path, "%s/lm/%s", root, lm[i]);
            snprintf(other, sizeof other, "%s/lm/%s", root, lm[j]);
            (void)run_pair(bench, "lm", lm[i], lm[j], path, other);
        }
    }
}

static const char *text_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; ++i) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

static bool names_fixtures(int argc, char **argv)
{
    bool any = false;
    for (int i = 1; i < argc; ++i) {
        const bool value =
            i > 1 && (strcmp(argv[i - 1], "--share") == 0 || strcmp(argv[i - 1], "--real") == 0);
        any = any || (!value && argv[i][0] != '-');
    }
    return any;
}

int main(int argc, char **argv)
{
    char scratch[256];
    size_t count = 0;
    struct bench bench = {
        .share = bench_flag(argc, argv, "--share") ? bench_number(argc, argv, "--share", 4) : 0,
        .verbose = bench_flag(argc, argv, "-v")};
    const struct sva_fixture *const table = sva_fixture_table(&count);
    const char *const real = text_option(argc, argv, "--real");
    const bool named = names_fixtures(argc, argv);
    bool ok = true;
    bench_scratch(scratch, sizeof scratch, "quick");
    for (size_t i = 0; i < count; ++i) {
        if (named ? bench_flag(argc, argv, table[i].name) : real == NULL) {
            ok = run_fixture(&bench, &table[i], scratch) && ok;
            fflush(stdout);
        }
    }
    sva_fixture_remove(scratch);
    if (real != NULL) {
        run_real(&bench, real);
    }
    printf("%zu components compared, %zu with the same answer, %zu with the same outcome, "
           "%zu accused by the quick reading only, %zu cleared by it; %.1f%% of the bytes read\n",
           bench.compared, bench.same_answer, bench.same_outcome, bench.accused, bench.cleared,
           bench.bytes_total > 0 ? 100.0 * (double)bench.bytes_read / (double)bench.bytes_total
                                 : 0.0);
    return ok && bench.accused == 0 && (bench.share > 0 || bench.cleared == 0) ? 0 : 1;
}

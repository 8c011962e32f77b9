/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_real_pairs [DIRECTORY] [-v] [--threads N]
 *
 * Compares every labelled pair of really trained networks below DIRECTORY (pairs.csv,
 * lm/) and prints label against answer. Skips, with exit 0, when the data are not
 * there. Exits 1 when an independent pair is called dependent, a pair that shares only
 * its random start is called derived or identical, or a derived pair is not rejected.
 * Nothing in the library was set on these pairs.
 */
#include <sys/stat.h>

#include "bench_support.h"

#include "base/file.h"
#include "base/memory.h"

enum { PRINTS_MAX = 256, PAIRS_MAX = 1024, FIELDS_MAX = 16, PATH_BYTES = 1024 };

enum label { POSITIVE, NEGATIVE, SHARED_START, STEP_ZERO, AMBIGUOUS, LABEL_COUNT };

static const char *const label_names[LABEL_COUNT] = {
    "positive", "negative", "shared_init_not_derived", "init", "ambiguous"};

struct pair {
    char set[64], a[128], b[128];
    enum label label;
    char evidence[256];
};

struct printed {
    char path[PATH_BYTES];
    struct sva_print *print; /* NULL: could not be made; `error` says why */
    struct sva_error error;
};

struct bench {
    const char *root;
    uint32_t threads;
    bool verbose;
    struct pair *pairs;
    size_t pair_count;
    struct printed *prints;
    size_t print_count;
    uint64_t table[LABEL_COUNT][SVA_ANSWER_COUNT];
    uint64_t failures;
    struct sva_bytes exceptions;
};

static bool find_label(const char *name, enum label *label)
{
    for (int i = 0; i < LABEL_COUNT; ++i) {
        if (strcmp(name, label_names[i]) == 0) {
            *label = (enum label)i;
            return true;
        }
    }
    return false;
}

/* Unquotes one field of RFC 4180 in place; returns what follows it, and its end. */
static char *unquote_field(char *text, char **end)
{
    const bool quoted = *text == '"';
    char *out = text;
    for (text += quoted ? 1 : 0; *text != '\0'; ++text) {
        if (quoted && *text == '"' && *++text != '"') {
            break;
        }
        if (!quoted && (*text == ',' || *text == '\n' || *text == '\r')) {
            break;
        }
        *out++ = *text;
    }
    *end = out;
    return text;
}

/* Splits one record in place; returns the start of the next record. */
static char *split_record(char *text, char **fields, size_t *count)
{
    *count = 0;
    for (;;) {
        char *end = NULL;
        char *const next = unquote_field(text, &end);
        const char border = *next;
        if (*count < FIELDS_MAX) {
            fields[(*count)++] = text;
        }
        text = next + (border == '\0' ? 0 : 1);
        *end = '\0';
        if (border != ',') {
            return text + (border == '\r' && *text == '\n' ? 1 : 0);
        }
    }
}

static void add_pair(struct bench *bench, const char *set, const char *a, const char *b,
                     enum label label, const char *evidence)
{
    if (bench->pair_count == PAIRS_MAX) {
        fputs("bench_real_pairs: too many pairs\n", stderr);
        exit(2);
    }
    struct pair *const pair = &bench->pairs[bench->pair_count++];
    snprintf(pair->set, sizeof pair->set, "%s", set);
    snprintf(pair->a, sizeof pair->a, "%s", a);
    snprintf(pair->b, sizeof pair->b, "%s", b);
    snprintf(pair->evidence, sizeof pair->evidence, "%s", evidence);
    pair->label = label;
}

/* 0; -1 when there is no pairs.csv. Ends the program on a label that it does not know. */
static int load_pairs(struct bench *bench)
{
    char path[PATH_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/pairs.csv", bench->root);
    if (sva_read_file(path, 16u << 20, &bytes, &size, NULL) != SVA_OK) {
        return -1;
    }
    char *text = (char *)bytes;
    char *fields[FIELDS_MAX];
    size_t count = 0;
    text = split_record(text, fields, &count); /* column names */
    while (*text != '\0') {
        enum label label = AMBIGUOUS;
        text = split_record(text, fields, &count);
        if (count < 4) {
            continue;
        }
        if (!find_label(fields[3], &label)) {
            fprintf(stderr, "bench_real_pairs: unknown label %s\n", fields[3]);
            exit(2);
        }
        add_pair(bench, fields[0], fields[1], fields[2], label, fields[count - 1]);
    }
    sva_free(bytes);
    return 0;
}

/* The table in the data's README, section lm. */
static void add_language_models(struct bench *bench)
{
    static const struct {
        const char *a, *b;
        enum label label;
    } known[] = {
        {"A.step600", "A", POSITIVE},   {"A", "Aft", POSITIVE},
        {"A.step600", "Aft", POSITIVE}, {"A", "S1", SHARED_START},
        {"Aft", "S1", SHARED_START},    {"A.step600", "S1", SHARED_START},
        {"A.init", "A", STEP_ZERO},     {"A.init", "A.step600", STEP_ZERO},
        {"A.init", "Aft", STEP_ZERO},   {"A.init", "S1", STEP_ZERO},
        {"C", "A", NEGATIVE},           {"C", "A.init", NEGATIVE},
        {"C", "A.step600", NEGATIVE},   {"C", "Aft", NEGATIVE},
        {"C", "S1", NEGATIVE},
    };
    char path[PATH_BYTES];
    struct stat about;
    snprintf(path, sizeof path, "%s/lm/A", bench->root);
    if (stat(path, &about) != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) {
        add_pair(bench, "lm", known[i].a, known[i].b, known[i].label, "README, section lm");
    }
}

static struct printed *print_of(struct bench *bench, const char *set, const char *name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s/%s", bench->root, set, name);
    for (size_t i = 0; i < bench->print_count; ++i) {
        if (strcmp(bench->prints[i].path, path) == 0) {
            return &bench->prints[i];
        }
    }
    if (bench->print_count == PRINTS_MAX) {
        fputs("bench_real_pairs: too many files\n", stderr);
        exit(2);
    }
    struct printed *const made = &bench->prints[bench->print_count++];
    snprintf(made->path, sizeof made->path, "%s", path);
    if (bench_print(path, bench->threads, &made->print, &made->error) != SVA_OK) {
        made->print = NULL;
    }
    return made;
}

/* NULL when the answer suits the label, else what is wrong. `fatal`: the bench fails. */
static const char *judge(enum label label, enum sva_answer answer, bool *fatal)
{
    const bool derived = answer <= SVA_ANSWER_DERIVED;
    const bool rejected = answer < SVA_ANSWER_NO_EVIDENCE;
    *fatal = true;
    switch (label) {
    case NEGATIVE: return rejected ? "an independent pair is called dependent" : NULL;
    case SHARED_START: return derived ? "a shared start is called derived" : NULL;
    case STEP_ZERO: return derived ? "a random start is called derived from its result" : NULL;
    case POSITIVE:
        if (!rejected) {
            return "a derived pair is not rejected";
        }
        *fatal = false;
        return derived ? NULL : "rejected, but not called derived";
    default: return NULL;
    }
}

/* The component that gave the comparison its answer. */
static const struct sva_component_result *deciding(const struct sva_comparison *comparison)
{
    const struct sva_component_result *best = NULL;
    for (size_t i = 0; i < comparison->component_count; ++i) {
        const struct sva_component_result *const component = &comparison->components[i];
        if (best == NULL || component->answer < best->answer) {
            best = component;
        }
    }
    return best;
}

static void print_component(const struct bench *bench, const struct printed *a,
                            const struct printed *b, const struct sva_component_result *component)
{
    char p[32];
    if (!bench->verbose) {
        return;
    }
    printf("    %-18s %-22s rho %7.4f +- %.4f, seen from %.4f, log10 p %s, %s\n", component->name,
           sva_answer_name(component->answer), component->rho, component->rho_se,
           component->detectable_rho, bench_log10(component->log10_p_adjusted, p, sizeof p),
           component->reason);
    for (size_t i = 0; i < component->match_count && i < 3; ++i) {
        const struct sva_tensor_match *const match = &component->matches[i];
        printf("        %s ~ %s rho %.4f%s\n", a->print->tensors[match->subject_tensor].name,
               b->print->tensors[match->reference_tensor].name, match->rho,
               match->same_values ? " (same values)" : "");
    }
}

static void settle(struct bench *bench, const struct pair *pair,
                   const struct sva_comparison *comparison)
{
    bool fatal = false;
    char p[32];
    const struct sva_component_result *const component = deciding(comparison);
    const char *const wrong = judge(pair->label, comparison->answer, &fatal);
    ++bench->table[pair->label][comparison->answer];
    if (wrong == NULL) {
        return;
    }
    bench->failures += fatal ? 1 : 0;
    sva_bytes_printf(&bench->exceptions, "%s %s/%s - %s: %s\n", fatal ? "FAIL" : "note", pair->set,
                     pair->a, pair->b, wrong);
    if (component != NULL) {
        sva_bytes_printf(&bench->exceptions, "     %s: %s; rho %.4f, detectable %.4f, log10 p %s\n",
                         component->name, component->reason, component->rho,
                         component->detectable_rho,
                         bench_log10(component->log10_p_adjusted, p, sizeof p));
    }
    sva_bytes_printf(&bench->exceptions, "     label rests on: %s\n", pair->evidence);
}

static int compare_pair(struct bench *bench, const struct pair *pair)
{
    struct sva_error error = {0};
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    const struct printed *const a = print_of(bench, pair->set, pair->a);
    const struct printed *const b = print_of(bench, pair->set, pair->b);
    const struct printed *const broken = a->print == NULL ? a : b;
    if (a->print == NULL || b->print == NULL) {
        fprintf(stderr, "bench_real_pairs: %s: %s\n", broken->path, broken->error.text);
        return -1;
    }
    options.threads = bench->threads;
    if (sva_compare(a->print, b->print, &options, &comparison, &error) != SVA_OK) {
        fprintf(stderr, "bench_real_pairs: %s: %s\n", a->path, error.text);
        return -1;
    }
    if (bench->verbose) {
        printf("%s: %s - %s [%s] -> %s\n", pair->set, pair->a, pair->b, label_names[pair->label],
               sva_answer_name(comparison->answer));
    }
    for (size_t i = 0; i < comparison->component_count; ++i) {
        print_component(bench, a, b, &comparison->components[i]);
    }
    settle(bench, pair, comparison);
    sva_comparison_free(comparison);
    return 0;
}

static void print_table(const struct bench *bench)
{
    printf("\n%-24s", "label \\ answer");
    for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
        printf(" %22s", sva_answer_name((enum sva_answer)answer));
    }
    printf("\n");
    for (int label = 0; label < LABEL_COUNT; ++label) {
        printf("%-24s", label_names[label]);
        for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
            printf(" %22llu", (unsigned long long)bench->table[label][answer]);
        }
        printf("\n");
    }
    printf("\n%s", bench->exceptions.data == NULL ? "" : (const char *)bench->exceptions.data);
}

static const char *data_directory(int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        if (strcmp(argv[i], "--threads") == 0) {
            ++i;
        } else if (argv[i][0] != '-') {
            return argv[i];
        }
    }
    return SVA_SHARED_DIR "/real";
}

static void release(struct bench *bench)
{
    for (size_t i = 0; i < bench->print_count; ++i) {
        sva_print_free(bench->prints[i].print);
    }
    sva_free(bench->prints);
    sva_free(bench->pairs);
    sva_bytes_done(&bench->exceptions);
}

int main(int argc, char **argv)
{
    struct bench bench = {.root = data_directory(argc, argv),
                          .threads = (uint32_t)bench_number(argc, argv, "--threads", 2),
                          .verbose = bench_flag(argc, argv, "-v"),
                          .pairs = sva_calloc(PAIRS_MAX, sizeof(struct pair)),
                          .prints = sva_calloc(PRINTS_MAX, sizeof(struct printed))};
    int broken = 0;
    if (bench.pairs == NULL || bench.prints == NULL) {
        fputs("bench_real_pairs: out of memory\n", stderr);
        return 2;
    }
    if (load_pairs(&bench) != 0) {
        printf("skipped: there is no pairs.csv in %s\n", bench.root);
        release(&bench);
        return 0;
    }
    add_language_models(&bench);
    for (size_t i = 0; i < bench.pair_count; ++i) {
        broken += compare_pair(&bench, &bench.pairs[i]) == 0 ? 0 : 1;
    }
    print_table(&bench);
    printf("\n%zu pairs, %d not read, %llu failures\n", bench.pair_count, broken,
           (unsigned long long)bench.failures);
    const int result = bench.failures > 0 ? 1 : (broken > 0 ? 2 : 0);
    release(&bench);
    return result;
}

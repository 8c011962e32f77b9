/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_search [--references N] [--subject FAMILY] [--only] [--pair]
 *
 * One print against a store of N references of mixed sizes (default 1000), and, unless --only,
 * against smaller stores of a tenth and a hundredth: wall time and peak memory of `check` on one and two threads,
 * and what each stage takes. Prints are simulated at the level of sketches (search_prints.h);
 * three of them are relatives of the subject. --pair: no store, one reference head to head, from
 * prints alone, as it is and in disguise. Exits 1 when a relative is missed or another reference is
 * accused.
 */
#include "bench_support.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "search_prints.h"
#include <sovaudit/audit.h>

enum { SUBJECT_SEED = 1, FIRST_SEED = 1000, PLANTED = 3, SIZES = 3 };

static const struct {
    const char *name;
    double agreement;
    bool renamed;
    enum sva_answer answer;
} PLANTS[PLANTED] = {{"relative-derived", 0.95, false, SVA_ANSWER_DERIVED},
                     {"relative-identical", 1.0, false, SVA_ANSWER_IDENTICAL},
                     {"relative-renamed", 1.0, true, SVA_ANSWER_IDENTICAL}};

/** What a child tells its parent. */
struct told {
    double seconds, processor; /* wall; all threads together */
    uint64_t peak_kib;
    size_t answers[SVA_ANSWER_COUNT];
    size_t wrong;
    uint64_t hypotheses;
};

static const struct search_family *family_named(const char *name)
{
    for (size_t i = 0; i < SEARCH_FAMILIES; i++) {
        if (strcmp(search_families[i].name, name) == 0) {
            return &search_families[i];
        }
    }
    fprintf(stderr, "there is no family %s\n", name);
    exit(3);
}

/** Families in proportion to their shares, however few references there are. */
static const struct search_family *family_of(size_t number)
{
    const double place = fmod((double)number * 0.6180339887498949, 1.0) * 1000.0;
    double passed = 0.0;
    for (size_t i = 0; i < SEARCH_FAMILIES; i++) {
        passed += (double)search_families[i].share;
        if (place < passed) {
            return &search_families[i];
        }
    }
    return &search_families[SEARCH_FAMILIES - 1];
}

static void stop(const struct sva_error *error)
{
    fprintf(stderr, "%s\n", error->text);
    _exit(2);
}

/** Reference `number` of a store: the first ones are relatives of the subject. */
static void add_reference(struct sva_refstore *store, const struct search_family *subject,
                          size_t number)
{
    struct sva_error error = {0};
    struct search_recipe recipe = {.family = family_of(number), .seed = FIRST_SEED + number};
    char name[32];
    (void)snprintf(name, sizeof name, "reference-%06zu", number);
    if (number < PLANTED) {
        recipe.family = subject;
        recipe.parent = SUBJECT_SEED;
        recipe.agreement = PLANTS[number].agreement;
        recipe.renamed = PLANTS[number].renamed;
        (void)snprintf(name, sizeof name, "%s", PLANTS[number].name);
    }
    struct sva_print *print = search_print(&recipe);
    const struct sva_reference reference = {.name = name, .released = "2024-01"};
    if (sva_refstore_add(store, &reference, print, &error) != SVA_OK) {
        stop(&error);
    }
    sva_print_free(print);
}

static void build_store(const char *path, const struct search_family *subject, size_t count)
{
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    if (sva_refstore_open(path, true, &store, &error) != SVA_OK) {
        stop(&error);
    }
    for (size_t i = 0; i < count; i++) {
        add_reference(store, subject, i);
    }
    sva_refstore_close(store);
}

static void save_print(const struct search_recipe *recipe, const char *path)
{
    struct sva_error error = {0};
    struct sva_print *print = search_print(recipe);
    if (sva_print_save(print, path, &error) != SVA_OK) {
        stop(&error);
    }
    sva_print_free(print);
}

/** The subject's values come from its own stream; a relative takes them from its parent's. */
static bool as_planted(const struct sva_compared *compared)
{
    for (size_t i = 0; i < PLANTED; i++) {
        if (strcmp(compared->reference.name, PLANTS[i].name) == 0) {
            return compared->comparison->answer == PLANTS[i].answer;
        }
    }
    return compared->comparison->answer >= SVA_ANSWER_NO_EVIDENCE;
}

static struct told check(const char *subject, const char *store, uint32_t threads)
{
    const struct sva_check_options options = {.store_path = store,
                                              .as_of = "2026-01-01",
                                              .subject_date = "",
                                              .threads = threads,
                                              .compare = sva_compare_options_default()};
    struct told told = {0};
    struct sva_audit_result *result = NULL;
    struct sva_error error = {0};
    const double begin = bench_seconds();
    if (sva_check(subject, &options, &result, &error) != SVA_OK) {
        stop(&error);
    }
    told.seconds = bench_seconds() - begin;
    const struct sva_audit *audit = sva_audit_of(result);
    for (size_t i = 0; i < audit->compared_count; i++) {
        told.answers[audit->compared[i].comparison->answer]++;
        told.wrong += as_planted(&audit->compared[i]) ? 0 : 1;
        told.hypotheses = audit->compared[i].comparison->hypothesis_count;
    }
    sva_audit_free(result);
    return told;
}

/** Wall seconds of each stage on one thread. */
struct stages {
    double list, look_up, screen, read, decode, compare;
    size_t comparable, sampled; /* references to decode; of these, measured */
};

enum { SAMPLED_MOST = 24 };

/** Reads, decodes and compares one reference as the search does. */
static void step_reference(struct sva_refstore *store, const struct sva_print *subject,
                           const struct sva_reference *reference, struct stages *stages)
{
    struct sva_error error = {0};
    struct sva_packed_print packed = {0};
    struct sva_print *print = NULL;
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    const double begin = bench_seconds();
    enum sva_status status =
        sva_refstore_packed_print(store, reference->name, reference->version, &packed, &error);
    const double read = bench_seconds();
    status = status == SVA_OK ? sva_packed_print_decode(&packed, &print, &error) : status;
    const double decoded = bench_seconds();
    status = status == SVA_OK ? sva_compare(subject, print, &options, &comparison, &error) : status;
    if (status != SVA_OK) {
        stop(&error);
    }
    stages->read += read - begin;
    stages->decode += decoded - read;
    stages->compare += bench_seconds() - decoded;
    stages->sampled++;
    sva_comparison_free(comparison);
    sva_print_free(print);
    sva_packed_print_done(&packed);
}

/** Every stage of a search, one after the other; of many references to compare, some. */
static struct stages walk_stages(const char *subject_path, const char *store_path)
{
    struct stages stages = {0};
    struct sva_error error = {0};
    struct sva_refstore *store = NULL;
    struct sva_print *subject = NULL;
    struct sva_reference *references = NULL;
    struct sva_exact_hit *hits = NULL;
    struct sva_outline *outlines = NULL;
    size_t count = 0;
    size_t hit_count = 0;
    size_t outline_count = 0;
    const double begin = bench_seconds();
    if (sva_refstore_open(store_path, false, &store, &error) != SVA_OK ||
        sva_refstore_list(store, &references, &count, &error) != SVA_OK ||
        sva_print_load(subject_path, &subject, &error) != SVA_OK) {
        stop(&error);
    }
    const double listed = bench_seconds();
    if (sva_refstore_lookup(store, subject, &hits, &hit_count, &error) != SVA_OK) {
        stop(&error);
    }
    const double looked_up = bench_seconds();
    if (sva_refstore_screen(store, subject, &outlines, &outline_count, &error) != SVA_OK) {
        stop(&error);
    }
    stages.screen = bench_seconds() - looked_up;
    stages.list = listed - begin;
    stages.look_up = looked_up - listed;
    for (size_t i = 0; i < outline_count; i++) {
        stages.comparable += outlines[i].comparable ? 1 : 0;
    }
    const size_t every = stages.comparable / SAMPLED_MOST + 1;
    for (size_t i = 0, seen = 0; i < count; i++) {
        const struct sva_outline *outline =
            sva_outline_find(outlines, outline_count, references[i].print_digest);
        const bool planted = strncmp(references[i].name, "relative-", 9) == 0;
        if (outline != NULL && outline->comparable && !planted && seen++ % every == 0) {
            step_reference(store, subject, &references[i], &stages);
        }
    }
    sva_outlines_free(outlines, outline_count);
    sva_exact_hits_free(hits, hit_count);
    sva_references_free(references, count);
    sva_print_free(subject);
    sva_refstore_close(store);
    return stages;
}

static void print_stages(const struct stages *stages)
{
    const double one = 1000.0 / (double)(stages->sampled > 0 ? stages->sampled : 1);
    printf("# once: open, list, subject %.0f ms; look-up of hashes %.0f ms; screening %.0f ms\n",
           1000.0 * stages->list, 1000.0 * stages->look_up, 1000.0 * stages->screen);
    printf("# each of %zu comparable references (mean of %zu independent ones): read %.1f ms, "
           "decode %.1f ms, test %.0f ms\n",
           stages->comparable, stages->sampled, one * stages->read, one * stages->decode,
           one * stages->compare);
}

/** In a process of its own: what it leaves in memory is in nobody's peak. */
static void show_stages(const char *subject, const char *store)
{
    (void)fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const struct stages stages = walk_stages(subject, store);
        print_stages(&stages);
        (void)fflush(stdout);
        _exit(0);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child) {
        fprintf(stderr, "the stages could not be measured\n");
    }
}

static void note_usage(struct told *told)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        told->peak_kib = (uint64_t)usage.ru_maxrss;
        told->processor = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                          1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    }
}

/** A job in a process of its own, so that its peak memory is its own. */
struct job {
    const char *store, *subject;
    const struct search_family *family;
    size_t references;
    uint32_t threads;
};

static void build(const struct job *job, struct told *told)
{
    const double begin = bench_seconds();
    build_store(job->store, job->family, job->references);
    save_print(&(struct search_recipe){.family = job->family, .seed = SUBJECT_SEED}, job->subject);
    told->seconds = bench_seconds() - begin;
}

static void search(const struct job *job, struct told *told)
{
    *told = check(job->subject, job->store, job->threads);
}

static struct told run_child(const struct job *job, void (*work)(const struct job *, struct told *))
{
    struct told told = {0};
    int ends[2];
    if (pipe(ends) != 0) {
        perror("pipe");
        exit(2);
    }
    const pid_t child = fork();
    if (child == 0) {
        work(job, &told);
        note_usage(&told);
        _exit(write(ends[1], &told, sizeof told) == (ssize_t)sizeof told ? 0 : 2);
    }
    close(ends[1]);
    const bool heard = child > 0 && read(ends[0], &told, sizeof told) == (ssize_t)sizeof told;
    close(ends[0]);
    int status = 0;
    if (!heard || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "a measurement failed\n");
        exit(2);
    }
    return told;
}

static uint64_t size_of(const char *path)
{
    struct stat entry;
    return stat(path, &entry) == 0 ? (uint64_t)entry.st_size : 0;
}

static void print_told(const struct job *job, const struct told *told)
{
    printf("%10zu %7u %8.2f s %8.2f s %8.1f ms %7.0f MiB %6zu %6zu %8zu %8zu %9llu\n", job->references,
           job->threads, told->seconds, told->processor, 1000.0 * told->seconds / (double)job->references,
           (double)told->peak_kib / 1024.0,
           told->answers[SVA_ANSWER_IDENTICAL] + told->answers[SVA_ANSWER_DERIVED],
           told->answers[SVA_ANSWER_DEPENDENT_UNEXPLAINED], told->answers[SVA_ANSWER_NO_EVIDENCE],
           told->answers[SVA_ANSWER_NOT_COMPARABLE], (unsigned long long)told->hypotheses);
    (void)fflush(stdout);
}

/** One size of store: built, measured on one and two threads, removed. Wrong answers are counted. */
static size_t measure(const char *directory, const struct search_family *family, size_t references)
{
    char store[256];
    char subject[256];
    size_t wrong = 0;
    (void)snprintf(store, sizeof store, "%s/refs.db", directory);
    (void)snprintf(subject, sizeof subject, "%s/subject.svp", directory);
    struct job job = {store, subject, family, references, 0};
    const struct told built = run_child(&job, build);
    printf("# %zu references built in %.1f s, store %.1f MB, subject %.2f MB\n", references,
           built.seconds, (double)size_of(store) / 1e6, (double)size_of(subject) / 1e6);
    for (job.threads = 2; job.threads >= 1; job.threads--) {
        const struct told told = run_child(&job, search);
        print_told(&job, &told);
        wrong += told.wrong;
    }
    show_stages(subject, store);
    (void)unlink(store);
    (void)unlink(subject);
    return wrong;
}

static size_t measure_stores(const char *directory, const struct search_family *family,
                             uint64_t most, bool only)
{
    size_t wrong = 0;
    printf("references threads       wall  processor  each reference     peak  found review     none "
           "not-cmp hypotheses\n");
    for (uint64_t divisor = only ? 1 : 100; divisor > 0; divisor /= 10) {
        if (most / divisor > PLANTED) {
            wrong += measure(directory, family, (size_t)(most / divisor));
        }
    }
    return wrong;
}

/** Pairs of one family, and what must be answered. */
static const struct {
    const char *name;
    struct search_recipe reference;
    enum sva_answer answer;
} PAIRS[] = {
    {"independent", {.seed = FIRST_SEED}, SVA_ANSWER_NO_EVIDENCE},
    {"derived", {.seed = FIRST_SEED, .agreement = 0.95}, SVA_ANSWER_DERIVED},
    {"disguised copy", {.seed = FIRST_SEED, .agreement = 0.999, .disguised = true},
     SVA_ANSWER_DEPENDENT_UNEXPLAINED},
    {"disguised, tuned", {.seed = FIRST_SEED, .agreement = 0.95, .disguised = true},
     SVA_ANSWER_DEPENDENT_UNEXPLAINED},
};

/** Two prints: a pair's reference in place of a store, and the subject. */
static void build_pair(const struct job *job, struct told *told)
{
    struct search_recipe reference = PAIRS[job->references].reference;
    reference.family = job->family;
    reference.parent = SUBJECT_SEED;
    save_print(&reference, job->store);
    save_print(&(struct search_recipe){.family = job->family, .seed = SUBJECT_SEED}, job->subject);
    (void)told;
}

static void compare_pair(const struct job *job, struct told *told)
{
    const struct sva_check_options options = {.ref_paths = &job->store,
                                              .ref_path_count = 1,
                                              .as_of = "2026-01-01",
                                              .threads = job->threads,
                                              .compare = sva_compare_options_default()};
    struct sva_audit_result *result = NULL;
    struct sva_error error = {0};
    const double begin = bench_seconds();
    if (sva_check(job->subject, &options, &result, &error) != SVA_OK) {
        stop(&error);
    }
    told->seconds = bench_seconds() - begin;
    told->answers[sva_audit_of(result)->compared[0].comparison->answer]++;
    sva_audit_free(result);
}

static enum sva_answer answer_of(const struct told *told)
{
    enum sva_answer answer = SVA_ANSWER_IDENTICAL;
    while (told->answers[answer] == 0) {
        answer++;
    }
    return answer;
}

/** Every pair, on one and two threads. Wrong answers are counted. */
static size_t measure_pairs(const char *directory, const struct search_family *family)
{
    char reference[256];
    char subject[256];
    size_t wrong = 0;
    (void)snprintf(reference, sizeof reference, "%s/reference.svp", directory);
    (void)snprintf(subject, sizeof subject, "%s/subject.svp", directory);
    printf("pair              threads      wall  processor     peak  answer\n");
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        struct job job = {reference, subject, family, i, 0};
        (void)run_child(&job, build_pair);
        for (job.threads = 1; job.threads <= 2; job.threads++) {
            const struct told told = run_child(&job, compare_pair);
            printf("%-17s %7u %7.2f s %8.2f s %4.0f MiB  %s\n", PAIRS[i].name, job.threads,
                   told.seconds, told.processor, (double)told.peak_kib / 1024.0,
                   sva_answer_name(answer_of(&told)));
            wrong += answer_of(&told) == PAIRS[i].answer ? 0 : 1;
        }
    }
    (void)unlink(reference);
    (void)unlink(subject);
    return wrong;
}

static const char *text_option(int argc, char **argv, const char *name, const char *fallback)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return fallback;
}

int main(int argc, char **argv)
{
    const uint64_t most = bench_number(argc, argv, "--references", 1000);
    const struct search_family *family = family_named(text_option(argc, argv, "--subject", "7b"));
    char directory[200];
    size_t wrong = 0;
    bench_scratch(directory, sizeof directory, "search");
    printf("# subject: a print of family %s, width %llu\n", family->name,
           (unsigned long long)family->width);
    if (bench_flag(argc, argv, "--pair")) {
        wrong = measure_pairs(directory, family);
    } else {
        wrong = measure_stores(directory, family, most,
                               bench_flag(argc, argv, "--only") || most < 1000);
    }
    (void)rmdir(directory);
    printf("%zu wrong answers\n", wrong);
    return wrong > 0 ? 1 : 0;
}

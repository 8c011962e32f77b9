/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_calibration [--pairs N] [--threads N] [--seed N] [--by-setting]
 *
 * Simulated independent pairs, each of two fresh models (calibration_settings.h).
 * For every test and component kind: how often its raw p fell below each level,
 * beside the one-sided 99.9 % binomial bound; "all-tests" is the smallest p after Holm.
 * Exits 1 when an exact test exceeds its bound, a component is called more than no-evidence more
 * often than the family-wise rate allows, or a labelled residual axis is not recognised (or a test
 * that does not ask would not be misled by it: then the setting shows nothing).
 * --by-setting prints the same for each setting, for information.
 */
#include "bench_support.h"

#include "base/memory.h"
#include "base/pool.h"
#include "calibration_settings.h"

enum { LEVELS = 6, ROWS_MAX = 512, ALL_SETTINGS = -1, TESTS_MAX = 96 };

/* One p-value of one pair. */
struct observation {
    const char *id; /* static string of the library */
    enum sva_component_kind kind;
    enum sva_p_label label;
    bool decides;
    double log10_p;
};

struct pair_result {
    size_t observation_count;
    struct observation observations[TESTS_MAX];
    size_t component_count;
    struct {
        enum sva_component_kind kind;
        enum sva_answer answer;
    } components[16];
    bool shuffled_control_failed, self_control_failed;
    bool labelled;        /* some residual axis carries labels */
    double naive_log10_p; /* what A1 would have said there */
    double naive_z;
    double make_seconds, print_seconds, compare_seconds;
    size_t dropped; /* observations that did not fit: reported, never silent */
};

struct calibration {
    uint64_t seed;
    const char *scratch;
    struct pair_result *results;
};

/* Two fresh models: H0 holds. */
static enum sva_status make_pair(uint64_t seed, size_t index, const char *a, const char *b)
{
    const int failed = calibration_model(seed, index, true, a) |
                       calibration_model(seed, index, false, b);
    return failed != 0 ? SVA_ERR_IO : SVA_OK;
}

static void add_observation(struct pair_result *result, struct observation seen)
{
    if (result->observation_count < TESTS_MAX) {
        result->observations[result->observation_count++] = seen;
    } else {
        ++result->dropped;
    }
}

static void observe(struct pair_result *result, const struct sva_component_result *component)
{
    if (result->component_count < sizeof result->components / sizeof result->components[0]) {
        result->components[result->component_count].kind = component->kind;
        result->components[result->component_count].answer = component->answer;
        ++result->component_count;
    } else {
        ++result->dropped;
    }
    for (size_t i = 0; i < component->test_count; ++i) {
        const struct sva_test *const test = &component->tests[i];
        add_observation(result, (struct observation){test->id, component->kind, test->label,
                                                     test->decides, test->log10_p});
    }
    if (component->test_count > 0) {
        add_observation(result, (struct observation){"all-tests", component->kind, SVA_P_EXACT,
                                                     true, component->log10_p_adjusted});
    }
}

/* A1 as if nothing were labelled: what a program that does not ask would print. */
static enum sva_status naive_test(struct sva_print *subject, struct sva_print *reference,
                                  const struct sva_compare_options *options,
                                  struct pair_result *result, struct sva_error *error)
{
    struct sva_comparison *comparison = NULL;
    struct sva_print *const sides[2] = {subject, reference};
    for (int side = 0; side < 2; ++side) {
        for (size_t i = 0; i < sides[side]->component_count; ++i) {
            struct sva_print_component *const component =
                (struct sva_print_component *)(uintptr_t)&sides[side]->components[i];
            result->labelled = result->labelled || component->residual_labelled;
            component->residual_labelled = false;
        }
    }
    if (!result->labelled) {
        return SVA_OK;
    }
    const enum sva_status status = sva_compare(subject, reference, options, &comparison, error);
    for (size_t i = 0; status == SVA_OK && i < comparison->components[0].test_count; ++i) {
        const struct sva_test *const test = &comparison->components[0].tests[i];
        if (strcmp(test->id, "residual-permutation") == 0) {
            result->naive_log10_p = test->log10_p;
            result->naive_z = test->z;
        }
    }
    sva_comparison_free(comparison);
    return status;
}

static enum sva_status compare_directories(const char *a, const char *b, struct pair_result *result,
                                           struct sva_error *error)
{
    struct sva_print *subject = NULL;
    struct sva_print *reference = NULL;
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    const double begin = bench_seconds();
    enum sva_status status = bench_print(a, 1, &subject, error);
    if (status == SVA_OK) {
        status = bench_print(b, 1, &reference, error);
    }
    const double printed = bench_seconds();
    if (status == SVA_OK) {
        status = sva_compare(subject, reference, &options, &comparison, error);
    }
    result->print_seconds = printed - begin;
    result->compare_seconds = bench_seconds() - printed;
    if (status == SVA_OK) {
        status = naive_test(subject, reference, &options, result, error);
    }
    if (status == SVA_OK) {
        for (size_t i = 0; i < comparison->component_count; ++i) {
            observe(result, &comparison->components[i]);
        }
        result->self_control_failed = !comparison->controls[0].passed;
        result->shuffled_control_failed = !comparison->controls[1].passed;
    }
    sva_comparison_free(comparison);
    sva_print_free(subject);
    sva_print_free(reference);
    return status;
}

static enum sva_status run_pair(void *context, size_t item, struct sva_error *error)
{
    const struct calibration *const calibration = context;
    char a[512];
    char b[512];
    char key[32];
    struct pair_result *const result = &calibration->results[item];
    snprintf(a, sizeof a, "%s/%zu-a", calibration->scratch, item);
    snprintf(b, sizeof b, "%s/%zu-b", calibration->scratch, item);
    snprintf(key, sizeof key, "pair %zu", item);
    const double begin = bench_seconds();
    enum sva_status status = make_pair(sva_rng_derive(calibration->seed, key), item, a, b);
    result->make_seconds = bench_seconds() - begin;
    if (status == SVA_OK) {
        status = compare_directories(a, b, result, error);
    }
    if ((sva_fixture_remove(a) | sva_fixture_remove(b)) != 0 && status == SVA_OK) {
        status = SVA_ERR_IO;
    }
    return status;
}

static const double levels[LEVELS] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6};

/* Smallest k with P(X >= k) <= .001 for X binomial: 22 for 1,000 tests at .01. */
static uint64_t binomial_bound(uint64_t count, double level)
{
    double log_term = (double)count * log1p(-level);
    double below = 0;
    for (uint64_t k = 0; k <= count; ++k) {
        if (1.0 - below <= 1e-3) {
            return k;
        }
        below += exp(log_term);
        log_term += log((double)(count - k) / (double)(k + 1)) + log(level) - log1p(-level);
    }
    return count;
}

struct row {
    const char *id;
    enum sva_component_kind kind;
    enum sva_p_label label;
    bool decides;
    int setting; /* or ALL_SETTINGS */
    uint64_t count;
    uint64_t rejected[LEVELS];
};

struct row_list {
    size_t count;
    struct row rows[ROWS_MAX];
};

static struct row *find_row(struct row_list *list, const struct observation *seen, int setting)
{
    for (size_t i = 0; i < list->count; ++i) {
        struct row *const row = &list->rows[i];
        if (row->kind == seen->kind && row->setting == setting && strcmp(row->id, seen->id) == 0) {
            return row;
        }
    }
    if (list->count == ROWS_MAX) {
        fputs("bench_calibration: more tests than rows; raise ROWS_MAX\n", stderr);
        exit(2);
    }
    list->rows[list->count] = (struct row){.id = seen->id,
                                           .kind = seen->kind,
                                           .label = seen->label,
                                           .decides = seen->decides,
                                           .setting = setting};
    return &list->rows[list->count++];
}

static void count_observation(struct row *row, double log10_p)
{
    ++row->count;
    for (int level = 0; level < LEVELS; ++level) {
        /* A margin far below the spacing of p, so that p = level counts as rejected. */
        row->rejected[level] += log10_p <= log10(levels[level]) + 1e-9 ? 1 : 0;
    }
}

/* True when the row is as calibration demands. */
static bool print_row(const struct row *row)
{
    bool sound = true;
    printf("%-32s %-15s %-10s %-4s %6llu", row->id, sva_component_kind_name(row->kind),
           sva_p_label_name(row->label), row->decides ? "yes" : "no",
           (unsigned long long)row->count);
    for (int level = 0; level < LEVELS; ++level) {
        const uint64_t bound = binomial_bound(row->count, levels[level]);
        const bool exceeds = row->rejected[level] > bound;
        printf(" %5llu/%-4llu%s", (unsigned long long)row->rejected[level],
               (unsigned long long)bound, exceeds ? "!" : " ");
        sound = sound && !(exceeds && row->label == SVA_P_EXACT);
    }
    printf("\n");
    return sound;
}

static void print_header(void)
{
    printf("%-32s %-15s %-10s %-4s %6s %10s %10s %10s %10s %10s %10s\n", "test", "component",
           "p is", "dec.", "n", "1e-1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6");
}

static bool print_tests(const struct pair_result *results, size_t pair_count)
{
    static struct row_list list;
    size_t dropped = 0;
    for (size_t pair = 0; pair < pair_count; ++pair) {
        dropped += results[pair].dropped;
        for (size_t i = 0; i < results[pair].observation_count; ++i) {
            const struct observation *const seen = &results[pair].observations[i];
            count_observation(find_row(&list, seen, ALL_SETTINGS), seen->log10_p);
        }
    }
    printf("rejections at each level / most allowed (one-sided 99.9 %% binomial)\n");
    print_header();
    bool sound = list.count > 0 && dropped == 0;
    for (size_t i = 0; i < list.count; ++i) {
        sound = print_row(&list.rows[i]) && sound;
    }
    if (dropped > 0) {
        printf("%zu results did not fit and were not counted\n", dropped);
    }
    return sound;
}

/* The same, setting by setting. Bounds are for one row: among so many some may be passed. */
static void print_settings(const struct pair_result *results, size_t pair_count)
{
    static struct row_list list;
    for (int setting = 0; setting < CALIBRATION_SETTINGS; ++setting) {
        const size_t first = list.count;
        for (size_t pair = (size_t)setting; pair < pair_count; pair += CALIBRATION_SETTINGS) {
            for (size_t i = 0; i < results[pair].observation_count; ++i) {
                const struct observation *const seen = &results[pair].observations[i];
                count_observation(find_row(&list, seen, setting), seen->log10_p);
            }
        }
        printf("\n%s\n", calibration_names[setting]);
        print_header();
        for (size_t i = first; i < list.count; ++i) {
            (void)print_row(&list.rows[i]);
        }
    }
}

/* The family-wise level is 1e-4 for each comparison, so for each pair. */
static bool print_answers(const struct pair_result *results, size_t pair_count)
{
    static uint64_t answers[SVA_COMPONENT_GENERIC + 1][SVA_ANSWER_COUNT];
    uint64_t accused = 0;
    uint64_t failed_self = 0;
    uint64_t failed_shuffled = 0;
    for (size_t pair = 0; pair < pair_count; ++pair) {
        bool rejected = false;
        for (size_t i = 0; i < results[pair].component_count; ++i) {
            const enum sva_answer answer = results[pair].components[i].answer;
            ++answers[results[pair].components[i].kind][answer];
            rejected = rejected || answer < SVA_ANSWER_NO_EVIDENCE;
        }
        accused += rejected ? 1 : 0;
        failed_self += results[pair].self_control_failed ? 1 : 0;
        failed_shuffled += results[pair].shuffled_control_failed ? 1 : 0;
    }
    printf("\nanswers by component\n%-16s", "");
    for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
        printf(" %22s", sva_answer_name((enum sva_answer)answer));
    }
    printf("\n");
    for (int kind = 0; kind <= SVA_COMPONENT_GENERIC; ++kind) {
        printf("%-16s", sva_component_kind_name((enum sva_component_kind)kind));
        for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
            printf(" %22llu", (unsigned long long)answers[kind][answer]);
        }
        printf("\n");
    }
    const uint64_t bound = binomial_bound(pair_count, 1e-4);
    printf("\npairs with any answer above no-evidence: %llu of %zu (allowed %llu)\n",
           (unsigned long long)accused, pair_count, (unsigned long long)bound);
    printf("controls failed: self %llu, shuffled %llu (allowed 0, %llu)\n",
           (unsigned long long)failed_self, (unsigned long long)failed_shuffled,
           (unsigned long long)binomial_bound(pair_count, 1e-3));
    return accused <= bound && failed_self == 0 &&
           failed_shuffled <= binomial_bound(pair_count, 1e-3);
}

/*
 * Where the residual axis is labelled: what the library refused to run would have accused. False
 * when an axis was taken for what it is not, or that test would not have been misled.
 */
static bool print_labelled(const struct pair_result *results, size_t pair_count)
{
    size_t labelled = 0;
    size_t mistaken = 0;
    size_t accused = 0;
    double squares = 0;
    double largest = 0;
    for (size_t pair = 0; pair < pair_count; ++pair) {
        const struct pair_result *const result = &results[pair];
        mistaken += result->labelled != (calibration_setting_of(pair) == CALIBRATION_SINUSOIDS);
        if (result->labelled) {
            ++labelled;
            accused += result->naive_log10_p <= -4.0 ? 1 : 0;
            squares += result->naive_z * result->naive_z;
            largest = fmax(largest, result->naive_z);
        }
    }
    printf("pairs with a labelled residual axis: %zu, taken for another %zu; a residual test that "
           "does not ask\nwould have rejected %zu of them at 1e-4: its z has root mean square %.1f "
           "(1 expected), largest %.1f\n",
           labelled, mistaken, accused, sqrt(squares / (double)(labelled > 0 ? labelled : 1)),
           largest);
    const bool enough = labelled >= 30;
    return mistaken == 0 && (!enough || accused > binomial_bound(labelled, 1e-4));
}

static void print_times(const struct pair_result *results, size_t pair_count, double wall)
{
    double make = 0;
    double print = 0;
    double compare = 0;
    for (size_t i = 0; i < pair_count; ++i) {
        make += results[i].make_seconds;
        print += results[i].print_seconds;
        compare += results[i].compare_seconds;
    }
    fprintf(stderr,
            "%.0f s for %zu pairs; per pair: %.3f s making, %.3f s prints, %.3f s comparing\n",
            wall, pair_count, make / (double)pair_count, print / (double)pair_count,
            compare / (double)pair_count);
}

int main(int argc, char **argv)
{
    char scratch[256];
    struct sva_error error = {0};
    const size_t pair_count = (size_t)bench_number(argc, argv, "--pairs", 1000);
    const uint32_t threads = (uint32_t)bench_number(argc, argv, "--threads", sva_processor_count());
    struct calibration calibration = {.seed = bench_number(argc, argv, "--seed", 20261123),
                                      .scratch = scratch,
                                      .results =
                                          sva_calloc(pair_count, sizeof(struct pair_result))};
    if (calibration.results == NULL) {
        fputs("bench_calibration: out of memory\n", stderr);
        return 2;
    }
    bench_scratch(scratch, sizeof scratch, "calibration");
    const double begin = bench_seconds();
    const enum sva_status status =
        sva_parallel(pair_count, threads, run_pair, &calibration, NULL, &error);
    sva_fixture_remove(scratch);
    if (status != SVA_OK) {
        fprintf(stderr, "bench_calibration: %s\n", error.text);
        sva_free(calibration.results);
        return 2;
    }
    printf("%zu simulated independent pairs, %d settings in %d sizes\n\n", pair_count,
           (int)CALIBRATION_SETTINGS, (int)CALIBRATION_SIZES);
    const bool tests_sound = print_tests(calibration.results, pair_count);
    const bool answers_sound = print_answers(calibration.results, pair_count);
    const bool labels_sound = print_labelled(calibration.results, pair_count);
    if (bench_flag(argc, argv, "--by-setting")) {
        print_settings(calibration.results, pair_count);
    }
    print_times(calibration.results, pair_count, bench_seconds() - begin);
    const bool sound = tests_sound && answers_sound && labels_sound;
    printf("\n%s\n", sound ? "calibrated" : "NOT CALIBRATED");
    sva_free(calibration.results);
    return sound ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_trained [--families N] [--steps N] [--first SEED] [--threads N] [--csv FILE]
 *               [--f32] [--keep DIRECTORY] [--disguise CHAIN]
 *
 * Trains N families of small decoders (fixtures/trained), compares every pair whose lineage is
 * known, without and with the step-0 checkpoint, and prints truth against answer. Exits 1 when
 * an independent pair is above no-evidence, or when a shared start is called derived.
 * A run is a function of its arguments but for the times. --keep leaves the models there, one
 * folder for each family. Models are stored as BF16, as published ones are, or as F32.
 * --disguise: subjects are put through that chain of fixtures/disguise.h first.
 */
#include "bench_support.h"

#include "base/memory.h"
#include "base/pool.h"
#include "fixtures.h"
#include "fixtures/disguise.h"
#include "tiny_family.h"

enum { PATH_BYTES = 512, KIND_BYTES = 32, MEASURES = 6 };

/** One pair of one family. */
struct row {
    uint64_t seed;
    const struct sva_tiny_pair *pair;
    enum sva_answer answer[2]; /**< without and with the step-0 checkpoint */
    char derivation[KIND_BYTES], layer_order[KIND_BYTES];
    char reason[256];
    double rho, rho_se, log10_p, gains, directions, neurons, tokens, tokens_lower, start_rho;
    enum sva_start_use start_use;
};

struct bench {
    char directory[PATH_BYTES];
    const char *disguise; /**< of the subjects, or NULL */
    bool keeps; /**< the models stay where they were written */
    enum sva_stored stored;
    uint64_t first;
    uint32_t families, steps;
    size_t pair_count;
    const struct sva_tiny_pair *pairs;
    struct row *rows;    /**< [families][pair_count] */
    double *training;    /**< [families] seconds */
    double *losses;      /**< [families] of the bases */
};

/** The prints of one family's members, and of what training added to its start. */
struct family_prints {
    struct sva_print *whole[SVA_TINY_MEMBERS];
    struct sva_print *added[SVA_TINY_MEMBERS]; /**< NULL: the start itself */
    struct sva_print *hidden[SVA_TINY_MEMBERS]; /**< in disguise, or NULL */
};

static enum sva_status print_one(const char *path, const struct sva_model *origin,
                                 struct sva_print **print, struct sva_error *error)
{
    struct sva_model *model = NULL;
    const struct sva_print_options options = {
        .threads = 1, .skip_file_hashes = true, .origin = origin};
    enum sva_status status = sva_model_open(path, NULL, &model, error);
    if (status == SVA_OK) {
        status = sva_print_make(model, &options, print, error);
    }
    sva_model_close(model);
    return status;
}

static enum sva_status save_failed(struct sva_error *error)
{
    *error = (struct sva_error){.status = SVA_ERR_IO, .text = "cannot save a trained model"};
    return SVA_ERR_IO;
}

/* The member in disguise. */
static enum sva_status print_hidden(const struct sva_network *member, const char *chain,
                                    const char *path, struct sva_print **print,
                                    struct sva_error *error)
{
    struct sva_network *const network = sva_network_clone(member);
    char hidden[3 * PATH_BYTES];
    snprintf(hidden, sizeof hidden, "%s.hidden", path);
    const bool saved = sva_disguise_chain(network, chain, 1) == 0 &&
                       sva_network_save(network, hidden) == 0;
    sva_network_free(network);
    return saved ? print_one(hidden, NULL, print, error) : save_failed(error);
}

/* Writes every member below `directory` and prints it. */
static enum sva_status print_family(const struct bench *bench, const struct sva_tiny_family *family,
                                    const char *directory, struct family_prints *prints,
                                    struct sva_error *error)
{
    struct sva_model *origin = NULL;
    enum sva_status status = SVA_OK;
    for (int i = 0; i < SVA_TINY_MEMBERS && status == SVA_OK; ++i) {
        char path[2 * PATH_BYTES];
        snprintf(path, sizeof path, "%s/%s", directory,
                 sva_tiny_member_name((enum sva_tiny_member)i));
        if (sva_network_save(family->members[i], path) != 0) {
            status = save_failed(error);
            break;
        }
        status = print_one(path, NULL, &prints->whole[i], error);
        if (status == SVA_OK && i == SVA_TINY_START) {
            status = sva_model_open(path, NULL, &origin, error);
        } else if (status == SVA_OK) {
            status = print_one(path, origin, &prints->added[i], error);
        }
        if (status == SVA_OK && bench->disguise != NULL) {
            status = print_hidden(family->members[i], bench->disguise, path, &prints->hidden[i],
                                  error);
        }
    }
    sva_model_close(origin);
    return status;
}

/* All models of a family are one component, the decoder. */
static void note_answer(const struct sva_comparison *comparison, struct row *row, size_t with_start)
{
    row->answer[with_start] = comparison->answer;
    if (comparison->component_count == 0) {
        return;
    }
    const struct sva_component_result *const found = &comparison->components[0];
    if (with_start == 1) {
        row->start_use = found->start.use;
        row->start_rho = found->start.rho;
        return;
    }
    snprintf(row->derivation, sizeof row->derivation, "%s", found->derivation);
    snprintf(row->layer_order, sizeof row->layer_order, "%s", found->layer_order.kind);
    snprintf(row->reason, sizeof row->reason, "%s", found->reason);
    row->rho = found->rho;
    row->rho_se = found->rho_se;
    row->log10_p = found->log10_p_adjusted;
    row->gains = found->start_gain_agreement;
    row->directions = found->start_subspace_agreement;
    row->neurons = found->neuron_direction_agreement;
    row->tokens = found->start_token_agreement;
    row->tokens_lower = found->start_token_lower;
}

static enum sva_status compare_pair(const struct family_prints *prints, struct row *row,
                                    struct sva_error *error)
{
    const struct sva_tiny_pair *const pair = row->pair;
    const struct sva_print *const hidden = prints->hidden[pair->subject];
    const struct sva_print *const subject = hidden != NULL ? hidden : prints->whole[pair->subject];
    const struct sva_print *const reference = prints->whole[pair->reference];
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    enum sva_status status = sva_compare(subject, reference, &options, &comparison, error);
    if (status != SVA_OK) {
        return status;
    }
    note_answer(comparison, row, 0);
    row->answer[1] = row->answer[0];
    row->start_rho = (double)NAN;
    if (prints->added[pair->reference] != NULL && hidden == NULL) { /* a start is not conditioned on itself */
        const struct sva_start_prints start = {.origin = prints->whole[SVA_TINY_START],
                                               .subject_added = prints->added[pair->subject],
                                               .reference_added = prints->added[pair->reference]};
        status = sva_compare_from_start(subject, reference, &start, &options, comparison, error);
        note_answer(comparison, row, 1);
    }
    sva_comparison_free(comparison);
    return status;
}

static void free_prints(struct family_prints *prints)
{
    for (int i = 0; i < SVA_TINY_MEMBERS; ++i) {
        sva_print_free(prints->whole[i]);
        sva_print_free(prints->added[i]);
        sva_print_free(prints->hidden[i]);
    }
}

/* One item of the pool: trains, prints and compares a family. */
static enum sva_status run_family(void *context, size_t item, struct sva_error *error)
{
    struct bench *const bench = context;
    struct sva_tiny_family family;
    struct family_prints prints = {0};
    char directory[PATH_BYTES + 32];
    const double begin = bench_seconds();
    sva_tiny_family_make(&family, bench->first + item, bench->steps);
    bench->training[item] = bench_seconds() - begin;
    bench->losses[item] = family.base_loss;
    snprintf(directory, sizeof directory, "%s/%llu", bench->directory,
             (unsigned long long)(bench->first + item));
    for (int i = 0; i < SVA_TINY_MEMBERS; ++i) {
        family.members[i]->stored = bench->stored;
    }
    enum sva_status status = print_family(bench, &family, directory, &prints, error);
    for (size_t i = 0; i < bench->pair_count && status == SVA_OK; ++i) {
        struct row *const row = &bench->rows[item * bench->pair_count + i];
        *row = (struct row){.seed = bench->first + item, .pair = &bench->pairs[i]};
        status = compare_pair(&prints, row, error);
    }
    free_prints(&prints);
    sva_tiny_family_done(&family);
    if (!bench->keeps) {
        sva_fixture_remove(directory);
    }
    return status;
}

static bool is_derived(enum sva_answer answer)
{
    return answer <= SVA_ANSWER_DERIVED;
}

static size_t row_count(const struct bench *bench)
{
    return bench->families * bench->pair_count;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double measure(const struct row *row, int which)
{
    const double all[MEASURES] = {row->rho, row->gains, row->directions, row->neurons,
                                  row->tokens, row->start_rho};
    return all[which];
}

/** Rows of one pair, or, without a pair, of one truth. */
struct choice {
    const struct sva_tiny_pair *pair;
    enum sva_tiny_truth truth;
};

static bool chosen(const struct choice *choice, const struct row *row)
{
    return choice->pair != NULL ? row->pair == choice->pair : row->pair->truth == choice->truth;
}

/* "min/median/max" of one measure over the chosen rows; "-" where it is not known. */
static void print_spread(const struct bench *bench, const struct choice *choice, int which)
{
    double *const values = sva_calloc(row_count(bench), sizeof *values);
    size_t count = 0;
    char text[32] = "-";
    for (size_t i = 0; values != NULL && i < row_count(bench); ++i) {
        const double value = measure(&bench->rows[i], which);
        if (chosen(choice, &bench->rows[i]) && !isnan(value)) {
            values[count++] = value;
        }
    }
    if (count > 0) {
        qsort(values, count, sizeof *values, by_value);
        snprintf(text, sizeof text, "%.2f/%.2f/%.2f", values[0],
                 (values[(count - 1) / 2] + values[count / 2]) / 2, values[count - 1]);
    }
    printf(" %17s", text);
    sva_free(values);
}

/* "5 modified" for each different text of a pair's rows. */
static void print_kinds(const struct bench *bench, size_t pair, bool layers)
{
    for (size_t i = 0; i < bench->families; ++i) {
        const struct row *const row = &bench->rows[i * bench->pair_count + pair];
        const char *const kind = layers ? row->layer_order : row->derivation;
        size_t count = 0;
        bool seen = false;
        for (size_t k = 0; k < bench->families; ++k) {
            const struct row *const other = &bench->rows[k * bench->pair_count + pair];
            const bool same = strcmp(kind, layers ? other->layer_order : other->derivation) == 0;
            count += same ? 1 : 0;
            seen = seen || (same && k < i);
        }
        if (!seen && kind[0] != '\0') {
            printf("  %zu %s", count, kind);
        }
    }
}

/* How many of the chosen are called derived, without and with the start, and how they measure. */
static void print_choice(const struct bench *bench, const struct choice *choice, const char *truth,
                         const char *name)
{
    size_t derived[2] = {0, 0};
    size_t shared = 0;
    size_t total = 0;
    for (size_t i = 0; i < row_count(bench); ++i) {
        const struct row *const row = &bench->rows[i];
        if (chosen(choice, row)) {
            ++total;
            derived[0] += is_derived(row->answer[0]) ? 1 : 0;
            derived[1] += is_derived(row->answer[1]) ? 1 : 0;
            shared += row->answer[1] == SVA_ANSWER_SHARED_INITIALISATION ? 1 : 0;
        }
    }
    printf("%-12s %-29s %5zu %5zu %6zu %5zu", truth, name, total, derived[0], derived[1], shared);
    for (int i = 0; i < MEASURES; ++i) {
        print_spread(bench, choice, i);
    }
}

/* Columns "d+0" and "s+0": derived, shared initialisation, with the step-0 checkpoint. */
static void print_pairs(const struct bench *bench)
{
    static const char *const names[MEASURES] = {"rho", "gains", "directions", "over neurons",
                                                "tokens", "start rho"};
    printf("\n%-12s %-29s %5s %5s %6s %5s", "truth", "pair", "of", "deriv", "d+0", "s+0");
    for (int i = 0; i < MEASURES; ++i) {
        printf(" %17s", names[i]);
    }
    printf("  derivation; layers\n");
    for (int truth = 0; truth < SVA_TINY_TRUTHS; ++truth) {
        const struct choice choice = {.truth = (enum sva_tiny_truth)truth};
        print_choice(bench, &choice, sva_tiny_truth_name((enum sva_tiny_truth)truth), "all");
        printf("\n");
    }
    for (size_t p = 0; p < bench->pair_count; ++p) {
        const struct choice choice = {.pair = &bench->pairs[p]};
        print_choice(bench, &choice, sva_tiny_truth_name(bench->pairs[p].truth),
                     bench->pairs[p].name);
        print_kinds(bench, p, false);
        printf(";");
        print_kinds(bench, p, true);
        printf("\n");
    }
}

static void print_confusion(const struct bench *bench, size_t with_start)
{
    printf("\n%-14s", with_start == 1 ? "with step 0" : "truth\\answer");
    for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
        printf(" %21s", sva_answer_name((enum sva_answer)answer));
    }
    printf("\n");
    for (int truth = 0; truth < SVA_TINY_TRUTHS; ++truth) {
        size_t counts[SVA_ANSWER_COUNT] = {0};
        for (size_t i = 0; i < row_count(bench); ++i) {
            if ((int)bench->rows[i].pair->truth == truth) {
                ++counts[bench->rows[i].answer[with_start]];
            }
        }
        printf("%-14s", sva_tiny_truth_name((enum sva_tiny_truth)truth));
        for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
            printf(" %21zu", counts[answer]);
        }
        printf("\n");
    }
}

/* Probability of at most `k` of `n` at rate `p`. */
static double binomial_below(size_t k, size_t n, double p)
{
    double sum = 0;
    for (size_t i = 0; i <= k && i <= n; ++i) {
        const double ways =
            lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1);
        sum += exp(ways + (double)i * log(p) + (double)(n - i) * log1p(-p));
    }
    return sum;
}

/* The rate at which at most `k` of `n` has probability `wanted`; falls with the rate. */
static double rate_for(size_t k, size_t n, double wanted)
{
    double low = 0;
    double high = 1;
    for (int step = 0; step < 60; ++step) {
        const double middle = (low + high) / 2;
        if (binomial_below(k, n, middle) > wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (low + high) / 2;
}

/* Clopper and Pearson 1934: the interval that holds the rate with probability .95 at least. */
static void print_rate(const char *what, size_t k, size_t n)
{
    const double low = k == 0 ? 0.0 : rate_for(k - 1, n, 0.975);
    const double high = k >= n ? 1.0 : rate_for(k, n, 0.025);
    printf("%-44s %4zu of %4zu = %.3f, 95%% within %.3f .. %.3f\n", what, k, n,
           n == 0 ? 0.0 : (double)k / (double)n, low, high);
}

static void print_rates(const struct bench *bench, size_t with_start)
{
    size_t total[SVA_TINY_TRUTHS] = {0};
    size_t derived[SVA_TINY_TRUTHS] = {0};
    size_t rejected[SVA_TINY_TRUTHS] = {0};
    for (size_t i = 0; i < row_count(bench); ++i) {
        const struct row *const row = &bench->rows[i];
        ++total[row->pair->truth];
        derived[row->pair->truth] += is_derived(row->answer[with_start]) ? 1 : 0;
        rejected[row->pair->truth] += row->answer[with_start] < SVA_ANSWER_NO_EVIDENCE ? 1 : 0;
    }
    printf("\n%s the step-0 checkpoint:\n", with_start == 1 ? "With" : "Without");
    print_rate("shared start called derived", derived[SVA_TINY_SHARED_START],
               total[SVA_TINY_SHARED_START]);
    print_rate("derived not called derived",
               total[SVA_TINY_DERIVED] - derived[SVA_TINY_DERIVED], total[SVA_TINY_DERIVED]);
    print_rate("derived without evidence",
               total[SVA_TINY_DERIVED] - rejected[SVA_TINY_DERIVED], total[SVA_TINY_DERIVED]);
    print_rate("independent above no-evidence", rejected[SVA_TINY_INDEPENDENT],
               total[SVA_TINY_INDEPENDENT]);
    if (with_start == 0) {
        print_rate("result called derived from its start", derived[SVA_TINY_STEP_ZERO],
                   total[SVA_TINY_STEP_ZERO]);
    }
}

/* What the exit code is about. */
static size_t print_failures(const struct bench *bench)
{
    size_t failures = 0;
    for (size_t i = 0; i < row_count(bench); ++i) {
        const struct row *const row = &bench->rows[i];
        const char *what = NULL;
        if (row->pair->truth == SVA_TINY_INDEPENDENT && row->answer[0] < SVA_ANSWER_NO_EVIDENCE) {
            what = "an independent pair is called dependent";
        } else if (row->pair->truth == SVA_TINY_SHARED_START &&
                   (is_derived(row->answer[0]) || is_derived(row->answer[1]))) {
            what = "a shared start is called derived";
        }
        if (what != NULL) {
            ++failures;
            printf("FAIL seed %llu, %s: %s; rho %.3f, gains %.3f, directions %.3f, "
                   "tokens %.3f\n",
                   (unsigned long long)row->seed, row->pair->name, what, row->rho, row->gains,
                   row->directions, row->tokens);
        }
    }
    return failures;
}

static int write_csv(const struct bench *bench, const char *path)
{
    FILE *const file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "bench_trained: %s: %s\n", path, strerror(errno));
        return -1;
    }
    fputs("seed,truth,pair,answer,answer_with_start,derivation,layer_order,rho,rho_se,log10_p,"
          "start_gain_agreement,start_subspace_agreement,neuron_direction_agreement,"
          "start_token_agreement,start_token_lower,start_use,start_rho,reason\n",
          file);
    for (size_t i = 0; i < row_count(bench); ++i) {
        const struct row *const row = &bench->rows[i];
        fprintf(file,
                "%llu,%s,\"%s\",%s,%s,%s,%s,%.5f,%.5f,%.2f,%.5f,%.5f,%.5f,%.5f,%.5f,%s,%.5f,\"%s\"\n",
                (unsigned long long)row->seed, sva_tiny_truth_name(row->pair->truth),
                row->pair->name, sva_answer_name(row->answer[0]), sva_answer_name(row->answer[1]),
                row->derivation, row->layer_order, row->rho, row->rho_se, row->log10_p, row->gains,
                row->directions, row->neurons, row->tokens, row->tokens_lower,
                sva_start_use_name(row->start_use), row->start_rho, row->reason);
    }
    return fclose(file) == 0 ? 0 : -1;
}

static void print_head(const struct bench *bench, double seconds)
{
    double training = 0;
    double loss = 0;
    for (size_t i = 0; i < bench->families; ++i) {
        training += bench->training[i] / bench->families;
        loss += bench->losses[i] / bench->families;
    }
    printf("%u families, %d models and %zu pairs each, in %.0f s; training a family took %.1f s of "
           "one thread; bases end at a loss of %.2f (uniform: %.2f)\n",
           bench->families, SVA_TINY_MEMBERS, bench->pair_count, seconds, training, loss,
           log(320.0));
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

static int report(const struct bench *bench, double seconds, const char *csv)
{
    print_head(bench, seconds);
    print_pairs(bench);
    print_confusion(bench, 0);
    print_confusion(bench, 1);
    print_rates(bench, 0);
    print_rates(bench, 1);
    const size_t failures = print_failures(bench);
    printf("\n%zu failures\n", failures);
    if (csv != NULL && write_csv(bench, csv) != 0) {
        return 2;
    }
    return failures > 0 ? 1 : 0;
}

static void choose_directory(struct bench *bench, const char *keep)
{
    bench->keeps = keep != NULL;
    if (bench->keeps) {
        snprintf(bench->directory, sizeof bench->directory, "%s", keep);
    } else {
        bench_scratch(bench->directory, sizeof bench->directory, "trained");
    }
}

int main(int argc, char **argv)
{
    struct bench bench = {.disguise = text_option(argc, argv, "--disguise"),
                          .stored = bench_flag(argc, argv, "--f32") ? SVA_STORED_F32
                                                                     : SVA_STORED_BF16,
                          .first = bench_number(argc, argv, "--first", 1),
                          .families = (uint32_t)bench_number(argc, argv, "--families", 5),
                          .steps = (uint32_t)bench_number(argc, argv, "--steps", 300)};
    const uint32_t threads = (uint32_t)bench_number(argc, argv, "--threads", 2);
    struct sva_error error = {0};
    const double begin = bench_seconds();
    bench.pairs = sva_tiny_pairs(&bench.pair_count);
    bench.rows = sva_calloc(row_count(&bench), sizeof *bench.rows);
    bench.training = sva_calloc(bench.families, sizeof *bench.training);
    bench.losses = sva_calloc(bench.families, sizeof *bench.losses);
    if (bench.rows == NULL || bench.training == NULL || bench.losses == NULL) {
        fputs("bench_trained: out of memory\n", stderr);
        return 2;
    }
    choose_directory(&bench, text_option(argc, argv, "--keep"));
    int result = 2;
    if (sva_parallel(bench.families, threads, run_family, &bench, NULL, &error) == SVA_OK) {
        result = report(&bench, bench_seconds() - begin, text_option(argc, argv, "--csv"));
    } else {
        fprintf(stderr, "bench_trained: %s\n", error.text);
    }
    if (!bench.keeps) {
        sva_fixture_remove(bench.directory);
    }
    sva_free(bench.rows);
    sva_free(bench.training);
    sva_free(bench.losses);
    return result;
}

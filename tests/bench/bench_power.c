/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_power [--pairs N]
 *
 * Detection against effect size. For each size: pairs mixed so that every tensor keeps
 * rho of the other model, with rho a multiple of the detectable_rho that an independent
 * pair of that size prints. "seen" is the share of pairs answered above no-evidence;
 * at 1.0 times the printed figure it should be near 1 and never far below. `rho` is the
 * mean measured effect, `derived` the share answered derived or identical. Exits 1 when
 * fewer than nine tenths are seen at the printed figure, or rho is off by a fifth.
 */
#include "bench_support.h"

#include "base/pool.h"
#include "fixtures/fixtures.h"

enum { TRIALS_MAX = 200 };

static const double multiples[] = {0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0};

struct outcome {
    double rho, detectable;
    enum sva_answer answer;
};

struct trial_set {
    const struct sva_fixture_shape *shape;
    const char *scratch;
    double rho;
    struct outcome outcomes[TRIALS_MAX];
};

static enum sva_status compare_directories(const char *a, const char *b, struct outcome *outcome,
                                           struct sva_error *error)
{
    struct sva_print *subject = NULL;
    struct sva_print *reference = NULL;
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    enum sva_status status = bench_print(b, 1, &subject, error);
    if (status == SVA_OK) {
        status = bench_print(a, 1, &reference, error);
    }
    if (status == SVA_OK) {
        status = sva_compare(subject, reference, &options, &comparison, error);
    }
    if (status == SVA_OK) {
        outcome->answer = comparison->answer;
        outcome->rho = comparison->components[0].rho;
        outcome->detectable = comparison->components[0].detectable_rho;
    }
    sva_comparison_free(comparison);
    sva_print_free(subject);
    sva_print_free(reference);
    return status;
}

static enum sva_status run_trial(void *context, size_t item, struct sva_error *error)
{
    struct trial_set *const set = context;
    char a[512];
    char b[512];
    snprintf(a, sizeof a, "%s/%zu-a", set->scratch, item);
    snprintf(b, sizeof b, "%s/%zu-b", set->scratch, item);
    enum sva_status status =
        sva_fixture_mixed_pair(7000 + item, set->shape, set->rho, a, b) == 0 ? SVA_OK : SVA_ERR_IO;
    if (status == SVA_OK) {
        status = compare_directories(a, b, &set->outcomes[item], error);
    }
    if ((sva_fixture_remove(a) | sva_fixture_remove(b)) != 0 && status == SVA_OK) {
        status = SVA_ERR_IO;
    }
    return status;
}

/* Runs `trials` pairs at set->rho; ends the program on an error. */
static void run_set(struct trial_set *set, size_t trials)
{
    struct sva_error error = {0};
    if (sva_parallel(trials, 0, run_trial, set, NULL, &error) != SVA_OK) {
        fprintf(stderr, "bench_power: %s\n", error.text);
        sva_fixture_remove(set->scratch);
        exit(2);
    }
}

/* One line of the curve; false when it contradicts the printed power. */
static bool print_point(struct trial_set *set, size_t trials, double multiple, double detectable)
{
    set->rho = multiple * detectable < 1 ? multiple * detectable : 1;
    run_set(set, trials);
    size_t seen = 0;
    size_t derived = 0;
    double rho = 0;
    for (size_t i = 0; i < trials; ++i) {
        seen += set->outcomes[i].answer < SVA_ANSWER_NO_EVIDENCE ? 1 : 0;
        derived += set->outcomes[i].answer <= SVA_ANSWER_DERIVED ? 1 : 0;
        rho += set->outcomes[i].rho / (double)trials;
    }
    printf("  %5.2f  %7.4f  %7.4f  %5.2f  %7.2f\n", multiple, set->rho, rho,
           (double)seen / (double)trials, (double)derived / (double)trials);
    const bool weak = multiple >= 1.0 && (double)seen < 0.9 * (double)trials;
    const bool off = multiple >= 1.0 && fabs(rho - set->rho) > 0.2 * set->rho;
    return !weak && !off;
}

static bool print_curve(const char *name, const struct sva_fixture_shape *shape,
                        const char *scratch, size_t trials)
{
    static struct trial_set set;
    bool sound = true;
    set = (struct trial_set){.shape = shape, .scratch = scratch, .rho = 0};
    run_set(&set, 1);
    const double detectable = set.outcomes[0].detectable;
    printf("%s: detectable rho %.4f printed\n", name, detectable);
    if (!(detectable > 0)) {
        return false;
    }
    printf("  times      rho measured   seen  derived\n");
    for (size_t i = 0; i < sizeof multiples / sizeof multiples[0]; ++i) {
        sound = print_point(&set, trials, multiples[i], detectable) && sound;
    }
    printf("\n");
    return sound;
}

int main(int argc, char **argv)
{
    char scratch[256];
    size_t trials = (size_t)bench_number(argc, argv, "--pairs", 20);
    trials = trials > TRIALS_MAX ? TRIALS_MAX : trials;
    bench_scratch(scratch, sizeof scratch, "power");
    const struct {
        const char *name;
        struct sva_fixture_shape shape;
    } sizes[] = {
        {"llama, width 128, 3 layers", sva_fixture_shape_small(SVA_FIXTURE_LLAMA)},
        {"llama, width 256, 4 layers", sva_fixture_shape_default(SVA_FIXTURE_LLAMA)},
        {"mixture of experts, width 128, 2 layers", sva_fixture_shape_small(SVA_FIXTURE_QWEN3_MOE)},
        {"vision encoder, width 192, 4 layers", sva_fixture_shape_default(SVA_FIXTURE_CLIP_VISION)},
        {"convolutional network, 5 layers", sva_fixture_shape_default(SVA_FIXTURE_CNN)},
    };
    bool sound = true;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        sound = print_curve(sizes[i].name, &sizes[i].shape, scratch, trials) && sound;
    }
    sva_fixture_remove(scratch);
    printf("%s\n", sound ? "the printed power holds" : "THE PRINTED POWER DOES NOT HOLD");
    return sound ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_power_sizes [--trials N] [--plot FILE] [--factors]
 *
 * Power at the sizes of real models, simulated at the level of sketches: prints of decoders of 135M, 1B
 * and 7B parameters in which every feature keeps rho of the other model's. For each size
 * the detectable rho that an independent pair prints (power .999), then the share of pairs that are
 * answered above no-evidence, and the share whose smallest adjusted p is below 1e-9, for multiples
 * of it, and the rho at which half are seen, interpolated. Exits 1 when fewer than nine tenths are
 * seen at the printed figure, or half of the 7B pairs need more than rho .006.
 *
 * --factors: the same for a decoder of width 576 when depth, features per sketch (K) or the rounding of
 * the subject's weights change, one at a time.
 */
#include "bench_support.h"

#include "base/pool.h"
#include "search_prints.h"

enum { POINTS = 6, SIZES = 3, TRIALS_MOST = 200, FACTORS = 9 };

static const char *const sizes[SIZES] = {"135m", "1b", "7b"};
static const double multiples[POINTS] = {0.2, 0.35, 0.5, 0.65, 0.8, 1.0};
static const double HALF_OF_7B = 0.006;

struct point {
    double rho, seen, strong; /* shares of trials */
};

/* What differs from the family's own print. */
struct factor {
    const char *name;
    int32_t layers;    /* 0: the family's */
    uint32_t features; /* kept of each sketch, 0: all */
    double rounding;   /* error of the subject's weights over their size */
};

static const struct factor factors[FACTORS] = {
    {"7 layers", 7, 0, 0},
    {"30 layers", 30, 0, 0},
    {"60 layers", 60, 0, 0},
    {"K = 1", 0, 1, 0},
    {"K = 2", 0, 2, 0},
    {"K = 4", 0, 4, 0},
    {"rounded as Q8_0 (.010)", 0, 0, 0.010},
    {"rounded as Q4_K (.087)", 0, 0, 0.087},
    {"rounded as IQ2_XXS (.50)", 0, 0, 0.50},
};

struct curve {
    const struct search_family *family;
    const struct factor *factor;
    double detectable;
    struct point points[POINTS];
};

struct trial_set {
    const struct search_family *family;
    const struct factor *factor; /* or NULL */
    double rho;
    size_t index; /* of the point: other models each time */
    bool seen[TRIALS_MOST], strong[TRIALS_MOST];
    double detectable;
};

static const struct search_family *family_of(const char *name)
{
    for (int i = 0; i < SEARCH_FAMILIES; ++i) {
        if (strcmp(search_families[i].name, name) == 0) {
            return &search_families[i];
        }
    }
    exit(2);
}

/* Keeps the first features of a sketch, and adds rounding errors. */
static void change_sketch(struct sva_axis_sketch *sketch, const struct factor *factor,
                          double rounding, struct sva_random *random)
{
    int16_t *const values = (int16_t *)(uintptr_t)sketch->values;
    const uint32_t all = sketch->features;
    const uint32_t kept = factor->features == 0 || factor->features > all ? all : factor->features;
    for (uint32_t unit = 0; unit < sketch->kept; ++unit) {
        for (uint32_t k = 0; k < kept; ++k) {
            const double value = (double)values[(size_t)unit * all + k] +
                                 (rounding > 0 ? rounding * search_noise(random) : 0.0);
            values[(size_t)unit * kept + k] = (int16_t)fmin(fmax(floor(value + 0.5), -2047), 2047);
        }
    }
    sketch->features = kept;
}

static void change_print(struct sva_print *print, const struct factor *factor, bool subject,
                         uint64_t seed)
{
    struct sva_random random = search_random(seed, 77);
    for (size_t i = 0; factor != NULL && i < print->tensor_count; ++i) {
        struct sva_print_tensor *const tensor =
            (struct sva_print_tensor *)(uintptr_t)&print->tensors[i];
        const double rounding = subject ? factor->rounding : 0;
        change_sketch(&tensor->axis[0], factor, rounding, &random);
        change_sketch(&tensor->axis[1], factor, rounding, &random);
        if (tensor->alternative != NULL) {
            change_sketch((struct sva_axis_sketch *)(uintptr_t)&tensor->alternative->axis, factor,
                          rounding, &random);
        }
    }
}

static enum sva_status run_trial(void *context, size_t item, struct sva_error *error)
{
    struct trial_set *const set = context;
    const uint64_t seed = 1000 * (set->index + 1) + item;
    struct sva_compare_options options = sva_compare_options_default();
    struct sva_comparison *comparison = NULL;
    options.threads = 1;
    struct sva_print *const reference =
        search_print(&(struct search_recipe){.family = set->family, .seed = seed});
    struct sva_print *const subject =
        search_print(&(struct search_recipe){.family = set->family,
                                             .seed = seed + 500000,
                                             .parent = seed,
                                             .agreement = set->rho});
    change_print(subject, set->factor, true, seed);
    change_print(reference, set->factor, false, seed + 1);
    const enum sva_status status = sva_compare(subject, reference, &options, &comparison, error);
    if (status == SVA_OK) {
        const struct sva_component_result *const result = &comparison->components[0];
        set->seen[item] = result->answer < SVA_ANSWER_NO_EVIDENCE;
        set->strong[item] = result->log10_p_adjusted < -9.0;
        if (item == 0) {
            set->detectable = result->detectable_rho;
        }
    }
    sva_comparison_free(comparison);
    sva_print_free(subject);
    sva_print_free(reference);
    return status;
}

static struct point run_point(struct trial_set *set, size_t trials)
{
    struct sva_error error = {0};
    struct point point = {.rho = set->rho};
    if (sva_parallel(trials, 0, run_trial, set, NULL, &error) != SVA_OK) {
        fprintf(stderr, "bench_power_sizes: %s\n", error.text);
        exit(2);
    }
    for (size_t i = 0; i < trials; ++i) {
        point.seen += (set->seen[i] ? 1.0 : 0.0) / (double)trials;
        point.strong += (set->strong[i] ? 1.0 : 0.0) / (double)trials;
    }
    return point;
}

/* The rho from which on half or more are seen, interpolated; NAN when beyond the last point. */
static double half_seen(const struct curve *curve)
{
    int last = POINTS - 1; /* below one half */
    while (last >= 0 && curve->points[last].seen >= 0.5) {
        --last;
    }
    if (last == POINTS - 1) {
        return NAN;
    }
    const struct point before = last >= 0 ? curve->points[last] : (struct point){0};
    const struct point after = curve->points[last + 1];
    return before.rho +
           (after.rho - before.rho) * (0.5 - before.seen) / (after.seen - before.seen);
}

/* False when the printed power is not kept. */
static bool measure(struct curve *curve, size_t trials)
{
    struct trial_set set = {.family = curve->family, .factor = curve->factor};
    (void)run_point(&set, 1);
    curve->detectable = set.detectable;
    printf("%s%s%s: width %llu, %d layers; detectable rho %.4f printed\n      rho   seen  p < 1e-9\n",
           curve->family->name, curve->factor != NULL ? ", " : "",
           curve->factor != NULL ? curve->factor->name : "",
           (unsigned long long)curve->family->width, curve->family->layers, curve->detectable);
    for (int i = 0; i < POINTS; ++i) {
        set.index = (size_t)i + 1;
        set.rho = multiples[i] * curve->detectable;
        curve->points[i] = run_point(&set, trials);
        printf("  %.5f  %5.2f  %8.2f\n", curve->points[i].rho, curve->points[i].seen,
               curve->points[i].strong);
        (void)fflush(stdout);
    }
    printf("  half are seen at rho %.5f\n", half_seen(curve));
    return curve->points[POINTS - 1].seen >= 0.9;
}

/* Detection against rho on a logarithmic axis from .001 to .1. */
static void plot(const struct curve *curves, const char *path)
{
    static const char *const colours[SIZES] = {"#1b6ca8", "#c8553d", "#588157"};
    FILE *const file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" "
                  "font-family=\"sans-serif\" font-size=\"13\">\n"
                  "<rect width=\"640\" height=\"400\" fill=\"white\"/>\n"
                  "<path d=\"M60 340H600M60 340V40\" stroke=\"black\" fill=\"none\"/>\n"
                  "<text x=\"330\" y=\"385\" text-anchor=\"middle\">rho</text>\n"
                  "<text x=\"20\" y=\"30\">share of pairs that are seen</text>\n");
    for (int tick = 0; tick <= 2; ++tick) {
        fprintf(file, "<text x=\"%d\" y=\"360\" text-anchor=\"middle\">%s</text>\n", 60 + 270 * tick,
                tick == 0   ? ".001"
                : tick == 1 ? ".01"
                            : ".1");
        fprintf(file, "<text x=\"50\" y=\"%d\" text-anchor=\"end\">%s</text>\n", 345 - 150 * tick,
                tick == 0   ? "0"
                : tick == 1 ? ".5"
                            : "1");
    }
    for (int c = 0; c < SIZES; ++c) {
        fprintf(file, "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"",
                colours[c]);
        for (int i = 0; i < POINTS; ++i) {
            const struct point *const at = &curves[c].points[i];
            fprintf(file, "%.1f,%.1f ", 60.0 + 270.0 * (log10(at->rho) + 3.0),
                    340.0 - 300.0 * at->seen);
        }
        fprintf(file, "\"/>\n<text x=\"480\" y=\"%d\" fill=\"%s\">%s</text>\n", 240 + 20 * c,
                colours[c], curves[c].family->name);
    }
    fprintf(file, "</svg>\n");
    if (fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

/* Depth, features and rounding, one at a time. */
static bool measure_factors(size_t trials)
{
    bool sound = true;
    for (int i = 0; i < FACTORS; ++i) {
        struct search_family family = *family_of("135m");
        family.layers = factors[i].layers > 0 ? factors[i].layers : family.layers;
        struct curve curve = {.family = &family, .factor = &factors[i]};
        const bool kept = measure(&curve, trials);
        sound = (kept || factors[i].rounding > 0) && sound; /* rounding lowers rho itself */
    }
    return sound;
}

int main(int argc, char **argv)
{
    const size_t wanted = (size_t)bench_number(argc, argv, "--trials", 10);
    const size_t trials = wanted < TRIALS_MOST ? wanted : TRIALS_MOST;
    struct curve curves[SIZES] = {{0}};
    if (bench_flag(argc, argv, "--factors")) {
        const bool kept = measure_factors(trials);
        printf("%s\n", kept ? "as promised" : "NOT AS PROMISED");
        return kept ? 0 : 1;
    }
    bool sound = true;
    for (int c = 0; c < SIZES; ++c) {
        curves[c].family = family_of(sizes[c]);
        sound = measure(&curves[c], trials) && sound;
    }
    sound = sound && half_seen(&curves[SIZES - 1]) <= HALF_OF_7B;
    for (int i = 1; i + 1 < argc; ++i) {
        if (strcmp(argv[i], "--plot") == 0) {
            plot(curves, argv[i + 1]);
        }
    }
    printf("%s\n", sound ? "as promised" : "NOT AS PROMISED");
    return sound ? 0 : 1;
}

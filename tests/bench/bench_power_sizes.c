/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_power_sizes [--curves NAME] [--trials N] [--plot FILE]
 *
 * Power at the sizes of real models, simulated at the level of sketches: prints with the axes, kept
 * units and features of real decoders, every feature keeping rho of the other model's. NAME is
 *
 *   sizes      decoders of 135M, 1B and 7B parameters (the default)
 *   depth      the 1B decoder with 4 to 32 layers
 *   features   the same with 1 to 16 features of each axis, where a print has 4
 *   rounding   the same, the subject's features with noise as large as the error that a format
 *              leaves (over the weights' size; fixtures/README.md). rho is before rounding
 *   all        all of them
 *
 * For each curve the detectable rho that an independent pair prints (power .999), then the share
 * of pairs that are answered above no-evidence, and the share whose smallest adjusted p is below
 * 1e-9, for multiples of it, and the rho at which half are seen, interpolated. Exits 1 when fewer
 * than nine tenths are seen at the printed figure, or half of the 7B pairs need more than rho .006.
 */
#include "bench_support.h"

#include "base/pool.h"
#include "search_prints.h"

enum { POINTS = 6, CURVES_MOST = 24, TRIALS_MOST = 200 };

static const double multiples[POINTS] = {0.2, 0.35, 0.5, 0.65, 0.8, 1.0};
static const double HALF_OF_7B = 0.006;

/* A curve: a family with something else about it. */
struct variant {
    const char *group, *name, *family;
    int32_t layers;    /* 0: the family's */
    uint32_t features; /* 0: a print's */
    double rounding;
};

static const struct variant variants[] = {
    {.group = "sizes", .name = "135m", .family = "135m"},
    {.group = "sizes", .name = "1b", .family = "1b"},
    {.group = "sizes", .name = "7b", .family = "7b"},
    {.group = "depth", .name = "1b, 4 layers", .family = "1b", .layers = 4},
    {.group = "depth", .name = "1b, 8 layers", .family = "1b", .layers = 8},
    {.group = "depth", .name = "1b, 16 layers", .family = "1b", .layers = 16},
    {.group = "depth", .name = "1b, 32 layers", .family = "1b", .layers = 32},
    {.group = "features", .name = "1b, 1 feature", .family = "1b", .features = 1},
    {.group = "features", .name = "1b, 2 features", .family = "1b", .features = 2},
    {.group = "features", .name = "1b, 4 features", .family = "1b", .features = 4},
    {.group = "features", .name = "1b, 8 features", .family = "1b", .features = 8},
    {.group = "features", .name = "1b, 16 features", .family = "1b", .features = 16},
    {.group = "rounding", .name = "1b, not rounded", .family = "1b"},
    {.group = "rounding", .name = "1b, error of Q8_0", .family = "1b", .rounding = 0.010},
    {.group = "rounding", .name = "1b, error of Q4_K", .family = "1b", .rounding = 0.087},
    {.group = "rounding", .name = "1b, error of Q2_K", .family = "1b", .rounding = 0.23},
    {.group = "rounding", .name = "1b, error of IQ2_XXS", .family = "1b", .rounding = 0.50},
};

struct point {
    double rho, seen, strong; /* shares of trials */
};

struct curve {
    const struct variant *variant;
    struct search_family family;
    double detectable;
    struct point points[POINTS];
};

struct trial_set {
    const struct curve *curve;
    double rho;
    size_t index; /* of the point: other models each time */
    bool seen[TRIALS_MOST], strong[TRIALS_MOST];
    double detectable;
};

static struct search_family family_of(const struct variant *variant)
{
    for (int i = 0; i < SEARCH_FAMILIES; ++i) {
        if (strcmp(search_families[i].name, variant->family) == 0) {
            struct search_family family = search_families[i];
            family.layers = variant->layers > 0 ? variant->layers : family.layers;
            return family;
        }
    }
    exit(2);
}

static enum sva_status run_trial(void *context, size_t item, struct sva_error *error)
{
    struct trial_set *const set = context;
    const uint64_t seed = 1000 * (set->index + 1) + item;
    struct sva_compare_options options = sva_compare_options_default();
    struct sva_comparison *comparison = NULL;
    options.threads = 1;
    struct search_recipe recipe = {.family = &set->curve->family,
                                   .seed = seed,
                                   .features = set->curve->variant->features};
    struct sva_print *const reference = search_print(&recipe);
    recipe.seed = seed + 500000;
    recipe.parent = seed;
    recipe.agreement = set->rho;
    recipe.rounding = set->curve->variant->rounding;
    struct sva_print *const subject = search_print(&recipe);
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
    struct trial_set set = {.curve = curve};
    (void)run_point(&set, 1);
    curve->detectable = set.detectable;
    printf("%s: width %llu, %d layers; detectable rho %.4f printed\n      rho   seen  p < 1e-9\n",
           curve->variant->name, (unsigned long long)curve->family.width, (int)curve->family.layers,
           curve->detectable);
    for (int i = 0; i < POINTS; ++i) {
        set.index = (size_t)i + 1;
        set.rho = multiples[i] * curve->detectable;
        curve->points[i] = run_point(&set, trials);
        printf("  %.5f  %5.2f  %8.2f\n", curve->points[i].rho, curve->points[i].seen,
               curve->points[i].strong);
        (void)fflush(stdout);
    }
    printf("  half are seen at rho %.5f\n", half_seen(curve));
    const bool large = strcmp(curve->variant->name, "7b") == 0;
    return curve->points[POINTS - 1].seen >= 0.9 && (!large || half_seen(curve) <= HALF_OF_7B);
}

static void plot_axes(FILE *file)
{
    static const char *const rhos[] = {".001", ".01", ".1"};
    static const char *const shares[] = {"0", ".5", "1"};
    fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" "
                  "font-family=\"sans-serif\" font-size=\"13\">\n"
                  "<rect width=\"640\" height=\"400\" fill=\"white\"/>\n"
                  "<path d=\"M60 340H600M60 340V40\" stroke=\"black\" fill=\"none\"/>\n"
                  "<text x=\"330\" y=\"385\" text-anchor=\"middle\">rho</text>\n"
                  "<text x=\"20\" y=\"30\">share of pairs that are seen</text>\n");
    for (int tick = 0; tick <= 2; ++tick) {
        fprintf(file, "<text x=\"%d\" y=\"360\" text-anchor=\"middle\">%s</text>\n",
                60 + 270 * tick, rhos[tick]);
        fprintf(file, "<text x=\"50\" y=\"%d\" text-anchor=\"end\">%s</text>\n", 345 - 150 * tick,
                shares[tick]);
    }
}

/* Detection against rho on a logarithmic axis from .001 to .1. */
static void plot(const struct curve *curves, int count, const char *path)
{
    FILE *const file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    plot_axes(file);
    for (int c = 0; c < count; ++c) {
        const int hue = 360 * c / count;
        fprintf(file,
                "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"hsl(%d,60%%,40%%)\" points=\"",
                hue);
        for (int i = 0; i < POINTS; ++i) {
            const struct point *const at = &curves[c].points[i];
            fprintf(file, "%.1f,%.1f ", 60.0 + 270.0 * fmax(log10(at->rho) + 3.0, 0.0),
                    340.0 - 300.0 * at->seen);
        }
        fprintf(file, "\"/>\n<text x=\"470\" y=\"%d\" fill=\"hsl(%d,60%%,40%%)\">%s</text>\n",
                60 + 16 * c, hue, curves[c].variant->name);
    }
    fprintf(file, "</svg>\n");
    if (fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

/* What stands behind "--name", or `fallback`. */
static const char *text_argument(int argc, char **argv, const char *name, const char *fallback)
{
    for (int i = 1; i + 1 < argc; ++i) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return fallback;
}

int main(int argc, char **argv)
{
    const size_t wanted = (size_t)bench_number(argc, argv, "--trials", 10);
    const size_t trials = wanted < TRIALS_MOST ? wanted : TRIALS_MOST;
    const char *const group = text_argument(argc, argv, "--curves", "sizes");
    const char *const path = text_argument(argc, argv, "--plot", NULL);
    static struct curve curves[CURVES_MOST];
    int count = 0;
    bool sound = true;
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; ++v) {
        if (strcmp(group, "all") == 0 || strcmp(group, variants[v].group) == 0) {
            curves[count].variant = &variants[v];
            curves[count].family = family_of(&variants[v]);
            sound = measure(&curves[count++], trials) && sound;
        }
    }
    if (count == 0) {
        fprintf(stderr, "bench_power_sizes: no curves named %s\n", group);
        return 3;
    }
    if (path != NULL) {
        plot(curves, count, path);
    }
    printf("%s\n", sound ? "as promised" : "NOT AS PROMISED");
    return sound ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_regressions
 *
 * The signals that have accused the wrong party or cleared the right one (docs/method.md), each
 * computed the naive way on simulated models whose lineage is known, beside our answer. A line is
 * "ok" when the naive figure misleads, as it must for the case to stay a regression, and our
 * answer is right: no-evidence for independent pairs, derived for derived ones. Each line says
 * what is true, the naive figure with what it would have said and how often that was wrong, our
 * answer (the most frequent one) and how often that was wrong. Exits 1 when a line is not ok.
 */
#include "bench_support.h"

#include "fixtures/architectures.h"
#include "fixtures/fixtures.h"
#include "fixtures/lineage.h"
#include "fixtures/restack.h"
#include "fixtures/rng.h"
#include "fixtures/scratch.h"
#include "fixtures/training.h"
#include "naive_signals.h"

enum { PAIRS = 16, FEW_PAIRS = 4 };

/* Two models and what our comparison of them says. */
struct duel {
    struct sva_network *a, *b;
    enum sva_answer answer;
};

static struct duel new_duel(struct sva_fixture_shape shape, uint64_t seed)
{
    return (struct duel){.a = sva_training_model(&shape, 0, seed, seed + 1),
                         .b = sva_training_model(&shape, 0, seed + 2, seed + 3)};
}

static void end_duel(struct duel *duel)
{
    sva_network_free(duel->a);
    sva_network_free(duel->b);
}

static struct sva_print *print_of(const struct sva_network *network, const char *path)
{
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    if (sva_network_save(network, path) != 0 || bench_print(path, 0, &print, &error) != SVA_OK) {
        fprintf(stderr, "bench_regressions: %s\n", error.text);
        exit(2);
    }
    return print;
}

/* The answer for the first component of a against b. */
static void run_duel(struct duel *duel, const char *scratch)
{
    char paths[2][512];
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    snprintf(paths[0], sizeof paths[0], "%s/a", scratch);
    snprintf(paths[1], sizeof paths[1], "%s/b", scratch);
    struct sva_print *const a = print_of(duel->a, paths[0]);
    struct sva_print *const b = print_of(duel->b, paths[1]);
    if (sva_compare(a, b, NULL, &comparison, &error) != SVA_OK) {
        fprintf(stderr, "bench_regressions: %s\n", error.text);
        exit(2);
    }
    duel->answer = comparison->components[0].answer;
    sva_comparison_free(comparison);
    sva_print_free(a);
    sva_print_free(b);
    sva_fixture_remove(paths[0]);
    sva_fixture_remove(paths[1]);
}

/* What came out over the pairs of one line. */
struct outcome {
    bool derived; /* the truth */
    size_t wrong_naive, count;
    size_t answers[SVA_ANSWER_COUNT];
};

/* Counts one pair. */
static void judge(struct outcome *outcome, const struct duel *duel, bool wrong_naive)
{
    ++outcome->count;
    ++outcome->answers[duel->answer];
    outcome->wrong_naive += wrong_naive ? 1 : 0;
}

/* One line; false when it is not as it must be. `least`: share of pairs that must mislead. */
static bool report(const char *name, const char *naive, const struct outcome *outcome, double least)
{
    const enum sva_answer right = outcome->derived ? SVA_ANSWER_DERIVED : SVA_ANSWER_NO_EVIDENCE;
    const size_t wrong = outcome->count - outcome->answers[right];
    const bool misleads = outcome->wrong_naive > 0 &&
                          (double)outcome->wrong_naive >= least * (double)outcome->count;
    enum sva_answer most = right;
    for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
        most = outcome->answers[answer] > outcome->answers[most] ? (enum sva_answer)answer : most;
    }
    printf("%-5s %-18s truth: %-11s naive: %s; wrong in %zu of %zu   ours: %s, wrong in %zu\n",
           wrong == 0 && misleads ? "ok" : "WRONG", name,
           outcome->derived ? "derived" : "independent", naive, outcome->wrong_naive,
           outcome->count, sva_answer_name(most), wrong);
    (void)fflush(stdout);
    return wrong == 0 && misleads;
}

static struct sva_fixture_shape solar_shape(void)
{
    struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_LLAMA);
    shape.width = 64;
    shape.hidden = 64;
    shape.layers = 24;
    shape.outlier_gain = 1;
    return shape;
}

static struct sva_fixture_shape plain_shape(void)
{
    struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_LLAMA);
    shape.outlier_count = 0;
    shape.semantics = 0.95;
    return shape;
}

static bool gains(const char *scratch)
{
    struct outcome cosines = {0};
    struct outcome layers = {0};
    double cosine = 0, shuffled = 0, largest = 0;
    char text[160];
    for (size_t pair = 0; pair < PAIRS; ++pair) {
        struct duel duel = new_duel(solar_shape(), 9000 + 10 * pair);
        run_duel(&duel, scratch);
        const double found = naive_mean_cosine(duel.a, duel.b, false);
        const double z = fabs(naive_stouffer(duel.a, duel.b));
        cosine += found / PAIRS;
        shuffled += naive_mean_cosine(duel.a, duel.b, true) / PAIRS;
        largest = z > largest ? z : largest;
        judge(&cosines, &duel, found > 0.9);
        judge(&layers, &duel, z > 3.0);
        end_duel(&duel);
    }
    snprintf(text, sizeof text,
             "raw cosine of norm gains %.4f, \"copied\" (of shuffled gains %.4f)", cosine,
             shuffled);
    const bool sound = report("gains-cosine", text, &cosines, 1.0);
    snprintf(text, sizeof text,
             "Pearson's r, Stouffer over layers, |z| up to %.1f, \"copied\" above 3", largest);
    return report("gains-stouffer", text, &layers, 0.1) && sound;
}

/* Experts of one layer see one mean input: their gates share a vector, each model its own. */
static void share_gate_vector(struct sva_network *network)
{
    for (size_t t = 0; t < network->count; ++t) {
        struct sva_network_tensor *const tensor = &network->tensors[t];
        if (strstr(tensor->key, "mlp.gate.weight") != NULL) {
            struct sva_rng rng;
            sva_rng_init(&rng, network->data_seed, tensor->key);
            for (uint64_t j = 0; j < tensor->columns; ++j) {
                const double common = 3.0 * tensor->start_deviation * sva_rng_normal(&rng);
                for (uint64_t i = 0; i < tensor->rows; ++i) {
                    tensor->values[i * tensor->columns + j] += (float)common;
                }
            }
        }
    }
}

/* Element-wise p-values of router gates, as if elements were independent. */
static bool routers(const char *scratch)
{
    struct outcome outcome = {0};
    double largest = 0;
    char text[160];
    for (size_t pair = 0; pair < PAIRS; ++pair) {
        double worst = 0;
        struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_QWEN3_MOE);
        shape.experts = 32;
        shape.hidden = 16;
        struct duel duel = new_duel(shape, 9500 + 10 * pair);
        share_gate_vector(duel.a);
        share_gate_vector(duel.b);
        run_duel(&duel, scratch);
        for (size_t t = 0; t < duel.a->count; ++t) {
            const struct sva_network_tensor *const tensor = &duel.a->tensors[t];
            if (strstr(tensor->key, "mlp.gate.weight") != NULL) {
                const size_t size = naive_size_of(tensor);
                const double r =
                    naive_correlate(tensor->values, duel.b->tensors[t].values, size, true);
                const double z = fabs(r) * sqrt((double)size);
                worst = z > worst ? z : worst;
            }
        }
        largest = worst > largest ? worst : largest;
        judge(&outcome, &duel, worst > 3.0);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "elements as if i.i.d., |z| up to %.1f, \"copied\" above 3",
             largest);
    return report("router-elements", text, &outcome, 0.1);
}

/* Writers to the residual stream start smaller the deeper they are, in everybody's models. */
static void scale_by_depth(struct sva_network *network)
{
    for (size_t t = 0; t < network->count; ++t) {
        struct sva_network_tensor *const tensor = &network->tensors[t];
        const bool writer = strstr(tensor->key, "o_proj") != NULL ||
                            strstr(tensor->key, "down_proj") != NULL;
        const double factor = writer ? 1.0 / sqrt(2.0 * (tensor->layer + 1.0)) : 1.0;
        for (size_t i = 0; i < naive_size_of(tensor); ++i) {
            tensor->values[i] *= (float)factor;
        }
    }
}

static struct duel plain_duel(uint64_t seed)
{
    return new_duel(plain_shape(), seed);
}

static struct duel scaled_duel(uint64_t seed)
{
    struct duel duel = plain_duel(seed);
    scale_by_depth(duel.a);
    scale_by_depth(duel.b);
    return duel;
}

/* Multiplies one matrix of a layer, when it is there. */
static void scale_matrix(struct sva_network *network, uint32_t layer, const char *name,
                         double factor)
{
    char key[SVA_NETWORK_NAME_BYTES];
    snprintf(key, sizeof key, "model.layers.%u.%s.weight", (unsigned)layer, name);
    struct sva_network_tensor *const tensor = sva_network_find(network, key);
    for (size_t i = 0; tensor != NULL && i < naive_size_of(tensor); ++i) {
        tensor->values[i] *= (float)factor;
    }
}

/* Scales that cancel within a layer: the function stays, the curve does not. */
static void rescale_layers(struct sva_network *network, uint64_t seed)
{
    static const char *const pairs[][2] = {{"self_attn.q_proj", "self_attn.k_proj"},
                                           {"self_attn.v_proj", "self_attn.o_proj"},
                                           {"mlp.up_proj", "mlp.down_proj"}};
    struct sva_rng rng;
    sva_rng_init(&rng, seed, "rescale");
    for (uint32_t layer = 0; layer < network->shape.layers; ++layer) {
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i) {
            const double factor = exp2(2.0 * sva_rng_uniform(&rng) - 1.0);
            scale_matrix(network, layer, pairs[i][0], factor);
            scale_matrix(network, layer, pairs[i][1], 1.0 / factor);
        }
    }
}

/* The other way round: a derived model whose curve is its own. */
static struct duel rescaled_duel(uint64_t seed)
{
    const struct sva_fixture_shape shape = plain_shape();
    struct duel duel = {.b = sva_training_model(&shape, 0, seed, seed + 1)};
    duel.a = sva_network_clone(duel.b);
    sva_lineage_fine_tune(duel.a, seed + 2, 0.3, SVA_PARTS_ALL);
    rescale_layers(duel.a, seed + 3);
    return duel;
}

static double deviation_curves(const struct duel *duel)
{
    return naive_deviation_curves(duel->a, duel->b);
}

static double singular_values(const struct duel *duel)
{
    static const char matrix[] = "model.layers.1.self_attn.o_proj.weight";
    float values[2][NAIVE_SPECTRUM];
    naive_spectrum(sva_network_find(duel->a, matrix), values[0]);
    naive_spectrum(sva_network_find(duel->b, matrix), values[1]);
    return naive_correlate(values[0], values[1], NAIVE_SPECTRUM, true);
}

/* A correlation that says "copied" above its bound, and so misleads about independent models. */
struct signal {
    const char *name, *what;
    bool derived; /* the models are, and what misleads lies below the bound */
    double bound;
    uint64_t seed;
    struct duel (*begin)(uint64_t seed);
    double (*measure)(const struct duel *duel);
};

static bool correlation(const struct signal *signal, const char *scratch)
{
    struct outcome outcome = {.derived = signal->derived};
    double sum = 0;
    char text[160];
    for (size_t pair = 0; pair < FEW_PAIRS; ++pair) {
        struct duel duel = signal->begin(signal->seed + 10 * pair);
        run_duel(&duel, scratch);
        const double r = signal->measure(&duel);
        sum += r / FEW_PAIRS;
        judge(&outcome, &duel, signal->derived ? r < signal->bound : r > signal->bound);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "correlation of %s %.3f, \"%s\"", signal->what, sum,
             signal->derived ? "not related" : "copied");
    return report(signal->name, text, &outcome, 1.0);
}

static bool correlations(const char *scratch)
{
    static const struct signal signals[] = {
        {"deviation-curves", "deviation curves", false, 0.8, 9700, scaled_duel, deviation_curves},
        {"curves-rescaled", "deviation curves", true, 0.8, 9750, rescaled_duel, deviation_curves},
        {"singular-spectra", "singular values", false, 0.9, 9800, plain_duel, singular_values},
    };
    bool sound = true;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        sound = correlation(&signals[i], scratch) && sound;
    }
    return sound;
}

static bool token_grams(const char *scratch)
{
    struct outcome outcome = {0};
    double sum = 0, shuffled = 0;
    char text[160];
    for (size_t pair = 0; pair < FEW_PAIRS; ++pair) {
        struct duel duel = new_duel(plain_shape(), 9900 + 10 * pair);
        run_duel(&duel, scratch);
        struct sva_network_tensor *const a = sva_network_find(duel.a, "model.embed_tokens.weight");
        struct sva_network_tensor *const b = sva_network_find(duel.b, "model.embed_tokens.weight");
        const double found = naive_alignment(a, b);
        naive_shuffle(a->values, naive_size_of(a), pair);
        const double chance = naive_alignment(a, b);
        sum += found / FEW_PAIRS;
        shuffled += chance / FEW_PAIRS;
        judge(&outcome, &duel, found > 2 * chance);
        end_duel(&duel);
    }
    snprintf(text, sizeof text,
             "kernel alignment of token Grams %.3f, \"copied\" (of shuffled values %.3f)", sum,
             shuffled);
    return report("token-grams", text, &outcome, 1.0);
}

/* A confirmed match for those who compare architectures: OpenLLaMA and Llama-2. */
static bool same_configuration(const char *scratch)
{
    struct outcome outcome = {0};
    for (size_t pair = 0; pair < FEW_PAIRS; ++pair) {
        struct duel duel = new_duel(sva_fixture_shape_small(SVA_FIXTURE_LLAMA), 9950 + 10 * pair);
        run_duel(&duel, scratch);
        judge(&outcome, &duel,
              naive_same_config(duel.a, duel.b) && naive_same_shapes(duel.a, duel.b));
        end_duel(&duel);
    }
    return report("same-configuration", "config.json and shapes are equal, \"confirmed match\"",
                  &outcome, 1.0);
}

/* The key of the dense tensor that an expert's begins as; other keys as they are. */
static void dense_key(const char *key, char *out, size_t size)
{
    const char *const expert = strstr(key, "experts.");
    const char *const rest = expert != NULL ? strchr(expert + 8, '.') : NULL;
    if (rest != NULL) {
        sva_scratch_format(out, size, "%.*s%s", (int)(expert - key), key, rest + 1);
    } else {
        sva_scratch_format(out, size, "%s", key);
    }
}

/* Layers of a dense model with each MLP copied into four experts, under a new router. */
static struct sva_network *upcycle(const struct sva_network *dense, uint64_t seed)
{
    struct sva_fixture_shape shape = dense->shape;
    shape.architecture = SVA_FIXTURE_QWEN3_MOE;
    shape.experts = 4;
    struct sva_network *const network = sva_architecture_build(&shape, 0);
    network->data_seed = dense->data_seed;
    sva_training_start(network, seed);
    for (size_t t = 0; t < network->count; ++t) {
        struct sva_network_tensor *const tensor = &network->tensors[t];
        char key[SVA_NETWORK_NAME_BYTES];
        dense_key(tensor->key, key, sizeof key);
        const struct sva_network_tensor *const source = sva_network_find(dense, key);
        if (source != NULL && naive_size_of(source) == naive_size_of(tensor)) {
            memcpy(tensor->values, source->values, naive_size_of(tensor) * sizeof *tensor->values);
        }
    }
    return network;
}

enum reshaping { UP_SCALED, PRUNED, UPCYCLED };

static struct sva_network *reshape(const struct sva_network *network, enum reshaping how)
{
    switch (how) {
    case UP_SCALED: return sva_restack(network, (const uint32_t[]){0, 1, 2, 1, 2, 3}, 6);
    case PRUNED: return sva_restack(network, (const uint32_t[]){0, 2, 3}, 3);
    default: return upcycle(network, 9998);
    }
}

/* Other shapes: "from scratch", although layers were doubled or left out, or MLPs made experts. */
static bool other_shapes(const char *scratch)
{
    static const char *const names[] = {"shapes-up-scaled", "shapes-pruned", "shapes-upcycled"};
    static const char *const texts[] = {"6 layers against 4, \"from scratch\"",
                                        "3 layers against 4, \"from scratch\"",
                                        "experts against dense, \"from scratch\""};
    bool sound = true;
    for (int how = UP_SCALED; how <= UPCYCLED; ++how) {
        struct outcome outcome = {.derived = true};
        const struct sva_fixture_shape shape = sva_fixture_shape_default(SVA_FIXTURE_LLAMA);
        struct duel duel = {.b = sva_training_model(&shape, 0, 9995, 9996)};
        duel.a = reshape(duel.b, (enum reshaping)how);
        sva_lineage_fine_tune(duel.a, 9997, 0.3, SVA_PARTS_ALL);
        run_duel(&duel, scratch);
        judge(&outcome, &duel, !naive_same_shapes(duel.a, duel.b));
        end_duel(&duel);
        sound = report(names[how], texts[how], &outcome, 1.0) && sound;
    }
    return sound;
}

int main(void)
{
    char scratch[256];
    bench_scratch(scratch, sizeof scratch, "regressions");
    bool sound = gains(scratch);
    sound = routers(scratch) && sound;
    sound = correlations(scratch) && sound;
    sound = token_grams(scratch) && sound;
    sound = same_configuration(scratch) && sound;
    sound = other_shapes(scratch) && sound;
    sva_fixture_remove(scratch);
    return sound ? 0 : 1;
}

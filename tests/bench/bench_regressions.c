/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_regressions
 *
 * The signals that have accused the wrong party or cleared the right one (docs/method.md), each
 * computed the naive way on simulated models whose lineage is known, beside our answer. A line is
 * "ok" when the naive figure misleads, as it must for the case to stay a regression, and our
 * answer is right. Exits 1 otherwise.
 */
#include "bench_support.h"

#include "fixtures/fixtures.h"
#include "fixtures/lineage.h"
#include "fixtures/restack.h"
#include "fixtures/rng.h"
#include "fixtures/scratch.h"
#include "fixtures/training.h"

enum { PAIRS = 16, TOKENS = 256, SPECTRUM = 48 };

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

/* Uncentred or centred correlation. */
static double correlate(const float *a, const float *b, size_t count, bool centred)
{
    double ma = 0, mb = 0, ab = 0, aa = 1e-300, bb = 1e-300;
    for (size_t i = 0; centred && i < count; ++i) {
        ma += (double)a[i] / (double)count;
        mb += (double)b[i] / (double)count;
    }
    for (size_t i = 0; i < count; ++i) {
        const double x = (double)a[i] - ma;
        const double y = (double)b[i] - mb;
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return ab / sqrt(aa * bb);
}

static size_t size_of(const struct sva_network_tensor *tensor)
{
    return (size_t)(tensor->rows * tensor->columns);
}

static void shuffle(float *values, size_t count, uint64_t seed)
{
    struct sva_rng rng;
    sva_rng_init(&rng, seed, "shuffle");
    for (size_t i = count; i > 1; --i) {
        const size_t j = (size_t)sva_rng_below(&rng, i);
        const float kept = values[i - 1];
        values[i - 1] = values[j];
        values[j] = kept;
    }
}

struct outcome {
    size_t wrong_naive, wrong_ours, count; /* pairs */
};

/* One line; false when it is not as it must be. `least`: share of pairs that must mislead. */
static bool report(const char *name, const char *naive, struct outcome outcome, double least)
{
    const bool misleads = (double)outcome.wrong_naive >= least * (double)outcome.count;
    const bool sound = outcome.wrong_ours == 0 && misleads;
    printf("%-5s %-20s %2zu pairs  naive wrong %2zu, ours wrong %zu   %s\n", sound ? "ok" : "WRONG",
           name, outcome.count, outcome.wrong_naive, outcome.wrong_ours, naive);
    return sound;
}

static bool accused(const struct duel *duel)
{
    return duel->answer < SVA_ANSWER_NO_EVIDENCE;
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

static bool is_layer_gain(const struct sva_network_tensor *tensor)
{
    return tensor->kind == SVA_VALUE_GAIN && strstr(tensor->key, "layers.") != NULL;
}

/* Solar against GLM: raw cosine of norm gains, mean over layers; and of shuffled gains. */
static double mean_cosine(const struct duel *duel, bool shuffled)
{
    double sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < duel->a->count; ++t) {
        struct sva_network_tensor *const tensor = &duel->a->tensors[t];
        if (is_layer_gain(tensor)) {
            float *const copy = sva_scratch_new(size_of(tensor), sizeof *copy);
            memcpy(copy, tensor->values, size_of(tensor) * sizeof *copy);
            if (shuffled) {
                shuffle(copy, size_of(tensor), t);
            }
            sum += correlate(copy, duel->b->tensors[t].values, size_of(tensor), false);
            ++count;
            sva_free(copy);
        }
    }
    return sum / (double)count;
}

/* Pearson's r per layer, made normal, combined as if layers were independent. */
static double stouffer(const struct duel *duel)
{
    double sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < duel->a->count; ++t) {
        const struct sva_network_tensor *const tensor = &duel->a->tensors[t];
        if (is_layer_gain(tensor) && strstr(tensor->key, "input_layernorm") != NULL) {
            const double r =
                correlate(tensor->values, duel->b->tensors[t].values, size_of(tensor), true);
            sum += atanh(r) * sqrt((double)size_of(tensor) - 3.0);
            ++count;
        }
    }
    return sum / sqrt((double)count);
}

static bool gains(const char *scratch)
{
    struct outcome cosines = {.count = PAIRS};
    struct outcome layers = {.count = PAIRS};
    double cosine = 0, shuffled = 0, largest = 0;
    char text[160];
    for (size_t pair = 0; pair < PAIRS; ++pair) {
        struct duel duel = new_duel(solar_shape(), 9000 + 10 * pair);
        run_duel(&duel, scratch);
        const double found = mean_cosine(&duel, false);
        const double z = fabs(stouffer(&duel));
        cosine += found / PAIRS;
        shuffled += mean_cosine(&duel, true) / PAIRS;
        largest = z > largest ? z : largest;
        cosines.wrong_naive += found > 0.9;
        cosines.wrong_ours += accused(&duel);
        layers.wrong_naive += z > 3.0;
        layers.wrong_ours += accused(&duel);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "raw cosine of norm gains %.4f; of shuffled gains %.4f", cosine,
             shuffled);
    const bool sound = report("gains-cosine", text, cosines, 1.0);
    snprintf(text, sizeof text,
             "Stouffer over layers as if independent: |z| above 3 (.003 expected), largest %.1f",
             largest);
    return report("gains-stouffer", text, layers, 0.1) && sound;
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
    struct outcome outcome = {.count = PAIRS};
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
                const double r =
                    correlate(tensor->values, duel.b->tensors[t].values, size_of(tensor), true);
                const double z = fabs(r) * sqrt((double)size_of(tensor));
                worst = z > worst ? z : worst;
            }
        }
        largest = worst > largest ? worst : largest;
        outcome.wrong_naive += worst > 3.0;
        outcome.wrong_ours += accused(&duel);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "element-wise i.i.d. |z| above 3, largest %.1f", largest);
    return report("router-elements", text, outcome, 0.1);
}

/* Writers to the residual stream start smaller the deeper they are, in everybody's models. */
static void scale_by_depth(struct sva_network *network)
{
    for (size_t t = 0; t < network->count; ++t) {
        struct sva_network_tensor *const tensor = &network->tensors[t];
        const bool writer = strstr(tensor->key, "o_proj") != NULL ||
                            strstr(tensor->key, "down_proj") != NULL;
        const double factor = writer ? 1.0 / sqrt(2.0 * (tensor->layer + 1.0)) : 1.0;
        for (size_t i = 0; i < size_of(tensor); ++i) {
            tensor->values[i] *= (float)factor;
        }
    }
}

/* Standard deviations of all matrices, in order: the curve that every trained model has. */
static double deviation_curves(const struct duel *duel)
{
    float curves[2][256];
    size_t count = 0;
    for (size_t t = 0; t < duel->a->count && count < 256; ++t) {
        const struct sva_network_tensor *const pair[2] = {&duel->a->tensors[t],
                                                          &duel->b->tensors[t]};
        for (int side = 0; pair[0]->kind == SVA_VALUE_MATRIX && side < 2; ++side) {
            double squares = 0;
            for (size_t i = 0; i < size_of(pair[side]); ++i) {
                squares += (double)pair[side]->values[i] * (double)pair[side]->values[i];
            }
            curves[side][count] = (float)sqrt(squares / (double)size_of(pair[side]));
        }
        count += pair[0]->kind == SVA_VALUE_MATRIX ? 1 : 0;
    }
    return correlate(curves[0], curves[1], count, true);
}

static bool curves(const char *scratch)
{
    struct outcome outcome = {.count = PAIRS / 4};
    double sum = 0;
    char text[160];
    for (size_t pair = 0; pair < outcome.count; ++pair) {
        struct duel duel = new_duel(plain_shape(), 9700 + 10 * pair);
        scale_by_depth(duel.a);
        scale_by_depth(duel.b);
        run_duel(&duel, scratch);
        const double r = deviation_curves(&duel);
        sum += r / (double)outcome.count;
        outcome.wrong_naive += r > 0.8;
        outcome.wrong_ours += accused(&duel);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "correlation of the matrices' standard deviations %.3f", sum);
    return report("deviation-curves", text, outcome, 1.0);
}

/* Singular values of the first rows, largest first, by orthogonalising rows (one-sided Jacobi). */
static void spectrum(const struct sva_network_tensor *tensor, float *out)
{
    static double rows[SPECTRUM][1024];
    const size_t columns = (size_t)tensor->columns;
    for (size_t i = 0; i < SPECTRUM; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            rows[i][j] = (double)tensor->values[i * columns + j];
        }
    }
    for (int sweep = 0; sweep < 12; ++sweep) {
        for (size_t p = 0; p < SPECTRUM; ++p) {
            for (size_t q = p + 1; q < SPECTRUM; ++q) {
                double pp = 0, qq = 0, pq = 0;
                for (size_t j = 0; j < columns; ++j) {
                    pp += rows[p][j] * rows[p][j];
                    qq += rows[q][j] * rows[q][j];
                    pq += rows[p][j] * rows[q][j];
                }
                const double angle = 0.5 * atan2(2 * pq, pp - qq);
                const double c = cos(angle), s = sin(angle);
                for (size_t j = 0; j < columns; ++j) {
                    const double x = rows[p][j], y = rows[q][j];
                    rows[p][j] = c * x + s * y;
                    rows[q][j] = c * y - s * x;
                }
            }
        }
    }
    for (size_t i = 0; i < SPECTRUM; ++i) {
        double squares = 0;
        for (size_t j = 0; j < columns; ++j) {
            squares += rows[i][j] * rows[i][j];
        }
        out[i] = (float)sqrt(squares);
    }
}

static bool spectra(const char *scratch)
{
    struct outcome outcome = {.count = PAIRS / 4};
    double sum = 0;
    char text[160];
    for (size_t pair = 0; pair < outcome.count; ++pair) {
        float values[2][SPECTRUM];
        struct duel duel = new_duel(plain_shape(), 9800 + 10 * pair);
        run_duel(&duel, scratch);
        spectrum(sva_network_find(duel.a, "model.layers.1.self_attn.o_proj.weight"), values[0]);
        spectrum(sva_network_find(duel.b, "model.layers.1.self_attn.o_proj.weight"), values[1]);
        const double r = correlate(values[0], values[1], SPECTRUM, true);
        sum += r / (double)outcome.count;
        outcome.wrong_naive += r > 0.9;
        outcome.wrong_ours += accused(&duel);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "correlation of singular values %.3f", sum);
    return report("singular-spectra", text, outcome, 1.0);
}

/* Centred kernel alignment of the token Grams of two embeddings. */
static double alignment(const struct sva_network_tensor *a, const struct sva_network_tensor *b)
{
    static float grams[2][TOKENS * TOKENS];
    const struct sva_network_tensor *const sides[2] = {a, b};
    for (int side = 0; side < 2; ++side) {
        const size_t columns = (size_t)sides[side]->columns;
        double mean[1024] = {0};
        for (size_t j = 0; j < columns; ++j) {
            for (size_t i = 0; i < TOKENS; ++i) {
                mean[j] += (double)sides[side]->values[i * columns + j] / TOKENS;
            }
        }
        for (size_t i = 0; i < TOKENS; ++i) {
            for (size_t k = 0; k < TOKENS; ++k) {
                double sum = 0;
                for (size_t j = 0; j < columns; ++j) {
                    sum += ((double)sides[side]->values[i * columns + j] - mean[j]) *
                           ((double)sides[side]->values[k * columns + j] - mean[j]);
                }
                grams[side][i * TOKENS + k] = (float)sum;
            }
        }
    }
    return correlate(grams[0], grams[1], (size_t)TOKENS * TOKENS, false);
}

static bool token_grams(const char *scratch)
{
    struct outcome outcome = {.count = PAIRS / 4};
    double sum = 0, shuffled = 0;
    char text[160];
    for (size_t pair = 0; pair < outcome.count; ++pair) {
        struct duel duel = new_duel(plain_shape(), 9900 + 10 * pair);
        run_duel(&duel, scratch);
        struct sva_network_tensor *const a = sva_network_find(duel.a, "model.embed_tokens.weight");
        struct sva_network_tensor *const b = sva_network_find(duel.b, "model.embed_tokens.weight");
        const double found = alignment(a, b);
        shuffle(a->values, size_of(a), pair);
        const double chance = alignment(a, b);
        sum += found / (double)outcome.count;
        shuffled += chance / (double)outcome.count;
        outcome.wrong_naive += found > 2 * chance;
        outcome.wrong_ours += accused(&duel);
        end_duel(&duel);
    }
    snprintf(text, sizeof text, "kernel alignment of token Grams %.3f, of shuffled values %.3f", sum,
             shuffled);
    return report("token-grams", text, outcome, 1.0);
}

/* The same config.json: a confirmed match for those who compare architectures. */
static bool same_configuration(const char *scratch)
{
    struct outcome outcome = {.count = 1, .wrong_naive = 1};
    struct duel duel = new_duel(sva_fixture_shape_small(SVA_FIXTURE_LLAMA), 9990);
    run_duel(&duel, scratch);
    outcome.wrong_ours = accused(&duel);
    end_duel(&duel);
    return report("same-configuration", "configurations are equal: \"confirmed match\"", outcome,
                  1.0);
}

/* Other shapes: "from scratch", although layers were doubled. */
static bool other_shapes(const char *scratch)
{
    static const uint32_t layers[] = {0, 1, 2, 1, 2, 3};
    const struct sva_fixture_shape shape = sva_fixture_shape_default(SVA_FIXTURE_LLAMA);
    struct duel duel = {.b = sva_training_model(&shape, 0, 9995, 9996)};
    duel.a = sva_restack(duel.b, layers, 6);
    sva_lineage_fine_tune(duel.a, 9997, 0.3, SVA_PARTS_ALL);
    run_duel(&duel, scratch);
    const struct outcome outcome = {
        .count = 1, .wrong_naive = 1, .wrong_ours = duel.answer != SVA_ANSWER_DERIVED};
    end_duel(&duel);
    return report("other-shapes", "6 layers against 4: \"from scratch\"; truth: layers doubled",
                  outcome, 1.0);
}

int main(void)
{
    char scratch[256];
    bench_scratch(scratch, sizeof scratch, "regressions");
    printf("simulated pairs; independent but for the last line\n");
    bool sound = gains(scratch);
    sound = routers(scratch) && sound;
    sound = curves(scratch) && sound;
    sound = spectra(scratch) && sound;
    sound = token_grams(scratch) && sound;
    sound = same_configuration(scratch) && sound;
    sound = other_shapes(scratch) && sound;
    sva_fixture_remove(scratch);
    return sound ? 0 : 1;
}

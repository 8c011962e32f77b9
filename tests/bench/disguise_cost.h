/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What hiding costs: a small decoder that is really trained, damaged in growing strengths, its loss
 * on held-out text beside what is still seen of it. Header only, for bench_disguises.
 */
#ifndef SVA_BENCH_DISGUISE_COST_H
#define SVA_BENCH_DISGUISE_COST_H

#include "bench_support.h"

#include "disguise_cells.h"

#include "base/memory.h"
#include "fixtures/forward.h"
#include "fixtures/rng.h"
#include "tiny_language.h"
#include "tiny_training.h"

enum { COST_CONTEXT = 32, COST_SEQUENCES = 48, COST_STRENGTHS = 3 };

/** Three strengths of a lossy disguise ("" where it knows fewer), or three chains of one kind. */
static const struct cost_row {
    const char *chains[COST_STRENGTHS];
} cost_rows[] = {
    {{"noise=0.1", "noise=0.5", "noise=1"}},
    {{"quantise=4", "quantise=3", "quantise=2"}},
    {{"prune-values=0.5", "prune-values=0.75", "prune-values=0.9"}},
    {{"prune-2-4", "", ""}},
    {{"low-rank=0.5", "low-rank=0.25", "low-rank=0.1"}},
    {{"prune-neurons=0.25", "prune-neurons=0.5", "prune-neurons=0.75"}},
    {{"prune-heads=0.25", "prune-heads=0.5", "prune-heads=0.75"}},
    {{"prune-residual=0.1", "prune-residual=0.25", "prune-residual=0.5"}},
    {{"prune-depth=0.25", "prune-depth=0.5", "prune-depth=0.75"}},
    {{"new-layers=0.25", "new-layers=0.5", "new-layers=0.75"}},
    {{"new-embedding=0.25", "new-embedding=0.5", "new-embedding=1"}},
    {{"upcycle-split=2", "upcycle-split=4", "upcycle-split=8"}},
    {{"residual-rotation,neurons", "residual-rotation,split-neurons", "residual-rotation,rename"}},
    {{"residual-rotation,noise=0.5", "residual-rotation,noise=1", "residual-rotation,noise=2"}},
    {{"residual-rotation,neurons,noise=0.1", "residual-rotation,neurons,noise=0.2",
      "residual-rotation,neurons,noise=0.5"}},
    {{"residual-rotation,prune-neurons=0.01", "residual-rotation,prune-neurons=0.05",
      "residual-rotation,prune-neurons=0.25"}},
    {{"residual-rotation,neurons,quantise=4", "residual-rotation,neurons,prune-values=0.5",
      "residual-rotation,neurons,prune-depth=0.25"}},
    {{"residual-rotation,upcycle", "residual-rotation,upcycle-split=2",
      "residual-rotation,prune-residual=0.25"}},
};

enum { COST_ROWS = sizeof cost_rows / sizeof *cost_rows };

struct cost {
    const char *scratch;
    struct sva_network *base, *stranger;
    struct sva_print *print; /**< of the base */
    uint16_t *text;          /**< [COST_SEQUENCES][COST_CONTEXT + 1] that neither of them read */
    size_t wrong;
};

/* Negative log likelihood of one token under logits, in nats. */
BENCH_FUNCTION double cost_of_token(const double *logits, uint64_t width, uint16_t token)
{
    double largest = logits[0];
    double sum = 0;
    for (uint64_t i = 1; i < width; ++i) {
        largest = fmax(largest, logits[i]);
    }
    for (uint64_t i = 0; i < width; ++i) {
        sum += exp(logits[i] - largest);
    }
    return largest + log(sum) - logits[token];
}

/* Mean loss on the held-out text, in double precision and whatever the layout. NAN: unknown. */
BENCH_FUNCTION double cost_loss(const struct cost *cost, const struct sva_network *network)
{
    double sum = 0;
    for (size_t s = 0; s < COST_SEQUENCES; ++s) {
        const uint16_t *const text = cost->text + s * (COST_CONTEXT + 1);
        uint32_t tokens[COST_CONTEXT];
        struct sva_forward_output output = {0};
        for (size_t t = 0; t < COST_CONTEXT; ++t) {
            tokens[t] = text[t];
        }
        const struct sva_forward_input input = {.tokens = tokens, .token_count = COST_CONTEXT};
        if (sva_forward(network, &input, &output) != 0) {
            return (double)NAN;
        }
        for (size_t t = 0; t < COST_CONTEXT; ++t) {
            sum += cost_of_token(output.values + t * output.width, output.width, text[t + 1]);
        }
        sva_free(output.values);
    }
    return sum / (COST_SEQUENCES * COST_CONTEXT);
}

BENCH_FUNCTION struct sva_network *cost_train(uint64_t init_seed, uint64_t text, uint32_t steps)
{
    const struct sva_fixture_shape shape = sva_tiny_shape_default();
    struct sva_network *const network = sva_tiny_start(&shape, init_seed, 0.03);
    struct sva_tiny_recipe recipe = sva_tiny_recipe_default(1, text);
    recipe.steps = steps;
    recipe.warm_up = steps / 15;
    sva_tiny_train(network, &recipe);
    network->stored = SVA_STORED_BF16;
    sva_network_round(network, network->stored);
    return network;
}

BENCH_FUNCTION void cost_write_text(struct cost *cost)
{
    struct sva_tiny_language *const language =
        sva_tiny_language_new(1, sva_tiny_shape_default().vocabulary);
    struct sva_tiny_writer writer;
    cost->text = sva_calloc(COST_SEQUENCES * (COST_CONTEXT + 1), sizeof *cost->text);
    if (cost->text == NULL) {
        fputs("bench_disguises: out of memory\n", stderr);
        exit(2);
    }
    sva_tiny_writer_init(&writer, language, 0, NULL, 99);
    sva_tiny_write(&writer, COST_SEQUENCES, COST_CONTEXT + 1, cost->text);
    sva_tiny_language_free(language);
}

/* One line. `chain` "": the network as it is. */
BENCH_FUNCTION void cost_line(struct cost *cost, const struct sva_network *from, const char *name,
                              const char *chain)
{
    char loss[32];
    struct cell cell;
    struct sva_network *const network = sva_network_clone(from);
    if (sva_disguise_chain(network, chain, sva_rng_derive(7, "cost")) != 0) {
        printf("%-42s this model does not allow it\n", name);
        sva_network_free(network);
        return;
    }
    sva_network_round(network, network->stored);
    const double after = cost_loss(cost, network);
    struct sva_print *const print = cell_print(network, cost->scratch, "subject");
    if (print == NULL || cell_compare(print, cost->print, &cell) != 0) {
        ++cost->wrong;
    } else {
        cost->wrong += from == cost->stranger && cell.answer < SVA_ANSWER_NO_EVIDENCE ? 1 : 0;
        printf("%-42s %6s ", name, cell_figure(after, loss, sizeof loss));
        cell_write(&cell);
        printf("\n");
    }
    fflush(stdout);
    sva_print_free(print);
    sva_network_free(network);
}

BENCH_FUNCTION void cost_lines(struct cost *cost, const char *only)
{
    for (size_t r = 0; r < COST_ROWS; ++r) {
        for (size_t s = 0; s < COST_STRENGTHS; ++s) {
            const char *const chain = cost_rows[r].chains[s];
            if (chain[0] != '\0' && only == NULL) {
                cost_line(cost, cost->base, chain, chain);
            }
        }
    }
    if (only != NULL) {
        cost_line(cost, cost->base, only, only);
    }
}

/** Trains a base and a stranger, prints the table. The exit code: 1 when the second is accused. */
BENCH_FUNCTION int cost_table(uint32_t steps, const char *only, const char *scratch)
{
    struct cost cost = {.scratch = scratch};
    cost.base = cost_train(1, 1, steps);
    cost.stranger = cost_train(2, 2, steps);
    cost_write_text(&cost);
    cost.print = cell_print(cost.base, scratch, "reference");
    if (cost.print == NULL) {
        return 2;
    }
    printf("a decoder after %u steps; a uniform guess has a loss of %.3f\n", steps, log(320.0));
    printf("%-42s %6s ", "disguise", "loss");
    cell_head();
    printf("\n");
    cost_line(&cost, cost.base, "(none)", "");
    cost_line(&cost, cost.stranger, "(another start, other text)", "");
    cost_lines(&cost, only);
    printf("%zu wrong\n", cost.wrong);
    sva_print_free(cost.print);
    sva_network_free(cost.base);
    sva_network_free(cost.stranger);
    sva_free(cost.text);
    return cost.wrong > 0 ? 1 : 0;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models in disguise, printed and compared: what the two tables of bench_disguises share.
 * Header only, for bench programs.
 */
#ifndef SVA_BENCH_DISGUISE_CELLS_H
#define SVA_BENCH_DISGUISE_CELLS_H

#include "bench_support.h"

#include "fixtures/disguise.h"
#include "fixtures/fixtures.h"

enum { CELL_TEXT_BYTES = 96, CELL_PATH_BYTES = 512 };

/** What a comparison says of one component. */
struct cell {
    enum sva_answer answer;
    char kind[CELL_TEXT_BYTES];     /**< derivation */
    char disguise[CELL_TEXT_BYTES]; /**< what the report says was changed */
    char seen_by[CELL_TEXT_BYTES];  /**< tests that reject on their own */
    double log10_p, rho, neurons;
};

/** Tests, and what the last column calls them, in its order. */
static const struct cell_test {
    const char *id, *letters;
} cell_tests[] = {
    {"residual-permutation", "A1"}, {"neuron-permutation", "A2n"},
    {"value-permutation", "A2v"},   {"expert-permutation", "A2e"},
    {"neuron-gram", "gram"},        {"neuron-gram-search", "search"},
    {"layer-map", "map"},           {"axis-permutation", "axis"},
    {"rank-permutation", "rank"},
};

enum { CELL_TESTS = sizeof cell_tests / sizeof *cell_tests };

BENCH_FUNCTION void cell_append(char *text, const char *more)
{
    const size_t used = strlen(text);
    snprintf(text + used, CELL_TEXT_BYTES - used, "%s%s", used > 0 ? "," : "", more);
}

/* The part of an id before its slash: halves of a test are that test. */
BENCH_FUNCTION bool cell_is_test(const struct sva_test *test, const char *id)
{
    const size_t length = strlen(id);
    return strncmp(test->id, id, length) == 0 &&
           (test->id[length] == '\0' || test->id[length] == '/');
}

BENCH_FUNCTION void cell_note_tests(struct cell *cell, const struct sva_component_result *found)
{
    const double reject = log10(sva_compare_options_default().alpha_reject);
    cell->seen_by[0] = '\0';
    if (found->identical_share > 0) {
        cell_append(cell->seen_by, "values");
    }
    for (size_t t = 0; t < CELL_TESTS; ++t) {
        for (size_t i = 0; i < found->test_count; ++i) {
            const struct sva_test *const test = &found->tests[i];
            if (test->decides && test->log10_p_adjusted <= reject &&
                cell_is_test(test, cell_tests[t].id)) {
                cell_append(cell->seen_by, cell_tests[t].letters);
                break;
            }
        }
    }
    if (strstr(found->disguise, "neurons") != NULL) { /* neurons matched: empirical, no p */
        cell_append(cell->seen_by, "match");
    }
    if (cell->seen_by[0] == '\0') {
        snprintf(cell->seen_by, sizeof cell->seen_by, "-");
    }
}

/* The strongest answer of all components: what could be wrong of a twin, and is right of a copy. */
BENCH_FUNCTION void cell_note(struct cell *cell, const struct sva_comparison *comparison)
{
    const struct sva_component_result *found = NULL;
    for (size_t i = 0; i < comparison->component_count; ++i) {
        const struct sva_component_result *const one = &comparison->components[i];
        if (found == NULL || one->answer < found->answer ||
            (one->answer == found->answer && one->parameter_count > found->parameter_count)) {
            found = one;
        }
    }
    *cell = (struct cell){.answer = comparison->answer, .rho = NAN, .neurons = NAN};
    if (found != NULL) {
        snprintf(cell->kind, sizeof cell->kind, "%s", found->derivation);
        snprintf(cell->disguise, sizeof cell->disguise, "%s", found->disguise);
        cell->log10_p = found->log10_p_adjusted;
        cell->rho = found->rho;
        cell->neurons = found->neuron_direction_agreement;
        cell_note_tests(cell, found);
    }
}

/* Saves, prints and removes a network. NULL after one line on stderr. */
BENCH_FUNCTION struct sva_print *cell_print(struct sva_network *network, const char *scratch,
                                            const char *name)
{
    char path[CELL_PATH_BYTES];
    struct sva_error error = {0};
    struct sva_print *print = NULL;
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    sva_network_round(network, network->stored);
    if (sva_network_save(network, path) == 0 && bench_print(path, 2, &print, &error) != SVA_OK) {
        fprintf(stderr, "bench_disguises: %s\n", error.text);
        print = NULL;
    }
    sva_fixture_remove(path);
    return print;
}

/* 0, or -1 after one line on stderr. */
BENCH_FUNCTION int cell_compare(const struct sva_print *subject, const struct sva_print *reference,
                                struct cell *cell)
{
    struct sva_error error = {0};
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 2;
    if (sva_compare(subject, reference, &options, &comparison, &error) != SVA_OK) {
        fprintf(stderr, "bench_disguises: %s\n", error.text);
        return -1;
    }
    cell_note(cell, comparison);
    sva_comparison_free(comparison);
    return 0;
}

/* "0.987"; "-" when it is not known. */
BENCH_FUNCTION const char *cell_figure(double value, char *text, size_t size)
{
    if (isnan(value)) {
        snprintf(text, size, "-");
    } else {
        snprintf(text, size, "%.3f", value);
    }
    return text;
}

BENCH_FUNCTION void cell_write(const struct cell *cell)
{
    char p[32];
    char rho[32];
    char neurons[32];
    printf("%-21s %-21s %-27s %7s %6s %7s %s", sva_answer_name(cell->answer),
           cell->kind[0] != '\0' ? cell->kind : "-",
           cell->disguise[0] != '\0' ? cell->disguise : "-",
           bench_log10(cell->log10_p, p, sizeof p), cell_figure(cell->rho, rho, sizeof rho),
           cell_figure(cell->neurons, neurons, sizeof neurons), cell->seen_by);
}

BENCH_FUNCTION void cell_head(void)
{
    printf("%-21s %-21s %-27s %7s %6s %7s %s", "answer", "kind", "disguise", "log10 p", "rho",
           "neurons", "seen by");
}

#endif

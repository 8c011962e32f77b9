/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/decide.h"

#include <math.h>
#include <stdlib.h>

#include "compare/ruling.h"
#include "kernel/special.h"

enum { POWER_CACHE = 64 };

/** Fisher thresholds are costly; few combinations occur in one audit. */
struct power_cache {
    struct {
        uint32_t blocks;
        double floor, alpha, power, shift;
    } entries[POWER_CACHE];
    size_t count;
};

static double cached_shift(struct power_cache *cache, const struct sva_test_record *record,
                           double log10_alpha)
{
    const double alpha = floor(log10_alpha * 4.0) / 4.0; /* stricter by up to a quarter decade */
    for (size_t i = 0; i < cache->count; i++) {
        if (cache->entries[i].blocks == record->blocks && cache->entries[i].alpha >= alpha &&
            cache->entries[i].alpha <= alpha && cache->entries[i].floor >= record->block_floor &&
            cache->entries[i].floor <= record->block_floor &&
            cache->entries[i].power >= record->power && cache->entries[i].power <= record->power) {
            return cache->entries[i].shift;
        }
    }
    const double shift = sva_power_shift(record->blocks, record->block_floor, alpha, record->power);
    if (cache->count < POWER_CACHE) {
        cache->entries[cache->count].blocks = record->blocks;
        cache->entries[cache->count].floor = record->block_floor;
        cache->entries[cache->count].alpha = alpha;
        cache->entries[cache->count].power = record->power;
        cache->entries[cache->count++].shift = shift;
    }
    return shift;
}

/** Smallest rho that this test rejects at log10_alpha with probability .999; NAN: none. */
static double detectable(struct power_cache *cache, const struct sva_test_record *record,
                         double log10_alpha)
{
    if (!(record->resolution > 0.0) || record->blocks == 0) {
        return NAN;
    }
    const double paid = log10_alpha - log10((double)record->test.family);
    const double shift = cached_shift(cache, record, paid);
    const double rho = shift * sqrt((double)record->blocks) / record->resolution;
    return rho <= 1.0 ? rho : NAN;
}

static bool decides(const struct sva_test_record *record)
{
    return record->test.decides;
}

struct holm_entry {
    double log10_p;
    struct sva_test_record *record;
    size_t order;
};

static int by_p(const void *a, const void *b)
{
    const struct holm_entry *left = a;
    const struct holm_entry *right = b;
    if (left->log10_p < right->log10_p || left->log10_p > right->log10_p) {
        return left->log10_p < right->log10_p ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}

static struct sva_comparison_state *state_of(const struct sva_comparison *comparison)
{
    return comparison->internal;
}

static size_t count_deciding(struct sva_comparison *const *comparisons, size_t count)
{
    size_t total = 0;
    for (size_t c = 0; c < count; c++) {
        const struct sva_comparison_state *state = state_of(comparisons[c]);
        for (size_t i = 0; i < comparisons[c]->component_count; i++) {
            for (size_t t = 0; t < state->evidence[i].test_count; t++) {
                total += decides(&state->evidence[i].tests[t]) ? 1 : 0;
            }
        }
    }
    return total;
}

/** Holm (1979): in order of p, multiply by what is left, keep monotone. Out of memory: Bonferroni. */
static void holm(struct sva_comparison *const *comparisons, size_t count, size_t total)
{
    struct holm_entry *entries = sva_calloc(total, sizeof *entries);
    const double all = log10((double)(total == 0 ? 1 : total));
    size_t used = 0;
    for (size_t c = 0; c < count; c++) {
        struct sva_comparison_state *state = state_of(comparisons[c]);
        for (size_t i = 0; i < comparisons[c]->component_count; i++) {
            for (size_t t = 0; t < state->evidence[i].test_count; t++) {
                struct sva_test_record *record = &state->evidence[i].tests[t];
                const double paid = record->test.log10_p + all;
                record->test.log10_p_adjusted = paid < 0.0 ? paid : 0.0;
                if (entries != NULL && decides(record)) {
                    entries[used] = (struct holm_entry){record->test.log10_p, record, used};
                    used++;
                }
            }
        }
    }
    if (used > 0) { /* else there may be no entries at all */
        qsort(entries, used, sizeof *entries, by_p);
    }
    double highest = -INFINITY;
    for (size_t k = 0; k < used; k++) {
        const double paid = entries[k].log10_p + log10((double)(used - k));
        highest = paid > highest ? paid : highest;
        entries[k].record->test.log10_p_adjusted = highest < 0.0 ? highest : 0.0;
    }
    sva_free(entries);
}

/** Evidence -> the numbers a report shows. */
static void fill_numbers(struct sva_component_result *result,
                         const struct sva_component_evidence *evidence, double log10_alpha,
                         double log10_family, struct power_cache *cache, double *best_floor)
{
    const double evidence_parameters = (double)evidence->evidence_parameters;
    double detectable_rho = NAN;
    double best = 0.0;
    *best_floor = 0.0;
    for (size_t t = 0; t < evidence->test_count; t++) {
        const struct sva_test_record *record = &evidence->tests[t];
        if (!decides(record)) {
            continue;
        }
        const double rho = detectable(cache, record, log10_alpha - log10_family);
        const double floor = record->test.log10_p_floor + log10_family;
        best = record->test.log10_p_adjusted < best ? record->test.log10_p_adjusted : best;
        *best_floor = floor < *best_floor ? floor : *best_floor;
        if (isfinite(rho) && !(detectable_rho <= rho)) {
            detectable_rho = rho;
        }
    }
    result->log10_p_adjusted = best;
    result->detectable_rho = detectable_rho;
    result->rho = evidence->rho;
    result->rho_se = evidence->rho_se;
    result->identical_share =
        evidence_parameters > 0.0 ? (double)evidence->identical_parameters / evidence_parameters
                                  : 0.0;
    result->coverage =
        evidence_parameters > 0.0
            ? (double)(evidence->agreeing_parameters + evidence->identical_parameters) /
                  evidence_parameters
            : 0.0;
    result->quantisation = evidence->quantisation;
    result->adapter_rank = sva_is_merged_adapter(evidence) ? evidence->largest_rank : 0;
    result->start = evidence->start;
    result->start_gain_agreement = evidence->gain_agreement;
    result->start_subspace_agreement = evidence->subspace_agreement;
    result->start_token_agreement = evidence->token_agreement;
    result->start_token_lower = evidence->token_lower;
    result->neuron_direction_agreement = evidence->neuron_directions;
    result->disguise = evidence->stream_disguised   ? "residual-stream"
                       : evidence->wholly_disguised || evidence->barcodes.disguised
                           ? "residual-stream-and-neurons"
                                                    : "";
}

static void conclude(struct sva_comparison *comparison, size_t total,
                     const struct sva_compare_options *options, struct power_cache *cache)
{
    struct sva_comparison_state *state = state_of(comparison);
    const double log10_family = log10((double)(total == 0 ? 1 : total));
    struct sva_test *shown = state->tests;
    comparison->answer = SVA_ANSWER_NOT_COMPARABLE;
    comparison->derivation = "";
    comparison->hypothesis_count = total;
    for (size_t i = 0; i < comparison->component_count; i++) {
        struct sva_component_result *result = &comparison->components[i];
        const struct sva_component_evidence *evidence = &state->evidence[i];
        struct sva_ruling ruling = {.evidence = evidence,
                                    .result = result,
                                    .log10_reject = log10(options->alpha_reject),
                                    .log10_derived = log10(options->alpha_derived),
                                    .log10_family = log10_family};
        fill_numbers(result, evidence, ruling.log10_reject, log10_family, cache,
                     &ruling.best_floor);
        result->tests = shown;
        for (size_t t = 0; t < evidence->test_count; t++) {
            *shown++ = evidence->tests[t].test;
        }
        result->test_count = evidence->test_count;
        sva_rule(&ruling);
        if (result->answer < comparison->answer) {
            comparison->answer = result->answer;
            comparison->derivation = result->derivation;
        }
    }
}

void sva_adjust(struct sva_comparison *const *comparisons, size_t count,
                const struct sva_compare_options *options)
{
    const struct sva_compare_options defaults = sva_compare_options_default();
    const struct sva_compare_options *used = options != NULL ? options : &defaults;
    const size_t total = count_deciding(comparisons, count);
    struct power_cache cache = {.count = 0};
    holm(comparisons, count, total);
    for (size_t c = 0; c < count; c++) {
        conclude(comparisons[c], total, used, &cache);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hidden layers that may stand anywhere: layers doubled or left out, experts renumbered, or made of
 * dense layers. For each of the subject's the most similar of the reference's is tested, and pays
 * for all that were looked at; the subject's numberings are independent, so that Fisher combines
 * them.
 */
#include <math.h>

#include "compare/hidden_layers.h"
#include "fingerprint/gram.h"
#include "kernel/special.h"

static const char *const IDS[3] = {"neuron-gram-search", "neuron-gram-search/even-layers",
                                   "neuron-gram-search/odd-layers"};

enum { SEARCHED_MOST = 32 };

/** A hidden layer of the subject and the one that resembles it best, whatever its place. */
struct searched {
    const struct sva_hidden_layer *subject, *reference;
    uint64_t looked_at;
    double rho, score;           /* of the best so far */
    double log10_p, log10_floor; /* all that was looked at is paid for */
};

/** Could this one have become that one? Dense layers anywhere; experts in the layer of one number.
 */
static bool is_candidate(const struct sva_hidden_layer *s, const struct sva_hidden_layer *r)
{
    return r->expert < 0 || r->layer == s->layer;
}

static void find_best(struct searched *searched, const struct sva_hidden_layer *reference,
                      size_t count)
{
    searched->score = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (is_candidate(searched->subject, &reference[i])) {
            size_t pairs;
            const double rho = sva_gram_correlation(searched->subject, &reference[i], &pairs);
            const double score = isfinite(rho) ? rho * sqrt((double)pairs) : -INFINITY;
            searched->looked_at += isfinite(score) ? 1 : 0;
            if (score > searched->score) {
                searched->score = score;
                searched->rho = rho;
                searched->reference = &reference[i];
            }
        }
    }
}

/** Blocks are renumbered each on its own, so that Fisher combines them. */
static bool test_blocks(const struct sva_gram_parts *list, const uint8_t seed[32],
                        struct searched *searched, struct sva_draw_tally *tally)
{
    double found[SVA_GRAM_BLOCKS_MOST];
    double floors[SVA_GRAM_BLOCKS_MOST];
    const uint32_t draws = list->count >= SVA_GRAM_BLOCKS_MOST ? 999 : 9999;
    bool ok = list->count <= SVA_GRAM_BLOCKS_MOST;
    for (uint32_t b = 0; ok && b < list->count; b++) {
        struct sva_random random;
        ok = sva_block_stream(seed, b, &random);
        const struct sva_pair_moments moments = sva_pair_moments(&list->parts[b]);
        sva_tally_begin(tally, moments.mean, moments.variance, moments.observed);
        found[b] = ok ? sva_pairs_log10_p(&list->parts[b], 1, draws, &random, tally) : 0.0;
        floors[b] = -log10(1.0 + draws);
    }
    searched->log10_p = ok ? sva_fisher_log10(found, (uint32_t)list->count) : 0.0;
    searched->log10_floor = ok ? sva_fisher_log10(floors, (uint32_t)list->count) : 0.0;
    return ok;
}

/** The p of the best partner, every one looked at paid for. False: out of memory. */
static bool test_best(const struct sva_pair *pair, uint32_t component, size_t number,
                      struct searched *searched, struct sva_draw_tally *tally)
{
    struct sva_gram_parts list;
    uint8_t seed[32];
    const bool ok = sva_gram_parts_init(&list) &&
                    sva_gram_parts_add(searched->subject, searched->reference, &list) &&
                    sva_test_seed(pair, IDS[0], component, number, seed) &&
                    test_blocks(&list, seed, searched, tally);
    if (ok) {
        const double family = log10((double)searched->looked_at);
        searched->log10_p = fmin(searched->log10_p + family, 0.0);
        searched->log10_floor = fmin(searched->log10_floor + family, 0.0);
    }
    sva_gram_parts_done(&list);
    return ok;
}

/** Fisher needs independent numberings: what is tied on both sides to an earlier pair counts for
 * nothing. */
static void drop_tied(struct searched *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i && list[i].looked_at > 0; k++) {
            if (list[k].looked_at > 0 &&
                sva_hidden_are_tied(list[k].reference, list[i].reference) &&
                sva_hidden_are_tied(list[k].subject, list[i].subject)) {
                list[i].looked_at = 0;
            }
        }
    }
}

/** Fisher over the subject's layers of one half, whose numberings are independent. Gives log10 p, 0: none. */
static double conclude_search(const struct searched *list, size_t count, enum sva_half half,
                              struct sva_component_evidence *evidence)
{
    double log10_p[SEARCHED_MOST];
    double floors[SEARCHED_MOST];
    uint32_t used = 0;
    uint64_t family = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].looked_at > 0 && sva_in_half(list[i].subject->layer, half)) {
            log10_p[used] = list[i].log10_p;
            floors[used++] = list[i].log10_floor;
            family = list[i].looked_at > family ? list[i].looked_at : family;
        }
    }
    struct sva_test_record *record =
        used == 0 ? NULL : sva_add_test(evidence, IDS[half], SVA_P_EXACT, true);
    if (record == NULL) {
        return 0.0;
    }
    record->test.log10_p = sva_fisher_log10(log10_p, used);
    record->test.log10_p_floor = sva_fisher_log10(floors, used);
    record->test.family = family;
    return record->test.log10_p;
}

static double mean_correlation(const struct searched *list, size_t count)
{
    double rho = 0.0;
    double weight = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].looked_at > 0) {
            rho += list[i].rho;
            weight += 1.0;
        }
    }
    return weight > 0.0 ? rho / weight : NAN;
}

/** What the pairs found have in common, in place of what stands at the same places. */
static void take_search(const struct searched *list, size_t count, double rho,
                        const double log10_p[3], struct sva_component_evidence *evidence)
{
    struct sva_direction_sums directions = {0};
    for (size_t i = 0; i < count; i++) {
        if (list[i].looked_at > 0) {
            sva_add_directions(list[i].subject, list[i].reference, &directions);
        }
    }
    evidence->gram_rho = rho;
    evidence->gram_rho_se = NAN;
    evidence->gram_log10_p = log10_p[SVA_HALF_ALL];
    evidence->gram_half_log10_p[0] = log10_p[SVA_HALF_EVEN];
    evidence->gram_half_log10_p[1] = log10_p[SVA_HALF_ODD];
    sva_note_directions(&directions, evidence);
}

/**
 * Where layers differ in number or there are experts: every hidden layer of the subject (at most
 * 32, evenly spaced) against all that it could have come from.
 */
bool sva_gram_search(const struct sva_pair *pair, uint32_t component,
                     const struct sva_hidden_layer *subject, size_t subject_count,
                     const struct sva_hidden_layer *reference, size_t reference_count,
                     struct sva_component_evidence *evidence)
{
    struct searched list[SEARCHED_MOST];
    double log10_p[3] = {0.0, 0.0, 0.0};
    struct sva_draw_tally tally = {.series = 0};
    const size_t count = subject_count < SEARCHED_MOST ? subject_count : SEARCHED_MOST;
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct searched){.subject = &subject[i * subject_count / count]};
        find_best(&list[i], reference, reference_count);
    }
    drop_tied(list, count);
    for (size_t i = 0; ok && i < count; i++) {
        ok = list[i].looked_at == 0 || test_best(pair, component, i, &list[i], &tally);
    }
    const size_t before = evidence->test_count;
    for (int half = SVA_HALF_ALL; ok && half <= SVA_HALF_ODD; half++) {
        log10_p[half] = conclude_search(list, count, (enum sva_half)half, evidence);
    }
    if (ok && evidence->test_count > before) { /* the first is that of all layers */
        sva_note_draws(&evidence->tests[before], &tally);
    }
    const double rho = ok ? mean_correlation(list, count) : NAN;
    if (log10_p[SVA_HALF_ALL] <= SVA_CLEAR_REJECTION && !(rho <= evidence->gram_rho)) {
        take_search(list, count, rho, log10_p, evidence);
    }
    return ok;
}

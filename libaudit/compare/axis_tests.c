/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tensor against one tensor: its exchangeable axis is renumbered, alone.
 * Every pair that the search for partners looked at is paid for.
 *
 * Where the role map knows an axis to be exchangeable, that axis is tested.
 * Where nothing is known, both axes are tested and the larger p counts: valid
 * as long as either axis is exchangeable, which holds for every matrix that
 * touches a hidden layer (input features and output classes are labelled, the
 * other side of such a matrix is not).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/pool.h"
#include "compare/axis_partners.h"
#include "compare/evidence.h"

enum { PAIRS_MOST = 4000000 }; /* scanned per component; beyond it only tensors of one role */

/** More tables of positions than this, or than every fourth matrix, and the names are not believed.
 */
enum { POSITION_TABLES_MOST = 4 };

/** Another tensor of the subject this similar is the same evidence stored twice. */
static const double DUPLICATE_SIMILARITY = 0.9;

/** What one subject tensor's search and test gave. */
struct outcome {
    struct sva_partner_search search;
    struct sva_block_result result;
};

/** Units of a tensor's two axes, gates counted once. */
struct span_lengths {
    uint64_t units[2];
};

/** The scan of one component. */
struct scan {
    struct sva_pair *pair;
    struct sva_shapes shapes;     /* of the reference */
    uint32_t *tensors;            /* subject tensors to test */
    size_t tensor_count;
    struct outcome *outcomes;     /* [tensor_count] */
    uint64_t looked_at, named;    /* sums over the outcomes */
    bool roles_only;
    bool tables_believed;         /**< few matrices bear a name of tables of positions */
    struct span_lengths *lengths; /* [tensor_count] numbers of units of both axes */
};

/** Names of tables whose rows or columns are positions: labelled, and often started from a formula. */
static bool is_position_table(const struct sva_print_tensor *tensor)
{
    return tensor->role == SVA_ROLE_EMBED_POSITIONS || strstr(tensor->name, "pos_emb") != NULL ||
           strstr(tensor->name, "position_emb") != NULL || strstr(tensor->name, "pos_table") != NULL;
}

/** Where A1 and A2 carry the decision, single tensors need not reach as far. */
static bool has_joint_tests(const struct sva_pair *pair, const struct sva_print_tensor *tensor)
{
    return sva_counterpart(pair, tensor->component, true) != SVA_NO_COMPONENT;
}

/** Exact test of a pair: the larger p of the tested axes. `tally` (may be NULL) gets that axis' draws. */
static bool test_pair(const struct sva_pair *pair, uint32_t index, struct sva_block_result *result,
                      struct sva_draw_tally *tally)
{
    const struct sva_tensor_pair tensors = {
        .s = &pair->subject->tensors[index],
        .r = &pair->reference->tensors[pair->best[index]],
        .swapped = pair->best_swapped[index],
        .reading = pair->best_reading[index]};
    const unsigned axes = sva_tested_axes(pair, &tensors);
    *result = (struct sva_block_result){0};
    bool any = false;
    for (int axis = 0; axis < 2; axis++) {
        if ((axes & 1u << axis) == 0) {
            continue;
        }
        struct sva_axis_features features;
        struct sva_block_result one;
        struct sva_draw_tally drawn = {.series = 0};
        if (!sva_axis_features_init(&tensors, axis,
                                    sva_sibling_gates(pair->subject, tensors.s, axis),
                                    &features)) {
            return false;
        }
        struct sva_block_setup setup = {.units = features.units,
                                        .pairs = features.pairs,
                                        .pair_count = features.gates,
                                        .one_of_many = has_joint_tests(pair, tensors.s),
                                        .tally = tally != NULL ? &drawn : NULL,
                                        .threads = 1 /* tensors are tested side by side */};
        const bool ok = sva_test_seed(pair, "axis-permutation", index, (uint64_t)axis, setup.seed) &&
                        sva_block_test(&setup, &one);
        sva_axis_features_done(&features);
        if (!ok) {
            return false;
        }
        if (!one.tested) {
            one.log10_p = 0.0;
        }
        if (!any || one.log10_p > result->log10_p) {
            const double floor = any && result->log10_floor > one.log10_floor ? result->log10_floor
                                                                              : one.log10_floor;
            *result = one;
            result->log10_floor = floor;
            if (tally != NULL) {
                *tally = drawn;
            }
        }
        any = true;
    }
    return true;
}

static double row_share(const struct sva_print_tensor *s, const struct sva_print_tensor *r)
{
    uint32_t shared = 0;
    uint32_t looked = 0;
    if (s->sampled || r->sampled) {
        return NAN; /* the smallest hashes are among those of all rows */
    }
    for (uint32_t i = 0, j = 0; i < s->row_hash_count && j < r->row_hash_count;) {
        looked++;
        if (s->row_hashes[i] == r->row_hashes[j]) {
            shared++;
            i++;
            j++;
        } else if (s->row_hashes[i] < r->row_hashes[j]) {
            i++;
        } else {
            looked--;
            j++;
        }
    }
    return looked == 0 ? 0.0 : (double)shared / (double)looked;
}

/** The tensor that rejects most clearly, and the most powerful one, of a component. */
struct best_of {
    struct sva_block_result strongest;  /* smallest p */
    uint32_t strongest_tensor;
    struct sva_block_result most_powerful; /* largest resolution with the lowest floor */
    bool any;
    double rho_sum, rho_squares, rho_weight, weight_squares;
};

static void note_tested(struct best_of *best, const struct sva_block_result *result,
                        uint32_t tensor, uint64_t parameters)
{
    const struct sva_block_result *strongest = &best->strongest;
    if (!best->any || result->log10_p < strongest->log10_p ||
        (!(result->log10_p > strongest->log10_p) && result->z > strongest->z)) {
        best->strongest = *result;
        best->strongest_tensor = tensor;
    }
    if (!best->any || result->resolution > best->most_powerful.resolution) {
        best->most_powerful = *result;
    }
    best->any = true;
    if (isfinite(result->rho)) {
        const double weight = (double)parameters;
        best->rho_sum += weight * result->rho;
        best->rho_squares += weight * result->rho * result->rho;
        best->rho_weight += weight;
        best->weight_squares += weight * weight;
    }
}

/** Standard error of the parameter-weighted mean over tensors; NAN with fewer than two. */
static double mean_error(const struct best_of *best)
{
    const double mean = best->rho_sum / best->rho_weight;
    const double spread = best->rho_squares / best->rho_weight - mean * mean;
    const double effective = best->rho_weight * best->rho_weight / best->weight_squares;
    return effective > 1.0 && spread > 0.0 ? sqrt(spread / (effective - 1.0)) : NAN;
}

/** False when an accepted piece already rests on this tensor, its partner or a near-copy of it. */
static bool is_new_piece(const struct sva_pair *pair, const uint32_t *accepted, size_t count,
                         uint32_t index)
{
    const struct sva_print_tensor *tensor = &pair->subject->tensors[index];
    for (size_t i = 0; i < count; i++) {
        const struct sva_print_tensor *other = &pair->subject->tensors[accepted[i]];
        if (pair->best[accepted[i]] == pair->best[index]) {
            return false;
        }
        for (int axis = 0; axis < 2; axis++) {
            const struct sva_axis_sketch *a = &tensor->axis[axis];
            const struct sva_axis_sketch *b = &other->axis[axis];
            if (a->kept > 0 && a->kept == b->kept && a->length == b->length &&
                a->features == b->features) {
                const struct sva_feature_pair both = {a->values, b->values, a->features, NULL, NULL};
                if (sva_quick_similarity(&both, a->kept) > DUPLICATE_SIMILARITY) {
                    return false;
                }
            }
        }
    }
    return true;
}

struct ranked {
    double log10_p;
    uint32_t index;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    if (left->log10_p < right->log10_p || left->log10_p > right->log10_p) {
        return left->log10_p < right->log10_p ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

enum { PIECES_MOST = 16 };

/** Disjoint tensors in order of strength become pieces of evidence. */
static bool collect_pieces(const struct sva_pair *pair, struct ranked *ranked, size_t count,
                           struct sva_component_evidence *evidence)
{
    uint32_t accepted[PIECES_MOST];
    size_t accepted_count = 0;
    qsort(ranked, count, sizeof *ranked, by_p);
    for (size_t i = 0; i < count && accepted_count < PIECES_MOST; i++) {
        if (ranked[i].log10_p > -6.0) {
            break;
        }
        if (is_new_piece(pair, accepted, accepted_count, ranked[i].index)) {
            accepted[accepted_count++] = ranked[i].index;
            if (!sva_add_piece(evidence, ranked[i].log10_p)) {
                return false;
            }
        }
    }
    return true;
}

/**
 * log10 of what a pair pays: a weighted Bonferroni in which pairs of one name
 * share one half of the error and all others the other half.
 */
static double price(const struct sva_pair *pair, const struct scan *scan, uint32_t index)
{
    const struct sva_print_tensor *s = &pair->subject->tensors[index];
    const bool named =
        pair->best[index] >= 0 && sva_same_name(s, &pair->reference->tensors[pair->best[index]]);
    const uint64_t others = scan->looked_at - scan->named;
    if (scan->named == 0 || others == 0) {
        return log10((double)(scan->looked_at == 0 ? 1 : scan->looked_at));
    }
    return log10(2.0 * (double)(named ? scan->named : others));
}

/**
 * Draws of the tensor that rejects most clearly. Tested once more, with the same seed and so the same
 * draws: keeping those of every tensor would take more room than everything else.
 */
static bool count_strongest(const struct sva_pair *pair, const struct best_of *best,
                            struct sva_test_record *record)
{
    struct sva_draw_tally tally = {.series = 0};
    struct sva_block_result again;
    if (!test_pair(pair, best->strongest_tensor, &again, &tally)) {
        return false;
    }
    sva_note_draws(record, &tally);
    return true;
}

/** Pays the family, fills coverage and pieces, records the component's test. */
static bool conclude(struct sva_pair *pair, uint32_t component, const struct scan *scan,
                     struct best_of *best, struct sva_component_evidence *evidence)
{
    const struct sva_print *print = pair->subject;
    struct ranked *ranked = sva_calloc(print->tensor_count, sizeof *ranked);
    size_t count = 0;
    double strongest = 0.0;
    if (ranked == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->component != component || pair->best[i] < 0 || pair->best_log10_p[i] >= 0.0) {
            continue;
        }
        const double paid = pair->best_log10_p[i] + price(pair, scan, i);
        pair->best_log10_p[i] = paid < 0.0 ? paid : 0.0;
        ranked[count++] = (struct ranked){pair->best_log10_p[i], i};
        strongest = paid < strongest ? paid : strongest;
        if (paid < -3.0 && pair->identical[i] < 0) {
            evidence->agreeing_parameters += tensor->element_count;
        }
    }
    const bool ok = collect_pieces(pair, ranked, count, evidence);
    sva_free(ranked);
    if (!ok || !best->any) {
        return ok;
    }
    struct sva_test_record *record =
        sva_add_block_test(evidence, "axis-permutation", &best->strongest);
    if (record != NULL) {
        const uint64_t family = 2 * (scan->named > 0 ? scan->named : scan->looked_at);
        record->test.log10_p = strongest;
        record->test.log10_p_floor = best->most_powerful.log10_floor + log10((double)family);
        record->test.family = family;
        record->rho = best->rho_weight > 0.0 ? best->rho_sum / best->rho_weight : NAN;
        record->rho_se = best->rho_weight > 0.0 ? mean_error(best) : NAN;
        record->resolution = best->most_powerful.resolution;
        record->blocks = best->most_powerful.blocks;
        record->block_floor = best->most_powerful.block_floor;
        record->power = 0.9995; /* both axes must reject */
        return count_strongest(pair, best, record);
    }
    return true;
}

/** Pairs that a full scan of the component would look at. */
static uint64_t full_scan_size(const struct scan *scan)
{
    uint64_t pairs = 0;
    for (size_t i = 0; i < scan->tensor_count && pairs <= PAIRS_MOST; i++) {
        pairs += sva_shapes_like(&scan->shapes, &scan->pair->subject->tensors[scan->tensors[i]]);
    }
    return pairs;
}

static bool list_tensors(struct scan *scan, uint32_t component)
{
    const struct sva_print *print = scan->pair->subject;
    scan->tensors = sva_calloc(print->tensor_count, sizeof *scan->tensors);
    scan->outcomes = sva_calloc(print->tensor_count, sizeof *scan->outcomes);
    scan->lengths = sva_calloc(print->tensor_count, sizeof *scan->lengths);
    size_t tables = 0;
    if (scan->tensors == NULL || scan->outcomes == NULL || scan->lengths == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->component == component && sva_bears_evidence(tensor) && sva_is_matrix(tensor)) {
            scan->tensors[scan->tensor_count++] = i;
            tables += is_position_table(tensor) ? 1 : 0;
        }
    }
    scan->tables_believed = tables <= POSITION_TABLES_MOST && 4 * tables <= scan->tensor_count;
    return true;
}

static void measure_spans(struct scan *scan)
{
    const struct sva_print *print = scan->pair->subject;
    for (size_t i = 0; i < scan->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[scan->tensors[i]];
        for (int axis = 0; axis < 2; axis++) {
            scan->lengths[i].units[axis] =
                tensor->n[axis] / sva_sibling_gates(print, tensor, axis);
        }
    }
}

/**
 * Does a tensor of unknown axes touch a hidden layer? Some other matrix must take
 * in what this one puts out, or put out what this one takes in. A map straight
 * from inputs to outputs has labels on both sides, and independent trainings of
 * it converge: it is no evidence. Known axes need no such guess.
 */
static bool touches_hidden_layer(const struct scan *scan, size_t item)
{
    const struct sva_print_tensor *tensor = &scan->pair->subject->tensors[scan->tensors[item]];
    const struct span_lengths *own = &scan->lengths[item];
    if (tensor->axis_kind[0] != SVA_AXIS_UNKNOWN || tensor->axis_kind[1] != SVA_AXIS_UNKNOWN) {
        return true;
    }
    const bool recurrent = own->units[0] == own->units[1] && tensor->n[0] != tensor->n[1];
    for (size_t i = 0; !recurrent && i < scan->tensor_count; i++) {
        const struct span_lengths *other = &scan->lengths[i];
        if (i != item && (other->units[1] == own->units[0] || other->units[0] == own->units[1])) {
            return true;
        }
    }
    return recurrent;
}

/**
 * Finds a tensor's partner. A subject's names are its maker's to choose: a table of positions is
 * left out by its name where few bear one, or where the partner, too, is one.
 */
static bool find_partner(const struct scan *scan, uint32_t index, struct sva_partner_search *search)
{
    struct sva_pair *pair = scan->pair;
    const bool table = is_position_table(&pair->subject->tensors[index]);
    if (table && scan->tables_believed) {
        return true;
    }
    const bool ok = sva_find_partner(pair, &scan->shapes, scan->roles_only, index, search);
    if (ok && table && pair->best[index] >= 0 &&
        is_position_table(&pair->reference->tensors[pair->best[index]])) {
        *search = (struct sva_partner_search){.score = -INFINITY};
        pair->best[index] = -1;
        pair->best_swapped[index] = false;
        pair->best_reading[index] = SVA_READ_AS_STORED;
    }
    return ok;
}

/** Search and test of one tensor; writes only what belongs to it. */
static enum sva_status do_tensor(void *context, size_t item, struct sva_error *error)
{
    struct scan *scan = context;
    struct sva_pair *pair = scan->pair;
    const uint32_t index = scan->tensors[item];
    struct outcome *outcome = &scan->outcomes[item];
    if (pair->identical[index] >= 0 && !pair->rounded[index]) {
        pair->best[index] = pair->identical[index]; /* equal values need no test */
        pair->best_reading[index] = pair->identical_reading[index];
        pair->best_rho[index] = 1.0;
        pair->shared_rows[index] = 1.0;
        return SVA_OK;
    }
    if (!touches_hidden_layer(scan, item)) {
        return SVA_OK;
    }
    if (!find_partner(scan, index, &outcome->search)) {
        return sva_fail_memory(error, "searching a tensor's partner");
    }
    if (pair->best[index] < 0) {
        return SVA_OK;
    }
    if (!test_pair(pair, index, &outcome->result, NULL)) {
        return sva_fail_memory(error, "testing a pair of tensors");
    }
    if (outcome->result.tested) {
        pair->best_log10_p[index] = outcome->result.log10_p;
        pair->best_rho[index] = outcome->result.rho;
        pair->best_z[index] = outcome->result.z;
        pair->shared_rows[index] = row_share(&pair->subject->tensors[index],
                                             &pair->reference->tensors[pair->best[index]]);
    }
    return SVA_OK;
}

enum sva_status sva_axis_tests(struct sva_pair *pair, uint32_t component,
                               struct sva_component_evidence *evidence, struct sva_error *error)
{
    struct scan scan = {.pair = pair};
    struct best_of best = {0};
    enum sva_status status = SVA_OK;
    if (!sva_shapes_init(&scan.shapes, pair->reference) || !list_tensors(&scan, component)) {
        status = sva_fail_memory(error, "listing tensors");
    }
    if (status == SVA_OK) {
        measure_spans(&scan);
        scan.roles_only = full_scan_size(&scan) > PAIRS_MOST;
        status = sva_parallel(scan.tensor_count, pair->options->threads, do_tensor, &scan,
                              &pair->options->progress, error);
    }
    for (size_t i = 0; status == SVA_OK && i < scan.tensor_count; i++) {
        const struct outcome *outcome = &scan.outcomes[i];
        scan.looked_at += outcome->search.looked_at;
        scan.named += outcome->search.named;
        if (outcome->result.tested) {
            note_tested(&best, &outcome->result, scan.tensors[i],
                        pair->subject->tensors[scan.tensors[i]].element_count);
        }
    }
    if (status == SVA_OK && !conclude(pair, component, &scan, &best, evidence)) {
        status = sva_fail_memory(error, "weighing tensors");
    }
    sva_shapes_done(&scan.shapes);
    sva_free(scan.tensors);
    sva_free(scan.outcomes);
    sva_free(scan.lengths);
    return status;
}

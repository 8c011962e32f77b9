/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/layer_map.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernel/integer_products.h"
#include "kernel/permutation.h"
#include "kernel/special.h"

enum { BLOCKS = 8, BLOCK_UNITS_MOST = 64, BLOCK_UNITS_LEAST = 16, DRAWS = 999, CELLS_MOST = 1 << 24 };

/** A path is used for pairing layers when it beats the straight one by this much. */
static const double PATH_MARGIN = 16.0;

#define MAP_DOMAIN 0x6c61796572730000u

int32_t sva_mapped_layer(const struct sva_layer_map *map, int32_t layer)
{
    if (map->layers == NULL || layer < 0) {
        return layer;
    }
    return (uint32_t)layer < map->subject_layers ? map->layers[layer] : SVA_NO_LAYER;
}

void sva_layer_map_done(struct sva_layer_map *map)
{
    sva_free(map->layers);
    map->layers = NULL;
}

static bool scratch_new(struct sva_path_scratch *scratch, uint32_t subject, uint32_t reference,
                        bool traced)
{
    scratch->now = sva_calloc(reference, sizeof *scratch->now);
    scratch->before = sva_calloc(reference, sizeof *scratch->before);
    scratch->from =
        traced ? sva_calloc((size_t)subject * (reference + 1), sizeof *scratch->from) : NULL;
    return scratch->now != NULL && scratch->before != NULL && (!traced || scratch->from != NULL);
}

static void scratch_free(struct sva_path_scratch *scratch)
{
    sva_free(scratch->now);
    sva_free(scratch->before);
    sva_free(scratch->from);
}

/** Searches; keeps the path where it is clearly better than the straight one. */
static bool search(const struct sva_layer_features *subject,
                   const struct sva_layer_features *reference, struct sva_layer_map *map)
{
    struct sva_path_scratch scratch = {0};
    double *z = sva_calloc((size_t)subject->layers * reference->layers, sizeof *z);
    int32_t *path = sva_calloc(subject->layers, sizeof *path);
    const bool ok = z != NULL && path != NULL &&
                    scratch_new(&scratch, subject->layers, reference->layers, true) &&
                    sva_layer_scores(subject, reference, z);
    map->subject_layers = subject->layers;
    map->reference_layers = reference->layers;
    if (ok) {
        map->score = sva_best_path(z, subject->layers, reference->layers, &scratch, path);
        if (map->score > sva_straight_path(z, subject->layers, reference->layers) + PATH_MARGIN) {
            map->layers = path;
            path = NULL;
        }
    }
    scratch_free(&scratch);
    sva_free(path);
    sva_free(z);
    return ok;
}

void sva_layer_sides_done(struct sva_layer_sides *sides)
{
    sva_layer_features_done(&sides->subject);
    sva_layer_features_done(&sides->reference);
}

bool sva_layer_map_init(const struct sva_pair *pair, uint32_t component, struct sva_layer_map *map,
                        struct sva_layer_sides *sides)
{
    *sides = (struct sva_layer_sides){.subject = {0}};
    *map = (struct sva_layer_map){
        .reference_component = sva_counterpart(pair, component, true)};
    if (map->reference_component == SVA_NO_COMPONENT) {
        return true;
    }
    return sva_layer_features_init(pair->subject, component, pair->reference,
                                   (uint32_t)map->reference_component,
                                   (uint32_t)pair->subject->components[component].width,
                                   &sides->subject, &sides->reference) &&
           (sides->subject.layers == 0 || search(&sides->subject, &sides->reference, map));
}

/** One block of residual dimensions: products of every two units, for all pairs of layers. */
struct map_block {
    uint32_t units, pairs;
    int32_t *cells;      /* [units][units][pairs] */
    int32_t *sums;       /* [pairs] of one draw */
    double *mean, *scale;/* [pairs] of the sums under renumbering */
    double *z;           /* [pairs] */
};

static void block_free(struct map_block *block)
{
    sva_free(block->cells);
    sva_free(block->sums);
    sva_free(block->mean);
    sva_free(block->scale);
    sva_free(block->z);
}

static bool block_new(struct map_block *block, uint32_t units, uint32_t pairs)
{
    *block = (struct map_block){.units = units, .pairs = pairs};
    block->cells = sva_calloc((size_t)units * units * pairs, sizeof *block->cells);
    block->sums = sva_calloc(pairs, sizeof *block->sums);
    block->mean = sva_calloc(pairs, sizeof *block->mean);
    block->scale = sva_calloc(pairs, sizeof *block->scale);
    block->z = sva_calloc(pairs, sizeof *block->z);
    return block->cells != NULL && block->sums != NULL && block->mean != NULL &&
           block->scale != NULL && block->z != NULL;
}

/** Product of two units of two layers, small enough that BLOCK_UNITS_MOST of them fit 32 bits. */
static int32_t cell(const int16_t *a, const int16_t *b, uint32_t count)
{
    const int64_t product = sva_dot_i16(a, b, count); /* at most 256 * 2047^2 < 2^31 */
    return (int32_t)(product / (2 * BLOCK_UNITS_MOST));
}

static void fill_block(struct map_block *block, const struct sva_layer_features *subject,
                       const struct sva_layer_features *reference, const uint32_t *units)
{
    const uint32_t k = subject->features;
    int32_t *out = block->cells;
    for (uint32_t i = 0; i < block->units; i++) {
        for (uint32_t j = 0; j < block->units; j++) {
            for (uint32_t l = 0; l < subject->layers; l++) {
                const int16_t *left =
                    subject->values + ((size_t)l * subject->units + units[i]) * k;
                for (uint32_t m = 0; m < reference->layers; m++) {
                    *out++ = cell(left,
                                  reference->values +
                                      ((size_t)m * reference->units + units[j]) * k,
                                  k);
                }
            }
        }
    }
}

/** Closed-form mean and standard deviation of each pair's sum over renumberings. */
static void block_moments(struct map_block *block)
{
    const size_t n = block->units;
    for (size_t p = 0; p < block->pairs; p++) {
        double total = 0.0, squares = 0.0, rows = 0.0, columns = 0.0;
        for (size_t i = 0; i < n; i++) {
            double row = 0.0, column = 0.0;
            for (size_t j = 0; j < n; j++) {
                const double value = block->cells[(i * n + j) * block->pairs + p];
                row += value;
                column += (double)block->cells[(j * n + i) * block->pairs + p];
                squares += value * value;
            }
            total += row;
            rows += row * row;
            columns += column * column;
        }
        const double size = (double)n;
        const double variance = (squares - rows / size - columns / size + total / size * (total / size)) /
                                (size - 1.0);
        block->mean[p] = total / size;
        block->scale[p] = variance > 0.0 ? 1.0 / sqrt(variance) : 0.0;
    }
}

/** Score of the best path when subject unit order[j] stands where reference unit j does. */
static double searched_score(struct map_block *block, const struct sva_layer_map *map,
                             const uint32_t *order, struct sva_path_scratch *scratch)
{
    memset(block->sums, 0, block->pairs * sizeof *block->sums);
    for (uint32_t j = 0; j < block->units; j++) {
        const int32_t *from =
            block->cells + ((size_t)order[j] * block->units + j) * block->pairs;
        for (uint32_t p = 0; p < block->pairs; p++) {
            block->sums[p] += from[p];
        }
    }
    for (uint32_t p = 0; p < block->pairs; p++) {
        block->z[p] = ((double)block->sums[p] - block->mean[p]) * block->scale[p];
    }
    return sva_best_path(block->z, map->subject_layers, map->reference_layers, scratch, NULL);
}

/** Counts a block's draws. The best path's score has no closed form: its scale is that of the draws. */
static void count_draws(struct sva_draw_tally *tally, const double *drawn, uint32_t count,
                        double observed)
{
    double mean = 0.0;
    double squares = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        mean += drawn[i] / count;
    }
    for (uint32_t i = 0; i < count; i++) {
        squares += (drawn[i] - mean) * (drawn[i] - mean);
    }
    sva_tally_begin(tally, mean, count > 1 ? squares / (count - 1) : 0.0, observed);
    for (uint32_t i = 0; i < count; i++) {
        sva_tally_add(tally, drawn[i]);
    }
}

/** log10 p of one block; every draw searches anew. False: out of memory. */
static bool block_p(struct map_block *block, const struct sva_layer_map *map,
                    struct sva_random *random, struct sva_draw_tally *tally, double *log10_p)
{
    double drawn[DRAWS];
    struct sva_path_scratch scratch = {0};
    uint32_t order[BLOCK_UNITS_MOST];
    const bool ok = scratch_new(&scratch, map->subject_layers, map->reference_layers, false);
    uint32_t reached = 0;
    uint32_t draw = 0;
    for (uint32_t i = 0; i < block->units; i++) {
        order[i] = i;
    }
    const double observed = ok ? searched_score(block, map, order, &scratch) : 0.0;
    while (ok && draw < DRAWS && reached < SVA_EXCEEDANCES) {
        sva_random_permutation(random, order, block->units);
        drawn[draw] = searched_score(block, map, order, &scratch);
        reached += drawn[draw] >= observed ? 1 : 0;
        draw++;
    }
    *log10_p = reached == SVA_EXCEEDANCES ? log10((double)reached / (double)draw)
                                          : log10((1.0 + reached) / (1.0 + draw));
    count_draws(tally, drawn, draw, observed);
    scratch_free(&scratch);
    return ok;
}

/** Units a block: as many as memory allows; 0: too few for a test. */
static uint32_t block_units(const struct sva_layer_features *left,
                            const struct sva_layer_features *right)
{
    const uint32_t pairs = left->layers * right->layers;
    uint32_t units = left->units / BLOCKS < BLOCK_UNITS_MOST ? left->units / BLOCKS : BLOCK_UNITS_MOST;
    while (units >= BLOCK_UNITS_LEAST && (uint64_t)units * units * pairs > CELLS_MOST) {
        units--;
    }
    return units >= BLOCK_UNITS_LEAST || units == left->units / BLOCKS ? units : 0;
}

static bool run_blocks(const struct sva_layer_sides *sides, const struct sva_layer_map *map,
                       uint32_t units, const uint8_t seed[32], struct sva_test_record *test)
{
    const struct sva_layer_features *left = &sides->subject;
    const struct sva_layer_features *right = &sides->reference;
    struct map_block block;
    struct sva_draw_tally tally = {.series = 0};
    double log10_p[BLOCKS];
    double floors[BLOCKS];
    uint32_t dealt[BLOCKS * BLOCK_UNITS_MOST];
    bool ok = sva_deal_units(left->units, BLOCKS * units, MAP_DOMAIN, dealt) &&
              block_new(&block, units, left->layers * right->layers);
    if (!ok) {
        return false;
    }
    for (uint32_t b = 0; ok && b < BLOCKS; b++) {
        struct sva_random random;
        fill_block(&block, left, right, dealt + (size_t)b * units);
        block_moments(&block);
        floors[b] = -log10(1.0 + DRAWS);
        ok = sva_block_stream(seed, b, &random) &&
             block_p(&block, map, &random, &tally, &log10_p[b]);
    }
    block_free(&block);
    if (ok && test != NULL) {
        test->test.log10_p = sva_fisher_log10(log10_p, BLOCKS);
        test->test.log10_p_floor = sva_fisher_log10(floors, BLOCKS);
        test->test.block_count = BLOCKS;
        test->test.draw_count = DRAWS;
        test->test.draws.own_scale = true;
        sva_note_draws(test, &tally);
    }
    return ok;
}

static bool record(const struct sva_pair *pair, uint32_t component,
                   const struct sva_layer_sides *sides, const struct sva_layer_map *map,
                   struct sva_component_evidence *evidence)
{
    const uint32_t units = block_units(&sides->subject, &sides->reference);
    uint8_t seed[32];
    return units < 4 ||
           (sva_test_seed(pair, "layer-map", component, 0, seed) &&
            run_blocks(sides, map, units, seed,
                       sva_add_test(evidence, "layer-map", SVA_P_EXACT, true)));
}

bool sva_layer_map_test(const struct sva_pair *pair, uint32_t component,
                        const struct sva_layer_map *map, const struct sva_layer_sides *sides,
                        struct sva_component_evidence *evidence)
{
    if (map->subject_layers == map->reference_layers ||
        sva_counterpart(pair, component, false) == SVA_NO_COMPONENT) {
        return true;
    }
    return record(pair, component, sides, map, evidence);
}

/** What a path does, counted. */
struct map_census {
    uint32_t matched, repeated, repeated_in_place, absent, unmatched;
    bool backwards; /* some layer comes before one that stands before it in the reference */
    uint8_t uses[SVA_LAYER_PAIRS_MOST]; /* of each reference layer, at most 255 */
};

static void take_census(const struct sva_layer_map *map, struct map_census *census)
{
    int32_t last = SVA_NO_LAYER;
    memset(census, 0, sizeof *census);
    for (uint32_t l = 0; l < map->subject_layers; l++) {
        const int32_t m = map->layers[l];
        if (m == SVA_NO_LAYER) {
            census->unmatched++;
            continue;
        }
        census->matched++;
        if (census->uses[m] < UINT8_MAX) {
            census->uses[m]++;
        }
        census->repeated += census->uses[m] > 1 ? 1 : 0;
        census->repeated_in_place += m == last ? 1 : 0;
        census->backwards = census->backwards || m < last;
        last = m;
    }
    for (uint32_t m = 0; m < map->reference_layers; m++) {
        census->absent += census->uses[m] == 0 ? 1 : 0;
    }
}

static const char *kind_of(const struct map_census *census)
{
    if (census->repeated > 0) {
        return census->repeated == census->repeated_in_place && !census->backwards ? "interleaved"
                                                                                  : "up-scaled";
    }
    if (census->absent > 0 && !census->backwards && census->unmatched == 0) {
        return "pruned";
    }
    return census->unmatched > 0 && !census->backwards && census->absent == 0 ? "extended"
                                                                             : "rearranged";
}

/** "8-23, 30": reference layers used `least` to `most` times, cut where it grows long. */
static const char *list_layers(const struct sva_layer_map *map, const struct map_census *census,
                               uint8_t least, uint8_t most, struct sva_arena *arena)
{
    char text[128] = "";
    size_t used = 0;
    for (uint32_t m = 0; m < map->reference_layers; m++) {
        if (census->uses[m] < least || census->uses[m] > most) {
            continue;
        }
        uint32_t end = m;
        while (end + 1 < map->reference_layers && census->uses[end + 1] >= least &&
               census->uses[end + 1] <= most) {
            end++;
        }
        const char *between = used > 0 ? ", " : "";
        if (used + 32 > sizeof text) {
            (void)snprintf(text + used, sizeof text - used, ", ...");
            break;
        }
        const int written =
            end > m ? snprintf(text + used, sizeof text - used, "%s%" PRIu32 "-%" PRIu32, between,
                               m, end)
                    : snprintf(text + used, sizeof text - used, "%s%" PRIu32, between, m);
        used += written > 0 ? (size_t)written : 0;
        m = end;
    }
    return sva_arena_strdup(arena, text);
}

bool sva_layer_map_describe(const struct sva_layer_map *map, struct sva_arena *arena,
                            struct sva_layer_order *order)
{
    *order = (struct sva_layer_order){.kind = "", .repeated = "", .absent = ""};
    if (map->layers == NULL) {
        return true;
    }
    struct map_census *census = sva_calloc(1, sizeof *census);
    int32_t *layers = sva_arena_alloc(arena, map->subject_layers, sizeof *layers);
    if (census != NULL && layers != NULL) {
        take_census(map, census);
        memcpy(layers, map->layers, map->subject_layers * sizeof *layers);
        *order = (struct sva_layer_order){
            .kind = kind_of(census),
            .repeated = list_layers(map, census, 2, UINT8_MAX, arena),
            .absent = list_layers(map, census, 0, 0, arena),
            .unmatched_count = census->unmatched,
            .layer_count = map->subject_layers,
            .layers = layers};
    }
    sva_free(census);
    return order->layers != NULL && order->repeated != NULL && order->absent != NULL;
}

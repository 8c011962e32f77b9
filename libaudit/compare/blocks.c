/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/block_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/pool.h"
#include "kernel/integer_products.h"
#include "kernel/permutation.h"
#include "kernel/special.h"

/** Up to here moments from Gram matrices of features cost less than all products of units. */
enum { FEW_FEATURES = 16 };

#define BLOCK_DOMAIN 0x626c6f636b000000u

uint32_t sva_block_count(uint32_t units)
{
    const uint32_t most = units / SVA_BLOCK_UNITS_MIN;
    uint32_t blocks = most < SVA_BLOCK_TARGET ? most : SVA_BLOCK_TARGET;
    while (blocks > 0 && units / blocks >= SVA_BLOCK_UNITS_MAX) {
        blocks++;
    }
    return blocks == 0 ? 1 : blocks;
}

/** Eight blocks at 1e-4 reach 2.6e-23 together; with fewer, each must reach further. */
static uint32_t draws_for(uint32_t blocks)
{
    return blocks >= SVA_BLOCK_TARGET ? 9999 : 99999;
}

double sva_block_floor(uint32_t units)
{
    double floors[SVA_BLOCKS_MAX];
    const uint32_t blocks = sva_block_count(units);
    for (uint32_t b = 0; b < blocks; b++) {
        floors[b] =
            sva_trace_log10_floor(units / blocks + (b < units % blocks ? 1 : 0), draws_for(blocks));
    }
    return sva_fisher_log10(floors, blocks);
}

/** Order in which units fill the blocks. */
static bool deal_units(const struct sva_block_setup *setup, uint32_t *order)
{
    if (setup->hashed) {
        return sva_deal_units(setup->units, setup->units, BLOCK_DOMAIN, order);
    }
    for (uint32_t u = 0; u < setup->units; u++) {
        order[u] = u;
    }
    return true;
}

bool sva_block_stream(const uint8_t seed[32], uint32_t stream, struct sva_random *random)
{
    uint8_t message[36];
    uint8_t digest[32] = {0};
    memcpy(message, seed, 32);
    for (int i = 0; i < 4; i++) {
        message[32 + i] = (uint8_t)(stream >> (8 * i));
    }
    if (!sva_sha256(message, sizeof message, digest)) {
        return false;
    }
    sva_random_seed(random, digest);
    return true;
}

/** Smallest log10 p of a pool. */
static double pool_floor(const struct sva_trace *traces, size_t count, uint32_t draws)
{
    if (count == 1) {
        return sva_trace_log10_floor(traces->n, draws);
    }
    double permutations = 0.0;
    for (size_t i = 0; i < count; i++) {
        permutations += lgamma((double)traces[i].n + 1.0) / log(10.0);
    }
    const double drawn = log10(1.0 + draws);
    return permutations < drawn ? -permutations : -drawn;
}

/** Parts dealt in turn to pools, and the draws that each pool gets. */
struct pooled {
    const struct sva_part *parts;
    size_t part_count;
    uint32_t pools, draws;
    const uint8_t *seed;
    struct sva_draw_tally *tally;
    uint32_t threads;
    const struct sva_shared_products
        *shared; /* of the pool being tested, which is one part; NULL: none */
};

/** One p for the parts `pool`, `pool + pools`, ... that make up a pool. */
static bool test_pool(const void *context, uint32_t pool, struct sva_block_sums *sums,
                      struct sva_draw_tally *tally)
{
    const struct pooled *pooled = context;
    const size_t most = pooled->part_count / pooled->pools + 1;
    struct sva_part_statistic statistic = {{0.0, 0.0, 0.0}, 0.0};
    struct sva_trace *traces = sva_calloc(most, sizeof *traces);
    int64_t **owned = sva_calloc(most, sizeof *owned);
    uint32_t largest =
        0; /* below: scratch is a matter of speed, so that lacking it is no failure */
    size_t count = 0;
    bool ok = traces != NULL && owned != NULL;
    for (size_t i = pool; ok && i < pooled->part_count; i += pooled->pools) {
        const struct sva_part *part = &pooled->parts[i];
        owned[count] = sva_part_products(part, pooled->shared, pool, sums, &statistic);
        ok = owned[count] != NULL;
        if (ok) {
            const size_t size = (size_t)part->count * part->count;
            traces[count] =
                (struct sva_trace){owned[count], part->count, sva_calloc(size, sizeof(int32_t))};
            largest = part->count > largest ? part->count : largest;
            count++;
        }
    }
    uint32_t *draw = ok ? sva_calloc(largest, sizeof *draw) : NULL;
    struct sva_random random;
    ok = draw != NULL && sva_block_stream(pooled->seed, pool, &random);
    if (ok) {
        const struct sva_trace_moments *moments = &statistic.moments;
        const struct sva_trace_scratch scratch = {draw, tally, sva_statistic_tail(&statistic)};
        if (count > 1 ||
            traces->n > SVA_ENUMERATE_MAX) { /* else all are enumerated, none is drawn */
            sva_tally_begin(tally, moments->mean, moments->variance, moments->observed);
        }
        sums->log10_p[pool] = sva_traces_log10_p(traces, count, pooled->draws, &random, &scratch);
        sums->log10_floor[pool] = pool_floor(traces, count, pooled->draws);
    }
    for (size_t i = 0; owned != NULL && i < count; i++) {
        sva_free(owned[i]);
        sva_free(traces[i].scratch);
    }
    sva_free(owned);
    sva_free(traces);
    sva_free(draw);
    return ok;
}

/** Order of the reference's units: the subject's, or a random one for the control. */
static bool order_reference(const struct sva_block_setup *setup, const uint32_t *order,
                            uint32_t *reference)
{
    struct sva_random random;
    memcpy(reference, order, setup->units * sizeof *order);
    if (!setup->shuffle_reference) {
        return true;
    }
    if (!sva_block_stream(setup->seed, UINT32_MAX, &random)) {
        return false;
    }
    sva_random_permutation(&random, reference, setup->units);
    return true;
}

/** Cuts a numbering into blocks of equal size, but for one unit. */
static void cut(const struct sva_numbering *numbering, uint32_t blocks, const uint32_t *subject,
                const uint32_t *reference, struct sva_part *parts)
{
    uint32_t start = 0;
    for (uint32_t b = 0; b < blocks; b++) {
        const uint32_t count = numbering->units / blocks + (b < numbering->units % blocks ? 1 : 0);
        parts[b] = (struct sva_part){numbering, subject, reference, start, count};
        start += count;
    }
}

/** Fills the result of pools that all have a p. */
static void conclude(const struct pooled *pooled, const struct sva_block_sums *sums,
                     struct sva_block_result *result)
{
    for (size_t i = 0; i < pooled->part_count; i++) {
        if (pooled->parts[i].count > SVA_ENUMERATE_MAX || pooled->part_count > pooled->pools) {
            result->draws = pooled->draws;
        }
    }
    sva_block_summarise(sums, pooled->pools, result);
}

/** True when every pool has a p; fills the result. */
static bool test_pools(const struct pooled *pooled, struct sva_block_result *result)
{
    struct sva_block_sums sums = {0};
    const struct sva_pool_run run = {pooled->pools, pooled->threads, test_pool,
                                     pooled,        &sums,           pooled->tally};
    const bool ok = sva_pools_run(&run);
    if (ok) {
        conclude(pooled, &sums, result);
    }
    return ok;
}

/**
 * All that needs no draws, from features alone: sums with p = 1, and for each block a bound on the
 * chance that a draw reaches the observed. False: out of memory.
 */
static bool measure(const struct pooled *pooled, struct sva_block_sums *sums, double *tails)
{
    bool ok = true;
    for (uint32_t b = 0; ok && b < pooled->pools; b++) {
        struct sva_part_statistic statistic = {{0.0, 0.0, 0.0}, 0.0};
        ok = sva_part_measure(&pooled->parts[b], b, sums, &statistic);
        sums->log10_floor[b] = sva_trace_log10_floor(pooled->parts[b].count, pooled->draws);
        tails[b] = sva_statistic_tail(&statistic);
    }
    return ok;
}

/** Where every block's bound settles its draws: fills the blocks' p and *settled. False: out of
 * memory. */
static bool settle(const struct pooled *pooled, const double *tails, struct sva_block_sums *sums,
                   bool *settled)
{
    *settled = true;
    for (uint32_t b = 0; *settled && b < pooled->pools; b++) {
        struct sva_random random;
        bool reached = false;
        if (!sva_block_stream(pooled->seed, b, &random)) {
            return false;
        }
        *settled = pooled->parts[b].count > SVA_ENUMERATE_MAX &&
                   sva_draws_settled(tails[b], pooled->draws, &random, &reached);
        sums->log10_p[b] = reached ? 0.0 : sums->log10_floor[b];
    }
    return true;
}

/** One test of many: draws where they can matter and are to be seen. */
static bool test_if_worth_it(const struct pooled *pooled, struct sva_block_result *result)
{
    struct sva_block_sums sums = {0};
    double tails[SVA_BLOCKS_MAX];
    bool settled = false;
    if (pooled->pools < SVA_BLOCK_TARGET ||
        sva_feature_total(pooled->parts->numbering) > FEW_FEATURES) {
        return test_pools(pooled, result);
    }
    if (!measure(pooled, &sums, tails)) {
        return false;
    }
    sva_block_summarise(&sums, pooled->pools, result);
    result->draws = pooled->draws;
    if (!(result->z >= SVA_Z_WORTH_DRAWS)) {
        return true;
    }
    if (pooled->tally == NULL && !settle(pooled, tails, &sums, &settled)) {
        return false;
    }
    if (settled) {
        sva_block_summarise(&sums, pooled->pools, result);
    }
    return settled || test_pools(pooled, result);
}

static const struct sva_block_result UNTESTED = {
    .rho = NAN, .rho_se = NAN, .z = NAN, .resolution = NAN};

bool sva_block_test(const struct sva_block_setup *setup, struct sva_block_result *result)
{
    const struct sva_numbering numbering = {setup->units, setup->pairs, setup->pair_count};
    const uint32_t blocks = sva_block_count(setup->units);
    *result = UNTESTED;
    if (setup->units < 4 || sva_feature_total(&numbering) == 0 || blocks > SVA_BLOCKS_MAX) {
        return true;
    }
    struct sva_part parts[SVA_BLOCKS_MAX];
    uint32_t *order = sva_calloc(setup->units, sizeof *order);
    uint32_t *reference = sva_calloc(setup->units, sizeof *reference);
    bool ok = order != NULL && reference != NULL && deal_units(setup, order) &&
              order_reference(setup, order, reference);
    if (ok) {
        cut(&numbering, blocks, order, reference, parts);
        const uint32_t draws = setup->one_of_many ? draws_for(blocks) / 10 : draws_for(blocks);
        const struct pooled pooled = {parts,       blocks,       blocks,         draws,
                                      setup->seed, setup->tally, setup->threads, NULL};
        ok = setup->one_of_many ? test_if_worth_it(&pooled, result) : test_pools(&pooled, result);
    }
    sva_free(order);
    sva_free(reference);
    return ok;
}

/** A test in several readings, while it runs. */
struct readings_run {
    struct sva_part shared[SVA_BLOCKS_MAX]; /* what no reading changes */
    struct sva_numbering numberings[SVA_BLOCK_READINGS_MOST + 1];
    struct {
        struct sva_part parts[SVA_BLOCKS_MAX];
        struct pooled pooled;
        struct sva_block_sums sums;
        struct sva_draw_tally tallies[SVA_BLOCKS_MAX];
    } readings[SVA_BLOCK_READINGS_MOST];
    size_t count;
};

/** One block in every reading; writes only what belongs to it. */
static enum sva_status run_readings(void *context, size_t block, struct sva_error *error)
{
    struct readings_run *run = context;
    struct sva_shared_products shared;
    bool ok = sva_shared_init(&run->shared[block], &shared);
    if (ok) {
        for (size_t r = 0; ok && r < run->count; r++) {
            struct pooled own = run->readings[r].pooled;
            own.shared = &shared;
            ok = test_pool(&own, (uint32_t)block, &run->readings[r].sums,
                           own.tally != NULL ? &run->readings[r].tallies[block] : NULL);
        }
        sva_shared_done(&shared);
    }
    return ok ? SVA_OK : sva_fail_memory(error, "testing a block of units");
}

/** Cuts all numberings into the same blocks. */
static void prepare_readings(const struct sva_block_setup *setup,
                             const struct sva_block_reading *readings, const uint32_t *order,
                             struct readings_run *run)
{
    const uint32_t blocks = sva_block_count(setup->units);
    run->numberings[run->count] =
        (struct sva_numbering){setup->units, setup->pairs, setup->pair_count};
    cut(&run->numberings[run->count], blocks, order, order, run->shared);
    for (size_t r = 0; r < run->count; r++) {
        run->numberings[r] =
            (struct sva_numbering){setup->units, readings[r].pairs, readings[r].pair_count};
        cut(&run->numberings[r], blocks, order, order, run->readings[r].parts);
        run->readings[r].pooled = (struct pooled){.parts = run->readings[r].parts,
                                                  .part_count = blocks,
                                                  .pools = blocks,
                                                  .draws = draws_for(blocks),
                                                  .seed = readings[r].seed,
                                                  .tally = readings[r].tally};
    }
}

bool sva_block_readings_test(const struct sva_block_setup *setup,
                             const struct sva_block_reading *readings, size_t count,
                             struct sva_block_result *results)
{
    const uint32_t blocks = sva_block_count(setup->units);
    for (size_t r = 0; r < count; r++) {
        results[r] = UNTESTED;
    }
    if (setup->units < 4 || blocks > SVA_BLOCKS_MAX || count > SVA_BLOCK_READINGS_MOST) {
        return true;
    }
    struct readings_run *run = sva_calloc(1, sizeof *run);
    uint32_t *order = sva_calloc(setup->units, sizeof *order);
    bool ok = run != NULL && order != NULL && deal_units(setup, order);
    if (ok) {
        run->count = count;
        prepare_readings(setup, readings, order, run);
        ok = sva_parallel(blocks, setup->threads, run_readings, run, NULL, NULL) == SVA_OK;
    }
    for (size_t r = 0; ok && r < count; r++) {
        conclude(&run->readings[r].pooled, &run->readings[r].sums, &results[r]);
        for (uint32_t b = 0; readings[r].tally != NULL && b < blocks; b++) {
            sva_tally_merge(readings[r].tally, &run->readings[r].tallies[b]);
        }
    }
    sva_free(run);
    sva_free(order);
    return ok;
}

/** Blocks that a numbering is cut into where there are `count` numberings. */
static uint32_t pool_blocks(const struct sva_numbering *numbering, size_t count)
{
    const uint32_t wanted =
        count >= SVA_BLOCK_TARGET ? 1 : (uint32_t)((SVA_BLOCK_TARGET + count - 1) / count);
    const uint32_t most = numbering->units / (2 * SVA_BLOCK_UNITS_MIN);
    const uint32_t blocks = wanted < most ? wanted : most;
    return blocks == 0 ? 1 : blocks;
}

bool sva_pool_test(const struct sva_pool_setup *setup, struct sva_block_result *result)
{
    *result = UNTESTED;
    struct sva_part *parts =
        sva_calloc(setup->numbering_count * SVA_BLOCK_TARGET + 1, sizeof *parts);
    size_t count = 0;
    if (parts == NULL) {
        return false;
    }
    for (size_t i = 0; i < setup->numbering_count; i++) {
        const struct sva_numbering *numbering = &setup->numberings[i];
        if (numbering->units >= 4 && sva_feature_total(numbering) > 0) {
            const uint32_t blocks = pool_blocks(numbering, setup->numbering_count);
            cut(numbering, blocks, NULL, NULL, parts + count);
            count += blocks;
        }
    }
    const uint32_t pools = count < SVA_POOLS_MOST ? (uint32_t)count : SVA_POOLS_MOST;
    const struct pooled pooled = {parts,       count,        pools,          draws_for(pools),
                                  setup->seed, setup->tally, setup->threads, NULL};
    const bool ok = count == 0 || test_pools(&pooled, result);
    sva_free(parts);
    return ok;
}

double sva_quick_similarity(const struct sva_feature_pair *pair, uint32_t units)
{
    int64_t cross = 0;
    int64_t subject = 0;
    int64_t reference = 0;
    if (pair->subject_rows == NULL && pair->reference_rows == NULL) {
        const size_t count = (size_t)units * pair->features;
        cross = sva_dot_i16(pair->subject, pair->reference, count);
        subject = sva_dot_i16(pair->subject, pair->subject, count);
        reference = sva_dot_i16(pair->reference, pair->reference, count);
        units = 0;
    }
    for (uint32_t u = 0; u < units; u++) {
        const size_t s = pair->subject_rows != NULL ? pair->subject_rows[u] : u;
        const size_t r = pair->reference_rows != NULL ? pair->reference_rows[u] : u;
        const int16_t *a = pair->subject + s * pair->features;
        const int16_t *b = pair->reference + r * pair->features;
        cross += sva_dot_i16(a, b, pair->features);
        subject += sva_dot_i16(a, a, pair->features);
        reference += sva_dot_i16(b, b, pair->features);
    }
    const double norm = sqrt((double)subject * (double)reference);
    return norm > 0.0 ? (double)cross / norm : 0.0;
}

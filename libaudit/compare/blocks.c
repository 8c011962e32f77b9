/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "kernel/integer_products.h"
#include "kernel/permutation.h"
#include "kernel/special.h"

enum { FEW_FEATURES = 16 }; /* moments from their Gram matrices cost less than all products of units */

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
        floors[b] = sva_trace_log10_floor(units / blocks + (b < units % blocks ? 1 : 0),
                                          draws_for(blocks));
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

/** Features of one block side by side: out[i * total + k]. `units` NULL: from `start` on. */
static void pack_block(const struct sva_numbering *numbering, const uint32_t *units, uint32_t start,
                       uint32_t count, bool subject, int16_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t unit = units != NULL ? units[start + i] : start + i;
        for (size_t p = 0; p < numbering->pair_count; p++) {
            const struct sva_feature_pair *pair = &numbering->pairs[p];
            const int16_t *values = subject ? pair->subject : pair->reference;
            const uint32_t *rows = subject ? pair->subject_rows : pair->reference_rows;
            const size_t row = rows != NULL ? rows[unit] : unit;
            const int16_t *from = values + row * pair->features;
            if (pair->features == 4) { /* the usual number on long axes: one move, no call */
                memcpy(out, from, 4 * sizeof *out);
            } else {
                memcpy(out, from, pair->features * sizeof *out);
            }
            out += pair->features;
        }
    }
}

/** Sum of squares of features centred over the block. */
static double centred_squares(const int16_t *packed, uint32_t count, size_t total)
{
    enum { STRIP = 64 };
    double squares = 0.0;
    for (size_t first = 0; first < total; first += STRIP) {
        const size_t width = total - first < STRIP ? total - first : STRIP;
        int64_t sum[STRIP] = {0};
        int64_t square[STRIP] = {0};
        for (uint32_t i = 0; i < count; i++) {
            const int16_t *row = packed + (size_t)i * total + first;
            for (size_t k = 0; k < width; k++) {
                sum[k] += row[k];
                square[k] += (int32_t)row[k] * row[k];
            }
        }
        for (size_t k = 0; k < width; k++) {
            squares += (double)square[k] - (double)sum[k] * (double)sum[k] / (double)count;
        }
    }
    return squares;
}

/** A run of one numbering's units, permuted among themselves. */
struct part {
    const struct sva_numbering *numbering;
    const uint32_t *subject_units, *reference_units; /* which units they are; NULL: as numbered */
    uint32_t start, count;
};

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

static size_t feature_total(const struct sva_numbering *numbering)
{
    size_t total = 0;
    for (size_t p = 0; p < numbering->pair_count; p++) {
        total += numbering->pairs[p].features;
    }
    return total;
}

/** Features of a part's units, row-major; `total` of each unit. */
struct packed_part {
    int16_t *subject, *reference;
    uint32_t count;
    size_t total;
};

static bool pack_part(const struct part *part, struct packed_part *packed)
{
    const uint32_t count = part->count;
    const size_t total = feature_total(part->numbering);
    *packed = (struct packed_part){sva_calloc(count * total, sizeof *packed->subject),
                                   sva_calloc(count * total, sizeof *packed->reference), count, total};
    if (packed->subject == NULL || packed->reference == NULL) {
        return false;
    }
    pack_block(part->numbering, part->subject_units, part->start, count, true, packed->subject);
    pack_block(part->numbering, part->reference_units, part->start, count, false, packed->reference);
    return true;
}

static void packed_done(struct packed_part *packed)
{
    sva_free(packed->subject);
    sva_free(packed->reference);
}

static void add_to_sums(const struct packed_part *packed, const struct sva_trace_moments *moments,
                        uint32_t pool, struct sva_block_sums *sums)
{
    sums->covariance[pool] += moments->observed - moments->mean;
    sums->variance += moments->variance;
    sums->subject_squares[pool] += centred_squares(packed->subject, packed->count, packed->total);
    sums->reference_squares[pool] += centred_squares(packed->reference, packed->count, packed->total);
}

/**
 * All products of a part's units, and what they add to the sums of pool `pool` and to the `moments` of
 * its statistic. NULL: out of memory.
 */
static int64_t *part_products(const struct part *part, uint32_t pool, struct sva_block_sums *sums,
                              struct sva_trace_moments *moments)
{
    struct packed_part packed;
    int64_t *products = sva_calloc((size_t)part->count * part->count, sizeof *products);
    const bool ok = pack_part(part, &packed) && products != NULL;
    if (ok) {
        sva_products_i16(packed.subject, packed.reference, packed.count, packed.total, products);
        const struct sva_trace_moments own = sva_trace_moments(products, packed.count);
        add_to_sums(&packed, &own, pool, sums);
        moments->observed += own.observed;
        moments->mean += own.mean;
        moments->variance += own.variance;
    } else {
        sva_free(products);
    }
    packed_done(&packed);
    return ok ? products : NULL;
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
    const struct part *parts;
    size_t part_count;
    uint32_t pools, draws;
    const uint8_t *seed;
    struct sva_draw_tally *tally;
};

/** One p for the parts `pool`, `pool + pools`, ... that make up a pool. */
static bool test_pool(const struct pooled *pooled, uint32_t pool, struct sva_block_sums *sums)
{
    const size_t most = pooled->part_count / pooled->pools + 1;
    struct sva_trace_moments moments = {0.0, 0.0, 0.0};
    struct sva_trace *traces = sva_calloc(most, sizeof *traces);
    int64_t **owned = sva_calloc(most, sizeof *owned);
    uint32_t largest = 0; /* below: scratch is a matter of speed, so that lacking it is no failure */
    size_t count = 0;
    bool ok = traces != NULL && owned != NULL;
    for (size_t i = pool; ok && i < pooled->part_count; i += pooled->pools) {
        const struct part *part = &pooled->parts[i];
        owned[count] = part_products(part, pool, sums, &moments);
        ok = owned[count] != NULL;
        if (ok) {
            const size_t size = (size_t)part->count * part->count;
            traces[count] = (struct sva_trace){owned[count], part->count,
                                               sva_calloc(size, sizeof(int32_t))};
            largest = part->count > largest ? part->count : largest;
            count++;
        }
    }
    uint32_t *draw = ok ? sva_calloc(largest, sizeof *draw) : NULL;
    struct sva_random random;
    ok = draw != NULL && sva_block_stream(pooled->seed, pool, &random);
    if (ok) {
        const struct sva_trace_scratch scratch = {draw, pooled->tally};
        if (count > 1 || traces->n > SVA_ENUMERATE_MAX) { /* else all are enumerated, none is drawn */
            sva_tally_begin(pooled->tally, moments.mean, moments.variance, moments.observed);
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

static double rho_without(const struct sva_block_sums *sums, uint32_t blocks, uint32_t left_out)
{
    double covariance = 0.0;
    double subject = 0.0;
    double reference = 0.0;
    for (uint32_t b = 0; b < blocks; b++) {
        if (b != left_out) {
            covariance += sums->covariance[b];
            subject += sums->subject_squares[b];
            reference += sums->reference_squares[b];
        }
    }
    const double norm = sqrt(subject * reference);
    return norm > 0.0 ? covariance / norm : NAN;
}

void sva_block_summarise(const struct sva_block_sums *sums, uint32_t blocks,
                         struct sva_block_result *result)
{
    double covariance = 0.0;
    for (uint32_t b = 0; b < blocks; b++) {
        covariance += sums->covariance[b];
    }
    result->tested = sums->variance > 0.0;
    result->blocks = blocks;
    result->rho = rho_without(sums, blocks, UINT32_MAX);
    result->z = result->tested ? covariance / sqrt(sums->variance) : NAN;
    double subject = 0.0;
    double reference = 0.0;
    for (uint32_t b = 0; b < blocks; b++) {
        subject += sums->subject_squares[b];
        reference += sums->reference_squares[b];
    }
    result->resolution =
        result->tested ? sqrt(subject * reference) / sqrt(sums->variance) : NAN;
    result->log10_p = sva_fisher_log10(sums->log10_p, blocks);
    result->log10_floor = sva_fisher_log10(sums->log10_floor, blocks);
    result->block_floor = sums->log10_floor[0];
    for (uint32_t b = 1; b < blocks; b++) {
        result->block_floor = sums->log10_floor[b] > result->block_floor ? sums->log10_floor[b]
                                                                         : result->block_floor;
    }
    double mean = 0.0;
    double spread = 0.0;
    for (uint32_t b = 0; b < blocks; b++) {
        mean += rho_without(sums, blocks, b) / (double)blocks;
    }
    for (uint32_t b = 0; b < blocks; b++) {
        const double off = rho_without(sums, blocks, b) - mean;
        spread += off * off;
    }
    result->rho_se =
        blocks > 1 ? sqrt(spread * (double)(blocks - 1) / (double)blocks) : NAN;
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
                const uint32_t *reference, struct part *parts)
{
    uint32_t start = 0;
    for (uint32_t b = 0; b < blocks; b++) {
        const uint32_t count = numbering->units / blocks + (b < numbering->units % blocks ? 1 : 0);
        parts[b] = (struct part){numbering, subject, reference, start, count};
        start += count;
    }
}

/** True when every pool has a p; fills the result. */
static bool test_pools(const struct pooled *pooled, struct sva_block_result *result)
{
    struct sva_block_sums sums = {0};
    bool ok = true;
    for (uint32_t pool = 0; ok && pool < pooled->pools; pool++) {
        ok = test_pool(pooled, pool, &sums);
    }
    for (size_t i = 0; i < pooled->part_count; i++) {
        if (pooled->parts[i].count > SVA_ENUMERATE_MAX || pooled->part_count > pooled->pools) {
            result->draws = pooled->draws;
        }
    }
    if (ok) {
        sva_block_summarise(&sums, pooled->pools, result);
    }
    return ok;
}

/** All that needs no draws, from features alone: z, rho, and p = 1. False: out of memory. */
static bool measure(const struct part *parts, uint32_t blocks, uint32_t draws,
                    struct sva_block_result *result)
{
    struct sva_block_sums sums = {0};
    bool ok = true;
    for (uint32_t b = 0; ok && b < blocks; b++) {
        struct packed_part packed;
        ok = pack_part(&parts[b], &packed);
        if (ok) {
            const struct sva_trace_moments moments = sva_feature_moments(
                packed.subject, packed.reference, packed.count, (uint32_t)packed.total);
            add_to_sums(&packed, &moments, b, &sums);
            sums.log10_floor[b] = sva_trace_log10_floor(packed.count, draws);
        }
        packed_done(&packed);
    }
    if (ok) {
        result->draws = draws;
        sva_block_summarise(&sums, blocks, result);
    }
    return ok;
}

/** One test of many: draws where they can matter. */
static bool test_if_worth_it(const struct pooled *pooled, struct sva_block_result *result)
{
    const bool screened = pooled->pools >= SVA_BLOCK_TARGET &&
                          feature_total(pooled->parts->numbering) <= FEW_FEATURES;
    if (screened && !measure(pooled->parts, pooled->pools, pooled->draws, result)) {
        return false;
    }
    return (screened && !(result->z >= SVA_Z_WORTH_DRAWS)) || test_pools(pooled, result);
}

static const struct sva_block_result UNTESTED = {
    .rho = NAN, .rho_se = NAN, .z = NAN, .resolution = NAN};

bool sva_block_test(const struct sva_block_setup *setup, struct sva_block_result *result)
{
    const struct sva_numbering numbering = {setup->units, setup->pairs, setup->pair_count};
    const uint32_t blocks = sva_block_count(setup->units);
    *result = UNTESTED;
    if (setup->units < 4 || feature_total(&numbering) == 0 || blocks > SVA_BLOCKS_MAX) {
        return true;
    }
    struct part parts[SVA_BLOCKS_MAX];
    uint32_t *order = sva_calloc(setup->units, sizeof *order);
    uint32_t *reference = sva_calloc(setup->units, sizeof *reference);
    bool ok = order != NULL && reference != NULL && deal_units(setup, order) &&
              order_reference(setup, order, reference);
    if (ok) {
        cut(&numbering, blocks, order, reference, parts);
        const uint32_t draws = setup->one_of_many ? draws_for(blocks) / 10 : draws_for(blocks);
        const struct pooled pooled = {parts, blocks, blocks, draws, setup->seed, setup->tally};
        ok = setup->one_of_many ? test_if_worth_it(&pooled, result) : test_pools(&pooled, result);
    }
    sva_free(order);
    sva_free(reference);
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
    struct part *parts = sva_calloc(setup->numbering_count * SVA_BLOCK_TARGET + 1, sizeof *parts);
    size_t count = 0;
    if (parts == NULL) {
        return false;
    }
    for (size_t i = 0; i < setup->numbering_count; i++) {
        const struct sva_numbering *numbering = &setup->numberings[i];
        if (numbering->units >= 4 && feature_total(numbering) > 0) {
            const uint32_t blocks = pool_blocks(numbering, setup->numbering_count);
            cut(numbering, blocks, NULL, NULL, parts + count);
            count += blocks;
        }
    }
    const uint32_t pools = count < SVA_POOLS_MOST ? (uint32_t)count : SVA_POOLS_MOST;
    const struct pooled pooled = {parts, count, pools, draws_for(pools), setup->seed, setup->tally};
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

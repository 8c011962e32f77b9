/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "kernel/permutation.h"
#include "kernel/special.h"

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

struct keyed_unit {
    uint64_t key;
    uint32_t unit;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed_unit *left = a;
    const struct keyed_unit *right = b;
    if (left->key != right->key) {
        return left->key < right->key ? -1 : 1;
    }
    return (left->unit > right->unit) - (left->unit < right->unit);
}

/** Order in which units fill the blocks. */
static bool deal_units(const struct sva_block_setup *setup, uint32_t *order)
{
    struct keyed_unit *keyed = sva_calloc(setup->units, sizeof *keyed);
    if (keyed == NULL) {
        return false;
    }
    for (uint32_t u = 0; u < setup->units; u++) {
        keyed[u].key = setup->hashed ? sva_mix64(u ^ BLOCK_DOMAIN) : u;
        keyed[u].unit = u;
    }
    qsort(keyed, setup->units, sizeof *keyed, by_key);
    for (uint32_t u = 0; u < setup->units; u++) {
        order[u] = keyed[u].unit;
    }
    sva_free(keyed);
    return true;
}

/** Features of one block side by side: out[i * total + k]. */
static void pack_block(const struct sva_block_setup *setup, const uint32_t *units, uint32_t count,
                       bool subject, int16_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        for (size_t p = 0; p < setup->pair_count; p++) {
            const struct sva_feature_pair *pair = &setup->pairs[p];
            const int16_t *values = subject ? pair->subject : pair->reference;
            const uint32_t *rows = subject ? pair->subject_rows : pair->reference_rows;
            const size_t row = rows != NULL ? rows[units[i]] : units[i];
            memcpy(out, values + row * pair->features, pair->features * sizeof *out);
            out += pair->features;
        }
    }
}

/** Exact integer dot product; 256 features at a time fit 32 bits. */
static int64_t dot(const int16_t *a, const int16_t *b, size_t count)
{
    int64_t sum = 0;
    for (size_t start = 0; start < count; start += 256) {
        const size_t end = count - start < 256 ? count : start + 256;
        int32_t part = 0;
        for (size_t k = start; k < end; k++) {
            part += (int32_t)a[k] * (int32_t)b[k];
        }
        sum += part;
    }
    return sum;
}

/** Sum of squares of features centred over the block. */
static double centred_squares(const int16_t *packed, uint32_t count, size_t total)
{
    double squares = 0.0;
    for (size_t k = 0; k < total; k++) {
        double sum = 0.0;
        double square = 0.0;
        for (uint32_t i = 0; i < count; i++) {
            const double value = (double)packed[(size_t)i * total + k];
            sum += value;
            square += value * value;
        }
        squares += square - sum * sum / (double)count;
    }
    return squares;
}

/** Sums over blocks from which z, rho and the jackknife follow. */
struct block_sums {
    double covariance[SVA_BLOCKS_MAX];
    double subject_squares[SVA_BLOCKS_MAX];
    double reference_squares[SVA_BLOCKS_MAX];
    double variance;
    double log10_p[SVA_BLOCKS_MAX];
    double log10_floor[SVA_BLOCKS_MAX];
};

struct block_scratch {
    uint32_t *order;
    uint32_t *shuffled;
    uint32_t *draw;
    int16_t *subject, *reference;
    int64_t *products;
};

static bool seed_stream(const uint8_t seed[32], uint32_t stream, struct sva_random *random)
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

static bool test_block(const struct sva_block_setup *setup, struct block_scratch *scratch,
                       uint32_t block, uint32_t start, uint32_t count, size_t total,
                       struct block_sums *sums)
{
    pack_block(setup, scratch->order + start, count, true, scratch->subject);
    pack_block(setup, scratch->shuffled + start, count, false, scratch->reference);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            scratch->products[(size_t)i * count + j] =
                dot(scratch->subject + (size_t)i * total, scratch->reference + (size_t)j * total,
                    total);
        }
    }
    const struct sva_trace_moments moments = sva_trace_moments(scratch->products, count);
    struct sva_random random;
    if (!seed_stream(setup->seed, block, &random)) {
        return false;
    }
    sums->covariance[block] = moments.observed - moments.mean;
    sums->variance += moments.variance;
    sums->subject_squares[block] = centred_squares(scratch->subject, count, total);
    sums->reference_squares[block] = centred_squares(scratch->reference, count, total);
    const uint32_t draws = draws_for(sva_block_count(setup->units));
    sums->log10_p[block] =
        sva_trace_log10_p(scratch->products, count, draws, &random, scratch->draw);
    sums->log10_floor[block] = sva_trace_log10_floor(count, draws);
    return true;
}

static double rho_without(const struct block_sums *sums, uint32_t blocks, uint32_t left_out)
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

static void summarise(const struct block_sums *sums, uint32_t blocks,
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
    result->block_floor = sums->log10_floor[blocks - 1];
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

static bool scratch_new(const struct sva_block_setup *setup, uint32_t largest, size_t total,
                        struct block_scratch *scratch)
{
    scratch->order = sva_calloc(setup->units, sizeof *scratch->order);
    scratch->shuffled = sva_calloc(setup->units, sizeof *scratch->shuffled);
    scratch->draw = sva_calloc(setup->units, sizeof *scratch->draw);
    scratch->subject = sva_calloc(largest * total, sizeof *scratch->subject);
    scratch->reference = sva_calloc(largest * total, sizeof *scratch->reference);
    scratch->products = sva_calloc((size_t)largest * largest, sizeof *scratch->products);
    return scratch->order != NULL && scratch->shuffled != NULL && scratch->draw != NULL &&
           scratch->subject != NULL && scratch->reference != NULL && scratch->products != NULL &&
           deal_units(setup, scratch->order);
}

static void scratch_free(struct block_scratch *scratch)
{
    sva_free(scratch->order);
    sva_free(scratch->shuffled);
    sva_free(scratch->draw);
    sva_free(scratch->subject);
    sva_free(scratch->reference);
    sva_free(scratch->products);
}

/** Order of the reference's units: the subject's, or a random one for the control. */
static bool order_reference(const struct sva_block_setup *setup, struct block_scratch *scratch)
{
    struct sva_random random;
    memcpy(scratch->shuffled, scratch->order, setup->units * sizeof *scratch->order);
    if (!setup->shuffle_reference) {
        return true;
    }
    if (!seed_stream(setup->seed, UINT32_MAX, &random)) {
        return false;
    }
    sva_random_permutation(&random, scratch->shuffled, setup->units);
    return true;
}

bool sva_block_test(const struct sva_block_setup *setup, struct sva_block_result *result)
{
    *result = (struct sva_block_result){.rho = NAN, .rho_se = NAN, .z = NAN, .resolution = NAN};
    size_t total = 0;
    for (size_t p = 0; p < setup->pair_count; p++) {
        total += setup->pairs[p].features;
    }
    const uint32_t blocks = sva_block_count(setup->units);
    if (setup->units < 4 || total == 0 || blocks > SVA_BLOCKS_MAX) {
        return true;
    }
    struct block_scratch scratch = {0};
    struct block_sums sums = {0};
    bool ok = scratch_new(setup, setup->units / blocks + 1, total, &scratch) &&
              order_reference(setup, &scratch);
    uint32_t start = 0;
    for (uint32_t b = 0; ok && b < blocks; b++) {
        const uint32_t count = setup->units / blocks + (b < setup->units % blocks ? 1 : 0);
        ok = test_block(setup, &scratch, b, start, count, total, &sums);
        start += count;
        result->draws = count > SVA_ENUMERATE_MAX ? draws_for(blocks) : result->draws;
    }
    if (ok) {
        summarise(&sums, blocks, result);
    }
    scratch_free(&scratch);
    return ok;
}

double sva_quick_similarity(const struct sva_feature_pair *pair, uint32_t units)
{
    int64_t cross = 0;
    int64_t subject = 0;
    int64_t reference = 0;
    for (uint32_t u = 0; u < units; u++) {
        const size_t s = pair->subject_rows != NULL ? pair->subject_rows[u] : u;
        const size_t r = pair->reference_rows != NULL ? pair->reference_rows[u] : u;
        const int16_t *a = pair->subject + s * pair->features;
        const int16_t *b = pair->reference + r * pair->features;
        cross += dot(a, b, pair->features);
        subject += dot(a, a, pair->features);
        reference += dot(b, b, pair->features);
    }
    const double norm = sqrt((double)subject * (double)reference);
    return norm > 0.0 ? (double)cross / norm : 0.0;
}

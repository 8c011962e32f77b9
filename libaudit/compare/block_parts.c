/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/block_parts.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/integer_products.h"
#include "kernel/trace_bound.h"

size_t sva_feature_total(const struct sva_numbering *numbering)
{
    size_t total = 0;
    for (size_t p = 0; p < numbering->pair_count; p++) {
        total += numbering->pairs[p].features;
    }
    return total;
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

static bool pack_part(const struct sva_part *part, struct sva_packed_part *packed)
{
    const uint32_t count = part->count;
    const size_t total = sva_feature_total(part->numbering);
    *packed = (struct sva_packed_part){sva_calloc(count * total, sizeof *packed->subject),
                                       sva_calloc(count * total, sizeof *packed->reference), count,
                                       total};
    if (packed->subject == NULL || packed->reference == NULL) {
        return false;
    }
    pack_block(part->numbering, part->subject_units, part->start, count, true, packed->subject);
    pack_block(part->numbering, part->reference_units, part->start, count, false,
               packed->reference);
    return true;
}

static void packed_done(struct sva_packed_part *packed)
{
    sva_free(packed->subject);
    sva_free(packed->reference);
}

/** A part that stands out less than this in its own pool is not worth a bound. */
static const double Z_WORTH_BOUND = 2.0;

static struct sva_trace_sides sides_of(const struct sva_packed_part *packed)
{
    return (struct sva_trace_sides){packed->subject, packed->reference, packed->count,
                                    packed->total};
}

/**
 * Spread of a part's statistic, INFINITY where it is not worth the time. `shared` may be NULL.
 * False: out of memory.
 */
static bool spread_of(const struct sva_packed_part *packed,
                      const struct sva_shared_products *shared,
                      const struct sva_trace_moments *moments, double *spread)
{
    const double excess = moments->observed - moments->mean;
    *spread = INFINITY;
    if (!(excess > Z_WORTH_BOUND * sqrt(moments->variance))) {
        return true;
    }
    const size_t groups = shared != NULL ? 2 : 1;
    const struct sva_trace_sides sides[2] = {sides_of(packed),
                                             sides_of(shared != NULL ? &shared->packed : packed)};
    int32_t *sums = sva_calloc(sides[0].features + sides[1].features, sizeof *sums);
    if (sums != NULL) {
        *spread = sva_trace_spread(sides, groups, moments->variance, sums);
    }
    sva_free(sums);
    return sums != NULL;
}

static void add_to_sums(const struct sva_packed_part *packed,
                        const struct sva_shared_products *shared,
                        const struct sva_trace_moments *moments, uint32_t pool,
                        struct sva_block_sums *sums)
{
    sums->covariance[pool] += moments->observed - moments->mean;
    sums->variance[pool] += moments->variance;
    sums->subject_squares[pool] += centred_squares(packed->subject, packed->count, packed->total);
    sums->reference_squares[pool] +=
        centred_squares(packed->reference, packed->count, packed->total);
    if (shared != NULL) {
        sums->subject_squares[pool] += shared->subject_squares;
        sums->reference_squares[pool] += shared->reference_squares;
    }
}

/** Adds one part's to a pool's statistic. False: out of memory. */
static bool add_statistic(const struct sva_packed_part *packed,
                          const struct sva_shared_products *shared,
                          const struct sva_trace_moments *own, struct sva_part_statistic *statistic)
{
    double spread;
    const bool ok = spread_of(packed, shared, own, &spread);
    statistic->moments.observed += own->observed;
    statistic->moments.mean += own->mean;
    statistic->moments.variance += own->variance;
    statistic->spread += spread;
    return ok;
}

/** Packs a part and gives all products of its units. NULL: out of memory; `packed` is to be freed
 * anyway. */
static int64_t *multiply(const struct sva_part *part, struct sva_packed_part *packed)
{
    const size_t size = (size_t)part->count * part->count;
    int64_t *products = pack_part(part, packed) ? sva_calloc(size, sizeof *products) : NULL;
    if (products != NULL) {
        sva_products_i16(packed->subject, packed->reference, packed->count, packed->total,
                         products);
    }
    return products;
}

void sva_shared_done(struct sva_shared_products *shared)
{
    packed_done(&shared->packed);
    sva_free(shared->products);
}

bool sva_shared_init(const struct sva_part *part, struct sva_shared_products *shared)
{
    shared->products = multiply(part, &shared->packed);
    if (shared->products == NULL) {
        sva_shared_done(shared);
        return false;
    }
    const struct sva_packed_part *packed = &shared->packed;
    shared->subject_squares = centred_squares(packed->subject, packed->count, packed->total);
    shared->reference_squares = centred_squares(packed->reference, packed->count, packed->total);
    return true;
}

int64_t *sva_part_products(const struct sva_part *part, const struct sva_shared_products *shared,
                           uint32_t pool, struct sva_block_sums *sums,
                           struct sva_part_statistic *statistic)
{
    struct sva_packed_part packed;
    int64_t *products = multiply(part, &packed);
    bool ok = products != NULL;
    if (ok) {
        const size_t size = (size_t)packed.count * packed.count;
        for (size_t i = 0; shared != NULL && i < size; i++) {
            products[i] += shared->products[i];
        }
        const struct sva_trace_moments own = sva_trace_moments(products, packed.count);
        add_to_sums(&packed, shared, &own, pool, sums);
        ok = add_statistic(&packed, shared, &own, statistic);
    }
    if (!ok) {
        sva_free(products);
    }
    packed_done(&packed);
    return ok ? products : NULL;
}

bool sva_part_measure(const struct sva_part *part, uint32_t pool, struct sva_block_sums *sums,
                      struct sva_part_statistic *statistic)
{
    struct sva_packed_part packed;
    bool ok = pack_part(part, &packed);
    if (ok) {
        const struct sva_trace_moments own = sva_feature_moments(
            packed.subject, packed.reference, packed.count, (uint32_t)packed.total);
        add_to_sums(&packed, NULL, &own, pool, sums);
        ok = add_statistic(&packed, NULL, &own, statistic);
    }
    packed_done(&packed);
    return ok;
}

double sva_statistic_tail(const struct sva_part_statistic *statistic)
{
    return sva_trace_tail(statistic->moments.observed - statistic->moments.mean, statistic->spread);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of a test side by side, and what they say together. */
#include <math.h>

#include "base/fail.h"
#include "base/pool.h"
#include "compare/blocks.h"
#include "kernel/special.h"

/** A run and where its pools count their draws. */
struct running {
    const struct sva_pool_run *run;
    struct sva_draw_tally tallies[SVA_BLOCKS_MAX];
};

static enum sva_status run_pool(void *context, size_t item, struct sva_error *error)
{
    struct running *running = context;
    const struct sva_pool_run *run = running->run;
    struct sva_draw_tally *tally = run->tally != NULL ? &running->tallies[item] : NULL;
    return run->work(run->context, (uint32_t)item, run->sums, tally)
               ? SVA_OK
               : sva_fail_memory(error, "testing a block of units");
}

bool sva_pools_run(const struct sva_pool_run *run)
{
    struct running running = {.run = run};
    if (sva_parallel(run->pools, run->threads, run_pool, &running, NULL, NULL) != SVA_OK) {
        return false;
    }
    for (uint32_t pool = 0; run->tally != NULL && pool < run->pools; pool++) {
        sva_tally_merge(run->tally, &running.tallies[pool]);
    }
    return true;
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
    double variance = 0.0;
    for (uint32_t b = 0; b < blocks; b++) {
        variance += sums->variance[b];
    }
    result->tested = variance > 0.0;
    result->blocks = blocks;
    result->rho = rho_without(sums, blocks, UINT32_MAX);
    result->z = result->tested ? covariance / sqrt(variance) : NAN;
    double subject = 0.0;
    double reference = 0.0;
    for (uint32_t b = 0; b < blocks; b++) {
        subject += sums->subject_squares[b];
        reference += sums->reference_squares[b];
    }
    result->resolution = result->tested ? sqrt(subject * reference) / sqrt(variance) : NAN;
    result->log10_p = sva_fisher_log10(sums->log10_p, blocks);
    result->log10_floor = sva_fisher_log10(sums->log10_floor, blocks);
    result->block_floor = sums->log10_floor[0];
    for (uint32_t b = 1; b < blocks; b++) {
        result->block_floor =
            sums->log10_floor[b] > result->block_floor ? sums->log10_floor[b] : result->block_floor;
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
    result->rho_se = blocks > 1 ? sqrt(spread * (double)(blocks - 1) / (double)blocks) : NAN;
}

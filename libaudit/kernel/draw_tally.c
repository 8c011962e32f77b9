/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/draw_tally.h"

#include <math.h>
#include <stddef.h>

void sva_tally_begin(struct sva_draw_tally *tally, double mean, double variance, double observed)
{
    if (tally == NULL) {
        return;
    }
    const double inverse = variance > 0.0 ? 1.0 / sqrt(variance) : 0.0;
    const double z = (observed - mean) * inverse;
    const bool first = tally->series == 0;
    tally->mean = mean;
    tally->scale = 1000.0 * inverse;
    tally->observed_sum += z;
    tally->observed_least = first || z < tally->observed_least ? z : tally->observed_least;
    tally->observed_most = first || z > tally->observed_most ? z : tally->observed_most;
    tally->series++;
}

void sva_tally_merge(struct sva_draw_tally *tally, const struct sva_draw_tally *other)
{
    if (other->series == 0) {
        return;
    }
    const bool first = tally->series == 0;
    const bool undrawn = tally->draws == 0;
    const double least = other->observed_least;
    const double most = other->observed_most;
    tally->observed_sum += other->observed_sum;
    tally->observed_least = first || least < tally->observed_least ? least : tally->observed_least;
    tally->observed_most = first || most > tally->observed_most ? most : tally->observed_most;
    tally->mean = other->mean;
    tally->scale = other->scale;
    tally->series += other->series;
    if (other->draws > 0) {
        tally->least = undrawn || other->least < tally->least ? other->least : tally->least;
        tally->most = undrawn || other->most > tally->most ? other->most : tally->most;
    }
    tally->draws += other->draws;
    tally->sum += other->sum;
    tally->squares += other->squares;
    for (int bin = 0; bin < SVA_TALLY_BINS; bin++) {
        const uint32_t room = UINT32_MAX - tally->counts[bin];
        tally->counts[bin] += other->counts[bin] < room ? other->counts[bin] : room;
    }
}

double sva_tally_deviation(const struct sva_draw_tally *tally)
{
    if (tally->draws < 2) {
        return 0.0;
    }
    const double count = (double)tally->draws;
    const double sum = (double)tally->sum;
    const double about_mean = (double)tally->squares - sum * sum / count;
    return about_mean > 0.0 ? sqrt(about_mean / (count - 1.0)) / 1000.0 : 0.0;
}

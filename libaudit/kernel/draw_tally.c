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

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rows of bench_table: what was measured, against what, the ratio, the target, met or not. A ratio
 * is the median over rounds of the ratio within a round, in which programs take turns.
 */
#ifndef SVA_TABLE_ROWS_H
#define SVA_TABLE_ROWS_H

#include "bench_process.h"

enum { TABLE_ROUNDS_MOST = 25 };

/** One program's measurements, round by round. */
struct table_series {
    const char *name;
    struct bench_measured rounds[TABLE_ROUNDS_MOST];
    size_t count;
    bool failed;
};

/** How a ratio is read. */
enum table_target {
    TABLE_AT_MOST,    /**< ours over theirs, at most `limit` */
    TABLE_FASTER,     /**< theirs over ours, at least `limit` */
    TABLE_INFORMATION /**< ours over theirs, no target */
};

struct table_goal {
    const char *what;
    enum table_target target;
    double limit;
};

BENCH_FUNCTION int table_compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

BENCH_FUNCTION double table_median(const double *values, size_t count)
{
    double sorted[TABLE_ROUNDS_MOST];
    if (count == 0 || count > TABLE_ROUNDS_MOST) {
        return NAN;
    }
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, table_compare_doubles);
    return 0.5 * (sorted[(count - 1) / 2] + sorted[count / 2]);
}

BENCH_FUNCTION void table_add(struct table_series *series, struct bench_measured measured)
{
    series->failed = series->failed || !measured.succeeded;
    if (series->count < TABLE_ROUNDS_MOST) {
        series->rounds[series->count++] = measured;
    }
}

BENCH_FUNCTION double table_seconds(const struct table_series *series, bool cpu)
{
    double values[TABLE_ROUNDS_MOST];
    for (size_t i = 0; i < series->count; i++) {
        values[i] = cpu ? series->rounds[i].cpu_seconds : series->rounds[i].seconds;
    }
    return table_median(values, series->count);
}

/** The largest of all rounds. */
BENCH_FUNCTION double table_peak(const struct table_series *series)
{
    double peak = 0;
    for (size_t i = 0; i < series->count; i++) {
        peak = fmax(peak, series->rounds[i].peak_mib);
    }
    return peak;
}

/** `over` / `under`, round by round, then the median. */
BENCH_FUNCTION double table_ratio(const struct table_series *over, const struct table_series *under,
                                  bool cpu)
{
    double values[TABLE_ROUNDS_MOST];
    const size_t count = over->count < under->count ? over->count : under->count;
    for (size_t i = 0; i < count; i++) {
        values[i] = cpu ? over->rounds[i].cpu_seconds / under->rounds[i].cpu_seconds
                        : over->rounds[i].seconds / under->rounds[i].seconds;
    }
    return table_median(values, count);
}

BENCH_FUNCTION void table_head(void)
{
    printf("\n| what | ours | against | ratio, wall | ratio, CPU | target | met |\n"
           "|---|---|---|---|---|---|---|\n");
}

BENCH_FUNCTION void table_absent(const char *what, const char *why)
{
    printf("| %s | | | | | | not measured: %s |\n", what, why);
}

/** "a program" takes `limit` as a time of its own: seconds, not a ratio. */
BENCH_FUNCTION void table_seconds_row(const char *what, double seconds, double cpu, double limit)
{
    printf("| %s | %.2f s (CPU %.2f) | | | | <= %.4g s | %s |\n", what, seconds, cpu, limit,
           seconds <= limit ? "yes" : "no");
    fflush(stdout);
}

/** The answer to a goal is the wall ratio's; the CPU ratio stands beside it. */
BENCH_FUNCTION void table_pair(const struct table_goal *goal, const struct table_series *ours,
                               const struct table_series *theirs)
{
    if (ours->failed || theirs->failed || ours->count == 0 || theirs->count == 0) {
        char why[160];
        snprintf(why, sizeof why, "%s failed or is not there",
                 ours->failed || ours->count == 0 ? ours->name : theirs->name);
        table_absent(goal->what, why);
        return;
    }
    const bool faster = goal->target == TABLE_FASTER;
    const struct table_series *const over = faster ? theirs : ours;
    const struct table_series *const under = faster ? ours : theirs;
    const double wall = table_ratio(over, under, false);
    const double cpu = table_ratio(over, under, true);
    const bool met = faster ? wall >= goal->limit : wall <= goal->limit;
    char target[32] = "-";
    if (goal->target != TABLE_INFORMATION) {
        snprintf(target, sizeof target, faster ? ">= %.4g x faster" : "<= %.4g x", goal->limit);
    }
    printf("| %s | %.3f s | %s %.3f s | %.2f | %.2f | %s | %s |\n", goal->what,
           table_seconds(ours, false), theirs->name, table_seconds(theirs, false), wall, cpu,
           target,
           goal->target == TABLE_INFORMATION ? "-"
           : met                             ? "yes"
                                             : "no");
    fflush(stdout);
}

#endif

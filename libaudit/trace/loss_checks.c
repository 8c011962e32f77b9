/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log as it was written gives resumptions; the log by step, where the last record of a step
 * counts, gives everything else. Thresholds are conventions, stated in docs/trace.md; none was set
 * on a log that a test asks about.
 */
#include "trace/loss_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/order.h"

enum {
    GAPS_MOST = 256,
    REWINDS_MOST = 256,
    POINTS_MOST = 512,
    WINDOW = 8,          /* records on either side of a sudden fall, or of a gap */
    SIDE_LEAST = 3,      /* distances on a side of a gap that say what is usual there */
    ENDS = 5,            /* records whose median is the first, or last, loss */
    AGAIN_MOST = 65536,  /* records before a resumption that are held against it */
    SMOOTH_RECORDS = 200 /* without a rise: odd */
};

static const double LN2 = .69314718055994530942;
static const double LN10 = 2.302585092994045684;
static const double START_STEPS = 10.0;  /* the start is shown when the log begins by then, */
static const double START_SHARE = .001;  /* or by this share of the run */
static const double START_LOW = .8;      /* of ln(vocabulary): refused below, */
static const double START_DOUBTFUL = .9; /* review below */
static const double START_HIGH = 1.5;    /* review above */
static const double LATE_SHARE = .05;    /* refused when more of the run is not shown */
static const double GAP_SHARE = .001;    /* of the run: refused above, */
static const double GAP_RECORDS = 2.5;   /* with more than these records missing */
static const double GAPS_DOUBTFUL = .01; /* of the run, all gaps together: review above, */
static const double GAPS_SHARE = .05;    /* refused above */
static const double VOCABULARY_MOST = 1e9;
static const double VOCABULARY_NEAR = .1;    /* rows added for speed, tokens never used: no word */
static const double FALL_LEAST = .97;        /* of the first loss, at the end */
static const double RESUMED_DIFFERENCE = .1; /* review above */
static const double DROP_NOISES = 8.0;       /* of the usual change from record to record, */
static const double DROP_SHARE = .08;        /* and of the loss */

/** One log at work: its records by step, each step once. */
struct work {
    const struct sva_log_context *context;
    struct sva_trace_log *out;
    struct sva_log_point *series; /* finite losses, ascending steps */
    size_t count;
    size_t rewind_total, gap_total; /* `out` lists no more than REWINDS_MOST and GAPS_MOST */
};

struct placed {
    double step, loss;
    size_t place; /* in the file */
};

static const char *number(const struct work *work, double value, int digits)
{
    return sva_found_number(work->context->arena, value, digits);
}

static void found(const struct work *work, enum sva_trace_finding_id id, enum sva_trace_level level,
                  const char *const values[SVA_FOUND_VALUES])
{
    sva_find(work->context->findings, id, level, values);
}

static int by_step(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    return a->step != b->step     ? (a->step < b->step ? -1 : 1)
           : a->place != b->place ? (a->place < b->place ? -1 : 1)
                                  : 0;
}

/** Median of at most WINDOW values. */
static double median(const double *values, size_t count)
{
    double sorted[WINDOW];
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, sva_by_double);
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2.0;
}

static double median_of_series(const struct work *work, size_t first, size_t count)
{
    double values[WINDOW];
    for (size_t i = 0; i < count; i++) {
        values[i] = work->series[first + i].loss;
    }
    return median(values, count);
}

/** The last record of every step, non-finite losses left out. False: out of memory. */
static bool order_records(struct work *work, const struct sva_loss_log *log)
{
    struct placed *placed = sva_calloc(log->count, sizeof *placed);
    work->series = sva_calloc(log->count, sizeof *work->series);
    if (placed == NULL || work->series == NULL) {
        sva_free(placed);
        return false;
    }
    const double unit = work->context->declared->bits ? LN2 : 1.0;
    for (size_t i = 0; i < log->count; i++) {
        placed[i] = (struct placed){log->records[i].step, log->records[i].loss * unit, i};
    }
    qsort(placed, log->count, sizeof *placed, by_step);
    for (size_t i = 0; i < log->count; i++) {
        const bool last = i + 1 == log->count || placed[i + 1].step > placed[i].step;
        work->out->nonfinite_count += isfinite(placed[i].loss) ? 0 : 1;
        if (last && isfinite(placed[i].loss)) {
            work->series[work->count++] = (struct sva_log_point){placed[i].step, placed[i].loss};
        }
    }
    sva_free(placed);
    return true;
}

/** Usual distance between records: the median one, over the whole log. */
static double usual_spacing(const struct work *work)
{
    double *steps = sva_calloc(work->count, sizeof *steps);
    double spacing = 1.0;
    if (steps != NULL && work->count > 1) {
        for (size_t i = 0; i + 1 < work->count; i++) {
            steps[i] = work->series[i + 1].step - work->series[i].step;
        }
        qsort(steps, work->count - 1, sizeof *steps, sva_by_double);
        spacing = steps[(work->count - 1) / 2];
    }
    sva_free(steps);
    return spacing;
}

/** The loss that a step had in the series before, NAN when it was not recorded. */
static double loss_at(const struct placed *sorted, size_t count, double step)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (sorted[middle].step < step) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && sorted[low].step == step ? sorted[low].loss : NAN;
}

/** Mean difference of repeated steps: records [at, end) against those of the same steps before. */
static double repeated_difference(const struct sva_loss_log *log, size_t at, size_t *repeated)
{
    const size_t first = at > AGAIN_MOST ? at - AGAIN_MOST : 0;
    const size_t known = at - first;
    struct placed *before = sva_calloc(known, sizeof *before);
    double sum = 0.0;
    size_t count = 0;
    if (before == NULL) {
        return NAN;
    }
    for (size_t i = 0; i < known; i++) {
        const struct sva_log_record *record = &log->records[first + i];
        before[i] = (struct placed){record->step, record->loss, i};
    }
    qsort(before, known, sizeof *before, by_step);
    const double top = before[known - 1].step;
    const size_t end = log->count - at > AGAIN_MOST ? at + AGAIN_MOST : log->count;
    for (size_t i = at; i < end && log->records[i].step <= top; i++) {
        const double old = loss_at(before, known, log->records[i].step);
        *repeated += isnan(old) ? 0 : 1;
        if (isfinite(old) && isfinite(log->records[i].loss) && old > 0.0) {
            sum += fabs(log->records[i].loss - old) / old;
            count++;
        }
    }
    sva_free(before);
    return count > 0 ? sum / (double)count : NAN;
}

/** Where the log as written goes back, and where it stands still. */
static bool find_rewinds(struct work *work, const struct sva_loss_log *log)
{
    struct sva_log_rewind *rewinds =
        sva_arena_alloc(work->context->arena, REWINDS_MOST, sizeof *rewinds);
    if (rewinds == NULL) {
        return false;
    }
    for (size_t i = 1; i < log->count; i++) {
        const double before = log->records[i - 1].step;
        const double step = log->records[i].step;
        work->out->duplicate_count += step == before ? 1 : 0;
        work->rewind_total += step < before ? 1 : 0;
        if (step < before && work->out->rewind_count < REWINDS_MOST) {
            rewinds[work->out->rewind_count++] = (struct sva_log_rewind){
                before, step, repeated_difference(log, i, &work->out->repeated_count)};
        }
    }
    work->out->rewinds = rewinds;
    return true;
}

static void tell_rewinds(const struct work *work)
{
    const struct sva_trace_log *out = work->out;
    struct sva_arena *arena = work->context->arena;
    if (out->rewind_count > 0) {
        found(work, SVA_FOUND_LOG_RESUMED, SVA_TRACE_NOTE,
              (const char *const[SVA_FOUND_VALUES]){number(work, (double)work->rewind_total, 9),
                                                    number(work, (double)out->repeated_count, 9)});
    }
    if (work->rewind_total > REWINDS_MOST) {
        found(work, SVA_FOUND_LOG_RESUMED_MORE, SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){number(work, (double)work->rewind_total, 9),
                                                    number(work, REWINDS_MOST, 9)});
    }
    for (size_t i = 0; i < out->rewind_count; i++) {
        if (out->rewinds[i].difference > RESUMED_DIFFERENCE) {
            found(work, SVA_FOUND_LOG_RESUMED_OTHER, SVA_TRACE_REVIEW,
                  (const char *const[SVA_FOUND_VALUES]){
                      number(work, out->rewinds[i].from, 15), number(work, out->rewinds[i].to, 15),
                      sva_found_percent(arena, out->rewinds[i].difference)});
        }
    }
}

static const struct sva_declared_gap *declared_gap(const struct work *work,
                                                   const struct sva_log_gap *gap)
{
    const struct sva_declaration *declared = work->context->declared;
    for (size_t i = 0; i < declared->gap_count; i++) {
        if (declared->gaps[i].from <= gap->from + work->out->spacing &&
            declared->gaps[i].to >= gap->to - work->out->spacing) {
            return &declared->gaps[i];
        }
    }
    return NULL;
}

static void tell_gap(const struct work *work, const struct sva_log_gap *gap, double share)
{
    const struct sva_declared_gap *declared = declared_gap(work, gap);
    struct sva_arena *arena = work->context->arena;
    const char *from = number(work, gap->from, 15);
    const char *to = number(work, gap->to, 15);
    if (declared != NULL) {
        found(work, SVA_FOUND_LOG_GAP_DECLARED, SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){from, to,
                                                    sva_found_text(arena, declared->reason)});
        return;
    }
    const enum sva_trace_level level = gap->missing < GAP_RECORDS ? SVA_TRACE_NOTE
                                       : share > GAP_SHARE        ? SVA_TRACE_REFUSED
                                                                  : SVA_TRACE_REVIEW;
    found(work, SVA_FOUND_LOG_GAP, level,
          (const char *const[SVA_FOUND_VALUES]){from, to, number(work, round(gap->missing), 9),
                                                sva_found_percent(arena, share)});
}

/** Median of the distances between records [first, last]; 0 where too few tell. */
static double usual_of(const struct work *work, size_t first, size_t last)
{
    double distances[WINDOW];
    for (size_t i = first; i < last; i++) {
        distances[i - first] = work->series[i + 1].step - work->series[i].step;
    }
    return last - first >= SIDE_LEAST ? median(distances, last - first) : 0.0;
}

/** Usual distance around the one behind record `at`: the log's, or the larger of both sides'. */
static double usual_around(const struct work *work, size_t at)
{
    const size_t first = at > WINDOW ? at - WINDOW : 0;
    const size_t end = work->count - 1;
    const size_t last = end - (at + 1) > WINDOW ? at + 1 + WINDOW : end;
    const double before = usual_of(work, first, at);
    const double after = usual_of(work, at + 1, last);
    return fmax(work->out->spacing, fmax(before, after));
}

/** Does gap `a` count for less than `b`? Declared ones do, then smaller ones. */
static bool counts_less(const struct sva_log_gap *a, const struct sva_log_gap *b)
{
    return a->declared != b->declared ? a->declared : a->to - a->from < b->to - b->from;
}

/** Keeps the GAPS_MOST that count most. */
static void keep_gap(struct sva_trace_log *out, struct sva_log_gap *gaps,
                     const struct sva_log_gap *gap)
{
    if (out->gap_count < GAPS_MOST) {
        gaps[out->gap_count++] = *gap;
        return;
    }
    size_t least = 0;
    for (size_t i = 1; i < GAPS_MOST; i++) {
        least = counts_less(&gaps[i], &gaps[least]) ? i : least;
    }
    if (counts_less(&gaps[least], gap)) {
        gaps[least] = *gap;
    }
}

static int by_from(const void *left, const void *right)
{
    const double a = ((const struct sva_log_gap *)left)->from;
    const double b = ((const struct sva_log_gap *)right)->from;
    return a < b ? -1 : a > b ? 1 : 0;
}

static double gap_share(const struct work *work, const struct sva_log_gap *gap)
{
    const double run = work->out->last_step > 0.0 ? work->out->last_step : 1.0;
    return (gap->to - gap->from) * gap->missing / (gap->missing + 1.0) / run;
}

/** One by one, and together: many small ones hide as much as a large one. */
static void tell_gaps(const struct work *work)
{
    const struct sva_trace_log *out = work->out;
    for (size_t i = 0; i < out->gap_count; i++) {
        tell_gap(work, &out->gaps[i], gap_share(work, &out->gaps[i]));
    }
    if (work->gap_total > GAPS_MOST ||
        (work->gap_total > 1 && out->missing_share > GAPS_DOUBTFUL)) {
        found(work, SVA_FOUND_LOG_GAPS,
              out->missing_share > GAPS_SHARE ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){
                  number(work, (double)work->gap_total, 9),
                  sva_found_percent(work->context->arena, out->missing_share)});
    }
}

/**
 * A gap: a distance of more than twice the usual one and of more than twice what is usual on both
 * sides of it, so that a run which changed how often it logs has none.
 */
static bool find_gaps(struct work *work)
{
    struct sva_trace_log *out = work->out;
    struct sva_log_gap *gaps = sva_arena_alloc(work->context->arena, GAPS_MOST, sizeof *gaps);
    if (gaps == NULL) {
        return false;
    }
    for (size_t i = 0; i + 1 < work->count; i++) {
        const double distance = work->series[i + 1].step - work->series[i].step;
        const double usual = usual_around(work, i);
        if (distance <= 2.0 * usual + .5) {
            continue;
        }
        struct sva_log_gap gap = {.from = work->series[i].step,
                                  .to = work->series[i + 1].step,
                                  .missing = distance / usual - 1.0};
        gap.declared = declared_gap(work, &gap) != NULL;
        work->gap_total += gap.declared ? 0 : 1;
        out->missing_share += gap.declared ? 0.0 : gap_share(work, &gap);
        keep_gap(out, gaps, &gap);
    }
    qsort(gaps, out->gap_count, sizeof *gaps, by_from);
    out->gaps = gaps;
    tell_gaps(work);
    return true;
}

static void check_start(const struct work *work)
{
    const struct sva_trace_log *out = work->out;
    struct sva_arena *arena = work->context->arena;
    const double run = out->last_step > 1.0 ? out->last_step : 1.0;
    const double first = work->series[0].step;
    const double loss = work->series[0].loss;
    const char *const values[SVA_FOUND_VALUES] = {number(work, loss, 4), number(work, first, 15),
                                                  number(work, (double)out->vocabulary, 15),
                                                  number(work, out->expected_start, 4)};
    if (first > START_STEPS && first > START_SHARE * run && first > 2.0 * out->spacing) {
        found(work, SVA_FOUND_LOG_LATE,
              first / run > LATE_SHARE ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){number(work, first, 15),
                                                    sva_found_percent(arena, first / run)});
    }
    if (isnan(out->expected_start)) {
        found(work, SVA_FOUND_LOG_VOCABULARY, SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){""});
        return;
    }
    const double ratio = loss / out->expected_start;
    const bool shown = first <= START_STEPS || first <= START_SHARE * run;
    if (ratio > START_HIGH) {
        found(work, SVA_FOUND_LOG_START_HIGH, SVA_TRACE_REVIEW, values);
    } else if (ratio < (shown ? START_LOW : START_LOW / 2.0)) {
        found(work, SVA_FOUND_LOG_START_LOW, SVA_TRACE_REFUSED, values);
    } else if (shown && ratio < START_DOUBTFUL) {
        found(work, SVA_FOUND_LOG_START_LOW, SVA_TRACE_REVIEW, values);
    }
}

/** Largest change of a record to the next in a window, but for the one in the middle: the noise. */
static double noise_around(const struct work *work, size_t at)
{
    double changes[2 * WINDOW];
    size_t count = 0;
    for (size_t i = at - WINDOW; i + 1 < at + WINDOW; i++) {
        if (i + 1 != at) {
            changes[count++] = fabs(work->series[i + 1].loss - work->series[i].loss);
        }
    }
    qsort(changes, count, sizeof *changes, sva_by_double);
    return changes[count / 2] * 1.5; /* about a standard deviation of normal changes */
}

/** Other weights loaded: the loss falls between two records and stays down. */
static void find_drop(struct work *work)
{
    struct sva_trace_log *out = work->out;
    out->drop = NAN;
    for (size_t at = WINDOW; at + WINDOW <= work->count; at++) {
        const double before = median_of_series(work, at - WINDOW, WINDOW);
        const double after = median_of_series(work, at, WINDOW);
        const double step = work->series[at - 1].loss - work->series[at].loss;
        const double fall = before - after < step ? before - after : step;
        if (fall > DROP_NOISES * noise_around(work, at) && fall > DROP_SHARE * before &&
            (isnan(out->drop) || fall > out->drop)) {
            out->drop = fall;
            out->drop_step = work->series[at].step;
        }
    }
    if (!isnan(out->drop)) {
        found(work, SVA_FOUND_LOG_DROP, SVA_TRACE_REFUSED,
              (const char *const[SVA_FOUND_VALUES]){number(work, out->drop, 4),
                                                    number(work, out->drop_step, 15)});
    }
}

static void check_fall(const struct work *work)
{
    const struct sva_trace_log *out = work->out;
    bool rises = false;
    for (size_t i = 0; i + 1 < work->count; i++) {
        rises = rises || work->series[i + 1].loss > work->series[i].loss;
    }
    if (out->last_loss > FALL_LEAST * out->first_loss) {
        found(work, SVA_FOUND_LOG_NO_FALL, SVA_TRACE_REFUSED,
              (const char *const[SVA_FOUND_VALUES]){number(work, out->first_loss, 4),
                                                    number(work, out->last_loss, 4)});
    } else if (!rises && work->count >= SMOOTH_RECORDS) {
        found(work, SVA_FOUND_LOG_TOO_SMOOTH, SVA_TRACE_NOTE,
              (const char *const[SVA_FOUND_VALUES]){number(work, (double)work->count, 9)});
    }
}

static void check_values(const struct work *work)
{
    const struct sva_trace_log *out = work->out;
    const double records = (double)out->record_count;
    if (out->nonfinite_count > 0) {
        found(work, SVA_FOUND_LOG_NONFINITE, SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){number(work, (double)out->nonfinite_count, 9)});
    }
    if (out->duplicate_count > 0) {
        found(work, SVA_FOUND_LOG_DUPLICATES,
              (double)out->duplicate_count > .05 * records ? SVA_TRACE_REVIEW : SVA_TRACE_NOTE,
              (const char *const[SVA_FOUND_VALUES]){number(work, (double)out->duplicate_count, 9)});
    }
    if (out->truncated_count > 0) {
        found(work, SVA_FOUND_LOG_TRUNCATED, SVA_TRACE_NOTE,
              (const char *const[SVA_FOUND_VALUES]){number(work, (double)out->truncated_count, 9)});
    }
    if (work->context->last_step < 0) {
        found(work, SVA_FOUND_LOG_END_UNKNOWN, SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){number(work, out->last_step, 15)});
    } else if ((double)work->context->last_step > out->last_step + 1.5 * out->spacing) {
        found(work, SVA_FOUND_LOG_ENDS_EARLY, SVA_TRACE_REFUSED,
              (const char *const[SVA_FOUND_VALUES]){
                  number(work, out->last_step, 15),
                  number(work, (double)work->context->last_step, 15)});
    }
}

/** At most POINTS_MOST records for a plot, evenly over the log; the last one is among them. */
static bool thin_out(struct work *work)
{
    const size_t count = work->count < POINTS_MOST ? work->count : POINTS_MOST;
    struct sva_log_point *points = sva_arena_alloc(work->context->arena, count + 1, sizeof *points);
    for (size_t i = 0; points != NULL && i < count; i++) {
        const size_t at = count > 1 ? i * (work->count - 1) / (count - 1) : 0;
        points[i] = work->series[at];
    }
    work->out->points = points;
    work->out->point_count = points != NULL ? count : 0;
    return points != NULL;
}

/** A size that is told against the rows that there are; where there are none it is believed. */
static void check_vocabulary(const struct work *work, double told, enum sva_trace_finding_id id)
{
    struct sva_trace_log *out = work->out;
    if (out->vocabulary == 0 && told >= 2.0 && told < VOCABULARY_MOST) {
        out->vocabulary = (uint64_t)told;
    }
    const double off = told / (double)work->context->vocabulary;
    if (work->context->vocabulary > 0 && fabs(off - 1.0) > VOCABULARY_NEAR) {
        found(work, id, off < .5 || off > 2.0 ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){
                  number(work, told, 15), number(work, (double)work->context->vocabulary, 15)});
    }
}

static void describe(struct work *work, const struct sva_loss_log *log)
{
    struct sva_trace_log *out = work->out;
    const size_t ends = work->count < ENDS ? work->count : ENDS;
    out->vocabulary = work->context->vocabulary;
    check_vocabulary(work, work->context->declared->vocabulary, SVA_FOUND_VOCABULARY_DECLARED);
    check_vocabulary(work, work->context->stated_vocabulary, SVA_FOUND_VOCABULARY_STATED);
    out->expected_start = out->vocabulary > 1 ? LN10 * log10((double)out->vocabulary) : NAN;
    out->first_step = work->series[0].step;
    out->last_step = work->series[work->count - 1].step;
    out->spacing = usual_spacing(work);
    out->first_loss = median_of_series(work, 0, ends < 3 ? ends : 3);
    out->last_loss = median_of_series(work, work->count - ends, ends);
    out->least_loss = work->series[0].loss;
    for (size_t i = 0; i < work->count; i++) {
        out->least_loss = fmin(out->least_loss, work->series[i].loss);
    }
    for (size_t i = 0; i < log->count; i++) {
        const double tokens = log->records[i].tokens;
        out->tokens = isfinite(tokens) && !(tokens <= out->tokens) ? tokens : out->tokens;
    }
}

bool sva_loss_check(struct sva_loss_log *log, const struct sva_log_context *context,
                    struct sva_trace_log *out)
{
    struct work work = {.context = context, .out = out};
    out->record_count = log->count;
    out->truncated_count = log->truncated_count;
    out->expected_start = out->tokens = out->drop = NAN;
    if (!order_records(&work, log)) {
        sva_free(work.series);
        return false;
    }
    bool enough = true;
    if (work.count < 10) {
        found(&work, SVA_FOUND_LOG_SHORT, work.count < 2 ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
              (const char *const[SVA_FOUND_VALUES]){number(&work, (double)work.count, 9)});
    }
    if (work.count >= 2) {
        describe(&work, log);
        enough = find_rewinds(&work, log) && find_gaps(&work) && thin_out(&work);
        tell_rewinds(&work);
        check_start(&work);
        check_fall(&work);
        find_drop(&work);
        check_values(&work);
    }
    sva_free(work.series);
    return enough;
}

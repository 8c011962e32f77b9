/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/hash_runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"

enum { BLOCK_BYTES = 1 << 18, RUNS_AT_ONCE = 2, STEP_BYTES = SVA_HINT_STEP_BYTES };

static const char doing[] = "hashing files";

struct run {
    struct sva_piece *piece;
    uint64_t start, end;
    const uint8_t *before; /**< chaining value that it begins with; NULL: the standard's */
    const uint8_t *behind; /**< and must end with; NULL: its end gives the piece's digest */
    size_t order;          /**< in which it was listed */
};

struct job {
    const struct sva_piece_options *options;
    struct run *runs;
    size_t run_count;
    size_t *groups; /**< [group_count + 1] first run of each */
    size_t group_count;
};

/** A run under way. */
struct reading {
    const struct run *run;
    struct sva_input input;
    struct sva_sha256 hash;
    uint64_t at;
    uint8_t *buffer;
    struct sva_error error; /**< of this run alone */
    enum sva_status status;
};

static void begin(struct reading *reading, const struct run *run, bool follow, uint8_t *buffer)
{
    const struct sva_tree_file *const file = run->piece->file;
    *reading = (struct reading){.run = run, .at = run->start, .buffer = buffer, .input.fd = -1};
    sva_sha256_init(&reading->hash);
    if (run->before != NULL) {
        sva_sha256_resume(&reading->hash, run->before, run->start);
    }
    reading->status = sva_input_open(-1, file->full, follow, &reading->input, &reading->error);
    if (reading->status == SVA_OK && reading->input.size_bytes != file->size_bytes) {
        reading->status = sva_fail(&reading->error, SVA_ERR_CONFLICT,
                                   "%s: changed while it was read", sva_esc(file->full).text);
    }
}

/** Bytes of the next block, which never crosses the end of a step; 0: none are wanted. */
static size_t wanted(const struct reading *reading)
{
    const struct sva_piece *const piece = reading->run->piece;
    if (reading->status != SVA_OK ||
        (reading->run->behind != NULL && atomic_load(&piece->hints_false))) {
        return 0;
    }
    const uint64_t left = reading->run->end - reading->at;
    const uint64_t step = STEP_BYTES - (reading->at - piece->start) % STEP_BYTES;
    const uint64_t size = left < step ? left : step;
    return size < BLOCK_BYTES ? (size_t)size : BLOCK_BYTES;
}

static bool fill(struct reading *reading, size_t size, const struct sva_progress *progress)
{
    reading->status =
        sva_is_cancelled(progress)
            ? sva_fail(&reading->error, SVA_ERR_CANCELLED, "stopped on request")
            : sva_input_read(&reading->input, reading->at, reading->buffer, size, &reading->error);
    return reading->status == SVA_OK;
}

/** The block in the buffer was hashed. */
static void advance(struct reading *reading, size_t size)
{
    const struct sva_piece *const piece = reading->run->piece;
    reading->at += size;
    const uint64_t done = reading->at - piece->start;
    if (piece->chains != NULL && done % STEP_BYTES == 0 && reading->at < piece->end) {
        sva_sha256_chain(&reading->hash, piece->chains[done / STEP_BYTES - 1]);
    }
}

static void finish(struct reading *reading)
{
    struct sva_piece *const piece = reading->run->piece;
    const bool whole = reading->status == SVA_OK && reading->at == reading->run->end;
    if (whole && reading->run->behind == NULL) {
        sva_sha256_final(&reading->hash, piece->digest);
    } else if (whole) {
        uint8_t chain[32];
        sva_sha256_chain(&reading->hash, chain);
        if (memcmp(chain, reading->run->behind, sizeof chain) != 0) {
            atomic_store(&piece->hints_false, true);
        }
    }
    sva_input_close(&reading->input);
}

/** One run or two; those that fail do not hinder the other, so that the first one's error counts.
 */
static enum sva_status hash_group(void *opaque, size_t item, struct sva_error *error)
{
    const struct job *const job = opaque;
    const struct sva_progress *const progress = job->options->progress;
    const size_t first = job->groups[item];
    const size_t count = job->groups[item + 1] - first;
    struct reading readings[RUNS_AT_ONCE] = {{.input.fd = -1}, {.input.fd = -1}};
    struct reading *const a = &readings[0];
    struct reading *const b = &readings[1];
    uint8_t *const buffer = sva_realloc_array(NULL, RUNS_AT_ONCE, BLOCK_BYTES);
    if (buffer == NULL) {
        return sva_fail_memory(error, doing);
    }
    for (size_t i = 0; i < count; i++) {
        begin(&readings[i], &job->runs[first + i], job->options->follow, buffer + i * BLOCK_BYTES);
    }
    while (count == RUNS_AT_ONCE) {
        const size_t size = wanted(a) < wanted(b) ? wanted(a) : wanted(b);
        if (size == 0 || !fill(a, size, progress) || !fill(b, size, progress)) {
            break;
        }
        sva_sha256_update_pair(&a->hash, a->buffer, &b->hash, b->buffer, size);
        advance(a, size);
        advance(b, size);
    }
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < count; i++) {
        struct reading *const one = &readings[i];
        for (size_t size = wanted(one); size > 0; size = wanted(one)) {
            if (fill(one, size, progress)) {
                sva_sha256_update(&one->hash, one->buffer, size);
                advance(one, size);
            }
        }
        finish(one);
        if (status == SVA_OK && one->status != SVA_OK) {
            status = one->status;
            if (error != NULL) {
                *error = one->error;
            }
        }
    }
    sva_free(buffer);
    return status;
}

/* -- which runs, and which together ------------------------------------------------------------ */

static bool hints_fit(const struct sva_piece *piece)
{
    return piece->hint->size_bytes == piece->file->size_bytes && piece->start == 0 &&
           piece->end == piece->file->size_bytes;
}

static size_t runs_of(const struct sva_piece *piece)
{
    return piece->hint == NULL || atomic_load(&piece->hints_false)
               ? 1
               : (size_t)sva_hint_count(piece->hint->size_bytes) + 1;
}

static void list_runs(struct job *job, struct sva_piece *piece)
{
    const size_t count = runs_of(piece);
    for (size_t i = 0; i < count; i++) {
        struct run *const run = &job->runs[job->run_count];
        *run = (struct run){
            .piece = piece, .start = piece->start, .end = piece->end, .order = job->run_count};
        if (i > 0) {
            run->start = (uint64_t)i * STEP_BYTES;
            run->before = piece->hint->values[i - 1];
        }
        if (i + 1 < count) {
            run->end = (uint64_t)(i + 1) * STEP_BYTES;
            run->behind = piece->hint->values[i];
        }
        job->run_count++;
    }
}

static uint64_t run_bytes(const struct run *run)
{
    return run->end - run->start;
}

/** The longest first, so that none of them is left alone at the end. */
static int by_length(const void *left, const void *right)
{
    const struct run *const a = left;
    const struct run *const b = right;
    if (run_bytes(a) != run_bytes(b)) {
        return run_bytes(a) < run_bytes(b) ? 1 : -1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static void group_runs(struct job *job)
{
    const uint32_t threads =
        job->options->threads == 0 ? sva_processor_count() : job->options->threads;
    uint64_t total = 0;
    for (size_t i = 0; i < job->run_count; i++) {
        total += run_bytes(&job->runs[i]);
    }
    for (size_t i = 0; i < job->run_count;) {
        const bool two = i + 1 < job->run_count &&
                         run_bytes(&job->runs[i]) + run_bytes(&job->runs[i + 1]) <= total / threads;
        job->groups[job->group_count++] = i;
        i += two ? 2 : 1;
    }
    job->groups[job->group_count] = job->run_count;
}

static enum sva_status hash_all(struct sva_piece *const *pieces, size_t count,
                                const struct sva_piece_options *options, struct sva_error *error)
{
    struct job job = {.options = options};
    size_t runs = 0;
    for (size_t i = 0; i < count; i++) {
        runs += runs_of(pieces[i]);
    }
    job.runs = sva_calloc(runs, sizeof *job.runs);
    job.groups = sva_calloc(runs + 1, sizeof *job.groups);
    enum sva_status status =
        job.runs != NULL && job.groups != NULL ? SVA_OK : sva_fail_memory(error, doing);
    if (status == SVA_OK && count > 0) {
        for (size_t i = 0; i < count; i++) {
            list_runs(&job, pieces[i]);
        }
        qsort(job.runs, job.run_count, sizeof *job.runs, by_length);
        group_runs(&job);
        status = sva_parallel(job.group_count, options->threads, hash_group, &job,
                              options->progress, error);
    }
    sva_free(job.runs);
    sva_free(job.groups);
    return status;
}

enum sva_status sva_pieces_sha256(struct sva_piece *const *pieces, size_t count,
                                  const struct sva_piece_options *options, struct sva_error *error)
{
    for (size_t i = 0; i < count; i++) {
        atomic_store(&pieces[i]->hints_false, pieces[i]->hint != NULL && !hints_fit(pieces[i]));
    }
    enum sva_status status = hash_all(pieces, count, options, error);
    struct sva_piece **const again = sva_calloc(count, sizeof *again);
    size_t again_count = 0;
    if (status == SVA_OK && again == NULL) {
        status = sva_fail_memory(error, doing);
    }
    /* Of what does not follow from its hints, the digest is made without them. */
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        if (pieces[i]->hint != NULL && hints_fit(pieces[i]) &&
            atomic_load(&pieces[i]->hints_false)) {
            again[again_count++] = pieces[i];
        }
    }
    if (status == SVA_OK && again_count > 0) {
        status = hash_all(again, again_count, options, error);
    }
    sva_free(again);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/** What the machine can do: memory that is summed, a file that is hashed and nothing else. */
#ifndef SVA_TABLE_MACHINE_H
#define SVA_TABLE_MACHINE_H

#include <pthread.h>

#include "table_rows.h"

#include "base/hash.h"
#include "base/memory.h"

enum { MACHINE_BYTES = 256 * 1024 * 1024, MACHINE_BLOCK = 256 * 1024, MACHINE_THREADS_MOST = 64 };

struct table_span {
    const uint64_t *words;
    size_t count;
    uint64_t sum;
};

static void *table_sum(void *context)
{
    struct table_span *const span = context;
    uint64_t sums[8] = {0};
    for (size_t i = 0; i + 8 <= span->count; i += 8) {
        for (size_t k = 0; k < 8; k++) {
            sums[k] += span->words[i + k];
        }
    }
    for (size_t k = 0; k < 8; k++) {
        span->sum += sums[k];
    }
    return NULL;
}

/** GB a second, from memory that no cache holds, by so many threads. */
BENCH_FUNCTION double table_bandwidth(const uint64_t *words, uint32_t threads, uint64_t *sum)
{
    pthread_t running[MACHINE_THREADS_MOST];
    struct table_span spans[MACHINE_THREADS_MOST];
    const size_t count = MACHINE_BYTES / sizeof *words / threads;
    uint32_t started = 0;
    const double begin = bench_seconds();
    for (; started < threads; started++) {
        spans[started] = (struct table_span){words + started * count, count, 0};
        if (pthread_create(&running[started], NULL, table_sum, &spans[started]) != 0) {
            break;
        }
    }
    for (uint32_t i = 0; i < started; i++) {
        pthread_join(running[i], NULL);
        *sum += spans[i].sum;
    }
    const double seconds = bench_seconds() - begin;
    return started == threads ? MACHINE_BYTES / seconds / 1e9 : NAN;
}

struct table_bandwidths {
    uint32_t threads, rounds;
};

/* In a process of its own, so that its buffer is in nobody's peak of memory. */
static bool table_machine_rows(void *context, struct bench_measured *measured)
{
    const struct table_bandwidths *const work = context;
    uint64_t *const words = sva_calloc(MACHINE_BYTES / sizeof *words, sizeof *words);
    uint64_t sum = 0;
    (void)measured;
    if (words == NULL) {
        return false;
    }
    memset(words, 1, MACHINE_BYTES);
    for (uint32_t threads = 1; threads <= work->threads;
         threads += work->threads > 1 ? work->threads - 1 : 1) {
        double rates[TABLE_ROUNDS_MOST];
        for (uint32_t round = 0; round < work->rounds; round++) {
            rates[round] = table_bandwidth(words, threads, &sum);
        }
        printf("| memory read and summed, %u thread%s | %.1f GB/s | | | | - | - |\n", threads,
               threads > 1 ? "s" : "", table_median(rates, work->rounds));
    }
    sva_free(words);
    fflush(stdout);
    return sum != 0;
}

BENCH_FUNCTION void table_machine(uint32_t threads, uint32_t rounds)
{
    struct table_bandwidths work = {
        .threads = threads < MACHINE_THREADS_MOST ? threads : MACHINE_THREADS_MOST,
        .rounds = rounds};
    if (!bench_measure(table_machine_rows, &work).succeeded) {
        table_absent("memory bandwidth", "out of memory");
    }
}

/** Reads a file and hashes it as one stream, which is the floor of what has to be done. */
BENCH_FUNCTION int table_hash_stream(const char *path)
{
    static uint8_t block[MACHINE_BLOCK];
    uint8_t digest[32];
    const int file = open(path, O_RDONLY);
    struct sva_sha256 *const state = sva_sha256_new();
    ssize_t got = file < 0 || state == NULL ? -1 : 1;
    while (got > 0) {
        got = read(file, block, sizeof block);
        if (got > 0) {
            sva_sha256_update(state, block, (size_t)got);
        }
    }
    if (got < 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 2;
    }
    sva_sha256_final(state, digest);
    sva_sha256_free(state);
    close(file);
    for (size_t i = 0; i < sizeof digest; i++) {
        printf("%02x", digest[i]);
    }
    printf("  %s\n", path);
    return 0;
}

#endif

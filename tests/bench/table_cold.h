/* SPDX-License-Identifier: Apache-2.0 */
/** Files that are not in the page cache: dropping them from it, and the fastest way to read one. */
#ifndef SVA_TABLE_COLD_H
#define SVA_TABLE_COLD_H

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "table_rows.h"

enum { COLD_READS = 16, COLD_READ_BYTES = 1 << 20 };

/** Does no page of the file lie in memory any more? Not so on tmpfs. */
BENCH_FUNCTION bool table_drop(const char *path)
{
    enum { PAGE_BYTES = 4096 };
    struct stat info;
    const int file = open(path, O_RDONLY);
    if (file < 0) {
        return false;
    }
    bool dropped = fsync(file) == 0 && fstat(file, &info) == 0 &&
                   posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0;
    const size_t size = dropped ? (size_t)info.st_size : 0;
    const size_t pages = (size + PAGE_BYTES - 1) / PAGE_BYTES;
    void *const map = dropped ? mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    unsigned char *const resident = calloc(pages + 1, 1);
    dropped = map != MAP_FAILED && resident != NULL && mincore(map, size, resident) == 0;
    size_t left = 0;
    for (size_t i = 0; dropped && i < pages; i++) {
        left += resident[i] & 1;
    }
    if (map != MAP_FAILED) {
        munmap(map, size);
    }
    free(resident);
    close(file);
    return dropped && left * 100 <= pages;
}

struct table_reading {
    int file;
    uint64_t size_bytes;
    _Atomic uint64_t next;
    _Atomic bool failed;
};

static void *table_read_pieces(void *context)
{
    struct table_reading *const reading = context;
    void *piece = NULL;
    if (posix_memalign(&piece, 4096, COLD_READ_BYTES) != 0) {
        atomic_store(&reading->failed, true);
        return NULL;
    }
    for (;;) {
        const uint64_t at = atomic_fetch_add(&reading->next, COLD_READ_BYTES);
        if (at >= reading->size_bytes) {
            break;
        }
        if (pread(reading->file, piece, COLD_READ_BYTES, (off_t)at) <= 0) {
            atomic_store(&reading->failed, true);
        }
    }
    free(piece);
    return NULL;
}

/** Reads a file around the page cache, 16 pieces of 1 MiB at a time, and does nothing with them. */
BENCH_FUNCTION int table_read_direct(const char *path)
{
    pthread_t threads[COLD_READS];
    struct stat info = {0};
    struct table_reading reading = {.file = open(path, O_RDONLY | O_DIRECT)};
    size_t started = 0;
    if (reading.file < 0 || fstat(reading.file, &info) != 0) {
        fprintf(stderr, "%s: cannot be read around the page cache\n", path);
        return 2;
    }
    reading.size_bytes = (uint64_t)info.st_size;
    while (started < COLD_READS &&
           pthread_create(&threads[started], NULL, table_read_pieces, &reading) == 0) {
        started++;
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    close(reading.file);
    return started == 0 || atomic_load(&reading.failed) ? 2 : 0;
}

#endif

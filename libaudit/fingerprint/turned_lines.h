/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lines that are columns of what is kept of them. A column written value by value touches as many
 * cache lines as it has values, often of one cache set; here several columns that follow one
 * another wait until they fill the cache lines they go to.
 */
#ifndef SVA_FINGERPRINT_TURNED_LINES_H
#define SVA_FINGERPRINT_TURNED_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct sva_turned_lines {
    float *out; /**< [height][stride], borrowed */
    size_t height, stride;
    size_t first, count; /**< columns that wait */
    float *held;         /**< [columns that wait][height] */
};

/** False: out of memory. */
bool sva_turned_init(struct sva_turned_lines *turned, float *out, size_t height, size_t stride);
void sva_turned_done(struct sva_turned_lines *turned);

/**
 * Where the `height` values of `column` are to be written before the next call. Unless it is
 * `whole`, which says that all of them will be, those that `out` already holds are there.
 */
float *sva_turned_column(struct sva_turned_lines *turned, size_t column, bool whole);

/** Brings what waits to `out`. */
void sva_turned_flush(struct sva_turned_lines *turned);

#endif

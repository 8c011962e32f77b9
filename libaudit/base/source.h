/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where bytes come from - a file or memory - behind one read function, and a window that moves
 * over them: what readers use whose input may be larger than memory. A window holds 64 KiB,
 * whatever the source claims.
 */
#ifndef SVA_BASE_SOURCE_H
#define SVA_BASE_SOURCE_H

#include "base/cursor.h"
#include "base/file.h"

struct sva_source {
    /** Exactly `size` bytes at `offset`, as sva_input_read. */
    enum sva_status (*read)(const void *context, uint64_t offset, void *bytes, size_t size,
                            struct sva_error *error);
    const void *context;
    uint64_t size_bytes;
    const char *name; /**< for messages, unescaped */
};

/** Borrows the input, or the span and the name. */
struct sva_source sva_source_of_input(const struct sva_input *input);
struct sva_source sva_source_of_span(const struct sva_span *span, const char *name);

/** Exactly `size` bytes; CORRUPT when the source has fewer, IO, CONFLICT as sva_input_read. */
enum sva_status sva_source_read(const struct sva_source *source, uint64_t offset, void *bytes,
                                size_t size, struct sva_error *error) SVA_MUST_CHECK;

enum { SVA_WINDOW_BYTES = 1 << 16 };

/** Reads forward. `position` may be set to anything before the next call. */
struct sva_window {
    const struct sva_source *source;
    uint8_t *buffer;
    uint64_t start; /**< where in the source the buffer begins */
    size_t filled;
    uint64_t position;
};

/** Errors: MEMORY. sva_window_done frees; `source` is borrowed until then. */
enum sva_status sva_window_init(struct sva_window *window, const struct sva_source *source,
                                struct sva_error *error) SVA_MUST_CHECK;
void sva_window_done(struct sva_window *window);

/** Bytes between the position and the end of the source. */
uint64_t sva_window_left(const struct sva_window *window);

/**
 * Hands out the next `size` <= SVA_WINDOW_BYTES bytes, borrowed until the next call, and moves
 * behind them. Errors: as sva_source_read.
 */
enum sva_status sva_window_take(struct sva_window *window, size_t size, const uint8_t **bytes,
                                struct sva_error *error) SVA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/source.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

static enum sva_status read_input(const void *context, uint64_t offset, void *bytes, size_t size,
                                  struct sva_error *error)
{
    return sva_input_read(context, offset, bytes, size, error);
}

static enum sva_status read_span(const void *context, uint64_t offset, void *bytes, size_t size,
                                 struct sva_error *error)
{
    (void)error; /* sva_source_read has seen to the bounds */
    const struct sva_span *const span = context;
    memcpy(bytes, span->data + offset, size);
    return SVA_OK;
}

struct sva_source sva_source_of_input(const struct sva_input *input)
{
    return (struct sva_source){
        .read = read_input, .context = input, .size_bytes = input->size_bytes, .name = input->path};
}

struct sva_source sva_source_of_span(const struct sva_span *span, const char *name)
{
    return (struct sva_source){
        .read = read_span, .context = span, .size_bytes = span->size, .name = name};
}

enum sva_status sva_source_read(const struct sva_source *source, uint64_t offset, void *bytes,
                                size_t size, struct sva_error *error)
{
    if (offset > source->size_bytes || size > source->size_bytes - offset) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, offset,
                           "%s: %zu bytes at byte %" PRIu64 " lie beyond its end",
                           sva_esc(source->name).text, size, offset);
    }
    return size == 0 ? SVA_OK : source->read(source->context, offset, bytes, size, error);
}

enum sva_status sva_window_init(struct sva_window *window, const struct sva_source *source,
                                struct sva_error *error)
{
    uint8_t *const buffer = sva_realloc_array(NULL, SVA_WINDOW_BYTES, 1);
    if (buffer == NULL) {
        return sva_fail_memory(error, "reading a file");
    }
    *window = (struct sva_window){.source = source, .buffer = buffer};
    return SVA_OK;
}

void sva_window_done(struct sva_window *window)
{
    sva_free(window->buffer);
    *window = (struct sva_window){0};
}

uint64_t sva_window_left(const struct sva_window *window)
{
    const uint64_t size = window->source->size_bytes;
    return window->position < size ? size - window->position : 0;
}

/* The buffer begins at the position and is as full as the source allows. */
static enum sva_status refill(struct sva_window *window, struct sva_error *error)
{
    const uint64_t left = sva_window_left(window);
    const size_t wanted = left < SVA_WINDOW_BYTES ? (size_t)left : SVA_WINDOW_BYTES;
    window->filled = 0;
    const enum sva_status status =
        sva_source_read(window->source, window->position, window->buffer, wanted, error);
    if (status == SVA_OK) {
        window->start = window->position;
        window->filled = wanted;
    }
    return status;
}

enum sva_status sva_window_take(struct sva_window *window, size_t size, const uint8_t **bytes,
                                struct sva_error *error)
{
    if (size > SVA_WINDOW_BYTES) {
        return sva_fail(error, SVA_ERR_INTERNAL, "%zu bytes were asked of a window of %d", size,
                        SVA_WINDOW_BYTES);
    }
    if (size > sva_window_left(window)) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, window->position,
                           "%s: %zu bytes at byte %" PRIu64 " lie beyond its end",
                           sva_esc(window->source->name).text, size, window->position);
    }
    const bool inside = window->position >= window->start &&
                        window->position - window->start <= window->filled &&
                        size <= window->filled - (size_t)(window->position - window->start);
    const enum sva_status status = inside ? SVA_OK : refill(window, error);
    if (status == SVA_OK) {
        *bytes = window->buffer + (size_t)(window->position - window->start);
        window->position += size;
    }
    return status;
}

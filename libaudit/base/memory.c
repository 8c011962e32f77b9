/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

/* 0 = off; otherwise allocations left until the one that fails, counting it. */
static _Atomic uint64_t fail_countdown;

void sva_memory_fail_after(uint64_t allocation)
{
    atomic_store(&fail_countdown, allocation);
}

/* True when a test wants this allocation to fail. */
static bool must_fail(void)
{
    uint64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    while (left != 0) {
        if (atomic_compare_exchange_weak(&fail_countdown, &left, left - 1)) {
            return left == 1;
        }
    }
    return false;
}

/* Bytes of an array, at least 1 so that an empty array is a block too; false on overflow. */
static bool array_bytes(size_t count, size_t size, size_t *bytes)
{
    uint64_t product;
    if (!sva_mul_u64(count, size, &product) || product > PTRDIFF_MAX) {
        return false;
    }
    *bytes = product == 0 ? 1 : (size_t)product;
    return true;
}

void *sva_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (!array_bytes(count, size, &bytes) || must_fail()) {
        return NULL;
    }
    return calloc(1, bytes);
}

void *sva_realloc_array(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!array_bytes(count, size, &bytes) || must_fail()) {
        return NULL;
    }
    return realloc(block, bytes);
}

void sva_free(void *block)
{
    free(block);
}

char *sva_strndup(const char *text, size_t length)
{
    if (length == SIZE_MAX) {
        return NULL;
    }
    char *const copy = sva_calloc(length + 1, 1);
    if (copy != NULL && length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *sva_strdup(const char *text)
{
    return sva_strndup(text, strlen(text));
}

/* -- arena ------------------------------------------------------------------------------------ */

struct sva_arena_block {
    struct sva_arena_block *next;
    alignas(16) unsigned char bytes[];
};

enum {
    ARENA_ALIGNMENT = 16,
    ARENA_FIRST_BYTES = 4096,
    ARENA_MOST_BYTES = 1 << 20,
};

static struct sva_arena_block *new_block(struct sva_arena *arena, size_t bytes)
{
    if (bytes > PTRDIFF_MAX - sizeof(struct sva_arena_block)) {
        return NULL;
    }
    struct sva_arena_block *const block = sva_calloc(1, sizeof *block + bytes);
    if (block != NULL) {
        arena->total_bytes += sizeof *block + bytes;
    }
    return block;
}

/* A block of its own, kept behind the current one so that the latter can be filled further. */
static void *alloc_apart(struct sva_arena *arena, size_t bytes)
{
    struct sva_arena_block *const block = new_block(arena, bytes);
    if (block == NULL) {
        return NULL;
    }
    if (arena->blocks == NULL) {
        arena->blocks = block;
        arena->used = arena->capacity = bytes;
    } else {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    }
    return block->bytes;
}

/* `alignment` is 1 for text, else 16. */
static void *find_room(struct sva_arena *arena, size_t bytes, size_t alignment)
{
    size_t start = (arena->used + alignment - 1) & ~(alignment - 1);
    if (arena->blocks == NULL || start > arena->capacity || bytes > arena->capacity - start) {
        size_t capacity =
            arena->capacity < ARENA_FIRST_BYTES / 2 ? ARENA_FIRST_BYTES : arena->capacity * 2;
        if (capacity > ARENA_MOST_BYTES) {
            capacity = ARENA_MOST_BYTES;
        }
        if (bytes > capacity / 4) {
            return alloc_apart(arena, bytes);
        }
        struct sva_arena_block *const block = new_block(arena, capacity);
        if (block == NULL) {
            return NULL;
        }
        block->next = arena->blocks;
        arena->blocks = block;
        arena->capacity = capacity;
        start = 0;
    }
    arena->used = start + bytes;
    return arena->blocks->bytes + start;
}

static void *bump(struct sva_arena *arena, size_t bytes, size_t alignment)
{
    void *const room = find_room(arena, bytes, alignment);
    arena->failed = arena->failed || room == NULL;
    return room;
}

void *sva_arena_alloc(struct sva_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (!array_bytes(count, size, &bytes)) {
        arena->failed = true;
        return NULL;
    }
    return bump(arena, bytes, ARENA_ALIGNMENT);
}

char *sva_arena_strndup(struct sva_arena *arena, const char *text, size_t length)
{
    if (length >= PTRDIFF_MAX) {
        return NULL;
    }
    char *const copy = bump(arena, length + 1, 1);
    if (copy != NULL) {
        if (length > 0) {
            memcpy(copy, text, length);
        }
        copy[length] = '\0';
    }
    return copy;
}

char *sva_arena_strdup(struct sva_arena *arena, const char *text)
{
    return sva_arena_strndup(arena, text, strlen(text));
}

char *sva_arena_printf(struct sva_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return NULL;
    }
    char *const text = bump(arena, (size_t)length + 1, 1);
    if (text != NULL) {
        va_start(arguments, format);
        (void)vsnprintf(text, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    return text;
}

void sva_arena_done(struct sva_arena *arena)
{
    struct sva_arena_block *block = arena->blocks;
    while (block != NULL) {
        struct sva_arena_block *const next = block->next;
        sva_free(block);
        block = next;
    }
    *arena = (struct sva_arena){0};
}

/* -- growing bytes ---------------------------------------------------------------------------- */

/* Room for `size` more bytes and the final NUL. */
static bool reserve(struct sva_bytes *bytes, size_t size)
{
    const size_t most = bytes->limit > 0 ? bytes->limit : (size_t)PTRDIFF_MAX - 1;
    if (bytes->failed || bytes->size > most || size > most - bytes->size) {
        bytes->failed = true;
        return false;
    }
    const size_t need = bytes->size + size + 1;
    if (need <= bytes->capacity) {
        return true;
    }
    size_t capacity = bytes->capacity < 64 ? 64 : bytes->capacity + bytes->capacity / 2;
    if (capacity < need) {
        capacity = need;
    }
    uint8_t *const data = sva_realloc_array(bytes->data, capacity, 1);
    if (data == NULL) {
        bytes->failed = true;
        return false;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

void sva_bytes_append(struct sva_bytes *bytes, const void *data, size_t size)
{
    if (!reserve(bytes, size)) {
        return;
    }
    if (size > 0) {
        memcpy(bytes->data + bytes->size, data, size);
    }
    bytes->size += size;
    bytes->data[bytes->size] = '\0';
}

void sva_bytes_text(struct sva_bytes *bytes, const char *text)
{
    sva_bytes_append(bytes, text, strlen(text));
}

void sva_bytes_printf(struct sva_bytes *bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        bytes->failed = true;
        return;
    }
    if (!reserve(bytes, (size_t)length)) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf((char *)bytes->data + bytes->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    bytes->size += (size_t)length;
}

void sva_bytes_done(struct sva_bytes *bytes)
{
    sva_free(bytes->data);
    *bytes = (struct sva_bytes){0};
}

char *sva_bytes_keep(struct sva_bytes *bytes, struct sva_arena *arena)
{
    const char *const text = bytes->data != NULL ? (const char *)bytes->data : "";
    char *const kept = bytes->failed ? NULL : sva_arena_strndup(arena, text, bytes->size);
    arena->failed = arena->failed || kept == NULL;
    sva_bytes_done(bytes);
    return kept;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Memory: counted arrays, an arena for objects that live and die together, and
 * growing bytes. Every allocation of the library goes through here, so that a
 * test can make the n-th one fail (sva_memory_fail_after).
 */
#ifndef SVA_BASE_MEMORY_H
#define SVA_BASE_MEMORY_H

#include <stddef.h>

#include <sovaudit/status.h>

/** Zeroed array, NULL on overflow, on failure; count 0 gives a non-NULL block. free() or sva_free. */
void *sva_calloc(size_t count, size_t size);
/** Grows; the old block stays valid on NULL. */
void *sva_realloc_array(void *block, size_t count, size_t size);
void sva_free(void *block);
char *sva_strdup(const char *text);
char *sva_strndup(const char *text, size_t length);

/** Tests: the n-th allocation from now fails (1 = next); 0 turns it off. Process-wide. */
void sva_memory_fail_after(uint64_t allocation);

/** Bump allocator; objects are freed all at once. Not thread-safe. */
struct sva_arena {
    struct sva_arena_block *blocks;
    size_t used, capacity;
    uint64_t total_bytes;
    bool failed; /**< something was not given: what was made of the rest lacks it */
};

void *sva_arena_alloc(struct sva_arena *arena, size_t count, size_t size); /**< zeroed, 16-aligned, NULL on failure */
char *sva_arena_strndup(struct sva_arena *arena, const char *text, size_t length);
char *sva_arena_strdup(struct sva_arena *arena, const char *text);
char *sva_arena_printf(struct sva_arena *arena, const char *format, ...) SVA_PRINTF(2, 3);
void sva_arena_done(struct sva_arena *arena);

/** Growing bytes. A failed append marks it; check once at the end. Always NUL-terminated when data != NULL. */
struct sva_bytes {
    uint8_t *data;
    size_t size, capacity;
    bool failed;
    size_t limit; /**< appending beyond it fails; 0 = none */
};

void sva_bytes_append(struct sva_bytes *bytes, const void *data, size_t size);
void sva_bytes_text(struct sva_bytes *bytes, const char *text);
void sva_bytes_printf(struct sva_bytes *bytes, const char *format, ...) SVA_PRINTF(2, 3);
void sva_bytes_done(struct sva_bytes *bytes);
/** The bytes as text in `arena`, "" when there are none; NULL when out of memory. Ends the bytes. */
char *sva_bytes_keep(struct sva_bytes *bytes, struct sva_arena *arena);

#endif

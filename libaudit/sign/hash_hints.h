/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Hints for hashing a large file on many processors: its SHA-256 chaining value after every 16 MiB
 * (FIPS 180-4, section 6.2.2). The stretch behind each of them can be hashed on its own; when each
 * ends in the value that the next one begins with, from the standard's first value on, the last
 * one ends in the file's digest. So hints need no trust: false ones are found out, and cost time
 * only.
 *
 * The text, lines of UTF-8 that end in a line feed; one text for each content:
 *
 *     sovaudit-hints 1 16777216
 *     SIZE NAME                      decimal bytes; the path as a manifest has it
 *     CHAINING VALUE                 64 hexadecimal digits in lower case, (SIZE - 1) / 16777216
 * lines
 *
 * with the files sorted by name (bytes), each once. Files of 16 MiB and less need none.
 */
#ifndef SVA_SIGN_HASH_HINTS_H
#define SVA_SIGN_HASH_HINTS_H

#include "base/cursor.h"
#include "base/memory.h"

enum {
    SVA_HINT_STEP_BYTES = 16 << 20,
    SVA_HINTS_BYTES_MAX = 64 << 20, /**< of a text: hints for 16 TB */
    SVA_HINT_NAME_BYTES_MAX = 4096
};

struct sva_hint {
    const char *name;
    uint64_t size_bytes;
    uint8_t (*values)[32]; /**< [sva_hint_count(size_bytes)] after 1, 2 ... steps */
};

struct sva_hints {
    size_t count;
    struct sva_hint *items;
};

/** How many chaining values a file of that size has. */
uint64_t sva_hint_count(uint64_t size_bytes);

/** Can the name be written? Not with line feeds and the like, and not without end. */
bool sva_hint_name_fits(const char *name);

/**
 * Reads a text; all in `arena`. `what` names it in messages, already escaped. Errors: CORRUPT,
 * UNSUPPORTED (another version or step), LIMIT, MEMORY.
 */
enum sva_status sva_hints_parse(struct sva_span text, const char *what, struct sva_arena *arena,
                                struct sva_hints *hints, struct sva_error *error) SVA_MUST_CHECK;

/** The hint of that name, or NULL. */
const struct sva_hint *sva_hints_find(const struct sva_hints *hints, const char *name);

/** The first line, then a file each; in order. Check text->failed. */
void sva_hints_begin(struct sva_bytes *text);
void sva_hints_put(const struct sva_hint *hint, struct sva_bytes *text);

#endif

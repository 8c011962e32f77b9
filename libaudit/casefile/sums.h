/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SHA256SUMS as `sha256sum` writes it, read strictly: 64 lower-case digits, two blanks, a name, a
 * line feed; names are plain, ascend by their bytes and stand once.
 */
#ifndef SVA_CASEFILE_SUMS_H
#define SVA_CASEFILE_SUMS_H

#include "base/cursor.h"
#include "base/memory.h"

enum {
    SVA_SUMS_MAX = 20000,          /**< lines */
    SVA_SUMS_BYTES_MAX = 16 << 20, /**< of the file */
    SVA_SUMS_NAME_BYTES_MAX = 1100 /**< of a name: a register's longest path and "evidence/" */
};

struct sva_sum {
    const char *name;
    uint8_t sha256[32];
};

struct sva_sums {
    size_t count;
    struct sva_sum *items; /**< ascending by name */
};

/**
 * Relative, of plain steps, well-formed UTF-8 without control characters or '\\', which sha256sum
 * would write in another way.
 */
bool sva_sums_name_is_plain(const char *name);

/**
 * Reads `bytes`, called `what` (escaped) in errors; all in `arena`. Errors: CORRUPT (with the
 * byte), LIMIT, MEMORY.
 */
enum sva_status sva_sums_parse(struct sva_span bytes, const char *what, struct sva_arena *arena,
                               struct sva_sums *sums, struct sva_error *error) SVA_MUST_CHECK;

/** The same text; out->failed when there is no memory. */
void sva_sums_put(const struct sva_sums *sums, struct sva_bytes *out);

/** The line of a name, or NULL. */
const struct sva_sum *sva_sums_find(const struct sva_sums *sums, const char *name);

#endif

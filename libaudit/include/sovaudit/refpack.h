/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reference packs: references of a store in one file that another store takes in. A pack is a tar,
 * compressed with zstd: `SHA256SUMS`, in the form of sha256sum, over the rest; `manifest.json`,
 * which says what every print is and what it was made from; then `prints/SHA256.svp` in the order
 * of their SHA-256. The same references on the same day give the same bytes, as long as the same
 * libzstd writes them.
 */
#ifndef SOVAUDIT_REFPACK_H
#define SOVAUDIT_REFPACK_H

#include <sovaudit/refstore.h>

enum {
    SVA_REFPACK_REFERENCES_MAX = 100000,
    SVA_REFPACK_MANIFEST_BYTES_MAX = 64 << 20,
    SVA_REFPACK_PRINT_BYTES_MAX = 1000000000, /**< of one print */
    SVA_REFPACK_GIGABYTES_MAX = 64            /**< of all prints, 10^9 bytes each */
};

/** What a pack holds, and what became of it. Zero-initialise, free with sva_refpack_done(). */
struct sva_refpack {
    char created[16]; /**< day, YYYY-MM-DD */
    char *tool;       /**< what wrote it */
    size_t reference_count, print_count;
    size_t added_count; /**< import: references that are new in the store */
    size_t there_count; /**< import: references that were there with the same print */
    size_t
        differ_count; /**< of those: what is recorded of them differs; the store's record stays */
    char **
        differences; /**< [differ_count] "name: publisher here \"a\", in the pack \"b\"", escaped */
};

/** NULL is fine. */
SVA_API void sva_refpack_done(struct sva_refpack *pack);

struct sva_refpack_options {
    const char *as_of;        /**< day YYYY-MM-DD: of the pack, or of adding */
    const char *const *names; /**< export: references to take, every version of each */
    size_t name_count;        /**< 0: all */
    struct sva_progress progress;
};

/**
 * Writes a pack: temporary name, rename. Every print is decoded on the way. Errors: NOT_FOUND (no
 * reference of a name), NOTHING (an empty store), CORRUPT (a print of the store), CONFLICT (the
 * store changed meanwhile), IO, MEMORY, CANCELLED.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refpack_export(struct sva_refstore *store,
                                                          const char *path,
                                                          const struct sva_refpack_options *options,
                                                          struct sva_refpack *pack,
                                                          struct sva_error *error);

/**
 * Reads a pack in whole: whatever would keep a store without references from taking it in is found
 * here. Errors: IO, CORRUPT (not a pack, cut, a print missing, too many, changed, or that does not
 * decode; or the manifest does not say what a print says), LIMIT, UNSUPPORTED (a newer version),
 * USAGE (a record that sva_refstore_add() refuses), MEMORY, CANCELLED.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refpack_verify(const char *path,
                                                          const struct sva_progress *progress,
                                                          struct sva_refpack *pack,
                                                          struct sva_error *error);

/**
 * Takes a pack into a store, all of it or nothing: one transaction. A reference that is there with
 * the same print stays as it is. Errors: those of sva_refpack_verify(); CONFLICT (names are there
 * with other prints: the text names them).
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refpack_import(struct sva_refstore *store,
                                                          const char *path,
                                                          const struct sva_refpack_options *options,
                                                          struct sva_refpack *pack,
                                                          struct sva_error *error);

#endif

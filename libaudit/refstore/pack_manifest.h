/* SPDX-License-Identifier: Apache-2.0 */
/** The manifest of a reference pack: JSON with strict keys. */
#ifndef SVA_REFSTORE_PACK_MANIFEST_H
#define SVA_REFSTORE_PACK_MANIFEST_H

#include <sovaudit/refpack.h>

#include "base/cursor.h"
#include "base/memory.h"

enum { SVA_PACK_VERSION = 1, SVA_PACK_FILES_MAX = 100000 };

/** A weight file that a print was made from. */
struct sva_pack_file {
    const char *path;
    uint64_t bytes;
    uint8_t sha256[SVA_DIGEST_BYTES];
};

/** One reference. Texts are never NULL. */
struct sva_pack_reference {
    const char *name, *version, *publisher, *licence, *released, *derived_from, *source, *removed;
    uint64_t print_bytes;                   /**< of its file in the pack */
    uint8_t print_sha256[SVA_DIGEST_BYTES]; /**< of the same */
    uint8_t print_digest[SVA_DIGEST_BYTES]; /**< sva_print.digest */
    uint64_t method, parameters, weight_bytes;
    size_t file_count;
    struct sva_pack_file *files; /**< owned */
};

struct sva_pack_manifest {
    const char *created, *tool;
    size_t count;
    struct sva_pack_reference *references; /**< owned; by name and version */
    size_t capacity;
    struct sva_arena arena; /**< every text */
};

/** Safe on a zeroed one. */
void sva_pack_manifest_done(struct sva_pack_manifest *manifest);

/** A zeroed slot at the end, or NULL when there is no memory. */
struct sva_pack_reference *sva_pack_manifest_add(struct sva_pack_manifest *manifest);

/** Fills in what a print says of itself. MEMORY. */
SVA_MUST_CHECK enum sva_status sva_pack_describe(struct sva_pack_reference *reference,
                                                 const struct sva_print *print,
                                                 struct sva_arena *arena, struct sva_error *error);

/** The same manifest gives the same bytes; out->failed when there is no memory. */
void sva_pack_manifest_write(const struct sva_pack_manifest *manifest, struct sva_bytes *out);

/**
 * Reads `bytes`, called `what` (escaped) in errors. Errors: CORRUPT (keys missing, unknown, twice,
 * of another kind; references not in order), LIMIT, UNSUPPORTED (a newer version), MEMORY. On
 * failure the manifest is empty.
 */
SVA_MUST_CHECK enum sva_status sva_pack_manifest_parse(struct sva_span bytes, const char *what,
                                                       struct sva_pack_manifest *manifest,
                                                       struct sva_error *error);

/**
 * The references by their print's SHA-256; those of one print follow each other. New array,
 * sva_free(). CORRUPT when two say different things of one print.
 */
SVA_MUST_CHECK enum sva_status sva_pack_order(const struct sva_pack_manifest *manifest,
                                              const char *what,
                                              const struct sva_pack_reference ***order,
                                              size_t *print_count, struct sva_error *error);

/**
 * The file SHA256SUMS of a pack: of `manifest`, the bytes of manifest.json, then of every print.
 * out->failed when there is no memory.
 */
void sva_pack_sums(struct sva_span manifest, const struct sva_pack_reference *const *order,
                   size_t count, struct sva_bytes *out);

/** "prints/" and the SHA-256 and ".svp". */
struct sva_pack_name {
    char text[80];
};
struct sva_pack_name sva_pack_print_name(const struct sva_pack_reference *reference);

#endif

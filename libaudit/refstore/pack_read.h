/* SPDX-License-Identifier: Apache-2.0 */
/** Walks through a reference pack under limits; what is done with the prints is a visitor's. */
#ifndef SVA_REFSTORE_PACK_READ_H
#define SVA_REFSTORE_PACK_READ_H

#include "base/file.h"
#include "refstore/pack_manifest.h"

struct sva_pack_visitor {
    void *context;
    /** Once, before the first print. NULL: nothing. */
    enum sva_status (*begin)(void *context, const struct sva_pack_manifest *manifest,
                             struct sva_error *error);
    /** Once for each print: its file, and the `count` references that have it. NULL: nothing. */
    enum sva_status (*print)(void *context, const struct sva_pack_reference *const *references,
                             size_t count, struct sva_span bytes, struct sva_error *error);
};

/**
 * Reads the pack: the manifest, then exactly the prints that it lists, each of the size and the
 * SHA-256 that it says. At most one print is in memory. `pack` gets the counts, the day and the
 * tool. Errors: those of sva_refpack_verify(), and the visitor's.
 */
SVA_MUST_CHECK enum sva_status sva_pack_read(const struct sva_input *input,
                                             const struct sva_progress *progress,
                                             const struct sva_pack_visitor *visitor,
                                             struct sva_refpack *pack, struct sva_error *error);

#endif

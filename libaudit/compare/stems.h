/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A print's tensors by their names, for look-ups by bisection: those that share all but the last
 * part of a name ("layers.3.mlp."), and those whose name is put together of two.
 */
#ifndef SVA_COMPARE_STEMS_H
#define SVA_COMPARE_STEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sovaudit/print.h>

/** Last part of a name, behind '.' or '/'. */
const char *sva_last_part(const char *name);

/** Bytes of a name before its last part, '.' or '/' included. */
size_t sva_stem_bytes(const char *name);

struct sva_stems {
    const struct sva_print *print;
    uint32_t *by_stem; /**< indices of tensors by stem, then index */
    uint32_t *by_name; /**< by name, then index */
};

/** A run of tensors, in their order in the print. */
struct sva_stem_run {
    const uint32_t *indices;
    size_t count;
};

/** False: out of memory; sva_stems_done() is still safe. */
bool sva_stems_init(struct sva_stems *stems, const struct sva_print *print);
void sva_stems_done(struct sva_stems *stems);

/** The tensors whose stem is that of `name`. */
struct sva_stem_run sva_same_stem(const struct sva_stems *stems, const char *name);

/** The tensors whose name is the first `stem` bytes of `before`, then `part`. */
struct sva_stem_run sva_named(const struct sva_stems *stems, const char *before, size_t stem,
                              const char *part);

#endif

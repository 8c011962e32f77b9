/* SPDX-License-Identifier: Apache-2.0 */
/** Ownership of a print's memory, shared by the maker and the codec. */
#ifndef SVA_FINGERPRINT_PRINT_INTERNAL_H
#define SVA_FINGERPRINT_PRINT_INTERNAL_H

#include <sovaudit/print.h>

#include "base/memory.h"

/** Names, facts and lists live in the arena; each tensor owns its arrays. */
struct sva_print_memory {
    struct sva_arena arena;
    struct sva_print_tensor *tensors;
    bool exhausted; /**< an allocation failed while decoding */
};

/** A zeroed print with its memory, or NULL. */
struct sva_print *sva_print_new(void);

static inline struct sva_print_memory *sva_print_memory_of(struct sva_print *print)
{
    return print->internal;
}

/** Gives the print `count` zeroed tensors. False when out of memory. */
bool sva_print_reserve_tensors(struct sva_print *print, size_t count);

/** Sets `digest` from the canonical encoding. */
SVA_MUST_CHECK enum sva_status sva_print_seal(struct sva_print *print, struct sva_error *error);

#endif

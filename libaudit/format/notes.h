/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Findings of one file, at most one per code, so that a hostile file cannot make the list grow:
 * what occurs often is counted (struct sva_tally) and told in one sentence. Texts live in an arena.
 */
#ifndef SVA_FORMAT_NOTES_H
#define SVA_FORMAT_NOTES_H

#include <sovaudit/model.h>

#include "base/memory.h"
#include "base/text.h"

enum { SVA_NOTES_MOST = 32 };

struct sva_notes {
    struct sva_finding items[SVA_NOTES_MOST];
    size_t count;
    bool failed; /**< out of memory, or more codes than SVA_NOTES_MOST */
};

/** Adds a finding; `code` is static. A failure marks `notes`. */
void sva_notes_add(struct sva_notes *notes, struct sva_arena *arena, const char *code,
                   const char *format, ...) SVA_PRINTF(4, 5);

/** Copies the findings into the arena. NULL on failure, also on an earlier one. */
struct sva_finding *sva_notes_finish(const struct sva_notes *notes, struct sva_arena *arena);

/** How often something was seen, and where first. */
struct sva_tally {
    uint64_t count;
    uint64_t first_offset;
    struct sva_escaped first;
};

void sva_tally_add(struct sva_tally *tally, const char *text, size_t size, uint64_t offset);

#endif

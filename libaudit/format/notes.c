/* SPDX-License-Identifier: Apache-2.0 */
#include "format/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sva_notes_add(struct sva_notes *notes, struct sva_arena *arena, const char *code,
                   const char *format, ...)
{
    char text[768];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *const kept = sva_arena_strdup(arena, text);
    if (kept == NULL || notes->count == SVA_NOTES_MOST) {
        notes->failed = true;
        return;
    }
    notes->items[notes->count++] = (struct sva_finding){.code = code, .text = kept};
}

struct sva_finding *sva_notes_finish(const struct sva_notes *notes, struct sva_arena *arena)
{
    if (notes->failed) {
        return NULL;
    }
    struct sva_finding *const findings = sva_arena_alloc(arena, notes->count, sizeof *findings);
    if (findings != NULL) {
        memcpy(findings, notes->items, notes->count * sizeof *findings);
    }
    return findings;
}

void sva_tally_add(struct sva_tally *tally, const char *text, size_t size, uint64_t offset)
{
    if (tally->count++ == 0) {
        tally->first = sva_escn(text, size);
        tally->first_offset = offset;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "report/left_out.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

enum { NAMES_SHOWN = 3, REASONS = 5 };

static const struct reason {
    uint32_t bit;
    const char *id;
    enum sva_label label;
} REASON[REASONS] = {
    {SVA_INERT_UNREADABLE, "unreadable", SVA_LABEL_LEFT_UNREADABLE},
    {SVA_INERT_EMPTY, "empty", SVA_LABEL_LEFT_EMPTY},
    {SVA_INERT_CONSTANT, "constant", SVA_LABEL_LEFT_CONSTANT},
    {SVA_INERT_FORMULA, "formula", SVA_LABEL_LEFT_FORMULA},
    {SVA_INERT_LOW_ENTROPY, "low-entropy", SVA_LABEL_LEFT_LOW_ENTROPY},
};

static const struct reason *reason_of(const struct sva_print_tensor *tensor)
{
    for (size_t i = 0; i < REASONS; i++) {
        if ((tensor->inert & REASON[i].bit) != 0) {
            return &REASON[i];
        }
    }
    return NULL;
}

const char *sva_left_out_why(const struct sva_print_tensor *tensor)
{
    const struct reason *reason = reason_of(tensor);
    return reason != NULL ? reason->id : NULL;
}

/** What a component's left-out tensors come to. */
struct tally {
    uint64_t tensors, parameters;
    uint64_t by_reason[REASONS];
    const char *names[NAMES_SHOWN];
};

static struct tally count(const struct sva_print *print, uint32_t component)
{
    struct tally tally = {0};
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        const struct reason *reason = reason_of(tensor);
        if (tensor->component == component && reason != NULL) {
            if (tally.tensors < NAMES_SHOWN) {
                tally.names[tally.tensors] = tensor->name;
            }
            tally.tensors++;
            tally.parameters += tensor->element_count;
            tally.by_reason[reason - REASON]++;
        }
    }
    return tally;
}

static void list_reasons(const struct tally *tally, enum sva_lang lang, struct sva_bytes *out)
{
    const char *between = "";
    for (size_t i = 0; i < REASONS; i++) {
        if (tally->by_reason[i] > 0) {
            sva_bytes_printf(out, "%s%s: %" PRIu64, between, sva_label(lang, REASON[i].label),
                             tally->by_reason[i]);
            between = ", ";
        }
    }
}

static void list_names(const struct tally *tally, struct sva_bytes *out)
{
    for (size_t i = 0; i < NAMES_SHOWN && tally->names[i] != NULL; i++) {
        sva_bytes_printf(out, "%s%s", i > 0 ? ", " : "", sva_esc(tally->names[i]).text);
    }
    sva_bytes_text(out, tally->tensors > NAMES_SHOWN ? ", ..." : "");
}

const char *sva_left_out_sentence(struct sva_arena *arena, enum sva_lang lang,
                                  const struct sva_print *print, uint32_t component)
{
    const struct tally tally = count(print, component);
    if (tally.tensors == 0) {
        return "";
    }
    struct sva_bytes reasons = {.data = NULL};
    struct sva_bytes names = {.data = NULL};
    list_reasons(&tally, lang, &reasons);
    list_names(&tally, &names);
    const char *values[] = {sva_arena_printf(arena, "%" PRIu64, tally.tensors),
                            sva_arena_printf(arena, "%" PRIu64, tally.parameters),
                            sva_bytes_keep(&reasons, arena), sva_bytes_keep(&names, arena)};
    for (size_t i = 0; i < 4; i++) {
        if (values[i] == NULL) {
            return NULL;
        }
    }
    return sva_label_fill(arena, sva_label(lang, SVA_LABEL_SAY_LEFT_OUT), values, 4);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "report/mixture_sentence.h"

#include <math.h>

#include "base/text.h"
#include "report/columns.h"

/** The text in the making. */
struct draft {
    struct sva_arena *arena;
    enum sva_lang lang;
    const struct sva_audit *audit;
    const struct sva_audit_mixture *found;
    bool failed;
};

static const char *kept(struct draft *draft, const char *text)
{
    draft->failed = draft->failed || text == NULL;
    return text != NULL ? text : "";
}

static const char *fill(struct draft *draft, enum sva_label id, const char *const *values,
                        size_t count)
{
    return kept(draft,
                sva_label_fill(draft->arena, sva_label(draft->lang, id), values, count));
}

static const char *percent(struct draft *draft, double share, int decimals)
{
    return kept(draft, sva_columns_percent(draft->arena, share, decimals));
}

static const char *name_of(struct draft *draft, size_t parent)
{
    const size_t compared = draft->found->compared[parent];
    return kept(draft,
                sva_arena_strdup(draft->arena,
                                 sva_esc(draft->audit->compared[compared].reference.name).text));
}

static const char *joined(struct draft *draft, const char *list, const char *between,
                          const char *next)
{
    return list[0] == '\0'
               ? next
               : kept(draft, sva_arena_printf(draft->arena, "%s%s%s", list, between, next));
}

/** "60.0% A (± 0.1%) + 40.0% B (± 0.1%)". */
static const char *shares(struct draft *draft)
{
    const struct sva_mixture *mixture = draft->found->mixture;
    const char *list = "";
    for (size_t k = 0; k < mixture->parent_count; k++) {
        const struct sva_mixture_parent *parent = &mixture->parents[k];
        if (parent->state != SVA_PARENT_NEEDED) {
            continue;
        }
        const double error = ceil(parent->se * 1e3) / 1e3; /* a rounded-off error would flatter */
        const char *values[] = {percent(draft, parent->coefficient, 1), name_of(draft, k),
                                percent(draft, error, 1)};
        list = joined(draft, list, " + ", fill(draft, SVA_LABEL_MIX_SHARE, values, 3));
    }
    return list;
}

/** Names of all parents in one state, "" when there are none. */
static const char *names(struct draft *draft, enum sva_parent_state state)
{
    const char *list = "";
    for (size_t k = 0; k < draft->found->mixture->parent_count; k++) {
        if (draft->found->mixture->parents[k].state == state) {
            list = joined(draft, list, ", ", name_of(draft, k));
        }
    }
    return list;
}

static const char *count(struct draft *draft, size_t number)
{
    return kept(draft, sva_arena_printf(draft->arena, "%zu", number));
}

static const char *span(struct draft *draft, int32_t first, int32_t last)
{
    return kept(draft, first == last ? sva_arena_printf(draft->arena, "%d", (int)first)
                                     : sva_arena_printf(draft->arena, "%d-%d", (int)first,
                                                        (int)last));
}

/** "layers 0-15 from A, layers 16-31 from B (its 8-23)". */
static const char *ranges(struct draft *draft)
{
    const struct sva_mixture *mixture = draft->found->mixture;
    const char *list = "";
    for (size_t i = 0; i < mixture->range_count; i++) {
        const struct sva_layer_range *range = &mixture->ranges[i];
        const int32_t theirs = range->parent_first + (range->last - range->first);
        const char *values[] = {span(draft, range->first, range->last),
                                name_of(draft, range->parent),
                                span(draft, range->parent_first, theirs)};
        const enum sva_label id = range->first == range->parent_first ? SVA_LABEL_MIX_RANGE
                                                                      : SVA_LABEL_MIX_RANGE_MOVED;
        list = joined(draft, list, ", ", fill(draft, id, values, 3));
    }
    return list;
}

static const char *main_sentence(struct draft *draft)
{
    const struct sva_mixture *mixture = draft->found->mixture;
    const char *values[] = {
        kept(draft, sva_arena_strdup(
                        draft->arena,
                        sva_esc(draft->audit->subject->components[mixture->component].name).text)),
        "", percent(draft, mixture->unexplained, 2), percent(draft, mixture->nearest, 2),
        percent(draft, mixture->rounding, 2)};
    switch (mixture->kind) {
    case SVA_MIXTURE_SINGLE:
        values[1] = names(draft, SVA_PARENT_NEEDED);
        return fill(draft, SVA_LABEL_MIX_SINGLE, values, 3);
    case SVA_MIXTURE_LINEAR:
        values[1] = shares(draft);
        return fill(draft, SVA_LABEL_MIX_LINEAR, values, 3);
    case SVA_MIXTURE_PASSTHROUGH:
        values[1] = ranges(draft);
        return fill(draft, SVA_LABEL_MIX_LAYERS, values, 3);
    case SVA_MIXTURE_UNDECIDED:
        values[1] = shares(draft);
        return fill(draft, SVA_LABEL_MIX_UNDECIDED, values, 5);
    case SVA_MIXTURE_OTHER:
        values[1] = shares(draft);
        return fill(draft, SVA_LABEL_MIX_OTHER, values, 4);
    default:
        return "";
    }
}

const char *sva_mixture_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_audit *audit, size_t index)
{
    struct draft draft = {
        .arena = arena, .lang = lang, .audit = audit, .found = &audit->mixtures[index]};
    const char *text = main_sentence(&draft);
    const enum sva_mixture_kind kind = draft.found->mixture->kind;
    const bool named =
        text[0] != '\0' && kind != SVA_MIXTURE_OTHER && kind != SVA_MIXTURE_UNDECIDED;
    const char *unneeded = named ? names(&draft, SVA_PARENT_UNNEEDED) : "";
    const char *alike = named ? names(&draft, SVA_PARENT_ALIKE) : "";
    if (unneeded[0] != '\0') {
        text = joined(&draft, text, " ", fill(&draft, SVA_LABEL_MIX_UNNEEDED, &unneeded, 1));
    }
    if (alike[0] != '\0') {
        text = joined(&draft, text, " ", fill(&draft, SVA_LABEL_MIX_ALIKE, &alike, 1));
    }
    if (text[0] != '\0' && draft.found->candidate_count > draft.found->mixture->parent_count) {
        const char *counts[] = {count(&draft, draft.found->mixture->parent_count),
                                count(&draft, draft.found->candidate_count)};
        text = joined(&draft, text, " ", fill(&draft, SVA_LABEL_MIX_CANDIDATES, counts, 2));
    }
    return draft.failed ? NULL : text;
}

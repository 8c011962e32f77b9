/* SPDX-License-Identifier: Apache-2.0 */
#include "report/baseline_text.h"

enum { ITEMS_SHOWN = 20 };

/** "T1.1 vision-encoder, reference: fail". */
static const char *name_of(struct sva_page *page, const struct sva_baseline_absent *result)
{
    const bool placed = result->component[0] != '\0';
    const bool referred = result->reference[0] != '\0';
    return sva_page_made(
        page, sva_arena_printf(&page->arena, "%s%s%s%s%s: %s", sva_page_escaped(page, result->rule),
                               placed ? " " : "", sva_page_escaped(page, result->component),
                               referred ? ", " : "", sva_page_escaped(page, result->reference),
                               sva_page_escaped(page, sva_word(page->lang, result->verdict))));
}

static void put_more(struct sva_page *page, size_t count)
{
    if (count > ITEMS_SHOWN) {
        const char *more = sva_page_number(page, count - ITEMS_SHOWN);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
}

static void put_new(struct sva_page *page, const struct sva_baseline_view *baseline)
{
    const struct sva_verdict *verdict = page->audit->verdict;
    size_t count = 0;
    for (size_t i = 0; i < baseline->state_count && i < verdict->result_count; i++) {
        const struct sva_rule_result *result = &verdict->results[i];
        const struct sva_baseline_absent named = {
            .rule = result->rule,
            .component = result->component,
            .reference = result->reference,
            .verdict = sva_rule_verdict_name(result->verdict),
        };
        if (baseline->states[i] == SVA_BASELINE_NEW && count++ < ITEMS_SHOWN) {
            const char *name = name_of(page, &named);
            sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_BASELINE_NEW, &name, 1));
        }
    }
    put_more(page, count);
}

void sva_text_baseline(struct sva_page *page)
{
    const struct sva_baseline_view *baseline = page->audit->baseline;
    if (baseline == NULL || page->audit->verdict == NULL) {
        return;
    }
    const char *values[] = {sva_page_escaped(page, baseline->path),
                            sva_page_escaped(page, baseline->as_of),
                            sva_page_number(page, baseline->new_count),
                            sva_page_number(page, baseline->updated_count),
                            sva_page_number(page, baseline->unchanged_count),
                            sva_page_number(page, baseline->absent_count)};
    sva_page_heading(page, SVA_LABEL_BASELINE);
    sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_BASELINE, values, 6));
    put_new(page, baseline);
    for (size_t i = 0; i < baseline->absent_count && i < ITEMS_SHOWN; i++) {
        const char *name = name_of(page, &baseline->absent[i]);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_BASELINE_GONE, &name, 1));
    }
    put_more(page, baseline->absent_count);
    if (baseline->gate) {
        sva_page_bullet(page, sva_page_label(page, SVA_LABEL_SAY_BASELINE_GATE));
    }
}

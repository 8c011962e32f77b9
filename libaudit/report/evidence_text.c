/* SPDX-License-Identifier: Apache-2.0 */
#include "report/evidence_text.h"

#include <string.h>

#include "base/text.h"
#include "judge/evidence_kinds.h"

enum { ITEMS_SHOWN = 20 };

const char *sva_text_effect(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    if (audit->pack == NULL) {
        return "";
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(audit->pack);
    const enum sva_effect effect = sva_rulepack_effect(info, audit->as_of);
    const char *date = effect == SVA_EFFECT_NOT_YET ? info->effective_from : info->effective_until;
    return effect == SVA_EFFECT_IN_FORCE
               ? ""
               : sva_page_fill(page,
                               effect == SVA_EFFECT_NOT_YET ? SVA_LABEL_PACK_NOT_YET
                                                            : SVA_LABEL_PACK_NO_LONGER,
                               &date, 1);
}

/* ---- the register ---- */

/* A kind by its name in the reader's language; unknown ones as they stand in the register. */
static const char *kind_word(struct sva_page *page, const char *name)
{
    enum sva_evidence_kind kind = SVA_KIND_OTHER;
    const bool korean = page->lang == SVA_LANG_KO && sva_evidence_kind_find(name, &kind);
    return korean ? sva_evidence_kind_get(kind)->ko : sva_page_escaped(page, name);
}

static const char *state_word(const struct sva_page *page, enum sva_document_state state)
{
    static const enum sva_label words[] = {SVA_LABEL_DOCUMENT_SOUND, SVA_LABEL_DOCUMENT_HASH_ONLY,
                                           SVA_LABEL_DOCUMENT_MISSING, SVA_LABEL_DOCUMENT_CHANGED,
                                           SVA_LABEL_DOCUMENT_MALFORMED};
    return sva_page_label(page, words[state]);
}

static void put_documents(struct sva_page *page, const struct sva_evidence *evidence)
{
    for (size_t i = 0; i < evidence->document_count && i < ITEMS_SHOWN; i++) {
        const struct sva_document *document = &evidence->documents[i];
        char digest[9];
        for (size_t k = 0; k < 4; k++) {
            static const char digits[] = "0123456789abcdef";
            digest[2 * k] = digits[document->sha256[k] >> 4];
            digest[2 * k + 1] = digits[document->sha256[k] & 15];
        }
        digest[8] = '\0';
        const char *values[] = {kind_word(page, document->kind),
                                document->path[0] != '\0'
                                    ? sva_page_escaped(page, document->path)
                                    : sva_page_label(page, SVA_LABEL_CONFIDENTIAL),
                                digest, state_word(page, document->state)};
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_DOCUMENT, values, 4));
    }
    if (evidence->document_count > ITEMS_SHOWN) {
        const char *more = sva_page_number(page, evidence->document_count - ITEMS_SHOWN);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
}

/* What is said of documents stands beside them; the rest is about files that are none. */
static void put_findings(struct sva_page *page, const struct sva_evidence *evidence)
{
    for (size_t i = 0; i < evidence->finding_count && i < ITEMS_SHOWN; i++) {
        const struct sva_finding *finding = &evidence->findings[i];
        const char *file = sva_page_escaped(page, finding->file);
        if (strcmp(finding->code, "evidence-unlisted") == 0) {
            sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_UNLISTED, &file, 1));
        } else if (strncmp(finding->code, "sign", strlen("sign")) == 0) {
            char words[1024];
            const char *text = sva_finding_words(page->lang, finding, words, sizeof words);
            sva_page_bullet(
                page, sva_page_made(page, sva_arena_printf(&page->arena, "%s: %s", file, text)));
        }
    }
}

/* Rules that the verdict leaves out because nobody handed in documents. */
static const char *uncounted_rules(struct sva_page *page)
{
    const struct sva_verdict *verdict = page->audit->verdict;
    struct sva_bytes list = {.data = NULL};
    const char *last = "";
    for (size_t i = 0; verdict != NULL && i < verdict->result_count; i++) {
        const struct sva_rule_result *result = &verdict->results[i];
        if (!result->counted && strcmp(last, result->rule) != 0) {
            sva_bytes_printf(&list, "%s%s", list.size > 0 ? ", " : "", sva_esc(result->rule).text);
            last = result->rule;
        }
    }
    return sva_page_made(page, sva_bytes_keep(&list, &page->arena));
}

void sva_text_evidence(struct sva_page *page)
{
    const struct sva_evidence *evidence = page->audit->evidence;
    const char *uncounted = uncounted_rules(page);
    if (evidence == NULL && uncounted[0] == '\0') {
        return;
    }
    sva_page_heading(page, SVA_LABEL_EVIDENCE);
    if (evidence == NULL) {
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_UNCOUNTED, &uncounted, 1));
        return;
    }
    put_documents(page, evidence);
    put_findings(page, evidence);
}

/* ---- waivers ---- */

const char *sva_text_waiver_of(struct sva_page *page, const struct sva_rule_result *result)
{
    if (result->waiver == NULL) {
        return "";
    }
    const char *values[] = {sva_page_escaped(page, result->waiver->approver),
                            result->waiver->expires, sva_word(page->lang, result->waiver->reason),
                            sva_page_escaped(page, result->waiver->text)};
    return sva_page_fill(page, SVA_LABEL_SAY_WAIVED, values, 4);
}

void sva_text_waivers(struct sva_page *page)
{
    static const enum sva_label words[] = {
        SVA_LABEL_WAIVER_USED,    SVA_LABEL_WAIVER_UNUSED,      SVA_LABEL_WAIVER_EXPIRED,
        SVA_LABEL_WAIVER_NOT_YET, SVA_LABEL_WAIVER_OTHER_MODEL, SVA_LABEL_WAIVER_UNKNOWN_RULE};
    const struct sva_waivers *waivers = page->audit->waivers;
    const struct sva_verdict *verdict = page->audit->verdict;
    if (waivers == NULL || verdict == NULL) {
        return;
    }
    sva_page_heading(page, SVA_LABEL_WAIVERS);
    for (size_t i = 0; i < waivers->count && i < ITEMS_SHOWN; i++) {
        const struct sva_waiver *waiver = &waivers->items[i];
        const char *values[] = {sva_page_escaped(page, waiver->rule),
                                sva_page_escaped(page, waiver->component),
                                sva_page_escaped(page, waiver->approver), waiver->expires,
                                sva_page_label(page, words[verdict->waiver_states[i]])};
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_WAIVER, values, 5));
    }
    if (waivers->count > ITEMS_SHOWN) {
        const char *more = sva_page_number(page, waivers->count - ITEMS_SHOWN);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
}

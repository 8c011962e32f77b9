/* SPDX-License-Identifier: Apache-2.0 */
/* What documents show: how many there are, what a person decided, what is missing. */
#include "base/korean.h"
#include "base/text.h"
#include "judge/wording_parts.h"

static size_t count_state(const struct sva_sentences *out, enum sva_document_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < out->documents->count; i++) {
        count += out->documents->items[i]->state == state ? 1 : 0;
    }
    return count;
}

static void word_judgement(struct sva_sentences *out)
{
    const struct sva_document *judgement = out->documents->judgement;
    if (judgement == NULL) {
        return;
    }
    const char *decision = judgement->decision;
    const struct sva_escaped judge = sva_esc(judgement->judge);
    const struct sva_escaped reasons = sva_esc(judgement->reasons);
    sva_say_blank(out);
    sva_bytes_printf(&out->en, "Judged by %s on %s: %s (%s).", judge.text, judgement->date,
                     decision, reasons.text);
    sva_bytes_printf(&out->ko, "판단 기록: %s, %s, %s(사유: %s).", judge.text, judgement->date,
                     sva_korean_word(decision), reasons.text);
}

static void word_trace(struct sva_sentences *out)
{
    const struct sva_document *trace = out->documents->trace;
    if (trace != NULL) {
        sva_say_blank(out);
        sva_bytes_printf(&out->en, "Trace report: initialisation and path %s, loss log %s.",
                         trace->trace_initialisation, trace->trace_loss_log);
        sva_bytes_printf(&out->ko, "학습 추적 보고서의 결과: 초기화와 학습 경로 %s, 손실 기록 %s.",
                         sva_korean_word(trace->trace_initialisation),
                         sva_korean_word(trace->trace_loss_log));
    }
}

void sva_word_documents(struct sva_sentences *out)
{
    const size_t sound = count_state(out, SVA_DOCUMENT_SOUND);
    const size_t unseen = count_state(out, SVA_DOCUMENT_HASH_ONLY);
    const size_t unsound = out->documents->count - sound - unseen;
    if (sound + unseen > 0) {
        sva_say_blank(out);
        sva_bytes_printf(&out->en, "Documents bound by hash: %zu.", sound + unseen);
        sva_bytes_printf(&out->ko, "해시로 고정된 제출 증빙: %zu건.", sound + unseen);
    }
    if (unseen > 0) {
        sva_say_blank(out);
        sva_bytes_printf(&out->en, "Of these %zu confidential, known by hash alone.", unseen);
        sva_bytes_printf(&out->ko, "그중 비공개 증빙 %zu건은 해시만 확인하였습니다.", unseen);
    }
    if (unsound > 0) {
        sva_say_blank(out);
        sva_bytes_printf(&out->en, "Documents missing, changed or malformed: %zu.", unsound);
        sva_bytes_printf(&out->ko, "없거나 변경되었거나 형식이 맞지 않는 증빙: %zu건.", unsound);
    }
    word_trace(out);
    word_judgement(out);
}

void sva_word_missing(struct sva_sentences *out)
{
    const struct sva_rule_documents *documents = out->documents;
    if (documents->missing_count == 0) {
        if (out->en.size == 0) {
            sva_say(out, "No document and no judgement is recorded.",
                    "등록된 증빙이나 판단 기록이 없습니다.");
        }
        return;
    }
    sva_say(out, "Not handed in: ", "제출되지 않은 증빙: ");
    for (size_t i = 0; i < documents->missing_count; i++) {
        enum sva_evidence_kind kind = SVA_KIND_OTHER;
        const bool known = sva_evidence_kind_find(documents->missing[i], &kind);
        const struct sva_evidence_kind_info *info = sva_evidence_kind_get(kind);
        const char *comma = i > 0 ? ", " : "";
        sva_bytes_printf(&out->en, "%s%s", comma, known ? info->en : documents->missing[i]);
        sva_bytes_printf(&out->ko, "%s%s", comma, known ? info->ko : documents->missing[i]);
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

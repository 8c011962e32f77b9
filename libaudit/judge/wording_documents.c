/* SPDX-License-Identifier: Apache-2.0 */
/* What documents show: how many there are, what a person decided, what is missing. */
#include "base/hash.h"
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

/* clang-format off: it would pad lines of Hangul */
static const char *const signature_states[][2] = {
    [SVA_MANIFEST_VERIFIED] = {"it verifies, and every file of weights is as signed",
                               "서명이 확인되었고 모든 가중치 파일이 서명 당시와 같습니다"},
    [SVA_MANIFEST_UNVOUCHED] =
        {"not verified, for no key was given (--model-key) and the register declares none",
         "공개 키가 지정되지도(--model-key) 증빙 목록에 등록되지도 않아 확인하지 못했습니다"},
    [SVA_MANIFEST_INVALID] = {"no key that is vouched for made it over these bytes",
                              "제시된 키로 이 내용에 대해 만든 서명이 아닙니다"},
    [SVA_MANIFEST_WEIGHTS_DIFFER] = {"files of weights are not as signed or are missing",
                                     "서명 당시와 다르거나 없는 가중치 파일이 있습니다"},
    [SVA_MANIFEST_FILES_DIFFER] = {"files other than weights are not as signed or are missing",
                                   "가중치 외에 서명 당시와 다르거나 없는 파일이 있습니다"},
    [SVA_MANIFEST_INCOMPLETE] = {"it does not cover every file of weights",
                                 "서명 범위에 들지 않은 가중치 파일이 있습니다"},
    [SVA_MANIFEST_NOT_COMPARED] =
        {"it lists no digests by SHA-256 of whole files, so the files were not compared "
         "(\"sovaudit verify\" does it)",
         "파일 전체의 SHA-256 해시 목록이 아니어서 파일을 대조하지 않았습니다(sovaudit verify로 확인)"},
    [SVA_MANIFEST_UNSUPPORTED] = {"it is of a kind that is not read here",
                                  "이 도구가 읽지 않는 종류의 서명입니다"},
};
/* clang-format on */

/* Whose key it was, as far as anybody said. */
static void word_key(struct sva_sentences *out, const struct sva_signed_manifest *manifest)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    if (manifest->key_type[0] == '\0') {
        return;
    }
    sva_hex(manifest->key_fingerprint, SVA_DIGEST_BYTES, hex);
    if (manifest->key_given) {
        sva_bytes_printf(&out->en, " Key: the one that was given, fingerprint %s.", hex);
        sva_bytes_printf(&out->ko, " 키: 지정된 공개 키, 지문 %s.", hex);
    } else {
        const struct sva_escaped path = sva_esc(manifest->key_path);
        sva_bytes_printf(&out->en,
                         " Key: the one that the register itself declares (%s), fingerprint %s; "
                         "whose it is was not checked.",
                         path.text, hex);
        sva_bytes_printf(&out->ko,
                         " 키: 증빙 목록에 등록된 공개 키(%s), 지문 %s. 키의 소유자는 확인하지 "
                         "않았습니다.",
                         path.text, hex);
    }
}

static void word_counts(struct sva_sentences *out, const struct sva_signed_manifest *manifest)
{
    const struct {
        uint64_t count;
        const char *en, *ko;
    } lines[] = {
        {manifest->same - manifest->same_weights, "other files as signed",
         "서명 당시와 같은 그 밖의 파일"},
        {manifest->changed, "not as signed", "서명 당시와 다른 파일"},
        {manifest->missing, "signed and not there", "서명되었으나 없는 파일"},
        {manifest->uncompared, "not compared", "대조하지 않은 파일"},
        {manifest->unseen, "in folders that were not looked into", "확인하지 않은 폴더의 파일"},
        {manifest->unlisted, "not covered", "서명 범위 밖의 파일"},
    };
    if (manifest->weights == 0 && manifest->same == 0) {
        return;
    }
    sva_bytes_printf(&out->en, " Files of weights as signed: %llu of %llu",
                     (unsigned long long)manifest->same_weights,
                     (unsigned long long)manifest->weights);
    sva_bytes_printf(&out->ko, " 서명 당시와 같은 가중치 파일: %llu/%llu개",
                     (unsigned long long)manifest->same_weights,
                     (unsigned long long)manifest->weights);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (lines[i].count > 0) {
            sva_bytes_printf(&out->en, "; %s: %llu", lines[i].en,
                             (unsigned long long)lines[i].count);
            sva_bytes_printf(&out->ko, ", %s: %llu개", lines[i].ko,
                             (unsigned long long)lines[i].count);
        }
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

static void word_manifest(struct sva_sentences *out)
{
    const struct sva_signed_manifest *manifest = out->documents->manifest;
    if (manifest == NULL) {
        return;
    }
    const struct sva_escaped path = sva_esc(manifest->path);
    sva_say_blank(out);
    sva_bytes_printf(&out->en, "Signature of the files (%s): %s.", path.text,
                     signature_states[manifest->state][0]);
    sva_bytes_printf(&out->ko, "파일 서명(%s): %s.", path.text,
                     signature_states[manifest->state][1]);
    word_counts(out, manifest);
    word_key(out, manifest);
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
    word_manifest(out);
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

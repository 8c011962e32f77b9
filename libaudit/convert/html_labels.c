/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/html_labels.h"

#include <string.h>

#include "judge/evidence_kinds.h"

static const char *const TEXT[SVA_HTML_LABEL_COUNT][2] = {
#define X(id, en, ko) [SVA_HTML_##id] = {[SVA_LANG_EN] = en, [SVA_LANG_KO] = ko},
    SVA_HTML_LABELS(X)
#undef X
};

struct word {
    enum sva_html_words words;
    const char *value, *text[2]; /**< by enum sva_lang */
};

/* clang-format off */
static const struct word WORDS[] = {
    {SVA_WORDS_VERDICT, "pass", {"Pass", "적합"}},
    {SVA_WORDS_VERDICT, "fail", {"Fail", "부적합"}},
    {SVA_WORDS_VERDICT, "review", {"Review needed", "검토 필요"}},
    {SVA_WORDS_VERDICT, "incomplete", {"Incomplete", "미완료"}},
    {SVA_WORDS_VERDICT, "not-auditable", {"Not auditable", "감사 불가"}},
    {SVA_WORDS_VERDICT, "", {"Compared", "비교 결과"}},
    {SVA_WORDS_RULE, "pass", {"pass", "적합"}},
    {SVA_WORDS_RULE, "fail", {"fail", "부적합"}},
    {SVA_WORDS_RULE, "review", {"review", "검토 필요"}},
    {SVA_WORDS_RULE, "not-applicable", {"not applicable", "해당 없음"}},
    {SVA_WORDS_RULE, "not-checked", {"not checked", "미확인"}},
    {SVA_WORDS_RULE, "error", {"error", "오류"}},
    {SVA_WORDS_RULE, "informational", {"information", "참고"}},
    {SVA_WORDS_ANSWER, "identical", {"identical", "동일"}},
    {SVA_WORDS_ANSWER, "derived", {"derived", "파생"}},
    {SVA_WORDS_ANSWER, "shared-initialisation", {"shared start", "초기값 공유"}},
    {SVA_WORDS_ANSWER, "dependent-unexplained", {"unexplained", "경위 불명"}},
    {SVA_WORDS_ANSWER, "no-evidence", {"no evidence", "증거 없음"}},
    {SVA_WORDS_ANSWER, "not-comparable", {"not compared", "비교 불가"}},
    {SVA_WORDS_COMPONENT, "text-decoder", {"text decoder", "텍스트 디코더"}},
    {SVA_WORDS_COMPONENT, "text-encoder", {"text encoder", "텍스트 인코더"}},
    {SVA_WORDS_COMPONENT, "vision-encoder", {"vision encoder", "비전 인코더"}},
    {SVA_WORDS_COMPONENT, "audio-encoder", {"audio encoder", "오디오 인코더"}},
    {SVA_WORDS_COMPONENT, "projector", {"projector", "프로젝터"}},
    {SVA_WORDS_COMPONENT, "adapter", {"adapter", "어댑터"}},
    {SVA_WORDS_COMPONENT, "generic", {"other", "기타"}},
    {SVA_WORDS_DERIVATION, "copy", {"copy", "복사"}},
    {SVA_WORDS_DERIVATION, "re-typed-copy", {"copy in another number format", "수 형식만 바꾼 복사"}},
    {SVA_WORDS_DERIVATION, "quantised-copy", {"quantised copy", "양자화한 복사"}},
    {SVA_WORDS_DERIVATION, "sampled-copy", {"copy, as far as it was read", "복사(읽은 범위)"}},
    {SVA_WORDS_DERIVATION, "partial-copy", {"partial copy", "일부 복사"}},
    {SVA_WORDS_DERIVATION, "quantised-derivative", {"quantised derivative", "양자화한 파생"}},
    {SVA_WORDS_DERIVATION, "merged", {"merged", "모델 혼합"}},
    {SVA_WORDS_DERIVATION, "merged-adapter", {"merged adapter", "어댑터 병합"}},
    {SVA_WORDS_DERIVATION, "fine-tuned", {"fine-tuned", "미세조정"}},
    {SVA_WORDS_DERIVATION, "continued-pretraining", {"continued pre-training", "추가 사전학습"}},
    {SVA_WORDS_DERIVATION, "vocabulary-extended", {"vocabulary extended", "어휘 확장"}},
    {SVA_WORDS_DERIVATION, "vocabulary-rebuilt", {"vocabulary rebuilt", "어휘 교체"}},
    {SVA_WORDS_DERIVATION, "modified", {"modified", "수정"}},
    {SVA_WORDS_DERIVATION, "disguised-copy", {"disguised copy", "위장한 복사"}},
    {SVA_WORDS_DERIVATION, "disguised-derivative", {"disguised derivative", "위장한 파생"}},
    {SVA_WORDS_DERIVATION, "up-scaled", {"layers up-scaled", "계층 확장(반복)"}},
    {SVA_WORDS_DERIVATION, "interleaved", {"layers interleaved", "계층 삽입"}},
    {SVA_WORDS_DERIVATION, "pruned", {"layers pruned", "계층 삭제"}},
    {SVA_WORDS_DERIVATION, "extended", {"layers extended", "계층 추가"}},
    {SVA_WORDS_DERIVATION, "rearranged", {"layers rearranged", "계층 재배열"}},
    {SVA_WORDS_P_LABEL, "exact", {"exact", "정확"}},
    {SVA_WORDS_P_LABEL, "bounded", {"bounded", "상한"}},
    {SVA_WORDS_P_LABEL, "asymptotic", {"asymptotic", "점근"}},
    {SVA_WORDS_P_LABEL, "empirical", {"empirically calibrated", "경험적 교정"}},
    {SVA_WORDS_DOCUMENT, "sound", {"as registered", "등록 내용과 일치"}},
    {SVA_WORDS_DOCUMENT, "hash-only", {"known by hash alone", "해시만 확인"}},
    {SVA_WORDS_DOCUMENT, "missing", {"missing", "문서 없음"}},
    {SVA_WORDS_DOCUMENT, "changed", {"changed since it was registered", "등록 이후 변경됨"}},
    {SVA_WORDS_DOCUMENT, "malformed", {"unusable", "형식 오류"}},
    {SVA_WORDS_SIGNATURE, "verified", {"verified, weights as signed", "확인됨, 가중치 일치"}},
    {SVA_WORDS_SIGNATURE, "unvouched", {"not verified: no key is vouched for", "미확인(공개 키 없음)"}},
    {SVA_WORDS_SIGNATURE, "invalid", {"not made by that key", "해당 키의 서명이 아님"}},
    {SVA_WORDS_SIGNATURE, "weights-differ", {"weights differ or are missing", "가중치 불일치 또는 누락"}},
    {SVA_WORDS_SIGNATURE, "files-differ", {"other files differ or are missing", "그 밖의 파일 불일치 또는 누락"}},
    {SVA_WORDS_SIGNATURE, "incomplete", {"does not cover all weights", "일부 가중치가 서명 범위 밖"}},
    {SVA_WORDS_SIGNATURE, "not-compared", {"files not compared", "파일 대조 안 함"}},
    {SVA_WORDS_SIGNATURE, "unsupported", {"of a kind that is not read here", "읽지 않는 종류의 서명"}},
    {SVA_WORDS_WAIVER, "used", {"used", "적용됨"}},
    {SVA_WORDS_WAIVER, "unused", {"unused, nothing to waive", "적용 대상 없음"}},
    {SVA_WORDS_WAIVER, "expired", {"expired", "유효기간 만료"}},
    {SVA_WORDS_WAIVER, "not-yet-valid", {"not yet valid", "아직 유효하지 않음"}},
    {SVA_WORDS_WAIVER, "other-model", {"for another model", "다른 모델에 대한 면제"}},
    {SVA_WORDS_WAIVER, "unknown-rule", {"unknown criterion", "알 수 없는 기준"}},
    {SVA_WORDS_WAIVER_REASON, "own-weights", {"own weights", "자체 가중치"}},
    {SVA_WORDS_WAIVER_REASON, "licensed-component", {"licensed component", "이용 허락을 받은 구성요소"}},
    {SVA_WORDS_WAIVER_REASON, "false-match", {"false match", "잘못된 일치"}},
    {SVA_WORDS_WAIVER_REASON, "accepted-risk", {"accepted risk", "위험 수용"}},
    {SVA_WORDS_WAIVER_REASON, "pending-evidence", {"pending evidence", "증빙 제출 예정"}},
    {SVA_WORDS_WAIVER_REASON, "out-of-scope", {"out of scope", "심사 범위 밖"}},
    {SVA_WORDS_WAIVER_REASON, "judged-elsewhere", {"judged elsewhere", "다른 절차에서 판단"}},
    {SVA_WORDS_MIXTURE, "single", {"one reference is enough", "참조 모델 하나로 충분"}},
    {SVA_WORDS_MIXTURE, "linear", {"several references, added", "여러 참조 모델의 합"}},
    {SVA_WORDS_MIXTURE, "passthrough", {"layers of one, then of another", "참조 모델별 계층 조합"}},
    {SVA_WORDS_MIXTURE, "undecided", {"hidden by the rounding of the format", "저장 형식의 반올림에 가려짐"}},
    {SVA_WORDS_MIXTURE, "not-linear", {"not a linear mixture of these", "선형 혼합이 아님"}},
    {SVA_WORDS_MIXTURE, "none", {"too little in common to fit", "공통 부분이 적어 추정 불가"}},
    {SVA_WORDS_PARENT, "needed", {"needed", "필요"}},
    {SVA_WORDS_PARENT, "unneeded", {"not needed", "불필요"}},
    {SVA_WORDS_PARENT, "indistinguishable", {"not to be told apart", "구별되지 않음"}},
    {SVA_WORDS_LINEAGE, "same", {"the same vocabulary", "동일한 어휘"}},
    {SVA_WORDS_LINEAGE, "extended", {"one holds all of the other", "한쪽이 다른 쪽을 모두 포함"}},
    {SVA_WORDS_LINEAGE, "shared-source", {"of one source", "같은 출처"}},
    {SVA_WORDS_LINEAGE, "overlapping", {"overlapping, no sign of one source", "일부 겹침(같은 출처라는 근거 없음)"}},
    {SVA_WORDS_LINEAGE, "unrelated", {"unrelated", "무관"}},
    {SVA_WORDS_BECAUSE, "own", {"the subject's own", "감사 대상 자체"}},
    {SVA_WORDS_BECAUSE, "declared", {"of a declared base", "기재된 기반 모델"}},
    {SVA_WORDS_BECAUSE, "matched", {"its weights depend on it", "가중치 의존성 관찰"}},
    {SVA_WORDS_CLAUSE, "derivative", {"terms passed on to derivatives", "파생물에 조건 승계"}},
    {SVA_WORDS_CLAUSE, "field-of-use", {"field of use", "사용 분야 제한"}},
    {SVA_WORDS_CLAUSE, "jurisdiction", {"territory", "지역 제한"}},
    {SVA_WORDS_CLAUSE, "naming", {"naming", "명칭 표시 의무"}},
    {SVA_WORDS_CLAUSE, "non-commercial", {"non-commercial", "비상업적 이용 한정"}},
    {SVA_WORDS_CLAUSE, "output", {"use of outputs", "출력물 이용 제한"}},
    {SVA_WORDS_CLAUSE, "revocation", {"revocation", "이용 허락 철회"}},
    {SVA_WORDS_CLAUSE, "user-count", {"number of users", "이용자 수 제한"}},
    {SVA_WORDS_CLAUSE, "licence-copy", {"a copy of the licence", "라이선스 사본 첨부"}},
    {SVA_WORDS_CLAUSE, "notice", {"notices", "고지문 표시"}},
    {SVA_WORDS_CLAUSE, "state-changes", {"changes stated", "변경 사항 명시"}},
    {SVA_WORDS_LEFT_OUT, "unreadable", {"values not decoded", "값을 해독하지 못함"}},
    {SVA_WORDS_LEFT_OUT, "empty", {"empty", "비어 있음"}},
    {SVA_WORDS_LEFT_OUT, "constant", {"constant", "상수"}},
    {SVA_WORDS_LEFT_OUT, "formula", {"computed by a formula", "공식으로 계산됨"}},
    {SVA_WORDS_LEFT_OUT, "low-entropy", {"too little variety", "값의 다양성이 부족함"}},
    {SVA_WORDS_ITEM, "file", {"file", "파일"}},
    {SVA_WORDS_ITEM, "tensor", {"tensor", "텐서"}},
    {SVA_WORDS_DECISION, "accepted", {"accepted", "인정"}},
    {SVA_WORDS_DECISION, "rejected", {"rejected", "불인정"}},
    {SVA_WORDS_DECISION, "review", {"review", "검토 필요"}},
    {SVA_WORDS_KNOWN, "file", {"file", "파일"}},
    {SVA_WORDS_KNOWN, "chat-template", {"chat template", "대화 템플릿"}},
    {SVA_WORDS_KNOWN, "architecture", {"architecture", "아키텍처"}},
    {SVA_WORDS_KNOWN, "vocabulary", {"vocabulary", "어휘"}},
    {SVA_WORDS_KNOWN, "licence-text", {"text of the licence", "라이선스 원문"}},
    {SVA_WORDS_WHERE, "model-card", {"model card", "모델 카드"}},
    {SVA_WORDS_WHERE, "config", {"configuration", "설정"}},
    {SVA_WORDS_WHERE, "adapter-config", {"configuration of the adapter", "어댑터 설정"}},
    {SVA_WORDS_WHERE, "weight-file", {"weight file", "가중치 파일"}},
    {SVA_WORDS_WHERE, "merge-recipe", {"merge recipe", "모델 혼합 명세"}},
    {SVA_WORDS_WHERE, "notice", {"notice", "고지문"}},
    {SVA_WORDS_WHERE, "licence", {"licence", "라이선스"}},
    {SVA_WORDS_WHERE, "prose", {"running text", "본문"}},
    {SVA_WORDS_CLAIM, "observed", {"observed", "의존성 관찰됨"}},
    {SVA_WORDS_CLAIM, "not-observed", {"not observed", "관찰되지 않음"}},
    {SVA_WORDS_CLAIM, "not-comparable", {"not comparable", "비교 불가"}},
    {SVA_WORDS_CLAIM, "no-reference", {"not compared", "참조 모델 없음"}},
    {SVA_WORDS_NAME_LEVEL, "none", {"no name fits", "이름이 대응하지 않음"}},
    {SVA_WORDS_NAME_LEVEL, "family", {"same family", "같은 계열"}},
    {SVA_WORDS_NAME_LEVEL, "variant", {"another variant of the name", "이름의 변형"}},
    {SVA_WORDS_NAME_LEVEL, "other-organisation", {"same name, another organisation", "이름은 같고 기관이 다름"}},
    {SVA_WORDS_NAME_LEVEL, "name", {"same name", "같은 이름"}},
    {SVA_WORDS_NAME_LEVEL, "exact", {"same organisation and name", "기관과 이름이 같음"}},
    {SVA_WORDS_BASELINE, "new", {"new", "신규"}},
    {SVA_WORDS_BASELINE, "unchanged", {"unchanged", "변동 없음"}},
    {SVA_WORDS_BASELINE, "updated", {"changed for the better", "완화"}},
    {SVA_WORDS_TRACE, "accepted", {"Accepted", "인정"}},
    {SVA_WORDS_TRACE, "review", {"Review needed", "검토 필요"}},
    {SVA_WORDS_TRACE, "refused", {"Refused", "불인정"}},
    {SVA_WORDS_TRACE, "not-checked", {"Not checked", "미확인"}},
    {SVA_WORDS_TRACE, "note", {"note", "참고"}},
    {SVA_WORDS_LINK, "descends", {"descends", "이어짐"}},
    {SVA_WORDS_LINK, "from-start", {"trained from this start", "초기값에서 학습됨"}},
    {SVA_WORDS_LINK, "unexplained", {"unexplained", "경위 불명"}},
    {SVA_WORDS_LINK, "broken", {"broken", "끊김"}},
    {SVA_WORDS_MISC, "self", {"self against self", "자기 자신과 비교"}},
    {SVA_WORDS_MISC, "shuffled", {"shuffled reference", "뒤섞은 참조 모델과 비교"}},
    {SVA_WORDS_MISC, "samples", {"samples", "표본 값"}},
    {SVA_WORDS_MISC, "all-fingerprints", {"whole files", "파일 전체"}},
    {SVA_WORDS_MISC, "weights", {"every element", "모든 값"}},
    {SVA_WORDS_MISC, "draft", {"draft", "초안"}},
    {SVA_WORDS_MISC, "superseded", {"superseded", "대체됨"}},
    {SVA_WORDS_MISC, "gate", {"gate", "심사·배포"}},
    {SVA_WORDS_MISC, "evaluation", {"evaluation", "평가"}},
    {SVA_WORDS_MISC, "advisory", {"advisory", "자문"}},
    {SVA_WORDS_MISC, "residual-stream", {"residual stream renumbered, sign-flipped or rotated", "잔차 스트림의 번호·부호 변경 또는 회전"}},
    {SVA_WORDS_MISC, "residual-stream-and-neurons",
     {"residual stream and neurons renumbered or rotated; empirical evidence", "잔차 스트림과 뉴런의 번호 변경 또는 회전(경험적 증거)"}},
};
/* clang-format on */

const char *sva_html_label(enum sva_lang lang, enum sva_html_label label)
{
    return TEXT[label][lang == SVA_LANG_KO ? SVA_LANG_KO : SVA_LANG_EN];
}

const char *sva_html_word(enum sva_lang lang, enum sva_html_words words, const char *value)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (WORDS[i].words == words && strcmp(WORDS[i].value, value) == 0) {
            return WORDS[i].text[lang == SVA_LANG_KO ? SVA_LANG_KO : SVA_LANG_EN];
        }
    }
    enum sva_evidence_kind kind;
    if (words == SVA_WORDS_DOCUMENT && sva_evidence_kind_find(value, &kind)) {
        const struct sva_evidence_kind_info *info = sva_evidence_kind_get(kind);
        return lang == SVA_LANG_KO ? info->ko : info->en;
    }
    return sva_word(lang, value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Every word of the text report in English and Korean, in one table of two
 * columns. A language is added by adding a column. Placeholders are written
 * {0}, {1} and filled by sva_label_fill(), never by printf.
 */
#ifndef SVA_REPORT_LABELS_H
#define SVA_REPORT_LABELS_H

#include <sovaudit/report.h>

#include "base/memory.h"

#define SVA_LABELS(X)                                                                              \
    X(VERDICT_PASS, "PASS", "적합")                                                                  \
    X(VERDICT_FAIL, "FAIL", "부적합")                                                                 \
    X(VERDICT_REVIEW, "REVIEW NEEDED", "검토 필요")                                                    \
    X(VERDICT_INCOMPLETE, "INCOMPLETE", "미완료")                                                     \
    X(VERDICT_NOT_AUDITABLE, "NOT AUDITABLE", "감사 불가")                                             \
    X(COMPARED_ONLY, "COMPARED", "비교 결과")                                                          \
    X(SAY_PASS, "No criterion failed against the references tested.", \
      "비교한 참조 모델의 범위에서 부적합으로 판정된 기준이 없습니다.") \
    X(SAY_FAIL_IN, "Criterion {0} is not met: {1}.", "기준 {0}을(를) 충족하지 못하였습니다: {1}.") \
    X(SAY_FAIL_MATCH, "Criterion {0} is not met: {1} matches {2}.", \
      "기준 {0}을(를) 충족하지 못하였습니다. {1}에서 {2}와(과) 일치하는 점이 관찰되었습니다.") \
    X(SAY_FAIL, "Criterion {0} is not met.", "기준 {0}을(를) 충족하지 못하였습니다.") \
    X(SAY_REVIEW, "The tests alone cannot settle this; a person must look at the points below.", \
      "검정만으로는 판단할 수 없습니다. 아래 사항을 검토자가 확인하여야 합니다.") \
    X(SAY_INCOMPLETE, "The audit could not be finished; this is not a pass.", \
      "감사를 마치지 못하였습니다. 이 결과는 적합 판정이 아닙니다.") \
    X(SAY_NOT_AUDITABLE, "Nothing could be compared; this is not a pass.", \
      "비교할 수 있는 대상이 없었습니다. 이 결과는 적합 판정이 아닙니다.") \
    X(SAY_COMPARED, "Strongest answer of all components: {0}. No rules were applied.", \
      "구성요소 가운데 가장 강한 결과: {0}. 기준은 적용하지 않았습니다.") \
    X(SUBJECT, "Subject", "감사 대상") \
    X(DATE, "Date", "기준일")                                                                         \
    X(CRITERIA_PACK, "Criteria", "기준 묶음")                                                          \
    X(REFERENCES, "References", "참조 모델")                                                           \
    X(REFERENCES_TESTED, "{0} tested, newest released {1}", "{0}건과 비교, 최신 공개일 {1}")                \
    X(REFERENCES_UNDATED, "{0} tested, release dates unknown", "{0}건과 비교, 공개일 미상")                 \
    X(REFERENCES_NONE, "none", "없음")                                                               \
    X(EXCLUDED, "Left out", "제외") \
    X(EXCLUDED_ON_REQUEST, "on request: {0}", "요청에 따름: {0}")                                       \
    X(SIZE, "Size", "크기")                                                                          \
    X(SIZE_OF, "{0} parameters in {1} tensors, {2} of weights", \
      "매개변수 {0}, 텐서 {1}개, 가중치 {2}") \
    X(EXIT_CODE, "Exit code", "종료 코드")                                                             \
    X(COMPONENTS, "Components", "구성요소")                                                            \
    X(HEAD_RULE, "Rule", "기준") \
    X(HEAD_RESULT, "Result", "판정") \
    X(OPEN, "What keeps it from passing", "적합 판정을 받지 못한 사유") \
    X(TO_DO, "What to do", "필요한 조치") \
    X(SAY_OUTCOME, "{0}: {1} References: {2}. Exit code {3}.", \
      "{0}: {1} 참조 모델: {2}. 종료 코드 {3}.") \
    X(HEAD_COMPONENT, "Component", "구성요소")                                                         \
    X(HEAD_ANSWER, "Answer", "결과")                                                                 \
    X(HEAD_REFERENCE, "Reference", "참조 모델")                                                        \
    X(HEAD_RHO, "rho ± se", "rho ± se")                                                            \
    X(HEAD_LOG10_P, "log10 p", "log10 p")                                                          \
    X(HEAD_COVERAGE, "Agrees", "일치율")                                                              \
    X(ANSWER_IDENTICAL, "identical", "동일")                                                         \
    X(ANSWER_DERIVED, "derived", "파생")                                                             \
    X(ANSWER_SHARED_INITIALISATION, "shared start", "초기값 공유")                                      \
    X(ANSWER_DEPENDENT_UNEXPLAINED, "unexplained", "경위 불명") \
    X(ANSWER_NO_EVIDENCE, "no evidence", "증거 없음")                                                  \
    X(ANSWER_NOT_COMPARABLE, "not compared", "비교 불가")                                              \
    X(MATCHES, "What agrees", "일치하는 부분")                                                           \
    X(SAY_IDENTICAL, "{0} holds the same values as {1}.", "{0}의 값이 {1}의 값과 같습니다.")                 \
    X(SAY_DERIVED, "{0} is not independent of {1}; the common source may be a third model.", \
      "{0}의 가중치는 {1}의 가중치와 독립이 아닙니다. 공통의 출처가 제3의 모델일 수도 있습니다.") \
    X(SAY_SHARED_INITIALISATION,                                                                   \
      "{0} and {1} agree in their random start, not in what training wrote.", \
      "{0}와(과) {1}은(는) 무작위 초기값이 일치하나, 학습으로 얻은 값은 일치하지 않습니다.") \
    X(SAY_DEPENDENT_UNEXPLAINED, "{0} and {1} depend on each other; the tests do not say how.", \
      "{0}의 가중치와 {1}의 가중치 사이에 의존성이 있으나, 그 경위는 검정만으로 알 수 없습니다.") \
    X(SAY_MATCH_TENSORS, "Tensors that agree on their own: {0}, value for value: {1}.", \
      "개별 검정에서도 일치하는 텐서 {0}개, 그중 값까지 같은 텐서 {1}개.") \
    X(SAY_REQUANTISED, "Its matrices are the reference's, quantised as {0} ({1}).", \
      "행렬의 값은 참조 모델의 값을 {0} 형식으로 양자화한 값과 같습니다({1}).") \
    X(SAY_QUANTISED_COPY, "The component is a quantised copy.", "이 구성요소는 양자화된 사본입니다.") \
    X(SAY_QUANTISED_DERIVATIVE, "The component is quantised, and changed by more than that.", \
      "이 구성요소는 양자화되었으며, 양자화로 설명되는 것보다 크게 변경되었습니다.") \
    X(SAY_ROUNDED, "Its values lie {0} of the weights' size from the reference's ({2}); rounding " \
      "to the formats explains {1}.", \
      "값이 참조 모델의 값과 가중치 크기의 {0}만큼 차이가 나며({2}), 그중 저장 형식의 " \
      "반올림으로 설명되는 것은 {1}입니다.") \
    X(SAY_HIDDEN, "A change of up to {0} could hide in that.", \
      "이 차이에는 최대 {0}의 변경이 가려져 있을 수 있습니다.") \
    X(SAY_START_USED, "What training added to the step-0 checkpoint agrees by {0}.", \
      "학습이 0단계 체크포인트에 더한 변화의 일치도: {0}.") \
    X(SAY_START_UNUSED, "The step-0 checkpoint was not used: {0}.", "0단계 체크포인트를 사용하지 않음: {0}.") \
    X(START_NO_SUBJECT_WEIGHTS, "the subject's weights are not at hand", "감사 대상의 가중치가 없음") \
    X(START_NO_REFERENCE_WEIGHTS, "the reference's weights are not at hand", "참조 모델의 가중치가 없음") \
    X(START_NOT_RANDOM, "training has written to it", "이미 학습된 흔적이 있음") \
    X(START_NOT_THE_SUBJECTS, "the subject does not depend on it", \
      "감사 대상이 이 체크포인트에서 나왔다는 증거가 없음") \
    X(START_NOT_THE_REFERENCES, "the reference does not depend on it", "참조 모델이 이 체크포인트에서 나왔다는 증거가 없음") \
    X(START_NOT_COMPARABLE, "nothing of what training added could be tested", "학습이 더한 변화를 검정할 수 없음") \
    X(SAY_LAYERS_REPEATED, "Layers of the reference that appear more than once: {0}.", "두 번 이상 나타나는 참조 모델의 계층: {0}.") \
    X(SAY_LAYERS_ABSENT, "Layers of the reference that are absent: {0}.", "나타나지 않는 참조 모델의 계층: {0}.")      \
    X(SAY_LAYERS_UNMATCHED, "Layers that resemble none of the reference's: {0}.", "참조 모델의 어느 계층과도 닮지 않은 계층 수: {0}.") \
    X(SAY_LAYERS_MOVED, "Layers stand in another order than in the reference.", "계층의 순서가 참조 모델과 다릅니다.") \
    X(SAY_DISGUISED_STREAM,                                                                        \
      "Its hidden neurons stand to each other as the reference's do, its residual stream does not " \
      "agree: that stream was renumbered, sign-flipped or rotated.", \
      "은닉 뉴런 사이의 관계는 참조 모델과 같으나 잔차 스트림은 일치하지 않습니다. 잔차 " \
      "스트림의 순서나 부호가 바뀌었거나 회전된 상태입니다.") \
    X(SAY_DISGUISED_WHOLLY,                                                                        \
      "Its hidden neurons, once matched, stand to each other as the reference's do; neurons and "  \
      "residual stream were both renumbered or rotated. This evidence is empirical: no exact test " \
      "is left after matching.", \
      "은닉 뉴런을 짝지으면 뉴런 사이의 관계가 참조 모델과 같습니다. 뉴런과 잔차 스트림의 " \
      "순서가 모두 바뀌었거나 회전된 상태입니다. 짝지은 뒤에는 정확 검정을 할 수 없으므로 이는 " \
      "경험적 증거입니다.") \
    X(SAY_UNDONE, "Undone to see it: {0}.", "일치를 확인하기 위하여 되돌린 변환: {0}.") \
    X(SAY_UNDONE_ONE, "{0} ({1} tensors)", "{0}(텐서 {1}개)")                                         \
    X(SAY_APART, "Its values lie {0} of the weights' size from the reference's ({1}).", \
      "값이 참조 모델의 값과 가중치 크기의 {0}만큼 차이가 납니다({1}).") \
    X(BASIS_SAMPLES, "from samples; every element needs both models' weights", \
      "표본 값 기준이며, 모든 값을 비교하려면 두 모델의 가중치가 필요함") \
    X(BASIS_WEIGHTS, "every element", "모든 값 기준")                                                   \
    X(SAY_MATCH_FIRST, "First: {0}.", "예: {0}.")                                                   \
    X(SAY_RELEASED, "released {0}", "{0} 공개")                                                      \
    X(SAY_UNDATED, "release date unknown", "공개일 미상")                                               \
    X(MIX_LINEAR, "{0}, estimated as a mixture: {1}; {2} of the weights' size unexplained.", \
      "{0}의 혼합 추정: {1}, 가중치 크기의 {2}은(는) 설명되지 않음.") \
    X(MIX_SHARE, "{0} {1} (± {2})", "{1} {0} (± {2})") \
    X(MIX_SINGLE, "{0}, estimated as a mixture: {1} alone; {2} of the weights' size unexplained.", \
      "{0}의 혼합 추정: {1}만으로 충분함, 가중치 크기의 {2}은(는) 설명되지 않음.") \
    X(MIX_LAYERS, "{0}, estimated layer by layer: {1}; {2} of the weights' size unexplained.", \
      "{0}의 계층별 추정: {1}, 가중치 크기의 {2}은(는) 설명되지 않음.") \
    X(MIX_RANGE, "layers {0} from {1}", "계층 {0}: {1}") \
    X(MIX_RANGE_MOVED, "layers {0} from {1} (its {2})", "계층 {0}: {1}(원래 {2})") \
    X(MIX_OTHER, "{0} is not a linear mixture of the references it depends on: the closest, {1}, " \
      "leaves {2} of the weights' size, the nearest reference alone {3}.", \
      "{0}: 의존하는 참조 모델들의 선형 혼합이 아닙니다. 가장 가까운 혼합({1})과는 가중치 크기의 {2}, " \
      "가장 가까운 참조 모델과는 {3}만큼 다릅니다.") \
    X(MIX_UNDECIDED, "Whether {0} is a mixture of the references it depends on is hidden by its " \
      "format: rounding to it leaves {4} of the weights' size; the closest mixture, {1}, lies {2} " \
      "away, the nearest reference alone {3}.", \
      "{0}: 의존하는 참조 모델들의 혼합인지는 저장 형식의 반올림에 가려져 알 수 없습니다. 반올림만으로 가중치 크기의 " \
      "{4}만큼 달라지며, 가장 가까운 혼합({1})과는 {2}, 가장 가까운 참조 모델과는 {3}만큼 다릅니다.") \
    X(MIX_CANDIDATES, "Fitted were the {0} nearest of {1} references.", \
      "참조 모델 {1}건 가운데 가장 가까운 {0}건으로 추정했습니다.") \
    X(MIX_UNNEEDED, "Unneeded: {0}.", "혼합에 기여하지 않은 참조 모델: {0}.") \
    X(MIX_ALIKE, "Not to be told from those before it: {0}.", "앞의 참조 모델과 구별되지 않음: {0}.") \
    X(EXACT_HITS, "Found by digest in the store: {0} files, {1} tensors.", \
      "참조 저장소에서 다이제스트가 일치한 항목: 파일 {0}건, 텐서 {1}건.") \
    X(RULES, "Criteria", "기준별 판정")                                                                 \
    X(RULE_PASS, "pass", "적합")                                                                     \
    X(RULE_FAIL, "FAIL", "부적합")                                                                    \
    X(RULE_REVIEW, "review", "검토 필요") \
    X(RULE_NOT_APPLICABLE, "n/a", "해당 없음")                                                         \
    X(RULE_NOT_CHECKED, "unchecked", "미확인")                                                        \
    X(RULE_ERROR, "error", "오류")                                                                   \
    X(RULE_INFORMATIONAL, "info", "참고")                                                            \
    X(SAY_WAIVED, "Waived by {0} until {1} ({2}): {3}", "면제 승인: {0}, {1}까지 유효({2}): {3}") \
    X(PACK_NOT_YET, "not in force before {0}", "{0}부터 시행(현재 미시행)") \
    X(PACK_NO_LONGER, "no longer in force since {0}", "{0}에 효력 종료") \
    X(EVIDENCE, "Evidence register", "증빙 목록") \
    X(SAY_UNCOUNTED,                                                                                 \
      "No evidence register was handed in. Criteria that want documents were not checked "         \
      "and are left out of the verdict: {0}.", \
      "증빙 목록이 제출되지 않았습니다. 증빙이 필요한 기준은 확인하지 않았으며 종합 판정에 " \
      "반영하지 않았습니다: {0}.") \
    X(SAY_DOCUMENT, "{0}: {1} (sha256 {2}...): {3}", "{0}: {1} (sha256 {2}...): {3}") \
    X(CONFIDENTIAL, "confidential", "비공개") \
    X(DOCUMENT_SOUND, "as registered", "등록 내용과 일치") \
    X(DOCUMENT_HASH_ONLY, "known by hash alone", "해시만 확인") \
    X(DOCUMENT_MISSING, "MISSING", "문서 없음") \
    X(DOCUMENT_CHANGED, "CHANGED since it was registered", "등록 이후 변경됨") \
    X(DOCUMENT_MALFORMED, "UNUSABLE", "형식 오류") \
    X(SAY_UNLISTED, "{0}: lies among the documents and is not registered", "{0}: 증빙 문서와 함께 있으나 등록되지 않음") \
    X(BASELINE, "Since the earlier report", "이전 보고서와의 비교") \
    X(SAY_BASELINE, \
      "{0} of {1}: {2} new, {3} changed for the better, {4} unchanged, {5} gone", \
      "{0}({1}): 신규 {2}건, 완화 {3}건, 변동 없음 {4}건, 해소 {5}건") \
    X(SAY_BASELINE_NEW, "NEW: {0}", "신규: {0}") \
    X(SAY_BASELINE_GONE, "Gone: {0}", "해소: {0}") \
    X(SAY_BASELINE_GATE, "The exit code counts new results only.", "종료 코드는 신규 결과만 반영합니다.") \
    X(WAIVERS, "Waivers", "면제") \
    X(SAY_WAIVER, "{0} on {1}, approved by {2}, until {3}: {4}", "기준 {0}, 대상 {1}, 승인자 {2}, {3}까지: {4}") \
    X(WAIVER_USED, "used", "적용됨") \
    X(WAIVER_UNUSED, "UNUSED, nothing to waive", "적용 대상 없음") \
    X(WAIVER_EXPIRED, "EXPIRED", "유효기간 만료") \
    X(WAIVER_NOT_YET, "NOT YET VALID", "아직 유효하지 않음") \
    X(WAIVER_OTHER_MODEL, "FOR ANOTHER MODEL", "다른 모델에 대한 면제") \
    X(WAIVER_UNKNOWN_RULE, "UNKNOWN RULE", "알 수 없는 기준") \
    X(WAIVED, "(waived)", "(면제됨)")                                                                 \
    X(POWER, "What would have been seen", "검출력")                                                   \
    X(SAY_POWER,                                                                                   \
      "A reuse with rho >= {0} spread evenly over the tested tensors would have been seen with "   \
      "probability .999.", \
      "검정한 텐서 전체에 고르게 퍼진 rho {0} 이상의 재사용이 있었다면 확률 0.999로 검출되었을 " \
      "것입니다.") \
    X(SAY_POWER_NONE, "The tests had too little to go on to exclude any reuse.", \
      "검정에 쓸 값이 부족하여 어떠한 재사용도 배제할 수 없습니다.") \
    X(SAY_UNTESTED, "Not comparable with {0} of {1} references: no statement about those.", \
      "참조 모델 {1}건 중 {0}건과는 비교할 수 없었으며, 이에 관하여는 판단하지 않습니다.") \
    X(SAY_INERT, "{0} of its parameters are constants or formulas and say nothing either way.", \
      "매개변수의 {0}은(는) 상수이거나 수식으로 정해지는 값이어서 증거가 되지 않습니다.") \
    X(TOKENIZER, "Tokenizer", "토크나이저")                                                             \
    X(SAY_LINEAGE_SAME, "{0}: the same vocabulary", "{0}: 동일한 어휘")                                  \
    X(SAY_LINEAGE_EXTENDED,                                                                        \
      "{0}: one vocabulary holds all of the other, in its order or numbering",                     \
      "{0}: 한쪽 어휘가 다른 쪽 어휘 전체를 같은 순서 또는 번호로 포함")                                               \
    X(SAY_LINEAGE_SHARED_SOURCE, "{0}: vocabularies of one source, by their order or numbering",   \
      "{0}: 순서 또는 번호로 보아 출처가 같은 어휘")                                                             \
    X(SAY_LINEAGE_FIGURES,                                                                         \
      " (in common {0} of the smaller, same order of neighbours {1}, same ids {2})",               \
      " (작은 쪽의 {0} 공통, 이웃 순서 일치 {1}, 번호 일치 {2})")                                              \
    X(SAY_LINEAGE_NONE,                                                                            \
      "no source in common with the vocabularies of the references compared ({0}); tokens in "     \
      "common alone show none", \
      "참조 모델 {0}건의 어휘와는 출처가 같다는 근거가 없음(공통 토큰만으로는 근거가 되지 않음)") \
    X(CODE, "Shipped programs", "함께 제공된 프로그램") \
    X(SAY_CODE_ENTRIES, \
      "auto_map: {0} entries lead to files of the model, {1} to other repositories, {2} to files that " \
      "are not there", \
      "auto_map 항목: 모델에 포함된 파일 {0}건, 다른 저장소 {1}건, 파일을 찾을 수 없음 {2}건") \
    X(SAY_CODE_DOWNLOADS, "calls that fetch when run ({0}): {1}", "실행 시 외부에서 내려받는 호출 {0}건: {1}") \
    X(SAY_CODE_POSSIBLE, "calls that may fetch when run ({0}): {1}", \
      "실행 시 외부에서 내려받을 가능성이 있는 호출 {0}건: {1}") \
    X(SAY_CODE_MATCH, "{0} beside {1} of {2}: in common {3} of it as written, {4} with names alike{5}", \
      "{0}: 비교 대상은 {2}의 {1}, 원문 그대로 {3} 일치, 이름을 구분하지 않으면 {4} 일치{5}") \
    X(SAY_CODE_LINES, "; lines {0}-{1} as {2}-{3}", "; {0}-{1}행 = {2}-{3}행") \
    X(SAY_CODE_SAMPLES, " (from samples)", " (표본 기준)") \
    X(SAY_CODE_NONE, "no program has 30% or more in common with those of the references that bring any ({0})", \
      "프로그램이 있는 참조 {0}건과 30% 이상 일치하는 프로그램이 없음") \
    X(SAY_CODE_NOTE, "an observation: equal programs say nothing about where weights come from", \
      "관찰 사항이며, 프로그램이 같다는 사실만으로는 가중치의 출처를 알 수 없음") \
    X(CONTROLS, "Controls", "대조 시험")                                                               \
    X(SAY_CONTROLS, "self against self: {0} of {1} passed; shuffled reference: {2} of {3} passed", \
      "자기 자신과의 비교 {1}건 중 {0}건 통과, 순서를 뒤섞은 참조 모델과의 비교 {3}건 중 {2}건 " \
      "통과") \
    X(FINDINGS, "Findings", "확인 사항") \
    X(SAY_MORE, "... and {0} more in the JSON report", "... 그 밖의 {0}건은 JSON 보고서 참조") \
    X(LEFT_OUT, "Left out", "증거에서 제외한 텐서") \
    X(SAY_LEFT_OUT, "{0} tensors with {1} parameters carry no evidence ({2}): {3}",                 \
      "증거가 되지 않는 텐서 {0}개, 매개변수 {1}개({2}): {3}")                                             \
    X(LEFT_UNREADABLE, "values not decoded", "값을 해독하지 못함")                                      \
    X(LEFT_EMPTY, "empty", "비어 있음")                                                             \
    X(LEFT_CONSTANT, "constant", "상수")                                                           \
    X(LEFT_FORMULA, "computed by a formula", "수식으로 정해지는 값") \
    X(LEFT_LOW_ENTROPY, "too little variety", "값의 다양성이 부족함")                            \
    X(LIMITS, "Limits", "한계")                                                                      \
    X(LIMIT_FILES, "The result holds for the files listed and the references tested only: no "     \
      "match means no match with those.", \
      "이 결과는 보고서에 기재된 파일과 비교한 참조 모델에만 적용됩니다. 일치가 관찰되지 " \
      "않았다는 것은 그 참조 모델과 일치하지 않았다는 뜻일 뿐입니다.") \
    X(LIMIT_OUTPUTS, "Imitation of another model's outputs and training on text it wrote leave "   \
      "no trace that these tests see.", \
      "다른 모델의 출력을 모방하여 학습하거나 다른 모델이 작성한 글로 학습한 경우는 이 검정으로 " \
      "확인되지 않습니다.") \
    X(LIMIT_DISGUISE, "The power figures hold for undisguised reuse. Weights whose neurons and "   \
      "residual stream were both renumbered, and that were trained on, may escape this version.", \
      "검출력은 위장하지 않은 재사용을 전제로 합니다. 뉴런과 잔차 스트림의 순서를 모두 바꾼 뒤 " \
      "더 학습한 가중치는 이 버전에서 찾지 못할 수 있습니다.") \
    X(LIMIT_INTENT, "Statements are about dependence of weights, not about who copied from whom "  \
      "or why.", \
      "이 보고서는 가중치 사이의 의존성만을 다루며, 어느 쪽이 어느 쪽의 것을 사용하였는지와 그 " \
      "경위는 판단하지 않습니다.") \
    X(LIMIT_UNREAD, "Files that may hold weights and were not audited: {0}.",                      \
      "가중치가 들어 있을 수 있으나 감사하지 못한 파일: {0}건.")                                                        \
    X(READING, "Read", "읽은 범위") \
    X(READING_QUICK, "{0}% of {1} of tensors (--quick)", "텐서 {1} 중 {0}%(--quick)") \
    X(LIMIT_QUICK, "Weights of the subject or of a reference were read with --quick. Of tensors read in " \
      "part, equality of all values is not shown; weight files, and tensors read in part, are not " \
      "looked up by digest; the power figures are those of what was read.", \
      "감사 대상이나 참조 모델의 가중치를 --quick으로 읽었습니다. 일부만 읽은 텐서는 모든 값이 같은지 " \
      "확인하지 않았고, 가중치 파일과 일부만 읽은 텐서는 해시로 찾지 않았으며, 검출력은 읽은 범위를 기준으로 합니다.") \
    X(FACTS, "Facts database", "공개 정보 DB") \
    X(FACTS_VERSION, "{0} rows of {1} ({2})", "{1} 기준 {0}건({2})") \
    X(LICENCES, "Licences and known facts", "라이선스와 공개 정보") \
    X(LICENCE_OWN, "its own", "감사 대상의 라이선스") \
    X(LICENCE_DECLARED, "of the declared base {0}", "감사 대상이 밝힌 기반 모델 {0}의 라이선스") \
    X(LICENCE_MATCHED, "of {0}, which the weights depend on", \
      "가중치의 의존성이 관찰된 {0}의 라이선스") \
    X(LICENCE_NONE, "A licence that is not known", "확인되지 않은 라이선스") \
    X(LICENCE_ASK, "What it asks for must be found out.", "의무와 제한을 따로 확인하여야 합니다.") \
    X(LICENCE_FREE, "No restrictive clause is known.", "알려진 제한 조항이 없습니다.") \
    X(LICENCE_UNKNOWN, "Its clauses are not in the facts database; read the text.", \
      "공개 정보 DB에 조항 정보가 없으므로 원문을 확인하여야 합니다.") \
    X(LICENCE_RESTRICTS, "Restrictive clauses", "제한 조항") \
    X(LICENCE_UNMET, "No file shows that these duties are met", "이행을 확인할 수 없는 의무") \
    X(CLAUSES_READ, "Read in the licence files", "라이선스 원문에서 확인한 조항") \
    X(CLAUSE_DERIVATIVE, "terms passed on to derivatives", "파생물에 조건 승계") \
    X(CLAUSE_FIELD_OF_USE, "field of use", "사용 분야 제한") \
    X(CLAUSE_JURISDICTION, "territory", "지역 제한") \
    X(CLAUSE_NAMING, "naming", "명칭 표시 의무") \
    X(CLAUSE_NON_COMMERCIAL, "non-commercial", "비상업적 이용 한정") \
    X(CLAUSE_OUTPUT, "use of outputs", "출력물 이용 제한") \
    X(CLAUSE_REVOCATION, "revocation", "이용 허락 철회") \
    X(CLAUSE_USER_COUNT, "number of users", "이용자 수 제한") \
    X(DUTY_COPY, "a copy of the licence", "라이선스 사본 첨부") \
    X(DUTY_WORDS, "the words \"{0}\"", "\"{0}\" 문구 표시") \
    X(DUTY_NAME, "a name that begins with \"{0}\"", "\"{0}\"(으)로 시작하는 모델 이름") \
    X(KNOWN_FILE, "{0} is a known file of {1}; by {2}.", \
      "{0}: {1}의 공개된 파일과 같습니다(출처: {2}).") \
    X(KNOWN_TENSORS, \
      "Tensors equal byte for byte to known tensors of {1}: {3}, among them {0}; by {2}.", \
      "{1}의 공개된 텐서와 바이트 단위로 같은 텐서가 {3}개 있습니다(예: {0}, 출처: {2}).") \
    X(KNOWN_TEMPLATE, "The chat template is known: {1}; by {2}.", \
      "대화 템플릿이 알려진 것과 같습니다: {1}(출처: {2}).") \
    X(KNOWN_VOCABULARY, "The vocabulary is known: {1}; by {2}.", \
      "어휘가 알려진 것과 같습니다: {1}(출처: {2}).") \
    X(KNOWN_LICENCE, "The licence file has the known text of {1}; by {2}.", \
      "라이선스 파일이 {1}의 알려진 원문과 같습니다(출처: {2}).") \
    X(KNOWN_ARCHITECTURE, "The architecture {0} is of the family {1}; by {2}.", \
      "아키텍처 {0}: {1} 계열입니다(출처: {2}).") \
    X(DECLARED, "Declared and observed", "기재 내용과 관찰 결과") \
    X(SAY_CLAIM, "{0} ({1}) names {2}: {3}", \
      "{0}({1})에 기재된 원본 {2}: {3}") \
    X(SAY_CLAIM_TEXT, "{0} ({1}) mentions {2}: {3}", "{0}({1})에 언급된 {2}: {3}") \
    X(CLAIM_LINE, "line {0}", "{0}행") \
    X(CLAIM_OBSERVED, "the weights depend on {0} ({1}{2}).", \
      "{0}에 대한 가중치 의존성이 관찰되었습니다({1}{2}).") \
    X(CLAIM_NOT_OBSERVED, "compared with {0}, and no evidence of a dependence ({1}).", \
      "비교 결과 의존성의 증거가 없습니다(참조 모델 {0}, {1}).") \
    X(CLAIM_NOT_COMPARABLE, "no component could be tested against {0} ({1}).", \
      "비교 가능한 구성요소가 없습니다(참조 모델 {0}, {1}).") \
    X(CLAIM_NO_REFERENCE, "no reference of that name was compared.", \
      "같은 이름의 참조 모델이 없어 비교하지 못하였습니다.") \
    X(CLAIM_NEAREST, "no reference of that name was compared; the nearest is {0} ({1}), and no evidence.", \
      "같은 이름의 참조 모델이 없습니다. 이름이 가장 가까운 {0}({1})에서는 의존성의 증거가 없습니다.") \
    X(RELATION_AGREES, "The declared relation, {0}, agrees ({1}).", \
      "기재된 관계({0})가 관찰 결과({1})와 일치합니다.") \
    X(RELATION_DIFFERS, "Declared as {0}, observed as {1}: the two do not agree.", \
      "기재된 관계는 {0}, 관찰 결과는 {1}(으)로 서로 다릅니다.") \
    X(RELATION_OPEN, "Whether the relation is {0}, the comparison does not tell.", \
      "기재된 관계({0})의 사실 여부는 이 비교로 알 수 없습니다.") \
    X(NAME_FAMILY, "same family", "같은 계열") \
    X(NAME_VARIANT, "another variant of the name", "이름의 변형") \
    X(NAME_ELSEWHERE, "same name, another organisation", "이름은 같고 기관이 다름") \
    X(NAME_SAME, "same name", "같은 이름") \
    X(NAME_EXACT, "same organisation and name", "기관과 이름이 같음") \
    X(SAY_UNDECLARED, "The weights depend on {0} ({1}), which no field and no notice names.", \
      "{0}에 대한 가중치 의존성({1})이 관찰되었으나 어느 항목이나 고지문에도 기재되어 있지 않습니다.") \
    X(SAY_MENTIONED, "{0} line {1} mentions {2}.", "{0} {1}행에 {2}의 이름이 나옵니다.") \
    X(SAY_DENIAL, "{0} line {1} says: \"{2}\" No dependence on another publisher's reference stands against it.", \
      "{0} {1}행: \"{2}\" 다른 주체의 참조 모델에 대한 의존성은 관찰되지 않았습니다.") \
    X(SAY_DENIED, "{0} line {1} says: \"{2}\" The weights depend on {3}; a person has to read the sentence.", \
      "{0} {1}행: \"{2}\" 그러나 {3}에 대한 가중치 의존성이 관찰되었으므로 담당자가 해당 문장을 확인하여야 합니다.") \
    X(DECLARED_ORIGIN, "Declared origin (nothing compared)", "기재된 출처(비교 없음)") \
    X(INSPECT_CLAIM, "{0} ({1}) names {2}", "{0}({1})에 기재된 원본 {2}") \
    X(INSPECT_RELATION, "{0} ({1}) names {2}, as {3}", "{0}({1})에 기재된 원본 {2}(관계: {3})") \
    X(INSPECT_MENTION, "{0} ({1}) mentions {2}", "{0}({1})에 언급된 {2}") \
    X(INSPECT_DENIAL, "{0} ({1}) says: \"{2}\"", "{0}({1}): \"{2}\"") \
    X(INSPECT_MORE, "and {0} more names of models, most in running text (--json)", \
      "그 밖에 본문 등에 나오는 모델 이름 {0}개(--json)") \
    X(UNKNOWN, "unknown", "미상")

enum sva_label {
#define X(id, en, ko) SVA_LABEL_##id,
    SVA_LABELS(X)
#undef X
    SVA_LABEL_COUNT
};

/** Never NULL for a valid label. */
const char *sva_label(enum sva_lang lang, enum sva_label label);

/** Labels that follow an enum of the public headers. */
const char *sva_label_answer(enum sva_lang lang, enum sva_answer answer);
const char *sva_label_rule(enum sva_lang lang, enum sva_rule_verdict verdict);
const char *sva_label_verdict(enum sva_lang lang, enum sva_verdict_kind verdict);

/**
 * `pattern` with {0}.. replaced, in `arena`; NULL when out of memory. A Korean particle in two
 * forms, as in "{0}을(를)", takes the form that suits what stands before it (base/korean.h).
 */
const char *sva_label_fill(struct sva_arena *arena, const char *pattern, const char *const *values,
                           size_t count);

#endif

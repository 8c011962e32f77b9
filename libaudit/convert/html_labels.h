/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Every word of the HTML report in English and Korean, in two tables: sentences by name, with
 * placeholders {0}, {1} and forms {0|one|many} by the number in a placeholder; and words for the
 * closed vocabularies of a report's JSON, by their value.
 */
#ifndef SVA_CONVERT_HTML_LABELS_H
#define SVA_CONVERT_HTML_LABELS_H

#include <sovaudit/report.h>

/* clang-format off */
#define SVA_HTML_LABELS(X) \
    X(TITLE, "Report on the provenance of AI model weights", "인공지능 모델 가중치 출처 감사 보고서") \
    X(SKIP, "Skip to the report", "본문 바로가기") \
    X(LANGUAGES, "Languages", "언어 선택") \
    X(CONTENTS, "Contents", "목차") \
    X(NUMBER, "Report no.", "보고서 번호") \
    X(SUMMARY, "Summary", "요약") \
    X(OF_SUBJECT, "Subject: {0}", "감사 대상: {0}") \
    X(DATE, "Date", "기준일") \
    X(SUBJECT_DATE, "Subject released", "감사 대상 공개일") \
    X(CRITERIA_PACK, "Criteria", "적용 기준") \
    X(PACK_NAME, "{0} {1}, profile {2}", "{0} {1}, 적용 방식: {2}") \
    X(PACK_NOT_YET, "not in force before {0}", "시행 전({0}부터 시행)") \
    X(PACK_NO_LONGER, "no longer in force since {0}", "효력 종료({0})") \
    X(PACK_STATUS, "status: {0}", "상태: {0}") \
    X(TOOL_NAME, "{0} {1}, method version {2}", "{0} {1}, 방법 버전 {2}") \
    X(SIZE, "Size", "규모") \
    X(READING, "Read", "읽은 범위") \
    X(READING_QUICK, "{0} of {1} bytes of tensors (--quick); the rest was not compared", \
      "텐서 {1}바이트 중 {0}바이트(--quick). 나머지는 비교하지 않음") \
    X(SIZE_OF, "{0} {0|parameter|parameters} in {1} {1|tensor|tensors}, {2} bytes of weights", "매개변수 {0}개, 텐서 {1}개, 가중치 {2}바이트") \
    X(SAY_PASS, "No criterion failed against the references tested.", "비교한 참조 모델에 대하여 부적합으로 판정된 기준이 없습니다.") \
    X(SAY_FAIL, "Criteria not met:", "충족하지 못한 기준:") \
    X(SAY_REVIEW, "The tests alone cannot settle this; a person has to decide the points below.", "검정만으로는 결론을 낼 수 없습니다. 아래 사항은 검토자의 판단이 필요합니다.") \
    X(SAY_INCOMPLETE, "The audit could not be finished; this is not a pass.", "감사를 마치지 못하였습니다. 적합하다는 뜻이 아닙니다.") \
    X(SAY_NOT_AUDITABLE, "Nothing could be compared; this is not a pass.", "비교할 수 있는 것이 없었습니다. 적합하다는 뜻이 아닙니다.") \
    X(SAY_COMPARED, "Two models were compared; no criteria were applied.", "두 모델을 비교하였으며, 기준은 적용하지 않았습니다.") \
    X(COMPARED_WITH, "What was compared", "비교한 범위") \
    X(SAY_TESTED, \
      "{0} {0|component|components} with {1} parameters, against {2} {2|reference, released|references; the newest was released} {3}.", \
      "구성요소 {0}개(매개변수 {1}개)를 참조 모델 {2}건과 비교하였습니다. 가장 최근에 공개된 참조 모델의 공개일: {3}.") \
    X(SAY_TESTED_UNDATED, \
      "{0} {0|component|components} with {1} parameters, against {2} {2|reference, whose release date is|references; release dates are} not known.", \
      "구성요소 {0}개(매개변수 {1}개)를 참조 모델 {2}건과 비교하였습니다. 참조 모델의 공개일은 확인되지 않았습니다.") \
    X(SAY_EXCLUDED, "References left out on request: {0}.", "요청에 따라 제외한 참조 모델: {0}.") \
    X(FOUND, "What was found", "확인된 사항") \
    X(MISSING, "What is missing", "미비 사항") \
    X(MISSING_NOTHING, "Nothing that the criteria ask for is missing.", "기준에서 요구하는 증빙 가운데 빠진 것이 없습니다.") \
    X(AND_MORE, " and others", " 등") \
    X(SAY_UNCHECKED, "Criteria not checked: {0}.", "확인하지 못한 기준: {0}.") \
    X(SAY_DOCUMENTS_MISSING, "Documents not handed in: {0}.", "제출되지 않은 증빙: {0}.") \
    X(SAY_UNCOUNTED, \
      "No evidence register was handed in; criteria that want documents are left out of the verdict.", \
      "증빙 목록이 제출되지 않아, 증빙이 필요한 기준은 종합 판정에 반영하지 않았습니다.") \
    X(SAY_NOT_COMPARABLE, "Components that could be compared with no reference: {0}.", "어떤 참조 모델과도 비교할 수 없었던 구성요소: {0}.") \
    X(SAY_DOCUMENTS_UNSOUND, "Registered documents that are missing, changed or unusable: {0}.", "없거나 변경되었거나 사용할 수 없는 증빙: {0}건.") \
    X(CANNOT, "What this cannot show", "이 보고서로 확인할 수 없는 사항") \
    X(CANNOT_REFERENCES, "Use of a model that is not among the references tested.", "비교 대상에 없는 모델을 사용하였는지 여부.") \
    X(CANNOT_OUTPUTS, "Training on text that another model wrote, or imitation of its outputs.", "다른 모델이 생성한 글로 학습하였거나 다른 모델의 출력을 모방하였는지 여부.") \
    X(CANNOT_WHO, \
      "Who took what from whom, and why: the tests show dependence between weights only.", \
      "누가 누구의 가중치를 어떤 경위로 사용하였는지. 검정으로는 가중치 사이의 의존성만 알 수 있습니다.") \
    X(SIGNATURE, "Signature", "확인자") \
    X(SIGN_ORGANISATION, "Organisation", "소속") \
    X(SIGN_NAME, "Name, position", "직위·성명") \
    X(SIGN_DATE, "Date", "일자") \
    X(SIGN_HERE, "Signature", "서명") \
    X(RESULTS_RELATE, "The results relate only to the files listed in this report.", "이 결과는 이 보고서에 기재된 파일에만 해당합니다.") \
    X(MODEL_DIGEST, "Digest of the model", "모델 다이제스트") \
    X(VENDOR_SIGNATURE, "The vendor's signature of the files", "제출 기관의 파일 서명") \
    X(SIGNED_BY_GIVEN, "by the key that the auditor gave, fingerprint {0}", "감사 기관이 지정한 키, 지문 {0}") \
    X(SIGNED_BY_DECLARED, \
      "by the key that the register itself declares, {1}, fingerprint {0}; whose it is was not checked", \
      "증빙 목록에 등록된 키 {1}, 지문 {0}(키의 소유자는 확인하지 않음)") \
    X(PRINT_DIGEST, "Digest of the print", "지문 다이제스트") \
    X(REPORT_DIGEST, "Digest of the report (JSON)", "보고서(JSON) 다이제스트") \
    X(PACK_DIGEST, "Digest of the criteria", "기준 묶음 다이제스트") \
    X(STORE_DIGEST, "Digest of the reference store", "참조 저장소 다이제스트") \
    X(FACTS_DIGEST, "Digest of the facts database", "공개 정보 DB 다이제스트") \
    X(NOT_KNOWN, "not known", "미상") \
    X(NONE, "None.", "해당 사항이 없습니다.") \
    X(WHOLE_MODEL, "whole model", "모델 전체") \
    X(MORE, "{0} more in the report's JSON.", "그 밖의 {0}건은 보고서(JSON)에 있습니다.") \
    X(MORE_BELOW, "{0} more on the pages that follow.", "그 밖의 {0}건은 다음 쪽부터 이어지는 본문에 있습니다.") \
    X(CRITERIA, "Criteria and results", "기준별 판정") \
    X(CRITERIA_INTRO, \
      "Each criterion, what it asks for, and the result for each component. Reuse is judged by weights alone: names, architecture, " \
      "tokenizer and configuration are information.", \
      "각 기준의 요구 사항과 구성요소별 판정입니다. 가중치 재사용 여부는 가중치만으로 판정하며, 명칭·아키텍처·토크나이저·설정은 참고 정보입니다.") \
    X(HEAD_ON, "Applies to", "적용 대상") \
    X(HEAD_RESULT, "Result", "판정") \
    X(HEAD_REASON, "Reason", "판정 이유") \
    X(REQUIREMENT, "Requirement", "요구 사항") \
    X(RATIONALE, "Why", "취지") \
    X(REMEDY, "What to do", "조치 방법") \
    X(RESTS_ON, "Rests on the document with SHA-256 {0}", "근거 증빙의 SHA-256: {0}") \
    X(NOT_COUNTED, "Left out of the verdict", "종합 판정에 반영하지 않음") \
    X(WAIVED_BY, "Waived by {0} until {1} ({2}): {3}", "면제 승인자 {0}, 유효기한 {1}({2}): {3}") \
    X(NO_CRITERIA, "No criteria were applied.", "기준을 적용하지 않았습니다.") \
    X(COMPONENTS, "Components", "구성요소별 결과") \
    X(COMPONENTS_INTRO, \
      "The strongest answer for each component over all references, and how much of it agrees. Bars show shares of a component's " \
      "parameters.", \
      "구성요소마다 전체 참조 모델 가운데 가장 강한 결과와 일치하는 범위입니다. 막대는 구성요소의 매개변수 가운데 차지하는 비율을 나타냅니다.") \
    X(HEAD_COMPONENT, "Component", "구성요소") \
    X(HEAD_KIND, "Kind", "종류") \
    X(HEAD_PARAMETERS, "Parameters", "매개변수") \
    X(HEAD_ANSWER, "Answer", "결과") \
    X(HEAD_REFERENCE, "Reference", "참조 모델") \
    X(HEAD_COVERAGE, "Parameters that agree", "일치하는 매개변수") \
    X(HEAD_HOW, "How (estimate)", "경위(추정)") \
    X(HEAD_RHO, "rho ± s.e.", "rho ± 표준오차") \
    X(HEAD_LOG10_P, "log10 p, adjusted", "보정 후 log10 p") \
    X(HEAD_DETECTABLE, "Smallest rho seen", "검출 가능한 최소 rho") \
    X(HEAD_PUBLISHER, "Publisher", "공개 주체") \
    X(HEAD_RELEASED, "Released", "공개일") \
    X(BAR_TITLE, \
      "{0}: {1} with equal values, {2} in tensors that agree, {3} that can be no evidence", \
      "{0}: 값까지 동일 {1}, 일치하는 텐서 {2}, 증거가 될 수 없음 {3}") \
    X(LEGEND_SAME, "equal values", "값까지 동일") \
    X(LEGEND_AGREES, "agrees", "일치") \
    X(LEGEND_REST, "does not agree, or not tested", "일치하지 않거나 검정하지 않음") \
    X(LEGEND_INERT, "constants and formulas: no evidence", "상수·공식: 증거 아님") \
    X(ALL_ANSWERS, "Answers by reference", "참조 모델별 결과") \
    X(POWER, "What would have been seen", "검출력") \
    X(POWER_UNTESTED, "Not comparable with {0} of {1} {1|reference|references}.", "참조 모델 {1}건 가운데 {0}건과는 비교할 수 없습니다.") \
    X(DISGUISED, "Changed without changing the function: {0}", "기능에 영향이 없는 변경: {0}") \
    X(LAYERS_ORDER, "Order of layers: {0}; repeated {1}; absent {2}", "계층 순서: {0}(반복된 계층 {1}, 빠진 계층 {2})") \
    X(QUANTISED, \
      "Values lie {0} of the weights' size from the reference's; rounding explains {1} (basis: {2}).", \
      "참조 모델 값과의 차이는 가중치 크기의 {0}이며, 그중 반올림으로 설명되는 부분은 {1}입니다(비교 범위: {2}).") \
    X(ADAPTER_RANK, "All changes are of low rank, at most {0}.", "모든 변경의 계수(rank)가 {0} 이하로 낮습니다.") \
    X(UNDONE, "Undone to see the agreement: {0} ({1} {1|tensor|tensors})", "일치를 확인하기 위하여 되돌린 변환: {0}(텐서 {1}개)") \
    X(HEAT, "Layer by layer", "계층별 일치도") \
    X(HEAT_INTRO, \
      "Each square is one kind of tensor in one layer of the subject; the darker, the stronger it agrees with the reference by itself. " \
      "Dots, or a line where layers are many, mark equal values. It is a picture of matches, not a test of its own.", \
      "각 칸은 감사 대상의 한 계층에 속한 텐서 한 종류를 나타냅니다. 색이 진할수록 참조 모델과의 일치도가 높으며, 점(계층이 많은 경우 선)은 값까지 동일함을 뜻합니다. 일치도를 나타낸 그림이며 별도의 검정은 아닙니다.") \
    X(HEAT_TITLE, "{0} against {1}", "{0} 대 {1}") \
    X(HEAT_DESC, "{0} {0|kind|kinds} of tensor by {1} {1|layer|layers}; mean agreement {2}.", "텐서 종류 {0}개, 계층 {1}개, 평균 일치도 {2}.") \
    X(HEAT_CELL, "layer {0}, {1}: {2}", "계층 {0}, {1}: {2}") \
    X(HEAT_CELL_OUTSIDE, "outside of layers, {1}: {2}", "계층 외, {1}: {2}") \
    X(HEAT_OUTSIDE, "outside", "계층 외") \
    X(HEAT_LAYER, "layer", "계층") \
    X(HEAT_VALUES, "The values as a table", "표로 보기") \
    X(HEAT_NONE, "No component depends on a reference: there is nothing to draw.", "참조 모델에 대한 의존성이 관찰된 구성요소가 없어 그림을 표시하지 않았습니다.") \
    X(NOTHING_COMPARED, "Nothing was compared.", "비교한 참조 모델이 없습니다.") \
    X(HEAT_CUT, "Layers beyond the 256 shown are in the report's numbers only.", "256개를 넘는 계층은 그림에 표시하지 않았습니다.") \
    X(HEAT_SCALE, "agreement", "일치도") \
    X(NULLS, "Observed against chance", "우연과의 비교") \
    X(NULLS_INTRO, \
      "What each test observed, beside what chance gave. Under the hypothesis of independent training every renumbering of the " \
      "subject's units is as likely as the real one, so the program draws renumberings at random and computes the same statistic. Grey " \
      "bars count these draws. A test is cut into blocks that draw on their own; each is laid on its own scale, in standard deviations " \
      "from its mean over all renumberings.", \
      "각 검정의 관측값을 우연히 얻는 값과 비교한 그림입니다. 서로 독립적으로 학습되었다면 감사 대상의 단위를 어떻게 재배열하여도 실제 배열과 같은 확률로 나타나므로, 재배열을 무작위로 추출하여 같은 통계량을 계산합니다. " \
      "회색 막대는 이렇게 추출한 값의 횟수입니다. 검정은 따로 추출하는 블록으로 나뉘며, 블록마다 전체 재배열의 평균에서 표준편차의 몇 배만큼 떨어져 있는지를 눈금으로 합니다.") \
    X(NULLS_READING, \
      "Blue marks what was observed: the mean of the blocks, with the smallest and the largest. Where it lies among the bars, chance " \
      "explains it. Filled marks are tests that decide; tests without draws say why. Drawing stops early where chance is soon seen to be " \
      "enough, or where a bound shows that no further draw comes near. The axis is logarithmic beyond 3.", \
      "파란색은 관측값으로, 블록 평균과 최솟값·최댓값을 표시합니다. 막대 사이에 있으면 우연으로 설명됩니다. 속이 찬 표시는 판정에 쓰인 검정이며, 추출하지 않은 검정에는 그 이유를 적었습니다. 우연으로 충분히 " \
      "설명됨이 일찍 확인되거나, 더 추출해도 관측값에 이르지 못함을 상한이 보여 주면 추출을 중단합니다. 3을 넘는 눈금은 로그 척도입니다.") \
    X(NULLS_TITLE, "{0} against {1}: observed statistics and their null", "{0} 대 {1}: 관측 통계량과 귀무분포") \
    X(NULLS_DESC, "{0} {0|test|tests}, {1} of them with a distribution or a statistic to show; all numbers are in the annex.", \
      "검정 {0}개, 그 가운데 분포나 통계량을 표시한 검정 {1}개. 모든 수치는 부록에 있습니다.") \
    X(NULLS_CHANCE, "chance", "우연") \
    X(NULLS_AXIS, "standard deviations from chance", "우연에서 벗어난 정도(표준편차)") \
    X(NULLS_POINT, "{0}: z {1}, log10 p {2} ({3})", "{0}: z {1}, log10 p {2}({3})") \
    X(NULLS_DRAWN, "{0}: {1} {1|draw|draws} from {2} to {3}, mean {4}, deviation {5}; observed {6} to {7}, mean {8}", \
      "{0}: 추출 {1}회, {2}~{3}, 평균 {4}, 표준편차 {5}. 관측값 {6}~{7}, 평균 {8}") \
    X(NULLS_COUNT, "{0} {0|draw|draws} in {1} {1|block|blocks}", "추출 {0}회, 블록 {1}개") \
    X(NULLS_NORMAL, "no draws: normal law", "추출 없음: 정규분포") \
    X(NULLS_SCREENED, "no draws: z is below 4", "추출 없음: z가 4 미만") \
    X(NULLS_ENUMERATED, "all renumberings counted", "모든 재배열을 계산") \
    X(NULLS_UNKEPT, "draws not kept in the report", "보고서에 추출값 없음") \
    X(NULLS_NOT_RUN, "not run: all layers together do not reject", "실행하지 않음: 전체 계층에서 기각되지 않음") \
    X(NULLS_COMBINED, "no draws of its own: made from other tests", "자체 추출 없음: 다른 검정의 p값에서 계산") \
    X(NULLS_EMPIRICAL, "no draws: not a permutation test", "추출 없음: 순열 검정이 아님") \
    X(NULLS_NONE, "No permutation test gave a figure.", "수치를 낸 순열 검정이 없습니다.") \
    X(MIXTURES, "Mixtures", "모델 혼합") \
    X(MIXTURES_INTRO, \
      "What a component that depends on two references or more is made of: an estimate by least squares from sampled values, " \
      "coefficients sum to one. It decides nothing.", \
      "둘 이상의 참조 모델에 의존하는 구성요소의 혼합 비율을 표본 값에서 최소제곱법으로 추정한 결과입니다. 계수의 합은 1이며, 판정에는 반영하지 않습니다.") \
    X(MIXTURE_LINE, \
      "{0}: {1}; {2} of the weights' size unexplained, {3} with the nearest reference alone; {4} {4|tensor|tensors} fitted.", \
      "{0}: {1}. 설명되지 않는 부분은 가중치 크기의 {2}이며, 가장 가까운 참조 모델만 사용하면 {3}입니다. 추정에 사용한 텐서는 {4}개입니다.") \
    X(HEAD_COEFFICIENT, "Coefficient ± s.e.", "계수 ± 표준오차") \
    X(HEAD_VECTOR, "From gains and biases", "게인·편향에서 추정") \
    X(HEAD_STATE, "State", "상태") \
    X(HEAD_LAYERS, "Layers", "계층") \
    X(HEAD_REFERENCE_LAYERS, "First layer in the reference", "참조 모델의 시작 계층") \
    X(EXACT, "Exact matches", "완전 일치") \
    X(EXACT_INTRO, "Files and tensors whose SHA-256 equals that of a reference.", "SHA-256 값이 참조 모델과 같은 파일과 텐서입니다.") \
    X(HEAD_ITEM, "Item", "구분") \
    X(HEAD_SUBJECT_ITEM, "In the subject", "감사 대상의 항목") \
    X(HEAD_REFERENCE_ITEM, "In the reference", "참조 모델의 항목") \
    X(TOKENIZER, "Tokenizer", "토크나이저") \
    X(TOKENIZER_INTRO, \
      "The subject's vocabulary beside those of the references. It is information and says nothing about weights.", \
      "감사 대상의 어휘를 참조 모델의 어휘와 비교한 결과입니다. 참고 정보이며 가중치에 관한 결론이 아닙니다.") \
    X(HEAD_COMMON, "In common, of the smaller", "공통 토큰(작은 쪽 기준)") \
    X(HEAD_ORDER, "Neighbours in the same order", "이웃 순서 일치") \
    X(HEAD_IDS, "Same ids", "번호 일치") \
    X(HEAD_SPECIALS, "Special tokens in common", "공통 특수 토큰") \
    X(LICENCES, "Licences", "라이선스") \
    X(LICENCES_INTRO, \
      "Licences that bind the subject: its own, those of declared bases, and those of references that its weights depend on.", \
      "감사 대상에 적용되는 라이선스로서, 감사 대상 자체와 기재된 기반 모델, 가중치 의존성이 관찰된 참조 모델의 라이선스를 포함합니다.") \
    X(HEAD_LICENCE, "Licence", "라이선스") \
    X(HEAD_BECAUSE, "Because", "적용 사유") \
    X(HEAD_CLAUSES, "Restrictive clauses", "제한 조항") \
    X(HEAD_DUTIES, "Duties", "의무") \
    X(HEAD_UNMET, "Duties not shown to be met", "이행이 확인되지 않은 의무") \
    X(FACTS, "Facts in files and facts database", "파일 기재 내용과 공개 정보") \
    X(FACTS_INTRO, \
      "What the subject's own files say, and what the facts database knows of them. Information, never a finding by itself.", \
      "감사 대상의 파일에 기재된 내용과 공개 정보 DB에 등록된 내용입니다. 참고 정보이며 그 자체로 지적 사항이 아닙니다.") \
    X(DECLARED, "Declared by the subject's files", "감사 대상의 파일에 기재된 내용") \
    X(KNOWN, "Known to the facts database", "공개 정보 DB에 등록된 내용") \
    X(KNOWN_DB, "Facts database of {0}, {1} {1|row|rows}, family of the architecture: {2}.", "공개 정보 DB {0} 기준, {1}건, 아키텍처 계열: {2}.") \
    X(DECLARED_AGAINST, "Declared against observed", "기재 내용과 관찰 결과의 비교") \
    X(DECLARED_INTRO, \
      "What the subject's files say of its origin, beside what its weights show. Fields and notices declare; names in running text " \
      "declare nothing.", \
      "감사 대상의 파일에 기재된 출처와 가중치에서 관찰된 결과를 비교한 것입니다. 정해진 항목과 고지문만 기재로 인정하며, 본문에 이름이 나오는 것은 기재로 보지 않습니다.") \
    X(DECLARED_UNJUDGED, "No criteria were applied; declarations were not compared.", \
      "기준을 적용하지 않아 기재 내용을 비교하지 않았습니다.") \
    X(DECLARED_NO_BASE, "No field and no notice names another model.", "다른 모델을 기재한 항목이나 고지문이 없습니다.") \
    X(DECLARED_LEFT_OUT, "{0} more {0|declaration is|declarations are} beyond the limit and {0|was|were} not compared.", \
      "그 밖의 기재 {0}건은 처리 한도를 넘어 비교하지 않았습니다.") \
    X(CLAIMS, "Declarations", "기재 내용") \
    X(MENTIONS, "Names in running text", "본문에 나오는 이름") \
    X(HEAD_NAMED, "Model named", "기재된 모델") \
    X(HEAD_WHERE, "Where", "기재 위치") \
    X(HEAD_WEIGHTS, "Weights", "관찰 결과") \
    X(HEAD_NEAREST, "Reference", "대응하는 참조 모델") \
    X(HEAD_RELATION, "Relation", "관계") \
    X(LINE, "line {0}", "{0}행") \
    X(RELATION_AGREES, "{0}: agrees ({1})", "{0}: 관찰 결과({1})와 일치") \
    X(RELATION_DIFFERS, "{0}: differs, observed as {1}", "{0}: 관찰 결과({1})와 다름") \
    X(RELATION_OPEN, "{0}: the comparison does not tell", "{0}: 이 비교로는 알 수 없음") \
    X(UNDECLARED, "undeclared", "기재 누락") \
    X(SAY_UNDECLARED, "The weights depend on {0} ({1}), which no field and no notice names.", \
      "참조 모델 {0}에 대한 가중치 의존성({1})이 관찰되었으나 어느 항목이나 고지문에도 기재되어 있지 않습니다.") \
    X(SAY_MENTIONED, "The card's text mentions it in line {2}.", "모델 카드 본문 {2}행에 이름이 나옵니다.") \
    X(DENIALS, "Sentences about training from scratch", "처음부터 학습하였다는 문장") \
    X(SAY_DENIAL, "{0} line {1}: “{2}” No dependence on another publisher's reference stands against it.", \
      "{0} {1}행: “{2}” 다른 주체의 참조 모델에 대한 의존성은 관찰되지 않았습니다.") \
    X(SAY_DENIED, "{0} line {1}: “{2}” The weights depend on {3}; a person has to read the sentence.", \
      "{0} {1}행: “{2}” 그러나 참조 모델 {3}에 대한 가중치 의존성이 관찰되었으므로 검토자가 해당 문장을 확인하여야 합니다.") \
    X(CODE, "Shipped programs", "함께 제공된 프로그램") \
    X(CODE_INTRO, \
      "Python files of the subject of which, or of whose counterpart, 30 % or more is in common. An observation: equal programs say " \
      "nothing about where weights come from, and no criterion reads it.", \
      "감사 대상의 Python 파일 가운데 어느 한쪽의 30% 이상이 참조 모델의 파일과 일치하는 것입니다. 관찰 사항이며, 프로그램이 같다는 사실만으로는 가중치의 출처를 알 수 없으므로 판정에 반영하지 않습니다.") \
    X(CODE_NONE, "None, beside the {0} {0|reference that brings|references that bring} programs.", "프로그램이 있는 참조 모델 {0}건과 비교한 결과 해당하는 파일이 없습니다.") \
    X(CODE_NO_PROGRAMS, "The subject or the references bring no programs to compare.", "감사 대상 또는 참조 모델에 비교할 프로그램이 없습니다.") \
    X(CODE_LINES, "lines {0}–{1} as {2}–{3}", "{0}–{1}행 = {2}–{3}행") \
    X(HEAD_PROGRAM, "Program", "프로그램") \
    X(HEAD_WRITTEN, "In common as written", "원문 그대로 일치") \
    X(HEAD_ALIKE, "With names alike", "이름을 구분하지 않고 일치") \
    X(HEAD_LINES, "Where", "일치하는 행") \
    X(HEAD_BASIS, "Basis", "비교 범위") \
    X(BASELINE, "Since the earlier report", "이전 보고서와의 비교") \
    X(SAY_SINCE, \
      "Since the earlier report of {0}: {1} new, {2} changed for the better, {3} unchanged, {4} gone.", \
      "이전 보고서(기준일 {0})와의 비교: 신규 {1}건, 완화 {2}건, 변동 없음 {3}건, 해소 {4}건.") \
    X(BASELINE_ABSENT, "Gone since the earlier report", "해소된 결과") \
    X(BASELINE_FILE, "The earlier report: {0}, SHA-256 {1}", "이전 보고서: {0}, SHA-256 {1}") \
    X(BASELINE_GATE, "The exit code counts new results only.", "종료 코드는 신규 결과만 반영합니다.") \
    X(HEAD_EARLIER, "Earlier result", "이전 판정") \
    X(HEAD_KEY, "Fact", "항목") \
    X(HEAD_VALUE, "Value", "값") \
    X(HEAD_KNOWN_AS, "Known as", "알려진 이름") \
    X(HEAD_ORIGIN, "Who says so", "출처") \
    X(EVIDENCE, "Evidence register", "증빙 목록") \
    X(EVIDENCE_NONE, "No evidence register was handed in.", "증빙 목록이 제출되지 않았습니다.") \
    X(EVIDENCE_FILE, "Register {0}, SHA-256 {1}", "목록 파일 {0}, SHA-256 {1}") \
    X(HEAD_DOCUMENT, "Document", "자료") \
    X(HEAD_ISSUER, "Issuer, date", "발급 기관·일자") \
    X(HEAD_DIGEST, "SHA-256", "SHA-256") \
    X(CONFIDENTIAL, "confidential", "비공개") \
    X(JUDGEMENT, "{0} on {1}: {2} - {3}", "{0}의 판단(기준 {1}): {2} - {3}") \
    X(WAIVERS, "Waivers", "면제") \
    X(WAIVERS_NONE, "No waivers were handed in.", "제출된 면제가 없습니다.") \
    X(HEAD_RULE, "Criterion", "기준") \
    X(HEAD_APPROVER, "Approved by", "승인자") \
    X(HEAD_VALID, "Valid", "유효기간") \
    X(HEAD_WHY, "Reason", "사유") \
    X(IDENTITY, "Identity of the subject", "감사 대상의 식별 정보") \
    X(IDENTITY_INTRO, \
      "The files that were audited, with their digests. Only these files are what the results relate to.", \
      "감사한 파일과 그 다이제스트입니다. 결과는 이 파일에만 해당합니다.") \
    X(HEAD_FILE, "File", "파일") \
    X(HEAD_BYTES, "Bytes", "바이트") \
    X(STRUCTURE, "Components as read", "인식한 구성요소") \
    X(HEAD_LAYER_COUNT, "Layers", "계층 수") \
    X(HEAD_WIDTH, "Width", "너비") \
    X(FINDINGS, "Findings about the files", "파일에 관한 확인 사항") \
    X(LEFT_OUT, "Tensors that carry no evidence: {0}", "증거가 되지 않는 텐서: {0}개") \
    X(HEAD_TENSOR, "Tensor", "텐서") \
    X(METHOD, "Scope and method", "범위와 방법") \
    X(METHOD_NULL, \
      "Hypothesis tested, for each component and reference: both were initialised and trained independently. Units of a network - " \
      "residual dimensions, hidden neurons, value dimensions, experts - carry no numbers of their own, so under this hypothesis every " \
      "renumbering of the subject's units is as likely as the one seen. A test counts how many renumberings agree with the reference " \
      "at least as well as the real one.", \
      "구성요소와 참조 모델마다 \"둘은 서로 독립적으로 초기화되고 학습되었다\"는 가설을 검정하였습니다. 신경망의 단위(잔차 차원, 은닉 뉴런, 값 차원, 전문가)에는 정해진 번호가 없으므로, 이 가설이 참이라면 감사 대상의 단위를 " \
      "어떻게 재배열하여도 실제 배열과 같은 확률로 나타납니다. 검정은 실제 배열만큼 또는 그보다 더 참조 모델과 일치하는 재배열이 얼마나 되는지를 셉니다.") \
    X(METHOD_RULE, \
      "Decision: p-values are adjusted for everything looked at (Holm). A component is called derived at a family-wise error rate of " \
      "{0}; above {1} there is no evidence. Between them, or where the tests do not say how, dependence is unexplained.", \
      "판정: p값은 수행한 모든 비교를 고려하여 보정합니다(Holm). 전체 오류율 {0} 수준에서 파생으로 판정하고, {1}보다 크면 증거가 없는 것으로 봅니다. 그 사이에 있거나 경위를 알 수 없으면 경위 불명의 의존성으로 봅니다.") \
    X(P_KINDS, "Kinds of p-value", "p값의 종류") \
    X(P_EXACT, \
      "valid for any distribution of weights, from counted renumberings; smaller values than the number of draws allows are not claimed", \
      "재배열을 직접 세어 얻으며 가중치의 분포와 관계없이 성립합니다. 추출 횟수로 얻을 수 있는 최솟값보다 작은 값은 제시하지 않습니다") \
    X(P_BOUNDED, "an upper bound that is proved: the true p is at most this", "증명된 상한이며, 참값은 이 값 이하입니다") \
    X(P_ASYMPTOTIC, "a limit law applied to a closed form; for orientation, it does not decide alone", "닫힌 식에 극한분포를 적용한 값입니다. 참고용이며 단독으로 판정하지 않습니다") \
    X(P_EMPIRICAL, "empirically calibrated on independent models; no exact statement is left", "독립적으로 학습된 모델을 이용하여 경험적으로 교정한 값이며, 정확한 확률은 아닙니다") \
    X(REFERENCES, "References tested", "비교한 참조 모델") \
    X(HEAD_PRINT, "Digest of its print", "지문 다이제스트") \
    X(HEAD_HYPOTHESES, "Hypotheses", "가설 수") \
    X(HEAD_CONTROLS, "Controls", "대조 시험") \
    X(CONTROL_PASSED, "passed", "통과") \
    X(CONTROL_FAILED, "FAILED", "실패") \
    X(OWN, "Publishers counted as the subject's own: {0}", "감사 대상과 같은 주체로 본 공개 주체: {0}") \
    X(SOURCES, "Sources of the criteria", "기준의 출처") \
    X(LIMITS, "Limits", "한계") \
    X(RECHECK, "How to check this report", "보고서 검증 방법") \
    X(RECHECK_INTRO, \
      "Everything below runs offline with common tools. Names in capitals are yours to fill in.", \
      "아래 명령은 모두 인터넷 연결 없이 일반적인 도구로 실행할 수 있습니다. 대문자로 된 이름은 알맞게 바꾸어 쓰십시오.") \
    X(RECHECK_EXTRACT, "Take the machine-readable report out of this page; its digest must be {0}.", \
      "이 문서에서 기계 판독용 보고서를 꺼냅니다. 다이제스트가 {0}이어야 합니다.") \
    X(RECHECK_MODEL, \
      "The digest of the model: sha256sum of its weight files in the order of the C locale, hashed again. It must be {0}.", \
      "모델 다이제스트: 가중치 파일의 sha256sum 출력을 C 로캘 순서로 다시 해시합니다. 결과가 {0}이어야 합니다.") \
    X(RECHECK_AGAIN, \
      "Run the audit again from the same folder, with the same files, references and criteria; the JSON must be the same, byte for byte.", \
      "같은 폴더에서 같은 파일, 참조 모델, 기준으로 감사를 다시 실행합니다. JSON이 바이트 단위로 같아야 합니다.") \
    X(RECHECK_SIGNATURE, \
      "If the report came with a signature (report.sig) and a public key. The last line is the key's fingerprint; compare it with the " \
      "one that the key's holder gave you by another way.", \
      "서명(report.sig)과 공개키가 함께 제공된 경우입니다. 마지막 줄은 공개키의 지문이며, 키 소유자에게서 다른 경로로 받은 값과 비교하십시오.") \
    X(RECHECK_OPENSSL, \
      "The same without sovaudit: take out what was signed and the signature; the last line shows that it is about this report.", \
      "sovaudit 없이 확인하는 방법: 서명된 내용과 서명값을 꺼냅니다. 마지막 줄은 서명이 이 보고서에 대한 것인지를 확인합니다.") \
    X(RECHECK_EC, "Then, for an EC key on P-256 (P-384: -sha384, P-521: -sha512), Verified OK:", \
      "이어서 P-256 타원곡선 키인 경우(P-384는 -sha384, P-521은 -sha512) 다음을 실행하면 Verified OK가 나와야 합니다.") \
    X(RECHECK_ED25519, "or, for an Ed25519 key, Signature Verified Successfully:", \
      "Ed25519 키인 경우 다음을 실행하면 Signature Verified Successfully가 나와야 합니다.") \
    X(RECHECK_TIME, \
      "If the signature was time-stamped (RFC 3161): with the stamp inside report.sig, or with the authority's reply as a file.", \
      "타임스탬프(RFC 3161)를 받은 경우: 첫째 줄은 report.sig에 들어 있는 타임스탬프를, 둘째 줄은 별도 파일로 받은 응답을 확인합니다.") \
    X(RECHECK_RENDER, "Make this page again from the report:", "보고서에서 이 문서를 다시 만듭니다:") \
    X(EMBEDDED, "The report as JSON ({0} bytes)", "보고서 JSON 내려받기({0}바이트)") \
    X(NOT_EMBEDDED, "The report's JSON ({0} bytes) is too large to be part of this page; keep its file.", \
      "보고서 JSON({0}바이트)이 커서 이 문서에 넣지 않았습니다. 파일을 따로 보관하시기 바랍니다.") \
    X(ANNEX, "Annex: all numbers", "부록: 전체 수치") \
    X(ANNEX_TESTS, "Tests of {0} against {1}", "{0} 대 {1}: 검정") \
    X(ANNEX_MATCHES, \
      "Tensors of {0} that agree with {1} on their own: {2}; the first are listed.", \
      "구성요소 {0}, 참조 모델 {1}: 개별 검정에서도 일치하는 텐서 {2}개 가운데 일부입니다.") \
    X(ANNEX_REASON, "Reason as recorded", "기록된 이유(영문)") \
    X(HEAD_TEST, "Test", "검정") \
    X(HEAD_LABEL, "Kind of p", "p값 종류") \
    X(HEAD_Z, "z", "z") \
    X(HEAD_P, "log10 p", "log10 p") \
    X(HEAD_FLOOR, "smallest possible", "가능한 최솟값") \
    X(HEAD_DRAWS, "Blocks, draws", "블록·추출 횟수") \
    X(HEAD_DECIDES, "Decides", "판정 반영") \
    X(YES, "yes", "예") \
    X(NO, "no", "아니요") \
    X(HEAD_SAME, "Equal values", "값 동일") \
    X(HEAD_DISTANCE, "Distance", "거리") \
    X(CROSSWALK, "The same matters in other frameworks", "다른 기준과의 대응") \
    X(HEAD_FRAMEWORK, "Framework", "체계") \
    X(HEAD_IDENTIFIER, "Identifier", "식별자") \
    X(TRACE_TITLE, "Report on a training run", "인공지능 모델 학습 추적 보고서") \
    X(TRACE_ACCEPTED, "What was handed in agrees with a training run of its own.", "제출된 자료가 독자적인 학습 과정과 부합합니다.") \
    X(TRACE_NO_LOG, "The loss was not checked: no loss log was given.", "손실 기록이 제출되지 않아 손실은 확인하지 않았습니다.") \
    X(TRACE_REVIEW, "The tests alone cannot settle this; a person has to decide the points below.", "검정만으로는 결론을 낼 수 없습니다. 아래 사항은 검토자의 판단이 필요합니다.") \
    X(TRACE_REFUSED, "What was handed in does not show a training run of its own.", "제출된 자료로는 독자적인 학습 과정이 확인되지 않습니다.") \
    X(TRACE_NOT_CHECKED, "Not enough was handed in to tell; this is not an acceptance.", "제출된 자료가 부족하여 확인하지 못하였습니다. 인정한다는 뜻이 아닙니다.") \
    X(TRACE_T13, "Weights (T1.3)", "가중치(T1.3)") \
    X(TRACE_T14, "Loss log (T1.4)", "손실 기록(T1.4)") \
    X(TRACE_RECORDS, "Records", "기록 내용") \
    X(TRACE_LOG, "{0}: {1} {1|record|records} from step {2} to {3}", "{0}: 기록 {1}건, {2}단계부터 {3}단계까지") \
    X(TRACE_FINDINGS, "Findings", "확인 사항") \
    X(TRACE_PATH, "Path of the checkpoints", "체크포인트의 학습 경로") \
    X(TRACE_LOSS, "Loss curve", "손실 곡선") \
    X(TRACE_NO_PLOT, "There is too little to draw.", "그림으로 표시할 자료가 부족합니다.") \
    X(TRACE_CHECKPOINTS, "Checkpoints", "체크포인트") \
    X(TRACE_LINKS, "From each checkpoint to the next", "체크포인트 간 연결") \
    X(TRACE_CANNOT, \
      "A trace shows whether checkpoints follow from each other and a log fits them. It cannot show who ran the training, on what data, " \
      "or that nothing was left out between two checkpoints.", \
      "학습 추적은 체크포인트가 서로 이어지는지, 손실 기록이 이에 부합하는지를 확인합니다. 누가 어떤 데이터로 학습하였는지, 체크포인트 사이에 빠진 과정이 없는지는 확인할 수 없습니다.") \
    X(HEAD_STEP, "Step", "단계") \
    X(HEAD_MOVED, "Distance from the first", "처음 체크포인트와의 거리") \
    X(HEAD_FROM_TO, "From – to", "구간") \
    X(HEAD_LOST, "Share of learning lost", "소실된 학습의 비율") \
    X(GLOSSARY, "Glossary", "용어") \
    X(TERM_WEIGHTS, "Weights", "가중치") \
    X(SAY_WEIGHTS, "The numbers that training writes; all that a model has learned.", "학습으로 정해지는 수치로서 모델이 배운 내용 전체.") \
    X(TERM_TENSOR, "Tensor", "텐서") \
    X(SAY_TENSOR, "A table of weights with a name, stored in the model's files.", "모델 파일에 이름과 함께 저장된 가중치의 표.") \
    X(TERM_COMPONENT, "Component", "구성요소") \
    X(SAY_COMPONENT, \
      "A part of the model that is judged by itself: text decoder, vision encoder, projector.", \
      "텍스트 디코더, 비전 인코더, 프로젝터처럼 따로 판정하는 모델의 부분.") \
    X(TERM_REFERENCE, "Reference", "참조 모델") \
    X(SAY_REFERENCE, "A known model that the subject is compared with.", "감사 대상과 비교하는 알려진 모델.") \
    X(TERM_PRINT, "Print", "지문") \
    X(SAY_PRINT, "A small file made from a model, enough to compare it with others.", "다른 모델과의 비교에 필요한 정보를 모델에서 추출한 작은 파일.") \
    X(TERM_RHO, "rho", "rho") \
    X(SAY_RHO, "Correlation between the weights of both models, 0 for none, 1 for full agreement.", "두 모델 가중치의 상관. 0은 무관, 1은 완전한 일치.") \
    X(TERM_P, "p-value", "p값") \
    X(SAY_P, \
      "How probable such an agreement, or a greater one, would be by chance; log10 p = -9 is one in a billion.", \
      "그만큼 또는 그 이상의 일치가 우연히 나타날 확률. log10 p = -9는 10억분의 1.") \
    X(TERM_DIGEST, "Digest (SHA-256)", "다이제스트(SHA-256)") \
    X(SAY_DIGEST, "A number that changes when a single bit of a file does.", "파일의 한 비트만 바뀌어도 달라지는 값.")
/* clang-format on */

enum sva_html_label {
#define X(id, en, ko) SVA_HTML_##id,
    SVA_HTML_LABELS(X)
#undef X
        SVA_HTML_LABEL_COUNT
};

/** Never NULL for a valid label. */
const char *sva_html_label(enum sva_lang lang, enum sva_html_label label);

/** Closed vocabularies of the report. */
enum sva_html_words {
    SVA_WORDS_VERDICT,
    SVA_WORDS_RULE,
    SVA_WORDS_ANSWER,
    SVA_WORDS_COMPONENT,
    SVA_WORDS_DERIVATION,
    SVA_WORDS_P_LABEL,
    SVA_WORDS_DOCUMENT,
    SVA_WORDS_SIGNATURE,
    SVA_WORDS_WAIVER,
    SVA_WORDS_WAIVER_REASON,
    SVA_WORDS_MIXTURE,
    SVA_WORDS_PARENT,
    SVA_WORDS_LINEAGE,
    SVA_WORDS_BECAUSE,
    SVA_WORDS_CLAUSE,
    SVA_WORDS_LEFT_OUT,
    SVA_WORDS_ITEM,
    SVA_WORDS_DECISION,
    SVA_WORDS_KNOWN,
    SVA_WORDS_WHERE,
    SVA_WORDS_CLAIM,
    SVA_WORDS_NAME_LEVEL,
    SVA_WORDS_BASELINE,
    SVA_WORDS_TRACE,
    SVA_WORDS_LINK,
    SVA_WORDS_MISC
};

/** The word for a value; the value itself where it is none of the vocabulary's. */
const char *sva_html_word(enum sva_lang lang, enum sva_html_words words, const char *value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Words of closed lists (verdicts, answers, states, reasons) in Korean; see docs/glossary.md. */
#include <string.h>

#include "base/korean.h"

/* clang-format off: it would pad lines of Hangul */
static const struct pair {
    const char *word, *korean;
} WORDS[] = {
    /* answers of comparisons */
    {"identical", "동일"},
    {"derived", "파생"},
    {"shared-initialisation", "초기값 공유"},
    {"dependent-unexplained", "경위 불명"},
    {"no-evidence", "증거 없음"},
    {"not-comparable", "비교 불가"},
    /* verdicts of rules, how severe a rule is, what a person or a trace decided */
    {"pass", "적합"},
    {"fail", "부적합"},
    {"review", "검토 필요"},
    {"not-applicable", "해당 없음"},
    {"not-checked", "미확인"},
    {"error", "오류"},
    {"informational", "참고"},
    {"info", "참고"},
    {"accepted", "인정"},
    {"refused", "불인정"},
    {"rejected", "불인정"},
    /* a rule pack */
    {"draft", "초안"},
    {"final", "확정"},
    {"superseded", "대체됨"},
    {"built-in", "내장"},
    {"KR", "대한민국"},
    {"EU", "유럽연합"},
    {"JP", "일본"},
    {"IN", "인도"},
    {"any", "제한 없음"},
    /* documents of a register */
    {"sound", "일치"},
    {"hash-only", "해시만 확인"},
    {"missing", "문서 없음"},
    {"changed", "변경됨"},
    {"malformed", "형식 오류"},
    /* why a waiver was granted */
    {"own-weights", "자체 가중치"},
    {"licensed-component", "이용 허락을 받은 구성요소"},
    {"false-match", "잘못된 일치"},
    {"accepted-risk", "위험 수용"},
    {"pending-evidence", "증빙 제출 예정"},
    {"out-of-scope", "심사 범위 밖"},
    {"judged-elsewhere", "다른 절차에서 판단"},
    /* why a file was not audited, and what it is */
    {"it seems to hold the model's weights a second time", "같은 가중치의 중복으로 보임"},
    {"it holds the state of a training run", "학습 상태"},
    {"the index does not name it", "색인에 없음"},
    {"it lies in a subdirectory beside the model", "하위 폴더에 있음"},
    {"it holds another network, of fewer parameters", "매개변수가 더 적은 다른 신경망"},
    {"it holds another encoder", "다른 인코더"},
    {"it holds an adapter beside a model", "모델에 딸린 어댑터"},
    {"it holds importances of weights, not weights", "가중치가 아니라 가중치의 중요도"},
    {"it holds a vocabulary without weights", "가중치 없이 어휘만 있음"},
    {"a part of the set is missing", "일부 조각이 없음"},
    {"a file of unknown content", "내용을 알 수 없는 파일"},
    {"named like a pickle, a file", "이름이 pickle인 파일"},
    {"of unknown content", "내용을 알 수 없는 파일"},
    {"empty", "빈 파일"},
    {"a safetensors file", "safetensors 파일"},
    {"a Python pickle", "Python pickle 파일"},
    {"a PyTorch archive with a pickle inside", "pickle이 든 PyTorch 파일"},
    {"a zip archive", "zip 압축 파일"},
    {"a GGUF file", "GGUF 파일"},
    {"an old GGML file", "옛 GGML 파일"},
    {"an HDF5 file", "HDF5 파일"},
    {"a NumPy file", "NumPy 파일"},
    {"a TensorFlow Lite file", "TensorFlow Lite 파일"},
    {"a tar archive", "tar 압축 파일"},
    {"a compressed file", "압축된 파일"},
    /* distributions of a start */
    {"none", "해당 없음"},
    {"constant", "상수"},
    {"normal", "정규"},
    {"uniform", "균등"},
    {"truncated-2", "절단 정규(2σ)"},
    {"truncated-3", "절단 정규(3σ)"},
};
/* clang-format on */

const char *sva_korean_word(const char *word)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(WORDS[i].word, word) == 0) {
            return WORDS[i].korean;
        }
    }
    return word;
}

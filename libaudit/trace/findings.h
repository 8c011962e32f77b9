/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is found, each with its sentence in English and Korean. Every word that `trace` says about
 * the evidence stands in this table; placeholders are {0}, {1} ... A Korean particle behind a
 * value is written in both forms, "{2}이(가)", and chosen when the value is known.
 */
#ifndef SVA_TRACE_FINDINGS_H
#define SVA_TRACE_FINDINGS_H

#include <sovaudit/trace.h>

#include "base/memory.h"

/* clang-format off: it would pad lines of Hangul */
/* X(id, code, rule, English, Korean) */
#define SVA_TRACE_FINDINGS(X) \
    X(NO_STEP_0, "no-step-0", WEIGHTS, \
      "The first checkpoint is of step {0}, so nothing shows how the weights were initialised.", \
      "첫 체크포인트: {0}단계. 0단계(학습 전) 체크포인트가 없어 가중치의 초기화를 확인할 수 " \
      "없습니다.") \
    X(ONE_CHECKPOINT, "one-checkpoint", WEIGHTS, \
      "Only one checkpoint was given, so there is no path to look at.", \
      "체크포인트가 하나뿐이어서 학습 경로를 확인할 수 없습니다.") \
    X(STEPS_NOT_ASCENDING, "steps-not-ascending", WEIGHTS, \
      "Checkpoint {0} ({1}) carries step {2}, which is not later than step {3} before it.", \
      "체크포인트 {0}({1}): {2}단계로 표시되어 있으나 바로 앞의 체크포인트({3}단계)보다 뒤가 " \
      "아닙니다.") \
    X(PRINT_ONLY, "print-only", WEIGHTS, \
      "Checkpoint {0} ({1}) is a print; its weights were not seen.", \
      "체크포인트 {0}({1})은(는) 지문 파일이며 가중치 자체는 확인하지 않았습니다.") \
    X(START_GAINS, "start-gains-moved", WEIGHTS, \
      "The step-0 checkpoint is no fresh start: {0} of its {1} norm gains are not constant, as " \
      "training leaves them.", \
      "0단계 체크포인트가 학습 전 상태로 보이지 않습니다. 정규화 이득 {1}개 중 {0}개가 상수가 " \
      "아니며, 이는 학습을 거친 값의 특징입니다.") \
    X(START_DIRECTIONS, "start-directions", WEIGHTS, \
      "The step-0 checkpoint is no fresh start: {0} of {1} matrix sides hold directions that " \
      "no random matrix has.", \
      "0단계 체크포인트가 학습 전 상태로 보이지 않습니다. 행렬의 축 {1}개 중 {0}개에 무작위 " \
      "행렬에는 나타나지 않는 방향이 있습니다.") \
    X(START_TAILS, "start-distribution", WEIGHTS, \
      "Values of {0} in the step-0 checkpoint follow none of the distributions that weights are " \
      "drawn from (kurtosis {1}, distance {2}).", \
      "0단계 체크포인트의 {0}: 값이 알려진 초기화 분포를 따르지 않습니다(첨도 {1}, 거리 {2}).") \
    X(START_MEAN, "start-mean", WEIGHTS, \
      "Values of {0} in the step-0 checkpoint are not centred: their mean is {1} deviations.", \
      "0단계 체크포인트의 {0}: 평균이 0이 아니라 표준편차의 {1}배입니다.") \
    X(START_SCALE, "start-scale-varies", WEIGHTS, \
      "The scale of {0} in the step-0 checkpoint varies from {1} to {2} between layers, and not " \
      "with depth.", \
      "0단계 체크포인트의 {0}: 계층에 따라 크기가 {1}에서 {2}까지 다르며, 깊이에 따른 변화도 " \
      "아닙니다.") \
    X(START_DECLARED_DISTRIBUTION, "start-not-as-declared", WEIGHTS, \
      "Declared for {0} is a {1} distribution; the step-0 checkpoint holds {2}.", \
      "{0}: 신고한 분포는 {3}이나 0단계 체크포인트의 분포는 {4}입니다.") \
    X(START_DECLARED_SCALE, "start-not-as-declared", WEIGHTS, \
      "Declared for {0} is a deviation of {1}; the step-0 checkpoint has {2}.", \
      "{0}: 신고한 표준편차는 {1}이나 0단계 체크포인트에서는 {2}입니다.") \
    X(START_UNLOOKED, "start-not-looked-at", WEIGHTS, \
      "{0} tensors of the step-0 checkpoint have no known role and were not looked at; there are " \
      "too many of them.", \
      "0단계 체크포인트의 텐서 중 역할을 알 수 없는 {0}개는 수가 너무 많아 확인하지 않았습니다.") \
    X(START_EQUAL_TENSORS, "start-equal-tensors", WEIGHTS, \
      "{0} tensors of the step-0 checkpoint hold the same values as another one; random draws do " \
      "not repeat. First: {1}.", \
      "0단계 체크포인트에 값이 서로 같은 텐서가 {0}개 있습니다. 무작위로 뽑은 값은 되풀이되지 " \
      "않습니다. 예: {1}.") \
    X(START_EQUAL_ROWS, "start-equal-rows", WEIGHTS, \
      "{0} rows of the step-0 checkpoint appear twice; random draws do not repeat. First in: {1}.", \
      "0단계 체크포인트에 두 번 나타나는 행이 {0}개 있습니다. 무작위로 뽑은 값은 되풀이되지 " \
      "않습니다. 예: {1}.") \
    X(START_CORRELATED, "start-correlated", WEIGHTS, \
      "Tensors of the step-0 checkpoint are not independent: {0} correlate by {1} (log10 p {2}).", \
      "0단계 체크포인트의 텐서들이 서로 독립이 아닙니다. {0}: 상관 {1}(log10 p {2}).") \
    X(BASE_UNDERNEATH, "known-base-underneath", WEIGHTS, \
      "The step-0 checkpoint is not independent of {0}: the answer is {1}.", \
      "0단계 체크포인트가 참조 모델과 독립이 아닙니다. {0}: {2}.") \
    X(BASE_OWN, "own-base", WEIGHTS, \
      "The step-0 checkpoint depends on {0}, which is the vendor's own.", \
      "0단계 체크포인트와 의존 관계에 있는 참조 모델: {0}(제출 기관 자신의 모델).") \
    X(BASE_LATER, "later-reference", WEIGHTS, \
      "The step-0 checkpoint depends on {0}, which was released after the model: it does not lie " \
      "underneath.", \
      "0단계 체크포인트와 의존 관계에 있는 참조 모델: {0}(감사 대상보다 나중에 공개되어 기반 " \
      "모델이 아님).") \
    X(BASE_UNDATED, "undated-reference", WEIGHTS, \
      "The step-0 checkpoint is not independent of {0} (the answer is {1}), and which of the two " \
      "was there first is not known.", \
      "0단계 체크포인트가 참조 모델과 독립이 아니며, 어느 쪽이 먼저 공개되었는지 알 수 없습니다. " \
      "{0}: {2}.") \
    X(BASE_NOT_LOOKED, "no-references", WEIGHTS, \
      "No reference was given: whether a known base lies underneath the start was not looked at " \
      "beyond its being random.", \
      "참조 모델이 주어지지 않아, 초기 가중치가 무작위라는 점 외에 알려진 기반 모델과의 관계는 " \
      "확인하지 않았습니다.") \
    X(NOT_FROM_START, "not-from-start", WEIGHTS, \
      "Checkpoint {0} ({1}) shows no trace of the step-0 checkpoint: it does not come from this " \
      "initialisation (similarity {2}; {3} or more would have been seen).", \
      "체크포인트 {0}({1}): 0단계 체크포인트의 흔적이 없어, 이 초기값에서 학습한 것으로 볼 수 " \
      "없습니다(유사도 {2}, {3} 이상이면 검출되었을 것입니다).") \
    X(NO_DESCENT, "not-a-descendant", WEIGHTS, \
      "Checkpoint {0} ({1}) shows no trace of checkpoint {2} ({3}): it is another model " \
      "(similarity {4}; {5} or more would have been seen).", \
      "체크포인트 {0}({1}): 체크포인트 {2}({3})의 흔적이 없어, 서로 다른 모델로 " \
      "판단됩니다(유사도 {4}, {5} 이상이면 검출되었을 것입니다).") \
    X(JUMP, "jump", WEIGHTS, \
      "The path breaks between checkpoint {0} ({1}) and {2} ({3}): {4} of what the first had " \
      "learned is absent from the second, as in another run from the same start.", \
      "체크포인트 {0}({1})와(과) {2}({3}) 사이에서 학습 경로가 끊깁니다. 앞 체크포인트가 학습한 " \
      "변화의 {4}이(가) 뒤 체크포인트에 없습니다. 같은 초기값에서 시작한 다른 학습에서 나타나는 " \
      "모습입니다.") \
    X(FOREIGN, "foreign-checkpoint", WEIGHTS, \
      "Checkpoint {0} ({1}) was swapped in: checkpoint {2} continues from {3} without it, by a " \
      "similarity of {4} against {5}.", \
      "체크포인트 {0}({1}): 이 학습 경로에 속하지 않는 것으로 판단됩니다. 이것을 빼면 " \
      "체크포인트 {2}이(가) 체크포인트 {3}에서 이어집니다(유사도 {4}, 이 체크포인트와는 {5}).") \
    X(UNEXPLAINED, "descent-unexplained", WEIGHTS, \
      "Checkpoints {0} ({1}) and {2} ({3}) depend on each other, but whether by training or by a " \
      "shared start cannot be told; a step-0 or a nearer checkpoint would tell.", \
      "체크포인트 {0}({1})와(과) {2}({3}): 서로 의존하나, 이어진 학습 때문인지 초기값을 공유했기 " \
      "때문인지 알 수 없습니다. 0단계 또는 더 가까운 체크포인트가 있으면 판단할 수 있습니다.") \
    X(LOST_MUCH, "much-unlearned", WEIGHTS, \
      "{4} of what checkpoint {0} ({1}) had learned is absent from {2} ({3}); on a path that is " \
      "unusual.", \
      "체크포인트 {0}({1})이(가) 학습한 변화의 {4}이(가) {2}({3})에 없습니다. 이어진 학습에서는 " \
      "드문 일입니다.") \
    X(WEAK_LINK, "weak-descent", WEIGHTS, \
      "That checkpoint {0} ({1}) descends from {2} ({3}) shows, but short of the bar for an exact " \
      "proof.", \
      "체크포인트 {0}({1})이(가) {2}({3})에서 이어졌다는 증거가 있으나 정확 검정의 기준에는 미치지 " \
      "못합니다.") \
    X(OTHER_SHAPE, "not-comparable", WEIGHTS, \
      "Checkpoints {0} ({1}) and {2} ({3}) cannot be compared: {4} have no counterpart of the " \
      "same shape.", \
      "체크포인트 {0}({1})와(과) {2}({3}): 같은 모양의 짝이 없어 비교할 수 없는 텐서가 " \
      "있습니다({4}개).") \
    X(UNCHANGED, "unchanged", WEIGHTS, \
      "Checkpoints {0} ({1}) and {2} ({3}) hold the same weights: nothing was trained between " \
      "them.", "체크포인트 {0}({1})와(과) {2}({3}): 가중치가 같으므로 그 사이에 학습이 없었습니다.") \
    X(ORDER, "order", WEIGHTS, \
      "Checkpoint {0} ({1}) lies nearer to the start than checkpoint {2} ({3}) before it: the " \
      "order may be wrong.", \
      "체크포인트 {0}({1})이(가) 앞선 {2}({3})보다 초기값에 더 가깝습니다. 순서가 바뀌었을 수 " \
      "있습니다.") \
    X(STRAIGHT, "straight-line", WEIGHTS, \
      "Checkpoints {0} ({1}) and {2} ({3}) lie on one straight line from the start (correlation " \
      "of the changes {4}), as interpolation gives and training does not.", \
      "체크포인트 {0}({1})와(과) {2}({3}): 초기값에서 그은 한 직선 위에 있습니다(변화의 상관 {4}). " \
      "보간한 값에서 나타나는 모습이며, 학습에서는 나타나지 않습니다.") \
    X(START_FADES, "start-fades", WEIGHTS, \
      "Checkpoint {2} ({3}) lacks {4} of the start that checkpoint {0} ({1}) holds, and keeps the " \
      "rest: as in moving from a random draw towards another model, and not in training.", \
      "체크포인트 {0}({1})에 남아 있던 초기값의 {4}이(가) {2}({3})에는 없으나 나머지는 그대로입니다. " \
      "무작위 값에서 다른 모델 쪽으로 옮겨 갈 때 나타나는 모습이며, 학습에서는 나타나지 않습니다.") \
    X(START_GONE, "start-gone", WEIGHTS, \
      "The last checkpoint ({0}) shows no trace of the step-0 checkpoint (similarity {1}), although " \
      "the links between them are so close that about {2} would be left.", \
      "마지막 체크포인트({0})에 0단계 체크포인트의 흔적이 없습니다(유사도 {1}). 사이의 " \
      "체크포인트들이 서로 가까우므로 {2} 정도는 남아 있어야 합니다.") \
    X(OPTIMISER_UNREAD, "optimiser-unread", WEIGHTS, \
      "The optimiser state of checkpoint {0} could not be read: {1}.", \
      "체크포인트 {0}의 옵티마이저 상태를 읽지 못했습니다: {1}.") \
    X(OPTIMISER_SHAPES, "optimiser-shapes", WEIGHTS, \
      "The optimiser state of checkpoint {0} is of another model: {1} of its {2} moments have a " \
      "shape that no weight has.", \
      "체크포인트 {0}의 옵티마이저 상태가 이 모델의 것이 아닙니다. 모멘트 {2}개 중 {1}개는 " \
      "모양이 같은 가중치가 없습니다.") \
    X(OPTIMISER_PAIRS, "optimiser-incomplete", WEIGHTS, \
      "The optimiser state of checkpoint {0} is incomplete: {1} moments lack their partner.", \
      "체크포인트 {0}의 옵티마이저 상태가 불완전합니다. 짝이 없는 모멘트: {1}개.") \
    X(OPTIMISER_NEGATIVE, "optimiser-values", WEIGHTS, \
      "The optimiser state of checkpoint {0} is none: {1} second moments hold negative values.", \
      "체크포인트 {0}의 옵티마이저 상태가 올바르지 않습니다. 음수가 들어 있는 2차 모멘트: {1}개.") \
    X(OPTIMISER_STEPS, "optimiser-steps", WEIGHTS, \
      "The optimiser's step count does not increase: {0} at checkpoint {1}, {2} at checkpoint " \
      "{3}.", \
      "옵티마이저의 단계 수가 늘지 않습니다. 체크포인트 {1}: {0}, 체크포인트 {3}: {2}.") \
    X(OPTIMISER_LABEL, "optimiser-step-differs", WEIGHTS, \
      "Checkpoint {0} is of step {1}, its optimiser has made {2} steps.", \
      "체크포인트 {0}: {1}단계로 표시되어 있으나 옵티마이저의 단계 수는 {2}입니다.") \
    X(LOG_START_LOW, "log-starts-low", LOG, \
      "The loss log starts at {0} at step {1}; from a random start it would be near ln({2}) = " \
      "{3}: training did not begin there.", \
      "손실 기록의 첫 값: {1}단계에서 {0}. 무작위 초기값에서 시작하였다면 ln({2}) = {3} " \
      "부근이어야 하므로, 학습의 처음으로 볼 수 없습니다.") \
    X(LOG_START_HIGH, "log-starts-high", LOG, \
      "The loss log starts at {0} at step {1}, far above ln({2}) = {3}.", \
      "손실 기록의 첫 값: {1}단계에서 {0}. ln({2}) = {3}보다 크게 높습니다.") \
    X(LOG_LATE, "log-starts-late", LOG, \
      "The loss log starts at step {0} only; the {1} of the run before it are not shown.", \
      "손실 기록이 {0}단계에서야 시작됩니다. 그 앞의 학습({1})이 빠져 있습니다.") \
    X(LOG_VOCABULARY, "log-vocabulary-unknown", LOG, \
      "The size of the vocabulary is not known, so the loss at the start was not judged.", \
      "어휘 크기를 알 수 없어 시작 손실을 판단하지 못했습니다.") \
    X(VOCABULARY_DECLARED, "vocabulary-differs", LOG, \
      "Declared is a vocabulary of {0}; the last checkpoint has {1} rows for it.", \
      "신고한 어휘 크기는 {0}이나 마지막 체크포인트의 어휘 행은 {1}개입니다.") \
    X(VOCABULARY_STATED, "vocabulary-differs", LOG, \
      "The configuration says a vocabulary of {0}; the last checkpoint has {1} rows for it.", \
      "설정에 적힌 어휘 크기는 {0}이나 마지막 체크포인트의 어휘 행은 {1}개입니다.") \
    X(LOG_NO_FALL, "log-no-decrease", LOG, \
      "The loss does not fall: {0} at the start, {1} at the end.", \
      "손실이 줄어들지 않습니다. 처음 {0}, 끝 {1}.") \
    X(LOG_SHORT, "log-short", LOG, "The loss log has only {0} records.", \
      "손실 기록의 항목이 {0}개뿐입니다.") \
    X(LOG_GAP, "log-gap", LOG, \
      "The loss log has a gap from step {0} to {1} (about {2} records missing, {3} of the run).", \
      "손실 기록에 빈 구간이 있습니다: {0}~{1}단계(빠진 항목 약 {2}개, 전체 학습의 {3}).") \
    X(LOG_GAP_DECLARED, "log-gap-declared", LOG, \
      "The loss log has a gap from step {0} to {1}, which was declared: {2}.", \
      "손실 기록에 신고된 빈 구간이 있습니다: {0}~{1}단계({2}).") \
    X(LOG_GAPS, "log-gaps", LOG, \
      "The loss log has {0} gaps that were not declared, together {1} of the run.", \
      "손실 기록에 신고되지 않은 빈 구간이 {0}개 있습니다(모두 합하여 전체 학습의 {1}).") \
    X(LOG_RESUMED, "log-resumed", LOG, \
      "Training was resumed {0} times from an earlier step; {1} records were written again.", \
      "이전 단계에서 학습을 다시 시작한 횟수: {0}회, 다시 기록된 항목: {1}개.") \
    X(LOG_RESUMED_MORE, "log-resumed-often", LOG, \
      "Of {0} resumptions only the first {1} were held against what was logged before.", \
      "학습을 다시 시작한 {0}회 중 처음 {1}회만 이전 기록과 비교하였습니다.") \
    X(LOG_RESUMED_OTHER, "log-resumed-differently", LOG, \
      "After training went back from step {0} to {1}, its loss differs by {2} from what the same " \
      "steps had before.", \
      "{0}단계에서 {1}단계로 되돌아간 뒤의 손실이 같은 단계의 이전 값과 {2}만큼 다릅니다.") \
    X(LOG_DUPLICATES, "log-duplicates", LOG, \
      "{0} records of the loss log repeat the step before.", \
      "손실 기록에서 바로 앞과 같은 단계를 되풀이한 항목: {0}개.") \
    X(LOG_NONFINITE, "log-nonfinite", LOG, "{0} records of the loss log are not finite numbers.", \
      "손실 기록에서 유한한 수가 아닌 항목: {0}개.") \
    X(LOG_DROP, "log-sudden-drop", LOG, \
      "The loss falls by {0} at once at step {1} and stays there, as when other weights are " \
      "loaded.", \
      "{1}단계에서 손실이 한꺼번에 {0}만큼 낮아진 뒤 그대로 유지됩니다. 다른 가중치를 불러왔을 " \
      "때 나타나는 모습입니다.") \
    X(LOG_TOO_SMOOTH, "log-never-rises", LOG, \
      "The loss never rises from one record to the next in {0} records, which real training " \
      "rarely does.", \
      "항목 {0}개에서 손실이 한 번도 오르지 않았습니다. 실제 학습에서는 드문 일입니다.") \
    X(LOG_TRUNCATED, "log-cut-off", LOG, \
      "{0} files of the loss log end in the middle of a record.", \
      "항목 중간에서 끝나는 손실 기록 파일: {0}개.") \
    X(LOG_ENDS_EARLY, "log-ends-early", LOG, \
      "The loss log ends at step {0}, before the last checkpoint (step {1}).", \
      "손실 기록이 {0}단계에서 끝나며 마지막 체크포인트({1}단계)에 이르지 못합니다.") \
    X(LOG_END_UNKNOWN, "log-end-unknown", LOG, \
      "The step of the last checkpoint is not known, so whether the loss log reaches it was not " \
      "checked; the log ends at step {0}.", \
      "마지막 체크포인트의 단계를 알 수 없어 손실 기록이 거기까지 이르는지 확인하지 못했습니다. 기록은 " \
      "{0}단계에서 끝납니다.") \
    X(TOKENS_DIFFER, "tokens-differ", LOG, \
      "Declared are {0} tokens; the log accounts for {1} ({2} of them).", \
      "신고한 토큰 수는 {0}이나 기록으로 확인되는 토큰 수는 {1}입니다({2}).") \
    X(PARAMETERS_DIFFER, "parameters-differ", LOG, \
      "Declared are {0} parameters; the last checkpoint has {1}.", \
      "신고한 매개변수 수는 {0}이나 마지막 체크포인트의 매개변수 수는 {1}입니다.") \
    X(ACTIVE_MORE, "active-parameters-differ", LOG, \
      "Declared are {0} active parameters; the last checkpoint has {1} in all.", \
      "신고한 활성 매개변수 수는 {0}이나 마지막 체크포인트의 전체 매개변수 수는 {1}입니다.") \
    X(ACTIVE_FEWER, "active-parameters-differ", LOG, \
      "Declared are {0} active parameters; {1} of the last checkpoint belong to no expert and are " \
      "always active.", \
      "신고한 활성 매개변수 수는 {0}이나 마지막 체크포인트에서 전문가에 속하지 않아 항상 쓰이는 " \
      "매개변수 수는 {1}입니다.") \
    X(FLOPS_DIFFER, "compute-differs", LOG, \
      "Declared are {0} FLOPs; 6 x parameters x tokens gives {1} (ratio {2}).", \
      "신고한 연산량은 {0} FLOP이나 6 × 매개변수 수 × 토큰 수는 {1} FLOP입니다(비율 {2}).") \
    X(HARDWARE_SHORT, "hardware-too-slow", LOG, \
      "The declared hardware could do {0} FLOPs in the declared hours; the training takes {1}: " \
      "{2} of its peak.", \
      "신고한 장비와 시간으로 가능한 연산량은 {0} FLOP이나 이 학습에는 {1} FLOP이 " \
      "필요합니다(최대 성능의 {2}).") \
    X(HARDWARE_IDLE, "hardware-idle", LOG, \
      "The declared hardware and hours could do far more than this training takes: {2} of the " \
      "peak were used ({1} of {0} FLOPs).", \
      "신고한 장비와 시간이 이 학습에 필요한 것보다 훨씬 많습니다. 최대 성능의 {2}만 " \
      "사용되었습니다({0} FLOP 중 {1} FLOP).") \
    X(HARDWARE_UNKNOWN, "hardware-unknown", LOG, \
      "The peak of \"{0}\" is not known and was not declared (hardware.peak_flops).", \
      "장비의 최대 성능을 알 수 없고 신고되지도 않았습니다(hardware.peak_flops): {0}.") \
    X(PEAK_DIFFERS, "hardware-peak-differs", LOG, \
      "Declared for \"{0}\" is a peak of {1} FLOP/s; the maker's figure is {2}.", \
      "{0}: 신고한 최대 성능은 {1} FLOP/s이나 제조사가 밝힌 값은 {2} FLOP/s입니다.") \
    X(MORE_WEIGHTS, "more-findings", WEIGHTS, \
      "{1} more findings of the kind \"{0}\" are not listed.", \
      "같은 종류의 사항({0})이 {1}건 더 있으며 여기에는 적지 않았습니다.") \
    X(MORE_LOG, "more-findings", LOG, "{1} more findings of the kind \"{0}\" are not listed.", \
      "같은 종류의 사항({0})이 {1}건 더 있으며 여기에는 적지 않았습니다.")
/* clang-format on */

enum sva_trace_finding_id {
#define X(id, code, rule, en, ko) SVA_FOUND_##id,
    SVA_TRACE_FINDINGS(X)
#undef X
        SVA_FOUND_COUNT
};

enum {
    SVA_FOUND_VALUES = 6,
    SVA_FOUND_LEVELS = SVA_TRACE_REFUSED + 1,
    SVA_FOUND_OF_A_KIND = 100 /**< listed; of one kind and level */
};

/** Findings as they come. Zero-initialise; texts live in `arena`. */
struct sva_findings {
    struct sva_arena *arena;
    struct sva_trace_finding *items;
    size_t count, capacity;
    size_t found[SVA_FOUND_COUNT][SVA_FOUND_LEVELS]; /**< of every kind, listed or not */
    bool failed;                                     /**< out of memory */
};

/**
 * Adds one; `values` fill the placeholders, NULL entries are "". Beyond SVA_FOUND_OF_A_KIND it is
 * counted only, for the verdict and the line "N more".
 */
void sva_find(struct sva_findings *findings, enum sva_trace_finding_id id,
              enum sva_trace_level level, const char *const values[SVA_FOUND_VALUES]);

/** Adds a line for each kind and level of which not all are listed. */
void sva_findings_tell_more(struct sva_findings *findings);

/** Strongest first, otherwise as they came. */
void sva_findings_sort(struct sva_findings *findings);

/** Of one rule's findings, listed or not: refused, review or accepted. */
enum sva_trace_verdict sva_findings_verdict(const struct sva_findings *findings,
                                            enum sva_trace_rule rule);

/** Numbers as text in `arena`: "0.0123" with `digits` significant digits; "?" when not finite. */
const char *sva_found_number(struct sva_arena *arena, double value, int digits);
/** "12%", one decimal below ten. */
const char *sva_found_percent(struct sva_arena *arena, double share);
/** 1-based place of a checkpoint, and its path, escaped. */
const char *sva_found_place(struct sva_arena *arena, size_t index);
const char *sva_found_text(struct sva_arena *arena, const char *text);

#endif

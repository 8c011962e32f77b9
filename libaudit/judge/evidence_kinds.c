/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/evidence_kinds.h"

#include <string.h>

static const struct sva_evidence_kind_info table[SVA_KIND_COUNT] = {
    [SVA_KIND_WEIGHTS] = {"weights", false, "weights", "가중치"},
    [SVA_KIND_TENSOR_HASH] = {"tensor-hash", false, "hashes of tensors", "텐서 해시"},
    [SVA_KIND_FILE_HASH] = {"file-hash", false, "hashes of files", "파일 해시"},
    [SVA_KIND_CONFIG] = {"config", false, "configuration", "설정"},
    [SVA_KIND_TOKENIZER] = {"tokenizer", false, "tokenizer", "토크나이저"},
    [SVA_KIND_MODEL_CARD] = {"model-card", false, "model card", "모델 카드"},
    [SVA_KIND_LICENCE] = {"licence", false, "licence and notices", "라이선스 및 고지문"},
    [SVA_KIND_CODE] = {"code", false, "shipped code", "함께 제공된 코드"},
    [SVA_KIND_FILE_FORMAT] = {"file-format", false, "format of files", "파일 형식"},
    [SVA_KIND_INITIALISATION_RECORD] = {"initialisation-record", true,
                                        "record of the initialisation (scheme and seed)",
                                        "가중치 초기화 기록(방식과 시드)"},
    [SVA_KIND_CHECKPOINT_MANIFEST] = {"checkpoint-manifest", true,
                                      "list of early checkpoints with their hashes",
                                      "학습 초기 체크포인트 목록(해시 포함)"},
    [SVA_KIND_TRACE_REPORT] = {"trace-report", true, "report of sovaudit trace",
                               "학습 추적(sovaudit trace) 보고서"},
    [SVA_KIND_LOSS_LOG] = {"loss-log", true, "loss log from step 0 to the end",
                           "0단계부터 종료까지의 손실 기록"},
    [SVA_KIND_DATA_SHEET] = {"data-sheet", true, "data sheet", "학습 데이터 설명서"},
    [SVA_KIND_DATA_MANIFEST] = {"data-manifest", true, "list of data files with their hashes",
                                "학습 데이터 파일 목록(해시 포함)"},
    [SVA_KIND_TRAINING_CONTENT_SUMMARY] = {"training-content-summary", true,
                                           "public summary of the training content",
                                           "학습 콘텐츠 공개 요약"},
    [SVA_KIND_COPYRIGHT_POLICY] = {"copyright-policy", true, "copyright policy", "저작권 정책"},
    [SVA_KIND_TRAINING_RECIPE] = {"training-recipe", true, "training recipe",
                                  "학습 방법 및 하이퍼파라미터 기록"},
    [SVA_KIND_CODE_COMMIT] = {"code-commit", true, "commit of the training code",
                              "학습 코드의 커밋 기록"},
    [SVA_KIND_ENVIRONMENT] = {"environment", true, "hardware and software of the training",
                              "학습 환경(하드웨어·소프트웨어) 기록"},
    [SVA_KIND_PROVENANCE] = {"provenance", true, "provenance statement (SLSA or alike)",
                             "출처 증명(SLSA 등)"},
    [SVA_KIND_COMPUTE_RECORD] = {"compute-record", true, "record of the training compute",
                                 "학습 연산량 기록"},
    [SVA_KIND_RETRAINING_DECLARATION] = {"retraining-declaration", true,
                                         "declaration that the owner can train the model again",
                                         "자체 재학습 가능 확인서"},
    [SVA_KIND_ORIGIN_STATEMENT] = {"origin-statement", true,
                                   "statement whether the model is original or derived",
                                   "자체 개발 또는 파생 여부 진술서"},
    [SVA_KIND_LICENCE_REVIEW] = {"licence-review", true, "review of licences and their duties",
                                 "라이선스 및 의무 이행 검토서"},
    [SVA_KIND_DOCUMENTATION_FORM] = {"documentation-form", true, "model documentation form",
                                     "모델 문서화 양식"},
    [SVA_KIND_ACCEPTABLE_USE] = {"acceptable-use", true, "acceptable use policy", "허용 사용 정책"},
    [SVA_KIND_SIGNED_MANIFEST] = {"signed-manifest", true, "signed list of the model's files",
                                  "서명된 파일 목록"},
    [SVA_KIND_PUBLIC_KEY] = {"public-key", true, "public key of the signed list",
                             "서명된 파일 목록의 공개 키"},
    [SVA_KIND_CONTACT] = {"contact", true, "contact for questions", "담당자 연락처"},
    [SVA_KIND_REPRODUCTION] = {"reproduction", true, "instructions to reproduce the claims",
                               "재현 절차서"},
    [SVA_KIND_JUDGEMENT] = {"judgement", true, "a person's recorded judgement", "검토자의 판단 기록"},
    [SVA_KIND_OTHER] = {"other", true, "another document", "그 밖의 문서"},
};

const struct sva_evidence_kind_info *sva_evidence_kind_get(enum sva_evidence_kind kind)
{
    return &table[kind];
}

bool sva_evidence_kind_find(const char *name, enum sva_evidence_kind *kind)
{
    for (size_t i = 0; i < SVA_KIND_COUNT; i++) {
        if (strcmp(table[i].name, name) == 0) {
            *kind = (enum sva_evidence_kind)i;
            return true;
        }
    }
    return false;
}

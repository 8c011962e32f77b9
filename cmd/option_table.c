/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#define AT(member) offsetof(struct settings, member)

enum {
    AUDITS = COMMAND_BIT(COMMAND_CHECK) | COMMAND_BIT(COMMAND_COMPARE),
    READERS = AUDITS | COMMAND_BIT(COMMAND_FINGERPRINT) | COMMAND_BIT(COMMAND_REFS_ADD),
    STORES = COMMAND_BIT(COMMAND_CHECK) | COMMAND_BIT(COMMAND_REFS_ADD) |
             COMMAND_BIT(COMMAND_REFS_LIST) | COMMAND_BIT(COMMAND_REFS_SHOW) |
             COMMAND_BIT(COMMAND_REFS_REMOVE) | COMMAND_BIT(COMMAND_REFS_INFO) |
             COMMAND_BIT(COMMAND_REFS_VERIFY) | COMMAND_BIT(COMMAND_VERSION),
    VERSIONED = COMMAND_BIT(COMMAND_REFS_ADD) | COMMAND_BIT(COMMAND_REFS_SHOW) |
                COMMAND_BIT(COMMAND_REFS_REMOVE),
    ADD = COMMAND_BIT(COMMAND_REFS_ADD),
    CHECK = COMMAND_BIT(COMMAND_CHECK),
    TEXTS = AUDITS | COMMAND_BIT(COMMAND_INSPECT)
};

const struct option OPTIONS[] = {
    {"output", 'o', OPTION_LIST, AT(outputs), "FORMAT=PATH", NULL, AUDITS,
     {"also write a report file: json or text (repeatable)",
      "보고서 파일: json 또는 text (여러 번 가능)"}},
    {"output", 'o', OPTION_LIST, AT(outputs), "FILE", NULL, COMMAND_BIT(COMMAND_FINGERPRINT),
     {"where to write the print", "지문을 쓸 파일"}},
    {"json", 0, OPTION_FLAG, AT(json), NULL, NULL, TEXTS,
     {"print JSON instead of text", "글 대신 JSON을 출력합니다"}},
    {"refs", 0, OPTION_TEXT, AT(store), "STORE", NULL, STORES,
     {"reference store (default: the user's own)",
      "참조 저장소 (기본값: 사용자 저장소)"}},
    {"ref", 0, OPTION_LIST, AT(refs), "PATH", NULL, CHECK,
     {"compare with this model or print too (repeatable)",
      "이 모델 또는 지문과도 비교합니다 (여러 번 가능)"}},
    {"exclude", 0, OPTION_LIST, AT(exclude), "NAME", NULL, CHECK,
     {"leave this reference out, openly (repeatable)",
      "이 참조를 빼고 보고서에 적습니다 (여러 번 가능)"}},
    {"own", 0, OPTION_LIST, AT(own), "PUBLISHER", NULL, CHECK,
     {"a publisher whose references are own (repeatable)",
      "자신의 것으로 볼 공개자 (여러 번 가능)"}},
    {"subject-date", 0, OPTION_DATE, AT(subject_date), "DATE", NULL, CHECK,
     {"when the subject was released: YYYY-MM[-DD]",
      "대상의 공개일: YYYY-MM[-DD]"}},
    {"init", 0, OPTION_TEXT, AT(init), "PATH", NULL, AUDITS,
     {"the subject's step-0 checkpoint: take its random start off",
      "대상의 학습 전(0단계) 체크포인트: 무작위 초기값을 뺍니다"}},
    {"rules", 0, OPTION_TEXT, AT(rules), "PACK", NULL,
     CHECK | COMMAND_BIT(COMMAND_VERSION),
     {"rule pack: name or file (default: kr-independent-ai)",
      "규칙 묶음 이름, 파일 (기본값: kr-independent-ai)"}},
    {"fail-on", 0, OPTION_CHOICE, AT(fail_on), "WHEN", "fail|review|never", CHECK,
     {"fail (default), review or never: what exits non-zero",
      "0 아닌 종료 코드를 낼 판정: fail(기본), review, never"}},
    {"as-of", 0, OPTION_TEXT, AT(as_of), "DATE", NULL, AUDITS | ADD,
     {"date of the report: YYYY-MM-DD (default: today, UTC)",
      "보고서 날짜: YYYY-MM-DD (기본값: 오늘, UTC)"}},
    {"threads", 'j', OPTION_COUNT, AT(threads), "COUNT", NULL, READERS,
     {"processors to use (default: all); same results",
      "사용할 프로세서 수 (기본값: 모두). 결과는 같습니다"}},
    {"name", 0, OPTION_TEXT, AT(name), "NAME", NULL, ADD,
     {"name of the reference (default: the model's)", "참조의 이름 (기본값: 모델 이름)"}},
    {"version", 0, OPTION_TEXT, AT(version), "VERSION", NULL, VERSIONED,
     {"version of the reference", "참조의 판"}},
    {"publisher", 0, OPTION_TEXT, AT(publisher), "NAME", NULL, ADD,
     {"who released it", "공개한 곳"}},
    {"released", 0, OPTION_DATE, AT(released), "DATE", NULL, ADD,
     {"when it was released: YYYY-MM[-DD]", "공개일: YYYY-MM[-DD]"}},
    {"licence", 0, OPTION_TEXT, AT(licence), "ID", NULL, ADD,
     {"its licence, an SPDX id where there is one", "라이선스 (가능하면 SPDX 식별자)"}},
    {"derived-from", 0, OPTION_TEXT, AT(derived_from), "NAME", NULL, ADD,
     {"reference that it is declared to derive from", "원본이라고 밝힌 참조"}},
    {"source", 0, OPTION_TEXT, AT(source), "TEXT", NULL, ADD,
     {"where the weights were taken from", "가중치를 가져온 곳"}},
    {"lang", 0, OPTION_CHOICE, AT(lang), "LANGUAGE", "en|ko", COMMANDS_ALL,
     {"en or ko (default: from the locale)", "en 또는 ko (기본값: 로캘에 따름)"}},
    {"colour", 0, OPTION_CHOICE, AT(colour), "WHEN", "auto|always|never", TEXTS,
     {"auto (default, heeds $NO_COLOR), always or never",
      "auto (기본값, $NO_COLOR에 따름), always, never"}},
    {"no-progress", 0, OPTION_FLAG, AT(no_progress), NULL, NULL, READERS,
     {"no progress bar", "진행 막대를 보이지 않습니다"}},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, NULL,
     READERS | COMMAND_BIT(COMMAND_REFS_REMOVE) | COMMAND_BIT(COMMAND_REFS_VERIFY) |
         COMMAND_BIT(COMMAND_RULES_LINT),
     {"no text for people, errors only",
      "사람을 위한 글 없이 오류만 냅니다"}},
    {"list", 0, OPTION_FLAG, AT(list), NULL, NULL, COMMAND_BIT(COMMAND_HELP),
     {"every command and option, one per line",
      "모든 명령과 옵션을 한 줄에 하나씩"}},
    {"help", 'h', OPTION_FLAG, AT(help), NULL, NULL, COMMANDS_ALL,
     {"explain this command", "이 명령을 설명합니다"}},
};

const size_t OPTION_TABLE_SIZE = sizeof OPTIONS / sizeof *OPTIONS;

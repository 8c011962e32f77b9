/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#define AT(member) offsetof(struct settings, member)

#define BIT(name) COMMAND_BIT(COMMAND_##name)
#define CHECK BIT(CHECK)
#define TRACE BIT(TRACE)
#define ADD BIT(REFS_ADD)
#define NOTE BIT(REFS_NOTE)
#define EVIDENCE_ADD BIT(EVIDENCE_ADD)
#define AUDITS (CHECK | BIT(COMPARE))
#define TEXTS (AUDITS | TRACE | BIT(INSPECT))
#define READERS (AUDITS | TRACE | BIT(FINGERPRINT) | ADD)
#define EVIDENCE (CHECK | EVIDENCE_ADD | BIT(EVIDENCE_CHECK))
#define VERSIONED (ADD | NOTE | BIT(REFS_SHOW) | BIT(REFS_REMOVE))
#define PACKS (BIT(REFS_EXPORT) | BIT(REFS_IMPORT))
#define STORES \
    (PACKS | CHECK | TRACE | VERSIONED | BIT(REFS_LIST) | BIT(REFS_INFO) | BIT(REFS_VERIFY) | \
     BIT(REFS_LOOKUP) | BIT(REFS_UPDATE_FACTS) | BIT(VERSION))

const struct option OPTIONS[] = {
    {"output", 'o', OPTION_LIST, AT(outputs), "FORMAT=PATH", NULL, AUDITS,
     {"also write the report in this format (repeatable)",
      "보고서를 이 형식으로도 저장합니다(여러 번 가능)"}},
    {"output", 'o', OPTION_LIST, AT(outputs), "FORMAT=PATH", NULL, TRACE,
     {"also write a report file: json or text (repeatable)",
      "보고서 파일도 저장합니다: json, text(여러 번 가능)"}},
    {"output", 'o', OPTION_LIST, AT(outputs), "FORMAT=PATH", NULL, BIT(CONVERT),
     {"write the report in this format (repeatable)",
      "보고서를 이 형식으로 저장합니다(여러 번 가능)"}},
    {"output", 'o', OPTION_LIST, AT(outputs), "FILE", NULL, BIT(FINGERPRINT),
     {"where to write the print", "지문을 저장할 파일"}},
    {"output", 'o', OPTION_LIST, AT(outputs), "FILE", NULL, BIT(REFS_EXPORT),
     {"where to write the pack", "꾸러미를 저장할 파일"}},
    {"json", 0, OPTION_FLAG, AT(json), NULL, NULL, TEXTS,
     {"print JSON instead of text", "본문 대신 JSON을 출력합니다"}},
    {"brief", 0, OPTION_FLAG, AT(brief), NULL, NULL, CHECK,
     {"print the outcome alone: what stops it, what to do",
      "결론만 출력합니다: 부적합 사유와 필요한 조치"}},
    {"refs", 0, OPTION_TEXT, AT(store), "STORE", NULL, STORES,
     {"reference store (default: the user's own)",
      "참조 저장소(기본값: 사용자 저장소)"}},
    {"ref", 0, OPTION_LIST, AT(refs), "PATH", NULL, CHECK | TRACE,
     {"compare with this model or print too (repeatable)",
      "이 모델 또는 지문과도 비교합니다(여러 번 가능)"}},
    {"ref-weights", 0, OPTION_LIST, AT(ref_weights), "NAME=PATH", NULL, CHECK,
     {"weights of a reference of the store (repeatable)",
      "저장소에 있는 참조 모델의 가중치(여러 번 가능)"}},
    {"exclude", 0, OPTION_LIST, AT(exclude), "NAME", NULL, CHECK | TRACE,
     {"leave this reference out, openly (repeatable)",
      "이 참조 모델을 빼고 보고서에 적습니다(여러 번 가능)"}},
    {"own", 0, OPTION_LIST, AT(own), "PUBLISHER", NULL, CHECK | TRACE,
     {"a publisher whose references are own (repeatable)",
      "제출 기관으로 볼 공개 주체(여러 번 가능)"}},
    {"config", 0, OPTION_TEXT, AT(config), "FILE", NULL, CHECK,
     {"options from a JSON file; those given here win",
      "JSON 파일의 옵션을 사용합니다(명령줄 옵션이 우선)"}},
    {"subject-date", 0, OPTION_DATE, AT(subject_date), "DATE", NULL, CHECK,
     {"when the subject was released: YYYY-MM[-DD]",
      "감사 대상의 공개일: YYYY-MM[-DD]"}},
    {"init", 0, OPTION_TEXT, AT(init), "PATH", NULL, AUDITS,
     {"the subject's step-0 checkpoint: take its random start off",
      "감사 대상의 0단계 체크포인트: 무작위 초기값을 뺍니다"}},
    {"log", 0, OPTION_LIST, AT(logs), "PATH", NULL, TRACE,
     {"loss log: CSV, JSON, event files (repeatable)",
      "손실 기록: CSV, JSON, 이벤트 파일(여러 번 가능)"}},
    {"declare", 0, OPTION_TEXT, AT(declare), "FILE", NULL, TRACE,
     {"what the vendor declares about the run, as JSON",
      "학습에 관해 신고한 내용(JSON)"}},
    {"plots", 0, OPTION_TEXT, AT(plots), "DIR", NULL, TRACE,
     {"write path.svg and loss.svg into this folder",
      "이 폴더에 path.svg와 loss.svg를 저장합니다"}},
    {"rules", 0, OPTION_TEXT, AT(rules), "PACK", NULL,
     CHECK | BIT(VERSION) | BIT(EVIDENCE_INIT),
     {"rule pack: name or file (default: kr-independent-ai)",
      "기준 묶음 이름, 파일(기본값: kr-independent-ai)"}},
    {"evidence", 0, OPTION_TEXT, AT(evidence), "FILE", NULL, EVIDENCE,
     {"evidence register (default: evidence.json)",
      "증빙 목록 파일(기본값: evidence.json)"}},
    {"waivers", 0, OPTION_TEXT, AT(waivers), "FILE", NULL, CHECK,
     {"waivers that a person took responsibility for",
      "책임자가 승인한 면제 목록 파일"}},
    {"kind", 0, OPTION_TEXT, AT(kind), "KIND", NULL, EVIDENCE_ADD,
     {"what the document is, such as loss-log", "문서의 종류(예: loss-log)"}},
    {"issuer", 0, OPTION_TEXT, AT(issuer), "NAME", NULL, EVIDENCE_ADD,
     {"who issued it", "발급 기관"}},
    {"date", 0, OPTION_DATE, AT(document_date), "DATE", NULL, EVIDENCE_ADD,
     {"when it was issued: YYYY-MM[-DD]", "발급일: YYYY-MM[-DD]"}},
    {"language", 0, OPTION_TEXT, AT(language), "LANGUAGE", NULL, EVIDENCE_ADD,
     {"language that it is written in", "문서의 언어"}},
    {"media-type", 0, OPTION_TEXT, AT(media_type), "TYPE", NULL, EVIDENCE_ADD,
     {"its media type, such as text/csv", "미디어 유형(예: text/csv)"}},
    {"confidential", 0, OPTION_FLAG, AT(confidential), NULL, NULL, EVIDENCE_ADD,
     {"register the hash alone", "해시만 등록합니다"}},
    {"cases", 0, OPTION_TEXT, AT(cases), "FILE", NULL, BIT(RULES_TEST),
     {"cases to try rules on (default: beside the pack)",
      "기준을 시험할 사례 파일(기본값: 묶음 옆)"}},
    {"oscal", 0, OPTION_FLAG, AT(oscal), NULL, NULL, BIT(RULES_EXPORT),
     {"as an OSCAL catalogue in JSON", "OSCAL 카탈로그(JSON)로 내보냅니다"}},
    {"fail-on", 0, OPTION_CHOICE, AT(fail_on), "WHEN", "fail|review|never", CHECK | TRACE,
     {"fail (default), review or never: what exits non-zero",
      "종료 코드가 0이 아닌 판정: fail(기본값), review, never"}},
    {"as-of", 0, OPTION_TEXT, AT(as_of), "DATE", NULL, AUDITS | TRACE | ADD | NOTE | PACKS,
     {"date of the report: YYYY-MM-DD (default: today, UTC)",
      "보고서 기준일: YYYY-MM-DD(기본값: 오늘, UTC)"}},
    {"threads", 'j', OPTION_COUNT, AT(threads), "COUNT", NULL, READERS,
     {"processors to use (default: all); same results",
      "사용할 프로세서 수(기본값: 모두), 결과는 같음"}},
    {"name", 0, OPTION_TEXT, AT(name), "NAME", NULL, ADD,
     {"name of the reference (default: the model's)", "참조 모델의 이름(기본값: 모델 이름)"}},
    {"version", 0, OPTION_TEXT, AT(version), "VERSION", NULL, VERSIONED,
     {"version of the reference", "참조 모델의 버전"}},
    {"publisher", 0, OPTION_TEXT, AT(publisher), "NAME", NULL, ADD,
     {"who released it", "공개 주체"}},
    {"released", 0, OPTION_DATE, AT(released), "DATE", NULL, ADD,
     {"when it was released: YYYY-MM[-DD]", "공개일: YYYY-MM[-DD]"}},
    {"licence", 0, OPTION_TEXT, AT(licence), "ID", NULL, ADD,
     {"its licence, an SPDX id where there is one", "라이선스(가능하면 SPDX 식별자)"}},
    {"derived-from", 0, OPTION_TEXT, AT(derived_from), "NAME", NULL, ADD,
     {"reference that it is declared to derive from", "기반 모델로 밝힌 참조 모델"}},
    {"source", 0, OPTION_TEXT, AT(source), "TEXT", NULL, ADD,
     {"where the weights were taken from", "가중치의 출처"}},
    {"removed", 0, OPTION_DATE, AT(removed), "DATE", NULL, ADD | NOTE,
     {"since when its source is gone: YYYY-MM[-DD]", "원본이 삭제된 날: YYYY-MM[-DD]"}},
    {"text", 0, OPTION_TEXT, AT(text), "TEXT", NULL, NOTE,
     {"what to note", "적을 내용"}},
    {"document", 0, OPTION_TEXT, AT(document), "FILE", NULL, NOTE,
     {"a document that shows it; its SHA-256 is kept",
      "근거 문서(SHA-256을 기록합니다)"}},
    {"lang", 0, OPTION_CHOICE, AT(lang), "LANGUAGE", "en|ko", COMMANDS_ALL,
     {"en or ko (default: from the locale)", "en 또는 ko(기본값: 로캘에 따름)"}},
    {"colour", 0, OPTION_CHOICE, AT(colour), "WHEN", "auto|always|never", TEXTS,
     {"auto (default, heeds $NO_COLOR), always or never",
      "auto(기본값, $NO_COLOR에 따름), always, never"}},
    {"no-progress", 0, OPTION_FLAG, AT(no_progress), NULL, NULL, READERS | PACKS,
     {"no progress bar", "진행 막대를 표시하지 않습니다"}},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, NULL,
     READERS | PACKS | NOTE | BIT(REFS_UPDATE_FACTS) |
         BIT(REFS_REMOVE) | BIT(REFS_VERIFY) |
         BIT(RULES_LINT) | BIT(RULES_TEST) |
         BIT(EVIDENCE_INIT) | BIT(EVIDENCE_CHECK),
     {"no text for people, errors only",
      "본문 없이 오류만 출력합니다"}},
    {"list", 0, OPTION_FLAG, AT(list), NULL, NULL, BIT(HELP),
     {"every command and option, one per line",
      "모든 명령과 옵션을 한 줄에 하나씩"}},
    {"help", 'h', OPTION_FLAG, AT(help), NULL, NULL, COMMANDS_ALL,
     {"explain this command", "이 명령을 설명합니다"}},
};

_Static_assert(sizeof OPTIONS / sizeof *OPTIONS <= OPTIONS_MOST, "settings hold one bit a row");

const size_t OPTION_TABLE_SIZE = sizeof OPTIONS / sizeof *OPTIONS;

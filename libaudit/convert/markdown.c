/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "convert/formats.h"
#include "convert/render.h"

/** Of each table, and of all results: a summary is read, the annex has the rest. */
enum { ROWS_SHOWN = 50, RESULTS_SHOWN = 4 * ROWS_SHOWN };

struct page {
    struct sva_bytes *out;
    const cJSON *report;
    enum sva_lang lang;
};

struct phrase {
    const char *word, *text[2];
};

static const struct phrase VERDICTS[] = {
    {"pass", {"✅ Pass", "✅ 적합"}},
    {"fail", {"❌ Fail", "❌ 부적합"}},
    {"review", {"🔍 Review needed", "🔍 검토 필요"}},
    {"incomplete", {"⚠️ Incomplete", "⚠️ 미완료"}},
    {"not-auditable", {"⚠️ Not auditable", "⚠️ 감사 불가"}},
    {"not-checked", {"▫️ Not checked", "▫️ 미확인"}},
    {"not-applicable", {"➖ Not applicable", "➖ 해당 없음"}},
    {"informational", {"ℹ️ Information", "ℹ️ 참고"}},
    {"error", {"⚠️ Error", "⚠️ 오류"}},
};

static const struct phrase ANSWERS[] = {
    {"identical", {"❌ identical", "❌ 동일"}},
    {"derived", {"❌ derived", "❌ 파생"}},
    {"shared-initialisation", {"🔍 shared initialisation", "🔍 초기값 공유"}},
    {"dependent-unexplained", {"🔍 dependent, unexplained", "🔍 경위 불명"}},
    {"no-evidence", {"✅ no evidence", "✅ 증거 없음"}},
    {"not-comparable", {"▫️ not comparable", "▫️ 비교 불가"}},
};

static const struct phrase STATES[] = {
    {"new", {"🆕 new", "🆕 신규"}},
    {"unchanged", {"unchanged", "변동 없음"}},
    {"updated", {"changed", "변경"}},
};

static const char *say(const struct page *page, const char *en, const char *ko)
{
    return page->lang == SVA_LANG_KO ? ko : en;
}

static void put(const struct page *page, const char *text)
{
    sva_bytes_text(page->out, text);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/**
 * Bytes after which a comment keeps a forge from making a mention or a link; 0: it would not.
 * "@name", "https://...", "www.host", "#123", "!7", "GH-123".
 */
static size_t broken_after(const char *at)
{
    switch (*at) {
    case '@': return 1;
    case ':': return at[1] == '/' && at[2] == '/' ? 1 : 0;
    case '#':
    case '!': return is_digit(at[1]) ? 1 : 0;
    case 'g':
    case 'G': return (at[1] | 0x20) == 'h' && at[2] == '-' && is_digit(at[3]) ? 2 : 0;
    case 'w':
    case 'W': return (at[1] | 0x20) == 'w' && (at[2] | 0x20) == 'w' && at[3] == '.' ? 3 : 0;
    default: return 0;
    }
}

/** Text of the report, whoever wrote it. */
static void put_text(const struct page *page, const char *text)
{
    while (*text != '\0') {
        size_t length = 0;
        size_t after = 0;
        while (text[length] != '\0' && after == 0) {
            after = broken_after(text + length);
            length += after > 0 ? after : 1;
        }
        sva_render_markdown_part(page->out, text, length);
        put(page, after > 0 ? "<!-- -->" : "");
        text += length;
    }
}

/** The phrase of a word; a word without one is shown as it is. */
static void put_phrase(const struct page *page, const struct phrase *phrases, size_t count,
                       const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(phrases[i].word, word) == 0) {
            put(page, phrases[i].text[page->lang == SVA_LANG_KO]);
            return;
        }
    }
    put_text(page, word);
}

static void put_verdict_word(const struct page *page, const char *word)
{
    put_phrase(page, VERDICTS, sizeof VERDICTS / sizeof *VERDICTS, word);
}

static void put_number(const struct page *page, double value, int digits)
{
    if (value == value) { /* a number */
        sva_bytes_json_number(page->out, value, digits);
    } else {
        put(page, "–");
    }
}

static void put_count(const struct page *page, const char *before, size_t count, const char *after)
{
    put(page, before);
    sva_bytes_printf(page->out, "%zu", count);
    put(page, after);
}

static void put_more_than(const struct page *page, size_t count, size_t shown)
{
    if (count > shown) {
        put_count(page, say(page, "\n*and ", "\n*그 밖에 "), count - shown,
                  say(page, " more*\n", "건*\n"));
    }
}

static void put_more(const struct page *page, size_t count)
{
    put_more_than(page, count, ROWS_SHOWN);
}

static void put_head(const struct page *page)
{
    const cJSON *const subject = sva_document_at(page->report, "subject");
    const cJSON *const pack = sva_document_at(page->report, "pack");
    const char *verdict = sva_document_text(page->report, "verdict");
    put(page, "## ");
    if (verdict[0] != '\0') {
        put_verdict_word(page, verdict);
    } else {
        put(page, say(page, "Comparison", "비교 결과"));
    }
    put(page, ": ");
    put_text(page, sva_document_text(subject, "name"));
    put(page, "\n\n");
    if (cJSON_IsObject(pack)) {
        put(page, say(page, "Rules: ", "적용 기준: "));
        put_text(page, sva_render_words(pack, "title", page->lang));
        put(page, " (");
        put_text(page, sva_document_text(pack, "id"));
        put(page, " ");
        put_text(page, sva_document_text(pack, "version"));
        put(page, ").  \n");
    }
    const cJSON *const references = sva_document_at(page->report, "references");
    const char *newest = sva_document_text(references, "newest_release");
    put_count(page, say(page, "References compared: ", "비교한 참조 모델: "),
              (size_t)sva_document_count(references, "tested"), say(page, "", "개"));
    if (newest[0] != '\0') {
        put(page, say(page, ", the newest of ", ", 최신 공개일 "));
        put_text(page, newest);
    }
    put(page, ".\n");
}

static void put_baseline(const struct page *page)
{
    const cJSON *const baseline = sva_document_at(page->report, "baseline");
    if (!cJSON_IsObject(baseline)) {
        return;
    }
    put_count(page, say(page, "\nSince the earlier report: **", "\n이전 보고서 대비: **신규 "),
              (size_t)sva_document_count(baseline, "new"), say(page, " new**, ", "건**, "));
    put_count(page, say(page, "", "변경 "), (size_t)sva_document_count(baseline, "updated"),
              say(page, " changed, ", "건, "));
    put_count(page, say(page, "", "변동 없음 "), (size_t)sva_document_count(baseline, "unchanged"),
              say(page, " unchanged, ", "건, "));
    put_count(page, say(page, "", "해소 "), sva_document_length(baseline, "absent"),
              say(page, " gone.\n", "건.\n"));
}

/** Results that a reader has to act on: failed, to be reviewed, in error; waived ones with them. */
static bool wants_action(const cJSON *rule)
{
    const enum sva_outcome outcome = sva_render_outcome(rule);
    return outcome == SVA_OUTCOME_FAIL || outcome == SVA_OUTCOME_REVIEW ||
           (outcome == SVA_OUTCOME_NOT_CHECKED && sva_document_bool(rule, "counted"));
}

static void put_action(const struct page *page, const cJSON *rule)
{
    const char *component = sva_document_text(rule, "component");
    const char *state = sva_document_text(rule, "baseline");
    const cJSON *const waiver = sva_document_at(rule, "waiver");
    put(page, "| ");
    put_verdict_word(page, sva_document_text(rule, "verdict"));
    if (state[0] != '\0') {
        put(page, "<br>");
        put_phrase(page, STATES, sizeof STATES / sizeof *STATES, state);
    }
    put(page, " | **");
    put_text(page, sva_document_text(rule, "id"));
    put(page, "** ");
    put_text(page, sva_render_words(rule, "title", page->lang));
    put(page, " | ");
    put_text(page, component[0] != '\0' ? component : say(page, "whole model", "모델 전체"));
    put(page, " | ");
    put_text(page, sva_render_words(rule, "detail", page->lang));
    if (sva_document_bool(rule, "waived")) {
        put(page, say(page, "<br>**Waived** by ", "<br>**면제** 승인자 "));
        put_text(page, sva_document_text(waiver, "approver"));
        put(page, say(page, " until ", ", 기한 "));
        put_text(page, sva_document_text(waiver, "expires"));
    }
    put(page, " |\n");
}

static void put_actions(const struct page *page)
{
    const cJSON *rule = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(rule, sva_document_at(page->report, "rules"))
    {
        if (!wants_action(rule)) {
            continue;
        }
        if (count == 0) {
            put(page, say(page,
                          "\n### What needs attention\n\n| Result | Rule | Component | Observed |\n"
                          "|---|---|---|---|\n",
                          "\n### 조치가 필요한 사항\n\n| 판정 | 기준 | 구성요소 | 관찰 내용 |\n"
                          "|---|---|---|---|\n"));
        }
        if (count++ < ROWS_SHOWN) {
            put_action(page, rule);
        }
    }
    put_more(page, count);
}

static void put_component(const struct page *page, const cJSON *reference, const cJSON *component)
{
    put(page, "| ");
    put_text(page, sva_document_text(component, "name"));
    put(page, " | ");
    put_text(page, sva_document_text(reference, "name"));
    put(page, " | ");
    put_phrase(page, ANSWERS, sizeof ANSWERS / sizeof *ANSWERS,
               sva_document_text(component, "answer"));
    put(page, " | ");
    put_number(page, sva_document_number(component, "rho"), 3);
    put(page, " | ");
    put_number(page, sva_document_number(component, "log10_p_adjusted"), 3);
    put(page, " | ");
    put_number(page, 100 * sva_document_number(component, "coverage"), 3);
    put(page, " % |\n");
}

static void put_components(const struct page *page)
{
    const cJSON *comparison = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(comparison, sva_document_at(page->report, "comparisons"))
    {
        const cJSON *component = NULL;
        cJSON_ArrayForEach(component, sva_document_at(comparison, "components"))
        {
            if (count == 0) {
                put(page,
                    say(page,
                        "\n### Weights\n\n| Component | Reference | Answer | rho | log10 p | "
                        "Coverage |\n|---|---|---|--:|--:|--:|\n",
                        "\n### 가중치 비교\n\n| 구성요소 | 참조 모델 | 비교 결과 | rho | log10 p | "
                        "일치 비율 |\n|---|---|---|--:|--:|--:|\n"));
            }
            if (count++ < ROWS_SHOWN) {
                put_component(page, sva_document_at(comparison, "reference"), component);
            }
        }
    }
    put_more(page, count);
}

/** "- " and a sentence whose {0}, {1} ... are texts of the report. */
static void put_point(const struct page *page, const char *sentence, const char *const *values)
{
    put(page, "- ");
    while (*sentence != '\0') {
        const size_t length = strcspn(sentence, "{");
        sva_bytes_append(page->out, sentence, length);
        sentence += length;
        if (*sentence == '{') {
            put_text(page, values[sentence[1] - '0']);
            sentence += 3;
        }
    }
    put(page, "\n");
}

static void open_declared(const struct page *page, size_t count)
{
    if (count == 0) {
        put(page, say(page, "\n### Declared against observed\n\n",
                      "\n### 기재 내용과 관찰 결과의 비교\n\n"));
    }
}

/** A declaration that its weights do not bear out; NULL where there is nothing to say. */
static const char *claim_sentence(const struct page *page, const cJSON *claim)
{
    const char *state = sva_document_text(claim, "state");
    const char *strength = sva_document_text(claim, "strength");
    if (strcmp(strength, "field") != 0 && strcmp(strength, "notice") != 0) {
        return NULL;
    }
    if (strcmp(state, "not-observed") == 0) {
        return say(page, "{0} names {1}; compared with {2}, and no evidence of a dependence.",
                   "{0}에 기재된 {1}: 비교 결과 의존성의 증거가 없습니다(참조 모델 {2}).");
    }
    if (strcmp(state, "observed") == 0) {
        return strcmp(sva_document_text(claim, "relation_state"), "differs") == 0
                   ? say(page, "{0} names {1} as {3}; observed was {4}.",
                         "{0}에 기재된 {1}: 기재된 관계는 {3}, 관찰 결과는 {4}입니다.")
                   : say(page, "{0} names {1}; the weights depend on {2}, as declared.",
                         "{0}에 기재된 {1}: 기재된 대로 {2}에 대한 가중치 의존성이 관찰되었습니다.");
    }
    return say(page, "{0} names {1}; it could not be compared.",
               "{0}에 기재된 {1}: 비교하지 못하였습니다.");
}

static size_t put_claims(const struct page *page, const cJSON *declared, size_t count)
{
    const cJSON *claim = NULL;
    cJSON_ArrayForEach(claim, sva_document_at(declared, "claims"))
    {
        const char *sentence = claim_sentence(page, claim);
        const char *values[] = {sva_document_text(claim, "file"), sva_document_text(claim, "name"),
                                sva_document_text(claim, "reference"),
                                sva_document_text(claim, "relation"),
                                sva_word(page->lang, sva_document_text(claim, "derivation"))};
        if (sentence != NULL) {
            open_declared(page, count);
            if (count++ < ROWS_SHOWN) {
                put_point(page, sentence, values);
            }
        }
    }
    return count;
}

/** What the subject says of its origin and its weights do not, or the other way. */
static void put_declared(const struct page *page)
{
    const cJSON *const declared = sva_document_at(page->report, "declared");
    const cJSON *item = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(item, sva_document_at(declared, "undeclared"))
    {
        const char *values[] = {sva_document_text(item, "reference")};
        open_declared(page, count);
        if (count++ < ROWS_SHOWN) {
            put_point(page,
                      say(page, "❌ The weights depend on {0}, which no field and no notice names.",
                          "❌ {0}에 대한 가중치 의존성이 관찰되었으나 어느 항목이나 고지문에도 "
                          "기재되어 있지 않습니다."),
                      values);
        }
    }
    count = put_claims(page, declared, count);
    cJSON_ArrayForEach(item, sva_document_at(declared, "denials"))
    {
        const char *values[] = {sva_document_text(item, "file"), sva_document_text(item, "text"),
                                sva_document_text(item, "reference")};
        if (values[2][0] == '\0') {
            continue;
        }
        open_declared(page, count);
        if (count++ < ROWS_SHOWN) {
            put_point(page,
                      say(page, "🔍 {0} says: “{1}” The weights depend on {2}.",
                          "🔍 {0}: “{1}” 그러나 {2}에 대한 가중치 의존성이 관찰되었습니다."),
                      values);
        }
    }
    put_more(page, count);
}

/** Every result, folded away. */
static void put_rules(const struct page *page)
{
    const cJSON *rule = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(rule, sva_document_at(page->report, "rules"))
    {
        if (count == 0) {
            put(page, say(page,
                          "\n<details><summary>All results</summary>\n\n| Rule | Component | "
                          "Result |\n|---|---|---|\n",
                          "\n<details><summary>전체 결과</summary>\n\n| 기준 | 구성요소 | 판정 |\n"
                          "|---|---|---|\n"));
        }
        if (count++ < RESULTS_SHOWN) {
            put(page, "| ");
            put_text(page, sva_document_text(rule, "id"));
            put(page, " ");
            put_text(page, sva_render_words(rule, "title", page->lang));
            put(page, " | ");
            put_text(page, sva_document_text(rule, "component"));
            put(page, " | ");
            put_verdict_word(page, sva_document_text(rule, "verdict"));
            put(page, " |\n");
        }
    }
    put_more_than(page, count, RESULTS_SHOWN);
    put(page, count > 0 ? "\n</details>\n" : "");
}

static void put_limits(const struct page *page)
{
    const cJSON *const limits = sva_document_at(page->report, "limitations");
    const cJSON *limit = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(limit, sva_document_at(limits, say(page, "en", "ko")))
    {
        if (count == 0) {
            put(page, say(page, "\n<details><summary>Limitations</summary>\n\n",
                          "\n<details><summary>결과의 한계</summary>\n\n"));
        }
        if (count++ < ROWS_SHOWN) {
            const char *text = cJSON_GetStringValue(limit);
            put(page, "- ");
            put_text(page, text != NULL ? text : "");
            put(page, "\n");
        }
    }
    put_more(page, count);
    put(page, count > 0 ? "\n</details>\n" : "");
}

static void put_foot(const struct page *page, const struct sva_render_options *options)
{
    const struct sva_identity identity = sva_render_report_identity(options->json);
    page->out->failed = page->out->failed || identity.failed;
    put(page, "\n<sub>sovaudit ");
    put_text(page, sva_document_text(sva_document_at(page->report, "tool"), "version"));
    put(page, ", ");
    put_text(page, sva_document_text(page->report, "as_of"));
    put(page, say(page, ", report SHA-256 ", ", 보고서 SHA-256 "));
    put(page, identity.hex);
    put(page, "</sub>\n");
}

enum sva_status sva_render_markdown(const cJSON *report, const struct sva_render_options *options,
                                    struct sva_bytes *out, struct sva_error *error)
{
    const struct page page = {.out = out, .report = report, .lang = options->lang};
    (void)error;
    put_head(&page);
    put_baseline(&page);
    put_actions(&page);
    put_components(&page);
    put_declared(&page);
    put_rules(&page);
    put_limits(&page);
    put_foot(&page, options);
    return SVA_OK;
}

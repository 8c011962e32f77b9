/* SPDX-License-Identifier: Apache-2.0 */
/* Wording of the rules that rest on weights. */
#include <math.h>
#include <string.h>

#include "base/korean.h"
#include "base/text.h"
#include "judge/wording_parts.h"

enum { OTHERS_SHOWN = 4, ITEMS_SHOWN = 3 };

struct sva_number_text sva_number_words(double value, int digits)
{
    struct sva_number_text words = {"-"};
    struct sva_bytes bytes = {0};
    if (isfinite(value)) {
        sva_bytes_json_number(&bytes, value, digits);
    }
    if (!bytes.failed && bytes.data != NULL && bytes.size < sizeof words.text) {
        memcpy(words.text, bytes.data, bytes.size + 1);
    }
    sva_bytes_done(&bytes);
    return words;
}

void sva_say_blank(struct sva_sentences *out)
{
    if (out->en.size > 0) {
        sva_bytes_text(&out->en, " ");
        sva_bytes_text(&out->ko, " ");
    }
}

void sva_say(struct sva_sentences *out, const char *en, const char *ko)
{
    sva_say_blank(out);
    sva_bytes_text(&out->en, en);
    sva_bytes_text(&out->ko, ko);
}

/* ---- references ---- */

static const struct sva_reference *reference_of(const struct sva_sentences *out, size_t compared)
{
    return &out->facts->source->compared[compared].reference;
}

/* "X 1.0 (publisher, released 2025-01)" */
static void name_reference(struct sva_sentences *out, size_t compared)
{
    const struct sva_reference *r = reference_of(out, compared);
    const char *blank = r->version[0] != '\0' ? " " : "";
    const bool published = r->publisher[0] != '\0';
    const bool dated = r->released[0] != '\0';
    const struct sva_escaped name = sva_esc(r->name);
    const struct sva_escaped version = sva_esc(r->version);
    const struct sva_escaped publisher = sva_esc(r->publisher);
    const struct sva_escaped released = sva_esc(r->released);
    sva_bytes_printf(&out->en, "%s%s%s (%s, %s%s)", name.text, blank, version.text,
                     published ? publisher.text : "publisher not recorded",
                     dated ? "released " : "release date not recorded", released.text);
    sva_bytes_printf(&out->ko, "%s%s%s(%s, %s%s)", name.text, blank, version.text,
                     published ? publisher.text : "공개 주체 미기재", released.text,
                     dated ? " 공개" : "공개일 미기재");
    if (out->reference[0] == '\0') {
        out->reference = r->name;
    }
}

/* ---- which matches a verdict rests on ---- */

static bool is_strong(const struct sva_match *match)
{
    return match->result->answer == SVA_ANSWER_IDENTICAL ||
           match->result->answer == SVA_ANSWER_DERIVED;
}

static bool supports(const struct sva_match *match, enum sva_rule_verdict verdict)
{
    const bool undated = match->direction == SVA_DIRECTION_UNKNOWN_DATE ||
                         match->direction == SVA_DIRECTION_CONTRADICTORY;
    const bool external = match->direction == SVA_DIRECTION_EXTERNAL;
    switch (verdict) {
    case SVA_RULE_FAIL: return external && is_strong(match);
    case SVA_RULE_REVIEW: return undated || external;
    case SVA_RULE_PASS:
    case SVA_RULE_INFORMATIONAL: return !undated && !external;
    default: return false;
    }
}

static const struct sva_match *first_match(const struct sva_sentences *out)
{
    for (size_t i = 0; i < out->scope->match_count; i++) {
        if (supports(&out->scope->matches[i], out->verdict)) {
            return &out->scope->matches[i];
        }
    }
    return NULL;
}

static void list_others(struct sva_sentences *out, const struct sva_match *first)
{
    size_t others = 0;
    for (size_t i = 0; i < out->scope->match_count; i++) {
        others += &out->scope->matches[i] != first;
    }
    if (others == 0) {
        return;
    }
    sva_say(out, "Dependence was also observed on: ", "그 밖에 의존성이 관찰된 참조 모델: ");
    size_t shown = 0;
    for (size_t i = 0; i < out->scope->match_count && shown < OTHERS_SHOWN; i++) {
        const struct sva_match *match = &out->scope->matches[i];
        if (match != first) {
            const char *comma = shown > 0 ? ", " : "";
            const struct sva_escaped name = sva_esc(reference_of(out, match->compared)->name);
            const char *answer = sva_answer_name(match->result->answer);
            sva_bytes_printf(&out->en, "%s%s (%s)", comma, name.text, answer);
            sva_bytes_printf(&out->ko, "%s%s(%s)", comma, name.text, sva_korean_word(answer));
            shown++;
        }
    }
    if (others > shown) {
        sva_bytes_printf(&out->en, " and %zu more", others - shown);
        sva_bytes_printf(&out->ko, " 외 %zu건", others - shown);
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

/* ---- sentences about one match ---- */

static void say_figures(struct sva_sentences *out, const struct sva_component_result *result)
{
    if (!isnan(result->rho)) {
        const struct sva_number_text rho = sva_number_words(result->rho, 3);
        const struct sva_number_text error = sva_number_words(result->rho_se, 2);
        sva_bytes_printf(&out->en, ", rho = %s (standard error %s)", rho.text, error.text);
        sva_bytes_printf(&out->ko, ", rho = %s(표준오차 %s)", rho.text, error.text);
    }
    if (result->log10_p_adjusted < 0) {
        const struct sva_number_text p = sva_number_words(result->log10_p_adjusted, 3);
        sva_bytes_printf(&out->en, ", log10 p = %s after adjustment", p.text);
        sva_bytes_printf(&out->ko, ", 보정 후 log10 p = %s", p.text);
    }
    if (result->coverage > 0) {
        const struct sva_number_text share = sva_number_words(100.0 * result->coverage, 3);
        sva_bytes_printf(&out->en, ", %s %% of the parameters in tensors that agree on their own",
                         share.text);
        sva_bytes_printf(&out->ko, ", 개별 검정에서도 일치하는 텐서의 매개변수 비율 %s%%",
                         share.text);
    }
    if (result->identical_share > 0 && result->answer != SVA_ANSWER_IDENTICAL) {
        const struct sva_number_text share = sva_number_words(100.0 * result->identical_share, 3);
        sva_bytes_printf(&out->en, ", %s %% with equal values", share.text);
        sva_bytes_printf(&out->ko, ", 값이 같은 비율 %s%%", share.text);
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

static void say_dependence(struct sva_sentences *out, const struct sva_match *match)
{
    const enum sva_answer answer = match->result->answer;
    sva_say(out, "Dependence of the weights on ", "가중치의 의존성이 관찰되었습니다. 참조 모델: ");
    name_reference(out, match->compared);
    sva_bytes_printf(&out->en, " was observed: %s", sva_answer_name(answer));
    sva_bytes_printf(&out->ko, ", 결과: %s", sva_korean_word(sva_answer_name(answer)));
    say_figures(out, match->result);
}

static void say_direction(struct sva_sentences *out, enum sva_direction direction)
{
    switch (direction) {
    case SVA_DIRECTION_EXTERNAL:
        sva_say(out,
                "The reference is another publisher's and was not released after the subject; the "
                "common source may be a third model.",
                "해당 참조 모델은 다른 공개 주체의 모델이며 감사 대상보다 나중에 공개된 것이 "
                "아닙니다. 공통의 출처가 제3의 모델일 수도 있습니다.");
        break;
    case SVA_DIRECTION_UNKNOWN_DATE:
        sva_say(out,
                "Which of the two came first is not known from the recorded dates, so a person has "
                "to decide.",
                "기재된 날짜로는 두 모델의 선후를 알 수 없으므로 검토자의 확인이 필요합니다.");
        break;
    case SVA_DIRECTION_CONTRADICTORY:
        sva_say(out,
                "The reference is recorded as derived from the subject or its publisher's model, "
                "yet not as released after the subject; a person has to decide.",
                "해당 참조 모델은 감사 대상 또는 그 공개 주체의 모델에서 파생된 것으로 기재되어 "
                "있으나 공개 시점이 감사 대상보다 늦지 않으므로 검토자의 확인이 필요합니다.");
        break;
    case SVA_DIRECTION_LATER:
        sva_say(out, "The reference was released after the subject and is no ground for a finding.",
                "해당 참조 모델은 감사 대상보다 나중에 공개되었으므로 지적 사항의 근거가 되지 "
                "않습니다.");
        break;
    default:
        sva_say(out, "The reference is by the subject's own publisher.",
                "해당 참조 모델은 감사 대상과 같은 공개 주체의 모델입니다.");
        break;
    }
    const char *date = out->facts->source->subject_date;
    if (direction == SVA_DIRECTION_EXTERNAL && (date == NULL || date[0] == '\0')) {
        sva_say(
            out,
            "No date was given for the subject: it counts as of today, and no reference at hand is later.",
            "감사 대상의 공개일이 지정되지 않아 오늘 날짜로 보았으며, 이에 따라 비교한 참조 모델은 "
            "모두 감사 대상보다 나중에 공개된 것이 아닌 것으로 보았습니다.");
    }
}

/* ---- nothing found ---- */

static void say_power(struct sva_sentences *out)
{
    const struct sva_fact_value *rho = &out->scope->values[SVA_FACT_DETECTABLE_RHO];
    if (rho->known) {
        const struct sva_number_text words = sva_number_words(rho->number, 2);
        sva_say_blank(out);
        sva_bytes_printf(&out->en,
                         "A dependence of rho = %s, spread evenly over the tested tensors, would "
                         "have been seen with probability .999.",
                         words.text);
        sva_bytes_printf(&out->ko,
                         "검정한 텐서 전체에 고르게 퍼진 rho %s 이상의 의존성이 있었다면 확률 "
                         "0.999로 검출되었을 것입니다.",
                         words.text);
    }
    if (out->scope->tested_external_count == 0) {
        sva_say(out, "No reference of another publisher could be compared.",
                "다른 공개 주체의 참조 모델과는 비교하지 못하였습니다.");
    }
}

static void say_no_evidence(struct sva_sentences *out)
{
    const size_t tested = out->scope->tested_count;
    sva_bytes_printf(&out->en, "No evidence of dependence on the %zu reference%s tested.", tested,
                     tested == 1 ? "" : "s");
    sva_bytes_printf(&out->ko, "비교한 참조 모델 %zu건에 대한 의존성의 증거가 없습니다.", tested);
    say_power(out);
    if (out->scope->values[SVA_FACT_UNREADABLE_PARAMETER_COUNT].number > 0) {
        sva_say(out, "Some tensors are stored in a type that is not decoded and were not tested.",
                "일부 텐서는 해독하지 못하는 자료형으로 저장되어 있어 검정하지 못하였습니다.");
    }
}

static void say_not_tested(struct sva_sentences *out)
{
    const struct sva_scope_facts *scope = out->scope;
    if (out->facts->source->compared_count == 0) {
        sva_say(out, "There was no reference to compare with.", "비교할 참조 모델이 없습니다.");
    } else if (scope->values[SVA_FACT_EVIDENCE_PARAMETER_COUNT].number > 0) {
        sva_say(
            out,
            "No reference has a component that could be compared; this says nothing about "
            "independence.",
            "비교할 수 있는 구성요소를 가진 참조 모델이 없습니다. 이는 독립적이라는 뜻이 아닙니다.");
    } else if (scope->values[SVA_FACT_UNREADABLE_PARAMETER_COUNT].number > 0) {
        sva_say(out, "The values are stored in a type that is not decoded.",
                "값이 해독하지 못하는 자료형으로 저장되어 있습니다.");
    } else {
        sva_say(out,
                "The component holds only constants or values given by a formula, which carry no "
                "evidence.",
                "이 구성요소에는 상수이거나 수식으로 정해지는 값만 있어 증거가 되지 않습니다.");
    }
}

void sva_word_weights(struct sva_sentences *out)
{
    const struct sva_match *first = first_match(out);
    if (first != NULL) {
        say_dependence(out, first);
        say_direction(out, first->direction);
        list_others(out, first);
    } else if (out->scope->tested_count == 0 || out->verdict == SVA_RULE_NOT_APPLICABLE) {
        say_not_tested(out);
    } else {
        say_no_evidence(out);
    }
    if (first != NULL && out->verdict == SVA_RULE_PASS) {
        say_power(out);
    }
}

/* ---- exact copies ---- */

static bool exact_supports(const struct sva_exact_item *item, enum sva_rule_verdict verdict)
{
    switch (verdict) {
    case SVA_RULE_FAIL: return item->direction == SVA_DIRECTION_EXTERNAL;
    case SVA_RULE_REVIEW: return item->direction <= SVA_DIRECTION_CONTRADICTORY;
    default: return item->direction > SVA_DIRECTION_CONTRADICTORY;
    }
}

static const char *subject_item(const struct sva_sentences *out, const struct sva_exact_item *item)
{
    const struct sva_print *subject = out->facts->source->subject;
    return item->scope == UINT32_MAX ? subject->files[item->subject_index].path
                                     : subject->tensors[item->subject_index].name;
}

static int item_order(const struct sva_sentences *out, const struct sva_exact_item *item)
{
    return item->compared == SIZE_MAX ? INT32_MAX
                                      : sva_release_order(reference_of(out, item->compared));
}

/* The earliest-released reference that holds something; of equals, the first in the list. */
static const struct sva_exact_item *first_exact(const struct sva_sentences *out)
{
    const struct sva_exact_item *first = NULL;
    for (size_t i = 0; i < out->scope->exact_count; i++) {
        const struct sva_exact_item *item = &out->scope->exact[i];
        if (exact_supports(item, out->verdict) &&
            (first == NULL || item_order(out, item) < item_order(out, first))) {
            first = item;
        }
    }
    return first;
}

static bool same_holder(const struct sva_exact_item *a, const struct sva_exact_item *b)
{
    return a->compared == b->compared && strcmp(a->reference, b->reference) == 0;
}

static void list_items(struct sva_sentences *out, const struct sva_exact_item *first)
{
    size_t count = 0;
    for (size_t i = 0; i < out->scope->exact_count; i++) {
        const struct sva_exact_item *item = &out->scope->exact[i];
        if (!same_holder(item, first)) {
            continue;
        }
        if (count < ITEMS_SHOWN) {
            const struct sva_escaped mine = sva_esc(subject_item(out, item));
            const struct sva_escaped theirs = sva_esc(item->item);
            const char *comma = count > 0 ? ", " : "";
            const bool other =
                item->item[0] != '\0' && strcmp(item->item, subject_item(out, item)) != 0;
            sva_bytes_printf(&out->en, "%s%s%s%s%s", comma, mine.text, other ? " (there " : "",
                             other ? theirs.text : "", other ? ")" : "");
            sva_bytes_printf(&out->ko, "%s%s%s%s%s", comma, mine.text,
                             other ? "(참조 모델에서는 " : "", other ? theirs.text : "",
                             other ? ")" : "");
        }
        count++;
    }
    if (count > ITEMS_SHOWN) {
        sva_bytes_printf(&out->en, " and %zu more", count - ITEMS_SHOWN);
        sva_bytes_printf(&out->ko, " 외 %zu개", count - ITEMS_SHOWN);
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

void sva_word_exact(struct sva_sentences *out)
{
    const bool files = out->scope->component == NULL;
    const struct sva_exact_item *first = first_exact(out);
    if (first == NULL) {
        if (files) {
            sva_say(out, "No weight file equals a file of a reference tested.",
                    "비교한 참조 모델의 파일과 동일한 가중치 파일이 없습니다.");
        } else {
            sva_say(out, "No tensor holds the same values as a tensor of a reference tested.",
                    "비교한 참조 모델의 텐서와 값이 동일한 텐서가 없습니다.");
        }
        return;
    }
    sva_say(out,
            files ? "Weight files equal byte for byte to files of "
                  : "Tensors with exactly the values of tensors of ",
            files ? "바이트 단위로 동일한 가중치 파일이 관찰되었습니다. 참조 모델: "
                  : "값이 완전히 동일한 텐서가 관찰되었습니다. 참조 모델: ");
    if (first->compared != SIZE_MAX) {
        name_reference(out, first->compared);
    } else {
        sva_bytes_text(&out->en, sva_esc(first->reference).text);
        sva_bytes_text(&out->ko, sva_esc(first->reference).text);
        out->reference = first->reference;
    }
    sva_bytes_text(&out->en, ": ");
    sva_bytes_text(&out->ko, ", 대상: ");
    list_items(out, first);
    say_direction(out, first->direction);
}

/* ---- disclosure ---- */

static bool concerns_disclosure(const struct sva_sentences *out, const struct sva_match *match)
{
    const bool wanted = out->facts->disclosed[match->compared] == (out->verdict == SVA_RULE_PASS);
    return is_strong(match) && match->direction <= SVA_DIRECTION_CONTRADICTORY && wanted;
}

void sva_word_disclosure(struct sva_sentences *out)
{
    const struct sva_match *first = NULL;
    for (size_t i = 0; i < out->scope->match_count && first == NULL; i++) {
        if (concerns_disclosure(out, &out->scope->matches[i])) {
            first = &out->scope->matches[i];
        }
    }
    if (first == NULL) {
        sva_say(out, "No external component was matched, so there is nothing to disclose.",
                "일치가 관찰된 외부 구성요소가 없어 공개할 사항이 없습니다.");
        return;
    }
    if (out->verdict == SVA_RULE_PASS) {
        sva_say(out, "The model card, configuration or notices name the source: ",
                "모델 카드, 설정 또는 고지문에 출처가 기재되어 있습니다. 참조 모델: ");
    } else {
        sva_say(out, "Neither model card, configuration nor notices name the matched reference: ",
                "모델 카드, 설정, 고지문 어디에도 일치가 관찰된 참조 모델이 기재되어 있지 "
                "않습니다. 참조 모델: ");
    }
    name_reference(out, first->compared);
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is declared of the origin and not borne out by the weights. */
#include <string.h>

#include "base/text.h"
#include "judge/wording_parts.h"

enum { SHOWN = 3 };

/** Which declarations a sentence lists. */
typedef bool (*claim_test)(const struct sva_claim *claim);

static bool is_field(const struct sva_claim *claim)
{
    return claim->strength == SVA_CLAIM_FIELD;
}

static bool is_not_observed(const struct sva_claim *claim)
{
    return is_field(claim) && claim->state == SVA_CLAIM_NOT_OBSERVED;
}

static bool has_other_relation(const struct sva_claim *claim)
{
    return is_field(claim) && claim->relation_state == SVA_RELATION_DIFFERS;
}

static bool has_no_reference(const struct sva_claim *claim)
{
    return is_field(claim) && claim->state == SVA_CLAIM_NO_REFERENCE;
}

static bool is_not_comparable(const struct sva_claim *claim)
{
    return is_field(claim) && claim->state == SVA_CLAIM_NOT_COMPARABLE;
}

static bool is_observed(const struct sva_claim *claim)
{
    return is_field(claim) && claim->state == SVA_CLAIM_OBSERVED && !has_other_relation(claim);
}

static void append_claim(struct sva_sentences *out, size_t shown, const struct sva_claim *claim)
{
    const struct sva_escaped name = sva_esc(claim->name);
    const struct sva_escaped file = sva_esc(claim->file);
    const struct sva_escaped place = sva_esc(claim->place);
    const char *comma = shown > 0 ? ", " : "";
    sva_bytes_printf(&out->en, "%s%s (%s, %s", comma, name.text, file.text, place.text);
    sva_bytes_printf(&out->ko, "%s%s(%s, %s", comma, name.text, file.text, place.text);
    if (claim->relation_state == SVA_RELATION_DIFFERS) {
        const struct sva_escaped relation = sva_esc(claim->relation);
        sva_bytes_printf(&out->en, "; declared %s, observed %s", relation.text, claim->derivation);
        sva_bytes_printf(&out->ko, "; 기재 %s, 관찰 %s", relation.text, claim->derivation);
    }
    sva_bytes_text(&out->en, ")");
    sva_bytes_text(&out->ko, ")");
    if (out->reference[0] == '\0' && claim->compared != SIZE_MAX) {
        out->reference = out->facts->source->compared[claim->compared].reference.name;
    }
}

static void end_list(struct sva_sentences *out, size_t count)
{
    if (count > SHOWN) {
        sva_bytes_printf(&out->en, " and %zu more", count - SHOWN);
        sva_bytes_printf(&out->ko, " 외 %zu건", count - SHOWN);
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

static void say_claims(struct sva_sentences *out, claim_test test, const char *en, const char *ko)
{
    const struct sva_declared *const declared = out->facts->source->knowledge->declared;
    size_t count = 0;
    for (size_t i = 0; i < declared->claim_count; i++) {
        if (!test(&declared->claims[i])) {
            continue;
        }
        if (count == 0) {
            sva_say(out, en, ko);
        }
        if (count < SHOWN) {
            append_claim(out, count, &declared->claims[i]);
        }
        count++;
    }
    if (count > 0) {
        end_list(out, count);
    }
}

static void say_denials(struct sva_sentences *out)
{
    const struct sva_case *const source = out->facts->source;
    const struct sva_declared *const declared = source->knowledge->declared;
    size_t count = 0;
    for (size_t i = 0; i < declared->denial_count; i++) {
        const struct sva_denial *const denial = &declared->denials[i];
        if (denial->compared == SIZE_MAX) {
            continue;
        }
        if (count == 0) {
            const char *const name = source->compared[denial->compared].reference.name;
            const struct sva_escaped shown = sva_esc(name);
            sva_say_blank(out);
            sva_bytes_printf(&out->en,
                             "The weights depend on %s, while the card speaks of training from "
                             "scratch; a person has to read these sentences: ",
                             shown.text);
            sva_bytes_printf(&out->ko,
                             "%s에 대한 가중치 의존성이 관찰되었으나 모델 카드에는 처음부터 "
                             "학습하였다는 취지의 문장이 있으므로 담당자가 해당 문장을 확인하여야 "
                             "합니다: ",
                             shown.text);
            out->reference = out->reference[0] == '\0' ? name : out->reference;
        }
        if (count < SHOWN) {
            const struct sva_escaped file = sva_esc(denial->file);
            const char *comma = count > 0 ? ", " : "";
            sva_bytes_printf(&out->en, "%s%s line %u", comma, file.text, (unsigned)denial->line);
            sva_bytes_printf(&out->ko, "%s%s %u행", comma, file.text, (unsigned)denial->line);
        }
        count++;
    }
    if (count > 0) {
        end_list(out, count);
    }
}

void sva_word_declared(struct sva_sentences *out)
{
    const struct sva_knowledge *const knowledge = out->facts->source->knowledge;
    if (knowledge == NULL || knowledge->declared == NULL) {
        sva_say(out, "Declarations of origin were not collected.",
                "출처에 관한 기재 사항을 수집하지 않았습니다.");
        return;
    }
    say_claims(out, is_not_observed, "Declared, compared, and not observed in the weights: ",
               "기재되어 있으나 비교 결과 가중치에서 관찰되지 않은 원본: ");
    say_claims(out, has_other_relation, "Declared with another relation than was observed: ",
               "기재된 관계와 관찰된 관계가 다른 원본: ");
    say_denials(out);
    say_claims(out, is_observed, "Declared and observed: ", "기재되어 있고 관찰된 원본: ");
    say_claims(out, is_not_comparable, "Declared, but no component could be tested against it: ",
               "기재되어 있으나 비교 가능한 구성요소가 없는 원본: ");
    say_claims(out, has_no_reference, "Declared, but no reference of that name was compared: ",
               "기재되어 있으나 같은 이름의 참조 모델이 없어 비교하지 못한 원본: ");
    if (out->en.size == 0) {
        sva_say(out, "No field names a model that this one was made from.",
                "원본 모델을 기재한 항목이 없습니다.");
    }
}

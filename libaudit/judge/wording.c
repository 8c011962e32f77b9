/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the wording by what a rule is about, and words the rules about configuration and files.
 */
#include "judge/wording.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "judge/wording_parts.h"

enum { SHOWN = 3 };

/* ---- lists ---- */

static void append_item(struct sva_sentences *out, size_t shown, const char *text)
{
    const struct sva_escaped escaped = sva_esc(text);
    const char *comma = shown > 0 ? ", " : "";
    sva_bytes_printf(&out->en, "%s%s", comma, escaped.text);
    sva_bytes_printf(&out->ko, "%s%s", comma, escaped.text);
}

static void end_list(struct sva_sentences *out, size_t count)
{
    if (count > SHOWN) {
        sva_bytes_printf(&out->en, " and %zu more", count - SHOWN);
        sva_bytes_printf(&out->ko, " 외 %zu개", count - SHOWN);
    }
    sva_bytes_text(&out->en, ".");
    sva_bytes_text(&out->ko, ".");
}

static size_t count_kind(const struct sva_sentences *out, enum sva_file_kind kind)
{
    const struct sva_print *subject = out->facts->source->subject;
    size_t count = 0;
    for (size_t i = 0; i < subject->file_count; i++) {
        count += subject->files[i].kind == kind ? 1 : 0;
    }
    return count;
}

/* A sentence and the names of the files of a kind; nothing when there are none. */
static void say_files(struct sva_sentences *out, enum sva_file_kind kind, const char *en,
                      const char *ko)
{
    const struct sva_print *subject = out->facts->source->subject;
    size_t listed = 0;
    if (count_kind(out, kind) == 0) {
        return;
    }
    sva_say(out, en, ko);
    for (size_t i = 0; i < subject->file_count && listed < SHOWN; i++) {
        if (subject->files[i].kind == kind) {
            append_item(out, listed++, subject->files[i].path);
        }
    }
    end_list(out, count_kind(out, kind));
}

/* References whose fact `key` equals the subject's. */
static void list_sharing(struct sva_sentences *out, const char *key)
{
    const struct sva_case *source = out->facts->source;
    size_t count = 0;
    for (size_t i = 0; i < source->compared_count; i++) {
        if (sva_shares_fact(source, i, key)) {
            if (count < SHOWN) {
                append_item(out, count, source->compared[i].reference.name);
            }
            if (out->reference[0] == '\0') {
                out->reference = source->compared[i].reference.name;
            }
            count++;
        }
    }
    end_list(out, count);
}

/* ---- code ---- */

static void word_auto_map(struct sva_sentences *out)
{
    const struct sva_print *subject = out->facts->source->subject;
    const bool remote = out->scope->values[SVA_FACT_AUTO_MAP_REMOTE].truth;
    if (!out->scope->values[SVA_FACT_AUTO_MAP].truth) {
        sva_say(out, "The configuration loads no code (no auto_map).",
                "설정에서 불러오는 코드가 없습니다(auto_map 없음).");
        return;
    }
    if (remote) {
        sva_say(out, "The configuration loads code from another repository: ",
                "설정에서 다른 저장소의 코드를 불러옵니다: ");
    } else {
        sva_say(out, "The configuration loads code shipped with the model: ",
                "설정에서 모델과 함께 제공되는 코드를 불러옵니다: ");
    }
    size_t count = 0;
    for (size_t i = sva_next_auto_map(subject, 0); i < subject->fact_count;
         i = sva_next_auto_map(subject, i + 1)) {
        const char *value = subject->facts[i].value;
        if (!remote || sva_auto_map_is_remote(value)) {
            if (count < SHOWN) {
                append_item(out, count, value);
            }
            count++;
        }
    }
    end_list(out, count);
}

/* A sentence and the first of the subject's facts "<prefix>.01" ...; nothing when there are none. */
static void say_calls(struct sva_sentences *out, enum sva_fact_id fact, const char *prefix,
                      const char *en, const char *ko)
{
    const struct sva_fact_value *value = &out->scope->values[fact];
    if (!value->known || value->number <= 0) {
        return;
    }
    sva_say(out, en, ko);
    size_t shown = 0;
    for (unsigned i = 1; i <= SHOWN; i++) {
        char key[48];
        snprintf(key, sizeof key, "%s.%02u", prefix, i);
        const char *call = sva_subject_fact(out->facts->source, key);
        if (call[0] != '\0') {
            append_item(out, shown++, call);
        }
    }
    end_list(out, (size_t)value->number);
}

static void word_code(struct sva_sentences *out)
{
    word_auto_map(out);
    const struct sva_fact_value *unresolved = &out->scope->values[SVA_FACT_CODE_UNRESOLVED];
    if (unresolved->known && unresolved->number > 0) {
        sva_say(out, "Some of it is not there: auto_map names modules that the model does not have.",
                "auto_map이 가리키는 모듈 가운데 모델에 없는 것이 있습니다.");
    }
    say_calls(out, SVA_FACT_CODE_DOWNLOADS, "code.download",
              "Shipped programs fetch code or weights when they run: ",
              "함께 제공된 프로그램이 실행 중에 코드나 가중치를 외부에서 내려받습니다: ");
    say_calls(out, SVA_FACT_CODE_POSSIBLE, "code.possible_download",
              "Shipped programs may fetch something when they run: ",
              "함께 제공된 프로그램이 실행 중에 외부에서 내려받을 가능성이 있습니다: ");
    if (!out->scope->values[SVA_FACT_CODE_DOWNLOADS].known) {
        sva_say(out, "Whether shipped programs fetch anything was not read.",
                "함께 제공된 프로그램이 외부에서 내려받는지는 확인하지 못하였습니다.");
    }
}

/* ---- files ---- */

static void word_containers(struct sva_sentences *out)
{
    say_files(out, SVA_FILE_PICKLE, "Files that can execute code when loaded (pickle): ",
              "불러올 때 코드를 실행할 수 있는 파일(pickle)이 있습니다: ");
    say_files(out, SVA_FILE_TORCH,
              "PyTorch checkpoints, which can execute code when loaded (here a closed reader took "
              "the tensors out and ran nothing): ",
              "불러올 때 코드를 실행할 수 있는 PyTorch 체크포인트가 있습니다(이 감사에서는 코드를 "
              "실행하지 않고 텐서만 읽었습니다): ");
    say_files(out, SVA_FILE_WEIGHTS,
              "Weight files in a format that was not read, hence not audited: ",
              "읽을 수 없는 형식이어서 감사하지 못한 가중치 파일이 있습니다: ");
    if (out->en.size == 0) {
        sva_say(out, "No executable container was found.", "실행 가능한 컨테이너 파일이 없습니다.");
    }
}

/* ---- information ---- */

static void word_architecture(struct sva_sentences *out)
{
    const struct sva_case *source = out->facts->source;
    const char *class_name = sva_subject_fact(source, SVA_KEY_ARCHITECTURE);
    const char *type = sva_subject_fact(source, SVA_KEY_MODEL_TYPE);
    if (class_name[0] == '\0' && type[0] == '\0') {
        sva_say(out, "The configuration names no architecture.",
                "설정에 아키텍처가 기재되어 있지 않습니다.");
        return;
    }
    const struct sva_escaped shown = sva_esc(class_name[0] != '\0' ? class_name : "-");
    const struct sva_escaped shown_type = sva_esc(type[0] != '\0' ? type : "-");
    sva_bytes_printf(&out->en, "Architecture %s (model type %s).", shown.text, shown_type.text);
    sva_bytes_printf(&out->ko, "아키텍처 %s(모델 유형 %s).", shown.text, shown_type.text);
    const struct sva_fact_value *family = &out->scope->values[SVA_FACT_ARCHITECTURE_FAMILY];
    if (family->known) {
        const struct sva_escaped known = sva_esc(family->text);
        sva_bytes_printf(&out->en, " The facts database counts it to the family %s.", known.text);
        sva_bytes_printf(&out->ko, " 공개 정보 DB에서는 %s 계열로 분류됩니다.", known.text);
    }
    if (out->scope->values[SVA_FACT_ARCHITECTURE_SHARED].number > 0) {
        sva_say(out, "The same class is used by: ", "동일한 클래스를 사용하는 참조 모델: ");
        list_sharing(out, SVA_KEY_ARCHITECTURE);
    }
    sva_say(out, "An architecture may be shared; it is information, never a finding.",
            "아키텍처는 공유될 수 있으며, 이는 참고 정보일 뿐 지적 사항이 아닙니다.");
}

/* References whose vocabulary has this lineage; nothing when there are none. */
static void say_lineage(struct sva_sentences *out, enum sva_lineage lineage, const char *en,
                        const char *ko)
{
    const struct sva_case *source = out->facts->source;
    size_t count = 0;
    for (size_t i = 0; i < source->compared_count; i++) {
        if (sva_tokenizer_lineage_to(source, i) != lineage) {
            continue;
        }
        const char *const name = source->compared[i].reference.name;
        if (count == 0) {
            sva_say(out, en, ko);
            out->reference = out->reference[0] == '\0' ? name : out->reference;
        }
        if (count < SHOWN) {
            append_item(out, count, name);
        }
        count++;
    }
    if (count > 0) {
        end_list(out, count);
    }
}

static void word_tokenizer(struct sva_sentences *out)
{
    const struct sva_case *source = out->facts->source;
    if (sva_subject_fact(source, SVA_KEY_TOKENIZER_DIGEST)[0] == '\0') {
        sva_say(out, "No vocabulary was read.", "어휘 정보를 읽지 못했습니다.");
        return;
    }
    const char *size = sva_subject_fact(source, SVA_KEY_TOKENIZER_SIZE);
    sva_bytes_printf(&out->en, "Vocabulary of %s tokens.", sva_esc(size).text);
    sva_bytes_printf(&out->ko, "어휘 크기 %s.", sva_esc(size).text);
    if (out->scope->values[SVA_FACT_TOKENIZER_SHARED].number > 0) {
        say_lineage(out, SVA_LINEAGE_SAME,
                    "The same vocabulary is used by: ", "동일한 어휘를 사용하는 참조 모델: ");
        say_lineage(out, SVA_LINEAGE_EXTENDED,
                    "One vocabulary holds all of the other, in its order or numbering: ",
                    "한쪽 어휘가 다른 쪽 어휘 전체를 같은 순서 또는 번호로 포함하는 참조 모델: ");
        say_lineage(out, SVA_LINEAGE_SHARED_SOURCE,
                    "Order or numbering show one source with the vocabulary of: ",
                    "어휘의 순서 또는 번호로 보아 출처가 같은 것으로 판단되는 참조 모델: ");
    } else if (!out->scope->values[SVA_FACT_TOKENIZER_SHARED].known) {
        sva_say(out, "No reference's vocabulary was at hand for comparison.",
                "비교할 수 있는 참조 모델의 어휘 정보가 없습니다.");
    } else {
        sva_say(out, "It equals the vocabulary of no reference tested.",
                "비교한 참조 모델의 어휘와 동일하지 않습니다.");
    }
    sva_say(out, "A tokenizer is information, never a finding.",
            "토크나이저는 참고 정보일 뿐 지적 사항이 아닙니다.");
}

static void word_clauses(struct sva_sentences *out)
{
    const struct sva_fact_value *value = &out->scope->values[SVA_FACT_LICENCE_RESTRICTIVE];
    const struct sva_fact_value *known = &out->scope->values[SVA_FACT_LICENCE_RESTRICTIVE_KNOWN];
    if (!value->known) {
        sva_say(out, "A licence that binds the model is unknown: its text must be read.",
                "적용되는 라이선스 가운데 알 수 없는 것이 있으므로, 원문을 확인하여야 합니다.");
        return;
    }
    if (value->number == 0.0 && known->known && known->number > 0.0) {
        const struct sva_number_text kinds = sva_number_words(known->number, 6);
        sva_bytes_printf(
            &out->en,
            "The model's own licence files hold no restrictive clause that was found, "
            "but the facts database knows %s kinds in licences that bind the model: their "
            "texts must be read.",
            kinds.text);
        sva_bytes_printf(
            &out->ko,
            "모델에 포함된 라이선스 파일에서는 제한 조항이 확인되지 않았으나, 공개 정보 "
            "DB에 따르면 적용되는 라이선스에 제한 조항이 %s종 있으므로 원문을 "
            "확인하여야 합니다.",
            kinds.text);
        return;
    }
    const struct sva_number_text count = sva_number_words(value->number, 6);
    sva_bytes_printf(&out->en, "Restrictive clauses found in the licences: %s.", count.text);
    sva_bytes_printf(&out->ko, "라이선스에서 확인된 제한 조항: %s건.", count.text);
}

static void word_duties(struct sva_sentences *out)
{
    const struct sva_fact_value *value = &out->scope->values[SVA_FACT_LICENCE_DUTIES_UNMET];
    if (!value->known) {
        sva_say(out,
                "A licence that binds the model is unknown, so whether its duties are met is too.",
                "적용되는 라이선스 가운데 알 수 없는 것이 있어 의무의 이행 여부를 확인하지 "
                "못하였습니다.");
        return;
    }
    const struct sva_number_text count = sva_number_words(value->number, 6);
    sva_bytes_printf(&out->en, "Licence duties that no file shows to be met: %s.", count.text);
    sva_bytes_printf(&out->ko, "이행을 확인할 수 없는 라이선스 의무: %s건.", count.text);
}

/* Any fact that has no wording of its own. */
static void word_plainly(struct sva_sentences *out, enum sva_fact_id fact)
{
    const struct sva_fact_info *info = sva_fact_get_info(fact);
    const struct sva_fact_value *value = &out->scope->values[fact];
    const struct sva_number_text number = sva_number_words(value->number, 6);
    struct sva_escaped shown = sva_esc("-");
    if (value->known) {
        shown = sva_esc(info->type == SVA_FACT_BOOL     ? (value->truth ? "true" : "false")
                        : info->type == SVA_FACT_NUMBER ? number.text
                                                        : value->text);
    }
    sva_bytes_printf(&out->en, "Observed: %s = %s.", info->name, shown.text);
    sva_bytes_printf(&out->ko, "관찰값: %s = %s.", info->name, shown.text);
}

/* ---- choice ---- */

static void word(struct sva_sentences *out, enum sva_fact_id fact)
{
    switch (fact) {
    case SVA_FACT_ANSWER:
    case SVA_FACT_EXTERNAL_MATCH: sva_word_weights(out); break;
    case SVA_FACT_EXACT_EXTERNAL: sva_word_exact(out); break;
    case SVA_FACT_DISCLOSED: sva_word_disclosure(out); break;
    case SVA_FACT_AUTO_MAP_REMOTE: word_code(out); break;
    case SVA_FACT_PICKLE_FILES: word_containers(out); break;
    case SVA_FACT_ARCHITECTURE: word_architecture(out); break;
    case SVA_FACT_TOKENIZER_SHARED:
    case SVA_FACT_TOKENIZER_LINEAGE: word_tokenizer(out); break;
    case SVA_FACT_DECLARED_NOT_OBSERVED: sva_word_declared(out); break;
    case SVA_FACT_LICENCE_RESTRICTIVE: word_clauses(out); break;
    case SVA_FACT_LICENCE_DUTIES_UNMET: word_duties(out); break;
    case SVA_FACT_EVIDENCE_MISSING:
    case SVA_FACT_JUDGEMENT_DECISION:
    case SVA_FACT_TRACE_INITIALISATION:
    case SVA_FACT_TRACE_LOSS_LOG:
    case SVA_FACT_MANIFEST_SIGNATURE: break; /* worded by its documents */
    default: word_plainly(out, fact); break;
    }
}

enum sva_status sva_wording_make(const struct sva_case_facts *facts,
                                 const struct sva_scope_facts *scope, const struct sva_rule *rule,
                                 const struct sva_rule_documents *documents,
                                 enum sva_rule_verdict verdict, struct sva_wording *wording,
                                 struct sva_error *error)
{
    struct sva_sentences out = {.facts = facts,
                                .scope = scope,
                                .documents = documents,
                                .verdict = verdict,
                                .reference = ""};
    word(&out, rule->fact);
    if (sva_rule_wants_documents(rule)) {
        sva_word_documents(&out);
        sva_word_missing(&out);
    }
    struct sva_wording made = {.reference = out.reference};
    if (!out.en.failed && !out.ko.failed && out.en.data != NULL && out.ko.data != NULL) {
        made.reference = sva_arena_strdup(facts->arena, out.reference);
        made.en = sva_arena_strdup(facts->arena, (const char *)out.en.data);
        made.ko = sva_arena_strdup(facts->arena, (const char *)out.ko.data);
    }
    sva_bytes_done(&out.en);
    sva_bytes_done(&out.ko);
    if (made.reference == NULL || made.en == NULL || made.ko == NULL) {
        return sva_fail_memory(error, "wording a verdict");
    }
    *wording = made;
    return SVA_OK;
}

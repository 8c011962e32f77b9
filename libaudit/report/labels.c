/* SPDX-License-Identifier: Apache-2.0 */
#include "report/labels.h"

#include "base/korean.h"

static const char *const TEXT[SVA_LABEL_COUNT][2] = {
#define X(id, en, ko) [SVA_LABEL_##id] = {[SVA_LANG_EN] = en, [SVA_LANG_KO] = ko},
    SVA_LABELS(X)
#undef X
};

const char *sva_label(enum sva_lang lang, enum sva_label label)
{
    return TEXT[label][lang == SVA_LANG_KO ? SVA_LANG_KO : SVA_LANG_EN];
}

const char *sva_label_answer(enum sva_lang lang, enum sva_answer answer)
{
    static const enum sva_label LABEL[SVA_ANSWER_COUNT] = {
        [SVA_ANSWER_IDENTICAL] = SVA_LABEL_ANSWER_IDENTICAL,
        [SVA_ANSWER_DERIVED] = SVA_LABEL_ANSWER_DERIVED,
        [SVA_ANSWER_SHARED_INITIALISATION] = SVA_LABEL_ANSWER_SHARED_INITIALISATION,
        [SVA_ANSWER_DEPENDENT_UNEXPLAINED] = SVA_LABEL_ANSWER_DEPENDENT_UNEXPLAINED,
        [SVA_ANSWER_NO_EVIDENCE] = SVA_LABEL_ANSWER_NO_EVIDENCE,
        [SVA_ANSWER_NOT_COMPARABLE] = SVA_LABEL_ANSWER_NOT_COMPARABLE,
    };
    return sva_label(lang, LABEL[answer]);
}

const char *sva_label_rule(enum sva_lang lang, enum sva_rule_verdict verdict)
{
    static const enum sva_label LABEL[] = {
        [SVA_RULE_PASS] = SVA_LABEL_RULE_PASS,
        [SVA_RULE_FAIL] = SVA_LABEL_RULE_FAIL,
        [SVA_RULE_REVIEW] = SVA_LABEL_RULE_REVIEW,
        [SVA_RULE_NOT_APPLICABLE] = SVA_LABEL_RULE_NOT_APPLICABLE,
        [SVA_RULE_NOT_CHECKED] = SVA_LABEL_RULE_NOT_CHECKED,
        [SVA_RULE_ERROR] = SVA_LABEL_RULE_ERROR,
        [SVA_RULE_INFORMATIONAL] = SVA_LABEL_RULE_INFORMATIONAL,
    };
    return sva_label(lang, LABEL[verdict]);
}

const char *sva_label_verdict(enum sva_lang lang, enum sva_verdict_kind verdict)
{
    static const enum sva_label LABEL[] = {
        [SVA_VERDICT_PASS] = SVA_LABEL_VERDICT_PASS,
        [SVA_VERDICT_FAIL] = SVA_LABEL_VERDICT_FAIL,
        [SVA_VERDICT_REVIEW] = SVA_LABEL_VERDICT_REVIEW,
        [SVA_VERDICT_INCOMPLETE] = SVA_LABEL_VERDICT_INCOMPLETE,
        [SVA_VERDICT_NOT_AUDITABLE] = SVA_LABEL_VERDICT_NOT_AUDITABLE,
    };
    return sva_label(lang, LABEL[verdict]);
}

const char *sva_label_fill(struct sva_arena *arena, const char *pattern, const char *const *values,
                           size_t count)
{
    struct sva_bytes text = {.data = NULL};
    for (const char *at = pattern; *at != '\0';) {
        const bool place = at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '}';
        const size_t index = place ? (size_t)(at[1] - '0') : count;
        if (index < count) {
            sva_bytes_text(&text, values[index]);
            at += 3;
            continue;
        }
        const size_t particle = sva_korean_particle(&text, at);
        if (particle == 0) {
            sva_bytes_append(&text, at, 1);
        }
        at += particle > 0 ? particle : 1;
    }
    return sva_bytes_keep(&text, arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/relation.h"

#include <string.h>

enum relation { FINETUNE, QUANTIZED, ADAPTER, MERGE, RELATION_COUNT };

/** Words that cards use, lower case. */
static const struct {
    const char *word;
    enum relation relation;
} words[] = {
    {"finetune", FINETUNE},   {"finetuned", FINETUNE},  {"fine-tune", FINETUNE},
    {"fine-tuned", FINETUNE}, {"quantized", QUANTIZED}, {"quantised", QUANTIZED},
    {"adapter", ADAPTER},     {"merge", MERGE},         {"merged", MERGE},
};

/**
 * What each relation makes of a kind of derivation: 'y' agrees, 'n' differs, 'o' is open.
 * Kinds that are not listed - layers that stand otherwise, no figure - tell nothing.
 */
static const struct {
    const char *derivation;
    char fits[RELATION_COUNT + 1];
} table[] = {
    {"copy", "nynn"},
    {"re-typed-copy", "nynn"},
    {"quantised-copy", "nynn"},
    {"quantised-derivative", "yooo"},
    {"fine-tuned", "ynno"},
    {"continued-pretraining", "ynno"},
    {"merged-adapter", "ynyo"},
    {"merged", "onoy"},
    {"modified", "yooo"},
    {"partial-copy", "yoyo"},
    {"vocabulary-extended", "ynoo"},
    {"vocabulary-rebuilt", "ynoo"},
};

static char fit_of(enum relation relation, const char *derivation)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].derivation, derivation) == 0) {
            return table[i].fits[relation];
        }
    }
    return 'o';
}

static bool is_word(const char *text, const char *word)
{
    while (*word != '\0' && (*text | 0x20) == (*word | 0x20)) {
        text++;
        word++;
    }
    return *word == '\0' && *text == '\0';
}

static bool find_relation(const char *text, enum relation *relation)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is_word(text, words[i].word)) {
            *relation = words[i].relation;
            return true;
        }
    }
    return false;
}

/**
 * Which component decides? Of a quantisation everything must be one; of the others one component
 * that shows it is enough, for a tower may be left as it was.
 */
static char decide(enum relation relation, const struct sva_comparison *comparison,
                   const char **derivation)
{
    const char first = relation == QUANTIZED ? 'n' : 'y';
    char found = '\0';
    for (size_t i = 0; i < comparison->component_count; i++) {
        const struct sva_component_result *const one = &comparison->components[i];
        if (one->answer > SVA_ANSWER_DERIVED) {
            continue;
        }
        const char *const how = one->derivation != NULL ? one->derivation : "";
        const char fit = fit_of(relation, how);
        const bool weightier = found == '\0' || (fit == first && found != first) ||
                               (fit == 'o' && found != 'o' && found != first);
        if (weightier) {
            found = fit;
            *derivation = how;
        }
    }
    return found;
}

enum sva_relation_state sva_relation_check(const char *relation, enum sva_name_level level,
                                           const struct sva_comparison *comparison,
                                           const char **derivation)
{
    enum relation declared = FINETUNE;
    const bool known = find_relation(relation, &declared);
    const char found = decide(declared, comparison, derivation);
    if (relation[0] == '\0') {
        return SVA_RELATION_NOT_STATED;
    }
    if (!known || level < SVA_NAME_ELSEWHERE) {
        return SVA_RELATION_OPEN;
    }
    return found == 'y'   ? SVA_RELATION_AGREES
           : found == 'n' ? SVA_RELATION_DIFFERS
                          : SVA_RELATION_OPEN;
}

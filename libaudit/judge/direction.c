/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/direction.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "refstore/store_date.h"

static const char *const direction_names[SVA_DIRECTION_COUNT] = {
    [SVA_DIRECTION_EXTERNAL] = "external",
    [SVA_DIRECTION_UNKNOWN_DATE] = "unknown-date",
    [SVA_DIRECTION_CONTRADICTORY] = "contradictory-date",
    [SVA_DIRECTION_LATER] = "later",
    [SVA_DIRECTION_OWN] = "own",
};

const char *sva_direction_name(enum sva_direction direction)
{
    return direction_names[direction];
}

/* ---- names ---- */

static bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && sva_lower(*a) == sva_lower(*b)) {
        a++;
        b++;
    }
    return sva_lower(*a) == sva_lower(*b);
}

static const char *without_organisation(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : name;
}

bool sva_same_model_name(const char *a, const char *b)
{
    if (a[0] == '\0' || b[0] == '\0') {
        return false;
    }
    const bool both_qualified = strchr(a, '/') != NULL && strchr(b, '/') != NULL;
    return both_qualified ? same_text(a, b)
                          : same_text(without_organisation(a), without_organisation(b));
}

static bool is_word(char c)
{
    const char l = sva_lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9');
}

/* A letter of a name in running text: converters write "Base 7B Instruct" for base-7b-instruct. */
static char name_letter(char c)
{
    return c == '_' || c == ' ' ? '-' : sva_lower(c);
}

bool sva_text_names_model(const char *text, const char *name)
{
    const char *word = without_organisation(name);
    const size_t length = strlen(word);
    const size_t text_length = strlen(text);
    for (size_t at = 0; length > 0 && at + length <= text_length; at++) {
        size_t same = 0;
        while (same < length && name_letter(text[at + same]) == name_letter(word[same])) {
            same++;
        }
        const bool starts = at == 0 || !is_word(text[at - 1]);
        if (same == length && starts && !is_word(text[at + length])) {
            return true;
        }
    }
    return false;
}

/* ---- ancestry ---- */

bool sva_is_own(const struct sva_case *facts, const struct sva_reference *reference)
{
    const char *publisher = sva_or_empty(reference->publisher);
    for (size_t i = 0; publisher[0] != '\0' && i < facts->own_count; i++) {
        if (same_text(facts->own[i], publisher)) {
            return true;
        }
    }
    return false;
}

/* Index of the compared reference called `name`, or the count. */
static size_t find_reference(const struct sva_case *facts, const char *name)
{
    size_t i = 0;
    while (i < facts->compared_count &&
           !sva_same_model_name(sva_or_empty(facts->compared[i].reference.name), name)) {
        i++;
    }
    return i;
}

/*
 * True when the declared ancestry reaches a model of the subject's own publisher. Not the subject's
 * name: whoever names a folder could claim it.
 */
static bool descends_from_own(const struct sva_case *facts, size_t index)
{
    size_t at = index;
    for (size_t step = 0; step <= facts->compared_count; step++) {
        const char *parent = sva_or_empty(facts->compared[at].reference.derived_from);
        if (parent[0] == '\0') {
            return false;
        }
        at = find_reference(facts, parent);
        if (at == facts->compared_count) {
            return false;
        }
        if (sva_is_own(facts, &facts->compared[at].reference)) {
            return true;
        }
    }
    return false;
}

const char *sva_lineage_root(const struct sva_case *facts, size_t index)
{
    size_t at = index;
    const char *root = sva_or_empty(facts->compared[at].reference.name);
    for (size_t step = 0; step <= facts->compared_count; step++) {
        const char *parent = sva_or_empty(facts->compared[at].reference.derived_from);
        if (parent[0] == '\0') {
            return root;
        }
        root = parent;
        at = find_reference(facts, parent);
        if (at == facts->compared_count) {
            return root;
        }
        root = sva_or_empty(facts->compared[at].reference.name);
    }
    return root;
}

/* ---- dates ---- */

int sva_release_order(const struct sva_reference *reference)
{
    struct sva_date_range range;
    return sva_date_parse(sva_or_empty(reference->released), &range) ? range.first : INT_MAX;
}

enum order { EARLIER_OR_SAME, AFTER, UNKNOWN };

/*
 * A subject without a date counts as of today: a reference that is at hand today
 * was not released after it, dated or not.
 */
static enum order release_against(const struct sva_reference *reference, const char *subject_date)
{
    struct sva_date_range released;
    struct sva_date_range subject;
    if (subject_date[0] == '\0') {
        return EARLIER_OR_SAME;
    }
    if (!sva_date_parse(sva_or_empty(reference->released), &released)) {
        return UNKNOWN;
    }
    if (!sva_date_parse(subject_date, &subject)) {
        return UNKNOWN;
    }
    if (released.first > subject.last) {
        return AFTER;
    }
    return released.last <= subject.first ? EARLIER_OR_SAME : UNKNOWN;
}

enum sva_direction sva_direction_of(const struct sva_case *facts, size_t index)
{
    const struct sva_reference *reference = &facts->compared[index].reference;
    if (sva_is_own(facts, reference)) {
        return SVA_DIRECTION_OWN;
    }
    const enum order order = release_against(reference, sva_or_empty(facts->subject_date));
    if (order == AFTER) {
        return SVA_DIRECTION_LATER;
    }
    if (order == UNKNOWN) {
        return SVA_DIRECTION_UNKNOWN_DATE;
    }
    return descends_from_own(facts, index) ? SVA_DIRECTION_CONTRADICTORY : SVA_DIRECTION_EXTERNAL;
}

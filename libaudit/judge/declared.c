/* SPDX-License-Identifier: Apache-2.0 */
/* What is declared against what the weights say. */
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "judge/claims.h"
#include "judge/direction.h"
#include "judge/model_name.h"
#include "judge/relation.h"

/** A reference's name in one form, and its family. */
struct named {
    struct sva_model_name name;
    const char *family; /**< id in the facts database, "" not known */
};

struct reconciling {
    struct sva_claims claims;
    struct named *references; /**< [compared_count] */
    bool *covered;            /**< [compared_count] */
    struct sva_undeclared *undeclared;
    size_t undeclared_count;
};

static const char *family_of(const struct sva_known *known, const char *name)
{
    struct sva_known_row row = {.kind = SVA_KNOWN_FAMILY};
    return sva_known_family_of(known, name, &row) ? row.fields[SVA_KNOWN_FAMILY_ID] : "";
}

static const struct sva_comparison *comparison_of(const struct reconciling *work, size_t i)
{
    return work->claims.subject->source->compared[i].comparison;
}

/** The strongest answer of the components; what is not comparable says nothing. */
static enum sva_answer answer_of(const struct reconciling *work, size_t i)
{
    const struct sva_comparison *const comparison = comparison_of(work, i);
    enum sva_answer strongest = SVA_ANSWER_NOT_COMPARABLE;
    for (size_t c = 0; c < comparison->component_count; c++) {
        const enum sva_answer answer = comparison->components[c].answer;
        strongest = answer < strongest ? answer : strongest;
    }
    return strongest;
}

static size_t compared_count(const struct reconciling *work)
{
    const struct sva_case *const source = work->claims.subject->source;
    return source != NULL ? source->compared_count : 0;
}

static bool depends(const struct reconciling *work, size_t i)
{
    return answer_of(work, i) <= SVA_ANSWER_DEPENDENT_UNEXPLAINED;
}

/** The bar of rules about reuse: identical or derived, and not shown to be the subject's own. */
static bool matches_others(const struct reconciling *work, size_t i)
{
    return answer_of(work, i) <= SVA_ANSWER_DERIVED &&
           sva_direction_of(work->claims.subject->source, i) <= SVA_DIRECTION_CONTRADICTORY;
}

/* ---- names ---- */

static enum sva_name_level level_of(const struct reconciling *work, const struct named *claim,
                                    const char *as_written, size_t i)
{
    const struct sva_reference *const reference =
        &work->claims.subject->source->compared[i].reference;
    const struct named *const other = &work->references[i];
    const enum sva_name_level level = sva_model_name_level(&claim->name, &other->name);
    const bool family = (claim->family[0] != '\0' && strcmp(claim->family, other->family) == 0) ||
                        sva_same_model_name(as_written, sva_or_empty(reference->derived_from));
    return level == SVA_NAME_OTHER && family ? SVA_NAME_FAMILY : level;
}

/** Is `i`, at `level`, a better counterpart of the claim than what was found before? */
static bool is_better(const struct reconciling *work, const struct sva_claim *claim,
                      enum sva_name_level level, size_t i)
{
    if (level != claim->level) {
        return level > claim->level;
    }
    return answer_of(work, i) < answer_of(work, claim->compared);
}

static enum sva_claim_state state_of(const struct reconciling *work, const struct sva_claim *claim)
{
    if (claim->compared == SIZE_MAX) {
        return SVA_CLAIM_NO_REFERENCE;
    }
    if (depends(work, claim->compared)) {
        return SVA_CLAIM_OBSERVED;
    }
    if (claim->level < SVA_NAME_SAME) {
        return SVA_CLAIM_NO_REFERENCE; /* another model than the one that is named */
    }
    return answer_of(work, claim->compared) == SVA_ANSWER_NOT_COMPARABLE ? SVA_CLAIM_NOT_COMPARABLE
                                                                         : SVA_CLAIM_NOT_OBSERVED;
}

static void reconcile_claim(const struct reconciling *work, struct sva_claim *claim)
{
    const struct named named = {.name = sva_model_name_of(claim->name),
                                .family = family_of(work->claims.subject->known, claim->name)};
    for (size_t i = 0; i < compared_count(work); i++) {
        const enum sva_name_level level = level_of(work, &named, claim->name, i);
        if (level != SVA_NAME_OTHER && is_better(work, claim, level, i)) {
            claim->level = level;
            claim->compared = i;
        }
    }
    claim->state = state_of(work, claim);
    if (claim->state == SVA_CLAIM_OBSERVED) {
        claim->relation_state =
            sva_relation_check(claim->relation, claim->level, comparison_of(work, claim->compared),
                               &claim->derivation);
    }
}

/* ---- the other direction ---- */

/** Is the reference one that this declaration names, or of its kin? */
static bool covers(const struct reconciling *work, const struct sva_claim *claim, size_t i)
{
    const struct sva_case *const source = work->claims.subject->source;
    const struct named named = {.name = sva_model_name_of(claim->name),
                                .family = family_of(work->claims.subject->known, claim->name)};
    const enum sva_name_level level = level_of(work, &named, claim->name, i);
    const char *const name = source->compared[i].reference.name;
    const bool seen = claim->state == SVA_CLAIM_OBSERVED && claim->level >= SVA_NAME_VARIANT;
    return level >= SVA_NAME_VARIANT || sva_text_names_model(claim->name, name) ||
           (seen && level == SVA_NAME_FAMILY) ||
           (seen && sva_same_model_name(sva_lineage_root(source, i),
                                        sva_lineage_root(source, claim->compared)));
}

static void find_covered(struct reconciling *work)
{
    for (size_t i = 0; i < compared_count(work); i++) {
        for (size_t c = 0; c < work->claims.count && !work->covered[i]; c++) {
            const struct sva_claim *const claim = &work->claims.items[c];
            work->covered[i] =
                claim->strength >= SVA_CLAIM_NOTICE && depends(work, i) && covers(work, claim, i);
        }
    }
}

/** The first claim in prose that names the reference; SIZE_MAX none. */
static size_t find_mention(const struct reconciling *work, size_t i)
{
    for (size_t c = 0; c < work->claims.count; c++) {
        const struct sva_claim *const claim = &work->claims.items[c];
        if (claim->strength < SVA_CLAIM_NOTICE && covers(work, claim, i)) {
            return c;
        }
    }
    return SIZE_MAX;
}

static void find_undeclared(struct reconciling *work)
{
    for (size_t i = 0; i < compared_count(work); i++) {
        if (matches_others(work, i) && !work->covered[i]) {
            work->undeclared[work->undeclared_count++] =
                (struct sva_undeclared){i, find_mention(work, i)};
        }
    }
}

static void find_denied(struct reconciling *work)
{
    size_t first = 0;
    while (first < compared_count(work) && !matches_others(work, first)) {
        first++;
    }
    for (size_t i = 0; i < work->claims.denial_count && first < compared_count(work); i++) {
        work->claims.denials[i].compared = first;
    }
}

/* ---- all ---- */

static int compare_claims(const void *left, const void *right)
{
    const struct sva_claim *const a = left;
    const struct sva_claim *const b = right;
    if (a->strength != b->strength) {
        return a->strength > b->strength ? -1 : 1;
    }
    const int file = strcmp(a->file, b->file);
    if (file != 0) {
        return file;
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    const int place = strcmp(a->place, b->place);
    return place != 0 ? place : strcmp(a->name, b->name);
}

static bool make_room(struct reconciling *work)
{
    const struct sva_looked *const subject = work->claims.subject;
    const size_t count = compared_count(work);
    work->references = sva_arena_alloc(subject->arena, count, sizeof *work->references);
    work->covered = sva_arena_alloc(subject->arena, count, sizeof *work->covered);
    work->undeclared = sva_arena_alloc(subject->arena, count, sizeof *work->undeclared);
    if (work->references == NULL || work->covered == NULL || work->undeclared == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct sva_reference *const reference = &subject->source->compared[i].reference;
        work->references[i] =
            (struct named){.name = sva_model_name_of_reference(reference->name,
                                                               sva_or_empty(reference->publisher)),
                           .family = family_of(subject->known, reference->name)};
    }
    return true;
}

enum sva_status sva_declared_make(const struct sva_looked *subject,
                                  const struct sva_declared **declared, struct sva_error *error)
{
    struct reconciling work = {.claims = {.subject = subject}};
    struct sva_declared *const made = sva_arena_alloc(subject->arena, 1, sizeof *made);
    work.claims.failed = made == NULL || !make_room(&work);
    if (!work.claims.failed) {
        sva_claims_learn_names(&work.claims);
    }
    if (!work.claims.failed) {
        sva_claims_collect(&work.claims);
    }
    if (work.claims.failed) {
        return sva_fail_memory(error, "collecting what the subject declares");
    }
    qsort(work.claims.items, work.claims.count, sizeof *work.claims.items, compare_claims);
    for (size_t i = 0; i < work.claims.count; i++) {
        reconcile_claim(&work, &work.claims.items[i]);
    }
    find_covered(&work);
    find_undeclared(&work);
    find_denied(&work);
    *made = (struct sva_declared){.claim_count = work.claims.count,
                                  .claims = work.claims.items,
                                  .denial_count = work.claims.denial_count,
                                  .denials = work.claims.denials,
                                  .undeclared_count = work.undeclared_count,
                                  .undeclared = work.undeclared,
                                  .covered = work.covered,
                                  .left_out = work.claims.left_out};
    *declared = made;
    return SVA_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/case_evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

static const char doing[] = "collecting the evidence";

/* ---- disclosure ---- */

/* "gguf.base_model.0.repo_url", also ".name", also of an encoder beside a text model. */
static bool is_gguf_base(const char *key)
{
    static const char *const starts[] = {"gguf.base_model.", "mmproj.base_model."};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (strncmp(key, starts[i], strlen(starts[i])) == 0) {
            return sva_has_suffix(key, ".name") || sva_has_suffix(key, ".repo_url");
        }
    }
    return false;
}

/* Facts in which a subject says what it was made from. */
static bool is_declaration(const char *key)
{
    return strncmp(key, "card.base_model", strlen("card.base_model")) == 0 ||
           strncmp(key, "notice", strlen("notice")) == 0 || sva_has_suffix(key, "_name_or_path") ||
           is_gguf_base(key);
}

static bool is_declared(const struct sva_print *subject, const char *name)
{
    for (size_t i = 0; i < subject->fact_count; i++) {
        if (is_declaration(subject->facts[i].key) &&
            sva_text_names_model(subject->facts[i].value, name)) {
            return true;
        }
    }
    return false;
}

/* A reference is disclosed when the subject names it or a model of the same declared lineage. */
static void find_disclosed(const struct sva_case *source, bool *disclosed)
{
    const struct sva_declared *declared =
        source->knowledge != NULL ? source->knowledge->declared : NULL;
    for (size_t i = 0; i < source->compared_count; i++) {
        disclosed[i] = (declared != NULL && declared->covered[i]) ||
                       is_declared(source->subject, source->compared[i].reference.name) ||
                       is_declared(source->subject, sva_lineage_root(source, i));
    }
    for (size_t i = 0; i < source->compared_count; i++) {
        for (size_t k = 0; k < source->compared_count && !disclosed[i]; k++) {
            disclosed[i] =
                is_declared(source->subject, source->compared[k].reference.name) &&
                sva_same_model_name(sva_lineage_root(source, i), sva_lineage_root(source, k));
        }
    }
}

/* ---- comparisons ---- */

/* qsort has no context: what orders two matches is copied beside them. */
struct match_key {
    int released;
    const struct sva_reference *reference;
    struct sva_match match;
};

static int compare_references(const struct sva_reference *a, const struct sva_reference *b)
{
    const int name = strcmp(a->name, b->name);
    return name != 0 ? name : strcmp(a->version, b->version);
}

static int compare_matches(const void *left, const void *right)
{
    const struct match_key *a = left;
    const struct match_key *b = right;
    if (a->released != b->released) {
        return a->released < b->released ? -1 : 1;
    }
    if (a->match.result->answer != b->match.result->answer) {
        return a->match.result->answer < b->match.result->answer ? -1 : 1;
    }
    return compare_references(a->reference, b->reference);
}

static void add_match(const struct sva_case_facts *facts, size_t compared, size_t component,
                      struct sva_scope_facts *scope, struct match_key *keys)
{
    const struct sva_compared *one = &facts->source->compared[compared];
    if (component >= one->comparison->component_count) {
        return;
    }
    const struct sva_component_result *result = &one->comparison->components[component];
    if (result->answer == SVA_ANSWER_NOT_COMPARABLE) {
        return;
    }
    scope->tested_count++;
    scope->tested_external_count += facts->directions[compared] != SVA_DIRECTION_OWN;
    if (result->answer != SVA_ANSWER_NO_EVIDENCE) {
        keys[scope->match_count++] = (struct match_key){
            .released = sva_release_order(&one->reference),
            .reference = &one->reference,
            .match = {compared, facts->directions[compared], result},
        };
    }
}

static enum sva_status collect_matches(struct sva_case_facts *facts, size_t component,
                                       struct match_key *keys, struct sva_error *error)
{
    struct sva_scope_facts *scope = &facts->components[component];
    for (size_t i = 0; i < facts->source->compared_count; i++) {
        add_match(facts, i, component, scope, keys);
    }
    qsort(keys, scope->match_count, sizeof *keys, compare_matches);
    struct sva_match *matches = sva_arena_alloc(facts->arena, scope->match_count, sizeof *matches);
    if (matches == NULL) {
        return sva_fail_memory(error, doing);
    }
    for (size_t i = 0; i < scope->match_count; i++) {
        matches[i] = keys[i].match;
    }
    scope->matches = matches;
    return SVA_OK;
}

/* ---- exact copies ---- */

struct exact_list {
    struct sva_exact_item *items;
    size_t count, capacity;
};

static bool add_exact(struct exact_list *list, struct sva_exact_item item)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2;
        struct sva_exact_item *grown = sva_realloc_array(list->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

static size_t find_compared(const struct sva_case *source, const struct sva_exact_hit *hit)
{
    for (size_t i = 0; i < source->compared_count; i++) {
        const struct sva_reference *reference = &source->compared[i].reference;
        if (strcmp(reference->name, hit->reference_name) == 0 &&
            strcmp(reference->version, hit->reference_version) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool carries_evidence(const struct sva_print *subject, uint32_t tensor)
{
    return tensor < subject->tensor_count && subject->tensors[tensor].inert == SVA_INERT_NONE;
}

/* A reference that holds the item but was not compared has no known direction: review. */
static bool add_hit(const struct sva_case_facts *facts, const struct sva_exact_hit *hit,
                    struct exact_list *list)
{
    const struct sva_print *subject = facts->source->subject;
    const bool usable = hit->is_file ? hit->subject_index < subject->file_count
                                     : carries_evidence(subject, hit->subject_index);
    if (!usable) {
        return true;
    }
    const size_t compared = find_compared(facts->source, hit);
    return add_exact(
        list,
        (struct sva_exact_item){
            .scope = hit->is_file ? UINT32_MAX : subject->tensors[hit->subject_index].component,
            .subject_index = hit->subject_index,
            .compared = compared,
            .direction =
                compared != SIZE_MAX ? facts->directions[compared] : SVA_DIRECTION_UNKNOWN_DATE,
            .reference = hit->reference_name,
            .item = hit->reference_item,
        });
}

static bool add_equal_tensors(const struct sva_case_facts *facts, size_t compared,
                              const struct sva_component_result *result, struct exact_list *list)
{
    const struct sva_compared *one = &facts->source->compared[compared];
    for (size_t i = 0; i < result->match_count; i++) {
        const struct sva_tensor_match *match = &result->matches[i];
        if (!match->same_values ||
            !carries_evidence(facts->source->subject, match->subject_tensor)) {
            continue;
        }
        const struct sva_exact_item exact = {
            .scope = facts->source->subject->tensors[match->subject_tensor].component,
            .subject_index = match->subject_tensor,
            .compared = compared,
            .direction = facts->directions[compared],
            .reference = one->reference.name,
            .item = match->reference_name,
        };
        if (!add_exact(list, exact)) {
            return false;
        }
    }
    return true;
}

/* What the facts database knows has no date of release of its own: review, or own. */
static bool add_known(const struct sva_case_facts *facts, const struct sva_known_hit *hit,
                      struct exact_list *list)
{
    const struct sva_reference known = {.name = hit->name, .publisher = hit->publisher};
    const struct sva_print *subject = facts->source->subject;
    const bool tensor = hit->tensor != UINT32_MAX;
    if (!hit->weights || (tensor && !carries_evidence(subject, hit->tensor))) {
        return true;
    }
    return add_exact(
        list, (struct sva_exact_item){
                  .scope = tensor ? subject->tensors[hit->tensor].component : UINT32_MAX,
                  .subject_index = tensor ? hit->tensor : hit->file,
                  .compared = SIZE_MAX,
                  .direction = sva_is_own(facts->source, &known) ? SVA_DIRECTION_OWN
                                                                 : SVA_DIRECTION_UNKNOWN_DATE,
                  .reference = hit->name,
                  .item = hit->where,
              });
}

static bool gather_exact(const struct sva_case_facts *facts, struct exact_list *list)
{
    const struct sva_case *source = facts->source;
    const struct sva_knowledge *knowledge = source->knowledge;
    for (size_t i = 0; knowledge != NULL && i < knowledge->hit_count; i++) {
        if (!add_known(facts, &knowledge->hits[i], list)) {
            return false;
        }
    }
    for (size_t i = 0; i < source->hit_count; i++) {
        if (!add_hit(facts, &source->hits[i], list)) {
            return false;
        }
    }
    for (size_t i = 0; i < source->compared_count; i++) {
        const struct sva_comparison *comparison = source->compared[i].comparison;
        for (size_t c = 0; c < comparison->component_count; c++) {
            if (!add_equal_tensors(facts, i, &comparison->components[c], list)) {
                return false;
            }
        }
    }
    return true;
}

/* By scope, direction, item of the subject, reference; of two names the earlier non-empty one. */
static int compare_exact(const void *left, const void *right)
{
    const struct sva_exact_item *a = left;
    const struct sva_exact_item *b = right;
    const uint64_t keys[][2] = {
        {a->scope, b->scope},
        {(uint64_t)a->direction, (uint64_t)b->direction},
        {a->subject_index, b->subject_index},
        {a->compared, b->compared}, /* the order of comparisons: strongest, then earliest */
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    const int reference = strcmp(a->reference, b->reference);
    if (reference != 0) {
        return reference;
    }
    const bool named_a = a->item[0] != '\0';
    const bool named_b = b->item[0] != '\0';
    return named_a != named_b ? (named_a ? -1 : 1) : strcmp(a->item, b->item);
}

static bool same_exact(const struct sva_exact_item *a, const struct sva_exact_item *b)
{
    return a->scope == b->scope && a->subject_index == b->subject_index &&
           a->compared == b->compared && strcmp(a->reference, b->reference) == 0;
}

static size_t drop_repeats(struct sva_exact_item *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !same_exact(&items[kept - 1], &items[i])) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

/* Hands each scope its run of the sorted items. */
static void share_out(struct sva_case_facts *facts, const struct sva_exact_item *items,
                      size_t count)
{
    for (size_t first = 0; first < count;) {
        size_t last = first;
        while (last < count && items[last].scope == items[first].scope) {
            last++;
        }
        struct sva_scope_facts *scope = NULL;
        if (items[first].scope == UINT32_MAX) {
            scope = &facts->model;
        } else if (items[first].scope < facts->component_count) {
            scope = &facts->components[items[first].scope];
        }
        if (scope != NULL) {
            scope->exact = items + first;
            scope->exact_count = last - first;
        }
        first = last;
    }
}

static enum sva_status collect_exact(struct sva_case_facts *facts, struct sva_error *error)
{
    struct exact_list list = {.items = sva_calloc(16, sizeof *list.items), .capacity = 16};
    if (list.items == NULL || !gather_exact(facts, &list)) {
        sva_free(list.items);
        return sva_fail_memory(error, doing);
    }
    qsort(list.items, list.count, sizeof *list.items, compare_exact);
    const size_t count = drop_repeats(list.items, list.count);
    struct sva_exact_item *kept = sva_arena_alloc(facts->arena, count, sizeof *kept);
    if (kept == NULL) {
        sva_free(list.items);
        return sva_fail_memory(error, doing);
    }
    memcpy(kept, list.items, count * sizeof *kept);
    sva_free(list.items);
    share_out(facts, kept, count);
    return SVA_OK;
}

enum sva_status sva_case_evidence_collect(struct sva_case_facts *facts, struct sva_error *error)
{
    const struct sva_case *source = facts->source;
    facts->directions =
        sva_arena_alloc(facts->arena, source->compared_count, sizeof *facts->directions);
    facts->disclosed =
        sva_arena_alloc(facts->arena, source->compared_count, sizeof *facts->disclosed);
    struct match_key *keys = sva_calloc(source->compared_count, sizeof *keys);
    enum sva_status status = facts->directions != NULL && facts->disclosed != NULL && keys != NULL
                                 ? SVA_OK
                                 : sva_fail_memory(error, doing);
    for (size_t i = 0; status == SVA_OK && i < source->compared_count; i++) {
        facts->directions[i] = sva_direction_of(source, i);
    }
    if (status == SVA_OK) {
        find_disclosed(source, facts->disclosed);
    }
    for (size_t i = 0; status == SVA_OK && i < facts->component_count; i++) {
        status = collect_matches(facts, i, keys, error);
    }
    sva_free(keys);
    return status == SVA_OK ? collect_exact(facts, error) : status;
}

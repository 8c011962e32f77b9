/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/rule_evidence.h"

#include <string.h>

#include "base/fail.h"

static bool is_kind(const struct sva_document *document, enum sva_evidence_kind kind)
{
    return strcmp(document->kind, sva_evidence_kind_get(kind)->name) == 0;
}

/* A document of the wanted kind, or of one that serves as well. */
static bool serves(const struct sva_document *document, const struct sva_rule_evidence *wanted)
{
    if (is_kind(document, wanted->kind)) {
        return true;
    }
    for (size_t i = 0; i < wanted->instead_count; i++) {
        if (is_kind(document, wanted->instead[i])) {
            return true;
        }
    }
    return false;
}

/* Judgements name the rule that they are about; a malformed one names none. */
static bool belongs(const struct sva_document *document, const struct sva_rule *rule)
{
    if (is_kind(document, SVA_KIND_JUDGEMENT) && strcmp(document->rule, rule->id) != 0) {
        return false;
    }
    for (size_t i = 0; i < rule->evidence_count; i++) {
        if (serves(document, &rule->evidence[i])) {
            return true;
        }
    }
    return false;
}

static bool is_usable(const struct sva_document *document)
{
    return document->state == SVA_DOCUMENT_SOUND || document->state == SVA_DOCUMENT_HASH_ONLY;
}

static void note(const struct sva_document *document, struct sva_rule_documents *found)
{
    if (document->state != SVA_DOCUMENT_SOUND) {
        return;
    }
    if (is_kind(document, SVA_KIND_JUDGEMENT) &&
        (found->judgement == NULL || strcmp(document->date, found->judgement->date) >= 0)) {
        found->judgement = document;
    } else if (is_kind(document, SVA_KIND_TRACE_REPORT) && found->trace == NULL) {
        found->trace = document;
    }
}

static void note_manifest(const struct sva_evidence *all, const struct sva_document *document,
                          struct sva_rule_documents *found)
{
    if (is_kind(document, SVA_KIND_SIGNED_MANIFEST) && all->manifest.state != SVA_MANIFEST_NONE) {
        found->manifest = &all->manifest;
    }
}

static bool is_there(const struct sva_evidence *register_, const struct sva_rule *rule,
                     const struct sva_rule_evidence *wanted)
{
    for (size_t i = 0; register_ != NULL && i < register_->document_count; i++) {
        const struct sva_document *document = &register_->documents[i];
        if (is_usable(document) && serves(document, wanted) && belongs(document, rule)) {
            return true;
        }
    }
    return false;
}

enum sva_status sva_rule_documents_find(const struct sva_case_facts *facts,
                                        const struct sva_rule *rule,
                                        struct sva_rule_documents *documents,
                                        struct sva_error *error)
{
    const struct sva_evidence *all = facts->source->evidence;
    const size_t most = all != NULL && sva_rule_wants_documents(rule) ? all->document_count : 0;
    const struct sva_document **items = sva_arena_alloc(facts->arena, most, sizeof *items);
    const char **missing = sva_arena_alloc(facts->arena, rule->evidence_count, sizeof *missing);
    if (items == NULL || missing == NULL) {
        return sva_fail_memory(error, "looking for a rule's documents");
    }
    *documents = (struct sva_rule_documents){.items = items, .missing = missing};
    for (size_t i = 0; i < most; i++) {
        if (belongs(&all->documents[i], rule)) {
            items[documents->count++] = &all->documents[i];
            note(&all->documents[i], documents);
            note_manifest(all, &all->documents[i], documents);
        }
    }
    for (size_t i = 0; i < rule->evidence_count; i++) {
        const struct sva_rule_evidence *wanted = &rule->evidence[i];
        const struct sva_evidence_kind_info *kind = sva_evidence_kind_get(wanted->kind);
        if (kind->document && wanted->required && !is_there(all, rule, wanted)) {
            missing[documents->missing_count++] = kind->name;
        }
    }
    return SVA_OK;
}

static void set_count(struct sva_scope_facts *scope, enum sva_fact_id id, size_t value)
{
    scope->values[id] = (struct sva_fact_value){.known = true, .number = (double)value};
}

static void set_word(struct sva_scope_facts *scope, enum sva_fact_id id, const char *value)
{
    scope->values[id] = (struct sva_fact_value){.known = true, .text = value};
}

void sva_rule_documents_set(const struct sva_case_facts *facts,
                            const struct sva_rule_documents *documents,
                            struct sva_scope_facts *scope)
{
    size_t usable = 0;
    size_t unseen = 0;
    for (size_t i = 0; i < documents->count; i++) {
        usable += is_usable(documents->items[i]) ? 1 : 0;
        unseen += documents->items[i]->state == SVA_DOCUMENT_HASH_ONLY ? 1 : 0;
    }
    scope->values[SVA_FACT_EVIDENCE_REGISTER] =
        (struct sva_fact_value){.known = true, .truth = facts->source->evidence != NULL};
    set_count(scope, SVA_FACT_EVIDENCE_MISSING, documents->missing_count);
    set_count(scope, SVA_FACT_EVIDENCE_UNSOUND, documents->count - usable);
    set_count(scope, SVA_FACT_EVIDENCE_PROVIDED, usable);
    set_count(scope, SVA_FACT_EVIDENCE_UNSEEN, unseen);
    set_word(scope, SVA_FACT_JUDGEMENT_DECISION,
             documents->judgement != NULL ? documents->judgement->decision : "none");
    set_word(scope, SVA_FACT_TRACE_INITIALISATION,
             documents->trace != NULL ? documents->trace->trace_initialisation : "none");
    set_word(scope, SVA_FACT_TRACE_LOSS_LOG,
             documents->trace != NULL ? documents->trace->trace_loss_log : "none");
    set_word(scope, SVA_FACT_MANIFEST_SIGNATURE,
             sva_manifest_state_name(documents->manifest != NULL ? documents->manifest->state
                                                                 : SVA_MANIFEST_NONE));
}

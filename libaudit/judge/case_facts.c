/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/case_facts.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "judge/case_evidence.h"
#include "judge/licence_facts.h"

#define COMPONENT SVA_SCOPE_COMPONENT
#define MODEL     SVA_SCOPE_MODEL
#define BOTH      (SVA_SCOPE_COMPONENT | SVA_SCOPE_MODEL)

static const struct sva_fact_info registry[SVA_FACT_ID_COUNT] = {
    [SVA_FACT_COMPONENT_NAME] = {"component.name", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_COMPONENT_KIND] = {"component.kind", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_PARAMETER_COUNT] = {"component.parameter_count", SVA_FACT_NUMBER, COMPONENT},
    [SVA_FACT_EVIDENCE_PARAMETER_COUNT] = {"component.evidence_parameter_count", SVA_FACT_NUMBER,
                                           COMPONENT},
    [SVA_FACT_UNREADABLE_PARAMETER_COUNT] = {"component.unreadable_parameter_count",
                                             SVA_FACT_NUMBER, COMPONENT},
    [SVA_FACT_COMPARABLE] = {"component.comparable", SVA_FACT_BOOL, COMPONENT},
    [SVA_FACT_EXTERNAL_COMPARABLE] = {"component.external_comparable", SVA_FACT_BOOL, COMPONENT},
    [SVA_FACT_ANSWER] = {"component.answer", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_ANSWER_UNDATED] = {"component.answer_undated", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_ANSWER_LATER] = {"component.answer_later", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_ANSWER_OWN] = {"component.answer_own", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_EXTERNAL_MATCH] = {"component.external_match", SVA_FACT_BOOL, COMPONENT},
    [SVA_FACT_UNDATED_MATCH] = {"component.undated_match", SVA_FACT_BOOL, COMPONENT},
    [SVA_FACT_DIRECTION] = {"component.direction", SVA_FACT_TEXT, COMPONENT},
    [SVA_FACT_RHO] = {"component.rho", SVA_FACT_NUMBER, COMPONENT},
    [SVA_FACT_LOG10_P] = {"component.log10_p", SVA_FACT_NUMBER, COMPONENT},
    [SVA_FACT_COVERAGE] = {"component.coverage", SVA_FACT_NUMBER, COMPONENT},
    [SVA_FACT_DETECTABLE_RHO] = {"component.detectable_rho", SVA_FACT_NUMBER, COMPONENT},
    [SVA_FACT_DISCLOSED] = {"component.disclosed", SVA_FACT_BOOL, COMPONENT},
    [SVA_FACT_EXACT_EXTERNAL] = {"exact.external", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_EXACT_UNDATED] = {"exact.undated", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_EXACT_LATER] = {"exact.later", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_EXACT_OWN] = {"exact.own", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_REFERENCES_TESTED] = {"model.references_tested", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_MODEL_COMPARABLE] = {"model.comparable", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_MODEL_PARAMETER_COUNT] = {"model.parameter_count", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_COMPONENT_COUNT] = {"model.component_count", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_UNDISCLOSED_MATCH] = {"model.undisclosed_match", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_AUTO_MAP] = {"model.auto_map", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_AUTO_MAP_REMOTE] = {"model.auto_map_remote", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_PICKLE_FILES] = {"model.pickle_files", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_UNREAD_WEIGHT_FILES] = {"model.unread_weight_files", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_ARCHITECTURE] = {"model.architecture", SVA_FACT_TEXT, MODEL},
    [SVA_FACT_ARCHITECTURE_SHARED] = {"model.architecture_shared", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_TOKENIZER_SIZE] = {"model.tokenizer_size", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_TOKENIZER_SHARED] = {"model.tokenizer_shared", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_TOKENIZER_LINEAGE] = {"tokenizer.lineage", SVA_FACT_TEXT, MODEL},
    [SVA_FACT_TOKENIZER_DECLARED] = {"model.tokenizer_source_declared", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_TOKENIZER_SOURCE] = {"tokenizer.source", SVA_FACT_TEXT, MODEL},
    [SVA_FACT_CARD_PRESENT] = {"card.present", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_LICENCE_DECLARED] = {"licence.declared", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_LICENCE_RESTRICTIVE] = {"licence.restrictive_clauses", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_LICENCE_DUTIES_UNMET] = {"licence.duties_unmet", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_CODE_DOWNLOADS] = {"code.run_time_downloads", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_EVIDENCE_REGISTER] = {"evidence.register", SVA_FACT_BOOL, BOTH},
    [SVA_FACT_EVIDENCE_MISSING] = {"evidence.missing", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_EVIDENCE_UNSOUND] = {"evidence.unsound", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_EVIDENCE_PROVIDED] = {"evidence.provided", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_EVIDENCE_UNSEEN] = {"evidence.unseen", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_JUDGEMENT_DECISION] = {"judgement.decision", SVA_FACT_TEXT, BOTH},
    [SVA_FACT_TRACE_INITIALISATION] = {"trace.initialisation", SVA_FACT_TEXT, BOTH},
    [SVA_FACT_TRACE_LOSS_LOG] = {"trace.loss_log", SVA_FACT_TEXT, BOTH},
    [SVA_FACT_MANIFEST_SIGNATURE] = {"manifest.signature", SVA_FACT_TEXT, BOTH},
    [SVA_FACT_ARCHITECTURE_FAMILY] = {"model.architecture_family", SVA_FACT_TEXT, MODEL},
    [SVA_FACT_KNOWN_FILES] = {"exact.known_files", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_LICENCE_ID] = {"licence.id", SVA_FACT_TEXT, MODEL},
    [SVA_FACT_LICENCE_CONFLICT] = {"licence.conflict", SVA_FACT_BOOL, MODEL},
    [SVA_FACT_LICENCE_RESTRICTIVE_KNOWN] = {"licence.restrictive_known", SVA_FACT_NUMBER, BOTH},
    [SVA_FACT_CODE_POSSIBLE] = {"code.possible_downloads", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_CODE_UNRESOLVED] = {"code.unresolved_entries", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_DECLARED_BASES] = {"declared.bases", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_DECLARED_NOT_OBSERVED] = {"declared.not_observed", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_DECLARED_NOT_COMPARABLE] = {"declared.not_comparable", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_DECLARED_NO_REFERENCE] = {"declared.no_reference", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_DECLARED_RELATION_DIFFERS] = {"declared.relation_differs", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_DECLARED_CONTRADICTED] = {"declared.contradicted_sentences", SVA_FACT_NUMBER, MODEL},
    [SVA_FACT_UNDECLARED_MATCHES] = {"declared.undeclared_matches", SVA_FACT_NUMBER, MODEL},
};

const struct sva_fact_info *sva_fact_get_info(enum sva_fact_id id)
{
    return &registry[id];
}

bool sva_fact_find(const char *name, enum sva_fact_id *id)
{
    for (size_t i = 0; i < SVA_FACT_ID_COUNT; i++) {
        if (strcmp(registry[i].name, name) == 0) {
            *id = (enum sva_fact_id)i;
            return true;
        }
    }
    return false;
}

/* ---- setting ---- */

static void set_number(struct sva_scope_facts *scope, enum sva_fact_id id, double value)
{
    scope->values[id] = (struct sva_fact_value){.known = !isnan(value), .number = value};
}

static void set_bool(struct sva_scope_facts *scope, enum sva_fact_id id, bool value)
{
    scope->values[id] = (struct sva_fact_value){.known = true, .truth = value};
}

static void set_text(struct sva_scope_facts *scope, enum sva_fact_id id, const char *value)
{
    scope->values[id] = (struct sva_fact_value){.known = value[0] != '\0', .text = value};
}

/* ---- the subject's own facts ---- */

static const char *find_fact(const struct sva_fact *facts, size_t count, const char *key)
{
    const size_t length = strlen(key);
    for (size_t i = 0; i < count; i++) {
        /* A list's first element is the list's value here: "config.architectures.0". */
        if (strncmp(facts[i].key, key, length) == 0 &&
            (facts[i].key[length] == '\0' || strcmp(facts[i].key + length, ".0") == 0)) {
            return facts[i].value;
        }
    }
    return "";
}

const char *sva_subject_fact(const struct sva_case *source, const char *key)
{
    return find_fact(source->subject->facts, source->subject->fact_count, key);
}

bool sva_shares_fact(const struct sva_case *source, size_t compared, const char *key)
{
    const struct sva_compared *one = &source->compared[compared];
    const char *mine = sva_subject_fact(source, key);
    return mine[0] != '\0' && strcmp(mine, find_fact(one->facts, one->fact_count, key)) == 0;
}

/* NAN, hence missing, when no reference's fact is known: then nothing was compared. */
static double count_sharing(const struct sva_case *source, const char *key)
{
    size_t count = 0;
    bool known = false;
    for (size_t i = 0; i < source->compared_count; i++) {
        const struct sva_compared *one = &source->compared[i];
        known = known || find_fact(one->facts, one->fact_count, key)[0] != '\0';
        count += sva_shares_fact(source, i, key);
    }
    return known ? (double)count : NAN;
}

/* A plain decimal number, as facts write sizes; NAN otherwise. */
static double read_count(const char *text)
{
    double value = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return NAN;
        }
        value = value * 10 + (*at - '0');
    }
    return text[0] != '\0' ? value : NAN;
}

size_t sva_next_auto_map(const struct sva_print *subject, size_t from)
{
    size_t i = from;
    while (i < subject->fact_count && (strstr(subject->facts[i].key, "auto_map") == NULL ||
                                       subject->facts[i].value[0] == '\0')) {
        i++;
    }
    return i;
}

bool sva_auto_map_is_remote(const char *value)
{
    return strstr(value, "--") != NULL;
}

static void set_auto_map(struct sva_scope_facts *model, const struct sva_print *subject)
{
    bool any = false;
    bool remote = false;
    for (size_t i = sva_next_auto_map(subject, 0); i < subject->fact_count;
         i = sva_next_auto_map(subject, i + 1)) {
        any = true;
        remote = remote || sva_auto_map_is_remote(subject->facts[i].value);
    }
    set_bool(model, SVA_FACT_AUTO_MAP, any);
    set_bool(model, SVA_FACT_AUTO_MAP_REMOTE, remote);
    const char *unresolved = find_fact(subject->facts, subject->fact_count, SVA_KEY_UNRESOLVED);
    set_number(model, SVA_FACT_CODE_UNRESOLVED, any ? read_count(unresolved) : 0);
}

static size_t count_files(const struct sva_print *subject, enum sva_file_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < subject->file_count; i++) {
        count += subject->files[i].kind == kind;
    }
    return count;
}

/* ---- components ---- */

static void set_sizes(const struct sva_case *source, size_t component,
                      struct sva_scope_facts *scope)
{
    double evidence = 0;
    double unreadable = 0;
    for (size_t i = 0; i < source->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &source->subject->tensors[i];
        if (tensor->component == component) {
            const double count = (double)tensor->element_count;
            evidence += tensor->inert == SVA_INERT_NONE ? count : 0;
            unreadable += (tensor->inert & SVA_INERT_UNREADABLE) != 0 ? count : 0;
        }
    }
    set_number(scope, SVA_FACT_PARAMETER_COUNT, (double)scope->component->parameter_count);
    set_number(scope, SVA_FACT_EVIDENCE_PARAMETER_COUNT, evidence);
    set_number(scope, SVA_FACT_UNREADABLE_PARAMETER_COUNT, unreadable);
}

/* The two directions without a usable order of release are one fact to the rules. */
static enum sva_fact_id answer_fact(enum sva_direction direction)
{
    switch (direction) {
    case SVA_DIRECTION_EXTERNAL: return SVA_FACT_ANSWER;
    case SVA_DIRECTION_LATER: return SVA_FACT_ANSWER_LATER;
    case SVA_DIRECTION_OWN: return SVA_FACT_ANSWER_OWN;
    default: return SVA_FACT_ANSWER_UNDATED;
    }
}

static bool is_match(enum sva_answer answer)
{
    return answer == SVA_ANSWER_IDENTICAL || answer == SVA_ANSWER_DERIVED;
}

static void set_answers(const struct sva_case_facts *facts, size_t component,
                        struct sva_scope_facts *scope)
{
    enum sva_answer strongest[SVA_FACT_ID_COUNT];
    double detectable = NAN;
    for (size_t i = 0; i < SVA_FACT_ID_COUNT; i++) {
        strongest[i] = SVA_ANSWER_NOT_COMPARABLE;
    }
    for (size_t i = 0; i < facts->source->compared_count; i++) {
        const struct sva_comparison *comparison = facts->source->compared[i].comparison;
        if (component < comparison->component_count) {
            const struct sva_component_result *result = &comparison->components[component];
            enum sva_answer *slot = &strongest[answer_fact(facts->directions[i])];
            *slot = result->answer < *slot ? result->answer : *slot;
            if (result->answer == SVA_ANSWER_NO_EVIDENCE) {
                detectable = fmax(detectable, result->detectable_rho); /* the least sensitive */
            }
        }
    }
    static const enum sva_fact_id ids[] = {SVA_FACT_ANSWER, SVA_FACT_ANSWER_UNDATED,
                                           SVA_FACT_ANSWER_LATER, SVA_FACT_ANSWER_OWN};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        set_text(scope, ids[i], sva_answer_name(strongest[ids[i]]));
    }
    set_bool(scope, SVA_FACT_EXTERNAL_MATCH, is_match(strongest[SVA_FACT_ANSWER]));
    set_bool(scope, SVA_FACT_UNDATED_MATCH, is_match(strongest[SVA_FACT_ANSWER_UNDATED]));
    set_number(scope, SVA_FACT_DETECTABLE_RHO, detectable);
}

/* Figures of the match that is named first; missing without one. */
static void set_first_match(const struct sva_case_facts *facts, struct sva_scope_facts *scope)
{
    const struct sva_match *first = NULL;
    bool matched = false;
    bool disclosed = true;
    for (size_t i = 0; i < scope->match_count; i++) {
        const struct sva_match *match = &scope->matches[i];
        if (first == NULL || match->direction < first->direction) {
            first = match;
        }
        if (is_match(match->result->answer) && match->direction <= SVA_DIRECTION_CONTRADICTORY) {
            matched = true;
            disclosed = disclosed && facts->disclosed[match->compared];
        }
    }
    if (matched) {
        set_bool(scope, SVA_FACT_DISCLOSED, disclosed);
    }
    set_text(scope, SVA_FACT_DIRECTION,
             first != NULL ? sva_direction_name(first->direction) : "none");
    if (first != NULL) {
        set_number(scope, SVA_FACT_RHO, first->result->rho);
        set_number(scope, SVA_FACT_LOG10_P, first->result->log10_p_adjusted);
        set_number(scope, SVA_FACT_COVERAGE, first->result->coverage);
    }
}

/**
 * Is "no tensor or file is equal" left open by a quick reading? SIZE_MAX asks of all components: a
 * weight file is equal only if its tensors are.
 */
static bool equality_is_open(const struct sva_case *source, size_t component)
{
    bool open = false;
    for (size_t i = 0; i < source->compared_count; i++) {
        const struct sva_comparison *comparison = source->compared[i].comparison;
        for (size_t c = 0; comparison != NULL && c < comparison->component_count; c++) {
            open = open || ((component == SIZE_MAX || component == c) &&
                            comparison->components[c].equality_open);
        }
    }
    return open;
}

/** Nothing is known to be equal, and something may be: the facts stay missing. */
static void set_exact(struct sva_scope_facts *scope, bool open)
{
    double counts[SVA_DIRECTION_COUNT] = {0};
    for (size_t i = 0; i < scope->exact_count; i++) {
        counts[scope->exact[i].direction]++;
    }
    if (open && scope->exact_count == 0) {
        return;
    }
    set_number(scope, SVA_FACT_EXACT_EXTERNAL, counts[SVA_DIRECTION_EXTERNAL]);
    set_number(scope, SVA_FACT_EXACT_UNDATED,
               counts[SVA_DIRECTION_UNKNOWN_DATE] + counts[SVA_DIRECTION_CONTRADICTORY]);
    set_number(scope, SVA_FACT_EXACT_LATER, counts[SVA_DIRECTION_LATER]);
    set_number(scope, SVA_FACT_EXACT_OWN, counts[SVA_DIRECTION_OWN]);
}

static void set_component(struct sva_case_facts *facts, size_t component)
{
    struct sva_scope_facts *scope = &facts->components[component];
    set_text(scope, SVA_FACT_COMPONENT_NAME, scope->component->name);
    set_text(scope, SVA_FACT_COMPONENT_KIND, sva_component_kind_name(scope->component->kind));
    set_bool(scope, SVA_FACT_COMPARABLE, scope->tested_count > 0);
    set_bool(scope, SVA_FACT_EXTERNAL_COMPARABLE, scope->tested_external_count > 0);
    set_sizes(facts->source, component, scope);
    set_answers(facts, component, scope);
    set_first_match(facts, scope);
    set_exact(scope, equality_is_open(facts->source, component));
}

/* Facts that the print may carry under the same key, counts as digits. Absent: missing. */
static void set_stored(struct sva_scope_facts *model, const struct sva_case *source)
{
    static const enum sva_fact_id stored[] = {
        SVA_FACT_TOKENIZER_SOURCE, SVA_FACT_LICENCE_RESTRICTIVE, SVA_FACT_LICENCE_DUTIES_UNMET,
        SVA_FACT_CODE_DOWNLOADS, SVA_FACT_CODE_POSSIBLE};
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
        const char *text = sva_subject_fact(source, registry[stored[i]].name);
        if (registry[stored[i]].type == SVA_FACT_TEXT) {
            set_text(model, stored[i], text);
        } else {
            set_number(model, stored[i], read_count(text));
        }
    }
}

enum sva_lineage sva_tokenizer_lineage_to(const struct sva_case *source, size_t compared)
{
    return sva_shares_fact(source, compared, SVA_KEY_TOKENIZER_DIGEST)
               ? SVA_LINEAGE_SAME
               : source->compared[compared].comparison->tokenizer.answer;
}

/* The strongest lineage, and how many references' vocabularies have one source with the subject's.
 * Missing where no reference's vocabulary is known. */
static void set_tokenizer_lineage(struct sva_case_facts *facts)
{
    const struct sva_case *source = facts->source;
    enum sva_lineage strongest = SVA_LINEAGE_NOT_COMPARABLE;
    double count = count_sharing(source, SVA_KEY_TOKENIZER_DIGEST); /* NAN: none is known */
    double shared = 0;
    for (size_t i = 0; i < source->compared_count; i++) {
        const enum sva_lineage lineage = sva_tokenizer_lineage_to(source, i);
        strongest = lineage > strongest ? lineage : strongest;
        shared += lineage >= SVA_LINEAGE_SHARED_SOURCE ? 1 : 0;
    }
    if (strongest != SVA_LINEAGE_NOT_COMPARABLE) {
        set_text(&facts->model, SVA_FACT_TOKENIZER_LINEAGE, sva_lineage_name(strongest));
        count = shared;
    }
    set_number(&facts->model, SVA_FACT_TOKENIZER_SHARED, count);
}

/* The subject names every model whose vocabulary it shares, or one of its kin. */
static void set_tokenizer_declared(struct sva_case_facts *facts)
{
    bool declared = true;
    for (size_t i = 0; i < facts->source->compared_count; i++) {
        if (sva_tokenizer_lineage_to(facts->source, i) >= SVA_LINEAGE_SHARED_SOURCE &&
            facts->directions[i] <= SVA_DIRECTION_CONTRADICTORY) {
            declared = declared && facts->disclosed[i];
        }
    }
    set_bool(&facts->model, SVA_FACT_TOKENIZER_DECLARED, declared);
}

/* Values that judge/licence_facts.h has found; what stays unknown is missing. */
static void set_licences(struct sva_case_facts *facts)
{
    set_text(&facts->model, SVA_FACT_LICENCE_ID, sva_subject_fact(facts->source, "licence.id"));
    set_bool(&facts->model, SVA_FACT_LICENCE_CONFLICT,
             sva_subject_fact(facts->source, "licence.conflict")[0] != '\0');
    if (facts->source->knowledge == NULL) {
        return; /* without the database the print's own counts stay */
    }
    for (size_t i = 0; i < facts->component_count; i++) {
        const struct sva_licence_counts counts =
            sva_licence_counts_of(facts->source->knowledge, (uint32_t)i);
        set_number(&facts->components[i], SVA_FACT_LICENCE_RESTRICTIVE_KNOWN, counts.known);
        set_number(&facts->components[i], SVA_FACT_LICENCE_DUTIES_UNMET, counts.unmet);
    }
    struct sva_scope_facts *model = &facts->model;
    const struct sva_licence_counts counts =
        sva_licence_counts_of(facts->source->knowledge, UINT32_MAX);
    set_number(model, SVA_FACT_LICENCE_RESTRICTIVE_KNOWN, counts.known);
    set_number(model, SVA_FACT_LICENCE_DUTIES_UNMET, counts.unmet);
    set_number(model, SVA_FACT_LICENCE_RESTRICTIVE,
               sva_licence_clauses_read(facts->source, counts.known));
}

/* Of declarations only those in fields count; missing where none were collected. */
static void set_declared(struct sva_scope_facts *model, const struct sva_declared *declared)
{
    double states[SVA_CLAIM_STATE_COUNT] = {0};
    double bases = 0;
    double differ = 0;
    double contradicted = 0;
    for (size_t i = 0; i < declared->claim_count; i++) {
        const struct sva_claim *claim = &declared->claims[i];
        if (claim->strength == SVA_CLAIM_FIELD) {
            bases++;
            states[claim->state]++;
            differ += claim->relation_state == SVA_RELATION_DIFFERS;
        }
    }
    for (size_t i = 0; i < declared->denial_count; i++) {
        contradicted += declared->denials[i].compared != SIZE_MAX;
    }
    set_number(model, SVA_FACT_DECLARED_BASES, bases);
    set_number(model, SVA_FACT_DECLARED_NOT_OBSERVED, states[SVA_CLAIM_NOT_OBSERVED]);
    set_number(model, SVA_FACT_DECLARED_NOT_COMPARABLE, states[SVA_CLAIM_NOT_COMPARABLE]);
    set_number(model, SVA_FACT_DECLARED_NO_REFERENCE, states[SVA_CLAIM_NO_REFERENCE]);
    set_number(model, SVA_FACT_DECLARED_RELATION_DIFFERS, differ);
    set_number(model, SVA_FACT_DECLARED_CONTRADICTED, contradicted);
    set_number(model, SVA_FACT_UNDECLARED_MATCHES, (double)declared->undeclared_count);
}

/* What the facts database says about files and architecture. */
static void set_known(struct sva_scope_facts *model, const struct sva_knowledge *knowledge,
                      bool quick)
{
    double files = 0;
    for (size_t i = 0; knowledge != NULL && i < knowledge->hit_count; i++) {
        files += knowledge->hits[i].weights && knowledge->hits[i].file != UINT32_MAX &&
                 (i == 0 || knowledge->hits[i - 1].file != knowledge->hits[i].file);
    }
    if (knowledge != NULL && (!quick || files > 0)) { /* a quick reading hashes no weight file */
        set_number(model, SVA_FACT_KNOWN_FILES, files);
    }
    if (knowledge != NULL) {
        set_text(model, SVA_FACT_ARCHITECTURE_FAMILY, knowledge->architecture_family);
    }
}

static void set_model(struct sva_case_facts *facts)
{
    const struct sva_case *source = facts->source;
    struct sva_scope_facts *model = &facts->model;
    bool comparable = false;
    bool undisclosed = false;
    for (size_t i = 0; i < facts->component_count; i++) {
        const struct sva_fact_value *disclosed = &facts->components[i].values[SVA_FACT_DISCLOSED];
        comparable = comparable || facts->components[i].tested_count > 0;
        undisclosed = undisclosed || (disclosed->known && !disclosed->truth);
    }
    set_bool(model, SVA_FACT_MODEL_COMPARABLE, comparable);
    set_bool(model, SVA_FACT_UNDISCLOSED_MATCH, undisclosed);
    set_number(model, SVA_FACT_REFERENCES_TESTED, (double)source->compared_count);
    for (size_t i = 0; i < facts->component_count; i++) {
        facts->components[i].values[SVA_FACT_REFERENCES_TESTED] =
            model->values[SVA_FACT_REFERENCES_TESTED];
    }
    set_number(model, SVA_FACT_MODEL_PARAMETER_COUNT, (double)source->subject->parameter_count);
    set_number(model, SVA_FACT_COMPONENT_COUNT, (double)facts->component_count);
    set_number(model, SVA_FACT_PICKLE_FILES,
               (double)(count_files(source->subject, SVA_FILE_PICKLE) +
                        count_files(source->subject, SVA_FILE_TORCH)));
    set_number(model, SVA_FACT_UNREAD_WEIGHT_FILES,
               (double)count_files(source->subject, SVA_FILE_WEIGHTS));
    set_auto_map(model, source->subject);
    set_bool(model, SVA_FACT_CARD_PRESENT, count_files(source->subject, SVA_FILE_CARD) > 0);
    set_bool(model, SVA_FACT_LICENCE_DECLARED,
             count_files(source->subject, SVA_FILE_LICENCE) > 0 ||
                 sva_subject_fact(source, SVA_KEY_CARD_LICENCE)[0] != '\0');
    set_text(model, SVA_FACT_ARCHITECTURE, sva_subject_fact(source, SVA_KEY_ARCHITECTURE));
    set_number(model, SVA_FACT_ARCHITECTURE_SHARED, count_sharing(source, SVA_KEY_ARCHITECTURE));
    set_number(model, SVA_FACT_TOKENIZER_SIZE,
               read_count(sva_subject_fact(source, SVA_KEY_TOKENIZER_SIZE)));
    set_tokenizer_lineage(facts);
    set_tokenizer_declared(facts);
    set_stored(model, source);
    set_known(model, source->knowledge, source->subject->reading.quick);
    if (source->knowledge != NULL && source->knowledge->declared != NULL) {
        set_declared(model, source->knowledge->declared);
    }
    set_licences(facts);
    set_exact(model, equality_is_open(source, SIZE_MAX));
}

enum sva_status sva_case_facts_make(const struct sva_case *source, struct sva_arena *arena,
                                    struct sva_case_facts *facts, struct sva_error *error)
{
    *facts = (struct sva_case_facts){.source = source, .arena = arena};
    facts->component_count = source->subject->component_count;
    facts->components = sva_arena_alloc(arena, facts->component_count, sizeof *facts->components);
    if (facts->components == NULL) {
        return sva_fail_memory(error, "computing the facts");
    }
    for (size_t i = 0; i < facts->component_count; i++) {
        facts->components[i].component = &source->subject->components[i];
    }
    const enum sva_status status = sva_case_evidence_collect(facts, error);
    if (status != SVA_OK) {
        return status;
    }
    for (size_t i = 0; i < facts->component_count; i++) {
        set_component(facts, i);
    }
    set_model(facts);
    return SVA_OK;
}

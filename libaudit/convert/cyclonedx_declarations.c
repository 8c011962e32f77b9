/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule pack as a standard, each result as a claim about the model with its evidence, and one
 * attestation that maps requirements to claims (supported) and counter-claims (refuted).
 */
#include "convert/cyclonedx.h"

#include <string.h>

/** Claims about a rule, supported or refuted. Open ones are in neither list. */
static void put_claim_refs(struct sva_cyclonedx *bom, const char *id, enum sva_outcome wanted,
                           const char *key)
{
    bool begun = false;
    for (size_t i = 0; i < bom->results.count; i++) {
        const struct sva_result_line *result = &bom->results.items[i];
        char ref[SVA_CYCLONEDX_REF];
        if (result->outcome != wanted || strcmp(result->id, id) != 0) {
            continue;
        }
        if (!begun) {
            sva_writer_array(&bom->json, key);
        }
        begun = true;
        sva_cyclonedx_ref(ref, "claim", i);
        sva_writer_text(&bom->json, NULL, ref);
    }
    if (begun) {
        sva_writer_array_end(&bom->json);
    }
}

/** The worst outcome of a rule's results; ASIDE when there is none. */
static enum sva_outcome worst_of(const struct sva_cyclonedx *bom, const char *id)
{
    static const int RANK[] = {[SVA_OUTCOME_ASIDE] = 0,
                               [SVA_OUTCOME_PASS] = 1,
                               [SVA_OUTCOME_NOT_CHECKED] = 2,
                               [SVA_OUTCOME_REVIEW] = 3,
                               [SVA_OUTCOME_FAIL] = 4};
    enum sva_outcome worst = SVA_OUTCOME_ASIDE;
    for (size_t i = 0; i < bom->results.count; i++) {
        const struct sva_result_line *result = &bom->results.items[i];
        if (RANK[result->outcome] > RANK[worst] && strcmp(result->id, id) == 0) {
            worst = result->outcome;
        }
    }
    return worst;
}

static void put_conformance(struct sva_writer *json, enum sva_outcome outcome)
{
    static const char *const RATIONALES[] = {
        [SVA_OUTCOME_PASS] = "Every result of the rule is pass.",
        [SVA_OUTCOME_FAIL] = "A result of the rule is fail.",
        [SVA_OUTCOME_REVIEW] = "A result of the rule wants a person's review; no score is given.",
        [SVA_OUTCOME_NOT_CHECKED] = "Evidence is missing; no score is given.",
        [SVA_OUTCOME_ASIDE] = "The rule does not apply, or gives information only."};
    sva_writer_object(json, "conformance");
    sva_writer_text(json, "rationale", RATIONALES[outcome]);
    if (outcome == SVA_OUTCOME_PASS || outcome == SVA_OUTCOME_FAIL) {
        sva_writer_count(json, "score", outcome == SVA_OUTCOME_PASS ? 1 : 0);
    }
    sva_writer_object_end(json);
}

static void put_attestation(struct sva_cyclonedx *bom)
{
    struct sva_writer *json = &bom->json;
    const cJSON *criterion = NULL;
    size_t index = 0;
    sva_writer_array(json, "attestations");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "assessor", "assessor");
    sva_writer_array(json, "map");
    cJSON_ArrayForEach(criterion, sva_document_at(sva_document_at(bom->report, "pack"), "criteria"))
    {
        const char *id = sva_document_text(criterion, "id");
        char ref[SVA_CYCLONEDX_REF];
        sva_cyclonedx_ref(ref, "requirement", index++);
        sva_writer_object(json, NULL);
        put_claim_refs(bom, id, SVA_OUTCOME_PASS, "claims");
        put_conformance(json, worst_of(bom, id));
        put_claim_refs(bom, id, SVA_OUTCOME_FAIL, "counterClaims");
        sva_writer_text(json, "requirement", ref);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "summary", sva_document_text(bom->report, "verdict"));
    sva_writer_object_end(json);
    sva_writer_array_end(json);
}

static void put_claim(struct sva_cyclonedx *bom, const cJSON *rule, size_t index)
{
    struct sva_writer *json = &bom->json;
    const bool refuted = sva_render_outcome(rule) == SVA_OUTCOME_FAIL;
    const size_t parts = sva_document_length(sva_document_at(bom->report, "subject"), "components");
    const size_t part = sva_cyclonedx_component(bom, sva_document_text(rule, "component"));
    char ref[SVA_CYCLONEDX_REF];
    sva_writer_object(json, NULL);
    sva_cyclonedx_ref(ref, "claim", index);
    sva_writer_text(json, "bom-ref", ref);
    sva_cyclonedx_ref(ref, "evidence", index);
    sva_writer_array(json, refuted ? "counterEvidence" : "evidence");
    sva_writer_text(json, NULL, ref);
    sva_writer_array_end(json);
    sva_writer_text(json, "predicate", sva_render_words(rule, "title", bom->lang));
    sva_writer_text(json, "reasoning", sva_render_words(rule, "detail", bom->lang));
    sva_cyclonedx_ref(ref, "component", part);
    sva_writer_text(json, "target", part < parts ? ref : "model");
    sva_writer_object_end(json);
}

/** What a claim rests on: the sentence of the report, and digests of documents. */
static void put_evidence(struct sva_cyclonedx *bom, const cJSON *rule, size_t index)
{
    struct sva_writer *json = &bom->json;
    const cJSON *document = NULL;
    char ref[SVA_CYCLONEDX_REF];
    sva_cyclonedx_ref(ref, "evidence", index);
    sva_writer_object(json, NULL);
    sva_writer_text(json, "bom-ref", ref);
    sva_writer_text(json, "created", bom->moment);
    sva_writer_array(json, "data");
    cJSON_ArrayForEach(document, sva_document_at(rule, "documents"))
    {
        const char *digest = cJSON_GetStringValue(document);
        sva_writer_object(json, NULL);
        sva_writer_text(json, "name", digest != NULL ? digest : "");
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "description", sva_render_words(rule, "detail", bom->lang));
    sva_writer_text(json, "propertyName", sva_document_text(rule, "id"));
    sva_writer_object_end(json);
}

/** Results that say something of the model are claims. */
static void put_claims(struct sva_cyclonedx *bom, const char *key,
                       void (*put)(struct sva_cyclonedx *, const cJSON *, size_t))
{
    sva_writer_array(&bom->json, key);
    for (size_t i = 0; i < bom->results.count; i++) {
        if (bom->results.items[i].outcome != SVA_OUTCOME_ASIDE) {
            put(bom, bom->results.items[i].rule, i);
        }
    }
    sva_writer_array_end(&bom->json);
}

void sva_cyclonedx_declarations(struct sva_cyclonedx *bom)
{
    struct sva_writer *json = &bom->json;
    sva_writer_object(json, "declarations");
    sva_writer_array(json, "assessors");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "bom-ref", "assessor");
    sva_writer_object(json, "organization");
    sva_writer_text(json, "name", "sovaudit");
    sva_writer_object_end(json);
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    put_attestation(bom);
    put_claims(bom, "claims", put_claim);
    put_claims(bom, "evidence", put_evidence);
    sva_writer_object_end(json);
}

static void put_requirements(struct sva_cyclonedx *bom, const cJSON *pack)
{
    struct sva_writer *json = &bom->json;
    const cJSON *criterion = NULL;
    size_t index = 0;
    sva_writer_array(json, "requirements");
    cJSON_ArrayForEach(criterion, sva_document_at(pack, "criteria"))
    {
        char ref[SVA_CYCLONEDX_REF];
        sva_cyclonedx_ref(ref, "requirement", index++);
        sva_writer_object(json, NULL);
        sva_writer_text(json, "bom-ref", ref);
        sva_writer_text(json, "identifier", sva_document_text(criterion, "id"));
        sva_writer_text(json, "text", sva_render_words(criterion, "requirement", bom->lang));
        sva_writer_text(json, "title", sva_render_words(criterion, "title", bom->lang));
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

void sva_cyclonedx_definitions(struct sva_cyclonedx *bom)
{
    struct sva_writer *json = &bom->json;
    const cJSON *pack = sva_document_at(bom->report, "pack");
    sva_writer_object(json, "definitions");
    sva_writer_array(json, "standards");
    if (cJSON_IsObject(pack)) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "bom-ref", "standard");
        sva_writer_text(json, "description", sva_render_words(pack, "note", bom->lang));
        sva_writer_text(json, "name", sva_render_words(pack, "title", bom->lang));
        put_requirements(bom, pack);
        sva_writer_text(json, "version", sva_document_text(pack, "version"));
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

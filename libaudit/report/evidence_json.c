/* SPDX-License-Identifier: Apache-2.0 */
#include "report/evidence_json.h"

/* "" says "not known" inside the library; the report says null. */
static void put_known(struct sva_writer *json, const char *key, const char *text)
{
    sva_writer_text(json, key, text != NULL && text[0] != '\0' ? text : NULL);
}

static void put_judgement(struct sva_writer *json, const struct sva_document *document)
{
    if (document->decision[0] == '\0') {
        sva_writer_null(json, "judgement");
        return;
    }
    sva_writer_object(json, "judgement");
    sva_writer_text(json, "decision", document->decision);
    sva_writer_text(json, "judge", document->judge);
    sva_writer_text(json, "reasons", document->reasons);
    sva_writer_text(json, "rule", document->rule);
    sva_writer_object_end(json);
}

static void put_document(struct sva_writer *json, const struct sva_document *document)
{
    sva_writer_object(json, NULL);
    sva_writer_bool(json, "confidential", document->confidential);
    put_known(json, "date", document->date);
    put_known(json, "issuer", document->issuer);
    put_judgement(json, document);
    sva_writer_text(json, "kind", document->kind);
    put_known(json, "language", document->language);
    put_known(json, "media_type", document->media_type);
    put_known(json, "path", document->path);
    sva_writer_digest(json, "sha256", document->sha256);
    sva_writer_count(json, "size", document->size_bytes);
    sva_writer_text(json, "state", sva_document_state_name(document->state));
    sva_writer_object_end(json);
}

/* A manifest that was read: what its signature came to, and how many files are as signed. */
static void put_manifest(struct sva_writer *json, const struct sva_signed_manifest *manifest)
{
    if (manifest->state == SVA_MANIFEST_NONE) {
        sva_writer_null(json, "manifest");
        return;
    }
    sva_writer_object(json, "manifest");
    sva_writer_count(json, "changed", manifest->changed);
    if (manifest->key_type[0] != '\0') {
        sva_writer_object(json, "key");
        sva_writer_digest(json, "fingerprint", manifest->key_fingerprint);
        put_known(json, "path", manifest->key_path);
        sva_writer_text(json, "source", manifest->key_given ? "given" : "register");
        sva_writer_text(json, "type", manifest->key_type);
        sva_writer_object_end(json);
    } else {
        sva_writer_null(json, "key");
    }
    sva_writer_count(json, "missing", manifest->missing);
    sva_writer_count(json, "not_compared", manifest->uncompared);
    sva_writer_text(json, "path", manifest->path);
    sva_writer_count(json, "same", manifest->same);
    sva_writer_count(json, "same_weights", manifest->same_weights);
    sva_writer_text(json, "state", sva_manifest_state_name(manifest->state));
    sva_writer_count(json, "unlisted", manifest->unlisted);
    sva_writer_count(json, "unlisted_weights", manifest->unlisted_weights);
    sva_writer_count(json, "unseen", manifest->unseen);
    sva_writer_count(json, "weights", manifest->weights);
    sva_writer_object_end(json);
}

void sva_evidence_json(struct sva_writer *json, const struct sva_audit *audit)
{
    const struct sva_evidence *evidence = audit->evidence;
    if (evidence == NULL) {
        sva_writer_null(json, "evidence");
        return;
    }
    sva_writer_object(json, "evidence");
    sva_writer_array(json, "documents");
    for (size_t i = 0; i < evidence->document_count; i++) {
        put_document(json, &evidence->documents[i]);
    }
    sva_writer_array_end(json);
    sva_writer_array(json, "findings");
    for (size_t i = 0; i < evidence->finding_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "code", evidence->findings[i].code);
        sva_writer_text(json, "file", evidence->findings[i].file);
        sva_writer_text(json, "text", evidence->findings[i].text);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    put_manifest(json, &evidence->manifest);
    sva_writer_text(json, "path", evidence->path);
    sva_writer_digest(json, "sha256", evidence->sha256);
    sva_writer_object_end(json);
}

/* Members of a waiver up to and after "state", which a result's waiver lacks. */
static void put_waiver(struct sva_writer *json, const struct sva_waiver *waiver, const char *state)
{
    sva_writer_text(json, "approver", waiver->approver);
    sva_writer_text(json, "component", waiver->component);
    sva_writer_text(json, "date", waiver->date);
    sva_writer_text(json, "evidence", waiver->evidence);
    sva_writer_text(json, "expires", waiver->expires);
    sva_writer_digest(json, "model", waiver->model);
    sva_writer_text(json, "reason", waiver->reason);
    sva_writer_text(json, "rule", waiver->rule);
    if (state != NULL) {
        sva_writer_text(json, "state", state);
    }
    sva_writer_text(json, "tensor", waiver->tensor);
    sva_writer_text(json, "text", waiver->text);
}

void sva_waivers_json(struct sva_writer *json, const struct sva_audit *audit)
{
    const struct sva_waivers *waivers = audit->waivers;
    if (waivers == NULL || audit->verdict == NULL) {
        sva_writer_null(json, "waivers");
        return;
    }
    sva_writer_object(json, "waivers");
    sva_writer_array(json, "items");
    for (size_t i = 0; i < waivers->count; i++) {
        sva_writer_object(json, NULL);
        put_waiver(json, &waivers->items[i],
                   sva_waiver_state_name(audit->verdict->waiver_states[i]));
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "path", waivers->path);
    sva_writer_digest(json, "sha256", waivers->sha256);
    sva_writer_object_end(json);
}

void sva_result_documents_json(struct sva_writer *json, const struct sva_rule_result *result)
{
    sva_writer_array(json, "documents");
    for (size_t i = 0; i < result->document_count; i++) {
        sva_writer_digest(json, NULL, result->documents[i]->sha256);
    }
    sva_writer_array_end(json);
}

void sva_result_waiver_json(struct sva_writer *json, const struct sva_rule_result *result)
{
    if (result->waiver == NULL) {
        sva_writer_null(json, "waiver");
        return;
    }
    sva_writer_object(json, "waiver");
    put_waiver(json, result->waiver, NULL);
    sva_writer_object_end(json);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/register_signed.h"

#include <string.h>

#include "attest/bundle.h"
#include "attest/fields.h"
#include "base/fail.h"
#include "judge/evidence_kinds.h"
#include "judge/evidence_register.h"
#include "judge/signed_manifest.h"
#include "sign/keys.h"

enum { KEYS_MAX = 16, MANIFESTS_MAX = 16, KEY_BYTES = 1 << 16 };

static const char doing[] = "reading an evidence register";

struct signing {
    struct sva_evidence *evidence;
    const char *folder;
    const struct sva_print *subject;
    struct sva_key *keys[KEYS_MAX]; /* of the register */
    const char *key_paths[KEYS_MAX];
    size_t key_count;
    const struct sva_key *given;
    struct sva_error *error;
};

static bool is_sound(const struct sva_document *document, enum sva_evidence_kind kind)
{
    return document->state == SVA_DOCUMENT_SOUND &&
           strcmp(document->kind, sva_evidence_kind_get(kind)->name) == 0;
}

/** The document's bytes, which were there a moment ago. */
static enum sva_status read_bytes(const struct signing *signing,
                                  const struct sva_document *document, uint64_t most,
                                  uint8_t **bytes, size_t *size, struct sva_error *error)
{
    struct sva_input input;
    enum sva_status status = sva_document_open(signing->folder, document->path, &input, error);
    if (status == SVA_OK) {
        status = sva_input_read_all(&input, most, bytes, size, error);
        sva_input_close(&input);
    }
    return status;
}

/** A document that is not what its kind says is a finding; only want of memory is an error. */
static enum sva_status settle(const struct signing *signing, struct sva_document *document,
                              enum sva_status status, const struct sva_error *problem)
{
    if (status == SVA_OK) {
        return SVA_OK;
    }
    if (status == SVA_ERR_MEMORY) {
        return sva_fail_memory(signing->error, doing);
    }
    document->state = SVA_DOCUMENT_MALFORMED;
    return sva_register_note(signing->evidence, "evidence-malformed", document->path, problem->text,
                             signing->error);
}

static enum sva_status read_key(struct signing *signing, struct sva_document *document)
{
    struct sva_error problem = {.status = SVA_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = read_bytes(signing, document, KEY_BYTES, &bytes, &size, &problem);
    if (status == SVA_OK) {
        status = sva_key_read_public((struct sva_span){bytes, size}, document->path,
                                     &signing->keys[signing->key_count], &problem);
        sva_free(bytes);
    }
    if (status == SVA_OK) {
        signing->key_paths[signing->key_count++] = document->path;
    }
    return settle(signing, document, status, &problem);
}

static enum sva_status read_keys(struct signing *signing, struct sva_document *documents)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < signing->evidence->document_count && status == SVA_OK; i++) {
        if (is_sound(&documents[i], SVA_KIND_PUBLIC_KEY) && signing->key_count < KEYS_MAX) {
            status = read_key(signing, &documents[i]);
        }
    }
    return status;
}

/** Findings of the manifests tried so far; those of the one that counts are reported. */
struct told {
    struct sva_arena *arena;
    struct sva_grown findings; /* struct sva_finding */
};

static enum sva_status keep_finding(void *context, const char *code, const char *file,
                                    const char *text, struct sva_error *error)
{
    struct told *const told = context;
    struct sva_finding *const slot = sva_grown_add(&told->findings, told->arena, sizeof *slot);
    if (slot == NULL) {
        return sva_fail_memory(error, doing);
    }
    *slot = (struct sva_finding){code, sva_arena_strdup(told->arena, file),
                                 sva_arena_strdup(told->arena, text)};
    return slot->file != NULL && slot->text != NULL ? SVA_OK : sva_fail_memory(error, doing);
}

static enum sva_status check_one(const struct signing *signing, struct sva_document *document,
                                 struct told *told, struct sva_signed_manifest *manifest)
{
    static const char *const nowhere[] = {""};
    struct sva_register_memory *const memory = signing->evidence->internal;
    struct sva_error problem = {.status = SVA_OK};
    const struct sva_key *keys[KEYS_MAX] = {signing->given};
    uint8_t *bytes = NULL;
    size_t size = 0;
    for (size_t i = 0; signing->given == NULL && i < signing->key_count; i++) {
        keys[i] = signing->keys[i];
    }
    enum sva_status status =
        read_bytes(signing, document, SVA_BUNDLE_BYTES, &bytes, &size, &problem);
    if (status == SVA_OK) {
        const struct sva_manifest_input input = {
            .bytes = {bytes, size},
            .path = document->path,
            .subject = signing->subject,
            .keys = keys,
            .key_paths = signing->given != NULL ? nowhere : signing->key_paths,
            .key_count = signing->given != NULL ? 1 : signing->key_count,
            .key_given = signing->given != NULL};
        status = sva_signed_manifest_check(&input, &memory->arena, keep_finding, told, manifest,
                                           &problem);
        sva_free(bytes);
    }
    return settle(signing, document, status, &problem);
}

static enum sva_status report(const struct signing *signing, const struct told *told)
{
    const struct sva_finding *const findings = told->findings.items;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < told->findings.count && status == SVA_OK; i++) {
        status = sva_register_note(signing->evidence, findings[i].code, findings[i].file,
                                   findings[i].text, signing->error);
    }
    return status;
}

/** The first that verifies counts, else the first that could be read. */
static enum sva_status check_manifests(const struct signing *signing,
                                       struct sva_document *documents)
{
    struct sva_signed_manifest *const kept = &signing->evidence->manifest;
    struct sva_arena scratch = {.blocks = NULL};
    struct told kept_findings = {.arena = &scratch};
    enum sva_status status = SVA_OK;
    size_t tried = 0;
    for (size_t i = 0; i < signing->evidence->document_count && status == SVA_OK; i++) {
        struct told told = {.arena = &scratch};
        struct sva_signed_manifest manifest;
        if (!is_sound(&documents[i], SVA_KIND_SIGNED_MANIFEST) || tried++ >= MANIFESTS_MAX ||
            kept->state == SVA_MANIFEST_VERIFIED) {
            continue;
        }
        status = check_one(signing, &documents[i], &told, &manifest);
        if (status == SVA_OK && documents[i].state == SVA_DOCUMENT_SOUND &&
            (kept->state == SVA_MANIFEST_NONE || manifest.state == SVA_MANIFEST_VERIFIED)) {
            *kept = manifest;
            kept_findings = told;
        }
    }
    if (status == SVA_OK) {
        status = report(signing, &kept_findings);
    }
    sva_arena_done(&scratch);
    return status;
}

enum sva_status sva_register_check_signed(struct sva_evidence *evidence,
                                          struct sva_document *documents, const char *folder,
                                          const struct sva_print *subject,
                                          const struct sva_key *model_key, struct sva_error *error)
{
    struct signing signing = {.evidence = evidence,
                              .folder = folder,
                              .subject = subject,
                              .given = model_key,
                              .error = error};
    evidence->manifest = (struct sva_signed_manifest){.path = "", .key_path = "", .key_type = ""};
    enum sva_status status = read_keys(&signing, documents);
    if (status == SVA_OK) {
        status = check_manifests(&signing, documents);
    }
    for (size_t i = 0; i < signing.key_count; i++) {
        sva_key_free(signing.keys[i]);
    }
    return status;
}

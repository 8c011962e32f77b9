/* SPDX-License-Identifier: Apache-2.0 */
/* Attestations of reports: made, and verified. */
#include <stdlib.h>
#include <string.h>

#include "attest/model_hints.h"
#include "attest/piece_digests.h"
#include "attest/statement.h"
#include "attest/verify_lines.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/look.h"
#include "base/text.h"

#define MEMBER(type, member) offsetof(struct type, member)

static const char SCHEMA[] = "https://sovaudit.org/schema/report-1.json";

enum { REPORT_BYTES = 1 << 28 };

/* -- the report, as far as it is attested ------------------------------------------------------ */

struct report {
    const char *schema, *verdict;
    struct sva_grown files; /* struct sva_subject_file */
};

struct file {
    const char *path, *sha256;
};

static enum sva_status read_file(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"path", sva_read_text, MEMBER(file, path), true},
        {"sha256", sva_read_text_or_null, MEMBER(file, sha256), true},
    };
    static const struct sva_field_table TABLE = {"the file", FIELDS, 2, true};
    struct file file = {.path = ""};
    const enum sva_status status = sva_read_object(fields, &TABLE, &file, error);
    if (status != SVA_OK || file.sha256[0] == '\0') {
        return status; /* not hashed: the attestation does not name it */
    }
    struct sva_subject_file *const subject = sva_grown_add(into, fields->arena, sizeof *subject);
    if (subject == NULL) {
        return sva_fail_memory(error, "reading a report");
    }
    subject->name = file.path;
    return sva_path_is_plain(file.path) &&
                   sva_unhex(file.sha256, strlen(file.sha256), subject->sha256, 32)
               ? SVA_OK
               : sva_fields_fail(fields, "the file has no sound path or SHA-256", error);
}

static enum sva_status read_files(struct sva_fields *fields, void *into, struct sva_error *error)
{
    return sva_read_array(fields, read_file, into, error);
}

static enum sva_status read_subject(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"files", read_files, 0, true}};
    static const struct sva_field_table TABLE = {"subject", FIELDS, 1, true};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status parse_report(struct sva_span bytes, const char *name,
                                    struct sva_arena *arena, struct report *report,
                                    struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"schema", sva_read_text, MEMBER(report, schema), true},
        {"verdict", sva_read_text, MEMBER(report, verdict), false},
        {"subject", read_subject, MEMBER(report, files), true},
    };
    static const struct sva_field_table TABLE = {"the report", FIELDS, 3, true};
    struct sva_fields fields;
    sva_fields_init(&fields, bytes, name, arena);
    const enum sva_status status = sva_read_document(&fields, &TABLE, report, error);
    sva_json_done(&fields.json);
    if (status == SVA_OK && strcmp(report->schema, SCHEMA) != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: schema is \"%s\", not \"%s\"", name,
                        sva_esc(report->schema).text, SCHEMA);
    }
    return status == SVA_OK && report->files.count == 0
               ? sva_fail(error, SVA_ERR_CORRUPT, "%s: the report names no file by its SHA-256",
                          name)
               : status;
}

enum sva_status sva_is_report(const char *path, bool *is_report, struct sva_error *error)
{
    char head[1 << 12] = "";
    size_t size = 0;
    uint64_t size_bytes = 0;
    enum sva_status status = SVA_OK;
    if (sva_has_suffix(path, ".json")) {
        status = sva_file_head(path, head, sizeof head - 1, &size, &size_bytes, error);
    }
    if (status == SVA_OK) {
        *is_report = head[strspn(head, " \t\r\n")] == '{';
    }
    return status;
}

/* -- signing ---------------------------------------------------------------------------------- */

static enum sva_status attest(struct sva_span bytes, const char *name, const struct sva_key *key,
                              const char *signature, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_bytes text = {.data = NULL};
    struct report report = {.verdict = ""};
    struct sva_report_claim claim = {.count = 0};
    enum sva_status status = parse_report(bytes, name, &arena, &report, error);
    if (status == SVA_OK) {
        claim.count = report.files.count;
        claim.files = report.files.items;
        claim.schema = report.schema;
        claim.verdict = report.verdict;
        const bool hashed = sva_sha256(bytes.data, bytes.size, claim.sha256);
        sva_report_claim_put(&claim, &text);
        status = !hashed || text.failed ? sva_fail_memory(error, "attesting a report")
                                        : sva_bundle_sign((struct sva_span){text.data, text.size},
                                                          key, signature, error);
    }
    sva_bytes_done(&text);
    sva_arena_done(&arena);
    return status;
}

enum sva_status sva_sign_report(const char *report, const struct sva_key *key,
                                const char *signature, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(report, REPORT_BYTES, &bytes, &size, error);
    if (status == SVA_OK) {
        const struct sva_escaped name = sva_esc(report);
        status = attest((struct sva_span){bytes, size}, name.text, key, signature, error);
    }
    sva_free(bytes);
    return status;
}

/* -- verification ----------------------------------------------------------------------------- */

static enum sva_status compare_report(const char *report, const struct sva_report_claim *claim,
                                      struct sva_findings *findings, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint8_t digest[32];
    enum sva_status status = sva_read_file(report, REPORT_BYTES, &bytes, &size, error);
    if (status == SVA_OK && !sva_sha256(bytes, size, digest)) {
        status = sva_fail_memory(error, "verifying a report");
    }
    if (status == SVA_OK) {
        const bool same = memcmp(digest, claim->sha256, sizeof digest) == 0;
        sva_findings_add_hex(findings, SVA_CHECK_REPORT, same ? SVA_CHECK_PASSED : SVA_CHECK_FAILED,
                             digest);
        sva_findings_add(findings, SVA_CHECK_VERDICT, SVA_CHECK_TOLD, 0, claim->verdict);
    }
    sva_free(bytes);
    return status;
}

struct pairing {
    const struct sva_report_claim *claim;
    struct sva_tree tree;
    struct sva_piece *pieces; /* [claim->count] file NULL: not there */
    struct sva_piece **to_hash;
    size_t hash_count;
    bool *covered; /* [tree.count] */
};

/** Finds each file that the report is about; a model of one file is that file, by any name. */
static void pair_up(struct pairing *pairing)
{
    const struct sva_tree *const tree = &pairing->tree;
    for (size_t i = 0; i < pairing->claim->count; i++) {
        struct sva_piece *const piece = &pairing->pieces[i];
        piece->file = tree->single && tree->count > 0
                          ? &tree->files[0]
                          : sva_tree_find(tree, pairing->claim->files[i].name);
        if (piece->file != NULL) {
            pairing->covered[piece->file - tree->files] = true;
            if (piece->file->odd == NULL) {
                piece->end = piece->file->size_bytes;
                pairing->to_hash[pairing->hash_count++] = piece;
            }
        }
    }
}

static bool is_same(const struct pairing *pairing, size_t i)
{
    const struct sva_piece *const piece = &pairing->pieces[i];
    return piece->file != NULL && piece->file->odd == NULL &&
           memcmp(piece->digest, pairing->claim->files[i].sha256, 32) == 0;
}

static void tell_files(const struct pairing *pairing, struct sva_findings *findings)
{
    const struct sva_report_claim *const claim = pairing->claim;
    uint64_t good = 0;
    for (size_t i = 0; i < claim->count; i++) {
        good += is_same(pairing, i);
    }
    if (good > 0) {
        sva_findings_add(findings, SVA_CHECK_FILES, SVA_CHECK_PASSED, good, NULL);
    }
    for (size_t i = 0; i < claim->count; i++) {
        if (!is_same(pairing, i)) {
            sva_findings_add(findings,
                             pairing->pieces[i].file != NULL ? SVA_CHECK_FILE_CHANGED
                                                             : SVA_CHECK_FILE_MISSING,
                             SVA_CHECK_FAILED, 0, claim->files[i].name);
        }
    }
    for (size_t i = 0; i < pairing->tree.count; i++) {
        if (!pairing->covered[i]) {
            sva_findings_add(findings, SVA_CHECK_UNCOVERED, SVA_CHECK_NOT_CHECKED, 0,
                             pairing->tree.files[i].path);
        }
    }
}

/** Hashes those files of the model that the report is about. */
static enum sva_status compare_model(const char *model, const struct sva_report_claim *claim,
                                     const struct sva_manifest_options *options,
                                     struct sva_arena *arena, struct sva_findings *findings,
                                     struct sva_error *error)
{
    struct pairing pairing = {.claim = claim};
    const struct sva_tree_options listing = {.as_audited = true};
    enum sva_status status = sva_tree_list(model, &listing, arena, &pairing.tree, error);
    if (status != SVA_OK) {
        return status;
    }
    /* links were followed already, but for the model's own path */
    const struct sva_piece_options hashing = {.kind = SVA_DIGEST_SHA256,
                                              .follow = pairing.tree.single,
                                              .threads = options->threads,
                                              .progress = options->progress};
    pairing.pieces = sva_arena_alloc(arena, claim->count, sizeof *pairing.pieces);
    pairing.to_hash = sva_arena_alloc(arena, claim->count, sizeof *pairing.to_hash);
    pairing.covered = sva_arena_alloc(arena, pairing.tree.count + 1, sizeof(bool));
    if (pairing.pieces == NULL || pairing.to_hash == NULL || pairing.covered == NULL) {
        return sva_fail_memory(error, "verifying a report");
    }
    pair_up(&pairing);
    if (options->hints != NULL) {
        status =
            sva_model_hints_read(options->hints, pairing.to_hash, pairing.hash_count, arena, error);
    }
    if (status == SVA_OK) {
        status = sva_pieces_digest(pairing.to_hash, pairing.hash_count, &hashing, error);
    }
    if (status == SVA_OK) {
        tell_files(&pairing, findings);
        sva_model_hints_tell(pairing.to_hash, pairing.hash_count, findings);
    }
    return status;
}

static enum sva_status verify_claim(const char *report, const char *signature, const char *model,
                                    const struct sva_bundle *bundle,
                                    const struct sva_manifest_options *options,
                                    struct sva_findings *findings, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_report_claim claim = {.count = 0};
    enum sva_status status =
        sva_report_claim_parse(bundle->payload, sva_esc(signature).text, &arena, &claim, error);
    if (status == SVA_OK) {
        status = compare_report(report, &claim, findings, error);
    }
    if (status == SVA_OK && model != NULL) {
        status = compare_model(model, &claim, options, &arena, findings, error);
    } else if (status == SVA_OK) {
        sva_findings_add(findings, SVA_CHECK_MODEL_UNSEEN, SVA_CHECK_NOT_CHECKED, claim.count,
                         NULL);
    }
    sva_arena_done(&arena);
    return status;
}

enum sva_status sva_verify_report(const char *report, const char *signature, const char *model,
                                  const struct sva_key *key,
                                  const struct sva_manifest_options *options,
                                  struct sva_verification **verification, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_findings findings = {.failed = false};
    struct sva_bundle bundle;
    bool valid = false;
    enum sva_status status = sva_bundle_read(signature, &arena, &bundle, error);
    if (status == SVA_OK) {
        status = sva_findings_signature(&findings, &bundle, key, &valid, error);
    }
    if (status == SVA_OK && valid) {
        status = verify_claim(report, signature, model, &bundle, options, &findings, error);
    }
    if (status == SVA_OK && valid) {
        status = sva_findings_time(&findings, &bundle, signature, options->ca_file, error);
    }
    if (status == SVA_OK) {
        status = sva_findings_finish(&findings, verification, error);
    }
    sva_findings_done(&findings);
    sva_arena_done(&arena);
    return status;
}

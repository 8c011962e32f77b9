/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_signed.h"

#include <stdio.h>
#include <string.h>

#include "attest/bundle.h"
#include "attest/statement.h"
#include "base/fail.h"
#include "base/hash.h"
#include "convert/document.h"
#include "sign/timestamp.h"

static const char doing[] = "checking signatures of a bundle";

static struct sva_manifest_options options_of(const struct sva_unpacked *work)
{
    return (struct sva_manifest_options){.threads = work->checks->threads,
                                         .ca_file = work->checks->ca_file,
                                         .progress = work->checks->progress};
}

/** Takes the lines over, frees them. True: nothing failed. */
static bool take_lines(struct sva_unpacked *work, struct sva_verification *lines)
{
    const bool good = lines->verified;
    sva_findings_copy(work->findings, lines);
    sva_verification_free(lines);
    return good;
}

/** The envelope of a signature of the bundle, unjudged. */
static enum sva_status read_envelope(struct sva_unpacked *work, enum sva_case_part part,
                                     struct sva_bundle *bundle)
{
    struct sva_bytes bytes;
    char name[320];
    enum sva_status status = sva_case_load(work, sva_case_name(part), &bytes);
    if (status == SVA_OK) {
        (void)snprintf(name, sizeof name, "%s, %s", work->what, sva_case_name(part));
        status = sva_bundle_parse((struct sva_span){bytes.data, bytes.size}, name, &work->arena,
                                  bundle, work->error);
    }
    sva_bytes_done(&bytes);
    return status;
}

/** Does the signature name another key than this one? Then `key` says nothing about it. */
static bool names_another(const struct sva_bundle *bundle, const struct sva_key *key)
{
    uint8_t fingerprint[SVA_FINGERPRINT_BYTES];
    char hex[2 * SVA_FINGERPRINT_BYTES + 1];
    sva_key_fingerprint(key, fingerprint);
    sva_hex(fingerprint, sizeof fingerprint, hex);
    return bundle->hint[0] != '\0' && strcmp(bundle->hint, hex) != 0;
}

/* ---- the report's ---- */

static enum sva_status check_report(struct sva_unpacked *work)
{
    struct sva_verification *lines = NULL;
    struct sva_bundle bundle;
    const struct sva_manifest_options options = options_of(work);
    const char *const report = sva_case_path(work, sva_case_name(SVA_CASE_REPORT));
    const char *const signature = sva_case_path(work, sva_case_name(SVA_CASE_REPORT_SIG));
    sva_case_tell(work, SVA_CHECK_ABOUT, SVA_CHECK_TOLD, sva_case_name(SVA_CASE_REPORT_SIG));
    enum sva_status status = report != NULL && signature != NULL
                                 ? read_envelope(work, SVA_CASE_REPORT_SIG, &bundle)
                                 : sva_fail_memory(work->error, doing);
    if (status != SVA_OK) {
        return status;
    }
    if (work->checks->key == NULL || names_another(&bundle, work->checks->key)) {
        sva_case_tell(work, SVA_CHECK_CASE_KEY, SVA_CHECK_NOT_CHECKED, bundle.hint);
        return SVA_OK;
    }
    status =
        sva_case_retell(work, sva_verify_report(report, signature, work->checks->model,
                                                work->checks->key, &options, &lines, work->error));
    if (status == SVA_OK && take_lines(work, lines)) {
        work->signed_by_key = true;
    }
    return status;
}

/* ---- the model's ---- */

/** The digest that the report has for a file of the model. */
static bool reported_digest(const struct sva_case_report *report, const char *path,
                            uint8_t digest[32])
{
    const cJSON *file = NULL;
    cJSON_ArrayForEach(file, sva_document_at(sva_document_at(report->tree, "subject"), "files"))
    {
        if (strcmp(sva_document_text(file, "path"), path) == 0) {
            return sva_case_digest(file, "sha256", digest);
        }
    }
    return false;
}

/** Without the model: are the signed digests those that the report was made from? */
static enum sva_status compare_digests(struct sva_unpacked *work, const struct sva_bundle *bundle,
                                       const struct sva_case_report *report)
{
    struct sva_manifest manifest;
    uint64_t same = 0;
    char name[320];
    (void)snprintf(name, sizeof name, "%s, %s", work->what, sva_case_name(SVA_CASE_MODEL_SIG));
    const enum sva_status status =
        sva_manifest_parse(bundle->payload, name, &work->arena, &manifest, work->error);
    if (status != SVA_OK) {
        return status;
    }
    for (size_t i = 0; i < manifest.count; i++) {
        const struct sva_resource *const file = &manifest.resources[i];
        uint8_t digest[32];
        if (manifest.kind != SVA_DIGEST_SHA256 || manifest.shard_bytes > 0 ||
            !reported_digest(report, file->path, digest)) {
            continue;
        }
        if (memcmp(digest, file->digest, sizeof digest) == 0) {
            same++;
        } else {
            sva_case_tell(work, SVA_CHECK_FILE_CHANGED, SVA_CHECK_FAILED, file->path);
        }
    }
    sva_findings_add(work->findings, SVA_CHECK_CASE_SIGNED_FILES,
                     same > 0 ? SVA_CHECK_PASSED : SVA_CHECK_NOT_CHECKED, same, NULL);
    return SVA_OK;
}

static enum sva_status check_without_model(struct sva_unpacked *work, const struct sva_key *key,
                                           const struct sva_bundle *bundle,
                                           const struct sva_case_report *report)
{
    bool valid = false;
    enum sva_status status =
        sva_findings_signature(work->findings, bundle, key, &valid, work->error);
    if (status == SVA_OK && valid) {
        status = compare_digests(work, bundle, report);
    }
    return status == SVA_OK && valid
               ? sva_findings_time(work->findings, bundle, sva_case_name(SVA_CASE_MODEL_SIG),
                                   work->checks->ca_file, work->error)
               : status;
}

static enum sva_status check_model(struct sva_unpacked *work, const struct sva_case_report *report)
{
    const struct sva_casefile_checks *const checks = work->checks;
    const struct sva_key *const key = checks->model_key != NULL ? checks->model_key : checks->key;
    const struct sva_manifest_options options = options_of(work);
    struct sva_verification *lines = NULL;
    struct sva_bundle bundle;
    sva_case_tell(work, SVA_CHECK_ABOUT, SVA_CHECK_TOLD, sva_case_name(SVA_CASE_MODEL_SIG));
    enum sva_status status = read_envelope(work, SVA_CASE_MODEL_SIG, &bundle);
    if (status != SVA_OK) {
        return status;
    }
    if (key == NULL || (checks->model_key == NULL && names_another(&bundle, key))) {
        sva_case_tell(work, SVA_CHECK_CASE_KEY, SVA_CHECK_NOT_CHECKED, bundle.hint);
        return SVA_OK;
    }
    if (checks->model == NULL) {
        return check_without_model(work, key, &bundle, report);
    }
    const char *const signature = sva_case_path(work, sva_case_name(SVA_CASE_MODEL_SIG));
    status = signature == NULL
                 ? sva_fail_memory(work->error, doing)
                 : sva_case_retell(work, sva_verify_model(checks->model, signature, key, &options,
                                                          &lines, work->error));
    if (status == SVA_OK) {
        (void)take_lines(work, lines);
    }
    return status;
}

/* ---- the timestamp ---- */

/** What may have been stamped, in this order. */
static enum sva_status digest_stamped(struct sva_unpacked *work, enum sva_case_part part,
                                      bool *there, uint8_t digest[32])
{
    struct sva_bundle bundle;
    struct sva_bytes bytes = {.data = NULL};
    enum sva_status status = SVA_OK;
    *there = sva_case_has(work, part);
    if (!*there) {
        return SVA_OK;
    }
    if (part == SVA_CASE_REPORT) {
        status = sva_case_load(work, sva_case_name(part), &bytes);
        bundle.signature = (struct sva_span){bytes.data, bytes.size};
    } else {
        status = read_envelope(work, part, &bundle);
    }
    if (status == SVA_OK && !sva_sha256(bundle.signature.data, bundle.signature.size, digest)) {
        status = sva_fail_memory(work->error, doing);
    }
    sva_bytes_done(&bytes);
    return status;
}

static enum sva_status check_reply(struct sva_unpacked *work)
{
    static const enum sva_case_part STAMPED[] = {SVA_CASE_REPORT_SIG, SVA_CASE_MODEL_SIG,
                                                 SVA_CASE_REPORT};
    const char *const ca_file = work->checks->ca_file;
    const char *const name = sva_case_name(SVA_CASE_REPLY);
    struct sva_bytes der;
    struct sva_stamp stamp = {.covers = false};
    enum sva_status status = sva_case_load(work, name, &der);
    sva_case_tell(work, SVA_CHECK_ABOUT, SVA_CHECK_TOLD, name);
    for (size_t i = 0; status == SVA_OK && !stamp.covers && i < 3; i++) {
        uint8_t digest[32];
        bool there = false;
        status = digest_stamped(work, STAMPED[i], &there, digest);
        if (status == SVA_OK && there) {
            status = sva_stamp_check((struct sva_span){der.data, der.size}, name, digest, ca_file,
                                     &stamp, work->error);
        }
        if (status == SVA_OK && stamp.covers) {
            sva_case_tell(work, SVA_CHECK_CASE_STAMP, SVA_CHECK_PASSED, sva_case_name(STAMPED[i]));
        }
    }
    if (status == SVA_OK && !stamp.covers) {
        sva_case_tell(work, SVA_CHECK_CASE_STAMP, SVA_CHECK_FAILED, NULL);
    } else if (status == SVA_OK && ca_file == NULL) {
        sva_case_tell(work, SVA_CHECK_TIMESTAMP, SVA_CHECK_NOT_CHECKED, stamp.time);
    } else if (status == SVA_OK) {
        sva_case_judge(work, SVA_CHECK_TIMESTAMP, stamp.trusted,
                       stamp.trusted ? stamp.time : stamp.reason);
    }
    sva_bytes_done(&der);
    return status;
}

enum sva_status sva_case_check_signed(struct sva_unpacked *work,
                                      const struct sva_case_report *report)
{
    enum sva_status status = SVA_OK;
    if (sva_case_has(work, SVA_CASE_REPORT_SIG)) {
        status = check_report(work);
    }
    if (status == SVA_OK && sva_case_has(work, SVA_CASE_MODEL_SIG)) {
        status = check_model(work, report);
    }
    if (status == SVA_OK && sva_case_has(work, SVA_CASE_REPLY)) {
        status = check_reply(work);
    }
    if (status == SVA_OK && work->checks->key != NULL && !work->signed_by_key) {
        sva_case_tell(work, SVA_CHECK_CASE_SIGNATURE, SVA_CHECK_FAILED, NULL);
    }
    return status;
}

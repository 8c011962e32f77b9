/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_signed.h"

#include <stdio.h>
#include <stdlib.h>
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

/** Does the signature name this key? */
static bool names(const struct sva_bundle *bundle, const struct sva_key *key)
{
    uint8_t fingerprint[SVA_FINGERPRINT_BYTES];
    char hex[2 * SVA_FINGERPRINT_BYTES + 1];
    sva_key_fingerprint(key, fingerprint);
    sva_hex(fingerprint, sizeof fingerprint, hex);
    return strcmp(bundle->hint, hex) == 0;
}

/** A signature that nothing at hand says anything about. */
static void tell_key(struct sva_unpacked *work, const struct sva_bundle *bundle)
{
    sva_case_tell(work, SVA_CHECK_CASE_KEY, SVA_CHECK_NOT_CHECKED,
                  bundle->hint[0] != '\0' ? bundle->hint : "-");
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
    if (work->checks->key == NULL ||
        (bundle.hint[0] != '\0' && !names(&bundle, work->checks->key))) {
        tell_key(work, &bundle);
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

static int by_path(const void *left, const void *right)
{
    const struct sva_resource *const *a = left;
    const struct sva_resource *const *b = right;
    return strcmp((*a)->path, (*b)->path);
}

static int beside_path(const void *key, const void *item)
{
    return strcmp(key, (*(const struct sva_resource *const *)item)->path);
}

/** What was signed, by path: pieces of one file have the same. */
struct signed_files {
    const struct sva_resource **items;
    size_t count;
    bool comparable; /* whole files, by SHA-256 */
};

static enum sva_status sort_signed(struct sva_unpacked *work, const struct sva_manifest *manifest,
                                   struct signed_files *files)
{
    files->items = sva_arena_alloc(&work->arena, manifest->count + 1, sizeof *files->items);
    if (files->items == NULL) {
        return sva_fail_memory(work->error, doing);
    }
    files->count = manifest->count;
    files->comparable = manifest->kind == SVA_DIGEST_SHA256 && manifest->shard_bytes == 0;
    for (size_t i = 0; i < manifest->count; i++) {
        files->items[i] = &manifest->resources[i];
    }
    if (files->count > 1) {
        qsort(files->items, files->count, sizeof *files->items, by_path);
    }
    return SVA_OK;
}

/** A line of the manifest about a file of the report; NULL: none. "." is a model of one file. */
static const struct sva_resource *find_signed(const struct signed_files *files, const char *path,
                                              bool single)
{
    if (single && files->count > 0 && strcmp(files->items[0]->path, ".") == 0) {
        return files->items[0];
    }
    const struct sva_resource **const found =
        files->count > 0
            ? bsearch(path, files->items, files->count, sizeof *files->items, beside_path)
            : NULL;
    return found != NULL ? *found : NULL;
}

static bool holds_weights(const cJSON *file)
{
    const char *const name = sva_document_text(file, "kind");
    for (int kind = 0; kind <= SVA_FILE_NUMPY; kind++) {
        if (strcmp(sva_file_kind_name((enum sva_file_kind)kind), name) == 0) {
            return sva_file_is_audited((enum sva_file_kind)kind) || kind == SVA_FILE_PICKLE ||
                   kind == SVA_FILE_WEIGHTS;
        }
    }
    return false;
}

/** Files of the report against what was signed. *open: a file of weights was not compared. */
static uint64_t compare_files(struct sva_unpacked *work, const struct signed_files *signed_,
                              const cJSON *subject, bool *open)
{
    const bool single = sva_document_length(subject, "files") == 1;
    const cJSON *file = NULL;
    uint64_t same = 0;
    cJSON_ArrayForEach(file, sva_document_at(subject, "files"))
    {
        const char *const path = sva_document_text(file, "path");
        const struct sva_resource *const line = find_signed(signed_, path, single);
        uint8_t digest[32];
        if (line == NULL) {
            if (holds_weights(file)) {
                sva_case_tell(work, SVA_CHECK_FILE_UNSIGNED, SVA_CHECK_FAILED, path);
            }
        } else if (!signed_->comparable || !sva_case_digest(file, "sha256", digest)) {
            *open = *open || holds_weights(file);
        } else if (memcmp(digest, line->digest, sizeof digest) == 0) {
            same++;
        } else {
            sva_case_tell(work, SVA_CHECK_FILE_CHANGED, SVA_CHECK_FAILED, path);
        }
    }
    return same;
}

/** Without the model: are the signed digests those that the report was made from? */
static enum sva_status compare_digests(struct sva_unpacked *work, const struct sva_bundle *bundle,
                                       const struct sva_case_report *report)
{
    struct sva_manifest manifest;
    struct signed_files files = {.count = 0};
    bool open = false;
    char name[320];
    (void)snprintf(name, sizeof name, "%s, %s", work->what, sva_case_name(SVA_CASE_MODEL_SIG));
    enum sva_status status =
        sva_manifest_parse(bundle->payload, name, &work->arena, &manifest, work->error);
    if (status == SVA_OK) {
        status = sort_signed(work, &manifest, &files);
    }
    if (status != SVA_OK) {
        return status;
    }
    const uint64_t same =
        compare_files(work, &files, sva_document_at(report->tree, "subject"), &open);
    if (same > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_SIGNED_FILES, SVA_CHECK_PASSED, same, NULL);
    }
    if (same == 0 || open) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_SIGNED_FILES, SVA_CHECK_NOT_CHECKED, 0,
                         NULL);
    }
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
    if (key == NULL || (checks->model_key == NULL && !names(&bundle, key))) {
        tell_key(work, &bundle);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps of files; of a bundle, what is stamped is the signature in it. */
#include <string.h>

#include "attest/verify_lines.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/output.h"
#include "base/text.h"
#include "sign/timestamp.h"

enum { REPLY_BYTES = 1 << 20 };

/** A file that begins as JSON and can be read as a bundle. Errors: IO, CONFLICT, MEMORY. */
static enum sva_status read_as_bundle(const char *path, struct sva_arena *arena,
                                      struct sva_bundle *bundle, bool *is_bundle,
                                      struct sva_error *error)
{
    struct sva_input input = {.fd = -1};
    struct sva_error ignored = {.status = SVA_OK};
    uint8_t first = 0;
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status != SVA_OK) {
        return status;
    }
    status = input.size_bytes > 0 ? sva_input_read(&input, 0, &first, 1, error) : SVA_OK;
    sva_input_close(&input);
    *is_bundle = status == SVA_OK && first == '{' &&
                 sva_bundle_read_any(path, arena, bundle, &ignored) == SVA_OK;
    /* What could not be read is not thereby something else. */
    const bool unread = ignored.status == SVA_ERR_IO || ignored.status == SVA_ERR_NOT_FOUND ||
                        ignored.status == SVA_ERR_CONFLICT || ignored.status == SVA_ERR_MEMORY;
    return unread ? sva_fail(error, ignored.status, "%s", ignored.text) : status;
}

/** The bundle, when it is one, and what of the file is stamped. */
static enum sva_status subject_of(const char *path, struct sva_arena *arena,
                                  struct sva_bundle *bundle, struct sva_stamp_subject *subject,
                                  struct sva_error *error)
{
    bool is_bundle = false;
    const enum sva_status status = read_as_bundle(path, arena, bundle, &is_bundle, error);
    if (status != SVA_OK) {
        return status;
    }
    subject->is_signature = is_bundle;
    if (!is_bundle) {
        return sva_digest_file(path, subject->sha256, error);
    }
    return sva_sha256(bundle->signature.data, bundle->signature.size, subject->sha256)
               ? SVA_OK
               : sva_fail_memory(error, "hashing a signature");
}

enum sva_status sva_timestamp_query(const char *path, const char *query,
                                    struct sva_stamp_subject *subject, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_bytes der = {.data = NULL};
    struct sva_bundle bundle;
    struct sva_stamp_subject found = {.is_signature = false};
    enum sva_status status = subject_of(path, &arena, &bundle, &found, error);
    if (status == SVA_OK) {
        status = sva_stamp_request(found.sha256, &der, error);
    }
    if (status == SVA_OK) {
        status = sva_write_file(query, der.data, der.size, error);
    }
    if (status == SVA_OK) {
        *subject = found;
    }
    sva_bytes_done(&der);
    sva_arena_done(&arena);
    return status;
}

static enum sva_status attach(struct sva_bundle *bundle, const char *path, const char *reply_path,
                              struct sva_span reply, struct sva_error *error)
{
    uint8_t digest[32];
    struct sva_stamp stamp;
    if (bundle->bare || bundle->logged) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: timestamps are attached only to Sigstore bundles with a key and "
                        "without log entries",
                        sva_esc(path).text);
    }
    if (bundle->stamp_count == SVA_BUNDLE_STAMPS) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: holds %d timestamps already", sva_esc(path).text,
                        SVA_BUNDLE_STAMPS);
    }
    if (!sva_sha256(bundle->signature.data, bundle->signature.size, digest)) {
        return sva_fail_memory(error, "hashing a signature");
    }
    const enum sva_status status = sva_stamp_check(reply, reply_path, digest, NULL, &stamp, error);
    if (status != SVA_OK) {
        return status;
    }
    if (!stamp.covers) {
        return sva_fail(error, SVA_ERR_CONFLICT,
                        "%s: is a timestamp of something else than the signature in %s",
                        sva_esc(reply_path).text, sva_esc(path).text);
    }
    bundle->stamps[bundle->stamp_count++] = reply;
    return sva_bundle_write(bundle, path, error);
}

enum sva_status sva_timestamp_attach(const char *path, const char *reply, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_bundle bundle;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_bundle_read_any(path, &arena, &bundle, error);
    if (status == SVA_OK) {
        status = sva_read_file(reply, REPLY_BYTES, &bytes, &size, error);
    }
    if (status == SVA_OK) {
        status = attach(&bundle, path, reply, (struct sva_span){bytes, size}, error);
    }
    sva_free(bytes);
    sva_arena_done(&arena);
    return status;
}

static enum sva_status check_one(struct sva_span der, const char *name,
                                 const struct sva_stamp_subject *subject, const char *ca_file,
                                 struct sva_findings *findings, struct sva_error *error)
{
    struct sva_stamp stamp;
    const enum sva_status status =
        sva_stamp_check(der, name, subject->sha256, ca_file, &stamp, error);
    if (status == SVA_OK) {
        sva_findings_add(findings, SVA_CHECK_TIMESTAMP,
                         stamp.trusted ? SVA_CHECK_PASSED : SVA_CHECK_FAILED, 0,
                         stamp.trusted ? stamp.time : stamp.reason);
    }
    return status;
}

static enum sva_status check_reply(const char *reply, const struct sva_stamp_subject *subject,
                                   const char *ca_file, struct sva_findings *findings,
                                   struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(reply, REPLY_BYTES, &bytes, &size, error);
    if (status == SVA_OK) {
        status =
            check_one((struct sva_span){bytes, size}, reply, subject, ca_file, findings, error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_timestamp_verify(const char *path, const char *reply, const char *ca_file,
                                     struct sva_verification **verification,
                                     struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_findings findings = {.failed = false};
    struct sva_bundle bundle = {.stamp_count = 0};
    struct sva_stamp_subject subject = {.is_signature = false};
    enum sva_status status = subject_of(path, &arena, &bundle, &subject, error);
    if (status == SVA_OK && reply != NULL) {
        status = check_reply(reply, &subject, ca_file, &findings, error);
    } else if (status == SVA_OK && bundle.stamp_count == 0) {
        status = sva_fail(error, SVA_ERR_NOTHING, "%s: holds no timestamp", sva_esc(path).text);
    } else {
        for (size_t i = 0; i < bundle.stamp_count && status == SVA_OK; i++) {
            status = check_one(bundle.stamps[i], path, &subject, ca_file, &findings, error);
        }
    }
    if (status == SVA_OK) {
        status = sva_findings_finish(&findings, verification, error);
    }
    sva_findings_done(&findings);
    sva_arena_done(&arena);
    return status;
}

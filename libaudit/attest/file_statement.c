/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/file_statement.h"

#include <string.h>

#include "attest/statement.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/output.h"
#include "base/text.h"

enum { SIGNATURE_BYTES = 1 << 20 };

enum sva_status sva_file_attest(const char *name, const uint8_t sha256[32],
                                const struct sva_key *key, struct sva_bytes *text,
                                struct sva_error *error)
{
    struct sva_subject_file claim = {.name = name};
    struct sva_bytes statement = {.data = NULL};
    memcpy(claim.sha256, sha256, sizeof claim.sha256);
    sva_file_claim_put(&claim, &statement);
    const enum sva_status status =
        statement.failed ? sva_fail_memory(error, "signing a file")
                         : sva_bundle_sign_text((struct sva_span){statement.data, statement.size},
                                                key, text, error);
    sva_bytes_done(&statement);
    return status;
}

/** Last part of a path, which is never empty: "." for a path that ends in a slash. */
static const char *name_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    const char *const name = slash != NULL ? slash + 1 : path;
    return name[0] != '\0' ? name : ".";
}

enum sva_status sva_sign_file(const char *path, const struct sva_key *key, const char *signature,
                              struct sva_error *error)
{
    uint8_t digest[32];
    struct sva_bytes text = {.data = NULL};
    enum sva_status status = sva_digest_file(path, digest, error);
    if (status == SVA_OK) {
        status = sva_file_attest(name_of(path), digest, key, &text, error);
    }
    if (status == SVA_OK) {
        status = sva_write_file(signature, text.data, text.size, error);
    }
    sva_bytes_done(&text);
    return status;
}

enum sva_status sva_file_check(struct sva_span text, const char *signature,
                               const uint8_t sha256[32], const struct sva_key *key,
                               const char *ca_file, struct sva_findings *findings,
                               struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_bundle bundle;
    struct sva_subject_file claim = {.name = ""};
    bool valid = false;
    enum sva_status status = sva_bundle_parse(text, signature, &arena, &bundle, error);
    if (status == SVA_OK) {
        status = sva_findings_signature(findings, &bundle, key, &valid, error);
    }
    if (status == SVA_OK && valid) {
        status = sva_file_claim_parse(bundle.payload, signature, &arena, &claim, error);
    }
    if (status == SVA_OK && valid) {
        const bool same = memcmp(claim.sha256, sha256, sizeof claim.sha256) == 0;
        sva_findings_add_hex(findings, SVA_CHECK_SIGNED_FILE,
                             same ? SVA_CHECK_PASSED : SVA_CHECK_FAILED, sha256);
        status = sva_findings_time(findings, &bundle, signature, ca_file, error);
    }
    sva_arena_done(&arena);
    return status;
}

enum sva_status sva_verify_file(const char *path, const char *signature, const struct sva_key *key,
                                const struct sva_manifest_options *options,
                                struct sva_verification **verification, struct sva_error *error)
{
    struct sva_findings findings = {.failed = false};
    uint8_t digest[32];
    uint8_t *text = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(signature, SIGNATURE_BYTES, &text, &size, error);
    if (status == SVA_OK) {
        status = sva_digest_file(path, digest, error);
    }
    if (status == SVA_OK) {
        status = sva_file_check((struct sva_span){text, size}, sva_esc(signature).text, digest, key,
                                options->ca_file, &findings, error);
    }
    if (status == SVA_OK) {
        status = sva_findings_finish(&findings, verification, error);
    }
    sva_findings_done(&findings);
    sva_free(text);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/verify_lines.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "sign/dsse.h"
#include "sign/timestamp.h"

void sva_findings_add(struct sva_findings *findings, enum sva_check_code code,
                      enum sva_check_state state, uint64_t count, const char *text)
{
    char shown[1024] = "";
    struct sva_check *const check =
        sva_grown_add(&findings->checks, &findings->arena, sizeof *check);
    if (text != NULL) {
        (void)sva_escape(text, strlen(text), shown, sizeof shown);
    }
    const char *const kept = sva_arena_strdup(&findings->arena, shown);
    findings->failed = findings->failed || state == SVA_CHECK_FAILED;
    if (check == NULL || kept == NULL) {
        findings->no_memory = true;
        return;
    }
    *check = (struct sva_check){.code = code, .state = state, .count = count, .text = kept};
}

void sva_findings_copy(struct sva_findings *findings, const struct sva_verification *from)
{
    for (size_t i = 0; i < from->check_count; i++) {
        struct sva_check *const check =
            sva_grown_add(&findings->checks, &findings->arena, sizeof *check);
        const char *const kept = sva_arena_strdup(&findings->arena, from->checks[i].text);
        findings->failed = findings->failed || from->checks[i].state == SVA_CHECK_FAILED;
        if (check == NULL || kept == NULL) {
            findings->no_memory = true;
            return;
        }
        *check = from->checks[i];
        check->text = kept;
    }
}

void sva_findings_add_hex(struct sva_findings *findings, enum sva_check_code code,
                          enum sva_check_state state, const uint8_t digest[32])
{
    char hex[65];
    sva_hex(digest, 32, hex);
    sva_findings_add(findings, code, state, 0, hex);
}

struct owned {
    struct sva_verification shown;
    struct sva_arena arena;
};

enum sva_status sva_findings_finish(struct sva_findings *findings,
                                    struct sva_verification **verification, struct sva_error *error)
{
    struct owned *const owned = sva_calloc(1, sizeof *owned);
    if (owned == NULL || findings->no_memory) {
        sva_free(owned);
        return sva_fail_memory(error, "verifying");
    }
    owned->arena = findings->arena;
    owned->shown = (struct sva_verification){.verified = !findings->failed,
                                             .check_count = findings->checks.count,
                                             .checks = findings->checks.items,
                                             .internal = owned};
    *findings = (struct sva_findings){.failed = false};
    *verification = &owned->shown;
    return SVA_OK;
}

void sva_findings_done(struct sva_findings *findings)
{
    sva_arena_done(&findings->arena);
}

void sva_verification_free(struct sva_verification *verification)
{
    if (verification != NULL) {
        struct owned *const owned = verification->internal;
        sva_arena_done(&owned->arena);
        sva_free(owned);
    }
}

enum sva_status sva_findings_signature(struct sva_findings *findings,
                                       const struct sva_bundle *bundle, const struct sva_key *key,
                                       bool *valid, struct sva_error *error)
{
    char hex[2 * SVA_FINGERPRINT_BYTES + 1];
    const enum sva_status status = sva_dsse_verify(key, bundle->payload_type, bundle->payload,
                                                   bundle->signature, valid, error);
    if (status != SVA_OK) {
        return status;
    }
    sva_hex(key->fingerprint, SVA_FINGERPRINT_BYTES, hex);
    const bool named = bundle->hint[0] == '\0' || strcmp(bundle->hint, hex) == 0;
    sva_findings_add(findings, SVA_CHECK_SIGNATURE, *valid ? SVA_CHECK_PASSED : SVA_CHECK_FAILED, 0,
                     sva_key_type_name(key->type));
    sva_findings_add(findings, SVA_CHECK_KEY, named ? SVA_CHECK_PASSED : SVA_CHECK_FAILED, 0, hex);
    *valid = *valid && named;
    return SVA_OK;
}

enum sva_status sva_findings_time(struct sva_findings *findings, const struct sva_bundle *bundle,
                                  const char *name, const char *ca_file, struct sva_error *error)
{
    uint8_t digest[32];
    size_t good = 0;
    if (!sva_sha256(bundle->signature.data, bundle->signature.size, digest)) {
        return sva_fail_memory(error, "verifying");
    }
    for (size_t i = 0; i < bundle->stamp_count; i++) {
        struct sva_stamp stamp;
        const enum sva_status status =
            sva_stamp_check(bundle->stamps[i], name, digest, ca_file, &stamp, error);
        if (status != SVA_OK) {
            return status;
        }
        if (!stamp.covers || (ca_file != NULL && !stamp.trusted)) {
            sva_findings_add(findings, SVA_CHECK_TIMESTAMP, SVA_CHECK_FAILED, 0, stamp.reason);
        } else {
            sva_findings_add(findings, SVA_CHECK_TIMESTAMP,
                             ca_file != NULL ? SVA_CHECK_PASSED : SVA_CHECK_NOT_CHECKED, 0,
                             stamp.time);
            good += ca_file != NULL;
        }
    }
    if (good == 0) {
        sva_findings_add(findings, SVA_CHECK_TIME_UNKNOWN, SVA_CHECK_NOT_CHECKED, 0, NULL);
    }
    sva_findings_add(
        findings, bundle->chain_count > 0 ? SVA_CHECK_CERTIFICATE_TIME : SVA_CHECK_IDENTITY_UNKNOWN,
        SVA_CHECK_NOT_CHECKED, 0, NULL);
    if (bundle->logged) {
        sva_findings_add(findings, SVA_CHECK_LOG_UNSEEN, SVA_CHECK_NOT_CHECKED, 0, NULL);
    }
    return SVA_OK;
}

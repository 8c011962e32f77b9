/* SPDX-License-Identifier: Apache-2.0 */
/* A verification as JSON: every line with a stable code, by docs/verify.schema.json. */
#include <sovaudit/report.h>
#include <sovaudit/sign.h>

#include "base/fail.h"
#include "report/json_writer.h"

static const char *const states[] = {
    [SVA_CHECK_PASSED] = "passed",
    [SVA_CHECK_FAILED] = "failed",
    [SVA_CHECK_NOT_CHECKED] = "not-checked",
    [SVA_CHECK_TOLD] = "stated",
};

static const char *const codes[SVA_CHECK_CODE_COUNT] = {
    [SVA_CHECK_SIGNATURE] = "signature",
    [SVA_CHECK_KEY] = "key",
    [SVA_CHECK_SUBJECT] = "subject",
    [SVA_CHECK_ROOT_DIGEST] = "root-digest",
    [SVA_CHECK_FILES] = "files",
    [SVA_CHECK_FILE_CHANGED] = "file-changed",
    [SVA_CHECK_FILE_MISSING] = "file-missing",
    [SVA_CHECK_FILE_UNSIGNED] = "file-unsigned",
    [SVA_CHECK_IGNORED] = "file-ignored",
    [SVA_CHECK_REPORT] = "report",
    [SVA_CHECK_VERDICT] = "verdict",
    [SVA_CHECK_UNCOVERED] = "file-uncovered",
    [SVA_CHECK_MODEL_UNSEEN] = "model-unseen",
    [SVA_CHECK_TIMESTAMP] = "timestamp",
    [SVA_CHECK_TIME_UNKNOWN] = "time-unknown",
    [SVA_CHECK_IDENTITY_UNKNOWN] = "identity-unknown",
    [SVA_CHECK_LOG_UNSEEN] = "log-unseen",
    [SVA_CHECK_SIGNED_FILE] = "signed-file",
    [SVA_CHECK_CASE_SIGNATURE] = "bundle-signature",
    [SVA_CHECK_CASE_FILES] = "bundle-files",
    [SVA_CHECK_CASE_CHANGED] = "bundle-changed",
    [SVA_CHECK_CASE_MISSING] = "bundle-missing",
    [SVA_CHECK_CASE_EXTRA] = "bundle-extra",
    [SVA_CHECK_CASE_UNREAD] = "bundle-unread",
    [SVA_CHECK_CASE_HTML] = "bundle-page",
    [SVA_CHECK_CASE_README] = "bundle-readme",
    [SVA_CHECK_CASE_RULES] = "bundle-rules",
    [SVA_CHECK_CASE_REGISTER] = "bundle-register",
    [SVA_CHECK_CASE_DOCUMENTS] = "bundle-documents",
    [SVA_CHECK_CASE_DOCUMENT] = "bundle-document",
    [SVA_CHECK_CASE_WITHHELD] = "bundle-withheld",
    [SVA_CHECK_CASE_PRINTS] = "bundle-prints",
    [SVA_CHECK_CASE_PRINT] = "bundle-print",
    [SVA_CHECK_CASE_KEY] = "bundle-key",
    [SVA_CHECK_CASE_SIGNED_FILES] = "bundle-signed-files",
    [SVA_CHECK_CASE_STAMP] = "bundle-stamp",
    [SVA_CHECK_CASE_MODEL] = "bundle-model",
    [SVA_CHECK_CASE_MODEL_FILES] = "bundle-model-files",
    [SVA_CHECK_CASE_COMPARED] = "bundle-compared",
    [SVA_CHECK_CASE_COMPARISON] = "bundle-comparison",
    [SVA_CHECK_CASE_WEIGHTS] = "bundle-weights",
    [SVA_CHECK_CASE_VERDICT] = "bundle-verdict",
    [SVA_CHECK_CASE_RULE] = "bundle-rule",
    [SVA_CHECK_HINTS] = "hints",
    [SVA_CHECK_CERTIFICATE] = "certificate",
    [SVA_CHECK_CERTIFICATE_TIME] = "certificate-time",
    [SVA_CHECK_CASE_SUBJECT] = "bundle-subject",
};

bool sva_verification_is_partial(const struct sva_verification *verification)
{
    for (size_t i = 0; i < verification->check_count; i++) {
        const struct sva_check *const check = &verification->checks[i];
        if (check->state == SVA_CHECK_NOT_CHECKED &&
            (check->code == SVA_CHECK_CASE_VERDICT || check->code == SVA_CHECK_CASE_RULE ||
             check->code == SVA_CHECK_CASE_COMPARISON || check->code == SVA_CHECK_CASE_SUBJECT ||
             check->code == SVA_CHECK_CASE_HTML || check->code == SVA_CHECK_CASE_README)) {
            return true;
        }
    }
    return false;
}

static const char *outcome_of(const struct sva_verification *verification)
{
    return verification == NULL                        ? "unreadable"
           : !verification->verified                   ? "not-verified"
           : sva_verification_is_partial(verification) ? "partial"
                                                       : "verified";
}

static void put_texts(struct sva_writer *json, const char *key, const char *text)
{
    sva_writer_text(json, key, text != NULL && text[0] != '\0' ? text : NULL);
}

/** Lines, each with the file of a bundle that it is about. */
static void put_checks(struct sva_writer *json, const struct sva_verification *verification)
{
    const size_t count = verification != NULL ? verification->check_count : 0;
    const char *about = NULL;
    sva_writer_array(json, "checks");
    for (size_t i = 0; i < count; i++) {
        const struct sva_check *const check = &verification->checks[i];
        if (check->code == SVA_CHECK_ABOUT) {
            about = check->text;
            continue;
        }
        sva_writer_object(json, NULL);
        sva_writer_text(json, "about", about);
        sva_writer_text(json, "code", codes[check->code]);
        sva_writer_count(json, "count", check->count);
        sva_writer_text(json, "state", states[check->state]);
        put_texts(json, "text", check->text);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

enum sva_status sva_verification_json(const struct sva_verification *verification,
                                      const struct sva_verification_note *note, char **text,
                                      size_t *size_bytes, struct sva_error *error)
{
    struct sva_writer json = {.depth = 0};
    sva_writer_object(&json, NULL);
    put_checks(&json, verification);
    put_texts(&json, "error", note->failure != NULL ? note->failure->text : NULL);
    sva_writer_integer(&json, "exit_code", note->exit_code);
    sva_writer_text(&json, "kind", note->kind);
    sva_writer_text(&json, "outcome", outcome_of(verification));
    sva_writer_text(&json, "path", note->path);
    sva_writer_text(&json, "schema", "sovaudit-verify-1");
    sva_writer_object(&json, "tool");
    sva_writer_text(&json, "name", "sovaudit");
    sva_writer_text(&json, "version", sva_version());
    sva_writer_object_end(&json);
    sva_writer_object_end(&json);
    if (json.bytes.failed || json.failed) {
        sva_bytes_done(&json.bytes);
        return sva_fail_memory(error, "writing a verification");
    }
    *text = (char *)json.bytes.data;
    *size_bytes = json.bytes.size;
    return SVA_OK;
}

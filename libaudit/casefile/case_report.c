/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_report.h"

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "casefile/sums.h"
#include "convert/document.h"

static const char doing[] = "reading a report";

bool sva_case_digest(const cJSON *object, const char *key, uint8_t digest[32])
{
    const char *const text = sva_document_text(object, key);
    return sva_unhex(text, strlen(text), digest, 32);
}

const struct sva_case_wanted *sva_case_report_wanted(const struct sva_case_report *report,
                                                     const uint8_t digest[32])
{
    for (size_t i = 0; i < report->wanted_count; i++) {
        if (memcmp(report->wanted[i].digest, digest, 32) == 0) {
            return &report->wanted[i];
        }
    }
    return NULL;
}

/** Notes a print; the same one again changes nothing. */
static enum sva_status want(struct sva_case_report *report, const cJSON *object, const char *key,
                            const char *name, struct sva_error *error)
{
    struct sva_case_wanted *const slot = &report->wanted[report->wanted_count];
    if (!sva_case_digest(object, key, slot->digest)) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: \"%s\" is not a SHA-256", name, key);
    }
    if (sva_case_report_wanted(report, slot->digest) != NULL) {
        return SVA_OK;
    }
    const char *const version = sva_document_text(object, "version");
    slot->whose = sva_arena_printf(&report->arena, "%s%s%s", sva_document_text(object, "name"),
                                   version[0] != '\0' ? " " : "", version);
    report->wanted_count++;
    return slot->whose != NULL ? SVA_OK : sva_fail_memory(error, doing);
}

static enum sva_status want_all(struct sva_case_report *report, const char *name,
                                struct sva_error *error)
{
    const size_t most = sva_document_length(report->tree, "comparisons") + 1;
    if (most > SVA_SUMS_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d comparisons for one bundle", name,
                        (int)SVA_SUMS_MAX);
    }
    report->wanted = sva_arena_alloc(&report->arena, most, sizeof *report->wanted);
    if (report->wanted == NULL) {
        return sva_fail_memory(error, doing);
    }
    enum sva_status status =
        want(report, sva_document_at(report->tree, "subject"), "digest", name, error);
    const cJSON *comparison = NULL;
    cJSON_ArrayForEach(comparison, sva_document_at(report->tree, "comparisons"))
    {
        if (status == SVA_OK) {
            status =
                want(report, sva_document_at(comparison, "reference"), "print_digest", name, error);
        }
    }
    return status;
}

enum sva_status sva_case_report_read(struct sva_span bytes, const char *name,
                                     struct sva_case_report *report, struct sva_error *error)
{
    struct sva_case_report read = {.tree = NULL};
    enum sva_status status = sva_document_read(bytes, name, &read.tree, error);
    if (status == SVA_OK) {
        status = want_all(&read, name, error);
    }
    if (status != SVA_OK) {
        sva_case_report_done(&read);
        return status;
    }
    *report = read;
    return SVA_OK;
}

void sva_case_report_done(struct sva_case_report *report)
{
    cJSON_Delete(report->tree);
    sva_arena_done(&report->arena);
    *report = (struct sva_case_report){.tree = NULL};
}

bool sva_case_carries(const cJSON *document)
{
    const char *const state = sva_document_text(document, "state");
    return sva_document_text(document, "path")[0] != '\0' &&
           !sva_document_bool(document, "confidential") &&
           (strcmp(state, "sound") == 0 || strcmp(state, "malformed") == 0);
}

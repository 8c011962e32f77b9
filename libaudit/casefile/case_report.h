/* SPDX-License-Identifier: Apache-2.0 */
/** A report as far as a bundle needs it: whose prints, which documents, which pack. */
#ifndef SVA_CASEFILE_CASE_REPORT_H
#define SVA_CASEFILE_CASE_REPORT_H

#include <cjson/cJSON.h>

#include "base/cursor.h"
#include "base/memory.h"

/** A print that the report was made from. */
struct sva_case_wanted {
    uint8_t digest[32];
    const char *whose; /**< of the subject: its name; of references: name and version */
};

struct sva_case_report {
    cJSON *tree;
    size_t wanted_count;
    struct sva_case_wanted *wanted; /**< each digest once: the subject's first, then in order */
    struct sva_arena arena;
};

/** `name` is the report's, for messages. Errors: those of sva_document_read(); CORRUPT, LIMIT. */
enum sva_status sva_case_report_read(struct sva_span bytes, const char *name,
                                     struct sva_case_report *report,
                                     struct sva_error *error) SVA_MUST_CHECK;
/** Safe on a zeroed one. */
void sva_case_report_done(struct sva_case_report *report);

/** The SHA-256 that `key` of an object holds as 64 digits. */
bool sva_case_digest(const cJSON *object, const char *key, uint8_t digest[32]);

/** The print of this digest, or NULL. */
const struct sva_case_wanted *sva_case_report_wanted(const struct sva_case_report *report,
                                                     const uint8_t digest[32]);

/**
 * Is a document of the register one that a bundle carries: it has a path, its state is "sound" or
 * "malformed", and it is not confidential?
 */
bool sva_case_carries(const cJSON *document);

#endif

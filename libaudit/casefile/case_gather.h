/* SPDX-License-Identifier: Apache-2.0 */
/** What goes into an evidence bundle: collected, and checked against the report. */
#ifndef SVA_CASEFILE_CASE_GATHER_H
#define SVA_CASEFILE_CASE_GATHER_H

#include <sovaudit/casefile.h>
#include <sovaudit/refstore.h>

#include "attest/fields.h"
#include "base/memory.h"
#include "casefile/case_report.h"

/** A file of the bundle: its bytes, or where they are read from each time they are needed. */
struct sva_gathered {
    const char *name;
    struct sva_bytes bytes;          /**< owned; empty: see below */
    const char *path;                /**< a file */
    const char *reference, *version; /**< a print of the store */
    uint8_t sha256[32];
};

struct sva_gathering {
    const struct sva_casefile_options *options;
    struct sva_casefile *made;
    struct sva_case_report report;
    uint8_t report_sha256[32];
    struct sva_refstore *store;
    struct sva_arena arena;
    struct sva_grown parts;  /**< struct sva_gathered */
    struct sva_grown absent; /**< const char *, of the result's arena */
    struct sva_arena *told;  /**< the result's */
    struct sva_error *error;
};

/** Report and pages, rules, signatures, evidence, prints. Errors: all that reading them has. */
enum sva_status sva_gather_parts(struct sva_gathering *gathering) SVA_MUST_CHECK;
void sva_gathering_done(struct sva_gathering *gathering);

/** Adds a file of the bundle, and takes `bytes` over. Errors: MEMORY. */
enum sva_status sva_gather_bytes(struct sva_gathering *gathering, const char *name,
                                 struct sva_bytes *bytes) SVA_MUST_CHECK;
/** Reads a whole file of up to `most` bytes. */
enum sva_status sva_gather_read(const struct sva_gathering *gathering, const char *path,
                                uint64_t most, struct sva_bytes *bytes) SVA_MUST_CHECK;
/** CANCELLED when who watches asks to stop. */
enum sva_status sva_gather_go_on(const struct sva_gathering *gathering) SVA_MUST_CHECK;
enum sva_status sva_gather_no_memory(const struct sva_gathering *gathering);

#endif

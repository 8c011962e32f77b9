/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Evidence bundles: one archive with a report and what it rests on, which a third party can check
 * and derive again without a network. docs/bundle.md says what is in one. The same parts give the
 * same bytes, as long as the same libzstd writes them.
 */
#ifndef SOVAUDIT_CASEFILE_H
#define SOVAUDIT_CASEFILE_H

#include <sovaudit/convert.h>
#include <sovaudit/sign.h>

enum {
    SVA_CASEFILE_ENTRY_BYTES_MAX = 1000000000, /**< of one file in a bundle */
    SVA_CASEFILE_GIGABYTES_MAX = 32            /**< of all, 10^9 bytes each */
};

/** What goes into a bundle. NULL: not at hand. Initialise with {0}. */
struct sva_casefile_options {
    const char *report;        /**< its JSON */
    const char *store;         /**< where prints are looked for, by digest */
    const char *const *prints; /**< [print_count] prints given, matched by digest */
    size_t print_count;
    const char *rules;            /**< rule pack file; NULL: the installed one of the same digest */
    const char *evidence;         /**< register; its documents lie beside it */
    const char *waivers;          /**< the file that the audit used */
    const char *model_signature;  /**< of OMS */
    const char *report_signature; /**< attestation of the report */
    const char *reply;            /**< RFC 3161, of one of the signatures or of the report */
    const struct sva_key *key;    /**< signs the list of digests; NULL: unsigned */
    const struct sva_progress *progress;
};

/** A bundle as it was written. Zero-initialise, free with sva_casefile_done(). */
struct sva_casefile {
    size_t file_count; /**< without SHA256SUMS and its signature */
    size_t print_count;
    size_t absent_count;
    const char **absent; /**< what the report rests on and the bundle lacks: "print of NAME" */
    uint8_t sums[SVA_FINGERPRINT_BYTES]; /**< SHA-256 of SHA256SUMS: names the content */
    void *internal;
};
SVA_API void sva_casefile_done(struct sva_casefile *made);

/**
 * Writes a bundle: temporary name, rename. Every part is checked against the report first. Errors:
 * CONFLICT (a part is not the one that the report used, or changed meanwhile), NOT_FOUND (no rule
 * pack of the report's digest), USAGE (a print that the report does not name), CORRUPT,
 * UNSUPPORTED, LIMIT, IO, CANCELLED, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_casefile_write(
    const char *path, const struct sva_casefile_options *options, struct sva_casefile *made,
    struct sva_error *error);

/**
 * Whether `path` is a file that begins as a bundle does: with zstd's magic. A folder, or a path at
 * which nothing is, is none. Errors: IO, CONFLICT (it became shorter), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_is_casefile(const char *path, bool *is_casefile,
                                                       struct sva_error *error);

/** What a bundle is checked with. NULL: not at hand, and the lines say what was not checked. */
struct sva_casefile_checks {
    const struct sva_key *key;       /**< of whoever signed the bundle, the report or both */
    const struct sva_key *model_key; /**< of whoever signed the model; NULL: `key` */
    const char *ca_file;             /**< PEM roots for timestamps */
    const char *model;               /**< the model itself: its print is made again */
    uint32_t threads;
    const struct sva_progress *progress;
};

/**
 * Checks a bundle, in a temporary folder that is gone afterwards. What does not hold is a failed
 * line, no error. Errors: CORRUPT (not a bundle: no archive, links, names that lead elsewhere, a
 * report that cannot be read), LIMIT, UNSUPPORTED, NOT_FOUND, IO, CANCELLED, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_casefile_verify(const char *path,
                                                           const struct sva_casefile_checks *checks,
                                                           struct sva_verification **verification,
                                                           struct sva_error *error);

#endif

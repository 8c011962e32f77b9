/* SPDX-License-Identifier: Apache-2.0 */
/** What several renderers need: words in one language, moments, places, identities of results. */
#ifndef SVA_CONVERT_RENDER_H
#define SVA_CONVERT_RENDER_H

#include <sovaudit/report.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "convert/document.h"
#include "report/json_writer.h"

/** {"en": ..., "ko": ...} at `key` in one language; the other where it lacks it, else "". */
const char *sva_render_words(const cJSON *object, const char *key, enum sva_lang lang);

/** What a rule's verdict asks of a reader. */
enum sva_outcome {
    SVA_OUTCOME_PASS,
    SVA_OUTCOME_FAIL,
    SVA_OUTCOME_REVIEW,
    SVA_OUTCOME_NOT_CHECKED, /**< evidence is missing, or the rule could not be evaluated */
    SVA_OUTCOME_ASIDE        /**< not applicable, or information */
};

/** Of an entry of "rules". Unknown words count as not checked. */
enum sva_outcome sva_render_outcome(const cJSON *rule);

/** The entries of "rules" with what is asked of them again and again, found once. */
struct sva_results {
    size_t count;
    struct sva_result_line {
        const cJSON *rule;
        const char *id;
        enum sva_outcome outcome;
    } * items; /**< in the arena */
};
/** False when out of memory; `results` is empty then. */
bool sva_results_find(const cJSON *report, struct sva_arena *arena, struct sva_results *results);

/** "2026-02", "2026-02-03" -> "2026-02-03T00:00:00Z"; anything else is the start of 1970. */
enum { SVA_MOMENT_TEXT = 21 };
void sva_render_moment(const char *date, char moment[SVA_MOMENT_TEXT]);

/** Entry of pack.criteria that a rule's id names, or NULL. At most SVA_DOCUMENT_CRITERIA_MAX steps.
 */
const cJSON *sva_render_criterion(const cJSON *report, const char *rule);

/**
 * Identity of a result: SHA-256 of its parts, each with its length before it. It does not change
 * with the verdict, the sentence or the order of a report.
 */
struct sva_identity {
    uint8_t sha256[SVA_DIGEST_BYTES];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    bool failed; /**< no memory: the rendering must fail */
};
struct sva_identity sva_render_identity(const char *const *parts, size_t count);

/** The same of an entry of "rules": rule, component, reference. */
struct sva_identity sva_render_rule_identity(const cJSON *rule);

/** SHA-256 of the report's own bytes. */
struct sva_identity sva_render_report_identity(struct sva_span json);

/** First file of the subject of each kind, entries of subject.files. */
enum { SVA_PLACE_KINDS = 11 };
struct sva_places {
    const cJSON *first[SVA_PLACE_KINDS];
    const cJSON *any;
};
void sva_places_find(const cJSON *report, struct sva_places *places);

/** Where a result of a rule is best shown: a file of the kind that it rests on; NULL when none. */
const cJSON *sva_render_place(const struct sva_places *places, const cJSON *criterion);

/** A relative path as the path of a URI: what RFC 3986 does not allow becomes %HH. NULL: no memory.
 */
const char *sva_render_uri(struct sva_arena *arena, const char *path);

/** Why bytes failed. LIMIT near their limit, else MEMORY. */
enum sva_status sva_render_failed(const struct sva_bytes *bytes,
                                  struct sva_error *error) SVA_MUST_CHECK;

/** Hands a writer's bytes over. Errors: INTERNAL (keys out of order), LIMIT, MEMORY. */
enum sva_status sva_render_finish(struct sva_writer *json, struct sva_bytes *out,
                                  struct sva_error *error) SVA_MUST_CHECK;

/** Appends text for Markdown on one line: what it or HTML would read as markup is escaped. */
void sva_render_markdown_text(struct sva_bytes *out, const char *text);
void sva_render_markdown_part(struct sva_bytes *out, const char *text, size_t length);

/** Appends text for XML: markup is escaped; what XML cannot hold, or turns directions, is U+FFFD. */
void sva_render_xml(struct sva_bytes *out, const char *text);

#endif

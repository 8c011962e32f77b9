/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A report's JSON as a tree, and its values. Readers never fail: what is absent or of another type
 * reads as "", 0, false or NULL, so a renderer only decides what to show. Trees come from anyone;
 * texts are UTF-8 without NUL, and nothing else is promised about them.
 */
#ifndef SVA_CONVERT_DOCUMENT_H
#define SVA_CONVERT_DOCUMENT_H

#include <sovaudit/status.h>

#include <cjson/cJSON.h>

#include "base/cursor.h"

/** Longest lists of a report that are rendered: far above what any model gives. */
enum {
    SVA_DOCUMENT_RULES_MAX = 20000,
    SVA_DOCUMENT_CRITERIA_MAX = 1000,
    SVA_DOCUMENT_PARTS_MAX = 200, /**< components of a subject */
    SVA_DOCUMENT_CHECKPOINTS_MAX = 2000,
    SVA_DOCUMENT_ITEMS_MAX = 200000, /**< of any other list */
    SVA_DOCUMENT_TEXT_MAX = 1 << 20  /**< bytes of any text */
};

/**
 * Parses a report of `check` or `compare`. `name` is its path, for messages. cJSON_Delete() the
 * tree. Errors: CORRUPT (not sound JSON, not a report, a key twice in one object, something else in
 * the place of a list), UNSUPPORTED (a report of another version), LIMIT (a list or text longer
 * than above, more documents than a register may have), MEMORY.
 */
enum sva_status sva_document_read(struct sva_span bytes, const char *name, cJSON **report,
                                  struct sva_error *error) SVA_MUST_CHECK;

/** The same, of a report of `trace` too. */
enum sva_status sva_document_read_any(struct sva_span bytes, const char *name, cJSON **report,
                                      struct sva_error *error) SVA_MUST_CHECK;
bool sva_document_is_trace(const cJSON *report);

/** Member `key` of an object, NULL when there is none. */
const cJSON *sva_document_at(const cJSON *object, const char *key);
const char *sva_document_text(const cJSON *object, const char *key);
/** NaN when it is no number. */
double sva_document_number(const cJSON *object, const char *key);
/** Whole numbers up to 2^53; 0 for anything else. */
uint64_t sva_document_count(const cJSON *object, const char *key);
bool sva_document_bool(const cJSON *object, const char *key);

enum { SVA_DOCUMENT_READING_BYTES = 96 };
/** "quick, 1.6% of 15200000000 bytes" of a report's subject; "" where it was read in full. */
const char *sva_document_reading(const cJSON *subject, char text[SVA_DOCUMENT_READING_BYTES]);
/**
 * How many cJSON_ArrayForEach(item, sva_document_at(object, key)) walks over: the length of the
 * list `key`, of an object in its place its members.
 */
size_t sva_document_length(const cJSON *object, const char *key);

#endif

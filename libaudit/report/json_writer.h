/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Writes JSON: two spaces of indentation, one member per line. The caller
 * gives the keys of an object in ascending order of bytes, which makes equal
 * content equal bytes; a key out of order marks the writer as failed.
 */
#ifndef SVA_REPORT_JSON_WRITER_H
#define SVA_REPORT_JSON_WRITER_H

#include "base/memory.h"

enum { SVA_JSON_WRITER_DEPTH = 16, SVA_JSON_WRITER_DIGITS = 6 };

struct sva_writer {
    struct sva_bytes bytes;
    uint32_t depth;
    bool has_member[SVA_JSON_WRITER_DEPTH];
    char last_key[SVA_JSON_WRITER_DEPTH][96];
    bool failed; /**< misuse: too deep, or a key out of order */
};

/** `key` is NULL inside arrays and for the top-level value, in all of these. */
void sva_writer_object(struct sva_writer *json, const char *key);
void sva_writer_object_end(struct sva_writer *json);
void sva_writer_array(struct sva_writer *json, const char *key);
void sva_writer_array_end(struct sva_writer *json);
/** NULL text gives null. Any bytes: invalid UTF-8 becomes U+FFFD. */
void sva_writer_text(struct sva_writer *json, const char *key, const char *text);
/** Six significant digits; not finite gives null. */
void sva_writer_number(struct sva_writer *json, const char *key, double value);
void sva_writer_count(struct sva_writer *json, const char *key, uint64_t value);
void sva_writer_integer(struct sva_writer *json, const char *key, int64_t value);
void sva_writer_bool(struct sva_writer *json, const char *key, bool value);
void sva_writer_null(struct sva_writer *json, const char *key);
/** Lower-case hex of a SHA-256. */
void sva_writer_digest(struct sva_writer *json, const char *key, const uint8_t digest[32]);

/** {"en": ..., "ko": ...}. */
void sva_writer_languages(struct sva_writer *json, const char *key, const char *en, const char *ko);
/** {"reference": numbers[1], "subject": numbers[0]}: the subject's number comes first. */
void sva_writer_sides(struct sva_writer *json, const char *key, const uint32_t numbers[2]);

#endif

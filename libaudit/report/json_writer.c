/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_writer.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

static void new_line(struct sva_writer *json)
{
    sva_bytes_text(&json->bytes, "\n");
    for (uint32_t i = 0; i < json->depth; i++) {
        sva_bytes_text(&json->bytes, "  ");
    }
}

/** Of keys that come from a model and are longer than what is remembered, only the beginning
 * counts. */
static void check_order(struct sva_writer *json, const char *key)
{
    enum { REMEMBERED = sizeof *json->last_key - 1 };
    char *last = json->last_key[json->depth];
    const int order = strncmp(last, key, REMEMBERED);
    if (json->has_member[json->depth] && (order > 0 || (order == 0 && strlen(last) < REMEMBERED))) {
        json->failed = true;
    }
    const size_t length = strlen(key);
    const size_t kept = length < REMEMBERED ? length : REMEMBERED;
    memcpy(last, key, kept);
    last[kept] = '\0';
}

static void start_value(struct sva_writer *json, const char *key)
{
    if (key != NULL) {
        check_order(json, key);
    }
    if (json->depth > 0) {
        sva_bytes_text(&json->bytes, json->has_member[json->depth] ? "," : "");
        new_line(json);
    }
    json->has_member[json->depth] = true;
    if (key != NULL) {
        sva_bytes_json_string(&json->bytes, key, strlen(key));
        sva_bytes_text(&json->bytes, ": ");
    }
}

static void begin(struct sva_writer *json, const char *key, const char *bracket)
{
    start_value(json, key);
    sva_bytes_text(&json->bytes, bracket);
    if (json->depth + 1 >= SVA_JSON_WRITER_DEPTH) {
        json->failed = true;
        return;
    }
    json->depth++;
    json->has_member[json->depth] = false;
}

static void end(struct sva_writer *json, const char *bracket)
{
    const bool empty = !json->has_member[json->depth];
    if (json->depth == 0) {
        json->failed = true;
        return;
    }
    json->depth--;
    if (!empty) {
        new_line(json);
    }
    sva_bytes_text(&json->bytes, bracket);
    if (json->depth == 0) {
        sva_bytes_text(&json->bytes, "\n");
    }
}

void sva_writer_object(struct sva_writer *json, const char *key)
{
    begin(json, key, "{");
}

void sva_writer_object_end(struct sva_writer *json)
{
    end(json, "}");
}

void sva_writer_array(struct sva_writer *json, const char *key)
{
    begin(json, key, "[");
}

void sva_writer_array_end(struct sva_writer *json)
{
    end(json, "]");
}

void sva_writer_text(struct sva_writer *json, const char *key, const char *text)
{
    if (text == NULL) {
        sva_writer_null(json, key);
        return;
    }
    start_value(json, key);
    sva_bytes_json_string(&json->bytes, text, strlen(text));
}

void sva_writer_number(struct sva_writer *json, const char *key, double value)
{
    start_value(json, key);
    sva_bytes_json_number(&json->bytes, value == 0.0 ? 0.0 : value, SVA_JSON_WRITER_DIGITS);
}

void sva_writer_count(struct sva_writer *json, const char *key, uint64_t value)
{
    start_value(json, key);
    sva_bytes_printf(&json->bytes, "%" PRIu64, value);
}

void sva_writer_integer(struct sva_writer *json, const char *key, int64_t value)
{
    start_value(json, key);
    sva_bytes_printf(&json->bytes, "%" PRId64, value);
}

void sva_writer_bool(struct sva_writer *json, const char *key, bool value)
{
    start_value(json, key);
    sva_bytes_text(&json->bytes, value ? "true" : "false");
}

void sva_writer_null(struct sva_writer *json, const char *key)
{
    start_value(json, key);
    sva_bytes_text(&json->bytes, "null");
}

void sva_writer_digest(struct sva_writer *json, const char *key, const uint8_t digest[32])
{
    char text[65];
    sva_hex(digest, 32, text);
    sva_writer_text(json, key, text);
}

void sva_writer_languages(struct sva_writer *json, const char *key, const char *en, const char *ko)
{
    sva_writer_object(json, key);
    sva_writer_text(json, "en", en);
    sva_writer_text(json, "ko", ko);
    sva_writer_object_end(json);
}

void sva_writer_sides(struct sva_writer *json, const char *key, const uint32_t numbers[2])
{
    sva_writer_object(json, key);
    sva_writer_count(json, "reference", numbers[1]);
    sva_writer_count(json, "subject", numbers[0]);
    sva_writer_object_end(json);
}

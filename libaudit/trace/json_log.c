/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON lines, or one JSON value: every object anywhere that has a step and a training loss of its
 * own is a record. Python writes NaN and Infinity, which JSON does not have; they are read here,
 * because a log that has them must say so.
 */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "format/json.h"
#include "trace/loss_log.h"

enum { DEPTH = 32, NAME = SVA_LOG_NAME_BYTES };

/** What is known of an object that is still open. */
struct open_object {
    bool is_object, has_step, has_loss;
    int step_rank, loss_rank;
    struct sva_log_record record;
    size_t name_length;
    char name[NAME];
};

struct reader {
    struct sva_loss_log *log;
    struct open_object open[DEPTH + 1];
    size_t depth;
    char key[NAME + 1];
    size_t key_length;
};

static void take_number(struct reader *reader, double value)
{
    struct open_object *object = &reader->open[reader->depth];
    if (!object->is_object || reader->key_length > NAME) {
        return;
    }
    const int step = sva_step_rank(reader->log, reader->key, reader->key_length);
    const int loss = sva_loss_rank(reader->log, reader->key, reader->key_length);
    if (step > 0 && isfinite(value) && (!object->has_step || step < object->step_rank)) {
        object->has_step = true;
        object->step_rank = step;
        object->record.step = value;
    } else if (loss > 0 && (!object->has_loss || loss < object->loss_rank)) {
        object->has_loss = true;
        object->loss_rank = loss;
        object->record.loss = value;
        object->name_length = reader->key_length;
        memcpy(object->name, reader->key, reader->key_length);
    } else if (sva_is_token_count(reader->key, reader->key_length)) {
        object->record.tokens = value;
    }
}

static void open_value(struct reader *reader, bool is_object)
{
    reader->depth += reader->depth < DEPTH ? 1 : 0;
    reader->open[reader->depth] = (struct open_object){
        .is_object = is_object, .record = {.step = NAN, .loss = NAN, .tokens = NAN}};
}

static enum sva_status close_value(struct reader *reader, struct sva_error *error)
{
    const struct open_object *object = &reader->open[reader->depth];
    reader->depth -= reader->depth > 0 ? 1 : 0;
    return object->has_step && object->has_loss
               ? sva_log_offer(reader->log, object->name, object->name_length, &object->record,
                               error)
               : SVA_OK;
}

static enum sva_status take_token(struct reader *reader, const struct sva_json *json,
                                  enum sva_json_token token, struct sva_error *error)
{
    double value = NAN;
    switch (token) {
    case SVA_JSON_OBJECT_BEGIN:
    case SVA_JSON_ARRAY_BEGIN: open_value(reader, token == SVA_JSON_OBJECT_BEGIN); break;
    case SVA_JSON_OBJECT_END:
    case SVA_JSON_ARRAY_END: return close_value(reader, error);
    case SVA_JSON_KEY:
        reader->key_length = json->text_size <= NAME ? json->text_size : NAME + 1;
        memcpy(reader->key, json->text, json->text_size <= NAME ? json->text_size : 0);
        break;
    case SVA_JSON_NUMBER:
    case SVA_JSON_STRING: /* exports put NaN and Infinity into quotes */
        if (sva_decimal(json->text, json->text_size, &value)) {
            take_number(reader, value);
        }
        break;
    default: break;
    }
    return SVA_OK;
}

static enum sva_status read_value(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                                  uint64_t base, struct sva_error *error)
{
    struct reader *reader = sva_calloc(1, sizeof *reader);
    struct sva_json json;
    enum sva_json_token token = SVA_JSON_NULL;
    enum sva_status status = SVA_OK;
    if (reader == NULL) {
        return sva_fail_memory(error, "reading a loss log");
    }
    reader->log = log;
    sva_json_init(&json, bytes, what, base, DEPTH - 1);
    while (status == SVA_OK && token != SVA_JSON_END) {
        status = sva_json_next(&json, &token, error);
        if (status == SVA_OK) {
            status = take_token(reader, &json, token, error);
        }
    }
    sva_json_done(&json);
    sva_free(reader);
    return status;
}

/** Does a bare NaN or Infinity begin here? Its length, or 0. */
static size_t bare_word(struct sva_span bytes, size_t at)
{
    static const char *const WORDS[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < 3; i++) {
        const size_t length = strlen(WORDS[i]);
        if (length <= bytes.size - at && memcmp(bytes.data + at, WORDS[i], length) == 0) {
            return length;
        }
    }
    return 0;
}

/** A copy in which bare words of that kind stand in quotes. False: out of memory. */
static bool quote_words(struct sva_span bytes, struct sva_bytes *out)
{
    bool inside = false;
    size_t start = 0;
    for (size_t at = 0; at < bytes.size;) {
        const size_t word = inside ? 0 : bare_word(bytes, at);
        if (word > 0) {
            sva_bytes_append(out, bytes.data + start, at - start);
            sva_bytes_append(out, "\"", 1);
            sva_bytes_append(out, bytes.data + at, word);
            sva_bytes_append(out, "\"", 1);
            at += word;
            start = at;
        } else {
            inside = bytes.data[at] == '"' ? !inside : inside;
            at += inside && bytes.data[at] == '\\' && at + 1 < bytes.size ? 2 : 1;
        }
    }
    sva_bytes_append(out, bytes.data + start, bytes.size - start);
    return !out->failed;
}

static bool has_words(struct sva_span bytes)
{
    for (size_t at = 0; at < bytes.size; at++) {
        if ((bytes.data[at] == 'N' || bytes.data[at] == 'I') && bare_word(bytes, at) > 0) {
            return true;
        }
    }
    return false;
}

static enum sva_status read_tolerantly(struct sva_loss_log *log, struct sva_span bytes,
                                       const char *what, uint64_t base, struct sva_error *error)
{
    if (!has_words(bytes)) {
        return read_value(log, bytes, what, base, error);
    }
    struct sva_bytes quoted = {.data = NULL};
    enum sva_status status =
        quote_words(bytes, &quoted)
            ? read_value(log, (struct sva_span){quoted.data, quoted.size}, what, base, error)
            : sva_fail_memory(error, "reading a loss log");
    sva_bytes_done(&quoted);
    return status;
}

/** The line that begins at `*at`, without its end; moves behind it. */
static struct sva_span next_line(struct sva_span bytes, size_t *at)
{
    const uint8_t *start = bytes.data + *at;
    const uint8_t *end = memchr(start, '\n', bytes.size - *at);
    const size_t size = end != NULL ? (size_t)(end - start) : bytes.size - *at;
    *at += size + (end != NULL ? 1 : 0);
    return (struct sva_span){start, size};
}

static bool is_blank(struct sva_span line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r') {
            return false;
        }
    }
    return true;
}

/** Is the first line with something in it a whole value, and not the last? */
static bool is_lines(struct sva_span bytes)
{
    size_t at = 0;
    struct sva_span line = next_line(bytes, &at);
    while (is_blank(line) && at < bytes.size) {
        line = next_line(bytes, &at);
    }
    struct sva_bytes quoted = {.data = NULL};
    const bool whole = at < bytes.size && quote_words(line, &quoted) &&
                       sva_json_check((struct sva_span){quoted.data, quoted.size}, "line",
                                      DEPTH - 1, NULL) == SVA_OK;
    sva_bytes_done(&quoted);
    return whole;
}

enum sva_status sva_log_read_json(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                                  struct sva_error *error)
{
    const bool lines = is_lines(bytes);
    const char *format = lines ? "jsonl" : "json";
    enum sva_status status = lines ? SVA_OK : read_tolerantly(log, bytes, what, 0, error);
    for (size_t at = 0; lines && status == SVA_OK && at < bytes.size;) {
        const size_t start = at;
        const struct sva_span line = next_line(bytes, &at);
        if (is_blank(line)) {
            continue;
        }
        struct sva_error first = {.status = SVA_OK};
        status = read_tolerantly(log, line, what, start, &first);
        if (status == SVA_ERR_CORRUPT && at == bytes.size && bytes.data[bytes.size - 1] != '\n') {
            log->truncated_count++; /* a run that was killed ends like this */
            status = SVA_OK;
        } else if (status != SVA_OK && error != NULL && error->status == SVA_OK) {
            *error = first;
        }
    }
    if (status == SVA_OK) {
        log->format = log->format == NULL || strcmp(log->format, format) == 0 ? format : "mixed";
    }
    return status;
}

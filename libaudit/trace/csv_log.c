/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV (RFC 4180): a line of names, then lines of values; quotes, "," or ";" or tabs. Lines without
 * a value under step or loss are passed over, because exports leave holes.
 */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/text.h"
#include "trace/loss_log.h"

enum { COLUMNS_MOST = 10000 };

/** Where a field's text is: inside its quotes, which may hold doubled ones. */
struct field {
    const char *text;
    size_t length;
    bool last;   /* of its line */
    bool broken; /* a quote that nobody closes, or text behind a closing one */
};

struct columns {
    size_t count, step, loss, tokens;
    bool has_step, has_loss, has_tokens;
    int step_rank, loss_rank;
    const char *loss_name;
    size_t loss_length;
    char separator;
};

/** Reads the field at `*at` and moves behind its separator or line end. */
static struct field next_field(struct sva_span bytes, size_t *at, char separator)
{
    struct field field = {.text = (const char *)bytes.data + *at};
    if (*at < bytes.size && bytes.data[*at] == '"') {
        size_t end = *at + 1;
        while (end < bytes.size &&
               (bytes.data[end] != '"' || (end + 1 < bytes.size && bytes.data[end + 1] == '"'))) {
            end += bytes.data[end] == '"' ? 2 : 1;
        }
        field.broken = end >= bytes.size;
        field.text++;
        field.length = end - *at - 1;
        *at = end < bytes.size ? end + 1 : bytes.size;
    } else {
        while (*at < bytes.size && bytes.data[*at] != (uint8_t)separator &&
               bytes.data[*at] != '\n') {
            (*at)++;
        }
        field.length = (size_t)((const char *)bytes.data + *at - field.text);
    }
    while (*at < bytes.size && (bytes.data[*at] == '\r' || bytes.data[*at] == ' ')) {
        (*at)++;
    }
    field.last = *at >= bytes.size || bytes.data[*at] == '\n';
    field.broken = field.broken || (!field.last && bytes.data[*at] != (uint8_t)separator);
    *at += *at < bytes.size ? 1 : 0;
    while (field.length > 0 &&
           (field.text[field.length - 1] == '\r' || field.text[field.length - 1] == ' ')) {
        field.length--;
    }
    while (field.length > 0 && *field.text == ' ') {
        field.text++;
        field.length--;
    }
    return field;
}

/** The separator that stands most often in the first line. */
static char find_separator(struct sva_span bytes)
{
    static const char CHOICES[] = ",;\t";
    size_t counts[3] = {0, 0, 0};
    for (size_t i = 0; i < bytes.size && bytes.data[i] != '\n'; i++) {
        for (size_t c = 0; c < 3; c++) {
            counts[c] += bytes.data[i] == (uint8_t)CHOICES[c] ? 1 : 0;
        }
    }
    const size_t best = counts[2] > counts[0] && counts[2] > counts[1] ? 2
                        : counts[1] > counts[0]                        ? 1
                                                                       : 0;
    return CHOICES[best];
}

static void name_column(const struct sva_loss_log *log, struct columns *columns,
                        const struct field *field)
{
    const int step = sva_step_rank(log, field->text, field->length);
    const int loss = sva_loss_rank(log, field->text, field->length);
    if (step > 0 && (!columns->has_step || step < columns->step_rank)) {
        columns->has_step = true;
        columns->step_rank = step;
        columns->step = columns->count;
    } else if (loss > 0 && (!columns->has_loss || loss < columns->loss_rank)) {
        columns->has_loss = true;
        columns->loss_rank = loss;
        columns->loss = columns->count;
        columns->loss_name = field->text;
        columns->loss_length = field->length;
    } else if (!columns->has_tokens && sva_is_token_count(field->text, field->length)) {
        columns->has_tokens = true;
        columns->tokens = columns->count;
    }
}

static enum sva_status read_names(const struct sva_loss_log *log, struct sva_span bytes, size_t *at,
                                  struct columns *columns, const char *what,
                                  struct sva_error *error)
{
    columns->separator = find_separator(bytes);
    for (bool last = false; !last; columns->count++) {
        const struct field field = next_field(bytes, at, columns->separator);
        if (field.broken || columns->count >= COLUMNS_MOST) {
            return sva_fail_at(error, SVA_ERR_CORRUPT, *at,
                               "%s: the line of names is not CSV, as byte %zu shows", what, *at);
        }
        name_column(log, columns, &field);
        last = field.last;
    }
    if (!columns->has_step || !columns->has_loss) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: the first line names no column that is a %s; it begins \"%s\"", what,
                        columns->has_step ? "training loss" : "step",
                        sva_escn((const char *)bytes.data, bytes.size < 60 ? bytes.size : 60).text);
    }
    return SVA_OK;
}

/** Takes a value that is wanted; `*state` becomes false where text is no number. */
static bool take(const struct field *field, double *value)
{
    return field->length == 0 || sva_decimal(field->text, field->length, value);
}

static enum sva_status read_line(struct sva_loss_log *log, struct sva_span bytes, size_t *at,
                                 const struct columns *columns, const char *what,
                                 struct sva_error *error)
{
    struct sva_log_record record = {NAN, NAN, NAN};
    const size_t start = *at;
    bool has_loss = false;
    bool sound = true;
    size_t count = 0;
    for (bool last = false; !last; count++) {
        const struct field field = next_field(bytes, at, columns->separator);
        sound = sound && !field.broken;
        last = field.last;
        if (count == columns->step) {
            sound = sound && take(&field, &record.step);
        } else if (count == columns->loss) {
            sound = sound && take(&field, &record.loss);
            has_loss = field.length > 0;
        } else if (columns->has_tokens && count == columns->tokens) {
            sound = sound && take(&field, &record.tokens);
        }
    }
    if (count == 1 && *at - start <= 2) {
        return SVA_OK; /* an empty line */
    }
    if (!sound || count != columns->count) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, start, "%s: the line at byte %zu %s", what,
                           start,
                           sound ? "has another number of columns than the first"
                                 : "has text where a number should be");
    }
    return has_loss && isfinite(record.step)
               ? sva_log_offer(log, columns->loss_name, columns->loss_length, &record, error)
               : SVA_OK;
}

enum sva_status sva_log_read_csv(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                                 struct sva_error *error)
{
    struct columns columns = {.count = 0};
    size_t at = bytes.size >= 3 && memcmp(bytes.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const size_t bad = sva_utf8_valid_prefix(bytes.data, bytes.size);
    if (bad < bytes.size || memchr(bytes.data, '\0', bytes.size) != NULL) {
        return sva_fail_at(error, SVA_ERR_UNSUPPORTED, bad,
                           "%s is no loss log that is read: neither text nor an event file", what);
    }
    enum sva_status status = read_names(log, bytes, &at, &columns, what, error);
    while (status == SVA_OK && at < bytes.size) {
        status = read_line(log, bytes, &at, &columns, what, error);
    }
    if (status == SVA_OK) {
        log->format = log->format == NULL || strcmp(log->format, "csv") == 0 ? "csv" : "mixed";
    }
    return status;
}

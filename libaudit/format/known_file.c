/* SPDX-License-Identifier: Apache-2.0 */
/* The facts database's file: lines of fields between tabs, sorted, sealed by the last line. */
#include <sovaudit/known.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

enum { FORMAT_VERSION = 1, DIGEST_DIGITS = 64 };

static const char first_word[] = "#sovaudit-facts\t";
static const char last_word[] = "#end\t";

static const struct {
    const char *name;
    size_t field_count;
    bool digest; /**< the key is a SHA-256 */
} kinds[SVA_KNOWN_KIND_COUNT] = {
    [SVA_KNOWN_ARCHITECTURE] = {"architecture", 4, false},
    [SVA_KNOWN_FAMILY] = {"family", 9, false},
    [SVA_KNOWN_FILE] = {"file", 7, true},
    [SVA_KNOWN_LICENCE] = {"licence", 9, false},
    [SVA_KNOWN_LICENCE_TEXT] = {"licence-text", 4, true},
    [SVA_KNOWN_MODEL] = {"model", 10, false},
    [SVA_KNOWN_ORIGIN] = {"origin", 5, false},
    [SVA_KNOWN_TEMPLATE] = {"template", 4, true},
    [SVA_KNOWN_TENSOR] = {"tensor", 4, true},
    [SVA_KNOWN_TOKENIZER] = {"tokenizer", 9, true},
};

struct sva_known {
    struct sva_known_info info;
    char *place;
    char *text;       /**< the file, with NUL for every tab and end of line */
    uint32_t *starts; /**< [row_count] of each row's first field */
    size_t first[SVA_KNOWN_KIND_COUNT];
    char date[16];
};

const char *sva_known_kind_name(enum sva_known_kind kind)
{
    return kinds[kind].name;
}

/* ---- reading ---- */

/** What is being read: the bytes, and where the reader stands. */
struct reader {
    const char *what; /**< escaped */
    const uint8_t *bytes;
    size_t size;
    size_t position; /**< of the line being read */
    size_t line;     /**< counted from 1 */
    size_t body_end; /**< where the last line begins */
};

static enum sva_status refuse(const struct reader *in, const char *why, struct sva_error *error)
{
    return sva_fail_at(error, SVA_ERR_CORRUPT, in->position,
                       "%s: line %zu at byte %zu %s, so this is no sound facts database", in->what,
                       in->line, in->position, why);
}

/** Length of the line at the reader's place without its end; false: it is not ended, or too long.
 */
static bool line_length(const struct reader *in, size_t *length)
{
    const uint8_t *line = in->bytes + in->position;
    const uint8_t *end = memchr(line, '\n', in->size - in->position);
    *length = end == NULL ? 0 : (size_t)(end - line);
    return end != NULL && *length <= SVA_KNOWN_LINE_MAX;
}

/** UTF-8 without control characters other than tab and end of line; tells the first bad place. */
static enum sva_status check_text(struct reader *in, struct sva_error *error)
{
    size_t bad = sva_utf8_valid_prefix(in->bytes, in->size);
    for (size_t i = 0; i < bad; i++) {
        const uint8_t byte = in->bytes[i];
        bad = (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f ? i : bad;
    }
    return bad == in->size
               ? SVA_OK
               : sva_fail_at(error, SVA_ERR_CORRUPT, bad,
                             "%s: byte %zu is neither UTF-8 nor printable, so this is no sound "
                             "facts database",
                             in->what, bad);
}

/** "2026-11-26" and nothing behind it; months and days as they exist, roughly. */
static bool is_day(const char *text, size_t length)
{
    static const char shape[] = "0000-00-00";
    if (length != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (shape[i] == '0' ? !sva_is_digit(text[i]) : text[i] != shape[i]) {
            return false;
        }
    }
    const int month = (text[5] - '0') * 10 + text[6] - '0';
    const int day = (text[8] - '0') * 10 + text[9] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** "#sovaudit-facts", version, date. */
static enum sva_status read_first(struct reader *in, struct sva_known *known,
                                  struct sva_error *error)
{
    size_t length = 0;
    const char *text = (const char *)in->bytes;
    const size_t word = sizeof first_word - 1;
    if (in->size < word || memcmp(text, first_word, word) != 0 || !line_length(in, &length)) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, 0, "%s: not a facts database of sovaudit",
                           in->what);
    }
    const char *tab = memchr(text + word, '\t', length - word);
    if (tab == NULL || tab != text + word + 1 || !sva_is_digit(text[word])) {
        return refuse(in, "has no version", error);
    }
    if (text[word] - '0' != FORMAT_VERSION) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: the facts database has format %c; this sovaudit reads %d", in->what,
                        text[word], (int)FORMAT_VERSION);
    }
    const size_t left = length - word - 2;
    if (!is_day(tab + 1, left)) {
        return refuse(in, "has no date such as 2026-01-15", error);
    }
    memcpy(known->date, tab + 1, left);
    in->position = length + 1;
    in->line = 2;
    return SVA_OK;
}

/** "#end", number of rows, SHA-256 of everything before: it ends the file. */
static enum sva_status read_last(struct reader *in, size_t *row_count, struct sva_error *error)
{
    size_t begin = in->size;
    uint8_t digest[32];
    char hex[DIGEST_DIGITS + 1];
    if (begin > 0 && in->bytes[begin - 1] == '\n') {
        begin--;
    }
    while (begin > 0 && in->bytes[begin - 1] != '\n' && in->size - begin <= SVA_KNOWN_LINE_MAX) {
        begin--;
    }
    const char *text = (const char *)in->bytes + begin;
    const size_t length = in->size - begin;
    const size_t word = sizeof last_word - 1;
    const size_t digits = length > word + DIGEST_DIGITS + 2 ? length - word - DIGEST_DIGITS - 2 : 0;
    if (digits == 0 || digits > 9 || memcmp(text, last_word, word) != 0 ||
        text[word + digits] != '\t' || text[length - 1] != '\n') {
        return sva_fail_at(error, SVA_ERR_CORRUPT, begin,
                           "%s: the line that seals the facts database is missing at its end (byte "
                           "%zu); the file may have been cut short",
                           in->what, begin);
    }
    *row_count = 0;
    for (size_t i = 0; i < digits; i++) {
        if (!sva_is_digit(text[word + i])) {
            return sva_fail_at(error, SVA_ERR_CORRUPT, begin,
                               "%s: the last line at byte %zu does not count the rows", in->what,
                               begin);
        }
        *row_count = *row_count * 10 + (size_t)(text[word + i] - '0');
    }
    if (!sva_sha256(in->bytes, begin, digest)) {
        return sva_fail_memory(error, "checking the facts database");
    }
    sva_hex(digest, sizeof digest, hex);
    in->body_end = begin;
    return memcmp(hex, text + word + digits + 1, DIGEST_DIGITS) == 0
               ? SVA_OK
               : sva_fail_at(error, SVA_ERR_CORRUPT, begin,
                             "%s: the facts database was changed after it was made: its SHA-256 "
                             "is not the one that its last line states at byte %zu",
                             in->what, begin);
}

static bool is_digest(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!sva_is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f')) {
            return false;
        }
    }
    return length == DIGEST_DIGITS;
}

/** Kind of a line, SVA_KNOWN_KIND_COUNT when no such kind exists. */
static enum sva_known_kind kind_of(const char *line, size_t length)
{
    const char *tab = memchr(line, '\t', length);
    const size_t word = tab == NULL ? length : (size_t)(tab - line);
    unsigned kind = 0;
    while (kind < SVA_KNOWN_KIND_COUNT &&
           (strlen(kinds[kind].name) != word || memcmp(kinds[kind].name, line, word) != 0)) {
        kind++;
    }
    return (enum sva_known_kind)kind;
}

static enum sva_status check_row(const struct reader *in, size_t length, enum sva_known_kind *kind,
                                 struct sva_error *error)
{
    const char *line = (const char *)in->bytes + in->position;
    size_t fields = 0;
    *kind = kind_of(line, length);
    if (*kind == SVA_KNOWN_KIND_COUNT) {
        return refuse(in, "is of no known kind", error);
    }
    for (size_t i = 0; i < length; i++) {
        fields += line[i] == '\t';
    }
    if (fields != kinds[*kind].field_count) {
        return refuse(in, "has not the number of fields of its kind", error);
    }
    const char *key = line + strlen(kinds[*kind].name) + 1;
    const char *tab = memchr(key, '\t', length - (size_t)(key - line));
    const size_t key_length = tab == NULL ? 0 : (size_t)(tab - key);
    if (key_length == 0) {
        return refuse(in, "has no key", error);
    }
    return kinds[*kind].digest && !is_digest(key, key_length)
               ? refuse(in, "begins with no SHA-256", error)
               : SVA_OK;
}

/** Strictly ascending bytes: no row is there twice, and rows of a kind and key are together. */
static bool follows(const char *before, size_t before_length, const char *line, size_t length)
{
    const size_t common = before_length < length ? before_length : length;
    const int order = memcmp(before, line, common);
    return order < 0 || (order == 0 && before_length < length);
}

static enum sva_status read_rows(struct reader *in, size_t row_count, struct sva_known *known,
                                 struct sva_error *error)
{
    size_t before = 0;
    size_t before_length = 0;
    size_t count = 0;
    while (in->position < in->body_end) {
        enum sva_known_kind kind = SVA_KNOWN_KIND_COUNT;
        size_t length = 0;
        if (!line_length(in, &length)) {
            return refuse(in, "is too long", error);
        }
        const enum sva_status status = check_row(in, length, &kind, error);
        if (status != SVA_OK) {
            return status;
        }
        const char *text = (const char *)in->bytes;
        if (count > 0 && !follows(text + before, before_length, text + in->position, length)) {
            return refuse(in, "is out of order or there twice", error);
        }
        if (count == row_count) {
            return refuse(in, "is more than the last line counts", error);
        }
        if (known->info.counts[kind]++ == 0) {
            known->first[kind] = count;
        }
        known->starts[count++] = (uint32_t)(in->position + strlen(kinds[kind].name) + 1);
        before = in->position;
        before_length = length;
        in->position += length + 1;
        in->line++;
    }
    known->info.row_count = count;
    return count == row_count ? SVA_OK : refuse(in, "counts more rows than there are", error);
}

/** Every row's last field is the key of an origin. */
static enum sva_status check_origins(const struct reader *in, const struct sva_known *known,
                                     struct sva_error *error)
{
    for (size_t i = 0; i < known->info.row_count; i++) {
        const struct sva_known_row row = sva_known_get(known, i);
        size_t first = 0;
        if (row.kind != SVA_KNOWN_ORIGIN &&
            sva_known_find(known, SVA_KNOWN_ORIGIN, row.fields[row.field_count - 1], &first) == 0) {
            return sva_fail_at(
                error, SVA_ERR_CORRUPT, known->starts[i],
                "%s: the row at byte %lu names the origin \"%s\", which is not there", in->what,
                (unsigned long)known->starts[i], sva_esc(row.fields[row.field_count - 1]).text);
        }
    }
    return SVA_OK;
}

static void cut_fields(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        text[i] = text[i] == '\t' || text[i] == '\n' ? '\0' : text[i];
    }
}

static enum sva_status read_all(struct reader *in, struct sva_known *known, struct sva_error *error)
{
    size_t row_count = 0;
    enum sva_status status = check_text(in, error);
    if (status == SVA_OK) {
        status = read_first(in, known, error);
    }
    if (status == SVA_OK) {
        status = read_last(in, &row_count, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    if (row_count > in->size) { /* a row has at least one byte */
        return refuse(in, "counts more rows than there are bytes", error);
    }
    known->starts = sva_calloc(row_count, sizeof *known->starts);
    known->text = sva_calloc(in->size + 1, 1);
    if (known->starts == NULL || known->text == NULL) {
        return sva_fail_memory(error, "reading the facts database");
    }
    status = read_rows(in, row_count, known, error);
    if (status == SVA_OK) {
        memcpy(known->text, in->bytes, in->size);
        cut_fields(known->text, in->size);
        status = check_origins(in, known, error);
    }
    return status;
}

enum sva_status sva_known_parse(const uint8_t *bytes, size_t size_bytes, const char *what,
                                struct sva_known **known, struct sva_error *error)
{
    const struct sva_escaped name = sva_esc(what);
    struct reader in = {.what = name.text, .bytes = bytes, .size = size_bytes, .line = 1};
    if (size_bytes > SVA_KNOWN_BYTES_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT,
                        "%s: a facts database of %zu bytes; at most %d are read", name.text,
                        size_bytes, (int)SVA_KNOWN_BYTES_MAX);
    }
    struct sva_known *made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return sva_fail_memory(error, "reading the facts database");
    }
    made->place = sva_strdup(what);
    enum sva_status status = made->place != NULL && sva_sha256(bytes, size_bytes, made->info.digest)
                                 ? SVA_OK
                                 : sva_fail_memory(error, "reading the facts database");
    if (status == SVA_OK) {
        status = read_all(&in, made, error);
    }
    if (status != SVA_OK) {
        sva_known_free(made);
        return status;
    }
    made->info.date = made->date;
    made->info.place = made->place;
    made->info.size_bytes = size_bytes;
    *known = made;
    return SVA_OK;
}

enum sva_status sva_known_read(const char *path, struct sva_known **known, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, SVA_KNOWN_BYTES_MAX, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_known_parse(bytes, size, path, known, error);
    }
    sva_free(bytes);
    return status;
}

void sva_known_free(struct sva_known *known)
{
    if (known != NULL) {
        sva_free(known->starts);
        sva_free(known->text);
        sva_free(known->place);
        sva_free(known);
    }
}

/* ---- looking up ---- */

const struct sva_known_info *sva_known_get_info(const struct sva_known *known)
{
    return &known->info;
}

struct sva_known_row sva_known_get(const struct sva_known *known, size_t index)
{
    unsigned kind = 0;
    while (known->info.counts[kind] == 0 ||
           index >= known->first[kind] + known->info.counts[kind]) {
        kind++;
    }
    struct sva_known_row row = {.kind = (enum sva_known_kind)kind,
                                .field_count = kinds[kind].field_count};
    const char *at = known->text + known->starts[index];
    for (size_t i = 0; i < row.field_count; i++) {
        row.fields[i] = at;
        at += strlen(at) + 1;
    }
    return row;
}

/** First row from `from` up to `to` whose key is not below `key`, or above it when `above`. */
static size_t bound(const struct sva_known *known, size_t from, size_t to, const char *key,
                    bool above)
{
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const int order = strcmp(known->text + known->starts[middle], key);
        if (order < 0 || (above && order == 0)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

size_t sva_known_find(const struct sva_known *known, enum sva_known_kind kind, const char *key,
                      size_t *first)
{
    const size_t begin = known->first[kind];
    const size_t end = begin + known->info.counts[kind];
    *first = bound(known, begin, end, key, false);
    return bound(known, *first, end, key, true) - *first;
}

const char *sva_known_origin(const struct sva_known *known, const struct sva_known_row *row,
                             char *text, size_t size)
{
    size_t first = 0;
    text[0] = '\0';
    if (row->kind != SVA_KNOWN_ORIGIN &&
        sva_known_find(known, SVA_KNOWN_ORIGIN, row->fields[row->field_count - 1], &first) > 0) {
        const struct sva_known_row origin = sva_known_get(known, first);
        snprintf(text, size, "%s, %s, %s", origin.fields[1], origin.fields[2], origin.fields[3]);
        text[sva_utf8_valid_prefix((const uint8_t *)text, strlen(text))] = '\0';
    }
    return text;
}

/** Is `word` of `length` bytes `text`, ASCII case ignored? */
static bool same_word(const char *word, size_t length, const char *text)
{
    for (size_t i = 0; i < length; i++) {
        if (sva_lower(word[i]) != sva_lower(text[i])) { /* text[i] may be its end */
            return false;
        }
    }
    return text[length] == '\0';
}

bool sva_known_lists(const char *list, const char *word)
{
    for (const char *at = list; *at != '\0';) {
        const size_t length = strcspn(at, ";");
        if (length > 0 && same_word(at, length, word)) {
            return true;
        }
        at += length + (at[length] == ';');
    }
    return false;
}

bool sva_known_licence_of(const struct sva_known *known, const char *name,
                          struct sva_known_row *row)
{
    const size_t begin = known->first[SVA_KNOWN_LICENCE];
    const size_t end = begin + known->info.counts[SVA_KNOWN_LICENCE];
    for (size_t i = begin; i < end; i++) {
        const struct sva_known_row one = sva_known_get(known, i);
        const char *id = one.fields[SVA_KNOWN_LICENCE_ID];
        const char *title = one.fields[SVA_KNOWN_LICENCE_NAME];
        if (same_word(id, strlen(id), name) || same_word(title, strlen(title), name) ||
            sva_known_lists(one.fields[SVA_KNOWN_LICENCE_ALIASES], name)) {
            *row = one;
            return true;
        }
    }
    return false;
}

static char folded(char c)
{
    return c == '_' || c == ' ' ? '-' : sva_lower(c);
}

/** Does `name` begin with the `length` bytes at `beginning`, and not go on with a digit after one?
 */
static bool begins(const char *name, const char *beginning, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (folded(name[i]) != folded(beginning[i])) {
            return false;
        }
    }
    const char last = length > 0 ? beginning[length - 1] : '\0';
    const char next = name[length];
    /* "llama-3" is no beginning of "llama-30b" and none of "llama-3.1" */
    return !(sva_is_digit(last) &&
             (sva_is_digit(next) || (next == '.' && sva_is_digit(name[length + 1]))));
}

static size_t longest_beginning(const char *names, const char *model)
{
    size_t longest = 0;
    for (const char *at = names; *at != '\0';) {
        const size_t length = strcspn(at, ";");
        longest = length > longest && begins(model, at, length) ? length : longest;
        at += length + (at[length] == ';');
    }
    return longest;
}

bool sva_known_family_of(const struct sva_known *known, const char *model,
                         struct sva_known_row *row)
{
    const char *slash = strrchr(model, '/');
    const char *name = slash != NULL ? slash + 1 : model;
    const size_t begin = known->first[SVA_KNOWN_FAMILY];
    const size_t end = begin + known->info.counts[SVA_KNOWN_FAMILY];
    size_t longest = 0;
    for (size_t i = begin; i < end; i++) {
        const struct sva_known_row one = sva_known_get(known, i);
        size_t length = longest_beginning(one.fields[SVA_KNOWN_FAMILY_NAMES], name);
        if (length == 0 && strncmp(name, "Meta-", 5) == 0) { /* Meta-Llama-3-8B */
            length = longest_beginning(one.fields[SVA_KNOWN_FAMILY_NAMES], name + 5);
        }
        if (length > longest) {
            longest = length;
            *row = one;
        }
    }
    return longest > 0;
}

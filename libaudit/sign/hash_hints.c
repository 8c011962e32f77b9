/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/hash_hints.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"

static const char doing[] = "reading hints";

enum { DIGITS = 64 };

uint64_t sva_hint_count(uint64_t size_bytes)
{
    return size_bytes == 0 ? 0 : (size_bytes - 1) / SVA_HINT_STEP_BYTES;
}

bool sva_hint_name_fits(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        const uint8_t byte = (uint8_t)name[i];
        if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
    }
    return length > 0 && length <= SVA_HINT_NAME_BYTES_MAX;
}

/** Lines of a text, one after the other. */
struct lines {
    struct sva_span text;
    size_t next;
    const char *what;
    const uint8_t *line;
    size_t length, at; /**< of the line, without its line feed; where it begins */
};

static enum sva_status broken(const struct lines *lines, const char *why, struct sva_error *error)
{
    return sva_fail_at(error, SVA_ERR_CORRUPT, lines->at, "%s: %s, at byte %zu", lines->what, why,
                       lines->at);
}

static enum sva_status take_line(struct lines *lines, struct sva_error *error)
{
    const size_t left = lines->text.size - lines->next;
    lines->at = lines->next;
    lines->line = lines->text.data + lines->next;
    const uint8_t *const end = left == 0 ? NULL : memchr(lines->line, '\n', left);
    if (end == NULL) {
        return broken(lines, left == 0 ? "ends where a line of hints is due" : "a line has no end",
                      error);
    }
    lines->length = (size_t)(end - lines->line);
    lines->next += lines->length + 1;
    return SVA_OK;
}

/** Decimal digits up to a blank, without leading zeros; moves behind both. */
static bool take_number(const struct lines *lines, size_t *position, uint64_t *value)
{
    const size_t start = *position;
    size_t at = start;
    *value = 0;
    for (; at < lines->length && lines->line[at] >= '0' && lines->line[at] <= '9'; at++) {
        if (at - start >= 18) {
            return false;
        }
        *value = *value * 10 + (uint64_t)(lines->line[at] - '0');
    }
    *position = at + 1;
    return at > start && lines->line[start] != '0' && at < lines->length && lines->line[at] == ' ';
}

static enum sva_status read_head(struct lines *lines, struct sva_error *error)
{
    static const char mark[] = "sovaudit-hints ";
    static const char rest[] = "1 16777216";
    enum { MARK = sizeof mark - 1, REST = sizeof rest - 1 };
    const enum sva_status status = take_line(lines, error);
    if (status != SVA_OK) {
        return status;
    }
    if (lines->length < MARK || memcmp(lines->line, mark, MARK) != 0) {
        return broken(lines, "does not begin as hints do (\"sovaudit-hints\")", error);
    }
    if (lines->length != MARK + REST || memcmp(lines->line + MARK, rest, REST) != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: hints of another version or step than \"%s\"", lines->what, rest);
    }
    return SVA_OK;
}

/** Upper-case digits would give one value two texts. */
static bool read_value(const struct lines *lines, uint8_t value[32])
{
    for (size_t i = 0; i < lines->length; i++) {
        if (lines->line[i] >= 'A' && lines->line[i] <= 'F') {
            return false;
        }
    }
    return sva_unhex((const char *)lines->line, lines->length, value, 32);
}

static enum sva_status read_values(struct lines *lines, struct sva_arena *arena,
                                   struct sva_hint *hint, struct sva_error *error)
{
    const uint64_t count = sva_hint_count(hint->size_bytes);
    if (count == 0) {
        return broken(lines, "hints for a file that is too small to have any", error);
    }
    /* Before memory is asked for. */
    if (count > (lines->text.size - lines->next) / (DIGITS + 1)) {
        return broken(lines, "fewer hints follow than a file of that size has", error);
    }
    hint->values = sva_arena_alloc(arena, (size_t)count, sizeof *hint->values);
    if (hint->values == NULL) {
        return sva_fail_memory(error, doing);
    }
    for (uint64_t i = 0; i < count; i++) {
        const enum sva_status status = take_line(lines, error);
        if (status != SVA_OK) {
            return status;
        }
        if (!read_value(lines, hint->values[i])) {
            return broken(lines, "not 64 hexadecimal digits in lower case", error);
        }
    }
    return SVA_OK;
}

static enum sva_status read_file(struct lines *lines, struct sva_arena *arena,
                                 struct sva_hint *hint, struct sva_error *error)
{
    size_t position = 0;
    const enum sva_status status = take_line(lines, error);
    if (status != SVA_OK) {
        return status;
    }
    if (!take_number(lines, &position, &hint->size_bytes) ||
        memchr(lines->line, '\0', lines->length) != NULL) {
        return broken(lines, "not a size in bytes, a blank and a name", error);
    }
    char *const name =
        sva_arena_strndup(arena, (const char *)lines->line + position, lines->length - position);
    if (name == NULL) {
        return sva_fail_memory(error, doing);
    }
    hint->name = name;
    return sva_hint_name_fits(name)
               ? read_values(lines, arena, hint, error)
               : broken(lines, "a name that is empty, long or has control characters", error);
}

/** The most files that a text of this size can be about. */
static size_t room_for(size_t text_bytes)
{
    enum { LEAST = sizeof "16777217 n" + DIGITS + 1 };
    return text_bytes / LEAST + 1;
}

enum sva_status sva_hints_parse(struct sva_span text, const char *what, struct sva_arena *arena,
                                struct sva_hints *hints, struct sva_error *error)
{
    struct lines lines = {.text = text, .what = what};
    if (text.size > SVA_HINTS_BYTES_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d bytes of hints", what,
                        (int)SVA_HINTS_BYTES_MAX);
    }
    struct sva_hints read = {.count = 0};
    enum sva_status status = read_head(&lines, error);
    if (status == SVA_OK) {
        read.items = sva_arena_alloc(arena, room_for(text.size), sizeof *read.items);
        status = read.items != NULL ? SVA_OK : sva_fail_memory(error, doing);
    }
    while (status == SVA_OK && lines.next < text.size) {
        const size_t start = lines.next;
        struct sva_hint *const hint = &read.items[read.count];
        status = read_file(&lines, arena, hint, error);
        if (status == SVA_OK && read.count > 0 && strcmp(hint[-1].name, hint->name) >= 0) {
            lines.at = start;
            status = broken(&lines, "a name out of order, or twice", error);
        }
        read.count++;
    }
    if (status == SVA_OK) {
        *hints = read;
    }
    return status;
}

static int by_name(const void *key, const void *element)
{
    const struct sva_hint *const hint = element;
    return strcmp(key, hint->name);
}

const struct sva_hint *sva_hints_find(const struct sva_hints *hints, const char *name)
{
    return hints->count == 0
               ? NULL
               : bsearch(name, hints->items, hints->count, sizeof *hints->items, by_name);
}

void sva_hints_begin(struct sva_bytes *text)
{
    sva_bytes_printf(text, "sovaudit-hints 1 %d\n", (int)SVA_HINT_STEP_BYTES);
}

void sva_hints_put(const struct sva_hint *hint, struct sva_bytes *text)
{
    char hex[DIGITS + 1];
    const uint64_t count = sva_hint_count(hint->size_bytes);
    sva_bytes_printf(text, "%" PRIu64 " %s\n", hint->size_bytes, hint->name);
    for (uint64_t i = 0; i < count; i++) {
        sva_hex(hint->values[i], 32, hex);
        sva_bytes_printf(text, "%s\n", hex);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/sums.h"

#include <stdlib.h>
#include <string.h>

#include "attest/statement.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"

static const char doing[] = "reading a list of digests";

enum { DIGITS = 64, NAME_AT = DIGITS + 2 };

bool sva_sums_name_is_plain(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        const uint8_t byte = (uint8_t)name[i];
        if (byte < 0x20 || byte == 0x7f || byte == '\\') {
            return false;
        }
    }
    return length <= SVA_SUMS_NAME_BYTES_MAX && sva_path_is_plain(name) &&
           sva_utf8_valid_prefix((const uint8_t *)name, length) == length;
}

static enum sva_status broken(const char *what, const char *why, size_t at, struct sva_error *error)
{
    return sva_fail_at(error, SVA_ERR_CORRUPT, at, "%s: %s, at byte %zu", what, why, at);
}

/** Upper-case digits would give one digest two texts. */
static bool is_digest(const uint8_t *text, uint8_t digest[32])
{
    for (size_t i = 0; i < DIGITS; i++) {
        if (text[i] >= 'A' && text[i] <= 'F') {
            return false;
        }
    }
    return sva_unhex((const char *)text, DIGITS, digest, 32);
}

/** One line of `length` bytes, without its line feed, at `at`. */
static enum sva_status read_line(struct sva_span bytes, size_t at, size_t length, const char *what,
                                 struct sva_arena *arena, struct sva_sum *sum,
                                 struct sva_error *error)
{
    const uint8_t *const line = bytes.data + at;
    if (length <= NAME_AT || line[DIGITS] != ' ' || line[DIGITS + 1] != ' ' ||
        !is_digest(line, sum->sha256)) {
        return broken(what, "not a SHA-256, two blanks and a name", at, error);
    }
    if (memchr(line, '\0', length) != NULL) {
        return broken(what, "a NUL in a name", at, error);
    }
    char *const name = sva_arena_strndup(arena, (const char *)line + NAME_AT, length - NAME_AT);
    if (name == NULL) {
        return sva_fail_memory(error, doing);
    }
    sum->name = name;
    return sva_sums_name_is_plain(name)
               ? SVA_OK
               : broken(what, "a name that leads elsewhere, is long or has control characters",
                        at + NAME_AT, error);
}

static size_t count_lines(struct sva_span bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        count += bytes.data[i] == '\n';
    }
    return count;
}

enum sva_status sva_sums_parse(struct sva_span bytes, const char *what, struct sva_arena *arena,
                               struct sva_sums *sums, struct sva_error *error)
{
    const size_t lines = bytes.size <= SVA_SUMS_BYTES_MAX ? count_lines(bytes) : SIZE_MAX;
    if (lines > SVA_SUMS_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d lines or %d bytes", what,
                        (int)SVA_SUMS_MAX, (int)SVA_SUMS_BYTES_MAX);
    }
    if (lines == 0 || bytes.data[bytes.size - 1] != '\n') {
        return broken(what, "a line has no end", bytes.size, error);
    }
    struct sva_sums read = {.items = sva_arena_alloc(arena, lines, sizeof *read.items)};
    if (read.items == NULL) {
        return sva_fail_memory(error, doing);
    }
    for (size_t at = 0; at < bytes.size;) {
        const uint8_t *const end = memchr(bytes.data + at, '\n', bytes.size - at);
        const size_t length = (size_t)(end - (bytes.data + at));
        struct sva_sum *const sum = &read.items[read.count];
        const enum sva_status status = read_line(bytes, at, length, what, arena, sum, error);
        if (status != SVA_OK) {
            return status;
        }
        if (read.count > 0 && strcmp(sum[-1].name, sum->name) >= 0) {
            return broken(what, "a name out of order, or twice", at + NAME_AT, error);
        }
        read.count++;
        at += length + 1;
    }
    *sums = read;
    return SVA_OK;
}

void sva_sums_put(const struct sva_sums *sums, struct sva_bytes *out)
{
    char hex[DIGITS + 1];
    for (size_t i = 0; i < sums->count; i++) {
        sva_hex(sums->items[i].sha256, 32, hex);
        sva_bytes_printf(out, "%s  %s\n", hex, sums->items[i].name);
    }
}

static int by_name(const void *key, const void *element)
{
    return strcmp(key, ((const struct sva_sum *)element)->name);
}

const struct sva_sum *sva_sums_find(const struct sva_sums *sums, const char *name)
{
    return sums->count == 0 ? NULL
                            : bsearch(name, sums->items, sums->count, sizeof *sums->items, by_name);
}

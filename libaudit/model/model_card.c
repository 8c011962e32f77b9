/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_card.h"

#include <string.h>

#include "base/fail.h"
#include "base/text.h"

enum { VALUE_BYTES = 1024, ITEMS_MAX = 32 };

static const char *const wanted[] = {
    "license",      "license_name", "license_link", "base_model", "base_model_relation",
    "library_name", "pipeline_tag", "tags",         "language",   "datasets",
    "new_version",
};

/** The card's text, line by line. */
struct lines {
    const char *at, *end;
    const char *line;
    size_t size;
};

static bool next_line(struct lines *lines)
{
    if (lines->at >= lines->end) {
        return false;
    }
    const char *const newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *const stop = newline == NULL ? lines->end : newline;
    lines->line = lines->at;
    lines->size = (size_t)(stop - lines->at);
    lines->at = newline == NULL ? lines->end : newline + 1;
    while (lines->size > 0 &&
           (lines->line[lines->size - 1] == '\r' || lines->line[lines->size - 1] == ' ' ||
            lines->line[lines->size - 1] == '\t')) {
        lines->size--;
    }
    return true;
}

static bool is_fence(const struct lines *lines)
{
    return lines->size == 3 && memcmp(lines->line, "---", 3) == 0;
}

/** One fact's value under construction: items joined by ", ". */
struct value {
    const char *key; /**< NULL: a key that nobody asked for */
    char text[VALUE_BYTES];
    size_t size;
    unsigned items;
    bool cut; /**< there are more */
};

/** Ends a list that is longer than what is kept. */
static const char more[] = ", ...";

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && (**text == ' ' || **text == '\t')) {
        ++*text;
        --*size;
    }
    while (*size > 0 && ((*text)[*size - 1] == ' ' || (*text)[*size - 1] == '\t')) {
        --*size;
    }
}

/** A plain or quoted scalar; comments cut, aliases, anchors, tags and block scalars skipped. */
static void add_scalar(struct value *value, const char *text, size_t size)
{
    trim(&text, &size);
    if (size > 0 && (*text == '"' || *text == '\'')) {
        const char *const close = memchr(text + 1, *text, size - 1);
        if (close == NULL) {
            return;
        }
        size = (size_t)(close - text) - 1;
        text++;
    } else {
        for (size_t i = 0; i < size; i++) {
            if (text[i] == '#' && (i == 0 || text[i - 1] == ' ')) {
                size = i;
            }
        }
        trim(&text, &size);
        if (size == 0 || memchr("&*!|>{%@`", *text, 9) != NULL) {
            return;
        }
    }
    if (value->key == NULL || sva_utf8_valid_prefix((const uint8_t *)text, size) != size ||
        memchr(text, '\0', size) != NULL) {
        return;
    }
    if (value->items >= ITEMS_MAX || value->size + size + 2 + sizeof more > sizeof value->text) {
        value->cut = true;
        return;
    }
    if (value->items++ > 0) {
        memcpy(value->text + value->size, ", ", 2);
        value->size += 2;
    }
    memcpy(value->text + value->size, text, size);
    value->size += size;
    value->text[value->size] = '\0';
}

static void add_inline_list(struct value *value, const char *text, size_t size)
{
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i == size || text[i] == ',' || text[i] == ']') {
            add_scalar(value, text + start, i - start);
            start = i + 1;
            if (i < size && text[i] == ']') {
                return;
            }
        }
    }
}

static enum sva_status finish_value(struct sva_parts *parts, struct value *value,
                                    struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    if (value->key != NULL && value->items > 0) {
        if (value->cut) {
            memcpy(value->text + value->size, more, sizeof more);
        }
        char name[64] = "card.";
        memcpy(name + 5, value->key, strlen(value->key) + 1);
        status = sva_parts_fact(parts, name, value->text, error);
    }
    *value = (struct value){0};
    return status;
}

/** "key: value" at the left margin. */
static void start_value(struct value *value, const struct lines *lines)
{
    const char *const colon = memchr(lines->line, ':', lines->size);
    if (colon == NULL) {
        return;
    }
    const size_t key_size = (size_t)(colon - lines->line);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strlen(wanted[i]) == key_size && memcmp(wanted[i], lines->line, key_size) == 0) {
            value->key = wanted[i];
        }
    }
    const char *text = colon + 1;
    size_t size = lines->size - key_size - 1;
    trim(&text, &size);
    if (size > 0 && *text == '[') {
        add_inline_list(value, text + 1, size - 1);
    } else {
        add_scalar(value, text, size);
    }
}

enum sva_status sva_card_parse(struct sva_parts *parts, struct sva_span text,
                               struct sva_error *error)
{
    struct lines lines = {.at = (const char *)text.data,
                          .end = (const char *)text.data + text.size};
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        lines.at += 3;
    }
    if (!next_line(&lines) || !is_fence(&lines)) {
        return SVA_OK;
    }
    struct value value = {0};
    enum sva_status status = SVA_OK;
    while (status == SVA_OK && next_line(&lines) && !is_fence(&lines)) {
        const char *item = lines.line;
        size_t size = lines.size;
        if (size == 0 || *item == '#') {
            continue;
        }
        const bool indented = *item == ' ' || *item == '\t';
        trim(&item, &size);
        if (size >= 2 && item[0] == '-' && item[1] == ' ') {
            add_scalar(&value, item + 2, size - 2);
        } else if (!indented) {
            status = finish_value(parts, &value, error);
            start_value(&value, &lines);
        }
    }
    return status == SVA_OK ? finish_value(parts, &value, error) : status;
}

enum sva_status sva_card_read(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_scanned *const files = parts->scanned.items;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = &files[i];
        if (file->kind != SVA_FILE_CARD || file->refused != NULL || file->directory[0] != '\0') {
            continue;
        }
        /* the front matter only: a long card behind it does not matter */
        struct sva_input input = {0};
        enum sva_status status = sva_parts_open(parts, file, &input, error);
        if (status != SVA_OK) {
            return status;
        }
        const size_t size = input.size_bytes < parts->limits.card_bytes
                                ? (size_t)input.size_bytes
                                : (size_t)parts->limits.card_bytes;
        uint8_t *const bytes = sva_calloc(size + 1, 1);
        if (bytes == NULL) {
            sva_input_close(&input);
            return sva_fail_memory(error, "reading the model card");
        }
        status = size == 0 ? SVA_OK : sva_input_read(&input, 0, bytes, size, error);
        sva_input_close(&input);
        if (status == SVA_OK) {
            status = sva_card_parse(parts, (struct sva_span){bytes, size}, error);
        }
        sva_free(bytes);
        return status;
    }
    return SVA_OK;
}

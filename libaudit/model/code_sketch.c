/* SPDX-License-Identifier: Apache-2.0 */
#include "model/code_sketch.h"

#include <stdlib.h>

#include "base/fail.h"
#include "base/hash.h"

static const uint64_t BASE = UINT64_C(0x9e3779b97f4a7c15); /* odd: a bijection modulo 2^64 */

static const unsigned run_lengths[SVA_CODE_READINGS] = {
    [SVA_CODE_AS_WRITTEN] = SVA_CODE_RUN_WRITTEN,
    [SVA_CODE_NAMES_ALIKE] = SVA_CODE_RUN_ALIKE,
};

/** Tokens that count, as numbers. */
struct stream {
    uint64_t *codes;
    uint32_t *lines;
    size_t count;
};

struct collector {
    struct sva_code_mark *marks;
    size_t count, capacity;
};

/* ---- tokens as numbers ---- */

static uint64_t code_of(const struct sva_python *python, size_t index,
                        enum sva_code_reading reading)
{
    const struct sva_python_token *const token = &python->tokens[index];
    const bool name = token->kind == SVA_PYTHON_NAME;
    const bool any =
        token->kind == SVA_PYTHON_NUMBER || token->kind == SVA_PYTHON_STRING ||
        (name && reading == SVA_CODE_NAMES_ALIKE && !sva_python_is_keyword(python, index));
    return any ? sva_mix64((uint64_t)token->kind + 1)
               : sva_xxh3(python->source.data + token->offset, token->size, (uint64_t)token->kind);
}

static void fill(const struct sva_python *python, enum sva_code_reading reading,
                 struct stream *stream)
{
    stream->count = 0;
    for (size_t i = 0; i < python->count; i++) {
        if (python->tokens[i].kind != SVA_PYTHON_NEWLINE && !sva_python_is_lone_string(python, i)) {
            stream->codes[stream->count] = code_of(python, i, reading);
            stream->lines[stream->count++] = python->tokens[i].line;
        }
    }
}

/* ---- winnowing ---- */

static bool collect(struct collector *all, struct sva_code_mark mark)
{
    if (all->count == all->capacity) {
        const size_t wanted = all->capacity == 0 ? 256 : all->capacity * 2;
        struct sva_code_mark *const grown = sva_realloc_array(all->marks, wanted, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        all->marks = grown;
        all->capacity = wanted;
    }
    all->marks[all->count++] = mark;
    return true;
}

/** Of each window of hashes the smallest, the last of equals, once. False: out of memory. */
static bool winnow(const struct stream *stream, unsigned length, struct collector *all)
{
    uint64_t window[SVA_CODE_WINDOW];
    uint64_t hash = 0;
    uint64_t power = 1; /* of what leaves the run */
    size_t chosen = SIZE_MAX;
    for (unsigned i = 1; i < length; i++) {
        power *= BASE;
    }
    for (size_t i = 0; i < stream->count; i++) {
        hash -= i >= length ? stream->codes[i - length] * power : 0;
        hash = hash * BASE + stream->codes[i];
        if (i + 1 < length) {
            continue;
        }
        const size_t run = i + 1 - length;
        window[run % SVA_CODE_WINDOW] = sva_mix64(hash);
        if (run + 1 < SVA_CODE_WINDOW) {
            continue;
        }
        size_t best = run;
        for (size_t k = run; k > run + 1 - SVA_CODE_WINDOW; k--) {
            best =
                window[(k - 1) % SVA_CODE_WINDOW] < window[best % SVA_CODE_WINDOW] ? k - 1 : best;
        }
        if (best != chosen) {
            chosen = best;
            if (!collect(all,
                         (struct sva_code_mark){window[best % SVA_CODE_WINDOW], stream->lines[best],
                                                stream->lines[best + length - 1]})) {
                return false;
            }
        }
    }
    return true;
}

static int by_key(const void *left, const void *right)
{
    const struct sva_code_mark *const a = left;
    const struct sva_code_mark *const b = right;
    return a->key != b->key ? (a->key < b->key ? -1 : 1)
           : a->first_line != b->first_line
               ? (a->first_line < b->first_line ? -1 : 1)
               : (a->last_line > b->last_line) - (a->last_line < b->last_line);
}

/** Different keys, ascending, each at its first place; the smallest of them are kept. */
static bool keep(struct collector *all, struct sva_arena *arena, struct sva_code_marks *out)
{
    size_t count = 0;
    if (all->count > 0) {
        qsort(all->marks, all->count, sizeof *all->marks, by_key);
    }
    for (size_t i = 0; i < all->count; i++) {
        if (count == 0 || all->marks[count - 1].key != all->marks[i].key) {
            all->marks[count++] = all->marks[i];
        }
    }
    const size_t kept = count < SVA_CODE_MARKS_MOST ? count : SVA_CODE_MARKS_MOST;
    struct sva_code_mark *const marks = sva_arena_alloc(arena, kept + 1, sizeof *marks);
    for (size_t i = 0; marks != NULL && i < kept; i++) {
        marks[i] = all->marks[i];
    }
    *out = (struct sva_code_marks){(uint32_t)count, (uint32_t)kept, marks};
    return marks != NULL;
}

enum sva_status sva_code_sketch(const struct sva_python *python, struct sva_arena *arena,
                                struct sva_code_file *file, struct sva_error *error)
{
    struct stream stream = {.codes = sva_calloc(python->count, sizeof *stream.codes),
                            .lines = sva_calloc(python->count, sizeof *stream.lines)};
    bool ok = stream.codes != NULL && stream.lines != NULL;
    for (int reading = 0; ok && reading < SVA_CODE_READINGS; reading++) {
        struct collector all = {0};
        fill(python, (enum sva_code_reading)reading, &stream);
        ok = winnow(&stream, run_lengths[reading], &all) &&
             keep(&all, arena, &file->readings[reading]);
        sva_free(all.marks);
    }
    file->token_count = (uint32_t)stream.count;
    file->line_count = python->line_count;
    sva_free(stream.codes);
    sva_free(stream.lines);
    return ok ? SVA_OK : sva_fail_memory(error, "reading a program");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/card_prose.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

enum { LINES_MAX = 999999, SENTENCES_MAX = 999 };

/** A card as it is read: lines become paragraphs, paragraphs sentences. */
struct reading {
    struct sva_parts *parts;
    struct sva_error *error;
    enum sva_status status;
    const char *at, *end;                      /**< what is left */
    unsigned line;                             /**< number of the line last taken, from 1 */
    char text[SVA_PROSE_PARAGRAPH_BYTES];      /**< of the paragraph; line ends are blanks */
    unsigned lines[SVA_PROSE_PARAGRAPH_BYTES]; /**< line of each byte */
    size_t size;
    bool fenced, plain; /**< inside a code block; of the paragraph: only names count in it */
    unsigned kept[SVA_PROSE_SCRATCH + 1];
    uint64_t left_out;
    unsigned last_line, sentence; /**< where the last sentence began, and its number there */
};

/* ---- sentences ---- */

static void keep_sentence(struct reading *card, const char *text, size_t size, unsigned line)
{
    static const char *const names[] = {
        [SVA_PROSE_NAME] = "name", [SVA_PROSE_ORIGIN] = "origin", [SVA_PROSE_SCRATCH] = "scratch"};
    while (size > 0 && text[size - 1] == ' ') {
        size--;
    }
    enum sva_prose_kind kind = sva_prose_kind_of(text, size);
    if (card->plain && kind != SVA_PROSE_NONE) {
        kind = SVA_PROSE_NAME;
    }
    if (kind == SVA_PROSE_NONE || card->status != SVA_OK) {
        return;
    }
    card->sentence = line == card->last_line ? card->sentence + 1 : 0;
    card->last_line = line;
    if (card->kept[kind] == SVA_PROSE_KEPT_MAX || card->sentence > SENTENCES_MAX) {
        card->left_out++;
        return;
    }
    card->kept[kind]++;
    char key[48];
    char value[SVA_PROSE_SENTENCE_BYTES + 1];
    const size_t most = size < SVA_PROSE_SENTENCE_BYTES ? size : SVA_PROSE_SENTENCE_BYTES;
    const size_t used = sva_utf8_valid_prefix((const uint8_t *)text, most);
    snprintf(key, sizeof key, "prose.%s.%06u.%03u", names[kind], line, card->sentence);
    memcpy(value, text, used);
    value[used] = '\0';
    card->status = sva_parts_fact(card->parts, key, value, card->error);
}

/** A long sentence is taken in pieces that end at blanks, so that no name behind is lost. */
static void take_sentence(struct reading *card, size_t from, size_t to)
{
    while (from < to) {
        size_t stop = to;
        if (to - from > SVA_PROSE_SENTENCE_BYTES) {
            stop = from + SVA_PROSE_SENTENCE_BYTES;
            size_t blank = stop;
            while (blank > from && card->text[blank] != ' ') {
                blank--;
            }
            stop = blank > from ? blank : stop;
        }
        keep_sentence(card, card->text + from, stop - from, card->lines[from]);
        from = stop;
        while (from < to && card->text[from] == ' ') {
            from++;
        }
    }
}

static bool ends_sentence(const struct reading *card, size_t at)
{
    const bool mark = strchr(".!?", card->text[at]) != NULL;
    return mark && at + 1 < card->size && card->text[at + 1] == ' ';
}

static void end_paragraph(struct reading *card)
{
    size_t from = 0;
    for (size_t at = 0; at < card->size; at++) {
        if (ends_sentence(card, at)) {
            take_sentence(card, from, at + 1);
            from = at + 2;
        }
    }
    take_sentence(card, from, card->size);
    card->size = 0;
    card->plain = false;
}

/* ---- lines ---- */

struct line {
    const char *text;
    size_t size;
};

/** Trims blanks at both ends. False: no line is left. */
static bool next_line(struct reading *card, struct line *line)
{
    if (card->at >= card->end || card->line == LINES_MAX) {
        return false;
    }
    const size_t left = (size_t)(card->end - card->at);
    const char *const newline = memchr(card->at, '\n', left);
    const char *stop = newline == NULL ? card->end : newline;
    line->text = card->at;
    card->at = newline == NULL ? card->end : newline + 1;
    card->line++;
    while (line->text < stop && strchr(" \t>", *line->text) != NULL && *line->text != '\0') {
        line->text++;
    }
    while (stop > line->text && strchr(" \t\r", stop[-1]) != NULL && stop[-1] != '\0') {
        stop--;
    }
    line->size = (size_t)(stop - line->text);
    return true;
}

static bool starts(const struct line *line, const char *mark)
{
    const size_t size = strlen(mark);
    return line->size >= size && memcmp(line->text, mark, size) == 0;
}

/** Headings, list items and rows of tables stand for themselves. */
static bool starts_paragraph(const struct line *line)
{
    return starts(line, "#") || starts(line, "|") || starts(line, "- ") || starts(line, "* ") ||
           starts(line, "+ ") ||
           (line->size > 2 && line->text[0] >= '0' && line->text[0] <= '9' && line->text[1] == '.');
}

static void add_text(struct reading *card, const struct line *line)
{
    for (size_t i = 0; i <= line->size; i++) {
        if (card->size == SVA_PROSE_PARAGRAPH_BYTES) {
            const bool plain = card->plain;
            end_paragraph(card);
            card->plain = plain;
        }
        const bool control = i == line->size || (unsigned char)line->text[i] < ' ';
        card->text[card->size] = control ? ' ' : line->text[i];
        card->lines[card->size] = card->line;
        card->size++;
    }
}

static void take_line(struct reading *card, const struct line *line)
{
    if (starts(line, "```") || starts(line, "~~~")) {
        end_paragraph(card);
        card->fenced = !card->fenced;
        return;
    }
    if (line->size == 0 || card->fenced || starts_paragraph(line)) {
        end_paragraph(card);
    }
    if (line->size > 0) {
        add_text(card, line);
    }
    if (card->fenced || starts(line, "|")) {
        card->plain = true;
        end_paragraph(card);
    } else if (starts(line, "#")) {
        end_paragraph(card);
    }
}

/** The lines between two "---" at the start; their numbers count. */
static void skip_front_matter(struct reading *card)
{
    const struct reading before = {.at = card->at, .line = card->line};
    struct line line;
    if (!next_line(card, &line) || line.size != 3 || !starts(&line, "---")) {
        card->at = before.at;
        card->line = before.line;
        return;
    }
    while (next_line(card, &line) && !(line.size == 3 && starts(&line, "---"))) {
    }
}

enum sva_status sva_prose_parse(struct sva_parts *parts, struct sva_span text,
                                struct sva_error *error)
{
    struct reading *const card = sva_calloc(1, sizeof *card);
    if (card == NULL) {
        return sva_fail_memory(error, "reading the model card");
    }
    card->parts = parts;
    card->error = error;
    card->at = (const char *)text.data;
    card->end = card->at + text.size;
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        card->at += 3;
    }
    skip_front_matter(card);
    struct line line;
    while (card->status == SVA_OK && next_line(card, &line)) {
        take_line(card, &line);
    }
    end_paragraph(card);
    enum sva_status status = card->status;
    if (status == SVA_OK && card->left_out > 0) {
        status = sva_parts_fact_u64(parts, "prose.left_out", card->left_out, error);
    }
    sva_free(card);
    return status;
}

/* ---- the file ---- */

static enum sva_status read_card(struct sva_parts *parts, const struct sva_scanned *file,
                                 struct sva_error *error)
{
    struct sva_input input = {0};
    enum sva_status status = sva_parts_open(parts, file, &input, error);
    if (status != SVA_OK) {
        return status;
    }
    const bool cut = input.size_bytes > SVA_PROSE_BYTES_MAX;
    const size_t size = cut ? SVA_PROSE_BYTES_MAX : (size_t)input.size_bytes;
    uint8_t *const bytes = sva_calloc(size + 1, 1);
    if (bytes == NULL) {
        sva_input_close(&input);
        return sva_fail_memory(error, "reading the model card");
    }
    status = size == 0 ? SVA_OK : sva_input_read(&input, 0, bytes, size, error);
    if (status == SVA_OK && cut) {
        status = sva_parts_finding(parts, error, "card-cut", file->path,
                                   "Of the %llu bytes of %s the first %d were read; what is said "
                                   "of the model's origin behind them is not seen.",
                                   (unsigned long long)input.size_bytes, sva_esc(file->path).text,
                                   (int)SVA_PROSE_BYTES_MAX);
    }
    sva_input_close(&input);
    const size_t before = parts->facts.count;
    if (status == SVA_OK) {
        status = sva_prose_parse(parts, (struct sva_span){bytes, size}, error);
    }
    if (status == SVA_OK && parts->facts.count > before) {
        status = sva_parts_fact(parts, "prose.file", file->path, error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_prose_read(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_scanned *const files = parts->scanned.items;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        if (files[i].kind == SVA_FILE_CARD && files[i].refused == NULL &&
            files[i].directory[0] == '\0') {
            return read_card(parts, &files[i], error);
        }
    }
    return SVA_OK;
}

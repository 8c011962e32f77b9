/* SPDX-License-Identifier: Apache-2.0 */
#include "model/python_tokens.h"

#include <string.h>

#include "base/fail.h"
#include "base/text.h"

/** What the lexer is inside of. */
struct level {
    enum { LEVEL_TEXT, LEVEL_FIELD, LEVEL_FORMAT } kind; /**< of an f-string */
    uint8_t quote;
    bool triple, raw;
    uint32_t brackets; /**< open inside the field */
};

struct lexer {
    const uint8_t *data;
    size_t size, at;
    uint32_t line;
    uint32_t brackets; /**< open outside f-strings */
    struct level levels[SVA_PYTHON_NESTING_MAX];
    unsigned depth;
    struct sva_python *out;
    size_t capacity;
    bool exhausted, too_deep;
};

static void add(struct lexer *lexer, enum sva_python_kind kind, size_t offset, size_t size,
                uint32_t line)
{
    struct sva_python *const out = lexer->out;
    if (out->count == lexer->capacity) {
        const size_t wanted = lexer->capacity == 0 ? 256 : lexer->capacity * 2;
        struct sva_python_token *const grown =
            sva_realloc_array(out->tokens, wanted, sizeof *grown);
        if (grown == NULL) {
            lexer->exhausted = true;
            return;
        }
        out->tokens = grown;
        lexer->capacity = wanted;
    }
    out->tokens[out->count++] = (struct sva_python_token){
        .offset = (uint32_t)offset, .size = (uint32_t)size, .line = line, .kind = kind};
}

static int peek(const struct lexer *lexer, size_t ahead)
{
    return ahead < lexer->size - lexer->at ? lexer->data[lexer->at + ahead] : -1;
}

static void step(struct lexer *lexer)
{
    lexer->line += lexer->data[lexer->at] == '\n';
    lexer->at++;
}

static bool is_word(int c)
{
    return sva_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

static void push(struct lexer *lexer, struct level level)
{
    if (lexer->depth == SVA_PYTHON_NESTING_MAX) {
        lexer->too_deep = true;
    } else {
        lexer->levels[lexer->depth++] = level;
    }
}

/* ---- strings ---- */

static bool closes(const struct lexer *lexer, uint8_t quote, bool triple)
{
    return peek(lexer, 0) == quote &&
           (!triple || (peek(lexer, 1) == quote && peek(lexer, 2) == quote));
}

/** Over a backslash and what it escapes. */
static void skip_escape(struct lexer *lexer, bool names)
{
    step(lexer);
    const bool name = names && peek(lexer, 0) == 'N' && peek(lexer, 1) == '{';
    if (lexer->at < lexer->size) {
        step(lexer);
    }
    while (name && lexer->at < lexer->size && peek(lexer, 0) != '}' && peek(lexer, 0) != '\n') {
        step(lexer);
    }
}

/** A string without fields, behind its opening quotes. */
static void take_string(struct lexer *lexer, uint8_t quote, bool triple, uint32_t line)
{
    const size_t start = lexer->at;
    while (lexer->at < lexer->size && !closes(lexer, quote, triple) &&
           (triple || peek(lexer, 0) != '\n')) {
        if (peek(lexer, 0) == '\\') {
            skip_escape(lexer, false);
        } else {
            step(lexer);
        }
    }
    add(lexer, SVA_PYTHON_STRING, start, lexer->at - start, line);
    if (lexer->at < lexer->size && peek(lexer, 0) == quote) {
        lexer->at += triple ? 3 : 1;
    }
}

/** Over the text of a piece; stops at what ends it. */
static void skip_piece(struct lexer *lexer, const struct level *level)
{
    const bool format = level->kind == LEVEL_FORMAT;
    while (lexer->at < lexer->size && !closes(lexer, level->quote, level->triple)) {
        const int c = peek(lexer, 0);
        const bool field = c == '{' && (format || peek(lexer, 1) != '{');
        if (field || (c == '\n' && !level->triple) || (c == '}' && format)) {
            return;
        }
        if (c == '\\') {
            skip_escape(lexer, !level->raw);
        } else {
            lexer->at += c == '{' ? 1 : 0;
            step(lexer);
        }
    }
}

/** A piece of an f-string's text or of a field's format, up to the next field or the end. */
static void take_piece(struct lexer *lexer)
{
    const struct level level = lexer->levels[lexer->depth - 1];
    const bool format = level.kind == LEVEL_FORMAT;
    const size_t start = lexer->at;
    const uint32_t line = lexer->line;
    skip_piece(lexer, &level);
    add(lexer, SVA_PYTHON_STRING, start, lexer->at - start, line);
    const bool closed = closes(lexer, level.quote, level.triple);
    const int end = peek(lexer, 0);
    if (!closed && end == '{') {
        lexer->at++;
        push(lexer, (struct level){.kind = LEVEL_FIELD,
                                   .quote = level.quote,
                                   .triple = level.triple,
                                   .raw = level.raw});
    } else if (!closed && format && end == '}') {
        lexer->at++;
        lexer->depth--;
    } else {
        /* its end, or the line's: a format that is still open ends with its string */
        lexer->at += closed ? (level.triple ? 3 : 1) : 0;
        lexer->depth -= format && lexer->depth > 1 ? 2 : 1;
    }
}

/** At a quote: `prefix` is what stands before it. */
static void open_string(struct lexer *lexer, const uint8_t *prefix, size_t prefix_size,
                        uint32_t line)
{
    struct level level = {.kind = LEVEL_TEXT, .quote = lexer->data[lexer->at]};
    bool fields = false;
    for (size_t i = 0; i < prefix_size; i++) {
        fields =
            fields || prefix[i] == 'f' || prefix[i] == 'F' || prefix[i] == 't' || prefix[i] == 'T';
        level.raw = level.raw || prefix[i] == 'r' || prefix[i] == 'R';
    }
    level.triple = closes(lexer, level.quote, true);
    lexer->at += level.triple ? 3 : 1;
    if (fields) {
        push(lexer, level);
    } else {
        take_string(lexer, level.quote, level.triple, line);
    }
}

/* ---- everything else ---- */

static void take_word(struct lexer *lexer)
{
    const size_t start = lexer->at;
    while (is_word(peek(lexer, 0))) {
        lexer->at++;
    }
    const size_t size = lexer->at - start;
    const bool quoted = peek(lexer, 0) == '"' || peek(lexer, 0) == '\'';
    bool prefix = quoted && size <= 2;
    for (size_t i = 0; prefix && i < size; i++) {
        prefix =
            lexer->data[start + i] < 0x80 && strchr("rRbBuUfFtT", lexer->data[start + i]) != NULL;
    }
    if (prefix) {
        open_string(lexer, lexer->data + start, size, lexer->line);
    } else {
        add(lexer, SVA_PYTHON_NAME, start, size, lexer->line);
    }
}

static void take_number(struct lexer *lexer)
{
    const size_t start = lexer->at;
    const bool hex = peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X');
    int last = 0;
    while (is_word(peek(lexer, 0)) || peek(lexer, 0) == '.' ||
           (!hex && (last == 'e' || last == 'E') &&
            (peek(lexer, 0) == '+' || peek(lexer, 0) == '-'))) {
        last = peek(lexer, 0);
        lexer->at++;
    }
    add(lexer, SVA_PYTHON_NUMBER, start, lexer->at - start, lexer->line);
}

static size_t sign_size(const struct lexer *lexer)
{
    const int c = peek(lexer, 0);
    const int next = peek(lexer, 1);
    const bool assigns = next == '=' && strchr("=!<>+-*/%&|^@:", c) != NULL;
    const bool doubled = c == next && strchr("*/<>", c) != NULL;
    return assigns || doubled || (c == '-' && next == '>') ? 2 : 1;
}

/** Counts brackets; a field of an f-string ends at its brace, or goes on as its format. */
static void take_sign(struct lexer *lexer)
{
    struct level *const field = lexer->depth > 0 ? &lexer->levels[lexer->depth - 1] : NULL;
    uint32_t *const brackets = field != NULL ? &field->brackets : &lexer->brackets;
    const int c = peek(lexer, 0);
    if (field != NULL && *brackets == 0 && (c == '}' || c == ':')) {
        lexer->at++;
        if (c == ':') {
            field->kind = LEVEL_FORMAT;
        } else {
            lexer->depth--;
        }
        return;
    }
    if (c == '(' || c == '[' || c == '{') {
        ++*brackets;
    } else if ((c == ')' || c == ']' || c == '}') && *brackets > 0) {
        --*brackets;
    }
    const size_t size = sign_size(lexer);
    add(lexer, SVA_PYTHON_SIGN, lexer->at, size, lexer->line);
    lexer->at += size;
}

/** Comments, blanks and continued lines; ends of lines become tokens where they count. */
static bool skip_blank(struct lexer *lexer)
{
    const int c = peek(lexer, 0);
    struct sva_python *const out = lexer->out;
    if (c == '\n') {
        if (lexer->depth == 0 && lexer->brackets == 0 && out->count > 0 &&
            out->tokens[out->count - 1].kind != SVA_PYTHON_NEWLINE) {
            add(lexer, SVA_PYTHON_NEWLINE, lexer->at, 1, lexer->line);
        }
        step(lexer);
        return true;
    }
    if (c == '#') {
        while (lexer->at < lexer->size && peek(lexer, 0) != '\n') {
            lexer->at++;
        }
        return true;
    }
    if (c == '\\' &&
        (peek(lexer, 1) == '\n' || (peek(lexer, 1) == '\r' && peek(lexer, 2) == '\n'))) {
        lexer->at += peek(lexer, 1) == '\n' ? 1 : 2;
        step(lexer);
        return true;
    }
    if (c <= ' ') {
        lexer->at++;
    }
    return c <= ' ';
}

static void take_one(struct lexer *lexer)
{
    const int c = peek(lexer, 0);
    if (lexer->depth > 0 && lexer->levels[lexer->depth - 1].kind != LEVEL_FIELD) {
        take_piece(lexer);
    } else if (skip_blank(lexer)) {
        return;
    } else if (sva_is_digit(c) || (c == '.' && sva_is_digit(peek(lexer, 1)))) {
        take_number(lexer);
    } else if (is_word(c)) {
        take_word(lexer);
    } else if (c == '"' || c == '\'') {
        open_string(lexer, NULL, 0, lexer->line);
    } else {
        take_sign(lexer);
    }
}

enum sva_status sva_python_read(struct sva_span source, const char *what, struct sva_python *python,
                                struct sva_error *error)
{
    if (source.size >= UINT32_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: a source of %zu bytes is too long", what,
                        source.size);
    }
    struct sva_python made = {.source = source};
    struct lexer lexer = {.data = source.data, .size = source.size, .line = 1, .out = &made};
    while (lexer.at < lexer.size && !lexer.exhausted && !lexer.too_deep) {
        take_one(&lexer);
    }
    made.line_count = lexer.line;
    if (lexer.exhausted || lexer.too_deep) {
        sva_python_done(&made);
        return lexer.exhausted ? sva_fail_memory(error, "reading a program")
                               : sva_fail_at(error, SVA_ERR_LIMIT, lexer.at,
                                             "%s: strings at byte %zu are nested deeper than %d",
                                             what, lexer.at, (int)SVA_PYTHON_NESTING_MAX);
    }
    *python = made;
    return SVA_OK;
}

void sva_python_done(struct sva_python *python)
{
    sva_free(python->tokens);
    *python = (struct sva_python){0};
}

/* ---- questions ---- */

bool sva_python_is(const struct sva_python *python, size_t index, enum sva_python_kind kind,
                   const char *text)
{
    if (index >= python->count || python->tokens[index].kind != kind) {
        return false;
    }
    const struct sva_python_token *const token = &python->tokens[index];
    return token->size == strlen(text) &&
           memcmp(python->source.data + token->offset, text, token->size) == 0;
}

bool sva_python_is_lone_string(const struct sva_python *python, size_t index)
{
    const struct sva_python_token *const tokens = python->tokens;
    return tokens[index].kind == SVA_PYTHON_STRING &&
           (index == 0 || tokens[index - 1].kind == SVA_PYTHON_NEWLINE) &&
           (index + 1 == python->count || tokens[index + 1].kind == SVA_PYTHON_NEWLINE);
}

bool sva_python_is_keyword(const struct sva_python *python, size_t index)
{
    static const char *const keywords[] = {
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",
    };
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (sva_python_is(python, index, SVA_PYTHON_NAME, keywords[i])) {
            return true;
        }
    }
    return false;
}

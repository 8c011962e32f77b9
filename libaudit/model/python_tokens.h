/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Python source as a flat list of tokens, without comments, blanks and indentation. Nothing is
 * parsed or run. f-strings are taken apart as Python 3.12 does, so that code in their fields is
 * code here too; older sources give the same. What is not Python gives some list of tokens, never
 * an error: an unclosed string ends with its line, or with the file where it has three quotes.
 */
#ifndef SVA_MODEL_PYTHON_TOKENS_H
#define SVA_MODEL_PYTHON_TOKENS_H

#include "base/cursor.h"
#include "base/memory.h"

enum sva_python_kind {
    SVA_PYTHON_NAME, /**< names and keywords */
    SVA_PYTHON_NUMBER,
    SVA_PYTHON_STRING, /**< what is between the quotes; of an f-string each piece between fields */
    SVA_PYTHON_SIGN,   /**< an operator or bracket, at most two bytes */
    SVA_PYTHON_NEWLINE /**< end of a line outside brackets; never two in a row, never the first */
};

struct sva_python_token {
    uint32_t offset, size; /**< in the source */
    uint32_t line;         /**< from 1, where it begins */
    enum sva_python_kind kind;
};

struct sva_python {
    struct sva_span source; /**< borrowed */
    struct sva_python_token *tokens;
    size_t count;
    uint32_t line_count;
};

enum { SVA_PYTHON_NESTING_MAX = 48 };

/**
 * Errors: LIMIT (f-strings and their fields nested deeper than SVA_PYTHON_NESTING_MAX, 4 GiB or
 * more; `offset` is set), MEMORY. sva_python_done frees.
 */
enum sva_status sva_python_read(struct sva_span source, const char *what, struct sva_python *python,
                                struct sva_error *error) SVA_MUST_CHECK;
void sva_python_done(struct sva_python *python);

/** Is token `index` there and of that kind with exactly these bytes? */
bool sva_python_is(const struct sva_python *python, size_t index, enum sva_python_kind kind,
                   const char *text);
/** Is token `index` a string that stands alone on its line: a docstring or the like? */
bool sva_python_is_lone_string(const struct sva_python *python, size_t index);
/** Is it a keyword, True, False and None among them? */
bool sva_python_is_keyword(const struct sva_python *python, size_t index);

#endif

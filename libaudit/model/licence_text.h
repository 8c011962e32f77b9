/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A licence's text, read as words: letters and digits in lower case, whatever stands between them
 * one blank. Line breaks, quotation marks and emphasis do not matter then, and a hash of the words
 * names the text. Known titles and the phrases of restrictive clauses are rows of two tables.
 * Nothing is interpreted: a phrase that is there is reported with its place.
 */
#ifndef SVA_MODEL_LICENCE_TEXT_H
#define SVA_MODEL_LICENCE_TEXT_H

#include "base/cursor.h"
#include "base/memory.h"

/** The words of a text and where each byte of them came from. sva_words_done frees. */
struct sva_words {
    char *text;       /**< NUL-terminated; holds no NUL otherwise */
    uint32_t *places; /**< [size] byte offset in the file */
    size_t size;
};

/** Errors: MEMORY, LIMIT (4 GiB or more). */
enum sva_status sva_words_make(struct sva_span bytes, struct sva_words *words,
                               struct sva_error *error) SVA_MUST_CHECK;
void sva_words_done(struct sva_words *words);

/** Index of `phrase`, itself words, at whole words from `from` on; SIZE_MAX when it is not there.
 */
size_t sva_words_find(const struct sva_words *words, const char *phrase, size_t from);

/** Id of the licence whose title or first sentence comes first, or NULL. `*at` is its index. */
const char *sva_licence_recognise(const struct sva_words *words, size_t *at);

/** A phrase by which a clause is told. */
struct sva_clause {
    const char *kind; /**< "user-count", as in docs/facts.md */
    const char *phrase;
};

/** Row `index` of the table of clauses, NULL behind the last. Kinds follow each other. */
const struct sva_clause *sva_clause_get(size_t index);

/** Words that licences want to be shown, as they want them: "Built with Llama". NULL behind the
 * last. */
const char *sva_shown_words(size_t index);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The page that an HTML report is written on, and what its sections are made of. Texts of the
 * report are escaped on the way; only the functions named _raw take markup, which is the program's
 * own.
 */
#ifndef SVA_CONVERT_HTML_PAGE_H
#define SVA_CONVERT_HTML_PAGE_H

#include "convert/document.h"
#include "convert/formats.h"
#include "convert/html_escape.h"
#include "convert/html_labels.h"

enum {
    SVA_HTML_ROWS = 1000, /**< of a table; the rest is counted */
    SVA_HTML_PICTURES = 24,
    SVA_HTML_COLUMNS = 10
};

/** A component of the subject and the strongest of its results. Members may be NULL. */
struct sva_html_component {
    const cJSON *subject;    /**< of subject.components */
    const cJSON *result;     /**< of comparisons[].components */
    const cJSON *comparison; /**< that it is from */
    size_t tested, untested; /**< references */
};

struct sva_html {
    struct sva_bytes *out;
    enum sva_lang lang;
    enum sva_html_label title; /**< of the page */
    const cJSON *report;
    struct sva_span json; /**< the report's own bytes */
    char digest[65];      /**< their SHA-256 */
    char number[32];      /**< the report's, made from its date and digest */
    const char *prefix;   /**< of every id: "", or "en-" where both languages are on one page */
    unsigned section, picture; /**< numbers given so far */
    struct sva_html_component *components;
    size_t component_count;
};

void sva_html_raw(struct sva_html *html, const char *markup);
void sva_html_text(struct sva_html *html, const char *text);
void sva_html_say(struct sva_html *html, enum sva_html_label label);
/** A sentence whose placeholders are filled with texts, each kept apart from its surroundings. */
void sva_html_fill(struct sva_html *html, enum sva_html_label label, const char *const *values,
                   size_t count);
/** The same as a text in `text`, for attributes and titles. */
void sva_html_fill_plain(struct sva_html *html, enum sva_html_label label,
                         const char *const *values, size_t count);
void sva_html_word_of(struct sva_html *html, enum sva_html_words words, const char *value);
/** The member of an object in both languages, in the page's. */
const char *sva_html_both(const struct sva_html *html, const cJSON *object, const char *key);

/** Numbers as texts; "–" for what is no number. */
struct sva_html_figure {
    char text[40];
};
struct sva_html_figure sva_html_number(double value, int digits); /**< significant ones */
struct sva_html_figure sva_html_count(uint64_t value);            /**< 1,234,567 */
/** "98.7%": any share above nothing is at least 0.1 %, any below everything at most 99.9 %. */
struct sva_html_figure sva_html_percent(double share);

/** A numbered section with its heading; `id` is the program's own. Then its end. */
void sva_html_section(struct sva_html *html, const char *id, enum sva_html_label title);
void sva_html_section_end(struct sva_html *html);
void sva_html_heading(struct sva_html *html, int level, enum sva_html_label title);
void sva_html_paragraph(struct sva_html *html, enum sva_html_label label);
void sva_html_sentence(struct sva_html *html, enum sva_html_label label, const char *const *values,
                       size_t count);

/** A table with a caption and a head; rows between, then its end. */
void sva_html_table(struct sva_html *html, enum sva_html_label caption,
                    const enum sva_html_label *heads, size_t count);
/** A list has `rows`, of which SVA_HTML_ROWS were shown at most. */
void sva_html_table_end(struct sva_html *html, size_t rows);
/** Says how many of `rows` are not among those `shown`; nothing when none is. */
void sva_html_more(struct sva_html *html, uint64_t rows, uint64_t shown);
void sva_html_cell(struct sva_html *html, const char *text);   /**< one cell of text */
void sva_html_header(struct sva_html *html, const char *text); /**< the cell that names its row */
void sva_html_code(struct sva_html *html, const char *text);   /**< digests, names of tensors */
void sva_html_figure_cell(struct sva_html *html, struct sva_html_figure figure);
/** "0.98 ± 0.01", or "–". */
void sva_html_error_cell(struct sva_html *html, double value, double error);
void sva_html_word_cell(struct sva_html *html, enum sva_html_words words, const char *value);

/** Status as colour, sign and word. `kind` of: pass fail review info none. */
void sva_html_tag(struct sva_html *html, const char *kind, const char *word);
/** The sign alone. */
void sva_html_sign(struct sva_html *html, const char *kind);
const char *sva_html_kind_of_rule(const char *verdict);
const char *sva_html_kind_of_answer(const char *answer);

/** What a shape of a picture is painted with. */
enum sva_html_paint {
    SVA_PAINT_SHADE, /**< and the five after it: agreement, from none to full */
    SVA_PAINT_PART = SVA_PAINT_SHADE + 6, /**< of a bar: equal, agrees, the rest, no evidence */
    SVA_PAINT_DOT = SVA_PAINT_PART + 4,
    SVA_PAINT_DRAWS,
    SVA_PAINT_BELL,
    SVA_PAINT_AXIS,
    SVA_PAINT_OBSERVED,
    SVA_PAINT_DECIDES,
    SVA_PAINT_BESIDE,
    SVA_PAINT_COUNT
};

/**
 * The attributes of a shape: a class, which the style sheet paints, and the colours of paper for
 * programs that draw pictures without it.
 */
const char *sva_html_paint(enum sva_html_paint paint);

/**
 * The frame of a page. Digest of the JSON and the report's number (false: no memory); the head,
 * which allows nothing but the one style sheet by its hash; the body, with an article in one
 * language or both; the report's JSON at its end.
 */
bool sva_html_identify(struct sva_html *html);
bool sva_html_head(struct sva_html *html, const char *name);
typedef void sva_html_article(struct sva_html *html, enum sva_lang lang, const char *prefix);
void sva_html_body(struct sva_html *html, bool both, sva_html_article *article);
void sva_html_embedded(struct sva_html *html);

/** Appends the style sheet, but for what changes with the report. */
void sva_html_style(struct sva_bytes *out);

/** Sections, in order. */
void sva_html_front(struct sva_html *html);
void sva_html_criteria(struct sva_html *html);
void sva_html_components(struct sva_html *html);
void sva_html_heat(struct sva_html *html);
void sva_html_nulls(struct sva_html *html);
void sva_html_mixtures(struct sva_html *html);
void sva_html_exact(struct sva_html *html);
void sva_html_tokenizer(struct sva_html *html);
void sva_html_licences(struct sva_html *html);
void sva_html_code_likeness(struct sva_html *html);
void sva_html_declared(struct sva_html *html);
void sva_html_facts(struct sva_html *html);
void sva_html_evidence(struct sva_html *html);
void sva_html_waivers(struct sva_html *html);
void sva_html_identity(struct sva_html *html);
void sva_html_method(struct sva_html *html);
void sva_html_limits(struct sva_html *html);
void sva_html_recheck(struct sva_html *html);
void sva_html_annex(struct sva_html *html);
void sva_html_crosswalk(struct sva_html *html);
void sva_html_glossary(struct sva_html *html);

/** The part of the criteria about an earlier report; nothing where there was none. */
void sva_html_baseline(struct sva_html *html);
/** Its counts in a paragraph. False, and nothing written: there was no earlier report. */
bool sva_html_since(struct sva_html *html);
/** State of an entry of "rules" beside the earlier report; nothing where there is none. */
void sva_html_baseline_tag(struct sva_html *html, const cJSON *rule);

/** A bar of a component's parameters: equal, agreeing, the rest, without evidence. */
void sva_html_bar(struct sva_html *html, const struct sva_html_component *component);

#endif

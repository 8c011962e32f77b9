/* SPDX-License-Identifier: Apache-2.0 */
/* Where things come from besides single references: mixtures, exact matches, vocabularies,
 * licences, what is declared and what is known. */
#include <string.h>

#include "convert/html_page.h"

static void put_parents(struct sva_html *html, const cJSON *mixture)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_REFERENCE, SVA_HTML_HEAD_STATE,
                                                SVA_HTML_HEAD_COEFFICIENT, SVA_HTML_HEAD_VECTOR};
    const cJSON *parent = NULL;
    size_t rows = 0;
    sva_html_table(html, SVA_HTML_MIXTURES, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(parent, sva_document_at(mixture, "parents"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(parent, "reference"));
        sva_html_word_cell(html, SVA_WORDS_PARENT, sva_document_text(parent, "state"));
        sva_html_error_cell(html, sva_document_number(parent, "coefficient"),
                            sva_document_number(parent, "se"));
        sva_html_error_cell(html, sva_document_number(parent, "vector_coefficient"),
                            sva_document_number(parent, "vector_se"));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_ranges(struct sva_html *html, const cJSON *mixture)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_LAYERS, SVA_HTML_HEAD_REFERENCE,
                                                SVA_HTML_HEAD_REFERENCE_LAYERS};
    const cJSON *range = NULL;
    size_t rows = 0;
    if (sva_document_length(mixture, "ranges") == 0) {
        return;
    }
    sva_html_table(html, SVA_HTML_HEAD_LAYERS, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(range, sva_document_at(mixture, "ranges"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr><th scope=\"row\">");
        sva_html_text(html, sva_html_count(sva_document_count(range, "first")).text);
        sva_html_raw(html, "–");
        sva_html_text(html, sva_html_count(sva_document_count(range, "last")).text);
        sva_html_raw(html, "</th>");
        sva_html_cell(html, sva_document_text(range, "reference"));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(range, "reference_first")));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, rows);
}

void sva_html_mixtures(struct sva_html *html)
{
    const cJSON *mixture = NULL;
    size_t shown = 0;
    sva_html_section(html, "mixtures", SVA_HTML_MIXTURES);
    sva_html_paragraph(html, SVA_HTML_MIXTURES_INTRO);
    cJSON_ArrayForEach(mixture, sva_document_at(html->report, "mixtures"))
    {
        const struct sva_html_figure figures[] = {
            sva_html_percent(sva_document_number(mixture, "unexplained")),
            sva_html_percent(sva_document_number(mixture, "nearest")),
            sva_html_count(sva_document_count(mixture, "tensors"))};
        const char *values[] = {
            sva_document_text(mixture, "component"),
            sva_html_word(html->lang, SVA_WORDS_MIXTURE, sva_document_text(mixture, "kind")),
            figures[0].text, figures[1].text, figures[2].text};
        if (shown++ >= SVA_HTML_ROWS) {
            break;
        }
        sva_html_sentence(html, SVA_HTML_MIXTURE_LINE, values, 5);
        put_parents(html, mixture);
        put_ranges(html, mixture);
    }
    if (shown == 0) {
        sva_html_paragraph(html, SVA_HTML_NONE);
    }
    sva_html_section_end(html);
}

void sva_html_exact(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_SUBJECT_ITEM, SVA_HTML_HEAD_ITEM,
                                                SVA_HTML_HEAD_REFERENCE,
                                                SVA_HTML_HEAD_REFERENCE_ITEM};
    const cJSON *match = NULL;
    size_t rows = 0;
    sva_html_section(html, "exact", SVA_HTML_EXACT);
    sva_html_paragraph(html, SVA_HTML_EXACT_INTRO);
    if (sva_document_length(html->report, "exact_matches") == 0) {
        sva_html_paragraph(html, SVA_HTML_NONE);
        sva_html_section_end(html);
        return;
    }
    sva_html_table(html, SVA_HTML_EXACT, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(match, sva_document_at(html->report, "exact_matches"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr><th scope=\"row\">");
        sva_html_code(html, sva_document_text(match, "subject_item"));
        sva_html_raw(html, "</th>");
        sva_html_word_cell(html, SVA_WORDS_ITEM, sva_document_text(match, "item"));
        sva_html_raw(html, "<td><bdi>");
        sva_html_text(html, sva_document_text(match, "reference"));
        sva_html_raw(html, "</bdi> ");
        sva_html_text(html, sva_document_text(match, "reference_version"));
        sva_html_raw(html, "</td><td>");
        sva_html_code(html, sva_document_text(match, "reference_item"));
        sva_html_raw(html, "</td></tr>\n");
    }
    sva_html_table_end(html, rows);
    sva_html_section_end(html);
}

static void put_lineage(struct sva_html *html, const cJSON *comparison, const cJSON *tokenizer)
{
    const cJSON *special = NULL;
    size_t shown = 0;
    sva_html_raw(html, "<tr>");
    sva_html_header(html, sva_document_text(sva_document_at(comparison, "reference"), "name"));
    sva_html_word_cell(html, SVA_WORDS_LINEAGE, sva_document_text(tokenizer, "answer"));
    sva_html_figure_cell(html, sva_html_percent(sva_document_number(tokenizer, "smaller_share")));
    sva_html_figure_cell(html, sva_html_percent(sva_document_number(tokenizer, "neighbour_share")));
    sva_html_figure_cell(html, sva_html_percent(sva_document_number(tokenizer, "same_id_share")));
    sva_html_raw(html, "<td>");
    sva_html_text(html, sva_html_count(sva_document_count(tokenizer, "specials_common")).text);
    cJSON_ArrayForEach(special, sva_document_at(tokenizer, "specials_first"))
    {
        const char *text = cJSON_GetStringValue(special);
        if (text != NULL && shown++ < 8) {
            sva_html_raw(html, " ");
            sva_html_code(html, text);
        }
    }
    sva_html_raw(html, "</td></tr>\n");
}

void sva_html_tokenizer(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_REFERENCE, SVA_HTML_HEAD_ANSWER,
                                                SVA_HTML_HEAD_COMMON,    SVA_HTML_HEAD_ORDER,
                                                SVA_HTML_HEAD_IDS,       SVA_HTML_HEAD_SPECIALS};
    const cJSON *comparison = NULL;
    size_t rows = 0;
    sva_html_section(html, "tokenizer", SVA_HTML_TOKENIZER);
    sva_html_paragraph(html, SVA_HTML_TOKENIZER_INTRO);
    cJSON_ArrayForEach(comparison, sva_document_at(html->report, "comparisons"))
    {
        const cJSON *tokenizer = sva_document_at(comparison, "tokenizer");
        if (!cJSON_IsObject(tokenizer) || rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        if (rows == 1) {
            sva_html_table(html, SVA_HTML_TOKENIZER, HEADS, sizeof HEADS / sizeof *HEADS);
        }
        put_lineage(html, comparison, tokenizer);
    }
    if (rows > 0) {
        sva_html_table_end(html, rows);
    } else {
        sva_html_paragraph(html, SVA_HTML_NONE);
    }
    sva_html_section_end(html);
}

/** "a;b;c" in words, with commas. */
static void put_clauses(struct sva_html *html, const char *clauses)
{
    sva_html_raw(html, "<td>");
    size_t shown = 0;
    while (*clauses != '\0' && shown < 32) {
        char word[160];
        const size_t length = strcspn(clauses, ";");
        const size_t kept = length < sizeof word ? length : sizeof word - 1;
        memcpy(word, clauses, kept);
        word[kept] = '\0';
        if (kept > 0) {
            sva_html_raw(html, shown++ > 0 ? ", " : "");
            sva_html_word_of(html, SVA_WORDS_CLAUSE, word);
        }
        clauses += length + (clauses[length] == ';' ? 1 : 0);
    }
    sva_html_raw(html, shown == 0 ? "–</td>" : "</td>");
}

static void put_licence(struct sva_html *html, const cJSON *licence)
{
    const char *component = sva_document_text(licence, "component");
    const char *name = sva_document_text(licence, "name");
    const char *id = sva_document_text(licence, "id");
    const char *of = sva_document_text(licence, "of");
    sva_html_raw(html, "<tr>");
    sva_html_header(html, name[0] != '\0' ? name
                          : id[0] != '\0' ? id
                                          : sva_html_label(html->lang, SVA_HTML_NOT_KNOWN));
    sva_html_cell(html, component[0] != '\0' ? component
                                             : sva_html_label(html->lang, SVA_HTML_WHOLE_MODEL));
    sva_html_raw(html, "<td>");
    sva_html_word_of(html, SVA_WORDS_BECAUSE, sva_document_text(licence, "because"));
    sva_html_raw(html, of[0] != '\0' ? ": <bdi>" : "<bdi>");
    sva_html_text(html, of);
    sva_html_raw(html, "</bdi></td>");
    put_clauses(html, sva_document_text(licence, "clauses"));
    put_clauses(html, sva_document_text(licence, "duties"));
    put_clauses(html, sva_document_text(licence, "unmet"));
    sva_html_raw(html, "</tr>\n");
}

void sva_html_licences(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_LICENCE, SVA_HTML_HEAD_ON,
                                                SVA_HTML_HEAD_BECAUSE, SVA_HTML_HEAD_CLAUSES,
                                                SVA_HTML_HEAD_DUTIES,  SVA_HTML_HEAD_UNMET};
    const cJSON *licence = NULL;
    size_t rows = 0;
    sva_html_section(html, "licences", SVA_HTML_LICENCES);
    sva_html_paragraph(html, SVA_HTML_LICENCES_INTRO);
    if (sva_document_length(html->report, "licences") == 0) {
        sva_html_paragraph(html, SVA_HTML_NONE);
        sva_html_section_end(html);
        return;
    }
    sva_html_table(html, SVA_HTML_LICENCES, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(licence, sva_document_at(html->report, "licences"))
    {
        if (rows++ < SVA_HTML_ROWS) {
            put_licence(html, licence);
        }
    }
    sva_html_table_end(html, rows);
    sva_html_section_end(html);
}

static void put_declared(struct sva_html *html, const cJSON *facts)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_KEY, SVA_HTML_HEAD_VALUE};
    const cJSON *fact = NULL;
    size_t rows = 0;
    sva_html_heading(html, 3, SVA_HTML_DECLARED);
    sva_html_table(html, SVA_HTML_DECLARED, HEADS, 2);
    cJSON_ArrayForEach(fact, facts)
    {
        const char *value = cJSON_GetStringValue(fact);
        if (value == NULL || fact->string == NULL || rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr><th scope=\"row\">");
        sva_html_code(html, fact->string);
        sva_html_raw(html, "</th>");
        sva_html_cell(html, value);
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_known(struct sva_html *html, const cJSON *database)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_ITEM, SVA_HTML_HEAD_KIND,
                                                SVA_HTML_HEAD_KNOWN_AS, SVA_HTML_HEAD_PUBLISHER,
                                                SVA_HTML_HEAD_ORIGIN};
    const struct sva_html_figure count = sva_html_count(sva_document_count(database, "rows"));
    const char *family = sva_document_text(database, "architecture_family");
    const char *values[] = {sva_document_text(database, "date"), count.text,
                            family[0] != '\0' ? family : "–"};
    const cJSON *known = NULL;
    size_t rows = 0;
    sva_html_heading(html, 3, SVA_HTML_KNOWN);
    sva_html_sentence(html, SVA_HTML_KNOWN_DB, values, 3);
    sva_html_table(html, SVA_HTML_KNOWN, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(known, sva_document_at(database, "known"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(known, "item"));
        sva_html_word_cell(html, SVA_WORDS_KNOWN, sva_document_text(known, "what"));
        sva_html_cell(html, sva_document_text(known, "known_as"));
        sva_html_cell(html, sva_document_text(known, "publisher"));
        sva_html_cell(html, sva_document_text(known, "origin"));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, rows);
}

void sva_html_facts(struct sva_html *html)
{
    const cJSON *facts = sva_document_at(sva_document_at(html->report, "subject"), "facts");
    const cJSON *database = sva_document_at(html->report, "facts");
    sva_html_section(html, "facts", SVA_HTML_FACTS);
    sva_html_paragraph(html, SVA_HTML_FACTS_INTRO);
    if (cJSON_IsObject(database)) {
        put_known(html, database);
    }
    put_declared(html, facts);
    sva_html_section_end(html);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the subject says of its origin, beside what its weights say. */
#include <string.h>

#include "convert/html_page.h"

/** "README.md, line 12: base_model". */
static void put_where(struct sva_html *html, const cJSON *claim)
{
    const char *place = sva_document_text(claim, "place");
    const uint64_t line = sva_document_count(claim, "line");
    sva_html_raw(html, "<td>");
    sva_html_word_of(html, SVA_WORDS_WHERE, sva_document_text(claim, "where"));
    sva_html_raw(html, "<br>");
    sva_html_code(html, sva_document_text(claim, "file"));
    if (line > 0) {
        const struct sva_html_figure figure = sva_html_count(line);
        const char *value = figure.text;
        sva_html_raw(html, " ");
        sva_html_fill(html, SVA_HTML_LINE, &value, 1);
    }
    if (place[0] != '\0') {
        sva_html_raw(html, " ");
        sva_html_code(html, place);
    }
    sva_html_raw(html, "</td>");
}

static const char *kind_of_state(const char *state)
{
    return strcmp(state, "observed") == 0       ? "info"
           : strcmp(state, "not-observed") == 0 ? "review"
                                                : "none";
}

/** What the weights say to a claim, and of which reference. */
static void put_state(struct sva_html *html, const cJSON *claim)
{
    const char *state = sva_document_text(claim, "state");
    const char *reference = sva_document_text(claim, "reference");
    const char *answer = sva_document_text(claim, "answer");
    sva_html_raw(html, "<td>");
    sva_html_tag(html, kind_of_state(state), sva_html_word(html->lang, SVA_WORDS_CLAIM, state));
    sva_html_raw(html, "</td><td>");
    if (reference[0] == '\0') {
        sva_html_raw(html, "–</td>");
        return;
    }
    sva_html_raw(html, "<bdi>");
    sva_html_text(html, reference);
    sva_html_raw(html, "</bdi>: ");
    sva_html_word_of(html, SVA_WORDS_ANSWER, answer);
    sva_html_raw(html, "<br><span class=\"small\">");
    sva_html_word_of(html, SVA_WORDS_NAME_LEVEL, sva_document_text(claim, "level"));
    sva_html_raw(html, "</span></td>");
}

static void put_relation(struct sva_html *html, const cJSON *claim)
{
    const char *state = sva_document_text(claim, "relation_state");
    const char *values[] = {
        sva_document_text(claim, "relation"),
        sva_html_word(html->lang, SVA_WORDS_DERIVATION, sva_document_text(claim, "derivation"))};
    sva_html_raw(html, "<td>");
    if (strcmp(state, "agrees") == 0) {
        sva_html_fill(html, SVA_HTML_RELATION_AGREES, values, 2);
    } else if (strcmp(state, "differs") == 0) {
        sva_html_fill(html, SVA_HTML_RELATION_DIFFERS, values, 2);
    } else if (strcmp(state, "open") == 0) {
        sva_html_fill(html, SVA_HTML_RELATION_OPEN, values, 2);
    } else {
        sva_html_raw(html, "–");
    }
    sva_html_raw(html, "</td>");
}

static bool declares(const cJSON *claim)
{
    const char *strength = sva_document_text(claim, "strength");
    return strcmp(strength, "prose") != 0 && strcmp(strength, "mention") != 0;
}

/** Claims that declare, or those of running text, which do not. Returns how many there are. */
static size_t put_claims(struct sva_html *html, const cJSON *declared, bool declaring)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_NAMED, SVA_HTML_HEAD_WHERE,
                                                SVA_HTML_HEAD_WEIGHTS, SVA_HTML_HEAD_NEAREST,
                                                SVA_HTML_HEAD_RELATION};
    const cJSON *claim = NULL;
    size_t rows = 0;
    cJSON_ArrayForEach(claim, sva_document_at(declared, "claims"))
    {
        if (declares(claim) != declaring || rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        if (rows == 1) {
            sva_html_table(html, declaring ? SVA_HTML_CLAIMS : SVA_HTML_MENTIONS, HEADS,
                           sizeof HEADS / sizeof *HEADS - (declaring ? 0 : 1));
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(claim, "name"));
        put_where(html, claim);
        put_state(html, claim);
        if (declaring) {
            put_relation(html, claim);
        }
        sva_html_raw(html, "</tr>\n");
    }
    if (rows > 0) {
        sva_html_table_end(html, rows);
    }
    return rows;
}

/** References that the weights depend on and nothing declares. */
static void put_undeclared(struct sva_html *html, const cJSON *declared)
{
    const cJSON *one = NULL;
    size_t rows = 0;
    cJSON_ArrayForEach(one, sva_document_at(declared, "undeclared"))
    {
        const struct sva_html_figure line =
            sva_html_count(sva_document_count(one, "mentioned_line"));
        const char *values[] = {
            sva_document_text(one, "reference"),
            sva_html_word(html->lang, SVA_WORDS_ANSWER, sva_document_text(one, "answer")),
            line.text};
        if (rows++ >= SVA_HTML_ROWS) {
            break;
        }
        sva_html_raw(html, rows == 1 ? "<ul>\n<li>" : "<li>");
        sva_html_tag(html, "fail", sva_html_label(html->lang, SVA_HTML_UNDECLARED));
        sva_html_raw(html, " ");
        sva_html_fill(html, SVA_HTML_SAY_UNDECLARED, values, 2);
        if (sva_document_count(one, "mentioned_line") > 0) {
            sva_html_raw(html, " ");
            sva_html_fill(html, SVA_HTML_SAY_MENTIONED, values, 3);
        }
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, rows > 0 ? "</ul>\n" : "");
}

/** Sentences that say the model was trained from scratch. */
static void put_denials(struct sva_html *html, const cJSON *declared)
{
    const cJSON *denial = NULL;
    size_t rows = 0;
    cJSON_ArrayForEach(denial, sva_document_at(declared, "denials"))
    {
        const struct sva_html_figure line = sva_html_count(sva_document_count(denial, "line"));
        const char *reference = sva_document_text(denial, "reference");
        const char *values[] = {sva_document_text(denial, "file"), line.text,
                                sva_document_text(denial, "text"), reference};
        const bool against = reference[0] != '\0';
        if (rows++ >= SVA_HTML_ROWS) {
            break;
        }
        if (rows == 1) {
            sva_html_heading(html, 3, SVA_HTML_DENIALS);
            sva_html_raw(html, "<ul>\n");
        }
        sva_html_raw(html, "<li>");
        if (against) {
            sva_html_tag(html, "review", sva_html_word(html->lang, SVA_WORDS_RULE, "review"));
            sva_html_raw(html, " ");
        }
        sva_html_fill(html, against ? SVA_HTML_SAY_DENIED : SVA_HTML_SAY_DENIAL, values, 4);
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, rows > 0 ? "</ul>\n" : "");
}

void sva_html_declared(struct sva_html *html)
{
    const cJSON *declared = sva_document_at(html->report, "declared");
    const struct sva_html_figure left_out =
        sva_html_count(sva_document_count(declared, "left_out"));
    const char *value = left_out.text;
    sva_html_section(html, "declared", SVA_HTML_DECLARED_AGAINST);
    if (!cJSON_IsObject(declared)) {
        sva_html_paragraph(html, SVA_HTML_DECLARED_UNJUDGED);
        sva_html_section_end(html);
        return;
    }
    sva_html_paragraph(html, SVA_HTML_DECLARED_INTRO);
    put_undeclared(html, declared);
    if (put_claims(html, declared, true) == 0) {
        sva_html_paragraph(html, SVA_HTML_DECLARED_NO_BASE);
    }
    (void)put_claims(html, declared, false);
    put_denials(html, declared);
    if (sva_document_count(declared, "left_out") > 0) {
        sva_html_sentence(html, SVA_HTML_DECLARED_LEFT_OUT, &value, 1);
    }
    sva_html_section_end(html);
}

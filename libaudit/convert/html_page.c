/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/html_page.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/columns.h"

enum { NOWRAP_BYTES = 16 /**< dates and numbers stay on one line */ };

void sva_html_raw(struct sva_html *html, const char *markup)
{
    sva_bytes_text(html->out, markup);
}

void sva_html_text(struct sva_html *html, const char *text)
{
    sva_html_escape(html->out, text);
}

void sva_html_say(struct sva_html *html, enum sva_html_label label)
{
    sva_html_text(html, sva_html_label(html->lang, label));
}

/**
 * `at` begins "{0|one|many}": writes the form that goes with the number in value 0 and returns what
 * stands behind it. NULL, and nothing written: it is no such place.
 */
static const char *fill_form(struct sva_html *html, const char *at, const char *const *values,
                             size_t count)
{
    const bool place = at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '|';
    const char *const one = at + 3;
    const char *const many = place ? strchr(one, '|') : NULL;
    const char *const end = many != NULL ? strchr(many, '}') : NULL;
    if (end == NULL || (size_t)(at[1] - '0') >= count) {
        return NULL;
    }
    const bool single = strcmp(values[at[1] - '0'], "1") == 0;
    sva_bytes_append(html->out, single ? one : many + 1,
                     (size_t)(single ? many - one : end - many - 1));
    return end + 1;
}

/** Writes a pattern piece by piece. `isolated` values keep their direction to themselves. */
static void fill(struct sva_html *html, enum sva_html_label label, const char *const *values,
                 size_t count, bool isolated)
{
    const char *at = sva_html_label(html->lang, label);
    while (*at != '\0') {
        const bool place = at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '}';
        if (place && (size_t)(at[1] - '0') < count) {
            const char *value = values[at[1] - '0'];
            sva_html_raw(html, !isolated                      ? ""
                               : strlen(value) < NOWRAP_BYTES ? "<bdi class=\"k\">"
                                                              : "<bdi>");
            if (isolated) {
                sva_html_escape_breaking(html->out, value);
            } else {
                sva_html_text(html, value);
            }
            sva_html_raw(html, isolated ? "</bdi>" : "");
            at += 3;
            continue;
        }
        const char *const behind = fill_form(html, at, values, count);
        if (behind != NULL) {
            at = behind;
            continue;
        }
        char piece[512];
        size_t used = 0;
        do {
            piece[used++] = *at++;
        } while (*at != '\0' && *at != '{' && used < sizeof piece - 8);
        while ((*at & 0xC0) == 0x80) { /* never inside a character */
            piece[used++] = *at++;
        }
        piece[used] = '\0';
        sva_html_text(html, piece);
    }
}

void sva_html_fill(struct sva_html *html, enum sva_html_label label, const char *const *values,
                   size_t count)
{
    fill(html, label, values, count, true);
}

void sva_html_fill_plain(struct sva_html *html, enum sva_html_label label,
                         const char *const *values, size_t count)
{
    fill(html, label, values, count, false);
}

void sva_html_word_of(struct sva_html *html, enum sva_html_words words, const char *value)
{
    sva_html_text(html, sva_html_word(html->lang, words, value));
}

const char *sva_html_both(const struct sva_html *html, const cJSON *object, const char *key)
{
    const cJSON *texts = sva_document_at(object, key);
    const char *text = sva_document_text(texts, html->lang == SVA_LANG_KO ? "ko" : "en");
    return text[0] != '\0' ? text : sva_document_text(texts, "en");
}

/** Writes into the figure's own text, which is long enough: no memory to run out of. */
static struct sva_bytes figure_bytes(struct sva_html_figure *figure)
{
    *figure = (struct sva_html_figure){""};
    return (struct sva_bytes){.data = (uint8_t *)figure->text,
                              .capacity = sizeof figure->text,
                              .limit = sizeof figure->text - 1};
}

struct sva_html_figure sva_html_number(double value, int digits)
{
    struct sva_html_figure figure;
    struct sva_bytes bytes = figure_bytes(&figure);
    if (isfinite(value)) {
        sva_bytes_json_number(&bytes, value, digits);
    } else {
        sva_bytes_text(&bytes, "–");
    }
    return figure;
}

struct sva_html_figure sva_html_count(uint64_t value)
{
    struct sva_html_figure figure;
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, value);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            figure.text[used++] = ',';
        }
        figure.text[used++] = digits[i];
    }
    figure.text[used] = '\0';
    return figure;
}

struct sva_html_figure sva_html_percent(double share)
{
    struct sva_html_figure figure;
    struct sva_bytes bytes = figure_bytes(&figure);
    if (isfinite(share)) {
        const double percent = share * 100.0;
        const double shown = percent > 0.0 && percent < 0.1      ? 0.1
                             : percent < 100.0 && percent > 99.9 ? 99.9
                                                                 : percent;
        sva_columns_fixed(&bytes, shown, 1);
        sva_bytes_text(&bytes, "%");
    } else {
        sva_bytes_text(&bytes, "–");
    }
    return figure;
}

void sva_html_section(struct sva_html *html, const char *id, enum sva_html_label title)
{
    html->section++;
    sva_bytes_printf(html->out, "<section aria-labelledby=\"%s%s\">\n<h2 id=\"%s%s\">",
                     html->prefix, id, html->prefix, id);
    sva_bytes_printf(html->out, "<span class=\"no\">%u</span> ", html->section);
    sva_html_say(html, title);
    sva_html_raw(html, "</h2>\n");
}

void sva_html_section_end(struct sva_html *html)
{
    sva_html_raw(html, "</section>\n");
}

void sva_html_heading(struct sva_html *html, int level, enum sva_html_label title)
{
    sva_bytes_printf(html->out, "<h%d>", level);
    sva_html_say(html, title);
    sva_bytes_printf(html->out, "</h%d>\n", level);
}

void sva_html_paragraph(struct sva_html *html, enum sva_html_label label)
{
    sva_html_sentence(html, label, NULL, 0);
}

void sva_html_sentence(struct sva_html *html, enum sva_html_label label, const char *const *values,
                       size_t count)
{
    sva_html_raw(html, "<p>");
    sva_html_fill(html, label, values, count);
    sva_html_raw(html, "</p>\n");
}

void sva_html_table(struct sva_html *html, enum sva_html_label caption,
                    const enum sva_html_label *heads, size_t count)
{
    sva_html_raw(html, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"");
    sva_html_say(html, caption);
    sva_html_raw(html, "\"><table>\n<caption>");
    sva_html_say(html, caption);
    sva_html_raw(html, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        sva_html_raw(html, "<th scope=\"col\">");
        sva_html_say(html, heads[i]);
        sva_html_raw(html, "</th>");
    }
    sva_html_raw(html, "</tr></thead>\n<tbody>\n");
}

void sva_html_more(struct sva_html *html, uint64_t rows, uint64_t shown)
{
    if (rows > shown) {
        const struct sva_html_figure more = sva_html_count(rows - shown);
        const char *value = more.text;
        sva_html_sentence(html, SVA_HTML_MORE, &value, 1);
    }
}

void sva_html_table_end(struct sva_html *html, size_t rows)
{
    sva_html_raw(html, "</tbody></table></div>\n");
    sva_html_more(html, rows, SVA_HTML_ROWS);
}

/** A cell: the tag's start with attributes, the text, the tag's end. */
static void put_cell(struct sva_html *html, const char *open, const char *text, const char *close)
{
    sva_html_raw(html, open);
    sva_html_escape_breaking(html->out, text);
    sva_html_raw(html, close);
}

void sva_html_cell(struct sva_html *html, const char *text)
{
    /* dates and short names stay on one line */
    const bool whole = strlen(text) < NOWRAP_BYTES && strchr(text, ' ') == NULL;
    put_cell(html, whole ? "<td class=\"k\">" : "<td>", text, "</td>");
}

void sva_html_header(struct sva_html *html, const char *text)
{
    put_cell(html, "<th scope=\"row\"><bdi>", text, "</bdi></th>");
}

void sva_html_code(struct sva_html *html, const char *text)
{
    const bool digest = strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
    put_cell(html, digest ? "<code class=\"d\">" : "<code>", text, "</code>");
}

void sva_html_figure_cell(struct sva_html *html, struct sva_html_figure figure)
{
    put_cell(html, "<td class=\"n\">", figure.text, "</td>");
}

void sva_html_error_cell(struct sva_html *html, double value, double error)
{
    sva_html_raw(html, "<td class=\"n\">");
    sva_html_text(html, sva_html_number(value, 4).text);
    if (isfinite(value) && isfinite(error)) {
        sva_html_raw(html, " ± ");
        sva_html_text(html, sva_html_number(error, 2).text);
    }
    sva_html_raw(html, "</td>");
}

void sva_html_word_cell(struct sva_html *html, enum sva_html_words words, const char *value)
{
    sva_html_cell(html, sva_html_word(html->lang, words, value));
}

void sva_html_sign(struct sva_html *html, const char *kind)
{
    static const char *const PATHS[][2] = {
        {"pass", "M3 8.5l3.2 3.2L13 5"},
        {"fail", "M4 4l8 8M12 4l-8 8"},
        {"review", "M8 3v6.2M8 12v.9"},
        {"info", "M8 7v6M8 3.4v.9"},
        {"none", "M4 8h8"},
    };
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        if (strcmp(PATHS[i][0], kind) == 0) {
            sva_bytes_printf(html->out,
                             "<svg class=\"sign\" viewBox=\"0 0 16 16\" aria-hidden=\"true\" "
                             "fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\">"
                             "<path d=\"%s\"/></svg>",
                             PATHS[i][1]);
        }
    }
}

void sva_html_tag(struct sva_html *html, const char *kind, const char *word)
{
    sva_bytes_printf(html->out, "<span class=\"tag %s\">", kind);
    sva_html_sign(html, kind);
    sva_html_text(html, word);
    sva_html_raw(html, "</span>");
}

struct kind {
    const char *value, *kind;
};

static const char *find_kind(const struct kind *kinds, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(kinds[i].value, value) == 0) {
            return kinds[i].kind;
        }
    }
    return "none";
}

const char *sva_html_kind_of_rule(const char *verdict)
{
    static const struct kind KINDS[] = {{"pass", "pass"},           {"fail", "fail"},
                                        {"review", "review"},       {"error", "fail"},
                                        {"informational", "info"},  {"incomplete", "review"},
                                        {"not-auditable", "review"}};
    return find_kind(KINDS, sizeof KINDS / sizeof *KINDS, verdict);
}

const char *sva_html_kind_of_answer(const char *answer)
{
    static const struct kind KINDS[] = {{"identical", "fail"},
                                        {"derived", "fail"},
                                        {"shared-initialisation", "review"},
                                        {"dependent-unexplained", "review"},
                                        {"no-evidence", "pass"}};
    return find_kind(KINDS, sizeof KINDS / sizeof *KINDS, answer);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTML report: one file that loads nothing and runs nothing. The report's JSON is in it, as a
 * link that saves it, so that the page can be checked and turned back.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "convert/html_page.h"

struct section {
    const char *id;
    enum sva_html_label title;
    void (*put)(struct sva_html *html);
};

static const struct section SECTIONS[] = {
    {"criteria", SVA_HTML_CRITERIA, sva_html_criteria},
    {"components", SVA_HTML_COMPONENTS, sva_html_components},
    {"heat", SVA_HTML_HEAT, sva_html_heat},
    {"nulls", SVA_HTML_NULLS, sva_html_nulls},
    {"mixtures", SVA_HTML_MIXTURES, sva_html_mixtures},
    {"exact", SVA_HTML_EXACT, sva_html_exact},
    {"tokenizer", SVA_HTML_TOKENIZER, sva_html_tokenizer},
    {"code", SVA_HTML_CODE, sva_html_code_likeness},
    {"declared", SVA_HTML_DECLARED_AGAINST, sva_html_declared},
    {"licences", SVA_HTML_LICENCES, sva_html_licences},
    {"facts", SVA_HTML_FACTS, sva_html_facts},
    {"evidence", SVA_HTML_EVIDENCE, sva_html_evidence},
    {"waivers", SVA_HTML_WAIVERS, sva_html_waivers},
    {"identity", SVA_HTML_IDENTITY, sva_html_identity},
    {"method", SVA_HTML_METHOD, sva_html_method},
    {"limits", SVA_HTML_LIMITS, sva_html_limits},
    {"recheck", SVA_HTML_RECHECK, sva_html_recheck},
    {"annex", SVA_HTML_ANNEX, sva_html_annex},
    {"crosswalk", SVA_HTML_CROSSWALK, sva_html_crosswalk},
    {"glossary", SVA_HTML_GLOSSARY, sva_html_glossary},
};

enum {
    SECTION_COUNT = sizeof SECTIONS / sizeof *SECTIONS,
    EMBEDDED_BYTES = 32 << 20 /**< a larger report stays a file of its own */
};

/** Place of an answer in the order of strength; the last for none. */
static int strength(const char *answer)
{
    static const char *const ANSWERS[] = {
        "identical",   "derived",       "shared-initialisation", "dependent-unexplained",
        "no-evidence", "not-comparable"};
    int at = 0;
    while (at < 6 && strcmp(ANSWERS[at], answer) != 0) {
        at++;
    }
    return at;
}

static bool is_stronger(const cJSON *result, const cJSON *than)
{
    const int a = strength(sva_document_text(result, "answer"));
    const int b = strength(sva_document_text(than, "answer"));
    return than == NULL || a < b ||
           (a == b && a == 4 &&
            sva_document_number(result, "log10_p_adjusted") <
                sva_document_number(than, "log10_p_adjusted"));
}

/** Results of one comparison, which come in the order of the subject's components. */
static void collect_results(struct sva_html *html, const cJSON *comparison)
{
    const cJSON *result = NULL;
    size_t at = 0;
    cJSON_ArrayForEach(result, sva_document_at(comparison, "components"))
    {
        if (at == html->component_count) {
            return;
        }
        struct sva_html_component *component = &html->components[at++];
        if (strcmp(sva_document_text(component->subject, "name"),
                   sva_document_text(result, "name")) != 0) {
            continue;
        }
        const bool tested = strcmp(sva_document_text(result, "answer"), "not-comparable") != 0;
        component->tested += tested ? 1 : 0;
        component->untested += tested ? 0 : 1;
        if (is_stronger(result, component->result)) {
            component->result = result;
            component->comparison = comparison;
        }
    }
}

static bool collect(struct sva_html *html)
{
    const cJSON *subject = sva_document_at(html->report, "subject");
    const cJSON *item = NULL;
    size_t at = 0;
    html->component_count = sva_document_length(subject, "components");
    html->components = sva_calloc(html->component_count + 1, sizeof *html->components);
    if (html->components == NULL) {
        return false;
    }
    cJSON_ArrayForEach(item, sva_document_at(subject, "components"))
    {
        html->components[at++].subject = item;
    }
    cJSON_ArrayForEach(item, sva_document_at(html->report, "comparisons"))
    {
        collect_results(html, item);
    }
    return true;
}

bool sva_html_identify(struct sva_html *html)
{
    const char *day = sva_document_text(html->report, "as_of");
    uint8_t digest[32];
    if (!sva_sha256(html->json.data, html->json.size, digest)) {
        return false;
    }
    sva_hex(digest, sizeof digest, html->digest);
    const bool dated = strlen(day) == 10 && strspn(day, "0123456789-") == 10;
    (void)snprintf(html->number, sizeof html->number, "SVA-%.10s%s%.8s", dated ? day : "",
                   dated ? "-" : "", html->digest);
    return true;
}

/** Names of the report at the head of every printed page, and page numbers at its foot. */
static void put_page_rule(struct sva_html *html, struct sva_bytes *style, const char *name)
{
    sva_bytes_text(style, "@page{size:A4;margin:19mm 17mm 17mm;@top-left{content:\"");
    sva_html_css_string(style, sva_html_label(html->lang, html->title));
    sva_bytes_text(style, "\";font-size:8pt;color:#56606e}@top-right{content:\"");
    sva_html_css_string(style, name);
    sva_bytes_text(style, "\";font-size:8pt;color:#56606e}@bottom-left{content:\"");
    sva_html_css_string(style, html->number);
    sva_bytes_text(style, "\";font-size:8pt;color:#56606e}@bottom-right{content:counter(page) "
                          "\" / \" counter(pages);font-size:8pt;color:#56606e}}\n");
}

bool sva_html_head(struct sva_html *html, const char *name)
{
    const char *lang = html->lang == SVA_LANG_KO ? "ko" : "en";
    struct sva_bytes style = {.data = NULL};
    uint8_t digest[32];
    sva_html_style(&style);
    put_page_rule(html, &style, name);
    const bool good = !style.failed && sva_sha256(style.data, style.size, digest);
    if (good) {
        sva_bytes_printf(html->out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n", lang);
        sva_html_raw(html, "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
                           "content=\"default-src 'none'; style-src 'sha256-");
        sva_html_base64(html->out, digest, sizeof digest);
        sva_html_raw(html, "'; base-uri 'none'; form-action 'none'\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, "
                           "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                           "<meta name=\"generator\" content=\"sovaudit\">\n<title>");
        sva_html_text(html, name);
        sva_html_raw(html, name[0] != '\0' ? " – " : "");
        sva_html_say(html, html->title);
        sva_html_raw(html, "</title>\n<style>");
        sva_bytes_append(html->out, style.data, style.size);
        sva_html_raw(html, "</style>\n</head>\n");
    }
    sva_bytes_done(&style);
    return good;
}

static void put_contents(struct sva_html *html)
{
    sva_html_raw(html, "<nav class=\"toc\" aria-labelledby=\"");
    sva_bytes_printf(html->out, "%scontents\"><h2 id=\"%scontents\">", html->prefix, html->prefix);
    sva_html_say(html, SVA_HTML_CONTENTS);
    sva_html_raw(html, "</h2>\n<ol>\n");
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        sva_bytes_printf(html->out, "<li><a href=\"#%s%s\">", html->prefix, SECTIONS[i].id);
        sva_html_say(html, SECTIONS[i].title);
        sva_html_raw(html, "</a></li>\n");
    }
    sva_html_raw(html, "</ol></nav>\n");
}

static void put_language(struct sva_html *html, enum sva_lang lang, const char *prefix)
{
    html->lang = lang;
    html->prefix = prefix;
    html->section = 0;
    sva_bytes_printf(html->out, "<article lang=\"%s\" aria-labelledby=\"%stop\">\n",
                     lang == SVA_LANG_KO ? "ko" : "en", prefix);
    sva_html_front(html);
    put_contents(html);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        SECTIONS[i].put(html);
    }
    sva_html_raw(html, "</article>\n");
}

void sva_html_embedded(struct sva_html *html)
{
    const struct sva_html_figure size = sva_html_count(html->json.size);
    const char *value = size.text;
    if (html->json.size > EMBEDDED_BYTES) {
        sva_html_raw(html, "<footer>");
        sva_html_sentence(html, SVA_HTML_NOT_EMBEDDED, &value, 1);
        sva_html_raw(html, "</footer>\n");
        return;
    }
    sva_html_raw(html, "<footer><p><a download=\"report.json\" "
                       "href=\"data:application/json;base64,");
    sva_html_base64(html->out, html->json.data, html->json.size);
    sva_html_raw(html, "\">\n");
    sva_html_fill(html, SVA_HTML_EMBEDDED, &value, 1);
    sva_html_raw(html, "</a></p></footer>\n");
}

void sva_html_body(struct sva_html *html, bool both, sva_html_article *article)
{
    sva_html_raw(html, "<body>\n<a class=\"skip\" href=\"#main\">");
    sva_html_say(html, SVA_HTML_SKIP);
    sva_html_raw(html, "</a>\n");
    const enum sva_lang lang = html->lang;
    if (both) {
        sva_html_raw(html, "<nav class=\"langs\" aria-label=\"");
        sva_html_say(html, SVA_HTML_LANGUAGES);
        sva_html_raw(html, "\"><a href=\"#ko-top\" lang=\"ko\">한국어</a>"
                           "<a href=\"#en-top\" lang=\"en\">English</a></nav>\n");
    }
    sva_html_raw(html, "<main id=\"main\">\n");
    if (both) {
        article(html, SVA_LANG_KO, "ko-");
        article(html, SVA_LANG_EN, "en-");
    } else {
        article(html, lang, "");
    }
    html->lang = lang;
    sva_html_raw(html, "</main>\n");
    sva_html_embedded(html);
    sva_html_raw(html, "</body>\n</html>\n");
}

static enum sva_status render(const cJSON *report, const struct sva_render_options *options,
                              bool both, struct sva_bytes *out, struct sva_error *error)
{
    struct sva_html html = {.out = out,
                            .lang = both ? SVA_LANG_KO : options->lang,
                            .title = SVA_HTML_TITLE,
                            .report = report,
                            .json = options->json,
                            .prefix = ""};
    const bool good =
        sva_html_identify(&html) && collect(&html) &&
        sva_html_head(&html, sva_document_text(sva_document_at(report, "subject"), "name"));
    if (good) {
        sva_html_body(&html, both, put_language);
    }
    sva_free(html.components);
    return good ? SVA_OK : sva_fail_memory(error, "writing the report as HTML");
}

enum sva_status sva_render_html(const cJSON *report, const struct sva_render_options *options,
                                struct sva_bytes *out, struct sva_error *error)
{
    return render(report, options, false, out, error);
}

enum sva_status sva_render_html_both(const cJSON *report, const struct sva_render_options *options,
                                     struct sva_bytes *out, struct sva_error *error)
{
    return render(report, options, true, out, error);
}

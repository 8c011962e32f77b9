/* SPDX-License-Identifier: Apache-2.0 */
/* How a third party checks the report: commands to copy, which tests/cli runs as they stand. */
#include <string.h>

#include <sovaudit/model.h>

#include "convert/html_page.h"

enum {
    NAMED = 8 /**< files, references and names that a command lists; more are left to the reader */
};

/** Words that may stand in a command that people copy: nothing that a shell would act on. */
static bool is_plain(const char *text)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";
    const size_t length = strlen(text);
    return length > 0 && length < 100 && strchr(PLAIN, text[0]) != NULL &&
           strspn(text, "-@abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./") ==
               length;
}

static const char *plain_word(const char *text, const char *otherwise)
{
    return is_plain(text) ? text : otherwise;
}

static void put_option(struct sva_html *html, const char *option, const char *value,
                       const char *otherwise)
{
    sva_html_raw(html, option);
    sva_html_text(html, plain_word(value, otherwise));
}

static void open_commands(struct sva_html *html, enum sva_html_label label, const char *value)
{
    sva_html_sentence(html, label, &value, 1);
    sva_html_raw(html, "<pre>");
}

/** Lines of a command, as they stand. */
static void put_lines(struct sva_html *html, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sva_html_text(html, lines[i]);
        sva_html_raw(html, i + 1 < count ? "\n" : "");
    }
    sva_html_raw(html, "</pre>\n");
}

/** The report's bytes, out of the page. */
static void put_extract(struct sva_html *html)
{
    open_commands(html, SVA_HTML_RECHECK_EXTRACT, html->digest);
    sva_html_text(html, "sed -n 's/.*;base64,\\([A-Za-z0-9+/=]*\\)\".*/\\1/p' REPORT.html | "
                        "base64 -d >report.json");
    sva_html_raw(html, "\necho '");
    sva_html_text(html, html->digest);
    sva_html_raw(html, "  report.json' | sha256sum -c</pre>\n");
}

static bool is_weights(const cJSON *file)
{
    const char *kind = sva_document_text(file, "kind");
    for (int i = 0; i <= SVA_FILE_NUMPY; i++) {
        if (strcmp(sva_file_kind_name((enum sva_file_kind)i), kind) == 0) {
            return sva_file_is_audited((enum sva_file_kind)i);
        }
    }
    return false;
}

/** Weight files in the order of their bytes; none where they are many or no plain words. */
static size_t weight_files(const struct sva_html *html, const char *names[NAMED])
{
    const cJSON *subject = sva_document_at(html->report, "subject");
    const cJSON *file = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(file, sva_document_at(subject, "files"))
    {
        const char *path = sva_document_text(file, "path");
        size_t at = count;
        if (!is_weights(file)) {
            continue;
        }
        if (count == NAMED || !is_plain(path)) {
            return 0;
        }
        while (at > 0 && strcmp(names[at - 1], path) > 0) {
            names[at] = names[at - 1];
            at--;
        }
        names[at] = path;
        count++;
    }
    return count;
}

static void put_model(struct sva_html *html)
{
    const cJSON *subject = sva_document_at(html->report, "subject");
    const char *digest = sva_document_text(subject, "model_digest");
    const char *names[NAMED];
    const size_t count = weight_files(html, names);
    if (digest[0] == '\0') {
        return;
    }
    open_commands(html, SVA_HTML_RECHECK_MODEL, digest);
    sva_html_raw(html, "(cd MODEL &amp;&amp; sha256sum");
    for (size_t i = 0; i < count; i++) {
        sva_html_raw(html, " ");
        sva_html_text(html, names[i]);
    }
    sva_html_raw(html, count == 0 ? " WEIGHT-FILES" : "");
    sva_html_raw(html, " | sha256sum)</pre>\n");
}

/** An option for each text of a list. */
static void put_list(struct sva_html *html, const char *key, const char *option)
{
    const cJSON *item = NULL;
    size_t shown = 0;
    cJSON_ArrayForEach(item, sva_document_at(html->report, key))
    {
        const char *text = cJSON_GetStringValue(item);
        if (shown++ == NAMED) {
            return;
        }
        put_option(html, option, text != NULL ? text : "", "NAME");
    }
}

static void put_references(struct sva_html *html)
{
    const size_t count = sva_document_length(html->report, "comparisons");
    if (cJSON_IsObject(sva_document_at(html->report, "store")) || count == 0) {
        sva_html_raw(html, " --refs STORE");
        return;
    }
    for (size_t i = 0; i < count && i < NAMED; i++) {
        sva_html_raw(html, " --ref REFERENCE");
    }
}

/** Files that were handed in with the model. */
static void put_papers(struct sva_html *html)
{
    static const char *const PAPERS[][3] = {{"evidence", " \\\n    --evidence ", "REGISTER"},
                                            {"waivers", " \\\n    --waivers ", "WAIVERS"},
                                            {"baseline", " \\\n    --baseline ", "EARLIER.json"}};
    const cJSON *baseline = sva_document_at(html->report, "baseline");
    for (size_t i = 0; i < sizeof PAPERS / sizeof *PAPERS; i++) {
        const cJSON *paper = sva_document_at(html->report, PAPERS[i][0]);
        if (cJSON_IsObject(paper)) {
            put_option(html, PAPERS[i][1], sva_document_text(paper, "path"), PAPERS[i][2]);
        }
    }
    if (sva_document_bool(baseline, "gate")) {
        sva_html_raw(html, " --fail-on-new");
    }
}

static void put_check(struct sva_html *html, const cJSON *pack)
{
    const char *path = sva_document_text(sva_document_at(html->report, "subject"), "path");
    const char *date = sva_document_text(html->report, "subject_date");
    put_option(html, "sovaudit check ", path, "MODEL");
    put_references(html);
    put_option(html, " \\\n    --rules '", sva_document_text(pack, "id"), "PACK");
    put_option(html, "@", sva_document_text(pack, "version"), "VERSION");
    put_option(html, "#", sva_document_text(pack, "profile"), "gate");
    sva_html_raw(html, "'");
    put_list(html, "own", " \\\n    --own ");
    put_list(html, "excluded", " \\\n    --exclude ");
    if (date[0] != '\0') {
        put_option(html, " --subject-date ", date, "DATE");
    }
    put_papers(html);
    if (sva_document_count(html->report, "exit_code") == 5) {
        sva_html_raw(html, " --fail-on review");
    }
    sva_html_raw(html, " \\\n   ");
}

/** The audit once more. */
static void put_again(struct sva_html *html)
{
    const cJSON *pack = sva_document_at(html->report, "pack");
    open_commands(html, SVA_HTML_RECHECK_AGAIN, "");
    if (cJSON_IsObject(pack)) {
        put_check(html, pack);
    } else {
        sva_html_raw(html, "sovaudit compare MODEL REFERENCE");
    }
    const cJSON *reading = sva_document_at(sva_document_at(html->report, "subject"), "reading");
    if (sva_document_text(reading, "mode")[0] != '\0') {
        sva_html_raw(html, " --quick");
    }
    put_option(html, " --as-of ", sva_document_text(html->report, "as_of"), "DATE");
    sva_html_raw(html, " -q -o json=again.json\ncmp report.json again.json &amp;&amp; "
                       "echo OK</pre>\n");
}

/** The signature with this tool and without it, as docs/signing.md tells. */
static void put_signature(struct sva_html *html)
{
    static const char *const VERIFY[] = {
        "sovaudit verify report.json --signature report.sig --public-key KEY.pub.pem --model MODEL",
        "sha256sum KEY.pub.pem"};
    static const char *const TAKE_OUT[] = {
        "part() { sed -n 's/.*\"'\"$1\"'\":\"\\([^\"]*\\)\".*/\\1/p' report.sig | base64 -d; }",
        "part payload >payload", "part sig >signature",
        ("{ printf 'DSSEv1 28 application/vnd.in-toto+json %s ' \"$(wc -c <payload | tr -d ' ')\"; "
         "cat payload; } >signed"),
        "grep -q \"\\\"$(sha256sum <report.json | cut -d ' ' -f 1)\\\"\" payload && echo OK"};
    static const char *const EC[] = {
        "openssl dgst -sha256 -verify KEY.pub.pem -signature signature signed"};
    static const char *const ED25519[] = {"openssl pkeyutl -verify -pubin -inkey KEY.pub.pem "
                                          "-rawin -in signed -sigfile signature"};
    static const char *const TIME[] = {
        "sovaudit verify report.json --signature report.sig --public-key KEY.pub.pem "
        "--ca-file CA.pem",
        "openssl ts -verify -data signature -in REPLY.tsr -CAfile CA.pem"};
    open_commands(html, SVA_HTML_RECHECK_SIGNATURE, "");
    put_lines(html, VERIFY, sizeof VERIFY / sizeof *VERIFY);
    open_commands(html, SVA_HTML_RECHECK_OPENSSL, "");
    put_lines(html, TAKE_OUT, sizeof TAKE_OUT / sizeof *TAKE_OUT);
    open_commands(html, SVA_HTML_RECHECK_EC, "");
    put_lines(html, EC, 1);
    open_commands(html, SVA_HTML_RECHECK_ED25519, "");
    put_lines(html, ED25519, 1);
    open_commands(html, SVA_HTML_RECHECK_TIME, "");
    put_lines(html, TIME, sizeof TIME / sizeof *TIME);
}

void sva_html_recheck(struct sva_html *html)
{
    const bool korean = html->lang == SVA_LANG_KO;
    sva_html_section(html, "recheck", SVA_HTML_RECHECK);
    sva_html_paragraph(html, SVA_HTML_RECHECK_INTRO);
    put_extract(html);
    put_model(html);
    put_again(html);
    put_signature(html);
    open_commands(html, SVA_HTML_RECHECK_RENDER, "");
    sva_html_raw(html, korean
                           ? "sovaudit convert report.json --lang ko -o html=again.html</pre>\n"
                           : "sovaudit convert report.json --lang en -o html=again.html</pre>\n");
    sva_html_section_end(html);
}

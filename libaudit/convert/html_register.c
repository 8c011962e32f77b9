/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, waivers, and the files that the results relate to. */
#include <string.h>

#include "convert/html_page.h"

static void put_judgement(struct sva_html *html, const cJSON *judgement)
{
    const char *values[] = {
        sva_document_text(judgement, "judge"), sva_document_text(judgement, "rule"),
        sva_html_word(html->lang, SVA_WORDS_DECISION, sva_document_text(judgement, "decision")),
        sva_document_text(judgement, "reasons")};
    if (cJSON_IsObject(judgement)) {
        sva_html_raw(html, "<p>");
        sva_html_fill(html, SVA_HTML_JUDGEMENT, values, 4);
        sva_html_raw(html, "</p>");
    }
}

static const char *kind_of_document(const char *state)
{
    return strcmp(state, "sound") == 0       ? "pass"
           : strcmp(state, "hash-only") == 0 ? "info"
                                             : "review";
}

static void put_document(struct sva_html *html, const cJSON *document)
{
    const char *state = sva_document_text(document, "state");
    sva_html_raw(html, "<tr>");
    sva_html_header(
        html, sva_html_word(html->lang, SVA_WORDS_DOCUMENT, sva_document_text(document, "kind")));
    sva_html_raw(html, "<td>");
    if (sva_document_bool(document, "confidential")) {
        sva_html_say(html, SVA_HTML_CONFIDENTIAL);
    }
    sva_html_raw(html, " <bdi>");
    sva_html_text(html, sva_document_text(document, "path"));
    sva_html_raw(html, "</bdi>");
    put_judgement(html, sva_document_at(document, "judgement"));
    sva_html_raw(html, "</td><td><bdi>");
    sva_html_text(html, sva_document_text(document, "issuer"));
    sva_html_raw(html, "</bdi> ");
    sva_html_text(html, sva_document_text(document, "date"));
    sva_html_raw(html, "</td><td>");
    sva_html_code(html, sva_document_text(document, "sha256"));
    sva_html_raw(html, "</td><td>");
    sva_html_tag(html, kind_of_document(state),
                 sva_html_word(html->lang, SVA_WORDS_DOCUMENT, state));
    sva_html_raw(html, "</td></tr>\n");
}

/** Findings as {code, file, text}, in the page's language where their sentence is known. */
static void put_findings(struct sva_html *html, const cJSON *findings)
{
    enum { SENTENCE_BYTES = 2048 };
    const cJSON *finding = NULL;
    size_t rows = 0;
    sva_html_raw(html, "<ul>\n");
    cJSON_ArrayForEach(finding, findings)
    {
        char sentence[SENTENCE_BYTES];
        const struct sva_finding found = {.code = sva_document_text(finding, "code"),
                                          .file = sva_document_text(finding, "file"),
                                          .text = sva_document_text(finding, "text")};
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<li><bdi>");
        sva_html_text(html, found.file);
        sva_html_raw(html, found.file[0] != '\0' ? "</bdi>: " : "</bdi>");
        const bool known = found.text[0] != '\0' && strlen(found.text) < SENTENCE_BYTES;
        sva_html_text(html, known ? sva_finding_words(html->lang, &found, sentence, sizeof sentence)
                            : found.text[0] != '\0' ? found.text
                                                    : found.code);
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, "</ul>\n");
    sva_html_more(html, rows, SVA_HTML_ROWS);
}

void sva_html_evidence(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_KIND, SVA_HTML_HEAD_DOCUMENT,
                                                SVA_HTML_HEAD_ISSUER, SVA_HTML_HEAD_DIGEST,
                                                SVA_HTML_HEAD_STATE};
    const cJSON *evidence = sva_document_at(html->report, "evidence");
    const cJSON *document = NULL;
    size_t rows = 0;
    sva_html_section(html, "evidence", SVA_HTML_EVIDENCE);
    if (!cJSON_IsObject(evidence)) {
        sva_html_paragraph(html, SVA_HTML_EVIDENCE_NONE);
        sva_html_section_end(html);
        return;
    }
    const char *values[] = {sva_document_text(evidence, "path"),
                            sva_document_text(evidence, "sha256")};
    sva_html_sentence(html, SVA_HTML_EVIDENCE_FILE, values, 2);
    sva_html_table(html, SVA_HTML_EVIDENCE, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(document, sva_document_at(evidence, "documents"))
    {
        if (rows++ < SVA_HTML_ROWS) {
            put_document(html, document);
        }
    }
    sva_html_table_end(html, rows);
    put_findings(html, sva_document_at(evidence, "findings"));
    sva_html_section_end(html);
}

static void put_waiver(struct sva_html *html, const cJSON *waiver)
{
    const char *state = sva_document_text(waiver, "state");
    sva_html_raw(html, "<tr>");
    sva_html_header(html, sva_document_text(waiver, "rule"));
    sva_html_raw(html, "<td><code>");
    sva_html_text(html, sva_document_text(waiver, "component"));
    sva_html_raw(html, " ");
    sva_html_text(html, sva_document_text(waiver, "tensor"));
    sva_html_raw(html, "</code></td><td><p>");
    sva_html_word_of(html, SVA_WORDS_WAIVER_REASON, sva_document_text(waiver, "reason"));
    sva_html_raw(html, "</p><p>");
    sva_html_text(html, sva_document_text(waiver, "text"));
    sva_html_raw(html, "</p><p class=\"small\">");
    sva_html_text(html, sva_document_text(waiver, "evidence"));
    sva_html_raw(html, "</p></td>");
    sva_html_cell(html, sva_document_text(waiver, "approver"));
    sva_html_raw(html, "<td>");
    sva_html_text(html, sva_document_text(waiver, "date"));
    sva_html_raw(html, "–");
    sva_html_text(html, sva_document_text(waiver, "expires"));
    sva_html_raw(html, "</td><td>");
    sva_html_tag(html, strcmp(state, "used") == 0 ? "info" : "review",
                 sva_html_word(html->lang, SVA_WORDS_WAIVER, state));
    sva_html_raw(html, "</td></tr>\n");
}

void sva_html_waivers(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_RULE,  SVA_HTML_HEAD_ON,
                                                SVA_HTML_HEAD_WHY,   SVA_HTML_HEAD_APPROVER,
                                                SVA_HTML_HEAD_VALID, SVA_HTML_HEAD_STATE};
    const cJSON *waivers = sva_document_at(html->report, "waivers");
    const cJSON *waiver = NULL;
    size_t rows = 0;
    sva_html_section(html, "waivers", SVA_HTML_WAIVERS);
    if (!cJSON_IsObject(waivers)) {
        sva_html_paragraph(html, SVA_HTML_WAIVERS_NONE);
        sva_html_section_end(html);
        return;
    }
    const char *values[] = {sva_document_text(waivers, "path"),
                            sva_document_text(waivers, "sha256")};
    sva_html_sentence(html, SVA_HTML_EVIDENCE_FILE, values, 2);
    sva_html_table(html, SVA_HTML_WAIVERS, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(waiver, sva_document_at(waivers, "items"))
    {
        if (rows++ < SVA_HTML_ROWS) {
            put_waiver(html, waiver);
        }
    }
    sva_html_table_end(html, rows);
    sva_html_section_end(html);
}

static void put_files(struct sva_html *html, const cJSON *subject)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_FILE, SVA_HTML_HEAD_KIND,
                                                SVA_HTML_HEAD_BYTES, SVA_HTML_HEAD_DIGEST};
    const cJSON *file = NULL;
    size_t rows = 0;
    sva_html_table(html, SVA_HTML_IDENTITY, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(file, sva_document_at(subject, "files"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(file, "path"));
        sva_html_cell(html, sva_document_text(file, "kind"));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(file, "size")));
        sva_html_raw(html, "<td>");
        sva_html_code(html, sva_document_text(file, "sha256"));
        sva_html_raw(html, "</td></tr>\n");
    }
    sva_html_table_end(html, rows);
}

static void put_structure(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_COMPONENT, SVA_HTML_HEAD_KIND,
                                                SVA_HTML_HEAD_PARAMETERS, SVA_HTML_HEAD_LAYER_COUNT,
                                                SVA_HTML_HEAD_WIDTH};
    sva_html_table(html, SVA_HTML_STRUCTURE, HEADS, sizeof HEADS / sizeof *HEADS);
    for (size_t i = 0; i < html->component_count && i < SVA_HTML_ROWS; i++) {
        const cJSON *component = html->components[i].subject;
        sva_html_raw(html, "<tr>");
        sva_html_header(html, sva_document_text(component, "name"));
        sva_html_word_cell(html, SVA_WORDS_COMPONENT,
                           sva_document_text(component, "component_kind"));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(component, "parameters")));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(component, "layers")));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(component, "width")));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, html->component_count);
}

static void put_left_out(struct sva_html *html, const cJSON *subject)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_TENSOR, SVA_HTML_HEAD_COMPONENT,
                                                SVA_HTML_HEAD_PARAMETERS, SVA_HTML_HEAD_WHY};
    const cJSON *left_out = sva_document_at(subject, "left_out");
    const uint64_t count = sva_document_count(left_out, "tensors");
    const struct sva_html_figure figure = sva_html_count(count);
    const char *value = figure.text;
    const cJSON *tensor = NULL;
    size_t rows = 0;
    if (count == 0) {
        return;
    }
    sva_html_sentence(html, SVA_HTML_LEFT_OUT, &value, 1);
    sva_html_table(html, SVA_HTML_HEAD_TENSOR, HEADS, sizeof HEADS / sizeof *HEADS);
    cJSON_ArrayForEach(tensor, sva_document_at(left_out, "first"))
    {
        if (rows++ >= SVA_HTML_ROWS) {
            continue;
        }
        sva_html_raw(html, "<tr><th scope=\"row\">");
        sva_html_code(html, sva_document_text(tensor, "tensor"));
        sva_html_raw(html, "</th>");
        sva_html_cell(html, sva_document_text(tensor, "component"));
        sva_html_figure_cell(html, sva_html_count(sva_document_count(tensor, "parameters")));
        sva_html_word_cell(html, SVA_WORDS_LEFT_OUT, sva_document_text(tensor, "why"));
        sva_html_raw(html, "</tr>\n");
    }
    sva_html_table_end(html, 0);
    sva_html_more(html, count, rows);
}

/** What the vendor's signature over the files came to, and by whose key. */
static void put_signature(struct sva_html *html)
{
    const cJSON *manifest = sva_document_at(sva_document_at(html->report, "evidence"), "manifest");
    const cJSON *key = sva_document_at(manifest, "key");
    const char *state = sva_document_text(manifest, "state");
    const char *values[] = {sva_document_text(key, "fingerprint"), sva_document_text(key, "path")};
    const bool given = strcmp(sva_document_text(key, "source"), "given") == 0;
    if (!cJSON_IsObject(manifest)) {
        return;
    }
    sva_html_raw(html, "<dt>");
    sva_html_say(html, SVA_HTML_VENDOR_SIGNATURE);
    sva_html_raw(html, "</dt><dd>");
    sva_html_tag(html,
                 strcmp(state, "verified") == 0                                          ? "pass"
                 : strcmp(state, "invalid") == 0 || strcmp(state, "weights-differ") == 0 ? "fail"
                                                                                         : "review",
                 sva_html_word(html->lang, SVA_WORDS_SIGNATURE, state));
    sva_html_raw(html, " <bdi>");
    sva_html_text(html, sva_document_text(manifest, "path"));
    sva_html_raw(html, "</bdi>");
    if (cJSON_IsObject(key)) {
        sva_html_raw(html, "<br>");
        sva_html_fill(html, given ? SVA_HTML_SIGNED_BY_GIVEN : SVA_HTML_SIGNED_BY_DECLARED, values,
                      2);
    }
    sva_html_raw(html, "</dd>\n");
}

static void put_digests(struct sva_html *html, const cJSON *subject)
{
    const struct {
        enum sva_html_label name;
        const char *digest;
    } digests[] = {
        {SVA_HTML_MODEL_DIGEST, sva_document_text(subject, "model_digest")},
        {SVA_HTML_PRINT_DIGEST, sva_document_text(subject, "digest")},
        {SVA_HTML_REPORT_DIGEST, html->digest},
        {SVA_HTML_PACK_DIGEST, sva_document_text(sva_document_at(html->report, "pack"), "sha256")},
        {SVA_HTML_STORE_DIGEST,
         sva_document_text(sva_document_at(html->report, "store"), "digest")},
        {SVA_HTML_FACTS_DIGEST,
         sva_document_text(sva_document_at(html->report, "facts"), "sha256")},
    };
    sva_html_raw(html, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        if (digests[i].digest[0] != '\0') {
            sva_html_raw(html, "<dt>");
            sva_html_say(html, digests[i].name);
            sva_html_raw(html, "</dt><dd>");
            sva_html_code(html, digests[i].digest);
            sva_html_raw(html, "</dd>\n");
        }
    }
    put_signature(html);
    sva_html_raw(html, "</dl>\n");
}

void sva_html_identity(struct sva_html *html)
{
    const cJSON *subject = sva_document_at(html->report, "subject");
    sva_html_section(html, "identity", SVA_HTML_IDENTITY);
    sva_html_paragraph(html, SVA_HTML_IDENTITY_INTRO);
    put_digests(html, subject);
    put_files(html, subject);
    put_structure(html);
    if (sva_document_length(subject, "findings") > 0) {
        sva_html_heading(html, 3, SVA_HTML_FINDINGS);
        put_findings(html, sva_document_at(subject, "findings"));
    }
    put_left_out(html, subject);
    sva_html_section_end(html);
}

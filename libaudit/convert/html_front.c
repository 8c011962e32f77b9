/* SPDX-License-Identifier: Apache-2.0 */
/* Page one: the answer, for someone who reads nothing else. */
#include <stdio.h>
#include <string.h>

#include "convert/html_page.h"

enum {
    LISTED = 8,
    NAMES_LISTED = 2, /**< of long names */
    TITLES_LISTED = 3,
    COMPONENTS_SHOWN = 6,
    FINDINGS_SHOWN = 4,
    SUBJECT_WIDTH = 110, /**< of texts, in Latin letters, so that the page fits one sheet */
    NAME_WIDTH = 34,
    COMPONENT_WIDTH = 24,
    REASON_WIDTH = 80
};

/** A text shortened in its middle; names differ most at their ends. */
struct brief {
    char text[4 * SUBJECT_WIDTH + 8];
};

/** Columns that a character takes, by its first byte; 0 inside of one. */
static size_t columns_of(char byte)
{
    const unsigned char first = (unsigned char)byte;
    return (first & 0xC0) == 0x80 ? 0 : first < 0xE0 ? 1 : 2;
}

/** Start of the last character of which `width` columns are left, the end among them. */
static size_t tail_of(const char *text, size_t size, size_t width)
{
    size_t at = size;
    size_t kept = 0;
    size_t best = size;
    while (at > 0 && kept <= width) {
        kept += columns_of(text[--at]);
        best = columns_of(text[at]) > 0 && kept <= width ? at : best;
    }
    return best;
}

/** `width`: at most SUBJECT_WIDTH. The whole text is elsewhere in the report. */
static struct brief brief_of(const char *text, size_t width)
{
    struct brief brief = {""};
    const size_t size = strlen(text);
    const size_t rest = width / 3;
    size_t head = 0;
    size_t columns = 0;
    if (tail_of(text, size, width) == 0) {
        (void)snprintf(brief.text, sizeof brief.text, "%s", text);
        return brief;
    }
    while (head < size && columns + columns_of(text[head]) <= width - rest - 1) {
        columns += columns_of(text[head++]);
    }
    while (columns_of(text[head]) == 0) { /* never inside a character */
        head++;
    }
    (void)snprintf(brief.text, sizeof brief.text, "%.*s…%s", (int)head, text,
                   text + tail_of(text, size, rest));
    return brief;
}

/** Texts with commas between them, each once, at most LISTED; then "...". */
struct list {
    const char *items[LISTED];
    size_t count;
    bool more;
};

static void list_add(struct list *list, const char *item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], item) == 0) {
            return;
        }
    }
    if (list->count == LISTED || item[0] == '\0') {
        list->more = list->more || item[0] != '\0';
        return;
    }
    list->items[list->count++] = item;
}

/** A list item with the sentence `label` around the list. Nothing for an empty list. */
static void put_list(struct sva_html *html, enum sva_html_label label, const struct list *list)
{
    struct sva_bytes joined = {.data = NULL};
    if (list->count == 0) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        sva_bytes_text(&joined, i > 0 ? ", " : "");
        sva_bytes_text(&joined, brief_of(list->items[i], SUBJECT_WIDTH / 2).text);
    }
    sva_bytes_text(&joined, list->more ? sva_html_label(html->lang, SVA_HTML_AND_MORE) : "");
    const char *value = joined.data != NULL ? (const char *)joined.data : "";
    sva_html_raw(html, "<li>");
    sva_html_fill(html, label, &value, 1);
    sva_html_raw(html, "</li>\n");
    html->out->failed = html->out->failed || joined.failed;
    sva_bytes_done(&joined);
}

/** Ids of the rules with a verdict. */
static struct list rules_with(const struct sva_html *html, const char *verdict)
{
    struct list list = {.count = 0};
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, sva_document_at(html->report, "rules"))
    {
        if (strcmp(sva_document_text(rule, "verdict"), verdict) == 0 &&
            !sva_document_bool(rule, "waived")) {
            list_add(&list, sva_document_text(rule, "id"));
        }
    }
    return list;
}

static enum sva_html_label sentence_of(const char *verdict)
{
    static const struct {
        const char *verdict;
        enum sva_html_label label;
    } SENTENCES[] = {{"pass", SVA_HTML_SAY_PASS},
                     {"review", SVA_HTML_SAY_REVIEW},
                     {"incomplete", SVA_HTML_SAY_INCOMPLETE},
                     {"not-auditable", SVA_HTML_SAY_NOT_AUDITABLE}};
    for (size_t i = 0; i < sizeof SENTENCES / sizeof *SENTENCES; i++) {
        if (strcmp(SENTENCES[i].verdict, verdict) == 0) {
            return SENTENCES[i].label;
        }
    }
    return SVA_HTML_SAY_COMPARED;
}

/** "T1.1 title" of every criterion that failed. */
static void put_why(struct sva_html *html, const char *verdict)
{
    const cJSON *rule = NULL;
    struct list failed = {.count = 0};
    if (strcmp(verdict, "fail") != 0) {
        sva_html_say(html, sentence_of(verdict));
        return;
    }
    sva_html_say(html, SVA_HTML_SAY_FAIL);
    cJSON_ArrayForEach(rule, sva_document_at(html->report, "rules"))
    {
        const size_t before = failed.count;
        if (strcmp(sva_document_text(rule, "verdict"), "fail") == 0 &&
            !sva_document_bool(rule, "waived")) {
            list_add(&failed, sva_document_text(rule, "id"));
        }
        failed.more = failed.more || failed.count > TITLES_LISTED;
        if (failed.count > before && before < TITLES_LISTED) {
            sva_html_raw(html, before > 0 ? "; " : " ");
            sva_html_text(html, failed.items[before]);
            sva_html_raw(html, " ");
            sva_html_text(html, sva_html_both(html, rule, "title"));
        }
    }
    sva_html_raw(html, failed.more ? " …" : "");
}

static void put_verdict(struct sva_html *html)
{
    const char *verdict = sva_document_text(html->report, "verdict");
    const char *kind = verdict[0] == '\0' ? "info" : sva_html_kind_of_rule(verdict);
    sva_bytes_printf(html->out, "<div class=\"strip %s\">", kind);
    sva_html_sign(html, kind);
    sva_html_raw(html, "<div><p class=\"word\">");
    sva_html_word_of(html, SVA_WORDS_VERDICT, verdict);
    sva_html_raw(html, "</p><p class=\"why\">");
    put_why(html, verdict);
    sva_html_raw(html, "</p></div></div>\n");
}

static void open_fact(struct sva_html *html, enum sva_html_label name)
{
    sva_html_raw(html, "<dt>");
    sva_html_say(html, name);
    sva_html_raw(html, "</dt><dd>");
}

static void put_fact(struct sva_html *html, enum sva_html_label name, const char *value)
{
    open_fact(html, name);
    sva_html_raw(html, "<bdi>");
    sva_html_text(html, value);
    sva_html_raw(html, "</bdi></dd>\n");
}

static void put_pack(struct sva_html *html)
{
    const cJSON *pack = sva_document_at(html->report, "pack");
    const cJSON *effective = sva_document_at(pack, "effective");
    const char *state = sva_document_text(effective, "state");
    if (!cJSON_IsObject(pack)) {
        return;
    }
    const char *values[] = {
        sva_html_both(html, pack, "title"), sva_document_text(pack, "version"),
        sva_html_word(html->lang, SVA_WORDS_MISC, sva_document_text(pack, "profile"))};
    open_fact(html, SVA_HTML_CRITERIA_PACK);
    sva_html_fill(html, SVA_HTML_PACK_NAME, values, 3);
    if (strcmp(state, "in-force") != 0) {
        const bool later = strcmp(state, "not-yet") == 0;
        const char *day = sva_document_text(effective, later ? "from" : "until");
        sva_html_raw(html, " · ");
        sva_html_fill(html, later ? SVA_HTML_PACK_NOT_YET : SVA_HTML_PACK_NO_LONGER, &day, 1);
    }
    const char *status =
        sva_html_word(html->lang, SVA_WORDS_MISC, sva_document_text(pack, "status"));
    if (status[0] != '\0') {
        sva_html_raw(html, " · ");
        sva_html_fill(html, SVA_HTML_PACK_STATUS, &status, 1);
    }
    sva_html_raw(html, "</dd>\n");
}

/** Nothing where the weights were read in full. */
static void put_reading(struct sva_html *html, const cJSON *reading)
{
    const struct sva_html_figure figures[] = {
        sva_html_count(sva_document_count(reading, "bytes_read")),
        sva_html_count(sva_document_count(reading, "bytes_total"))};
    const char *values[] = {figures[0].text, figures[1].text};
    if (sva_document_text(reading, "mode")[0] != '\0') {
        open_fact(html, SVA_HTML_READING);
        sva_html_fill(html, SVA_HTML_READING_QUICK, values, 2);
        sva_html_raw(html, "</dd>\n");
    }
}

static void put_identity(struct sva_html *html)
{
    const cJSON *subject = sva_document_at(html->report, "subject");
    const struct sva_html_figure figures[] = {
        sva_html_count(sva_document_count(subject, "parameters")),
        sva_html_count(sva_document_count(subject, "tensors")),
        sva_html_count(sva_document_count(subject, "weight_bytes"))};
    const char *size[] = {figures[0].text, figures[1].text, figures[2].text};
    sva_html_raw(html, "<dl class=\"facts\">\n");
    open_fact(html, SVA_HTML_SIZE);
    sva_html_fill(html, SVA_HTML_SIZE_OF, size, 3);
    sva_html_raw(html, "</dd>\n");
    put_reading(html, sva_document_at(subject, "reading"));
    put_pack(html);
    if (sva_document_text(html->report, "subject_date")[0] != '\0') {
        put_fact(html, SVA_HTML_SUBJECT_DATE, sva_document_text(html->report, "subject_date"));
    }
    sva_html_raw(html, "</dl>\n");
}

static void put_compared(struct sva_html *html)
{
    const cJSON *references = sva_document_at(html->report, "references");
    const cJSON *subject = sva_document_at(html->report, "subject");
    const char *newest = sva_document_text(references, "newest_release");
    const struct sva_html_figure figures[] = {
        sva_html_count(html->component_count),
        sva_html_count(sva_document_count(subject, "parameters")),
        sva_html_count(sva_document_count(references, "tested"))};
    const char *values[] = {figures[0].text, figures[1].text, figures[2].text, newest};
    struct list excluded = {.count = 0};
    struct brief names[NAMES_LISTED];
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, sva_document_at(html->report, "excluded"))
    {
        const char *name = cJSON_GetStringValue(item);
        if (excluded.count == NAMES_LISTED) {
            excluded.more = true;
            break;
        }
        names[excluded.count] = brief_of(name != NULL ? name : "", NAME_WIDTH);
        excluded.items[excluded.count] = names[excluded.count].text;
        excluded.count++;
    }
    sva_html_heading(html, 3, SVA_HTML_COMPARED_WITH);
    sva_html_sentence(html, newest[0] != '\0' ? SVA_HTML_SAY_TESTED : SVA_HTML_SAY_TESTED_UNDATED,
                      values, 4);
    if (excluded.count > 0) {
        sva_html_raw(html, "<ul>");
        put_list(html, SVA_HTML_SAY_EXCLUDED, &excluded);
        sva_html_raw(html, "</ul>\n");
    }
}

static void put_component(struct sva_html *html, const struct sva_html_component *component)
{
    const char *answer = sva_document_text(component->result, "answer");
    const cJSON *reference = sva_document_at(component->comparison, "reference");
    const bool named = strcmp(answer, "no-evidence") != 0 && strcmp(answer, "not-comparable") != 0;
    sva_html_raw(html, "<tr>");
    sva_html_header(html,
                    brief_of(sva_document_text(component->subject, "name"), COMPONENT_WIDTH).text);
    sva_html_raw(html, "<td>");
    if (answer[0] == '\0') {
        answer = "not-comparable";
    }
    sva_html_tag(html, sva_html_kind_of_answer(answer),
                 sva_html_word(html->lang, SVA_WORDS_ANSWER, answer));
    sva_html_raw(html, "</td>");
    sva_html_cell(html,
                  named ? brief_of(sva_document_text(reference, "name"), NAME_WIDTH).text : "–");
    sva_html_raw(html, "<td>");
    sva_html_bar(html, component);
    sva_html_raw(html, "</td></tr>\n");
}

static void put_waiver(struct sva_html *html, const cJSON *rule)
{
    const cJSON *waiver = sva_document_at(rule, "waiver");
    const struct brief approver = brief_of(sva_document_text(waiver, "approver"), COMPONENT_WIDTH);
    const struct brief text = brief_of(sva_document_text(waiver, "text"), REASON_WIDTH);
    const char *values[] = {
        approver.text, sva_document_text(waiver, "expires"),
        sva_html_word(html->lang, SVA_WORDS_WAIVER_REASON, sva_document_text(waiver, "reason")),
        text.text};
    if (sva_document_bool(rule, "waived")) {
        sva_html_raw(html, "<br>");
        sva_html_fill(html, SVA_HTML_WAIVED_BY, values, 4);
    }
}

/** A failed rule, or one to be decided: its title and the component it is about. */
static size_t put_findings(struct sva_html *html, const char *verdict, size_t shown)
{
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, sva_document_at(html->report, "rules"))
    {
        if (strcmp(sva_document_text(rule, "verdict"), verdict) != 0) {
            continue;
        }
        if (++shown > FINDINGS_SHOWN) {
            continue;
        }
        const struct brief component =
            brief_of(sva_document_text(rule, "component"), COMPONENT_WIDTH);
        const struct brief reference = brief_of(sva_document_text(rule, "reference"), NAME_WIDTH);
        sva_html_raw(html, "<li>");
        sva_html_tag(html, sva_html_kind_of_rule(verdict),
                     sva_html_word(html->lang, SVA_WORDS_RULE, verdict));
        sva_html_raw(html, " ");
        sva_html_text(html, sva_document_text(rule, "id"));
        sva_html_raw(html, " ");
        sva_html_text(html, sva_html_both(html, rule, "title"));
        sva_html_raw(html, ": <bdi>");
        sva_html_text(html, component.text[0] != '\0'
                                ? component.text
                                : sva_html_label(html->lang, SVA_HTML_WHOLE_MODEL));
        sva_html_raw(html, reference.text[0] != '\0' ? "</bdi> – <bdi>" : "");
        sva_html_text(html, reference.text);
        sva_html_raw(html, "</bdi>");
        put_waiver(html, rule);
        sva_html_raw(html, "</li>\n");
    }
    return shown;
}

/** What was left out of this page only. */
static void put_more(struct sva_html *html, size_t count, size_t shown)
{
    const struct sva_html_figure more = sva_html_count(count > shown ? count - shown : 0);
    const char *value = more.text;
    if (count > shown) {
        sva_html_sentence(html, SVA_HTML_MORE_BELOW, &value, 1);
    }
}

static void put_found(struct sva_html *html)
{
    static const enum sva_html_label HEADS[] = {SVA_HTML_HEAD_COMPONENT, SVA_HTML_HEAD_ANSWER,
                                                SVA_HTML_HEAD_REFERENCE, SVA_HTML_HEAD_COVERAGE};
    sva_html_heading(html, 3, SVA_HTML_FOUND);
    sva_html_table(html, SVA_HTML_COMPONENTS, HEADS, 4);
    const size_t count = html->component_count;
    for (size_t i = 0; i < count && i < COMPONENTS_SHOWN; i++) {
        put_component(html, &html->components[i]);
    }
    sva_html_table_end(html, 0);
    put_more(html, count, COMPONENTS_SHOWN);
    sva_html_raw(html, "<ul>\n");
    size_t shown = put_findings(html, "fail", 0);
    shown = put_findings(html, "review", shown);
    sva_html_raw(html, "</ul>\n");
    put_more(html, shown, FINDINGS_SHOWN);
    (void)sva_html_since(html);
}

/** Kinds of documents that rules wanted and nobody handed in, in words. */
static struct list documents_missing(const struct sva_html *html)
{
    struct list list = {.count = 0};
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, sva_document_at(html->report, "rules"))
    {
        const cJSON *kind = NULL;
        cJSON_ArrayForEach(kind, sva_document_at(rule, "missing"))
        {
            const char *name = cJSON_GetStringValue(kind);
            list_add(&list,
                     name != NULL ? sva_html_word(html->lang, SVA_WORDS_DOCUMENT, name) : "");
        }
    }
    return list;
}

static size_t unsound_documents(const struct sva_html *html)
{
    size_t count = 0;
    const cJSON *document = NULL;
    const cJSON *evidence = sva_document_at(html->report, "evidence");
    cJSON_ArrayForEach(document, sva_document_at(evidence, "documents"))
    {
        const char *state = sva_document_text(document, "state");
        count += strcmp(state, "missing") == 0 || strcmp(state, "changed") == 0 ||
                         strcmp(state, "malformed") == 0
                     ? 1
                     : 0;
    }
    return count;
}

static struct list untested_components(const struct sva_html *html)
{
    struct list list = {.count = 0};
    for (size_t i = 0; i < html->component_count; i++) {
        if (html->components[i].tested == 0) {
            list_add(&list, sva_document_text(html->components[i].subject, "name"));
        }
    }
    return list;
}

static void put_missing(struct sva_html *html)
{
    const bool judged = cJSON_IsObject(sva_document_at(html->report, "pack"));
    const struct list unchecked = rules_with(html, "not-checked");
    const struct list documents = documents_missing(html);
    const struct list untested = untested_components(html);
    const size_t unsound = unsound_documents(html);
    const bool uncounted = judged && cJSON_IsNull(sva_document_at(html->report, "evidence"));
    sva_html_heading(html, 3, SVA_HTML_MISSING);
    sva_html_raw(html, "<ul>\n");
    put_list(html, SVA_HTML_SAY_UNCHECKED, &unchecked);
    put_list(html, SVA_HTML_SAY_DOCUMENTS_MISSING, &documents);
    put_list(html, SVA_HTML_SAY_NOT_COMPARABLE, &untested);
    if (unsound > 0) {
        const struct sva_html_figure figure = sva_html_count(unsound);
        const struct list number = {.items = {figure.text}, .count = 1};
        put_list(html, SVA_HTML_SAY_DOCUMENTS_UNSOUND, &number);
    }
    if (uncounted) {
        sva_html_raw(html, "<li>");
        sva_html_say(html, SVA_HTML_SAY_UNCOUNTED);
        sva_html_raw(html, "</li>\n");
    } else if (unchecked.count + documents.count + untested.count + unsound == 0) {
        sva_html_raw(html, "<li>");
        sva_html_say(html, SVA_HTML_MISSING_NOTHING);
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, "</ul>\n");
}

static void put_cannot(struct sva_html *html)
{
    static const enum sva_html_label ITEMS[] = {SVA_HTML_CANNOT_REFERENCES, SVA_HTML_CANNOT_OUTPUTS,
                                                SVA_HTML_CANNOT_WHO};
    sva_html_heading(html, 3, SVA_HTML_CANNOT);
    sva_html_raw(html, "<ul>\n");
    for (size_t i = 0; i < sizeof ITEMS / sizeof *ITEMS; i++) {
        sva_html_raw(html, "<li>");
        sva_html_say(html, ITEMS[i]);
        sva_html_raw(html, "</li>\n");
    }
    sva_html_raw(html, "</ul>\n");
}

static void put_digest(struct sva_html *html, enum sva_html_label name, const char *digest)
{
    open_fact(html, name);
    if (digest[0] != '\0') {
        sva_html_code(html, digest);
    } else {
        sva_html_say(html, SVA_HTML_NOT_KNOWN);
    }
    sva_html_raw(html, "</dd>\n");
}

static void put_signature(struct sva_html *html)
{
    static const enum sva_html_label LINES[] = {SVA_HTML_SIGN_ORGANISATION, SVA_HTML_SIGN_NAME,
                                                SVA_HTML_SIGN_DATE, SVA_HTML_SIGN_HERE};
    const cJSON *subject = sva_document_at(html->report, "subject");
    sva_html_heading(html, 3, SVA_HTML_SIGNATURE);
    sva_html_raw(html, "<div class=\"sign-here\">");
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        sva_html_raw(html, "<div>");
        sva_html_say(html, LINES[i]);
        sva_html_raw(html, "</div>");
    }
    sva_html_raw(html, "</div>\n<dl class=\"facts digests\">\n");
    put_digest(html, SVA_HTML_MODEL_DIGEST, sva_document_text(subject, "model_digest"));
    put_digest(html, SVA_HTML_REPORT_DIGEST, html->digest);
    sva_html_raw(html, "</dl>\n<p class=\"small\">");
    sva_html_say(html, SVA_HTML_RESULTS_RELATE);
    sva_html_raw(html, "</p>\n");
}

/** Lines that an entry with these names takes on paper. */
static size_t lines_of(const char *name, const char *reference)
{
    enum { ONE_LINE = 40 };
    return strlen(name) + strlen(reference) > ONE_LINE ? 2 : 1;
}

/** Lines of the results shown, with their waivers and the number of the others. */
static size_t finding_lines(const struct sva_html *html)
{
    const cJSON *rule = NULL;
    size_t lines = 0;
    size_t shown = 0;
    cJSON_ArrayForEach(rule, sva_document_at(html->report, "rules"))
    {
        const char *verdict = sva_document_text(rule, "verdict");
        const bool listed = strcmp(verdict, "fail") == 0 || strcmp(verdict, "review") == 0;
        if (listed && ++shown <= FINDINGS_SHOWN) {
            lines += lines_of(sva_document_text(rule, "component"),
                              sva_document_text(rule, "reference"));
            lines += sva_document_bool(rule, "waived") ? 1 : 0;
        }
    }
    return lines + (shown > FINDINGS_SHOWN ? 1 : 0);
}

/**
 * Is there so much that paper needs smaller letters? Printed pages with six components and four
 * results of short names fit as they are; half of the room that they leave is kept for long lists.
 */
static bool is_dense(const struct sva_html *html)
{
    enum { LINES_MOST = 8 };
    size_t lines = finding_lines(html) + (html->component_count > COMPONENTS_SHOWN ? 1 : 0);
    for (size_t i = 0; i < html->component_count && i < COMPONENTS_SHOWN; i++) {
        const struct sva_html_component *component = &html->components[i];
        lines += lines_of(
            sva_document_text(component->subject, "name"),
            sva_document_text(sva_document_at(component->comparison, "reference"), "name"));
    }
    lines += cJSON_IsObject(sva_document_at(html->report, "baseline")) ? 2 : 0;
    lines += sva_document_length(html->report, "excluded") > 0 ? 1 : 0;
    return lines > LINES_MOST;
}

void sva_html_front(struct sva_html *html)
{
    const cJSON *tool = sva_document_at(html->report, "tool");
    const struct sva_html_figure method =
        sva_html_count(sva_document_count(tool, "method_version"));
    const char *values[] = {sva_document_text(tool, "name"), sva_document_text(tool, "version"),
                            method.text};
    const struct brief subject = brief_of(
        sva_document_text(sva_document_at(html->report, "subject"), "name"), SUBJECT_WIDTH);
    const char *name = subject.text;
    sva_bytes_printf(html->out, "<div class=\"front%s\">\n<p class=\"over\"><span>",
                     is_dense(html) ? " dense" : "");
    sva_html_say(html, SVA_HTML_NUMBER);
    sva_bytes_printf(html->out, " %s</span><span>", html->number);
    sva_html_say(html, SVA_HTML_DATE);
    sva_html_raw(html, " ");
    sva_html_text(html, sva_document_text(html->report, "as_of"));
    sva_html_raw(html, "</span><span>");
    sva_html_fill(html, SVA_HTML_TOOL_NAME, values, 3);
    sva_bytes_printf(html->out, "</span></p>\n<h1 id=\"%stop\">", html->prefix);
    sva_html_say(html, SVA_HTML_TITLE);
    sva_html_raw(html, "</h1>\n<p class=\"of\">");
    sva_html_fill(html, SVA_HTML_OF_SUBJECT, &name, 1);
    sva_html_raw(html, "</p>\n");
    sva_bytes_printf(html->out,
                     "<section aria-labelledby=\"%ssummary\"><h2 class=\"screen\" "
                     "id=\"%ssummary\">",
                     html->prefix, html->prefix);
    sva_html_say(html, SVA_HTML_SUMMARY);
    sva_html_raw(html, "</h2>\n");
    put_verdict(html);
    put_identity(html);
    sva_html_raw(html, "<div class=\"two\"><div>\n");
    put_compared(html);
    sva_html_raw(html, "</div><div>\n");
    put_cannot(html);
    sva_html_raw(html, "</div></div>\n");
    put_found(html);
    put_missing(html);
    put_signature(html);
    sva_html_raw(html, "</section></div>\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit XML as GitLab, Jenkins and Surefire's schema read it: one suite per rule pack, one case per
 * result. It knows passed, failed, in error and skipped; what a person must look at is skipped, or
 * failed when the report's own exit code says that reviews fail.
 */
#include <string.h>

#include "convert/formats.h"
#include "convert/render.h"

enum { EXIT_CODE_REVIEW = 5 };

struct junit {
    struct sva_bytes *out;
    const cJSON *report;
    enum sva_lang lang;
    bool reviews_fail;
};

enum case_kind { CASE_PASSED, CASE_FAILED, CASE_ERROR, CASE_SKIPPED, CASE_KINDS };

static enum case_kind kind_of(const struct junit *junit, const cJSON *rule)
{
    const enum sva_outcome outcome = sva_render_outcome(rule);
    const bool in_error = strcmp(sva_document_text(rule, "verdict"), "error") == 0;
    if (outcome == SVA_OUTCOME_PASS) {
        return CASE_PASSED;
    }
    if (sva_document_bool(rule, "waived") || outcome == SVA_OUTCOME_ASIDE) {
        return CASE_SKIPPED;
    }
    if (outcome == SVA_OUTCOME_FAIL || (outcome == SVA_OUTCOME_REVIEW && junit->reviews_fail)) {
        return CASE_FAILED;
    }
    return in_error ? CASE_ERROR : CASE_SKIPPED;
}

static void put_attribute(struct junit *junit, const char *name, const char *value)
{
    sva_bytes_printf(junit->out, " %s=\"", name);
    sva_render_xml(junit->out, value);
    sva_bytes_text(junit->out, "\"");
}

static void put_property(struct junit *junit, const char *name, const char *value)
{
    sva_bytes_text(junit->out, "      <property");
    put_attribute(junit, "name", name);
    put_attribute(junit, "value", value);
    sva_bytes_text(junit->out, "/>\n");
}

static void put_properties(struct junit *junit)
{
    const cJSON *const report = junit->report;
    const cJSON *const pack = sva_document_at(report, "pack");
    const cJSON *const subject = sva_document_at(report, "subject");
    char text[SVA_DOCUMENT_READING_BYTES];
    const char *const reading = sva_document_reading(subject, text);
    sva_bytes_text(junit->out, "    <properties>\n");
    put_property(junit, "sovaudit.verdict", sva_document_text(report, "verdict"));
    put_property(junit, "sovaudit.version",
                 sva_document_text(sva_document_at(report, "tool"), "version"));
    put_property(junit, "model.name", sva_document_text(subject, "name"));
    put_property(junit, "model.digest", sva_document_text(subject, "model_digest"));
    if (reading[0] != '\0') {
        put_property(junit, "model.reading", reading);
    }
    put_property(junit, "pack.id", sva_document_text(pack, "id"));
    put_property(junit, "pack.version", sva_document_text(pack, "version"));
    put_property(junit, "pack.sha256", sva_document_text(pack, "sha256"));
    sva_bytes_text(junit->out, "    </properties>\n");
}

/** "failure", "error" or "skipped" of a case that did not pass, with its sentence inside. */
static void put_trouble(struct junit *junit, const cJSON *rule, const char *element)
{
    const char *verdict = sva_document_text(rule, "verdict");
    const char *state = sva_document_text(rule, "baseline");
    const cJSON *waiver = sva_document_at(rule, "waiver");
    const cJSON *criterion = sva_render_criterion(junit->report, sva_document_text(rule, "id"));
    sva_bytes_printf(junit->out, "      <%s message=\"", element);
    if (sva_document_bool(rule, "waived")) {
        sva_bytes_text(junit->out, junit->lang == SVA_LANG_KO ? "면제 (" : "waived (");
        sva_render_xml(junit->out, sva_document_text(waiver, "approver"));
        sva_bytes_text(junit->out, ", ");
        sva_render_xml(junit->out, sva_document_text(waiver, "expires"));
        sva_bytes_text(junit->out, "): ");
    }
    sva_render_xml(junit->out, state);
    sva_bytes_text(junit->out, state[0] != '\0' ? ": " : "");
    sva_render_xml(junit->out, sva_render_words(rule, "detail", junit->lang));
    sva_bytes_text(junit->out, "\"");
    put_attribute(junit, "type", verdict);
    sva_bytes_text(junit->out, ">");
    sva_render_xml(junit->out, sva_render_words(rule, "detail", junit->lang));
    if (strcmp(element, "failure") == 0) {
        sva_bytes_text(junit->out, "\n");
        sva_render_xml(junit->out, sva_render_words(criterion, "remedy", junit->lang));
    }
    sva_bytes_printf(junit->out, "</%s>\n", element);
}

static void put_case(struct junit *junit, const cJSON *rule)
{
    static const char *const ELEMENTS[CASE_KINDS] = {NULL, "failure", "error", "skipped"};
    const char *element = ELEMENTS[kind_of(junit, rule)];
    const char *component = sva_document_text(rule, "component");
    sva_bytes_text(junit->out, "    <testcase name=\"");
    sva_render_xml(junit->out, sva_document_text(rule, "id"));
    sva_bytes_text(junit->out, " ");
    sva_render_xml(junit->out, sva_render_words(rule, "title", junit->lang));
    if (component[0] != '\0') {
        sva_bytes_text(junit->out, " [");
        sva_render_xml(junit->out, component);
        sva_bytes_text(junit->out, "]");
    }
    sva_bytes_text(junit->out, "\" classname=\"");
    sva_render_xml(junit->out, sva_document_text(sva_document_at(junit->report, "pack"), "id"));
    sva_bytes_text(junit->out, ".");
    sva_render_xml(junit->out, sva_document_text(rule, "id"));
    sva_bytes_text(junit->out, element != NULL ? "\" time=\"0\">\n" : "\" time=\"0\"/>\n");
    if (element != NULL) {
        put_trouble(junit, rule, element);
        sva_bytes_text(junit->out, "    </testcase>\n");
    }
}

enum sva_status sva_render_junit(const cJSON *report, const struct sva_render_options *options,
                                 struct sva_bytes *out, struct sva_error *error)
{
    struct junit junit = {.out = out,
                          .report = report,
                          .lang = options->lang,
                          .reviews_fail =
                              sva_document_count(report, "exit_code") == EXIT_CODE_REVIEW};
    const cJSON *const pack = sva_document_at(report, "pack");
    const cJSON *rule = NULL;
    size_t counts[CASE_KINDS] = {0};
    size_t tests = 0;
    char moment[SVA_MOMENT_TEXT];
    (void)error;
    cJSON_ArrayForEach(rule, sva_document_at(report, "rules"))
    {
        counts[kind_of(&junit, rule)]++;
        tests++;
    }
    sva_render_moment(sva_document_text(report, "as_of"), moment);
    sva_bytes_printf(out,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sovaudit\" "
                     "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\">\n  <testsuite",
                     tests, counts[CASE_FAILED], counts[CASE_ERROR]);
    put_attribute(&junit, "name", sva_document_text(pack, "id"));
    sva_bytes_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", tests,
                     counts[CASE_FAILED], counts[CASE_ERROR], counts[CASE_SKIPPED]);
    sva_bytes_printf(out, " time=\"0\" timestamp=\"%.19s\">\n", moment);
    put_properties(&junit);
    cJSON_ArrayForEach(rule, sva_document_at(report, "rules"))
    {
        put_case(&junit, rule);
    }
    sva_bytes_text(out, "  </testsuite>\n</testsuites>\n");
    return SVA_OK;
}

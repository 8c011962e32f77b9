/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/sarif.h"

#include <string.h>

#include "report/finding_sentence.h"

/** Results are about whole files; code scanning wants a line, so they stand at the first. */
static void put_first_character(struct sva_writer *json)
{
    sva_writer_object(json, "region");
    sva_writer_count(json, "endColumn", 1);
    sva_writer_count(json, "endLine", 1);
    sva_writer_count(json, "startColumn", 1);
    sva_writer_count(json, "startLine", 1);
    sva_writer_object_end(json);
}

/** {"physicalLocation": ..., "logicalLocations": ...} of a file and a component, either "" . */
static void put_location(struct sva_sarif *sarif, const char *path, const char *component)
{
    struct sva_writer *json = &sarif->json;
    sva_writer_array(json, "locations");
    sva_writer_object(json, NULL);
    if (component[0] != '\0') {
        sva_writer_array(json, "logicalLocations");
        sva_writer_object(json, NULL);
        sva_writer_text(json, "fullyQualifiedName", component);
        sva_writer_text(json, "kind", "module");
        sva_writer_text(json, "name", component);
        sva_writer_object_end(json);
        sva_writer_array_end(json);
    }
    if (path[0] != '\0') {
        sva_writer_object(json, "physicalLocation");
        sva_writer_object(json, "artifactLocation");
        sva_writer_text(json, "uri", sva_sarif_made(sarif, sva_render_uri(&sarif->arena, path)));
        sva_writer_text(json, "uriBaseId", SVA_SARIF_BASE);
        sva_writer_object_end(json);
        put_first_character(json);
        sva_writer_object_end(json);
    }
    sva_writer_object_end(json);
    sva_writer_array_end(json);
}

static void put_fingerprint(struct sva_sarif *sarif, const struct sva_identity *identity)
{
    sarif->json.bytes.failed = sarif->json.bytes.failed || identity->failed;
    sva_writer_object(&sarif->json, "partialFingerprints");
    sva_writer_text(&sarif->json, "sovaudit/v1", identity->hex);
    sva_writer_object_end(&sarif->json);
}

static void put_suppression(struct sva_sarif *sarif, const cJSON *waiver)
{
    struct sva_writer *json = &sarif->json;
    sva_writer_array(json, "suppressions");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "justification", sva_document_text(waiver, "text"));
    sva_writer_text(json, "kind", "external");
    sva_writer_object(json, "properties");
    sva_writer_text(json, "approver", sva_document_text(waiver, "approver"));
    sva_writer_text(json, "date", sva_document_text(waiver, "date"));
    sva_writer_text(json, "evidence", sva_document_text(waiver, "evidence"));
    sva_writer_text(json, "expires", sva_document_text(waiver, "expires"));
    sva_writer_text(json, "reason", sva_document_text(waiver, "reason"));
    sva_writer_object_end(json);
    sva_writer_text(json, "status", "accepted");
    sva_writer_object_end(json);
    sva_writer_array_end(json);
}

/** Index of the pack's rule, the number of the pack's rules when it is none of them. */
static size_t criterion_index(const struct sva_sarif *sarif, const cJSON *criterion)
{
    const cJSON *list = sva_document_at(sva_document_at(sarif->report, "pack"), "criteria");
    size_t index = 0;
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL && item != criterion;
         item = item->next) {
        index++;
    }
    return index;
}

static void put_kind(struct sva_writer *json, enum sva_outcome outcome, const cJSON *criterion)
{
    const bool fails = outcome == SVA_OUTCOME_FAIL;
    const char *severity = sva_document_text(criterion, "severity");
    const char *level = strcmp(severity, "review") == 0 ? "warning"
                        : strcmp(severity, "info") == 0 ? "note"
                                                        : "error";
    sva_writer_text(json, "kind",
                    fails                           ? "fail"
                    : outcome == SVA_OUTCOME_REVIEW ? "review"
                                                    : "open");
    sva_writer_text(json, "level", fails ? level : "none"); /* 3.27.10: "none" unless it fails */
}

static void put_baseline_state(struct sva_writer *json, const char *state)
{
    if (strcmp(state, "new") == 0 || strcmp(state, "unchanged") == 0 ||
        strcmp(state, "updated") == 0 || strcmp(state, "absent") == 0) {
        sva_writer_text(json, "baselineState", state);
    }
}

static void put_rule(struct sva_sarif *sarif, const cJSON *rule, enum sva_outcome outcome)
{
    struct sva_writer *json = &sarif->json;
    const cJSON *criterion = sva_render_criterion(sarif->report, sva_document_text(rule, "id"));
    const cJSON *place = sva_render_place(&sarif->places, criterion);
    const struct sva_identity identity = sva_render_rule_identity(rule);
    sva_writer_object(json, NULL);
    put_baseline_state(json, sva_document_text(rule, "baseline"));
    put_kind(json, outcome, criterion);
    put_location(sarif, sva_document_text(place, "path"), sva_document_text(rule, "component"));
    sva_sarif_message(json, "message", sva_render_words(rule, "detail", sarif->lang));
    put_fingerprint(sarif, &identity);
    sva_writer_object(json, "properties");
    sva_writer_text(json, "reference", sva_document_text(rule, "reference"));
    sva_writer_text(json, "verdict", sva_document_text(rule, "verdict"));
    sva_writer_object_end(json);
    sva_writer_text(json, "ruleId", sva_document_text(rule, "id"));
    if (criterion != NULL) {
        sva_writer_count(json, "ruleIndex", criterion_index(sarif, criterion));
    }
    if (sva_document_bool(rule, "waived")) {
        put_suppression(sarif, sva_document_at(rule, "waiver"));
    }
    sva_writer_object_end(json);
}

/** Passed, inapplicable and informational rules are no results: viewers would list them as alerts.
 */
static void put_rules(struct sva_sarif *sarif)
{
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, sva_document_at(sarif->report, "rules"))
    {
        const enum sva_outcome outcome = sva_render_outcome(rule);
        const bool open = outcome == SVA_OUTCOME_NOT_CHECKED && sva_document_bool(rule, "counted");
        if (open || outcome == SVA_OUTCOME_FAIL || outcome == SVA_OUTCOME_REVIEW) {
            put_rule(sarif, rule, outcome);
        }
    }
}

/** What an earlier report held and this one does not any more. */
static void put_absent(struct sva_sarif *sarif)
{
    struct sva_writer *json = &sarif->json;
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, sva_document_at(sva_document_at(sarif->report, "baseline"), "absent"))
    {
        const struct sva_identity identity = sva_render_rule_identity(rule);
        const cJSON *criterion = sva_render_criterion(sarif->report, sva_document_text(rule, "id"));
        sva_writer_object(json, NULL);
        put_baseline_state(json, "absent");
        put_kind(json, sva_render_outcome(rule), criterion);
        put_location(sarif, sva_document_text(sva_render_place(&sarif->places, criterion), "path"),
                     sva_document_text(rule, "component"));
        sva_sarif_message(json, "message",
                          sarif->lang == SVA_LANG_KO
                              ? "이전 보고서에는 있었으나 이번 보고서에는 없는 결과입니다."
                              : "An earlier report held this result; it is not there any more.");
        put_fingerprint(sarif, &identity);
        sva_writer_text(json, "ruleId", sva_document_text(rule, "id"));
        if (criterion != NULL) {
            sva_writer_count(json, "ruleIndex", criterion_index(sarif, criterion));
        }
        sva_writer_object_end(json);
    }
}

static void put_findings(struct sva_sarif *sarif, const cJSON *findings, bool of_model)
{
    struct sva_writer *json = &sarif->json;
    const cJSON *finding = NULL;
    cJSON_ArrayForEach(finding, findings)
    {
        const char *code = sva_document_text(finding, "code");
        const char *file = sva_document_text(finding, "file");
        const char *text = sva_document_text(finding, "text");
        const struct sva_finding said = {.code = code, .file = file, .text = text};
        const char *parts[] = {"finding", code, file, text};
        const struct sva_identity identity = sva_render_identity(parts, 4);
        const size_t index = sva_sarif_code_index(sarif, code);
        const bool other = index == sarif->criterion_count + sarif->code_count;
        const char *id = sva_arena_printf(&sarif->arena, "finding/%s", other ? "other" : code);
        const char *shown = of_model && file[0] == '\0'
                                ? sva_document_text(sva_render_place(&sarif->places, NULL), "path")
                                : file;
        sva_writer_object(json, NULL);
        sva_writer_text(json, "kind", "informational");
        sva_writer_text(json, "level", "none");
        put_location(sarif, shown, "");
        sva_sarif_message(
            json, "message",
            text[0] == '\0'
                ? code
                : sva_sarif_made(sarif, sva_finding_sentence(&sarif->arena, sarif->lang, &said)));
        put_fingerprint(sarif, &identity);
        sva_writer_text(json, "ruleId", sva_sarif_made(sarif, id));
        sva_writer_count(json, "ruleIndex", index);
        sva_writer_object_end(json);
    }
}

void sva_sarif_results(struct sva_sarif *sarif)
{
    const cJSON *const report = sarif->report;
    sva_writer_array(&sarif->json, "results");
    put_rules(sarif);
    put_absent(sarif);
    put_findings(sarif, sva_document_at(sva_document_at(report, "subject"), "findings"), true);
    put_findings(sarif, sva_document_at(sva_document_at(report, "evidence"), "findings"), false);
    sva_writer_array_end(&sarif->json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * https://pages.nist.gov/OSCAL/reference/latest/assessment-results/
 * Controls, statements and the catalogue's UUID are those that report/oscal_catalog.c writes for
 * the same rule pack. A result is an observation; a rule's results together are a finding.
 */
#include <stdio.h>
#include <string.h>

#include "convert/formats.h"
#include "convert/render.h"

#define OSCAL_NAMESPACE "https://sovaudit.org/ns/oscal"

struct oscal {
    struct sva_writer json;
    struct sva_arena arena;
    struct sva_results results;
    const cJSON *report;
    enum sva_lang lang;
    uint8_t seed[SVA_DIGEST_BYTES]; /**< of this document's UUIDs: SHA-256 of the report */
    char moment[SVA_MOMENT_TEXT];
};

/** UUID of a part of this document. */
static void make_uuid(struct oscal *oscal, const char *what, size_t index, char *uuid)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%.32s/%zu", what, index);
    if (!sva_uuid_name(oscal->seed, name, uuid)) {
        oscal->json.bytes.failed = true;
    }
}

static void put_uuid(struct oscal *oscal, const char *key, const char *what, size_t index)
{
    char uuid[SVA_UUID_TEXT];
    make_uuid(oscal, what, index, uuid);
    sva_writer_text(&oscal->json, key, uuid);
}

static const char *made(struct oscal *oscal, const char *text)
{
    oscal->json.bytes.failed = oscal->json.bytes.failed || text == NULL;
    return text != NULL ? text : "";
}

/** One line without blanks at its ends, "-" for none: OSCAL's strings and lines. */
static const char *line(struct oscal *oscal, const char *text)
{
    struct sva_bytes out = {.data = NULL};
    bool blank = false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7f) {
            blank = out.size > 0;
            continue;
        }
        sva_bytes_printf(&out, blank ? " %c" : "%c", *text);
        blank = false;
    }
    sva_bytes_text(&out, out.size == 0 ? "-" : "");
    return made(oscal, sva_bytes_keep(&out, &oscal->arena));
}

/** The same where markup is read. */
static const char *markup(struct oscal *oscal, const char *text)
{
    struct sva_bytes out = {.data = NULL};
    sva_render_markdown_text(&out, line(oscal, text));
    return made(oscal, sva_bytes_keep(&out, &oscal->arena));
}

/** An id as the catalogue has it; of foreign reports, what no token holds becomes "_". */
static const char *token(struct oscal *oscal, const char *id, const char *ending)
{
    struct sva_bytes out = {.data = NULL};
    const bool letter = (*id >= 'A' && *id <= 'Z') || (*id >= 'a' && *id <= 'z');
    sva_bytes_text(&out, letter ? "" : "_");
    for (; *id != '\0'; id++) {
        const bool plain = (*id >= 'A' && *id <= 'Z') || (*id >= 'a' && *id <= 'z') ||
                           (*id >= '0' && *id <= '9') || strchr("._-", *id) != NULL;
        sva_bytes_printf(&out, "%c", plain ? *id : '_');
    }
    sva_bytes_text(&out, ending);
    return made(oscal, sva_bytes_keep(&out, &oscal->arena));
}

static void put_property(struct oscal *oscal, const char *name, const char *value)
{
    struct sva_writer *json = &oscal->json;
    sva_writer_object(json, NULL);
    sva_writer_text(json, "name", name);
    sva_writer_text(json, "ns", OSCAL_NAMESPACE);
    sva_writer_text(json, "value", line(oscal, value));
    sva_writer_object_end(json);
}

/** UUID of the catalogue that `rules export --oscal` makes of the pack. */
static void catalogue_uuid(struct oscal *oscal, char uuid[SVA_UUID_TEXT])
{
    uint8_t digest[SVA_DIGEST_BYTES] = {0};
    const char *hex = sva_document_text(sva_document_at(oscal->report, "pack"), "sha256");
    if (strlen(hex) != sizeof digest * 2 || !sva_unhex(hex, strlen(hex), digest, sizeof digest)) {
        memset(digest, 0, sizeof digest);
    }
    if (!sva_uuid_name(digest, "catalogue", uuid)) {
        oscal->json.bytes.failed = true;
    }
}

/** Resource 0: the rule pack, which stands for the plan. Resource 1: the report. */
static void put_back_matter(struct oscal *oscal)
{
    struct sva_writer *json = &oscal->json;
    const cJSON *const pack = sva_document_at(oscal->report, "pack");
    char uuid[SVA_UUID_TEXT];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    catalogue_uuid(oscal, uuid);
    sva_hex(oscal->seed, SVA_DIGEST_BYTES, hex);
    sva_writer_object(json, "back-matter");
    sva_writer_array(json, "resources");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "description",
                    "The rules, as the catalogue that sovaudit rules export --oscal writes.");
    sva_writer_array(json, "props");
    put_property(oscal, "catalogue-uuid", uuid);
    put_property(oscal, "pack", sva_document_text(pack, "id"));
    put_property(oscal, "pack-sha256", sva_document_text(pack, "sha256"));
    put_property(oscal, "pack-version", sva_document_text(pack, "version"));
    put_property(oscal, "profile", sva_document_text(pack, "profile"));
    sva_writer_array_end(json);
    sva_writer_text(json, "title", markup(oscal, sva_render_words(pack, "title", oscal->lang)));
    put_uuid(oscal, "uuid", "resource", 0);
    sva_writer_object_end(json);
    sva_writer_object(json, NULL);
    sva_writer_array(json, "props");
    put_property(oscal, "report-sha256", hex);
    sva_writer_array_end(json);
    sva_writer_text(json, "title", "The report in sovaudit's own format");
    put_uuid(oscal, "uuid", "resource", 1);
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static void put_metadata(struct oscal *oscal)
{
    struct sva_writer *json = &oscal->json;
    const cJSON *const subject = sva_document_at(oscal->report, "subject");
    const char *title =
        sva_arena_printf(&oscal->arena, "sovaudit: %s", sva_document_text(subject, "name"));
    sva_writer_object(json, "metadata");
    sva_writer_text(json, "last-modified", oscal->moment);
    sva_writer_text(json, "oscal-version", "1.2.0");
    sva_writer_text(json, "title", markup(oscal, made(oscal, title)));
    sva_writer_text(json, "version", line(oscal, sva_document_text(oscal->report, "as_of")));
    sva_writer_object_end(json);
}

static const cJSON *parts_of(const struct oscal *oscal)
{
    return sva_document_at(sva_document_at(oscal->report, "subject"), "components");
}

/** Index of a part of the subject; 0 is the whole model. */
static size_t part_index(const struct oscal *oscal, const char *name)
{
    const cJSON *part = NULL;
    size_t index = 1;
    cJSON_ArrayForEach(part, parts_of(oscal))
    {
        if (name[0] != '\0' && strcmp(sva_document_text(part, "name"), name) == 0) {
            return index;
        }
        index++;
    }
    return 0;
}

static void put_system_component(struct oscal *oscal, const char *what, size_t index,
                                 const char *title, const char *description, const char *digest)
{
    struct sva_writer *json = &oscal->json;
    sva_writer_object(json, NULL);
    sva_writer_text(json, "description", markup(oscal, description));
    if (digest[0] != '\0') {
        sva_writer_array(json, "props");
        put_property(oscal, "model-digest", digest);
        sva_writer_array_end(json);
    }
    sva_writer_object(json, "status");
    sva_writer_text(json, "state", "operational");
    sva_writer_object_end(json);
    sva_writer_text(json, "title", markup(oscal, title));
    sva_writer_text(json, "type", "software");
    put_uuid(oscal, "uuid", what, index);
    sva_writer_object_end(json);
}

static void put_local_definitions(struct oscal *oscal)
{
    struct sva_writer *json = &oscal->json;
    const cJSON *const subject = sva_document_at(oscal->report, "subject");
    const cJSON *part = NULL;
    size_t index = 1;
    sva_writer_object(json, "local-definitions");
    sva_writer_object(json, "assessment-assets");
    sva_writer_array(json, "assessment-platforms");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "title", "sovaudit");
    sva_writer_array(json, "uses-components");
    sva_writer_object(json, NULL);
    put_uuid(oscal, "component-uuid", "tool", 0);
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    put_uuid(oscal, "uuid", "platform", 0);
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_array(json, "components");
    put_system_component(oscal, "tool", 0, "sovaudit",
                         sva_document_text(sva_document_at(oscal->report, "tool"), "version"), "");
    sva_writer_array_end(json);
    sva_writer_object_end(json);
    sva_writer_array(json, "components");
    put_system_component(oscal, "part", 0, sva_document_text(subject, "name"), "The model",
                         sva_document_text(subject, "model_digest"));
    cJSON_ArrayForEach(part, parts_of(oscal))
    {
        put_system_component(oscal, "part", index++, sva_document_text(part, "name"),
                             sva_document_text(part, "component_kind"), "");
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static void put_documents(struct oscal *oscal, const cJSON *rule)
{
    struct sva_writer *json = &oscal->json;
    const cJSON *document = NULL;
    if (sva_document_length(rule, "documents") == 0) {
        return; /* OSCAL knows no empty lists */
    }
    sva_writer_array(json, "relevant-evidence");
    cJSON_ArrayForEach(document, sva_document_at(rule, "documents"))
    {
        const char *digest = cJSON_GetStringValue(document);
        sva_writer_object(json, NULL);
        sva_writer_text(json, "description", markup(oscal, digest != NULL ? digest : "a document"));
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_observation(struct oscal *oscal, const cJSON *rule, size_t index)
{
    struct sva_writer *json = &oscal->json;
    const char *reference = sva_document_text(rule, "reference");
    const cJSON *const waiver = sva_document_at(rule, "waiver");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "collected", oscal->moment);
    sva_writer_text(json, "description",
                    markup(oscal, sva_render_words(rule, "detail", oscal->lang)));
    sva_writer_array(json, "methods");
    sva_writer_text(json, NULL, sva_document_length(rule, "documents") > 0 ? "EXAMINE" : "TEST");
    sva_writer_array_end(json);
    sva_writer_array(json, "origins");
    sva_writer_object(json, NULL);
    sva_writer_array(json, "actors");
    sva_writer_object(json, NULL);
    put_uuid(oscal, "actor-uuid", "tool", 0);
    sva_writer_text(json, "type", "tool");
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_array(json, "props");
    put_property(oscal, "rule", sva_document_text(rule, "id"));
    put_property(oscal, "verdict", sva_document_text(rule, "verdict"));
    if (reference[0] != '\0') {
        put_property(oscal, "reference", reference);
    }
    if (sva_document_bool(rule, "waived")) {
        put_property(oscal, "waived-by", sva_document_text(waiver, "approver"));
        put_property(oscal, "waived-until", sva_document_text(waiver, "expires"));
    }
    sva_writer_array_end(json);
    put_documents(oscal, rule);
    sva_writer_array(json, "subjects");
    sva_writer_object(json, NULL);
    put_uuid(oscal, "subject-uuid", "part",
             part_index(oscal, sva_document_text(rule, "component")));
    sva_writer_text(json, "type", "component");
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_text(json, "title", markup(oscal, sva_render_words(rule, "title", oscal->lang)));
    put_uuid(oscal, "uuid", "observation", index);
    sva_writer_object_end(json);
}

static void put_observations(struct oscal *oscal)
{
    const cJSON *rule = NULL;
    size_t index = 0;
    if (sva_document_length(oscal->report, "rules") == 0) {
        return;
    }
    sva_writer_array(&oscal->json, "observations");
    cJSON_ArrayForEach(rule, sva_document_at(oscal->report, "rules"))
    {
        put_observation(oscal, rule, index++);
    }
    sva_writer_array_end(&oscal->json);
}

/** What a rule's results say together. Waived ones are counted among the others too. */
struct tally {
    size_t passed, failed, review, unchecked;
    size_t waived_failed, waived;
};

static struct tally tally_of(const struct oscal *oscal, const char *id)
{
    struct tally tally = {0};
    for (size_t i = 0; i < oscal->results.count; i++) {
        const struct sva_result_line *result = &oscal->results.items[i];
        const enum sva_outcome outcome = result->outcome;
        if (strcmp(result->id, id) != 0) {
            continue;
        }
        const bool waived = sva_document_bool(result->rule, "waived");
        tally.passed += outcome == SVA_OUTCOME_PASS;
        tally.failed += outcome == SVA_OUTCOME_FAIL;
        tally.review += outcome == SVA_OUTCOME_REVIEW;
        tally.unchecked += outcome == SVA_OUTCOME_NOT_CHECKED;
        tally.waived_failed += outcome == SVA_OUTCOME_FAIL && waived;
        tally.waived += waived;
    }
    return tally;
}

static size_t open_count(const struct tally *tally)
{
    return tally->review + tally->unchecked;
}

static bool is_satisfied(const struct tally *tally)
{
    return tally->failed + open_count(tally) == 0;
}

/** OSCAL has two states; this is the one that they come from. */
static const char *verdict_of(const struct tally *tally)
{
    return tally->failed > 0      ? "fail"
           : tally->review > 0    ? "review"
           : tally->unchecked > 0 ? "not-checked"
                                  : "pass";
}

/** Nothing is open about a risk that a person took over; what nobody decided is looked into. */
static const char *risk_status(const struct tally *tally)
{
    return tally->failed > tally->waived_failed                ? "open"
           : tally->failed + open_count(tally) > tally->waived ? "investigating"
                                                               : "deviation-approved";
}

static const char *remarks_of(struct oscal *oscal, const struct tally *tally)
{
    return made(
        oscal,
        sva_arena_printf(&oscal->arena,
                         "Results: %zu failed, %zu want a person's review, %zu could not be "
                         "checked; %zu of these waived.%s",
                         tally->failed, tally->review, tally->unchecked, tally->waived,
                         tally->failed == 0 ? " The objective is undetermined, not refuted." : ""));
}

/** A rule is satisfied when something passed and nothing failed or is open. */
static void put_target(struct oscal *oscal, const char *id, const struct tally *tally)
{
    struct sva_writer *json = &oscal->json;
    const bool satisfied = is_satisfied(tally);
    sva_writer_object(json, "target");
    sva_writer_object(json, "status");
    sva_writer_text(json, "reason", satisfied ? "pass" : tally->failed > 0 ? "fail" : "other");
    if (!satisfied) {
        sva_writer_text(json, "remarks", remarks_of(oscal, tally));
    }
    sva_writer_text(json, "state", satisfied ? "satisfied" : "not-satisfied");
    sva_writer_object_end(json);
    sva_writer_text(json, "target-id", token(oscal, id, "_statement_en"));
    sva_writer_text(json, "type", "statement-id");
    sva_writer_object_end(json);
}

static void put_related(struct oscal *oscal, const char *id)
{
    sva_writer_array(&oscal->json, "related-observations");
    for (size_t i = 0; i < oscal->results.count; i++) {
        if (strcmp(oscal->results.items[i].id, id) == 0) {
            sva_writer_object(&oscal->json, NULL);
            put_uuid(oscal, "observation-uuid", "observation", i);
            sva_writer_object_end(&oscal->json);
        }
    }
    sva_writer_array_end(&oscal->json);
}

static void put_finding(struct oscal *oscal, const cJSON *criterion, size_t number,
                        const struct tally *tally)
{
    struct sva_writer *json = &oscal->json;
    const char *id = sva_document_text(criterion, "id");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "description",
                    markup(oscal, sva_render_words(criterion, "requirement", oscal->lang)));
    sva_writer_array(json, "props");
    put_property(oscal, "verdict", verdict_of(tally));
    sva_writer_array_end(json);
    put_related(oscal, id);
    if (!is_satisfied(tally)) {
        sva_writer_array(json, "related-risks");
        sva_writer_object(json, NULL);
        put_uuid(oscal, "risk-uuid", "risk", number);
        sva_writer_object_end(json);
        sva_writer_array_end(json);
    }
    put_target(oscal, id, tally);
    sva_writer_text(json, "title",
                    markup(oscal, sva_render_words(criterion, "title", oscal->lang)));
    put_uuid(oscal, "uuid", "finding", number);
    sva_writer_object_end(json);
}

/** What keeps a rule from being satisfied, and what to do about it. */
static void put_risk(struct oscal *oscal, const cJSON *criterion, size_t number,
                     const struct tally *tally)
{
    struct sva_writer *json = &oscal->json;
    const char *title = markup(oscal, sva_render_words(criterion, "title", oscal->lang));
    sva_writer_object(json, NULL);
    sva_writer_text(json, "description",
                    markup(oscal, sva_render_words(criterion, "rationale", oscal->lang)));
    sva_writer_array(json, "props");
    put_property(oscal, "verdict", verdict_of(tally));
    sva_writer_array_end(json);
    put_related(oscal, sva_document_text(criterion, "id"));
    sva_writer_array(json, "remediations");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "description",
                    markup(oscal, sva_render_words(criterion, "remedy", oscal->lang)));
    sva_writer_text(json, "lifecycle", "recommendation");
    sva_writer_text(json, "title", title);
    put_uuid(oscal, "uuid", "remediation", number);
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_text(json, "statement", remarks_of(oscal, tally));
    sva_writer_text(json, "status", risk_status(tally));
    sva_writer_text(json, "title", title);
    put_uuid(oscal, "uuid", "risk", number);
    sva_writer_object_end(json);
}

/** Of the rules that were decided or are open, not of information: findings; risks of what is open.
 */
static void put_rules(struct oscal *oscal, const char *key, bool risks)
{
    const cJSON *criterion = NULL;
    size_t index = 0;
    bool begun = false;
    cJSON_ArrayForEach(criterion,
                       sva_document_at(sva_document_at(oscal->report, "pack"), "criteria"))
    {
        const struct tally tally = tally_of(oscal, sva_document_text(criterion, "id"));
        const size_t number = index++;
        if (tally.passed + tally.failed + open_count(&tally) == 0 ||
            (risks && is_satisfied(&tally))) {
            continue;
        }
        if (!begun) {
            sva_writer_array(&oscal->json, key);
        }
        begun = true;
        if (risks) {
            put_risk(oscal, criterion, number, &tally);
        } else {
            put_finding(oscal, criterion, number, &tally);
        }
    }
    if (begun) {
        sva_writer_array_end(&oscal->json);
    }
}

static void put_reviewed_controls(struct oscal *oscal)
{
    struct sva_writer *json = &oscal->json;
    const cJSON *const pack = sva_document_at(oscal->report, "pack");
    const cJSON *criterion = NULL;
    sva_writer_object(json, "reviewed-controls");
    sva_writer_array(json, "control-selections");
    sva_writer_object(json, NULL);
    if (sva_document_length(pack, "criteria") > 0) {
        sva_writer_array(json, "include-controls");
        cJSON_ArrayForEach(criterion, sva_document_at(pack, "criteria"))
        {
            sva_writer_object(json, NULL);
            sva_writer_text(json, "control-id",
                            token(oscal, sva_document_text(criterion, "id"), ""));
            sva_writer_object_end(json);
        }
        sva_writer_array_end(json);
    } else {
        sva_writer_object(json, "include-all");
        sva_writer_object_end(json);
    }
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static void put_result(struct oscal *oscal)
{
    struct sva_writer *json = &oscal->json;
    const char *verdict = sva_document_text(oscal->report, "verdict");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "description",
                    "Weights compared with references, and the model's files and documents judged "
                    "by the rules. The result relates only to the files listed in the report.");
    sva_writer_text(json, "end", oscal->moment);
    put_rules(oscal, "findings", false);
    put_local_definitions(oscal);
    put_observations(oscal);
    sva_writer_array(json, "props");
    char text[SVA_DOCUMENT_READING_BYTES];
    const char *reading = sva_document_reading(sva_document_at(oscal->report, "subject"), text);
    if (reading[0] != '\0') {
        put_property(oscal, "reading", reading);
    }
    put_property(oscal, "verdict", verdict[0] != '\0' ? verdict : "compared-only");
    sva_writer_array_end(json);
    put_reviewed_controls(oscal);
    put_rules(oscal, "risks", true);
    sva_writer_text(json, "start", oscal->moment);
    sva_writer_text(json, "title", "sovaudit check");
    put_uuid(oscal, "uuid", "result", 0);
    sva_writer_object_end(json);
}

enum sva_status sva_render_oscal(const cJSON *report, const struct sva_render_options *options,
                                 struct sva_bytes *out, struct sva_error *error)
{
    struct oscal oscal = {.report = report, .lang = options->lang, .json.bytes.limit = out->limit};
    struct sva_writer *json = &oscal.json;
    const struct sva_identity identity = sva_render_report_identity(options->json);
    char href[SVA_UUID_TEXT + 1] = "#";
    json->bytes.failed = identity.failed;
    memcpy(oscal.seed, identity.sha256, sizeof oscal.seed);
    sva_render_moment(sva_document_text(report, "as_of"), oscal.moment);
    if (!sva_results_find(report, &oscal.arena, &oscal.results)) {
        json->bytes.failed = true;
    }
    make_uuid(&oscal, "resource", 0, href + 1);
    sva_writer_object(json, NULL);
    sva_writer_object(json, "assessment-results");
    put_back_matter(&oscal);
    sva_writer_object(json, "import-ap");
    sva_writer_text(json, "href", href);
    sva_writer_object_end(json);
    put_metadata(&oscal);
    sva_writer_array(json, "results");
    put_result(&oscal);
    sva_writer_array_end(json);
    put_uuid(&oscal, "uuid", "assessment-results", 0);
    sva_writer_object_end(json);
    sva_writer_object_end(json);
    json->bytes.failed = json->bytes.failed || oscal.arena.failed;
    sva_arena_done(&oscal.arena);
    return sva_render_finish(json, out, error);
}

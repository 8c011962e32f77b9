/* SPDX-License-Identifier: Apache-2.0 */
/* A rule pack as an OSCAL 1.2 catalogue, https://pages.nist.gov/OSCAL/reference/latest/catalog/ */
#include <stdio.h>
#include <string.h>

#include <sovaudit/report.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "report/json_writer.h"

#define OSCAL_NAMESPACE "https://sovaudit.org/ns/oscal"

static void make_uuid(struct sva_writer *json, const struct sva_rulepack_info *info,
                      const char *name, char uuid[SVA_UUID_TEXT])
{
    if (!sva_uuid_name(info->digest, name, uuid)) {
        json->bytes.failed = true;
    }
}

/* "2026-02" -> "2026-02-01T00:00:00Z". */
static void put_moment(struct sva_writer *json, const char *key, const char *date)
{
    char moment[32];
    const size_t length = strlen(date);
    (void)snprintf(moment, sizeof moment, "%.10s%sT00:00:00Z", date,
                   length == 4   ? "-01-01"
                   : length == 7 ? "-01"
                                 : "");
    sva_writer_text(json, key, moment);
}

/* Values of properties are one line without blanks at its ends. */
static void put_property(struct sva_writer *json, const char *name, const char *value,
                         const char *class_)
{
    sva_writer_object(json, NULL);
    if (class_ != NULL) {
        sva_writer_text(json, "class", class_);
    }
    sva_writer_text(json, "name", name);
    sva_writer_text(json, "ns", OSCAL_NAMESPACE);
    sva_writer_text(json, "value", value);
    sva_writer_object_end(json);
}

/* An id is a token: it begins with a letter, which ids of rules do. */
static void put_part(struct sva_writer *json, const char *rule, const char *name,
                     const char *language, const char *prose)
{
    char id[160];
    (void)snprintf(id, sizeof id, "%.100s_%s_%s", rule, name, language);
    sva_writer_object(json, NULL);
    sva_writer_text(json, "class", language);
    sva_writer_text(json, "id", id);
    sva_writer_text(json, "name", name);
    sva_writer_text(json, "prose", prose);
    sva_writer_object_end(json);
}

static void put_parts(struct sva_writer *json, const struct sva_rule_info *rule)
{
    const struct sva_rule_text *const texts[] = {&rule->en, &rule->ko};
    static const char *const languages[] = {"en", "ko"};
    sva_writer_array(json, "parts");
    for (size_t i = 0; i < 2; i++) {
        put_part(json, rule->id, "statement", languages[i], texts[i]->requirement);
        put_part(json, rule->id, "rationale", languages[i], texts[i]->rationale);
        put_part(json, rule->id, "guidance", languages[i], texts[i]->remedy);
    }
    sva_writer_array_end(json);
}

static void put_properties(struct sva_writer *json, const struct sva_rule_info *rule)
{
    sva_writer_array(json, "props");
    put_property(json, "severity", rule->severity, NULL);
    put_property(json, "on-missing", rule->on_missing, NULL);
    put_property(json, "title-ko", rule->ko.title, NULL);
    for (size_t i = 0; i < rule->evidence_count; i++) {
        put_property(json, rule->evidence[i].required ? "evidence-required" : "evidence-optional",
                     rule->evidence[i].kind, rule->evidence[i].document ? "document" : "automatic");
    }
    for (size_t i = 0; i < rule->crosswalk_count; i++) {
        char value[256];
        (void)snprintf(value, sizeof value, "%.120s %.120s", rule->crosswalk[i].framework,
                       rule->crosswalk[i].id);
        put_property(json, "crosswalk", value, NULL);
    }
    sva_writer_array_end(json);
}

static void put_control(struct sva_writer *json, const struct sva_rulepack_info *info,
                        const struct sva_rule_info *rule)
{
    sva_writer_object(json, NULL);
    sva_writer_text(json, "id", rule->id);
    sva_writer_array(json, "links");
    for (size_t i = 0; i < rule->source_count; i++) {
        char link[SVA_UUID_TEXT + 1] = "#";
        make_uuid(json, info, rule->sources[i], link + 1);
        sva_writer_object(json, NULL);
        sva_writer_text(json, "href", link);
        sva_writer_text(json, "rel", "reference");
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    put_parts(json, rule);
    put_properties(json, rule);
    sva_writer_text(json, "title", rule->en.title);
    sva_writer_object_end(json);
}

static void put_back_matter(struct sva_writer *json, const struct sva_rulepack_info *info)
{
    sva_writer_object(json, "back-matter");
    sva_writer_array(json, "resources");
    for (size_t i = 0; i < info->source_count; i++) {
        const struct sva_source *source = &info->sources[i];
        char uuid[SVA_UUID_TEXT];
        make_uuid(json, info, source->id, uuid);
        sva_writer_object(json, NULL);
        if (source->note[0] != '\0') {
            sva_writer_text(json, "description", source->note);
        }
        sva_writer_array(json, "props");
        put_property(json, "published", source->date, NULL);
        sva_writer_array_end(json);
        sva_writer_array(json, "rlinks");
        sva_writer_object(json, NULL);
        sva_writer_text(json, "href", source->url);
        sva_writer_object_end(json);
        sva_writer_array_end(json);
        sva_writer_text(json, "title", source->title);
        sva_writer_text(json, "uuid", uuid);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static void put_metadata(struct sva_writer *json, const struct sva_rulepack_info *info)
{
    char digest[2 * SVA_DIGEST_BYTES + 1];
    sva_hex(info->digest, SVA_DIGEST_BYTES, digest);
    sva_writer_object(json, "metadata");
    put_moment(json, "last-modified", info->effective_from);
    sva_writer_text(json, "oscal-version", "1.2.0");
    sva_writer_array(json, "props");
    put_property(json, "pack", info->id, NULL);
    put_property(json, "pack-sha256", digest, NULL);
    put_property(json, "status", info->status, NULL);
    put_property(json, "jurisdiction", info->jurisdiction, NULL);
    put_property(json, "effective-from", info->effective_from, NULL);
    if (info->effective_until[0] != '\0') {
        put_property(json, "effective-until", info->effective_until, NULL);
    }
    put_property(json, "title-ko", info->title_ko, NULL);
    sva_writer_array_end(json);
    sva_writer_text(json, "remarks", info->note_en);
    sva_writer_text(json, "title", info->title_en);
    sva_writer_text(json, "version", info->version);
    sva_writer_object_end(json);
}

static void put_params(struct sva_writer *json, const struct sva_rulepack_info *info)
{
    if (info->param_count == 0) {
        return; /* OSCAL knows no empty lists */
    }
    sva_writer_array(json, "params");
    for (size_t i = 0; i < info->param_count; i++) {
        const struct sva_param_info *param = &info->params[i];
        char value[64];
        (void)snprintf(value, sizeof value, "%.9g", param->value);
        sva_writer_object(json, NULL);
        sva_writer_array(json, "guidelines");
        sva_writer_object(json, NULL);
        sva_writer_text(json, "prose", param->reason_en);
        sva_writer_object_end(json);
        sva_writer_array_end(json);
        sva_writer_text(json, "id", param->name);
        sva_writer_text(json, "label", param->name);
        sva_writer_array(json, "props");
        put_property(json, "unit", param->unit, NULL);
        sva_writer_array_end(json);
        sva_writer_array(json, "values");
        sva_writer_text(json, NULL, value);
        sva_writer_array_end(json);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

enum sva_status sva_rulepack_oscal(const struct sva_rulepack *pack, char **text, size_t *size_bytes,
                                   struct sva_error *error)
{
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    struct sva_writer json = {.depth = 0};
    char uuid[SVA_UUID_TEXT];
    make_uuid(&json, info, "catalogue", uuid);
    sva_writer_object(&json, NULL);
    sva_writer_object(&json, "catalog");
    put_back_matter(&json, info);
    sva_writer_array(&json, "controls");
    for (size_t i = 0; i < info->rule_count; i++) {
        put_control(&json, info, &info->rules[i]);
    }
    sva_writer_array_end(&json);
    put_metadata(&json, info);
    put_params(&json, info);
    sva_writer_text(&json, "uuid", uuid);
    sva_writer_object_end(&json);
    sva_writer_object_end(&json);
    if (json.failed || json.bytes.failed || json.bytes.data == NULL) {
        sva_bytes_done(&json.bytes);
        return sva_fail_memory(error, "writing a catalogue");
    }
    *text = (char *)json.bytes.data;
    *size_bytes = json.bytes.size;
    return SVA_OK;
}

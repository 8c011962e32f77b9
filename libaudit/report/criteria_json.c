/* SPDX-License-Identifier: Apache-2.0 */
#include "report/criteria_json.h"

#include <string.h>

#include "report/json_writer.h"

static void put_crosswalk(struct sva_writer *json, const struct sva_rule_info *rule)
{
    sva_writer_array(json, "crosswalk");
    for (size_t i = 0; i < rule->crosswalk_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "framework", rule->crosswalk[i].framework);
        sva_writer_text(json, "id", rule->crosswalk[i].id);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_evidence(struct sva_writer *json, const struct sva_rule_info *rule)
{
    sva_writer_array(json, "evidence");
    for (size_t i = 0; i < rule->evidence_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_bool(json, "document", rule->evidence[i].document);
        sva_writer_text(json, "kind", rule->evidence[i].kind);
        sva_writer_bool(json, "required", rule->evidence[i].required);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static const struct sva_source *source_of(const struct sva_rulepack_info *info, const char *id)
{
    for (size_t i = 0; i < info->source_count; i++) {
        if (strcmp(info->sources[i].id, id) == 0) {
            return &info->sources[i];
        }
    }
    return NULL;
}

static void put_sources(struct sva_writer *json, const struct sva_rulepack_info *info,
                        const struct sva_rule_info *rule)
{
    sva_writer_array(json, "sources");
    for (size_t i = 0; i < rule->source_count; i++) {
        const struct sva_source *source = source_of(info, rule->sources[i]);
        if (source != NULL) {
            sva_writer_object(json, NULL);
            sva_writer_text(json, "date", source->date);
            sva_writer_text(json, "title", source->title);
            sva_writer_text(json, "url", source->url);
            sva_writer_object_end(json);
        }
    }
    sva_writer_array_end(json);
}

void sva_criteria_json(struct sva_writer *json, const struct sva_rulepack_info *info)
{
    sva_writer_array(json, "criteria");
    for (size_t i = 0; i < info->rule_count; i++) {
        const struct sva_rule_info *rule = &info->rules[i];
        sva_writer_object(json, NULL);
        put_crosswalk(json, rule);
        put_evidence(json, rule);
        sva_writer_text(json, "id", rule->id);
        sva_writer_languages(json, "rationale", rule->en.rationale, rule->ko.rationale);
        sva_writer_languages(json, "remedy", rule->en.remedy, rule->ko.remedy);
        sva_writer_languages(json, "requirement", rule->en.requirement, rule->ko.requirement);
        sva_writer_text(json, "severity", rule->severity);
        put_sources(json, info, rule);
        sva_writer_languages(json, "title", rule->en.title, rule->ko.title);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

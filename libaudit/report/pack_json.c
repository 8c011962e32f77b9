/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pack_json.h"

#include "report/criteria_json.h"
#include "report/json_writer.h"

static void put_sources(struct sva_writer *json, const struct sva_rulepack_info *info)
{
    sva_writer_array(json, "sources");
    for (size_t i = 0; i < info->source_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "date", info->sources[i].date);
        sva_writer_text(json, "title", info->sources[i].title);
        sva_writer_text(json, "url", info->sources[i].url);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_effective(struct sva_writer *json, const struct sva_rulepack_info *info,
                          const char *as_of)
{
    sva_writer_object(json, "effective");
    sva_writer_text(json, "from", info->effective_from);
    sva_writer_text(json, "state", sva_effect_name(sva_rulepack_effect(info, as_of)));
    sva_writer_text(json, "until", info->effective_until[0] != '\0' ? info->effective_until : NULL);
    sva_writer_object_end(json);
}

void sva_pack_json(struct sva_writer *json, const struct sva_audit *audit)
{
    const struct sva_rulepack *pack = audit->pack;
    if (pack == NULL) {
        sva_writer_null(json, "pack");
        return;
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    sva_writer_object(json, "pack");
    sva_criteria_json(json, info);
    put_effective(json, info, audit->as_of);
    sva_writer_text(json, "id", info->id);
    sva_writer_languages(json, "note", info->note_en, info->note_ko);
    sva_writer_text(json, "profile", info->profile);
    sva_writer_digest(json, "sha256", info->digest);
    put_sources(json, info);
    sva_writer_text(json, "status", info->status);
    sva_writer_languages(json, "title", info->title_en, info->title_ko);
    sva_writer_text(json, "version", info->version);
    sva_writer_object_end(json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Licences and what the facts database knows, in the JSON report. */
#include "report/json_writer.h"
#include "report/known_sentence.h"

static void put_hit(struct sva_writer *json, const struct sva_known_hit *hit)
{
    sva_writer_object(json, NULL);
    sva_writer_text(json, "item", hit->item);
    sva_writer_text(json, "known_as", hit->name);
    sva_writer_text(json, "licence", hit->licence);
    sva_writer_text(json, "origin", hit->origin);
    sva_writer_text(json, "publisher", hit->publisher);
    sva_writer_bool(json, "weights", hit->weights);
    sva_writer_text(json, "what", hit->what);
    sva_writer_text(json, "where", hit->where);
    sva_writer_object_end(json);
}

static void put_facts(struct sva_writer *json, const struct sva_knowledge *knowledge)
{
    sva_writer_object(json, "facts");
    sva_writer_text(json, "architecture_family", knowledge->architecture_family);
    sva_writer_text(json, "date", knowledge->info->date);
    sva_writer_array(json, "known");
    for (size_t i = 0; i < knowledge->hit_count; i++) {
        put_hit(json, &knowledge->hits[i]);
    }
    sva_writer_array_end(json);
    sva_writer_count(json, "rows", knowledge->info->row_count);
    sva_writer_digest(json, "sha256", knowledge->info->digest);
    sva_writer_object_end(json);
}

static void put_licence(struct sva_writer *json, const struct sva_audit *audit,
                        const struct sva_bound_licence *licence)
{
    const bool whole = licence->component >= audit->subject->component_count;
    sva_writer_object(json, NULL);
    sva_writer_text(json, "because", licence->because);
    sva_writer_text(json, "clauses", licence->clauses);
    sva_writer_text(json, "component",
                    whole ? "" : audit->subject->components[licence->component].name);
    sva_writer_text(json, "duties", licence->duties);
    sva_writer_text(json, "id", licence->id);
    sva_writer_bool(json, "known", licence->known);
    sva_writer_text(json, "name", licence->name);
    sva_writer_text(json, "of", licence->of);
    sva_writer_text(json, "origin", licence->origin);
    sva_writer_text(json, "unmet", licence->unmet);
    sva_writer_object_end(json);
}

void sva_known_json(struct sva_writer *json, const struct sva_audit *audit)
{
    const struct sva_knowledge *knowledge = audit->knowledge;
    if (knowledge == NULL) {
        sva_writer_null(json, "facts");
    } else {
        put_facts(json, knowledge);
    }
    sva_writer_array(json, "licences");
    for (size_t i = 0; knowledge != NULL && i < knowledge->licence_count; i++) {
        put_licence(json, audit, &knowledge->licences[i]);
    }
    sva_writer_array_end(json);
}

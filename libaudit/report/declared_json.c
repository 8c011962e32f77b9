/* SPDX-License-Identifier: Apache-2.0 */
#include "report/declared_report.h"
#include "report/json_writer.h"

static const char *const strengths[SVA_CLAIM_STRENGTH_COUNT] = {
    [SVA_CLAIM_MENTION] = "mention",
    [SVA_CLAIM_PROSE] = "prose",
    [SVA_CLAIM_NOTICE] = "notice",
    [SVA_CLAIM_FIELD] = "field",
};

static const char *const levels[SVA_NAME_LEVEL_COUNT] = {
    [SVA_NAME_OTHER] = "none",      [SVA_NAME_FAMILY] = "family",
    [SVA_NAME_VARIANT] = "variant", [SVA_NAME_ELSEWHERE] = "other-organisation",
    [SVA_NAME_SAME] = "name",       [SVA_NAME_EXACT] = "exact",
};

static const char *const states[SVA_CLAIM_STATE_COUNT] = {
    [SVA_CLAIM_OBSERVED] = "observed",
    [SVA_CLAIM_NOT_OBSERVED] = "not-observed",
    [SVA_CLAIM_NOT_COMPARABLE] = "not-comparable",
    [SVA_CLAIM_NO_REFERENCE] = "no-reference",
};

static const char *const relations[SVA_RELATION_STATE_COUNT] = {
    [SVA_RELATION_NOT_STATED] = "not-stated",
    [SVA_RELATION_AGREES] = "agrees",
    [SVA_RELATION_DIFFERS] = "differs",
    [SVA_RELATION_OPEN] = "open",
};

const char *sva_claim_strength_name(enum sva_claim_strength strength)
{
    return strengths[strength];
}

/** Name of a compared reference; null without one. */
static void put_reference(struct sva_writer *json, const char *key, const struct sva_audit *audit,
                          size_t compared)
{
    const bool there = compared < audit->compared_count;
    sva_writer_text(json, key, there ? audit->compared[compared].reference.name : NULL);
}

static void put_answer(struct sva_writer *json, const struct sva_audit *audit, size_t compared)
{
    const bool there = compared < audit->compared_count;
    sva_writer_text(json, "answer",
                    there ? sva_answer_name(audit->compared[compared].comparison->answer) : NULL);
}

static void put_line(struct sva_writer *json, uint32_t line)
{
    if (line > 0) {
        sva_writer_count(json, "line", line);
    } else {
        sva_writer_null(json, "line");
    }
}

static void put_claim(struct sva_writer *json, const struct sva_audit *audit,
                      const struct sva_claim *claim)
{
    sva_writer_object(json, NULL);
    put_answer(json, audit, claim->compared);
    sva_writer_text(json, "derivation", claim->derivation);
    sva_writer_text(json, "file", claim->file);
    sva_writer_text(json, "level", levels[claim->level]);
    put_line(json, claim->line);
    sva_writer_text(json, "name", claim->name);
    sva_writer_text(json, "place", claim->place);
    put_reference(json, "reference", audit, claim->compared);
    sva_writer_text(json, "relation", claim->relation);
    sva_writer_text(json, "relation_state", relations[claim->relation_state]);
    sva_writer_text(json, "state", states[claim->state]);
    sva_writer_text(json, "strength", sva_claim_strength_name(claim->strength));
    sva_writer_text(json, "where", claim->where);
    sva_writer_object_end(json);
}

static void put_denial(struct sva_writer *json, const struct sva_audit *audit,
                       const struct sva_denial *denial)
{
    sva_writer_object(json, NULL);
    sva_writer_text(json, "file", denial->file);
    put_line(json, denial->line);
    put_reference(json, "reference", audit, denial->compared);
    sva_writer_text(json, "text", denial->text);
    sva_writer_object_end(json);
}

static void put_undeclared(struct sva_writer *json, const struct sva_audit *audit,
                           const struct sva_undeclared *one)
{
    sva_writer_object(json, NULL);
    put_answer(json, audit, one->compared);
    if (one->mentioned == SIZE_MAX) {
        sva_writer_null(json, "mentioned_line");
    } else {
        sva_writer_count(json, "mentioned_line",
                         audit->knowledge->declared->claims[one->mentioned].line);
    }
    put_reference(json, "reference", audit, one->compared);
    sva_writer_object_end(json);
}

void sva_declared_json(struct sva_writer *json, const struct sva_audit *audit)
{
    const struct sva_declared *const declared =
        audit->knowledge != NULL ? audit->knowledge->declared : NULL;
    if (declared == NULL) {
        sva_writer_null(json, "declared");
        return;
    }
    sva_writer_object(json, "declared");
    sva_writer_array(json, "claims");
    for (size_t i = 0; i < declared->claim_count; i++) {
        put_claim(json, audit, &declared->claims[i]);
    }
    sva_writer_array_end(json);
    sva_writer_array(json, "denials");
    for (size_t i = 0; i < declared->denial_count; i++) {
        put_denial(json, audit, &declared->denials[i]);
    }
    sva_writer_array_end(json);
    sva_writer_count(json, "left_out", declared->left_out);
    sva_writer_array(json, "undeclared");
    for (size_t i = 0; i < declared->undeclared_count; i++) {
        put_undeclared(json, audit, &declared->undeclared[i]);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

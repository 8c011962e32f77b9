/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inspect_known.h"

#include <string.h>

#include "base/text.h"
#include "report/known_sentence.h"
#include "report/labels.h"

static void put_line(struct sva_bytes *out, const char *text)
{
    out->failed = out->failed || text == NULL;
    if (text != NULL && text[0] != '\0') {
        sva_bytes_printf(out, "  %s\n", text);
    }
}

void sva_inspect_known_text(const struct sva_model *model, const struct sva_knowledge *knowledge,
                            enum sva_lang lang, bool colour, struct sva_bytes *out)
{
    struct sva_arena arena = {.blocks = NULL};
    if (knowledge == NULL || knowledge->licence_count + knowledge->hit_count == 0) {
        return;
    }
    const char *version = sva_known_version(&arena, lang, knowledge->info);
    sva_bytes_printf(out, "\n%s%s%s\n", colour ? "\033[1m" : "",
                     sva_label(lang, SVA_LABEL_LICENCES), colour ? "\033[0m" : "");
    for (size_t i = 0; i < knowledge->licence_count; i++) {
        put_line(out, sva_licence_sentence(&arena, lang, &knowledge->licences[i], ""));
    }
    put_line(out, sva_clauses_sentence(&arena, lang, model->facts, model->fact_count));
    for (size_t i = 0; i < knowledge->hit_count; i++) {
        put_line(out, sva_known_sentence(&arena, lang, knowledge, i));
    }
    if (version == NULL) {
        out->failed = true; /* no memory: a line is missing */
    } else {
        sva_bytes_printf(out, "  %s: %s\n", sva_label(lang, SVA_LABEL_FACTS), version);
    }
    out->failed = out->failed || arena.failed;
    sva_arena_done(&arena);
}

static void put_member(struct sva_bytes *out, const char *before, const char *key,
                       const char *value)
{
    sva_bytes_printf(out, "%s\"%s\": ", before, key);
    sva_bytes_json_string(out, value, strlen(value));
}

void sva_inspect_known_json(const struct sva_knowledge *knowledge, struct sva_bytes *out)
{
    sva_bytes_text(out, "  \"licences\": [");
    const size_t count = knowledge != NULL ? knowledge->licence_count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct sva_bound_licence *one = &knowledge->licences[i];
        put_member(out, i == 0 ? "\n    {" : ",\n    {", "because", one->because);
        put_member(out, ", ", "clauses", one->clauses);
        put_member(out, ", ", "duties", one->duties);
        put_member(out, ", ", "id", one->id);
        put_member(out, ", ", "of", one->of);
        put_member(out, ", ", "unmet", one->unmet);
        sva_bytes_text(out, "}");
    }
    sva_bytes_text(out, count == 0 ? "],\n" : "\n  ],\n");
}

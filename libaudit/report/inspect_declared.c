/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inspect_declared.h"

#include <string.h>

#include "base/text.h"
#include "report/declared_report.h"
#include "report/labels.h"

enum { LINES_SHOWN = 20 };

static const struct sva_declared *declared_of(const struct sva_knowledge *knowledge)
{
    static const struct sva_declared nothing = {.claim_count = 0};
    return knowledge != NULL && knowledge->declared != NULL ? knowledge->declared : &nothing;
}

/* ---- text ---- */

struct section {
    struct sva_arena arena;
    struct sva_bytes *out;
    enum sva_lang lang;
};

/** A line of the label with its values filled in; NULL values: no memory. */
static void put_line(struct section *section, enum sva_label label, const char *const *values,
                     size_t count)
{
    bool made = true;
    for (size_t i = 0; i < count; i++) {
        made = made && values[i] != NULL;
    }
    const char *const text =
        made ? sva_label_fill(&section->arena, sva_label(section->lang, label), values, count)
             : NULL;
    section->out->failed = section->out->failed || text == NULL;
    sva_bytes_printf(section->out, "  %s\n", text != NULL ? text : "");
}

static const char *escaped(struct section *section, const char *text)
{
    return sva_arena_strdup(&section->arena, sva_esc(text).text);
}

static const char *line_text(struct section *section, uint32_t line)
{
    const char *const number = sva_arena_printf(&section->arena, "%lu", (unsigned long)line);
    return number != NULL
               ? sva_label_fill(&section->arena, sva_label(section->lang, SVA_LABEL_CLAIM_LINE),
                                &number, 1)
               : NULL;
}

static void put_claim(struct section *section, const struct sva_claim *claim)
{
    const char *const values[] = {escaped(section, claim->file),
                                  claim->line > 0 ? line_text(section, claim->line)
                                                  : escaped(section, claim->place),
                                  escaped(section, claim->name), escaped(section, claim->relation)};
    put_line(section,
             claim->strength != SVA_CLAIM_FIELD ? SVA_LABEL_INSPECT_MENTION
             : claim->relation[0] != '\0'       ? SVA_LABEL_INSPECT_RELATION
                                                : SVA_LABEL_INSPECT_CLAIM,
             values, 4);
}

static void put_denial(struct section *section, const struct sva_denial *denial)
{
    const char *const values[] = {escaped(section, denial->file), line_text(section, denial->line),
                                  escaped(section, denial->text)};
    put_line(section, SVA_LABEL_INSPECT_DENIAL, values, 3);
}

void sva_inspect_declared_text(const struct sva_knowledge *knowledge, enum sva_lang lang,
                               bool colour, struct sva_bytes *out)
{
    const struct sva_declared *const declared = declared_of(knowledge);
    struct section section = {.out = out, .lang = lang};
    size_t shown = 0;
    if (declared->claim_count + declared->denial_count == 0) {
        return;
    }
    sva_bytes_printf(out, "\n%s%s%s\n", colour ? "\033[1m" : "",
                     sva_label(lang, SVA_LABEL_DECLARED_ORIGIN), colour ? "\033[0m" : "");
    for (size_t i = 0; i < declared->claim_count && shown < LINES_SHOWN; i++) {
        if (declared->claims[i].strength != SVA_CLAIM_MENTION) { /* those come last */
            put_claim(&section, &declared->claims[i]);
            shown++;
        }
    }
    for (size_t i = 0; i < declared->denial_count && i < LINES_SHOWN; i++) {
        put_denial(&section, &declared->denials[i]);
    }
    const uint64_t rest = declared->claim_count - shown + declared->left_out;
    if (rest > 0) {
        const char *const number =
            sva_arena_printf(&section.arena, "%llu", (unsigned long long)rest);
        put_line(&section, SVA_LABEL_INSPECT_MORE, &number, 1);
    }
    section.out->failed = section.out->failed || section.arena.failed;
    sva_arena_done(&section.arena);
}

/* ---- JSON ---- */

static void put_member(struct sva_bytes *out, const char *before, const char *key,
                       const char *value)
{
    sva_bytes_printf(out, "%s\"%s\": ", before, key);
    sva_bytes_json_string(out, value, strlen(value));
}

static void put_number(struct sva_bytes *out, uint32_t line)
{
    if (line > 0) {
        sva_bytes_printf(out, ", \"line\": %lu", (unsigned long)line);
    } else {
        sva_bytes_text(out, ", \"line\": null");
    }
}

void sva_inspect_declared_json(const struct sva_knowledge *knowledge, struct sva_bytes *out)
{
    const struct sva_declared *const declared = declared_of(knowledge);
    sva_bytes_text(out, "  \"declared\": {\n    \"claims\": [");
    for (size_t i = 0; i < declared->claim_count; i++) {
        const struct sva_claim *const one = &declared->claims[i];
        put_member(out, i == 0 ? "\n      {" : ",\n      {", "file", one->file);
        put_number(out, one->line);
        put_member(out, ", ", "name", one->name);
        put_member(out, ", ", "place", one->place);
        put_member(out, ", ", "relation", one->relation);
        put_member(out, ", ", "strength", sva_claim_strength_name(one->strength));
        put_member(out, ", ", "where", one->where);
        sva_bytes_text(out, "}");
    }
    sva_bytes_printf(out, "%s],\n    \"denials\": [", declared->claim_count == 0 ? "" : "\n    ");
    for (size_t i = 0; i < declared->denial_count; i++) {
        put_member(out, i == 0 ? "\n      {" : ",\n      {", "file", declared->denials[i].file);
        put_number(out, declared->denials[i].line);
        put_member(out, ", ", "text", declared->denials[i].text);
        sva_bytes_text(out, "}");
    }
    sva_bytes_printf(out, "%s],\n    \"left_out\": %llu\n  },\n",
                     declared->denial_count == 0 ? "" : "\n    ",
                     (unsigned long long)declared->left_out);
}

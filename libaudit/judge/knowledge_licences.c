/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which licences bind a subject. Its own; that of each base that it declares, and of the families
 * that base comes from; that of each reference that a component matches. Of duties only those are
 * checked that a file shows: a copy of the licence, words, a name.
 */
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "judge/direction.h"
#include "judge/knowledge_parts.h"

enum { ORIGIN_BYTES = 512, KEY_BYTES = 256, ANCESTORS_MAX = 8 };

static const char doing[] = "collecting the licences";

struct binding {
    const struct sva_looked *subject;
    struct sva_bound_licence *items; /**< [SVA_BOUND_LICENCES_MAX] in the arena */
    size_t count;
    bool failed; /**< out of memory */
};

static const char *base_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : name;
}

/* ---- duties ---- */

static bool begins_with(const char *name, const char *begin)
{
    size_t i = 0;
    while (begin[i] != '\0' && sva_lower(name[i]) == sva_lower(begin[i] == ' ' ? '-' : begin[i])) {
        i++;
    }
    return begin[i] == '\0';
}

/** Some fact "<prefix><n>" whose value is `text`, or begins with it and a colon. */
static bool has_listed(const struct sva_looked *subject, const char *prefix, const char *text)
{
    const size_t length = strlen(text);
    for (size_t i = 0; i < subject->fact_count; i++) {
        const char *value = subject->facts[i].value;
        if (strncmp(subject->facts[i].key, prefix, strlen(prefix)) == 0 &&
            strncmp(value, text, length) == 0 && (value[length] == '\0' || value[length] == ':')) {
            return true;
        }
    }
    return false;
}

/** The duties that the subject's files do not show, in a fixed order. */
static const char *unmet_duties(struct binding *out, const struct sva_bound_licence *licence)
{
    const struct sva_looked *subject = out->subject;
    const bool inherited = licence->of[0] != '\0';
    const bool copy = inherited && sva_known_lists(licence->duties, "licence-copy") &&
                      !has_listed(subject, "licence.text.", licence->id);
    const bool words =
        licence->words[0] != '\0' && !has_listed(subject, "licence.shown.", licence->words);
    const bool name =
        licence->begin[0] != '\0' && !begins_with(base_name(subject->name), licence->begin);
    const char *text = sva_arena_printf(out->subject->arena, "%s%s%s", copy ? ";licence-copy" : "",
                                        words ? ";words" : "", name ? ";name" : "");
    out->failed = out->failed || text == NULL;
    return text == NULL || text[0] == '\0' ? "" : text + 1;
}

/* ---- adding ---- */

static const char *keep(struct binding *out, const char *text)
{
    const char *kept = sva_arena_strdup(out->subject->arena, text);
    out->failed = out->failed || kept == NULL;
    return sva_or_empty(kept);
}

static bool is_there(const struct binding *out, uint32_t component, const char *id, const char *of)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i].component == component && strcmp(out->items[i].id, id) == 0 &&
            strcmp(out->items[i].of, of) == 0) {
            return true;
        }
    }
    return false;
}

static void add(struct binding *out, uint32_t component, const char *licence, const char *because,
                const char *of)
{
    struct sva_known_row row = {.kind = SVA_KNOWN_LICENCE};
    const bool there = sva_known_licence_of(out->subject->known, licence, &row);
    const char *id = there ? row.fields[SVA_KNOWN_LICENCE_ID] : licence;
    const bool nothing = licence[0] == '\0' && of[0] == '\0'; /* a base's is unknown, not absent */
    if (nothing || out->count == SVA_BOUND_LICENCES_MAX || is_there(out, component, id, of)) {
        return;
    }
    struct sva_bound_licence *slot = &out->items[out->count];
    *slot = (struct sva_bound_licence){.component = component,
                                       .id = there ? id : keep(out, licence),
                                       .name = "",
                                       .because = because,
                                       .of = keep(out, of),
                                       .clauses = "",
                                       .duties = "",
                                       .unmet = "",
                                       .words = "",
                                       .begin = "",
                                       .origin = ""};
    if (there) {
        char origin[ORIGIN_BYTES];
        slot->name = row.fields[SVA_KNOWN_LICENCE_NAME];
        slot->known = !sva_known_lists(row.fields[SVA_KNOWN_LICENCE_DUTIES], "unknown");
        slot->clauses = row.fields[SVA_KNOWN_LICENCE_CLAUSES];
        slot->duties = slot->known ? row.fields[SVA_KNOWN_LICENCE_DUTIES] : "";
        slot->words = row.fields[SVA_KNOWN_LICENCE_WORDS];
        slot->begin = row.fields[SVA_KNOWN_LICENCE_BEGIN];
        slot->origin =
            keep(out, sva_known_origin(out->subject->known, &row, origin, sizeof origin));
        slot->unmet = unmet_duties(out, slot);
    }
    out->count++;
}

/* ---- bases ---- */

const char *sva_known_model_field(const struct sva_known *known, const char *name,
                                  enum sva_known_model field)
{
    char key[KEY_BYTES];
    size_t first = 0;
    size_t used = 0;
    for (const char *at = base_name(name); *at != '\0' && used < sizeof key - 1; at++) {
        key[used++] = sva_lower(*at);
    }
    key[used] = '\0';
    const size_t count = sva_known_find(known, SVA_KNOWN_MODEL, key, &first);
    const char *text = "";
    for (size_t i = 0; i < count && text[0] == '\0'; i++) {
        text = sva_known_get(known, first + i).fields[field];
    }
    return text;
}

/** The licence of a base, and those of the families that it comes from. */
static void add_base(struct binding *out, uint32_t component, const char *base, const char *licence,
                     const char *because)
{
    const struct sva_known *known = out->subject->known;
    struct sva_known_row family = {.kind = SVA_KNOWN_FAMILY};
    const bool of_family = sva_known_family_of(known, base, &family);
    const char *said =
        licence[0] != '\0' ? licence : sva_known_model_field(known, base, SVA_KNOWN_MODEL_LICENCE);
    if (said[0] == '\0' && of_family) {
        said = family.fields[SVA_KNOWN_FAMILY_LICENCE];
    }
    add(out, component, said, because, base);
    for (unsigned step = 0; of_family && step < ANCESTORS_MAX; step++) {
        size_t first = 0;
        const char *parent = family.fields[SVA_KNOWN_FAMILY_BASE];
        if (parent[0] == '\0' || sva_known_find(known, SVA_KNOWN_FAMILY, parent, &first) == 0) {
            break;
        }
        family = sva_known_get(known, first);
        add(out, component, family.fields[SVA_KNOWN_FAMILY_LICENCE], because,
            family.fields[SVA_KNOWN_FAMILY_NAME]);
    }
}

/** Facts in which a subject declares a base by its name. */
static bool declares_base(const char *key)
{
    static const char card[] = "card.base_model";
    const bool listed = strncmp(key, card, sizeof card - 1) == 0 &&
                        (key[sizeof card - 1] == '\0' || key[sizeof card - 1] == '.');
    const bool stored = strstr(key, "gguf.base_model.") == key &&
                        (sva_has_suffix(key, ".name") || sva_has_suffix(key, ".repo_url"));
    return listed || stored || strcmp(key, "adapter.base_model_name_or_path") == 0;
}

/** Index of a base among what was compared, or the count. */
static size_t find_compared(const struct sva_case *source, const char *base)
{
    size_t i = 0;
    while (i < source->compared_count &&
           !sva_same_model_name(source->compared[i].reference.name, base)) {
        i++;
    }
    return i;
}

/** A declared base, by the store's licence where it was compared; not one of the subject's own. */
static void add_declared_base(struct binding *out, const char *base)
{
    const struct sva_case *source = out->subject->source;
    const size_t at = source != NULL ? find_compared(source, base) : 0;
    if (source == NULL || at == source->compared_count) {
        add_base(out, UINT32_MAX, base, "", "declared");
    } else if (sva_direction_of(source, at) != SVA_DIRECTION_OWN) {
        add_base(out, UINT32_MAX, base, sva_or_empty(source->compared[at].reference.licence),
                 "declared");
    }
}

static void add_declared(struct binding *out)
{
    const struct sva_looked *subject = out->subject;
    for (size_t i = 0; i < subject->fact_count; i++) {
        if (declares_base(subject->facts[i].key) && subject->facts[i].value[0] != '\0') {
            add_declared_base(out, subject->facts[i].value);
        }
    }
}

/** Components that depend on another publisher's reference take over what that one owes. */
static void add_matched(struct binding *out)
{
    const struct sva_case *source = out->subject->source;
    for (size_t c = 0; source != NULL && c < source->subject->component_count; c++) {
        for (size_t i = 0; i < source->compared_count; i++) {
            const struct sva_compared *one = &source->compared[i];
            const enum sva_direction direction = sva_direction_of(source, i);
            if (c < one->comparison->component_count &&
                one->comparison->components[c].answer <= SVA_ANSWER_DERIVED &&
                direction != SVA_DIRECTION_OWN && direction != SVA_DIRECTION_LATER) {
                add_base(out, (uint32_t)c, one->reference.name,
                         sva_or_empty(one->reference.licence), "matched");
            }
        }
    }
}

enum sva_status sva_licences_bind(const struct sva_looked *subject, struct sva_knowledge *knowledge,
                                  struct sva_error *error)
{
    struct binding out = {
        .subject = subject,
        .items = sva_arena_alloc(subject->arena, SVA_BOUND_LICENCES_MAX, sizeof *out.items)};
    if (out.items == NULL) {
        return sva_fail_memory(error, doing);
    }
    add(&out, UINT32_MAX, sva_looked_fact(subject, "licence.id"), "own", "");
    add_declared(&out);
    add_matched(&out);
    if (out.failed) {
        return sva_fail_memory(error, doing);
    }
    knowledge->licences = out.items;
    knowledge->licence_count = out.count;
    return SVA_OK;
}

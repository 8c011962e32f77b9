/* SPDX-License-Identifier: Apache-2.0 */
/* Where a subject says what it was made from. */
#include "judge/claims.h"

#include <string.h>

#include "base/text.h"
#include "judge/direction.h"
#include "judge/model_name.h"

static bool begins_with(const char *text, const char *begin)
{
    return strncmp(text, begin, strlen(begin)) == 0;
}

static const char *keep(struct sva_claims *claims, const char *text, size_t size)
{
    const char *const kept = sva_arena_strndup(claims->subject->arena, text, size);
    claims->failed = claims->failed || kept == NULL;
    return kept != NULL ? kept : "";
}

/** Of repeated mentions in text the first counts. */
static bool is_there(const struct sva_claims *claims, const struct sva_claim *form)
{
    for (size_t i = 0; i < claims->count; i++) {
        const struct sva_claim *const one = &claims->items[i];
        const bool text = form->strength < SVA_CLAIM_FIELD && one->strength == form->strength;
        const bool same_place =
            strcmp(one->file, form->file) == 0 && strcmp(one->place, form->place) == 0;
        if (strcmp(one->where, form->where) == 0 && (text || same_place) &&
            sva_same_model_name(one->name, form->name)) {
            return true;
        }
    }
    return false;
}

void sva_claims_add(struct sva_claims *claims, const struct sva_claim *form)
{
    if (form->name[0] == '\0' || sva_same_model_name(form->name, claims->subject->name) ||
        is_there(claims, form)) {
        return;
    }
    if (claims->count == SVA_CLAIMS_MAX) {
        claims->left_out++;
        return;
    }
    struct sva_claim *const slot = &claims->items[claims->count++];
    *slot = *form;
    slot->name = keep(claims, form->name, strlen(form->name));
    slot->place = keep(claims, form->place, strlen(form->place));
    slot->level = SVA_NAME_OTHER;
    slot->state = SVA_CLAIM_NO_REFERENCE;
    slot->compared = SIZE_MAX;
    slot->relation_state = SVA_RELATION_NOT_STATED;
    slot->derivation = "";
}

/* ---- fields ---- */

/** A file of the print that has this name, else the first of this kind, else `name`. */
static const char *file_of(const struct sva_claims *claims, const char *name,
                           enum sva_file_kind kind)
{
    const struct sva_case *const source = claims->subject->source;
    const struct sva_print *const print = source != NULL ? source->subject : NULL;
    const char *first = NULL;
    for (size_t i = 0; print != NULL && i < print->file_count; i++) {
        if (strcmp(print->files[i].path, name) == 0) {
            return name;
        }
        if (print->files[i].kind == kind && first == NULL) {
            first = print->files[i].path;
        }
    }
    return first != NULL ? first : name;
}

/** Values of a list come joined by ", ". */
static void add_card_bases(struct sva_claims *claims, const char *value)
{
    const char *const file = sva_looked_fact(claims->subject, "prose.file");
    struct sva_claim form = {
        .where = "model-card",
        .file = file[0] != '\0' ? file : file_of(claims, "README.md", SVA_FILE_CARD),
        .place = "base_model",
        .relation = sva_looked_fact(claims->subject, "card.base_model_relation"),
        .strength = SVA_CLAIM_FIELD};
    for (const char *at = value; *at != '\0';) {
        const char *const comma = strstr(at, ", ");
        const size_t size = comma == NULL ? strlen(at) : (size_t)(comma - at);
        form.name = keep(claims, at, size);
        sva_claims_add(claims, &form);
        at += size + (comma == NULL ? 0 : 2);
    }
}

static void add_config(struct sva_claims *claims, const char *key, const char *value)
{
    const struct sva_claim form = {.where = "config",
                                   .file = file_of(claims, "config.json", SVA_FILE_CONFIG),
                                   .place = key + strlen("config."),
                                   .name = value,
                                   .relation = "",
                                   .strength = SVA_CLAIM_FIELD};
    sva_claims_add(claims, &form);
}

static void add_adapter(struct sva_claims *claims, const char *value)
{
    const struct sva_claim form = {.where = "adapter-config",
                                   .file = file_of(claims, "adapter_config.json", SVA_FILE_GGUF),
                                   .place = "base_model_name_or_path",
                                   .name = value,
                                   .relation = "adapter",
                                   .strength = SVA_CLAIM_FIELD};
    sva_claims_add(claims, &form);
}

static void add_recipe(struct sva_claims *claims, const char *key, const char *value)
{
    const struct sva_claim form = {.where = "merge-recipe",
                                   .file = sva_looked_fact(claims->subject, "merge.file"),
                                   .place = begins_with(key, "merge.base_model") ? "base_model"
                                                                                 : "models",
                                   .name = value,
                                   .relation = "merge",
                                   .strength = SVA_CLAIM_FIELD};
    sva_claims_add(claims, &form);
}

/** Value of "<prefix><number>.<what>", "" when there is none. */
static const char *numbered(struct sva_claims *claims, const char *base, const char *what)
{
    char *const key = sva_arena_printf(claims->subject->arena, "%s%s", base, what);
    claims->failed = claims->failed || key == NULL;
    return key != NULL ? sva_looked_fact(claims->subject, key) : "";
}

/** "gguf.base_model.0.name": the address where there is one, else organisation and name. */
static void add_stored_base(struct sva_claims *claims, const char *key, const char *prefix)
{
    const char *const number = key + strlen(prefix);
    const size_t digits = strcspn(number, ".");
    const char *const base = keep(claims, key, strlen(prefix) + digits + 1);
    const char *const address = numbered(claims, base, "repo_url");
    const char *const organisation = numbered(claims, base, "organization");
    const char *const name = numbered(claims, base, "name");
    const bool finetune = sva_looked_fact(claims->subject, "gguf.finetune")[0] != '\0';
    const char *said = address;
    if (said[0] == '\0' && name[0] != '\0') {
        said = sva_arena_printf(claims->subject->arena, "%s%s%s", organisation,
                                organisation[0] != '\0' ? "/" : "", name);
    }
    const char *const what = address[0] != '\0' ? "repo_url" : "name";
    const char *const dot = strchr(prefix, '.');
    const char *const place = sva_arena_printf(claims->subject->arena, "general%s%.*s.%s", dot,
                                               (int)digits, number, what);
    if (said == NULL || place == NULL) {
        claims->failed = true;
        return;
    }
    const struct sva_claim form = {.where = "weight-file",
                                   .file = file_of(claims, "model.gguf", SVA_FILE_GGUF),
                                   .place = place,
                                   .name = said,
                                   .relation = finetune ? "finetune" : "",
                                   .strength = SVA_CLAIM_FIELD};
    sva_claims_add(claims, &form);
}

/** What the file was converted from. */
static void add_stored_source(struct sva_claims *claims, const char *key, const char *value)
{
    const char *const place =
        sva_arena_printf(claims->subject->arena, "general%s", strchr(key, '.'));
    const struct sva_claim form = {.where = "weight-file",
                                   .file = file_of(claims, "model.gguf", SVA_FILE_GGUF),
                                   .place = place != NULL ? place : "",
                                   .name = value,
                                   .relation = "",
                                   .strength = SVA_CLAIM_FIELD};
    claims->failed = claims->failed || place == NULL;
    sva_claims_add(claims, &form);
}

/* ---- texts ---- */

static void add_notice(struct sva_claims *claims, const char *key, const char *text)
{
    const char *const base = keep(claims, key, strlen(key) - strlen("text"));
    const struct sva_claim form = {.where = "notice",
                                   .file = numbered(claims, base, "file"),
                                   .place = "",
                                   .line = 1,
                                   .relation = "",
                                   .strength = SVA_CLAIM_NOTICE};
    sva_claims_of_text(claims, &form, text);
}

/** "Built with Llama: LICENSE" names Llama. */
static void add_shown(struct sva_claims *claims, const char *value)
{
    static const char *const before[] = {"Built with ", "Improved using ", "Meta "};
    const char *const colon = strrchr(value, ':');
    const char *const end = colon != NULL ? colon : value + strlen(value);
    const char *at = value;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        at += begins_with(at, before[i]) ? strlen(before[i]) : 0;
    }
    if (at == value || at >= end) {
        return;
    }
    const char *file = colon != NULL ? colon + 1 : "";
    file += *file == ' ';
    const struct sva_claim form = {.where = "licence",
                                   .file = keep(claims, file, strcspn(file, ",:")),
                                   .place = keep(claims, value, (size_t)(end - value)),
                                   .name = keep(claims, at, (size_t)(end - at)),
                                   .relation = "",
                                   .strength = SVA_CLAIM_NOTICE};
    sva_claims_add(claims, &form);
}

/** The line in "prose.origin.000012.000". */
static uint32_t line_of(const char *key)
{
    const char *at = strchr(key + strlen("prose."), '.');
    uint32_t line = 0;
    for (at += at != NULL; at != NULL && *at >= '0' && *at <= '9' && line < 1000000; at++) {
        line = line * 10 + (uint32_t)(*at - '0');
    }
    return line;
}

static void add_prose(struct sva_claims *claims, const char *key, const char *text)
{
    const char *const file = sva_looked_fact(claims->subject, "prose.file");
    if (begins_with(key, "prose.scratch.")) {
        if (claims->denial_count < SVA_DENIALS_MAX) {
            claims->denials[claims->denial_count++] = (struct sva_denial){
                .file = file, .text = text, .line = line_of(key), .compared = SIZE_MAX};
        }
        return;
    }
    const bool origin = begins_with(key, "prose.origin.");
    if (origin || begins_with(key, "prose.name.")) {
        const struct sva_claim form = {.where = "prose",
                                       .file = file,
                                       .place = "",
                                       .line = line_of(key),
                                       .relation = "",
                                       .strength = origin ? SVA_CLAIM_PROSE : SVA_CLAIM_MENTION};
        sva_claims_of_text(claims, &form, text);
    }
}

/* ---- all ---- */

static bool is_card_base(const char *key)
{
    static const char base[] = "card.base_model";
    const size_t length = sizeof base - 1;
    return strncmp(key, base, length) == 0 && (key[length] == '\0' || key[length] == '.');
}

static void add_fact(struct sva_claims *claims, const char *key, const char *value)
{
    if (is_card_base(key)) {
        add_card_bases(claims, value);
    } else if (begins_with(key, "config.") && sva_has_suffix(key, "_name_or_path")) {
        add_config(claims, key, value);
    } else if (strcmp(key, "adapter.base_model_name_or_path") == 0) {
        add_adapter(claims, value);
    } else if (begins_with(key, "gguf.base_model.")) {
        add_stored_base(claims, key, "gguf.base_model.");
    } else if (begins_with(key, "mmproj.base_model.")) {
        add_stored_base(claims, key, "mmproj.base_model.");
    } else if (strcmp(key, "gguf.source.repo_url") == 0 || strcmp(key, "gguf.source.url") == 0 ||
               strcmp(key, "gguf.source.huggingface.repository") == 0) {
        add_stored_source(claims, key, value);
    } else if (strcmp(key, "merge.base_model") == 0 || begins_with(key, "merge.model.")) {
        add_recipe(claims, key, value);
    } else if (begins_with(key, "notice.") && sva_has_suffix(key, ".text")) {
        add_notice(claims, key, value);
    } else if (begins_with(key, "licence.shown.")) {
        add_shown(claims, value);
    } else if (begins_with(key, "prose.")) {
        add_prose(claims, key, value);
    }
}

void sva_claims_collect(struct sva_claims *claims)
{
    struct sva_arena *const arena = claims->subject->arena;
    claims->items = sva_arena_alloc(arena, SVA_CLAIMS_MAX, sizeof *claims->items);
    claims->denials = sva_arena_alloc(arena, SVA_DENIALS_MAX, sizeof *claims->denials);
    claims->failed = claims->items == NULL || claims->denials == NULL;
    const size_t count = claims->failed ? 0 : claims->subject->fact_count;
    for (size_t i = 0; i < 2 * count; i++) { /* mere mentions last: only they may be left out */
        const struct sva_fact *const fact = &claims->subject->facts[i % count];
        if (fact->value[0] != '\0' && begins_with(fact->key, "prose.name.") == (i >= count)) {
            add_fact(claims, fact->key, fact->value);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "report/known_sentence.h"

#include <string.h>

#include "base/text.h"
#include "report/labels.h"

/** A word of the facts database and what people call it. */
struct word {
    const char *word;
    enum sva_label label;
};

static const struct word words[] = {
    {"derivative", SVA_LABEL_CLAUSE_DERIVATIVE},
    {"field-of-use", SVA_LABEL_CLAUSE_FIELD_OF_USE},
    {"jurisdiction", SVA_LABEL_CLAUSE_JURISDICTION},
    {"naming", SVA_LABEL_CLAUSE_NAMING},
    {"non-commercial", SVA_LABEL_CLAUSE_NON_COMMERCIAL},
    {"output", SVA_LABEL_CLAUSE_OUTPUT},
    {"revocation", SVA_LABEL_CLAUSE_REVOCATION},
    {"user-count", SVA_LABEL_CLAUSE_USER_COUNT},
    {"licence-copy", SVA_LABEL_DUTY_COPY},
};

/** What people call a word of `length` bytes; the word itself where the table has none. */
static void put_word(struct sva_bytes *out, enum sva_lang lang, const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) == length && strncmp(words[i].word, word, length) == 0) {
            sva_bytes_text(out, sva_label(lang, words[i].label));
            return;
        }
    }
    sva_bytes_text(out, sva_escn(word, length).text);
}

/** "a;b" as "a, b" in the language. Words that need more are left to the caller. */
static void put_list(struct sva_bytes *out, enum sva_lang lang, const char *list)
{
    for (const char *at = list; *at != '\0';) {
        const size_t length = strcspn(at, ";");
        sva_bytes_text(out, at == list ? "" : ", ");
        put_word(out, lang, at, length);
        at += length + (at[length] == ';');
    }
}

/** A text that was made; NULL: memory ran out. */
static void put_made(struct sva_bytes *out, const char *text)
{
    out->failed = out->failed || text == NULL;
    sva_bytes_text(out, text != NULL ? text : "");
}

/** Duties that no file shows: words and a name are said in full. */
static const char *unmet_list(struct sva_arena *arena, enum sva_lang lang,
                              const struct sva_bound_licence *licence)
{
    struct sva_bytes out = {0};
    const struct sva_escaped shown = sva_esc(licence->words);
    const struct sva_escaped begin = sva_esc(licence->begin);
    const char *texts[2] = {shown.text, begin.text};
    for (const char *at = licence->unmet; *at != '\0';) {
        const size_t length = strcspn(at, ";");
        sva_bytes_text(&out, at == licence->unmet ? "" : ", ");
        if (strncmp(at, "words", length) == 0) {
            put_made(&out,
                     sva_label_fill(arena, sva_label(lang, SVA_LABEL_DUTY_WORDS), &texts[0], 1));
        } else if (strncmp(at, "name", length) == 0) {
            put_made(&out,
                     sva_label_fill(arena, sva_label(lang, SVA_LABEL_DUTY_NAME), &texts[1], 1));
        } else {
            put_word(&out, lang, at, length);
        }
        at += length + (at[length] == ';');
    }
    return sva_bytes_keep(&out, arena);
}

static void put_because(struct sva_bytes *out, struct sva_arena *arena, enum sva_lang lang,
                        const struct sva_bound_licence *licence)
{
    const struct sva_escaped base = sva_esc(licence->of);
    const char *texts[1] = {base.text};
    const enum sva_label label = strcmp(licence->because, "own") == 0 ? SVA_LABEL_LICENCE_OWN
                                 : strcmp(licence->because, "matched") == 0
                                     ? SVA_LABEL_LICENCE_MATCHED
                                     : SVA_LABEL_LICENCE_DECLARED;
    put_made(out, sva_label_fill(arena, sva_label(lang, label), texts, 1));
}

const char *sva_licence_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_bound_licence *licence, const char *component)
{
    struct sva_bytes out = {0};
    if (component[0] != '\0') {
        sva_bytes_printf(&out, "%s: ", sva_esc(component).text);
    }
    const char *name = licence->name[0] != '\0' ? licence->name : licence->id;
    sva_bytes_printf(
        &out, "%s", name[0] != '\0' ? sva_esc(name).text : sva_label(lang, SVA_LABEL_LICENCE_NONE));
    if (licence->name[0] != '\0') {
        sva_bytes_printf(&out, " (%s)", sva_esc(licence->id).text);
    }
    sva_bytes_text(&out, ", ");
    put_because(&out, arena, lang, licence);
    sva_bytes_text(&out, ". ");
    if (licence->id[0] == '\0') {
        sva_bytes_text(&out, sva_label(lang, SVA_LABEL_LICENCE_ASK));
    } else if (!licence->known) {
        sva_bytes_text(&out, sva_label(lang, SVA_LABEL_LICENCE_UNKNOWN));
    } else if (licence->clauses[0] == '\0') {
        sva_bytes_text(&out, sva_label(lang, SVA_LABEL_LICENCE_FREE));
    } else {
        sva_bytes_printf(&out, "%s: ", sva_label(lang, SVA_LABEL_LICENCE_RESTRICTS));
        put_list(&out, lang, licence->clauses);
        sva_bytes_text(&out, ".");
    }
    if (licence->unmet[0] != '\0') {
        sva_bytes_printf(&out, " %s: ", sva_label(lang, SVA_LABEL_LICENCE_UNMET));
        put_made(&out, unmet_list(arena, lang, licence));
        sva_bytes_text(&out, ".");
    }
    return sva_bytes_keep(&out, arena);
}

const char *sva_clauses_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_fact *facts, size_t fact_count)
{
    static const char prefix[] = "licence.clause.";
    struct sva_bytes out = {0};
    for (size_t i = 0; i < fact_count; i++) {
        if (strncmp(facts[i].key, prefix, sizeof prefix - 1) != 0) {
            continue;
        }
        const char *kind = facts[i].key + sizeof prefix - 1;
        if (out.size == 0) {
            sva_bytes_printf(&out, "%s: ", sva_label(lang, SVA_LABEL_CLAUSES_READ));
        } else {
            sva_bytes_text(&out, "; ");
        }
        put_word(&out, lang, kind, strcspn(kind, "."));
        sva_bytes_printf(&out, " (%s)", sva_esc(facts[i].value).text);
    }
    if (out.size > 0) {
        sva_bytes_text(&out, ".");
    }
    return sva_bytes_keep(&out, arena);
}

/** How many tensors this model is known by, from hit `first` on. */
static size_t count_tensors(const struct sva_knowledge *knowledge, size_t first)
{
    size_t count = 0;
    for (size_t i = first; i < knowledge->hit_count; i++) {
        const struct sva_known_hit *hit = &knowledge->hits[i];
        count += hit->tensor != UINT32_MAX && strcmp(hit->name, knowledge->hits[first].name) == 0;
    }
    return count;
}

bool sva_known_is_repeated(const struct sva_knowledge *knowledge, size_t hit)
{
    const struct sva_known_hit *one = &knowledge->hits[hit];
    for (size_t i = hit; one->tensor != UINT32_MAX && i > 0; i--) {
        const struct sva_known_hit *before = &knowledge->hits[i - 1];
        if (before->tensor != UINT32_MAX && strcmp(before->name, one->name) == 0) {
            return true;
        }
    }
    return false;
}

const char *sva_known_sentence(struct sva_arena *arena, enum sva_lang lang,
                               const struct sva_knowledge *knowledge, size_t index)
{
    const struct sva_known_hit *hit = &knowledge->hits[index];
    const bool tensor = hit->tensor != UINT32_MAX;
    const bool file = hit->file != UINT32_MAX;
    const struct sva_escaped item = sva_esc(hit->item);
    const struct sva_escaped name = sva_esc(hit->name);
    const struct sva_escaped publisher = sva_esc(hit->publisher);
    const struct sva_escaped origin = sva_esc(hit->origin);
    const char *who =
        sva_arena_printf(arena, "%s%s%s%s", name.text, publisher.text[0] != '\0' ? " (" : "",
                         publisher.text, publisher.text[0] != '\0' ? ")" : "");
    const enum sva_label label =
        file                                      ? SVA_LABEL_KNOWN_FILE
        : tensor                                  ? SVA_LABEL_KNOWN_TENSORS
        : strcmp(hit->what, "chat-template") == 0 ? SVA_LABEL_KNOWN_TEMPLATE
        : strcmp(hit->what, "vocabulary") == 0    ? SVA_LABEL_KNOWN_VOCABULARY
        : strcmp(hit->what, "licence-text") == 0  ? SVA_LABEL_KNOWN_LICENCE
                                                  : SVA_LABEL_KNOWN_ARCHITECTURE;
    const char *count =
        sva_arena_printf(arena, "%zu", tensor ? count_tensors(knowledge, index) : (size_t)1);
    if (who == NULL || count == NULL) {
        return NULL;
    }
    const char *texts[4] = {item.text, who, origin.text, count};
    return sva_label_fill(arena, sva_label(lang, label), texts, 4);
}

const char *sva_known_version(struct sva_arena *arena, enum sva_lang lang,
                              const struct sva_known_info *info)
{
    const char *count = sva_arena_printf(arena, "%zu", info->row_count);
    const struct sva_escaped place = sva_esc(sva_word(lang, info->place));
    const char *texts[3] = {count, info->date, place.text};
    return count == NULL
               ? NULL
               : sva_label_fill(arena, sva_label(lang, SVA_LABEL_FACTS_VERSION), texts, 3);
}

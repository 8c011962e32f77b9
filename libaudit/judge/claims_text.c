/* SPDX-License-Identifier: Apache-2.0 */
/* Which known models a text names. */
#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "judge/claims.h"
#include "judge/model_name.h"

enum { CANDIDATE_BYTES = 96, WORDS_MAX = 8, NAME_BYTES_LEAST = 3 };

/* ---- what is looked for ---- */

static void learn(struct sva_claims *claims, const char *text)
{
    const struct sva_model_name name = sva_model_name_of(text);
    if (strlen(name.name) < NAME_BYTES_LEAST) {
        return;
    }
    char *const kept = sva_arena_strdup(claims->subject->arena, name.name);
    if (kept == NULL) {
        claims->failed = true;
        return;
    }
    claims->names[claims->name_count++] = kept;
}

/** A family's name, and the beginnings of its models' names between ";". */
static void learn_family(struct sva_claims *claims, const struct sva_known_row *row, size_t room)
{
    learn(claims, row->fields[SVA_KNOWN_FAMILY_NAME]);
    size_t used = 1;
    for (const char *at = row->fields[SVA_KNOWN_FAMILY_NAMES]; *at != '\0' && used < room; used++) {
        char one[SVA_MODEL_NAME_BYTES] = "";
        const size_t length = strcspn(at, ";");
        memcpy(one, at, length < sizeof one ? length : 0);
        learn(claims, one);
        at += length + (at[length] == ';');
    }
}

void sva_claims_learn_names(struct sva_claims *claims)
{
    enum { FAMILY_NAMES_MOST = 16 };
    const struct sva_known *const known = claims->subject->known;
    const struct sva_known_info *const info = sva_known_get_info(known);
    const struct sva_case *const source = claims->subject->source;
    const size_t references = source != NULL ? source->compared_count : 0;
    const size_t room = references + info->counts[SVA_KNOWN_MODEL] +
                        info->counts[SVA_KNOWN_FAMILY] * FAMILY_NAMES_MOST;
    claims->names = sva_arena_alloc(claims->subject->arena, room, sizeof *claims->names);
    claims->failed = claims->failed || claims->names == NULL;
    for (size_t i = 0; !claims->failed && i < info->row_count; i++) {
        const struct sva_known_row row = sva_known_get(known, i);
        if (row.kind == SVA_KNOWN_MODEL) {
            learn(claims, row.fields[SVA_KNOWN_MODEL_NAME]);
        } else if (row.kind == SVA_KNOWN_FAMILY) {
            learn_family(claims, &row, FAMILY_NAMES_MOST);
        }
    }
    for (size_t i = 0; !claims->failed && i < references; i++) {
        learn(claims, source->compared[i].reference.name);
    }
    if (claims->name_count > 0) {
        qsort(claims->names, claims->name_count, sizeof *claims->names, sva_by_text);
    }
}

/* ---- looking ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool joins_words(char c)
{
    return c == '-' || c == '_' || c == '.' || c == ':' || c == ' ';
}

/** Ends of what may be one name from `start` on: after one word, two words ... */
static size_t find_ends(const char *start, size_t ends[WORDS_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < CANDIDATE_BYTES && count < WORDS_MAX; at++) {
        if (is_word(start[at]) && !is_word(start[at + 1])) {
            ends[count++] = at + 1;
        }
        if (!is_word(start[at]) && !(joins_words(start[at]) && is_word(start[at + 1]))) {
            break;
        }
    }
    return count;
}

static bool joins_tightly(char c)
{
    return c == '-' || c == '_' || c == '.';
}

/** Does a longer name go on behind? "X-based" is X, "X-Chat" is not. */
static bool goes_on(const char *end)
{
    static const char *const suffixes[] = {"-based", "-derived", "-style", "-like"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        const size_t length = strlen(suffixes[i]);
        if (strncmp(end, suffixes[i], length) == 0 && !is_word(end[length])) {
            return false;
        }
    }
    return *end == '/' || (joins_tightly(*end) && is_word(end[1]));
}

/** Is it a word's beginning, not a later part of a longer name? */
static bool starts_name(const char *text, size_t at)
{
    return is_word(text[at]) && (at == 0 || !is_word(text[at - 1])) &&
           !(at > 1 && joins_tightly(text[at - 1]) && is_word(text[at - 2]));
}

/** Names are written with a capital or a number; "amber" alone is a colour. */
static bool looks_named(const char *text, size_t size)
{
    bool seen = false;
    for (size_t i = 0; i < size; i++) {
        seen = seen || (text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= '0' && text[i] <= '9');
    }
    return seen;
}

static bool is_known(const struct sva_claims *claims, const char *text, size_t size)
{
    char words[CANDIDATE_BYTES + 1];
    if (size > CANDIDATE_BYTES || !looks_named(text, size) || goes_on(text + size)) {
        return false;
    }
    memcpy(words, text, size);
    words[size] = '\0';
    const struct sva_model_name name = sva_model_name_of(words);
    const char *const key = name.name;
    return claims->name_count > 0 && bsearch(&key, claims->names, claims->name_count,
                                             sizeof *claims->names, sva_by_text) != NULL;
}

/** Bytes of "organisation/" in front of `at`; 0 none. */
static size_t organisation_before(const char *text, size_t at)
{
    if (at == 0 || text[at - 1] != '/') {
        return 0;
    }
    size_t start = at - 1;
    while (start > 0 && (is_word(text[start - 1]) || text[start - 1] == '-' ||
                         text[start - 1] == '_' || text[start - 1] == '.')) {
        start--;
    }
    return start == at - 1 ? 0 : at - start;
}

static void add_name(struct sva_claims *claims, const struct sva_claim *form, const char *text,
                     size_t at, size_t size)
{
    const size_t before = organisation_before(text, at);
    struct sva_claim claim = *form;
    claim.name = sva_arena_strndup(claims->subject->arena, text + at - before, before + size);
    for (size_t i = 0; i < at && form->strength == SVA_CLAIM_NOTICE; i++) {
        claim.line += text[i] == '\n';
    }
    if (claim.name == NULL) {
        claims->failed = true;
        return;
    }
    sva_claims_add(claims, &claim);
}

void sva_claims_of_text(struct sva_claims *claims, const struct sva_claim *form, const char *text)
{
    const size_t size = strlen(text);
    if (size > SVA_CLAIM_TEXT_BYTES_MAX - claims->text_bytes) {
        claims->left_out++;
        return;
    }
    claims->text_bytes += size;
    for (size_t at = 0; text[at] != '\0' && !claims->failed;) {
        size_t ends[WORDS_MAX];
        size_t count = 0;
        if (starts_name(text, at)) {
            count = find_ends(text + at, ends);
        }
        while (count > 0 && !is_known(claims, text + at, ends[count - 1])) {
            count--;
        }
        if (count > 0) {
            add_name(claims, form, text, at, ends[count - 1]);
        }
        at += count > 0 ? ends[count - 1] : 1;
    }
}

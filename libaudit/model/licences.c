/* SPDX-License-Identifier: Apache-2.0 */
#include "model/licences.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/licence_text.h"

enum { ID_BYTES = 96, VALUE_BYTES = 320 };

/** What has been found so far. */
struct search {
    struct sva_parts *parts;
    unsigned file_count;
    unsigned shown_count;
    unsigned recognised_count; /**< licence texts */
    char text_id[ID_BYTES];    /**< "" while no text was recognised */
    const char *text_file;     /**< NULL while none */
};

/* ---- facts ---- */

/** First value of a fact made so far, or NULL. */
static const char *value_of(const struct sva_parts *parts, const char *key)
{
    const struct sva_fact *facts = parts->facts.items;
    for (size_t i = 0; i < parts->facts.count; i++) {
        if (strcmp(facts[i].key, key) == 0) {
            return facts[i].value;
        }
    }
    return NULL;
}

/** The SHA-256 of bytes as a fact. */
static enum sva_status digest_fact(struct sva_parts *parts, const char *key, const void *bytes,
                                   size_t size, struct sva_error *error)
{
    uint8_t digest[32];
    char hex[65];
    if (!sva_sha256(bytes, size, digest)) {
        return sva_fail_memory(error, "hashing a licence");
    }
    sva_hex(digest, sizeof digest, hex);
    return sva_parts_fact(parts, key, hex, error);
}

/* ---- files ---- */

static bool is_licence(const struct sva_scanned *file)
{
    return sva_starts_with(file->base, "licen") || sva_starts_with(file->base, "copying");
}

static bool is_policy(const struct sva_scanned *file)
{
    return sva_starts_with(file->base, "use_policy");
}

/** Places of restrictive clauses, at most SVA_LICENCE_CLAUSES_MAX of a kind in all files. */
static enum sva_status find_clauses(struct search *search, const struct sva_scanned *file,
                                    const struct sva_words *words, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    const struct sva_clause *clause = sva_clause_get(0);
    for (size_t i = 0; status == SVA_OK && clause != NULL; clause = sva_clause_get(++i)) {
        const size_t found = sva_words_find(words, clause->phrase, 0);
        char key[64];
        char value[VALUE_BYTES];
        unsigned number = 0;
        if (found == SIZE_MAX) {
            continue;
        }
        do {
            snprintf(key, sizeof key, "licence.clause.%s.%u", clause->kind, number++);
        } while (value_of(search->parts, key) != NULL);
        if (number > SVA_LICENCE_CLAUSES_MAX) {
            continue;
        }
        snprintf(value, sizeof value, "%s, byte %lu: %s", sva_esc(file->path).text,
                 (unsigned long)words->places[found], clause->phrase);
        status = sva_parts_fact(search->parts, key, value, error);
    }
    return status;
}

static enum sva_status find_shown(struct search *search, const struct sva_scanned *file,
                                  const struct sva_words *words, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    const char *wanted = sva_shown_words(0);
    for (size_t i = 0; status == SVA_OK && wanted != NULL; wanted = sva_shown_words(++i)) {
        struct sva_words phrase = {0};
        const struct sva_span bytes = {(const uint8_t *)wanted, strlen(wanted)};
        status = sva_words_make(bytes, &phrase, error);
        if (status == SVA_OK && sva_words_find(words, phrase.text, 0) != SIZE_MAX) {
            char key[40];
            char value[VALUE_BYTES];
            snprintf(key, sizeof key, "licence.shown.%u", search->shown_count++);
            snprintf(value, sizeof value, "%s: %s", wanted, sva_esc(file->path).text);
            status = sva_parts_fact(search->parts, key, value, error);
        }
        sva_words_done(&phrase);
    }
    return status;
}

/** The first licence file names the licence; clauses are looked for in all. */
static enum sva_status read_licence(struct search *search, const struct sva_scanned *file,
                                    struct sva_span bytes, const struct sva_words *words,
                                    struct sva_error *error)
{
    struct sva_parts *const parts = search->parts;
    size_t at = 0;
    const char *id = sva_licence_recognise(words, &at);
    enum sva_status status = SVA_OK;
    if (is_licence(file) && value_of(parts, "licence.file") == NULL) {
        status = sva_parts_fact(parts, "licence.file", file->path, error);
        if (status == SVA_OK) {
            status = digest_fact(parts, "licence.sha256", bytes.data, bytes.size, error);
        }
        if (status == SVA_OK) {
            status = digest_fact(parts, "licence.text_sha256", words->text, words->size, error);
        }
        if (status == SVA_OK && id != NULL) {
            snprintf(search->text_id, sizeof search->text_id, "%s", id);
            search->text_file = file->path;
        }
    }
    if (status == SVA_OK && is_licence(file) && id != NULL) {
        char key[40];
        snprintf(key, sizeof key, "licence.text.%u", search->recognised_count++);
        status = sva_parts_fact(parts, key, id, error);
    }
    return status == SVA_OK ? find_clauses(search, file, words, error) : status;
}

static enum sva_status read_words(struct search *search, const struct sva_scanned *file,
                                  struct sva_span bytes, struct sva_error *error)
{
    struct sva_words words = {0};
    enum sva_status status = sva_words_make(bytes, &words, error);
    if (status == SVA_OK) {
        status = is_licence(file) || is_policy(file)
                     ? read_licence(search, file, bytes, &words, error)
                     : find_shown(search, file, &words, error);
    }
    sva_words_done(&words);
    return status;
}

static enum sva_status read_file(struct search *search, const struct sva_scanned *file,
                                 struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (file->size_bytes > SVA_LICENCE_BYTES_MAX) {
        return file->kind == SVA_FILE_CARD
                   ? SVA_OK
                   : sva_parts_finding(search->parts, error, "licence-not-read", file->path,
                                       "%s has %llu bytes and was not read for the words of a "
                                       "licence.",
                                       sva_esc(file->path).text,
                                       (unsigned long long)file->size_bytes);
    }
    enum sva_status status =
        sva_parts_read(search->parts, file, SVA_LICENCE_BYTES_MAX, &bytes, &size, error);
    if (status == SVA_OK) {
        status = read_words(search, file, (struct sva_span){bytes, size}, error);
    }
    sva_free(bytes);
    return status;
}

/** Licence files, notices and the card of the root, in the order of their paths. */
static enum sva_status read_files(struct search *search, struct sva_error *error)
{
    const struct sva_scanned *const files = search->parts->scanned.items;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < search->parts->scanned.count; i++) {
        const bool wanted = files[i].kind == SVA_FILE_LICENCE || files[i].kind == SVA_FILE_CARD;
        if (wanted && files[i].refused == NULL && files[i].directory[0] == '\0' &&
            search->file_count < SVA_LICENCE_FILES_MAX) {
            search->file_count++;
            status = read_file(search, &files[i], error);
        }
    }
    return status;
}

/* ---- what is declared ---- */

/** Lower case, of a bounded length: "Llama3.1" -> "llama3.1". */
static void copy_id(char id[ID_BYTES], const char *text)
{
    snprintf(id, ID_BYTES, "%s", text != NULL ? text : "");
    id[sva_utf8_valid_prefix((const uint8_t *)id, strlen(id))] = '\0';
    for (char *at = id; *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    }
}

/** "other" and its like say only that the name says more. */
static const char *named(const struct sva_parts *parts, const char *id_key, const char *name_key)
{
    const char *id = value_of(parts, id_key);
    const char *name = value_of(parts, name_key);
    const bool vague = id == NULL || strcmp(id, "other") == 0 || strcmp(id, "unknown") == 0;
    return vague && name != NULL ? name : id;
}

static const char *first_of(const char *const *keys, size_t count, const struct sva_parts *parts)
{
    const char *found = NULL;
    for (size_t i = 0; found == NULL && i < count; i++) {
        found = value_of(parts, keys[i]);
    }
    return found;
}

struct declared {
    char card[ID_BYTES], gguf[ID_BYTES];
};

static enum sva_status read_declared(struct sva_parts *parts, struct declared *said,
                                     struct sva_error *error)
{
    static const char *const lists[] = {"card.license.0", "card.license"};
    const char *card = named(parts, "card.license", "card.license_name");
    copy_id(said->card, card != NULL ? card : first_of(lists, 2, parts));
    copy_id(said->gguf, named(parts, "gguf.license", "gguf.license.name"));
    enum sva_status status =
        said->card[0] != '\0' ? sva_parts_fact(parts, "licence.card", said->card, error) : SVA_OK;
    return status == SVA_OK && said->gguf[0] != '\0'
               ? sva_parts_fact(parts, "licence.gguf", said->gguf, error)
               : status;
}

/** Words that names of licences have or leave out: "Llama 3.1 Community License Agreement". */
static bool is_filler(const char *word, size_t length)
{
    static const char *const fillers[] = {"license", "licence",   "version", "the",   "ai",
                                          "model",   "community", "terms",   "of",    "use",
                                          "gnu",     "agreement", "meta",    "public"};
    bool filler = false;
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        filler = filler || (strlen(fillers[i]) == length && strncmp(fillers[i], word, length) == 0);
    }
    return filler;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/** Letters and digits without fillers: "apache license version 2.0" and "apache-2.0" are one. */
static void fold(char folded[ID_BYTES], const char *id)
{
    size_t used = 0;
    for (const char *at = id; *at != '\0';) {
        size_t length = 0;
        while (is_word_byte(at[length])) {
            length++;
        }
        if (length > 0 && !is_filler(at, length) && used + length < ID_BYTES) {
            memcpy(folded + used, at, length);
            used += length;
        }
        at += length > 0 ? length : 1;
    }
    folded[used] = '\0';
}

/** Equal, or one is the other with a version behind it: "exaone" and "exaone 1.2 - nc". */
static bool same_licence(const char *a, const char *b)
{
    char one[ID_BYTES];
    char other[ID_BYTES];
    fold(one, a);
    fold(other, b);
    const size_t shorter = strlen(one) < strlen(other) ? strlen(one) : strlen(other);
    const char last = shorter > 0 ? one[shorter - 1] : '0';
    const char next = strlen(one) > shorter ? one[shorter] : other[shorter];
    const bool versioned = next >= '0' && next <= '9' && !(last >= '0' && last <= '9');
    return strncmp(one, other, shorter) == 0 && (next == '\0' || versioned);
}

static enum sva_status note_conflict(struct sva_parts *parts, const char *one, const char *says,
                                     const char *other, const char *differs,
                                     struct sva_error *error)
{
    char value[VALUE_BYTES * 2];
    snprintf(value, sizeof value, "%s says %s, %s says %s", sva_esc(one).text, sva_esc(says).text,
             other, sva_esc(differs).text);
    const enum sva_status status = sva_parts_fact(parts, "licence.conflict", value, error);
    return status == SVA_OK ? sva_parts_finding(parts, error, "licence-conflict", NULL,
                                                "The licences do not agree: %s.", value)
                            : status;
}

static enum sva_status reconcile(const struct search *search, const struct declared *said,
                                 struct sva_error *error)
{
    const struct {
        const char *who, *id;
    } claims[] = {{search->text_file != NULL ? search->text_file : "", search->text_id},
                  {"the card", said->card},
                  {"the weight file", said->gguf}};
    const char *id = "";
    const char *who = "";
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof claims / sizeof *claims; i++) {
        if (claims[i].id[0] == '\0') {
            continue;
        }
        if (id[0] == '\0') {
            id = claims[i].id;
            who = claims[i].who;
        } else if (!same_licence(id, claims[i].id)) {
            status = note_conflict(search->parts, who, id, claims[i].who, claims[i].id, error);
        }
    }
    return status == SVA_OK && id[0] != '\0'
               ? sva_parts_fact(search->parts, "licence.id", id, error)
               : status;
}

enum sva_status sva_licences_read(struct sva_parts *parts, struct sva_error *error)
{
    struct search search = {.parts = parts};
    struct declared said = {"", ""};
    enum sva_status status = read_files(&search, error);
    if (status == SVA_OK) {
        status = read_declared(parts, &said, error);
    }
    return status == SVA_OK ? reconcile(&search, &said, error) : status;
}

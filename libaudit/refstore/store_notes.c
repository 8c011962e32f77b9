/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a reference whose source is gone, and what the store still holds of it. */
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "refstore/store_change.h"
#include "refstore/store_date.h"
#include "refstore/store_sql.h"

enum { SCHEMA_WITH_NOTES = 3, NOTE_TEXTS = 4 };

/* ---- noting ---- */

static bool is_plain(const char *text)
{
    const size_t length = strlen(text);
    bool plain = sva_utf8_valid_prefix((const uint8_t *)text, length) == length;
    for (size_t i = 0; i < length; i++) {
        plain = plain && (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
    }
    return plain;
}

enum sva_status sva_store_check_note(const struct sva_reference_note *note, struct sva_error *error)
{
    struct sva_date_range range;
    const char *const dates[] = {sva_or_empty(note->noted), sva_or_empty(note->removed)};
    const char *const texts[] = {sva_or_empty(note->text), sva_or_empty(note->evidence)};
    if (dates[1][0] == '\0' && texts[0][0] == '\0' && texts[1][0] == '\0') {
        return sva_fail(error, SVA_ERR_USAGE,
                        "a note says since when the source is gone, has a text or names evidence");
    }
    for (size_t i = 0; i < 2; i++) {
        if (dates[i][0] != '\0' && !sva_date_parse(dates[i], &range)) {
            return sva_fail(error, SVA_ERR_USAGE,
                            "the note's date \"%s\" is not a date such as 2026-01-15 or 2026-01",
                            sva_esc(dates[i]).text);
        }
        if (!is_plain(texts[i])) {
            return sva_fail(error, SVA_ERR_USAGE,
                            "the note \"%s\" holds control characters or is not UTF-8",
                            sva_esc(texts[i]).text);
        }
    }
    return SVA_OK;
}

enum sva_status sva_store_insert_note(struct sva_refstore *store, const char *name,
                                      const char *version, const struct sva_reference_note *note,
                                      struct sva_error *error)
{
    struct sva_statement insert = {0};
    enum sva_status status =
        sva_statement_init(&insert, store,
                           "INSERT INTO reference_note"
                           " (reference_id, noted, removed, text, evidence, evidence_digest)"
                           " SELECT id, ?4, ?5, ?6, ?7, ?8 FROM reference_model"
                           " WHERE name = ?1 AND (?2 OR version = ?3)",
                           "add the note", error);
    if (status == SVA_OK) {
        sva_statement_text(&insert, 1, name);
        sva_statement_int(&insert, 2, version == NULL);
        sva_statement_text(&insert, 3, version);
        sva_statement_text(&insert, 4, note->noted);
        sva_statement_text(&insert, 5, note->removed);
        sva_statement_text(&insert, 6, note->text);
        sva_statement_text(&insert, 7, note->evidence);
        sva_statement_blob(&insert, 8, note->evidence_digest, SVA_DIGEST_BYTES);
        status = sva_statement_execute(&insert, error);
    }
    const bool none = status == SVA_OK && sqlite3_changes(store->db) == 0;
    sva_statement_done(&insert);
    return none ? sva_fail(error, SVA_ERR_NOT_FOUND, "%s: there is no reference %s%s%s",
                           sva_esc(store->path).text, sva_esc(name).text,
                           version != NULL ? " version " : "", sva_esc(sva_or_empty(version)).text)
                : status;
}

enum sva_status sva_refstore_note(struct sva_refstore *store, const char *name, const char *version,
                                  const struct sva_reference_note *note, struct sva_error *error)
{
    enum sva_status status = sva_store_check_note(note, error);
    if (status == SVA_OK) {
        status = sva_store_begin_write(store, error);
    }
    if (status == SVA_OK) {
        status = sva_store_end(
            store, sva_store_insert_note(store, name, version, note, error), error);
    }
    return status;
}

/* ---- what is left ---- */

void sva_remains_done(struct sva_remains *remains)
{
    for (size_t i = 0; i < remains->note_count; i++) {
        sva_free((void *)(uintptr_t)remains->notes[i].noted);
    }
    sva_free(remains->notes);
    *remains = (struct sva_remains){0};
}

/* The texts of a note live in one block, which `noted` begins. */
static enum sva_status append_note(const struct sva_statement *query, struct sva_remains *remains,
                                   struct sva_error *error)
{
    const char *texts[NOTE_TEXTS];
    size_t sizes[NOTE_TEXTS];
    size_t total = 0;
    for (int i = 0; i < NOTE_TEXTS; i++) {
        texts[i] = sva_column_text(query, i);
        sizes[i] = strlen(texts[i]) + 1;
        total += sizes[i];
    }
    struct sva_reference_note *grown =
        sva_realloc_array(remains->notes, remains->note_count + 1, sizeof *grown);
    remains->notes = grown != NULL ? grown : remains->notes;
    char *block = grown != NULL ? sva_calloc(total, 1) : NULL;
    if (block == NULL) {
        return sva_fail_memory(error, "reading the notes");
    }
    for (int i = 0; i < NOTE_TEXTS; i++) {
        memcpy(block, texts[i], sizes[i]);
        texts[i] = block;
        block += sizes[i];
    }
    struct sva_reference_note *slot = &remains->notes[remains->note_count++];
    *slot = (struct sva_reference_note){
        .noted = texts[0], .removed = texts[1], .text = texts[2], .evidence = texts[3]};
    return sva_column_digest(query, NOTE_TEXTS, slot->evidence_digest, error);
}

static enum sva_status read_notes(struct sva_refstore *store, int64_t id,
                                  struct sva_remains *remains, struct sva_error *error)
{
    struct sva_statement query = {0};
    bool row = false;
    if (store->schema < SCHEMA_WITH_NOTES) {
        return SVA_OK;
    }
    enum sva_status status =
        sva_statement_init(&query, store,
                           "SELECT noted, removed, text, evidence, evidence_digest"
                           " FROM reference_note WHERE reference_id = ?1 ORDER BY id",
                           "read the notes", error);
    if (status == SVA_OK) {
        sva_statement_int(&query, 1, id);
        status = sva_statement_step(&query, &row, error);
    }
    while (status == SVA_OK && row) {
        status = append_note(&query, remains, error);
        if (status == SVA_OK) {
            status = sva_statement_step(&query, &row, error);
        }
    }
    sva_statement_done(&query);
    return status;
}

/* Id and numbers of hashes, in one row. */
static enum sva_status read_counts(struct sva_refstore *store, const char *name,
                                   const char *version, int64_t *id, struct sva_remains *remains,
                                   struct sva_error *error)
{
    struct sva_statement query = {0};
    bool row = false;
    enum sva_status status = sva_statement_init(
        &query, store,
        "SELECT id, (SELECT count(*) FROM tensor_hash WHERE reference_id = m.id),"
        " (SELECT count(*) FROM file_hash WHERE reference_id = m.id)"
        " FROM reference_model m WHERE name = ?1 AND version = ?2",
        "count what is left of the reference", error);
    if (status == SVA_OK) {
        sva_statement_text(&query, 1, name);
        sva_statement_text(&query, 2, version);
        status = sva_statement_step(&query, &row, error);
    }
    if (status == SVA_OK && row) {
        *id = sqlite3_column_int64(query.handle, 0);
        remains->tensor_hash_count = (uint64_t)sqlite3_column_int64(query.handle, 1);
        remains->file_hash_count = (uint64_t)sqlite3_column_int64(query.handle, 2);
    }
    sva_statement_done(&query);
    return status != SVA_OK || row
               ? status
               : sva_fail(error, SVA_ERR_NOT_FOUND, "%s: there is no reference %s",
                          sva_esc(store->path).text, sva_esc(name).text);
}

static enum sva_status read_remains(struct sva_refstore *store, const char *name,
                                    const char *version, struct sva_remains *remains,
                                    struct sva_error *error)
{
    int64_t id = 0;
    struct sva_print *print = NULL;
    enum sva_status status = read_counts(store, name, version, &id, remains, error);
    if (status == SVA_OK) {
        status = read_notes(store, id, remains, error);
    }
    if (status == SVA_OK) {
        status = sva_refstore_print(store, name, version, &print, error);
    }
    if (status == SVA_OK) {
        remains->fact_count = print->fact_count;
    }
    sva_print_free(print);
    return status;
}

enum sva_status sva_refstore_remains(struct sva_refstore *store, const char *name,
                                     const char *version, struct sva_remains *remains,
                                     struct sva_error *error)
{
    struct sva_remains found = {0};
    enum sva_status status = sva_store_begin_read(store, error);
    if (status == SVA_OK) {
        status = sva_store_end(store, read_remains(store, name, sva_or_empty(version), &found, error),
                               error);
    }
    if (status != SVA_OK) {
        sva_remains_done(&found);
        return status;
    }
    *remains = found;
    return SVA_OK;
}

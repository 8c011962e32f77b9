/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the store: each change is one transaction. */
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "refstore/store_change.h"
#include "refstore/store_date.h"
#include "refstore/store_hashes.h"
#include "refstore/store_outline.h"
#include "refstore/store_sql.h"

/* ---- adding ---- */

static bool is_plain_text(const char *text)
{
    const size_t length = strlen(text);
    if (sva_utf8_valid_prefix((const uint8_t *)text, length) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

enum sva_status sva_store_check_reference(const struct sva_reference *reference,
                                          struct sva_error *error)
{
    const struct {
        const char *what, *text;
        bool date;
    } fields[] = {
        {"name", sva_or_empty(reference->name), false},
        {"version", sva_or_empty(reference->version), false},
        {"publisher", sva_or_empty(reference->publisher), false},
        {"licence", sva_or_empty(reference->licence), false},
        {"release date", sva_or_empty(reference->released), true},
        {"ancestor", sva_or_empty(reference->derived_from), false},
        {"source", sva_or_empty(reference->source), false},
        {"date of adding", sva_or_empty(reference->added), true},
    };
    if (fields[0].text[0] == '\0') {
        return sva_fail(error, SVA_ERR_USAGE, "a reference needs a name");
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct sva_date_range range;
        const char *text = fields[i].text;
        if (!is_plain_text(text)) {
            return sva_fail(error, SVA_ERR_USAGE,
                            "the reference's %s \"%s\" holds control characters or is not UTF-8",
                            fields[i].what, sva_esc(text).text);
        }
        if (fields[i].date && text[0] != '\0' && !sva_date_parse(text, &range)) {
            return sva_fail(error, SVA_ERR_USAGE,
                            "the reference's %s \"%s\" is not a date such as 2026-01-15 or "
                            "2026-01",
                            fields[i].what, sva_esc(text).text);
        }
    }
    return SVA_OK;
}

/* CONFLICT when what is recorded is something else than what is given. */
static enum sva_status check_same_record(const struct sva_statement *query,
                                         const struct sva_reference *reference,
                                         struct sva_error *error)
{
    const struct {
        const char *what, *text;
    } given[] = {{"publisher", reference->publisher},
                 {"licence", reference->licence},
                 {"release date", reference->released},
                 {"origin", reference->derived_from},
                 {"source", reference->source}};
    for (int i = 0; i < (int)(sizeof given / sizeof *given); i++) {
        const char *const text = sva_or_empty(given[i].text);
        if (text[0] != '\0' && strcmp(text, sva_column_text(query, i + 1)) != 0) {
            return sva_fail(error, SVA_ERR_CONFLICT,
                            "%s: the reference %s is there already with another %s, \"%s\"; remove "
                            "it first",
                            sva_esc(query->store->path).text, sva_esc(reference->name).text,
                            given[i].what, sva_esc(sva_column_text(query, i + 1)).text);
        }
    }
    return SVA_OK;
}

/* CONFLICT when another print or record has the name and version; *same when this very one has. */
static enum sva_status find_same(struct sva_refstore *store, const struct sva_reference *reference,
                                 const struct sva_print *print, bool *same, struct sva_error *error)
{
    struct sva_statement query = {0};
    uint8_t digest[SVA_DIGEST_BYTES];
    bool row = false;
    enum sva_status status =
        sva_statement_init(&query, store,
                           "SELECT print_digest, publisher, licence, released, derived_from, source"
                           " FROM reference_model WHERE name = ?1 AND version = ?2",
                           "look for the reference", error);
    if (status == SVA_OK) {
        sva_statement_text(&query, 1, reference->name);
        sva_statement_text(&query, 2, reference->version);
        status = sva_statement_step(&query, &row, error);
    }
    if (status == SVA_OK && row) {
        status = sva_column_digest(&query, 0, digest, error);
    }
    const bool other = status == SVA_OK && row && memcmp(digest, print->digest, sizeof digest) != 0;
    if (status == SVA_OK && row && !other) {
        status = check_same_record(&query, reference, error);
    }
    sva_statement_done(&query);
    if (other) {
        const char *version = sva_or_empty(reference->version);
        status = sva_fail(error, SVA_ERR_CONFLICT,
                          "%s: the reference %s%s%s is there already with another print; remove "
                          "it first or give another version",
                          sva_esc(store->path).text, sva_esc(reference->name).text,
                          version[0] != '\0' ? " version " : "", sva_esc(version).text);
    }
    *same = row;
    return status;
}

static enum sva_status insert_model(struct sva_refstore *store,
                                    const struct sva_reference *reference,
                                    const struct sva_print *print, size_t print_bytes,
                                    struct sva_error *error)
{
    struct sva_statement insert = {0};
    enum sva_status status = sva_statement_init(
        &insert, store,
        "INSERT INTO reference_model (name, version, publisher, licence, released, derived_from,"
        " source, added, parameter_count, print_bytes, print_digest)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        "add the reference", error);
    if (status == SVA_OK) {
        const char *const texts[] = {
            reference->name,     reference->version,      reference->publisher, reference->licence,
            reference->released, reference->derived_from, reference->source,    reference->added};
        for (int i = 0; i < 8; i++) {
            sva_statement_text(&insert, i + 1, texts[i]);
        }
        sva_statement_int(&insert, 9, (int64_t)print->parameter_count);
        sva_statement_int(&insert, 10, (int64_t)print_bytes);
        sva_statement_blob(&insert, 11, print->digest, SVA_DIGEST_BYTES);
        status = sva_statement_execute(&insert, error);
    }
    sva_statement_done(&insert);
    return status;
}

static enum sva_status insert_print(struct sva_refstore *store, int64_t id, const uint8_t *bytes,
                                    size_t size, struct sva_error *error)
{
    struct sva_statement insert = {0};
    enum sva_status status = sva_statement_init(
        &insert, store, "INSERT INTO reference_print (reference_id, bytes) VALUES (?1, ?2)",
        "add the reference's print", error);
    if (status == SVA_OK) {
        sva_statement_int(&insert, 1, id);
        sva_statement_blob(&insert, 2, bytes, size);
        status = sva_statement_execute(&insert, error);
    }
    sva_statement_done(&insert);
    return status;
}

enum sva_status sva_store_insert(struct sva_refstore *store, const struct sva_reference *reference,
                                 const struct sva_print *print, struct sva_span encoded,
                                 struct sva_error *error)
{
    bool same = false;
    enum sva_status status = find_same(store, reference, print, &same, error);
    if (status != SVA_OK || same) {
        return status;
    }
    status = insert_model(store, reference, print, encoded.size, error);
    const int64_t id = sqlite3_last_insert_rowid(store->db);
    if (status == SVA_OK) {
        status = insert_print(store, id, encoded.data, encoded.size, error);
    }
    if (status == SVA_OK) {
        status = sva_store_add_hash_rows(store, id, print, error);
    }
    return status == SVA_OK ? sva_store_add_outline(store, id, print, error) : status;
}

/** One reference as a transaction of its own; `encoded` may be empty. */
static enum sva_status add_encoded(struct sva_refstore *store,
                                   const struct sva_reference *reference,
                                   const struct sva_print *print, struct sva_span encoded,
                                   struct sva_error *error)
{
    const enum sva_status status = sva_store_begin_write(store, error);
    return status == SVA_OK
               ? sva_store_end(store, sva_store_insert(store, reference, print, encoded, error),
                               error)
               : status;
}

enum sva_status sva_store_add_hashes(struct sva_refstore *store,
                                     const struct sva_reference *reference,
                                     const struct sva_print *print, struct sva_error *error)
{
    const struct sva_span none = {(const uint8_t *)"", 0};
    const enum sva_status status = sva_store_check_reference(reference, error);
    return status == SVA_OK ? add_encoded(store, reference, print, none, error) : status;
}

enum sva_status sva_refstore_add(struct sva_refstore *store, const struct sva_reference *reference,
                                 const struct sva_print *print, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_store_check_reference(reference, error);
    if (status == SVA_OK) {
        status = sva_print_encode(print, &bytes, &size, error);
    }
    if (status == SVA_OK) {
        status = add_encoded(store, reference, print, (struct sva_span){bytes, size}, error);
    }
    sva_free(bytes);
    return status;
}

/* ---- removing ---- */

static enum sva_status delete_models(struct sva_refstore *store, const char *name,
                                     const char *version, struct sva_error *error)
{
    struct sva_statement remove = {0};
    enum sva_status status = sva_statement_init(
        &remove, store, "DELETE FROM reference_model WHERE name = ?1 AND (?2 OR version = ?3)",
        "remove the reference", error);
    if (status == SVA_OK) {
        sva_statement_text(&remove, 1, name);
        sva_statement_int(&remove, 2, version == NULL);
        sva_statement_text(&remove, 3, version);
        status = sva_statement_execute(&remove, error);
    }
    const bool none = status == SVA_OK && sqlite3_changes(store->db) == 0;
    sva_statement_done(&remove);
    if (none) {
        status = sva_fail(error, SVA_ERR_NOT_FOUND, "%s: there is no reference %s%s%s",
                          sva_esc(store->path).text, sva_esc(name).text,
                          version != NULL ? " version " : "", sva_esc(sva_or_empty(version)).text);
    }
    return status;
}

enum sva_status sva_refstore_remove(struct sva_refstore *store, const char *name,
                                    const char *version, struct sva_error *error)
{
    enum sva_status status = sva_store_begin_write(store, error);
    if (status == SVA_OK) {
        status = sva_store_end(store, delete_models(store, name, version, error), error);
    }
    return status;
}

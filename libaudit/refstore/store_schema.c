/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/store_schema.h"

#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "refstore/store_outline.h"

/*
 * Row i brings schema version i to i + 1. Rows are never changed once released;
 * a new version is a new row. 1937138034 is SVA_STORE_APPLICATION.
 */
static const char *const migrations[SVA_STORE_SCHEMA] = {
    "CREATE TABLE reference_model ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL CHECK (name <> ''),"
    "  version TEXT NOT NULL,"
    "  publisher TEXT NOT NULL,"
    "  licence TEXT NOT NULL,"
    "  released TEXT NOT NULL,"
    "  derived_from TEXT NOT NULL,"
    "  source TEXT NOT NULL,"
    "  added TEXT NOT NULL,"
    "  parameter_count INTEGER NOT NULL,"
    "  print_bytes INTEGER NOT NULL,"
    "  print_digest BLOB NOT NULL CHECK (length(print_digest) = 32),"
    "  UNIQUE (name, version)"
    ");"
    "CREATE TABLE reference_print ("
    "  reference_id INTEGER PRIMARY KEY REFERENCES reference_model (id) ON DELETE CASCADE,"
    "  bytes BLOB NOT NULL"
    ");"
    "CREATE TABLE tensor_hash ("
    "  value_hash BLOB NOT NULL CHECK (length(value_hash) = 32),"
    "  reference_id INTEGER NOT NULL REFERENCES reference_model (id) ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  PRIMARY KEY (value_hash, reference_id, name)"
    ") WITHOUT ROWID;"
    "CREATE INDEX tensor_hash_of_reference ON tensor_hash (reference_id);"
    "CREATE TABLE file_hash ("
    "  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),"
    "  reference_id INTEGER NOT NULL REFERENCES reference_model (id) ON DELETE CASCADE,"
    "  path TEXT NOT NULL,"
    "  PRIMARY KEY (sha256, reference_id, path)"
    ") WITHOUT ROWID;"
    "CREATE INDEX file_hash_of_reference ON file_hash (reference_id);"
    "PRAGMA application_id = 1937138034;"
    "PRAGMA user_version = 1;",

    /* What the store knows of a reference without decoding its print: store_outline.h. */
    "CREATE TABLE reference_outline ("
    "  reference_id INTEGER PRIMARY KEY REFERENCES reference_model (id) ON DELETE CASCADE,"
    "  method_version INTEGER NOT NULL,"
    "  classes_version INTEGER NOT NULL,"
    "  facts BLOB NOT NULL"
    ");"
    "CREATE TABLE reference_class ("
    "  class INTEGER NOT NULL,"
    "  reference_id INTEGER NOT NULL REFERENCES reference_model (id) ON DELETE CASCADE,"
    "  PRIMARY KEY (class, reference_id)"
    ") WITHOUT ROWID;"
    "CREATE INDEX reference_class_of_reference ON reference_class (reference_id);"
    "PRAGMA user_version = 2;",

    /* What became of a reference, and a facts database newer than the program's. */
    "CREATE TABLE reference_note ("
    "  id INTEGER PRIMARY KEY,"
    "  reference_id INTEGER NOT NULL REFERENCES reference_model (id) ON DELETE CASCADE,"
    "  noted TEXT NOT NULL,"
    "  removed TEXT NOT NULL,"
    "  text TEXT NOT NULL,"
    "  evidence TEXT NOT NULL,"
    "  evidence_digest BLOB NOT NULL CHECK (length(evidence_digest) = 32)"
    ");"
    "CREATE INDEX reference_note_of_reference ON reference_note (reference_id);"
    "CREATE TABLE facts_database ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  bytes BLOB NOT NULL"
    ");"
    "PRAGMA user_version = 3;",
};

_Static_assert(SVA_STORE_APPLICATION == 1937138034, "the number in the first migration");

struct identity {
    int64_t application, version, objects;
};

static enum sva_status read_identity(struct sva_refstore *store, struct identity *identity,
                                     struct sva_error *error)
{
    static const char doing[] = "recognise the file as a reference store";
    enum sva_status status =
        sva_store_number(store, "PRAGMA application_id", doing, &identity->application, error);
    if (status == SVA_OK) {
        status = sva_store_number(store, "PRAGMA user_version", doing, &identity->version, error);
    }
    if (status == SVA_OK) {
        status = sva_store_number(store, "SELECT count(*) FROM sqlite_schema", doing,
                                  &identity->objects, error);
    }
    return status;
}

static bool is_blank(const struct identity *identity)
{
    return identity->application == 0 && identity->version == 0 && identity->objects == 0;
}

static enum sva_status judge_identity(const struct sva_refstore *store,
                                      const struct identity *identity, bool create,
                                      struct sva_error *error)
{
    const struct sva_escaped path = sva_esc(store->path);
    if (is_blank(identity)) {
        return create ? SVA_OK
                      : sva_fail(error, SVA_ERR_CORRUPT,
                                 "%s: the file is empty, not a reference store", path.text);
    }
    if (identity->application != SVA_STORE_APPLICATION || identity->version < 1) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: an SQLite database, but not a reference store of sovaudit", path.text);
    }
    if (identity->version > SVA_STORE_SCHEMA) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: the reference store has schema %lld, written by a newer sovaudit; "
                        "this one reads up to %d",
                        path.text, (long long)identity->version, (int)SVA_STORE_SCHEMA);
    }
    return SVA_OK;
}

/* ---- a store from elsewhere ---- */

/* What the file's schema holds. SQLite's own statistics may be there. */
static const char objects_sql[] =
    "SELECT type, name, sql FROM sqlite_schema"
    " WHERE NOT (type IN ('table', 'index') AND name GLOB 'sqlite_stat*')"
    " ORDER BY type, name, tbl_name";

/* Rows of both, side by side: < 0, > 0: one of them lacks an object, 0: the same or both ended. */
static int compare_objects(const struct sva_statement *here, bool row,
                           const struct sva_statement *expected, bool expected_row)
{
    if (!row || !expected_row) {
        return (int)expected_row - (int)row;
    }
    int order = 0;
    for (int column = 0; order == 0 && column < 3; column++) {
        order = strcmp(sva_column_text(here, column), sva_column_text(expected, column));
    }
    return order;
}

static enum sva_status match_objects(struct sva_statement *here, struct sva_statement *expected,
                                     int64_t version, struct sva_error *error)
{
    bool row = true;
    bool expected_row = true;
    while (row || expected_row) {
        enum sva_status status = sva_statement_step(here, &row, error);
        if (status == SVA_OK) {
            status = sva_statement_step(expected, &expected_row, error);
        }
        if (status != SVA_OK) {
            return status;
        }
        const int order = compare_objects(here, row, expected, expected_row);
        if (order != 0) {
            const struct sva_statement *const odd = order < 0 ? here : expected;
            return sva_fail(error, SVA_ERR_CORRUPT,
                            "%s: not a sound reference store: its %s %s is missing or is not that "
                            "of schema %lld",
                            sva_esc(here->store->path).text, sva_esc(sva_column_text(odd, 0)).text,
                            sva_esc(sva_column_text(odd, 1)).text, (long long)version);
        }
    }
    return SVA_OK;
}

/*
 * A view in the place of a table, a trigger or a column that is computed would make our own
 * statements run what somebody else wrote, without end if they like: a store has exactly the tables
 * and indices that the migrations make.
 */
static enum sva_status check_objects(struct sva_refstore *store, int64_t version,
                                     struct sva_error *error)
{
    static const char doing[] = "compare the reference store's tables";
    struct sva_refstore sound = {.path = store->path, .in_memory = true};
    struct sva_statement here = {.store = store};
    struct sva_statement expected = {.store = &sound};
    enum sva_status status = SVA_OK;
    if (sqlite3_open(":memory:", &sound.db) != SQLITE_OK) {
        status = sva_fail_memory(error, doing);
    }
    for (int64_t i = 0; status == SVA_OK && i < version; i++) {
        status = sva_store_run(&sound, migrations[i], doing, error);
    }
    if (status == SVA_OK) {
        status = sva_statement_init(&here, store, objects_sql, doing, error);
    }
    if (status == SVA_OK) {
        status = sva_statement_init(&expected, &sound, objects_sql, doing, error);
    }
    if (status == SVA_OK) {
        status = match_objects(&here, &expected, version, error);
    }
    sva_statement_done(&here);
    sva_statement_done(&expected);
    (void)sqlite3_close(sound.db);
    return status;
}

/* One snapshot: another process may be creating it, or bringing it up to date. */
static enum sva_status recognise(struct sva_refstore *store, bool create, struct identity *identity,
                                 struct sva_error *error)
{
    enum sva_status status = sva_store_begin_read(store, error);
    if (status != SVA_OK) {
        return status;
    }
    status = read_identity(store, identity, error);
    if (status == SVA_OK) {
        status = judge_identity(store, identity, create, error);
    }
    if (status == SVA_OK && identity->version > 0) {
        status = check_objects(store, identity->version, error);
    }
    return sva_store_end(store, status, error);
}

/* The identity is read again inside the transaction: another process may have been faster. */
static enum sva_status migrate(struct sva_refstore *store, bool create, struct sva_error *error)
{
    struct identity identity = {0};
    enum sva_status status = read_identity(store, &identity, error);
    if (status == SVA_OK) {
        status = judge_identity(store, &identity, create, error);
    }
    for (int64_t version = identity.version; status == SVA_OK && version < SVA_STORE_SCHEMA;
         version++) {
        status = sva_store_run(store, migrations[version], "bring the schema up to date", error);
    }
    return status == SVA_OK ? sva_store_fill_outlines(store, error) : status;
}

enum sva_status sva_store_prepare_schema(struct sva_refstore *store, bool create,
                                         struct sva_error *error)
{
    struct identity identity = {0};
    enum sva_status status = recognise(store, create, &identity, error);
    store->schema = (uint32_t)identity.version;
    if (status != SVA_OK || identity.version == SVA_STORE_SCHEMA ||
        (store->read_only && identity.version > 0)) {
        return status;
    }
    status = sva_store_begin_write(store, error);
    if (status == SVA_OK) {
        status = sva_store_end(store, migrate(store, create, error), error);
    }
    if (status == SVA_OK) {
        store->schema = SVA_STORE_SCHEMA;
    }
    return status;
}

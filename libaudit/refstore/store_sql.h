/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The store's thin layer over SQLite: an open connection, statements whose
 * binding errors are remembered until the next step, transactions, and the
 * translation of SQLite's result codes into our status and one sentence.
 *
 * All SQL is constant text with numbered parameters; no statement is ever
 * built from input. Not thread-safe: one connection belongs to one thread.
 */
#ifndef SVA_REFSTORE_STORE_SQL_H
#define SVA_REFSTORE_STORE_SQL_H

#include <sqlite3.h>

#include <sovaudit/refstore.h>

struct sva_refstore {
    sqlite3 *db;
    char *path; /**< as given, for messages */
    bool in_memory;
    bool read_only; /**< the file or its directory may not be written */
    uint32_t schema; /**< version of the file's tables; an old one only where it is read-only */
    bool logging;   /**< this connection has put the file into write-ahead mode */
};

/** A prepared statement; zero-initialise. */
struct sva_statement {
    struct sva_refstore *store;
    sqlite3_stmt *handle;
    const char *doing; /**< "read the list of references": completes "could not ..." */
    int problem;       /**< first result code of a failed binding */
};

/** Sets the error of SQLite's result code `code`: "<path>: could not <doing>: <why>". Returns its
 * status. */
enum sva_status sva_store_fail(struct sva_refstore *store, int code, const char *doing,
                               struct sva_error *error);

/** Runs constant SQL that returns no rows that matter. Errors: as sva_store_fail. */
enum sva_status sva_store_run(struct sva_refstore *store, const char *sql, const char *doing,
                              struct sva_error *error) SVA_MUST_CHECK;

/** Value of a constant one-number query. */
enum sva_status sva_store_number(struct sva_refstore *store, const char *sql, const char *doing,
                                 int64_t *value, struct sva_error *error) SVA_MUST_CHECK;

/** Prepares constant SQL; `doing` must outlive the statement. */
enum sva_status sva_statement_init(struct sva_statement *statement, struct sva_refstore *store,
                                   const char *sql, const char *doing,
                                   struct sva_error *error) SVA_MUST_CHECK;
void sva_statement_done(struct sva_statement *statement);

/** Bindings, parameters counted from 1; bytes are borrowed until the next reset. NULL text binds
 * "". */
void sva_statement_text(struct sva_statement *statement, int parameter, const char *text);
void sva_statement_blob(struct sva_statement *statement, int parameter, const void *bytes,
                        size_t size);
void sva_statement_int(struct sva_statement *statement, int parameter, int64_t value);

/** One step; *row tells whether a row is there. Errors: as sva_store_fail, also of a failed
 * binding. */
enum sva_status sva_statement_step(struct sva_statement *statement, bool *row,
                                   struct sva_error *error) SVA_MUST_CHECK;
/** Steps once, expecting no row, and resets for the next bindings. */
enum sva_status sva_statement_execute(struct sva_statement *statement,
                                      struct sva_error *error) SVA_MUST_CHECK;
void sva_statement_reset(struct sva_statement *statement);

/** Text of a column, never NULL; borrowed until the next step. */
const char *sva_column_text(const struct sva_statement *statement, int column);
/** Copies a digest column; CORRUPT unless it is a blob of exactly 32 bytes. */
enum sva_status sva_column_digest(const struct sva_statement *statement, int column,
                                  uint8_t digest[SVA_DIGEST_BYTES],
                                  struct sva_error *error) SVA_MUST_CHECK;

/** Begins a read transaction: what follows sees one state of the store. */
enum sva_status sva_store_begin_read(struct sva_refstore *store,
                                     struct sva_error *error) SVA_MUST_CHECK;
/** Begins a write transaction at once (IMMEDIATE). IO when the store is read-only. */
enum sva_status sva_store_begin_write(struct sva_refstore *store,
                                      struct sva_error *error) SVA_MUST_CHECK;
/** Commits when `status` is SVA_OK, else rolls back; returns the first failure. */
enum sva_status sva_store_end(struct sva_refstore *store, enum sva_status status,
                              struct sva_error *error) SVA_MUST_CHECK;

#endif

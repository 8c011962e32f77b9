/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/store_sql.h"

#include <errno.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

/* SQLite's primary result code -> what it means to our callers. */
static const struct {
    int code;
    enum sva_status status;
} status_of_code[] = {
    {SQLITE_BUSY, SVA_ERR_CONFLICT},     {SQLITE_LOCKED, SVA_ERR_CONFLICT},
    {SQLITE_PROTOCOL, SVA_ERR_CONFLICT}, {SQLITE_CORRUPT, SVA_ERR_CORRUPT},
    {SQLITE_NOTADB, SVA_ERR_CORRUPT},    {SQLITE_CONSTRAINT, SVA_ERR_CORRUPT},
    {SQLITE_MISMATCH, SVA_ERR_CORRUPT},  {SQLITE_ERROR, SVA_ERR_CORRUPT},
    {SQLITE_NOMEM, SVA_ERR_MEMORY},      {SQLITE_TOOBIG, SVA_ERR_LIMIT},
    {SQLITE_IOERR, SVA_ERR_IO},          {SQLITE_FULL, SVA_ERR_IO},
    {SQLITE_CANTOPEN, SVA_ERR_IO},       {SQLITE_READONLY, SVA_ERR_IO},
    {SQLITE_PERM, SVA_ERR_IO},           {SQLITE_AUTH, SVA_ERR_IO},
    {SQLITE_NOLFS, SVA_ERR_IO},
};

enum sva_status sva_store_fail(struct sva_refstore *store, int code, const char *doing,
                               struct sva_error *error)
{
    enum sva_status status = SVA_ERR_INTERNAL;
    for (size_t i = 0; i < sizeof status_of_code / sizeof *status_of_code; i++) {
        if (status_of_code[i].code == (code & 0xff)) {
            status = status_of_code[i].status;
        }
    }
    const char *why = sqlite3_errstr(code);
    if ((code & 0xff) == SQLITE_ERROR && store->db != NULL) {
        why = sqlite3_errmsg(store->db); /* "no such table: ...": a store that was tampered with */
    }
    if ((code & 0xff) == SQLITE_CORRUPT) { /* SQLite does not tell the two apart */
        why = "the file is damaged or cannot be read";
    }
    if ((code & 0xff) == SQLITE_IOERR && store->db != NULL) {
        const int system = sqlite3_system_errno(store->db);
        why = system == ENOSPC ? "no space left on the device" : why;
    }
    return sva_fail(error, status, "%s: could not %s: %s", sva_esc(store->path).text, doing,
                    sva_esc(why).text);
}

enum sva_status sva_store_run(struct sva_refstore *store, const char *sql, const char *doing,
                              struct sva_error *error)
{
    const int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? SVA_OK : sva_store_fail(store, code, doing, error);
}

enum sva_status sva_store_number(struct sva_refstore *store, const char *sql, const char *doing,
                                 int64_t *value, struct sva_error *error)
{
    struct sva_statement query = {0};
    bool row = false;
    enum sva_status status = sva_statement_init(&query, store, sql, doing, error);
    if (status == SVA_OK) {
        status = sva_statement_step(&query, &row, error);
    }
    if (status == SVA_OK) {
        *value = row ? sqlite3_column_int64(query.handle, 0) : 0;
    }
    sva_statement_done(&query);
    return status;
}

enum sva_status sva_statement_init(struct sva_statement *statement, struct sva_refstore *store,
                                   const char *sql, const char *doing, struct sva_error *error)
{
    *statement = (struct sva_statement){.store = store, .doing = doing};
    const int code = sqlite3_prepare_v2(store->db, sql, -1, &statement->handle, NULL);
    return code == SQLITE_OK ? SVA_OK : sva_store_fail(store, code, doing, error);
}

void sva_statement_done(struct sva_statement *statement)
{
    (void)sqlite3_finalize(statement->handle); /* repeats an error that was already reported */
    statement->handle = NULL;
}

static void remember(struct sva_statement *statement, int code)
{
    if (statement->problem == SQLITE_OK) {
        statement->problem = code;
    }
}

void sva_statement_text(struct sva_statement *statement, int parameter, const char *text)
{
    const char *value = text != NULL ? text : "";
    remember(statement, sqlite3_bind_text64(statement->handle, parameter, value, strlen(value),
                                            SQLITE_STATIC, SQLITE_UTF8));
}

void sva_statement_blob(struct sva_statement *statement, int parameter, const void *bytes,
                        size_t size)
{
    remember(statement,
             sqlite3_bind_blob64(statement->handle, parameter, bytes, size, SQLITE_STATIC));
}

void sva_statement_int(struct sva_statement *statement, int parameter, int64_t value)
{
    remember(statement, sqlite3_bind_int64(statement->handle, parameter, value));
}

enum sva_status sva_statement_step(struct sva_statement *statement, bool *row,
                                   struct sva_error *error)
{
    if (statement->problem != SQLITE_OK) {
        return sva_store_fail(statement->store, statement->problem, statement->doing, error);
    }
    const int code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return sva_store_fail(statement->store, code, statement->doing, error);
    }
    *row = code == SQLITE_ROW;
    return SVA_OK;
}

enum sva_status sva_statement_execute(struct sva_statement *statement, struct sva_error *error)
{
    bool row = false;
    const enum sva_status status = sva_statement_step(statement, &row, error);
    sva_statement_reset(statement);
    return status;
}

void sva_statement_reset(struct sva_statement *statement)
{
    (void)sqlite3_reset(statement->handle); /* repeats an error that was already reported */
}

const char *sva_column_text(const struct sva_statement *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement->handle, column);
    return text != NULL ? (const char *)text : "";
}

enum sva_status sva_column_digest(const struct sva_statement *statement, int column,
                                  uint8_t digest[SVA_DIGEST_BYTES], struct sva_error *error)
{
    const void *bytes = sqlite3_column_blob(statement->handle, column);
    if (bytes == NULL || sqlite3_column_bytes(statement->handle, column) != SVA_DIGEST_BYTES) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: could not %s: a digest in the store is not 32 bytes long",
                        sva_esc(statement->store->path).text, statement->doing);
    }
    memcpy(digest, bytes, SVA_DIGEST_BYTES);
    return SVA_OK;
}

enum sva_status sva_store_begin_read(struct sva_refstore *store, struct sva_error *error)
{
    return sva_store_run(store, "BEGIN DEFERRED", "begin reading", error);
}

/*
 * Write-ahead mode starts with the first change and ends with the last close,
 * so that a store at rest is one file, readable from read-only media. Changing
 * the mode needs the file without any other user for a moment, and SQLite does
 * not wait for that. When it cannot be had, the change goes through the
 * rollback journal, which is as safe; the next change tries again.
 */
static enum sva_status start_logging(struct sva_refstore *store, struct sva_error *error)
{
    if (store->in_memory || store->logging) {
        return SVA_OK;
    }
    const int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if ((code & 0xff) == SQLITE_BUSY) {
        return SVA_OK;
    }
    store->logging = code == SQLITE_OK;
    return store->logging ? SVA_OK
                          : sva_store_fail(store, code, "switch to write-ahead mode", error);
}

enum sva_status sva_store_begin_write(struct sva_refstore *store, struct sva_error *error)
{
    if (store->read_only) {
        return sva_fail(error, SVA_ERR_IO, "%s: the reference store may only be read",
                        sva_esc(store->path).text);
    }
    enum sva_status status = start_logging(store, error);
    if (status == SVA_OK) {
        status = sva_store_run(store, "BEGIN IMMEDIATE", "start writing", error);
    }
    return status;
}

enum sva_status sva_store_end(struct sva_refstore *store, enum sva_status status,
                              struct sva_error *error)
{
    if (status == SVA_OK) {
        status = sva_store_run(store, "COMMIT", "commit the change", error);
    }
    if (status != SVA_OK && sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL); /* the first error counts */
    }
    return status;
}

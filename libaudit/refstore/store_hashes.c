/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/store_hashes.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

struct hash_row {
    const uint8_t *digest;
    const char *name;
};

/** Rows that a print gives rise to, in the order of digests and names, none twice. */
struct hash_rows {
    struct hash_row *items;
    size_t count;
};

static int by_digest_and_name(const void *a, const void *b)
{
    const struct hash_row *const left = a;
    const struct hash_row *const right = b;
    const int digests = memcmp(left->digest, right->digest, SVA_DIGEST_BYTES);
    return digests != 0 ? digests : strcmp(left->name, right->name);
}

static void sort_rows(struct hash_rows *rows)
{
    size_t kept = 0;
    qsort(rows->items, rows->count, sizeof *rows->items, by_digest_and_name);
    for (size_t i = 0; i < rows->count; i++) {
        if (kept == 0 || by_digest_and_name(&rows->items[kept - 1], &rows->items[i]) != 0) {
            rows->items[kept++] = rows->items[i];
        }
    }
    rows->count = kept;
}

/** Tensors whose equality says something; there is room for all. */
static void list_tensors(const struct sva_print *print, struct hash_rows *rows)
{
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *const tensor = &print->tensors[i];
        if (tensor->inert == SVA_INERT_NONE && !tensor->sampled) {
            rows->items[rows->count++] = (struct hash_row){tensor->value_hash, tensor->name};
        }
    }
}

/** Files of weights. */
static void list_files(const struct sva_print *print, struct hash_rows *rows)
{
    for (size_t i = 0; i < print->file_count; i++) {
        const struct sva_print_file *const file = &print->files[i];
        if (file->hashed && sva_file_is_audited(file->kind)) {
            rows->items[rows->count++] = (struct hash_row){file->sha256, file->path};
        }
    }
}

/** The two tables. */
static const struct hash_table {
    void (*list)(const struct sva_print *print, struct hash_rows *rows);
    const char *insert, *select, *what;
} TABLES[] = {
    {list_tensors, "INSERT INTO tensor_hash (value_hash, reference_id, name) VALUES (?1, ?2, ?3)",
     "SELECT h.value_hash, h.name FROM tensor_hash h JOIN reference_model m ON m.id = h.reference_id"
     " WHERE m.name = ?1 AND m.version = ?2 ORDER BY h.value_hash, h.name",
     "tensor hashes"},
    {list_files, "INSERT INTO file_hash (sha256, reference_id, path) VALUES (?1, ?2, ?3)",
     "SELECT h.sha256, h.path FROM file_hash h JOIN reference_model m ON m.id = h.reference_id"
     " WHERE m.name = ?1 AND m.version = ?2 ORDER BY h.sha256, h.path",
     "file hashes"},
};

enum { TABLE_COUNT = sizeof TABLES / sizeof *TABLES };

/** The table's rows of a print; sva_free(rows->items). Errors: MEMORY. */
static enum sva_status derive_rows(const struct hash_table *table, const struct sva_print *print,
                                   struct hash_rows *rows, struct sva_error *error)
{
    const size_t most =
        print->tensor_count > print->file_count ? print->tensor_count : print->file_count;
    *rows = (struct hash_rows){.items = sva_calloc(most + 1, sizeof *rows->items)};
    if (rows->items == NULL) {
        return sva_fail_memory(error, "listing a reference's hashes");
    }
    table->list(print, rows);
    sort_rows(rows);
    return SVA_OK;
}

static enum sva_status insert_rows(struct sva_refstore *store, const struct hash_table *table,
                                   int64_t id, const struct hash_rows *rows,
                                   struct sva_error *error)
{
    struct sva_statement insert = {0};
    enum sva_status status =
        sva_statement_init(&insert, store, table->insert, "add the reference's hashes", error);
    for (size_t i = 0; status == SVA_OK && i < rows->count; i++) {
        sva_statement_blob(&insert, 1, rows->items[i].digest, SVA_DIGEST_BYTES);
        sva_statement_int(&insert, 2, id);
        sva_statement_text(&insert, 3, rows->items[i].name);
        status = sva_statement_execute(&insert, error);
    }
    sva_statement_done(&insert);
    return status;
}

enum sva_status sva_store_add_hash_rows(struct sva_refstore *store, int64_t id,
                                        const struct sva_print *print, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < TABLE_COUNT; i++) {
        struct hash_rows rows;
        status = derive_rows(&TABLES[i], print, &rows, error);
        status = status == SVA_OK ? insert_rows(store, &TABLES[i], id, &rows, error) : status;
        sva_free(rows.items);
    }
    return status;
}

/** Do the query's rows match, one by one? */
static enum sva_status compare_rows(struct sva_statement *query, const struct hash_rows *rows,
                                    bool *same, struct sva_error *error)
{
    bool row = false;
    size_t at = 0;
    *same = true;
    enum sva_status status = sva_statement_step(query, &row, error);
    while (status == SVA_OK && row && *same) {
        uint8_t digest[SVA_DIGEST_BYTES];
        status = sva_column_digest(query, 0, digest, error);
        *same = status == SVA_OK && at < rows->count &&
                memcmp(digest, rows->items[at].digest, sizeof digest) == 0 &&
                strcmp(sva_column_text(query, 1), rows->items[at].name) == 0;
        at++;
        status = status == SVA_OK ? sva_statement_step(query, &row, error) : status;
    }
    *same = *same && at == rows->count;
    return status;
}

static enum sva_status check_table(struct sva_refstore *store, const struct hash_table *table,
                                   const struct sva_reference *reference,
                                   const struct hash_rows *rows, struct sva_error *error)
{
    struct sva_statement query = {0};
    bool same = false;
    enum sva_status status =
        sva_statement_init(&query, store, table->select, "check the store's hashes", error);
    if (status == SVA_OK) {
        sva_statement_text(&query, 1, reference->name);
        sva_statement_text(&query, 2, reference->version);
        status = compare_rows(&query, rows, &same, error);
    }
    sva_statement_done(&query);
    return status != SVA_OK || same
               ? status
               : sva_fail(error, SVA_ERR_CORRUPT, "%s: the %s of reference %s are not its print's",
                          sva_esc(store->path).text, table->what, sva_esc(reference->name).text);
}

enum sva_status sva_store_check_hash_rows(struct sva_refstore *store,
                                          const struct sva_reference *reference,
                                          const struct sva_print *print, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < TABLE_COUNT; i++) {
        struct hash_rows rows;
        status = derive_rows(&TABLES[i], print, &rows, error);
        status =
            status == SVA_OK ? check_table(store, &TABLES[i], reference, &rows, error) : status;
        sva_free(rows.items);
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which facts database is in use, and taking a newer one into the store. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "embedded_facts.h"
#include "refstore/store_sql.h"

enum { SCHEMA_WITH_FACTS = 3 };

/** The store's own database, or NULL in *known when it has none. */
static enum sva_status load_stored(struct sva_refstore *store, struct sva_known **known,
                                   struct sva_error *error)
{
    struct sva_statement query = {0};
    bool row = false;
    if (store->schema < SCHEMA_WITH_FACTS) {
        return SVA_OK;
    }
    enum sva_status status = sva_statement_init(&query, store, "SELECT bytes FROM facts_database",
                                                "read the facts database", error);
    if (status == SVA_OK) {
        status = sva_statement_step(&query, &row, error);
    }
    if (status == SVA_OK && row) {
        const void *bytes = sqlite3_column_blob(query.handle, 0);
        const int size = sqlite3_column_bytes(query.handle, 0);
        status = sva_known_parse(bytes != NULL ? bytes : (const void *)"", (size_t)size, "store",
                                 known, error);
    }
    sva_statement_done(&query);
    return status;
}

/** Keeps the later of two; of equal dates the one that is there. Takes `other`. */
static void keep_newer(struct sva_known **known, struct sva_known *other)
{
    if (other != NULL && (*known == NULL || strcmp(sva_known_get_info(other)->date,
                                                   sva_known_get_info(*known)->date) > 0)) {
        sva_known_free(*known);
        *known = other;
    } else {
        sva_known_free(other);
    }
}

/** The newest of the store's, the installed and the built-in one. */
static enum sva_status load_newest(struct sva_refstore *store, struct sva_known **known,
                                   struct sva_error *error)
{
    struct sva_known *newest = NULL;
    struct sva_known *other = NULL;
    enum sva_status status = store != NULL ? load_stored(store, &newest, error) : SVA_OK;
    if (status == SVA_OK && access(SVA_FACTS_PATH, F_OK) == 0) {
        status = sva_known_read(SVA_FACTS_PATH, &other, error);
    }
    if (status == SVA_OK) {
        keep_newer(&newest, other);
        other = NULL;
        status =
            sva_known_parse(sva_embedded_facts, sva_embedded_facts_size, "built-in", &other, error);
    }
    if (status != SVA_OK) {
        sva_known_free(newest);
        return status;
    }
    keep_newer(&newest, other);
    *known = newest;
    return SVA_OK;
}

enum sva_status sva_known_load(struct sva_refstore *store, struct sva_known **known,
                               struct sva_error *error)
{
    const char *chosen = getenv("SOVAUDIT_FACTS");
    return chosen != NULL && chosen[0] != '\0' ? sva_known_read(chosen, known, error)
                                               : load_newest(store, known, error);
}

static enum sva_status put_bytes(struct sva_refstore *store, const uint8_t *bytes, size_t size,
                                 struct sva_error *error)
{
    struct sva_statement insert = {0};
    enum sva_status status = sva_statement_init(
        &insert, store, "INSERT OR REPLACE INTO facts_database (id, bytes) VALUES (1, ?1)",
        "take the facts database in", error);
    if (status == SVA_OK) {
        sva_statement_blob(&insert, 1, bytes, size);
        status = sva_statement_execute(&insert, error);
    }
    sva_statement_done(&insert);
    return status;
}

/** Inside the transaction: another process may have brought a newer one. */
static enum sva_status replace(struct sva_refstore *store, const struct sva_known *offered,
                               const uint8_t *bytes, struct sva_error *error)
{
    struct sva_known *current = NULL;
    const struct sva_known_info *new_info = sva_known_get_info(offered);
    enum sva_status status = load_newest(store, &current, error);
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_known_info *info = sva_known_get_info(current);
    const bool same = memcmp(info->digest, new_info->digest, sizeof info->digest) == 0;
    if (!same && strcmp(new_info->date, info->date) <= 0) {
        status = sva_fail(error, SVA_ERR_CONFLICT,
                          "%s: the facts database of %s is not newer than the one in use, of %s",
                          sva_esc(new_info->place).text, new_info->date, info->date);
    } else if (!same) {
        status = put_bytes(store, bytes, (size_t)new_info->size_bytes, error);
    }
    sva_known_free(current);
    return status;
}

enum sva_status sva_refstore_update_known(struct sva_refstore *store, const char *path,
                                          struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_known *offered = NULL;
    enum sva_status status = sva_read_file(path, SVA_KNOWN_BYTES_MAX, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_known_parse(bytes, size, path, &offered, error);
    }
    if (status == SVA_OK) {
        status = sva_store_begin_write(store, error);
    }
    if (status == SVA_OK) {
        status = sva_store_end(store, replace(store, offered, bytes, error), error);
    }
    sva_known_free(offered);
    sva_free(bytes);
    return status;
}

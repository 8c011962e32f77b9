/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the store: list, prints, exact look-up, summary, verification. */
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "refstore/store_hashes.h"
#include "refstore/store_outline.h"
#include "refstore/store_sql.h"

/* The columns that read_reference() expects; `removed` says what a schema knows of removals. */
#define LIST_QUERY(removed)                                                                        \
    "SELECT name, version, publisher, licence, released, derived_from, source, added, " removed    \
    ", parameter_count, print_bytes, print_digest FROM reference_model m ORDER BY name, version"

#define FIRST_REMOVAL                                                                              \
    "ifnull((SELECT min(n.removed) FROM reference_note n"                                          \
    " WHERE n.reference_id = m.id AND n.removed <> ''), '')"

enum { REFERENCE_TEXTS = 9, SCHEMA_WITH_NOTES = 3 };

static const char reading_list[] = "read the list of references";

/* ---- list ---- */

/* All texts of a record live in one block, which `name` begins. */
static enum sva_status read_reference(const struct sva_statement *query,
                                      struct sva_reference *reference, struct sva_error *error)
{
    const char *texts[REFERENCE_TEXTS];
    size_t sizes[REFERENCE_TEXTS];
    size_t total = 0;
    for (int i = 0; i < REFERENCE_TEXTS; i++) {
        texts[i] = sva_column_text(query, i);
        sizes[i] = strlen(texts[i]) + 1;
        total += sizes[i];
    }
    char *block = sva_calloc(total, 1);
    if (block == NULL) {
        return sva_fail_memory(error, reading_list);
    }
    char *at = block;
    for (int i = 0; i < REFERENCE_TEXTS; i++) {
        memcpy(at, texts[i], sizes[i]);
        texts[i] = at;
        at += sizes[i];
    }
    *reference = (struct sva_reference){
        .name = texts[0],
        .version = texts[1],
        .publisher = texts[2],
        .licence = texts[3],
        .released = texts[4],
        .derived_from = texts[5],
        .source = texts[6],
        .added = texts[7],
        .removed = texts[8],
        .parameter_count = (uint64_t)sqlite3_column_int64(query->handle, 9),
        .print_bytes = (uint64_t)sqlite3_column_int64(query->handle, 10),
    };
    return sva_column_digest(query, 11, reference->print_digest, error);
}

struct reference_list {
    struct sva_reference *items;
    size_t count, capacity;
};

static enum sva_status append_reference(struct reference_list *list,
                                        const struct sva_statement *query, struct sva_error *error)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        struct sva_reference *grown = sva_realloc_array(list->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return sva_fail_memory(error, reading_list);
        }
        list->items = grown;
        list->capacity = capacity;
    }
    struct sva_reference *slot = &list->items[list->count];
    *slot = (struct sva_reference){0};
    list->count++;
    return read_reference(query, slot, error);
}

enum sva_status sva_refstore_list(struct sva_refstore *store, struct sva_reference **references,
                                  size_t *count, struct sva_error *error)
{
    struct reference_list list = {.items = sva_calloc(1, sizeof *list.items), .capacity = 1};
    struct sva_statement query = {0};
    bool row = false;
    if (list.items == NULL) {
        return sva_fail_memory(error, reading_list);
    }
    enum sva_status status = sva_statement_init(
        &query, store,
        store->schema < SCHEMA_WITH_NOTES ? LIST_QUERY("''") : LIST_QUERY(FIRST_REMOVAL),
        reading_list, error);
    if (status == SVA_OK) {
        status = sva_statement_step(&query, &row, error);
    }
    while (status == SVA_OK && row) {
        status = append_reference(&list, &query, error);
        if (status == SVA_OK) {
            status = sva_statement_step(&query, &row, error);
        }
    }
    sva_statement_done(&query);
    if (status != SVA_OK) {
        sva_references_free(list.items, list.count);
        return status;
    }
    *references = list.items;
    *count = list.count;
    return SVA_OK;
}

void sva_references_free(struct sva_reference *references, size_t count)
{
    for (size_t i = 0; references != NULL && i < count; i++) {
        sva_free((void *)(uintptr_t)references[i].name);
    }
    sva_free(references);
}

/* ---- prints ---- */

static enum sva_status take_packed(const struct sva_statement *query,
                                   struct sva_packed_print *packed, struct sva_error *error)
{
    const enum sva_status status = sva_column_digest(query, 0, packed->digest, error);
    if (status != SVA_OK) {
        return status;
    }
    const void *bytes = sqlite3_column_blob(query->handle, 1);
    const int size = sqlite3_column_bytes(query->handle, 1);
    if (bytes == NULL || size <= 0) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: the print is empty", packed->what);
    }
    packed->bytes = sva_calloc((size_t)size, 1);
    if (packed->bytes == NULL) {
        return sva_fail_memory(error, "reading a reference's print");
    }
    memcpy(packed->bytes, bytes, (size_t)size);
    packed->size_bytes = (size_t)size;
    return SVA_OK;
}

void sva_packed_print_done(struct sva_packed_print *packed)
{
    sva_free(packed->bytes);
    sva_free(packed->what);
    *packed = (struct sva_packed_print){0};
}

enum sva_status sva_packed_print_decode(const struct sva_packed_print *packed,
                                        struct sva_print **print, struct sva_error *error)
{
    struct sva_print *decoded = NULL;
    const enum sva_status status =
        sva_print_decode(packed->bytes, packed->size_bytes, packed->what, &decoded, error);
    if (status != SVA_OK) {
        return status;
    }
    if (memcmp(decoded->digest, packed->digest, sizeof packed->digest) != 0) {
        sva_print_free(decoded);
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: the print is not the one that the store has recorded", packed->what);
    }
    *print = decoded;
    return SVA_OK;
}

enum sva_status sva_refstore_listed_print(struct sva_refstore *store,
                                          const struct sva_reference *reference,
                                          struct sva_packed_print *packed, struct sva_error *error)
{
    const enum sva_status status =
        sva_refstore_packed_print(store, reference->name, reference->version, packed, error);
    return status != SVA_OK ||
                   memcmp(packed->digest, reference->print_digest, SVA_DIGEST_BYTES) == 0
               ? status
               : sva_fail(error, SVA_ERR_CONFLICT, "%s: was replaced while the store was in use",
                          packed->what);
}

enum sva_status sva_refstore_print(struct sva_refstore *store, const char *name,
                                   const char *version, struct sva_print **print,
                                   struct sva_error *error)
{
    struct sva_packed_print packed = {0};
    enum sva_status status = sva_refstore_packed_print(store, name, version, &packed, error);
    if (status == SVA_OK) {
        status = sva_packed_print_decode(&packed, print, error);
    }
    sva_packed_print_done(&packed);
    return status;
}

enum sva_status sva_refstore_packed_print(struct sva_refstore *store, const char *name,
                                          const char *version, struct sva_packed_print *packed,
                                          struct sva_error *error)
{
    struct sva_statement query = {0};
    struct sva_bytes what = {0};
    bool row = false;
    *packed = (struct sva_packed_print){0};
    enum sva_status status =
        sva_statement_init(&query, store,
                           "SELECT m.print_digest, p.bytes FROM reference_model m"
                           " JOIN reference_print p ON p.reference_id = m.id"
                           " WHERE m.name = ?1 AND (?2 OR m.version = ?3)"
                           " ORDER BY m.released DESC, m.version DESC LIMIT 1",
                           "read the reference's print", error);
    if (status == SVA_OK) {
        sva_statement_text(&query, 1, name);
        sva_statement_int(&query, 2, version == NULL);
        sva_statement_text(&query, 3, version);
        status = sva_statement_step(&query, &row, error);
    }
    sva_bytes_printf(&what, "%s, reference %s", sva_esc(store->path).text, sva_esc(name).text);
    if (status == SVA_OK && what.failed) {
        status = sva_fail_memory(error, "reading a reference's print");
    }
    packed->what = (char *)what.data;
    if (status == SVA_OK && !row) {
        status = sva_fail(error, SVA_ERR_NOT_FOUND, "%s: not in the store", packed->what);
    }
    if (status == SVA_OK) {
        status = take_packed(&query, packed, error);
    }
    sva_statement_done(&query);
    if (status != SVA_OK) {
        sva_packed_print_done(packed);
    }
    return status;
}

/* ---- exact look-up ---- */

struct hit_list {
    struct sva_exact_hit *items;
    size_t count, capacity;
};

/* The texts of a hit live in one block, which `reference_name` begins. */
static enum sva_status append_hit(struct hit_list *list, const struct sva_statement *query,
                                  bool is_file, size_t index, struct sva_error *error)
{
    const char *texts[3];
    size_t sizes[3];
    for (int i = 0; i < 3; i++) {
        texts[i] = sva_column_text(query, i);
        sizes[i] = strlen(texts[i]) + 1;
    }
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2;
        struct sva_exact_hit *grown = sva_realloc_array(list->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return sva_fail_memory(error, query->doing);
        }
        list->items = grown;
        list->capacity = capacity;
    }
    char *block = sva_calloc(sizes[0] + sizes[1] + sizes[2], 1);
    if (block == NULL) {
        return sva_fail_memory(error, query->doing);
    }
    memcpy(block, texts[0], sizes[0]);
    memcpy(block + sizes[0], texts[1], sizes[1]);
    memcpy(block + sizes[0] + sizes[1], texts[2], sizes[2]);
    list->items[list->count++] = (struct sva_exact_hit){
        .reference_name = block,
        .reference_version = block + sizes[0],
        .reference_item = block + sizes[0] + sizes[1],
        .is_file = is_file,
        .subject_index = (uint32_t)index,
    };
    return SVA_OK;
}

static enum sva_status collect_hits(struct sva_statement *query, const uint8_t *digest,
                                    bool is_file, size_t index, struct hit_list *list,
                                    struct sva_error *error)
{
    bool row = false;
    sva_statement_blob(query, 1, digest, SVA_DIGEST_BYTES);
    enum sva_status status = sva_statement_step(query, &row, error);
    while (status == SVA_OK && row) {
        status = append_hit(list, query, is_file, index, error);
        if (status == SVA_OK) {
            status = sva_statement_step(query, &row, error);
        }
    }
    sva_statement_reset(query);
    return status;
}

/*
 * One hit per subject item and reference, naming the first item there: many
 * equal tensors on both sides (copied experts) must not multiply.
 */
static enum sva_status look_up_tensors(struct sva_refstore *store, const struct sva_print *subject,
                                       struct hit_list *list, struct sva_error *error)
{
    struct sva_statement query = {0};
    enum sva_status status =
        sva_statement_init(&query, store,
                           "SELECT m.name, m.version, min(h.name) FROM tensor_hash h"
                           " JOIN reference_model m ON m.id = h.reference_id"
                           " WHERE h.value_hash = ?1 GROUP BY m.id ORDER BY m.name, m.version",
                           "look up tensor hashes", error);
    for (size_t i = 0; status == SVA_OK && i < subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &subject->tensors[i];
        if (tensor->inert == SVA_INERT_NONE && !tensor->sampled) {
            status = collect_hits(&query, tensor->value_hash, false, i, list, error);
        }
    }
    sva_statement_done(&query);
    return status;
}

static enum sva_status look_up_files(struct sva_refstore *store, const struct sva_print *subject,
                                     struct hit_list *list, struct sva_error *error)
{
    struct sva_statement query = {0};
    enum sva_status status =
        sva_statement_init(&query, store,
                           "SELECT m.name, m.version, min(h.path) FROM file_hash h"
                           " JOIN reference_model m ON m.id = h.reference_id"
                           " WHERE h.sha256 = ?1 GROUP BY m.id ORDER BY m.name, m.version",
                           "look up file hashes", error);
    for (size_t i = 0; status == SVA_OK && i < subject->file_count; i++) {
        const struct sva_print_file *file = &subject->files[i];
        if (file->hashed && sva_file_is_audited(file->kind)) {
            status = collect_hits(&query, file->sha256, true, i, list, error);
        }
    }
    sva_statement_done(&query);
    return status;
}

enum sva_status sva_refstore_lookup(struct sva_refstore *store, const struct sva_print *subject,
                                    struct sva_exact_hit **hits, size_t *count,
                                    struct sva_error *error)
{
    struct hit_list list = {.items = sva_calloc(16, sizeof *list.items), .capacity = 16};
    if (list.items == NULL) {
        return sva_fail_memory(error, "looking up hashes");
    }
    enum sva_status status = sva_store_begin_read(store, error);
    if (status == SVA_OK) {
        status = look_up_files(store, subject, &list, error);
        if (status == SVA_OK) {
            status = look_up_tensors(store, subject, &list, error);
        }
        status = sva_store_end(store, status, error);
    }
    if (status != SVA_OK) {
        sva_exact_hits_free(list.items, list.count);
        return status;
    }
    *hits = list.items;
    *count = list.count;
    return SVA_OK;
}

void sva_exact_hits_free(struct sva_exact_hit *hits, size_t count)
{
    for (size_t i = 0; hits != NULL && i < count; i++) {
        sva_free((void *)(uintptr_t)hits[i].reference_name);
    }
    sva_free(hits);
}

/* ---- summary ---- */

static void hash_text(struct sva_sha256 *hash, const char *text)
{
    uint8_t length[8];
    const uint64_t size = strlen(text);
    for (unsigned i = 0; i < 8; i++) {
        length[i] = (uint8_t)(size >> (8 * i));
    }
    sva_sha256_update(hash, length, sizeof length);
    sva_sha256_update(hash, text, size);
}

/* Everything that a judgement may rest on, in the list's order; not the day of adding. */
static enum sva_status digest_content(const struct sva_reference *references, size_t count,
                                      uint8_t digest[SVA_DIGEST_BYTES], struct sva_error *error)
{
    struct sva_sha256 *hash = sva_sha256_new();
    if (hash == NULL) {
        return sva_fail_memory(error, "hashing the list of references");
    }
    hash_text(hash, "sva-store-1");
    for (size_t i = 0; i < count; i++) {
        const struct sva_reference *r = &references[i];
        const char *const texts[] = {r->name,     r->version,      r->publisher, r->licence,
                                     r->released, r->derived_from, r->source};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            hash_text(hash, texts[k]);
        }
        sva_sha256_update(hash, r->print_digest, sizeof r->print_digest);
    }
    sva_sha256_final(hash, digest);
    sva_sha256_free(hash);
    return SVA_OK;
}

static enum sva_status summarise_list(struct sva_refstore *store, struct sva_refstore_info *info,
                                      struct sva_error *error)
{
    struct sva_reference *references = NULL;
    size_t count = 0;
    enum sva_status status = sva_refstore_list(store, &references, &count, error);
    if (status != SVA_OK) {
        return status;
    }
    info->reference_count = count;
    for (size_t i = 0; i < count; i++) {
        const char *released = references[i].released;
        if (strlen(released) < sizeof info->newest_release &&
            strcmp(released, info->newest_release) > 0) {
            memcpy(info->newest_release, released, strlen(released) + 1);
        }
    }
    status = digest_content(references, count, info->digest, error);
    sva_references_free(references, count);
    return status;
}

static enum sva_status summarise(struct sva_refstore *store, struct sva_refstore_info *info,
                                 struct sva_error *error)
{
    static const char *const sql[] = {
        "SELECT count(*) FROM tensor_hash",
        "SELECT count(*) FROM file_hash",
        "PRAGMA page_count",
        "PRAGMA page_size",
        "PRAGMA user_version",
    };
    int64_t numbers[sizeof sql / sizeof *sql] = {0};
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
        const enum sva_status status =
            sva_store_number(store, sql[i], "summarise the store", &numbers[i], error);
        if (status != SVA_OK) {
            return status;
        }
    }
    info->tensor_hash_count = (uint64_t)numbers[0];
    info->file_hash_count = (uint64_t)numbers[1];
    info->size_bytes = (uint64_t)numbers[2] * (uint64_t)numbers[3];
    info->schema_version = (uint32_t)numbers[4];
    return summarise_list(store, info, error);
}

enum sva_status sva_refstore_get_info(struct sva_refstore *store, struct sva_refstore_info *info,
                                      struct sva_error *error)
{
    struct sva_refstore_info found = {0};
    enum sva_status status = sva_store_begin_read(store, error);
    if (status == SVA_OK) {
        status = sva_store_end(store, summarise(store, &found, error), error);
    }
    if (status == SVA_OK) {
        *info = found;
    }
    return status;
}

/* ---- verification ---- */

/* The first row of a checking query is "ok", or there is none; else it says what is wrong. */
static enum sva_status run_check(struct sva_refstore *store, const char *sql, const char *what,
                                 struct sva_error *error)
{
    struct sva_statement query = {0};
    bool row = false;
    enum sva_status status =
        sva_statement_init(&query, store, sql, "check the store's integrity", error);
    if (status == SVA_OK) {
        status = sva_statement_step(&query, &row, error);
    }
    if (status == SVA_OK && row && strcmp(sva_column_text(&query, 0), "ok") != 0) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: %s: %s", sva_esc(store->path).text, what,
                          sva_esc(sva_column_text(&query, 0)).text);
    }
    sva_statement_done(&query);
    return status;
}

static enum sva_status verify_prints(struct sva_refstore *store, struct sva_error *error)
{
    struct sva_reference *references = NULL;
    size_t count = 0;
    enum sva_status status = sva_refstore_list(store, &references, &count, error);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        struct sva_print *print = NULL;
        status =
            sva_refstore_print(store, references[i].name, references[i].version, &print, error);
        if (status == SVA_OK) {
            status = sva_store_check_outline(store, &references[i], print, error);
        }
        if (status == SVA_OK) {
            status = sva_store_check_hash_rows(store, &references[i], print, error);
        }
        sva_print_free(print);
    }
    sva_references_free(references, count);
    return status;
}

static enum sva_status verify_all(struct sva_refstore *store, struct sva_error *error)
{
    static const struct {
        const char *sql, *what;
    } checks[] = {
        {"PRAGMA integrity_check(1)", "the database is damaged"},
        {"PRAGMA foreign_key_check", "a row belongs to no reference, in table"},
        {"SELECT name FROM reference_model"
         " WHERE id NOT IN (SELECT reference_id FROM reference_print)",
         "a reference has no print"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const enum sva_status status = run_check(store, checks[i].sql, checks[i].what, error);
        if (status != SVA_OK) {
            return status;
        }
    }
    return verify_prints(store, error);
}

enum sva_status sva_refstore_verify(struct sva_refstore *store, struct sva_error *error)
{
    enum sva_status status = sva_store_begin_read(store, error);
    if (status == SVA_OK) {
        status = sva_store_end(store, verify_all(store, error), error);
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/store_outline.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_classes.h"
#include "fingerprint/print_internal.h"

/** Schema that brought outlines. */
enum { OUTLINE_SCHEMA = 2 };

static const char reading[] = "read the outlines of references";

/* ---- writing ---- */

static enum sva_status insert_classes(struct sva_refstore *store, int64_t id,
                                      const struct sva_print *print, struct sva_error *error)
{
    struct sva_statement insert = {0};
    uint64_t *classes = NULL;
    size_t count = 0;
    if (!sva_print_classes(print, &classes, &count)) {
        return sva_fail_memory(error, "classing a print");
    }
    enum sva_status status = sva_statement_init(
        &insert, store, "INSERT INTO reference_class (class, reference_id) VALUES (?1, ?2)",
        "add the reference's classes", error);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        sva_statement_int(&insert, 1, (int64_t)classes[i]);
        sva_statement_int(&insert, 2, id);
        status = sva_statement_execute(&insert, error);
    }
    sva_statement_done(&insert);
    sva_free(classes);
    return status;
}

enum sva_status sva_store_add_outline(struct sva_refstore *store, int64_t id,
                                      const struct sva_print *print, struct sva_error *error)
{
    struct sva_statement insert = {0};
    struct sva_bytes facts = {0};
    sva_print_facts_encode(print, &facts);
    if (facts.failed) {
        sva_bytes_done(&facts);
        return sva_fail_memory(error, "adding a reference's outline");
    }
    enum sva_status status = sva_statement_init(
        &insert, store,
        "INSERT INTO reference_outline (reference_id, method_version, classes_version, facts)"
        " VALUES (?1, ?2, ?3, ?4)",
        "add the reference's outline", error);
    if (status == SVA_OK) {
        sva_statement_int(&insert, 1, id);
        sva_statement_int(&insert, 2, print->method_version);
        sva_statement_int(&insert, 3, SVA_CLASSES_VERSION);
        sva_statement_blob(&insert, 4, facts.data, facts.size);
        status = sva_statement_execute(&insert, error);
    }
    sva_statement_done(&insert);
    sva_bytes_done(&facts);
    return status == SVA_OK ? insert_classes(store, id, print, error) : status;
}

/** Ids of references, in a list that grows. */
struct id_list {
    int64_t *items;
    size_t count, capacity;
};

static bool append_id(struct id_list *list, int64_t id)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
        int64_t *grown = sva_realloc_array(list->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = id;
    return true;
}

/** Appends the first column of every row that is left. */
static enum sva_status append_rows(struct sva_statement *query, struct id_list *list,
                                   struct sva_error *error)
{
    bool row = false;
    enum sva_status status = sva_statement_step(query, &row, error);
    while (status == SVA_OK && row) {
        status = append_id(list, sqlite3_column_int64(query->handle, 0))
                     ? sva_statement_step(query, &row, error)
                     : sva_fail_memory(error, query->doing);
    }
    sva_statement_reset(query);
    return status;
}

/** The print of reference `id`; *print stays NULL when it cannot be decoded. */
static enum sva_status decode_by_id(struct sva_refstore *store, int64_t id,
                                    struct sva_print **print, struct sva_error *error)
{
    struct sva_statement query = {0};
    struct sva_error broken = {0};
    bool row = false;
    enum sva_status status =
        sva_statement_init(&query, store, "SELECT bytes FROM reference_print WHERE reference_id = ?1",
                           reading, error);
    if (status == SVA_OK) {
        sva_statement_int(&query, 1, id);
        status = sva_statement_step(&query, &row, error);
    }
    if (status == SVA_OK && row) {
        const void *bytes = sqlite3_column_blob(query.handle, 0);
        const int size = sqlite3_column_bytes(query.handle, 0);
        const enum sva_status decoded =
            sva_print_decode(bytes, bytes != NULL ? (size_t)size : 0, "print", print, &broken);
        status = decoded == SVA_ERR_MEMORY ? sva_fail_memory(error, reading) : SVA_OK;
    }
    sva_statement_done(&query);
    return status;
}

enum sva_status sva_store_fill_outlines(struct sva_refstore *store, struct sva_error *error)
{
    struct sva_statement query = {0};
    struct id_list ids = {0};
    enum sva_status status =
        sva_statement_init(&query, store,
                           "SELECT id FROM reference_model"
                           " WHERE id NOT IN (SELECT reference_id FROM reference_outline)",
                           reading, error);
    if (status == SVA_OK) {
        status = append_rows(&query, &ids, error);
    }
    sva_statement_done(&query);
    for (size_t i = 0; status == SVA_OK && i < ids.count; i++) {
        struct sva_print *print = NULL;
        status = decode_by_id(store, ids.items[i], &print, error);
        if (status == SVA_OK && print != NULL) {
            status = sva_store_add_outline(store, ids.items[i], print, error);
        }
        sva_print_free(print);
    }
    sva_free(ids.items);
    return status;
}

/* ---- reading ---- */

static int ascending(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/** References that share a class with the subject, ascending, perhaps repeated. */
static enum sva_status find_sharing(struct sva_refstore *store, const struct sva_print *subject,
                                    struct id_list *sharing, struct sva_error *error)
{
    struct sva_statement query = {0};
    uint64_t *classes = NULL;
    size_t count = 0;
    if (!sva_print_classes(subject, &classes, &count)) {
        return sva_fail_memory(error, "classing a print");
    }
    enum sva_status status =
        sva_statement_init(&query, store, "SELECT reference_id FROM reference_class WHERE class = ?1",
                           reading, error);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        sva_statement_int(&query, 1, (int64_t)classes[i]);
        status = append_rows(&query, sharing, error);
    }
    sva_statement_done(&query);
    sva_free(classes);
    if (status == SVA_OK && sharing->count > 0) {
        qsort(sharing->items, sharing->count, sizeof *sharing->items, ascending);
    }
    return status;
}

/** A print that holds nothing but the facts and the method version. */
static enum sva_status make_outline_print(const struct sva_statement *query, const char *path,
                                          struct sva_print **print, struct sva_error *error)
{
    const void *bytes = sqlite3_column_blob(query->handle, 3);
    const int size = sqlite3_column_bytes(query->handle, 3);
    struct sva_print *made = sva_print_new();
    if (made == NULL) {
        return sva_fail_memory(error, reading);
    }
    struct sva_block_bytes facts = {.cursor.span = {bytes, bytes != NULL ? (size_t)size : 0}};
    made->name = "";
    made->method_version = (uint32_t)sqlite3_column_int64(query->handle, 2);
    enum sva_status status =
        sva_print_block_decode(made, SVA_BLOCK_FACTS, &facts, sva_esc(path).text, error);
    if (status == SVA_OK) {
        status = sva_column_digest(query, 1, made->digest, error);
    }
    if (status != SVA_OK) {
        sva_print_free(made);
        return status;
    }
    *print = made;
    return SVA_OK;
}

/** Outlines in order of their prints' digests, in a list that grows. */
struct outline_list {
    struct sva_outline *items;
    size_t count, capacity;
};

static enum sva_status append_outline(struct outline_list *list, const struct sva_statement *query,
                                      bool comparable, struct sva_error *error)
{
    if (list->count == list->capacity) {
        const size_t capacity = 2 * list->capacity;
        struct sva_outline *grown = sva_realloc_array(list->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return sva_fail_memory(error, reading);
        }
        list->items = grown;
        list->capacity = capacity;
    }
    struct sva_outline *outline = &list->items[list->count];
    *outline = (struct sva_outline){.comparable = comparable};
    const enum sva_status status =
        make_outline_print(query, query->store->path, &outline->print, error);
    list->count += status == SVA_OK ? 1 : 0;
    return status;
}

static enum sva_status read_outlines(struct sva_refstore *store, const struct sva_print *subject,
                                     struct outline_list *list, struct sva_error *error)
{
    struct sva_statement query = {0};
    struct id_list sharing = {0};
    bool row = false;
    enum sva_status status = find_sharing(store, subject, &sharing, error);
    if (status == SVA_OK) {
        status = sva_statement_init(&query, store,
                                    "SELECT m.id, m.print_digest, o.method_version, o.facts"
                                    " FROM reference_model m JOIN reference_outline o"
                                    " ON o.reference_id = m.id WHERE o.classes_version = ?1"
                                    " ORDER BY m.print_digest, m.id",
                                    reading, error);
    }
    if (status == SVA_OK) {
        sva_statement_int(&query, 1, SVA_CLASSES_VERSION);
        status = sva_statement_step(&query, &row, error);
    }
    while (status == SVA_OK && row) {
        const int64_t id = sqlite3_column_int64(query.handle, 0);
        const bool shares =
            sharing.count > 0 &&
            bsearch(&id, sharing.items, sharing.count, sizeof id, ascending) != NULL;
        const bool other_method =
            sqlite3_column_int64(query.handle, 2) != (int64_t)subject->method_version;
        status = append_outline(list, &query, shares || other_method, error);
        if (status == SVA_OK) {
            status = sva_statement_step(&query, &row, error);
        }
    }
    sva_statement_done(&query);
    sva_free(sharing.items);
    return status;
}

enum sva_status sva_refstore_screen(struct sva_refstore *store, const struct sva_print *subject,
                                    struct sva_outline **outlines, size_t *count,
                                    struct sva_error *error)
{
    struct outline_list list = {.items = sva_calloc(64, sizeof *list.items), .capacity = 64};
    if (list.items == NULL) {
        return sva_fail_memory(error, reading);
    }
    enum sva_status status = SVA_OK;
    if (store->schema >= OUTLINE_SCHEMA) {
        status = sva_store_begin_read(store, error);
        if (status == SVA_OK) {
            status = sva_store_end(store, read_outlines(store, subject, &list, error), error);
        }
    }
    if (status != SVA_OK) {
        sva_outlines_free(list.items, list.count);
        return status;
    }
    *outlines = list.items;
    *count = list.count;
    return SVA_OK;
}

static int by_digest(const void *digest, const void *outline)
{
    return memcmp(digest, ((const struct sva_outline *)outline)->print->digest, SVA_DIGEST_BYTES);
}

const struct sva_outline *sva_outline_find(const struct sva_outline *outlines, size_t count,
                                           const uint8_t print_digest[SVA_DIGEST_BYTES])
{
    return count == 0 ? NULL : bsearch(print_digest, outlines, count, sizeof *outlines, by_digest);
}

void sva_outlines_free(struct sva_outline *outlines, size_t count)
{
    for (size_t i = 0; outlines != NULL && i < count; i++) {
        sva_print_free(outlines[i].print);
    }
    sva_free(outlines);
}

/* ---- checking ---- */

static bool same_facts(const struct sva_statement *query, const struct sva_bytes *facts)
{
    const void *bytes = sqlite3_column_blob(query->handle, 0);
    const int size = sqlite3_column_bytes(query->handle, 0);
    return size >= 0 && (size_t)size == facts->size &&
           (size == 0 || memcmp(bytes, facts->data, facts->size) == 0);
}

/** Do the rows hold exactly the print's facts and classes? */
static enum sva_status compare_rows(struct sva_statement *facts_query,
                                    struct sva_statement *class_query,
                                    const struct sva_print *print, bool *same,
                                    struct sva_error *error)
{
    struct sva_bytes facts = {0};
    struct id_list kept = {0};
    uint64_t *classes = NULL;
    size_t count = 0;
    bool row = false;
    sva_print_facts_encode(print, &facts);
    enum sva_status status = facts.failed || !sva_print_classes(print, &classes, &count)
                                 ? sva_fail_memory(error, reading)
                                 : sva_statement_step(facts_query, &row, error);
    *same = status == SVA_OK && row && same_facts(facts_query, &facts);
    if (status == SVA_OK) {
        status = append_rows(class_query, &kept, error);
    }
    if (status == SVA_OK && count > 0) {
        qsort(classes, count, sizeof *classes, ascending); /* as signed numbers, as SQLite orders them */
    }
    *same = *same && kept.count == count &&
            (count == 0 || memcmp(kept.items, classes, count * sizeof *classes) == 0);
    sva_bytes_done(&facts);
    sva_free(kept.items);
    sva_free(classes);
    return status;
}

enum sva_status sva_store_check_outline(struct sva_refstore *store,
                                        const struct sva_reference *reference,
                                        const struct sva_print *print, struct sva_error *error)
{
    struct sva_statement facts = {0};
    struct sva_statement classes = {0};
    bool same = false;
    if (store->schema < OUTLINE_SCHEMA) {
        return SVA_OK;
    }
    enum sva_status status =
        sva_statement_init(&facts, store,
                           "SELECT o.facts FROM reference_outline o JOIN reference_model m"
                           " ON m.id = o.reference_id WHERE m.name = ?1 AND m.version = ?2",
                           reading, error);
    if (status == SVA_OK) {
        status = sva_statement_init(&classes, store,
                                    "SELECT c.class FROM reference_class c JOIN reference_model m"
                                    " ON m.id = c.reference_id WHERE m.name = ?1 AND m.version = ?2"
                                    " ORDER BY c.class",
                                    reading, error);
    }
    if (status == SVA_OK) {
        sva_statement_text(&facts, 1, reference->name);
        sva_statement_text(&facts, 2, reference->version);
        sva_statement_text(&classes, 1, reference->name);
        sva_statement_text(&classes, 2, reference->version);
        status = compare_rows(&facts, &classes, print, &same, error);
    }
    sva_statement_done(&facts);
    sva_statement_done(&classes);
    return status != SVA_OK || same
               ? status
               : sva_fail(error, SVA_ERR_CORRUPT,
                          "%s: the outline of reference %s is not its print's",
                          sva_esc(store->path).text, sva_esc(reference->name).text);
}

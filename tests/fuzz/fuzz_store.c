/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reference store that comes from somebody else. Input that begins with SQLite's magic is the
 * file; any other input is SQL by which a sound store of one reference was changed beforehand. It
 * is opened and asked everything, then changed, and never runs what its schema names.
 */
#include <sovaudit/refpack.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 50, VALUE_BYTES_MAX = 1 << 20 };

static struct sva_print *print;

static struct sva_print *make_print(void)
{
    const struct sva_print_options options = {.threads = 1};
    struct sva_model *model = NULL;
    struct sva_print *made = NULL;
    scratch_weights("model.safetensors");
    require(sva_model_open(scratch_path("model.safetensors"), NULL, &model, NULL) == SVA_OK);
    require(sva_print_make(model, &options, &made, NULL) == SVA_OK);
    sva_model_close(model);
    return made;
}

/** A sound store, as bytes. */
static const uint8_t *sound_store(size_t *size)
{
    static uint8_t *bytes;
    static size_t length;
    if (bytes == NULL) {
        const struct sva_reference reference = {.name = "base",
                                                .version = "1",
                                                .publisher = "Org",
                                                .licence = "mit",
                                                .released = "2024-05",
                                                .derived_from = "",
                                                .source = "",
                                                .added = "2026-01-01"};
        struct sva_refstore *store = NULL;
        print = make_print();
        const char *const path = scratch_path("made.db");
        require(sva_refstore_open(path, true, &store, NULL) == SVA_OK);
        require(sva_refstore_add(store, &reference, print, NULL) == SVA_OK);
        sva_refstore_close(store);
        FILE *const file = fopen(path, "rb");
        require(file != NULL && fseek(file, 0, SEEK_END) == 0);
        length = (size_t)ftell(file);
        rewind(file);
        bytes = malloc(length);
        require(bytes != NULL && fread(bytes, length, 1, file) == 1);
        (void)fclose(file);
    }
    *size = length;
    return bytes;
}

/* ---- what was done to it ---- */

static int enough(void *context)
{
    unsigned *const steps = context;
    return ++*steps > STEPS_MAX;
}

/** No other files, and of the pragmas only those that write into this one. */
static int allow(void *context, int action, const char *first, const char *second, const char *base,
                 const char *inner)
{
    static const char *const pragmas[] = {"application_id", "user_version", "writable_schema",
                                          "foreign_keys", "ignore_check_constraints"};
    (void)context;
    (void)second;
    (void)base;
    (void)inner;
    if (action == SQLITE_ATTACH || action == SQLITE_DETACH) {
        return SQLITE_DENY;
    }
    for (size_t i = 0; action == SQLITE_PRAGMA && i < sizeof pragmas / sizeof *pragmas; i++) {
        if (strcmp(first, pragmas[i]) == 0) {
            return SQLITE_OK;
        }
    }
    return action == SQLITE_PRAGMA ? SQLITE_DENY : SQLITE_OK;
}

static void tamper(const char *path, const uint8_t *sql, size_t size)
{
    sqlite3 *db = NULL;
    unsigned steps = 0;
    char *const text = malloc(size + 1);
    require(text != NULL && sqlite3_open(path, &db) == SQLITE_OK);
    memcpy(text, sql, size);
    text[size] = '\0';
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    (void)sqlite3_set_authorizer(db, allow, NULL);
    sqlite3_progress_handler(db, 1000, enough, &steps);
    (void)sqlite3_exec(db, text, NULL, NULL, NULL);
    (void)sqlite3_close(db);
    free(text);
}

/* ---- what is asked ---- */

static void told(enum sva_status status, struct sva_error *error)
{
    require(status == error->status && (status == SVA_OK || error->text[0] != '\0'));
    *error = (struct sva_error){0};
}

static void ask_reference(struct sva_refstore *store, const struct sva_reference *reference)
{
    struct sva_error error = {0};
    struct sva_remains remains = {0};
    struct sva_print *stored = NULL;
    told(sva_refstore_print(store, reference->name, reference->version, &stored, &error), &error);
    sva_print_free(stored);
    told(sva_refstore_remains(store, reference->name, reference->version, &remains, &error),
         &error);
    sva_remains_done(&remains);
}

/** The built-in facts database is large; it is read only where the store has one beside it. */
static void ask_facts(struct sva_refstore *store)
{
    struct sva_error error = {0};
    struct sva_known *known = NULL;
    told(sva_known_load(store, &known, &error), &error);
    sva_known_free(known);
}

static void ask(struct sva_refstore *store)
{
    struct sva_error error = {0};
    struct sva_reference *references = NULL;
    struct sva_outline *outlines = NULL;
    struct sva_exact_hit *hits = NULL;
    struct sva_refstore_info info;
    size_t count = 0;
    told(sva_refstore_list(store, &references, &count, &error), &error);
    for (size_t i = 0; i < count && i < 4; i++) {
        ask_reference(store, &references[i]);
    }
    sva_references_free(references, count);
    count = 0;
    told(sva_refstore_screen(store, print, &outlines, &count, &error), &error);
    sva_outlines_free(outlines, count);
    count = 0;
    told(sva_refstore_lookup(store, print, &hits, &count, &error), &error);
    sva_exact_hits_free(hits, count);
    told(sva_refstore_get_info(store, &info, &error), &error);
    told(sva_refstore_verify(store, &error), &error);
}

/** Packing takes most of the time; only where it is about prints or what is known of them. */
static void export(struct sva_refstore *store)
{
    const struct sva_refpack_options options = {.as_of = "2026-01-02"};
    struct sva_refpack pack = {0};
    struct sva_error error = {0};
    told(sva_refpack_export(store, scratch_path("pack"), &options, &pack, &error), &error);
    sva_refpack_done(&pack);
}

static void change(struct sva_refstore *store)
{
    const struct sva_reference_note note = {
        .noted = "2026-01-02", .removed = "2026-01-01", .text = "gone", .evidence = ""};
    const struct sva_reference second = {.name = "second",
                                         .version = "",
                                         .publisher = "",
                                         .licence = "",
                                         .released = "",
                                         .derived_from = "base",
                                         .source = "",
                                         .added = "2026-01-01"};
    struct sva_error error = {0};
    told(sva_refstore_note(store, "base", NULL, &note, &error), &error);
    told(sva_refstore_add(store, &second, print, &error), &error);
    told(sva_refstore_remove(store, "base", NULL, &error), &error);
}

static bool mentions(const uint8_t *data, size_t size, const char *word)
{
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(data + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t sound_size = 0;
    struct sva_refstore *store = NULL;
    struct sva_error error = {0};
    (void)scratch_directory();
    const uint8_t *const sound = sound_store(&sound_size);
    const char *const path = scratch_path("refs.db");
    if (size >= 6 && memcmp(data, "SQLite", 6) == 0) {
        scratch_write("refs.db", data, size);
    } else {
        scratch_write("refs.db", sound, sound_size);
        tamper(path, data, size);
    }
    const enum sva_status status = sva_refstore_open(path, false, &store, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        ask(store);
        if (mentions(data, size, "facts")) {
            ask_facts(store);
        }
        if (mentions(data, size, "reference_")) {
            export(store);
        }
        change(store);
        sva_refstore_close(store);
    }
    return 0;
}

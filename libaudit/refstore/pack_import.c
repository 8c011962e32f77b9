/* SPDX-License-Identifier: Apache-2.0 */
/* A reference pack -> references of a store, in one transaction. */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "refstore/pack_read.h"
#include "refstore/store_change.h"
#include "refstore/store_sql.h"

static const char doing[] = "taking a reference pack in";

enum { CONFLICTS_NAMED = 10 };

struct import {
    struct sva_refstore *store; /* NULL: the pack is only looked at */
    const char *what;           /* the pack, escaped */
    const char *as_of;
    struct sva_reference *here; /* what the store holds, by name and version */
    size_t here_count;
    struct sva_refpack *pack;
    const struct sva_pack_manifest *manifest;
};

/* ---- what is there already ---- */

static const struct sva_reference *find_here(const struct import *import,
                                             const struct sva_pack_reference *theirs)
{
    size_t low = 0;
    size_t high = import->here_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct sva_reference *here = &import->here[middle];
        const int names = strcmp(here->name, theirs->name);
        const int order = names != 0 ? names : strcmp(sva_or_empty(here->version), theirs->version);
        if (order == 0) {
            return here;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/* "name version" for sentences. */
static void put_name(struct sva_bytes *out, const struct sva_pack_reference *reference)
{
    sva_bytes_printf(out, "%s%s%s", sva_esc(reference->name).text,
                     reference->version[0] != '\0' ? " version " : "",
                     sva_esc(reference->version).text);
}

/* CONFLICT, naming what is in the store with another print. */
static enum sva_status check_conflicts(struct import *import, struct sva_error *error)
{
    struct sva_bytes names = {.data = NULL};
    size_t count = 0;
    for (size_t i = 0; i < import->manifest->count; i++) {
        const struct sva_pack_reference *theirs = &import->manifest->references[i];
        const struct sva_reference *here = find_here(import, theirs);
        if (here != NULL &&
            memcmp(here->print_digest, theirs->print_digest, SVA_DIGEST_BYTES) != 0) {
            if (count < CONFLICTS_NAMED) {
                sva_bytes_text(&names, count > 0 ? ", " : "");
                put_name(&names, theirs);
            }
            count++;
        }
    }
    enum sva_status status = SVA_OK;
    if (names.failed) {
        status = sva_fail_memory(error, doing);
    } else if (count > 0) {
        status = sva_fail(error, SVA_ERR_CONFLICT,
                          "%s: nothing was taken in: %zu references are in the store with another "
                          "print: %s%s",
                          import->what, count, (const char *)names.data,
                          count > CONFLICTS_NAMED ? " ..." : "");
    }
    sva_bytes_done(&names);
    return status;
}

/* Keeps a sentence about a record that differs from the store's. */
static enum sva_status note_difference(struct import *import,
                                       const struct sva_pack_reference *theirs,
                                       const struct sva_reference *here, struct sva_error *error)
{
    const struct {
        const char *what, *here, *theirs;
    } fields[] = {
        {"publisher", sva_or_empty(here->publisher), theirs->publisher},
        {"licence", sva_or_empty(here->licence), theirs->licence},
        {"release date", sva_or_empty(here->released), theirs->released},
        {"ancestor", sva_or_empty(here->derived_from), theirs->derived_from},
        {"source", sva_or_empty(here->source), theirs->source},
        {"removal", sva_or_empty(here->removed), theirs->removed},
    };
    struct sva_bytes text = {.data = NULL};
    bool differs = false;
    put_name(&text, theirs);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(fields[i].here, fields[i].theirs) != 0) {
            sva_bytes_printf(&text, "%s %s here \"%s\", in the pack \"%s\"", differs ? ";" : ":",
                             fields[i].what, sva_esc(fields[i].here).text,
                             sva_esc(fields[i].theirs).text);
            differs = true;
        }
    }
    char **grown = differs && !text.failed
                       ? sva_realloc_array(import->pack->differences,
                                           import->pack->differ_count + 1, sizeof *grown)
                       : NULL;
    if (grown != NULL) {
        grown[import->pack->differ_count++] = (char *)text.data;
        import->pack->differences = grown;
        return SVA_OK;
    }
    sva_bytes_done(&text);
    return differs || text.failed ? sva_fail_memory(error, doing) : SVA_OK;
}

static enum sva_status begin(void *context, const struct sva_pack_manifest *manifest,
                             struct sva_error *error)
{
    struct import *const import = context;
    import->manifest = manifest;
    return check_conflicts(import, error);
}

/* ---- taking in ---- */

/* Does the manifest say what the print says? */
static enum sva_status check_print(const struct import *import,
                                   const struct sva_pack_reference *theirs,
                                   const struct sva_print *print, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_pack_reference told = {.file_count = 0};
    const enum sva_status status = sva_pack_describe(&told, print, &arena, error);
    bool same = status == SVA_OK && told.method == theirs->method &&
                told.parameters == theirs->parameters &&
                told.weight_bytes == theirs->weight_bytes &&
                told.file_count == theirs->file_count &&
                memcmp(told.print_digest, theirs->print_digest, SVA_DIGEST_BYTES) == 0;
    for (size_t i = 0; same && i < told.file_count; i++) {
        same = strcmp(told.files[i].path, theirs->files[i].path) == 0 &&
               told.files[i].bytes == theirs->files[i].bytes &&
               memcmp(told.files[i].sha256, theirs->files[i].sha256, SVA_DIGEST_BYTES) == 0;
    }
    sva_free(told.files);
    sva_arena_done(&arena);
    return status != SVA_OK || same
               ? status
               : sva_fail(error, SVA_ERR_CORRUPT,
                          "%s: the manifest does not say of %s what its print says", import->what,
                          sva_esc(theirs->name).text);
}

/* What a store would hold of a reference of the pack. */
static struct sva_reference record_of(const struct import *import,
                                      const struct sva_pack_reference *theirs)
{
    return (struct sva_reference){.name = theirs->name,
                                  .version = theirs->version,
                                  .publisher = theirs->publisher,
                                  .licence = theirs->licence,
                                  .released = theirs->released,
                                  .derived_from = theirs->derived_from,
                                  .source = theirs->source,
                                  .added = import->as_of};
}

static struct sva_reference_note note_of(const struct import *import,
                                         const struct sva_pack_reference *theirs)
{
    return (struct sva_reference_note){
        .noted = import->as_of, .removed = theirs->removed, .text = "", .evidence = ""};
}

/* Would a store take this record? */
static enum sva_status check_record(const struct import *import,
                                    const struct sva_pack_reference *theirs,
                                    struct sva_error *error)
{
    const struct sva_reference reference = record_of(import, theirs);
    const struct sva_reference_note note = note_of(import, theirs);
    const enum sva_status status = sva_store_check_reference(&reference, error);
    return status == SVA_OK && theirs->removed[0] != '\0' ? sva_store_check_note(&note, error)
                                                          : status;
}

static enum sva_status insert(struct import *import, const struct sva_pack_reference *theirs,
                              const struct sva_print *print, struct sva_span bytes,
                              struct sva_error *error)
{
    const struct sva_reference reference = record_of(import, theirs);
    const struct sva_reference_note note = note_of(import, theirs);
    enum sva_status status = check_record(import, theirs, error);
    if (status == SVA_OK) {
        status = sva_store_insert(import->store, &reference, print, bytes, error);
    }
    if (status == SVA_OK && theirs->removed[0] != '\0') {
        status = sva_store_insert_note(import->store, theirs->name, theirs->version, &note, error);
    }
    import->pack->added_count += status == SVA_OK ? 1 : 0;
    return status;
}

static enum sva_status take_print(void *context, const struct sva_pack_reference *const *references,
                                  size_t count, struct sva_span bytes, struct sva_error *error)
{
    struct import *const import = context;
    struct sva_print *print = NULL;
    struct sva_bytes what = {.data = NULL};
    sva_bytes_printf(&what, "%s, reference ", import->what);
    put_name(&what, references[0]);
    enum sva_status status = what.failed ? sva_fail_memory(error, doing)
                                         : sva_print_decode(bytes.data, bytes.size,
                                                            (const char *)what.data, &print, error);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        const struct sva_reference *here = find_here(import, references[i]);
        status = check_print(import, references[i], print, error);
        if (status == SVA_OK && import->store == NULL) {
            status = check_record(import, references[i], error);
        } else if (status == SVA_OK && here != NULL) {
            import->pack->there_count++;
            status = note_difference(import, references[i], here, error);
        } else if (status == SVA_OK) {
            status = insert(import, references[i], print, bytes, error);
        }
    }
    sva_print_free(print);
    sva_bytes_done(&what);
    return status;
}

/* Everything between the transaction's beginning and end. */
static enum sva_status take_in(struct import *import, const struct sva_input *input,
                               const struct sva_progress *progress, struct sva_error *error)
{
    const struct sva_pack_visitor visitor = {
        .context = import, .begin = begin, .print = take_print};
    const enum sva_status status =
        sva_refstore_list(import->store, &import->here, &import->here_count, error);
    return status == SVA_OK ? sva_pack_read(input, progress, &visitor, import->pack, error)
                            : status;
}

enum sva_status sva_refpack_verify(const char *path, const struct sva_progress *progress,
                                   struct sva_refpack *pack, struct sva_error *error)
{
    const struct sva_escaped what = sva_esc(path);
    struct import import = {.what = what.text, .as_of = "1970-01-01", .pack = pack};
    const struct sva_pack_visitor visitor = {.context = &import, .print = take_print};
    struct sva_input input;
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status == SVA_OK) {
        status = sva_pack_read(&input, progress, &visitor, pack, error);
        sva_input_close(&input);
    }
    if (status != SVA_OK) {
        sva_refpack_done(pack);
    }
    return status;
}

enum sva_status sva_refpack_import(struct sva_refstore *store, const char *path,
                                   const struct sva_refpack_options *options,
                                   struct sva_refpack *pack, struct sva_error *error)
{
    const struct sva_escaped what = sva_esc(path);
    struct import import = {
        .store = store, .what = what.text, .as_of = options->as_of, .pack = pack};
    struct sva_input input;
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status != SVA_OK) {
        return status;
    }
    status = sva_store_begin_write(store, error);
    if (status == SVA_OK) {
        status = sva_store_end(store, take_in(&import, &input, &options->progress, error), error);
    }
    sva_input_close(&input);
    sva_references_free(import.here, import.here_count);
    if (status != SVA_OK) {
        sva_refpack_done(pack);
    }
    return status;
}

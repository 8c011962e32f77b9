/* SPDX-License-Identifier: Apache-2.0 */
/* References of a store -> a reference pack. */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"
#include "format/packed_tar.h"
#include "refstore/pack_manifest.h"

static const char doing[] = "writing a reference pack";
static const char tool[] = "sovaudit " SVA_VERSION_STRING;

struct packing {
    struct sva_refstore *store;
    const struct sva_refpack_options *options;
    struct sva_pack_manifest manifest;
    const struct sva_pack_reference **order;
    size_t print_count;
    const char *what; /* the pack's path, escaped */
    struct sva_tar_writer *writer;
    struct sva_error *error;
};

static enum sva_status cancelled(const struct packing *packing)
{
    return sva_is_cancelled(&packing->options->progress)
               ? sva_fail(packing->error, SVA_ERR_CANCELLED, "stopped on request")
               : SVA_OK;
}

/* ---- the manifest ---- */

static const char *kept(struct packing *packing, const char *text, bool *good)
{
    const char *copy = sva_arena_strdup(&packing->manifest.arena, text != NULL ? text : "");
    *good = *good && copy != NULL;
    return copy;
}

static enum sva_status take_record(struct packing *packing, const struct sva_reference *reference,
                                   struct sva_pack_reference *slot)
{
    bool good = true;
    slot->name = kept(packing, reference->name, &good);
    slot->version = kept(packing, reference->version, &good);
    slot->publisher = kept(packing, reference->publisher, &good);
    slot->licence = kept(packing, reference->licence, &good);
    slot->released = kept(packing, reference->released, &good);
    slot->derived_from = kept(packing, reference->derived_from, &good);
    slot->source = kept(packing, reference->source, &good);
    slot->removed = kept(packing, reference->removed, &good);
    return good ? SVA_OK : sva_fail_memory(packing->error, doing);
}

/* A reference's line of the manifest, from its record and its print. */
static enum sva_status describe(struct packing *packing, const struct sva_reference *reference)
{
    struct sva_packed_print packed = {.bytes = NULL};
    struct sva_print *print = NULL;
    struct sva_pack_reference *slot = sva_pack_manifest_add(&packing->manifest);
    enum sva_status status = slot != NULL ? take_record(packing, reference, slot)
                                          : sva_fail_memory(packing->error, doing);
    if (status == SVA_OK) {
        status = sva_refstore_packed_print(packing->store, reference->name, reference->version,
                                           &packed, packing->error);
    }
    if (status == SVA_OK) {
        status = sva_packed_print_decode(&packed, &print, packing->error);
    }
    if (status == SVA_OK) {
        status = sva_pack_describe(slot, print, &packing->manifest.arena, packing->error);
    }
    if (status == SVA_OK) {
        slot->print_bytes = packed.size_bytes;
        if (!sva_sha256(packed.bytes, packed.size_bytes, slot->print_sha256)) {
            status = sva_fail_memory(packing->error, doing);
        }
    }
    sva_print_free(print);
    sva_packed_print_done(&packed);
    return status;
}

static bool wanted(const struct sva_refpack_options *options, const char *name)
{
    bool found = options->name_count == 0;
    for (size_t i = 0; i < options->name_count && !found; i++) {
        found = strcmp(options->names[i], name) == 0;
    }
    return found;
}

/* Every name that was asked for is there. */
static enum sva_status check_names(const struct packing *packing)
{
    for (size_t i = 0; i < packing->options->name_count; i++) {
        bool found = false;
        for (size_t r = 0; r < packing->manifest.count && !found; r++) {
            found = strcmp(packing->manifest.references[r].name, packing->options->names[i]) == 0;
        }
        if (!found) {
            return sva_fail(packing->error, SVA_ERR_NOT_FOUND, "%s: not in the store",
                            sva_esc(packing->options->names[i]).text);
        }
    }
    return packing->manifest.count > 0
               ? SVA_OK
               : sva_fail(packing->error, SVA_ERR_NOTHING, "the store holds no references");
}

static enum sva_status make_manifest(struct packing *packing)
{
    struct sva_reference *references = NULL;
    size_t count = 0;
    bool good = true;
    packing->manifest.tool = tool;
    packing->manifest.created = kept(packing, packing->options->as_of, &good);
    enum sva_status status =
        good ? sva_refstore_list(packing->store, &references, &count, packing->error)
             : sva_fail_memory(packing->error, doing);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        if (wanted(packing->options, references[i].name)) {
            status = cancelled(packing);
            status = status == SVA_OK ? describe(packing, &references[i]) : status;
        }
    }
    sva_references_free(references, count);
    status = status == SVA_OK ? check_names(packing) : status;
    return status == SVA_OK ? sva_pack_order(&packing->manifest, packing->what, &packing->order,
                                             &packing->print_count, packing->error)
                            : status;
}

/* ---- the archive ---- */

static enum sva_status put_sums(struct packing *packing, struct sva_span manifest)
{
    struct sva_bytes sums = {.data = NULL};
    sva_pack_sums(manifest, packing->order, packing->manifest.count, &sums);
    const enum sva_status status =
        sums.failed
            ? sva_fail_memory(packing->error, doing)
            : sva_tar_put(packing->writer, "SHA256SUMS", (struct sva_span){sums.data, sums.size});
    sva_bytes_done(&sums);
    return status;
}

static enum sva_status put_manifest(struct packing *packing)
{
    struct sva_bytes text = {.data = NULL};
    sva_pack_manifest_write(&packing->manifest, &text);
    enum sva_status status = SVA_OK;
    if (text.failed) {
        status = sva_fail_memory(packing->error, doing);
    } else if (text.size > SVA_REFPACK_MANIFEST_BYTES_MAX) {
        status = sva_fail(packing->error, SVA_ERR_LIMIT,
                          "%s: too many references for one pack; name some of them", packing->what);
    } else {
        const struct sva_span manifest = {text.data, text.size};
        status = put_sums(packing, manifest);
        status =
            status == SVA_OK ? sva_tar_put(packing->writer, "manifest.json", manifest) : status;
    }
    sva_bytes_done(&text);
    return status;
}

/* The print once more from the store, which may have changed since the manifest was made. */
static enum sva_status put_print(struct packing *packing,
                                 const struct sva_pack_reference *reference)
{
    struct sva_packed_print packed = {.bytes = NULL};
    uint8_t digest[SVA_DIGEST_BYTES];
    enum sva_status status = sva_refstore_packed_print(packing->store, reference->name,
                                                       reference->version, &packed, packing->error);
    if (status == SVA_OK && !sva_sha256(packed.bytes, packed.size_bytes, digest)) {
        status = sva_fail_memory(packing->error, doing);
    }
    if (status == SVA_OK && memcmp(digest, reference->print_sha256, sizeof digest) != 0) {
        status = sva_fail(packing->error, SVA_ERR_CONFLICT,
                          "the store changed while it was packed: %s has another print",
                          sva_esc(reference->name).text);
    }
    if (status == SVA_OK) {
        const struct sva_pack_name name = sva_pack_print_name(reference);
        status = sva_tar_put(packing->writer, name.text,
                             (struct sva_span){packed.bytes, packed.size_bytes});
    }
    sva_packed_print_done(&packed);
    return status;
}

static enum sva_status put_all(struct packing *packing)
{
    const size_t count = packing->manifest.count;
    enum sva_status status = put_manifest(packing);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        const bool again =
            i > 0 && memcmp(packing->order[i]->print_sha256, packing->order[i - 1]->print_sha256,
                            SVA_DIGEST_BYTES) == 0;
        status = cancelled(packing);
        if (status == SVA_OK && !again) {
            status = put_print(packing, packing->order[i]);
        }
    }
    return status == SVA_OK ? sva_tar_writer_commit(packing->writer) : status;
}

static enum sva_status write_pack(struct packing *packing, const char *path)
{
    enum sva_status status = sva_tar_writer_open(path, &packing->writer, packing->error);
    status = status == SVA_OK ? put_all(packing) : status;
    sva_tar_writer_free(packing->writer);
    return status;
}

enum sva_status sva_refpack_export(struct sva_refstore *store, const char *path,
                                   const struct sva_refpack_options *options,
                                   struct sva_refpack *pack, struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    const struct sva_escaped what = sva_esc(path);
    struct packing packing = {.store = store,
                              .options = options,
                              .what = what.text,
                              .error = error != NULL ? error : &own};
    enum sva_status status = make_manifest(&packing);
    status = status == SVA_OK ? write_pack(&packing, path) : status;
    if (status == SVA_OK) {
        (void)snprintf(pack->created, sizeof pack->created, "%s", packing.manifest.created);
        pack->tool = sva_strdup(tool);
        pack->reference_count = packing.manifest.count;
        pack->print_count = packing.print_count;
        status = pack->tool != NULL ? SVA_OK : sva_fail_memory(error, doing);
    }
    sva_free(packing.order);
    sva_pack_manifest_done(&packing.manifest);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/pack_read.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"

static const char doing[] = "reading a reference pack";
static const char manifest_name[] = "manifest.json";
static const char sums_name[] = "SHA256SUMS";

enum { BLOCK_BYTES = 65536 };

/* The file as libarchive reads it. */
struct packed {
    const struct sva_input *input;
    const struct sva_progress *progress;
    struct sva_error *error;
    uint64_t position;
    bool failed; /* `error` says why */
    uint8_t block[BLOCK_BYTES];
};

struct walk {
    struct archive *reader;
    struct packed *packed;
    const char *what; /* escaped */
    const struct sva_pack_visitor *visitor;
    struct sva_pack_manifest manifest;
    const struct sva_pack_reference **order;
    size_t print_count;
    struct sva_bytes bytes; /* of the current entry */
    struct sva_bytes sums;  /* what SHA256SUMS says */
    struct sva_error *error;
};

static la_ssize_t read_packed(struct archive *reader, void *context, const void **bytes)
{
    struct packed *const packed = context;
    const uint64_t left = packed->input->size_bytes - packed->position;
    const size_t step = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
    const struct sva_progress *const progress = packed->progress;
    *bytes = packed->block;
    if (progress != NULL && progress->cancelled != NULL && progress->cancelled(progress->context)) {
        (void)sva_fail(packed->error, SVA_ERR_CANCELLED, "stopped on request");
        packed->failed = true;
        archive_set_error(reader, -1, "stopped on request");
        return -1;
    }
    if (progress != NULL && progress->update != NULL) {
        progress->update(progress->context, "unpack", packed->position, packed->input->size_bytes);
    }
    if (step > 0 && sva_input_read(packed->input, packed->position, packed->block, step,
                                   packed->error) != SVA_OK) {
        packed->failed = true;
        archive_set_error(reader, -1, "the file cannot be read");
        return -1;
    }
    packed->position += step;
    return (la_ssize_t)step;
}

/* What libarchive complains of, as a sentence; a failed read of ours was told already. */
static enum sva_status complain(const struct walk *walk, const char *where)
{
    if (walk->packed->failed) {
        return walk->error->status;
    }
    const char *why = archive_error_string(walk->reader);
    return sva_fail(walk->error, SVA_ERR_CORRUPT, "%s: not a sound reference pack, %s: %s",
                    walk->what, where, sva_esc(why != NULL ? why : "cannot be read").text);
}

/* The entry must be a plain file of this name and at most `most` bytes. */
static enum sva_status check_entry(const struct walk *walk, struct archive_entry *entry,
                                   const char *name, uint64_t most)
{
    const char *path = archive_entry_pathname(entry);
    if (path == NULL || strcmp(path, name) != 0) {
        return sva_fail(walk->error, SVA_ERR_CORRUPT,
                        "%s: not a sound reference pack: %s where %s should be", walk->what,
                        path != NULL ? sva_esc(path).text : "a name that cannot be read", name);
    }
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL ||
        archive_entry_sparse_count(entry) != 0 || !archive_entry_size_is_set(entry) ||
        archive_entry_size(entry) < 0) {
        return sva_fail(walk->error, SVA_ERR_CORRUPT,
                        "%s: not a sound reference pack: %s is not a plain file", walk->what, name);
    }
    if ((uint64_t)archive_entry_size(entry) > most) {
        return sva_fail(walk->error, SVA_ERR_LIMIT, "%s: %s has %lld bytes, more than %llu",
                        walk->what, name, (long long)archive_entry_size(entry),
                        (unsigned long long)most);
    }
    return SVA_OK;
}

/* The entry's bytes into walk->bytes, which grow as they come. */
static enum sva_status take_bytes(struct walk *walk, const char *name, uint64_t size)
{
    uint8_t piece[BLOCK_BYTES];
    walk->bytes.size = 0;
    for (uint64_t done = 0; done < size;) {
        const la_ssize_t got = archive_read_data(walk->reader, piece, sizeof piece);
        if (got <= 0 || (uint64_t)got > size - done) {
            return got < 0
                       ? complain(walk, name)
                       : sva_fail(walk->error, SVA_ERR_CORRUPT,
                                  "%s: not a sound reference pack: %s is cut", walk->what, name);
        }
        sva_bytes_append(&walk->bytes, piece, (size_t)got);
        if (walk->bytes.failed) {
            return sva_fail_memory(walk->error, doing);
        }
        done += (uint64_t)got;
    }
    return SVA_OK;
}

/* The next entry, which must be called `name`. */
static enum sva_status take_entry(struct walk *walk, const char *name, uint64_t most)
{
    struct archive_entry *entry = NULL;
    const int code = archive_read_next_header(walk->reader, &entry);
    if (code == ARCHIVE_EOF) {
        return sva_fail(walk->error, SVA_ERR_CORRUPT,
                        "%s: not a sound reference pack: it ends before %s", walk->what, name);
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
        return complain(walk, name);
    }
    const enum sva_status status = check_entry(walk, entry, name, most);
    return status == SVA_OK ? take_bytes(walk, name, (uint64_t)archive_entry_size(entry)) : status;
}

/* Are all prints together within the limit? */
static enum sva_status check_total(const struct walk *walk)
{
    const uint64_t most = (uint64_t)SVA_REFPACK_GIGABYTES_MAX * 1000000000;
    uint64_t total = 0;
    for (size_t i = 0; i < walk->manifest.count; i++) {
        const uint64_t bytes = walk->manifest.references[i].print_bytes;
        if (bytes > most - total) {
            return sva_fail(walk->error, SVA_ERR_LIMIT, "%s: prints of more than %d GB", walk->what,
                            (int)SVA_REFPACK_GIGABYTES_MAX);
        }
        total += bytes;
    }
    return SVA_OK;
}

/* SHA256SUMS must say what the manifest, and the prints that it lists, have. */
static enum sva_status check_sums(const struct walk *walk, struct sva_span manifest)
{
    struct sva_bytes wanted = {.data = NULL};
    sva_pack_sums(manifest, walk->order, walk->manifest.count, &wanted);
    enum sva_status status = SVA_OK;
    if (wanted.failed) {
        status = sva_fail_memory(walk->error, doing);
    } else if (wanted.size != walk->sums.size ||
               memcmp(wanted.data, walk->sums.data, wanted.size) != 0) {
        status = sva_fail(walk->error, SVA_ERR_CORRUPT,
                          "%s: not a sound reference pack: %s does not fit %s", walk->what,
                          sums_name, manifest_name);
    }
    sva_bytes_done(&wanted);
    return status;
}

static enum sva_status take_sums(struct walk *walk)
{
    const enum sva_status status = take_entry(walk, sums_name, SVA_REFPACK_MANIFEST_BYTES_MAX);
    walk->sums = walk->bytes;
    walk->bytes = (struct sva_bytes){.data = NULL};
    return status;
}

static enum sva_status take_manifest(struct walk *walk)
{
    char what[256];
    enum sva_status status = take_sums(walk);
    if (status == SVA_OK) {
        status = take_entry(walk, manifest_name, SVA_REFPACK_MANIFEST_BYTES_MAX);
    }
    if (status != SVA_OK) {
        return status;
    }
    (void)snprintf(what, sizeof what, "%s, %s", walk->what, manifest_name);
    const struct sva_span bytes = {walk->bytes.data, walk->bytes.size};
    status = sva_pack_manifest_parse(bytes, what, &walk->manifest, walk->error);
    if (status == SVA_OK) {
        status =
            sva_pack_order(&walk->manifest, what, &walk->order, &walk->print_count, walk->error);
    }
    if (status == SVA_OK) {
        status = check_sums(walk, bytes);
    }
    if (status == SVA_OK) {
        status = check_total(walk);
    }
    if (status == SVA_OK && walk->visitor->begin != NULL) {
        status = walk->visitor->begin(walk->visitor->context, &walk->manifest, walk->error);
    }
    return status;
}

/* How many references from `first` on have its print. */
static size_t same_print(const struct walk *walk, size_t first)
{
    size_t count = 1;
    while (first + count < walk->manifest.count &&
           memcmp(walk->order[first + count]->print_sha256, walk->order[first]->print_sha256,
                  SVA_DIGEST_BYTES) == 0) {
        count++;
    }
    return count;
}

static enum sva_status take_print(struct walk *walk, size_t first, size_t count)
{
    const struct sva_pack_reference *reference = walk->order[first];
    const struct sva_pack_name name = sva_pack_print_name(reference);
    uint8_t digest[SVA_DIGEST_BYTES];
    if (reference->print_bytes > SVA_REFPACK_PRINT_BYTES_MAX) {
        return sva_fail(walk->error, SVA_ERR_LIMIT, "%s: the print of %s has more than %d bytes",
                        walk->what, sva_esc(reference->name).text,
                        (int)SVA_REFPACK_PRINT_BYTES_MAX);
    }
    enum sva_status status = take_entry(walk, name.text, reference->print_bytes);
    if (status != SVA_OK) {
        return status;
    }
    if (!sva_sha256(walk->bytes.data, walk->bytes.size, digest)) {
        return sva_fail_memory(walk->error, doing);
    }
    if (walk->bytes.size != reference->print_bytes ||
        memcmp(digest, reference->print_sha256, sizeof digest) != 0) {
        return sva_fail(walk->error, SVA_ERR_CORRUPT,
                        "%s: %s, the print of %s, is not the one that the manifest lists",
                        walk->what, name.text, sva_esc(reference->name).text);
    }
    const struct sva_span bytes = {walk->bytes.data, walk->bytes.size};
    return walk->visitor->print == NULL
               ? SVA_OK
               : walk->visitor->print(walk->visitor->context, &walk->order[first], count, bytes,
                                      walk->error);
}

static enum sva_status take_end(struct walk *walk)
{
    struct archive_entry *entry = NULL;
    const int code = archive_read_next_header(walk->reader, &entry);
    if (code == ARCHIVE_EOF) {
        return SVA_OK;
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
        return complain(walk, "its end");
    }
    const char *path = archive_entry_pathname(entry);
    return sva_fail(walk->error, SVA_ERR_CORRUPT,
                    "%s: not a sound reference pack: %s is not in the manifest", walk->what,
                    path != NULL ? sva_esc(path).text : "an entry");
}

static enum sva_status walk_entries(struct walk *walk)
{
    if (archive_read_support_format_tar(walk->reader) != ARCHIVE_OK ||
        archive_read_support_filter_zstd(walk->reader) != ARCHIVE_OK ||
        archive_read_open(walk->reader, walk->packed, NULL, read_packed, NULL) != ARCHIVE_OK) {
        return complain(walk, "its beginning");
    }
    enum sva_status status = take_manifest(walk);
    for (size_t i = 0; status == SVA_OK && i < walk->manifest.count;) {
        const size_t count = same_print(walk, i);
        status = take_print(walk, i, count);
        i += count;
    }
    return status == SVA_OK ? take_end(walk) : status;
}

static enum sva_status fill(const struct walk *walk, struct sva_refpack *pack)
{
    pack->tool = sva_strdup(walk->manifest.tool);
    (void)snprintf(pack->created, sizeof pack->created, "%s", walk->manifest.created);
    pack->reference_count = walk->manifest.count;
    pack->print_count = walk->print_count;
    return pack->tool != NULL ? SVA_OK : sva_fail_memory(walk->error, doing);
}

enum sva_status sva_pack_read(const struct sva_input *input, const struct sva_progress *progress,
                              const struct sva_pack_visitor *visitor, struct sva_refpack *pack,
                              struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    const struct sva_escaped what = sva_esc(input->path);
    struct walk walk = {.reader = archive_read_new(),
                        .packed = sva_calloc(1, sizeof *walk.packed),
                        .what = what.text,
                        .visitor = visitor,
                        .error = error != NULL ? error : &own};
    enum sva_status status = SVA_OK;
    if (walk.reader == NULL || walk.packed == NULL) {
        status = sva_fail_memory(error, doing);
    } else {
        walk.packed->input = input;
        walk.packed->progress = progress;
        walk.packed->error = walk.error;
        status = walk_entries(&walk);
    }
    status = status == SVA_OK ? fill(&walk, pack) : status;
    if (walk.reader != NULL) {
        (void)archive_read_free(walk.reader);
    }
    sva_free(walk.packed);
    sva_free(walk.order);
    sva_bytes_done(&walk.bytes);
    sva_bytes_done(&walk.sums);
    sva_pack_manifest_done(&walk.manifest);
    return status;
}

enum sva_status sva_refpack_verify(const char *path, const struct sva_progress *progress,
                                   struct sva_refpack *pack, struct sva_error *error)
{
    static const struct sva_pack_visitor visitor = {.context = NULL};
    struct sva_input input;
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status == SVA_OK) {
        status = sva_pack_read(&input, progress, &visitor, pack, error);
        sva_input_close(&input);
    }
    return status;
}

void sva_refpack_done(struct sva_refpack *pack)
{
    if (pack != NULL) {
        for (size_t i = 0; pack->differences != NULL && i < pack->differ_count; i++) {
            sva_free(pack->differences[i]);
        }
        sva_free(pack->differences);
        sva_free(pack->tool);
        *pack = (struct sva_refpack){.tool = NULL};
    }
}

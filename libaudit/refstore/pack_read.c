/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/pack_read.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/packed_tar.h"

static const char doing[] = "reading a reference pack";
static const char manifest_name[] = "manifest.json";
static const char sums_name[] = "SHA256SUMS";

struct walk {
    struct sva_tar_reader *reader;
    const char *what; /* escaped */
    const struct sva_pack_visitor *visitor;
    struct sva_pack_manifest manifest;
    const struct sva_pack_reference **order;
    size_t print_count;
    struct sva_bytes bytes; /* of the current entry */
    struct sva_bytes sums;  /* what SHA256SUMS says */
    struct sva_error *error;
};

/* The entry must have this name and at most `most` bytes. */
static enum sva_status check_entry(const struct walk *walk, const struct sva_tar_entry *entry,
                                   const char *name, uint64_t most)
{
    if (strcmp(entry->name, name) != 0) {
        return sva_fail(walk->error, SVA_ERR_CORRUPT,
                        "%s: not a sound reference pack: %s where %s should be", walk->what,
                        sva_esc(entry->name).text, name);
    }
    if (entry->size_bytes > most) {
        return sva_fail(walk->error, SVA_ERR_LIMIT, "%s: %s has %llu bytes, more than %llu",
                        walk->what, name, (unsigned long long)entry->size_bytes,
                        (unsigned long long)most);
    }
    return SVA_OK;
}

/* The next entry, which must be called `name`, into walk->bytes. */
static enum sva_status take_entry(struct walk *walk, const char *name, uint64_t most)
{
    struct sva_tar_entry entry;
    bool end = false;
    enum sva_status status = sva_tar_next(walk->reader, name, &entry, &end);
    if (status == SVA_OK && end) {
        return sva_fail(walk->error, SVA_ERR_CORRUPT,
                        "%s: not a sound reference pack: it ends before %s", walk->what, name);
    }
    if (status == SVA_OK) {
        status = check_entry(walk, &entry, name, most);
    }
    return status == SVA_OK ? sva_tar_take(walk->reader, &walk->bytes) : status;
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
    struct sva_tar_entry entry;
    bool end = false;
    const enum sva_status status = sva_tar_next(walk->reader, "its end", &entry, &end);
    return status != SVA_OK || end
               ? status
               : sva_fail(walk->error, SVA_ERR_CORRUPT,
                          "%s: not a sound reference pack: %s is not in the manifest", walk->what,
                          sva_esc(entry.name).text);
}

static enum sva_status walk_entries(struct walk *walk)
{
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
    struct walk walk = {
        .what = what.text, .visitor = visitor, .error = error != NULL ? error : &own};
    const struct sva_tar_source source = {input, progress, "reference pack"};
    enum sva_status status = sva_tar_reader_open(&source, &walk.reader, walk.error);
    if (status == SVA_OK) {
        status = walk_entries(&walk);
    }
    status = status == SVA_OK ? fill(&walk, pack) : status;
    sva_tar_reader_free(walk.reader);
    sva_free(walk.order);
    sva_bytes_done(&walk.bytes);
    sva_bytes_done(&walk.sums);
    sva_pack_manifest_done(&walk.manifest);
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

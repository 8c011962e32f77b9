/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an audit -> an evidence bundle. */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/casefile.h>

#include "attest/file_statement.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "casefile/case_gather.h"
#include "casefile/case_parts.h"
#include "casefile/case_readme.h"
#include "format/packed_tar.h"

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct sva_gathered *)left)->name,
                  ((const struct sva_gathered *)right)->name);
}

/** All parts in the order of their names. */
static enum sva_status list_sums(struct sva_gathering *gathering, struct sva_sums *sums)
{
    struct sva_gathered *const parts = gathering->parts.items;
    sums->count = gathering->parts.count;
    sums->items = sva_arena_alloc(&gathering->arena, sums->count, sizeof *sums->items);
    if (sums->items == NULL) {
        return sva_gather_no_memory(gathering);
    }
    if (sums->count > SVA_SUMS_MAX) {
        return sva_fail(gathering->error, SVA_ERR_LIMIT, "more than %d files for one bundle",
                        (int)SVA_SUMS_MAX);
    }
    qsort(parts, sums->count, sizeof *parts, by_name);
    for (size_t i = 0; i < sums->count; i++) {
        sums->items[i].name = parts[i].name;
        memcpy(sums->items[i].sha256, parts[i].sha256, 32);
        if (i > 0 && strcmp(parts[i - 1].name, parts[i].name) == 0) {
            return sva_fail(gathering->error, SVA_ERR_CONFLICT, "%s: twice in one bundle",
                            sva_esc(parts[i].name).text);
        }
    }
    return SVA_OK;
}

static enum sva_status add_readmes(struct sva_gathering *gathering)
{
    struct sva_sums names = {.count = 0};
    struct sva_bytes texts[2] = {{.data = NULL}, {.data = NULL}};
    enum sva_status status = list_sums(gathering, &names);
    for (int lang = 0; status == SVA_OK && lang < 2; lang++) {
        sva_case_readme(&gathering->report, &names, lang == 1 ? SVA_LANG_KO : SVA_LANG_EN,
                        &texts[lang]);
        status = sva_gather_bytes(
            gathering, sva_case_name(lang == 1 ? SVA_CASE_README_KO : SVA_CASE_README_EN),
            &texts[lang]);
    }
    sva_bytes_done(&texts[0]);
    sva_bytes_done(&texts[1]);
    return status;
}

/** Bytes of a part that are not kept, once more; they must be those that were hashed. */
static enum sva_status put_read(struct sva_gathering *gathering, struct sva_tar_writer *writer,
                                const struct sva_gathered *part)
{
    struct sva_bytes bytes = {.data = NULL};
    struct sva_packed_print packed = {.bytes = NULL};
    uint8_t digest[32];
    enum sva_status status =
        part->path != NULL
            ? sva_gather_read(gathering, part->path, SVA_CASEFILE_ENTRY_BYTES_MAX, &bytes)
            : sva_refstore_packed_print(gathering->store, part->reference, part->version, &packed,
                                        gathering->error);
    const struct sva_span span = part->path != NULL
                                     ? (struct sva_span){bytes.data, bytes.size}
                                     : (struct sva_span){packed.bytes, packed.size_bytes};
    if (status == SVA_OK && !sva_sha256(span.data, span.size, digest)) {
        status = sva_gather_no_memory(gathering);
    } else if (status == SVA_OK && memcmp(digest, part->sha256, sizeof digest) != 0) {
        status = sva_fail(gathering->error, SVA_ERR_CONFLICT, "%s: changed while it was bundled",
                          sva_esc(part->path != NULL ? part->path : part->reference).text);
    }
    status = status == SVA_OK ? sva_tar_put(writer, part->name, span) : status;
    sva_bytes_done(&bytes);
    sva_packed_print_done(&packed);
    return status;
}

static enum sva_status put_parts(struct sva_gathering *gathering, struct sva_tar_writer *writer)
{
    const struct sva_gathered *const parts = gathering->parts.items;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < gathering->parts.count; i++) {
        const struct sva_gathered *const part = &parts[i];
        status = sva_gather_go_on(gathering);
        if (status == SVA_OK) {
            status = part->bytes.data != NULL
                         ? sva_tar_put(writer, part->name,
                                       (struct sva_span){part->bytes.data, part->bytes.size})
                         : put_read(gathering, writer, part);
        }
    }
    return status;
}

/** SHA256SUMS, and the signature over it where there is a key. */
static enum sva_status put_sums(struct sva_gathering *gathering, struct sva_tar_writer *writer)
{
    struct sva_sums sums = {.count = 0};
    struct sva_bytes text = {.data = NULL};
    struct sva_bytes signature = {.data = NULL};
    enum sva_status status = list_sums(gathering, &sums);
    if (status == SVA_OK) {
        sva_sums_put(&sums, &text);
        status = !text.failed && sva_sha256(text.data, text.size, gathering->made->sums)
                     ? sva_tar_put(writer, SVA_CASE_SUMS, (struct sva_span){text.data, text.size})
                     : sva_gather_no_memory(gathering);
    }
    if (status == SVA_OK && gathering->options->key != NULL) {
        status = sva_file_attest(SVA_CASE_SUMS, gathering->made->sums, gathering->options->key,
                                 &signature, gathering->error);
        if (status == SVA_OK) {
            status = sva_tar_put(writer, SVA_CASE_SUMS_SIG,
                                 (struct sva_span){signature.data, signature.size});
        }
    }
    sva_bytes_done(&text);
    sva_bytes_done(&signature);
    return status;
}

static enum sva_status write_all(struct sva_gathering *gathering, const char *path)
{
    struct sva_tar_writer *writer = NULL;
    enum sva_status status = sva_tar_writer_open(path, &writer, gathering->error);
    status = status == SVA_OK ? put_sums(gathering, writer) : status;
    status = status == SVA_OK ? put_parts(gathering, writer) : status;
    status = status == SVA_OK ? sva_tar_writer_commit(writer) : status;
    sva_tar_writer_free(writer);
    return status;
}

enum sva_status sva_casefile_write(const char *path, const struct sva_casefile_options *options,
                                   struct sva_casefile *made, struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    struct sva_arena *const told = sva_calloc(1, sizeof *told);
    if (told == NULL) {
        return sva_fail_memory(error, "making an evidence bundle");
    }
    *made = (struct sva_casefile){.internal = told};
    struct sva_gathering gathering = {
        .options = options, .made = made, .told = told, .error = error != NULL ? error : &own};
    enum sva_status status = sva_gather_parts(&gathering);
    status = status == SVA_OK ? add_readmes(&gathering) : status;
    status = status == SVA_OK ? write_all(&gathering, path) : status;
    made->file_count = gathering.parts.count;
    made->absent_count = gathering.absent.count;
    made->absent = gathering.absent.items;
    sva_gathering_done(&gathering);
    if (status != SVA_OK) {
        sva_casefile_done(made);
    }
    return status;
}

void sva_casefile_done(struct sva_casefile *made)
{
    if (made->internal != NULL) {
        sva_arena_done(made->internal);
        sva_free(made->internal);
    }
    *made = (struct sva_casefile){.internal = NULL};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an audit -> an evidence bundle. */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/casefile.h>
#include <sovaudit/refstore.h>

#include "attest/bundle.h"
#include "attest/file_statement.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "casefile/case_parts.h"
#include "casefile/case_readme.h"
#include "convert/document.h"
#include "format/packed_tar.h"
#include "judge/evidence_register.h"
#include "judge/rulepack.h"
#include "sign/timestamp.h"

static const char doing[] = "making an evidence bundle";

enum {
    SMALL_BYTES = 16 << 20, /* signatures, waivers, replies */
    REPORT_BYTES = 256 << 20
};

/** A file of the bundle: its bytes, or where they are read from each time they are needed. */
struct part {
    const char *name;
    struct sva_bytes bytes;          /* owned; empty: see below */
    const char *path;                /* a file */
    const char *reference, *version; /* a print of the store */
    uint8_t sha256[32];
};

struct gathering {
    const struct sva_casefile_options *options;
    struct sva_casefile *made;
    struct sva_case_report report;
    struct sva_refstore *store;
    struct sva_arena arena;
    struct sva_grown parts;  /* struct part */
    struct sva_grown absent; /* const char *, of the result's arena */
    struct sva_arena *told;  /* the result's */
    struct sva_error *error;
};

static enum sva_status no_memory(const struct gathering *gathering)
{
    return sva_fail_memory(gathering->error, doing);
}

static enum sva_status check_cancelled(const struct gathering *gathering)
{
    const struct sva_progress *const progress = gathering->options->progress;
    return progress != NULL && progress->cancelled != NULL && progress->cancelled(progress->context)
               ? sva_fail(gathering->error, SVA_ERR_CANCELLED, "stopped on request")
               : SVA_OK;
}

/** A zeroed part; NULL: no memory. */
static struct part *add_part(struct gathering *gathering, const char *name)
{
    struct part *const part = sva_grown_add(&gathering->parts, &gathering->arena, sizeof *part);
    if (part != NULL) {
        part->name = sva_arena_strdup(&gathering->arena, name);
    }
    return part != NULL && part->name != NULL ? part : NULL;
}

/** Takes `bytes` over. */
static enum sva_status add_bytes(struct gathering *gathering, const char *name,
                                 struct sva_bytes *bytes)
{
    struct part *const part = add_part(gathering, name);
    if (part == NULL || bytes->failed || !sva_sha256(bytes->data, bytes->size, part->sha256)) {
        sva_bytes_done(bytes);
        return no_memory(gathering);
    }
    part->bytes = *bytes;
    *bytes = (struct sva_bytes){.data = NULL};
    return SVA_OK;
}

static enum sva_status note_absent(struct gathering *gathering, const char *what, const char *whose)
{
    const char **const slot = sva_grown_add(&gathering->absent, gathering->told, sizeof *slot);
    if (slot != NULL) {
        *slot = sva_arena_printf(gathering->told, "%s%s%s", what, whose[0] != '\0' ? " " : "",
                                 sva_esc(whose).text);
    }
    return slot != NULL && *slot != NULL ? SVA_OK : no_memory(gathering);
}

/** Reads a whole file into `bytes`. */
static enum sva_status read_whole(const struct gathering *gathering, const char *path,
                                  uint64_t most, struct sva_bytes *bytes)
{
    *bytes = (struct sva_bytes){.data = NULL};
    const enum sva_status status =
        sva_read_file(path, most, &bytes->data, &bytes->size, gathering->error);
    bytes->capacity = bytes->size;
    return status;
}

/** A file of ours that must have the digest which `key` of `object` names. */
static enum sva_status add_checked(struct gathering *gathering, const char *name, const char *path,
                                   const cJSON *object)
{
    struct sva_bytes bytes;
    uint8_t wanted[32];
    enum sva_status status = read_whole(gathering, path, SMALL_BYTES, &bytes);
    if (status == SVA_OK) {
        status = add_bytes(gathering, name, &bytes);
    }
    if (status != SVA_OK) {
        return status;
    }
    const struct part *const parts = gathering->parts.items;
    const struct part *const part = &parts[gathering->parts.count - 1];
    return sva_case_digest(object, "sha256", wanted) && memcmp(wanted, part->sha256, 32) == 0
               ? SVA_OK
               : sva_fail(gathering->error, SVA_ERR_CONFLICT,
                          "%s: is not the file that the report was made with", sva_esc(path).text);
}

/* ---- report, pages ---- */

static enum sva_status add_page(struct gathering *gathering, struct sva_span json,
                                enum sva_lang lang)
{
    struct sva_bytes page = {.data = NULL};
    char *text = NULL;
    const enum sva_status status =
        sva_convert((const char *)json.data, json.size, gathering->options->report, "html", lang,
                    &text, &page.size, gathering->error);
    if (status != SVA_OK) {
        return status;
    }
    page.data = (uint8_t *)text;
    return add_bytes(
        gathering, sva_case_name(lang == SVA_LANG_KO ? SVA_CASE_HTML_KO : SVA_CASE_HTML_EN), &page);
}

static enum sva_status add_report(struct gathering *gathering)
{
    const char *const path = gathering->options->report;
    struct sva_bytes bytes;
    enum sva_status status = read_whole(gathering, path, REPORT_BYTES, &bytes);
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_span json = {bytes.data, bytes.size};
    status = sva_case_report_read(json, path, &gathering->report, gathering->error);
    if (status == SVA_OK) {
        status = add_page(gathering, json, SVA_LANG_EN);
    }
    if (status == SVA_OK) {
        status = add_page(gathering, json, SVA_LANG_KO);
    }
    if (status == SVA_OK) {
        return add_bytes(gathering, sva_case_name(SVA_CASE_REPORT), &bytes);
    }
    sva_bytes_done(&bytes);
    return status;
}

/* ---- rule pack ---- */

static enum sva_status add_pack_file(struct gathering *gathering, const struct sva_pack_file *file)
{
    struct sva_bytes bytes = {.data = NULL};
    sva_bytes_append(&bytes, file->bytes, file->size);
    return add_bytes(gathering, sva_case_name(SVA_CASE_RULES), &bytes);
}

/** The pack of the report's digest among all that names are looked up in. */
static enum sva_status find_pack(struct gathering *gathering, const cJSON *pack)
{
    struct sva_pack_files files = {.items = NULL};
    uint8_t wanted[32];
    uint8_t digest[32];
    if (!sva_case_digest(pack, "sha256", wanted)) {
        return sva_fail(gathering->error, SVA_ERR_CORRUPT, "%s: the rule pack has no SHA-256",
                        sva_esc(gathering->options->report).text);
    }
    enum sva_status status = sva_pack_files_read(&files, gathering->error);
    bool found = false;
    for (size_t i = 0; status == SVA_OK && !found && i < files.count; i++) {
        if (!sva_sha256(files.items[i].bytes, files.items[i].size, digest)) {
            status = no_memory(gathering);
        } else if (memcmp(digest, wanted, sizeof wanted) == 0) {
            found = true;
            status = add_pack_file(gathering, &files.items[i]);
        }
    }
    sva_pack_files_done(&files);
    return status != SVA_OK || found
               ? status
               : sva_fail(gathering->error, SVA_ERR_NOT_FOUND,
                          "no rule pack here has the digest of the report's, %s %s; give its file "
                          "with --rules",
                          sva_esc(sva_document_text(pack, "id")).text,
                          sva_esc(sva_document_text(pack, "version")).text);
}

static enum sva_status add_rules(struct gathering *gathering)
{
    const cJSON *const pack = sva_document_at(gathering->report.tree, "pack");
    if (!cJSON_IsObject(pack)) {
        return gathering->options->rules == NULL
                   ? SVA_OK
                   : sva_fail(gathering->error, SVA_ERR_USAGE,
                              "%s: no rule pack judged this report",
                              sva_esc(gathering->options->report).text);
    }
    return gathering->options->rules != NULL ? add_checked(gathering, sva_case_name(SVA_CASE_RULES),
                                                           gathering->options->rules, pack)
                                             : find_pack(gathering, pack);
}

/* ---- evidence ---- */

static enum sva_status add_document(struct gathering *gathering, const char *folder,
                                    const cJSON *document)
{
    const char *const path = sva_document_text(document, "path");
    const char *const name = sva_arena_printf(&gathering->arena, SVA_CASE_DOCUMENTS "%s", path);
    struct sva_input input;
    struct sva_bytes bytes = {.data = NULL};
    uint8_t wanted[32];
    if (name == NULL) {
        return no_memory(gathering);
    }
    if (!sva_sums_name_is_plain(name) || sva_case_part_of(name) != SVA_CASE_DOCUMENT) {
        return sva_fail(gathering->error, SVA_ERR_UNSUPPORTED,
                        "%s: a document of this name cannot be in a bundle", sva_esc(path).text);
    }
    enum sva_status status = sva_document_open(folder, path, &input, gathering->error);
    if (status != SVA_OK) {
        return status;
    }
    status = sva_input_read_all(&input, SVA_CASEFILE_ENTRY_BYTES_MAX, &bytes.data, &bytes.size,
                                gathering->error);
    struct part *part = status == SVA_OK ? add_part(gathering, name) : NULL;
    if (status == SVA_OK && (part == NULL || !sva_sha256(bytes.data, bytes.size, part->sha256))) {
        status = no_memory(gathering);
    } else if (status == SVA_OK && (!sva_case_digest(document, "sha256", wanted) ||
                                    memcmp(wanted, part->sha256, sizeof wanted) != 0)) {
        status = sva_fail(gathering->error, SVA_ERR_CONFLICT,
                          "%s: is not the document that was registered", sva_esc(path).text);
    } else if (status == SVA_OK) {
        part->path = sva_arena_printf(&gathering->arena, "%s/%s", folder, path);
        status = part->path != NULL ? SVA_OK : no_memory(gathering);
    }
    sva_free(bytes.data);
    sva_input_close(&input);
    return status;
}

static enum sva_status add_documents(struct gathering *gathering, const cJSON *evidence)
{
    char *const folder = sva_folder_of(gathering->options->evidence);
    const cJSON *document = NULL;
    enum sva_status status = folder != NULL ? SVA_OK : no_memory(gathering);
    cJSON_ArrayForEach(document, sva_document_at(evidence, "documents"))
    {
        if (status == SVA_OK && sva_case_carries(document)) {
            status = add_document(gathering, folder, document);
        }
    }
    sva_free(folder);
    return status;
}

/** What the audit was given beside the model: `path` is it, or NULL. */
static enum sva_status add_given(struct gathering *gathering, enum sva_case_part part,
                                 const cJSON *told, const char *path, const char *what)
{
    if (!cJSON_IsObject(told)) {
        return path == NULL
                   ? SVA_OK
                   : sva_fail(gathering->error, SVA_ERR_USAGE, "%s: the report was made without %s",
                              sva_esc(gathering->options->report).text, what);
    }
    return path == NULL ? note_absent(gathering, what, "")
                        : add_checked(gathering, sva_case_name(part), path, told);
}

static enum sva_status add_evidence(struct gathering *gathering)
{
    const cJSON *const evidence = sva_document_at(gathering->report.tree, "evidence");
    const cJSON *const waivers = sva_document_at(gathering->report.tree, "waivers");
    enum sva_status status = add_given(gathering, SVA_CASE_REGISTER, evidence,
                                       gathering->options->evidence, "the evidence register");
    if (status == SVA_OK && cJSON_IsObject(evidence) && gathering->options->evidence != NULL) {
        status = add_documents(gathering, evidence);
    }
    return status == SVA_OK ? add_given(gathering, SVA_CASE_WAIVERS, waivers,
                                        gathering->options->waivers, "the waivers")
                            : status;
}

/* ---- prints ---- */

static bool is_there(const struct gathering *gathering, const char *name)
{
    const struct part *const parts = gathering->parts.items;
    for (size_t i = 0; i < gathering->parts.count; i++) {
        if (strcmp(parts[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/** A print file that was given. */
static enum sva_status add_print_file(struct gathering *gathering, const char *path)
{
    struct sva_bytes bytes;
    struct sva_print *print = NULL;
    enum sva_status status = read_whole(gathering, path, SVA_CASEFILE_ENTRY_BYTES_MAX, &bytes);
    if (status == SVA_OK) {
        status = sva_print_decode(bytes.data, bytes.size, path, &print, gathering->error);
    }
    if (status == SVA_OK && sva_case_report_wanted(&gathering->report, print->digest) == NULL) {
        status = sva_fail(gathering->error, SVA_ERR_USAGE,
                          "%s: the report names no print with this digest", sva_esc(path).text);
    }
    if (status == SVA_OK) {
        const struct sva_case_print_name name = sva_case_print_name(print->digest);
        struct part *const part =
            is_there(gathering, name.text) ? NULL : add_part(gathering, name.text);
        if (part != NULL) {
            part->path = path;
            status =
                sva_sha256(bytes.data, bytes.size, part->sha256) ? SVA_OK : no_memory(gathering);
        } else if (!is_there(gathering, name.text)) {
            status = no_memory(gathering);
        }
    }
    sva_print_free(print);
    sva_bytes_done(&bytes);
    return status;
}

/** A print of the store, when the report wants it and it was not given. */
static enum sva_status add_stored(struct gathering *gathering,
                                  const struct sva_reference *reference)
{
    const struct sva_case_print_name name = sva_case_print_name(reference->print_digest);
    struct sva_packed_print packed = {.bytes = NULL};
    if (sva_case_report_wanted(&gathering->report, reference->print_digest) == NULL ||
        is_there(gathering, name.text)) {
        return SVA_OK;
    }
    struct part *const part = add_part(gathering, name.text);
    if (part == NULL) {
        return no_memory(gathering);
    }
    part->reference = sva_arena_strdup(&gathering->arena, reference->name);
    part->version = sva_arena_strdup(&gathering->arena, reference->version);
    enum sva_status status =
        part->reference != NULL && part->version != NULL
            ? sva_refstore_packed_print(gathering->store, reference->name, reference->version,
                                        &packed, gathering->error)
            : no_memory(gathering);
    if (status == SVA_OK && !sva_sha256(packed.bytes, packed.size_bytes, part->sha256)) {
        status = no_memory(gathering);
    }
    sva_packed_print_done(&packed);
    return status;
}

static enum sva_status add_from_store(struct gathering *gathering)
{
    struct sva_reference *references = NULL;
    size_t count = 0;
    if (gathering->options->store == NULL) {
        return SVA_OK;
    }
    enum sva_status status =
        sva_refstore_open(gathering->options->store, false, &gathering->store, gathering->error);
    if (status == SVA_OK) {
        status = sva_refstore_list(gathering->store, &references, &count, gathering->error);
    }
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        status = check_cancelled(gathering);
        status = status == SVA_OK ? add_stored(gathering, &references[i]) : status;
    }
    sva_references_free(references, count);
    return status;
}

static enum sva_status add_prints(struct gathering *gathering)
{
    const struct sva_casefile_options *const options = gathering->options;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < options->print_count; i++) {
        status = add_print_file(gathering, options->prints[i]);
    }
    if (status == SVA_OK) {
        status = add_from_store(gathering);
    }
    for (size_t i = 0; status == SVA_OK && i < gathering->report.wanted_count; i++) {
        const struct sva_case_wanted *const wanted = &gathering->report.wanted[i];
        const bool there = is_there(gathering, sva_case_print_name(wanted->digest).text);
        gathering->made->print_count += there;
        status = there ? SVA_OK : note_absent(gathering, "print of", wanted->whose);
    }
    return status;
}

/* ---- signatures ---- */

/** A signature, which must at least be one; the SHA-256 of its value goes to `value`. */
static enum sva_status add_signature(struct gathering *gathering, enum sva_case_part part,
                                     const char *path, uint8_t value[32])
{
    struct sva_bytes bytes;
    struct sva_bundle bundle;
    enum sva_status status = read_whole(gathering, path, SMALL_BYTES, &bytes);
    if (status == SVA_OK) {
        status = sva_bundle_parse((struct sva_span){bytes.data, bytes.size}, sva_esc(path).text,
                                  &gathering->arena, &bundle, gathering->error);
    }
    if (status == SVA_OK && !sva_sha256(bundle.signature.data, bundle.signature.size, value)) {
        status = no_memory(gathering);
    }
    if (status == SVA_OK) {
        return add_bytes(gathering, sva_case_name(part), &bytes);
    }
    sva_bytes_done(&bytes);
    return status;
}

/** A reply must be of one of the `count` things in `digests`. */
static enum sva_status add_reply(struct gathering *gathering, uint8_t (*digests)[32], size_t count)
{
    const char *const path = gathering->options->reply;
    struct sva_bytes bytes;
    bool covers = false;
    enum sva_status status = read_whole(gathering, path, SMALL_BYTES, &bytes);
    for (size_t i = 0; status == SVA_OK && !covers && i < count; i++) {
        struct sva_stamp stamp;
        status = sva_stamp_check((struct sva_span){bytes.data, bytes.size}, path, digests[i], NULL,
                                 &stamp, gathering->error);
        covers = status == SVA_OK && stamp.covers;
    }
    if (status == SVA_OK && !covers) {
        status = sva_fail(gathering->error, SVA_ERR_CONFLICT,
                          "%s: is a timestamp of neither the signatures nor the report",
                          sva_esc(path).text);
    }
    if (status == SVA_OK) {
        return add_bytes(gathering, sva_case_name(SVA_CASE_REPLY), &bytes);
    }
    sva_bytes_done(&bytes);
    return status;
}

static enum sva_status add_signatures(struct gathering *gathering)
{
    const struct sva_casefile_options *const options = gathering->options;
    const struct part *const parts = gathering->parts.items;
    uint8_t digests[3][32];
    size_t count = 1;
    enum sva_status status = SVA_OK;
    memcpy(digests[0], parts[2].sha256, 32); /* the report, behind its two pages */
    if (options->report_signature != NULL) {
        status = add_signature(gathering, SVA_CASE_REPORT_SIG, options->report_signature,
                               digests[count++]);
    }
    if (status == SVA_OK && options->model_signature != NULL) {
        status = add_signature(gathering, SVA_CASE_MODEL_SIG, options->model_signature,
                               digests[count++]);
    }
    return status == SVA_OK && options->reply != NULL ? add_reply(gathering, digests, count)
                                                      : status;
}

/* ---- the archive ---- */

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct part *)left)->name, ((const struct part *)right)->name);
}

/** All parts in the order of their names. */
static enum sva_status list_sums(struct gathering *gathering, struct sva_sums *sums)
{
    struct part *const parts = gathering->parts.items;
    sums->count = gathering->parts.count;
    sums->items = sva_arena_alloc(&gathering->arena, sums->count, sizeof *sums->items);
    if (sums->items == NULL) {
        return no_memory(gathering);
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

static enum sva_status add_readmes(struct gathering *gathering)
{
    struct sva_sums names = {.count = 0};
    struct sva_bytes texts[2] = {{.data = NULL}, {.data = NULL}};
    enum sva_status status = list_sums(gathering, &names);
    for (int lang = 0; status == SVA_OK && lang < 2; lang++) {
        sva_case_readme(&gathering->report, &names, lang == 1 ? SVA_LANG_KO : SVA_LANG_EN,
                        &texts[lang]);
        status =
            add_bytes(gathering, sva_case_name(lang == 1 ? SVA_CASE_README_KO : SVA_CASE_README_EN),
                      &texts[lang]);
    }
    sva_bytes_done(&texts[0]);
    sva_bytes_done(&texts[1]);
    return status;
}

/** Bytes of a part that are not kept, once more; they must be those that were hashed. */
static enum sva_status put_read(struct gathering *gathering, struct sva_tar_writer *writer,
                                const struct part *part)
{
    struct sva_bytes bytes = {.data = NULL};
    struct sva_packed_print packed = {.bytes = NULL};
    uint8_t digest[32];
    enum sva_status status =
        part->path != NULL ? read_whole(gathering, part->path, SVA_CASEFILE_ENTRY_BYTES_MAX, &bytes)
                           : sva_refstore_packed_print(gathering->store, part->reference,
                                                       part->version, &packed, gathering->error);
    const struct sva_span span = part->path != NULL
                                     ? (struct sva_span){bytes.data, bytes.size}
                                     : (struct sva_span){packed.bytes, packed.size_bytes};
    if (status == SVA_OK && !sva_sha256(span.data, span.size, digest)) {
        status = no_memory(gathering);
    } else if (status == SVA_OK && memcmp(digest, part->sha256, sizeof digest) != 0) {
        status = sva_fail(gathering->error, SVA_ERR_CONFLICT, "%s: changed while it was bundled",
                          sva_esc(part->path != NULL ? part->path : part->reference).text);
    }
    status = status == SVA_OK ? sva_tar_put(writer, part->name, span) : status;
    sva_bytes_done(&bytes);
    sva_packed_print_done(&packed);
    return status;
}

static enum sva_status put_parts(struct gathering *gathering, struct sva_tar_writer *writer)
{
    const struct part *const parts = gathering->parts.items;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < gathering->parts.count; i++) {
        const struct part *const part = &parts[i];
        status = check_cancelled(gathering);
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
static enum sva_status put_sums(struct gathering *gathering, struct sva_tar_writer *writer)
{
    struct sva_sums sums = {.count = 0};
    struct sva_bytes text = {.data = NULL};
    struct sva_bytes signature = {.data = NULL};
    enum sva_status status = list_sums(gathering, &sums);
    if (status == SVA_OK) {
        sva_sums_put(&sums, &text);
        status = !text.failed && sva_sha256(text.data, text.size, gathering->made->sums)
                     ? sva_tar_put(writer, SVA_CASE_SUMS, (struct sva_span){text.data, text.size})
                     : no_memory(gathering);
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

static enum sva_status write_all(struct gathering *gathering, const char *path)
{
    struct sva_tar_writer *writer = NULL;
    enum sva_status status = sva_tar_writer_open(path, &writer, gathering->error);
    status = status == SVA_OK ? put_sums(gathering, writer) : status;
    status = status == SVA_OK ? put_parts(gathering, writer) : status;
    status = status == SVA_OK ? sva_tar_writer_commit(writer) : status;
    sva_tar_writer_free(writer);
    return status;
}

static enum sva_status gather(struct gathering *gathering)
{
    static enum sva_status (*const STEPS[])(struct gathering *) = {
        add_report, add_rules, add_signatures, add_evidence, add_prints, add_readmes};
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof STEPS / sizeof *STEPS; i++) {
        status = STEPS[i](gathering);
    }
    return status;
}

static void gathering_done(struct gathering *gathering)
{
    struct part *const parts = gathering->parts.items;
    for (size_t i = 0; i < gathering->parts.count; i++) {
        sva_bytes_done(&parts[i].bytes);
    }
    sva_refstore_close(gathering->store);
    sva_case_report_done(&gathering->report);
    sva_arena_done(&gathering->arena);
}

enum sva_status sva_casefile_write(const char *path, const struct sva_casefile_options *options,
                                   struct sva_casefile *made, struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    struct sva_arena *const told = sva_calloc(1, sizeof *told);
    if (told == NULL) {
        return sva_fail_memory(error, doing);
    }
    *made = (struct sva_casefile){.internal = told};
    struct gathering gathering = {
        .options = options, .made = made, .told = told, .error = error != NULL ? error : &own};
    enum sva_status status = gather(&gathering);
    status = status == SVA_OK ? write_all(&gathering, path) : status;
    made->file_count = gathering.parts.count;
    made->absent_count = gathering.absent.count;
    made->absent = gathering.absent.items;
    gathering_done(&gathering);
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

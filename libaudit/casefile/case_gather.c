/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_gather.h"

#include <string.h>

#include "attest/bundle.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"
#include "casefile/case_parts.h"
#include "casefile/sums.h"
#include "convert/document.h"
#include "judge/evidence_register.h"
#include "judge/rulepack.h"
#include "sign/timestamp.h"

enum {
    SMALL_BYTES = 16 << 20 /* signatures, waivers, replies */
};

enum sva_status sva_gather_no_memory(const struct sva_gathering *gathering)
{
    return sva_fail_memory(gathering->error, "making an evidence bundle");
}

enum sva_status sva_gather_go_on(const struct sva_gathering *gathering)
{
    return sva_is_cancelled(gathering->options->progress)
               ? sva_fail(gathering->error, SVA_ERR_CANCELLED, "stopped on request")
               : SVA_OK;
}

/** A zeroed part; NULL: no memory. */
static struct sva_gathered *add_part(struct sva_gathering *gathering, const char *name)
{
    struct sva_gathered *const part =
        sva_grown_add(&gathering->parts, &gathering->arena, sizeof *part);
    if (part != NULL) {
        part->name = sva_arena_strdup(&gathering->arena, name);
    }
    if (part != NULL && part->name == NULL) {
        gathering->parts.count--;
        return NULL;
    }
    return part;
}

static bool is_there(const struct sva_gathering *gathering, const char *name)
{
    const struct sva_gathered *const parts = gathering->parts.items;
    for (size_t i = 0; i < gathering->parts.count; i++) {
        if (strcmp(parts[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

enum sva_status sva_gather_bytes(struct sva_gathering *gathering, const char *name,
                                 struct sva_bytes *bytes)
{
    struct sva_gathered *const part = add_part(gathering, name);
    if (part == NULL || bytes->failed || !sva_sha256(bytes->data, bytes->size, part->sha256)) {
        sva_bytes_done(bytes);
        return sva_gather_no_memory(gathering);
    }
    part->bytes = *bytes;
    *bytes = (struct sva_bytes){.data = NULL};
    return SVA_OK;
}

static enum sva_status note_absent(struct sva_gathering *gathering, const char *what,
                                   const char *whose)
{
    const char **const slot = sva_grown_add(&gathering->absent, gathering->told, sizeof *slot);
    if (slot != NULL) {
        *slot = sva_arena_printf(gathering->told, "%s%s%s", what, whose[0] != '\0' ? " " : "",
                                 sva_esc(whose).text);
    }
    return slot != NULL && *slot != NULL ? SVA_OK : sva_gather_no_memory(gathering);
}

enum sva_status sva_gather_read(const struct sva_gathering *gathering, const char *path,
                                uint64_t most, struct sva_bytes *bytes)
{
    *bytes = (struct sva_bytes){.data = NULL};
    const enum sva_status status =
        sva_read_file(path, most, &bytes->data, &bytes->size, gathering->error);
    bytes->capacity = bytes->size;
    return status;
}

/** A file of ours that must have the digest which `key` of `object` names. */
static enum sva_status add_checked(struct sva_gathering *gathering, const char *name,
                                   const char *path, const cJSON *object)
{
    struct sva_bytes bytes;
    uint8_t wanted[32];
    enum sva_status status = sva_gather_read(gathering, path, SMALL_BYTES, &bytes);
    if (status == SVA_OK) {
        status = sva_gather_bytes(gathering, name, &bytes);
    }
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_gathered *const parts = gathering->parts.items;
    const struct sva_gathered *const part = &parts[gathering->parts.count - 1];
    return sva_case_digest(object, "sha256", wanted) && memcmp(wanted, part->sha256, 32) == 0
               ? SVA_OK
               : sva_fail(gathering->error, SVA_ERR_CONFLICT,
                          "%s: is not the file that the report was made with", sva_esc(path).text);
}

/* ---- report, pages ---- */

static enum sva_status add_page(struct sva_gathering *gathering, struct sva_span json,
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
    return sva_gather_bytes(
        gathering, sva_case_name(lang == SVA_LANG_KO ? SVA_CASE_HTML_KO : SVA_CASE_HTML_EN), &page);
}

static enum sva_status add_report(struct sva_gathering *gathering)
{
    const char *const path = gathering->options->report;
    struct sva_bytes bytes;
    enum sva_status status = sva_gather_read(gathering, path, SVA_CASE_REPORT_BYTES_MAX, &bytes);
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
    if (status == SVA_OK && !sva_sha256(bytes.data, bytes.size, gathering->report_sha256)) {
        status = sva_gather_no_memory(gathering);
    }
    if (status == SVA_OK) {
        return sva_gather_bytes(gathering, sva_case_name(SVA_CASE_REPORT), &bytes);
    }
    sva_bytes_done(&bytes);
    return status;
}

/* ---- rule pack ---- */

static enum sva_status add_pack_file(struct sva_gathering *gathering,
                                     const struct sva_pack_file *file)
{
    struct sva_bytes bytes = {.data = NULL};
    sva_bytes_append(&bytes, file->bytes, file->size);
    return sva_gather_bytes(gathering, sva_case_name(SVA_CASE_RULES), &bytes);
}

/** The pack of the report's digest among all that names are looked up in. */
static enum sva_status find_pack(struct sva_gathering *gathering, const cJSON *pack)
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
            status = sva_gather_no_memory(gathering);
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

static enum sva_status add_rules(struct sva_gathering *gathering)
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

static enum sva_status digest_document(struct sva_gathering *gathering, const char *folder,
                                       const char *path, uint8_t digest[32])
{
    struct sva_input input;
    enum sva_status status = sva_document_open(folder, path, &input, gathering->error);
    if (status == SVA_OK) {
        status = sva_input_digest(&input, digest, gathering->error);
        sva_input_close(&input);
    }
    return status;
}

/** A document that is listed under several kinds is in the bundle once. */
static enum sva_status add_document(struct sva_gathering *gathering, const char *folder,
                                    const cJSON *document)
{
    const char *const path = sva_document_text(document, "path");
    const char *const name = sva_arena_printf(&gathering->arena, SVA_CASE_DOCUMENTS "%s", path);
    uint8_t wanted[32], digest[32];
    if (name == NULL) {
        return sva_gather_no_memory(gathering);
    }
    if (!sva_document_path_is_plain(path) || !sva_sums_name_is_plain(name) ||
        sva_case_part_of(name) != SVA_CASE_DOCUMENT) {
        return sva_fail(gathering->error, SVA_ERR_UNSUPPORTED,
                        "%s: a document of this name cannot be in a bundle", sva_esc(path).text);
    }
    const enum sva_status status = digest_document(gathering, folder, path, digest);
    if (status != SVA_OK) {
        return status;
    }
    if (!sva_case_digest(document, "sha256", wanted) ||
        memcmp(wanted, digest, sizeof digest) != 0) {
        return sva_fail(gathering->error, SVA_ERR_CONFLICT,
                        "%s: is not the document that was registered", sva_esc(path).text);
    }
    if (is_there(gathering, name)) {
        return SVA_OK;
    }
    struct sva_gathered *const part = add_part(gathering, name);
    if (part == NULL) {
        return sva_gather_no_memory(gathering);
    }
    memcpy(part->sha256, digest, sizeof digest);
    part->path = sva_arena_printf(&gathering->arena, "%s/%s", folder, path);
    return part->path != NULL ? SVA_OK : sva_gather_no_memory(gathering);
}

/** Does any entry of the register call the document confidential? */
static bool is_withheld(const cJSON *documents, const char *path)
{
    const cJSON *document = NULL;
    cJSON_ArrayForEach(document, documents)
    {
        if (sva_document_bool(document, "confidential") &&
            strcmp(sva_document_text(document, "path"), path) == 0) {
            return true;
        }
    }
    return false;
}

static enum sva_status add_documents(struct sva_gathering *gathering, const cJSON *documents)
{
    const cJSON *document = NULL;
    if (cJSON_GetArraySize(documents) > SVA_REGISTER_DOCUMENTS_MAX) {
        return sva_fail(gathering->error, SVA_ERR_LIMIT, "%s: more than %d documents",
                        sva_esc(gathering->options->report).text, (int)SVA_REGISTER_DOCUMENTS_MAX);
    }
    char *const folder = sva_folder_of(gathering->options->evidence);
    enum sva_status status = folder != NULL ? SVA_OK : sva_gather_no_memory(gathering);
    cJSON_ArrayForEach(document, documents)
    {
        if (status == SVA_OK && sva_case_carries(document) &&
            !is_withheld(documents, sva_document_text(document, "path"))) {
            status = add_document(gathering, folder, document);
        }
    }
    sva_free(folder);
    return status;
}

/** What the audit was given beside the model: `path` is it, or NULL. */
static enum sva_status add_given(struct sva_gathering *gathering, enum sva_case_part part,
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

static enum sva_status add_evidence(struct sva_gathering *gathering)
{
    const cJSON *const evidence = sva_document_at(gathering->report.tree, "evidence");
    const cJSON *const waivers = sva_document_at(gathering->report.tree, "waivers");
    enum sva_status status = add_given(gathering, SVA_CASE_REGISTER, evidence,
                                       gathering->options->evidence, "the evidence register");
    if (status == SVA_OK && cJSON_IsObject(evidence) && gathering->options->evidence != NULL) {
        status = add_documents(gathering, sva_document_at(evidence, "documents"));
    }
    return status == SVA_OK ? add_given(gathering, SVA_CASE_WAIVERS, waivers,
                                        gathering->options->waivers, "the waivers")
                            : status;
}

/* ---- prints ---- */

/** A print file that was given. */
static enum sva_status add_print_file(struct sva_gathering *gathering, const char *path)
{
    struct sva_bytes bytes;
    struct sva_print *print = NULL;
    enum sva_status status = sva_gather_read(gathering, path, SVA_CASEFILE_ENTRY_BYTES_MAX, &bytes);
    if (status == SVA_OK) {
        status =
            sva_print_decode(bytes.data, bytes.size, sva_esc(path).text, &print, gathering->error);
    }
    if (status == SVA_OK && sva_case_report_wanted(&gathering->report, print->digest) == NULL) {
        status = sva_fail(gathering->error, SVA_ERR_USAGE,
                          "%s: the report names no print with this digest", sva_esc(path).text);
    }
    if (status == SVA_OK) {
        const struct sva_case_print_name name = sva_case_print_name(print->digest);
        const bool there = is_there(gathering, name.text);
        struct sva_gathered *const part = there ? NULL : add_part(gathering, name.text);
        if (part != NULL) {
            part->path = path;
        }
        status = there || (part != NULL && sva_sha256(bytes.data, bytes.size, part->sha256))
                     ? SVA_OK
                     : sva_gather_no_memory(gathering);
    }
    sva_print_free(print);
    sva_bytes_done(&bytes);
    return status;
}

/** A print of the store, when the report wants it and it was not given. */
static enum sva_status add_stored(struct sva_gathering *gathering,
                                  const struct sva_reference *reference)
{
    const struct sva_case_print_name name = sva_case_print_name(reference->print_digest);
    struct sva_packed_print packed = {.bytes = NULL};
    if (sva_case_report_wanted(&gathering->report, reference->print_digest) == NULL ||
        is_there(gathering, name.text)) {
        return SVA_OK;
    }
    struct sva_gathered *const part = add_part(gathering, name.text);
    if (part == NULL) {
        return sva_gather_no_memory(gathering);
    }
    part->reference = sva_arena_strdup(&gathering->arena, reference->name);
    part->version = sva_arena_strdup(&gathering->arena, reference->version);
    enum sva_status status =
        part->reference != NULL && part->version != NULL
            ? sva_refstore_packed_print(gathering->store, reference->name, reference->version,
                                        &packed, gathering->error)
            : sva_gather_no_memory(gathering);
    if (status == SVA_OK && !sva_sha256(packed.bytes, packed.size_bytes, part->sha256)) {
        status = sva_gather_no_memory(gathering);
    }
    sva_packed_print_done(&packed);
    return status;
}

static enum sva_status add_from_store(struct sva_gathering *gathering)
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
        status = sva_gather_go_on(gathering);
        status = status == SVA_OK ? add_stored(gathering, &references[i]) : status;
    }
    sva_references_free(references, count);
    return status;
}

static enum sva_status add_prints(struct sva_gathering *gathering)
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
static enum sva_status add_signature(struct sva_gathering *gathering, enum sva_case_part part,
                                     const char *path, uint8_t value[32])
{
    struct sva_bytes bytes;
    struct sva_bundle bundle;
    enum sva_status status = sva_gather_read(gathering, path, SMALL_BYTES, &bytes);
    if (status == SVA_OK) {
        status = sva_bundle_parse((struct sva_span){bytes.data, bytes.size}, sva_esc(path).text,
                                  &gathering->arena, &bundle, gathering->error);
    }
    if (status == SVA_OK && !sva_sha256(bundle.signature.data, bundle.signature.size, value)) {
        status = sva_gather_no_memory(gathering);
    }
    if (status == SVA_OK) {
        return sva_gather_bytes(gathering, sva_case_name(part), &bytes);
    }
    sva_bytes_done(&bytes);
    return status;
}

/** A reply must be of one of the `count` things in `digests`. */
static enum sva_status add_reply(struct sva_gathering *gathering, uint8_t (*digests)[32],
                                 size_t count)
{
    const char *const path = gathering->options->reply;
    struct sva_bytes bytes;
    bool covers = false;
    enum sva_status status = sva_gather_read(gathering, path, SMALL_BYTES, &bytes);
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
        return sva_gather_bytes(gathering, sva_case_name(SVA_CASE_REPLY), &bytes);
    }
    sva_bytes_done(&bytes);
    return status;
}

static enum sva_status add_signatures(struct sva_gathering *gathering)
{
    const struct sva_casefile_options *const options = gathering->options;
    uint8_t digests[3][32];
    size_t count = 1;
    enum sva_status status = SVA_OK;
    memcpy(digests[0], gathering->report_sha256, 32);
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

/* ---- all of it ---- */

enum sva_status sva_gather_parts(struct sva_gathering *gathering)
{
    static enum sva_status (*const STEPS[])(struct sva_gathering *) = {
        add_report, add_rules, add_signatures, add_evidence, add_prints};
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof STEPS / sizeof *STEPS; i++) {
        status = STEPS[i](gathering);
    }
    return status;
}

void sva_gathering_done(struct sva_gathering *gathering)
{
    struct sva_gathered *const parts = gathering->parts.items;
    for (size_t i = 0; i < gathering->parts.count; i++) {
        sva_bytes_done(&parts[i].bytes);
    }
    sva_refstore_close(gathering->store);
    sva_case_report_done(&gathering->report);
    sva_arena_done(&gathering->arena);
}

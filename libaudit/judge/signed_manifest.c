/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/signed_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "attest/bundle.h"
#include "attest/statement.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/file_kinds.h"
#include "sign/dsse.h"

static const char doing[] = "checking the signature of a manifest";
/** The register names the signature's digest, so no signature can cover the register. */
static const char register_name[] = "evidence.json";

enum { FINDINGS_MAX = 20 }; /* of each kind: the counts say how many there are */

static const char *const state_names[] = {
    [SVA_MANIFEST_NONE] = "none",
    [SVA_MANIFEST_VERIFIED] = "verified",
    [SVA_MANIFEST_UNVOUCHED] = "unvouched",
    [SVA_MANIFEST_INVALID] = "invalid",
    [SVA_MANIFEST_WEIGHTS_DIFFER] = "weights-differ",
    [SVA_MANIFEST_FILES_DIFFER] = "files-differ",
    [SVA_MANIFEST_INCOMPLETE] = "incomplete",
    [SVA_MANIFEST_NOT_COMPARED] = "not-compared",
    [SVA_MANIFEST_UNSUPPORTED] = "unsupported",
};

const char *sva_manifest_state_name(enum sva_manifest_state state)
{
    return state_names[state];
}

/** The print's files, in the order of their paths, and which of them the manifest lists. */
struct files {
    const struct sva_print_file **items;
    bool *listed;
    size_t count;
};

struct checking {
    const struct sva_manifest_input *input;
    struct sva_signed_manifest *manifest;
    struct sva_arena *scratch;
    struct files files;
    sva_manifest_finding tell;
    void *context;
    struct sva_error *error;
};

static enum sva_status tell(const struct checking *checking, const char *code, const char *file,
                            const char *text)
{
    return checking->tell(checking->context, code, file, text, checking->error);
}

/* ---- the key ---- */

/** Which key made the signature; SIZE_MAX: none of them. */
static enum sva_status find_signer(const struct checking *checking, const struct sva_bundle *bundle,
                                   size_t *signer)
{
    const struct sva_manifest_input *const input = checking->input;
    *signer = SIZE_MAX;
    for (size_t i = 0; i < input->key_count && *signer == SIZE_MAX; i++) {
        bool valid = false;
        char hex[2 * SVA_FINGERPRINT_BYTES + 1];
        const enum sva_status status =
            sva_dsse_verify(input->keys[i], bundle->payload_type, bundle->payload,
                            bundle->signature, &valid, checking->error);
        if (status != SVA_OK) {
            return status;
        }
        sva_hex(input->keys[i]->fingerprint, SVA_FINGERPRINT_BYTES, hex);
        const bool named = bundle->hint[0] == '\0' || strcmp(bundle->hint, hex) == 0;
        *signer = valid && named ? i : SIZE_MAX;
    }
    return SVA_OK;
}

static void keep_signer(const struct checking *checking, size_t signer)
{
    struct sva_signed_manifest *const manifest = checking->manifest;
    manifest->key_path = checking->input->key_paths[signer];
    manifest->key_type = sva_key_type_name(checking->input->keys[signer]->type);
    memcpy(manifest->key_fingerprint, checking->input->keys[signer]->fingerprint,
           sizeof manifest->key_fingerprint);
    manifest->key_given = checking->input->key_given;
}

/* ---- the files ---- */

static int by_path(const void *left, const void *right)
{
    const struct sva_print_file *const *a = left;
    const struct sva_print_file *const *b = right;
    return strcmp((*a)->path, (*b)->path);
}

static int beside_path(const void *key, const void *item)
{
    const struct sva_print_file *const *file = item;
    return strcmp(key, (*file)->path);
}

static bool holds_weights(enum sva_file_kind kind)
{
    return sva_file_is_audited(kind) || kind == SVA_FILE_PICKLE || kind == SVA_FILE_WEIGHTS;
}

/** By its name alone: it is not there. */
static bool is_named_like_weights(const char *path)
{
    const char *const slash = strrchr(path, '/');
    const char *const base = slash != NULL ? slash + 1 : path;
    return holds_weights(sva_file_kind_of(SVA_CONTENT_UNKNOWN, base)) ||
           sva_ends_with(base, ".safetensors") || sva_ends_with(base, ".gguf");
}

static enum sva_status sort_files(struct checking *checking)
{
    const struct sva_print *const subject = checking->input->subject;
    struct files *const files = &checking->files;
    files->items = sva_arena_alloc(checking->scratch, subject->file_count, sizeof *files->items);
    files->listed = sva_arena_alloc(checking->scratch, subject->file_count, sizeof(bool));
    if (files->items == NULL || files->listed == NULL) {
        return sva_fail_memory(checking->error, doing);
    }
    for (size_t i = 0; i < subject->file_count; i++) {
        files->items[i] = &subject->files[i];
    }
    files->count = subject->file_count;
    if (files->count > 0) {
        qsort(files->items, files->count, sizeof *files->items, by_path);
    }
    return SVA_OK;
}

/** Index of the print's file that a line is about; SIZE_MAX: none. "." is a model of one file. */
static size_t find_file(const struct files *files, const char *path)
{
    if (strcmp(path, ".") == 0 && files->count == 1) {
        return 0;
    }
    const struct sva_print_file **const found =
        files->count > 0
            ? bsearch(path, files->items, files->count, sizeof *files->items, beside_path)
            : NULL;
    return found != NULL ? (size_t)(found - files->items) : SIZE_MAX;
}

/** Audits look one folder deep and into none that is hidden. */
static bool is_out_of_sight(const char *path)
{
    const char *const first = strchr(path, '/');
    return first != NULL && (path[0] == '.' || strchr(first + 1, '/') != NULL);
}

/** A line about a file that the print does not know. */
static enum sva_status note_absent(struct checking *checking, const char *path, bool *lacks_weights)
{
    struct sva_signed_manifest *const manifest = checking->manifest;
    if (is_out_of_sight(path)) {
        manifest->unseen++;
        return SVA_OK;
    }
    *lacks_weights = *lacks_weights || is_named_like_weights(path);
    return manifest->missing++ < FINDINGS_MAX ? tell(checking, "signed-file-missing", path,
                                                     "the signature lists the file, and it is not "
                                                     "there")
                                              : SVA_OK;
}

/** A line against the print's digest of its file. */
static enum sva_status compare_file(struct checking *checking, const struct sva_manifest *signed_,
                                    const struct sva_resource *line, size_t at, bool *differs)
{
    struct sva_signed_manifest *const manifest = checking->manifest;
    const struct sva_print_file *const file = checking->files.items[at];
    const bool whole = line->end == 0 || (line->start == 0 && line->end == file->size_bytes);
    checking->files.listed[at] = true;
    if (signed_->kind != SVA_DIGEST_SHA256 || !whole || !file->hashed) {
        manifest->uncompared++;
        return SVA_OK;
    }
    if (memcmp(file->sha256, line->digest, sizeof file->sha256) == 0) {
        manifest->same++;
        manifest->same_weights += holds_weights(file->kind);
        return SVA_OK;
    }
    *differs = *differs || holds_weights(file->kind);
    return manifest->changed++ < FINDINGS_MAX ? tell(checking, "signed-file-changed", file->path,
                                                     "the file is not as it was signed")
                                              : SVA_OK;
}

/** Files that no line is about. */
static enum sva_status note_unlisted(struct checking *checking)
{
    struct sva_signed_manifest *const manifest = checking->manifest;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < checking->files.count && status == SVA_OK; i++) {
        const struct sva_print_file *const file = checking->files.items[i];
        manifest->weights += holds_weights(file->kind);
        if (checking->files.listed[i]) {
            continue;
        }
        manifest->unlisted++;
        if (holds_weights(file->kind) && manifest->unlisted_weights++ < FINDINGS_MAX) {
            status = tell(checking, "signed-file-unlisted", file->path,
                          "the signature does not cover this file of weights");
        }
    }
    return status;
}

static enum sva_manifest_state conclude(const struct sva_signed_manifest *manifest,
                                        bool weights_differ)
{
    return weights_differ                               ? SVA_MANIFEST_WEIGHTS_DIFFER
           : manifest->changed + manifest->missing > 0  ? SVA_MANIFEST_FILES_DIFFER
           : manifest->unlisted_weights > 0             ? SVA_MANIFEST_INCOMPLETE
           : manifest->same_weights < manifest->weights ? SVA_MANIFEST_NOT_COMPARED
           : manifest->weights == 0                     ? SVA_MANIFEST_INCOMPLETE
                                                        : SVA_MANIFEST_VERIFIED;
}

/** What stands under a signature that was found good. */
static enum sva_status compare_files(struct checking *checking, const struct sva_bundle *bundle)
{
    struct sva_manifest signed_;
    bool weights_differ = false;
    enum sva_status status =
        sva_manifest_parse(bundle->payload, sva_esc(checking->input->path).text, checking->scratch,
                           &signed_, checking->error);
    if (status != SVA_OK) {
        return status;
    }
    if (checking->input->subject == NULL) {
        checking->manifest->uncompared = signed_.count;
        checking->manifest->state = SVA_MANIFEST_NOT_COMPARED;
        return SVA_OK;
    }
    status = sort_files(checking);
    for (size_t i = 0; i < signed_.count && status == SVA_OK; i++) {
        const struct sva_resource *const line = &signed_.resources[i];
        if (strcmp(line->path, register_name) == 0) {
            continue;
        }
        const size_t at = find_file(&checking->files, line->path);
        status = at == SIZE_MAX ? note_absent(checking, line->path, &weights_differ)
                                : compare_file(checking, &signed_, line, at, &weights_differ);
    }
    if (status == SVA_OK) {
        status = note_unlisted(checking);
        checking->manifest->state = conclude(checking->manifest, weights_differ);
    }
    return status;
}

/* ---- the whole ---- */

static enum sva_status check_bundle(struct checking *checking, const struct sva_bundle *bundle)
{
    size_t signer = SIZE_MAX;
    if (checking->input->key_count == 0) {
        checking->manifest->state = SVA_MANIFEST_UNVOUCHED;
        return tell(checking, "signature-unvouched", checking->input->path,
                    "no key was given or is declared by which the signature could be verified");
    }
    const enum sva_status status = find_signer(checking, bundle, &signer);
    if (status != SVA_OK) {
        return status;
    }
    if (signer == SIZE_MAX) {
        checking->manifest->state = SVA_MANIFEST_INVALID;
        if (checking->input->key_given) {
            keep_signer(checking, 0);
        }
        return tell(checking, "signature-invalid", checking->input->path,
                    checking->input->key_given
                        ? "the signature was not made by the key that was given over these bytes"
                        : "the signature was not made by a declared key over these bytes");
    }
    keep_signer(checking, signer);
    return compare_files(checking, bundle);
}

/** UNSUPPORTED is a state: the bundle may be sound, and it is another program's business. */
static enum sva_status settle(struct checking *checking, enum sva_status status)
{
    if (status != SVA_ERR_UNSUPPORTED && status != SVA_ERR_LIMIT) {
        return status;
    }
    struct sva_error reason = *checking->error;
    *checking->error = (struct sva_error){.status = SVA_OK};
    checking->manifest->state = SVA_MANIFEST_UNSUPPORTED;
    return tell(checking, "signature-unsupported", checking->input->path, reason.text);
}

enum sva_status sva_signed_manifest_check(const struct sva_manifest_input *input,
                                          struct sva_arena *arena, sva_manifest_finding tell_,
                                          void *context, struct sva_signed_manifest *manifest,
                                          struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    struct sva_arena scratch = {.blocks = NULL}; /* a manifest may be large, its outcome is not */
    struct sva_bundle bundle;
    *manifest = (struct sva_signed_manifest){
        .path = sva_arena_strdup(arena, input->path), .key_path = "", .key_type = ""};
    struct checking checking = {.input = input,
                                .manifest = manifest,
                                .scratch = &scratch,
                                .tell = tell_,
                                .context = context,
                                .error = error != NULL ? error : &own};
    enum sva_status status = manifest->path == NULL
                                 ? sva_fail_memory(checking.error, doing)
                                 : sva_bundle_parse(input->bytes, sva_esc(input->path).text,
                                                    &scratch, &bundle, checking.error);
    if (status == SVA_OK) {
        status = check_bundle(&checking, &bundle);
    }
    status = settle(&checking, status);
    sva_arena_done(&scratch);
    return status;
}

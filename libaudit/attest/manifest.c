/* SPDX-License-Identifier: Apache-2.0 */
/* OMS v1.0: a model signed, a model verified. */
#include <stdlib.h>
#include <string.h>

#include "attest/model_hints.h"
#include "attest/piece_digests.h"
#include "attest/statement.h"
#include "attest/tree.h"
#include "attest/verify_lines.h"
#include "base/fail.h"
#include "base/order.h"
#include "base/text.h"
#include "sign/certificate.h"
#include "sign/keys.h"

static enum sva_status no_memory(struct sva_error *error)
{
    return sva_fail_memory(error, "making a manifest");
}

/* -- paths to ignore -------------------------------------------------------------------------- */

/** Without slashes at its end; USAGE when it leaves the model. */
static enum sva_status add_ignored(struct sva_grown *grown, const char *path,
                                   struct sva_arena *arena, struct sva_error *error)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    const char **const slot = sva_grown_add(grown, arena, sizeof *slot);
    const char *const kept = sva_arena_strndup(arena, path, length);
    if (slot == NULL || kept == NULL) {
        return no_memory(error);
    }
    *slot = kept;
    return sva_path_is_plain(kept)
               ? SVA_OK
               : sva_fail(error, SVA_ERR_USAGE,
                          "the path to ignore \"%s\" is not one beneath the model, such as "
                          "\"logs\" or \"logs/run.txt\"",
                          sva_esc(path).text);
}

/** Sorted, each once. */
static void settle(struct sva_grown *grown)
{
    const char **const texts = grown->items;
    size_t kept = 0;
    if (grown->count == 0) {
        return;
    }
    qsort(texts, grown->count, sizeof *texts, sva_by_text);
    for (size_t i = 0; i < grown->count; i++) {
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0) {
            texts[kept++] = texts[i];
        }
    }
    grown->count = kept;
}

/** `path` (or NULL) where it lies in the model. */
static enum sva_status add_own_file(struct sva_grown *ignored, const char *model, const char *path,
                                    struct sva_arena *arena, struct sva_error *error)
{
    const char *place = "";
    enum sva_status status =
        path == NULL ? SVA_OK : sva_tree_place(model, path, arena, &place, error);
    return status == SVA_OK && place[0] != '\0' ? add_ignored(ignored, place, arena, error)
                                                : status;
}

/** The caller's paths, those of `manifest` (or NULL), signature and hints within the model. */
static enum sva_status gather_ignored(const char *model, const char *signature,
                                      const struct sva_manifest_options *options,
                                      const struct sva_manifest *manifest, struct sva_arena *arena,
                                      struct sva_grown *ignored, struct sva_error *error)
{
    enum sva_status status = add_own_file(ignored, model, signature, arena, error);
    if (status == SVA_OK) {
        status = add_own_file(ignored, model, options->hints, arena, error);
    }
    for (size_t i = 0; i < options->ignore_count && status == SVA_OK; i++) {
        status = add_ignored(ignored, options->ignore[i], arena, error);
    }
    for (size_t i = 0; manifest != NULL && i < manifest->ignore_count && status == SVA_OK; i++) {
        status = add_ignored(ignored, manifest->ignore[i], arena, error);
    }
    settle(ignored);
    return status;
}

/* -- signing ---------------------------------------------------------------------------------- */

/** What OMS leaves out by itself is written down too, as the reference does. */
static enum sva_status add_git_paths(struct sva_grown *ignored, struct sva_arena *arena,
                                     struct sva_error *error)
{
    static const char *const PATHS[] = {".git", ".gitattributes", ".github", ".gitignore"};
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS && status == SVA_OK; i++) {
        status = add_ignored(ignored, PATHS[i], arena, error);
    }
    settle(ignored);
    return status;
}

/** Files that a signature cannot cover: with pieces those too that have no byte, so no piece. */
static enum sva_status refuse_odd(const struct sva_tree *tree, bool pieces, struct sva_error *error)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (pieces && tree->files[i].odd == NULL && tree->files[i].size_bytes == 0) {
            return sva_fail(error, SVA_ERR_UNSUPPORTED,
                            "%s: is empty, and a signature over pieces cannot cover it; sign whole "
                            "files, or leave it out with --ignore",
                            sva_esc(tree->files[i].path).text);
        }
        if (tree->files[i].odd != NULL) {
            return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: %s; it cannot be signed",
                            sva_esc(tree->files[i].path).text, tree->files[i].odd);
        }
    }
    return SVA_OK;
}

/** Digests of `count` pieces, all of them, in place. */
static enum sva_status digest_all(struct sva_piece *pieces, size_t count,
                                  const struct sva_piece_options *options, struct sva_arena *arena,
                                  struct sva_error *error)
{
    struct sva_piece **const list = sva_arena_alloc(arena, count, sizeof *list);
    if (list == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = &pieces[i];
    }
    return sva_pieces_digest(list, count, options, error);
}

static enum sva_status fill_resources(struct sva_manifest *manifest, const struct sva_piece *pieces,
                                      struct sva_arena *arena, struct sva_error *error)
{
    struct sva_resource *const resources =
        sva_arena_alloc(arena, manifest->count, sizeof *resources);
    if (resources == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < manifest->count; i++) {
        resources[i].name = pieces[i].name;
        resources[i].path = pieces[i].file->path;
        memcpy(resources[i].digest, pieces[i].digest, sizeof resources[i].digest);
    }
    manifest->resources = resources;
    return sva_manifest_root(manifest, manifest->root) ? SVA_OK : no_memory(error);
}

/** Lists and hashes the model into a manifest of `pieces`. */
static enum sva_status take_manifest(const char *model, const char *signature,
                                     const struct sva_manifest_options *options,
                                     struct sva_arena *arena, struct sva_manifest *manifest,
                                     struct sva_piece **pieces, struct sva_error *error)
{
    struct sva_tree tree = {.count = 0};
    struct sva_grown ignored = {.count = 0};
    enum sva_status status =
        gather_ignored(model, signature, options, NULL, arena, &ignored, error);
    if (status == SVA_OK) {
        status = add_git_paths(&ignored, arena, error);
    }
    if (status == SVA_OK && ignored.count > SVA_STATEMENT_IGNORED) {
        status = sva_fail(error, SVA_ERR_LIMIT, "%zu paths to ignore: a signature holds %d at most",
                          ignored.count, (int)SVA_STATEMENT_IGNORED);
    }
    const struct sva_tree_options listing = {.ignore = ignored.items,
                                             .ignore_count = ignored.count,
                                             .allow_symlinks = options->allow_symlinks};
    if (status == SVA_OK) {
        status = sva_tree_list(model, &listing, arena, &tree, error);
    }
    if (status == SVA_OK) {
        status = refuse_odd(&tree, options->shard_bytes > 0, error);
    }
    if (status == SVA_OK) {
        status = sva_pieces_of(&tree, options->shard_bytes, arena, pieces, &manifest->count, error);
    }
    if (status == SVA_OK && manifest->count == 0) {
        status = sva_fail(error, SVA_ERR_NOTHING, "%s: holds no file that could be signed",
                          sva_esc(model).text);
    }
    if (status == SVA_OK && options->hints != NULL) {
        status = sva_model_hints_wanted(*pieces, manifest->count, arena, error);
    }
    const struct sva_piece_options hashing = {.kind = SVA_DIGEST_SHA256,
                                              .follow = options->allow_symlinks || tree.single,
                                              .threads = options->threads,
                                              .progress = options->progress};
    if (status == SVA_OK) {
        status = digest_all(*pieces, manifest->count, &hashing, arena, error);
    }
    manifest->ignore = ignored.items;
    manifest->ignore_count = ignored.count;
    return status == SVA_OK ? fill_resources(manifest, *pieces, arena, error) : status;
}

/** With the signer's certificates, where they were given. */
static enum sva_status write_signature(struct sva_span payload, const struct sva_key *key,
                                       const struct sva_manifest_options *options,
                                       const char *signature, struct sva_arena *arena,
                                       struct sva_error *error)
{
    struct sva_span chain[SVA_CHAIN_CERTIFICATES];
    size_t count = 0;
    const enum sva_status status =
        options->certificate != NULL
            ? sva_chain_load(options->certificate, key, arena, chain, &count, error)
            : SVA_OK;
    return status == SVA_OK ? sva_bundle_sign_chain(payload, key, chain, count, signature, error)
                            : status;
}

enum sva_status sva_sign_model(const char *model, const struct sva_key *key,
                               const struct sva_manifest_options *options, const char *signature,
                               struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_bytes text = {.data = NULL};
    struct sva_manifest manifest = {.kind = SVA_DIGEST_SHA256,
                                    .shard_bytes = options->shard_bytes,
                                    .allow_symlinks = options->allow_symlinks};
    struct sva_piece *pieces = NULL;
    if (options->hints != NULL && options->shard_bytes > 0) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "hints are for whole files; pieces are hashed on all processors anyway");
    }
    if (options->hints != NULL && sva_is_same_place(options->hints, signature)) {
        return sva_fail(error, SVA_ERR_USAGE, "%s: wanted for the signature and for the hints",
                        sva_esc(signature).text);
    }
    if (key->type == SVA_KEY_ED25519) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "models are signed with EC keys, as OMS wants; an Ed25519 key signs "
                        "reports only");
    }
    manifest.subject = sva_tree_name(model, &arena);
    enum sva_status status =
        manifest.subject == NULL
            ? no_memory(error)
            : take_manifest(model, signature, options, &arena, &manifest, &pieces, error);
    if (status == SVA_OK) {
        sva_manifest_put(&manifest, &text);
        status = text.failed ? no_memory(error)
                             : write_signature((struct sva_span){text.data, text.size}, key,
                                               options, signature, &arena, error);
    }
    if (status == SVA_OK && options->hints != NULL) {
        status = sva_model_hints_write(options->hints, pieces, manifest.count, error);
    }
    sva_bytes_done(&text);
    sva_arena_done(&arena);
    return status;
}

/* -- verification ----------------------------------------------------------------------------- */

/** A file that the manifest names, by whatever pieces. */
struct signed_path {
    const char *path;
    bool told; /* that it is not as it was signed */
};

struct matching {
    const struct sva_manifest *manifest;
    struct sva_tree tree;
    struct sva_piece *pieces;
    size_t piece_count;
    struct sva_piece **paired;  /* [resource] its piece, or NULL */
    bool *claimed;              /* [piece] a resource has its name */
    struct sva_piece **to_hash; /* [hash_count] */
    size_t hash_count;
    struct signed_path *paths; /* [path_count] sorted, each once */
    size_t path_count;
};

/**
 * The manifest of a model of one file calls it "." (the reference implementation) or by its name
 * (the specification); what it is called on this disk does not matter.
 */
static void rename_single(struct matching *matching)
{
    const struct sva_resource *const resource = &matching->manifest->resources[0];
    if (matching->tree.single) {
        matching->tree.files[0].path = resource->path;
    }
}

/** Both lists are sorted by name. */
static void pair_up(struct matching *matching)
{
    const struct sva_manifest *const manifest = matching->manifest;
    size_t at = 0;
    for (size_t i = 0; i < manifest->count; i++) {
        while (at < matching->piece_count &&
               strcmp(matching->pieces[at].name, manifest->resources[i].name) < 0) {
            at++;
        }
        if (at < matching->piece_count &&
            strcmp(matching->pieces[at].name, manifest->resources[i].name) == 0) {
            matching->paired[i] = &matching->pieces[at];
            matching->claimed[at] = true;
            matching->to_hash[matching->hash_count++] = &matching->pieces[at];
        }
    }
}

static int by_signed_path(const void *left, const void *right)
{
    const struct signed_path *const a = left;
    const struct signed_path *const b = right;
    return strcmp(a->path, b->path);
}

static enum sva_status list_paths(struct matching *matching, struct sva_arena *arena,
                                  struct sva_error *error)
{
    const struct sva_manifest *const manifest = matching->manifest;
    struct signed_path *const paths = sva_arena_alloc(arena, manifest->count, sizeof *paths);
    size_t kept = 0;
    if (paths == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < manifest->count; i++) {
        paths[i] = (struct signed_path){.path = manifest->resources[i].path};
    }
    if (manifest->count > 1) {
        qsort(paths, manifest->count, sizeof *paths, by_signed_path);
    }
    for (size_t i = 0; i < manifest->count; i++) {
        if (kept == 0 || strcmp(paths[kept - 1].path, paths[i].path) != 0) {
            paths[kept++] = paths[i];
        }
    }
    matching->paths = paths;
    matching->path_count = kept;
    return SVA_OK;
}

static struct signed_path *find_path(const struct matching *matching, const char *path)
{
    const struct signed_path wanted = {.path = path};
    return matching->path_count == 0 ? NULL
                                     : bsearch(&wanted, matching->paths, matching->path_count,
                                               sizeof wanted, by_signed_path);
}

/** The line about a file that is not as it was signed, once. */
static void tell_changed(const struct matching *matching, const char *path,
                         struct sva_findings *findings)
{
    struct signed_path *const place = find_path(matching, path);
    if (place != NULL && !place->told) {
        const bool there = sva_tree_find(&matching->tree, path) != NULL;
        place->told = true;
        sva_findings_add(findings, there ? SVA_CHECK_FILE_CHANGED : SVA_CHECK_FILE_MISSING,
                         SVA_CHECK_FAILED, 0, path);
    }
}

/** Lines about resources: how many are as signed; each file that is not, once. */
static void compare_resources(const struct matching *matching, struct sva_findings *findings)
{
    const struct sva_manifest *const manifest = matching->manifest;
    const size_t size = sva_digest_kind_bytes(manifest->kind);
    uint64_t good = 0;
    for (size_t i = 0; i < manifest->count; i++) {
        const struct sva_piece *const piece = matching->paired[i];
        good += piece != NULL && memcmp(piece->digest, manifest->resources[i].digest, size) == 0;
    }
    if (good > 0) {
        sva_findings_add(findings, SVA_CHECK_FILES, SVA_CHECK_PASSED, good, NULL);
    }
    for (size_t i = 0; i < manifest->count; i++) {
        const struct sva_resource *const resource = &manifest->resources[i];
        const struct sva_piece *const piece = matching->paired[i];
        if (piece == NULL || memcmp(piece->digest, resource->digest, size) != 0) {
            tell_changed(matching, resource->path, findings);
        }
    }
}

/**
 * Files that no line of the manifest names; links and special files are never signed. A piece more
 * of a file that is signed changes that file. A file without bytes has no piece where pieces were
 * signed.
 */
static void compare_rest(const struct matching *matching, bool allow_unsigned,
                         struct sva_findings *findings)
{
    const enum sva_check_state state = allow_unsigned ? SVA_CHECK_NOT_CHECKED : SVA_CHECK_FAILED;
    const char *last = "";
    for (size_t i = 0; i < matching->piece_count; i++) {
        const char *const path = matching->pieces[i].file->path;
        if (matching->claimed[i]) {
            continue;
        }
        if (find_path(matching, path) != NULL) {
            tell_changed(matching, path, findings);
        } else if (strcmp(last, path) != 0) {
            sva_findings_add(findings, SVA_CHECK_FILE_UNSIGNED, state, 0, path);
            last = path;
        }
    }
    for (size_t i = 0; i < matching->tree.count; i++) {
        const struct sva_tree_file *const file = &matching->tree.files[i];
        const bool no_piece = matching->manifest->shard_bytes > 0 && file->size_bytes == 0;
        if (file->odd != NULL || (no_piece && find_path(matching, file->path) == NULL)) {
            sva_findings_add(findings, SVA_CHECK_FILE_UNSIGNED, state, 0, file->path);
        }
    }
}

static enum sva_status match_files(const char *model, struct matching *matching,
                                   const struct sva_grown *ignored,
                                   const struct sva_manifest_options *options,
                                   struct sva_arena *arena, struct sva_error *error)
{
    const struct sva_manifest *const manifest = matching->manifest;
    const struct sva_tree_options listing = {.ignore = ignored->items,
                                             .ignore_count = ignored->count,
                                             .allow_symlinks = manifest->allow_symlinks};
    enum sva_status status = sva_tree_list(model, &listing, arena, &matching->tree, error);
    if (status != SVA_OK) {
        return status;
    }
    rename_single(matching);
    status = sva_pieces_of(&matching->tree, manifest->shard_bytes, arena, &matching->pieces,
                           &matching->piece_count, error);
    if (status != SVA_OK) {
        return status;
    }
    matching->paired = sva_arena_alloc(arena, manifest->count, sizeof *matching->paired);
    matching->to_hash = sva_arena_alloc(arena, manifest->count, sizeof *matching->to_hash);
    matching->claimed = sva_arena_alloc(arena, matching->piece_count + 1, sizeof(bool));
    if (matching->paired == NULL || matching->to_hash == NULL || matching->claimed == NULL) {
        return no_memory(error);
    }
    pair_up(matching);
    status = list_paths(matching, arena, error);
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_piece_options hashing = {.kind = manifest->kind,
                                              .follow =
                                                  manifest->allow_symlinks || matching->tree.single,
                                              .threads = options->threads,
                                              .progress = options->progress};
    if (options->hints != NULL && manifest->kind == SVA_DIGEST_SHA256 &&
        manifest->shard_bytes == 0) {
        status = sva_model_hints_read(options->hints, matching->to_hash, matching->hash_count,
                                      arena, error);
    }
    return status == SVA_OK
               ? sva_pieces_digest(matching->to_hash, matching->hash_count, &hashing, error)
               : status;
}

/** Everything under a signature that was found good. */
static enum sva_status verify_files(const char *model, const char *signature,
                                    const struct sva_bundle *bundle,
                                    const struct sva_manifest_options *options,
                                    struct sva_findings *findings, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_manifest manifest = {.count = 0};
    struct sva_grown ignored = {.count = 0};
    struct matching matching = {.manifest = &manifest};
    enum sva_status status =
        sva_manifest_parse(bundle->payload, sva_esc(signature).text, &arena, &manifest, error);
    if (status == SVA_OK) {
        status = gather_ignored(model, signature, options, &manifest, &arena, &ignored, error);
    }
    if (status == SVA_OK) {
        status = match_files(model, &matching, &ignored, options, &arena, error);
    }
    if (status == SVA_OK) {
        sva_findings_add(findings, SVA_CHECK_SUBJECT, SVA_CHECK_TOLD, 0, manifest.subject);
        sva_findings_add_hex(findings, SVA_CHECK_ROOT_DIGEST, SVA_CHECK_PASSED, manifest.root);
        compare_resources(&matching, findings);
        compare_rest(&matching, options->allow_unsigned, findings);
        sva_model_hints_tell(matching.to_hash, matching.hash_count, findings);
        for (size_t i = 0; i < matching.tree.skipped_count; i++) {
            sva_findings_add(findings, SVA_CHECK_IGNORED, SVA_CHECK_NOT_CHECKED, 0,
                             matching.tree.skipped[i]);
        }
    }
    sva_arena_done(&arena);
    return status;
}

/** The signer's certificate and its signature; *valid: both good. */
static enum sva_status check_chain(const struct sva_bundle *bundle, const char *signature,
                                   const struct sva_manifest_options *options,
                                   struct sva_findings *findings, bool *valid,
                                   struct sva_error *error)
{
    const struct sva_escaped name = sva_esc(signature);
    struct sva_chain_outcome outcome = {.trusted = false};
    if (bundle->chain_count == 0) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "%s: it is signed with a key, not with a certificate; give the public key",
                        name.text);
    }
    enum sva_status status = sva_chain_check(bundle->chain, bundle->chain_count,
                                             options->signer_roots, name.text, &outcome, error);
    if (status == SVA_OK) {
        sva_findings_add(findings, SVA_CHECK_CERTIFICATE,
                         outcome.trusted ? SVA_CHECK_PASSED : SVA_CHECK_FAILED, 0,
                         outcome.trusted ? outcome.subject : outcome.reason);
    }
    if (status == SVA_OK && outcome.trusted) {
        status = sva_findings_signature(findings, bundle, outcome.key, valid, error);
    }
    sva_key_free(outcome.key);
    return status;
}

enum sva_status sva_verify_model(const char *model, const char *signature,
                                 const struct sva_key *key,
                                 const struct sva_manifest_options *options,
                                 struct sva_verification **verification, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_findings findings = {.failed = false};
    struct sva_bundle bundle;
    bool valid = false;
    enum sva_status status = key != NULL ? sva_bundle_read(signature, &arena, &bundle, error)
                                         : sva_bundle_read_any(signature, &arena, &bundle, error);
    if (status == SVA_OK) {
        status = key != NULL ? sva_findings_signature(&findings, &bundle, key, &valid, error)
                             : check_chain(&bundle, signature, options, &findings, &valid, error);
    }
    if (status == SVA_OK && valid) {
        status = verify_files(model, signature, &bundle, options, &findings, error);
    }
    if (status == SVA_OK && valid) {
        status = sva_findings_time(&findings, &bundle, signature, options->ca_file, error);
    }
    if (status == SVA_OK) {
        status = sva_findings_finish(&findings, verification, error);
    }
    sva_findings_done(&findings);
    sva_arena_done(&arena);
    return status;
}

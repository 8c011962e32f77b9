/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit refs export|import: references of a store in one file. */
#include "audit_output.h"
#include "passphrase.h"
#include "store_output.h"
#include "verify_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIFFERENCES_SHOWN = 20 };

static struct sva_refpack_options pack_options(const struct settings *settings, struct bar *bar)
{
    return (struct sva_refpack_options){
        .as_of = settings->today,
        .names = settings->operands,
        .name_count = settings->operand_count,
        .progress = bar_progress(bar),
    };
}

static int report_export(const struct settings *settings, const struct sva_refpack *pack,
                         const char *path)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    struct sva_error error = {.status = SVA_OK};
    if (settings->quiet) {
        return EXIT_DONE;
    }
    return sva_file_digest(path, digest, &error) == SVA_OK
               ? print_line("%s  sha256:%s\n%zu references, %zu prints\n", show(path).text,
                            hex_of(digest).text, pack->reference_count, pack->print_count)
               : complain_error(&error);
}

/** PACK.sig; free() it. NULL: no memory. */
static char *beside(const char *pack)
{
    const size_t size = strlen(pack) + sizeof ".sig";
    char *const path = malloc(size);
    if (path != NULL) {
        (void)snprintf(path, size, "%s.sig", pack);
    }
    return path;
}

static enum sva_status sign_pack(const char *pack, const struct sva_key *key,
                                 struct sva_error *error)
{
    char *const signature = beside(pack);
    if (signature == NULL) {
        error->status = SVA_ERR_MEMORY;
        (void)snprintf(error->text, sizeof error->text, "out of memory while signing a pack");
        return SVA_ERR_MEMORY;
    }
    const enum sva_status status = sva_sign_file(pack, key, signature, error);
    free(signature);
    return status;
}

/** Writes the pack and, with a key, its signature. */
static int export_pack(const struct settings *settings, const struct sva_key *key)
{
    struct sva_refstore *store = NULL;
    int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    const char *path = settings->outputs.texts[0];
    const struct sva_refpack_options options = pack_options(settings, &bar);
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    enum sva_status status = sva_refpack_export(store, path, &options, &pack, &error);
    if (status == SVA_OK && key != NULL) {
        status = sign_pack(path, key, &error);
    }
    bar_end(&bar);
    sva_refstore_close(store);
    code = status == SVA_OK ? report_export(settings, &pack, path) : complain_error(&error);
    sva_refpack_done(&pack);
    return code;
}

int run_refs_export(const struct settings *settings)
{
    struct sva_key *key = NULL;
    if (settings->outputs.count != 1) {
        return complain_usage("refs export wants one -o FILE to write the pack to");
    }
    int code = settings->key != NULL ? signing_key_load(settings, &key) : -1;
    if (code < 0) {
        code = export_pack(settings, key);
    }
    sva_key_free(key);
    return code;
}

/** What came of it; where records differ, which. */
static int report_import(const struct settings *settings, const struct sva_refpack *pack)
{
    if (settings->quiet) {
        return EXIT_DONE;
    }
    for (size_t i = 0; i < pack->differ_count && i < DIFFERENCES_SHOWN; i++) {
        complain("the store's record was kept: %s", pack->differences[i]);
    }
    if (pack->differ_count > DIFFERENCES_SHOWN) {
        complain("and %zu more records were kept", pack->differ_count - DIFFERENCES_SHOWN);
    }
    return print_line("%s of %s: %zu references added, %zu there already\n",
                      show(settings->operands[0]).text, show(pack->created).text, pack->added_count,
                      pack->there_count);
}

/**
 * A store that is there takes a pack in by one transaction; one that is not would be left empty. -1
 * or an exit code after a message.
 */
static int store_is_there(const struct settings *settings, bool *there)
{
    char *path = NULL;
    const int code = audit_store_path(settings, &path);
    *there = path != NULL && access(path, F_OK) == 0;
    free(path);
    return code;
}

/** Reads the pack in whole before a store is made. -1 or an exit code. */
static int verify_pack(const struct settings *settings, const struct sva_progress *progress)
{
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_refpack_verify(settings->operands[0], progress, &pack, &error);
    sva_refpack_done(&pack);
    return status == SVA_OK ? -1 : complain_error(&error);
}

static int import_pack(const struct settings *settings, const struct sva_refpack_options *options)
{
    struct sva_refstore *store = NULL;
    int code = open_store(settings, true, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_refpack_import(store, settings->operands[0], options, &pack, &error);
    sva_refstore_close(store);
    code = status == SVA_OK ? report_import(settings, &pack) : complain_error(&error);
    code = status == SVA_ERR_CONFLICT ? EXIT_USAGE : code; /* as refs add: names are taken */
    sva_refpack_done(&pack);
    return code;
}

/** The pack's signature before anything in the pack is read. -1 or an exit code. */
static int verify_signature(const struct settings *settings, const char *signature)
{
    struct sva_error error = {.status = SVA_OK};
    struct sva_key *key = NULL;
    struct sva_verification *lines = NULL;
    const struct sva_manifest_options options = {.threads = settings->threads};
    enum sva_status status = sva_key_load_public(settings->public_key, &key, &error);
    if (status == SVA_OK) {
        status = sva_verify_file(settings->operands[0], signature, key, &options, &lines, &error);
    }
    int code = status == SVA_OK ? print_verification(settings, lines) : complain_unreadable(&error);
    sva_verification_free(lines);
    sva_key_free(key);
    return code == EXIT_DONE ? -1 : code;
}

/** What --public-key and --require-signature ask for. -1 or an exit code. */
static int check_signature(const struct settings *settings)
{
    if (settings->public_key == NULL) {
        return settings->require_signature || settings->signature != NULL
                   ? complain_usage("a signature is verified with --public-key FILE")
                   : -1;
    }
    char *const path = settings->signature == NULL ? beside(settings->operands[0]) : NULL;
    const char *const signature = settings->signature != NULL ? settings->signature : path;
    if (signature == NULL) {
        complain("out of memory while looking for the pack's signature");
        return EXIT_INCOMPLETE;
    }
    const int code = verify_signature(settings, signature);
    free(path);
    return code;
}

int run_refs_import(const struct settings *settings)
{
    int code = audit_paths_check(settings->operands, settings->operand_count);
    code = code < 0 ? check_signature(settings) : code;
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_refpack_options options = pack_options(settings, &bar);
    bool there = false;
    code = store_is_there(settings, &there);
    code = code < 0 && !there ? verify_pack(settings, &options.progress) : code;
    code = code < 0 ? import_pack(settings, &options) : code;
    bar_end(&bar);
    return code;
}

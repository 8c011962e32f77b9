/* SPDX-License-Identifier: Apache-2.0 */
/* Registers written: a template for a pack, and one more document. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/look.h"
#include "base/output.h"
#include "base/text.h"
#include "judge/evidence_kinds.h"
#include "judge/evidence_register.h"
#include "judge/rulepack.h"
#include "judge/strict_document.h"

static const char doing[] = "writing an evidence register";

/* USAGE where the register could not be read again. */
static enum sva_status check_register(const char *path, struct sva_span bytes,
                                      struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    struct sva_document *documents = NULL;
    size_t count = 0;
    struct sva_error told = {.status = SVA_OK};
    enum sva_status status = sva_register_parse(bytes, &problems, &documents, &count, &told);
    if (status == SVA_OK) {
        status = sva_strict_problems(&problems, path, "evidence register", &told);
    }
    if (status == SVA_OK && bytes.size > SVA_REGISTER_BYTES_MAX) {
        status = sva_fail(&told, SVA_ERR_LIMIT, "%s: would have more than %d bytes",
                          sva_esc(path).text, (int)SVA_REGISTER_BYTES_MAX);
    }
    sva_arena_done(&arena);
    return status == SVA_OK           ? SVA_OK
           : status == SVA_ERR_MEMORY ? sva_fail_memory(error, doing)
                                      : sva_fail(error, SVA_ERR_USAGE, "%s", told.text);
}

static enum sva_status save(const char *path, const cJSON *root, struct sva_error *error)
{
    char *text = cJSON_Print(root);
    struct sva_bytes bytes = {.data = NULL};
    sva_bytes_text(&bytes, text != NULL ? text : "");
    sva_bytes_text(&bytes, "\n");
    enum sva_status status = text != NULL && !bytes.failed ? SVA_OK : sva_fail_memory(error, doing);
    if (status == SVA_OK) {
        status = check_register(path, (struct sva_span){bytes.data, bytes.size}, error);
    }
    if (status == SVA_OK) {
        status = sva_write_file(path, bytes.data, bytes.size, error);
    }
    cJSON_free(text);
    sva_bytes_done(&bytes);
    return status;
}

/* ---- template ---- */

/* Ids of the rules in force that want a kind. False: out of memory. */
static bool add_wanting_rules(const struct sva_rulepack *pack, enum sva_evidence_kind kind,
                              cJSON *rules, bool *required)
{
    bool ok = true;
    for (size_t i = 0; i < pack->info.rule_count; i++) {
        const struct sva_rule *rule = &pack->rules[i];
        for (size_t k = 0; k < rule->evidence_count && pack->profile->applies[i]; k++) {
            if (rule->evidence[k].kind == kind) {
                ok = cJSON_AddItemToArray(rules, cJSON_CreateString(rule->id)) && ok;
                *required = *required || rule->evidence[k].required;
            }
        }
    }
    return ok;
}

static bool add_wanted(const struct sva_rulepack *pack, cJSON *wanted)
{
    for (int i = 0; i < SVA_KIND_COUNT; i++) {
        const struct sva_evidence_kind_info *kind =
            sva_evidence_kind_get((enum sva_evidence_kind)i);
        cJSON *rules = kind->document ? cJSON_CreateArray() : NULL;
        bool required = false;
        if (rules == NULL) {
            if (kind->document) {
                return false;
            }
            continue;
        }
        const bool complete = add_wanting_rules(pack, (enum sva_evidence_kind)i, rules, &required);
        if (!complete || cJSON_GetArraySize(rules) == 0) {
            cJSON_Delete(rules);
            if (!complete) {
                return false;
            }
            continue;
        }
        cJSON *item = cJSON_CreateObject();
        const bool added = item != NULL && cJSON_AddItemToArray(wanted, item) &&
                           cJSON_AddStringToObject(item, "kind", kind->name) != NULL &&
                           cJSON_AddBoolToObject(item, "required", required) != NULL &&
                           cJSON_AddStringToObject(item, "en", kind->en) != NULL &&
                           cJSON_AddStringToObject(item, "ko", kind->ko) != NULL &&
                           cJSON_AddItemToObject(item, "rules", rules);
        if (!added) {
            return false;
        }
    }
    return true;
}

enum sva_status sva_evidence_init(const char *path, const struct sva_rulepack *pack,
                                  struct sva_error *error)
{
    enum sva_place place = SVA_PLACE_NONE;
    enum sva_status status = sva_look(path, false, &place, error);
    if (status == SVA_OK && place != SVA_PLACE_NONE) {
        return sva_fail(error, SVA_ERR_CONFLICT, "%s: there already, and left as it is",
                        sva_esc(path).text);
    }
    if (status != SVA_OK) {
        return status;
    }
    cJSON *root = cJSON_CreateObject();
    cJSON *wanted = root != NULL && cJSON_AddNumberToObject(root, "format", 1) != NULL &&
                            cJSON_AddArrayToObject(root, "documents") != NULL
                        ? cJSON_AddArrayToObject(root, "wanted")
                        : NULL;
    status = wanted != NULL && add_wanted(pack, wanted) ? save(path, root, error)
                                                        : sva_fail_memory(error, doing);
    cJSON_Delete(root);
    return status;
}

/* ---- one more document ---- */

static cJSON *read_whole(const char *path, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_arena arena = {.blocks = NULL};
    struct sva_document *documents = NULL;
    size_t count = 0;
    cJSON *root = NULL;
    enum sva_status status = sva_read_file(path, SVA_REGISTER_BYTES_MAX, &bytes, &size, error);
    if (status == SVA_OK) {
        struct sva_problems problems = {.arena = &arena};
        status = sva_register_parse((struct sva_span){bytes, size}, &problems, &documents, &count,
                                    error);
        if (status == SVA_OK) {
            status = sva_strict_problems(&problems, path, "evidence register", error);
        }
    }
    if (status == SVA_OK) {
        root = cJSON_ParseWithLength((const char *)bytes, size);
        if (root == NULL) {
            (void)sva_fail_memory(error, doing);
        }
    }
    sva_free(bytes);
    sva_arena_done(&arena);
    return root;
}

/* The folder that holds `path`, resolved; NULL: there is none, or `*no_memory`. Free with free().
 */
static char *resolved_folder_of(const char *path, bool *no_memory)
{
    char *const folder = sva_folder_of(path);
    char *const resolved = folder == NULL ? NULL : realpath(folder, NULL);
    *no_memory = *no_memory || folder == NULL || (resolved == NULL && errno == ENOMEM);
    sva_free(folder);
    return resolved;
}

/* `file` as a path below the register's folder. Errors: USAGE (it lies elsewhere), MEMORY. */
static enum sva_status path_below(const char *register_path, const char *file, char **path,
                                  struct sva_error *error)
{
    bool no_memory = false;
    char *root = resolved_folder_of(register_path, &no_memory);
    char *there = resolved_folder_of(file, &no_memory);
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;
    char *below = NULL;
    const size_t length = root != NULL ? strlen(root) : 0;
    if (root != NULL && there != NULL && strncmp(there, root, length) == 0 &&
        (there[length] == '\0' || there[length] == '/')) {
        struct sva_bytes joined = {.data = NULL};
        if (there[length] == '/') {
            sva_bytes_text(&joined, there + length + 1);
            sva_bytes_text(&joined, "/");
        }
        sva_bytes_text(&joined, name);
        no_memory = no_memory || joined.failed;
        below = (char *)joined.data;
    }
    free(root);
    free(there);
    if (!no_memory && below != NULL && sva_document_path_is_plain(below)) {
        *path = below;
        return SVA_OK;
    }
    sva_free(below);
    return no_memory ? sva_fail_memory(error, doing)
                     : sva_fail(error, SVA_ERR_USAGE,
                                "%s: does not lie in the register's folder; move it there, or "
                                "register it as confidential, by its hash alone",
                                sva_esc(file).text);
}

static bool add_text(cJSON *object, const char *key, const char *text)
{
    return (text != NULL && text[0] != '\0' ? cJSON_AddStringToObject(object, key, text)
                                            : cJSON_AddNullToObject(object, key)) != NULL;
}

static bool add_document(cJSON *list, const struct sva_document_note *note, const char *path,
                         const uint8_t digest[SVA_DIGEST_BYTES], uint64_t size)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    cJSON *item = cJSON_CreateObject();
    sva_hex(digest, SVA_DIGEST_BYTES, hex);
    return item != NULL && cJSON_AddItemToArray(list, item) && add_text(item, "kind", note->kind) &&
           add_text(item, "path", path) && add_text(item, "sha256", hex) &&
           cJSON_AddNumberToObject(item, "size", (double)size) != NULL &&
           add_text(item, "media_type", note->media_type) &&
           add_text(item, "issuer", note->issuer) && add_text(item, "date", note->date) &&
           add_text(item, "language", note->language) &&
           cJSON_AddBoolToObject(item, "confidential", note->confidential) != NULL;
}

static bool is_listed(const cJSON *list, const char *kind, const char *path)
{
    for (const cJSON *item = list->child; item != NULL; item = item->next) {
        const cJSON *a = cJSON_GetObjectItemCaseSensitive(item, "kind");
        const cJSON *b = cJSON_GetObjectItemCaseSensitive(item, "path");
        if (cJSON_IsString(a) && cJSON_IsString(b) && strcmp(a->valuestring, kind) == 0 &&
            strcmp(b->valuestring, path) == 0) {
            return true;
        }
    }
    return false;
}

static enum sva_status digest_file(const char *file, uint8_t digest[SVA_DIGEST_BYTES],
                                   uint64_t *size, struct sva_error *error)
{
    struct sva_input input;
    enum sva_status status = sva_input_open(-1, file, false, &input, error);
    if (status == SVA_OK) {
        *size = input.size_bytes;
        status = sva_input_digest(&input, digest, error);
        sva_input_close(&input);
    }
    return status;
}

static enum sva_status append(const char *register_path, const char *file,
                              const struct sva_document_note *note, const char *path,
                              struct sva_error *error)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    uint64_t size = 0;
    enum sva_status status = digest_file(file, digest, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    struct sva_error problem = {0};
    cJSON *root = read_whole(register_path, &problem);
    if (root == NULL) {
        return sva_fail(error, problem.status, "%s", problem.text);
    }
    cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "documents");
    if (path != NULL && is_listed(list, note->kind, path)) {
        status = sva_fail(error, SVA_ERR_USAGE, "%s: registered as %s already", sva_esc(path).text,
                          note->kind);
    } else {
        status = add_document(list, note, path, digest, size) ? save(register_path, root, error)
                                                              : sva_fail_memory(error, doing);
    }
    cJSON_Delete(root);
    return status;
}

enum sva_status sva_evidence_add(const char *register_path, const char *file,
                                 const struct sva_document_note *note, struct sva_error *error)
{
    enum sva_evidence_kind kind = SVA_KIND_OTHER;
    if (!sva_evidence_kind_find(note->kind, &kind) || !sva_evidence_kind_get(kind)->document) {
        return sva_fail(error, SVA_ERR_USAGE, "there is no kind of document \"%s\"",
                        sva_esc(note->kind).text);
    }
    char *path = NULL;
    enum sva_status status =
        note->confidential ? SVA_OK : path_below(register_path, file, &path, error);
    if (status == SVA_OK) {
        status = append(register_path, file, note, path, error);
    }
    sva_free(path);
    return status;
}

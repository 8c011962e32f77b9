/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a register, looked at where they lie. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* openat */
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/hub_cache.h"
#include "base/look.h"
#include "base/order.h"
#include "base/text.h"
#include "judge/evidence_register.h"
#include "judge/register_signed.h"
#include "judge/strict_document.h"

enum { FOLDERS_MAX = 256, ENTRIES_MAX = 10000 };

static const char doing[] = "reading an evidence register";

char *sva_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? sva_strdup(".")
                         : sva_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* ---- opening ---- */

/* One step down; closes `folder`. -1 when there is no such folder, or it is a link. */
static int step_down(int folder, const char *name, size_t length)
{
    char step[SVA_DOCUMENT_PATH_MAX + 1];
    int below = -1;
    if (length < sizeof step) {
        memcpy(step, name, length);
        step[length] = '\0';
        below = openat(folder, step, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    (void)close(folder);
    return below;
}

enum sva_status sva_document_open(const char *folder, const char *path, struct sva_input *input,
                                  struct sva_error *error)
{
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *rest = path;
    for (const char *slash = strchr(rest, '/'); at >= 0 && slash != NULL;
         slash = strchr(rest, '/')) {
        at = step_down(at, rest, (size_t)(slash - rest));
        rest = slash + 1;
    }
    if (at < 0) {
        return sva_fail(error, SVA_ERR_NOT_FOUND, "%s: its folder cannot be opened",
                        sva_esc(path).text);
    }
    struct stat info;
    char *target = NULL;
    const bool link = fstatat(at, rest, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
    enum sva_status status = link ? sva_hub_follow_link(folder, path, &target, error) : SVA_OK;
    if (status == SVA_OK) {
        status = target != NULL ? sva_input_open(-1, target, false, input, error)
                                : sva_input_open(at, rest, false, input, error);
    }
    sva_free(target);
    (void)close(at);
    return status;
}

/* ---- findings ---- */

enum sva_status sva_register_note(struct sva_evidence *evidence, const char *code, const char *file,
                                  const char *text, struct sva_error *error)
{
    struct sva_register_memory *memory = evidence->internal;
    if (evidence->finding_count == memory->capacity) {
        const size_t capacity = memory->capacity == 0 ? 16 : memory->capacity * 2;
        struct sva_finding *grown =
            sva_realloc_array(memory->findings, capacity, sizeof *memory->findings);
        if (grown == NULL) {
            return sva_fail_memory(error, doing);
        }
        memory->findings = grown;
        memory->capacity = capacity;
        evidence->findings = grown;
    }
    const struct sva_finding finding = {code, sva_arena_strdup(&memory->arena, file),
                                        sva_arena_strdup(&memory->arena, text)};
    if (finding.file == NULL || finding.text == NULL) {
        return sva_fail_memory(error, doing);
    }
    memory->findings[evidence->finding_count++] = finding;
    return SVA_OK;
}

/* ---- one document ---- */

/* What a judgement or a trace report says; a problem makes the document malformed. */
static enum sva_status read_content(struct sva_evidence *evidence, struct sva_document *document,
                                    const struct sva_input *input, const uint8_t *model,
                                    struct sva_error *error)
{
    struct sva_register_memory *memory = evidence->internal;
    const bool judgement = strcmp(document->kind, "judgement") == 0;
    if (!judgement && strcmp(document->kind, "trace-report") != 0) {
        return SVA_OK;
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_error problem = {0};
    enum sva_status status = sva_input_read_all(
        input, judgement ? SVA_JUDGEMENT_BYTES_MAX : SVA_TRACE_BYTES_MAX, &bytes, &size, &problem);
    struct sva_problems *problems =
        status == SVA_OK ? sva_arena_alloc(&memory->arena, 1, sizeof *problems) : NULL;
    struct sva_document said = *document;
    if (problems != NULL) {
        problems->arena = &memory->arena;
        if (judgement) {
            sva_judgement_parse((struct sva_span){bytes, size}, model, problems, &said);
        } else {
            sva_trace_report_parse((struct sva_span){bytes, size}, model, problems, &said);
        }
        status = sva_strict_problems(problems, document->path, document->kind, &problem);
    }
    sva_free(bytes);
    if (status == SVA_ERR_MEMORY) {
        return sva_fail_memory(error, doing);
    }
    if (status == SVA_OK) {
        *document = said;
        return SVA_OK;
    }
    document->state = SVA_DOCUMENT_MALFORMED;
    return sva_register_note(evidence, "evidence-malformed", document->path, problem.text, error);
}

static enum sva_status look_at(struct sva_evidence *evidence, const char *folder,
                               struct sva_document *document, const uint8_t *model,
                               struct sva_error *error)
{
    struct sva_input input;
    struct sva_error problem = {0};
    uint8_t digest[SVA_DIGEST_BYTES];
    enum sva_status status = sva_document_open(folder, document->path, &input, &problem);
    if (status == SVA_ERR_MEMORY) {
        return sva_fail_memory(error, doing);
    }
    if (status != SVA_OK) {
        document->state = SVA_DOCUMENT_MISSING;
        return sva_register_note(evidence, "evidence-missing", document->path, problem.text, error);
    }
    const bool same_size = input.size_bytes == document->size_bytes; /* else nothing is read */
    status = same_size ? sva_input_digest(&input, digest, error) : SVA_OK;
    if (status == SVA_OK &&
        (!same_size || memcmp(digest, document->sha256, sizeof digest) != 0)) {
        document->state = SVA_DOCUMENT_CHANGED;
        status =
            sva_register_note(evidence, "evidence-changed", document->path,
                              "the document's bytes are not those that were registered", error);
    } else if (status == SVA_OK) {
        status = read_content(evidence, document, &input, model, error);
    }
    sva_input_close(&input);
    return status;
}

/* ---- files that nobody listed ---- */

static bool is_listed(const struct sva_evidence *evidence, const char *path)
{
    for (size_t i = 0; i < evidence->document_count; i++) {
        if (strcmp(evidence->documents[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* A regular file, or a link that a document may be. */
static enum sva_status may_be_document(int folder, const char *name, const char *root,
                                       const char *path, bool *may_be, struct sva_error *error)
{
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? SVA_OK : sva_fail_errno(error, path, "look at it");
    }
    if (!S_ISLNK(info.st_mode)) {
        *may_be = S_ISREG(info.st_mode);
        return SVA_OK;
    }
    char *target = NULL;
    enum sva_place place = SVA_PLACE_NONE;
    enum sva_status status = sva_hub_follow_link(root, path, &target, error);
    if (status == SVA_OK && target != NULL) {
        status = sva_look(target, false, &place, error);
    }
    *may_be = status == SVA_OK && place == SVA_PLACE_FILE;
    sva_free(target);
    return status;
}

/* Paths of what may be a document in a folder, which need not be there. */
static enum sva_status collect_names(struct sva_evidence *evidence, const char *root,
                                     const char *folder, const char *full, const char **names,
                                     size_t *count, struct sva_error *error)
{
    struct sva_register_memory *memory = evidence->internal;
    DIR *directory = opendir(full);
    const char *name = NULL;
    if (directory == NULL) {
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES
                   ? SVA_OK
                   : sva_fail_errno(error, full, "list it");
    }
    enum sva_status status = sva_next_name(directory, full, &name, error);
    while (status == SVA_OK && name != NULL && *count < ENTRIES_MAX) {
        const char *path = sva_arena_printf(&memory->arena, "%s/%s", folder, name);
        bool may_be = false;
        status = path != NULL ? may_be_document(dirfd(directory), name, root, path, &may_be, error)
                              : sva_fail_memory(error, doing);
        if (may_be) {
            names[(*count)++] = path;
        }
        if (status == SVA_OK) {
            status = sva_next_name(directory, full, &name, error);
        }
    }
    (void)closedir(directory); /* only read from */
    return status;
}

/* Files of one folder, as paths below the register's, sorted. */
static enum sva_status list_folder(struct sva_evidence *evidence, const char *root,
                                   const char *folder, struct sva_error *error)
{
    struct sva_register_memory *memory = evidence->internal;
    const char *full = sva_arena_printf(&memory->arena, "%s/%s", root, folder);
    const char **names = sva_calloc(ENTRIES_MAX, sizeof *names);
    size_t count = 0;
    enum sva_status status = full != NULL && names != NULL
                                 ? collect_names(evidence, root, folder, full, names, &count, error)
                                 : sva_fail_memory(error, doing);
    if (count > 0) {
        qsort(names, count, sizeof *names, sva_by_text);
    }
    for (size_t i = 0; i < count && status == SVA_OK; i++) {
        if (!is_listed(evidence, names[i])) {
            status =
                sva_register_note(evidence, "evidence-unlisted", names[i],
                                  "the file lies among the documents and is not registered", error);
        }
    }
    sva_free(names);
    return status;
}

/* Folders that hold documents, but not the register's own, where the model lies. */
static enum sva_status find_unlisted(struct sva_evidence *evidence, const char *root,
                                     struct sva_error *error)
{
    struct sva_register_memory *memory = evidence->internal;
    const char *folders[FOLDERS_MAX] = {"evidence"};
    size_t count = 1;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < evidence->document_count && count < FOLDERS_MAX; i++) {
        const char *path = evidence->documents[i].path;
        const char *slash = strrchr(path, '/');
        bool known = slash == NULL;
        for (size_t k = 0; k < count && !known; k++) {
            known = strlen(folders[k]) == (size_t)(slash - path) &&
                    memcmp(folders[k], path, (size_t)(slash - path)) == 0;
        }
        if (!known) {
            folders[count] = sva_arena_strndup(&memory->arena, path, (size_t)(slash - path));
            if (folders[count++] == NULL) {
                return sva_fail_memory(error, doing);
            }
        }
    }
    qsort(folders, count, sizeof *folders, sva_by_text);
    for (size_t i = 0; i < count && status == SVA_OK; i++) {
        status = list_folder(evidence, root, folders[i], error);
    }
    return status;
}

/* ---- the register ---- */

static enum sva_status look_at_all(struct sva_evidence *evidence, struct sva_document *documents,
                                   const struct sva_print *subject, const struct sva_key *model_key,
                                   struct sva_error *error)
{
    uint8_t model[SVA_DIGEST_BYTES] = {0};
    if (subject != NULL && !sva_model_digest(subject, model)) {
        memset(model, 0, sizeof model); /* no document names this one */
    }
    char *folder = sva_folder_of(evidence->path);
    enum sva_status status = folder != NULL ? SVA_OK : sva_fail_memory(error, doing);
    for (size_t i = 0; i < evidence->document_count && status == SVA_OK; i++) {
        if (documents[i].state != SVA_DOCUMENT_HASH_ONLY) {
            status =
                look_at(evidence, folder, &documents[i], subject != NULL ? model : NULL, error);
        }
    }
    if (status == SVA_OK) {
        status = sva_register_check_signed(evidence, documents, folder, subject, model_key, error);
    }
    if (status == SVA_OK) {
        status = find_unlisted(evidence, folder, error);
    }
    sva_free(folder);
    return status;
}

/* Refuses a register that is a link to a file neither below its folder nor in the same hub cache.
 */
static enum sva_status check_link(const char *path, struct sva_error *error)
{
    char root[PATH_MAX];
    char resolved[PATH_MAX];
    enum sva_place place = SVA_PLACE_NONE;
    enum sva_status status = sva_look(path, false, &place, error);
    if (status != SVA_OK || place != SVA_PLACE_LINK) {
        return status;
    }
    const char *slash = strrchr(path, '/');
    char *folder = sva_folder_of(path);
    char *in_cache = NULL;
    status = folder != NULL
                 ? sva_hub_follow_link(folder, slash != NULL ? slash + 1 : path, &in_cache, error)
                 : sva_fail_memory(error, doing);
    const bool stays = in_cache != NULL ||
                       (folder != NULL && realpath(folder, root) != NULL &&
                        realpath(path, resolved) != NULL && sva_path_is_beneath(resolved, root));
    sva_free(in_cache);
    sva_free(folder);
    return status != SVA_OK || stays
               ? status
               : sva_fail(error, SVA_ERR_CORRUPT,
                          "%s: is a link that leads out of its folder; it was not opened",
                          sva_esc(path).text);
}

static enum sva_status read_register(struct sva_evidence *evidence, struct sva_document **documents,
                                     struct sva_error *error)
{
    struct sva_register_memory *memory = evidence->internal;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = check_link(evidence->path, error);
    if (status == SVA_OK) {
        status = sva_read_file(evidence->path, SVA_REGISTER_BYTES_MAX, &bytes, &size, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    struct sva_problems problems = {.arena = &memory->arena};
    status = sva_register_parse((struct sva_span){bytes, size}, &problems, documents,
                                &evidence->document_count, error);
    if (status == SVA_OK) {
        status = sva_strict_problems(&problems, evidence->path, "evidence register", error);
    }
    if (status == SVA_OK && !sva_sha256(bytes, size, evidence->sha256)) {
        status = sva_fail_memory(error, doing);
    }
    evidence->documents = *documents;
    sva_free(bytes);
    return status;
}

enum sva_status sva_evidence_load(const char *path, const struct sva_print *subject,
                                  const struct sva_key *model_key, struct sva_evidence **evidence,
                                  struct sva_error *error)
{
    struct sva_evidence *made = sva_calloc(1, sizeof *made);
    struct sva_register_memory *memory = sva_calloc(1, sizeof *memory);
    if (made == NULL || memory == NULL) {
        sva_free(made);
        sva_free(memory);
        return sva_fail_memory(error, doing);
    }
    struct sva_document *documents = NULL;
    made->internal = memory;
    made->path = sva_arena_strdup(&memory->arena, path);
    enum sva_status status = made->path != NULL ? SVA_OK : sva_fail_memory(error, doing);
    if (status == SVA_OK) {
        status = read_register(made, &documents, error);
    }
    if (status == SVA_OK) {
        status = look_at_all(made, documents, subject, model_key, error);
    }
    if (status != SVA_OK) {
        sva_evidence_free(made);
        return status;
    }
    *evidence = made;
    return SVA_OK;
}

void sva_evidence_free(struct sva_evidence *evidence)
{
    if (evidence != NULL) {
        struct sva_register_memory *memory = evidence->internal;
        sva_arena_done(&memory->arena);
        sva_free(memory->findings);
        sva_free(memory);
        sva_free(evidence);
    }
}

/* "FOLDER/evidence.json" when it is there; else NULL. */
static enum sva_status register_in(const char *folder, char **found, struct sva_error *error)
{
    enum sva_place place = SVA_PLACE_NONE;
    struct sva_bytes path = {.data = NULL};
    sva_bytes_text(&path, folder);
    sva_bytes_text(&path, "/evidence.json");
    enum sva_status status = path.failed ? sva_fail_memory(error, doing)
                                         : sva_look((const char *)path.data, true, &place, error);
    *found = NULL;
    if (status == SVA_OK && place != SVA_PLACE_NONE) {
        *found = (char *)path.data;
        return SVA_OK;
    }
    sva_bytes_done(&path);
    return status;
}

static enum sva_status register_beside_file(const char *model_path, char **found,
                                            struct sva_error *error)
{
    char *const folder = sva_folder_of(model_path);
    const enum sva_status status =
        folder != NULL ? register_in(folder, found, error) : sva_fail_memory(error, doing);
    sva_free(folder);
    return status;
}

enum sva_status sva_evidence_beside(const char *model_path, char **register_path,
                                    struct sva_error *error)
{
    char resolved[PATH_MAX];
    struct stat info;
    if (stat(model_path, &info) == 0 && S_ISREG(info.st_mode)) {
        return register_beside_file(model_path, register_path, error);
    }
    const enum sva_status status = register_in(model_path, register_path, error);
    if (status != SVA_OK || *register_path != NULL) {
        return status;
    }
    if (realpath(model_path, resolved) == NULL) {
        return errno == ENOENT || errno == ENOTDIR ? SVA_OK
                                                   : sva_fail_errno(error, model_path, "open it");
    }
    /* An entry without a snapshot has no register either; opening the model says so. */
    struct sva_error told = {.status = SVA_OK};
    switch (sva_hub_enter_snapshot(resolved, &told)) {
    case SVA_OK: return register_in(resolved, register_path, error);
    case SVA_ERR_IO:
    case SVA_ERR_MEMORY: return sva_fail(error, told.status, "%s", told.text);
    default: return SVA_OK;
    }
}

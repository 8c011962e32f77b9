/* SPDX-License-Identifier: Apache-2.0 */
/* Loading, listing and checking packs by name or path. */
#include "judge/rulepack.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/order.h"
#include "base/text.h"
#include "judge/strict_document.h"

enum { NAME_MAX_BYTES = 4096 };

static const char doing[] = "loading a rule pack";

/* ---- one file ---- */

static enum sva_status parse_file(const struct sva_pack_file *file, struct sva_rulepack **pack,
                                  struct sva_problems *problems, struct sva_error *error)
{
    struct sva_rulepack *parsed = sva_calloc(1, sizeof *parsed);
    if (parsed == NULL) {
        return sva_fail_memory(error, doing);
    }
    const enum sva_status status =
        sva_rulepack_parse((struct sva_span){file->bytes, file->size}, parsed, problems, error);
    if (status != SVA_OK) {
        sva_free(parsed);
        return status;
    }
    *pack = parsed;
    return SVA_OK;
}

/* As parse_file, but a pack with problems is an error that tells the first. */
static enum sva_status load_file(const struct sva_pack_file *file, struct sva_rulepack **pack,
                                 struct sva_error *error)
{
    struct sva_rulepack *parsed = NULL;
    struct sva_problems problems;
    enum sva_status status = parse_file(file, &parsed, &problems, error);
    if (status != SVA_OK) {
        return status;
    }
    status = sva_strict_problems(&problems, file->origin, "rule pack", error);
    if (status != SVA_OK) {
        sva_rulepack_free(parsed);
        return status;
    }
    parsed->origin = sva_arena_strdup(&parsed->arena, file->origin);
    parsed->built_in = file->owned == NULL;
    if (parsed->origin == NULL) {
        sva_rulepack_free(parsed);
        return sva_fail_memory(error, doing);
    }
    *pack = parsed;
    return SVA_OK;
}

/* ---- names ---- */

/* "id@version#profile" taken apart; for a path only the profile is split off. */
struct request {
    char name[NAME_MAX_BYTES]; /* id or path */
    const char *version;       /* NULL: the newest */
    const char *profile;       /* NULL: "gate" */
    bool is_path;
};

static bool looks_like_path(const char *name)
{
    const size_t length = strlen(name);
    return strchr(name, '/') != NULL || (length > 5 && strcmp(name + length - 5, ".json") == 0);
}

static enum sva_status read_request(const char *text, struct request *request,
                                    struct sva_error *error)
{
    const size_t length = strlen(text);
    *request = (struct request){0};
    if (length == 0 || length >= sizeof request->name) {
        return sva_fail(error, SVA_ERR_NOT_FOUND, "no rule pack is named \"%s\"",
                        sva_esc(text).text);
    }
    memcpy(request->name, text, length + 1);
    char *hash = strrchr(request->name, '#');
    if (hash != NULL && strchr(hash, '/') == NULL) {
        *hash = '\0';
        request->profile = hash + 1;
    }
    request->is_path = looks_like_path(request->name);
    char *at = request->is_path ? NULL : strchr(request->name, '@');
    if (at != NULL) {
        *at = '\0';
        request->version = at + 1;
    }
    return SVA_OK;
}

/* Could the file, by its name, hold this id? Only then does a broken file stand in the way. */
static bool may_hold(const struct sva_pack_file *file, const char *id)
{
    const char *slash = strrchr(file->origin, '/');
    const char *space = strrchr(file->origin, ' ');
    const char *name = slash != NULL ? slash + 1 : space != NULL ? space + 1 : file->origin;
    return strncmp(name, id, strlen(id)) == 0;
}

/* Keeps `candidate` as the answer when it is newer than what is held; frees the other. */
static void keep_newer(struct sva_rulepack *candidate, const struct request *request,
                       struct sva_rulepack **best)
{
    const bool wanted =
        strcmp(candidate->info.id, request->name) == 0 &&
        (request->version == NULL || strcmp(candidate->info.version, request->version) == 0);
    if (wanted && (*best == NULL || strcmp(candidate->info.version, (*best)->info.version) > 0)) {
        sva_rulepack_free(*best);
        *best = candidate;
    } else {
        sva_rulepack_free(candidate);
    }
}

static enum sva_status search(const struct sva_pack_files *files, const struct request *request,
                              struct sva_rulepack **best, struct sva_error *error)
{
    for (size_t i = 0; i < files->count; i++) {
        struct sva_rulepack *candidate = NULL;
        struct sva_error problem = {0};
        const enum sva_status status = load_file(&files->items[i], &candidate, &problem);
        if (status == SVA_OK) {
            keep_newer(candidate, request, best);
        } else if (status != SVA_ERR_CORRUPT || may_hold(&files->items[i], request->name)) {
            return sva_fail(error, status, "%s", problem.text);
        }
    }
    return SVA_OK;
}

static enum sva_status load_by_name(const struct request *request, struct sva_rulepack **pack,
                                    struct sva_error *error)
{
    struct sva_pack_files files = {0};
    struct sva_rulepack *best = NULL;
    enum sva_status status = sva_pack_files_read(&files, error);
    if (status == SVA_OK) {
        status = search(&files, request, &best, error);
    }
    sva_pack_files_done(&files);
    if (status == SVA_OK && best == NULL) {
        status = sva_fail(error, SVA_ERR_NOT_FOUND, "no rule pack is named \"%s%s%s\"",
                          sva_esc(request->name).text, request->version != NULL ? "@" : "",
                          request->version != NULL ? sva_esc(request->version).text : "");
    }
    if (status != SVA_OK) {
        sva_rulepack_free(best);
        return status;
    }
    *pack = best;
    return SVA_OK;
}

static enum sva_status load_by_path(const char *path, struct sva_rulepack **pack,
                                    struct sva_error *error)
{
    struct sva_pack_file file = {0};
    enum sva_status status = sva_pack_file_read(path, &file, error);
    if (status == SVA_OK) {
        status = load_file(&file, pack, error);
    }
    sva_pack_file_done(&file);
    return status;
}

static enum sva_status choose_profile(struct sva_rulepack *pack, const char *name,
                                      struct sva_error *error)
{
    for (size_t i = 0; i < pack->profile_count; i++) {
        if (strcmp(pack->profiles[i].name, name) == 0) {
            pack->profile = &pack->profiles[i];
            pack->info.profile = pack->profile->name;
            return SVA_OK;
        }
    }
    return sva_fail(error, SVA_ERR_NOT_FOUND, "the rule pack %s@%s has no profile \"%s\"",
                    pack->info.id, pack->info.version, sva_esc(name).text);
}

enum sva_status sva_rulepack_load(const char *name_or_path, struct sva_rulepack **pack,
                                  struct sva_error *error)
{
    struct request request;
    struct sva_rulepack *loaded = NULL;
    enum sva_status status = read_request(name_or_path, &request, error);
    if (status == SVA_OK) {
        status = request.is_path ? load_by_path(request.name, &loaded, error)
                                 : load_by_name(&request, &loaded, error);
    }
    if (status == SVA_OK && request.profile != NULL) {
        status = choose_profile(loaded, request.profile, error);
    }
    if (status != SVA_OK) {
        sva_rulepack_free(loaded);
        return status;
    }
    *pack = loaded;
    return SVA_OK;
}

void sva_rulepack_free(struct sva_rulepack *pack)
{
    if (pack != NULL) {
        sva_arena_done(&pack->arena);
        sva_free(pack);
    }
}

const struct sva_rulepack_info *sva_rulepack_get_info(const struct sva_rulepack *pack)
{
    return &pack->info;
}

/* ---- list ---- */

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i < count; i++) {
        sva_free(texts[i]);
    }
    sva_free(texts);
}

static char *full_name(const struct sva_rulepack *pack)
{
    struct sva_bytes name = {0};
    sva_bytes_text(&name, pack->info.id);
    sva_bytes_text(&name, "@");
    sva_bytes_text(&name, pack->info.version);
    if (name.failed) {
        sva_bytes_done(&name);
        return NULL;
    }
    return (char *)name.data;
}

static size_t drop_repeats(char **names, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && strcmp(names[kept - 1], names[i]) == 0) {
            sva_free(names[i]);
        } else {
            names[kept++] = names[i];
        }
    }
    return kept;
}

enum sva_status sva_rulepack_list(char ***names, size_t *count, struct sva_error *error)
{
    struct sva_pack_files files = {0};
    enum sva_status status = sva_pack_files_read(&files, error);
    if (status != SVA_OK) {
        return status;
    }
    size_t found = 0;
    char **texts = sva_calloc(files.count, sizeof *texts);
    status = texts != NULL ? SVA_OK : sva_fail_memory(error, "listing rule packs");
    for (size_t i = 0; i < files.count && status == SVA_OK; i++) {
        struct sva_rulepack *pack = NULL;
        status = load_file(&files.items[i], &pack, error);
        if (status == SVA_OK) {
            texts[found] = full_name(pack);
            status = texts[found] != NULL ? SVA_OK : sva_fail_memory(error, "listing rule packs");
            found += texts[found] != NULL;
            sva_rulepack_free(pack);
        }
    }
    sva_pack_files_done(&files);
    if (status != SVA_OK) {
        free_texts(texts, found);
        return status;
    }
    qsort(texts, found, sizeof *texts, sva_by_text);
    *count = drop_repeats(texts, found);
    *names = texts;
    return SVA_OK;
}

/* ---- lint ---- */

static enum sva_status copy_problems(const struct sva_problems *problems, char ***texts,
                                     size_t *count, struct sva_error *error)
{
    char **copies = sva_calloc(problems->count + 1, sizeof *copies);
    size_t copied = 0;
    while (copies != NULL && copied < problems->count &&
           (copies[copied] = sva_strdup(problems->items[copied])) != NULL) {
        copied++;
    }
    if (copies == NULL || copied < problems->count) {
        free_texts(copies, copied);
        return sva_fail_memory(error, "checking a rule pack");
    }
    *texts = copies;
    *count = copied;
    return SVA_OK;
}

static enum sva_status lint_file(const char *path, char ***texts, size_t *count,
                                 struct sva_error *error)
{
    struct sva_pack_file file = {0};
    struct sva_rulepack *pack = NULL;
    struct sva_problems problems;
    enum sva_status status = sva_pack_file_read(path, &file, error);
    if (status == SVA_OK) {
        status = parse_file(&file, &pack, &problems, error);
    }
    if (status == SVA_OK) {
        status = copy_problems(&problems, texts, count, error);
        sva_rulepack_free(pack);
    }
    sva_pack_file_done(&file);
    return status;
}

enum sva_status sva_rulepack_lint(const char *path, char ***problems, size_t *count,
                                  struct sva_error *error)
{
    if (looks_like_path(path)) {
        return lint_file(path, problems, count, error);
    }
    /* A pack that is found by its name has been read without a problem. */
    struct sva_rulepack *pack = NULL;
    const enum sva_status status = sva_rulepack_load(path, &pack, error);
    const struct sva_problems none = {0};
    sva_rulepack_free(pack);
    return status == SVA_OK ? copy_problems(&none, problems, count, error) : status;
}

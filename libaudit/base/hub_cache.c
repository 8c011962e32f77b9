/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* realpath, which POSIX 2008 has and glibc hides without it */

#include "base/hub_cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/look.h"
#include "base/text.h"

bool sva_path_is_beneath(const char *path, const char *above)
{
    const size_t length = strlen(above);
    if (length == 1 && above[0] == '/') {
        return path[0] == '/' && path[1] != '\0';
    }
    return strncmp(path, above, length) == 0 && path[length] == '/';
}

char *sva_hub_name(struct sva_arena *arena, const char *folder, size_t length)
{
    static const char start[] = "models--";
    char *const name =
        sva_arena_strndup(arena, folder + sizeof start - 1, length - (sizeof start - 1));
    if (name == NULL) {
        return NULL;
    }
    char *const border = strstr(name, "--");
    if (border != NULL) {
        border[0] = '/';
        memmove(border + 1, border + 2, strlen(border + 2) + 1);
    }
    return name;
}

size_t sva_hub_root_length(const char *resolved, const char **folder, size_t *folder_size)
{
    static const char mark[] = "/snapshots/";
    const char *at = strstr(resolved, mark);
    while (at != NULL) {
        const char *start = at;
        while (start > resolved && start[-1] != '/') {
            start--;
        }
        if (strncmp(start, "models--", 8) == 0 && at[sizeof mark - 1] != '\0') {
            *folder = start;
            *folder_size = (size_t)(at - start);
            return (size_t)(at - resolved);
        }
        at = strstr(at + 1, mark);
    }
    return 0;
}

/** The revision in refs/main, if it is there and a plain name; else "". Errors: IO, MEMORY. */
static enum sva_status read_main_ref(const char *root, char *revision, size_t size,
                                     struct sva_error *error)
{
    char path[PATH_MAX];
    static const char ref[] = "/refs/main";
    revision[0] = '\0';
    if (strlen(root) + sizeof ref > sizeof path) {
        return SVA_OK;
    }
    memcpy(path, root, strlen(root));
    memcpy(path + strlen(root), ref, sizeof ref);
    size_t length = 0;
    uint64_t size_bytes = 0;
    const enum sva_status status =
        sva_file_head(path, revision, size - 1, &length, &size_bytes, error);
    if (status != SVA_OK) {
        return status;
    }
    while (length > 0 && (revision[length - 1] == '\n' || revision[length - 1] == '\r')) {
        length--;
    }
    revision[length] = '\0';
    const bool plain = size_bytes < size && revision[0] != '.' &&
                       strspn(revision, "0123456789abcdefghijklmnopqrstuvwxyz"
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-") == length;
    if (!plain) {
        revision[0] = '\0';
    }
    return SVA_OK;
}

/** The only directory in <root>/snapshots. */
static enum sva_status only_snapshot(const char *snapshots, char *revision, size_t size,
                                     struct sva_error *error)
{
    DIR *const stream = opendir(snapshots);
    if (stream == NULL) {
        return sva_fail_errno(error, snapshots, "list it");
    }
    unsigned count = 0;
    const char *name = NULL;
    enum sva_status status = sva_next_name(stream, snapshots, &name, error);
    for (; status == SVA_OK && name != NULL;
         status = sva_next_name(stream, snapshots, &name, error)) {
        if (name[0] != '.' && strlen(name) < size) {
            memcpy(revision, name, strlen(name) + 1);
            count++;
        }
    }
    (void)closedir(stream); /* only read from */
    if (status != SVA_OK) {
        return status;
    }
    if (count == 0) {
        return sva_fail(error, SVA_ERR_NOTHING, "%s holds no snapshot", sva_esc(snapshots).text);
    }
    if (count > 1) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "%s holds %u snapshots and no refs/main says which; name one of them",
                        sva_esc(snapshots).text, count);
    }
    return SVA_OK;
}

enum sva_status sva_hub_enter_snapshot(char resolved[PATH_MAX], struct sva_error *error)
{
    if (strncmp(sva_path_name(resolved), "models--", 8) != 0) {
        return SVA_OK;
    }
    char snapshots[PATH_MAX];
    static const char folder[] = "/snapshots";
    const size_t length = strlen(resolved);
    if (length + sizeof folder > sizeof snapshots) {
        return SVA_OK;
    }
    memcpy(snapshots, resolved, length);
    memcpy(snapshots + length, folder, sizeof folder);
    enum sva_place place = SVA_PLACE_NONE;
    enum sva_status status = sva_look(snapshots, false, &place, error);
    if (status != SVA_OK || place != SVA_PLACE_FOLDER) {
        return status;
    }
    char revision[256];
    status = read_main_ref(resolved, revision, sizeof revision, error);
    if (status == SVA_OK && revision[0] == '\0') {
        status = only_snapshot(snapshots, revision, sizeof revision, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    const size_t base = strlen(snapshots);
    if (base + 1 + strlen(revision) + 1 > PATH_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "the path of %s is too long",
                        sva_esc(snapshots).text);
    }
    memcpy(resolved, snapshots, base);
    resolved[base] = '/';
    memcpy(resolved + base + 1, revision, strlen(revision) + 1);
    status = sva_look(resolved, false, &place, error);
    if (status == SVA_OK && place != SVA_PLACE_FOLDER) {
        return sva_fail(error, SVA_ERR_NOT_FOUND, "the snapshot %s is not there",
                        sva_esc(resolved).text);
    }
    return status;
}

enum sva_status sva_hub_follow_link(const char *folder, const char *path, char **target,
                                    struct sva_error *error)
{
    char root[PATH_MAX];
    char resolved[PATH_MAX];
    const char *name = NULL;
    size_t name_size = 0;
    struct sva_bytes full = {.data = NULL};
    sva_bytes_text(&full, folder);
    sva_bytes_text(&full, "/");
    sva_bytes_text(&full, path);
    bool stays = !full.failed && realpath(folder, root) != NULL &&
                 realpath((const char *)full.data, resolved) != NULL;
    const size_t length = stays ? sva_hub_root_length(root, &name, &name_size) : 0;
    root[length] = '\0';
    stays = length > 0 && sva_path_is_beneath(resolved, root);
    *target = stays ? sva_strdup(resolved) : NULL;
    const bool told = !full.failed && (!stays || *target != NULL);
    sva_bytes_done(&full);
    return told ? SVA_OK : sva_fail_memory(error, "following a link");
}

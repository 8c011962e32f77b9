/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif

#include "casefile/case_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/output.h"
#include "base/text.h"

static const char doing[] = "unpacking an evidence bundle";

static bool make_in(const char *place, struct sva_case_folder *folder)
{
    const int length = snprintf(folder->path, sizeof folder->path, "%s/sovaudit-XXXXXX", place);
    return length > 0 && (size_t)length < sizeof folder->path && mkdtemp(folder->path) != NULL;
}

enum sva_status sva_case_folder_make(struct sva_case_folder *folder, struct sva_error *error)
{
    const char *const places[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i] != NULL && places[i][0] != '\0' && make_in(places[i], folder)) {
            return SVA_OK;
        }
    }
    folder->path[0] = '\0';
    return sva_fail(error, SVA_ERR_IO, "no temporary folder can be made to unpack into");
}

const char *sva_case_folder_path(struct sva_case_folder *folder, const char *name)
{
    return sva_arena_printf(&folder->arena, "%s/%s", folder->path, name);
}

static bool remember(struct sva_case_folder *folder, struct sva_grown *list, const char *path)
{
    const char **const slot = sva_grown_add(list, &folder->arena, sizeof *slot);
    if (slot != NULL) {
        *slot = path;
    }
    return slot != NULL;
}

bool sva_case_folder_expect(struct sva_case_folder *folder, const char *name)
{
    const char *const path = sva_case_folder_path(folder, name);
    return path != NULL && remember(folder, &folder->files, path);
}

/** Makes the folders above `name`. */
static enum sva_status make_above(struct sva_case_folder *folder, const char *name,
                                  struct sva_error *error)
{
    for (const char *at = strchr(name, '/'); at != NULL; at = strchr(at + 1, '/')) {
        const char *const above =
            sva_arena_printf(&folder->arena, "%s/%.*s", folder->path, (int)(at - name), name);
        struct stat info;
        if (above == NULL) {
            return sva_fail_memory(error, doing);
        }
        if (mkdir(above, 0700) == 0) {
            if (!remember(folder, &folder->folders, above)) {
                (void)rmdir(above);
                return sva_fail_memory(error, doing);
            }
        } else if (errno != EEXIST) {
            return sva_fail_system(error, name, "make its folder to unpack it", errno);
        } else if (lstat(above, &info) != 0 || !S_ISDIR(info.st_mode)) {
            return sva_fail(error, SVA_ERR_CORRUPT, "%s cannot be unpacked: no folder can be made",
                            sva_esc(name).text);
        }
    }
    return SVA_OK;
}

enum sva_status sva_case_folder_create(struct sva_case_folder *folder, const char *name, int *fd,
                                       struct sva_error *error)
{
    const enum sva_status status = make_above(folder, name, error);
    const char *const path = status == SVA_OK ? sva_case_folder_path(folder, name) : NULL;
    if (status != SVA_OK || path == NULL) {
        return status != SVA_OK ? status : sva_fail_memory(error, doing);
    }
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd < 0) {
        return sva_fail_system(error, name, "unpack it", errno);
    }
    if (!remember(folder, &folder->files, path)) {
        (void)close(*fd);
        (void)unlink(path);
        return sva_fail_memory(error, doing);
    }
    return SVA_OK;
}

enum sva_status sva_case_folder_write(int fd, const void *bytes, size_t size,
                                      struct sva_error *error)
{
    const int code = sva_write_all(fd, bytes, size);
    return code == 0 ? SVA_OK : sva_fail_system(error, "temporary folder", "unpack into it", code);
}

void sva_case_folder_remove(struct sva_case_folder *folder)
{
    const char *const *const files = folder->files.items;
    const char *const *const folders = folder->folders.items;
    for (size_t i = 0; i < folder->files.count; i++) {
        (void)unlink(files[i]);
    }
    for (size_t i = folder->folders.count; i > 0; i--) {
        (void)rmdir(folders[i - 1]);
    }
    if (folder->path[0] != '\0') {
        (void)rmdir(folder->path);
    }
    sva_arena_done(&folder->arena);
    *folder = (struct sva_case_folder){.path = ""};
}

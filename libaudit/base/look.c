/* SPDX-License-Identifier: Apache-2.0 */
#include "base/look.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/file.h"

enum sva_status sva_look(const char *path, bool follow, enum sva_place *place,
                         struct sva_error *error)
{
    struct stat info;
    if ((follow ? stat(path, &info) : lstat(path, &info)) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            return sva_fail_errno(error, path, "look at it");
        }
        *place = SVA_PLACE_NONE;
        return SVA_OK;
    }
    *place = S_ISREG(info.st_mode)   ? SVA_PLACE_FILE
             : S_ISDIR(info.st_mode) ? SVA_PLACE_FOLDER
             : S_ISLNK(info.st_mode) ? SVA_PLACE_LINK
                                     : SVA_PLACE_OTHER;
    return SVA_OK;
}

enum sva_status sva_file_head(const char *path, void *bytes, size_t room, size_t *size,
                              uint64_t *size_bytes, struct sva_error *error)
{
    enum sva_place place = SVA_PLACE_NONE;
    struct sva_input input = {.fd = -1};
    *size = 0;
    *size_bytes = 0;
    enum sva_status status = sva_look(path, true, &place, error);
    if (status != SVA_OK || place != SVA_PLACE_FILE) {
        return status;
    }
    status = sva_input_open(-1, path, true, &input, error);
    if (status == SVA_OK) {
        const size_t there = input.size_bytes < room ? (size_t)input.size_bytes : room;
        status = sva_input_read(&input, 0, bytes, there, error);
        *size = status == SVA_OK ? there : 0;
        *size_bytes = status == SVA_OK ? input.size_bytes : 0;
    }
    sva_input_close(&input);
    return status;
}

bool sva_is_forbidden(const char *path)
{
    return access(path, R_OK) != 0 && errno == EACCES;
}

enum sva_status sva_next_name(DIR *folder, const char *path, const char **name,
                              struct sva_error *error)
{
    const struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(folder);
    } while (entry != NULL &&
             (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (entry == NULL && errno != 0) {
        return sva_fail_errno(error, path, "list it");
    }
    *name = entry != NULL ? entry->d_name : NULL;
    return SVA_OK;
}

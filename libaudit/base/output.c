/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* renameat2 */
#endif

#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/leftovers.h"
#include "base/memory.h"
#include "base/text.h"

enum {
    TRANSFER_MOST_BYTES = 1 << 30, /* of one system call; Linux stops a little below 2 GiB */
    TEMPORARY_TRIES = 100,
    PATH_MOST_BYTES = 1 << 20,
};

int sva_write_all(int fd, const void *bytes, size_t size)
{
    const uint8_t *const from = bytes;
    size_t done = 0;
    while (done < size) {
        const size_t left = size - done;
        const size_t step = left > TRANSFER_MOST_BYTES ? TRANSFER_MOST_BYTES : left;
        const ssize_t put = write(fd, from + done, step);
        if (put == 0 || (put < 0 && errno != EINTR)) {
            return put == 0 ? EIO : errno;
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

/* Makes a new file beside `path`; its name is in `temporary`, which has room for it. */
static int create_beside(const char *path, mode_t mode, char *temporary, size_t room)
{
    static _Atomic unsigned counter;
    const char *const slash = strrchr(path, '/');
    const int directory_bytes = slash == NULL ? 0 : (int)(slash - path + 1);
    for (int attempt = 0; attempt < TEMPORARY_TRIES; attempt++) {
        (void)snprintf(temporary, room, "%.*s" SVA_LEFTOVER_START "%" PRIu64 "-%u" SVA_LEFTOVER_END,
                       directory_bytes, path, sva_leftover_owner(), atomic_fetch_add(&counter, 1));
        const int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd >= 0 || (errno != EEXIST && errno != EINTR)) {
            return fd;
        }
    }
    return -1;
}

/* Makes the rename itself durable. Best effort: some file systems refuse it. */
static void sync_directory(const char *path, char *scratch)
{
    const char *const slash = strrchr(path, '/');
    if (slash == NULL) {
        memcpy(scratch, ".", 2);
    } else {
        const size_t length = (size_t)(slash - path) + 1;
        memcpy(scratch, path, length);
        scratch[length] = '\0';
    }
    const int fd = open(scratch, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

/* A new file beside `path`, which nothing is asked about. */
static enum sva_status open_beside(const char *path, mode_t mode, struct sva_output *output,
                                   struct sva_error *error)
{
    const size_t room = strlen(path) + 64;
    output->path = sva_strdup(path);
    output->temporary = sva_calloc(room, 1);
    if (output->path == NULL || output->temporary == NULL) {
        sva_output_abandon(output);
        return sva_fail_memory(error, "writing a file");
    }
    output->fd = create_beside(path, mode, output->temporary, room);
    if (output->fd < 0) {
        const int code = errno;
        output->temporary[0] = '\0';
        sva_output_abandon(output);
        return sva_fail_system(error, path, "write beside it", code);
    }
    sva_leftovers_remove(output->fd, output->temporary);
    return SVA_OK;
}

/* Standard output or error where it goes to this file, else -1. */
static int stream_into(const struct stat *file)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat info;
        if (fstat(fd, &info) == 0 && info.st_dev == file->st_dev && info.st_ino == file->st_ino) {
            return fd;
        }
    }
    return -1;
}

/* A pipe, a device or, if it is not -1, an open stream. */
static enum sva_status open_through(const char *path, int stream, struct sva_output *output,
                                    struct sva_error *error)
{
    output->path = sva_strdup(path);
    if (output->path == NULL) {
        return sva_fail_memory(error, "writing a file");
    }
    output->fd = stream < 0 ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
                            : fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (output->fd < 0) {
        const int code = errno;
        sva_output_abandon(output);
        return sva_fail_system(error, path, "write", code);
    }
    return SVA_OK;
}

/* What takes the place of a file has its permissions. */
static enum sva_status replace(const char *path, const struct stat *old, struct sva_output *output,
                               struct sva_error *error)
{
    const enum sva_status status = open_beside(path, old->st_mode & 0666, output, error);
    if (status == SVA_OK) {
        (void)fchmod(output->fd, old->st_mode & 0777);
    }
    return status;
}

enum sva_status sva_output_open(const char *path, struct sva_output *output,
                                struct sva_error *error)
{
    struct stat info;
    *output = (struct sva_output){.fd = -1};
    if (strlen(path) > PATH_MOST_BYTES) {
        return sva_fail_system(error, path, "write", ENAMETOOLONG);
    }
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ? open_beside(path, 0666, output, error)
                               : sva_fail_system(error, path, "write", errno);
    }
    const bool is_link = S_ISLNK(info.st_mode);
    if (is_link && stat(path, &info) != 0) {
        return sva_fail_system(error, path, "follow the link", errno);
    }
    if (S_ISDIR(info.st_mode)) {
        return sva_fail_system(error, path, "write", EISDIR);
    }
    if (!S_ISREG(info.st_mode)) {
        return open_through(path, -1, output, error);
    }
    if (!is_link) {
        return replace(path, &info, output, error);
    }
    const int stream = stream_into(&info);
    if (stream >= 0) { /* /dev/stdout: whoever holds the stream goes on writing there */
        return open_through(path, stream, output, error);
    }
    char *const target = realpath(path, NULL); /* the file is replaced, the link stays */
    if (target == NULL) {
        return sva_fail_system(error, path, "follow the link", errno);
    }
    const enum sva_status status = replace(target, &info, output, error);
    free(target);
    return status;
}

enum sva_status sva_output_write(struct sva_output *output, const void *bytes, size_t size,
                                 struct sva_error *error)
{
    const int code = sva_write_all(output->fd, bytes, size);
    return code == 0 ? SVA_OK : sva_fail_system(error, output->path, "write", code);
}

bool sva_output_can_rewrite(const struct sva_output *output)
{
    return output->temporary != NULL;
}

enum sva_status sva_output_rewrite(struct sva_output *output, uint64_t offset, const void *bytes,
                                   size_t size, struct sva_error *error)
{
    const uint8_t *const from = bytes;
    size_t done = 0;
    while (done < size) {
        const ssize_t put =
            pwrite(output->fd, from + done, size - done, (off_t)(offset + (uint64_t)done));
        if (put == 0 || (put < 0 && errno != EINTR)) {
            return sva_fail_system(error, output->path, "write", put == 0 ? EIO : errno);
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return SVA_OK;
}

static int rename_over(const char *temporary, const char *path)
{
    return rename(temporary, path) == 0 ? 0 : errno;
}

/* Gives a finished file its own name by `name`, which returns 0 or an errno, as does this. */
static int finish_temporary(struct sva_output *output,
                            int (*name)(const char *temporary, const char *path))
{
    int code = fsync(output->fd) == 0 ? 0 : errno;
    code = code == 0 ? name(output->temporary, output->path) : code;
    if (code == 0) {
        sync_directory(output->path, output->temporary);
        output->temporary[0] = '\0';
    }
    return code;
}

/* Closes, which ends the lock of base/leftovers.h. Returns `code`, or else an errno. */
static int close_with(struct sva_output *output, int code)
{
    const int closed = close(output->fd) == 0 ? 0 : errno;
    output->fd = -1;
    return code != 0 ? code : closed;
}

enum sva_status sva_output_commit(struct sva_output *output, struct sva_error *error)
{
    const int named = output->temporary != NULL ? finish_temporary(output, rename_over) : 0;
    const int code = close_with(output, named);
    const enum sva_status status =
        code == 0 ? SVA_OK : sva_fail_system(error, output->path, "write", code);
    sva_output_abandon(output);
    return status;
}

void sva_output_abandon(struct sva_output *output)
{
    if (output->fd >= 0) {
        (void)close(output->fd);
    }
    if (output->temporary != NULL && output->temporary[0] != '\0') {
        (void)unlink(output->temporary);
    }
    sva_free(output->path);
    sva_free(output->temporary);
    *output = (struct sva_output){.fd = -1};
}

enum sva_status sva_write_file(const char *path, const void *bytes, size_t size,
                               struct sva_error *error)
{
    struct sva_output output;
    enum sva_status status = sva_output_open(path, &output, error);
    if (status == SVA_OK) {
        status = sva_output_write(&output, bytes, size, error);
    }
    if (status == SVA_OK) {
        return sva_output_commit(&output, error);
    }
    sva_output_abandon(&output);
    return status;
}

/* Unless something has the name already. Not every file system has hard links. */
static int name_new(const char *temporary, const char *path)
{
    if (link(temporary, path) == 0) {
        (void)unlink(temporary);
        return 0;
    }
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) {
        return errno;
    }
    return renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

enum sva_status sva_create_file(const char *path, const void *bytes, size_t size, unsigned mode,
                                struct sva_error *error)
{
    struct sva_output output = {.fd = -1};
    enum sva_status status = open_beside(path, 0600, &output, error);
    if (status != SVA_OK) {
        return status;
    }
    int code = fchmod(output.fd, (mode_t)mode) == 0 ? sva_write_all(output.fd, bytes, size) : errno;
    code = code == 0 ? finish_temporary(&output, name_new) : code;
    code = close_with(&output, code);
    if (code == EEXIST) {
        status = sva_fail(error, SVA_ERR_CONFLICT, "%s: there already, and left as it is",
                          sva_esc(path).text);
    } else if (code != 0) {
        status = sva_fail_system(error, path, "write", code);
    }
    sva_output_abandon(&output);
    return status;
}

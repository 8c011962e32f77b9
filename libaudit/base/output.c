/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif

#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
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
        if (put < 0 && errno != EINTR) {
            return errno;
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
        (void)snprintf(temporary, room, "%.*s" SVA_LEFTOVER_START "%ld-%u" SVA_LEFTOVER_END,
                       directory_bytes, path, (long)getpid(), atomic_fetch_add(&counter, 1));
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

/* A pipe or a device. */
static enum sva_status open_through(const char *path, struct sva_output *output,
                                    struct sva_error *error)
{
    output->path = sva_strdup(path);
    if (output->path == NULL) {
        return sva_fail_memory(error, "writing a file");
    }
    output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (output->fd < 0) {
        const int code = errno;
        sva_output_abandon(output);
        return sva_fail_system(error, path, "write", code);
    }
    return SVA_OK;
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
        return open_through(path, output, error);
    }
    if (!is_link) {
        return open_beside(path, 0666, output, error);
    }
    char *const target = realpath(path, NULL); /* the file is replaced, the link stays */
    if (target == NULL) {
        return sva_fail_system(error, path, "follow the link", errno);
    }
    const enum sva_status status = open_beside(target, 0666, output, error);
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
        if (put < 0 && errno != EINTR) {
            return sva_fail_system(error, output->path, "write", errno);
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return SVA_OK;
}

/* Syncs, unless it is a pipe or a device, and closes. Returns 0 or an errno. */
static int finish_writing(struct sva_output *output)
{
    int code = output->temporary != NULL && fsync(output->fd) != 0 ? errno : 0;
    if (close(output->fd) != 0 && code == 0) {
        code = errno;
    }
    output->fd = -1;
    return code;
}

/* It has its own name now. */
static void forget_temporary(struct sva_output *output)
{
    sync_directory(output->path, output->temporary);
    output->temporary[0] = '\0';
}

enum sva_status sva_output_commit(struct sva_output *output, struct sva_error *error)
{
    int code = finish_writing(output);
    if (code == 0 && output->temporary != NULL) {
        code = rename(output->temporary, output->path) != 0 ? errno : 0;
        if (code == 0) {
            forget_temporary(output);
        }
    }
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

/*
 * Gives a finished file its name unless something has it already. Where there are no hard links an
 * empty file takes the name first. Returns 0 or an errno.
 */
static int name_new(const char *temporary, const char *path)
{
    if (link(temporary, path) == 0) {
        (void)unlink(temporary);
        return 0;
    }
    if (errno == EEXIST) {
        return EEXIST;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return errno;
    }
    (void)close(fd);
    if (rename(temporary, path) == 0) {
        return 0;
    }
    const int code = errno;
    (void)unlink(path);
    return code;
}

enum sva_status sva_create_file(const char *path, const void *bytes, size_t size, unsigned mode,
                                struct sva_error *error)
{
    struct sva_output output = {.fd = -1};
    enum sva_status status = open_beside(path, 0600, &output, error);
    if (status != SVA_OK) {
        return status;
    }
    const int written =
        fchmod(output.fd, (mode_t)mode) == 0 ? sva_write_all(output.fd, bytes, size) : errno;
    const int finished = finish_writing(&output);
    int code = written != 0 ? written : finished;
    code = code == 0 ? name_new(output.temporary, path) : code;
    if (code == EEXIST) {
        status = sva_fail(error, SVA_ERR_CONFLICT, "%s: there already, and left as it is",
                          sva_esc(path).text);
    } else if (code != 0) {
        status = sva_fail_system(error, path, "write", code);
    } else {
        forget_temporary(&output);
    }
    sva_output_abandon(&output);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif

#include "base/file.h"

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

_Static_assert(sizeof(off_t) == 8, "files beyond 2 GiB need 64-bit offsets");

enum {
    TRANSFER_MOST_BYTES = 1 << 30, /* of one system call; Linux stops a little below 2 GiB */
    PATH_SHOWN_BYTES = 400,
    TEMPORARY_TRIES = 100,
};

/* strerror speaks the locale's language and shares its buffer between threads. */
static const char *reason(int code, char text[32])
{
    switch (code) {
    case ENOENT: return "no such file or directory";
    case ENOTDIR: return "a part of the path is not a directory";
    case EACCES:
    case EPERM: return "permission denied";
    case EISDIR: return "is a directory";
    case ELOOP: return "is a symbolic link that must not be followed";
    case ENAMETOOLONG: return "the path is too long";
    case EMFILE:
    case ENFILE: return "too many open files";
    case ENOSPC: return "no space left on the device";
    case EDQUOT: return "the disk quota is used up";
    case EROFS: return "the file system is read-only";
    case EFBIG: return "the file would be too large";
    case EIO: return "input/output error";
    case ENOMEM: return "out of memory";
    default: (void)snprintf(text, 32, "system error %d", code); return text;
    }
}

static enum sva_status fail_system(struct sva_error *error, const char *path, const char *doing,
                                   int code)
{
    char shown[PATH_SHOWN_BYTES];
    char buffer[32];
    const enum sva_status status =
        code == ENOENT || code == ENOTDIR ? SVA_ERR_NOT_FOUND : SVA_ERR_IO;
    return sva_fail(error, status, "%s: cannot %s: %s",
                    sva_escape(path, strlen(path), shown, sizeof shown), doing,
                    reason(code, buffer));
}

/* -- reading ---------------------------------------------------------------------------------- */

static enum sva_status check_regular(const struct stat *info, const char *path,
                                     struct sva_error *error)
{
    if (S_ISREG(info->st_mode)) {
        return SVA_OK;
    }
    const char *const kind = S_ISDIR(info->st_mode)    ? "a directory"
                             : S_ISLNK(info->st_mode)  ? "a symbolic link that must not be followed"
                             : S_ISFIFO(info->st_mode) ? "a named pipe"
                             : S_ISSOCK(info->st_mode) ? "a socket"
                                                       : "a device";
    char shown[PATH_SHOWN_BYTES];
    return sva_fail(error, SVA_ERR_IO, "%s: is %s, not a regular file",
                    sva_escape(path, strlen(path), shown, sizeof shown), kind);
}

/*
 * Looked at before it is opened, because opening some devices already acts;
 * looked at again afterwards, because it may have been replaced meanwhile.
 */
static enum sva_status open_regular(int directory_fd, const char *path, bool follow, int *opened,
                                    struct stat *info, struct sva_error *error)
{
    const int base = directory_fd < 0 ? AT_FDCWD : directory_fd;
    if (fstatat(base, path, info, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_system(error, path, "open", errno);
    }
    enum sva_status status = check_regular(info, path, error);
    if (status != SVA_OK) {
        return status;
    }
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW);
    int fd;
    do {
        fd = openat(base, path, flags);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return fail_system(error, path, "open", errno);
    }
    if (fstat(fd, info) != 0) {
        status = fail_system(error, path, "look at", errno);
    } else {
        status = check_regular(info, path, error);
    }
    if (status != SVA_OK) {
        (void)close(fd);
        return status;
    }
    *opened = fd;
    return SVA_OK;
}

static int64_t modified_ns(const struct stat *info)
{
    return (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec;
}

enum sva_status sva_input_open(int directory_fd, const char *path, bool follow,
                               struct sva_input *input, struct sva_error *error)
{
    char *const kept = sva_strdup(path);
    if (kept == NULL) {
        return sva_fail_memory(error, "opening a file");
    }
    int fd = -1;
    struct stat info;
    const enum sva_status status = open_regular(directory_fd, path, follow, &fd, &info, error);
    if (status != SVA_OK) {
        sva_free(kept);
        return status;
    }
    *input = (struct sva_input){
        .fd = fd,
        .size_bytes = (uint64_t)info.st_size,
        .device = (uint64_t)info.st_dev,
        .inode = (uint64_t)info.st_ino,
        .modified_ns = modified_ns(&info),
        .path = kept,
    };
    return SVA_OK;
}

enum sva_status sva_input_read(const struct sva_input *input, uint64_t offset, void *bytes,
                               size_t size, struct sva_error *error)
{
    uint8_t *const out = bytes;
    size_t done = 0;
    while (done < size) {
        const uint64_t at = offset + done;
        if (at < offset || input->base_offset > INT64_MAX || at > INT64_MAX - input->base_offset) {
            return sva_fail_at(error, SVA_ERR_INTERNAL, offset,
                               "%s: a read at byte %" PRIu64 " is beyond any file",
                               sva_esc(input->path).text, offset);
        }
        const uint64_t there = at < input->size_bytes ? input->size_bytes - at : 0;
        const size_t left = size - done < there ? size - done : (size_t)there;
        const size_t step = left > TRANSFER_MOST_BYTES ? TRANSFER_MOST_BYTES : left;
        const ssize_t got =
            step == 0 ? 0 : pread(input->fd, out + done, step, (off_t)(input->base_offset + at));
        if (got < 0 && errno != EINTR) {
            return fail_system(error, input->path, "read", errno);
        }
        if (got == 0) {
            char shown[PATH_SHOWN_BYTES];
            return sva_fail_at(error, SVA_ERR_CONFLICT, at,
                               "%s: ends at byte %" PRIu64 " although it had %" PRIu64
                               " bytes when it was opened: it became shorter",
                               sva_escape(input->path, strlen(input->path), shown, sizeof shown),
                               at, input->size_bytes);
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return SVA_OK;
}

void sva_input_expect(const struct sva_input *input, uint64_t offset, uint64_t size)
{
    if (offset < input->size_bytes && input->base_offset <= INT64_MAX - input->size_bytes) {
        const uint64_t left = input->size_bytes - offset;
        (void)posix_fadvise(input->fd, (off_t)(input->base_offset + offset),
                            (off_t)(size < left ? size : left), POSIX_FADV_WILLNEED);
    }
}

enum sva_status sva_input_unchanged(const struct sva_input *input, struct sva_error *error)
{
    struct stat info;
    if (input->modified_ns == 0) {
        return SVA_OK;
    }
    if (fstat(input->fd, &info) != 0) {
        return fail_system(error, input->path, "look at", errno);
    }
    if (modified_ns(&info) != input->modified_ns) {
        char shown[PATH_SHOWN_BYTES];
        return sva_fail(error, SVA_ERR_CONFLICT, "%s: was written to while it was read",
                        sva_escape(input->path, strlen(input->path), shown, sizeof shown));
    }
    return SVA_OK;
}

void sva_input_close(struct sva_input *input)
{
    if (input->path != NULL) {
        (void)close(input->fd);
        sva_free(input->path);
    }
    *input = (struct sva_input){.fd = -1};
}

enum sva_status sva_input_read_all(const struct sva_input *input, uint64_t limit_bytes,
                                   uint8_t **bytes, size_t *size, struct sva_error *error)
{
    if (input->size_bytes > limit_bytes || input->size_bytes >= PTRDIFF_MAX) {
        char shown[PATH_SHOWN_BYTES];
        return sva_fail(error, SVA_ERR_LIMIT,
                        "%s: has %" PRIu64 " bytes, more than the limit of %" PRIu64,
                        sva_escape(input->path, strlen(input->path), shown, sizeof shown),
                        input->size_bytes, limit_bytes);
    }
    const size_t wanted = (size_t)input->size_bytes;
    uint8_t *const block = sva_realloc_array(NULL, wanted + 1, 1);
    if (block == NULL) {
        return sva_fail_memory(error, "reading a file");
    }
    const enum sva_status status = sva_input_read(input, 0, block, wanted, error);
    if (status != SVA_OK) {
        sva_free(block);
        return status;
    }
    block[wanted] = '\0';
    *bytes = block;
    *size = wanted;
    return SVA_OK;
}

enum sva_status sva_read_file(const char *path, uint64_t limit_bytes, uint8_t **bytes, size_t *size,
                              struct sva_error *error)
{
    struct sva_input input = {.fd = -1};
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status == SVA_OK) {
        status = sva_input_read_all(&input, limit_bytes, bytes, size, error);
    }
    sva_input_close(&input);
    return status;
}

/* Returns 0 or an errno. */
static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const size_t left = size - done;
        const size_t step = left > TRANSFER_MOST_BYTES ? TRANSFER_MOST_BYTES : left;
        const ssize_t put = write(fd, bytes + done, step);
        if (put < 0 && errno != EINTR) {
            return errno;
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

/* -- windows and spools ----------------------------------------------------------------------- */

enum sva_status sva_input_window(const struct sva_input *input, uint64_t offset, uint64_t size,
                                 const char *path, struct sva_input *window,
                                 struct sva_error *error)
{
    if (offset > input->size_bytes || size > input->size_bytes - offset) {
        return sva_fail(error, SVA_ERR_INTERNAL, "%s: a window beyond the file was asked for",
                        sva_esc(path).text);
    }
    char *const kept = sva_strdup(path);
    if (kept == NULL) {
        return sva_fail_memory(error, "opening a file");
    }
    const int fd = fcntl(input->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        sva_free(kept);
        return fail_system(error, path, "open", errno);
    }
    *window = (struct sva_input){.fd = fd,
                                 .size_bytes = size,
                                 .base_offset = input->base_offset + offset,
                                 .device = input->device,
                                 .inode = input->inode,
                                 .modified_ns = input->modified_ns,
                                 .path = kept};
    return SVA_OK;
}

/* An open file in `directory` that has no name any more, or -1 and errno. */
static int open_unnamed(const char *directory)
{
    char name[PATH_SHOWN_BYTES];
    const int length = snprintf(name, sizeof name, "%s/sovaudit-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int fd = mkstemp(name);
    if (fd >= 0) {
        (void)unlink(name);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

enum sva_status sva_spool_open(struct sva_input *spool, struct sva_error *error)
{
    const char *const places[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    int fd = -1;
    for (size_t i = 0; fd < 0 && i < sizeof places / sizeof *places; i++) {
        fd = places[i] == NULL || places[i][0] == '\0' ? -1 : open_unnamed(places[i]);
    }
    if (fd < 0) {
        return fail_system(error, "temporary file", "make", errno);
    }
    struct stat info;
    char *const kept = sva_strdup("unpacked archive");
    if (kept == NULL || fstat(fd, &info) != 0) {
        (void)close(fd);
        sva_free(kept);
        return sva_fail_memory(error, "unpacking an archive");
    }
    *spool = (struct sva_input){
        .fd = fd, .device = (uint64_t)info.st_dev, .inode = (uint64_t)info.st_ino, .path = kept};
    return SVA_OK;
}

enum sva_status sva_spool_write(struct sva_input *spool, const void *bytes, size_t size,
                                struct sva_error *error)
{
    const int code = write_all(spool->fd, bytes, size);
    if (code != 0) {
        return fail_system(error, "temporary file", "unpack into", code);
    }
    spool->size_bytes += size;
    return SVA_OK;
}

/* -- replacing files --------------------------------------------------------------------------- */

/* A pipe or device (/dev/stdout, /dev/null) is written to, never replaced. */
static enum sva_status write_through(const char *path, const void *bytes, size_t size,
                                     struct sva_error *error)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return fail_system(error, path, "write", errno);
    }
    int code = write_all(fd, bytes, size);
    if (close(fd) != 0 && code == 0) {
        code = errno;
    }
    return code == 0 ? SVA_OK : fail_system(error, path, "write", code);
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

static enum sva_status open_output(const char *path, mode_t mode, struct sva_output *output,
                                   struct sva_error *error)
{
    const size_t path_bytes = strlen(path);
    *output = (struct sva_output){.fd = -1};
    if (path_bytes > 1 << 20) {
        return fail_system(error, path, "write", ENAMETOOLONG);
    }
    const size_t room = path_bytes + 64;
    output->path = sva_strdup(path);
    output->temporary = sva_calloc(room, 1);
    if (output->path == NULL || output->temporary == NULL) {
        sva_output_abandon(output);
        return sva_fail_memory(error, "writing a file");
    }
    output->fd = create_beside(path, mode, output->temporary, room);
    if (output->fd < 0) {
        const int code = errno;
        sva_output_abandon(output);
        return fail_system(error, path, "write beside it", code);
    }
    sva_leftovers_remove(output->fd, output->temporary);
    return SVA_OK;
}

enum sva_status sva_output_open(const char *path, struct sva_output *output,
                                struct sva_error *error)
{
    return open_output(path, 0666, output, error);
}

enum sva_status sva_output_write(struct sva_output *output, const void *bytes, size_t size,
                                 struct sva_error *error)
{
    const int code = write_all(output->fd, bytes, size);
    return code == 0 ? SVA_OK : fail_system(error, output->path, "write", code);
}

enum sva_status sva_output_commit(struct sva_output *output, struct sva_error *error)
{
    int code = fsync(output->fd) != 0 ? errno : 0;
    if (close(output->fd) != 0 && code == 0) {
        code = errno;
    }
    output->fd = -1;
    if (code == 0 && rename(output->temporary, output->path) != 0) {
        code = errno;
    }
    enum sva_status status = SVA_OK;
    if (code != 0) {
        (void)unlink(output->temporary);
        status = fail_system(error, output->path, "write", code);
    } else {
        sync_directory(output->path, output->temporary);
    }
    sva_output_abandon(output);
    return status;
}

void sva_output_abandon(struct sva_output *output)
{
    if (output->fd >= 0) {
        (void)close(output->fd);
        (void)unlink(output->temporary);
    }
    sva_free(output->path);
    sva_free(output->temporary);
    *output = (struct sva_output){.fd = -1};
}

static enum sva_status write_and_rename(const char *path, const void *bytes, size_t size,
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

enum sva_status sva_write_file(const char *path, const void *bytes, size_t size,
                               struct sva_error *error)
{
    struct stat info;
    if (lstat(path, &info) != 0) { /* a link or device must not be replaced by mistake */
        return errno == ENOENT ? write_and_rename(path, bytes, size, error)
                               : fail_system(error, path, "write", errno);
    }
    const bool is_link = S_ISLNK(info.st_mode);
    if (is_link && stat(path, &info) != 0) {
        return fail_system(error, path, "follow the link", errno);
    }
    if (S_ISDIR(info.st_mode)) {
        return fail_system(error, path, "write", EISDIR);
    }
    if (!S_ISREG(info.st_mode)) {
        return write_through(path, bytes, size, error);
    }
    if (!is_link) {
        return write_and_rename(path, bytes, size, error);
    }
    char *const target = realpath(path, NULL); /* the file is replaced, the link stays */
    if (target == NULL) {
        return fail_system(error, path, "follow the link", errno);
    }
    const enum sva_status status = write_and_rename(target, bytes, size, error);
    free(target);
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
    struct sva_output output;
    enum sva_status status = open_output(path, 0600, &output, error);
    if (status != SVA_OK) {
        return status;
    }
    int code = fchmod(output.fd, (mode_t)mode) == 0 ? write_all(output.fd, bytes, size) : errno;
    if (code == 0 && fsync(output.fd) != 0) {
        code = errno;
    }
    if (close(output.fd) != 0 && code == 0) {
        code = errno;
    }
    output.fd = -1;
    code = code == 0 ? name_new(output.temporary, path) : code;
    if (code == EEXIST) {
        status = sva_fail(error, SVA_ERR_CONFLICT, "%s: there already, and left as it is",
                          sva_esc(path).text);
    } else if (code != 0) {
        status = fail_system(error, path, "write", code);
    }
    if (code != 0) {
        (void)unlink(output.temporary);
    } else {
        sync_directory(path, output.temporary);
    }
    sva_output_abandon(&output);
    return status;
}

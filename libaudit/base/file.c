/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/text.h"

_Static_assert(sizeof(off_t) == 8, "files beyond 2 GiB need 64-bit offsets");

enum {
    TRANSFER_MOST_BYTES = 1 << 30, /* of one system call; Linux stops a little below 2 GiB */
    PATH_SHOWN_BYTES = 400,
    DIGEST_BLOCK_BYTES = 64 << 10,
};

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
        return sva_fail_system(error, path, "open", errno);
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
        return sva_fail_system(error, path, "open", errno);
    }
    if (fstat(fd, info) != 0) {
        status = sva_fail_system(error, path, "look at", errno);
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
        .modified = info.st_mtim,
        .whole_bytes = (uint64_t)info.st_size,
        .named = true,
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
            return sva_fail_system(error, input->path, "read", errno);
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
    if (!input->named) {
        return SVA_OK;
    }
    if (fstat(input->fd, &info) != 0) {
        return sva_fail_system(error, input->path, "look at", errno);
    }
    if (info.st_mtim.tv_sec != input->modified.tv_sec ||
        info.st_mtim.tv_nsec != input->modified.tv_nsec ||
        (uint64_t)info.st_size != input->whole_bytes) {
        char shown[PATH_SHOWN_BYTES];
        return sva_fail(error, SVA_ERR_CONFLICT, "%s: was written to while it was read",
                        sva_escape(input->path, strlen(input->path), shown, sizeof shown));
    }
    return SVA_OK;
}

enum sva_status sva_input_digest(const struct sva_input *input, uint8_t digest[32],
                                 struct sva_error *error)
{
    struct sva_sha256 *const state = sva_sha256_new();
    uint8_t *const block = sva_calloc(DIGEST_BLOCK_BYTES, 1);
    enum sva_status status =
        state != NULL && block != NULL ? SVA_OK : sva_fail_memory(error, "hashing a file");
    for (uint64_t at = 0; status == SVA_OK && at < input->size_bytes; at += DIGEST_BLOCK_BYTES) {
        const uint64_t left = input->size_bytes - at;
        const size_t size = left < DIGEST_BLOCK_BYTES ? (size_t)left : DIGEST_BLOCK_BYTES;
        status = sva_input_read(input, at, block, size, error);
        if (status == SVA_OK) {
            sva_sha256_update(state, block, size);
        }
    }
    if (status == SVA_OK) {
        sva_sha256_final(state, digest);
    }
    sva_free(block);
    sva_sha256_free(state);
    return status;
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

enum sva_status sva_digest_file(const char *path, uint8_t digest[32], struct sva_error *error)
{
    struct sva_input input = {.fd = -1};
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status == SVA_OK) {
        status = sva_input_digest(&input, digest, error);
    }
    sva_input_close(&input);
    return status;
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
        return sva_fail_system(error, path, "open", errno);
    }
    *window = (struct sva_input){.fd = fd,
                                 .size_bytes = size,
                                 .base_offset = input->base_offset + offset,
                                 .device = input->device,
                                 .inode = input->inode,
                                 .modified = input->modified,
                                 .whole_bytes = input->whole_bytes,
                                 .named = input->named,
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
        return sva_fail_system(error, "temporary file", "make", errno);
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
    const int code = sva_write_all(spool->fd, bytes, size);
    if (code != 0) {
        return sva_fail_system(error, "temporary file", "unpack into", code);
    }
    spool->size_bytes += size;
    return SVA_OK;
}

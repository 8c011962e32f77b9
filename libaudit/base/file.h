/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Files that are read: opened once, read with pread. Only regular files are opened (a FIFO or
 * device is refused without blocking).
 */
#ifndef SVA_BASE_FILE_H
#define SVA_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <sovaudit/status.h>

struct sva_input {
    int fd;
    uint64_t size_bytes;  /**< at opening */
    uint64_t base_offset; /**< where a window begins in its file; 0 for whole files */
    uint64_t device, inode;
    struct timespec modified; /**< when it was opened */
    uint64_t whole_bytes;     /**< of the file, also of a window's, at opening */
    bool named;               /**< others may write to it; spools have no name */
    char *path;               /**< for messages, unescaped */
};

/** Opens for reading. `directory_fd` -1 = current directory. `follow` false refuses a final
 * symlink. */
enum sva_status sva_input_open(int directory_fd, const char *path, bool follow,
                               struct sva_input *input, struct sva_error *error) SVA_MUST_CHECK;
/** Reads exactly `size` bytes; a file that became shorter is CONFLICT. Thread-safe. */
enum sva_status sva_input_read(const struct sva_input *input, uint64_t offset, void *bytes,
                               size_t size, struct sva_error *error) SVA_MUST_CHECK;
/** Bytes that will be read soon: a hint to the operating system, which may ignore it. */
void sva_input_expect(const struct sva_input *input, uint64_t offset, uint64_t size);
/** CONFLICT when its size or time of modification is not what it was at opening; IO. */
enum sva_status sva_input_unchanged(const struct sva_input *input,
                                    struct sva_error *error) SVA_MUST_CHECK;
/** SHA-256 of all bytes. Errors: those of sva_input_read; MEMORY. */
enum sva_status sva_input_digest(const struct sva_input *input, uint8_t digest[32],
                                 struct sva_error *error) SVA_MUST_CHECK;
void sva_input_close(struct sva_input *input);

/**
 * Bytes [offset, offset + size) of an open file as an input of its own, called `path` in
 * messages. Errors: INTERNAL (beyond the file), IO (no descriptor left), MEMORY.
 */
enum sva_status sva_input_window(const struct sva_input *input, uint64_t offset, uint64_t size,
                                 const char *path, struct sva_input *window,
                                 struct sva_error *error) SVA_MUST_CHECK;

/**
 * A file without a name for what is unpacked: in $TMPDIR, else /var/tmp, else /tmp. It is gone
 * with its last descriptor, whatever happens to the program. Errors: IO, MEMORY.
 */
enum sva_status sva_spool_open(struct sva_input *spool, struct sva_error *error) SVA_MUST_CHECK;
/** Appends; size_bytes grows. Errors: IO (disk full, too large). */
enum sva_status sva_spool_write(struct sva_input *spool, const void *bytes, size_t size,
                                struct sva_error *error) SVA_MUST_CHECK;

/** Whole small file, NUL-terminated (not counted in size). LIMIT above `limit_bytes`. free(). */
enum sva_status sva_read_file(const char *path, uint64_t limit_bytes, uint8_t **bytes, size_t *size,
                              struct sva_error *error) SVA_MUST_CHECK;
/** SHA-256 of a file. Errors: those of sva_input_open, sva_input_read; MEMORY. */
enum sva_status sva_digest_file(const char *path, uint8_t digest[32],
                                struct sva_error *error) SVA_MUST_CHECK;
/** Same as sva_read_file() for an open input. */
enum sva_status sva_input_read_all(const struct sva_input *input, uint64_t limit_bytes,
                                   uint8_t **bytes, size_t *size,
                                   struct sva_error *error) SVA_MUST_CHECK;

#endif

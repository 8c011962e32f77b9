/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models that arrive in an archive: tar or zip, plain or compressed with gzip, zstd, xz or bzip2.
 * Everything else reads by position. Entries that an archive holds as they are (tar without
 * compression, zip "stored") are therefore read where they lie; all others are unpacked once, as
 * a stream, into a file without a name (base/file.h). Nothing is ever written under a name that
 * the archive chose. Read with libarchive, whose other formats stay switched off.
 *
 * A zip's directory is checked first (format/zip_directory.h).
 * Refused with the entry's name: names that are absolute, climb, or hold backslashes, drive
 * letters or control characters; links, devices and sparse files; directories with data; encrypted
 * entries; two entries of one name. Limits: sva_limits.file_count, unpacked_bytes, unpacked_ratio.
 */
#ifndef SVA_FORMAT_ARCHIVE_H
#define SVA_FORMAT_ARCHIVE_H

#include <sovaudit/model.h>

#include "base/file.h"
#include "base/memory.h"

struct sva_archive_entry {
    const char *path;            /**< relative, '/' between parts, without "." */
    uint64_t offset, size_bytes; /**< in the unpacked data, or in the archive itself */
    bool in_place;               /**< in the archive itself */
};

struct sva_archive {
    struct sva_arena arena;            /**< owns the names */
    struct sva_archive_entry *entries; /**< regular files, sorted by path */
    size_t count;
    struct sva_input data;    /**< bytes that had to be unpacked */
    struct sva_input packed;  /**< the archive, kept open */
    uint64_t unpacked_bytes;  /**< of all entries */
    uint64_t unclaimed_bytes; /**< after the end of a tar, between the entries of a zip */
    bool unfinished;          /**< a tar without its end mark: it may have been cut */
    const char *format;       /**< "tar, zstd": for sentences */
};

/**
 * Unpacks the whole archive. Errors: CORRUPT (malformed, cut short, or refused as above),
 * UNSUPPORTED (no tar or zip), LIMIT, IO (also a full disk), CONFLICT, CANCELLED, MEMORY.
 * limits->progress is told of stage "unpack". sva_archive_done() afterwards.
 */
enum sva_status sva_archive_unpack(const struct sva_input *input, const struct sva_limits *limits,
                                   struct sva_archive *archive,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** Opens an entry, called `path` in messages. Errors: IO (no descriptor left), MEMORY. */
enum sva_status sva_archive_open_entry(const struct sva_archive *archive,
                                       const struct sva_archive_entry *entry, const char *path,
                                       struct sva_input *input,
                                       struct sva_error *error) SVA_MUST_CHECK;

void sva_archive_done(struct sva_archive *archive);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models that arrive in an archive: tar or zip, plain or compressed with gzip, zstd, xz or bzip2.
 * The stream is unpacked once into a file without a name (base/file.h), because everything else
 * reads by position; nothing is ever written under a name that the archive chose. Read with
 * libarchive, whose other formats stay switched off.
 *
 * Refused with the entry's name: names that are absolute, climb, or hold backslashes, drive
 * letters or control characters; links, devices and sparse files; encrypted entries; two entries
 * of one name. Limits: sva_limits.file_count, unpacked_bytes, unpacked_ratio.
 */
#ifndef SVA_FORMAT_ARCHIVE_H
#define SVA_FORMAT_ARCHIVE_H

#include <sovaudit/model.h>

#include "base/file.h"
#include "base/memory.h"

struct sva_archive_entry {
    const char *path;            /**< relative, '/' between parts, without "." */
    uint64_t offset, size_bytes; /**< in the unpacked data */
};

struct sva_archive {
    struct sva_arena arena;            /**< owns the names */
    struct sva_archive_entry *entries; /**< regular files, sorted by path */
    size_t count;
    struct sva_input data; /**< all their bytes */
    const char *format;    /**< "tar, zstd": for sentences */
};

/**
 * Unpacks the whole archive. Errors: CORRUPT (malformed, cut short, or refused as above),
 * UNSUPPORTED (no tar or zip), LIMIT, IO, CONFLICT, MEMORY. sva_archive_done() afterwards.
 */
enum sva_status sva_archive_unpack(const struct sva_input *input, const struct sva_limits *limits,
                                   struct sva_archive *archive,
                                   struct sva_error *error) SVA_MUST_CHECK;

void sva_archive_done(struct sva_archive *archive);

#endif

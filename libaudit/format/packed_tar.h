/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A tar compressed with zstd, as packs and evidence bundles are: plain files in a given order, with
 * no owner and no time. Written in GNU's form, which keeps long names and any bytes in them;
 * writing gives the same bytes for the same entries and libzstd. Reading takes one entry after
 * another; links, directories, sparse files and unset sizes are refused. What the entries mean, and
 * how many there may be, is the caller's.
 */
#ifndef SVA_FORMAT_PACKED_TAR_H
#define SVA_FORMAT_PACKED_TAR_H

#include "base/cursor.h"
#include "base/file.h"
#include "base/memory.h"

struct sva_tar_writer;

/**
 * Begins the file `path` under a temporary name. `error` takes what goes wrong until the writer is
 * freed, and must not be NULL. Errors: IO, MEMORY.
 */
enum sva_status sva_tar_writer_open(const char *path, struct sva_tar_writer **writer,
                                    struct sva_error *error) SVA_MUST_CHECK;

/** One file. Errors: IO (also a name that tar cannot hold), MEMORY. */
enum sva_status sva_tar_put(struct sva_tar_writer *writer, const char *name,
                            struct sva_span bytes) SVA_MUST_CHECK;

/** One file of exactly input->size_bytes. Errors: IO, CONFLICT (it became shorter), MEMORY. */
enum sva_status sva_tar_put_input(struct sva_tar_writer *writer, const char *name,
                                  const struct sva_input *input) SVA_MUST_CHECK;

/** Ends the file, which has its name now. Errors: IO. */
enum sva_status sva_tar_writer_commit(struct sva_tar_writer *writer) SVA_MUST_CHECK;

/** Removes what was not committed. NULL is fine. */
void sva_tar_writer_free(struct sva_tar_writer *writer);

struct sva_tar_reader;

/** What the file should be, and how it is told. */
struct sva_tar_source {
    const struct sva_input *input;       /**< borrowed while reading */
    const struct sva_progress *progress; /**< or NULL */
    const char *kind;                    /**< "reference pack", for messages */
};

/**
 * Begins reading. `error` as for writing. Errors: CORRUPT (no such archive), IO, CANCELLED,
 * MEMORY.
 */
enum sva_status sva_tar_reader_open(const struct sva_tar_source *source,
                                    struct sva_tar_reader **reader,
                                    struct sva_error *error) SVA_MUST_CHECK;

/** One entry. The name is borrowed until the next one. */
struct sva_tar_entry {
    const char *name; /**< as stored, anything but NULL */
    uint64_t size_bytes;
};

/**
 * The next entry; *end when there is none. `where` says in messages what was to come. Errors:
 * CORRUPT (no plain file, not a tar), IO, CANCELLED.
 */
enum sva_status sva_tar_next(struct sva_tar_reader *reader, const char *where,
                             struct sva_tar_entry *entry, bool *end) SVA_MUST_CHECK;

/**
 * Up to `room` bytes of the current entry's content; *got 0 at its end. Errors: CORRUPT (cut),
 * IO, CANCELLED.
 */
enum sva_status sva_tar_read(struct sva_tar_reader *reader, uint8_t *bytes, size_t room,
                             size_t *got) SVA_MUST_CHECK;

/** The current entry's bytes, which replace those in `bytes` and grow as they come. Errors: MEMORY.
 */
enum sva_status sva_tar_take(struct sva_tar_reader *reader, struct sva_bytes *bytes) SVA_MUST_CHECK;

/** NULL is fine. */
void sva_tar_reader_free(struct sva_tar_reader *reader);

#endif

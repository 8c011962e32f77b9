/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The central directory of a zip file, zip64 too, held against every local header: what one
 * reader finds through the directory, another must find at the entry itself. Used for containers
 * of weights whose entries are addressed in place (PyTorch, NumPy); nothing is unpacked here.
 *
 * Refused: encrypted entries, several disks, local headers that state another name, method or
 * size, entries that overlap or leave the file, two entries of one name, names that are absolute,
 * climb, or hold backslashes or control characters, an end record in the comment. CRC-32 is left to
 * who reads the data. Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
 */
#ifndef SVA_FORMAT_ZIP_DIRECTORY_H
#define SVA_FORMAT_ZIP_DIRECTORY_H

#include <sovaudit/model.h>

#include "base/memory.h"
#include "base/source.h"
#include "format/notes.h"

enum { SVA_ZIP_STORED = 0, SVA_ZIP_DEFLATED = 8 };

struct sva_zip_entry {
    const char *name; /**< valid as above, without NUL */
    uint16_t method;  /**< SVA_ZIP_STORED, or a compression */
    bool described;   /**< its local header leaves sizes to a descriptor behind the data */
    uint32_t crc32;
    uint64_t packed_bytes, size_bytes;
    uint64_t header_offset; /**< of the local header */
    uint64_t data_offset;
};

struct sva_zip {
    struct sva_arena arena;
    struct sva_zip_entry *entries; /**< sorted by name */
    size_t count;
    uint64_t leading_bytes;   /**< in front of the first entry */
    uint64_t unclaimed_bytes; /**< these, and between entries what describes none */
};

/** Errors: CORRUPT, LIMIT (more entries than limits->tensor_count), IO, CONFLICT, MEMORY. */
enum sva_status sva_zip_read(const struct sva_source *source, const struct sva_limits *limits,
                             struct sva_zip *zip, struct sva_error *error) SVA_MUST_CHECK;
void sva_zip_done(struct sva_zip *zip);

/** The finding `archive-unclaimed-bytes`, if there are such bytes. */
void sva_zip_note_unclaimed(const struct sva_zip *zip, struct sva_notes *notes,
                            struct sva_arena *arena);

/** By name, or NULL. Borrowed. */
const struct sva_zip_entry *sva_zip_find(const struct sva_zip *zip, const char *name);

/**
 * A small stored entry whole, its CRC-32 checked, NUL-terminated; sva_free(). Errors: CORRUPT
 * (deflated, wrong CRC), LIMIT (above `limit_bytes`), IO, CONFLICT, MEMORY.
 */
enum sva_status sva_zip_load(const struct sva_source *source, const struct sva_zip_entry *entry,
                             uint64_t limit_bytes, uint8_t **bytes,
                             struct sva_error *error) SVA_MUST_CHECK;

#endif

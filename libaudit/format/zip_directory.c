/* SPDX-License-Identifier: Apache-2.0 */
#include "format/zip_directory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    CENTRAL_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_MOST = 65535,
    DESCRIPTOR_MOST = 24, /* mark, checksum and sizes that may follow an entry's data */
    NAME_MOST = 4096
};

#define END_MAGIC        0x06054b50u
#define END64_MAGIC      0x06064b50u
#define LOCATOR_MAGIC    0x07064b50u
#define CENTRAL_MAGIC    0x02014b50u
#define LOCAL_MAGIC      0x04034b50u
#define DESCRIPTOR_MAGIC 0x08074b50u

static const uint64_t DIRECTORY_MOST_BYTES = (uint64_t)256 << 20;

/** One reading of a zip file. */
struct reading {
    const struct sva_source *source;
    const struct sva_limits *limits;
    struct sva_zip *zip;
    struct sva_escaped what;
    uint64_t directory_offset, directory_bytes, entry_count;
    uint64_t end_offset; /* of the first of the end records */
    struct sva_error *error;
};

static enum sva_status broken(const struct reading *run, uint64_t offset, const char *complaint)
{
    return sva_fail_at(run->error, SVA_ERR_CORRUPT, offset, "%s: %s at byte %" PRIu64,
                       run->what.text, complaint, offset);
}

static enum sva_status refuse(const struct reading *run, const struct sva_zip_entry *entry,
                              const char *complaint)
{
    return sva_fail_at(run->error, SVA_ERR_CORRUPT, entry->header_offset, "%s: the entry \"%s\" %s",
                       run->what.text, sva_esc(entry->name).text, complaint);
}

/* -- end records ------------------------------------------------------------------------------- */

static uint32_t u32_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/** Is there a record at `at` whose comment ends with the file? */
static bool is_end(const uint8_t *tail, size_t size, size_t at)
{
    return at + END_BYTES <= size && u32_at(tail + at) == END_MAGIC &&
           ((size_t)tail[at + 20] | (size_t)tail[at + 21] << 8) == size - at - END_BYTES;
}

/**
 * The record that ends with the file, or else the last one, whose comment must. Other readers take
 * the last one whatever its comment's length says, and would find another archive in a comment.
 */
static bool find_end(const uint8_t *tail, size_t size, size_t *at)
{
    if (size >= END_BYTES && is_end(tail, size, size - END_BYTES)) {
        *at = size - END_BYTES;
        return true;
    }
    for (size_t i = size < 4 ? 0 : size - 3; i-- > 0;) {
        if (u32_at(tail + i) == END_MAGIC) {
            *at = i;
            return is_end(tail, size, i);
        }
    }
    return false;
}

/** Values that do not fit the old record stand in a second one, which a locator points to. */
static enum sva_status read_end64(struct reading *run, uint64_t end)
{
    uint8_t bytes[END64_BYTES];
    if (end < LOCATOR_BYTES + END64_BYTES) {
        return broken(run, end, "a zip64 end record is missing");
    }
    enum sva_status status =
        sva_source_read(run->source, end - LOCATOR_BYTES, bytes, LOCATOR_BYTES, run->error);
    if (status != SVA_OK) {
        return status;
    }
    struct sva_cursor locator = {.span = {bytes, LOCATOR_BYTES}};
    const uint32_t magic = sva_cursor_u32le(&locator);
    (void)sva_cursor_u32le(&locator); /* disk */
    const uint64_t at = sva_cursor_u64le(&locator);
    if (magic != LOCATOR_MAGIC || at != end - LOCATOR_BYTES - END64_BYTES) {
        return broken(run, end - LOCATOR_BYTES, "the zip64 end records do not follow each other");
    }
    status = sva_source_read(run->source, at, bytes, END64_BYTES, run->error);
    if (status != SVA_OK) {
        return status;
    }
    struct sva_cursor cursor = {.span = {bytes, END64_BYTES}};
    if (sva_cursor_u32le(&cursor) != END64_MAGIC) {
        return broken(run, at, "a zip64 end record is missing");
    }
    (void)sva_cursor_take(&cursor, 12); /* size, versions */
    const uint32_t disks = sva_cursor_u32le(&cursor) | sva_cursor_u32le(&cursor);
    const uint64_t here = sva_cursor_u64le(&cursor);
    run->entry_count = sva_cursor_u64le(&cursor);
    run->directory_bytes = sva_cursor_u64le(&cursor);
    run->directory_offset = sva_cursor_u64le(&cursor);
    run->end_offset = at;
    return disks == 0 && here == run->entry_count
               ? SVA_OK
               : broken(run, at, "the zip archive is spread over several disks");
}

static enum sva_status read_end(struct reading *run, const uint8_t *record, uint64_t at)
{
    struct sva_cursor cursor = {.span = {record + 4, END_BYTES - 4}};
    const unsigned disks = (unsigned)sva_cursor_u16le(&cursor) | sva_cursor_u16le(&cursor);
    const uint16_t here = sva_cursor_u16le(&cursor);
    run->entry_count = sva_cursor_u16le(&cursor);
    run->directory_bytes = sva_cursor_u32le(&cursor);
    run->directory_offset = sva_cursor_u32le(&cursor);
    run->end_offset = at;
    if (run->entry_count == UINT16_MAX || run->directory_bytes == UINT32_MAX ||
        run->directory_offset == UINT32_MAX) {
        return read_end64(run, at);
    }
    if (disks != 0 || here != run->entry_count) {
        return broken(run, at, "the zip archive is spread over several disks");
    }
    /* torch writes the second record always; where it is, it must say the same */
    uint8_t before[4] = {0};
    enum sva_status status = at < LOCATOR_BYTES ? SVA_OK
                                                : sva_source_read(run->source, at - LOCATOR_BYTES,
                                                                  before, 4, run->error);
    if (status != SVA_OK || u32_at(before) != LOCATOR_MAGIC) {
        return status;
    }
    const struct reading first = *run;
    status = read_end64(run, at);
    if (status != SVA_OK) {
        return status;
    }
    return run->entry_count == first.entry_count && run->directory_bytes == first.directory_bytes &&
                   run->directory_offset == first.directory_offset
               ? SVA_OK
               : broken(run, at, "the two end records of the zip archive disagree");
}

static enum sva_status locate(struct reading *run)
{
    const uint64_t size = run->source->size_bytes;
    const uint64_t most = END_BYTES + COMMENT_MOST;
    const size_t tail_bytes = (size_t)(size < most ? size : most);
    uint8_t *const tail = sva_calloc(tail_bytes, 1);
    if (tail == NULL) {
        return sva_fail_memory(run->error, "reading a zip archive");
    }
    size_t at = 0;
    enum sva_status status =
        sva_source_read(run->source, size - tail_bytes, tail, tail_bytes, run->error);
    if (status == SVA_OK && !find_end(tail, tail_bytes, &at)) {
        status = broken(run, size, "no zip directory ends with the file");
    }
    if (status == SVA_OK) {
        status = read_end(run, tail + at, size - tail_bytes + at);
    }
    sva_free(tail);
    if (status != SVA_OK) {
        return status;
    }
    if (run->directory_offset > run->end_offset ||
        run->directory_bytes != run->end_offset - run->directory_offset) {
        return broken(run, run->end_offset, "the zip directory does not end at its end record");
    }
    if (run->entry_count > run->limits->tensor_count ||
        run->directory_bytes > DIRECTORY_MOST_BYTES) {
        return sva_fail(run->error, SVA_ERR_LIMIT,
                        "%s: a zip directory of %" PRIu64 " entries in %" PRIu64
                        " bytes is more than is read",
                        run->what.text, run->entry_count, run->directory_bytes);
    }
    return run->entry_count <= run->directory_bytes / CENTRAL_BYTES
               ? SVA_OK
               : broken(run, run->end_offset, "the zip directory is too short for its entries");
}

/* -- entries ----------------------------------------------------------------------------------- */

/** What makes a name unfit, or NULL. */
static const char *name_complaint(const uint8_t *name, size_t size)
{
    if (size == 0 || size > NAME_MOST) {
        return "has no name, or too long a one";
    }
    if (name[0] == '/' || (size > 1 && name[1] == ':')) {
        return "has an absolute name";
    }
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && (name[i] < 0x20 || name[i] == 0x7f || name[i] == '\\')) {
            return "has a backslash or a control character in its name";
        }
        if (i == size || name[i] == '/') {
            if (i - start == 2 && name[start] == '.' && name[start + 1] == '.') {
                return "climbs out of the archive by its name";
            }
            start = i + 1;
        }
    }
    return NULL;
}

/** Takes 64-bit values out of the extra field, in the order in which the short ones overflowed. */
static bool read_extra64(const uint8_t *extra, size_t size, struct sva_zip_entry *entry)
{
    struct sva_cursor cursor = {.span = {extra, size}};
    const bool wide_size = entry->size_bytes == UINT32_MAX;
    const bool wide_packed = entry->packed_bytes == UINT32_MAX;
    const bool wide_offset = entry->header_offset == UINT32_MAX;
    while (sva_cursor_left(&cursor) >= 4) {
        const uint16_t id = sva_cursor_u16le(&cursor);
        const uint16_t length = sva_cursor_u16le(&cursor);
        const uint8_t *const field = sva_cursor_take(&cursor, length);
        if (field == NULL) {
            return false;
        }
        if (id == 1) {
            struct sva_cursor values = {.span = {field, length}};
            entry->size_bytes = wide_size ? sva_cursor_u64le(&values) : entry->size_bytes;
            entry->packed_bytes = wide_packed ? sva_cursor_u64le(&values) : entry->packed_bytes;
            entry->header_offset = wide_offset ? sva_cursor_u64le(&values) : entry->header_offset;
            return !values.failed;
        }
    }
    return !wide_size && !wide_packed && !wide_offset;
}

static enum sva_status take_central(struct reading *run, struct sva_cursor *cursor, size_t index)
{
    struct sva_zip_entry *const entry = &run->zip->entries[index];
    const uint64_t at = run->directory_offset + cursor->position;
    const uint32_t magic = sva_cursor_u32le(cursor);
    (void)sva_cursor_u32le(cursor); /* versions */
    const uint16_t flags = sva_cursor_u16le(cursor);
    entry->method = sva_cursor_u16le(cursor);
    (void)sva_cursor_u32le(cursor); /* time */
    entry->crc32 = sva_cursor_u32le(cursor);
    entry->packed_bytes = sva_cursor_u32le(cursor);
    entry->size_bytes = sva_cursor_u32le(cursor);
    const uint16_t name_bytes = sva_cursor_u16le(cursor);
    const uint16_t extra_bytes = sva_cursor_u16le(cursor);
    const uint16_t comment_bytes = sva_cursor_u16le(cursor);
    const uint16_t disk = sva_cursor_u16le(cursor);
    (void)sva_cursor_take(cursor, 6); /* attributes */
    entry->header_offset = sva_cursor_u32le(cursor);
    const uint8_t *const name = sva_cursor_take(cursor, name_bytes);
    const uint8_t *const extra = sva_cursor_take(cursor, extra_bytes);
    (void)sva_cursor_take(cursor, comment_bytes);
    if (cursor->failed || magic != CENTRAL_MAGIC) {
        return broken(run, at, "an entry of the zip directory is cut short");
    }
    entry->name = sva_arena_strndup(&run->zip->arena, (const char *)name, name_bytes);
    if (entry->name == NULL) {
        return sva_fail_memory(run->error, "reading a zip archive");
    }
    const char *const complaint = name_complaint(name, name_bytes);
    if (complaint != NULL) {
        return refuse(run, entry, complaint);
    }
    if (!read_extra64(extra, extra_bytes, entry)) {
        return refuse(run, entry, "lacks the 64-bit sizes that it announces");
    }
    if ((flags & 0x2041u) != 0) {
        return refuse(run, entry, "is encrypted");
    }
    return disk == 0 || disk == UINT16_MAX ? SVA_OK : refuse(run, entry, "lies on another disk");
}

/** `elsewhere` stands for a value that another place holds; 0 for one that follows the data. */
static bool differs(uint32_t local, uint64_t central, bool described, uint32_t elsewhere)
{
    return local != central && local != elsewhere && !(described && local == 0);
}

/** The local header must name the same entry; what it leaves to a data descriptor may differ. */
static enum sva_status check_local(struct reading *run, struct sva_zip_entry *entry)
{
    uint8_t bytes[LOCAL_BYTES];
    char name[NAME_MOST];
    const size_t name_bytes = strlen(entry->name);
    if (entry->header_offset > run->directory_offset ||
        run->directory_offset - entry->header_offset < LOCAL_BYTES + name_bytes) {
        return refuse(run, entry, "begins outside of the archive's data");
    }
    enum sva_status status =
        sva_source_read(run->source, entry->header_offset, bytes, LOCAL_BYTES, run->error);
    if (status == SVA_OK) {
        status = sva_source_read(run->source, entry->header_offset + LOCAL_BYTES, name, name_bytes,
                                 run->error);
    }
    if (status != SVA_OK) {
        return status;
    }
    struct sva_cursor cursor = {.span = {bytes, LOCAL_BYTES}};
    const uint32_t magic = sva_cursor_u32le(&cursor);
    (void)sva_cursor_u16le(&cursor); /* version */
    const uint16_t flags = sva_cursor_u16le(&cursor);
    const uint16_t method = sva_cursor_u16le(&cursor);
    (void)sva_cursor_u32le(&cursor); /* time */
    const uint32_t crc = sva_cursor_u32le(&cursor);
    const uint32_t packed = sva_cursor_u32le(&cursor);
    const uint32_t size = sva_cursor_u32le(&cursor);
    const uint16_t local_name_bytes = sva_cursor_u16le(&cursor);
    const uint16_t extra_bytes = sva_cursor_u16le(&cursor);
    const bool described = (flags & 8u) != 0;
    entry->described = described;
    if (magic != LOCAL_MAGIC || method != entry->method || local_name_bytes != name_bytes ||
        memcmp(name, entry->name, name_bytes) != 0 || (flags & 0x2041u) != 0) {
        return refuse(run, entry, "is another one in its local header than in the directory");
    }
    if (differs(packed, entry->packed_bytes, described, UINT32_MAX) ||
        differs(size, entry->size_bytes, described, UINT32_MAX) ||
        differs(crc, entry->crc32, described, entry->crc32)) {
        return refuse(run, entry, "has other sizes in its local header than in the directory");
    }
    entry->data_offset = entry->header_offset + LOCAL_BYTES + name_bytes + extra_bytes;
    if (entry->data_offset > run->directory_offset ||
        entry->packed_bytes > run->directory_offset - entry->data_offset) {
        return refuse(run, entry, "ends outside of the archive's data");
    }
    return entry->method != SVA_ZIP_STORED || entry->packed_bytes == entry->size_bytes
               ? SVA_OK
               : refuse(run, entry, "is stored in another number of bytes than it has");
}

static int by_place(const void *left, const void *right)
{
    const struct sva_zip_entry *const a = left;
    const struct sva_zip_entry *const b = right;
    return (a->header_offset > b->header_offset) - (a->header_offset < b->header_offset);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct sva_zip_entry *)left)->name,
                  ((const struct sva_zip_entry *)right)->name);
}

/** Size of the data descriptor that `bytes` begin with, 0: they are none of this entry's. */
static size_t descriptor_bytes(const struct sva_zip_entry *entry, const uint8_t *bytes, size_t size)
{
    for (unsigned form = 0; form < 4; form++) { /* with and without a mark, of 64 and of 32 bits */
        struct sva_cursor cursor = {.span = {bytes, size}};
        const unsigned width = form < 2 ? 8 : 4;
        const bool marked = form % 2 != 0 || sva_cursor_u32le(&cursor) == DESCRIPTOR_MAGIC;
        const uint32_t crc = sva_cursor_u32le(&cursor);
        const uint64_t packed = sva_cursor_unsigned(&cursor, width, false);
        const uint64_t whole = sva_cursor_unsigned(&cursor, width, false);
        if (marked && !cursor.failed && crc == entry->crc32 && packed == entry->packed_bytes &&
            whole == entry->size_bytes) {
            return cursor.position;
        }
    }
    return 0;
}

/** Counts the bytes between an entry's end and what comes next that do not describe the entry. */
static enum sva_status count_gap(struct reading *run, const struct sva_zip_entry *entry,
                                 uint64_t next)
{
    uint8_t bytes[DESCRIPTOR_MOST];
    const uint64_t end = entry->data_offset + entry->packed_bytes;
    const size_t size = next - end < sizeof bytes ? (size_t)(next - end) : sizeof bytes;
    run->zip->unclaimed_bytes += next - end;
    if (size == 0 || !entry->described) {
        return SVA_OK;
    }
    const enum sva_status status = sva_source_read(run->source, end, bytes, size, run->error);
    if (status == SVA_OK) {
        run->zip->unclaimed_bytes -= descriptor_bytes(entry, bytes, size);
    }
    return status;
}

static enum sva_status check_entries(struct reading *run)
{
    struct sva_zip *const zip = run->zip;
    if (zip->count == 0) {
        zip->leading_bytes = zip->unclaimed_bytes = run->directory_offset;
        return SVA_OK;
    }
    qsort(zip->entries, zip->count, sizeof *zip->entries, by_place);
    zip->leading_bytes = zip->entries[0].header_offset;
    zip->unclaimed_bytes = zip->leading_bytes;
    for (size_t i = 0; i < zip->count; i++) {
        const struct sva_zip_entry *const entry = &zip->entries[i];
        const uint64_t next =
            i + 1 < zip->count ? zip->entries[i + 1].header_offset : run->directory_offset;
        if (entry->data_offset + entry->packed_bytes > next) {
            return refuse(run, &zip->entries[i + 1], "overlaps another entry");
        }
        const enum sva_status status = count_gap(run, entry, next);
        if (status != SVA_OK) {
            return status;
        }
    }
    qsort(zip->entries, zip->count, sizeof *zip->entries, by_name);
    for (size_t i = 1; i < zip->count; i++) {
        if (strcmp(zip->entries[i - 1].name, zip->entries[i].name) == 0) {
            return refuse(run, &zip->entries[i], "is there twice");
        }
    }
    return SVA_OK;
}

static enum sva_status read_directory(struct reading *run)
{
    struct sva_zip *const zip = run->zip;
    uint8_t *const bytes = sva_calloc((size_t)run->directory_bytes + 1, 1);
    zip->entries = sva_arena_alloc(&zip->arena, (size_t)run->entry_count, sizeof *zip->entries);
    enum sva_status status = bytes == NULL || zip->entries == NULL
                                 ? sva_fail_memory(run->error, "reading a zip archive")
                                 : sva_source_read(run->source, run->directory_offset, bytes,
                                                   (size_t)run->directory_bytes, run->error);
    struct sva_cursor cursor = {.span = {bytes, (size_t)run->directory_bytes}};
    for (uint64_t i = 0; status == SVA_OK && i < run->entry_count; i++) {
        status = take_central(run, &cursor, (size_t)i);
        if (status == SVA_OK) {
            status = check_local(run, &zip->entries[i]);
            zip->count++;
        }
    }
    if (status == SVA_OK && sva_cursor_left(&cursor) != 0) {
        status = broken(run, run->directory_offset + cursor.position,
                        "the zip directory goes on behind its last entry");
    }
    sva_free(bytes);
    return status == SVA_OK ? check_entries(run) : status;
}

enum sva_status sva_zip_read(const struct sva_source *source, const struct sva_limits *limits,
                             struct sva_zip *zip, struct sva_error *error)
{
    struct reading run = {.source = source,
                          .limits = limits,
                          .zip = zip,
                          .what = sva_esc(source->name),
                          .error = error};
    *zip = (struct sva_zip){0};
    enum sva_status status = locate(&run);
    if (status == SVA_OK) {
        status = read_directory(&run);
    }
    if (status != SVA_OK) {
        sva_zip_done(zip);
    }
    return status;
}

void sva_zip_note_unclaimed(const struct sva_zip *zip, struct sva_notes *notes,
                            struct sva_arena *arena)
{
    if (zip->unclaimed_bytes > 0) {
        sva_notes_add(notes, arena, "archive-unclaimed-bytes",
                      "%" PRIu64 " bytes of the archive belong to none of its files.",
                      zip->unclaimed_bytes);
    }
}

void sva_zip_done(struct sva_zip *zip)
{
    sva_arena_done(&zip->arena);
    *zip = (struct sva_zip){0};
}

const struct sva_zip_entry *sva_zip_find(const struct sva_zip *zip, const char *name)
{
    const struct sva_zip_entry wanted = {.name = name};
    return zip->count == 0
               ? NULL
               : bsearch(&wanted, zip->entries, zip->count, sizeof *zip->entries, by_name);
}

/** CRC-32 of ISO-HDLC, bit by bit: only small entries pass here. */
static uint32_t crc32_of(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((0u - (crc & 1u)) & 0xedb88320u);
        }
    }
    return ~crc;
}

enum sva_status sva_zip_load(const struct sva_source *source, const struct sva_zip_entry *entry,
                             uint64_t limit_bytes, uint8_t **bytes, struct sva_error *error)
{
    const struct sva_escaped what = sva_esc(source->name);
    if (entry->method != SVA_ZIP_STORED) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, entry->header_offset,
                           "%s: the entry \"%s\" is compressed, which no writer of weights does",
                           what.text, sva_esc(entry->name).text);
    }
    if (entry->size_bytes > limit_bytes) {
        return sva_fail_at(error, SVA_ERR_LIMIT, entry->header_offset,
                           "%s: the entry \"%s\" has %" PRIu64 " bytes, more than the limit of "
                           "%" PRIu64,
                           what.text, sva_esc(entry->name).text, entry->size_bytes, limit_bytes);
    }
    uint8_t *const block = sva_calloc((size_t)entry->size_bytes + 1, 1);
    enum sva_status status = block == NULL ? sva_fail_memory(error, "reading a zip archive")
                                           : sva_source_read(source, entry->data_offset, block,
                                                             (size_t)entry->size_bytes, error);
    if (status == SVA_OK && crc32_of(block, (size_t)entry->size_bytes) != entry->crc32) {
        status = sva_fail_at(error, SVA_ERR_CORRUPT, entry->header_offset,
                             "%s: the entry \"%s\" does not have the checksum that the zip "
                             "directory states",
                             what.text, sva_esc(entry->name).text);
    }
    if (status != SVA_OK) {
        sva_free(block);
        return status;
    }
    *bytes = block;
    return SVA_OK;
}

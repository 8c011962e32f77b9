/* SPDX-License-Identifier: Apache-2.0 */
#include "format/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/pool.h"
#include "base/text.h"
#include "format/archive_names.h"
#include "format/zip_directory.h"

enum { BLOCK_BYTES = 256 * 1024, TAR_RECORD_BYTES = 512, TAIL_MOST_BYTES = 1024 * 1024 };

/** Unpacked before the ratio is looked at: text compresses well, weights do not. */
static const uint64_t RATIO_FREE_BYTES = (uint64_t)64 << 20;

/** The packed file as libarchive reads it. */
struct packed {
    const struct sva_input *input;
    uint64_t position;
    const struct sva_progress *progress; /* may be NULL */
    struct sva_error *error;             /* of a failed read, told instead of libarchive's */
    bool failed;
    uint8_t block[BLOCK_BYTES];
};

/** One run of unpacking. */
struct unpacking {
    struct archive *reader;
    struct packed *packed;
    const struct sva_limits *limits;
    const char *what; /* the archive's name, escaped */
    struct sva_archive *archive;
    struct sva_source source;
    struct sva_zip zip; /* its directory, as our own reader sees it */
    size_t capacity;
    uint64_t seen;     /* entries of any kind */
    uint64_t streamed; /* bytes that libarchive gave, which the ratio counts */
    struct sva_error *error;
};

static la_ssize_t read_packed(struct archive *reader, void *context, const void **bytes)
{
    struct packed *const packed = context;
    const uint64_t left = packed->input->size_bytes - packed->position;
    const size_t step = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
    const struct sva_progress *const progress = packed->progress;
    *bytes = packed->block;
    if (sva_is_cancelled(progress)) {
        (void)sva_fail(packed->error, SVA_ERR_CANCELLED, "stopped on request");
        packed->failed = true;
        archive_set_error(reader, -1, "stopped on request");
        return -1;
    }
    if (progress != NULL && progress->update != NULL) {
        progress->update(progress->context, "unpack", packed->position, packed->input->size_bytes);
    }
    if (step > 0 && sva_input_read(packed->input, packed->position, packed->block, step,
                                   packed->error) != SVA_OK) {
        packed->failed = true;
        archive_set_error(reader, -1, "the file cannot be read");
        return -1;
    }
    packed->position += step;
    return (la_ssize_t)step;
}

static la_int64_t skip_packed(struct archive *reader, void *context, la_int64_t request)
{
    (void)reader;
    struct packed *const packed = context;
    const uint64_t left = packed->input->size_bytes - packed->position;
    const uint64_t step = request > 0 && (uint64_t)request < left ? (uint64_t)request : left;
    packed->position += request > 0 ? step : 0;
    return request > 0 ? (la_int64_t)step : 0;
}

static la_int64_t seek_packed(struct archive *reader, void *context, la_int64_t offset, int whence)
{
    (void)reader;
    struct packed *const packed = context;
    const la_int64_t size = (la_int64_t)packed->input->size_bytes;
    const la_int64_t from = whence == SEEK_SET   ? 0
                            : whence == SEEK_CUR ? (la_int64_t)packed->position
                                                 : size;
    if (offset < -from || offset > size - from) {
        return ARCHIVE_FATAL;
    }
    packed->position = (uint64_t)(from + offset);
    return from + offset;
}

/** What libarchive complains of, as a sentence; a failed read of ours was told already. */
static enum sva_status complain(const struct unpacking *run, enum sva_status status)
{
    if (run->packed->failed) {
        return run->error != NULL ? run->error->status : SVA_ERR_IO;
    }
    const char *const why = archive_error_string(run->reader);
    const uint64_t at = run->packed->position;
    return sva_fail_at(run->error, status, at, "%s: not a sound archive near byte %" PRIu64 ": %s",
                       run->what, at, why == NULL ? "unknown" : sva_esc(why).text);
}

static enum sva_status refuse(const struct unpacking *run, const char *path, const char *why)
{
    return sva_fail(run->error, SVA_ERR_CORRUPT, "%s: the entry \"%s\" %s; nothing was unpacked",
                    run->what, sva_esc(path).text, why);
}

/* -- entries ----------------------------------------------------------------------------------- */

static const char *entry_path(struct archive_entry *entry)
{
    const char *const path = archive_entry_pathname(entry);
    return path != NULL ? path : archive_entry_pathname_utf8(entry);
}

/** What makes an entry one that is not unpacked, or NULL. */
static const char *entry_complaint(struct archive_entry *entry, const char *path)
{
    const bool directory = archive_entry_filetype(entry) == AE_IFDIR;
    const char *const name = sva_archive_name_complaint(path, directory);
    if (name != NULL) {
        return name;
    }
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL) {
        return "is a link, which is not followed (pack what it leads to: tar --dereference)";
    }
    if (directory) { /* skipped data would be unpacked without being counted */
        return archive_entry_size(entry) > 0 ? "is a directory with data" : NULL;
    }
    if (archive_entry_filetype(entry) != AE_IFREG) {
        return "is not a regular file";
    }
    if (archive_entry_is_encrypted(entry)) {
        return "is encrypted";
    }
    return archive_entry_sparse_count(entry) > 0 ? "is a sparse file" : NULL;
}

static bool is_tar(const struct unpacking *run)
{
    return (archive_format(run->reader) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
}

/** How much of the stream, after its decompression, libarchive has done with. */
static uint64_t stream_position(const struct unpacking *run)
{
    const la_int64_t position = archive_filter_bytes(run->reader, 0);
    return position < 0 ? 0 : (uint64_t)position;
}

/* -- data -------------------------------------------------------------------------------------- */

static enum sva_status check_growth(const struct unpacking *run)
{
    const uint64_t unpacked = run->archive->unpacked_bytes;
    const uint64_t packed = run->packed->position;
    if (unpacked > run->limits->unpacked_bytes) {
        return sva_fail(run->error, SVA_ERR_LIMIT,
                        "%s: unpacks to more than the limit of %" PRIu64 " bytes", run->what,
                        run->limits->unpacked_bytes);
    }
    if (run->streamed > RATIO_FREE_BYTES && run->streamed / run->limits->unpacked_ratio > packed) {
        return sva_fail(run->error, SVA_ERR_LIMIT,
                        "%s: %" PRIu64 " packed bytes have grown to %" PRIu64
                        ", more than %u times: no model compresses so well",
                        run->what, packed, run->streamed, run->limits->unpacked_ratio);
    }
    return SVA_OK;
}

/** Where the block that libarchive has just given lies in the archive, if it lies there at all. */
static bool lies_in_place(const struct unpacking *run, uint64_t at, const void *bytes, size_t size)
{
    const struct sva_input *const input = run->packed->input;
    uint8_t there[4096];
    if (at > input->size_bytes || size > input->size_bytes - at) {
        return false;
    }
    for (size_t done = 0; done < size;) {
        const size_t step = size - done < sizeof there ? size - done : sizeof there;
        if (sva_input_read(input, at + done, there, step, NULL) != SVA_OK ||
            memcmp(there, (const uint8_t *)bytes + done, step) != 0) {
            return false;
        }
        done += step;
    }
    return true;
}

/** Are entries of this archive stored as they are? Asked after a header was read. */
static bool is_stored(const struct unpacking *run)
{
    if (archive_filter_count(run->reader) != 1) { /* the reading of the file is one itself */
        return false;
    }
    const char *const name = archive_format_name(run->reader);
    return is_tar(run) || (name != NULL && strstr(name, "(uncompressed)") != NULL);
}

/**
 * Leaves an entry. Of a tar entry that stays in place only the first block was compared: what
 * libarchive skips must be all the rest, and end where the next header begins.
 */
static enum sva_status leave_entry(const struct unpacking *run, const char *path,
                                   const struct sva_archive_entry *entry)
{
    const struct sva_input *const input = run->packed->input;
    if (archive_read_data_skip(run->reader) < ARCHIVE_WARN) {
        return complain(run, SVA_ERR_CORRUPT);
    }
    if (!entry->in_place) {
        return SVA_OK;
    }
    if (entry->offset > input->size_bytes ||
        entry->size_bytes > input->size_bytes - entry->offset) {
        return refuse(run, path, "is cut short");
    }
    const uint64_t end = entry->offset + entry->size_bytes;
    const uint64_t padding = (TAR_RECORD_BYTES - end % TAR_RECORD_BYTES) % TAR_RECORD_BYTES;
    if (is_tar(run) && stream_position(run) != end + padding) {
        return refuse(run, path, "does not lie where its header says");
    }
    return SVA_OK;
}

/** Copies a block to the spool, or makes sure that it lies where the entry's data are. */
static enum sva_status keep_block(const struct unpacking *run, const char *path,
                                  const struct sva_archive_entry *entry, const void *bytes,
                                  size_t size)
{
    if (!entry->in_place) {
        return sva_spool_write(&run->archive->data, bytes, size, run->error);
    }
    return lies_in_place(run, entry->offset + entry->size_bytes, bytes, size)
               ? SVA_OK
               : refuse(run, path, "does not lie where its header says");
}

/**
 * Takes an entry's data. `stated` is its size as its header has it, UINT64_MAX: not stated. Blocks
 * that lie in the archive as they are get their place there, all others are copied to the spool.
 */
static enum sva_status unpack_data(struct unpacking *run, const char *path, uint64_t stated,
                                   struct sva_archive_entry *entry)
{
    struct sva_archive *const archive = run->archive;
    const bool stored = stated != UINT64_MAX && is_stored(run);
    entry->offset = archive->data.size_bytes;
    for (;;) {
        const void *bytes = NULL;
        size_t size = 0;
        la_int64_t offset = 0;
        const int code = archive_read_data_block(run->reader, &bytes, &size, &offset);
        if (code == ARCHIVE_EOF) {
            return SVA_OK;
        }
        if (code != ARCHIVE_OK) {
            return complain(run, SVA_ERR_CORRUPT);
        }
        if (offset < 0 || (uint64_t)offset != entry->size_bytes) {
            return refuse(run, path, "has holes");
        }
        if (entry->size_bytes == 0 && stored && size > 0) {
            const uint64_t at = stream_position(run);
            entry->in_place = lies_in_place(run, at, bytes, size);
            entry->offset = entry->in_place ? at : entry->offset;
        }
        if (entry->in_place && is_tar(run)) {
            entry->size_bytes = stated;
            archive->unpacked_bytes += stated;
            return check_growth(run);
        }
        enum sva_status status = keep_block(run, path, entry, bytes, size);
        entry->size_bytes += size;
        archive->unpacked_bytes += size;
        run->streamed += size;
        status = status == SVA_OK ? check_growth(run) : status;
        if (status != SVA_OK) {
            return status;
        }
    }
}

/** Of a zip, libarchive must have found what our own reading of its directory found. */
static bool is_agreed(const struct unpacking *run, const char *name,
                      const struct sva_archive_entry *entry)
{
    if (is_tar(run)) {
        return true;
    }
    const struct sva_zip_entry *const found = sva_zip_find(&run->zip, name);
    return found != NULL && found->size_bytes == entry->size_bytes &&
           (!entry->in_place || entry->offset == found->data_offset);
}

static enum sva_status add_entry(struct unpacking *run, const char *path,
                                 struct sva_archive_entry entry)
{
    struct sva_archive *const archive = run->archive;
    if (archive->count == run->capacity) {
        const size_t capacity = run->capacity == 0 ? 64 : 2 * run->capacity;
        struct sva_archive_entry *const grown =
            sva_realloc_array(archive->entries, capacity, sizeof *grown);
        if (grown == NULL) {
            return sva_fail_memory(run->error, "unpacking an archive");
        }
        archive->entries = grown;
        run->capacity = capacity;
    }
    entry.path = sva_arena_strdup(&archive->arena, path);
    if (entry.path == NULL) {
        return sva_fail_memory(run->error, "unpacking an archive");
    }
    archive->entries[archive->count++] = entry;
    return SVA_OK;
}

static enum sva_status take_entry(struct unpacking *run, struct archive_entry *entry)
{
    const char *const given = entry_path(entry);
    if (given == NULL) {
        return refuse(run, "", "has no name that can be read");
    }
    const char *const path = sva_archive_name(given);
    if (++run->seen > run->limits->file_count) {
        return sva_fail(run->error, SVA_ERR_LIMIT, "%s: holds more than %" PRIu64 " entries",
                        run->what, run->limits->file_count);
    }
    const char *const complaint = entry_complaint(entry, path);
    if (complaint != NULL) {
        return refuse(run, path, complaint);
    }
    struct sva_archive_entry taken = {0};
    if (archive_entry_filetype(entry) == AE_IFDIR) {
        return leave_entry(run, path, &taken);
    }
    const uint64_t stated =
        archive_entry_size_is_set(entry) ? (uint64_t)archive_entry_size(entry) : UINT64_MAX;
    enum sva_status status = unpack_data(run, path, stated, &taken);
    status = status == SVA_OK ? leave_entry(run, path, &taken) : status;
    if (status != SVA_OK) {
        return status;
    }
    if (stated != UINT64_MAX && stated != taken.size_bytes) {
        return refuse(run, path, "does not have the size that it states");
    }
    if (!is_agreed(run, given, &taken)) {
        return refuse(run, path, "is another one in the zip's directory");
    }
    return add_entry(run, path, taken);
}

/* -- the whole --------------------------------------------------------------------------------- */

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct sva_archive_entry *)left)->path,
                  ((const struct sva_archive_entry *)right)->path);
}

static enum sva_status check_names(const struct unpacking *run)
{
    const struct sva_archive *const archive = run->archive;
    if (archive->count > 1) {
        qsort(archive->entries, archive->count, sizeof *archive->entries, by_path);
    }
    for (size_t i = 1; i < archive->count; i++) {
        if (strcmp(archive->entries[i - 1].path, archive->entries[i].path) == 0) {
            return refuse(run, archive->entries[i].path, "is there twice");
        }
    }
    return SVA_OK;
}

/** Does anything but zeros follow the end of an uncompressed tar? */
static enum sva_status look_behind(const struct unpacking *run, uint64_t from)
{
    const struct sva_input *const input = run->packed->input;
    uint8_t bytes[4096];
    const uint64_t left = from < input->size_bytes ? input->size_bytes - from : 0;
    run->archive->unclaimed_bytes = left > TAIL_MOST_BYTES ? left : 0;
    for (uint64_t done = 0; done < left && run->archive->unclaimed_bytes == 0;) {
        const size_t step = left - done < sizeof bytes ? (size_t)(left - done) : sizeof bytes;
        const enum sva_status status = sva_input_read(input, from + done, bytes, step, run->error);
        if (status != SVA_OK) {
            return status;
        }
        for (size_t i = 0; i < step && run->archive->unclaimed_bytes == 0; i++) {
            run->archive->unclaimed_bytes = bytes[i] == 0 ? 0 : left - done - i;
        }
        done += step;
    }
    return SVA_OK;
}

/** `reached` is where the last entry ended in the unpacked stream. */
static enum sva_status finish(const struct unpacking *run, uint64_t reached)
{
    if (is_tar(run)) {
        const uint64_t position = stream_position(run);
        run->archive->unfinished = position < reached + TAR_RECORD_BYTES;
        if (archive_filter_count(run->reader) == 1) {
            const enum sva_status status = look_behind(run, position);
            if (status != SVA_OK) {
                return status;
            }
        } else {
            run->archive->unclaimed_bytes = run->packed->input->size_bytes - run->packed->position;
        }
    }
    if (!is_tar(run) && run->seen != run->zip.count) {
        return sva_fail(run->error, SVA_ERR_CORRUPT,
                        "%s: not a sound zip: it can be read in two ways", run->what);
    }
    return check_names(run);
}

static enum sva_status read_entries(struct unpacking *run)
{
    struct archive_entry *entry = NULL;
    for (;;) {
        const uint64_t reached = stream_position(run);
        const int code = archive_read_next_header(run->reader, &entry);
        if (code == ARCHIVE_EOF) {
            return finish(run, reached);
        }
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
            return complain(run, run->seen == 0 ? SVA_ERR_UNSUPPORTED : SVA_ERR_CORRUPT);
        }
        const enum sva_status status = take_entry(run, entry);
        if (status != SVA_OK) {
            return status;
        }
    }
}

static void name_format(const struct unpacking *run)
{
    const char *const filter = archive_filter_code(run->reader, 0) == ARCHIVE_FILTER_NONE
                                   ? NULL
                                   : archive_filter_name(run->reader, 0);
    const char *const format = is_tar(run) ? "tar" : "zip";
    run->archive->format =
        filter == NULL ? format : sva_arena_printf(&run->archive->arena, "%s, %s", format, filter);
}

/**
 * A file that begins as a zip is read as one, by its directory, which was checked; any other as a
 * tar. Nothing can be both.
 */
static bool choose_format(const struct unpacking *run, bool zip)
{
    struct archive *const reader = run->reader;
    if (zip) {
        return archive_read_support_format_zip_seekable(reader) == ARCHIVE_OK;
    }
    return archive_read_support_format_tar(reader) == ARCHIVE_OK &&
           archive_read_support_filter_gzip(reader) == ARCHIVE_OK &&
           archive_read_support_filter_zstd(reader) == ARCHIVE_OK && /* WARN: an outside program */
           archive_read_support_filter_xz(reader) == ARCHIVE_OK &&
           archive_read_support_filter_bzip2(reader) == ARCHIVE_OK;
}

static enum sva_status open_reader(struct unpacking *run)
{
    const struct sva_input *const input = run->packed->input;
    uint8_t head[2] = {0};
    const size_t size = input->size_bytes < sizeof head ? 0 : sizeof head;
    enum sva_status status = sva_input_read(input, 0, head, size, run->error);
    const bool zip = memcmp(head, "PK", sizeof head) == 0;
    if (status == SVA_OK && zip) {
        struct sva_limits limits = *run->limits;
        limits.tensor_count = limits.file_count;
        run->source = sva_source_of_input(input);
        status = sva_zip_read(&run->source, &limits, &run->zip, run->error);
        run->archive->unclaimed_bytes = run->zip.unclaimed_bytes;
    }
    if (status != SVA_OK) {
        return status;
    }
    const bool ready = choose_format(run, zip) &&
                       archive_read_set_seek_callback(run->reader, seek_packed) == ARCHIVE_OK;
    if (!ready || archive_read_open2(run->reader, run->packed, NULL, read_packed, skip_packed,
                                     NULL) != ARCHIVE_OK) {
        return complain(run, SVA_ERR_UNSUPPORTED);
    }
    return SVA_OK;
}

enum sva_status sva_archive_unpack(const struct sva_input *input, const struct sva_limits *limits,
                                   struct sva_archive *archive, struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    const struct sva_escaped what = sva_esc(input->path);
    struct packed *const packed = sva_calloc(1, sizeof *packed);
    struct archive *const reader = archive_read_new();
    struct unpacking run = {.reader = reader,
                            .packed = packed,
                            .limits = limits,
                            .what = what.text,
                            .archive = archive,
                            .error = error != NULL ? error : &own};
    *archive = (struct sva_archive){.data = {.fd = -1}, .packed = {.fd = -1}, .format = ""};
    enum sva_status status = packed == NULL || reader == NULL
                                 ? sva_fail_memory(error, "unpacking an archive")
                                 : sva_spool_open(&archive->data, error);
    if (status == SVA_OK) {
        packed->input = input;
        packed->progress = limits->progress;
        packed->error = run.error;
        status = open_reader(&run);
    }
    if (status == SVA_OK) {
        status = read_entries(&run);
    }
    if (status == SVA_OK) { /* entries that stay in place are read from the archive itself */
        status =
            sva_input_window(input, 0, input->size_bytes, input->path, &archive->packed, run.error);
    }
    if (status == SVA_OK) {
        name_format(&run);
        status = archive->format == NULL ? sva_fail_memory(error, "unpacking an archive") : SVA_OK;
    }
    if (reader != NULL) {
        (void)archive_read_free(reader);
    }
    sva_zip_done(&run.zip);
    sva_free(packed);
    if (status != SVA_OK) {
        sva_archive_done(archive);
    }
    return status;
}

void sva_archive_done(struct sva_archive *archive)
{
    sva_input_close(&archive->data);
    sva_input_close(&archive->packed);
    sva_free(archive->entries);
    sva_arena_done(&archive->arena);
    *archive = (struct sva_archive){.data = {.fd = -1}, .packed = {.fd = -1}};
}

enum sva_status sva_archive_open_entry(const struct sva_archive *archive,
                                       const struct sva_archive_entry *entry, const char *path,
                                       struct sva_input *input, struct sva_error *error)
{
    return sva_input_window(entry->in_place ? &archive->packed : &archive->data, entry->offset,
                            entry->size_bytes, path, input, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "format/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

enum { BLOCK_BYTES = 256 * 1024, PATH_MOST_BYTES = 1024 };

/** Unpacked before the ratio is looked at: text compresses well, weights do not. */
static const uint64_t RATIO_FREE_BYTES = (uint64_t)64 << 20;

/** The packed file as libarchive reads it. */
struct packed {
    const struct sva_input *input;
    uint64_t position;
    struct sva_error *error; /* of a failed read, told instead of libarchive's */
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
    size_t capacity;
    uint64_t seen; /* entries of any kind */
    struct sva_error *error;
};

static la_ssize_t read_packed(struct archive *reader, void *context, const void **bytes)
{
    struct packed *const packed = context;
    const uint64_t left = packed->input->size_bytes - packed->position;
    const size_t step = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
    *bytes = packed->block;
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

/* -- names ------------------------------------------------------------------------------------- */

/** What makes a name unfit, or NULL. `path` has lost its leading "./". */
static const char *name_complaint(const char *path)
{
    const size_t size = strlen(path);
    if (size > PATH_MOST_BYTES) {
        return "has too long a name";
    }
    if (path[0] == '/' || path[0] == '~' || (size > 1 && path[1] == ':')) {
        return "has an absolute name";
    }
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)path[i];
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return "has a backslash or a control character in its name";
        }
    }
    for (const char *at = path; *at != '\0';) {
        const size_t part = strcspn(at, "/");
        if (part == 2 && memcmp(at, "..", 2) == 0) {
            return "climbs out of the archive by its name";
        }
        if (part == 0 || (part == 1 && at[0] == '.')) {
            return "has an empty part in its name";
        }
        at += part;
        at += *at == '/' ? 1 : 0;
    }
    return NULL;
}

static const char *entry_path(struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    path = path == NULL ? archive_entry_pathname_utf8(entry) : path;
    while (path != NULL && path[0] == '.' && path[1] == '/') {
        path += 2;
    }
    return path;
}

/** What makes an entry one that is not unpacked, or NULL. */
static const char *entry_complaint(struct archive_entry *entry, const char *path)
{
    const char *const name = name_complaint(path);
    if (name != NULL) {
        return name;
    }
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL) {
        return "is a link";
    }
    if (archive_entry_filetype(entry) != AE_IFREG) {
        return "is not a regular file";
    }
    if (archive_entry_is_encrypted(entry)) {
        return "is encrypted";
    }
    return archive_entry_sparse_count(entry) > 0 ? "is a sparse file" : NULL;
}

/* -- data -------------------------------------------------------------------------------------- */

static enum sva_status check_growth(const struct unpacking *run)
{
    const uint64_t unpacked = run->archive->data.size_bytes;
    const uint64_t packed = run->packed->position;
    if (unpacked > run->limits->unpacked_bytes) {
        return sva_fail(run->error, SVA_ERR_LIMIT,
                        "%s: unpacks to more than the limit of %" PRIu64 " bytes", run->what,
                        run->limits->unpacked_bytes);
    }
    if (unpacked > RATIO_FREE_BYTES && unpacked / run->limits->unpacked_ratio > packed) {
        return sva_fail(run->error, SVA_ERR_LIMIT,
                        "%s: %" PRIu64 " packed bytes have grown to %" PRIu64
                        ", more than %u times: no model compresses so well",
                        run->what, packed, unpacked, run->limits->unpacked_ratio);
    }
    return SVA_OK;
}

static enum sva_status unpack_data(const struct unpacking *run, const char *path,
                                   uint64_t *size_bytes)
{
    const uint64_t start = run->archive->data.size_bytes;
    for (;;) {
        const void *bytes = NULL;
        size_t size = 0;
        la_int64_t offset = 0;
        const int code = archive_read_data_block(run->reader, &bytes, &size, &offset);
        if (code == ARCHIVE_EOF) {
            break;
        }
        if (code != ARCHIVE_OK) {
            return complain(run, SVA_ERR_CORRUPT);
        }
        if (offset < 0 || (uint64_t)offset != run->archive->data.size_bytes - start) {
            return refuse(run, path, "has holes");
        }
        enum sva_status status = sva_spool_write(&run->archive->data, bytes, size, run->error);
        status = status == SVA_OK ? check_growth(run) : status;
        if (status != SVA_OK) {
            return status;
        }
    }
    *size_bytes = run->archive->data.size_bytes - start;
    return SVA_OK;
}

static enum sva_status add_entry(struct unpacking *run, const char *path, uint64_t offset,
                                 uint64_t size_bytes)
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
    const char *const kept = sva_arena_strdup(&archive->arena, path);
    if (kept == NULL) {
        return sva_fail_memory(run->error, "unpacking an archive");
    }
    archive->entries[archive->count++] = (struct sva_archive_entry){kept, offset, size_bytes};
    return SVA_OK;
}

static enum sva_status take_entry(struct unpacking *run, struct archive_entry *entry)
{
    const char *const path = entry_path(entry);
    if (path == NULL) {
        return refuse(run, "", "has no name that can be read");
    }
    if (++run->seen > run->limits->file_count) {
        return sva_fail(run->error, SVA_ERR_LIMIT, "%s: holds more than %" PRIu64 " entries",
                        run->what, run->limits->file_count);
    }
    if (archive_entry_filetype(entry) == AE_IFDIR) {
        const char *const complaint =
            path[0] == '\0' || strcmp(path, ".") == 0 ? NULL : name_complaint(path);
        return complaint == NULL ? SVA_OK : refuse(run, path, complaint);
    }
    const char *const complaint = entry_complaint(entry, path);
    if (complaint != NULL) {
        return refuse(run, path, complaint);
    }
    const uint64_t offset = run->archive->data.size_bytes;
    uint64_t size_bytes = 0;
    const enum sva_status status = unpack_data(run, path, &size_bytes);
    if (status != SVA_OK) {
        return status;
    }
    if (archive_entry_size_is_set(entry) && (uint64_t)archive_entry_size(entry) != size_bytes) {
        return refuse(run, path, "does not have the size that it states");
    }
    return add_entry(run, path, offset, size_bytes);
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

static enum sva_status read_entries(struct unpacking *run)
{
    struct archive_entry *entry = NULL;
    for (;;) {
        const int code = archive_read_next_header(run->reader, &entry);
        if (code == ARCHIVE_EOF) {
            return check_names(run);
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
    const int family = archive_format(run->reader) & ARCHIVE_FORMAT_BASE_MASK;
    const char *const format = family == ARCHIVE_FORMAT_ZIP ? "zip" : "tar";
    run->archive->format =
        filter == NULL ? format : sva_arena_printf(&run->archive->arena, "%s, %s", format, filter);
}

static enum sva_status open_reader(const struct unpacking *run)
{
    struct archive *const reader = run->reader;
    const bool ready =
        archive_read_support_format_tar(reader) == ARCHIVE_OK &&
        archive_read_support_format_zip(reader) == ARCHIVE_OK &&
        archive_read_support_filter_gzip(reader) >= ARCHIVE_WARN &&
        archive_read_support_filter_zstd(reader) == ARCHIVE_OK && /* WARN: an outside program */
        archive_read_support_filter_xz(reader) >= ARCHIVE_WARN &&
        archive_read_support_filter_bzip2(reader) >= ARCHIVE_WARN &&
        archive_read_set_seek_callback(reader, seek_packed) == ARCHIVE_OK;
    if (!ready || archive_read_open2(reader, run->packed, NULL, read_packed, skip_packed, NULL) !=
                      ARCHIVE_OK) {
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
    *archive = (struct sva_archive){.data = {.fd = -1}, .format = ""};
    enum sva_status status = packed == NULL || reader == NULL
                                 ? sva_fail_memory(error, "unpacking an archive")
                                 : sva_spool_open(&archive->data, error);
    if (status == SVA_OK) {
        packed->input = input;
        packed->error = run.error;
        status = open_reader(&run);
    }
    if (status == SVA_OK) {
        status = read_entries(&run);
    }
    if (status == SVA_OK) {
        name_format(&run);
        status = archive->format == NULL ? sva_fail_memory(error, "unpacking an archive") : SVA_OK;
    }
    if (reader != NULL) {
        (void)archive_read_free(reader);
    }
    sva_free(packed);
    if (status != SVA_OK) {
        sva_archive_done(archive);
    }
    return status;
}

void sva_archive_done(struct sva_archive *archive)
{
    sva_input_close(&archive->data);
    sva_free(archive->entries);
    sva_arena_done(&archive->arena);
    *archive = (struct sva_archive){.data = {.fd = -1}};
}

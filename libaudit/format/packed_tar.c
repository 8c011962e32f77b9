/* SPDX-License-Identifier: Apache-2.0 */
#include "format/packed_tar.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/fail.h"
#include "base/output.h"
#include "base/pool.h"
#include "base/text.h"

static const char writing[] = "writing an archive";
static const char reading[] = "reading an archive";

enum { BLOCK_BYTES = 65536 };

/* ---- writing ---- */

struct sva_tar_writer {
    struct archive *archive;
    struct sva_output output;
    struct sva_escaped what;
    struct sva_error *error;
    bool failed; /* a write of ours, which `error` tells of */
};

static la_ssize_t write_packed(struct archive *archive, void *context, const void *bytes,
                               size_t size)
{
    struct sva_tar_writer *const writer = context;
    if (sva_output_write(&writer->output, bytes, size, writer->error) != SVA_OK) {
        writer->failed = true;
        archive_set_error(archive, -1, "the file cannot be written");
        return -1;
    }
    return (la_ssize_t)size;
}

static enum sva_status cannot_write(const struct sva_tar_writer *writer)
{
    if (writer->failed) {
        return writer->error->status;
    }
    const char *why = archive_error_string(writer->archive);
    return sva_fail(writer->error, SVA_ERR_IO, "%s: cannot be written: %s", writer->what.text,
                    sva_esc(why != NULL ? why : "no reason given").text);
}

static enum sva_status begin_archive(struct sva_tar_writer *writer)
{
    struct archive *const archive = writer->archive;
    return archive_write_set_format_gnutar(archive) == ARCHIVE_OK &&
                   archive_write_add_filter_zstd(archive) == ARCHIVE_OK &&
                   archive_write_set_filter_option(archive, "zstd", "compression-level", "3") ==
                       ARCHIVE_OK &&
                   archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK && /* no zeros */
                   archive_write_open(archive, writer, NULL, write_packed, NULL) == ARCHIVE_OK
               ? SVA_OK
               : cannot_write(writer);
}

enum sva_status sva_tar_writer_open(const char *path, struct sva_tar_writer **writer,
                                    struct sva_error *error)
{
    struct sva_tar_writer *made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return sva_fail_memory(error, writing);
    }
    *made = (struct sva_tar_writer){.output = {.fd = -1}, .what = sva_esc(path), .error = error};
    enum sva_status status = sva_output_open(path, &made->output, error);
    if (status != SVA_OK) {
        sva_free(made);
        return status;
    }
    made->archive = archive_write_new();
    status = made->archive != NULL ? begin_archive(made) : sva_fail_memory(error, writing);
    if (status != SVA_OK) {
        sva_tar_writer_free(made);
        return status;
    }
    *writer = made;
    return SVA_OK;
}

/* The header of a file, with no owner and no time. */
static enum sva_status put_header(struct sva_tar_writer *writer, const char *name, uint64_t size)
{
    struct archive_entry *entry = archive_entry_new();
    if (entry == NULL) {
        return sva_fail_memory(writer->error, writing);
    }
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_mtime(entry, 0, 0);
    const bool good = archive_write_header(writer->archive, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    return good ? SVA_OK : cannot_write(writer);
}

static enum sva_status put_bytes(struct sva_tar_writer *writer, const uint8_t *bytes, size_t size)
{
    return archive_write_data(writer->archive, bytes, size) == (la_ssize_t)size
               ? SVA_OK
               : cannot_write(writer);
}

enum sva_status sva_tar_put(struct sva_tar_writer *writer, const char *name, struct sva_span bytes)
{
    const enum sva_status status = put_header(writer, name, bytes.size);
    return status == SVA_OK ? put_bytes(writer, bytes.data, bytes.size) : status;
}

enum sva_status sva_tar_put_input(struct sva_tar_writer *writer, const char *name,
                                  const struct sva_input *input)
{
    uint8_t block[BLOCK_BYTES];
    enum sva_status status = put_header(writer, name, input->size_bytes);
    for (uint64_t at = 0; status == SVA_OK && at < input->size_bytes;) {
        const uint64_t left = input->size_bytes - at;
        const size_t step = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
        status = sva_input_read(input, at, block, step, writer->error);
        status = status == SVA_OK ? put_bytes(writer, block, step) : status;
        at += step;
    }
    return status;
}

enum sva_status sva_tar_writer_commit(struct sva_tar_writer *writer)
{
    return archive_write_close(writer->archive) == ARCHIVE_OK
               ? sva_output_commit(&writer->output, writer->error)
               : cannot_write(writer);
}

void sva_tar_writer_free(struct sva_tar_writer *writer)
{
    if (writer != NULL) {
        if (writer->archive != NULL) {
            (void)archive_write_free(writer->archive);
        }
        sva_output_abandon(&writer->output);
        sva_free(writer);
    }
}

/* ---- reading ---- */

struct sva_tar_reader {
    struct archive *archive;
    struct sva_tar_source source;
    struct sva_escaped what;
    struct sva_error *error;
    uint64_t position;
    bool failed;             /* `error` says why */
    struct sva_escaped name; /* of the current entry */
    uint64_t left;           /* of its bytes */
    uint8_t block[BLOCK_BYTES];
};

/* Was a stop asked for? Tells how far reading is. */
static bool is_cancelled(struct sva_tar_reader *reader)
{
    const struct sva_progress *const progress = reader->source.progress;
    if (sva_is_cancelled(progress)) {
        (void)sva_fail(reader->error, SVA_ERR_CANCELLED, "stopped on request");
        return true;
    }
    if (progress != NULL && progress->update != NULL) {
        progress->update(progress->context, "unpack", reader->position,
                         reader->source.input->size_bytes);
    }
    return false;
}

static la_ssize_t read_packed(struct archive *archive, void *context, const void **bytes)
{
    struct sva_tar_reader *const reader = context;
    const uint64_t left = reader->source.input->size_bytes - reader->position;
    const size_t step = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
    *bytes = reader->block;
    if (is_cancelled(reader)) {
        reader->failed = true;
        archive_set_error(archive, -1, "stopped on request");
        return -1;
    }
    if (step > 0 && sva_input_read(reader->source.input, reader->position, reader->block, step,
                                   reader->error) != SVA_OK) {
        reader->failed = true;
        archive_set_error(archive, -1, "the file cannot be read");
        return -1;
    }
    reader->position += step;
    return (la_ssize_t)step;
}

/* What libarchive complains of, as a sentence; a failed read of ours was told already. */
static enum sva_status unsound(const struct sva_tar_reader *reader, const char *where)
{
    if (reader->failed) {
        return reader->error->status;
    }
    const char *why = archive_error_string(reader->archive);
    return sva_fail(reader->error, SVA_ERR_CORRUPT, "%s: not a sound %s, %s: %s", reader->what.text,
                    reader->source.kind, where, sva_esc(why != NULL ? why : "cannot be read").text);
}

enum sva_status sva_tar_reader_open(const struct sva_tar_source *source,
                                    struct sva_tar_reader **reader, struct sva_error *error)
{
    struct sva_tar_reader *made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return sva_fail_memory(error, reading);
    }
    made->source = *source;
    made->what = sva_esc(source->input->path);
    made->error = error;
    made->archive = archive_read_new();
    enum sva_status status = SVA_OK;
    if (made->archive == NULL) {
        status = sva_fail_memory(error, reading);
    } else if (archive_read_support_format_tar(made->archive) != ARCHIVE_OK ||
               archive_read_support_filter_zstd(made->archive) != ARCHIVE_OK ||
               archive_read_open(made->archive, made, NULL, read_packed, NULL) != ARCHIVE_OK) {
        status = unsound(made, "its beginning");
    }
    if (status != SVA_OK) {
        sva_tar_reader_free(made);
        return status;
    }
    *reader = made;
    return SVA_OK;
}

/* A plain file with a name and a size. */
static enum sva_status check_entry(const struct sva_tar_reader *reader, struct archive_entry *entry)
{
    const char *const path = archive_entry_pathname(entry);
    if (path != NULL && archive_entry_filetype(entry) == AE_IFREG &&
        archive_entry_hardlink(entry) == NULL && archive_entry_sparse_count(entry) == 0 &&
        archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0) {
        return SVA_OK;
    }
    return sva_fail(reader->error, SVA_ERR_CORRUPT, "%s: not a sound %s: %s is not a plain file",
                    reader->what.text, reader->source.kind,
                    path != NULL ? sva_esc(path).text : "a name that cannot be read");
}

enum sva_status sva_tar_next(struct sva_tar_reader *reader, const char *where,
                             struct sva_tar_entry *entry, bool *end)
{
    struct archive_entry *found = NULL;
    const int code = archive_read_next_header(reader->archive, &found);
    *end = code == ARCHIVE_EOF;
    if (*end) {
        return SVA_OK;
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
        return unsound(reader, where);
    }
    const enum sva_status status = check_entry(reader, found);
    if (status == SVA_OK) {
        *entry = (struct sva_tar_entry){.name = archive_entry_pathname(found),
                                        .size_bytes = (uint64_t)archive_entry_size(found)};
        reader->name = sva_esc(entry->name);
        reader->left = entry->size_bytes;
    }
    return status;
}

enum sva_status sva_tar_read(struct sva_tar_reader *reader, uint8_t *bytes, size_t room,
                             size_t *got)
{
    *got = 0;
    if (reader->left == 0) {
        return SVA_OK;
    }
    const size_t most = reader->left < room ? (size_t)reader->left : room;
    const la_ssize_t read = archive_read_data(reader->archive, bytes, most);
    if (read < 0) {
        return unsound(reader, reader->name.text);
    }
    if (read == 0 || (uint64_t)read > most) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT, "%s: not a sound %s: %s is cut",
                        reader->what.text, reader->source.kind, reader->name.text);
    }
    reader->left -= (uint64_t)read;
    *got = (size_t)read;
    return SVA_OK;
}

enum sva_status sva_tar_take(struct sva_tar_reader *reader, struct sva_bytes *bytes)
{
    uint8_t piece[BLOCK_BYTES];
    size_t got = 0;
    bytes->size = 0;
    do {
        const enum sva_status status = sva_tar_read(reader, piece, sizeof piece, &got);
        if (status != SVA_OK) {
            return status;
        }
        sva_bytes_append(bytes, piece, got);
        if (bytes->failed) {
            return sva_fail_memory(reader->error, reading);
        }
    } while (got > 0);
    return SVA_OK;
}

void sva_tar_reader_free(struct sva_tar_reader *reader)
{
    if (reader != NULL) {
        if (reader->archive != NULL) {
            (void)archive_read_free(reader->archive);
        }
        sva_free(reader);
    }
}

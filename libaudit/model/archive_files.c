/* SPDX-License-Identifier: Apache-2.0 */
#include "model/archive_files.h"

#include <string.h>

#include "base/fail.h"
#include "base/text.h"

/** Bytes of the directory that all entries share, with its slash; 0: they share none. */
static size_t common_directory(const struct sva_archive *archive)
{
    const char *const first = archive->count == 0 ? "" : archive->entries[0].path;
    const char *const slash = strchr(first, '/');
    const size_t size = slash == NULL ? 0 : (size_t)(slash - first) + 1;
    for (size_t i = 1; i < archive->count; i++) {
        if (strncmp(archive->entries[i].path, first, size) != 0) {
            return 0;
        }
    }
    return size;
}

/** The entries as files of a directory, one level of subdirectories deep. */
static enum sva_status list_entries(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_archive *const archive = &parts->archive;
    const size_t skipped = common_directory(archive);
    uint64_t deeper = 0;
    const char *first_deeper = NULL;
    parts->scanned.count = 0;
    for (size_t i = 0; i < archive->count; i++) {
        const char *const path = archive->entries[i].path + skipped;
        const char *const slash = strchr(path, '/');
        if (slash != NULL && (strchr(slash + 1, '/') != NULL || path[0] == '.')) {
            first_deeper = deeper++ == 0 || strcmp(path, first_deeper) < 0 ? path : first_deeper;
            continue;
        }
        struct sva_scanned *const file = sva_list_add(&parts->scanned);
        if (file == NULL) {
            return sva_fail_memory(error, "listing files");
        }
        file->path = path;
        file->base = slash == NULL ? path : slash + 1;
        file->directory =
            slash == NULL ? "" : sva_arena_strndup(&parts->arena, path, (size_t)(slash - path));
        file->kind = SVA_FILE_OTHER;
        file->entry = &archive->entries[i];
        file->size_bytes = archive->entries[i].size_bytes;
        if (file->directory == NULL) {
            return sva_fail_memory(error, "listing files");
        }
    }
    return deeper == 0 ? SVA_OK
                       : sva_parts_finding(parts, error, "directory-not-entered", NULL,
                                           "%llu files in hidden or deeper directories of the "
                                           "archive were not looked at, the first being %s.",
                                           (unsigned long long)deeper, sva_esc(first_deeper).text);
}

static enum sva_status note_archive(struct sva_parts *parts, uint64_t size_bytes,
                                    struct sva_error *error)
{
    const struct sva_archive *const archive = &parts->archive;
    enum sva_status status = sva_parts_finding(
        parts, error, "inside-archive", NULL,
        "The files lie in an archive (%s) of %llu bytes: %llu files, %llu bytes, of which %llu had "
        "to be unpacked.",
        archive->format, (unsigned long long)size_bytes, (unsigned long long)archive->count,
        (unsigned long long)archive->unpacked_bytes, (unsigned long long)archive->data.size_bytes);
    if (status == SVA_OK && archive->unfinished) {
        status = sva_parts_finding(parts, error, "archive-without-end", NULL,
                                   "The archive has no end mark after its last file; it may have "
                                   "been cut there.");
    }
    if (status == SVA_OK && archive->unclaimed_bytes > 0) {
        status = sva_parts_finding(parts, error, "archive-unclaimed-bytes", NULL,
                                   "%llu bytes of the archive belong to none of its files.",
                                   (unsigned long long)archive->unclaimed_bytes);
    }
    return status;
}

enum sva_status sva_archive_files(struct sva_parts *parts, bool *single, struct sva_error *error)
{
    const struct sva_scanned file = *(const struct sva_scanned *)parts->scanned.items;
    const bool archive = file.content == SVA_CONTENT_TAR || file.content == SVA_CONTENT_ZIP ||
                         file.content == SVA_CONTENT_COMPRESSED;
    if (!*single || file.refused != NULL || !archive ||
        sva_file_is_audited(file.kind)) { /* a zip that is weights */
        return SVA_OK;
    }
    struct sva_input input = {.fd = -1};
    enum sva_status status = sva_parts_open(parts, &file, &input, error);
    if (status == SVA_OK) {
        status = sva_archive_unpack(&input, &parts->limits, &parts->archive, error);
        parts->in_archive = status == SVA_OK;
    }
    sva_input_close(&input);
    parts->limits.progress = NULL; /* the caller's, not to be kept */
    if (status != SVA_OK) {
        return status;
    }
    *single = false;
    status = list_entries(parts, error);
    return status == SVA_OK ? note_archive(parts, file.size_bytes, error) : status;
}

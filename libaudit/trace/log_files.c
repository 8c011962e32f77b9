/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/log_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/look.h"
#include "base/order.h"
#include "base/text.h"

struct work {
    struct sva_arena *arena;
    struct sva_log_files *files;
    struct sva_error *error;
};

static enum sva_status add_path(struct work *work, const char *path)
{
    if (work->files->count >= SVA_LOG_FILES_MOST) {
        return sva_fail(work->error, SVA_ERR_LIMIT, "the loss log has more than %d files",
                        SVA_LOG_FILES_MOST);
    }
    const char *kept = sva_arena_strdup(work->arena, path);
    if (kept == NULL) {
        return sva_fail_memory(work->error, "listing the loss log");
    }
    work->files->paths[work->files->count++] = kept;
    return SVA_OK;
}

static enum sva_status add_directory(struct work *work, const char *path)
{
    DIR *directory = opendir(path);
    const size_t before = work->files->count;
    const char *name = NULL;
    if (directory == NULL) {
        return sva_fail(work->error, SVA_ERR_IO, "%s: cannot be listed", sva_esc(path).text);
    }
    enum sva_status status = sva_next_name(directory, path, &name, work->error);
    while (status == SVA_OK && name != NULL) {
        if (strstr(name, "tfevents") != NULL) {
            const char *full = sva_arena_printf(work->arena, "%s/%s", path, name);
            status = full != NULL ? add_path(work, full)
                                  : sva_fail_memory(work->error, "listing the loss log");
        }
        if (status == SVA_OK) {
            status = sva_next_name(directory, path, &name, work->error);
        }
    }
    (void)closedir(directory); /* only read from */
    if (status == SVA_OK && work->files->count == before) {
        status = sva_fail(work->error, SVA_ERR_NOTHING, "%s holds no event files (*tfevents*)",
                          sva_esc(path).text);
    }
    qsort(work->files->paths + before, work->files->count - before, sizeof *work->files->paths,
          sva_by_text);
    return status;
}

static enum sva_status read_one(struct work *work, size_t index, struct sva_loss_log *log)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *path = work->files->paths[index];
    enum sva_status status = sva_read_file(path, SVA_LOG_BYTES_MOST, &bytes, &size, work->error);
    if (status == SVA_OK && !sva_sha256(bytes, size, work->files->digests[index])) {
        status = sva_fail_memory(work->error, "reading the loss log");
    }
    if (status == SVA_OK) {
        status = sva_log_read(log, (struct sva_span){bytes, size}, sva_esc(path).text, work->error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_log_files_read(const char *const *paths, size_t count, struct sva_arena *arena,
                                   struct sva_loss_log *log, struct sva_log_files *files,
                                   struct sva_error *error)
{
    struct work work = {arena, files, error};
    files->count = 0;
    files->paths = sva_arena_alloc(arena, SVA_LOG_FILES_MOST, sizeof *files->paths);
    files->digests = sva_arena_alloc(arena, SVA_LOG_FILES_MOST, sizeof *files->digests);
    enum sva_status status = files->paths != NULL && files->digests != NULL
                                 ? SVA_OK
                                 : sva_fail_memory(error, "listing the loss log");
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        enum sva_place place = SVA_PLACE_NONE;
        status = sva_look(paths[i], true, &place, error);
        if (status == SVA_OK) {
            status = place == SVA_PLACE_FOLDER ? add_directory(&work, paths[i])
                                               : add_path(&work, paths[i]);
        }
    }
    for (size_t i = 0; status == SVA_OK && i < files->count; i++) {
        status = read_one(&work, i, log);
    }
    return status;
}

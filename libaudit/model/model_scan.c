/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* realpath, which POSIX 2008 has and glibc hides without it */

#include "model/model_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/hub_cache.h"
#include "base/look.h"
#include "base/order.h"
#include "base/text.h"
#include "model/archive_files.h"

struct scan {
    struct sva_parts *parts;
    const char *allowed;            /**< links must resolve beneath this directory */
    struct sva_list subdirectories; /**< const char *, relative names */
    uint64_t seen;
    struct sva_list not_entered; /**< const char *, directories deeper than one level, or hidden */
};

enum { NAMED_DIRECTORIES = 4 };

static bool is_hex_name(const char *text, size_t length)
{
    if (strlen(text) != length) {
        return false;
    }
    return strspn(text, "0123456789abcdef") == length;
}

/** Weights, index and config must be readable; anything else may be refused with a finding. */
static bool is_vital(const char *base)
{
    return sva_ends_with(base, ".safetensors") || sva_ends_with(base, ".safetensors.index.json") ||
           strcmp(base, "config.json") == 0;
}

static enum sva_status refuse(struct scan *scan, struct sva_scanned *file, const char *why,
                              struct sva_error *error)
{
    file->refused = why;
    file->kind = SVA_FILE_OTHER;
    if (is_vital(file->base)) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s %s; it was not opened",
                        sva_esc(file->path).text, why);
    }
    return sva_parts_finding(scan->parts, error, "file-refused", file->path,
                             "%s %s; it was not opened.", sva_esc(file->path).text, why);
}

/** Where a link leads, if it may be followed. */
static enum sva_status follow_link(struct scan *scan, struct sva_scanned *file, struct stat *info,
                                   struct sva_error *error)
{
    char resolved[PATH_MAX];
    if (realpath(file->real_path, resolved) == NULL) {
        return refuse(scan, file, "is a link that leads nowhere", error);
    }
    if (!sva_path_is_beneath(resolved, scan->allowed)) {
        return refuse(scan, file, "is a link that leads out of the model's directory", error);
    }
    if (lstat(resolved, info) != 0) {
        return refuse(scan, file, "is a link that leads nowhere", error);
    }
    if (S_ISDIR(info->st_mode)) {
        return refuse(scan, file, "is a link to a directory", error);
    }
    file->real_path = sva_arena_strdup(&scan->parts->arena, resolved);
    if (file->real_path == NULL) {
        return sva_fail_memory(error, "listing files");
    }
    const char *const blob = sva_path_name(file->real_path);
    static const char folder[] = "/blobs/";
    const size_t folder_size = sizeof folder - 1;
    if ((size_t)(blob - file->real_path) >= folder_size &&
        memcmp(blob - folder_size, folder, folder_size) == 0 &&
        (is_hex_name(blob, 64) || is_hex_name(blob, 40))) {
        file->blob_digest = blob;
    }
    return SVA_OK;
}

static enum sva_status add_file(struct scan *scan, const char *directory, const char *relative,
                                const char *name, struct stat *info, struct sva_error *error)
{
    struct sva_parts *const parts = scan->parts;
    struct sva_scanned *const file = sva_list_add(&parts->scanned);
    if (file == NULL) {
        return sva_fail_memory(error, "listing files");
    }
    file->directory = relative;
    file->path = relative[0] == '\0' ? sva_arena_strdup(&parts->arena, name)
                                     : sva_arena_printf(&parts->arena, "%s/%s", relative, name);
    file->real_path = sva_arena_printf(&parts->arena, "%s/%s", directory, name);
    if (file->path == NULL || file->real_path == NULL) {
        parts->scanned.count--;
        return sva_fail_memory(error, "listing files");
    }
    file->base = sva_path_name(file->path);
    file->kind = SVA_FILE_OTHER;
    if (S_ISLNK(info->st_mode)) {
        const enum sva_status status = follow_link(scan, file, info, error);
        if (status != SVA_OK || file->refused != NULL) {
            return status;
        }
    }
    if (!S_ISREG(info->st_mode)) {
        return refuse(scan, file, "is not a regular file (a pipe, socket or device)", error);
    }
    file->size_bytes = (uint64_t)info->st_size;
    return SVA_OK;
}

static enum sva_status add_entry(struct scan *scan, const char *directory, const char *relative,
                                 const char *name, struct sva_error *error)
{
    struct sva_parts *const parts = scan->parts;
    if (++scan->seen > parts->limits.file_count) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s holds more than %llu files",
                        sva_esc(parts->model.root).text,
                        (unsigned long long)parts->limits.file_count);
    }
    char path[PATH_MAX];
    if (strlen(directory) + strlen(name) + 2 > sizeof path) {
        return sva_fail(error, SVA_ERR_LIMIT, "the path of %s is too long", sva_esc(name).text);
    }
    memcpy(path, directory, strlen(directory));
    path[strlen(directory)] = '/';
    memcpy(path + strlen(directory) + 1, name, strlen(name) + 1);
    struct stat info;
    if (lstat(path, &info) != 0) {
        return sva_fail_errno(error, path, "look at it");
    }
    if (!S_ISDIR(info.st_mode)) {
        return add_file(scan, directory, relative, name, &info, error);
    }
    const bool entered = name[0] != '.' && relative[0] == '\0';
    const char **const slot = sva_list_add(entered ? &scan->subdirectories : &scan->not_entered);
    if (slot != NULL) {
        *slot = relative[0] == '\0' ? sva_arena_strdup(&parts->arena, name)
                                    : sva_arena_printf(&parts->arena, "%s/%s", relative, name);
    }
    return slot == NULL || *slot == NULL ? sva_fail_memory(error, "listing files") : SVA_OK;
}

static enum sva_status list_directory(struct scan *scan, const char *directory,
                                      const char *relative, struct sva_error *error)
{
    DIR *const stream = opendir(directory);
    if (stream == NULL) {
        return sva_fail_errno(error, directory, "list it");
    }
    const char *name = NULL;
    enum sva_status status = sva_next_name(stream, directory, &name, error);
    while (status == SVA_OK && name != NULL) {
        status = add_entry(scan, directory, relative, name, error);
        if (status == SVA_OK) {
            status = sva_next_name(stream, directory, &name, error);
        }
    }
    (void)closedir(stream); /* only read from */
    return status;
}

static int compare_scanned(const void *left, const void *right)
{
    const struct sva_scanned *const a = left;
    const struct sva_scanned *const b = right;
    return strcmp(a->path, b->path);
}

static enum sva_status sniff_file(struct sva_parts *parts, struct sva_scanned *file,
                                  struct sva_error *error)
{
    struct sva_input input = {0};
    struct sva_error told = {0};
    enum sva_status status = parts->in_archive
                                 ? sva_parts_open(parts, file, &input, &told)
                                 : sva_input_open(-1, file->real_path, false, &input, &told);
    if (status != SVA_OK) {
        /* What may not be read is left out, in the open; any other error would make the outcome
         * depend on the moment. */
        if (is_vital(file->base) || parts->in_archive || !sva_is_forbidden(file->real_path)) {
            return sva_fail(error, status, "%s", told.text);
        }
        file->refused = "cannot be opened";
        return sva_parts_finding(parts, error, "file-refused", file->path,
                                 "%s cannot be opened and was left out.", sva_esc(file->path).text);
    }
    uint8_t head[SVA_SNIFF_BYTES];
    file->size_bytes = input.size_bytes;
    file->device = input.device;
    file->inode = input.inode;
    const size_t size = input.size_bytes < sizeof head ? (size_t)input.size_bytes : sizeof head;
    status = size == 0 ? SVA_OK : sva_input_read(&input, 0, head, size, error);
    sva_input_close(&input);
    if (status != SVA_OK) {
        return status;
    }
    const enum sva_content rival = sva_content_rival(head, size, file->size_bytes, file->base);
    if (rival != SVA_CONTENT_UNKNOWN) {
        return sva_fail(
            error, SVA_ERR_CORRUPT,
            "%s begins as a safetensors file and as %s, and loaders disagree which it is",
            sva_esc(file->path).text, sva_content_name(rival));
    }
    file->content = sva_content_sniff(head, size, file->size_bytes);
    file->kind = sva_file_kind_of(file->content, file->base);
    return SVA_OK;
}

static enum sva_status set_names(struct sva_parts *parts, const char *path, const char *resolved,
                                 struct sva_error *error)
{
    const char *folder = NULL;
    size_t folder_size = 0;
    parts->model.root = sva_arena_strdup(&parts->arena, path);
    if (sva_hub_root_length(resolved, &folder, &folder_size) > 0) {
        parts->model.name = sva_hub_name(&parts->arena, folder, folder_size);
    } else {
        size_t end = strlen(path);
        while (end > 1 && path[end - 1] == '/') {
            end--;
        }
        size_t start = end;
        while (start > 0 && path[start - 1] != '/') {
            start--;
        }
        const char *given = path + start;
        size_t length = end - start;
        if (length == 0 || (length <= 2 && strspn(given, ".") >= length)) {
            given = sva_path_name(resolved);
            length = strlen(given);
        }
        parts->model.name = sva_arena_strndup(&parts->arena, given, length);
    }
    return parts->model.root == NULL || parts->model.name == NULL
               ? sva_fail_memory(error, "opening a model")
               : SVA_OK;
}

/** "2 hidden or deeper directories were not looked into: .cache, a/b." */
static enum sva_status note_not_entered(const struct scan *scan, struct sva_error *error)
{
    const char **const names = scan->not_entered.items;
    const size_t count = scan->not_entered.count;
    struct sva_bytes listed = {0};
    if (count == 0) {
        return SVA_OK;
    }
    qsort(names, count, sizeof *names, sva_by_text);
    for (size_t i = 0; i < count && i < NAMED_DIRECTORIES; i++) {
        sva_bytes_printf(&listed, "%s%s", i == 0 ? "" : ", ", sva_esc(names[i]).text);
    }
    const enum sva_status status =
        listed.failed ? sva_fail_memory(error, "listing files")
                      : sva_parts_finding(scan->parts, error, "directory-not-entered", NULL,
                                          "%llu hidden or deeper directories were not looked into: "
                                          "%s%s.",
                                          (unsigned long long)count, (const char *)listed.data,
                                          count > NAMED_DIRECTORIES ? ", ..." : "");
    sva_bytes_done(&listed);
    return status;
}

static enum sva_status scan_tree(struct scan *scan, const char *resolved, struct sva_error *error)
{
    struct sva_parts *const parts = scan->parts;
    enum sva_status status = list_directory(scan, resolved, "", error);
    if (scan->subdirectories.count > 1) {
        qsort(scan->subdirectories.items, scan->subdirectories.count, sizeof(char *), sva_by_text);
    }
    const char *const *const names = scan->subdirectories.items;
    for (size_t i = 0; status == SVA_OK && i < scan->subdirectories.count; i++) {
        char *const directory = sva_arena_printf(&parts->arena, "%s/%s", resolved, names[i]);
        status = directory == NULL ? sva_fail_memory(error, "listing files")
                                   : list_directory(scan, directory, names[i], error);
    }
    return status == SVA_OK ? note_not_entered(scan, error) : status;
}

static enum sva_status scan_directory(struct sva_parts *parts, const char *path,
                                      char resolved[PATH_MAX], struct sva_error *error)
{
    enum sva_status status = sva_hub_enter_snapshot(resolved, error);
    if (status == SVA_OK) {
        status = set_names(parts, path, resolved, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    struct scan scan = {.parts = parts,
                        .subdirectories = {.item_size = sizeof(char *)},
                        .not_entered = {.item_size = sizeof(char *)}};
    const char *folder = NULL;
    size_t folder_size = 0;
    const size_t hub = sva_hub_root_length(resolved, &folder, &folder_size);
    scan.allowed = sva_arena_strndup(&parts->arena, resolved, hub > 0 ? hub : strlen(resolved));
    status = scan.allowed == NULL ? sva_fail_memory(error, "listing files")
                                  : scan_tree(&scan, resolved, error);
    sva_list_done(&scan.subdirectories);
    sva_list_done(&scan.not_entered);
    return status;
}

/** One file, named by the user: its own link is followed, as `cat` would. */
static enum sva_status scan_file(struct sva_parts *parts, const char *path, const char *resolved,
                                 struct sva_error *error)
{
    enum sva_status status = set_names(parts, path, resolved, error);
    struct stat info;
    if (status == SVA_OK && lstat(resolved, &info) != 0) {
        status = sva_fail_errno(error, path, "look at it");
    }
    if (status != SVA_OK) {
        return status;
    }
    if (!S_ISREG(info.st_mode)) {
        return sva_fail(error, SVA_ERR_IO,
                        "%s is neither a directory nor a regular file; it was not opened",
                        sva_esc(path).text);
    }
    char directory[PATH_MAX];
    const size_t length = (size_t)(sva_path_name(resolved) - resolved);
    memcpy(directory, resolved, length);
    directory[length == 0 ? 0 : length - 1] = '\0';
    struct scan scan = {.parts = parts, .allowed = directory};
    status = add_file(&scan, directory, "", sva_path_name(resolved), &info, error);
    if (status == SVA_OK) {
        struct sva_scanned *const file = parts->scanned.items;
        const char *const shown = sva_path_name(path);
        file->path = sva_arena_strdup(&parts->arena, shown[0] == '\0' ? path : shown);
        file->base = file->path;
        if (file->path == NULL) {
            return sva_fail_memory(error, "listing files");
        }
        if (strstr(file->real_path, "/blobs/") != NULL &&
            (is_hex_name(sva_path_name(file->real_path), 64) ||
             is_hex_name(sva_path_name(file->real_path), 40))) {
            file->blob_digest = sva_path_name(file->real_path);
        }
    }
    return status;
}

static enum sva_status sniff_files(struct sva_parts *parts, struct sva_error *error)
{
    struct sva_scanned *const files = parts->scanned.items;
    enum sva_status status = SVA_OK;
    if (parts->scanned.count > 1) {
        qsort(files, parts->scanned.count, sizeof *files, compare_scanned);
    }
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        if (files[i].refused == NULL) {
            status = sniff_file(parts, &files[i], error);
        }
    }
    return status;
}

enum sva_status sva_model_scan(struct sva_parts *parts, const char *path, bool *single,
                               struct sva_error *error)
{
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL) {
        return sva_fail_errno(error, path, "open it");
    }
    struct stat info;
    if (lstat(resolved, &info) != 0) {
        return sva_fail_errno(error, path, "look at it");
    }
    *single = !S_ISDIR(info.st_mode);
    enum sva_status status = *single ? scan_file(parts, path, resolved, error)
                                     : scan_directory(parts, path, resolved, error);
    if (status == SVA_OK) {
        status = sniff_files(parts, error);
    }
    if (status == SVA_OK && parts->scanned.count == 1) {
        status = sva_archive_files(parts, single, error);
    }
    return status == SVA_OK && parts->in_archive ? sniff_files(parts, error) : status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* realpath, which POSIX 2008 has and glibc hides without it */

#include "attest/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attest/fields.h"
#include "base/fail.h"
#include "base/hub_cache.h"
#include "base/look.h"
#include "base/order.h"
#include "base/text.h"

enum { PATH_BYTES = 4096 };

static const char *const ALWAYS[] = {".git", ".gitattributes", ".github", ".gitignore"};

struct walk {
    const char *root;
    const char *allowed; /* as audited: links lead beneath this folder */
    const struct sva_tree_options *options;
    struct sva_arena *arena;
    struct sva_grown folders; /* const char *, relative, "" for the root */
    struct sva_grown files;   /* struct sva_tree_file */
    struct sva_grown skipped; /* const char * */
    uint64_t seen;
};

static enum sva_status no_memory(struct sva_error *error)
{
    return sva_fail_memory(error, "listing files");
}

static enum sva_status fail_errno(const char *path, const char *doing, struct sva_error *error)
{
    const enum sva_status status =
        errno == ENOENT || errno == ENOTDIR ? SVA_ERR_NOT_FOUND : SVA_ERR_IO;
    return sva_fail(error, status, "%s: cannot %s: %s", sva_esc(path).text, doing, strerror(errno));
}

static bool is_always_ignored(const char *relative)
{
    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++) {
        if (strcmp(ALWAYS[i], relative) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_ignored(const struct walk *walk, const char *relative)
{
    if (!walk->options->as_audited && is_always_ignored(relative)) {
        return true;
    }
    for (size_t i = 0; i < walk->options->ignore_count; i++) {
        if (strcmp(walk->options->ignore[i], relative) == 0) {
            return true;
        }
    }
    return false;
}

/** The same of a link as an audit follows it; the file is opened by the path that it leads to. */
static const char *oddity_of_link(const struct walk *walk, const char **full, struct stat *info)
{
    char *const resolved = realpath(*full, NULL);
    const bool leads = resolved != NULL && lstat(resolved, info) == 0 && S_ISREG(info->st_mode);
    const bool stays = leads && sva_path_is_beneath(resolved, walk->allowed);
    const char *const kept = stays ? sva_arena_strdup(walk->arena, resolved) : NULL;
    *full = stays ? kept : *full;
    free(resolved);
    return !leads   ? "is a symbolic link that leads to no file"
           : !stays ? "is a symbolic link that leads out of the model"
                    : NULL;
}

/** What makes an entry no plain file; NULL: it is one, and *info tells its size. */
static const char *oddity(const struct walk *walk, const char *relative, const char **full,
                          struct stat *info)
{
    if (sva_utf8_valid_prefix((const uint8_t *)relative, strlen(relative)) != strlen(relative)) {
        return "has a name that is no UTF-8";
    }
    if (S_ISLNK(info->st_mode) && walk->options->as_audited) {
        return oddity_of_link(walk, full, info);
    }
    if (S_ISLNK(info->st_mode)) {
        if (!walk->options->allow_symlinks) {
            return "is a symbolic link";
        }
        return stat(*full, info) == 0 && S_ISREG(info->st_mode)
                   ? NULL
                   : "is a symbolic link that leads to no file";
    }
    return S_ISREG(info->st_mode) ? NULL : "is neither a file nor a directory";
}

static enum sva_status add_path(struct sva_grown *paths, const char *path, struct sva_arena *arena,
                                struct sva_error *error)
{
    const char **const slot = sva_grown_add(paths, arena, sizeof *slot);
    if (slot == NULL) {
        return no_memory(error);
    }
    *slot = path;
    return SVA_OK;
}

static enum sva_status add_entry(struct walk *walk, const char *folder, const char *name,
                                 struct sva_error *error)
{
    struct stat info;
    const char *const relative =
        sva_arena_printf(walk->arena, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", name);
    const char *full =
        relative != NULL ? sva_arena_printf(walk->arena, "%s/%s", walk->root, relative) : NULL;
    if (full == NULL) {
        return no_memory(error);
    }
    if (++walk->seen > SVA_TREE_ENTRIES || strlen(relative) > PATH_BYTES) {
        return sva_fail(error, SVA_ERR_LIMIT,
                        "%s: more than %d entries, or paths of more than %d bytes",
                        sva_esc(walk->root).text, SVA_TREE_ENTRIES, PATH_BYTES);
    }
    if (is_ignored(walk, relative)) {
        return add_path(&walk->skipped, relative, walk->arena, error);
    }
    if (lstat(full, &info) != 0) {
        return fail_errno(full, "look at it", error);
    }
    if (S_ISDIR(info.st_mode)) {
        return add_path(is_always_ignored(relative) ? &walk->skipped : &walk->folders, relative,
                        walk->arena, error);
    }
    struct sva_tree_file *const file = sva_grown_add(&walk->files, walk->arena, sizeof *file);
    if (file == NULL) {
        return no_memory(error);
    }
    file->odd = oddity(walk, relative, &full, &info);
    if (full == NULL) {
        return no_memory(error);
    }
    file->path = relative;
    file->full = full;
    file->size_bytes = (uint64_t)info.st_size;
    return SVA_OK;
}

static enum sva_status list_folder(struct walk *walk, const char *folder, struct sva_error *error)
{
    const char *const full = sva_arena_printf(walk->arena, "%s/%s", walk->root, folder);
    if (full == NULL) {
        return no_memory(error);
    }
    DIR *const stream = opendir(full);
    if (stream == NULL) {
        return fail_errno(full, "list it", error);
    }
    const char *name = NULL;
    enum sva_status status = sva_next_name(stream, full, &name, error);
    while (status == SVA_OK && name != NULL) {
        status = add_entry(walk, folder, name, error);
        if (status == SVA_OK) {
            status = sva_next_name(stream, full, &name, error);
        }
    }
    (void)closedir(stream);
    return status;
}

static int by_path(const void *left, const void *right)
{
    const struct sva_tree_file *const a = left;
    const struct sva_tree_file *const b = right;
    return strcmp(a->path, b->path);
}

static enum sva_status one_file(const char *root, uint64_t size_bytes, struct sva_arena *arena,
                                struct sva_tree *tree, struct sva_error *error)
{
    struct sva_tree_file *const file = sva_arena_alloc(arena, 1, sizeof *file);
    const char *const slash = strrchr(root, '/');
    if (file == NULL) {
        return no_memory(error);
    }
    *file = (struct sva_tree_file){
        .path = slash != NULL ? slash + 1 : root, .full = root, .size_bytes = size_bytes};
    *tree = (struct sva_tree){.single = true, .count = 1, .files = file};
    return SVA_OK;
}

/** The folder that an audit of the root looks into, and the one beneath which links may lead. */
static enum sva_status enter(struct walk *walk, struct sva_error *error)
{
    char resolved[PATH_MAX];
    const char *name = NULL;
    size_t name_size = 0;
    if (realpath(walk->root, resolved) == NULL) {
        return fail_errno(walk->root, "open it", error);
    }
    const enum sva_status status = sva_hub_enter_snapshot(resolved, error);
    if (status != SVA_OK) {
        return status;
    }
    const size_t entry = sva_hub_root_length(resolved, &name, &name_size);
    walk->root = sva_arena_strdup(walk->arena, resolved);
    walk->allowed = sva_arena_strndup(walk->arena, resolved, entry > 0 ? entry : strlen(resolved));
    return walk->root != NULL && walk->allowed != NULL ? SVA_OK : no_memory(error);
}

enum sva_status sva_tree_list(const char *root, const struct sva_tree_options *options,
                              struct sva_arena *arena, struct sva_tree *tree,
                              struct sva_error *error)
{
    struct stat info;
    struct walk walk = {.root = root, .options = options, .arena = arena};
    if (stat(root, &info) != 0) {
        return fail_errno(root, "open it", error);
    }
    if (!S_ISDIR(info.st_mode)) {
        return one_file(root, (uint64_t)info.st_size, arena, tree, error);
    }
    enum sva_status status = options->as_audited ? enter(&walk, error) : SVA_OK;
    if (status == SVA_OK) {
        status = list_folder(&walk, "", error);
    }
    for (size_t i = 0; i < walk.folders.count && status == SVA_OK; i++) {
        status = list_folder(&walk, ((const char *const *)walk.folders.items)[i], error);
    }
    if (status == SVA_OK) {
        *tree = (struct sva_tree){.count = walk.files.count,
                                  .files = walk.files.items,
                                  .skipped_count = walk.skipped.count,
                                  .skipped = walk.skipped.items};
        if (tree->skipped_count > 0) {
            qsort(tree->skipped, tree->skipped_count, sizeof *tree->skipped, sva_by_text);
        }
        if (tree->count > 0) {
            qsort(tree->files, tree->count, sizeof *tree->files, by_path);
        }
    }
    return status;
}

/** The folder in which `path` is; NULL: out of memory. */
static const char *folder_of(const char *path, struct sva_arena *arena)
{
    const char *const slash = strrchr(path, '/');
    return slash == NULL   ? "."
           : slash == path ? "/"
                           : sva_arena_strndup(arena, path, (size_t)(slash - path));
}

static const char *name_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

enum sva_status sva_tree_place(const char *root, const char *path, struct sva_arena *arena,
                               const char **relative, struct sva_error *error)
{
    const char *const name = name_of(path);
    const char *const folder = folder_of(path, arena);
    if (folder == NULL) {
        return no_memory(error);
    }
    char *const above = realpath(root, NULL);
    char *const below = realpath(folder, NULL);
    const size_t length = above != NULL ? strlen(above) : 0;
    *relative = "";
    if (above != NULL && below != NULL && strncmp(above, below, length) == 0 &&
        (below[length] == '\0' || below[length] == '/')) {
        *relative = below[length] == '\0'
                        ? sva_arena_strdup(arena, name)
                        : sva_arena_printf(arena, "%s/%s", below + length + 1, name);
    }
    free(above);
    free(below);
    return *relative != NULL ? SVA_OK : no_memory(error);
}

bool sva_is_same_place(const char *left, const char *right)
{
    struct stat a;
    struct stat b;
    struct sva_arena arena = {.blocks = NULL};
    if (strcmp(left, right) == 0) {
        return true;
    }
    if (stat(left, &a) == 0 && stat(right, &b) == 0) {
        return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    }
    const char *const folders[2] = {folder_of(left, &arena), folder_of(right, &arena)};
    char *const above = folders[0] != NULL ? realpath(folders[0], NULL) : NULL;
    char *const beside = folders[1] != NULL ? realpath(folders[1], NULL) : NULL;
    const bool same = above != NULL && beside != NULL && strcmp(above, beside) == 0 &&
                      strcmp(name_of(left), name_of(right)) == 0;
    free(above);
    free(beside);
    sva_arena_done(&arena);
    return same;
}

const char *sva_tree_name(const char *root, struct sva_arena *arena)
{
    char *const resolved = realpath(root, NULL);
    const char *const path = resolved != NULL ? resolved : root;
    const char *const slash = strrchr(path, '/');
    const char *const name = slash != NULL && slash[1] != '\0' ? slash + 1 : path;
    const char *const kept = sva_arena_strdup(arena, name);
    free(resolved);
    return kept;
}

static int path_order(const void *key, const void *element)
{
    return strcmp(key, ((const struct sva_tree_file *)element)->path);
}

const struct sva_tree_file *sva_tree_find(const struct sva_tree *tree, const char *path)
{
    return tree->count == 0
               ? NULL
               : bsearch(path, tree->files, tree->count, sizeof *tree->files, path_order);
}

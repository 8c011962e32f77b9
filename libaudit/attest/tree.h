/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which files belong to a model, by the rules of OMS 6.1 and 6.2: every regular file beneath the
 * root, dot files too, apart from .git, .gitignore, .gitattributes and .github at the top and the
 * paths to ignore, which stand for themselves and, of directories, for all in them.
 */
#ifndef SVA_ATTEST_TREE_H
#define SVA_ATTEST_TREE_H

#include "base/memory.h"

enum { SVA_TREE_ENTRIES = 1000000 };

struct sva_tree_file {
    const char *path; /**< relative to the root, '/' between parts; of one file: its name */
    const char *full; /**< to open it */
    uint64_t size_bytes;
    const char *odd; /**< why it cannot be signed ("is a symbolic link"), or NULL */
};

struct sva_tree {
    bool single; /**< the root is itself the file */
    size_t count;
    struct sva_tree_file *files; /**< sorted by path (bytes) */
    size_t skipped_count;
    const char **skipped; /**< what is there and left out, sorted */
};

struct sva_tree_options {
    const char *const *ignore;
    size_t ignore_count;
    bool allow_symlinks; /**< links to regular files count as files */
    /**
     * As an audit sees a model: git's own files too, though nothing in its folders; of a hub cache
     * entry its current snapshot; links to regular files beneath the model count as those files,
     * of a snapshot beneath its entry, and others are odd.
     */
    bool as_audited;
};

/**
 * Lists; all in `arena`. Errors: NOT_FOUND, IO, LIMIT, MEMORY; as audited also those of
 * sva_hub_enter_snapshot().
 */
enum sva_status sva_tree_list(const char *root, const struct sva_tree_options *options,
                              struct sva_arena *arena, struct sva_tree *tree,
                              struct sva_error *error) SVA_MUST_CHECK;

/** The file of that relative path, NULL: there is none. */
const struct sva_tree_file *sva_tree_find(const struct sva_tree *tree, const char *path);

/**
 * Where `path`, which need not exist, lies beneath the directory `root`: its relative path, or ""
 * when it does not. Errors: MEMORY.
 */
enum sva_status sva_tree_place(const char *root, const char *path, struct sva_arena *arena,
                               const char **relative, struct sva_error *error) SVA_MUST_CHECK;

/** Would writing to one of these paths, which need not exist, write over the other? */
bool sva_is_same_place(const char *left, const char *right);

/** Last part of a model's path with links resolved: its name in a manifest. NULL: out of memory. */
const char *sva_tree_name(const char *root, struct sva_arena *arena);

#endif

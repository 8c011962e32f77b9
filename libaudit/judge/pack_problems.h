/* SPDX-License-Identifier: Apache-2.0 */
/** Problems found in a pack, in file order: "rules[2].when.scope: unknown scope \"x\"". */
#ifndef SVA_JUDGE_PACK_PROBLEMS_H
#define SVA_JUDGE_PACK_PROBLEMS_H

#include "base/memory.h"

enum { SVA_PROBLEMS_MAX = 200 /**< later ones are counted only */ };

struct sva_problems {
    struct sva_arena *arena; /**< owns the texts */
    const char *items[SVA_PROBLEMS_MAX];
    size_t count;   /**< listed in items */
    size_t omitted; /**< found beyond them */
    bool out_of_memory;
};

/** Adds one; `path` is the JSON path ("" = the whole document). */
void sva_problem_add(struct sva_problems *problems, const char *path, const char *format, ...)
    SVA_PRINTF(3, 4);

/** "path.key" or "key"; never NULL (a failure is marked and gives "?"). */
const char *sva_problem_path(struct sva_problems *problems, const char *path, const char *key);
/** "path[index]". */
const char *sva_problem_item(struct sva_problems *problems, const char *path, size_t index);

#endif

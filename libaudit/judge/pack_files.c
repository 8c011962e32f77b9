/* SPDX-License-Identifier: Apache-2.0 */
/* Where rule packs are found: directories and the built-in copies. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/look.h"
#include "base/text.h"
#include "embedded_rules.h"
#include "judge/rulepack.h"

enum { PACK_FILES_MAX = 1000 };

static const char doing[] = "looking for rule packs";

void sva_pack_file_done(struct sva_pack_file *file)
{
    sva_free(file->origin);
    sva_free(file->owned);
    *file = (struct sva_pack_file){0};
}

void sva_pack_files_done(struct sva_pack_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        sva_pack_file_done(&files->items[i]);
    }
    sva_free(files->items);
    *files = (struct sva_pack_files){0};
}

enum sva_status sva_pack_file_read(const char *path, struct sva_pack_file *file,
                                   struct sva_error *error)
{
    struct sva_pack_file read = {.origin = sva_strdup(path)};
    if (read.origin == NULL) {
        return sva_fail_memory(error, doing);
    }
    const enum sva_status status =
        sva_read_file(path, SVA_PACK_BYTES_MAX, &read.owned, &read.size, error);
    if (status != SVA_OK) {
        sva_pack_file_done(&read);
        return status;
    }
    read.bytes = read.owned;
    *file = read;
    return SVA_OK;
}

/* A slot at the end, zeroed and counted; NULL: out of memory. */
static struct sva_pack_file *add_slot(struct sva_pack_files *files)
{
    if (files->count == files->capacity) {
        const size_t capacity = files->capacity == 0 ? 16 : files->capacity * 2;
        struct sva_pack_file *grown = sva_realloc_array(files->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        files->items = grown;
        files->capacity = capacity;
    }
    struct sva_pack_file *slot = &files->items[files->count++];
    *slot = (struct sva_pack_file){0};
    return slot;
}

static bool is_pack_name(const char *name)
{
    const size_t length = strlen(name);
    static const char cases[] = ".cases.json"; /* facts to try rules on */
    const size_t tail = sizeof cases - 1;
    return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".json") == 0 &&
           (length < tail || strcmp(name + length - tail, cases) != 0);
}

static int compare_files(const void *left, const void *right)
{
    const struct sva_pack_file *a = left;
    const struct sva_pack_file *b = right;
    return strcmp(a->origin, b->origin);
}

static enum sva_status add_file(struct sva_pack_files *files, const char *directory,
                                const char *name, struct sva_error *error)
{
    struct sva_bytes path = {0};
    sva_bytes_text(&path, directory);
    sva_bytes_text(&path, "/");
    sva_bytes_text(&path, name);
    struct sva_pack_file *slot = path.failed ? NULL : add_slot(files);
    const enum sva_status status = slot == NULL
                                       ? sva_fail_memory(error, doing)
                                       : sva_pack_file_read((const char *)path.data, slot, error);
    sva_bytes_done(&path);
    return status;
}

static enum sva_status add_directory(struct sva_pack_files *files, const char *path,
                                     bool must_exist, struct sva_error *error)
{
    DIR *directory = opendir(path);
    const size_t first = files->count;
    if (directory == NULL) {
        return !must_exist && (errno == ENOENT || errno == ENOTDIR)
                   ? SVA_OK
                   : sva_fail(error, SVA_ERR_IO, "%s: could not read the directory of rule packs",
                              sva_esc(path).text);
    }
    const char *name = NULL;
    enum sva_status status = sva_next_name(directory, path, &name, error);
    while (status == SVA_OK && name != NULL) {
        if (is_pack_name(name)) {
            status = files->count < PACK_FILES_MAX
                         ? add_file(files, path, name, error)
                         : sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d rule packs",
                                    sva_esc(path).text, (int)PACK_FILES_MAX);
        }
        if (status == SVA_OK) {
            status = sva_next_name(directory, path, &name, error);
        }
    }
    (void)closedir(directory); /* only read from */
    if (status == SVA_OK && files->count > first) {
        qsort(files->items + first, files->count - first, sizeof *files->items, compare_files);
    }
    return status;
}

static enum sva_status add_built_in(struct sva_pack_files *files, struct sva_error *error)
{
    for (size_t i = 0; i < sva_embedded_rules_count; i++) {
        if (!is_pack_name(sva_embedded_rules[i].name)) {
            continue;
        }
        struct sva_pack_file *slot = add_slot(files);
        struct sva_bytes origin = {0};
        sva_bytes_text(&origin, "built-in ");
        sva_bytes_text(&origin, sva_embedded_rules[i].name);
        if (slot == NULL || origin.failed) {
            sva_bytes_done(&origin);
            return sva_fail_memory(error, doing);
        }
        *slot = (struct sva_pack_file){
            .origin = (char *)origin.data,
            .bytes = sva_embedded_rules[i].bytes,
            .size = sva_embedded_rules[i].size,
        };
    }
    return SVA_OK;
}

struct sva_span sva_shipped_cases(void)
{
    for (size_t i = 0; i < sva_embedded_rules_count; i++) {
        if (strcmp(sva_embedded_rules[i].name, "shipped.cases.json") == 0) {
            return (struct sva_span){sva_embedded_rules[i].bytes, sva_embedded_rules[i].size};
        }
    }
    return (struct sva_span){NULL, 0};
}

enum sva_status sva_pack_files_read(struct sva_pack_files *files, struct sva_error *error)
{
    const char *chosen = getenv("SOVAUDIT_RULES");
    enum sva_status status = SVA_OK;
    *files = (struct sva_pack_files){0};
    if (chosen != NULL && chosen[0] != '\0') {
        status = add_directory(files, chosen, true, error);
    }
    if (status == SVA_OK) {
        status = add_directory(files, SVA_RULES_DIR, false, error);
    }
    if (status == SVA_OK) {
        status = add_built_in(files, error);
    }
    if (status != SVA_OK) {
        sva_pack_files_done(files);
    }
    return status;
}

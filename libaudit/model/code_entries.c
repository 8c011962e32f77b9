/* SPDX-License-Identifier: Apache-2.0 */
#include "model/code_entries.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PATH_BYTES = 512 };

/** `<folder><module>.py`, dots of the module as they are or as folders. */
static const char *find_file(const struct sva_parts *parts, const char *folder, size_t folder_size,
                             const char *module, size_t module_size, bool folders)
{
    char path[PATH_BYTES];
    if (folder_size + module_size + sizeof ".py" > sizeof path) {
        return NULL;
    }
    memcpy(path, folder, folder_size);
    for (size_t i = 0; i < module_size; i++) {
        path[folder_size + i] = folders && module[i] == '.' ? '/' : module[i];
    }
    memcpy(path + folder_size + module_size, ".py", sizeof ".py");
    const ptrdiff_t found = sva_parts_find_file(parts, path);
    const struct sva_scanned *const files = parts->scanned.items;
    return found >= 0 && files[found].refused == NULL ? files[found].path : NULL;
}

/** Path of the module that an entry names, or NULL. */
static const char *find_module(const struct sva_parts *parts, const char *stem, const char *value)
{
    const char *const slash = strrchr(stem, '/');
    const size_t folder_size = slash == NULL ? 0 : (size_t)(slash - stem) + 1;
    const char *const dot = strrchr(value, '.');
    const char *found = NULL;
    if (dot == NULL || dot == value) {
        return NULL;
    }
    for (int place = 0; found == NULL && place < 4; place++) {
        found = find_file(parts, stem, place < 2 ? folder_size : 0, value, (size_t)(dot - value),
                          place % 2 == 1);
    }
    return found;
}

static enum sva_status add_fact(struct sva_parts *parts, struct sva_code_entries *entries,
                                const char *key, const char *value, const char *where,
                                struct sva_error *error)
{
    char name[32];
    char text[PATH_BYTES + 192];
    snprintf(name, sizeof name, "code.entry.%02u", ++entries->listed);
    snprintf(text, sizeof text, "%s = %s: %s", sva_esc(key).text, sva_esc(value).text, where);
    return sva_parts_fact(parts, name, text, error);
}

enum sva_status sva_code_entry_add(struct sva_parts *parts, struct sva_code_entries *entries,
                                   const char *key, const char *stem, const char *value,
                                   struct sva_error *error)
{
    char where[224];
    if (strstr(value, "--") != NULL) {
        entries->other_repository++;
        return add_fact(parts, entries, key, value, "other repository", error);
    }
    const char *const path = find_module(parts, stem, value);
    if (path != NULL) {
        entries->local++;
        snprintf(where, sizeof where, "local (%s)", sva_esc(path).text);
        return add_fact(parts, entries, key, value, where, error);
    }
    entries->unresolved++;
    const enum sva_status status = add_fact(parts, entries, key, value, "unresolved", error);
    return status != SVA_OK ? status
                            : sva_parts_finding(parts, error, "auto-map-unresolved", NULL,
                                                "%s names %s, but the model has no such module.",
                                                sva_esc(key).text, sva_esc(value).text);
}

enum sva_status sva_code_entries_count(struct sva_parts *parts,
                                       const struct sva_code_entries *entries,
                                       struct sva_error *error)
{
    const struct {
        const char *key;
        uint64_t count;
    } counts[] = {
        {"code.entries.local", entries->local},
        {"code.entries.other_repository", entries->other_repository},
        {"code.entries.unresolved", entries->unresolved},
    };
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && entries->listed > 0 && i < 3; i++) {
        status = sva_parts_fact_u64(parts, counts[i].key, counts[i].count, error);
    }
    return status;
}

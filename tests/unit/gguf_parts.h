/* SPDX-License-Identifier: Apache-2.0 */
/** A model under construction that holds some GGUF files, for tests of what reads them. */
#ifndef TESTS_GGUF_PARTS_H
#define TESTS_GGUF_PARTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/gguf_files.h"

static inline void gguf_parts_init(struct sva_parts *parts)
{
    *parts = (struct sva_parts){.limits = sva_limits_default()};
    parts->scanned.item_size = sizeof(struct sva_scanned);
    parts->groups.item_size = sizeof(struct sva_group);
    parts->facts.item_size = sizeof(struct sva_fact);
    parts->findings.item_size = sizeof(struct sva_finding);
    struct sva_group *const group = sva_list_add(&parts->groups);
    assert_non_null(group);
    *group = (struct sva_group){.directory = "", .kind = SVA_FILE_GGUF};
    group->config.leaves.item_size = sizeof(struct sva_config_leaf);
}

/** Adds a file to the scan; keep to the order of the names. */
static inline void gguf_parts_add(struct sva_parts *parts, const char *path)
{
    struct sva_input input;
    assert_int_equal(sva_input_open(-1, path, true, &input, NULL), SVA_OK);
    struct sva_scanned *const file = sva_list_add(&parts->scanned);
    assert_non_null(file);
    const char *const slash = strrchr(path, '/');
    file->real_path = sva_arena_strdup(&parts->arena, path);
    file->base = file->path = sva_arena_strdup(&parts->arena, slash == NULL ? path : slash + 1);
    file->directory = "";
    file->kind = SVA_FILE_GGUF;
    file->size_bytes = input.size_bytes;
    file->device = input.device;
    file->inode = input.inode;
    sva_input_close(&input);
}

static inline void gguf_parts_done(struct sva_parts *parts)
{
    struct sva_group *const groups = parts->groups.items;
    sva_list_done(&groups[0].config.leaves);
    sva_list_done(&parts->groups);
    sva_list_done(&parts->scanned);
    sva_list_done(&parts->facts);
    sva_list_done(&parts->findings);
    sva_free(parts->token_keys);
    sva_arena_done(&parts->arena);
}

/** What the model's opening does with these files, up to their tensors, which are dropped. */
static inline enum sva_status gguf_parts_read(struct sva_parts *parts, size_t *findings,
                                              struct sva_error *error)
{
    enum sva_status status = sva_gguf_choose(parts, 0, error);
    *findings = 0;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        const struct sva_scanned file = ((const struct sva_scanned *)parts->scanned.items)[i];
        if (!file.audited) {
            continue;
        }
        struct sva_input input;
        struct sva_container container = {0};
        status = sva_parts_open(parts, &file, &input, error);
        if (status == SVA_OK) {
            status = sva_gguf_read_weights(parts, i, &input, &container, error);
            sva_input_close(&input);
        }
        *findings += container.finding_count;
        sva_container_done(&container);
    }
    *findings += parts->findings.count;
    return status;
}

static inline const char *gguf_fact(const struct sva_parts *parts, const char *key)
{
    const struct sva_fact *const facts = parts->facts.items;
    for (size_t i = 0; i < parts->facts.count; i++) {
        if (strcmp(facts[i].key, key) == 0) {
            return facts[i].value;
        }
    }
    return NULL;
}

static inline const struct sva_finding *gguf_finding(const struct sva_parts *parts,
                                                     const char *code)
{
    const struct sva_finding *const findings = parts->findings.items;
    for (size_t i = 0; i < parts->findings.count; i++) {
        if (strcmp(findings[i].code, code) == 0) {
            return &findings[i];
        }
    }
    return NULL;
}

#endif

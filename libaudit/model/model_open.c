/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing a model: one step after the other, each in a file of its own. */
#include <sovaudit/model.h>

#include <string.h>

#include "base/direct.h"
#include "base/fail.h"
#include "base/text.h"
#include "kernel/dtype.h"
#include "model/adapter_facts.h"
#include "model/auto_map.h"
#include "model/card_prose.h"
#include "model/chat_template.h"
#include "model/config_check.h"
#include "model/config_reader.h"
#include "model/hidden_shapes.h"
#include "model/labelled_axes.h"
#include "model/licences.h"
#include "model/merge_recipe.h"
#include "model/model_card.h"
#include "model/model_facts.h"
#include "model/model_parts.h"
#include "model/model_scan.h"
#include "model/notices.h"
#include "model/packing.h"
#include "model/role_assign.h"
#include "model/shipped_code.h"
#include "model/tensor_views.h"
#include "model/tokenizer.h"
#include "model/weight_files.h"
#include "model/weight_reads.h"

static void init_parts(struct sva_parts *parts, const struct sva_limits *limits)
{
    parts->limits = limits == NULL ? sva_limits_default() : *limits;
    parts->model.internal = parts;
    parts->scanned.item_size = sizeof(struct sva_scanned);
    parts->headers.item_size = sizeof(struct sva_container);
    parts->groups.item_size = sizeof(struct sva_group);
    parts->tensors.item_size = sizeof(struct sva_tensor);
    parts->views.item_size = sizeof(struct sva_view);
    parts->components.item_size = sizeof(struct sva_component);
    parts->facts.item_size = sizeof(struct sva_fact);
    parts->findings.item_size = sizeof(struct sva_finding);
    parts->files.item_size = sizeof(struct sva_file);
    parts->assignments.item_size = sizeof(struct sva_assignment);
    parts->stacks.item_size = sizeof(struct sva_stack);
    parts->component_facts.item_size = sizeof(struct sva_component_facts);
}

static enum sva_status read_beside(struct sva_parts *parts, bool single, struct sva_error *error)
{
    enum sva_status status = sva_facts_config(parts, single, error);
    if (single || status != SVA_OK) {
        return status != SVA_OK ? status : sva_shipped_code_none(parts, error);
    }
    static enum sva_status (*const readers[])(struct sva_parts *, struct sva_error *) = {
        sva_auto_map_read,  sva_card_read,          sva_licences_read, sva_notices_read,
        sva_tokenizer_read, sva_chat_template_read, sva_adapter_facts, sva_shipped_code_read,
        sva_prose_read,     sva_merge_recipe_read,
    };
    for (size_t i = 0; status == SVA_OK && i < sizeof readers / sizeof *readers; i++) {
        status = readers[i](parts, error);
    }
    return status;
}

static enum sva_status understand(struct sva_parts *parts, struct sva_error *error)
{
    enum sva_status status = sva_roles_assign(parts, error);
    if (status == SVA_OK) {
        status = sva_views_measure(parts, error);
    }
    if (status == SVA_OK) {
        status = sva_views_build(parts, error);
    }
    if (status == SVA_OK) {
        status = sva_guess_hidden(parts, error);
    }
    if (status == SVA_OK) {
        status = sva_labelled_axes(parts, error);
    }
    return status == SVA_OK ? sva_config_check(parts, error) : status;
}

static enum sva_status list_files(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_scanned *const scanned = parts->scanned.items;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        struct sva_file *const file = sva_list_add(&parts->files);
        if (file == NULL) {
            return sva_fail_memory(error, "opening a model");
        }
        *file = (struct sva_file){.path = scanned[i].path,
                                  .kind = scanned[i].kind,
                                  .size_bytes = scanned[i].size_bytes,
                                  .blob_digest = scanned[i].blob_digest};
    }
    return SVA_OK;
}

static void publish(struct sva_parts *parts)
{
    struct sva_model *const model = &parts->model;
    sva_parts_sort(parts);
    model->file_count = parts->files.count;
    model->files = parts->files.items;
    model->tensor_count = parts->tensors.count;
    model->tensors = parts->tensors.items;
    model->view_count = parts->views.count;
    model->views = parts->views.items;
    model->component_count = parts->components.count;
    model->components = parts->components.items;
    model->fact_count = parts->facts.count;
    model->facts = parts->facts.items;
    model->finding_count = parts->findings.count;
    model->findings = parts->findings.items;
    model->token_count = parts->token_count;
    model->token_keys = parts->token_keys;
    model->frequent_count = parts->frequent_count;
    model->frequent_tokens = parts->frequent_tokens;
    model->token_sample = parts->token_sample;
    model->code = parts->code;
}

enum sva_status sva_model_open(const char *path, const struct sva_limits *limits,
                               struct sva_model **model, struct sva_error *error)
{
    struct sva_parts *const parts = sva_calloc(1, sizeof *parts);
    if (parts == NULL) {
        return sva_fail_memory(error, "opening a model");
    }
    init_parts(parts, limits);
    bool single = false;
    enum sva_status status = sva_model_scan(parts, path, &single, error);
    if (status == SVA_OK) {
        status = sva_weights_read(parts, single, error);
    }
    if (status == SVA_OK) {
        status = read_beside(parts, single, error);
    }
    if (status == SVA_OK) {
        status = sva_packing_find(parts, error);
    }
    if (status == SVA_OK) {
        status = understand(parts, error);
    }
    if (status == SVA_OK) {
        status = sva_facts_files(parts, error);
    }
    if (status == SVA_OK) {
        status = sva_facts_names(parts, error);
    }
    if (status == SVA_OK) {
        status = sva_facts_weights(parts, error);
    }
    if (status == SVA_OK) {
        status = list_files(parts, error);
    }
    if (status != SVA_OK) {
        sva_model_close(&parts->model);
        return status;
    }
    publish(parts);
    *model = &parts->model;
    return SVA_OK;
}

void sva_model_close(struct sva_model *model)
{
    if (model == NULL) {
        return;
    }
    struct sva_parts *const parts = model->internal;
    struct sva_scanned *const scanned = parts->scanned.items;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        if (scanned[i].input != NULL) {
            sva_input_close(scanned[i].input);
            sva_free(scanned[i].input);
        }
    }
    struct sva_container *const headers = parts->headers.items;
    for (size_t i = 0; i < parts->headers.count; i++) {
        sva_container_done(&headers[i]);
    }
    struct sva_group *const groups = parts->groups.items;
    for (size_t i = 0; i < parts->groups.count; i++) {
        sva_list_done(&groups[i].config.leaves);
    }
    struct sva_list *const lists[] = {
        &parts->scanned, &parts->headers,    &parts->groups,      &parts->tensors,
        &parts->views,   &parts->components, &parts->facts,       &parts->findings,
        &parts->files,   &parts->stacks,     &parts->assignments, &parts->component_facts,
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        sva_list_done(lists[i]);
    }
    if (parts->in_archive) {
        sva_archive_done(&parts->archive);
    }
    sva_free(parts->token_keys);
    sva_arena_done(&parts->arena);
    sva_free(parts);
}

const char *sva_model_fact(const struct sva_model *model, const char *key)
{
    size_t low = 0;
    size_t high = model->fact_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(model->facts[middle].key, key);
        if (order == 0) {
            return model->facts[middle].value;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

uint64_t sva_weight_bytes_read(const struct sva_model *model)
{
    struct sva_parts *const parts = model->internal;
    return atomic_load_explicit(&parts->weight_bytes_read, memory_order_relaxed);
}

enum sva_status sva_model_read(const struct sva_model *model, uint32_t file, uint64_t offset_bytes,
                               void *bytes, size_t size_bytes, struct sva_error *error)
{
    struct sva_parts *const parts = model->internal;
    if (file >= parts->scanned.count) {
        return sva_fail(error, SVA_ERR_INTERNAL, "file %u of a model with %llu was asked for", file,
                        (unsigned long long)parts->scanned.count);
    }
    const struct sva_scanned *const scanned =
        (const struct sva_scanned *)parts->scanned.items + file;
    if (sva_file_is_audited(scanned->kind)) {
        (void)atomic_fetch_add_explicit(&parts->weight_bytes_read, size_bytes,
                                        memory_order_relaxed);
    }
    if (scanned->input != NULL) {
        bool done = false;
        const enum sva_status status =
            sva_direct_read(scanned->input, offset_bytes, bytes, size_bytes, &done, error);
        return done ? status
                    : sva_input_read(scanned->input, offset_bytes, bytes, size_bytes, error);
    }
    if (scanned->refused != NULL) {
        return sva_fail(error, SVA_ERR_IO, "%s %s", sva_esc(scanned->path).text, scanned->refused);
    }
    struct sva_input input = {0};
    enum sva_status status = sva_parts_open(parts, scanned, &input, error);
    if (status == SVA_OK) {
        status = sva_input_read(&input, offset_bytes, bytes, size_bytes, error);
        sva_input_close(&input);
    }
    return status;
}

void sva_model_expect(const struct sva_model *model, uint32_t file, uint64_t offset_bytes,
                      uint64_t size_bytes)
{
    const struct sva_parts *const parts = model->internal;
    const struct sva_scanned *const scanned = parts->scanned.items;
    if (file < parts->scanned.count && scanned[file].input != NULL) {
        sva_input_expect(scanned[file].input, offset_bytes, size_bytes);
    }
}

const struct sva_input *sva_model_input(const struct sva_model *model, uint32_t file)
{
    const struct sva_parts *const parts = model->internal;
    const struct sva_scanned *const scanned = parts->scanned.items;
    return file < parts->scanned.count && scanned[file].entry == NULL ? scanned[file].input : NULL;
}

enum sva_status sva_model_unchanged(const struct sva_model *model, struct sva_error *error)
{
    const struct sva_parts *const parts = model->internal;
    const struct sva_scanned *const scanned = parts->scanned.items;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        status = scanned[i].input == NULL ? SVA_OK
                                          : sva_input_unchanged(scanned[i].input, error);
    }
    return status;
}

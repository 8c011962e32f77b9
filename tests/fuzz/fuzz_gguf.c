/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a GGUF file. What is accepted has tensors that lie in order within the file, with sizes
 * that follow from shapes; unique names; values whose bytes are there; arrays that can be walked.
 * What the model makes of it - facts, configuration, vocabulary - is text in UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/gguf.h"
#include "kernel/dtype.h"
#include "model/gguf_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_tensor(const struct sva_tensor *tensor, uint64_t *end, uint64_t file_bytes)
{
    const struct sva_dtype_info *const info = sva_dtype_get(tensor->dtype);
    uint64_t elements = 1;
    for (uint32_t axis = 0; axis < tensor->rank; axis++) {
        elements *= tensor->shape[axis];
    }
    require(elements == tensor->element_count);
    require(tensor->offset_bytes >= *end);
    require(tensor->offset_bytes <= file_bytes);
    require(tensor->size_bytes <= file_bytes - tensor->offset_bytes);
    require(strlen(tensor->name) == tensor->name_bytes);
    if (tensor->dtype == SVA_DTYPE_OPAQUE) {
        require(tensor->form != NULL && (tensor->size_bytes > 0 || elements == 0));
    } else {
        require(elements / info->block_elements * info->block_bytes == tensor->size_bytes);
        require(elements == 0 ||
                (tensor->rank == 0 ? 1 : tensor->shape[tensor->rank - 1]) % info->block_elements ==
                    0);
    }
    *end = tensor->offset_bytes + tensor->size_bytes;
}

static void check_container(const struct sva_container *file, uint64_t file_bytes)
{
    uint64_t end = file->data_offset;
    uint64_t claimed = 0;
    for (size_t i = 0; i < file->tensor_count; i++) {
        check_tensor(&file->tensors[i], &end, file_bytes);
        claimed += file->tensors[i].size_bytes;
        for (size_t j = 0; j < i && i < 64; j++) {
            require(strcmp(file->tensors[i].name, file->tensors[j].name) != 0);
        }
    }
    require(claimed + file->unclaimed_bytes <= file_bytes);
    for (size_t i = 0; i < file->finding_count; i++) {
        require(file->findings[i].code != NULL && file->findings[i].text[0] != '\0');
    }
}

static void walk(const struct sva_source *source, const struct sva_gguf *gguf,
                 const struct sva_gguf_value *value)
{
    struct sva_gguf_walk steps;
    if (value->element_type == SVA_GGUF_ARRAY) {
        return;
    }
    require(sva_gguf_walk_init(&steps, source, gguf, value, NULL) == SVA_OK);
    uint64_t seen = 0;
    while (steps.left > 0 && seen < 10000) {
        const uint8_t *text = NULL;
        uint64_t size = 0;
        union sva_gguf_scalar scalar;
        require((value->element_type == SVA_GGUF_STRING
                     ? sva_gguf_walk_string(&steps, &text, &size, NULL)
                     : sva_gguf_walk_scalar(&steps, &scalar, NULL)) == SVA_OK);
        seen++;
    }
    require(seen == value->count || seen == 10000);
    require(steps.left > 0 || steps.window.position == steps.end);
    sva_gguf_walk_done(&steps);
}

static void require_text(const char *text)
{
    require(sva_utf8_valid_prefix((const uint8_t *)text, strlen(text)) == strlen(text));
}

static void make_facts(const struct sva_source *source, const struct sva_gguf *gguf)
{
    struct sva_parts parts = {.limits = sva_limits_default()};
    parts.scanned.item_size = sizeof(struct sva_scanned);
    parts.groups.item_size = sizeof(struct sva_group);
    parts.facts.item_size = sizeof(struct sva_fact);
    parts.findings.item_size = sizeof(struct sva_finding);
    struct sva_scanned *const file = sva_list_add(&parts.scanned);
    struct sva_group *const group = sva_list_add(&parts.groups);
    require(file != NULL && group != NULL);
    file->path = "fuzz.gguf";
    group->config.leaves.item_size = sizeof(struct sva_config_leaf);
    require(sva_gguf_facts(&parts, 0, gguf, source, NULL) == SVA_OK);
    const struct sva_fact *const facts = parts.facts.items;
    for (size_t i = 0; i < parts.facts.count; i++) {
        require_text(facts[i].key);
        require_text(facts[i].value);
    }
    const struct sva_config_leaf *const leaves = group->config.leaves.items;
    for (size_t i = 0; i < group->config.leaves.count; i++) {
        require_text(leaves[i].value);
        require(i == 0 || strcmp(leaves[i - 1].path, leaves[i].path) < 0);
    }
    sva_list_done(&group->config.leaves);
    sva_list_done(&parts.groups);
    sva_list_done(&parts.scanned);
    sva_list_done(&parts.facts);
    sva_list_done(&parts.findings);
    sva_free(parts.token_keys);
    sva_arena_done(&parts.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_limits limits = sva_limits_default();
    const struct sva_span span = {data, size};
    const struct sva_source source = sva_source_of_span(&span, "fuzz");
    struct sva_gguf gguf = {0};
    struct sva_error error = {0};
    const enum sva_status status = sva_gguf_parse(&source, &limits, &gguf, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        require(sva_gguf_check_values(&source, UINT64_MAX, UINT64_MAX, &gguf, NULL) == SVA_OK);
        check_container(&gguf.container, size);
        for (size_t i = 0; i < gguf.value_count; i++) {
            const struct sva_gguf_value *const value = &gguf.values[i];
            require(value->offset <= size && value->size_bytes <= size - value->offset);
            require(sva_gguf_find(&gguf, value->key) == value);
            if (value->type == SVA_GGUF_ARRAY) {
                walk(&source, &gguf, value);
            }
        }
        make_facts(&source, &gguf);
    }
    sva_gguf_done(&gguf);
    return 0;
}

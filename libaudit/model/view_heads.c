/* SPDX-License-Identifier: Apache-2.0 */
#include "model/view_heads.h"

#include <string.h>

#include "model/config_reader.h"

/** The first of the keys that the section has. */
static bool first_of(const struct sva_config *config, const char *section, const char *const *keys,
                     uint64_t *value)
{
    for (; *keys != NULL; keys++) {
        if (sva_config_u64(config, section, *keys, value)) {
            return true;
        }
    }
    return false;
}

static bool is_true(const struct sva_config *config, const char *key)
{
    const char *const value = sva_config_text(config, key);
    return value != NULL && strcmp(value, "true") == 0;
}

bool sva_heads_of(const struct sva_parts *parts, uint16_t group, enum sva_component_kind kind,
                  uint64_t width, struct sva_heads *heads)
{
    static const char *const count_keys[] = {"num_attention_heads", "num_heads", "n_heads",
                                             "n_head", NULL};
    static const char *const kv_keys[] = {"num_key_value_heads", "num_kv_heads", "n_kv_heads",
                                          "n_head_kv", NULL};
    const struct sva_config *const config =
        &((const struct sva_group *)parts->groups.items)[group].config;
    const char *const section = sva_config_section(config, kind);
    struct sva_heads found = {0};
    if (!first_of(config, section, count_keys, &found.count) || found.count == 0 ||
        found.count > UINT32_MAX) {
        return false;
    }
    if (!first_of(config, section, kv_keys, &found.kv_count)) {
        const bool single = is_true(config, "multi_query") && /* falcon */
                            !is_true(config, "new_decoder_architecture");
        found.kv_count = single ? 1 : found.count;
    }
    if (!sva_config_u64(config, section, "head_dim", &found.width)) {
        found.width = width / found.count;
    }
    if (found.kv_count == 0 || found.count % found.kv_count != 0 || found.width == 0 ||
        found.width > UINT32_MAX) {
        return false;
    }
    *heads = found;
    return true;
}

const struct sva_row_order *sva_order_of_groups(struct sva_parts *parts, uint64_t groups,
                                                uint64_t stride_rows, uint64_t count,
                                                uint64_t head_rows, uint64_t row_elements)
{
    struct sva_row_order *const order = sva_arena_alloc(&parts->arena, 1, sizeof *order);
    if (order != NULL) {
        *order = (struct sva_row_order){
            .n = {groups, count, head_rows},
            .stride = {stride_rows * row_elements, head_rows * row_elements, row_elements},
            .name = "heads in turns"};
    }
    return order;
}

const struct sva_row_order *sva_order_of_halves(struct sva_parts *parts, uint64_t rows,
                                                uint64_t heads, uint64_t row_elements, bool *failed)
{
    const uint64_t width = heads == 0 || rows % heads != 0 ? 0 : rows / heads;
    if (width < 4 || width % 2 != 0) {
        return NULL;
    }
    struct sva_row_order *const order = sva_arena_alloc(&parts->arena, 1, sizeof *order);
    *failed = order == NULL;
    if (order != NULL) {
        *order =
            (struct sva_row_order){.n = {heads, 2, width / 2},
                                   .stride = {width * row_elements, row_elements, 2 * row_elements},
                                   .name = "rotary halves in turns"};
    }
    return order;
}

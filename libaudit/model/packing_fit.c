/* SPDX-License-Identifier: Apache-2.0 */
/* What recognisers share: hints from the configuration, sizes of groups, grids of scales. */
#include <stdio.h>
#include <string.h>

#include "kernel/dtype.h"
#include "model/config_reader.h"
#include "model/packing_families.h"

const char *sva_set_config(const struct sva_packed_set *set, const char *key)
{
    static const char *const sections[] = {
        "quantization_config",
        "quantization",
        "text_config.quantization_config",
        "compression_config",
    };
    const char *value = NULL;
    for (size_t i = 0;
         set->config != NULL && value == NULL && i < sizeof sections / sizeof *sections; i++) {
        char path[512];
        const int written = snprintf(path, sizeof path, "%s.%s", sections[i], key);
        if (written > 0 && (size_t)written < sizeof path) {
            value = sva_config_text(set->config, path);
        }
    }
    return value;
}

uint64_t sva_set_config_u64(const struct sva_packed_set *set, const char *key, uint64_t otherwise)
{
    const char *const text = sva_set_config(set, key);
    uint64_t value = 0;
    if (text == NULL || strlen(text) > 9) {
        return otherwise;
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return otherwise;
        }
        value = value * 10 + (uint64_t)(*at - '0');
    }
    return value == 0 ? otherwise : value;
}

uint64_t sva_group_size(uint64_t length, uint64_t count, uint64_t hint)
{
    if (length == 0 || count == 0) {
        return 0;
    }
    if (hint != 0 && sva_ceil_div(length, hint) == count) {
        return hint;
    }
    if (count == length || count == 1) {
        return length / count;
    }
    for (uint64_t power = 2; power < length && power <= 1U << 20; power *= 2) {
        if (sva_ceil_div(length, power) == count) {
            return power; /* of two or more groups one power at most makes this count */
        }
    }
    return length % count == 0 ? length / count : 0;
}

bool sva_shape3(const struct sva_tensor *tensor, uint64_t dims[3])
{
    if (tensor->rank != 2 && tensor->rank != 3) {
        return false;
    }
    dims[0] = tensor->rank == 3 ? tensor->shape[0] : 1;
    dims[1] = tensor->shape[tensor->rank - 2];
    dims[2] = tensor->shape[tensor->rank - 1];
    return true;
}

bool sva_is_scale_dtype(enum sva_dtype dtype)
{
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    return info->is_float && info->decodable && info->bits >= 8;
}

static bool grid_shape(const struct sva_packed_set *set, const struct sva_tensor *scales,
                       struct sva_scale_grid *grid)
{
    const struct sva_packing *const packing = &set->packing;
    uint64_t dims[3];
    if (scales->element_count == 1) {
        *grid = (struct sva_scale_grid){.rows = 1, .columns = 1, .shared = true};
        return true;
    }
    if (scales->rank == 1) {
        dims[0] = packing->experts > 1 ? scales->shape[0] : 1;
        dims[1] = packing->experts > 1 ? 1 : scales->shape[0];
        dims[2] = 1;
        if (packing->experts == 1 && dims[1] != packing->rows) {
            return false;
        }
    } else if (scales->rank == 2 && packing->experts > 1) {
        dims[0] = scales->shape[0];
        dims[1] = scales->shape[1];
        dims[2] = 1;
    } else if (!sva_shape3(scales, dims)) {
        return false;
    }
    *grid = (struct sva_scale_grid){.rows = dims[1], .columns = dims[2]};
    return dims[0] == packing->experts;
}

bool sva_fit_grid(struct sva_packed_set *set, int part, uint64_t row_hint, uint64_t column_hint)
{
    struct sva_packing *const packing = &set->packing;
    const struct sva_tensor *const scales = sva_set_part(set, part);
    struct sva_scale_grid grid;
    if (!sva_is_scale_dtype(scales->dtype) || !grid_shape(set, scales, &grid)) {
        return false;
    }
    const bool each_row = grid.rows == packing->rows;
    grid.row_block = sva_group_size(packing->rows, grid.rows, each_row ? 1 : row_hint);
    grid.column_block = sva_group_size(packing->columns, grid.columns, column_hint);
    packing->scales = part;
    packing->scale_dtype = scales->dtype;
    packing->grid = grid;
    return grid.row_block != 0 && grid.column_block != 0;
}

bool sva_fit_groups(struct sva_packed_set *set, int part, uint64_t group)
{
    struct sva_packing *const packing = &set->packing;
    const struct sva_tensor *const scales = sva_set_part(set, part);
    uint64_t dims[3];
    if (!sva_shape3(scales, dims) || dims[0] != packing->experts || dims[1] != packing->rows ||
        dims[2] != sva_ceil_div(packing->columns, group)) {
        return false;
    }
    packing->scales = part;
    packing->scale_dtype = scales->dtype;
    packing->grid = (struct sva_scale_grid){
        .rows = dims[1], .columns = dims[2], .row_block = 1, .column_block = group};
    return true;
}

bool sva_fit_global(const struct sva_packed_set *set, int part)
{
    const struct sva_tensor *const scale = sva_set_part(set, part);
    return sva_is_scale_dtype(scale->dtype) &&
           (scale->element_count == 1 || scale->element_count == set->packing.experts);
}

void sva_grid_text(const struct sva_packed_set *set, char *text, size_t size)
{
    const struct sva_scale_grid *const grid = &set->packing.grid;
    const unsigned long long row_block = grid->row_block;
    const unsigned long long column_block = grid->column_block;
    if (grid->shared || (grid->rows == 1 && grid->columns == 1 && set->packing.experts > 1)) {
        snprintf(text, size, "one scale");
    } else if (row_block == 1 && grid->columns == 1) {
        snprintf(text, size, "a scale for each row");
    } else if (row_block == 1) {
        snprintf(text, size, "groups of %llu", column_block);
    } else {
        snprintf(text, size, "blocks of %llu x %llu", row_block, column_block);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "report/census.h"

#include <stdlib.h>
#include <string.h>

static int compare_forms(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

static int by_form(const void *left, const void *right)
{
    const struct sva_census_row *const a = left;
    const struct sva_census_row *const b = right;
    return a->dtype != b->dtype ? (a->dtype > b->dtype) - (a->dtype < b->dtype)
                                : compare_forms(a->form, b->form);
}

static struct sva_census_row *row_of(struct sva_census *census, const struct sva_tensor *tensor)
{
    for (size_t i = 0; i < census->count; i++) {
        if (census->rows[i].dtype == tensor->dtype &&
            compare_forms(census->rows[i].form, tensor->form) == 0) {
            return &census->rows[i];
        }
    }
    if (census->count == SVA_CENSUS_ROWS) {
        return &census->rows[SVA_CENSUS_ROWS - 1];
    }
    struct sva_census_row *const row = &census->rows[census->count++];
    *row = (struct sva_census_row){.dtype = tensor->dtype, .form = tensor->form};
    if (census->count == SVA_CENSUS_ROWS) {
        *row = (struct sva_census_row){.dtype = SVA_DTYPE_OPAQUE, .form = "other forms"};
    }
    return row;
}

void sva_census_take(const struct sva_model *model, struct sva_census *census)
{
    *census = (struct sva_census){.count = 0};
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct sva_tensor *const tensor = &model->tensors[i];
        struct sva_census_row *const row = row_of(census, tensor);
        row->tensors++;
        row->parameters += tensor->element_count;
        row->bytes += tensor->size_bytes;
        census->parameters += tensor->element_count;
        census->bytes += tensor->size_bytes;
    }
    qsort(census->rows, census->count, sizeof *census->rows, by_form);
}

uint64_t sva_census_bits(uint64_t bytes, uint64_t parameters)
{
    return parameters == 0 ? 0 : (uint64_t)(800.0 * (double)bytes / (double)parameters + 0.5);
}

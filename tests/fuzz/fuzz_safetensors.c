/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a line with the number of data bytes, then the JSON header. What is accepted must tile
 * the data, with sizes that follow from shapes and names that are unique.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/safetensors.h"
#include "kernel/dtype.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The number in the first line; *position behind it. */
static uint64_t first_line(const uint8_t *data, size_t size, size_t *position)
{
    uint64_t value = 0;
    size_t i = 0;
    while (i < size && i < 12 && data[i] >= '0' && data[i] <= '9') {
        value = value * 10 + (uint64_t)(data[i] - '0');
        i++;
    }
    *position = i < size && data[i] == '\n' ? i + 1 : i;
    return value;
}

static void check(const struct sva_container *file, uint64_t file_bytes)
{
    uint64_t expected = file->data_offset;
    for (size_t i = 0; i < file->tensor_count; i++) {
        const struct sva_tensor *const tensor = &file->tensors[i];
        require(tensor->offset_bytes == expected);
        uint64_t elements = 1;
        for (uint32_t axis = 0; axis < tensor->rank; axis++) {
            elements *= tensor->shape[axis];
        }
        require(elements == tensor->element_count);
        require(elements * sva_dtype_get(tensor->dtype)->bits == tensor->size_bytes * 8);
        require(strlen(tensor->name) == tensor->name_bytes);
        for (size_t j = 0; j < i && i < 64; j++) {
            require(strcmp(tensor->name, file->tensors[j].name) != 0);
        }
        expected += tensor->size_bytes;
    }
    require(expected == file_bytes);
    for (size_t i = 0; i < file->metadata_count; i++) {
        require(strlen(file->metadata[i].key) + strlen(file->metadata[i].value) < SIZE_MAX);
    }
    for (size_t i = 0; i < file->finding_count; i++) {
        require(file->findings[i].code != NULL && file->findings[i].text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_limits limits = sva_limits_default();
    size_t start;
    const uint64_t data_bytes = first_line(data, size, &start);
    const struct sva_span header = {data + start, size - start};
    const uint64_t file_bytes = 8 + header.size + data_bytes;
    struct sva_container file = {0};
    struct sva_error error = {0};
    const enum sva_status status =
        sva_safetensors_parse(header, file_bytes, "fuzz", &limits, &file, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check(&file, file_bytes);
    }
    sva_container_done(&file);
    return 0;
}

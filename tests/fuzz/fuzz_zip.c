/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a zip file. Its entries lie in the file and not in each other; also read as a checkpoint
 * and as arrays, whose tensors lie in the file. */
#define _GNU_SOURCE 1 /* memfd_create */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/npz.h"
#include "format/torch_file.h"
#include "format/zip_directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_entries(const struct sva_zip *zip, uint64_t size)
{
    uint64_t packed = 0;
    for (size_t i = 0; i < zip->count; i++) {
        const struct sva_zip_entry *const entry = &zip->entries[i];
        require(entry->header_offset < entry->data_offset && entry->data_offset <= size &&
                entry->packed_bytes <= size - entry->data_offset);
        require(i == 0 || strcmp(zip->entries[i - 1].name, entry->name) < 0);
        require(entry->name[0] != '/' && strncmp(entry->name, "../", 3) != 0 &&
                strstr(entry->name, "/../") == NULL);
        require(sva_zip_find(zip, entry->name) == entry);
        packed += entry->data_offset - entry->header_offset + entry->packed_bytes;
    }
    require(packed <= size && zip->unclaimed_bytes <= size - packed); /* none overlaps */
    require(zip->leading_bytes <= zip->unclaimed_bytes);
}

static void read_zip(const struct sva_source *source, const struct sva_limits *limits)
{
    struct sva_zip zip;
    struct sva_error error = {0};
    const enum sva_status status = sva_zip_read(source, limits, &zip, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status != SVA_OK) {
        return;
    }
    check_entries(&zip, source->size_bytes);
    for (size_t i = 0; i < zip.count && i < 16; i++) {
        uint8_t *bytes = NULL;
        error = (struct sva_error){.status = SVA_OK};
        if (sva_zip_load(source, &zip.entries[i], 4096, &bytes, &error) == SVA_OK) {
            require(bytes[zip.entries[i].size_bytes] == '\0');
            sva_free(bytes);
        }
    }
    sva_zip_done(&zip);
}

static void read_weights(const struct sva_input *input, const struct sva_limits *limits, bool torch)
{
    struct sva_container container;
    struct sva_error error = {0};
    const enum sva_status status = torch ? sva_torch_read(input, limits, &container, &error)
                                         : sva_npz_read(input, limits, &container, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status != SVA_OK) {
        return;
    }
    for (size_t i = 0; i < container.tensor_count; i++) {
        const struct sva_tensor *const tensor = &container.tensors[i];
        require(tensor->offset_bytes <= input->size_bytes &&
                tensor->size_bytes <= input->size_bytes - tensor->offset_bytes);
        require(i == 0 || tensor[-1].offset_bytes <= tensor->offset_bytes);
    }
    require(container.unclaimed_bytes <= input->size_bytes);
    sva_container_done(&container);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_limits limits = sva_limits_default();
    const struct sva_span span = {data, size};
    const struct sva_source source = sva_source_of_span(&span, "fuzz");
    char name[] = "fuzz";
    struct sva_input input = {
        .fd = memfd_create("fuzz", MFD_CLOEXEC), .size_bytes = size, .path = name};
    limits.tensor_count = 1000;
    require(input.fd >= 0 && write(input.fd, data, size) == (ssize_t)size);
    read_zip(&source, &limits);
    read_weights(&input, &limits, true);
    read_weights(&input, &limits, false);
    (void)close(input.fd);
    return 0;
}

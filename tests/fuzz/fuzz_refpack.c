/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reference packs, read without a store. */
#define _GNU_SOURCE 1 /* memfd_create */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "refstore/pack_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sva_pack_visitor visitor = {.context = NULL};
    char name[] = "fuzz";
    struct sva_input input = {
        .fd = memfd_create(name, MFD_CLOEXEC), .size_bytes = size, .path = name};
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    if (input.fd < 0 || write(input.fd, data, size) != (ssize_t)size) {
        abort();
    }
    const enum sva_status status = sva_pack_read(&input, NULL, &visitor, &pack, &error);
    if (status != error.status || (status != SVA_OK && error.text[0] == '\0')) {
        abort();
    }
    sva_refpack_done(&pack);
    (void)close(input.fd);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Input: an archive. What comes out lies in the unpacked data, by names that cannot climb. */
#define _GNU_SOURCE 1 /* memfd_create */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_limits limits = sva_limits_default();
    limits.file_count = 1000;
    limits.unpacked_bytes = 16 << 20;
    struct sva_input input = {.fd = memfd_create("fuzz", MFD_CLOEXEC), .size_bytes = size};
    char name[] = "fuzz";
    input.path = name;
    require(input.fd >= 0 && write(input.fd, data, size) == (ssize_t)size);
    struct sva_archive archive;
    struct sva_error error = {0};
    const enum sva_status status = sva_archive_unpack(&input, &limits, &archive, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        for (size_t i = 0; i < archive.count; i++) {
            const struct sva_archive_entry *const entry = &archive.entries[i];
            const uint64_t there =
                entry->in_place ? archive.packed.size_bytes : archive.data.size_bytes;
            require(entry->offset <= there && entry->size_bytes <= there - entry->offset);
            require(entry->path[0] != '/' && strncmp(entry->path, "../", 3) != 0 &&
                    strstr(entry->path, "/../") == NULL);
        }
        sva_archive_done(&archive);
    }
    (void)close(input.fd);
    return 0;
}

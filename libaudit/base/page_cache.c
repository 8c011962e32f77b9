/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* preadv2, mincore */
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include "base/page_cache.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PROBES = 32 };

/** Says "in memory" of files of others, too, that may only be read. */
static bool is_resident(int fd, uint64_t offset)
{
    const long page_bytes = sysconf(_SC_PAGESIZE);
    unsigned char resident = 1;
    if (page_bytes <= 0) {
        return true;
    }
    const uint64_t start = offset / (uint64_t)page_bytes * (uint64_t)page_bytes;
    void *const page = mmap(NULL, (size_t)page_bytes, PROT_READ, MAP_SHARED, fd, (off_t)start);
    if (page == MAP_FAILED) {
        return true;
    }
    const bool cached = mincore(page, (size_t)page_bytes, &resident) != 0 || (resident & 1) != 0;
    (void)munmap(page, (size_t)page_bytes);
    return cached;
}

/** A read that must not wait gives the byte where it is in memory; not every file system can. */
static bool is_in_memory(int fd, uint64_t offset)
{
    char byte;
    const struct iovec one = {&byte, 1};
    if (preadv2(fd, &one, 1, (off_t)offset, RWF_NOWAIT) >= 0) {
        return true;
    }
    return errno == EAGAIN ? false : is_resident(fd, offset);
}

bool sva_input_is_cold(const struct sva_input *input)
{
    int found = 0;
    for (uint64_t i = 0; i < PROBES; i++) {
        const uint64_t offset = input->size_bytes / PROBES * i;
        found += is_in_memory(input->fd, input->base_offset + offset) ? 1 : 0;
    }
    return found * 4 <= PROBES;
}

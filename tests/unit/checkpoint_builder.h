/* SPDX-License-Identifier: Apache-2.0 */
/** For tests: pickles of state dicts as C strings, and zips of stored entries byte by byte. */
#ifndef SVA_CHECKPOINT_BUILDER_H
#define SVA_CHECKPOINT_BUILDER_H

#include "model_builder.h"

#include "base/memory.h"

/** A text and its size without the NUL that ends it: it may hold others. */
#define BYTES(text) text, sizeof(text) - 1

/** The tuple of a persistent id and BINPERSID: 6 elements of `CLASS`, under a key of one byte. */
#define STORAGE_OF(class, key)                                                                     \
    "(X\7\0\0\0storagectorch\n" class "\nX\1\0\0\0" key "X\3\0\0\0cpuK\6tQ"
#define STORAGE STORAGE_OF("FloatStorage", "0")

/** The arguments of _rebuild_tensor_v2: `place` is offset, size and stride. */
#define ARGUMENTS(storage, place)                                                                  \
    "(" storage place "\x89"                                                                       \
    "ccollections\nOrderedDict\n)Rt"
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"

/** 2 x 3 in order, the whole of storage 0. */
#define IN_ORDER "K\0K\2K\3\x86K\3K\1\x86"
#define TENSOR   REBUILD ARGUMENTS(STORAGE, IN_ORDER) "R"

/** A zip on its way. `gap` zero bytes go behind each entry; with `described` a data descriptor. */
struct zip_maker {
    struct sva_bytes out, directory;
    unsigned count, gap;
    bool described;
};

static inline void put16(struct sva_bytes *out, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    sva_bytes_append(out, bytes, 2);
}

static inline void put32(struct sva_bytes *out, uint32_t value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

static inline uint32_t crc_of(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        }
    }
    return ~crc;
}

/** Stored whatever `method` says. */
static inline void zip_add(struct zip_maker *zip, const char *name, unsigned method,
                           const void *bytes, size_t size)
{
    const uint32_t offset = (uint32_t)zip->out.size;
    const uint32_t crc = crc_of(bytes, size);
    put32(&zip->out, 0x04034b50);
    put32(&zip->directory, 0x02014b50);
    put16(&zip->directory, 20);
    for (int side = 0; side < 2; side++) {
        struct sva_bytes *const to = side == 0 ? &zip->out : &zip->directory;
        const bool later = zip->described && side == 0;
        put16(to, 20);
        put16(to, zip->described ? 8 : 0);
        put16(to, method);
        put32(to, 0);
        put32(to, later ? 0 : crc);
        put32(to, later ? 0 : (uint32_t)size);
        put32(to, later ? 0 : (uint32_t)size);
        put16(to, (unsigned)strlen(name));
        put16(to, 0);
    }
    put16(&zip->directory, 0);
    put16(&zip->directory, 0);
    put16(&zip->directory, 0);
    put32(&zip->directory, 0);
    put32(&zip->directory, offset);
    sva_bytes_text(&zip->directory, name);
    sva_bytes_text(&zip->out, name);
    sva_bytes_append(&zip->out, bytes, size);
    if (zip->described) {
        put32(&zip->out, 0x08074b50);
        put32(&zip->out, crc);
        put32(&zip->out, (uint32_t)size);
        put32(&zip->out, (uint32_t)size);
    }
    for (unsigned i = 0; i < zip->gap; i++) {
        sva_bytes_append(&zip->out, "", 1);
    }
    zip->count++;
}

/** Writes the zip as a file of the tree and frees it. */
static inline void zip_save(struct zip_maker *zip, const struct temp_tree *tree, const char *name)
{
    const uint32_t start = (uint32_t)zip->out.size;
    sva_bytes_append(&zip->out, zip->directory.data, zip->directory.size);
    put32(&zip->out, 0x06054b50);
    put32(&zip->out, 0);
    put16(&zip->out, zip->count);
    put16(&zip->out, zip->count);
    put32(&zip->out, (uint32_t)zip->directory.size);
    put32(&zip->out, start);
    put16(&zip->out, 0);
    tree_write(tree, name, zip->out.data, zip->out.size);
    sva_bytes_done(&zip->out);
    sva_bytes_done(&zip->directory);
}

/** A dictionary of one tensor w, and the six numbers of its storage. */
static const char state_dict[] = "\x80\2}(X\1\0\0\0w" TENSOR "u.";
static const float six[6] = {1, 2, 3, 4, 5, 6};

#endif

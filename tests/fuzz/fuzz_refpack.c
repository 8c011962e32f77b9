/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a reference pack, as bytes, or as a folder (input_folder.h) of what is in it, which is
 * packed here with sums that are right. It is read, and taken into an empty store: what does not
 * hold leaves the store empty.
 */
#include <sovaudit/refpack.h>

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "format/packed_tar.h"
#include "input_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool put_file(struct sva_tar_writer *writer, const char *name, const uint8_t *bytes,
                     size_t size)
{
    return sva_tar_put(writer, name, (struct sva_span){bytes, size}) == SVA_OK;
}

/** False: a name that tar cannot hold. */
static bool pack(const struct input_folder *folder, const char *path)
{
    struct sva_bytes sums = {.data = NULL};
    struct sva_tar_writer *writer = NULL;
    struct sva_error error = {0};
    for (size_t i = 0; i < folder->count; i++) {
        uint8_t digest[32];
        char hex[65];
        require(sva_sha256(folder->files[i].bytes, folder->files[i].size, digest));
        sva_hex(digest, sizeof digest, hex);
        sva_bytes_printf(&sums, "%s  %s\n", hex, folder->files[i].name);
    }
    require(!sums.failed && sva_tar_writer_open(path, &writer, &error) == SVA_OK);
    bool good = put_file(writer, "SHA256SUMS", sums.data, sums.size);
    for (size_t i = 0; good && i < folder->count; i++) {
        const struct input_file *const file = &folder->files[i];
        good = put_file(writer, file->name, file->bytes, file->size);
    }
    good = good && sva_tar_writer_commit(writer) == SVA_OK;
    sva_tar_writer_free(writer);
    sva_bytes_done(&sums);
    return good;
}

static void take_in(const char *path)
{
    const struct sva_refpack_options options = {.as_of = "2026-01-02"};
    struct sva_refstore *store = NULL;
    struct sva_refstore_info info;
    struct sva_refpack taken = {.tool = NULL};
    struct sva_error error = {0};
    require(sva_refstore_open(":memory:", true, &store, NULL) == SVA_OK);
    const enum sva_status status = sva_refpack_import(store, path, &options, &taken, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    require(sva_refstore_get_info(store, &info, NULL) == SVA_OK);
    require(info.reference_count == (status == SVA_OK ? taken.added_count : 0));
    sva_refpack_done(&taken);
    sva_refstore_close(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_folder folder;
    struct sva_refpack read = {.tool = NULL};
    struct sva_error error = {0};
    (void)scratch_directory();
    const char *const path = scratch_path("refs.pack");
    if (size >= 2 && memcmp(data, "@@", 2) == 0) {
        input_folder_parse(&folder, data, size);
        if (!pack(&folder, path)) {
            return 0;
        }
    } else {
        scratch_write("refs.pack", data, size);
    }
    const enum sva_status status = sva_refpack_verify(path, NULL, &read, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    sva_refpack_done(&read);
    if (status == SVA_OK) {
        take_in(path);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: an evidence bundle, as bytes, or as a folder (input_folder.h) of what is in it, which is
 * packed here with sums that are right unless the folder brings its own. Whatever it holds, the
 * verification ends with lines or with one sentence.
 */
#include <sovaudit/casefile.h>

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "casefile/sums.h"
#include "format/packed_tar.h"
#include "input_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct input_file *)a)->name, ((const struct input_file *)b)->name);
}

static void put_sums(const struct input_folder *folder, struct sva_bytes *sums)
{
    for (size_t i = 0; i < folder->count; i++) {
        uint8_t digest[32];
        char hex[65];
        require(sva_sha256(folder->files[i].bytes, folder->files[i].size, digest));
        sva_hex(digest, sizeof digest, hex);
        sva_bytes_printf(sums, "%s  %s\n", hex, folder->files[i].name);
    }
    require(!sums->failed);
}

static bool put_file(struct sva_tar_writer *writer, const char *name, const uint8_t *bytes,
                     size_t size)
{
    return sva_tar_put(writer, name, (struct sva_span){bytes, size}) == SVA_OK;
}

/** False: a name that tar cannot hold. */
static bool pack(struct input_folder *folder, const char *path)
{
    struct sva_bytes sums = {.data = NULL};
    struct sva_tar_writer *writer = NULL;
    struct sva_error error = {0};
    const struct input_file *const given = input_folder_find(folder, "SHA256SUMS");
    qsort(folder->files, folder->count, sizeof *folder->files, by_name);
    require(sva_tar_writer_open(path, &writer, &error) == SVA_OK);
    bool good = true;
    if (given == NULL) {
        put_sums(folder, &sums);
        good = put_file(writer, "SHA256SUMS", sums.data, sums.size);
    }
    for (size_t i = 0; good && i < folder->count; i++) {
        const struct input_file *const file = &folder->files[i];
        good = put_file(writer, file->name, file->bytes, file->size);
    }
    good = good && sva_tar_writer_commit(writer) == SVA_OK;
    sva_tar_writer_free(writer);
    sva_bytes_done(&sums);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_casefile_checks checks = {.threads = 1};
    struct input_folder folder;
    struct sva_verification *verification = NULL;
    struct sva_error error = {0};
    (void)scratch_directory();
    const char *const path = scratch_path("bundle");
    if (size >= 2 && memcmp(data, "@@", 2) == 0) {
        input_folder_parse(&folder, data, size);
        if (!pack(&folder, path)) {
            return 0;
        }
    } else {
        scratch_write("bundle", data, size);
    }
    const enum sva_status status = sva_casefile_verify(path, &checks, &verification, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        require(verification->check_count > 0);
        sva_verification_free(verification);
    }
    return 0;
}

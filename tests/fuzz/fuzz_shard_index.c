/* SPDX-License-Identifier: Apache-2.0 */
/* Input: an index. Accepted file names must stay beneath the model's directory. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Another way to say what a fit name is than the parser's. */
static void check_file(const char *file)
{
    const size_t size = strlen(file);
    require(size >= 12 && strcmp(file + size - 12, ".safetensors") == 0);
    require(file[0] != '/' && file[0] != '~' && strpbrk(file, "\\:\n\r\t\x1b\x7f") == NULL);
    require(strncmp(file, "./", 2) != 0 && strncmp(file, "../", 3) != 0);
    require(strstr(file, "/./") == NULL && strstr(file, "/../") == NULL);
    require(strstr(file, "//") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_shard_index index = {0};
    struct sva_error error = {0};
    const enum sva_status status =
        sva_shard_index_parse((struct sva_span){data, size}, "fuzz", &limits, &index, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    for (size_t i = 0; i < index.entry_count; i++) {
        require(strlen(index.entries[i].tensor) == index.entries[i].tensor_bytes);
        require(i == 0 || strcmp(index.entries[i - 1].tensor, index.entries[i].tensor) < 0);
        check_file(index.entries[i].file);
    }
    sva_shard_index_done(&index);
    return 0;
}

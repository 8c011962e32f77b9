/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a pickle. What is accepted has tensors with names, storages and few dimensions. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/pickle.h"

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
    struct sva_pickle pickle;
    struct sva_error error = {0};
    limits.tensor_count = 1000;
    const enum sva_status status =
        sva_pickle_read((struct sva_span){data, size}, "fuzz", &limits, &pickle, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        for (size_t i = 0; i < pickle.count; i++) {
            const struct sva_pickle_tensor *const tensor = &pickle.tensors[i];
            require(strlen(tensor->name) == tensor->name_bytes && tensor->rank <= SVA_PICKLE_RANK);
            require(tensor->storage[0] != '\0' && strchr(tensor->storage, '/') == NULL);
        }
        sva_pickle_done(&pickle);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests of reference packs. What is read is written again the same way. */
#include <stdlib.h>
#include <string.h>

#include "refstore/pack_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_pack_manifest first = {.count = 0};
    struct sva_pack_manifest second = {.count = 0};
    struct sva_bytes text = {.data = NULL};
    if (sva_pack_manifest_parse((struct sva_span){data, size}, "input", &first, NULL) != SVA_OK) {
        return 0;
    }
    sva_pack_manifest_write(&first, &text);
    const struct sva_span bytes = {text.data, text.size};
    if (text.failed || sva_pack_manifest_parse(bytes, "again", &second, NULL) != SVA_OK ||
        second.count != first.count) {
        abort();
    }
    sva_bytes_done(&text);
    sva_pack_manifest_done(&first);
    sva_pack_manifest_done(&second);
    return 0;
}

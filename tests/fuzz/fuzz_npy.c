/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the beginning of a NumPy array. */
#include <stdint.h>
#include <stdlib.h>

#include "format/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_npy_header header;
    struct sva_error error = {0};
    const enum sva_status status =
        sva_npy_parse((struct sva_span){data, size}, "fuzz", &header, &error);
    if (status != error.status ||
        (status == SVA_OK ? header.rank > 32 || header.data_offset > size : error.text[0] == '\0')) {
        abort();
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Hints for hashing large files: what is read is written as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "sign/hash_hints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_hints hints = {.count = 0};
    struct sva_bytes text = {.data = NULL};
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_hints_parse((struct sva_span){data, size}, "input", &arena, &hints, &error);
    if (status != error.status || (status != SVA_OK && error.text[0] == '\0')) {
        abort();
    }
    if (status == SVA_OK) {
        sva_hints_begin(&text);
        for (size_t i = 0; i < hints.count; i++) {
            sva_hints_put(&hints.items[i], &text);
            if (sva_hints_find(&hints, hints.items[i].name) != &hints.items[i] ||
                !sva_hint_name_fits(hints.items[i].name)) {
                abort();
            }
        }
        if (text.failed || text.size != size || memcmp(text.data, data, size) != 0) {
            abort();
        }
    }
    sva_bytes_done(&text);
    sva_arena_done(&arena);
    return 0;
}

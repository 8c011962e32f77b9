/* SPDX-License-Identifier: Apache-2.0 */
/* Files of options. */
#include "format/option_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_option_file config = {.entry_count = 0};
    const struct sva_span bytes = {data, size};
    (void)!sva_option_file_parse(bytes, "input", &arena, &config, NULL);
    sva_arena_done(&arena);
    return 0;
}

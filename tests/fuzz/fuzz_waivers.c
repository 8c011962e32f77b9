/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign files of waivers. */
#include "judge/waivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    const struct sva_span bytes = {data, size};
    struct sva_waiver *items = NULL;
    size_t count = 0;
    (void)!sva_waivers_parse(bytes, &problems, &items, &count, NULL);
    sva_arena_done(&arena);
    return 0;
}

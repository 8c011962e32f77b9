/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign signature files; what they sign is not looked at. */
#include "attest/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_bundle bundle;
    (void)!sva_bundle_parse((struct sva_span){data, size}, "input", &arena, &bundle, NULL);
    sva_arena_done(&arena);
    return 0;
}

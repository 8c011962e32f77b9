/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign evidence registers. */
#include "judge/evidence_register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    const struct sva_span bytes = {data, size};
    struct sva_document *documents = NULL;
    size_t count = 0;
    if (sva_register_parse(bytes, &problems, &documents, &count, NULL) == SVA_OK) {
        for (size_t i = 0; i < count; i++) {
            (void)sva_document_path_is_plain(documents[i].path);
        }
    }
    sva_arena_done(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: what is read becomes the same statement again. */
#include <stdlib.h>
#include <string.h>

#include "attest/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void manifest(struct sva_span bytes)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_manifest read;
    struct sva_manifest again;
    struct sva_bytes text = {.data = NULL};
    if (sva_manifest_parse(bytes, "input", &arena, &read, NULL) == SVA_OK) {
        if (!sva_manifest_root(&read, read.root)) { /* the lines are sorted now */
            abort();
        }
        sva_manifest_put(&read, &text);
        if (text.failed ||
            sva_manifest_parse((struct sva_span){text.data, text.size}, "again", &arena, &again,
                               NULL) != SVA_OK ||
            again.count != read.count || memcmp(again.root, read.root, 32) != 0) {
            abort();
        }
    }
    sva_bytes_done(&text);
    sva_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_report_claim claim;
    struct sva_subject_file file;
    manifest((struct sva_span){data, size});
    (void)!sva_report_claim_parse((struct sva_span){data, size}, "input", &arena, &claim, NULL);
    (void)!sva_file_claim_parse((struct sva_span){data, size}, "input", &arena, &file, NULL);
    sva_arena_done(&arena);
    return 0;
}

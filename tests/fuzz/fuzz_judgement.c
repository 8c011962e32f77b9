/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are read: judgements and trace reports. */
#include "judge/evidence_register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t model[SVA_DIGEST_BYTES] = {0};
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    const struct sva_span bytes = {data, size};
    struct sva_document document = {.kind = "judgement"};
    sva_judgement_parse(bytes, NULL, &problems, &document);
    sva_trace_report_parse(bytes, model, &problems, &document);
    sva_arena_done(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign rule packs: parsed; a sound one judges an empty case. */
#include <stdlib.h>

#include <sovaudit/judge.h>

#include "judge/rulepack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SVA_PACK_BYTES_MAX) {
        return 0;
    }
    struct sva_rulepack *pack = calloc(1, sizeof *pack);
    struct sva_problems *problems = calloc(1, sizeof *problems);
    struct sva_error error = {0};
    struct sva_verdict *verdict = NULL;
    const struct sva_print_component component = {.name = "c"};
    const struct sva_print subject = {.name = "s", .component_count = 1, .components = &component};
    const struct sva_case empty = {.subject = &subject, .subject_date = ""};
    if (pack == NULL || problems == NULL ||
        sva_rulepack_parse((struct sva_span){data, size}, pack, problems, &error) != SVA_OK) {
        free(pack);
        free(problems);
        return 0;
    }
    if (problems->count == 0 && sva_judge(pack, &empty, &verdict, &error) != SVA_OK) {
        abort();
    }
    sva_verdict_free(verdict);
    sva_rulepack_free(pack);
    free(problems);
    return 0;
}

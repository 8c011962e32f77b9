/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign files of cases to try rules on. */
#include "judge/rule_trials.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    const struct sva_span bytes = {data, size};
    struct sva_trial_case *cases = NULL;
    size_t count = 0;
    (void)!sva_trial_cases_parse(bytes, &problems, &cases, &count, NULL);
    sva_arena_done(&arena);
    return 0;
}

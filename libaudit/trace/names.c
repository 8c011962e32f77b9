/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the public enumerations. */
#include <sovaudit/trace.h>

const char *sva_trace_level_name(enum sva_trace_level level)
{
    static const char *const NAMES[] = {"note", "review", "refused"};
    return NAMES[level];
}

const char *sva_trace_verdict_name(enum sva_trace_verdict verdict)
{
    static const char *const NAMES[] = {"not-checked", "accepted", "review", "refused"};
    return NAMES[verdict];
}

const char *sva_link_state_name(enum sva_link_state state)
{
    static const char *const NAMES[] = {"descends", "from-start", "unexplained", "broken"};
    return NAMES[state];
}

const char *sva_distribution_name(enum sva_distribution distribution)
{
    static const char *const NAMES[SVA_DISTRIBUTION_COUNT] = {
        "none", "constant", "normal", "uniform", "truncated-2", "truncated-3"};
    return NAMES[distribution];
}

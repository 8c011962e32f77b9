/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/findings.h"

#include <math.h>

#include "base/korean.h"
#include "base/text.h"

static const struct pattern {
    const char *code;
    enum sva_trace_rule rule;
    const char *text[2];
} PATTERNS[SVA_FOUND_COUNT] = {
#define X(id, code, rule, en, ko) [SVA_FOUND_##id] = {code, SVA_TRACE_##rule, {en, ko}},
    SVA_TRACE_FINDINGS(X)
#undef X
};

static const char *fill(struct sva_findings *findings, const char *pattern,
                        const char *const values[SVA_FOUND_VALUES])
{
    struct sva_bytes text = {.data = NULL};
    for (const char *at = pattern; *at != '\0';) {
        const bool place = at[0] == '{' && at[1] >= '0' && at[1] < '0' + SVA_FOUND_VALUES;
        if (place) {
            const char *value = values[at[1] - '0'];
            sva_bytes_text(&text, value != NULL ? value : "");
            at += 3;
            continue;
        }
        const size_t particle = sva_korean_particle(&text, at);
        if (particle == 0) {
            sva_bytes_append(&text, at, 1);
        }
        at += particle > 0 ? particle : 1;
    }
    const char *kept = sva_bytes_keep(&text, findings->arena);
    findings->failed = findings->failed || kept == NULL;
    return kept != NULL ? kept : "";
}

/** Room for one more. False: out of memory. */
static bool grow(struct sva_findings *findings)
{
    if (findings->count < findings->capacity) {
        return true;
    }
    const size_t capacity = findings->capacity == 0 ? 16 : findings->capacity * 2;
    struct sva_trace_finding *grown = sva_arena_alloc(findings->arena, capacity, sizeof *grown);
    if (grown == NULL) {
        findings->failed = true;
        return false;
    }
    for (size_t i = 0; i < findings->count; i++) {
        grown[i] = findings->items[i];
    }
    findings->items = grown;
    findings->capacity = capacity;
    return true;
}

void sva_find(struct sva_findings *findings, enum sva_trace_finding_id id,
              enum sva_trace_level level, const char *const values[SVA_FOUND_VALUES])
{
    const struct pattern *pattern = &PATTERNS[id];
    if (findings->found[id][level]++ >= SVA_FOUND_OF_A_KIND || !grow(findings)) {
        return;
    }
    findings->items[findings->count++] =
        (struct sva_trace_finding){.code = pattern->code,
                                   .rule = pattern->rule,
                                   .level = level,
                                   .text = {fill(findings, pattern->text[0], values),
                                            fill(findings, pattern->text[1], values)}};
}

void sva_findings_tell_more(struct sva_findings *findings)
{
    for (int i = 0; i < SVA_FOUND_MORE_WEIGHTS * SVA_FOUND_LEVELS; i++) {
        const int id = i / SVA_FOUND_LEVELS;
        const int level = i % SVA_FOUND_LEVELS;
        const size_t count = findings->found[id][level];
        if (count > SVA_FOUND_OF_A_KIND) {
            sva_find(
                findings,
                PATTERNS[id].rule == SVA_TRACE_WEIGHTS ? SVA_FOUND_MORE_WEIGHTS
                                                       : SVA_FOUND_MORE_LOG,
                (enum sva_trace_level)level,
                (const char *const[SVA_FOUND_VALUES]){
                    PATTERNS[id].code,
                    sva_found_number(findings->arena, (double)(count - SVA_FOUND_OF_A_KIND), 15)});
        }
    }
}

void sva_findings_sort(struct sva_findings *findings)
{
    for (size_t i = 1; i < findings->count; i++) {
        const struct sva_trace_finding moved = findings->items[i];
        size_t at = i;
        for (; at > 0 && findings->items[at - 1].level < moved.level; at--) {
            findings->items[at] = findings->items[at - 1];
        }
        findings->items[at] = moved;
    }
}

enum sva_trace_verdict sva_findings_verdict(const struct sva_findings *findings,
                                            enum sva_trace_rule rule)
{
    enum sva_trace_verdict verdict = SVA_TRACE_ACCEPTED;
    for (size_t id = 0; id < SVA_FOUND_COUNT; id++) {
        if (PATTERNS[id].rule != rule) {
            continue;
        }
        if (findings->found[id][SVA_TRACE_REFUSED] > 0) {
            return SVA_TRACE_IS_REFUSED;
        }
        verdict = findings->found[id][SVA_TRACE_REVIEW] > 0 ? SVA_TRACE_FOR_REVIEW : verdict;
    }
    return verdict;
}

const char *sva_found_number(struct sva_arena *arena, double value, int digits)
{
    struct sva_bytes text = {.data = NULL};
    if (!isfinite(value)) {
        return "?";
    }
    sva_bytes_json_number(&text, value, digits);
    const char *kept = sva_bytes_keep(&text, arena);
    return kept != NULL ? kept : "";
}

const char *sva_found_percent(struct sva_arena *arena, double share)
{
    const double percent = share * 100.0;
    const double rounded = fabs(percent) < 10.0 ? round(percent * 10.0) / 10.0 : round(percent);
    const char *kept =
        sva_arena_printf(arena, "%s%%", sva_found_number(arena, rounded == 0.0 ? 0.0 : rounded, 4));
    return kept != NULL ? kept : "";
}

const char *sva_found_place(struct sva_arena *arena, size_t index)
{
    const char *kept = sva_arena_printf(arena, "%zu", index + 1);
    return kept != NULL ? kept : "";
}

const char *sva_found_text(struct sva_arena *arena, const char *text)
{
    const struct sva_escaped safe = sva_esc(text);
    const char *kept = sva_arena_strdup(arena, safe.text);
    return kept != NULL ? kept : "";
}

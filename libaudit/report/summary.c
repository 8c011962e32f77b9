/* SPDX-License-Identifier: Apache-2.0 */
#include "report/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "fingerprint/reading_block.h"

const struct sva_component_result *sva_summary_result(const struct sva_compared *compared,
                                                      size_t index)
{
    const struct sva_comparison *comparison = compared->comparison;
    if (comparison == NULL || index >= comparison->component_count) {
        return NULL;
    }
    return &comparison->components[index];
}

int sva_summary_compare_dates(const char *a, const char *b)
{
    const bool has_a = a != NULL && a[0] != '\0';
    const bool has_b = b != NULL && b[0] != '\0';
    if (!has_a || !has_b) {
        return (has_a ? 0 : 1) - (has_b ? 0 : 1);
    }
    return strcmp(a, b);
}

/** Is `b` to be named instead of `a`? */
static bool stronger(const struct sva_compared *compared_a, const struct sva_component_result *a,
                     const struct sva_compared *compared_b, const struct sva_component_result *b)
{
    if (a->answer != b->answer) {
        return b->answer < a->answer;
    }
    if (b->answer == SVA_ANSWER_NO_EVIDENCE) {
        if (a->log10_p_adjusted != b->log10_p_adjusted) {
            return b->log10_p_adjusted < a->log10_p_adjusted;
        }
        return isfinite(b->rho) && (!isfinite(a->rho) || b->rho > a->rho);
    }
    return sva_summary_compare_dates(compared_b->reference.released,
                                     compared_a->reference.released) < 0;
}

struct sva_summary_component sva_summary_component(const struct sva_audit *audit, size_t index)
{
    struct sva_summary_component line = {
        .component = &audit->subject->components[index],
        .detectable_rho = (double)NAN,
        .detectable_everywhere = true,
    };
    for (size_t i = 0; i < audit->compared_count; i++) {
        const struct sva_compared *compared = &audit->compared[i];
        const struct sva_component_result *result = sva_summary_result(compared, index);
        if (result == NULL) {
            continue;
        }
        if (line.result == NULL || stronger(line.compared, line.result, compared, result)) {
            line.compared = compared;
            line.result = result;
        }
        if (result->answer == SVA_ANSWER_NOT_COMPARABLE) {
            line.untested_count++;
            continue;
        }
        line.tested_count++;
        if (!isfinite(result->detectable_rho)) {
            line.detectable_everywhere = false;
        } else if (!isfinite(line.detectable_rho) ||
                   result->detectable_rho > line.detectable_rho) {
            line.detectable_rho = result->detectable_rho;
        }
    }
    return line;
}

const char *sva_summary_newest(const struct sva_audit *audit)
{
    const char *newest = "";
    for (size_t i = 0; i < audit->compared_count; i++) {
        const char *released = audit->compared[i].reference.released;
        if (released != NULL && strcmp(released, newest) > 0) {
            newest = released;
        }
    }
    return newest;
}

size_t sva_summary_unread(const struct sva_audit *audit)
{
    size_t count = 0;
    for (size_t i = 0; i < audit->subject->file_count; i++) {
        const enum sva_file_kind kind = audit->subject->files[i].kind;
        count += kind == SVA_FILE_PICKLE || kind == SVA_FILE_WEIGHTS ? 1 : 0;
    }
    return count;
}

const struct sva_rule_text *sva_summary_rule_text(const struct sva_audit *audit, const char *rule,
                                                  enum sva_lang lang)
{
    const struct sva_rulepack_info *pack =
        audit->pack != NULL ? sva_rulepack_get_info(audit->pack) : NULL;
    for (size_t i = 0; pack != NULL && i < pack->rule_count; i++) {
        if (strcmp(pack->rules[i].id, rule) == 0) {
            return lang == SVA_LANG_KO ? &pack->rules[i].ko : &pack->rules[i].en;
        }
    }
    return NULL;
}

const char *sva_summary_rule_title(const struct sva_audit *audit, const char *rule,
                                   enum sva_lang lang)
{
    const struct sva_rule_text *text = sva_summary_rule_text(audit, rule, lang);
    return text != NULL && text->title != NULL ? text->title : "";
}

/** Was the subject or a reference read in part? */
static bool read_in_part(const struct sva_audit *audit)
{
    bool quick = audit->subject->reading.quick;
    for (size_t i = 0; i < audit->compared_count; i++) {
        quick = quick || audit->compared[i].comparison->quick[1];
    }
    return quick;
}

const char *sva_summary_reading(const struct sva_print *print, enum sva_lang lang,
                                struct sva_arena *arena, const char *total)
{
    char share[SVA_READING_SHARE_BYTES];
    if (!print->reading.quick) {
        return NULL;
    }
    sva_print_share(print, share);
    const char *const values[] = {share, total};
    return sva_label_fill(arena, sva_label(lang, SVA_LABEL_READING_QUICK), values, 2);
}

size_t sva_summary_limits(const struct sva_audit *audit, enum sva_lang lang,
                          struct sva_arena *arena, const char *limits[SVA_SUMMARY_LIMITS])
{
    size_t count = 0;
    limits[count++] = sva_label(lang, SVA_LABEL_LIMIT_FILES);
    if (read_in_part(audit)) {
        limits[count++] = sva_label(lang, SVA_LABEL_LIMIT_QUICK);
    }
    limits[count++] = sva_label(lang, SVA_LABEL_LIMIT_OUTPUTS);
    limits[count++] = sva_label(lang, SVA_LABEL_LIMIT_DISGUISE);
    limits[count++] = sva_label(lang, SVA_LABEL_LIMIT_INTENT);
    const size_t unread = sva_summary_unread(audit);
    const char *number = sva_arena_printf(arena, "%zu", unread);
    const char *sentence =
        number != NULL
            ? sva_label_fill(arena, sva_label(lang, SVA_LABEL_LIMIT_UNREAD), &number, 1)
            : NULL;
    if (unread > 0 && sentence != NULL) {
        limits[count++] = sentence;
    }
    return count;
}

const char *sva_summary_power(const struct sva_summary_component *line, enum sva_lang lang,
                              struct sva_arena *arena)
{
    if (line->tested_count == 0) {
        return NULL;
    }
    if (!line->detectable_everywhere || !isfinite(line->detectable_rho)) {
        return sva_label(lang, SVA_LABEL_SAY_POWER_NONE);
    }
    struct sva_bytes figure = {.data = NULL};
    sva_bytes_json_number(&figure, line->detectable_rho, 2);
    const char *value = figure.data != NULL ? (const char *)figure.data : "-";
    const char *sentence =
        sva_label_fill(arena, sva_label(lang, SVA_LABEL_SAY_POWER), &value, 1);
    sva_bytes_done(&figure);
    return sentence;
}

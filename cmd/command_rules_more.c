/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit rules explain|test|export */
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

static const char DEFAULT_PACK[] = "kr-independent-ai";

/* ---- explain ---- */

static int explain_evidence(const struct sva_rule_info *rule, enum sva_lang lang)
{
    int code = print_line("\n%s\n", lang == SVA_LANG_KO ? "증빙" : "Evidence");
    for (size_t i = 0; i < rule->evidence_count && code == EXIT_DONE; i++) {
        const struct sva_evidence_want *want = &rule->evidence[i];
        static const char *const words[2][2][2] = {
            {{"optional, read from the model", "선택, 모델에서 읽음"},
             {"required, read from the model", "필수, 모델에서 읽음"}},
            {{"optional document", "선택 증빙"}, {"required document", "필수 증빙"}}};
        code =
            print_line("  %-26s %s (%s)\n", want->kind, lang == SVA_LANG_KO ? want->ko : want->en,
                       words[want->document][want->required][lang == SVA_LANG_KO]);
    }
    return code == EXIT_DONE
               ? print_line("%s: %s\n", lang == SVA_LANG_KO ? "증빙이 없는 경우" : "When missing",
                            sva_word(lang, rule->on_missing))
               : code;
}

static int explain_sources(const struct sva_rulepack_info *info, const struct sva_rule_info *rule,
                           enum sva_lang lang)
{
    int code = print_line("\n%s\n", lang == SVA_LANG_KO ? "출처" : "Sources");
    for (size_t i = 0; i < rule->source_count && code == EXIT_DONE; i++) {
        for (size_t k = 0; k < info->source_count && code == EXIT_DONE; k++) {
            const struct sva_source *source = &info->sources[k];
            if (strcmp(source->id, rule->sources[i]) == 0) {
                code = print_line("  %s, %s\n  %s\n  %s\n", show(source->title).text,
                                  show(source->date).text, show(source->url).text,
                                  show(source->note).text);
            }
        }
    }
    for (size_t i = 0; i < rule->crosswalk_count && code == EXIT_DONE; i++) {
        code = print_line(
            "%s  %s %s\n", i == 0 ? (lang == SVA_LANG_KO ? "\n대응 기준\n" : "\nCrosswalk\n") : "",
            show(rule->crosswalk[i].framework).text, show(rule->crosswalk[i].id).text);
    }
    return code;
}

static int explain_rule(const struct sva_rulepack_info *info, const struct sva_rule_info *rule,
                        enum sva_lang lang)
{
    const struct sva_rule_text *text = lang == SVA_LANG_KO ? &rule->ko : &rule->en;
    static const char *const heads[2][3] = {{"Requirement", "Why", "Remedy"},
                                            {"요건", "이유", "조치"}};
    const char *const bodies[] = {text->requirement, text->rationale, text->remedy};
    int code =
        print_line("%s  %s  [%s]\n", show(rule->id).text, show(text->title).text,
                   severity_word(rule->severity, lang));
    for (size_t i = 0; i < 3 && code == EXIT_DONE; i++) {
        code = print_line("\n%s\n  %s\n", heads[lang == SVA_LANG_KO][i], show(bodies[i]).text);
    }
    code = code == EXIT_DONE ? explain_evidence(rule, lang) : code;
    code = code == EXIT_DONE
               ? print_line("\n%s\n  %s\n", lang == SVA_LANG_KO ? "판정 조건" : "Condition",
                            show(rule->condition).text)
               : code;
    return code == EXIT_DONE ? explain_sources(info, rule, lang) : code;
}

int run_rules_explain(const struct settings *settings)
{
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {.status = SVA_OK};
    const bool named = settings->operand_count > 1;
    const char *id = settings->operands[named ? 1 : 0];
    if (sva_rulepack_load(named ? settings->operands[0] : DEFAULT_PACK, &pack, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    int code = -1;
    for (size_t i = 0; i < info->rule_count && code < 0; i++) {
        if (strcmp(info->rules[i].id, id) == 0) {
            code = explain_rule(info, &info->rules[i], (enum sva_lang)settings->lang);
        }
    }
    code = code >= 0
               ? code
               : complain_usage("%s@%s has no rule \"%s\"", info->id, info->version, show(id).text);
    sva_rulepack_free(pack);
    return code;
}

/* ---- test ---- */

static int report_trials(const struct settings *settings, const struct sva_rulepack_info *info,
                         const struct sva_rule_trial *trials, size_t count)
{
    size_t passed = 0;
    int code = EXIT_DONE;
    for (size_t i = 0; i < count; i++) {
        const struct sva_rule_trial *trial = &trials[i];
        passed += trial->passed ? 1 : 0;
        if (!trial->known) {
            complain("%s@%s: %s names the case \"%s\", which is not there", info->id, info->version,
                     show(trial->rule).text, show(trial->name).text);
        } else if (!trial->passed) {
            complain("%s@%s: %s should %s on \"%s\" and gives %s", info->id, info->version,
                     show(trial->rule).text, trial->expected ? "fire" : "be silent",
                     show(trial->name).text, trial->verdicts);
        }
    }
    if (!settings->quiet) {
        code = print_line("%s %s: %zu of %zu trials as expected, %zu rules\n", show(info->id).text,
                          show(info->version).text, passed, count, info->rule_count);
    }
    return code == EXIT_DONE && passed < count ? EXIT_CRITERION_FAILED : code;
}

static int test_pack(const struct settings *settings, const char *name)
{
    struct sva_rulepack *pack = NULL;
    struct sva_rule_trial *trials = NULL;
    size_t count = 0;
    struct sva_error error = {.status = SVA_OK};
    enum sva_status status = sva_rulepack_load(name, &pack, &error);
    if (status == SVA_OK) {
        status = sva_rulepack_try(pack, settings->cases, &trials, &count, &error);
    }
    const int code = status == SVA_OK
                         ? report_trials(settings, sva_rulepack_get_info(pack), trials, count)
                         : complain_error(&error);
    sva_rulepack_trials_free(trials);
    sva_rulepack_free(pack);
    return code;
}

int run_rules_test(const struct settings *settings)
{
    if (settings->operand_count > 0) {
        return test_pack(settings, settings->operands[0]);
    }
    char **names = NULL;
    size_t count = 0;
    struct sva_error error = {.status = SVA_OK};
    if (sva_rulepack_list(&names, &count, &error) != SVA_OK) {
        return complain_error(&error);
    }
    int code = EXIT_DONE;
    for (size_t i = 0; i < count; i++) {
        const int one = test_pack(settings, names[i]);
        code = code == EXIT_DONE ? one : code;
        free(names[i]);
    }
    free(names);
    return code;
}

/* ---- export ---- */

int run_rules_export(const struct settings *settings)
{
    struct sva_rulepack *pack = NULL;
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    if (!settings->oscal) {
        return complain_usage("rules export wants --oscal, the only format there is");
    }
    enum sva_status status = sva_rulepack_load(
        settings->operand_count > 0 ? settings->operands[0] : DEFAULT_PACK, &pack, &error);
    if (status == SVA_OK) {
        status = sva_rulepack_oscal(pack, &text, &size, &error);
    }
    const int code = status == SVA_OK ? print_result(text, size) : complain_error(&error);
    free(text);
    sva_rulepack_free(pack);
    return code;
}
